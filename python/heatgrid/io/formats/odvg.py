"""ODVG: JSON Lines of images with objects, for open-set detectors such as Grounding DINO.

The format is described at https://github.com/longzw1997/Open-GroundingDino/blob/main/data_format.md and used
by MMDetection. A line has ``detection`` with instances, ``grounding`` with the regions of phrases, or
``referring`` with the phrases of each object; boxes are ``[x1, y1, x2, y2]`` in pixels.
"""

from __future__ import annotations

from typing import Any

from heatgrid.core.class_grids import NO_CLASS
from heatgrid.io import parse
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.records import RECORDS, read_records
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

TITLE = "ODVG JSON Lines (Grounding DINO, MMDetection)"
SIGNATURE = Signature(
    suffixes=RECORDS,
    json_keys=(
        {"*detection.instances", "*filename"},
        {"*detection.instance", "*filename"},
        {"*grounding.regions", "*filename"},
        {"*referring", "*filename"},
    ),
)


def _add_images(document: Document) -> Splits:
    for place, record in document.each_record("image"):
        yield document.split
        document.image(parse.text(record.get("filename")) or place, parse.size(record), place, holder=record)
        detection = parse.as_dict(record.get("detection"))
        instances, read_labels = detection.get("instances", detection.get("instance")), _read_labels
        if instances is None:
            instances = parse.as_dict(record.get("grounding")).get("regions")
        if instances is None:
            instances, read_labels = record.get("referring"), _read_phrases
        pairs = [pair for i, entry in enumerate(parse.as_list(instances)) for pair in _split_boxes(i, entry)]
        positions, entries = [i for i, _ in pairs], [entry for _, entry in pairs]
        document.add_entries(entries, read_labels, _read_box, positions)


read = Documents(
    _add_images,
    suffixes=RECORDS,
    many=True,
    load=read_records,
    check=SIGNATURE.matches,
    position_format="instances[{}]",
).read


def _read_labels(entry: dict[str, Any]) -> str | list[str]:
    """Return the category or the phrase of an instance; without them, the number of its class.

    The parts of a phrase that other words separate in the caption are a list.
    """
    parts = " ".join(map(parse.text, parse.as_list(entry.get("phrase"))))
    names = (parts, *(parse.text(entry.get(key)) for key in ("category", "phrase", "label")))
    return next(filter(None, names), NO_CLASS)


def _read_phrases(entry: dict[str, Any]) -> str | list[str]:
    """Return the phrases that refer to an object."""
    return parse.texts(entry.get("phrase")) or _read_labels(entry)


def _split_boxes(position: int, entry: object) -> list[tuple[int, Any]]:
    """Return a region of one box, or one per box."""
    boxes = parse.as_list(parse.as_dict(entry).get("bbox"))
    if isinstance(entry, dict) and boxes and all(isinstance(box, list) for box in boxes):
        return [(position, entry | {"bbox": box}) for box in boxes]
    return [(position, entry)]


def _read_box(entry: dict[str, Any]) -> Entry:
    x1, y1, x2, y2 = parse.numbers_in(entry.get("bbox"), 4)
    return Entry(Shape(box=parse.box_around([(x1, y1), (x2, y2)])), score=parse.number(entry.get("score")))
