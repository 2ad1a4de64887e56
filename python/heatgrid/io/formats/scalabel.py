"""Scalabel and BDD100K: JSON lists of frames with labels, or one file per frame, in pixels.

The format is described at https://doc.scalabel.ai/format.html; the first BDD100K files call labels objects.
Vertices of type C are control points of cubic Bézier curves. The corners of a box may be in any order.
"""

from __future__ import annotations

from typing import Any

from heatgrid.core.ragged import Flag
from heatgrid.errors import FormatError
from heatgrid.io import parse
from heatgrid.io.curves import bezier
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.parse import NOT_POINTS, Box, MisfitError, Ring
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape, run_lengths

TITLE = "Scalabel and BDD100K"
SIGNATURE = Signature(
    json_keys=(
        {"[].name", "[].labels"},
        {"[].url", "[].labels"},
        {"[].labels[].category"},
        {"[].url", "[].videoName"},
        {"frames[].labels"},
        {"frames[].objects"},
        {"frames[].url"},
        {"frames", "groups"},
        {"frames", "frameGroups"},
        {"frames", "config"},
    )
)

_FLAGS = {
    "crowd": Flag.CROWD,
    "ignored": Flag.IGNORE,
    "truncated": Flag.TRUNCATED,
    "Truncated": Flag.TRUNCATED,
    "occluded": Flag.OCCLUDED,
    "Occluded": Flag.OCCLUDED,
}


def _add_frames(document: Document) -> Splits:
    whole = parse.as_dict(document.content)
    frames = whole.get("frames", document.content)
    if not isinstance(frames, list):
        raise FormatError("expected a list of frames", document.file)
    common = parse.size(parse.as_dict(whole.get("config")).get("imageSize"))
    for i, place, frame in document.each_object(frames, "frame", "frames[{}]" if whole else "[{}]"):
        yield document.split
        known = parse.size(frame["size"]) if isinstance(frame.get("size"), dict) else common
        document.image(_name_frame(frame, whole, document, i), known, place, holder=frame)
        labels = frame.get("labels")
        entries = frame.get("objects") if labels is None else labels
        document.add_entries(entries, lambda entry: parse.text(entry.get("category")), _read_object)


read = Documents(_add_frames, many=True, position_format="labels[{}]").read


def _name_frame(frame: dict[str, Any], whole: dict[str, Any], document: Document, i: int) -> str:
    """Return the name of a frame; a file of one frame may name it at the top, or by its own name."""
    name = parse.text(frame.get("name")) or parse.text(frame.get("url")) or parse.text(whole.get("name"))
    alone = len(whole.get("frames", ())) == 1
    name = name.rsplit("/", 1)[-1] or (document.file.stem if alone else f"frame {i}")
    video = parse.text(frame.get("videoName"))
    return f"{video}/{name}" if video else name


def _read_object(entry: dict[str, Any]) -> Entry:
    is_lane = parse.text(entry.get("category")).startswith("lane")
    polygon, lines = _read_poly2d(entry.get("poly2d"), closed_by_default=not is_lane)
    shape = Shape(
        box=None if entry.get("box2d") is None else _read_box(entry["box2d"]),
        polygon=polygon,
        lines=lines,
        points=_read_graph(entry.get("graph")),
        mask=run_lengths(entry["rle"]) if entry.get("rle") else None,
    )
    if not shape.kinds and entry.get("box3d") is not None:
        raise MisfitError("3D box without a 2D shape")
    attributes = parse.as_dict(entry.get("attributes"))
    flags = sum(flag for name, flag in _FLAGS.items() if attributes.get(name) is True)
    return Entry(shape, flags, parse.number(entry.get("score"), "score is not a number"))


def _read_box(value: object) -> Box:
    x1, y1, x2, y2 = parse.numbers(parse.mapping(value, "box2d is not an object"), "x1", "y1", "x2", "y2")
    return parse.box_around([(x1, y1), (x2, y2)])


def _read_graph(graph: object) -> Ring:
    if graph is None:
        return []
    nodes = parse.as_list(parse.mapping(graph, "graph is not an object").get("nodes"))
    return [parse.point(parse.mapping(node, "graph node is not an object").get("location")) for node in nodes]


def _read_poly2d(value: object, *, closed_by_default: bool) -> tuple[list[list[Ring]], list[Ring]]:
    """Return the parts of a polygon, one per closed outline, and the lines, one per open outline."""
    if value is None:
        return [], []
    if not isinstance(value, list):
        raise MisfitError(NOT_POINTS)
    if value and isinstance(value[0], list):  # the first BDD100K files: one outline of [x, y, type]
        kinds = ["C" if isinstance(vertex, list) and vertex[2:] == ["C"] else "L" for vertex in value]
        value = [{"vertices": value, "types": "".join(kinds)}]
    polygon: list[list[Ring]] = []
    lines: list[Ring] = []
    for outline in value:
        holder = parse.mapping(outline, "poly2d is not an object")
        ring, types = parse.points(holder.get("vertices")), holder.get("types")
        closed = holder.get("closed")
        is_closed = closed_by_default if closed is None else bool(closed)
        if isinstance(types, str) and "C" in types:
            ring = _flatten(ring, types, is_closed=is_closed)
        if is_closed:
            polygon.append([ring])
        else:
            lines.append(ring)
    return polygon, lines


def _flatten(ring: Ring, types: str, *, is_closed: bool) -> Ring:
    """Replace the two control points of each cubic Bézier curve by points on the curve."""
    if len(types) != len(ring) or types[0] == "C":
        raise MisfitError("vertex types do not match the vertices")
    path = [*ring, ring[0]] if is_closed else ring
    flat = [path[0]]
    i = 1
    while i < len(path):
        if i < len(ring) and types[i] == "C":
            if i + 2 >= len(path):
                raise MisfitError("curve without two control points and an end")
            flat += bezier(path[i - 1], *path[i : i + 3])
            i += 3
        else:
            flat.append(path[i])
            i += 1
    return flat[:-1] if is_closed else flat
