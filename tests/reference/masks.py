"""Masks: bitmaps and run-length codes. A mask is a union of half-open pixels."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import TypeAlias

from reference.grid import Cell, Shape, cells, center
from reference.hits import Hits, Status, full_hits, hit_at, no_hits

Bitmap: TypeAlias = Sequence[Sequence[bool]]  # h rows of w pixels


def mask_hits(bitmap: Bitmap | None, shape: Shape, *, rule: str = "center") -> Hits:
    """Return the hits of a bitmap that fills the unit square; None is an invalid code."""
    if bitmap is None:
        return no_hits(Status.INVALID)
    pixels = [
        (row, column) for row, line in enumerate(bitmap) for column, is_set in enumerate(line) if is_set
    ]
    if not pixels:
        return no_hits(Status.EMPTY)
    h, w = len(bitmap), len(bitmap[0])
    if rule == "point":
        return hit_at(mean_center(pixels, h, w), shape)
    if rule in ("touch", "area"):
        shares = covered(pixels, h, w, shape)
        return full_hits(shares) if rule == "touch" else Hits(Status.COUNTED, shares)
    rows, columns = shape
    hit = [
        (r, c)
        for r, c in cells(range(rows), range(columns))
        if bitmap[int(center(r, rows) * h)][int(center(c, columns) * w)]
    ]
    return full_hits(hit) if hit else hit_at(mean_center(pixels, h, w), shape, Status.FALLBACK)


def mean_center(pixels: Sequence[Cell], h: int, w: int) -> tuple[float, float]:
    """Return the mean of the pixel centers: integer sums, then one division per coordinate."""
    n = len(pixels)
    x_sum = sum(2 * column + 1 for _, column in pixels)
    y_sum = sum(2 * row + 1 for row, _ in pixels)
    return x_sum / (2 * n * w), y_sum / (2 * n * h)


def covered(pixels: Sequence[Cell], h: int, w: int, shape: Shape) -> dict[Cell, Fraction]:
    """Return the exact fraction of each cell that the pixels cover, if it is positive."""
    rows, columns = shape
    down, across = [shares(i, h, rows) for i in range(h)], [shares(i, w, columns) for i in range(w)]
    areas: dict[Cell, Fraction] = {}
    for row, column in pixels:
        for (r, tall), (c, wide) in product(down[row].items(), across[column].items()):
            areas[r, c] = areas.get((r, c), Fraction(0)) + tall * wide
    return areas


def shares(pixel: int, pixels: int, n: int) -> dict[int, Fraction]:
    """Return the fraction of each of n rows or columns that one of the pixels covers, if it is positive."""
    start, stop = Fraction(pixel * n, pixels), Fraction((pixel + 1) * n, pixels)
    lengths = {i: min(stop, Fraction(i + 1)) - max(start, Fraction(i)) for i in range(n)}
    return {i: length for i, length in lengths.items() if length > 0}


def bitmap_of_runs(runs: Sequence[int], h: int, w: int) -> list[list[bool]] | None:
    """Decode alternating runs of clear and set pixels, column-major; return None if they are invalid."""
    if any(run < 0 for run in runs) or sum(runs) != h * w:
        return None
    flat = [number % 2 == 1 for number, run in enumerate(runs) for _ in range(run)]
    return [[flat[column * h + row] for column in range(w)] for row in range(h)]


def runs_of_bitmap(bitmap: Bitmap) -> list[int]:
    """Encode a bitmap as runs in column-major order, clear pixels first."""
    runs, last = [0], False
    for column in range(len(bitmap[0])):
        for line in bitmap:
            if bool(line[column]) != last:
                runs.append(0)
                last = not last
            runs[-1] += 1
    return runs


def compress(runs: Sequence[int]) -> str:
    """Encode runs as COCO does: five bits per character, differences from the fourth run on."""
    text = ""
    for i, run in enumerate(runs):
        rest = run - runs[i - 2] if i > 2 else run
        more = True
        while more:
            group, rest = rest & 31, rest >> 5
            more = rest != (-1 if group & 16 else 0)
            text += chr(48 + (group | 32 * more))
    return text
