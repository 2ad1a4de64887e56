"""JSON Lines of detections: the boxes of video frames, one object per line.

A line holds all detections of a frame, ``{"frame": 12, "xyxy": [[x1, y1, x2, y2], …], "ids": […], "classes":
[…], "scores": […]}``, or one, ``{"frame": 12, "xyxy": [x1, y1, x2, y2], "id": 7, "class": "car", "score":
0.9}``. Coordinates are pixels. Only the first two keys are required. ``"image"`` with a file name may replace
``"frame"``, and ``"width"`` and ``"height"`` are the size of the frame.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from heatgrid.io import parse
from heatgrid.io.documents import Document, Documents, Splits
from heatgrid.io.files import UNKNOWN, open_text
from heatgrid.io.parse import MisfitError
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.io.options import ReadOptions, Size
    from heatgrid.io.parse import Box

    Row = tuple[int, Box, object, object, float | None]  # line, box, id, class, score

TITLE = "JSON Lines of detections"
SIGNATURE = Signature(suffixes=(".jsonl", ".ndjson"), json_keys=({"frame", "xyxy"}, {"image", "xyxy"}))

BROKEN = "line without valid detections"
_COLUMNS = (("ids", "id"), ("classes", "class"), ("scores", "score"))


def _load(path: Path, options: ReadOptions) -> list[str]:
    with open_text(path, options) as lines:
        return list(lines)


def _add(document: Document) -> Splits:
    """Add the frames of a file, each with the detections of all of its lines."""
    builder = document.builder
    if not document.options.wants(document.split):
        return
    frames: dict[str, list[Row]] = {}
    sizes: dict[str, Size] = {}
    holders: dict[str, object] = {}
    for number, line in enumerate(document.content, 1):
        if not line.strip():
            continue
        try:
            holder, name, size, rows = _parse(line, number)
        except (ValueError, RecursionError) as error:
            builder.skip_row(BROKEN, str(document.file), f"line {number}: {error}"[:300])
            continue
        frames.setdefault(name, []).extend(rows)
        holders.setdefault(name, holder)
        if parse.is_known(size):
            sizes[name] = size
    for name, rows in frames.items():
        yield document.split
        document.image(name, sizes.get(name, UNKNOWN), holder=holders[name])
        for number, box, track, label, score in rows:
            builder.add_shape(parse.text(label), number, Shape(box=box), key=track, score=score)


def _parse(line: str, number: int) -> tuple[object, str, Size, list[Row]]:
    """Return the object in a line, the frame that a line names, its size, and the line's detections."""
    try:
        holder = json.loads(line)
    except json.JSONDecodeError as error:
        raise MisfitError(f"not JSON: {error.msg}") from None
    if not isinstance(holder, dict) or "xyxy" not in holder or not {"frame", "image"} & set(holder):
        raise MisfitError('expected an object with "frame" or "image", and "xyxy"')
    name = holder["image"] if "image" in holder else holder["frame"]
    if isinstance(name, bool) or not isinstance(name, (int, str)):
        raise MisfitError(f'"frame" must be a whole number, and "image" a name, got {name!r}')
    boxes: Any = holder["xyxy"]
    if not isinstance(boxes, list):
        raise MisfitError('"xyxy" must be four numbers, or a list of them')
    is_single = bool(boxes) and not isinstance(boxes[0], list)
    boxes = [boxes] if is_single else boxes
    columns: list[list[object]] = []
    for several, single in _COLUMNS:
        values = [holder.get(single)] if is_single else holder.get(several)
        values = [None] * len(boxes) if values is None else values
        if not isinstance(values, list) or len(values) != len(boxes):
            raise MisfitError(f'"{several}" must have one value per box')
        columns.append(values)
    tracks, labels, scores = columns
    corners = [_corners(box) for box in boxes]
    checked = [None if score is None else parse.number(score) for score in scores]
    rows = [(number, *row) for row in zip(corners, tracks, labels, checked, strict=True)]
    return holder, str(name), parse.size(holder), rows


def _corners(value: object) -> Box:
    corners = value if isinstance(value, list) else []
    if len(corners) != 4:
        raise MisfitError('"xyxy" must be four numbers, or a list of them')
    x1, y1, x2, y2 = map(parse.number, corners)
    return x1, y1, x2, y2


read = Documents(_add, suffixes=SIGNATURE.suffixes, many=True, load=_load, position_format="line {}").read
