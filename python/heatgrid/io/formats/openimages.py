"""Open Images: CSV files of boxes, class descriptions and image lists.

The format is described at https://storage.googleapis.com/openimages/web/download_v7.html. Coordinates are
normalized; classes are ids (``/m/01g317``) with names in ``class-descriptions.csv``. All listed images count,
also those without objects. Masks are separate image files, so the boxes of segmentations are read.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from heatgrid.core.report import Report
from heatgrid.errors import FormatError
from heatgrid.io import places
from heatgrid.io.build import empty_batch, read_each
from heatgrid.io.files import IMAGE_SUFFIXES, clean, decode_head, open_text, read_text, walk
from heatgrid.io.formats.tables import read_delimited, split_line
from heatgrid.io.formats.tables.build import TableBuilder
from heatgrid.io.options import ReadOptions, canonical_split, split_of
from heatgrid.io.parse import collector_paused
from heatgrid.io.registry import Probe, Signature

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from heatgrid.core.annotations import Annotations

TITLE = "Open Images CSV"

UNNAMED = "class id without a description, kept as it is"
MASKS_LEFT = "masks in image files are not read, their boxes are"
MASK_MISSING = "mask listed, but there is no such image file"
BOXES_PREFERRED = "segmentation file not read, since there are files of boxes"

_DEEPEST = 4
_BOXES = {"imageid", "labelname", "xmin", "xmax", "ymin", "ymax"}
_SEGMENTS = {"imageid", "labelname", "boxxmin", "boxxmax", "boxymin", "boxymax"}
_LIST = {"imageid", "subset"}


SIGNATURE = Signature(suffixes=(".csv",), depth=2, check=lambda probe: _kind(probe) in {"boxes", "segments"})


def _kind(probe: Probe) -> str:
    """Return the content of a data set's CSV file: segments, boxes, lists, classes or nothing."""
    lines = decode_head(probe.head).splitlines()
    header = {name.lower() for name in split_line(lines[0], ",")} if lines else set()
    for kind, names in (("segments", _SEGMENTS), ("boxes", _BOXES), ("lists", _LIST)):
        if names <= header:
            return kind
    return "classes" if "class-descriptions" in probe.path.name and len(header) == 2 else ""


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield one batch per file of boxes, and one of other listed images."""
    report = Report()
    found = _find(path, report)
    files = found["boxes"] if places.is_dir(path) else [path]
    if not files:
        files = found["segments"]
    elif places.is_dir(path):
        for file in found["segments"]:
            report.note(BOXES_PREFERRED, where=str(file))
            _note_missing_masks(file, found["masks"], options, report)
    if not files:
        raise FormatError("no files of boxes", path)
    names = _class_names(found["classes"], options, report)
    if report != Report():
        yield empty_batch(report, str(path))
    seen: set[str] = set()
    for batch in read_each(
        files, lambda file: _read_boxes(file, path, names, found["masks"], options), options
    ):
        seen.update(batch.image_names)
        yield batch
    splits = {_split(file) for file in files}
    if places.is_dir(path):
        yield from _other_images(found["lists"], path, splits, seen, options)


def _find(path: Path, report: Report) -> dict[str, list[Path]]:
    """Return the files of a data set by content."""
    found: dict[str, list[Path]] = {kind: [] for kind in ("boxes", "segments", "lists", "classes", "masks")}
    for parent, names in walk(path if places.is_dir(path) else path.absolute().parent, _DEEPEST, report):
        for name in names:
            if name.lower().endswith(SIGNATURE.suffixes) and (kind := _kind(Probe(Path(parent, name)))):
                found[kind].append(Path(parent, name))
            elif name.lower().endswith(IMAGE_SUFFIXES):
                found["masks"].append(Path(parent, name))
        if not places.is_dir(path):
            break
    return found


def _split(file: Path) -> str | None:
    return split_of([file.absolute().parent.name], file.stem)


def _read_rows(file: Path, options: ReadOptions, report: Report) -> list[list[str]]:
    """Return the rows of a small file; none if it cannot be read, which is reported."""
    try:
        return [split_line(line, ",") for line in read_text(file, options).splitlines()]
    except FormatError as error:
        if options.strict:
            raise
        report.refuse(error.text, error.path)
        return []


def _note_missing_masks(file: Path, masks: list[Path], options: ReadOptions, report: Report) -> None:
    """Note the masks that a file of segments lists, but that are not among the image files."""
    present = {mask.name for mask in masks}
    with suppress(FormatError), open_text(file, options) as text:  # its reader reports errors
        header = [name.lower() for name in split_line(next(text, ""), ",")]
        for line, row in enumerate(text if "maskpath" in header else (), 2):
            name = row.split(",")[header.index("maskpath")].strip() if row.count(",") else ""
            if name and name not in present:
                where = f"{file}: line {line} ({clean(name)})"
                report.note(MASK_MISSING, where=where if report.keeps_another_example(MASK_MISSING) else None)


def _class_names(files: list[Path], options: ReadOptions, report: Report) -> Mapping[str, str]:
    """Return the names of classes by id."""
    rows = [row for file in files for row in _read_rows(file, options, report)]
    return {row[0]: clean(row[1]) for row in rows if len(row) >= 2 and row[0] != "LabelName"}


def _read_boxes(
    file: Path, source: Path, names: Mapping[str, str], masks: list[Path], options: ReadOptions
) -> Iterator[Annotations]:
    unnamed: set[str] = set()

    def class_name(cell: str) -> str:
        if names and cell not in names and cell not in unnamed:
            unnamed.add(cell)
            builder.report.note(UNNAMED, where=f"{file}: {clean(cell)}")
        return names.get(cell, clean(cell))

    builder = TableBuilder(str(file), options, class_name=class_name)
    with collector_paused():
        for batch in read_delimited(file, options):
            builder.add(batch)
    if _kind(Probe(file)) == "segments":
        builder.report.note(MASKS_LEFT, where=str(file))
        _note_missing_masks(file, masks, options, builder.report)
    yield from builder.build(source, _split(file), usually_divided=True)


def _other_images(
    files: list[Path], source: Path, splits: set[str | None], seen: set[str], options: ReadOptions
) -> Iterator[Annotations]:
    """Yield batches of listed images without boxes, of the splits that have boxes."""
    others: dict[str | None, dict[str, None]] = {}
    report = Report()
    for file in files:
        header, *rows = _read_rows(file, options, report) or [[]]
        names = [name.lower() for name in header]
        image, subset = (names.index(name) if rows else 0 for name in ("imageid", "subset"))
        for row in rows:
            if len(row) > max(image, subset) and row[image] not in seen:
                others.setdefault(canonical_split(clean(row[subset])), {})[clean(row[image])] = None
    if report != Report():
        yield empty_batch(report, str(source))
    for split, own in others.items():
        if options.wants(split) and (split in splits or None in splits):
            yield replace(
                empty_batch(Report(images=len(own)), str(source)), image_names=list(own), split=split
            )
