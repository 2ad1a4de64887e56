"""Label Studio's tasks: the images of each, and the results that belong to one region put together."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from heatgrid.io.files import IMAGE_SUFFIXES
from heatgrid.io.json_values import objects, text

_USUAL = ("image", "img", "image_url", "url", "ocr", "photo", "picture")
_GEOMETRY = {"x", "points", "rle", "sequence", "vertices"}
_NO_REGIONS = {"data", "id", "annotator", "annotation_id", "predictions", "meta", "drafts"}

SEVERAL = "image annotated more than once, all of it read"
CANCELLED = "annotation that was cancelled, left out"
PREDICTIONS = "image with predictions only, which are left out"


@dataclass(slots=True)
class Picture:
    """An image of a task.

    Attributes
    ----------
    name
        Its name.
    place
        Where in the task its results are.
    results
        Its regions, each as one result.
    positions
        The places of the results in their annotation.
    notes
        What there is to say about the image.
    """

    name: str
    place: str
    results: list[Any] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def pictures_of(task: dict[str, Any], number: int) -> list[Picture]:
    """Return a task's images: most have one, those that repeat a control several, those about text none."""
    annotations = [(i, held) for i, held in enumerate(_annotations(task)) if isinstance(held, dict)]
    finished = [(i, held) for i, held in annotations if not held.get("was_cancelled")]
    place = f".annotations[{finished[0][0]}]" if len(finished) == 1 else ""
    results = [entry for _, held in finished for entry in _united(objects(held.get("result")))]
    targets = dict.fromkeys(_target(result) for _, result in results if _is_region(result))
    unnamed = f"task {text(task.get('id')) or number}"
    pictures = {target: Picture(_name(task, target) or unnamed, place) for target in targets}
    if not targets:
        if not (name := _name(task, ("", 0))):
            return []
        pictures = {("", 0): Picture(name, place)}
    found = list(pictures.values())
    for position, result in results:
        # What is no region, such as a choice, is about the task: its first image stands for that.
        picture = pictures[_target(result)] if _is_region(result) else found[0]
        picture.results.append(result)
        picture.positions.append(position)
    if len(finished) > 1:
        found[0].notes.append(SEVERAL)
    if not annotations and task.get("predictions"):
        found[0].notes.append(PREDICTIONS)
    found[0].notes += [CANCELLED] * (len(annotations) - len(finished))
    return found


def _annotations(task: dict[str, Any]) -> list[Any]:
    """Return a task's annotations: under either name, the task itself, or the lists of its short form."""
    for key in ("annotations", "completions"):
        if isinstance(task.get(key), list):
            return objects(task[key])
    if isinstance(task.get("result"), list):
        return [task]
    values = [
        value
        for key, held in task.items()
        if key not in _NO_REGIONS
        for value in objects(held)
        if isinstance(value, dict)
    ]
    return [{"result": [value | {"value": value} for value in values]}]


def _united(results: list[Any]) -> list[tuple[int, Any]]:
    """Return results with their places, those of one id as one: geometry, label and text may come apart."""
    regions: dict[str | int, tuple[int, Any]] = {}
    for position, result in enumerate(results):
        has_value = isinstance(result, dict) and isinstance(result.get("value"), dict)
        key: str | int = (text(result.get("id")) if has_value else "") or position
        if key in regions:
            first, region = regions[key]
            regions[key] = first, region | {"value": region["value"] | result["value"]}
        else:
            regions[key] = position, result
    return list(regions.values())


def _is_region(result: object) -> bool:
    value = result.get("value") if isinstance(result, dict) else None
    return isinstance(value, dict) and not _GEOMETRY.isdisjoint(value)


def _target(result: dict[str, Any]) -> tuple[str, int]:
    """Return which of a task's images a region is in."""
    index = result.get("item_index")
    return text(result.get("to_name")), index if isinstance(index, int) else 0


def _name(task: dict[str, Any], target: tuple[str, int]) -> str:
    """Return the last part of the path or address of the image that a task's data name, if they do."""
    held = task.get("data")
    if held is None and isinstance(task.get("task"), dict):
        held = task["task"].get("data")
    data = held if isinstance(held, dict) else {key: value for key, value in task.items() if key != "id"}
    usual = [data.get(key) for key in (target[0], *_USUAL)]
    for i, value in enumerate([*usual, *data.values()]):
        address = value[target[1]] if isinstance(value, list) and 0 <= target[1] < len(value) else value
        address = address.get("url") if isinstance(address, dict) else address
        name = _last_part(address) if isinstance(address, str) else ""
        if name and (i < len(usual) or name.lower().endswith(IMAGE_SUFFIXES)):
            return name
    return ""


def _last_part(address: str) -> str:
    path, _, query = address.partition("?")
    inner = next((part[2:] for part in query.split("&") if part.startswith("d=")), "")
    return PurePosixPath(unquote(inner or path).replace("\\", "/")).name
