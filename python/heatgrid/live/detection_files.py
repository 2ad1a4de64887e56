"""Detections of a whole video from a file, frame by frame.

The file has any format that heatgrid reads and whose images are frames, such as MOT rows and COCO results, or
JSON Lines with one object per line: ``{"frame": 12, "xyxy": [[x1, y1, x2, y2], …], "ids": [...], "classes":
[...], "scores": [...]}`` for all detections of a frame, or ``{"frame": 12, "xyxy": [x1, y1, x2, y2], "id": 7,
"class": "car", "score": 0.9}`` for one. Only the first two keys are required, and ``"image"`` with a file
name may replace ``"frame"``.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from heatgrid.core.report import Report
from heatgrid.errors import FormatError
from heatgrid.live.detections import Detections, as_detections, from_annotations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from heatgrid.core.arguments import OnError
    from heatgrid.io.registry import FormatName
    from heatgrid.live.frames import Frame

JSON_LINES = (".jsonl", ".ndjson")

_LAST_NUMBER = re.compile(r"(\d+)(?!.*\d)")
_SINGULAR = {"id": "ids", "class": "classes", "score": "scores"}


class DetectionFile:
    """Detections per frame of one file or folder.

    Parameters
    ----------
    path, size
        The file or folder; width and height of the frames in pixels.
    first
        Number of the first frame in the file; None: 0 if that number occurs, otherwise 1.
    format
        As `heatgrid.read` takes it; None: found by content, JSON Lines by suffix.
    min_score
        Detections of less confidence are left out; those without confidence stay.
    on_error
        ``"skip"`` or ``"raise"``, as in `heatgrid.read`.

    Attributes
    ----------
    count
        Number of frames from the first one to the last one in the file.
    report
        Number of lines and annotations that were left out, and why.

    Raises
    ------
    FormatError
        The file cannot be read, or it has no frames.
    """

    def __init__(
        self,
        path: str,
        size: tuple[int, int],
        *,
        first: int | None = None,
        format: FormatName | Literal["jsonl"] | None = None,  # noqa: A002
        min_score: float | None = None,
        on_error: OnError = "skip",
    ) -> None:
        self.report = Report()
        self._by_name: dict[str, Detections] = {}
        self._by_number: dict[int, Detections] = {}
        is_lines = format == "jsonl" or (format is None and path.lower().endswith(JSON_LINES))
        frames = self._read_lines(path, on_error) if is_lines else self._read(path, size, format, on_error)  # type: ignore[arg-type]
        for name, found in frames:
            kept = found
            if min_score is not None and found.scores is not None:
                kept = found.select(~(found.scores < min_score))
            self._by_name[Path(name).stem] = kept
            number = _LAST_NUMBER.search(name)
            if number:
                self._by_number[int(number[1])] = kept
        if not self._by_name:
            raise FormatError("no frames", path)
        self._first = (0 if 0 in self._by_number else 1) if first is None else first
        self.count = max(self._by_number, default=self._first - 1) - self._first + 1

    def of(self, frame: Frame, index: int) -> Detections | None:
        """Return the detections of the frame with an index from 0: by its image's name, else by number."""
        if frame.name:
            named = self._by_name.get(Path(frame.name).stem)
            if named is not None:
                return named
        return self._by_number.get(self._first + index)

    def _read(
        self,
        path: str,
        size: tuple[int, int],
        format: FormatName | None,  # noqa: A002
        on_error: OnError,
    ) -> Iterator[tuple[str, Detections]]:
        from heatgrid.datasets import read

        for batch in read(path, format=format, size=size, on_error=on_error):
            self.report += batch.report
            if batch.normalized and batch.boxes is not None:
                raise FormatError("boxes must be in pixels of the frames", path)
            order = np.argsort(batch.image, kind="stable")
            ends = np.searchsorted(batch.image[order], np.arange(len(batch.image_names) + 1))
            found = from_annotations(batch)
            for i, name in enumerate(batch.image_names):
                yield name, found.take(order[ends[i] : ends[i + 1]])

    def _read_lines(self, path: str, on_error: OnError) -> Iterator[tuple[str, Detections]]:
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
                    self.report.skip("line without valid detections", f"{path}: line {number}: {error}"[:300])
                    continue
                frames[name].append(found)
        self.report.files += 1
        for name, parts in frames.items():
            yield name, _concatenate(parts)


def _parse(line: bytes) -> tuple[str, Detections]:
    """Return the frame that a line names, and the line's detections."""
    document = json.loads(line)
    if not isinstance(document, dict) or "xyxy" not in document or not {"frame", "image"} & set(document):
        raise ValueError('expected an object with "frame" or "image", and "xyxy"')
    name = document["image"] if "image" in document else document["frame"]
    if isinstance(name, bool) or not isinstance(name, (int, str)):
        raise TypeError(f'"frame" must be a whole number, and "image" a name, got {name!r}')
    columns = {key: document[key] for key in ("xyxy", "ids", "classes", "scores") if key in document}
    if np.ndim(document["xyxy"]) == 1 and len(document["xyxy"]):
        columns = {
            _SINGULAR.get(key, key): [document[key]] for key in ("xyxy", *_SINGULAR) if key in document
        }
    return str(name), as_detections(columns)


def _concatenate(parts: list[Detections]) -> Detections:
    """Join detections of one frame; columns that some parts lack are filled."""
    if len(parts) == 1:
        return parts[0]
    has = {
        name: any(getattr(part, name) is not None for part in parts) for name in ("ids", "classes", "scores")
    }
    scores = [np.full(len(part), np.nan) if part.scores is None else part.scores for part in parts]
    columns: dict[str, Any] = {
        "ids": [track for part in parts for track in part.ids or [None] * len(part)],
        "classes": [key for part in parts for key in part.keys],
        "scores": np.concatenate(scores),
    }
    present = {name: column for name, column in columns.items() if has[name]}
    return Detections(xyxy=np.concatenate([part.xyxy for part in parts]), **present)
