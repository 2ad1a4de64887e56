"""Masks of panoptic segments: PNG images of a number per pixel, red + 256 green + 65536 blue.

They lie in a folder named like the JSON file (https://cocodataset.org/#format-data, section 4).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.kernel import label_masks
from heatgrid.core.ragged import Kind
from heatgrid.core.report import Report
from heatgrid.io import places
from heatgrid.io.formats.masks.pixels import read_pixels
from heatgrid.io.shapes import RunLengths, masks_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions

NO_IMAGE = "panoptic image missing, boxes of its segments used"
NO_PIXELS = "segment without pixels in the panoptic image"
_BATCH = 32  # images whose masks are in memory


def find_folder(path: Path, entries: list[Any]) -> Path | None:
    """Return the folder of panoptic images of a JSON file; None without one, or for other annotations."""
    first = entries[0] if entries and isinstance(entries[0], dict) else {}
    if "id" not in first or "segmentation" in first or "keypoints" in first:
        return None
    folder = path.parent if path.parent.name == "panoptic" else path.with_suffix("")
    return folder if places.is_dir(folder) else None


def with_masks(batch: Annotations, folder: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield a batch in parts, with the masks of its segments."""
    images = np.arange(len(batch.image_names))
    step = min(_BATCH, options.batch_images)
    for begin in range(0, max(1, len(images)), step):
        part = batch.with_images((images >= begin) & (images < begin + step))
        yield _with_masks(part if begin == 0 else replace(part, report=Report()), folder, options)


def _with_masks(batch: Annotations, folder: Path, options: ReadOptions) -> Annotations:
    codes: list[RunLengths | None] = [None] * len(batch)
    for i, name in enumerate(batch.image_names):
        file = folder / f"{PurePosixPath(name).stem}.png"
        own = np.flatnonzero(batch.image == i).tolist()
        if not places.is_file(file):
            batch.report.note(NO_IMAGE, where=str(file))
            continue
        labels, masks, _ = label_masks(read_pixels(file, options).numbers)
        height, width = masks.sizes[0].tolist()
        at = {label: k for k, label in enumerate(labels.tolist())}
        for j in own:
            k = at.get(batch.ids[j] if batch.ids is not None else None)
            if k is None:
                batch.report.note(NO_PIXELS, where=batch.where(j))
            else:
                codes[j] = RunLengths(
                    height, width, masks.runs[masks.run_offsets[k] : masks.run_offsets[k + 1]]
                )
    has_mask = np.array([code is not None for code in codes], dtype=bool)
    kinds = batch.kinds | (has_mask * np.uint8(Kind.MASK))
    return replace(batch, kinds=kinds, masks=masks_of(codes, column_major=False))
