"""FiftyOne: exported samples (``samples.json``), and image detections (``labels.json``), normalized.

The formats are described at https://docs.voxel51.com/user_guide/export_datasets.html. Of the label fields of
a sample, ``field`` is read, or else ``ground_truth``, or else the first; a tag that is a split names the
sample's split.
"""

from __future__ import annotations

from typing import Any

from heatgrid.errors import FormatError
from heatgrid.io import parse
from heatgrid.io.documents import WHOLE_IMAGE, Document, Documents, Entry, Splits
from heatgrid.io.options import split_in
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

TITLE = "FiftyOne samples.json and labels.json"
SIGNATURE = Signature(
    json_keys=(
        {"samples[].filepath"},
        {"classes", "labels"},
    ),
    check=lambda probe: "samples" in probe.json_keys or any(map(_is_box, probe.json_keys)),
)

OTHER_FIELD = "field of labels left out, another one is read"

_LISTS = {"Detections": "detections", "Polylines": "polylines", "Keypoints": "keypoints"}
_SINGLE = {"Detection", "Polyline", "Keypoint"}
_GROUND_TRUTH = "ground_truth"


def _is_box(key: str) -> bool:
    return key.startswith("labels.") and key.endswith("[].bounding_box")


def _add_images(document: Document) -> Splits:
    content = parse.as_dict(document.content)
    if isinstance(content.get("samples"), list):
        yield from _add_samples(document, content["samples"])
    elif isinstance(content.get("labels"), dict):
        names = parse.texts(content.get("classes"))
        for key, place, image in document.each_object(
            {key: {"labels": value} for key, value in content["labels"].items()}, "image", "labels.{}"
        ):
            yield document.split
            document.image(key, place=place)
            document.add_entries(image["labels"], lambda entry: _read_label(entry, names), _read_entry)
    else:
        raise FormatError("expected an object with samples, or with classes and labels", document.file)


read = Documents(
    _add_images, many=True, check=SIGNATURE.matches, normalized=True, position_format="[{}]"
).read


def _add_samples(document: Document, samples: list[Any]) -> Splits:
    found = document.options.field is None or not samples
    for _, place, sample in document.each_object(samples, "sample", "samples[{}]", any_split=True):
        found |= document.options.field in sample
        tags = filter(None, map(split_in, parse.texts(sample.get("tags"))))
        split = next(tags, document.split)
        if not document.options.wants(split):
            continue
        yield split
        name = parse.text(sample.get("filepath")).replace("\\", "/").rsplit("/", 1)[-1]
        document.image(name or place, parse.size(sample.get("metadata")), place, holder=sample)
        fields = [
            key for key, value in sample.items() if parse.as_dict(value).get("_cls") in {*_LISTS, *_SINGLE}
        ]
        if (wanted := document.options.field) is not None:
            fields = [key for key in fields if key == wanted]
        fields.sort(key=lambda key: key != _GROUND_TRUTH)
        for _ in fields[1:]:
            document.builder.note(OTHER_FIELD)
        holder = sample[fields[0]] if fields else {}
        kind = holder.get("_cls")
        entries = [holder] if kind in _SINGLE else holder.get(_LISTS.get(str(kind), ""))
        document.add_entries(entries, lambda entry: parse.text(entry.get("label")), _read_entry)
    if not found:
        raise FormatError(f"no sample has a field {document.options.field!r} of labels", document.file)


def _read_label(entry: dict[str, Any], names: list[str]) -> str:
    """Return the class of a detection, which may be its number."""
    label = entry.get("label")
    if isinstance(label, int) and not isinstance(label, bool) and 0 <= label < len(names):
        return names[label]
    return parse.text(label)


def _read_entry(entry: dict[str, Any]) -> Entry | str:
    score = parse.number(entry.get("confidence"), "score is not a number")
    if "bounding_box" in entry:
        return Entry(Shape(box=parse.box_from_size(*parse.numbers_in(entry["bounding_box"], 4))), score=score)
    if entry.get("_cls") == "Polyline":
        paths = [parse.points(path) for path in parse.as_list(entry.get("points"))]
        is_area = entry.get("filled") or entry.get("closed")
        return Entry(Shape(polygon=[[path] for path in paths]) if is_area else Shape(lines=paths))
    if entry.get("_cls") == "Keypoint":
        return Entry(Shape(points=parse.points(entry.get("points"))))
    return WHOLE_IMAGE
