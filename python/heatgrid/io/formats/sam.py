"""Segment Anything (SA-1B): one JSON file per image, masks without classes.

The format is described at https://github.com/facebookresearch/segment-anything#dataset. Masks are compressed
run-length codes as in COCO, with a bounding box each; the predicted quality is the score.
"""

from __future__ import annotations

from typing import Any

from heatgrid.core.class_grids import NO_CLASS
from heatgrid.io import parse
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape, run_lengths

TITLE = "Segment Anything (SA-1B)"
SIGNATURE = Signature(
    json_keys=(
        {"image.file_name", "annotations"},
        {"image.image_id", "annotations"},
        {"annotations[].predicted_iou"},
    )
)


def _add_image(document: Document) -> Splits:
    content = document.expect_list("annotations", "an object with image and annotations")
    image = content.get("image")
    name = parse.text(parse.as_dict(image).get("file_name"))
    yield document.split
    document.image(name or document.file.stem, parse.size(image))
    document.add_entries(content["annotations"], lambda _: NO_CLASS, _read_mask)


read = Documents(_add_image).read


def _read_mask(entry: dict[str, Any]) -> Entry:
    code, box = entry.get("segmentation"), entry.get("bbox")
    shape = Shape(
        box=parse.box_from_size(*parse.numbers_in(box, 4)) if box else None,
        mask=run_lengths(code) if code else None,
    )
    return Entry(shape, score=parse.number(entry.get("predicted_iou")))
