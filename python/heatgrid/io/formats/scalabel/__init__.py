"""Scalabel and BDD100K: JSON lists of frames with labels, or a file a frame; all in pixels.

The format is described at https://doc.scalabel.ai/format.html; the first BDD100K files call labels objects.
Vertices of type C are control points of cubic Bézier curves. Boxes are read as their corners stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.core.ragged import Flag
from heatgrid.errors import FormatError
from heatgrid.io.detect import Signature
from heatgrid.io.documents import Layout, read_documents
from heatgrid.io.entries import Entry, add_entries
from heatgrid.io.formats.scalabel.poly2d import read_poly2d
from heatgrid.io.json_values import (
    MisfitError,
    box_around,
    mapping,
    number,
    numbers,
    objects,
    point,
    size,
    text,
)
from heatgrid.io.masks import run_lengths
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.documents import Document
    from heatgrid.io.options import ReadOptions
    from heatgrid.io.shapes import Box, Ring

TITLE = "Scalabel and BDD100K"
SIGNATURE = Signature(
    suffixes=(".json",),
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
    ),
)

_FLAGS = {
    "crowd": Flag.CROWD,
    "ignored": Flag.IGNORE,
    "truncated": Flag.TRUNCATED,
    "Truncated": Flag.TRUNCATED,
}
_LAYOUT = Layout(many=True, position_format="labels[{}]")


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    return read_documents(path, options, _LAYOUT, _add)


def _add(document: Document) -> Iterator[str | None]:
    content, builder = document.content, document.builder
    whole = content if isinstance(content, dict) else {}
    frames = whole.get("frames", content)
    if not isinstance(frames, list):
        raise FormatError("expected a list of frames", document.file)
    config = whole.get("config")
    common = size(config.get("imageSize")) if isinstance(config, dict) else size(None)
    for i, frame in enumerate(frames if document.options.wants(document.split) else ()):
        place = f"frames[{i}]" if whole else f"[{i}]"
        if not isinstance(frame, dict):
            builder.report.note("frame that is not an object ignored", where=f"{document.file}: {place}")
            continue
        yield document.split
        known = size(frame["size"]) if isinstance(frame.get("size"), dict) else common
        builder.image(_name(frame, whole, document, i), str(document.file), known, place)
        labels = frame.get("labels")
        add_entries(builder, frame.get("objects") if labels is None else labels, _entry)


def _name(frame: dict[str, Any], whole: dict[str, Any], document: Document, i: int) -> str:
    """Return a frame's name; a file of one frame may have it for itself, or be called by it."""
    own = text(frame.get("name")) or text(frame.get("url")) or text(whole.get("name"))
    own = own.rsplit("/", 1)[-1] or (
        document.file.stem if len(whole.get("frames", ())) == 1 else f"frame {i}"
    )
    video = text(frame.get("videoName"))
    return f"{video}/{own}" if video else own


def _entry(entry: dict[str, Any]) -> Entry:
    held = entry.get("attributes")
    attributes = held if isinstance(held, dict) else {}
    category = text(entry.get("category"))
    polygon, lines = read_poly2d(entry.get("poly2d"), open_by_default=category.startswith("lane"))
    shape = Shape(
        box=None if entry.get("box2d") is None else _box(entry["box2d"]),
        polygon=polygon,
        lines=lines,
        points=_nodes(entry.get("graph")),
        mask=run_lengths(entry["rle"]) if entry.get("rle") else None,
    )
    if not shape.kinds and entry.get("box3d") is not None:
        raise MisfitError("box in three dimensions only")
    flags = sum(flag for name, flag in _FLAGS.items() if attributes.get(name) is True)
    score = number(entry.get("score"), "score is not a number")
    return Entry(category, shape, flags=flags, score=score)


def _box(value: object) -> Box:
    x1, y1, x2, y2 = numbers(mapping(value, "box2d is not an object"), "x1", "y1", "x2", "y2")
    return box_around([(x1, y1), (x2, y2)])


def _nodes(graph: object) -> Ring:
    if graph is None:
        return []
    nodes = objects(mapping(graph, "graph is not an object").get("nodes"))
    return [point(mapping(node, "graph's node is not an object").get("location")) for node in nodes]
