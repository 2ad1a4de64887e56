"""MPII human poses: sixteen joints of each person in pixels, in JSON or in the original file of MATLAB.

The JSON is that of https://github.com/bearpaw/pytorch-pose, after http://human-pose.mpi-inf.mpg.de: a list
of persons, whose records repeat the other persons of the image. Joints are ``[x, y, visible]``; those at
(0, 0) are absent. In ``mpii_human_pose_v1_u12_1.mat``, ``RELEASE.annolist`` is a list of images with
``annorect``, their persons. Persons without ``annopoints``, as those of the test images, have a rough
position, ``objpos``. Rectangles of heads are parts, and not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io import parse
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.files import UNKNOWN
from heatgrid.io.formats.mpii.mat_files import holds, read_variables
from heatgrid.io.parse import MisfitError
from heatgrid.io.registry import Probe, Signature
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.io.options import ReadOptions

TITLE = "MPII human poses"

PERSON = "person"
NO_JOINTS = "person without joints or position"
HEADS = "rectangle of a head left out: a part is no object"

_MATLAB, _VARIABLE = ".mat", "RELEASE"


def _check_file(probe: Probe) -> bool:
    return probe.suffix != _MATLAB or holds(probe.head, _VARIABLE)


SIGNATURE = Signature(
    json_keys=({"[].joint_self", "[].img_paths"},), other_suffixes=(_MATLAB,), check=_check_file
)


def _load(path: Path, options: ReadOptions) -> Any:
    return read_variables(path, options) if path.suffix.lower() == _MATLAB else parse.read_json(path, options)


def _add(document: Document) -> Splits:
    return _add_release(document) if isinstance(document.content, dict) else _add_persons(document)


def _add_persons(document: Document) -> Splits:
    """Add the images of a list of persons."""
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


def _read_joints(entry: dict[str, Any]) -> Entry:
    ring = parse.points(entry.get("joint_self"))
    return Entry(Shape(points=ring, visible=[x != 0 or y != 0 for x, y in ring]))


def _add_release(document: Document) -> Splits:
    """Add the images of the original file."""
    release = _first(document.content.get(_VARIABLE))
    uses = parse.as_list(release.get("img_train"))
    heads = 0
    for i, place, image in document.each_object(
        parse.as_list(release.get("annolist")), "image", "annolist[{}]", any_split=True
    ):
        split = document.split or (("test", "train")[uses[i] == 1] if i < len(uses) else None)
        if not document.options.wants(split):
            continue
        yield split
        name = parse.text(_first(image.get("image")).get("name")) or place
        document.image(name, UNKNOWN, place, holder=image)
        persons = parse.as_list(image.get("annorect"))
        document.add_entries(persons, lambda _: PERSON, _read_person)
        heads += sum(bool(parse.as_dict(person).get("x1")) for person in persons)
    if heads:
        document.builder.report.note(HEADS, heads, str(document.file))


def _read_person(person: dict[str, Any]) -> Entry:
    joints = parse.as_list(_first(person.get("annopoints")).get("point"))
    places = [parse.as_dict(joint) for joint in joints] or [_first(person.get("objpos"))]
    points = [
        (x, y)
        for place in places
        for x, y in zip(*map(parse.as_list, (place.get("x"), place.get("y"))), strict=False)
    ]
    if not points:
        raise MisfitError(NO_JOINTS)
    return Entry(Shape(points=[parse.point(point) for point in points], visible=[True] * len(points)))


def _first(matrix: object) -> dict[str, Any]:
    """Return the only structure of a matrix; an empty one if there is none."""
    return parse.as_dict(next(iter(parse.as_list(matrix)), None))


read = Documents(
    _add,
    suffixes=SIGNATURE.all_suffixes,
    many=True,
    load=_load,
    check=SIGNATURE.matches,
    position_format="[{}]",
).read
