"""Lines of pixels, as OpenCV draws lines of width 1.

From pixel to pixel, a line takes one step per column or row, whichever are more, by Bresenham's algorithm
from its left end; a line halfway between two pixels takes the one nearer to that end. Lines that leave the
image are clipped first, in whole numbers.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.int64]
    Pixel = tuple[int, int]


def polyline_pixels(vertices: Pixels, size: tuple[int, int]) -> Pixels:
    """Return the pixels of an open path in an image of a width and height, (N, 2), each once."""
    path = [(int(x), int(y)) for x, y in vertices]
    clipped = [_clip(start, end, size) for start, end in pairwise(path)]
    parts = [_segment(*ends) for ends in clipped if ends is not None]
    return np.unique(np.concatenate(parts), axis=0) if parts else np.zeros((0, 2), dtype=np.int64)


def _segment(start: Pixel, end: Pixel) -> Pixels:
    """Return the pixels of a line, ends included."""
    if end[0] < start[0]:
        start, end = end, start
    across, down = end[0] - start[0], end[1] - start[1]
    longer, shorter = max(across, abs(down)), min(across, abs(down))
    steps = np.arange(longer + 1, dtype=np.int64)
    aside = -((longer - 2 * shorter * steps) // (2 * longer)) if longer else steps  # rounded, halves down
    x, y = (steps, aside) if across >= abs(down) else (aside, steps)
    return np.stack([start[0] + x, start[1] + (y if down >= 0 else -y)], axis=1)


def _clip(start: Pixel, end: Pixel, size: tuple[int, int]) -> tuple[Pixel, Pixel] | None:
    """Return the ends of the part of a line that is in the image; None if it has none.

    First the ends above and below move along the line to the first and last row, then those at the sides to
    the first and last column; the other coordinate is truncated.
    """
    for axis in (1, 0):
        if _is_outside(start, end, size):
            return None
        slope = (end[1 - axis] - start[1 - axis], end[axis] - start[axis])
        first = _move(start, axis, size, slope)
        slope = (end[1 - axis] - first[1 - axis], end[axis] - first[axis])  # of the part that is left
        start, end = first, _move(end, axis, size, slope)
    return None if _is_outside(start, end, size) else (start, end)


def _move(pixel: Pixel, axis: int, size: tuple[int, int], slope: tuple[int, int]) -> Pixel:
    """Return a pixel, moved along a slope into the image along one axis."""
    limit = min(max(pixel[axis], 0), size[axis] - 1)
    if limit == pixel[axis]:
        return pixel
    other = pixel[1 - axis] + int((limit - pixel[axis]) * slope[0] / slope[1])
    return (limit, other) if axis == 0 else (other, limit)


def _is_outside(start: Pixel, end: Pixel, size: tuple[int, int]) -> bool:
    """Return whether both ends are beyond the same side of the image."""
    return any(
        max(start[axis], end[axis]) < 0 or min(start[axis], end[axis]) >= size[axis] for axis in (0, 1)
    )
