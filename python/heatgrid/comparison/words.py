"""A comparison in plain sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.comparison.result import Comparison


def thirds(difference: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sums of a (rows, columns) grid over the thirds of the image, (3, 3), by cells' centres."""
    row, column = (np.minimum(2, (2 * np.arange(n) + 1) * 3 // (2 * n)) for n in difference.shape)
    sums = np.zeros((3, 3))
    np.add.at(sums, (row[:, np.newaxis], column[np.newaxis]), difference)
    return sums


def verdict(comparison: Comparison) -> str:
    """Say whether two maps differ."""
    a, b = comparison.names
    if comparison.total_variation == 0:
        return f"{a} and {b} are alike"
    if comparison.test is None:
        return f"{a} beside {b}"
    return f"{a} and {b} differ" + ("" if comparison.test.significant else " no more than by chance")


def details(comparison: Comparison) -> list[str]:
    """Say by how much and where two maps differ, for those who have read the verdict."""
    if comparison.total_variation == 0:
        return ["every cell has the same share of the hits"]
    return [_how_much(comparison), _where(comparison)]


def sentences(comparison: Comparison) -> list[str]:
    """Say whether, by how much and where two maps differ, a sentence each."""
    first, *others = details(comparison)
    return [f"{verdict(comparison)}: {first}", *others]


def _how_much(comparison: Comparison) -> str:
    moved = f"{_percent(comparison.total_variation)} of the hits lie elsewhere"
    test = comparison.test
    if test is None:
        return f"{moved}; maps alone cannot tell whether that is more than chance"
    if test.shape != comparison.a.shape:
        moved += f" ({_percent(test.statistic)} on the coarser grid of the test)"
    return f"{moved}, where chance alone makes {_percent(test.expected)} (p = {test.p_value:.2g})"


def _where(comparison: Comparison) -> str:
    sums = comparison.thirds
    places = []
    for name, sign in zip(comparison.names, (1, -1), strict=True):
        at = np.unravel_index(int((sign * sums).argmax()), sums.shape)
        if sign * sums[at] > 0:
            row, column = map(int, at)
            places.append(f"{name} has {_percent(abs(sums[at]))} of its hits more {_place(row, column)}")
    return ", ".join(places) or "each third of the image has the same share in both: differences lie within"


def _place(row: int, column: int) -> str:
    if row == 1:
        return ("at the left", "in the centre", "at the right")[column]
    if column == 1:
        return "at the top" if row == 0 else "at the bottom"
    return f"in the {'upper' if row == 0 else 'lower'} {'left' if column == 0 else 'right'}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
