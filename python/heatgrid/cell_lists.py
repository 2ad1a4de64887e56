"""What is behind every cell: the images or annotations that hit it, as many as a page can hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Unpack

import numpy as np

from heatgrid.core.counts import Counts
from heatgrid.core.report import Report
from heatgrid.datasets import check_found, parse_options
from heatgrid.io.read import read as read_sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.arguments import OnError
    from heatgrid.core.geometry import Geometry
    from heatgrid.core.spec import CountSpec, Fit, Grid, Rule
    from heatgrid.datasets import Preset, ReadKeywords
    from heatgrid.io.options import ReadOptions
    from heatgrid.io.read import Source

    Of = Literal["images", "annotations"]
    Integers = NDArray[np.int64]

_CELLS = 1 << 22
"""About how many cells of planes are held at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Behind:
    """Lists of what hits each cell, cut to the first few; what is left out is counted.

    Attributes
    ----------
    of
        ``"images"`` or ``"annotations"``.
    shape
        Rows and columns of the grid.
    names
        What the lists hold, each once.
    starts
        (rows * columns + 1,) where the list of each cell, row by row, begins in ``items``.
    items, hits
        Numbers of names, those with most hits first, and how many annotations of each hit the cell.
    totals
        (rows * columns,) how many there are behind each cell, listed or not.
    """

    of: Of
    shape: tuple[int, int]
    names: tuple[str, ...]
    starts: Integers
    items: Integers
    hits: Integers
    totals: Integers

    def at(self, row: int, column: int) -> list[tuple[str, int]]:
        """Return the list of a cell: names, and how many annotations of each hit it.

        Raises
        ------
        IndexError
            There is no such cell.
        """
        if not (0 <= row < self.shape[0] and 0 <= column < self.shape[1]):
            raise IndexError(f"no cell ({row}, {column}) in a grid of {self.shape}")
        cell = row * self.shape[1] + column
        part = slice(self.starts[cell], self.starts[cell + 1])
        names = [self.names[item] for item in self.items[part]]
        return list(zip(names, self.hits[part].tolist(), strict=True))


class _Best:
    """The items with most hits of each cell; of equal ones those that came first."""

    def __init__(self, cells: int, limit: int) -> None:
        self.hits = np.zeros((cells, limit), dtype=np.int32)
        self.items = np.zeros((cells, limit), dtype=np.int32)
        self.totals = np.zeros(cells, dtype=np.int64)

    def add(self, item: int, cells: Integers, hits: NDArray[np.int32]) -> bool:
        """Enter an item where it hits more often than what stands there; tell whether it did anywhere."""
        self.totals[cells] += 1
        better = hits > self.hits[cells, -1]
        if not better.any():
            return False
        rows, new = cells[better], hits[better, np.newaxis]
        among = np.concatenate((self.hits[rows], new), axis=1)
        order = np.argsort(-among, axis=1, kind="stable")[:, :-1]
        items = np.concatenate((self.items[rows], np.full_like(new, item)), axis=1)
        self.hits[rows] = np.take_along_axis(among, order, axis=1)
        self.items[rows] = np.take_along_axis(items, order, axis=1)
        return True


def behind(
    source: Source,
    grid: Grid | None = None,
    *,
    of: Of = "images",
    limit: int = 10,
    classes: Iterable[str] | None = None,
    splits: Iterable[str] | None = None,
    format: str | None = None,  # noqa: A002
    geometry: Geometry | None = None,
    rule: Rule | None = None,
    preset: Preset | None = None,
    large_box_ratio: float | None = None,
    fit: Fit = "stretch",
    on_error: OnError = "skip",
    progress: bool = False,
    **reading: Unpack[ReadKeywords],
) -> Behind:
    """List the images, or annotations, behind every cell.

    Parameters
    ----------
    source
        A file, a folder, a ``data.yaml``, or several of them; see `heatgrid.read`.
    of
        ``"images"``, those with most annotations in a cell first; or ``"annotations"``, in their order.
    limit
        The most to list of each cell; of the others it is known how many there are.
    grid, classes, splits, format, geometry, rule, preset, large_box_ratio, fit, on_error, progress
        As in `heatgrid.heatmap`; with the same ones, the lists are those of its counts.
    **reading
        Further options of `heatgrid.read`.

    Returns
    -------
    Behind
        For ``heat.save("x.html", behind=…)``. Its size grows with the cells times ``limit``, not with the
        source.

    Raises
    ------
    FormatError, ValueError
        As in `heatgrid.heatmap`, or ``of`` or ``limit`` is wrong.
    """
    if of not in ("images", "annotations"):
        raise ValueError(f'of must be "images" or "annotations", got {of!r}')
    if not 1 <= limit <= 1000:
        raise ValueError(f"limit must be in 1 … 1000, got {limit!r}")
    spec, options = parse_options(
        grid,
        classes=classes,
        geometry=geometry,
        rule=rule,
        preset=preset,
        large_box_ratio=large_box_ratio,
        fit=fit,
        splits=splits,
        on_error=on_error,
        **reading,
    )
    rows, columns = spec.grid
    best, names, found = _Best(rows * columns, limit), list[str](), Report()
    for batch in read_sources(source, options, format=format, progress=progress):
        found.add_classes(batch.classes)
        found.splits |= {batch.split} if batch.image_names else set()
        wanted = batch if options.classes is None else batch.with_classes(options.classes)
        for name, cells, hits in _hits(wanted, spec, options, of):
            if best.add(len(names), cells, hits):
                names.append(name)
    check_found(found, options)
    return _packed(of, (rows, columns), best, names)


def _hits(
    batch: Annotations, spec: CountSpec, options: ReadOptions, of: Of
) -> Iterator[tuple[str, Integers, NDArray[np.int32]]]:
    """Yield names with the cells that they hit and how often, some planes of them at a time."""
    rows, columns = spec.grid
    owner = batch.image if of == "images" else np.arange(len(batch))
    by_owner = np.argsort(owner, kind="stable")
    owners, begins = np.unique(owner[by_owner], return_index=True)
    ends = np.append(begins[1:], len(batch))
    step = max(1, _CELLS // (rows * columns))
    for begin in range(0, len(owners), step):
        some = slice(begin, begin + step)
        index = by_owner[begins[some][0] : ends[some][-1]]
        planes = _count(batch.select(index), np.searchsorted(owners[some], owner[index]), spec, options)
        flat = planes.reshape(len(planes), -1)
        for number, plane in zip(owners[some].tolist(), flat, strict=True):
            (cells,) = np.nonzero(plane)
            hits = plane[cells].astype(np.int32) if spec.rule != "area" else np.ones(len(cells), np.int32)
            if len(cells):
                yield _name(batch, number, of), cells, hits


def _count(part: Annotations, label: Integers, spec: CountSpec, options: ReadOptions) -> NDArray[Any]:
    """Count annotations, a plane for each of their owners."""
    planes = tuple(map(str, range(int(label.max()) + 1)))
    alone = replace(part, label=label, classes=planes, report=Report())
    counts = Counts(spec, planes)
    counts.add_batch(alone, geometry=options.geometry, on_error=options.on_error)
    return counts.grids.counts


def _name(batch: Annotations, number: int, of: Of) -> str:
    if of == "images":
        return batch.image_names[number]
    _, place, key = batch.place(number)
    label, image = batch.classes[int(batch.label[number])], batch.image_names[int(batch.image[number])]
    return f"{label}, {image}, {place if key is None else f'id {key}'}"


def _packed(of: Of, shape: tuple[int, int], best: _Best, names: list[str]) -> Behind:
    listed = best.hits > 0
    used, items = np.unique(best.items[listed], return_inverse=True)
    starts = np.concatenate(([0], np.cumsum(listed.sum(axis=1))))
    hits = best.hits[listed].astype(np.int64)
    return Behind(of, shape, tuple(names[i] for i in used), starts, items.astype(np.int64), hits, best.totals)
