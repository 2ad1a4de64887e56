"""CrowdHuman: ``.odgt`` files, JSON Lines of images with the boxes of persons in pixels.

The format is described at https://www.crowdhuman.org/download.html. The full box (``fbox``) is read, not that
of the visible part or of the head; boxes with the tag ``mask`` or the attribute ``ignore`` are to be ignored.
Results have ``dtboxes`` with scores.
"""

from __future__ import annotations

from typing import Any

from heatgrid.core.ragged import Flag
from heatgrid.io import parse
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.records import read_records
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

TITLE = "CrowdHuman (odgt)"
SIGNATURE = Signature(
    suffixes=(".odgt", ".json", ".jsonl"), json_keys=({"*ID", "*gtboxes"}, {"*ID", "*dtboxes"})
)

_IGNORED = "mask"  # crowds, reflections and pictures of persons


def _add_images(document: Document) -> Splits:
    for place, record in document.each_record("image"):
        yield document.split
        document.image(parse.text(record.get("ID")) or place, parse.size(record), place, holder=record)
        entries = record.get("gtboxes", record.get("dtboxes"))
        document.add_entries(entries, lambda entry: parse.text(entry.get("tag")), _read_box)


read = Documents(
    _add_images,
    suffixes=SIGNATURE.suffixes,
    many=True,
    load=read_records,
    check=SIGNATURE.matches,
    position_format="boxes[{}]",
).read


def _read_box(entry: dict[str, Any]) -> Entry:
    box = parse.box_from_size(*parse.numbers_in(entry.get("fbox", entry.get("box")), 4))
    extra = parse.as_dict(entry.get("extra"))
    is_ignored = entry.get("tag") == _IGNORED or extra.get("ignore") in (1, True)
    flags = int(Flag.IGNORE) * is_ignored | int(Flag.OCCLUDED) * (extra.get("occ") in (1, True))
    return Entry(Shape(box=box), flags, parse.number(entry.get("score"), "score is not a number"))
