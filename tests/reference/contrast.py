"""Contrast of maps that contain polygons only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def polygon_contrast(
    grid: Sequence[Sequence[float]],
    grid_size: int,
    polygons: int,
    *,
    sigma_share: float = 0.115,
    power: float = 2.3,
    floor: float = 0.04,
    peak_share: float = 0.2555,
    cut_at: float = 4.0,
) -> list[list[int]]:
    """Return the counts after blur, power, floor and rescaling."""
    blurred = blur(grid, sigma_share * grid_size, cut_at)
    highest = max(max(row) for row in blurred)
    peak = max(1, round(peak_share * polygons))
    if highest <= 0:
        return [[0] * len(row) for row in blurred]
    return [[stretch(value / highest, power, floor, peak) for value in row] for row in blurred]


def stretch(value: float, power: float, floor: float, peak: int) -> int:
    """Return a fraction of the maximum as a count from 0 to peak."""
    lifted = max(0.0, min(1.0, (math.pow(value, power) - floor) / (1 - floor)))
    return max(0, min(peak, round(lifted * peak)))


def blur(grid: Sequence[Sequence[float]], sigma: float, cut_at: float) -> list[list[float]]:
    """Blur the columns, then the rows."""
    kernel = gaussian(sigma, int(cut_at * sigma + 0.5))
    down = transpose([blur_line(line, kernel) for line in transpose(grid)])
    return [blur_line(line, kernel) for line in down]


def transpose(grid: Sequence[Sequence[float]]) -> list[list[float]]:
    """Exchange rows and columns."""
    return [list(line) for line in zip(*grid, strict=True)]


def gaussian(sigma: float, radius: int) -> list[float]:
    """Return the weights at -radius to radius; their sum is 1."""
    weights = [math.exp(-0.5 * (i / sigma) ** 2) for i in range(-radius, radius + 1)]
    return [weight / math.fsum(weights) for weight in weights]


def blur_line(line: Sequence[float], kernel: Sequence[float]) -> list[float]:
    """Blur one line, mirrored at its ends with the end value repeated: c b a | a b c | c b a."""
    radius, n = len(kernel) // 2, len(line)
    return [math.fsum(k * line[mirror(i + j - radius, n)] for j, k in enumerate(kernel)) for i in range(n)]


def mirror(index: int, n: int) -> int:
    """Return the index inside a line of n values that an index beyond its ends is mirrored to."""
    index %= 2 * n
    return index if index < n else 2 * n - 1 - index
