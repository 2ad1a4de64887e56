"""COCO: one JSON file of images, categories and annotations.

The format is described at https://cocodataset.org/#format-data; LVIS (https://www.lvisdataset.org/dataset)
and panoptic files (segments are read as their boxes) are of the same family. Category and image ids are
arbitrary; boxes are ``[x, y, width, height]`` in pixels; a segmentation is a list of rings, united, or a
run-length code down the columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.reading import read_coco, read_coco_file
from heatgrid.core.report import Report
from heatgrid.errors import FormatError
from heatgrid.io.build import empty_batch, read_each
from heatgrid.io.detect import Probe, Signature
from heatgrid.io.files import ImageSizes, open_binary, read_bytes
from heatgrid.io.formats.coco.objects import build
from heatgrid.io.formats.coco.quick import build_quickly, quick_columns
from heatgrid.io.formats.coco.tables import Tables
from heatgrid.io.json_values import collector_paused, parse_json, type_name
from heatgrid.io.options import split_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions

TITLE = "COCO (instances, keypoints, panoptic, LVIS)"
SIGNATURE = Signature(
    suffixes=(".json",),
    json_keys=(
        {"annotations[].image_id"},
        {"annotations[].category_id", "images"},
        {"images[].file_name", "images[].id"},
        {"images[].id", "annotations"},
        {"images[].coco_url"},
        {"images", "annotations"},
        {"categories[].supercategory", "categories[].id"},
        {"categories[].synset", "categories[].id"},
        {"[].image_id", "[].category_id"},
        {"[].image_id", "[].caption"},
    ),
    depth=2,
)

_PREFERENCE = ("instances", "person_keypoints", "stuff", "panoptic", "labels", "image_info", "captions")
_GEOMETRY = ("bbox", "segmentation", "keypoints")


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield one batch a file."""
    if not path.is_dir():
        yield from _read_file(path, split_of_file(path), options)
        return
    files, report = _choose(path)
    splits = {file: split_of_file(file) or (file.stem if len(files) > 1 else None) for file in files}
    options.note_splits_absent(splits.values(), report, path)
    wanted = [file for file in files if options.wants(splits[file])]
    for batch in read_each(wanted, lambda file: _read_file(file, splits[file], options), options):
        batch.report.merge(report)
        report = Report()
        yield batch
    if report != Report():
        yield empty_batch(report, str(path))


def split_of_file(path: Path) -> str | None:
    """Return the split that a file's name, or else its folder's, speaks of."""
    folders = [folder for folder in path.absolute().parent.parts[-2:] if folder != "annotations"]
    return split_of(folders[-1:], path.stem)


def _choose(folder: Path) -> tuple[list[Path], Report]:
    """Choose among files that annotate the same images anew: instances, else keypoints, else ..."""
    report = Report()
    kinds: dict[tuple[Path, str], list[Path]] = {}
    for probe in Probe(folder).files(".json"):
        if probe.fault or not SIGNATURE.matches(probe):
            report.refuse(probe.fault or "not a COCO file", str(probe.path))
            continue
        kind = next((kind for kind in _PREFERENCE if probe.path.name.startswith(f"{kind}_")), "")
        kinds.setdefault((probe.path.parent, kind), []).append(probe.path)
    chosen: list[Path] = []
    for (parent, kind), files in kinds.items():
        better = _PREFERENCE[: _PREFERENCE.index(kind)] if kind else ()
        if rival := next((name for name in better if (parent, name) in kinds), None):
            for file in files:
                report.note(f"{kind} file left for the {rival} file beside it", where=str(file))
        else:
            chosen += files
    return sorted(chosen), report


def _read_file(path: Path, split: str | None, options: ReadOptions) -> Iterator[Annotations]:
    """Yield the one batch of a file, if its split is wanted.

    Raises
    ------
    FormatError
        The file is broken, or not of the kind that holds boxes, polygons, masks or keypoints.
    """
    if not options.wants(split):
        report = Report()
        options.note_splits_absent([split], report, path)
        yield empty_batch(report, str(path))
        return
    with collector_paused():
        batch = _read_whole(path, split, options)  # its document is gone when the collector returns
    yield batch


def _read_whole(path: Path, split: str | None, options: ReadOptions) -> Annotations:
    """Read a file the quick way, or, where it has anything unusual, the general one: results are equal."""
    with open_binary(path, options) as file:
        found = quick_columns(read_coco_file(file.fileno()))
    if found is not None:
        return build_quickly(found, path, split, options)
    content = read_bytes(path, options)
    found = quick_columns(read_coco(content))  # in one piece: an annotation may be longer than the window
    if found is not None:
        return build_quickly(found, path, split, options)
    return read_generally(content, path, split, options)


def read_generally(content: bytes, path: Path, split: str | None, options: ReadOptions) -> Annotations:
    """Read a file by way of Python objects: the general way, which knows every irregularity."""
    tables = _tables(parse_json(content, path), path, ImageSizes(options))
    return build(tables, path, split, options, Report(files=1))


def _tables(document: Any, path: Path, sizes: ImageSizes) -> Tables:
    """Pick the three lists out of a document, or say what it is instead."""
    if isinstance(document, list):
        return _results(document, path, sizes)
    if not isinstance(document, dict):
        message = f"expected an object with images, annotations and categories, got {type_name(document)}"
        raise FormatError(message, path)
    for name in ("images", "annotations", "categories"):
        if not isinstance(document.get(name, []), list):
            message = f"expected a list, got {type_name(document[name])}"
            raise FormatError(message, path, name)
    if "images" not in document:
        raise FormatError("no list of images, so no image sizes", path)
    annotations = document.get("annotations", [])
    keys = {key for a in annotations[:1000] if isinstance(a, dict) for key in a}
    if annotations and keys.isdisjoint((*_GEOMETRY, "segments_info")):
        if "caption" in keys:
            raise FormatError("image captions, not boxes, polygons, masks or keypoints", path)
        raise FormatError("labels of whole images, not boxes, polygons, masks or keypoints", path)
    positions = None
    if "segments_info" in keys:
        annotations, places = _segments(annotations)
        positions = np.array(places, dtype=np.int64)
    return Tables(document["images"], annotations, document.get("categories", []), sizes, positions)


def _segments(annotations: list[Any]) -> tuple[list[Any], list[int]]:
    """Turn each panoptic annotation into one a segment."""
    segments: list[Any] = []
    positions: list[int] = []
    for i, annotation in enumerate(annotations):
        infos = annotation.get("segments_info") if isinstance(annotation, dict) else None
        if not isinstance(infos, list):
            infos = [annotation]
        for info in infos:
            whole = isinstance(info, dict) and isinstance(annotation, dict)
            segments.append(info | {"image_id": annotation.get("image_id")} if whole else info)
            positions.append(i)
    return segments, positions


def _results(document: list[Any], path: Path, sizes: ImageSizes) -> Tables:
    """Read a list of detections, whose images have ids only."""
    entries = [entry for entry in document if isinstance(entry, dict)]
    keys = {key for entry in entries[:1000] for key in entry}
    if "image_id" not in keys:
        raise FormatError("a list, but not of COCO results: no image_id", path)
    if keys.isdisjoint(_GEOMETRY):
        what = "image captions" if "caption" in keys else "results without geometry"
        message = f"COCO results: {what}, not boxes, masks or keypoints"
        raise FormatError(message, path)
    ids: dict[Any, dict[str, Any]] = {}
    for entry in entries:
        if isinstance(key := entry.get("image_id"), int | str):
            ids.setdefault(key, {"id": key, "file_name": str(key)}).update(_mask_size(entry))
    if not sizes and not any("width" in image for image in ids.values()):
        raise FormatError(
            "COCO results give no image sizes: give size=(width, height), a mapping of image ids to sizes, "
            "or images=DIR to read image headers",
            path,
        )
    return Tables(list(ids.values()), document, [], sizes, None)


def _mask_size(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the image's width and height where an entry's run-length code has them."""
    code = entry.get("segmentation")
    size = code.get("size") if isinstance(code, dict) else None
    return {"height": size[0], "width": size[1]} if isinstance(size, list) and len(size) == 2 else {}
