"""YOLO: one text file of normalized rows per image, found by ``data.yaml``, ``obj.data`` or folders.

See https://docs.ultralytics.com/datasets/ for detect, segment, oriented-box and pose rows, and
https://github.com/AlexeyAB/darknet for ``obj.data``. The images themselves are not needed: their label files
name them, and coordinates need no image size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from heatgrid.core.report import Report
from heatgrid.io.build import empty_batch
from heatgrid.io.detect import Signature
from heatgrid.io.files import IMAGE_SUFFIXES, ImageSizes
from heatgrid.io.formats.yolo.dataset import find_config, find_dataset, is_config
from heatgrid.io.formats.yolo.folders import is_label_file, looks_like_rows
from heatgrid.io.formats.yolo.rows import build_batch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.detect import Probe
    from heatgrid.io.options import ReadOptions


TITLE = "YOLO (detect, segment, OBB, pose; data.yaml, Darknet)"

_INSPECTED = 20


def _check_file(probe: Probe) -> bool:
    """Return whether a file is a configuration, a label file or a list of images."""
    if probe.suffix == ".txt":
        return looks_like_rows(probe.head) or _lists_images(probe.head)
    return is_config(probe.path)


def _check_folder(probe: Probe) -> bool:
    """Return whether a folder holds a configuration, or label files."""
    if find_config(probe.path) is not None:
        return True
    files = (file for file in probe.files(".txt", depth=4) if is_label_file(str(file.path)))
    return any(looks_like_rows(file.head) for file, _ in zip(files, range(_INSPECTED), strict=False))


SIGNATURE = Signature(
    suffixes=(".yaml", ".yml", ".data", ".txt"),
    check=_check_file,
    check_folder=_check_folder,
)


def _lists_images(head: bytes) -> bool:
    """Return whether a text begins with the path of an image."""
    first, *others = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().split(b"\n", 2)
    if others and others[0].strip().isdigit():  # WIDER FACE has a count of faces below each image
        return False
    return first.strip().endswith(tuple(suffix.encode() for suffix in IMAGE_SUFFIXES))


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    report = Report()
    dataset = find_dataset(path, options, report)
    if dataset.classes.merged:
        report.note("classes of the same name merged", dataset.classes.merged, str(path))
    options.note_splits_absent(dataset.splits, report, path)
    seen: set[str] = set()
    sizes = ImageSizes(options)
    for split, images in dataset.splits.items():
        if not options.wants(split):
            continue
        fresh = [image for image in images if image[1] is None or image[1] not in seen]
        report.note("image listed again, read once", len(images) - len(fresh), str(path))
        seen.update(label for _, label in fresh if label is not None)
        for begin in range(0, len(fresh), options.batch_images):
            part = fresh[begin : begin + options.batch_images]
            yield build_batch(part, dataset, split=split, sizes=sizes, options=options, report=report)
            report = Report()
    if report != Report():
        yield empty_batch(report, str(path))
