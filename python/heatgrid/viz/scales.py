"""Color scales: functions from values to [0, 1], their inverses, and the ticks of their color bars.

`SCALES` has one record per scale. The interactive page takes names, labels, tick rules and parameters from
it; its JavaScript holds the same curves, and a test compares both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

import numpy as np

from heatgrid.core.arguments import as_array
from heatgrid.core.spec import check_choice
from heatgrid.viz.text import number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Curve: TypeAlias = Callable[[Floats, "Scale"], Floats]

ScaleName = Literal["linear", "log", "sqrt", "rank", "percentile", "gamma"]
TickRule = Literal["even", "even first", "powers first"]

KNOTS = 4096
"""Maximum number of distinct values that a rank scale keeps; between them it interpolates linearly."""
FEW = 8
"""Whole numbers with a range up to this get one block of the color bar each."""
GAMMA = 0.5
PERCENTILES = (1.0, 99.0)


@dataclass(frozen=True, slots=True)
class ScaleKind:
    """Definition of a scale: its name in code, and its label in the page's menu.

    ``forward`` is a rising function of values and the fitted `Scale`, ``backward`` its inverse; `Scale`
    normalizes its range. ``ticks`` says which round numbers become ticks: evenly spaced ones only, these
    first, or powers of ten first. ``parameters`` are names and defaults of the scale's own parameters.
    """

    name: ScaleName
    label: str
    forward: Curve
    backward: Curve
    ticks: TickRule = "even"
    parameters: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Scale fitted to values: a rising function from ``[vmin, vmax]`` onto [0, 1] that clips other values.

    ``kind`` is ``"linear"``; ``"log"`` (log1p); ``"sqrt"``; ``"gamma"`` (the linear share to the power
    ``gamma``); ``"rank"`` (share of the cells above ``vmin`` that have at most this value, by rising values,
    ``knots``, and their ``shares``); or ``"percentile"`` (linear between two percentiles). Log and sqrt
    mirror negative values. If ``vmin`` and ``vmax`` are equal, larger values become 1, all others 0.
    """

    kind: ScaleName
    vmin: float
    vmax: float
    gamma: float = GAMMA
    knots: Any = None
    shares: Any = None

    @classmethod
    def of(
        cls,
        values: ArrayLike,
        kind: ScaleName = "linear",
        *,
        vmin: float | None = None,
        vmax: float | None = None,
        gamma: float = GAMMA,
        percentiles: tuple[float, float] = PERCENTILES,
    ) -> Self:
        """Fit a scale to the values of one map, or of all maps that share the scale; NaN means "no data".

        By default the scale contains zero: it spans 0 and the greatest value if no value is negative, the
        least value and 0 if none is positive. ``"percentile"`` spans its percentiles, in 0 … 100, of all
        cells.
        """
        check_choice("scale", kind, SCALES)
        if not (math.isfinite(gamma) and gamma > 0):
            raise ValueError(f"gamma must be greater than 0, got {gamma!r}")
        numbers = as_numbers(values)
        known = numbers[~np.isnan(numbers)]
        low, high = _ends(known, percentiles if kind == "percentile" else None, vmin, vmax)
        knots = _ranks(np.clip(known, low, high), low, high) if kind == "rank" else (None, None)
        scale = cls(kind, low, high, gamma, *knots)
        if low < high:
            first, last = scale._range()
            if not first < last:  # the ends are so close that the curve rounds them to one number
                return cls("linear", low, high, gamma)
        return scale

    def normalize(self, values: ArrayLike) -> Floats:
        """Return the shares of finite values, in [0, 1]; NaN stays NaN."""
        numbers = as_numbers(values)
        if self.vmin == self.vmax:
            return np.where(np.isnan(numbers), np.nan, (numbers > self.vmax).astype(np.float64))
        low, high = self._range()
        bent = SCALES[self.kind].forward(np.clip(numbers, self.vmin, self.vmax), self)
        shares: Floats = np.clip((bent - low) / (high - low), 0.0, 1.0)
        return shares

    def invert(self, fraction: ArrayLike) -> Floats:
        """Return the values of shares; shares are clipped to [0, 1]."""
        shares = np.clip(np.asarray(fraction, dtype=np.float64), 0.0, 1.0)
        if self.vmin == self.vmax:
            return np.full(shares.shape, self.vmin)
        low, high = self._range()
        values = SCALES[self.kind].backward(low + shares * (high - low), self)
        return np.clip(values, self.vmin, self.vmax)

    def _range(self) -> Floats:
        return SCALES[self.kind].forward(np.array([self.vmin, self.vmax]), self)


def _identity(values: Floats, _: Scale) -> Floats:
    return values


SCALES: Mapping[ScaleName, ScaleKind] = {
    kind.name: kind
    for kind in (
        ScaleKind("linear", "Linear", _identity, _identity),
        ScaleKind(
            "log",
            "Logarithmic",
            lambda values, _: np.sign(values) * np.log1p(np.abs(values)),
            lambda values, _: np.sign(values) * np.expm1(np.abs(values)),
            ticks="powers first",
        ),
        ScaleKind(
            "sqrt",
            "Square root",
            lambda values, _: np.sign(values) * np.sqrt(np.abs(values)),
            lambda values, _: np.sign(values) * values**2,
            ticks="even first",
        ),
        ScaleKind(
            "rank",
            "Rank",
            lambda values, scale: np.interp(values, scale.knots, scale.shares),  # NaN stays NaN
            lambda shares, scale: np.interp(shares, scale.shares, scale.knots),
            ticks="even first",
        ),
        ScaleKind("percentile", "Percentiles", _identity, _identity, parameters={"percentiles": PERCENTILES}),
        ScaleKind(
            "gamma",
            "Gamma",
            lambda values, scale: ((values - scale.vmin) / (scale.vmax - scale.vmin)) ** scale.gamma,
            lambda shares, scale: scale.vmin + shares ** (1.0 / scale.gamma) * (scale.vmax - scale.vmin),
            "even first",
            {"gamma": GAMMA},
        ),
    )
}


def as_numbers(values: ArrayLike, name: str = "values") -> Floats:
    """Return values as float64; raise TypeError or ValueError unless all are finite numbers or NaN."""
    array = as_array(values, name)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be real numbers, got dtype {array.dtype}")
    numbers = array.astype(np.float64)
    if np.isinf(numbers).any():
        raise ValueError(f"{name} must be finite or NaN, got an infinite one")
    return numbers


def is_whole(values: Floats) -> bool:
    """Return whether all values except NaN are whole numbers."""
    known = values[~np.isnan(values)]
    return bool((known == np.rint(known)).all())


def _ends(
    known: Floats, percentiles: tuple[float, float] | None, vmin: float | None, vmax: float | None
) -> tuple[float, float]:
    for name, end in (("vmin", vmin), ("vmax", vmax)):
        if end is not None and not math.isfinite(end):
            raise ValueError(f"{name} must be finite, got {end!r}")
    if vmin is not None and vmax is not None and vmin > vmax:
        raise ValueError(f"vmin must not be greater than vmax, got {vmin!r} and {vmax!r}")
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    low, high = min(low, 0.0), max(high, 0.0)
    if percentiles is not None and known.size:
        first, last = (float(end) for end in np.percentile(known, percentiles))
        # If nearly all cells are equal, both percentiles are that value, and only two colors would remain.
        low, high = (first, last) if first < last else (low, high)
    if vmin is not None:
        low, high = float(vmin), max(high, float(vmin))
    if vmax is not None:
        low, high = low if vmin is not None else min(low, float(vmax)), float(vmax)
    if not math.isfinite(high - low):
        raise ValueError(f"values lie too far apart for a scale, from {low!r} to {high!r}")
    return low, high


def _ranks(clipped: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """Return distinct values above ``low`` and the share of cells up to each; both start at ``low``."""
    distinct, cells = np.unique(clipped[clipped > low], return_counts=True)
    if distinct.size == 0:
        return np.array([low, high]), np.array([0.0, 1.0])
    shares = np.cumsum(cells) / cells.sum()
    if distinct.size > KNOTS:
        kept = np.linspace(0, distinct.size - 1, KNOTS).round().astype(np.intp)
        distinct, shares = distinct[kept], shares[kept]
    return np.concatenate(([low], distinct)), np.concatenate(([0.0], shares))


@dataclass(frozen=True, slots=True)
class Tick:
    """A number next to the color bar, at a position from 0 (low end) to 1 (high end)."""

    value: float
    position: float

    @property
    def label(self) -> str:
        """The number as text."""
        return number(self.value)


def color_bar(
    scale: Scale, *, whole: bool = False, length: int = 256, gap: float = 0.1
) -> tuple[Floats, list[Tick]]:
    """Return ``length`` values whose colors make up the bar, from low to high, and ticks ``gap`` apart.

    If all values are ``whole`` numbers, ticks are whole, and few numbers get one block of color each.
    """
    ends_are_whole = float(scale.vmin).is_integer() and float(scale.vmax).is_integer()
    if whole and ends_are_whole and scale.vmax - scale.vmin <= FEW:
        values = np.arange(scale.vmin, scale.vmax + 1)
        middles = (np.arange(values.size) + 0.5) / values.size
        return values, list(map(Tick, values.tolist(), middles.tolist()))
    shares = (np.arange(length) + 0.5) / length
    return scale.invert(shares), round_ticks(scale, whole=whole, gap=gap)


def round_ticks(scale: Scale, *, whole: bool = False, gap: float = 0.1) -> list[Tick]:
    """Return ticks at round numbers (1, 2 or 5 times a power of ten), at least ``gap`` apart."""
    low, high = scale.vmin, scale.vmax
    if low == high:
        return [Tick(low, 0.0)]
    chosen: list[Tick] = []
    for tier in _tiers(scale, gap):
        fitting = [v for v in tier if low <= v <= high and not (whole and not v.is_integer())]
        for value, position in zip(fitting, scale.normalize(fitting).tolist(), strict=True):
            if all(abs(position - other.position) >= gap for other in chosen):
                chosen.append(Tick(value, position))
    return sorted(chosen, key=lambda tick: tick.value)


def _tiers(scale: Scale, gap: float) -> list[list[float]]:
    """Return candidates for ticks, in groups; earlier groups and earlier members win."""
    rule = SCALES[scale.kind].ticks
    if rule == "even":
        return [list(_multiples(scale.vmin, scale.vmax, gap))]
    even = list(_multiples(scale.vmin, scale.vmax, 2 * gap))  # fewer, because they crowd at one end
    powers, others = [0.0, *_powers(scale, (1,))], list(_powers(scale, (5, 2)))
    return [powers, others, even] if rule == "powers first" else [even, powers, others]


def _multiples(low: float, high: float, gap: float) -> Iterator[float]:
    """Yield the multiples of the least round step that is at least ``gap`` of the range."""
    least = max((high - low) * gap, 1e-300)
    exponent = math.floor(math.log10(least))
    mantissa = next(m for m in (1, 2, 5, 10, 20) if m * 10.0**exponent >= least * (1 - 1e-9))
    step = mantissa * 10.0**exponent
    for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1):
        # Rounding to 15 digits gives 0.3 instead of 0.30000000000000004.
        yield min(max(float(f"{k * step:.15g}"), low), high)


def _powers(scale: Scale, mantissas: Sequence[int]) -> Iterator[float]:
    """Yield mantissas times powers of ten, of both signs, in falling order."""
    top = math.floor(math.log10(max(abs(scale.vmin), abs(scale.vmax))))
    for exponent in range(top, top - 12, -1):
        for mantissa in mantissas:
            value = float(f"{mantissa}e{exponent}")
            yield from (value, -value)
