"""Detections of a whole video from a file, frame by frame.

Any format that heatgrid reads will do where its images are frames, such as MOT's rows and COCO's results; and
JSON Lines, one object a line: ``{"frame": 12, "xyxy": [[x1, y1, x2, y2], …], "ids": [...], "classes": [...],
"scores": [...]}`` for all detections of a frame, or ``{"frame": 12, "xyxy": [x1, y1, x2, y2], "id": 7,
"class": "car", "score": 0.9}`` for one; all but the first two are optional, and ``"image"`` with the name of
a file may stand in the place of ``"frame"``.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.report import Report
from heatgrid.errors import FormatError
from heatgrid.live.detections import Detections, as_detections, from_annotations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from heatgrid.live.frames import Frame

JSON_LINES = (".jsonl", ".ndjson")

_NUMBER = re.compile(r"(\d+)(?!.*\d)")
_ONE = {"id": "ids", "class": "classes", "score": "scores"}


class DetectionFile:
    """What a file says of each frame.

    Parameters
    ----------
    path
        The file or folder.
    size
        Width and height of the frames in pixels.
    first
        The number that the file gives to the first frame; None: 0 where that number occurs, else 1.
    format
        As `heatgrid.read` takes it; None: by content, JSON Lines by their suffix.
    min_score
        Detections of less confidence are left out; those without any stay.
    on_error
        ``"skip"`` or ``"raise"``, as in `heatgrid.read`.

    Attributes
    ----------
    count
        How many frames the file speaks of, from the first one to the last.
    report
        What was left out, and why.

    Raises
    ------
    FormatError
        The file cannot be read, or its images are no frames: they have neither numbers nor names.
    """

    def __init__(
        self,
        path: str,
        size: tuple[int, int],
        *,
        first: int | None = None,
        format: str | None = None,  # noqa: A002
        min_score: float | None = None,
        on_error: str = "skip",
    ) -> None:
        self.report = Report()
        self._by_name: dict[str, Detections] = {}
        self._by_number: dict[int, Detections] = {}
        is_lines = format == "jsonl" or (format is None and path.lower().endswith(JSON_LINES))
        frames = self._read_lines(path, on_error) if is_lines else self._read(path, size, format, on_error)
        for name, found in frames:
            kept = found if min_score is None or found.scores is None else _confident(found, min_score)
            self._by_name[Path(name).stem] = kept
            number = _NUMBER.search(name)
            if number:
                self._by_number[int(number[1])] = kept
        if not self._by_name:
            raise FormatError("there are no frames in it", path)
        self._first = (0 if 0 in self._by_number else 1) if first is None else first
        self.count = max(self._by_number, default=self._first - 1) - self._first + 1

    def of(self, frame: Frame, index: int) -> Detections | None:
        """Return the detections of the frame of an index, from 0: by its image's name, else by its number."""
        if frame.name:
            named = self._by_name.get(Path(frame.name).stem)
            if named is not None:
                return named
        return self._by_number.get(self._first + index)

    def _read(
        self,
        path: str,
        size: tuple[int, int],
        format: str | None,  # noqa: A002
        on_error: str,
    ) -> Iterator[tuple[str, Detections]]:
        from heatgrid.datasets import read

        for batch in read(path, format=format, size=size, on_error=on_error):
            self.report += batch.report
            if batch.normalized and batch.boxes is not None:
                raise FormatError("boxes must be in pixels of the frames", path)
            order = np.argsort(batch.image, kind="stable")
            ends = np.searchsorted(batch.image[order], np.arange(len(batch.image_names) + 1))
            found = from_annotations(batch) if len(batch) else None
            for i, name in enumerate(batch.image_names):
                which = order[ends[i] : ends[i + 1]]
                if found is not None:
                    yield name, found.take(which)
                else:
                    yield name, as_detections(None)

    def _read_lines(self, path: str, on_error: str) -> Iterator[tuple[str, Detections]]:
        frames: defaultdict[str, list[Detections]] = defaultdict(list)
        with Path(path).open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    name, found = _parse(line)
                except (ValueError, TypeError, RecursionError) as error:
                    if on_error == "raise":
                        raise FormatError(str(error), path, f"line {number}") from error
                    self.report.skip("line that is no detection", f"{path}: line {number}: {error}"[:300])
                    continue
                frames[name].append(found)
        self.report.files += 1
        for name, parts in frames.items():
            yield name, _together(parts)


def _parse(line: bytes) -> tuple[str, Detections]:
    """Return the frame that a line speaks of, and the line's detections."""
    document = json.loads(line)
    if not isinstance(document, dict) or "xyxy" not in document or not {"frame", "image"} & set(document):
        raise ValueError('expected an object with "frame" or "image", and "xyxy"')
    name = document["image"] if "image" in document else document["frame"]
    if isinstance(name, bool) or not isinstance(name, (int, str)):
        raise TypeError(f'"frame" must be a whole number, and "image" a name, got {name!r}')
    columns = {key: document[key] for key in ("xyxy", "ids", "classes", "scores") if key in document}
    if np.ndim(document["xyxy"]) == 1 and len(document["xyxy"]):
        columns = {_ONE.get(key, key): [document[key]] for key in ("xyxy", *_ONE) if key in document}
    return str(name), as_detections(columns)


def _together(parts: list[Detections]) -> Detections:
    """Join detections of one frame; a column that some lack is filled."""
    if len(parts) == 1:
        return parts[0]
    columns: Mapping[str, Any] = {
        "ids": [track for part in parts for track in part.ids or [None] * len(part)],
        "classes": [key for part in parts for key in part.keys],
        "scores": np.concatenate(
            [np.full(len(part), np.nan) if part.scores is None else part.scores for part in parts]
        ),
    }
    given = {name: column for name, column in columns.items() if any(_is_there(part, name) for part in parts)}
    return Detections(xyxy=np.concatenate([part.xyxy for part in parts]), **given)


def _is_there(part: Detections, name: str) -> bool:
    return getattr(part, name) is not None


def _confident(found: Detections, min_score: float) -> Detections:
    assert found.scores is not None  # noqa: S101 - asked by the caller
    return found.select(~(found.scores < min_score))
