"""Google Vertex AI and AutoML Vision: import files of images with normalized boxes, CSV or JSON Lines.

See https://cloud.google.com/vertex-ai/docs/image-data/object-detection/prepare-data. A row of CSV is ``set,
path, label, xmin, ymin, , , xmax, ymax, ,`` or has all four corners; the set may be missing. An image without
objects has a row without label and box.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io import parse
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.files import decode_head, open_text
from heatgrid.io.options import canonical_split
from heatgrid.io.parse import MisfitError
from heatgrid.io.records import JSON_LINES, read_records
from heatgrid.io.registry import Probe, Signature
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.io.options import ReadOptions

TITLE = "Google Vertex AI and AutoML Vision (CSV, JSON Lines)"

_SETS = {"train", "training", "validate", "validation", "test", "unassigned", ""}
_LIST = "boundingBoxAnnotations"
_USE = "aiplatform.googleapis.com/ml_use"
_CORNERS = ("xMin", "yMin", "xMax", "yMax")


def _check_file(probe: Probe) -> bool:
    """Return whether a table has rows of an image in a bucket, a label and eight cells of corners."""
    if probe.suffix != ".csv":
        return True
    rows = [line.split(",") for line in decode_head(probe.head).splitlines()[:5] if line.strip()]
    return bool(rows) and all(_with_set(row) is not None for row in rows[: max(1, len(rows) - 1)])


SIGNATURE = Signature(
    suffixes=JSON_LINES,
    other_suffixes=(".csv",),
    json_keys=({"*imageGcsUri", f"*{_LIST}"},),
    check=_check_file,
)


def _with_set(row: list[str]) -> list[str] | None:
    """Return a row that begins with a set; None if it is no row of an image with eight cells of corners."""
    row = ["", *row] if row[0].strip().startswith("gs://") else row
    if len(row) < 11 or row[0].strip().lower() not in _SETS or "/" not in row[1]:
        return None
    return row


def _load(path: Path, options: ReadOptions) -> Iterator[tuple[str, Any]]:
    return _read_csv(path, options) if path.suffix.lower() == ".csv" else read_records(path, options)


def _read_csv(path: Path, options: ReadOptions) -> Iterator[tuple[str, Any]]:
    """Yield the images of a table as those of JSON Lines; rows of an image may be apart."""
    images: dict[str, tuple[str, dict[str, Any]]] = {}
    with open_text(path, options) as text:
        reader = csv.reader(text)
        try:
            for row in reader:
                cells = _with_set(row) if row else None
                if cells is None:
                    if any(map(str.strip, row)):
                        images[f"line {reader.line_num}"] = f"line {reader.line_num}", {_LIST: [None]}
                    continue
                use, address, label, *flat = map(str.strip, cells[:11])
                record: dict[str, Any] = {"imageGcsUri": address, "dataItemResourceLabels": {_USE: use}}
                record[_LIST] = []
                _, record = images.setdefault(address, (f"line {reader.line_num}", record))
                if label or any(flat):
                    record[_LIST].append({"displayName": label, "corners": flat})
        except csv.Error as error:
            raise FormatError(f"broken table: {error}", path, f"line {reader.line_num}") from error
    yield from images.values()


def _add_images(document: Document) -> Splits:
    for place, record in document.each_record("image"):
        use = parse.text(parse.as_dict(record.get("dataItemResourceLabels")).get(_USE)).lower()
        split = None if use in {"", "unassigned"} else canonical_split(use)
        if not document.options.wants(split or document.split):
            continue
        yield split or document.split
        name = parse.text(record.get("imageGcsUri")).rsplit("/", 1)[-1]
        document.image(name or place, place=place, holder=record)
        document.add_entries(record.get(_LIST), lambda entry: parse.text(entry.get("displayName")), _read_box)


read = Documents(
    _add_images,
    suffixes=SIGNATURE.all_suffixes,
    many=True,
    load=_load,
    check=SIGNATURE.matches,
    position_format=_LIST + "[{}]",
    normalized=True,
).read


def _read_box(entry: dict[str, Any]) -> Entry:
    """Return the box around the corners of a row, or of named corners."""
    if "corners" not in entry:
        x1, y1, x2, y2 = parse.numbers(entry, *_CORNERS)
        return Entry(Shape(box=parse.box_around([(x1, y1), (x2, y2)])))
    flat: list[str] = entry["corners"]
    pairs = [pair for pair in zip(flat[::2], flat[1::2], strict=True) if any(pair)]
    if len(pairs) not in {2, 4}:
        raise MisfitError("box of neither two nor four corners")
    return Entry(Shape(box=parse.box_around([parse.point(list(pair)) for pair in pairs])))
