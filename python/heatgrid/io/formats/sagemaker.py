"""Amazon SageMaker Ground Truth: output manifests, JSON Lines of images with boxes in pixels.

The format is described at https://docs.aws.amazon.com/sagemaker/latest/dg/sms-data-output.html. Boxes are in
an attribute of any name, class names in the attribute of that name with ``-metadata``.
"""

from __future__ import annotations

from typing import Any

from heatgrid.io import parse
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.records import RECORDS, read_records
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

TITLE = "SageMaker Ground Truth manifest"
SIGNATURE = Signature(suffixes=(".manifest", *RECORDS), json_keys=({"*source-ref"},))

_METADATA = "-metadata"
_SCORE, _NAMES = "score of the metadata", "names of the metadata"


def _add_images(document: Document) -> Splits:
    for place, record in document.each_record("image"):
        yield document.split
        name = parse.text(record.get("source-ref")).rsplit("/", 1)[-1]
        found = [key for key in record if isinstance(parse.as_dict(record[key]).get("annotations"), list)]
        sizes = [size for key in found for size in parse.as_list(record[key].get("image_size"))]
        document.image(name or place, parse.size(sizes[0] if sizes else None), place, holder=record)
        for key in found:
            metadata = parse.as_dict(record.get(key + _METADATA))
            names = parse.as_dict(metadata.get("class-map"))
            scores = [parse.as_dict(one).get("confidence") for one in parse.as_list(metadata.get("objects"))]
            entries = [
                entry | {_SCORE: scores[i] if i < len(scores) else None, _NAMES: names}
                if isinstance(entry, dict)
                else entry
                for i, entry in enumerate(record[key]["annotations"])
            ]
            document.add_entries(entries, _read_label, _read_box)


read = Documents(
    _add_images,
    suffixes=SIGNATURE.suffixes,
    many=True,
    load=read_records,
    check=SIGNATURE.matches,
).read


def _read_label(entry: dict[str, Any]) -> str:
    number = parse.text(entry.get("class_id"))
    return parse.text(entry[_NAMES].get(number)) or (f"class_{number}" if number else "")


def _read_box(entry: dict[str, Any]) -> Entry:
    box = parse.box_from_size(*parse.numbers(entry, "left", "top", "width", "height"))
    return Entry(Shape(box=box), score=parse.number(entry[_SCORE], "confidence is not a number"))
