"""YOLO: one text file of normalized rows per image, found by ``data.yaml``, ``obj.data`` or folders.

See https://docs.ultralytics.com/datasets/ for detect, segment, oriented-box and pose rows, and
https://github.com/AlexeyAB/darknet for ``obj.data``. The images themselves are not needed: their label files
name them, and coordinates need no image size.

A row's class number is followed by ``x y w h`` (centre and size; a fifth number is a confidence), by the
vertices of a polygon, or by ``x y w h`` and keypoints. Trackers add the number of the track at the end.
Nine columns are a polygon of four vertices or an oriented box, which have the same four corners.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.annotations import Annotations
from heatgrid.core.kernel import read_label_files
from heatgrid.core.ragged import offsets_of
from heatgrid.core.report import Report
from heatgrid.errors import FormatError
from heatgrid.io.build import empty_batch
from heatgrid.io.files import IMAGE_SUFFIXES, content_in_archive, foreign_content, read_bytes
from heatgrid.io.formats.yolo.dataset import CONFIG_SUFFIXES, Dataset, find_dataset, is_config
from heatgrid.io.formats.yolo.folders import LabeledImage, is_label_file, looks_like_rows
from heatgrid.io.formats.yolo.geometry import boxes_of, points_of, polygons_of, scores_of
from heatgrid.io.formats.yolo.rows import (
    BAD_CLASS,
    FAR,
    FAULTS,
    TRACKED,
    are_poses,
    are_tracked,
    find_faults,
    guess_keypoints,
    kinds_of,
    split_tracks,
)
from heatgrid.io.registry import Probe, Signature, prevail
from heatgrid.io.text_rows import UNNAMED_CLASS, BadLine, Rows, parse, skip_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

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
    if any(is_config(file.path) for file in probe.files(*CONFIG_SUFFIXES, depth=0)):
        return True
    files = (file for file in probe.files(".txt", depth=4) if is_label_file(str(file.path)))
    return prevail(islice(files, _INSPECTED), lambda file: looks_like_rows(file.head))


SIGNATURE = Signature(
    suffixes=(".yaml", ".yml", ".data", ".txt"), check=_check_file, check_folder=_check_folder
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
    for split, images in dataset.splits.items():
        if not options.wants(split):
            continue
        fresh = [image for image in images if image[1] is None or image[1] not in seen]
        report.note("image listed again, read once", len(images) - len(fresh), str(path))
        seen.update(label for _, label in fresh if label is not None)
        for begin in range(0, len(fresh), options.batch_images):
            part = fresh[begin : begin + options.batch_images]
            yield build_batch(part, dataset, split=split, options=options, report=report)
            report = Report()
    if report != Report():
        yield empty_batch(report, str(path))


FAR_OUTSIDE = "coordinates far outside [0, 1], perhaps pixels"


def build_batch(
    images: Sequence[LabeledImage],
    dataset: Dataset,
    *,
    split: str | None,
    options: ReadOptions,
    report: Report,
) -> Annotations:
    """Return the annotations of some images of a data set."""
    names, files, rows, bad = _read_files(images, dataset.source, options, report)
    report.images += len(names)
    keypoints = dataset.keypoints
    if keypoints is None and options.task in (None, "pose"):
        keypoints = guess_keypoints(np.diff(rows.offsets))
        if options.task is None and not are_poses(rows, keypoints):
            keypoints = None
        elif keypoints is not None:
            report.note(f"rows read as boxes with {keypoints[0]} keypoints", where=dataset.source)
    is_tracked = are_tracked(rows, keypoints)
    rows, tracks = split_tracks(rows, is_tracked)
    kinds, has_score = kinds_of(np.diff(rows.offsets), is_tracked, keypoints, options.task)
    faults = find_faults(rows, kinds, has_score, options.limits.vertices)
    for i in np.flatnonzero(faults).tolist():
        reason = FAULTS[faults[i] - 1]
        label = None if reason == BAD_CLASS else dataset.classes.name(int(rows.values[rows.offsets[i]]))
        bad.append(BadLine(int(rows.file[i]), int(rows.line[i]), reason, label))
    skip_lines(bad, files, options, report)
    if faults.any():
        valid = np.flatnonzero(faults == 0)
        rows, kinds, has_score = rows.take(valid), kinds[valid], has_score[valid]
        is_tracked, tracks = is_tracked[valid], tracks[valid]
    label_of_row, is_named = dataset.classes.labels(rows.values[rows.offsets[:-1]].astype(np.int64))
    batch = Annotations(
        image_names=names,
        image=rows.file,
        label=label_of_row,
        classes=tuple(dataset.classes.names),
        normalized=True,
        kinds=kinds,
        boxes=boxes_of(rows, kinds),
        polygons=polygons_of(rows, kinds, has_score),
        points=points_of(rows, kinds, keypoints),
        ids=[int(n) if n else None for n in tracks.tolist()] if is_tracked.any() else None,
        scores=scores_of(rows, has_score),
        source=dataset.source,
        split=split,
        files=files,
        positions=rows.line,
        position_format="line {}",
        report=report,
    )
    report.note_at(UNNAMED_CLASS, np.flatnonzero(~is_named), batch.where)
    report.note_at(TRACKED, np.flatnonzero(is_tracked), batch.where)
    report.note_at(FAR_OUTSIDE, np.flatnonzero(_is_far_outside(batch)), batch.where)
    return batch


def _read_files(
    images: Sequence[LabeledImage], source: str, options: ReadOptions, report: Report
) -> tuple[list[str], list[str], Rows, list[BadLine]]:
    """Return the names and files of the images that can be read, their rows, and their other lines."""
    labeled = np.array([i for i, (_, path) in enumerate(images) if path is not None], dtype=np.int64)
    paths = [path for _, path in images if path is not None]
    sources = [content_in_archive(path, options) or path for path in paths]
    values, lengths, file, line, left = read_label_files(sources, options.limits.file_bytes, options.threads)
    rows = Rows(values, offsets_of(lengths), labeled[file], line)
    others, bad, refused = _read_irregular([paths[i] for i in left.tolist()], options, report)
    report.note("image without a label file, counted as background", len(images) - len(paths))
    report.files += len(paths) - len(refused)
    image_of = labeled[left]
    if len(others):
        rows = rows.merged(others.renumbered(image_of))
    is_kept = np.ones(len(images), dtype=bool)
    is_kept[image_of[refused]] = False
    number = np.cumsum(is_kept) - 1
    bad = [replace(line, file=int(number[image_of[line.file]])) for line in bad]
    read = [image for image, keep in zip(images, is_kept.tolist(), strict=True) if keep]
    files = [path or source for _, path in read]  # images without a label file belong to the data set
    return [name for name, _ in read], files, rows.renumbered(number), bad


def _read_irregular(
    paths: Sequence[str], options: ReadOptions, report: Report
) -> tuple[Rows, list[BadLine], list[int]]:
    """Read files that the kernel leaves: their rows, their other lines, and which cannot be read."""
    contents: list[bytes] = []
    refused: list[int] = []
    for i, path in enumerate(paths):
        content = b""
        try:
            content = read_bytes(path, options, blank=True)
            _check_text(content, path)
        except FormatError as error:
            if options.strict:
                raise
            report.refuse(error.text, error.path)
            refused.append(i)
            content = b""
        contents.append(content)
    rows, bad = parse(contents)
    return rows, bad, refused


def _check_text(content: bytes, path: str) -> None:
    """Raise FormatError if a file is evidently not a label file, judged by its first character."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if (
        start
        and start not in b"0123456789-+.#"
        and (kind := foreign_content(path, content[:512], len(content)))
    ):
        raise FormatError(f"this is {kind}", path)


def _is_far_outside(batch: Annotations) -> NDArray[np.bool_]:
    """Return which annotations are so far outside the image that they are hardly normalized."""
    is_far = np.zeros(len(batch), dtype=bool)
    if batch.boxes is not None and not _are_near(batch.boxes):
        is_far |= (np.abs(batch.boxes) > FAR).any(axis=1)
    if batch.polygons is not None and not _are_near(batch.polygons.coords):
        owner = np.repeat(np.arange(len(batch)), np.diff(batch.polygons.vertices))
        is_far[owner[(np.abs(batch.polygons.coords) > FAR).any(axis=1)]] = True
    return is_far


def _are_near(numbers: NDArray[np.float64]) -> bool:
    """Return whether no number is far outside, in two fast passes; NaN is near."""
    return bool(numbers.min(initial=0.0) >= -FAR and numbers.max(initial=0.0) <= FAR)
