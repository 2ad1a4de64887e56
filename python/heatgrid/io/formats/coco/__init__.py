"""COCO: one JSON file of images, categories and annotations.

See https://cocodataset.org/#format-data. LVIS (https://www.lvisdataset.org/dataset) and panoptic files, whose
segments are read as boxes, have the same format. Category and image ids are arbitrary; boxes are
``[x, y, width, height]`` in pixels; a segmentation is a list of rings, whose union counts, or a run-length
code along the columns.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.report import Report
from heatgrid.errors import FormatError
from heatgrid.io import places
from heatgrid.io.attributes import attribute_of
from heatgrid.io.build import empty_batch, read_each
from heatgrid.io.files import files_below, open_binary, read_bytes
from heatgrid.io.formats.coco.batch import Reference, build_batch, read_images
from heatgrid.io.formats.coco.panoptic import find_folder, with_masks
from heatgrid.io.formats.coco.scan import scan_coco, scan_coco_results
from heatgrid.io.options import ReadOptions, split_of
from heatgrid.io.parse import as_dict, as_list, collector_paused, parse_json, text, type_name
from heatgrid.io.registry import Probe, Signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.kernel import CocoColumns

TITLE = "COCO (instances, keypoints, panoptic, LVIS)"
RESULTS = "results next to annotations left out"

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
_INSPECTED = 1000  # annotations that tell the kind of file; the kernel's scan inspects as many

_Lists = tuple[list[Any], list[Any], "NDArray[np.int64]", list[Any]]
"""Images, annotations, positions of these annotations, and categories."""


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield one batch per file."""
    if not places.is_dir(path):
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
    """Return the split named by a file, or else by its folder."""
    folders = [folder for folder in path.absolute().parent.parts[-2:] if folder != "annotations"]
    return split_of(folders[-1:], path.stem)


def _choose(folder: Path) -> tuple[list[Path], Report]:
    """Choose one kind of file per folder, as all annotate the same images: instances first."""
    report = Report()
    kinds: dict[tuple[Path, str], list[Path]] = {}
    for probe in map(Probe, files_below(folder, SIGNATURE.suffixes, report, SIGNATURE.depth)):
        if probe.fault or not SIGNATURE.matches(probe):
            report.refuse(probe.fault or "not a COCO file", str(probe.path))
            continue
        kind = next((kind for kind in _PREFERENCE if probe.path.name.startswith(f"{kind}_")), "")
        kinds.setdefault((probe.path.parent, kind), []).append(probe.path)
    lists = [file for files in kinds.values() for file in files if _is_list(file)]
    if len(lists) < sum(map(len, kinds.values())):  # results of the images that other files annotate
        for file in lists:
            report.note(RESULTS, where=str(file))
        kinds = {kind: [file for file in files if file not in lists] for kind, files in kinds.items()}
    chosen: list[Path] = []
    for (parent, kind), files in kinds.items():
        better = _PREFERENCE[: _PREFERENCE.index(kind)] if kind else ()
        if rival := next((name for name in better if (parent, name) in kinds), None):
            for file in files:
                report.note(f"{kind} file ignored, {rival} file read", where=str(file))
        else:
            chosen += files
    return sorted(chosen), report


def _read_file(path: Path, split: str | None, options: ReadOptions) -> Iterator[Annotations]:
    """Yield the batch of a file; only what the kernel's scan does not understand is parsed as JSON."""
    report = Report()
    if not options.wants(split):
        options.note_splits_absent([split], report, path)
        yield empty_batch(report, str(path))
        return
    report.files = 1
    reference = None
    if options.truth is not None and _is_list(path):
        reference = _read_reference(Path(options.truth), options)
    with open_binary(path, options) as file:
        scan = scan_coco(file, options.threads) if reference is None else scan_coco_results(file)
    if reference is not None and scan is not None and len(scan.ids) and not scan.has_geometry:
        scan = None  # `_lists` raises the reason
    with collector_paused():
        lists = _lists(path, options) if scan is None else _other_lists(scan, path)
        batch = build_batch(
            *lists, scan=scan, reference=reference, path=path, split=split, options=options, report=report
        )
        folder = find_folder(path, lists[1])
        del lists  # before the collector runs
        if options.attributes:
            batch = _with_attributes(batch, path, options)
    if folder is None:
        yield batch
    else:
        yield from with_masks(batch, folder, options)


def _with_attributes(batch: Annotations, path: Path, options: ReadOptions) -> Annotations:
    """Return a batch with the attributes of its annotations and images, which are parsed as JSON."""
    document = parse_json(read_bytes(path, options), path)
    listed = document if isinstance(document, list) else as_list(as_dict(document).get("annotations"))
    images = {text(as_dict(one).get("file_name")): one for one in as_list(as_dict(document).get("images"))}
    positions = range(len(batch)) if batch.positions is None else batch.positions.tolist()
    return replace(
        batch,
        attributes={name: [attribute_of(listed[i], name) for i in positions] for name in options.attributes},
        image_attributes={
            name: [attribute_of(images.get(image), name) for image in batch.image_names]
            for name in options.attributes
        },
    )


def _is_list(path: Path) -> bool:
    """Return whether a file is a list, as results are."""
    return Probe(path).text.lstrip()[:1] == b"["


def _read_reference(path: Path, options: ReadOptions) -> Reference:
    """Return the images and categories of the file that results refer to."""
    files = _choose(path)[0] if places.is_dir(path) else [path]
    if len(files) != 1:
        raise FormatError(f"truth must be one COCO file, got {len(files)}", path)
    with open_binary(files[0], options) as file:
        scan = scan_coco(file, options.threads)
    if _is_list(files[0]):
        raise FormatError("truth must be a COCO file with images, got a list of results", path)
    images, _, _, categories = _lists(files[0], options) if scan is None else _other_lists(scan, files[0])
    return *read_images(images, scan, files[0], Report()), categories


def _other_lists(scan: CocoColumns, path: Path) -> _Lists:
    """Return the JSON values that the scan does not contain."""
    images, annotations = (parse_json(b"[%b]" % text[:-1], path) for text in (scan.other_images, scan.others))
    categories = parse_json(scan.categories or b"[]", path)
    return images, *_split_segments(annotations, scan.other_indices, scan, path), categories


def _lists(path: Path, options: ReadOptions) -> _Lists:
    """Return the JSON values of a file that the kernel cannot scan."""
    document = parse_json(read_bytes(path, options), path)
    if isinstance(document, list):
        images = _result_images(document, path)
        return images, *_split_segments(document, np.arange(len(document)), None, path), []
    if not isinstance(document, dict):
        raise FormatError(
            f"expected an object with images, annotations and categories, got {type_name(document)}", path
        )
    for name in ("images", "annotations", "categories"):
        if not isinstance(document.get(name, []), list):
            raise FormatError(f"expected a list, got {type_name(document[name])}", path, name)
    if "images" not in document:
        raise FormatError("no list of images, so no image sizes", path)
    annotations = document.get("annotations", [])
    annotations, positions = _split_segments(annotations, np.arange(len(annotations)), None, path)
    return document["images"], annotations, positions, document.get("categories", [])


def _split_segments(
    annotations: list[Any], positions: NDArray[np.int64], scan: CocoColumns | None, path: Path
) -> tuple[list[Any], NDArray[np.int64]]:
    """Return one annotation per segment of panoptic annotations, with their positions in the file."""
    inspected = annotations[: int(np.searchsorted(positions, _INSPECTED))]
    keys = {key for annotation in inspected if isinstance(annotation, dict) for key in annotation}
    has_geometry, has_captions = not keys.isdisjoint((*_GEOMETRY, "segments_info")), "caption" in keys
    is_empty = not annotations
    if scan is not None:
        has_geometry, has_captions = has_geometry or scan.has_geometry, has_captions or scan.has_captions
        is_empty = is_empty and not len(scan.ids)
    if not (has_geometry or is_empty):
        kind = "image captions" if has_captions else "labels of whole images"
        raise FormatError(f"{kind}, not boxes, polygons, masks or keypoints", path)
    if "segments_info" not in keys:
        return annotations, positions
    segments: list[Any] = []
    counts: list[int] = []
    for annotation in annotations:
        infos = annotation.get("segments_info") if isinstance(annotation, dict) else None
        if isinstance(infos, list):
            image = {"image_id": annotation.get("image_id")}
            segments += [info | image if isinstance(info, dict) else info for info in infos]
        else:
            segments.append(annotation)
        counts.append(len(infos) if isinstance(infos, list) else 1)
    return segments, np.repeat(positions, counts)


def _result_images(results: list[Any], path: Path) -> list[dict[str, Any]]:
    """Return the images of a list of detections, which gives their ids only."""
    entries = [entry for entry in results if isinstance(entry, dict)]
    keys = {key for entry in entries[:_INSPECTED] for key in entry}
    if "image_id" not in keys:
        raise FormatError("a list, but not of COCO results: no image_id", path)
    if keys.isdisjoint(_GEOMETRY):
        kind = "image captions" if "caption" in keys else "results without geometry"
        raise FormatError(f"COCO results: {kind}, not boxes, masks or keypoints", path)
    images: dict[Any, dict[str, Any]] = {}
    for entry in entries:
        if isinstance(key := entry.get("image_id"), int | str):
            image = images.setdefault(key, {"id": key, "file_name": str(key)})
            code = entry.get("segmentation")
            size = code.get("size") if isinstance(code, dict) else None
            if isinstance(size, list) and len(size) == 2:
                image["height"], image["width"] = size
    return list(images.values())
