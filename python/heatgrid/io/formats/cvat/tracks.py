"""CVAT's videos: tracks, each with a shape a frame, turned into frames, each with its shapes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from heatgrid.io.files import UNKNOWN
from heatgrid.io.json_values import size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from heatgrid.io.documents import Document
    from heatgrid.io.options import Size

_NO_SHAPES = {"track", "attribute"}


@dataclass(frozen=True, slots=True)
class Row:
    """A shape, its label and its track's id."""

    element: Element
    label: str
    key: str | None


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame of a video: its number, where it belongs, and the shapes in it."""

    number: str
    name: str
    subset: str | None
    size: Size
    rows: list[Row] = field(default_factory=list)


def frames_of(root: Element, document: Document) -> list[Frame]:
    """Return the frames in which a track has a shape, in their order; those of each task together.

    Raises
    ------
    FormatError
        With ``on_error="raise"``, where a shape belongs to no frame.
    """
    sizes = _sizes(root)
    frames: dict[tuple[str, int], Frame] = {}
    for i, track in enumerate(root.findall("track")):
        task = track.get("task_id") or ""
        for element in _elements(track):
            number = element.get("frame", "")
            if not (number.isascii() and number.isdigit() and len(number) < 19):
                reason, key = "shape without the number of its frame", track.get("id")
                document.builder.skip_row(
                    reason, str(document.file), f"track[{i}]", key, label=track.get("label")
                )
                continue
            key = (task, int(number))
            if key not in frames:
                name = f"frame_{int(number):06}"
                known = sizes.get(task) or next(iter(sizes.values()), UNKNOWN)
                frames[key] = Frame(
                    number, f"{task}/{name}" if len(sizes) > 1 else name, track.get("subset"), known
                )
            frames[key].rows.append(Row(element, track.get("label") or "", track.get("id")))
    order = {subset: i for i, subset in enumerate(dict.fromkeys(frame.subset for frame in frames.values()))}
    return [frame for _, frame in sorted(frames.items(), key=lambda item: (order[item[1].subset], item[0]))]


def _sizes(root: Element) -> dict[str, Size]:
    """Return the frame sizes by the id of the task or job that they belong to."""
    meta = root.find("meta")
    found: dict[str, Size] = {}
    for holder in meta.iter() if meta is not None else ():
        original = holder.find("original_size")
        if original is not None:
            found[holder.findtext("id") or ""] = size({child.tag: child.text for child in original})
    return found


def _elements(track: Element) -> Iterator[Element]:
    """Yield a track's shapes; tracks inside it are the points of a skeleton, united frame by frame."""
    yield from (child for child in track if child.tag not in _NO_SHAPES)
    skeletons: dict[str, Element] = {}
    for inner in (child for child in track.iter("track") if child is not track):
        for child in inner:
            if child.tag not in _NO_SHAPES:
                number = child.get("frame", "")
                skeletons.setdefault(number, Element("skeleton", {"frame": number})).append(child)
    yield from skeletons.values()
