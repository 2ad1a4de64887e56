"""Roboflow inference: predictions for an image with its size, boxes by center and size in pixels.

The format is that of the hosted API and of Inference
(https://docs.roboflow.com/deploy/serverless/object-detection): one JSON object per image, a list of such, or
JSON Lines. Predictions have ``points`` of an instance's outline, or ``keypoints``.
"""

from __future__ import annotations

from typing import Any

from heatgrid.io import parse
from heatgrid.io.documents import WHOLE_IMAGE, Document, Documents, Entry, Splits
from heatgrid.io.records import RECORDS, read_records
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

TITLE = "Roboflow inference JSON"
SIGNATURE = Signature(
    suffixes=RECORDS,
    json_keys=(
        {"*predictions[].x", "*predictions[].confidence"},
        {"*predictions[].x", "*predictions[].class"},
        {"*predictions", "*image.width"},
    ),
)

_NAMES = ("image_path", "file_name", "filename", "name", "inference_id")


def _add_images(document: Document) -> Splits:
    for place, record in document.each_record("image"):
        yield document.split
        image = parse.as_dict(record.get("image"))
        names = (parse.text(holder.get(key)) for holder in (image, record) for key in _NAMES)
        document.image(
            next(filter(None, names), place or document.file.stem), parse.size(image), place, holder=record
        )
        document.add_entries(record.get("predictions"), _read_label, _read_prediction)


DOCUMENTS = Documents(
    _add_images,
    suffixes=RECORDS,
    many=True,
    load=read_records,
    check=SIGNATURE.matches,
    position_format="predictions[{}]",
)
read = DOCUMENTS.read


def _read_label(entry: dict[str, Any]) -> str:
    return parse.text(entry.get("class", entry.get("class_name")))


def _read_prediction(entry: dict[str, Any]) -> Entry | str:
    if "x" not in entry:
        return WHOLE_IMAGE
    x, y, width, height = parse.numbers(entry, "x", "y", "width", "height")
    ring = parse.points(entry["points"]) if entry.get("points") else []
    keypoints = parse.points(entry["keypoints"]) if entry.get("keypoints") else []
    shape = Shape(
        box=parse.box_from_size(x - width / 2, y - height / 2, width, height),
        polygon=[[ring]] if ring else (),
        points=keypoints,
    )
    return Entry(shape, score=parse.number(entry.get("confidence"), "confidence is not a number"))
