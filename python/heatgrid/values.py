"""Values computed from data sets: mean weights per cell, and classes that occur together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from heatgrid.analysis import CoOccurrence, image_pairs
from heatgrid.core.annotations import weigh
from heatgrid.core.derived import ratio
from heatgrid.core.kernel import Outcome
from heatgrid.core.spec import check_keywords
from heatgrid.heatmap import Heatmap
from heatgrid.io.keywords import SelectKeywords, check_found, name_of, new_counts, parse_options
from heatgrid.io.objects import read_any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from heatgrid.core.annotations import WeightOf
    from heatgrid.core.spec import Grid
    from heatgrid.io.read import Source
    from heatgrid.io.registry import FormatName


def mean_map(
    source: Source | Any,
    grid: Grid | None = None,
    *,
    weights: WeightOf = "score",
    least: float = 1,
    splits: Iterable[str] | None = None,
    format: FormatName | None = None,  # noqa: A002
    by_class: bool = True,
    progress: bool = False,
    **options: Unpack[SelectKeywords],
) -> Heatmap:
    """Read annotations and return the mean weight of those that hit each cell.

    Parameters
    ----------
    weights
        ``"score"``, or a function of a batch of `Annotations` that returns one number per annotation.
    least
        Cells that fewer annotations hit have no data.
    source, grid, splits, format, by_class, progress, **options
        As in `heatmap`.

    Returns
    -------
    Heatmap
        The `ratio` of the sum of the weights to the number of annotations.

    Raises
    ------
    FormatError, ValueError
        As in `heatmap`; or the source has no scores.

    Examples
    --------
    >>> import heatgrid as hg
    >>> mean = hg.mean_map("results.json", 10, truth="annotations.json", weights="score", least=5)
    """
    check_keywords(mean_map, options, SelectKeywords)
    spec, reading = parse_options(grid, weights=weights, splits=splits, **options)
    sums = new_counts(spec, reading, by_class=by_class)
    numbers = new_counts(replace(spec, weighted=False), reading, by_class=by_class)
    with reading.limits.timed():
        for whole in read_any(source, reading, format=format, progress=progress):
            batch, own = weigh(whole, weights, strict=reading.strict)
            counting: dict[str, Any] = {**reading.counting}
            sums.add_batch(batch, **(counting | {"weights": own}))
            numbers.add_batch(batch, **(counting | {"weights": None}))
    check_found(sums.report, reading)
    unit = "mean score" if weights == "score" else "mean weight"
    found = ratio(Heatmap.of(sums), Heatmap.of(numbers), least=least, unit=unit)
    found.report.merge(sums.report)
    found.report.name = name_of(source)
    return found


def cooccurrence(
    source: Source | Any,
    grid: Grid | None = None,
    *,
    splits: Iterable[str] | None = None,
    format: FormatName | None = None,  # noqa: A002
    progress: bool = False,
    **options: Unpack[SelectKeywords],
) -> CoOccurrence:
    """Read annotations and return which classes occur in the same cells, and which in the same images.

    Parameters
    ----------
    source, grid, splits, format, progress, **options
        As in `heatgrid.heatmap`. An image has a class if at least one annotation of it is counted.

    Raises
    ------
    FormatError, ValueError
        As in `heatgrid.heatmap`.

    Examples
    --------
    >>> import heatgrid as hg
    >>> found = hg.cooccurrence("annotations.json", 10)
    >>> found.cells.shape == found.images.shape
    True
    """
    check_keywords(cooccurrence, options, SelectKeywords)
    spec, reading = parse_options(grid, splits=splits, **options)
    counts = new_counts(spec, reading)
    number: dict[str, int] = {}
    both = np.zeros((0, 0), dtype=np.int64)
    with reading.limits.timed():
        for batch in read_any(source, reading, format=format, progress=progress):
            outcome = counts.add_batch(batch, **reading.counting)
            index = np.array([number.setdefault(name, len(number)) for name in batch.classes], dtype=np.int64)
            both = np.pad(both, (0, len(number) - len(both)))
            hit = np.flatnonzero(outcome <= Outcome.COUNTED_AS_POINT.value)
            both += image_pairs(batch.image[hit], index[batch.label[hit]], len(number))
    check_found(counts.report, reading)
    heat = Heatmap.of(counts)
    order = [number.setdefault(name, len(number)) for name in heat.classes]
    both = np.pad(both, (0, len(number) - len(both)))
    return CoOccurrence.of(heat.classes, heat.by_class, both[np.ix_(order, order)])
