"""Hugging Face data sets for object detection: rows of images with ``objects``, boxes in pixels.

See https://huggingface.co/docs/datasets/image_dataset#object-detection. Rows are those of ``metadata.jsonl``
or ``metadata.csv`` in a folder of images, or of Parquet files, which may hold the images. ``objects`` is a
mapping of lists, ``bbox`` and ``category`` or ``categories``, or a list of such mappings; a row may also hold
these lists itself. Boxes are ``[x, y, width, height]``; ``columns={"xyxy": "bbox"}`` reads corners,
``columns={"cxcywh": "bbox"}`` centers and sizes, and ``normalized=True`` shares of the image size.
"""

from __future__ import annotations

import csv
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from heatgrid.core.class_grids import NO_CLASS
from heatgrid.core.ragged import Flag
from heatgrid.errors import FormatError, require
from heatgrid.io import parse
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.files import UNKNOWN, open_binary, open_text
from heatgrid.io.formats.tables import allow_long_cells
from heatgrid.io.formats.tables.columns import LISTS, list_to_box
from heatgrid.io.images import header_size
from heatgrid.io.records import RECORDS, parse_line, read_records
from heatgrid.io.registry import Probe, Signature
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions, Size

    Row = tuple[str, Any]
    """Place and value."""

TITLE = "Hugging Face image folders and Parquet (rows of images with objects)"

_PARQUET = b"PAR1"
_IMAGES = ("file_name", "image", "image_path", "image_id")
_BOXES = {"bbox": "xywh", "bboxes": "xywh", "boxes": "xywh"}
_CLASSES = (
    "category",
    "categories",
    "label",
    "labels",
    "category_id",
    "class",
    "class_name",
    "name",
)
_FLAGS = {"iscrowd": Flag.CROWD, "is_crowd": Flag.CROWD, "difficult": Flag.DIFFICULT}
_SIDES = ("width", "height")
_ROWS = 64  # of Parquet in memory, as they may hold images


def _check_file(probe: Probe) -> bool:
    """Return whether a file has rows of images with objects."""
    if probe.head.startswith(_PARQUET):
        return _holds_objects(_parquet_features(probe.path))
    first = next((line for line in probe.text.splitlines() if line.strip()), b"")
    if probe.suffix == ".csv":
        return {b"file_name", b"objects"} <= set(first.strip().split(b","))
    row = parse_line(first.decode("utf-8", "replace"))
    return _holds_objects(row) if isinstance(row, dict) else "[].objects" in probe.json_keys


SIGNATURE = Signature(
    suffixes=RECORDS,
    other_suffixes=(".csv", ".parquet"),
    json_keys=(
        *({f"*{image}", f"*objects.{box}"} for image in _IMAGES for box in _BOXES),
        *({f"*{image}", f"*objects[].{box}"} for image in _IMAGES for box in _BOXES),
        *({image, box} for image in _IMAGES for box in _BOXES),
    ),
    check=_check_file,
    has_columns=True,
)


def _holds_objects(row: dict[str, Any]) -> bool:
    """Return whether a row has an image, and objects or lists of boxes."""
    objects = row.get("objects")
    holder = objects[0] if isinstance(objects, list) and objects else objects
    lists = (row.get(box) for box in _BOXES)
    has_boxes = isinstance(holder, dict) and not set(_BOXES).isdisjoint(holder)
    has_lists = any(isinstance(own, list) and own and isinstance(own[0], list) for own in lists)
    return not set(_IMAGES).isdisjoint(row) and (has_boxes or has_lists)


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    return Documents(
        _add_file,
        suffixes=SIGNATURE.all_suffixes,
        many=True,
        load=_load,
        check=SIGNATURE.matches,
        position_format="objects[{}]",
        normalized=bool(options.normalized),
    ).read(path, options)


def _load(path: Path, options: ReadOptions) -> tuple[Iterator[Row], tuple[str, ...]]:
    """Return the rows of a file, and the names of the numbered classes."""
    if Probe(path).head.startswith(_PARQUET):
        return _read_parquet(path, options), names_in(_described(path).get("objects"))
    return _read_csv(path, options) if path.suffix.lower() == ".csv" else read_records(path, options), ()


def _add_file(document: Document) -> Splits:
    rows, names = document.content
    return add_rows(replace(document, content=rows), dict(enumerate(names)))


def _read_csv(path: Path, options: ReadOptions) -> Iterator[Row]:
    """Yield the rows of a table whose cells of objects are JSON, or Python's text of such values."""
    allow_long_cells()
    with open_text(path, options) as text:
        reader = csv.DictReader(text)
        try:
            for row in reader:
                cell = row.get("objects") or ""
                objects = parse_line(cell)
                if not isinstance(objects, dict | list):
                    objects = parse_line(cell.replace("'", '"'))
                yield f"line {reader.line_num}", row | {"objects": objects}
        except csv.Error as error:
            raise FormatError(f"broken table: {error}", path, f"line {reader.line_num}") from error


def _read_parquet(path: Path, options: ReadOptions) -> Iterator[Row]:
    arrow, parquet = require("pyarrow", "arrow"), require("pyarrow.parquet", "arrow")
    with open_binary(path, options) as content:
        try:
            file = parquet.ParquetFile(content, pre_buffer=False)
            names = needed_columns(file.schema_arrow.names)
            yield from rows_of(file.iter_batches(_ROWS, columns=names))
        except (arrow.ArrowException, OSError) as error:
            raise FormatError(f"broken Parquet: {error}"[:1000], path) from error


def rows_of(tables: Iterable[Any]) -> Iterator[Row]:
    """Yield the rows of Arrow tables."""
    done = 0
    for table in tables:
        yield from ((f"row {i}", row) for i, row in enumerate(table.to_pylist(), done + 1))
        done += table.num_rows


def needed_columns(names: Iterable[str]) -> list[str]:
    """Return the columns to read: images only if other columns do not give name and size."""
    found = [name for name in names if name in {"objects", *_SIDES, *_IMAGES, *_BOXES, *_CLASSES}]
    if set(_SIDES) <= set(found) and not {"file_name", "image_id"}.isdisjoint(found):
        return [name for name in found if name != "image"]
    return found


def _parquet_features(path: Path) -> dict[str, Any]:
    """Return empty values of the columns of a Parquet file; none if it cannot be read."""
    with suppress(ImportError, OSError, ValueError):
        from pyarrow import parquet, types

        def empty(kind: Any) -> Any:
            if types.is_struct(kind):
                return {kind.field(i).name: empty(kind.field(i).type) for i in range(kind.num_fields)}
            is_list = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
            return [empty(kind.value_type)] if is_list else None

        return {field.name: empty(field.type) for field in parquet.read_schema(path)}
    return {}


def _described(path: Path) -> dict[str, Any]:
    """Return the features that a Parquet file's metadata describes; none if there are none."""
    with suppress(ImportError, OSError, ValueError):
        from pyarrow import parquet

        metadata = (parquet.read_schema(path).metadata or {}).get(b"huggingface", b"")
        content = parse_line(metadata.decode("utf-8", "replace"))
        return parse.as_dict(parse.as_dict(parse.as_dict(content).get("info")).get("features"))
    return {}


def names_in(feature: Any, depth: int = 8) -> tuple[str, ...]:
    """Return the class names of a feature, or of the first that it contains; none if there are none."""
    if not depth or not isinstance(feature, dict | list):
        return ()
    if isinstance(feature, dict) and isinstance(feature.get("names"), list):
        return tuple(map(parse.text, feature["names"]))
    values = feature.values() if isinstance(feature, dict) else feature
    return next(filter(None, (names_in(value, depth - 1) for value in values)), ())


def add_rows(document: Document, names: Mapping[int, str]) -> Splits:
    """Add the images of the document's rows; ``names`` are those of numbered classes."""
    chosen = document.options.columns or {}
    own = {str(chosen[role]): role for role in LISTS if role in chosen}
    boxes = own or _BOXES
    for place, row in document.each_record("row"):
        if not document.options.wants(document.split):
            return
        yield document.split
        document.image(_name(row) or place, _size(row), place, holder=row)
        document.add_entries(
            _objects(row, boxes),
            lambda entry: _read_label(entry, names),
            lambda entry: _read_object(entry, boxes),
        )


def _name(row: Mapping[str, Any]) -> str:
    """Return the name of a row's image."""
    values = (row.get(key) for key in _IMAGES)
    return next(filter(None, (parse.text(parse.as_dict(v).get("path") or v) for v in values)), "")


def _size(row: Mapping[str, Any]) -> Size:
    """Return the size of a row's image: declared, or in the header of the image that the row holds."""
    size = parse.size(row)
    content = parse.as_dict(row.get("image")).get("bytes")
    if not parse.is_known(size) and isinstance(content, bytes):
        return header_size(content) or UNKNOWN
    return size


def _objects(row: dict[str, Any], boxes: Mapping[str, str]) -> list[Any]:
    """Return the objects of a row, one mapping each."""
    objects = row.get("objects")
    if isinstance(objects, list):
        return objects
    holder = objects if isinstance(objects, dict) else row
    lists = {key: value for key, value in holder.items() if isinstance(value, list)}
    count = next((len(lists[box]) for box in boxes if box in lists), max(map(len, lists.values()), default=0))
    return [{key: value[i] for key, value in lists.items() if i < len(value)} for i in range(count)]


def _read_label(entry: dict[str, Any], names: Mapping[int, str]) -> str:
    value = next((entry[key] for key in _CLASSES if entry.get(key) is not None), None)
    if isinstance(value, int) and not isinstance(value, bool):
        return names.get(value, str(value))
    return NO_CLASS if value is None else parse.text(value)


def _read_object(entry: dict[str, Any], boxes: Mapping[str, str]) -> Entry:
    key = next((box for box in boxes if box in entry), "bbox")
    values = parse.numbers_in(entry.get(key), 4)
    flags = sum(flag for name, flag in _FLAGS.items() if entry.get(name) in (1, True))
    score = parse.number(entry.get("score"), "score is not a number")
    return Entry(Shape(box=list_to_box(values, boxes.get(key, "xywh"))), flags, score)
