"""nuImages: a folder of JSON tables, boxes and masks of objects and surfaces in pixels.

The tables are described at https://github.com/nutonomy/nuscenes-devkit/blob/master/docs/schema_nuimages.md:
``object_ann.json`` has boxes and masks, ``surface_ann.json`` masks, ``sample_data.json`` the images and their
sizes, ``category.json`` the classes. A mask's ``counts`` are COCO's compressed code in Base64. The images are
the key frames; others are not annotated. Folders are called ``v1.0-train``, ``v1.0-val`` and so on.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io import parse, places
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.parse import MisfitError, read_json
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import RunLengths, Shape

if TYPE_CHECKING:
    from heatgrid.io.registry import Probe

TITLE = "nuImages"
SIGNATURE = Signature(json_keys=({"[].sample_data_token", "[].category_token"},))

NO_IMAGE = "annotation of an image that sample_data.json does not have"
BAD_MASK = "mask is not Base64 of a size and a code"

_OBJECTS, _SURFACES = "object_ann.json", "surface_ann.json"
_IMAGES, _CLASSES = "sample_data.json", "category.json"


def _is_source(probe: Probe) -> bool:
    """Return whether a file has annotations; those of surfaces are read along with those of objects."""
    return SIGNATURE.matches(probe) and not (
        probe.path.name == _SURFACES and places.is_file(probe.path.with_name(_OBJECTS))
    )


def _add_images(document: Document) -> Splits:
    folder = document.file.parent
    if not document.options.wants(document.split):
        return
    annotations = _rows(document, document.file.name, document.content)
    if document.file.name == _OBJECTS and places.is_file(folder / _SURFACES):
        annotations += _rows(document, _SURFACES)
    names = {parse.text(row.get("token")): parse.text(row.get("name")) for row in _rows(document, _CLASSES)}
    images: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
        parse.text(row.get("token")): (row, [])
        for row in _rows(document, _IMAGES)
        if row.get("is_key_frame") is not False
    }
    for row in annotations:
        token = parse.text(row.get("sample_data_token"))
        if token in images:
            images[token][1].append(row | {"id": row.get("token")})
        else:
            label = names.get(parse.text(row.get("category_token")))
            document.builder.skip_row(NO_IMAGE, str(document.file), token, row.get("token"), label=label)
    for token, (image, entries) in images.items():
        yield document.split
        document.image(parse.text(image.get("filename")) or token, parse.size(image), holder=image)
        document.add_entries(
            entries, lambda entry: names.get(parse.text(entry.get("category_token")), ""), _read
        )


read = Documents(_add_images, many=True, check=_is_source).read


def _rows(document: Document, name: str, content: Any = None) -> list[dict[str, Any]]:
    """Return the rows of a table next to the document."""
    path = document.file.with_name(name)
    if content is None:
        content = read_json(path, document.options)
    if not isinstance(content, list):
        raise FormatError("expected a list of rows", path)
    for i, row in enumerate(content):
        if not isinstance(row, dict):
            document.builder.report.note("row ignored: not an object", where=f"{path}: [{i}]")
    return [row for row in content if isinstance(row, dict)]


def _read(entry: dict[str, Any]) -> Entry:
    box = entry.get("bbox")
    mask = None if entry.get("mask") is None else _read_mask(parse.mapping(entry["mask"], BAD_MASK))
    x1, y1, x2, y2 = (0.0,) * 4 if box is None else parse.numbers_in(box, 4)
    return Entry(Shape(box=None if box is None else (x1, y1, x2, y2), mask=mask))


def _read_mask(value: dict[str, Any]) -> RunLengths:
    height, width = parse.numbers_in(value.get("size"), 2)
    try:
        code = b64decode(value.get("counts", ""), validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise MisfitError(BAD_MASK) from error
    if not (height > 0 and width > 0 and height == int(height) and width == int(width) and code):
        raise MisfitError(BAD_MASK)
    return RunLengths(int(height), int(width), code)
