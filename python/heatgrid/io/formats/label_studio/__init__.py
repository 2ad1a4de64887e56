"""Label Studio: JSON lists of tasks, regions in percent of the image's width and height.

The format is described at https://labelstud.io/guide/export. A region may consist of several results with one
id; a box is rotated about its top left corner, in pixels; a brush mask is packed run lengths. All regions are
read of a task that several people annotated; predictions are not read. A region of a video is a box at each
frame, named by the video and its number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from heatgrid.core.class_grids import NO_CLASS
from heatgrid.errors import FormatError
from heatgrid.io import parse
from heatgrid.io.curves import ellipse, rotated_box
from heatgrid.io.documents import WHOLE_IMAGE, Document, Documents, Entry, Splits
from heatgrid.io.files import UNKNOWN
from heatgrid.io.formats.label_studio.brush import decode_brush
from heatgrid.io.formats.label_studio.names import Target, find_name
from heatgrid.io.formats.label_studio.plain import FRAME, read_plain
from heatgrid.io.formats.label_studio.video import frames_of
from heatgrid.io.parse import MisfitError, Ring
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.io.columns import ImageColumns
    from heatgrid.io.options import ReadOptions, Size

TITLE = "Label Studio JSON and JSON-MIN"
SIGNATURE = Signature(
    json_keys=(
        {"[].annotations[].result"},
        {"[].completions[].result"},
        {"[].predictions[].result"},
        {"[].data", "[].annotations"},
        {"[].annotator", "[].annotation_id"},
        {"annotations[].result", "data"},
        {"result", "task.data"},
    )
)

CANCELLED = "cancelled annotation ignored"
PREDICTIONS = "predictions ignored"
ROTATED_IMAGE = "image was rotated while it was labeled, coordinates used as they are"
NO_IMAGE = "task without an image ignored"
NOT_SIZED = "rotated shape without image size"

_GEOMETRY_KEYS = {"x", "points", "rle", "sequence", "vertices"}
_KEYS_WITHOUT_REGIONS = {"data", "id", "annotator", "annotation_id", "predictions", "meta", "drafts"}
_NOMINAL_SIZE = (1000.0, 1000.0)
"""Replaces an unknown image size if only the number of vertices of a curve depends on it."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """A list of tasks in parts: plain ones as columns, others as they are by their number in the list."""

    parts: list[ImageColumns | dict[int, Any]]


def _load(path: Path, options: ReadOptions) -> Any:
    """Return a file's content; a list of tasks in parts, unless attributes are asked for."""
    if options.attributes:
        return parse.read_json(path, options)

    def take(begin: int, tasks: list[Any]) -> ImageColumns | dict[int, Any]:
        return read_plain(tasks, begin, options) or dict(enumerate(tasks, begin))

    content = parse.read_json_list(path, options, take)
    return _Parts(content) if isinstance(content, list) else content


def _add_document(document: Document) -> Splits:
    content = document.content
    if isinstance(content, dict) and ("data" in content or "task" in content):
        content = [content]
    if isinstance(content, list):
        content = _Parts([dict(enumerate(content))])
    if not isinstance(content, _Parts):
        raise FormatError("expected a list of tasks", document.file)
    for part in content.parts:
        if isinstance(part, dict):
            yield from _add_tasks(document, part)
        elif document.options.wants(document.split):
            yield from document.add_images(part, document.split)


def _add_tasks(document: Document, tasks: dict[int, Any]) -> Splits:
    """Add tasks by their numbers in the file."""
    for i, place, task in document.each_object(tasks, "task"):
        images = _find_images(task, i, document.options)
        if not images:
            document.builder.report.note(NO_IMAGE, where=f"{document.file}: {place}")
        for image in images:
            yield document.split
            _add_image(document, image, place + image.place)


DOCUMENTS = Documents(
    _add_document,
    many=True,
    load=_load,
    position_format="result[{}]",
    normalized=True,
    column_major=False,
)
read = DOCUMENTS.read


@dataclass(slots=True)
class _TaskImage:
    """An image of a task: its regions, one result each, and their positions in the annotation."""

    name: str
    place: str
    results: list[Any] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)


def _add_image(document: Document, image: _TaskImage, place: str) -> None:
    """Add an image with the regions of all its annotations."""
    sized = (result for result in image.results if isinstance(result, dict) and result.get("original_width"))
    own = next(map(_read_size, sized), UNKNOWN)
    document.image(image.name, own, place, holder=image.data)
    for note in image.notes:
        document.builder.note(note)
    if any(parse.as_dict(result).get("image_rotation") for result in image.results):
        document.builder.note(ROTATED_IMAGE)

    def read_entry(result: dict[str, Any]) -> Entry | str:
        return _read_region(result, document)

    document.add_entries(image.results, _read_labels, read_entry, image.positions)


def _find_images(task: dict[str, Any], index: int, options: ReadOptions) -> list[_TaskImage]:
    """Return the images of a task: one, several if a control is repeated, none in tasks about text.

    Frames of a video are images, those without regions left out.
    """
    annotations = [(i, found) for i, found in enumerate(_find_annotations(task)) if isinstance(found, dict)]
    finished = [(i, found) for i, found in annotations if not found.get("was_cancelled")]
    place = f".annotations[{finished[0][0]}]" if len(finished) == 1 else ""
    for _, found in finished:
        _name_annotator(found)
    joined = [pair for _, found in finished for pair in _join_results(parse.as_list(found.get("result")))]
    results = _split_frames(joined, options.limits.vertices)
    targets = dict.fromkeys(_find_target(result) for _, result in results if _is_region(result))
    if not targets:
        if not find_name(task, ("", 0, -1)):
            return []
        targets = {("", 0, -1): None}
    unnamed = f"task {parse.text(task.get('id')) or index}"
    data = parse.as_dict(task.get("data"))
    names = {target: find_name(task, target) or unnamed for target in targets}
    images = {target: _TaskImage(name, place, data=data) for target, name in names.items()}
    first = next(iter(images.values()))
    for position, result in results:
        # Results without a region, such as choices, are about the task; they go to its first image.
        image = images[_find_target(result)] if _is_region(result) else first
        image.results.append(result)
        image.positions.append(position)
    if len(finished) > 1:
        first.notes.append("image with several annotations, all read")
    if not annotations and task.get("predictions"):
        first.notes.append(PREDICTIONS)
    first.notes += [CANCELLED] * (len(annotations) - len(finished))
    return list(images.values())


def _name_annotator(annotation: dict[str, Any]) -> None:
    """Write the annotator of an annotation, an id or an email, into its results."""
    annotator = annotation.get("completed_by")
    if isinstance(annotator, dict):
        annotator = annotator.get("email", annotator.get("id"))
    for result in parse.as_list(annotation.get("result")) if annotator is not None else ():
        if isinstance(result, dict):
            result.setdefault("completed_by", annotator)


def _find_annotations(task: dict[str, Any]) -> list[Any]:
    """Return the annotations of a task; in the form with one annotation and in JSON-MIN, there is one."""
    for key in ("annotations", "completions"):
        if isinstance(task.get(key), list):
            return parse.as_list(task[key])
    if isinstance(task.get("result"), list):
        return [task]
    lists = [parse.as_list(value) for key, value in task.items() if key not in _KEYS_WITHOUT_REGIONS]
    regions = [region for listed in lists for region in listed if isinstance(region, dict)]
    return [{"result": [region | {"value": region} for region in regions]}]


def _join_results(results: list[Any]) -> list[tuple[int, Any]]:
    """Return results with their positions; the values of results with one id are joined."""
    regions: dict[str | int, tuple[int, Any]] = {}
    for position, result in enumerate(results):
        has_value = isinstance(result, dict) and isinstance(result.get("value"), dict)
        key: str | int = (parse.text(result.get("id")) if has_value else "") or position
        if key in regions:
            first, region = regions[key]
            regions[key] = first, region | {"value": _join_values(region["value"], result["value"])}
        else:
            regions[key] = position, result
    return list(regions.values())


def _split_frames(results: list[tuple[int, Any]], most: int) -> list[tuple[int, Any]]:
    """Return results with their positions; one of a video becomes one per frame, at most ``most`` in all."""
    found: list[tuple[int, Any]] = []
    for position, result in results:
        value = parse.as_dict(parse.as_dict(result).get("value"))
        if "sequence" not in value:
            found.append((position, result))
            continue
        labels = {key: names for key, names in value.items() if key.endswith("labels")}
        try:
            frames = frames_of(value, most)
        except MisfitError as misfit:
            found.append((position, result | {"value": labels | {"sequence": str(misfit)}}))
            continue
        most -= len(frames)
        found += [(position, result | {"value": labels | box, FRAME: frame}) for frame, box in frames]
    return found


def _join_values(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    labels = [key for key in first if key in second and key.endswith("labels")]
    return first | second | {key: parse.as_list(first[key]) + parse.as_list(second[key]) for key in labels}


def _is_region(result: object) -> bool:
    return not _GEOMETRY_KEYS.isdisjoint(parse.as_dict(parse.as_dict(result).get("value")))


def _find_target(result: dict[str, Any]) -> Target:
    index = result.get("item_index")
    frame = result.get(FRAME, -1)
    return parse.text(result.get("to_name")), index if isinstance(index, int) else 0, frame


def _read_labels(result: dict[str, Any]) -> list[str]:
    """Return the labels of all lists of labels."""
    value = parse.as_dict(result.get("value"))
    names = [name for key in value if key.endswith("labels") for name in parse.texts(value[key])]
    return list(dict.fromkeys(names)) or [NO_CLASS]


def _read_region(result: dict[str, Any], document: Document) -> Entry | str:
    """Return a region, or a note if the result is none."""
    if "value" not in result:
        return WHOLE_IMAGE  # a relation
    value = parse.mapping(result["value"], "value is not an object")
    sides = _read_size(result)
    if not parse.is_known(sides) and ("rle" in value or value.get("rotation")):
        sides = document.builder.size
    shape = _read_shape(value, sides, document.options)
    if shape is None:
        return WHOLE_IMAGE
    return Entry(shape, score=parse.number(result.get("score"), "score is not a number"))


def _read_size(result: dict[str, Any]) -> Size:
    return parse.size(result, "original_width", "original_height")


def _read_shape(value: dict[str, Any], sides: Size, options: ReadOptions) -> Shape | None:
    if "sequence" in value:
        raise MisfitError(value["sequence"])
    if "vertices" in value:
        raise MisfitError("unsupported shape: vectorlabels")
    if "rle" in value:
        return Shape(mask=decode_brush(value["rle"], sides, options.limits.vertices))
    if "points" in value:
        ring = [(x / 100, y / 100) for x, y in parse.points(value["points"])]
        return Shape(lines=[ring]) if value.get("closed") is False else Shape(polygon=[[ring]])
    if "x" not in value or "y" not in value:
        return None
    if "radiusX" in value:
        return _read_ellipse(value, sides)
    if "width" in value and "height" in value:
        return _read_rectangle(value, sides)
    x, y = parse.numbers(value, "x", "y")
    return Shape(points=[(x / 100, y / 100)])


def _read_rectangle(value: dict[str, Any], sides: Size) -> Shape:
    x, y, width, height = parse.numbers(value, "x", "y", "width", "height")
    rotation = parse.number(value.get("rotation") or 0)
    x1, y1, x2, y2 = parse.box_from_size(x, y, width, height)
    if not rotation:
        return Shape(box=(x1 / 100, y1 / 100, x2 / 100, y2 / 100))
    if not parse.is_known(sides):
        raise MisfitError(NOT_SIZED)
    w, h = sides
    box = (x1 * w / 100, y1 * h / 100, x2 * w / 100, y2 * h / 100)
    return Shape(polygon=[[_normalize(rotated_box(box, rotation, box[:2]), sides)]])


def _read_ellipse(value: dict[str, Any], sides: Size) -> Shape:
    x, y, rx, ry = parse.numbers(value, "x", "y", "radiusX", "radiusY")
    rotation = parse.number(value.get("rotation") or 0)
    if rotation and not parse.is_known(sides):
        raise MisfitError(NOT_SIZED)
    w, h = pixels = sides if parse.is_known(sides) else _NOMINAL_SIZE
    ring = ellipse((x * w / 100, y * h / 100), (rx * w / 100, ry * h / 100), rotation)
    return Shape(polygon=[[_normalize(ring, pixels)]])


def _normalize(ring: Ring, sides: Size) -> Ring:
    return [(x / sides[0], y / sides[1]) for x, y in ring]
