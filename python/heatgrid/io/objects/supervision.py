"""Data sets of supervision (https://supervision.roboflow.com/latest/datasets/core/)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.report import Report
from heatgrid.io.images import UNREADABLE, ImageSizes, read_headers
from heatgrid.io.objects.batch import Overrides, join_objects, make_batch
from heatgrid.io.objects.detections import from_supervision
from heatgrid.io.options import ReadOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations

_UNIT = (1.0, 1.0)
"""Size of images whose size is set later."""


def is_dataset(value: Any) -> bool:
    """Return whether an object has classes, paths of images, and detections by path."""
    has_all = hasattr(value, "classes") and hasattr(value, "image_paths")
    return has_all and isinstance(getattr(value, "annotations", None), Mapping)


def from_dataset(value: Any, overrides: Overrides) -> Annotations:
    """Return the detections of all images; sizes come from headers, and no image is decoded.

    Images are named by their paths below the folder that they have in common.
    """
    for name in ("labels", "images"):
        if getattr(overrides, name) is not None:
            raise TypeError(f"{name} must not be given with a DetectionDataset, which has its own")
    paths = list(value.image_paths)
    found = [value.annotations[path] for path in paths]
    names = _names([str(path) for path in paths])
    report = Report()
    sizes = _sizes(value, names, found, overrides, report)
    batches = [
        from_supervision(one, Overrides(size=_UNIT, images=name, classes=overrides.classes))
        for one, name in zip(found, names, strict=True)
    ]
    if not batches:
        return make_batch("supervision", 0, Overrides(size=_UNIT, images=np.zeros(0)), {})
    whole = replace(join_objects(batches), sizes=sizes)
    whole.report.merge(report)
    return whole


def _names(paths: Sequence[str]) -> list[str]:
    """Return the paths below the folder that they have in common, with slashes."""
    whole = [os.path.abspath(path) for path in paths]  # noqa: PTH100 - links stay as they are
    common = os.path.commonpath([os.path.dirname(path) for path in whole]) if whole else ""  # noqa: PTH120
    return [os.path.relpath(path, common).replace(os.sep, "/") for path in whole]


def _sizes(
    value: Any, names: Sequence[str], found: Sequence[Any], overrides: Overrides, report: Report
) -> NDArray[np.float64]:
    """Return the size of each image: the caller's, or else of the image, its header, or its masks."""
    known = ImageSizes(ReadOptions(size=overrides.size))
    loaded = getattr(value, "_images_in_memory", None) or {}
    sizes = np.array([known.find(name) for name in names], dtype=np.float64).reshape(-1, 2)
    on_disk: list[int] = []
    for i in np.flatnonzero(np.isnan(sizes[:, 0])).tolist():
        pixels = loaded.get(value.image_paths[i])
        if pixels is None:
            on_disk.append(i)
        else:
            sizes[i] = pixels.shape[1::-1]
    headers = read_headers([str(value.image_paths[i]) for i in on_disk])
    for i, header in zip(on_disk, headers, strict=True):
        masks = found[i].mask
        if header is not None:
            sizes[i] = header[:2]
        elif masks is not None and len(masks):
            sizes[i] = masks.shape[:0:-1]
        else:
            report.note(UNREADABLE, where=names[i])
    return sizes
