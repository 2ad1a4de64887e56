"""Maps computed from counts: ratios, rates per image, and suppressed small counts."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from heatgrid.core.counts import Counts
from heatgrid.core.grid_map import GridMap
from heatgrid.core.report import Report

if TYPE_CHECKING:
    from collections import Counter

    from numpy.typing import NDArray

    Grids = NDArray[np.float64]

M = TypeVar("M", bound=GridMap)

WITHOUT_DATA = "no data where"
"""Begin of the note of a map's report on its cells without data."""


def ratio(a: M, b: GridMap, *, least: float = 1, unit: str = "ratio") -> M:
    """Divide two maps, cell by cell.

    Parameters
    ----------
    a, b
        Maps of one grid, rule, fit and ``of``. Classes are matched by name; each class of ``a`` is divided by
        the single grid of a map ``b`` without classes.
    least
        Least value of ``b``, above 0; cells with less have no data.
    unit
        Meaning of the values, for legends.

    Returns
    -------
    Heatmap
        Values are ``a / b`` where ``b >= least``, else NaN: no data, in pictures, pages and files alike. It
        has the classes of ``a``, and its total is the ratio of the totals. A class that ``b`` lacks has no
        data. Nothing can be added to it.

    Raises
    ------
    TypeError, ValueError
        ``least`` is not above 0, or the maps differ in grid, rule, fit, large_box_ratio or ``of``.

    Examples
    --------
    >>> import heatgrid as hg
    >>> night, day = hg.Heatmap(1).add_points([[0.5, 0.5]] * 3), hg.Heatmap(1).add_points([[0.5, 0.5]] * 4)
    >>> hg.ratio(night, day).counts
    array([[0.75]])
    """
    if isinstance(least, bool) or not isinstance(least, (int, float, np.number)):
        raise TypeError(f"least must be a number, got {least!r}")
    if not (math.isfinite(least) and least > 0):
        raise ValueError(f"least must be finite and above 0, got {least!r}")
    if not isinstance(unit, str):
        raise TypeError(f"unit must be a string, got {unit!r}")
    for name in ("a", "b"):
        if not isinstance(one := {"a": a, "b": b}[name], GridMap):
            raise TypeError(f"{name} must be a map, got {type(one).__name__}")
    same: dict[str, Any] = {"count": a.spec.count, "weighted": a.spec.weighted, "unit": a.spec.unit}
    a.spec.check_equal(replace(b.spec, **same))
    grids = a.by_class if a.has_classes else a.counts[np.newaxis]
    divisors: list[NDArray[Any]] = [b.counts] * len(grids)
    if a.has_classes and b.has_classes:
        own = dict(zip(b.classes, b.by_class, strict=True))
        divisors = [own.get(name, np.zeros(b.shape)) for name in a.classes]
    values = np.empty((len(grids), *a.shape))
    for value, grid, divisor in zip(values, grids, divisors, strict=True):
        value[:] = divided(grid, divisor, least)
    report = Report()
    report.name = a.report.name
    total = divided(a.counts, b.counts, least)
    report.note(f"{WITHOUT_DATA} the divisor is below {least:g}", int(np.isnan(total).sum()))
    return a.of(_computed(a, replace(a.spec, unit=unit), values, total, report))


def divided(a: NDArray[Any], b: NDArray[Any], least: float) -> Grids:
    """Return ``a / b`` where ``b`` is at least ``least``, above 0; NaN elsewhere."""
    found: Grids = np.divide(a, b, out=np.full(a.shape, np.nan), where=b >= least)
    return found


def per_image(heat: M) -> M:
    """Return the map divided by the number of its images; see `heatgrid.Heatmap.per_image`."""
    heat.spec.check_counts()
    report = heat.report.copy()
    if report.images < 1:
        raise ValueError("per_image needs the number of images, which is unknown (give images= to add)")
    unit = "share of images" if heat.spec.count == "images" else "objects per image"
    spec = replace(heat.spec, unit="weight per image" if heat.spec.weighted else unit)
    grids = heat.by_class if heat.has_classes else heat.counts[np.newaxis]
    return heat.of(_computed(heat, spec, grids / report.images, heat.counts / report.images, report))


def suppressed(heat: M, k: int) -> M:
    """Return the map without small counts; see `heatgrid.Heatmap.suppressed`."""
    heat.spec.check_counts()
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)):
        raise TypeError(f"k must be an int, got {k!r}")
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    if heat.spec.dtype != np.int64:
        raise ValueError("suppressed needs counts: weights and areas are no numbers of objects")
    grids = heat.by_class if heat.has_classes else heat.counts[np.newaxis]
    if min(grids.min(initial=0), heat.counts.min()) < 0:
        raise ValueError("suppressed needs counts: a difference of maps has none")
    total = heat.counts
    small = (grids > 0) & (grids < k)
    is_hidden = ((total > 0) & (total < k)) | _reveals(grids, small, total, k, adds_up=not heat.has_union)
    report = Report()
    report.name = heat.report.name
    report.note(f"{WITHOUT_DATA} the count is 1 to {k - 1}", int(is_hidden.sum()))
    kind = "images" if heat.spec.count == "images" else "objects"
    spec = replace(heat.spec, unit=f"{kind} per cell, at least {k}")
    values, whole = np.where(small, np.nan, grids), np.where(is_hidden, np.nan, total)
    return heat.of(_computed(heat, spec, values, whole, report))


def _reveals(
    grids: NDArray[Any], small: NDArray[np.bool_], total: NDArray[Any], k: int, *, adds_up: bool
) -> NDArray[np.bool_]:
    """Return the cells of the total from which a suppressed count of a class could be computed.

    From a sum, one suppressed count follows; several do if all must be 1, or all ``k - 1``. A union of images
    bounds each of them, so that it is left out with any.
    """
    number: NDArray[np.int64] = small.sum(axis=0)
    if not adds_up:
        return np.asarray(number > 0)
    rest = total - np.where(small, 0, grids).sum(axis=0)
    found: NDArray[np.bool_] = (number == 1) | (
        (number > 1) & ((rest == number) | (rest == number * (k - 1)))
    )
    return found


def _computed(heat: GridMap, spec: Any, values: Grids, total: Grids, report: Report) -> Counts:
    """Return computed values, (classes or 1, rows, columns), and the total of a map with classes."""
    own = Counts(spec, heat.classes if heat.has_classes else None)
    own.grids.fill(values, total if heat.has_classes else None, copy=False)
    aspects: Counter[float] = own.aspects
    if heat.aspect is not None:
        aspects[heat.aspect] = 1
    own.report = report
    return own
