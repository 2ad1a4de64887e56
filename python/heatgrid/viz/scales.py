"""From values to [0, 1] and back: what one number on a map weighs beside the others."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self, get_args

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

Kind = Literal["linear", "log", "sqrt", "rank", "percentile", "gamma"]

KNOTS = 4096
"""The most distinct values that a rank scale keeps; between them it goes straight."""


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """A rising function from ``[vmin, vmax]`` onto [0, 1]; values outside are clipped.

    Attributes
    ----------
    kind
        ``"linear"``; ``"log"`` (log1p); ``"sqrt"``; ``"gamma"`` (the linear share to the power ``gamma``);
        ``"rank"`` (the share of the cells above ``vmin`` that are at most so high); ``"percentile"``
        (linear between two percentiles). Log and sqrt take values below zero as mirrored.
    vmin, vmax
        The values that become 0 and 1. Where they are equal, what lies above them is 1, the rest 0.
    gamma
        The exponent of ``"gamma"``.
    knots, shares
        Of ``"rank"``: values in rising order, and what becomes of them.
    """

    kind: Kind
    vmin: float
    vmax: float
    gamma: float = 0.5
    knots: Floats | None = None
    shares: Floats | None = None

    @classmethod
    def of(
        cls,
        values: ArrayLike,
        kind: Kind = "linear",
        *,
        vmin: float | None = None,
        vmax: float | None = None,
        gamma: float = 0.5,
        percentiles: tuple[float, float] = (1.0, 99.0),
    ) -> Self:
        """Make a scale for values, those of one map or of many that shall share it.

        Parameters
        ----------
        values
            Real numbers of any shape. NaN is "no data".
        kind
            As in `Scale`.
        vmin, vmax
            The ends. By default zero is on the scale: 0 and the greatest value for maps without
            negative values, the least value and 0 for maps without positive ones; of ``"percentile"``
            the percentiles.
        gamma
            The exponent of ``"gamma"``, greater than 0.
        percentiles
            The two ends of ``"percentile"``, in 0 … 100, over all cells.

        Raises
        ------
        ValueError
            A value is infinite, ``kind`` is not known, or ``vmin`` lies above ``vmax``.
        TypeError
            The values are not real numbers.
        """
        if kind not in get_args(Kind):
            raise ValueError(f"scale must be one of {', '.join(get_args(Kind))}, got {kind!r}")
        if not (math.isfinite(gamma) and gamma > 0):
            raise ValueError(f"gamma must be greater than 0, got {gamma!r}")
        numbers = as_numbers(values)
        known = numbers[~np.isnan(numbers)]
        low, high = _ends(known, percentiles if kind == "percentile" else None, vmin, vmax)
        if kind != "rank":
            bent = cls(kind, low, high, gamma)
            first, last = bent._forward(np.array([low, high]))
            # Ends so near each other that the curve's rounding makes them one are joined by a straight line.
            return bent if first < last or low == high else cls("linear", low, high, gamma)
        return cls(kind, low, high, gamma, *_ranks(np.clip(known, low, high), low, high))

    def normalize(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return what becomes of values, in [0, 1]; NaN stays NaN.

        Raises
        ------
        ValueError
            A value is infinite.
        """
        numbers = as_numbers(values)
        if self.vmin == self.vmax:
            flat: Floats = np.where(np.isnan(numbers), np.nan, (numbers > self.vmax).astype(np.float64))
            return flat
        clipped = np.clip(numbers, self.vmin, self.vmax)
        if self.knots is not None and self.shares is not None:
            shares = np.interp(clipped, self.knots, self.shares)  # NaN goes through
        else:
            low, high = self._forward(np.array([self.vmin, self.vmax]))
            shares = (self._forward(clipped) - low) / (high - low)
        result: Floats = np.clip(shares, 0.0, 1.0)
        return result

    def invert(self, fraction: ArrayLike) -> NDArray[np.float64]:
        """Return the values that become the given shares; shares are clipped to [0, 1]."""
        shares = np.clip(np.asarray(fraction, dtype=np.float64), 0.0, 1.0)
        if self.knots is not None and self.shares is not None:
            return np.asarray(np.interp(shares, self.shares, self.knots), dtype=np.float64)
        low, high = self._forward(np.array([self.vmin, self.vmax]))
        return np.clip(self._backward(low + shares * (high - low)), self.vmin, self.vmax)

    def _forward(self, values: Floats) -> Floats:
        if self.kind == "log":
            return np.sign(values) * np.log1p(np.abs(values))
        if self.kind == "sqrt":
            return np.sign(values) * np.sqrt(np.abs(values))
        if self.kind == "gamma" and self.vmax > self.vmin:
            share = (values - self.vmin) / (self.vmax - self.vmin)
            powers: Floats = share**self.gamma
            return powers
        return values

    def _backward(self, values: Floats) -> Floats:
        if self.kind == "log":
            return np.sign(values) * np.expm1(np.abs(values))
        if self.kind == "sqrt":
            return np.sign(values) * values**2
        if self.kind == "gamma":
            linear: Floats = self.vmin + values ** (1.0 / self.gamma) * (self.vmax - self.vmin)
            return linear
        return values


def as_numbers(values: ArrayLike) -> NDArray[np.float64]:
    """Return values as float64.

    Raises
    ------
    TypeError
        They are not real numbers.
    ValueError
        One is infinite.
    """
    given = np.asarray(values)
    if given.dtype.kind not in "biuf":
        raise TypeError(f"values must be real numbers, got dtype {given.dtype}")
    numbers = given.astype(np.float64)
    if np.isinf(numbers).any():
        raise ValueError("values must be finite or NaN, got an infinite one")
    return numbers


def _ends(
    known: Floats, percentiles: tuple[float, float] | None, vmin: float | None, vmax: float | None
) -> tuple[float, float]:
    for name, end in (("vmin", vmin), ("vmax", vmax)):
        if end is not None and not math.isfinite(end):
            raise ValueError(f"{name} must be finite, got {end!r}")
    if vmin is not None and vmax is not None and vmin > vmax:
        raise ValueError(f"vmin must not lie above vmax, got {vmin!r} and {vmax!r}")
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    low, high = min(low, 0.0), max(high, 0.0)
    if percentiles is not None and known.size:
        first, last = (float(end) for end in np.percentile(known, percentiles))
        # Where nearly all cells are equal both percentiles are that value, which would leave two colours.
        low, high = (first, last) if first < last else (low, high)
    if vmin is not None:
        low, high = float(vmin), max(high, float(vmin))
    if vmax is not None:
        low, high = low if vmin is not None else min(low, float(vmax)), float(vmax)
    if not math.isfinite(high - low):
        raise ValueError(f"values lie too far apart for a scale, from {low!r} to {high!r}")
    return low, high


def _ranks(clipped: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """Return distinct values above ``low`` with the share of cells up to each, both beginning at ``low``."""
    distinct, cells = np.unique(clipped[clipped > low], return_counts=True)
    if distinct.size == 0:
        return np.array([low, high]), np.array([0.0, 1.0])
    shares = np.cumsum(cells) / cells.sum()
    if distinct.size > KNOTS:
        kept = np.linspace(0, distinct.size - 1, KNOTS).round().astype(np.intp)
        distinct, shares = distinct[kept], shares[kept]
    return np.concatenate(([low], distinct)), np.concatenate(([0.0], shares))
