"""VGG Image Annotator (VIA) 1, 2 and 3: regions in pixels, without image sizes.

The formats are described at https://www.robots.ox.ac.uk/~vgg/software/via. A file of versions 1 and 2 maps
the name and size of each image to its regions; a project file does so one level deeper; a CSV file has one
row per region. Version 3 has tables of files, views and metadata. The classes of a region are those of the
first of its attributes that has a value.
"""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from heatgrid.core.class_grids import NO_CLASS
from heatgrid.errors import FormatError
from heatgrid.io import parse
from heatgrid.io.curves import ellipse
from heatgrid.io.documents import WHOLE_IMAGE, Document, Documents, Entry, Splits
from heatgrid.io.files import read_text
from heatgrid.io.formats.tables import allow_long_cells
from heatgrid.io.parse import NOT_POINTS, MisfitError
from heatgrid.io.registry import Probe, Signature
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions

TITLE = "VGG Image Annotator (VIA) 1, 2, 3"

_SHAPE_COLUMN = "region_shape_attributes"
_CLASS_ATTRIBUTES = ("class", "label", "name", "category", "type", "object")
_NUMBERS_BY_KIND = {1: 2, 2: 4, 3: 3, 4: 4, 5: 4}
"""Number of values per point, rectangle, circle, ellipse and line in version 3."""


SIGNATURE = Signature(
    other_suffixes=(".csv",),
    json_keys=(
        {"_via_img_metadata"},
        {"_via_settings"},
        {"project", "attribute", "view"},
        {"view", "metadata", "file"},
        {"*.regions", "*.filename"},
    ),
    check=lambda probe: probe.suffix != ".csv" or _SHAPE_COLUMN.encode() in probe.text.split(b"\n", 1)[0],
)


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images; of a folder without JSON, its CSV files."""
    probe = Probe(path)
    is_table = probe.suffix == ".csv"
    if probe.is_dir:
        is_table = not any(map(SIGNATURE.matches, probe.sample(".json")))
    documents = Documents(_add_images, many=True, position_format="regions[{}]")
    if is_table:
        documents = replace(documents, suffixes=(".csv",), load=_read_table, position_format="row {}")
    return documents.read(path, options)


def _add_images(document: Document) -> Splits:
    content = document.content
    if not isinstance(content, dict):
        raise FormatError("expected an object of images", document.file)
    if "view" in content and "file" in content:
        yield from _add_project(document)
        return
    prefix = "_via_img_metadata." if "_via_img_metadata" in content else ""
    images = content.get("_via_img_metadata", content)
    if not any("regions" in parse.as_dict(image) for image in parse.as_dict(images).values()):
        raise FormatError("expected an object of images with regions", document.file)
    is_table = document.file.suffix.lower() == ".csv"
    for key, place, image in document.each_object(images, "image", prefix + "{}"):
        yield document.split
        name = parse.text(image.get("filename")) or key
        document.image(name, place="" if is_table else place, holder=image)
        regions = image.get("regions")
        regions = list(regions.values()) if isinstance(regions, dict) else regions
        rows = image["rows"] if is_table else None
        document.add_entries(
            regions,
            lambda region: find_classes(parse.as_dict(region.get("region_attributes"))),
            _read_region,
            rows,
        )


def _read_table(path: Path, options: ReadOptions) -> dict[str, Any]:
    """Return the images of a CSV file by name and size, each with its regions and their rows."""
    content = read_text(path, options)
    allow_long_cells()
    try:
        rows = [row for row in csv.reader(io.StringIO(content, newline="")) if row]
    except csv.Error as error:
        raise FormatError(f"broken table: {error}", path) from error
    header = [cell.strip().lstrip("#") for cell in rows[0]] if rows else []
    if "filename" not in header or _SHAPE_COLUMN not in header:
        raise FormatError(f"expected a table with the columns filename and {_SHAPE_COLUMN}", path)
    images: dict[str, dict[str, Any]] = {}
    for number_of_row, cells in enumerate(rows[1:], 2):
        row = dict(zip(header, cells, strict=False))
        if not row.get("filename"):
            continue
        key = f"{row['filename']}{row.get('file_size', '')}"
        image = images.setdefault(key, {"filename": row["filename"], "regions": [], "rows": []})
        shape = _parse_cell(row.get(_SHAPE_COLUMN, ""))
        if shape != {}:
            attributes = _parse_cell(row.get("region_attributes", ""))
            image["regions"].append({"shape_attributes": shape, "region_attributes": attributes})
            image["rows"].append(number_of_row)
    return images


def _parse_cell(cell: str) -> object:
    """Return the JSON value in a cell; an empty cell is an empty object, a broken one is None."""
    try:
        return json.loads(cell) if cell.strip() else {}
    except (ValueError, RecursionError):
        return None


def find_classes(attributes: dict[str, Any]) -> list[str]:
    """Return the first value of the attributes, those with a usual name for a class first.

    Several chosen checkboxes are several classes.
    """
    usual = [key for name in _CLASS_ATTRIBUTES for key in attributes if key.strip().lower() == name]
    for key in dict.fromkeys([*usual, *attributes]):
        value = attributes[key]
        if isinstance(value, dict):  # checkboxes: the chosen ones are true
            value = [name for name, chosen in value.items() if chosen]
        if labels := parse.texts(value if isinstance(value, list) else [value]):
            return labels
    return [NO_CLASS]


def _read_region(region: dict[str, Any]) -> Entry:
    shape = parse.mapping(region.get("shape_attributes"), "shape_attributes are not an object")
    kind = parse.text(shape.get("name"))
    if kind == "rect":
        return Entry(Shape(box=parse.box_from_size(*parse.numbers(shape, "x", "y", "width", "height"))))
    if kind == "circle":
        x, y, radius = parse.numbers(shape, "cx", "cy", "r")
        return Entry(Shape(polygon=[[ellipse((x, y), (radius, radius))]]))
    if kind == "ellipse":
        x, y, rx, ry = parse.numbers(shape, "cx", "cy", "rx", "ry")
        degrees = math.degrees(parse.number(shape.get("theta", 0)))
        return Entry(Shape(polygon=[[ellipse((x, y), (rx, ry), degrees)]]))
    if kind == "point":
        x, y = parse.numbers(shape, "cx", "cy")
        return Entry(Shape(points=[(x, y)]))
    if kind not in {"polygon", "polyline"}:
        raise MisfitError(f"unsupported shape: {kind or 'none'}")
    xs, ys = shape.get("all_points_x"), shape.get("all_points_y")
    if not isinstance(xs, list) or not isinstance(ys, list):
        raise MisfitError(NOT_POINTS)
    if len(xs) != len(ys):
        raise MisfitError("all_points_x and all_points_y differ in length")
    ring = [(parse.number(x), parse.number(y)) for x, y in zip(xs, ys, strict=True)]
    return Entry(Shape(polygon=[[ring]]) if kind == "polygon" else Shape(lines=[ring]))


def _add_project(document: Document) -> Splits:
    """Add the views of a project of version 3, and the annotated moments of videos."""
    tables: dict[str, dict[str, Any]] = {}
    for name in ("file", "view", "metadata", "attribute"):
        tables[name] = document.content.get(name, {})
        if not isinstance(tables[name], dict):
            raise FormatError("expected an object", document.file, name)
    shapes = _group_by_view(tables)
    for (view, moment), entries in shapes.items() if document.options.wants(document.split) else ():
        yield document.split
        name = _name_view(view, tables) + (f"#{moment}" if moment else "")
        document.image(name, place=f"view.{view}")
        document.add_entries(
            entries,
            lambda entry: find_classes(_read_attributes(entry.get("av"), tables["attribute"])),
            _read_metadata,
        )


def _group_by_view(tables: dict[str, dict[str, Any]]) -> dict[tuple[str, str], list[Any]]:
    """Return the metadata of each view and moment, including views without metadata."""
    shapes: dict[tuple[str, str], list[Any]] = {(view, ""): [] for view in tables["view"]}
    for key, value in tables["metadata"].items():
        view, moment, entry = "", "", value
        if isinstance(value, dict):
            moments = parse.as_list(value.get("z"))
            view, moment = parse.text(value.get("vid")), parse.text(moments[0]) if len(moments) == 1 else ""
            entry = {"id": key} | value
        shapes.setdefault((view, moment), []).append(entry)
    videos = {view for view, moment in shapes if moment}
    return {key: entries for key, entries in shapes.items() if entries or key[0] not in videos}


def _name_view(view: str, tables: dict[str, dict[str, Any]]) -> str:
    files = parse.as_list(parse.as_dict(tables["view"].get(view)).get("fid_list"))
    file = tables["file"].get(parse.text(files[0])) if files else None
    return parse.text(parse.as_dict(file).get("fname")) or f"view {view}"


def _read_attributes(values: object, attributes: dict[str, Any]) -> dict[str, Any]:
    """Return the values of attributes by name; the numbers of options become their texts."""
    named: dict[str, Any] = {}
    for key, value in parse.as_dict(values).items():
        attribute = parse.as_dict(attributes.get(key))
        options = attribute.get("options")
        name = parse.text(attribute.get("aname")) or key
        chosen = parse.text(value).split(",")
        named[name] = [options.get(one, one) for one in chosen] if isinstance(options, dict) else value
    return named


def _read_metadata(entry: dict[str, Any]) -> Entry | str:
    xy = parse.as_list(entry.get("xy"))
    if not xy:
        return WHOLE_IMAGE
    kind, values = xy[0], [parse.number(value) for value in xy[1:]]
    expected = _NUMBERS_BY_KIND.get(kind, len(values)) if isinstance(kind, int) else -1
    if len(values) != expected or len(values) % 2 > (kind == 3):
        raise MisfitError(NOT_POINTS)
    ring = list(zip(values[::2], values[1::2], strict=False))
    if kind == 1:
        return Entry(Shape(points=ring))
    if kind == 2:
        return Entry(Shape(box=parse.box_from_size(*values)))
    if kind in {3, 4}:
        return Entry(Shape(polygon=[[ellipse(ring[0], (values[2], values[-1]))]]))
    if kind in {5, 6}:
        return Entry(Shape(lines=[ring]))
    if kind == 7:
        return Entry(Shape(polygon=[[ring]]))
    if kind == 8:
        return Entry(Shape(box=parse.box_around(ring)))
    raise MisfitError(f"unsupported shape: {kind}")
