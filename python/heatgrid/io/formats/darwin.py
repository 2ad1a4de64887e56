"""V7 Darwin: one JSON file per image, annotations in pixels.

The format is described at https://docs.v7labs.com/reference/darwin-json. A polygon has several paths, whose
inner ones are holes; the angle of an ellipse is in radians. The first version names the file in ``image``.
The masks of an image are in its raster layer: pairs of a number and a run length along the rows, and the
number of each mask.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.io import parse
from heatgrid.io.curves import ellipse
from heatgrid.io.documents import WHOLE_IMAGE, Document, Documents, Entry, Splits
from heatgrid.io.parse import MisfitError
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import RunLengths, Shape

if TYPE_CHECKING:
    from heatgrid.io.options import Size

    Layers = dict[str, RunLengths | str]
    """Masks by the id of their annotation, or the reason why a layer is not read."""

TITLE = "V7 Darwin JSON"
SIGNATURE = Signature(
    json_keys=(
        {"item.slots", "annotations"},
        {"item.name", "annotations"},
        {"image.filename", "annotations", "dataset"},
        {"annotations[].bounding_box", "annotations[].name"},
        {"annotations[].polygon", "annotations[].name"},
    )
)

VIDEO = "video annotation, not read"
NO_LAYER = "mask without its number in a raster layer"
BAD_LAYER = "raster layer is not pairs of a number and a run length"
NOT_FILLED = "raster layer does not have the image's number of pixels"


def _add_image(document: Document) -> Splits:
    content = document.expect_list("annotations", "an object with item and annotations")
    item, image = parse.as_dict(content.get("item")), parse.as_dict(content.get("image"))
    slots = parse.as_list(item.get("slots"))
    name = parse.text(item.get("name")) or parse.text(image.get("filename"))
    yield document.split
    size = parse.size(slots[0] if slots else image)
    document.image(name or document.file.stem, size)
    annotations = content["annotations"]
    layers: Layers = {}
    for entry in annotations:
        if "raster_layer" in parse.as_dict(entry):
            layers |= _read_layer(parse.as_dict(entry["raster_layer"]), document.builder.size)
    positions = [i for i, entry in enumerate(annotations) if "raster_layer" not in parse.as_dict(entry)]
    document.add_entries(
        [annotations[i] for i in positions],
        lambda entry: parse.text(entry.get("name")),
        lambda entry: _read_annotation(entry, layers),
        positions,
    )


read = Documents(_add_image, check=SIGNATURE.matches, column_major=False).read


def _read_layer(layer: dict[str, Any], size: Size) -> Layers:
    """Return the masks of a raster layer by the id of their annotation."""
    numbered = parse.as_dict(layer.get("mask_annotation_ids_mapping"))
    width, height = map(int, size) if parse.is_known(size) else (0, 0)
    values = layer.get("dense_rle")
    try:
        pairs = np.array(values if isinstance(values, list) else [0], dtype=np.int64).reshape(-1, 2)
    except (OverflowError, TypeError, ValueError):
        return dict.fromkeys(numbered, BAD_LAYER)
    numbers, counts = pairs.T
    if (counts < 0).any() or (counts > width * height).any() or sum(counts.tolist()) != width * height:
        return dict.fromkeys(numbered, NOT_FILLED)
    ends = np.cumsum(counts)
    order = np.argsort(numbers, kind="stable")
    present, first = np.unique(numbers[order], return_index=True)
    own = dict(zip(present.tolist(), np.split(order, first[1:]), strict=True))
    found: Layers = {}
    for key, number in numbered.items():
        index = own.pop(number, None) if isinstance(number, int) else None
        if index is None:
            continue
        edges = np.stack([ends[index] - counts[index], ends[index]], axis=1).reshape(-1)
        runs = np.diff(np.concatenate([[0], edges, [width * height]]))
        found[key] = RunLengths(height, width, runs)
    return found


def _read_mask(entry: dict[str, Any], layers: Layers) -> RunLengths:
    """Remove and return the annotation's mask layer."""
    found = layers.pop(parse.text(entry.get("id")), NO_LAYER)
    if isinstance(found, str):
        raise MisfitError(found)
    return found


def _read_annotation(entry: dict[str, Any], layers: Layers) -> Entry | str:
    if "tag" in entry:
        return WHOLE_IMAGE
    if "frames" in entry:
        raise MisfitError(VIDEO)
    box = entry.get("bounding_box")
    shape = Shape(
        box=None if box is None else _read_box(box),
        polygon=_read_polygon(entry),
        lines=[parse.points(parse.as_dict(entry["line"]).get("path"))] if "line" in entry else (),
        points=_read_points(entry),
        mask=_read_mask(entry, layers) if "mask" in entry else None,
    )
    return Entry(shape)


def _read_box(value: object) -> parse.Box:
    holder = parse.mapping(value, "bounding_box is not an object")
    return parse.box_from_size(*parse.numbers(holder, "x", "y", "w", "h"))


def _read_polygon(entry: dict[str, Any]) -> list[list[parse.Ring]]:
    """Return the rings of a polygon of either version, or those of an ellipse."""
    if "ellipse" in entry:
        holder = parse.mapping(entry["ellipse"], "ellipse is not an object")
        center, radii = parse.point(holder.get("center")), parse.point(holder.get("radius"))
        return [[ellipse(center, radii, math.degrees(parse.number(holder.get("angle") or 0)))]]
    holder = parse.as_dict(entry.get("polygon", entry.get("complex_polygon")))
    path, paths = holder.get("path"), holder.get("paths")
    if path is not None and paths is None:
        paths = path if isinstance(path, list) and path and isinstance(path[0], list) else [path]
        paths = [*paths, *parse.as_list(holder.get("additional_paths"))]
    rings = [parse.points(one) for one in parse.as_list(paths)]
    return [rings] if rings else []


def _read_points(entry: dict[str, Any]) -> parse.Ring:
    if "keypoint" in entry:
        return [parse.point(parse.as_dict(entry["keypoint"]))]
    return [parse.point(node) for node in parse.as_list(parse.as_dict(entry.get("skeleton")).get("nodes"))]
