"""Masks: bitmaps and run-length codes, a union of half-open pixels."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import TypeAlias

from reference.grid import Cell, Shape, cells, centre
from reference.hits import Hits, Status, nothing, representative, whole

Bitmap: TypeAlias = Sequence[Sequence[bool]]  # h rows of w pixels


def mask_hits(bitmap: Bitmap | None, shape: Shape, *, rule: str = "center") -> Hits:
    """Return the hits of a bitmap that fills the unit square; None is a code that was invalid."""
    if bitmap is None:
        return nothing(Status.INVALID)
    pixels = [
        (row, column) for row, line in enumerate(bitmap) for column, is_set in enumerate(line) if is_set
    ]
    if not pixels:
        return nothing(Status.EMPTY)
    h, w = len(bitmap), len(bitmap[0])
    if rule == "point":
        return representative(mean_centre(pixels, h, w), shape)
    if rule in ("touch", "area"):
        shares = covered(pixels, h, w, shape)
        return whole(shares) if rule == "touch" else Hits(Status.COUNTED, shares)
    rows, columns = shape
    held = [
        (r, c)
        for r, c in cells(range(rows), range(columns))
        if bitmap[int(centre(r, rows) * h)][int(centre(c, columns) * w)]
    ]
    return whole(held) if held else representative(mean_centre(pixels, h, w), shape, Status.FALLBACK)


def mean_centre(pixels: Sequence[Cell], h: int, w: int) -> tuple[float, float]:
    """Return the mean of the pixels' centres: integer sums, then one division a coordinate."""
    n = len(pixels)
    x_sum = sum(2 * column + 1 for _, column in pixels)
    y_sum = sum(2 * row + 1 for row, _ in pixels)
    return x_sum / (2 * n * w), y_sum / (2 * n * h)


def covered(pixels: Sequence[Cell], h: int, w: int, shape: Shape) -> dict[Cell, Fraction]:
    """Return the exact fraction of each cell that the pixels cover, where it is positive."""
    rows, columns = shape
    down, across = [shares(i, h, rows) for i in range(h)], [shares(i, w, columns) for i in range(w)]
    areas: dict[Cell, Fraction] = {}
    for row, column in pixels:
        for (r, tall), (c, wide) in product(down[row].items(), across[column].items()):
            areas[r, c] = areas.get((r, c), Fraction(0)) + tall * wide
    return areas


def shares(pixel: int, pixels: int, n: int) -> dict[int, Fraction]:
    """Return the fraction of each of n rows or columns that one of the pixels covers, where it does."""
    start, stop = Fraction(pixel * n, pixels), Fraction((pixel + 1) * n, pixels)
    lengths = {i: min(stop, Fraction(i + 1)) - max(start, Fraction(i)) for i in range(n)}
    return {i: length for i, length in lengths.items() if length > 0}


def bitmap_of_runs(runs: Sequence[int], h: int, w: int) -> list[list[bool]] | None:
    """Decode runs of clear and set pixels, in turn, down the columns; None when they are invalid."""
    if any(run < 0 for run in runs) or sum(runs) != h * w:
        return None
    flat = [number % 2 == 1 for number, run in enumerate(runs) for _ in range(run)]
    return [[flat[column * h + row] for column in range(w)] for row in range(h)]


def runs_of_bitmap(bitmap: Bitmap) -> list[int]:
    """Encode a bitmap as runs down its columns, the first one of clear pixels."""
    runs, last = [0], False
    for column in range(len(bitmap[0])):
        for line in bitmap:
            if bool(line[column]) != last:
                runs.append(0)
                last = not last
            runs[-1] += 1
    return runs


def compress(runs: Sequence[int]) -> str:
    """Write runs as COCO's string: from the fourth on less the one before last, in groups of five bits."""
    text = ""
    for i, run in enumerate(runs):
        rest = run - runs[i - 2] if i > 2 else run
        more = True
        while more:
            group, rest = rest & 31, rest >> 5
            more = rest != (-1 if group & 16 else 0)
            text += chr(48 + (group | 32 * more))
    return text
