"""Labelbox export: JSON Lines of data rows with their labels by project, objects in pixels.

The format is described at https://docs.labelbox.com/reference/export-image-annotations. Objects are boxes,
polygons, lines or points; masks are in files at Labelbox. Each frame of a video is an image.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.io import parse
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.parse import MisfitError
from heatgrid.io.records import RECORDS, read_records
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

TITLE = "Labelbox export (NDJSON)"
SIGNATURE = Signature(
    suffixes=RECORDS,
    json_keys=({"*data_row.id", "*projects"}, {"*data_row.id", "*media_attributes"}),
)

SEVERAL_LABELS = "image with several labels, all read"
REMOTE_MASK = "mask in a file at Labelbox"

_BOX = ("left", "top", "width", "height")


def _add_images(document: Document) -> Splits:
    for place, record in document.each_record("data row"):
        row = parse.as_dict(record.get("data_row"))
        names = (parse.text(row.get(key)) for key in ("external_id", "global_key", "id"))
        name = next(filter(None, names), place)
        size = parse.size(record.get("media_attributes"))
        labels = list(_labels(record))
        frames = {frame: None for label in labels for frame in parse.as_dict(label.get("frames"))}

        for frame in frames or (None,):
            yield document.split
            document.image(name if frame is None else f"{name}/{frame}", size, place, holder=record)
            if len(labels) > 1:
                document.builder.note(SEVERAL_LABELS)
            objects = [one for label in labels for one in _objects(label, frame)]
            document.add_entries(objects, lambda entry: parse.text(entry.get("name")), _read_object)


read = Documents(
    _add_images,
    suffixes=RECORDS,
    many=True,
    load=read_records,
    check=SIGNATURE.matches,
    position_format="objects[{}]",
).read


def _labels(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the annotations of each label of a data row."""
    for project in parse.as_dict(record.get("projects")).values():
        for label in parse.as_list(parse.as_dict(project).get("labels")):
            yield parse.as_dict(parse.as_dict(label).get("annotations"))


def _objects(annotations: dict[str, Any], frame: str | None) -> list[Any]:
    """Return the objects of an image or of a frame, a list or a mapping of ids."""
    holder = annotations if frame is None else parse.as_dict(annotations.get("frames")).get(frame)
    objects = parse.as_dict(holder).get("objects")
    return list(objects.values()) if isinstance(objects, dict) else parse.as_list(objects)


def _read_object(entry: dict[str, Any]) -> Entry:
    box, ring, line, point = (entry.get(key) for key in ("bounding_box", "polygon", "line", "point"))
    if not any((box, ring, line, point)) and ("mask" in entry or "composite_mask" in entry):
        raise MisfitError(REMOTE_MASK)
    corners = None
    if box:
        numbers = parse.numbers(parse.mapping(box, "bounding_box is not an object"), *_BOX)
        corners = parse.box_from_size(*numbers)
    shape = Shape(
        box=corners,
        polygon=[[parse.points(ring)]] if ring else (),
        lines=[parse.points(line)] if line else (),
        points=[parse.point(point)] if point else (),
    )
    return Entry(shape)
