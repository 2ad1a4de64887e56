"""MPII human poses in JSON: a list of persons, each with sixteen joints in pixels.

The format is that of https://github.com/bearpaw/pytorch-pose, after http://human-pose.mpi-inf.mpg.de. Joints
are ``[x, y, visible]``; those at (0, 0) are absent. A person's record repeats the other persons of the image.
"""

from __future__ import annotations

from typing import Any

from heatgrid.errors import FormatError
from heatgrid.io import parse
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

TITLE = "MPII human poses (JSON)"
SIGNATURE = Signature(json_keys=({"[].joint_self", "[].img_paths"},))

PERSON = "person"


def _add_images(document: Document) -> Splits:
    if not isinstance(document.content, list):
        raise FormatError("expected a list of persons", document.file)
    images: dict[str, tuple[str, list[tuple[int, dict[str, Any]]]]] = {}
    for i, place, person in document.each_object(document.content, "person", any_split=True):
        name = parse.text(person.get("img_paths")) or f"image {i}"
        images.setdefault(name, (place, []))[1].append((i, person))
    for name, (_, persons) in images.items():
        first = persons[0][1]
        split = document.split or ("val" if first.get("isValidation") in (1, True) else "train")
        if not document.options.wants(split):
            continue
        yield split
        document.image(name, parse.size(first, "img_width", "img_height"), holder=first)
        positions = [i for i, _ in persons]
        document.add_entries([person for _, person in persons], lambda _: PERSON, _read_joints, positions)


read = Documents(_add_images, many=True, check=SIGNATURE.matches, position_format="[{}]").read


def _read_joints(entry: dict[str, Any]) -> Entry:
    ring = parse.points(entry.get("joint_self"))
    return Entry(Shape(points=ring, visible=[x != 0 or y != 0 for x, y in ring]))
