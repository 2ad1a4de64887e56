"""The legend of a map: its colours from low to high, and round numbers beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.viz.text import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from heatgrid.viz.scales import Scale

FEW = 8
"""Whole numbers up to this far apart get a block of colour each."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A number beside the bar, and where it stands: 0 is the low end, 1 the high one."""

    value: float
    position: float

    @property
    def label(self) -> str:
        """The number as text."""
        return number(self.value)


@dataclass(frozen=True, slots=True, eq=False)
class ColorBar:
    """What to draw.

    Attributes
    ----------
    values
        Values whose colours stack up to the bar, from low to high, each of one height.
    ticks
        Numbers to write, from low to high.
    """

    values: NDArray[np.float64]
    ticks: tuple[Tick, ...]


def color_bar(scale: Scale, *, whole: bool = False, length: int = 256, gap: float = 0.1) -> ColorBar:
    """Design the legend of a scale.

    Parameters
    ----------
    scale
        The scale of the map.
    whole
        Whether all values are whole numbers: no tick is a fraction then, and few numbers get a block each.
    length
        In how many colours a bar without blocks is drawn.
    gap
        The least distance of two ticks, as a share of the bar.
    """
    ends_are_whole = float(scale.vmin).is_integer() and float(scale.vmax).is_integer()
    if whole and ends_are_whole and scale.vmax - scale.vmin <= FEW:
        values = np.arange(scale.vmin, scale.vmax + 1)
        middles = (np.arange(values.size) + 0.5) / values.size
        ticks = tuple(map(Tick, values.tolist(), middles.tolist()))
        return ColorBar(values, ticks)
    shares = (np.arange(length) + 0.5) / length
    return ColorBar(scale.invert(shares), tuple(round_ticks(scale, whole=whole, gap=gap)))


def round_ticks(scale: Scale, *, whole: bool = False, gap: float = 0.1) -> list[Tick]:
    """Choose round numbers (1, 2 or 5 times a power of ten) that stand at least ``gap`` apart on a scale.

    Rounder numbers go first: on a logarithmic scale the powers of ten, on others evenly spaced numbers.
    """
    low, high = scale.vmin, scale.vmax
    if low == high:
        return [Tick(low, 0.0)]
    chosen: list[Tick] = []
    for tier in _tiers(scale, gap):
        fitting = [v for v in tier if low <= v <= high and not (whole and not float(v).is_integer())]
        positions = scale.normalize(fitting).tolist()
        for value, position in zip(fitting, positions, strict=True):
            if all(abs(position - other.position) >= gap for other in chosen):
                chosen.append(Tick(value, position))
    return sorted(chosen, key=lambda tick: tick.value)


def _tiers(scale: Scale, gap: float) -> Iterator[list[float]]:
    if scale.kind in ("linear", "percentile"):
        yield list(_even(scale.vmin, scale.vmax, gap))
        return
    even = list(_even(scale.vmin, scale.vmax, 2 * gap))  # they crowd at one end, so that fewer must do
    powers, halves = [0.0, *_powers(scale, (1,))], list(_powers(scale, (2, 5)))
    yield from (powers, halves, even) if scale.kind == "log" else (even, powers, halves)


def _even(low: float, high: float, gap: float) -> Iterator[float]:
    """Give the multiples of the least round step that is at least ``gap`` of the whole range."""
    least = max((high - low) * gap, 1e-300)
    exponent = math.floor(math.log10(least))
    mantissa = next(m for m in (1, 2, 5, 10, 20) if m * 10.0**exponent >= least * (1 - 1e-9))
    step = mantissa * 10.0**exponent
    for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1):
        # The decimal text of the number is what it is meant to be: 0.3, not 0.30000000000000004.
        yield min(max(float(f"{k * step:.15g}"), low), high)


def _powers(scale: Scale, mantissas: Iterable[int]) -> Iterator[float]:
    """Give round numbers of both signs, the great ones first."""
    greatest = max(abs(scale.vmin), abs(scale.vmax))
    top = math.floor(math.log10(greatest))
    for exponent in range(top, top - 12, -1):
        for mantissa in sorted(mantissas, reverse=True):
            value = float(f"{mantissa}e{exponent}")
            yield from (value, -value)
