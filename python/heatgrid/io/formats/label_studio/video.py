"""Regions of videos: boxes at keyframes, interpolated between them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from heatgrid.io import parse
from heatgrid.io.parse import MisfitError

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_KEYFRAMES = "sequence without keyframes"
NO_NUMBER = "keyframe without a frame number"
TOO_MANY_FRAMES = "more frames than limits.vertices"

_MOVING = ("x", "y", "width", "height", "rotation")
_LARGEST_FRAME = 1 << 31


def frames_of(value: dict[str, Any], most: int) -> list[tuple[int, dict[str, Any]]]:
    """Return the frame numbers and the box of a sequence of keyframes, at most ``most``.

    A box moves on a straight line from an enabled keyframe to the next one, and rests after the last one if
    that is enabled. Raises MisfitError if the sequence is invalid.
    """
    keyframes = [(_frame(key), key) for key in map(parse.as_dict, parse.as_list(value.get("sequence")))]
    if not keyframes:
        raise MisfitError(NO_KEYFRAMES)
    keyframes.sort(key=lambda pair: pair[0])
    last, key = keyframes[-1]
    count = parse.number(value.get("framesCount") or 0)
    end = int(count) if key.get("enabled", True) and last < count < _LARGEST_FRAME else last
    if end - keyframes[0][0] >= most:
        raise MisfitError(TOO_MANY_FRAMES)
    between = (frame for first, second in pairwise(keyframes) for frame in _move(first, second))
    return [*between, *((frame, key) for frame in range(last, end + 1))]


def _frame(keyframe: dict[str, Any]) -> int:
    frame = keyframe.get("frame")
    if isinstance(frame, bool) or not isinstance(frame, int) or not 0 <= frame < _LARGEST_FRAME:
        raise MisfitError(NO_NUMBER)
    return frame


def _move(
    first: tuple[int, dict[str, Any]], second: tuple[int, dict[str, Any]]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the boxes from a keyframe up to the next one, which is not included."""
    (start, key), (end, target) = first, second
    if end == start:
        return
    yield start, key
    if key.get("enabled", True):
        begins = [parse.number(key.get(name) or 0) for name in _MOVING]
        ends = [parse.number(target.get(name) or 0) for name in _MOVING]
        for frame in range(start + 1, end):
            share = (frame - start) / (end - start)
            yield frame, {n: a + (b - a) * share for n, a, b in zip(_MOVING, begins, ends, strict=True)}
