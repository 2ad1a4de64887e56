"""From a cell back to what hits it: the annotations behind a number, and their images.

Annotations whose bounding box comes nowhere near the cells are passed over; of the others the kernel itself
decides, as it does when it counts, so that as many are found as are counted.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from heatgrid.core.counts import Counts
from heatgrid.core.kernel import Outcome
from heatgrid.core.letterbox import centered, squares
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

    Index = int | slice
    Window = tuple[slice, slice]

_BITS = 52
"""Annotations that share a plane: each adds a power of two to it, and their sum is a whole float64."""
_CELLS = 1 << 22
"""About how many cells of planes are held at a time."""


@dataclass(frozen=True, slots=True)
class Found:
    """An annotation that hits the cells.

    Attributes
    ----------
    image
        The name of its image.
    label
        The name of its class.
    split
        The split that it belongs to, if any.
    id
        Its id as the file has it, if it has one.
    path
        The annotation file.
    place
        Where in the file it stands: ``"annotations[12]"``, ``"line 3"``.
    share
        With ``rule="area"``, how much of the cells it covers, in cells; else None.
    """

    image: str
    label: str
    split: str | None
    id: object
    path: str
    place: str
    share: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain numbers and strings; an id of another type as text."""
        plain = asdict(self)
        if not isinstance(self.id, (int, float, str, type(None))):
            plain["id"] = str(self.id)
        return plain


def find(
    source: Source,
    cell: tuple[Index, Index],
    grid: Grid | None = None,
    *,
    classes: Iterable[str] | None = None,
    splits: Iterable[str] | None = None,
    format: str | None = None,  # noqa: A002
    geometry: Geometry | None = None,
    rule: Rule | None = None,
    preset: Preset | None = None,
    large_box_ratio: float | None = None,
    fit: Fit = "stretch",
    on_error: OnError = "skip",
    report: Report | None = None,
    progress: bool = False,
    **reading: Unpack[ReadKeywords],
) -> Iterator[Found]:
    """Find the annotations that hit a cell, or any cell of a rectangle.

    Of one cell, as many are found as `heatmap` counts there with the same options; with
    ``count="images"``, as many different images.

    Parameters
    ----------
    source
        A file, a folder, a ``data.yaml``, or several of them; see `read`.
    cell
        ``(row, column)``, as they index the counts: ints, negative ones from the end, or slices:
        ``(3, 5)``, ``(slice(0, 10), -1)``.
    grid, classes, splits, format, geometry, rule, preset, large_box_ratio, fit, on_error, progress
        As in `heatmap`.
    report
        To it is added what was left out and why: by the source's reader, and, of what lies near the cells, by
        the rule.
    **reading
        Further options of `read`.

    Returns
    -------
    Iterator of Found
        In the source's order. Nothing is kept but the batch that is being read.

    Raises
    ------
    FormatError, ValueError
        As in `heatmap`, what is wrong in the source by the iterator; or ``cell`` is beyond the grid.
    TypeError
        ``cell`` is not a pair of ints or slices.

    Examples
    --------
    >>> import heatgrid as hg
    >>> row, column = divmod(heat.counts.argmax(), heat.shape[1])  # doctest: +SKIP
    >>> images = {found.image for found in hg.find("annotations.json", (row, column))}  # doctest: +SKIP
    """
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
    window = _window(cell, spec.grid)
    batches = read_sources(source, options, format=format, progress=progress)
    return _found_in(batches, spec, options, window, Report() if report is None else report)


def _window(cell: Any, shape: tuple[int, int]) -> Window:
    """Return the rows and columns that an index means.

    Raises
    ------
    ValueError
        It is beyond the grid, or means no cells.
    TypeError
        It is not a pair of ints or slices.
    """
    if not isinstance(cell, (tuple, list)) or len(cell) != 2:
        raise TypeError(f"cell must be a pair (row, column) of ints or slices, got {cell!r}")
    sides: list[slice] = []
    for name, index, count in zip(("row", "column"), cell, shape, strict=True):
        if isinstance(index, slice):
            if index.step not in {None, 1}:
                raise TypeError(f"cell must have slices without a step, got {index!r}")
            begin, end, _ = index.indices(count)
        elif isinstance(index, (int, np.integer)) and not isinstance(index, bool):
            begin = int(index) + (count if index < 0 else 0)
            end = begin + 1
        else:
            raise TypeError(f"cell must be a pair (row, column) of ints or slices, got {cell!r}")
        if not 0 <= begin < end <= count:
            raise ValueError(f"cell: {name} {index!r} is beyond the grid's {count}, or means none")
        sides.append(slice(begin, end))
    return sides[0], sides[1]


def _found_in(
    batches: Iterable[Annotations],
    spec: CountSpec,
    options: ReadOptions,
    window: Window,
    report: Report,
) -> Iterator[Found]:
    for batch in batches:
        report.merge(batch.report)
        report.add_classes(batch.classes)
        report.splits |= {batch.split} if batch.image_names else set()
        wanted = batch if options.classes is None else batch.with_classes(options.classes)
        near = np.flatnonzero(_near(wanted, spec, window))
        for i, share in _hits(wanted, near, spec, options, window, report):
            path, place, key = wanted.place(i)
            image = wanted.image_names[int(wanted.image[i])]
            label = wanted.classes[int(wanted.label[i])]
            yield Found(image, label, wanted.split, key, path, place, share)
    check_found(report, options)


def _near(batch: Annotations, spec: CountSpec, window: Window) -> NDArray[np.bool_]:
    """Tell which annotations could hit the cells: at most a cell away, or masks, which fill their images."""
    low, high = _bounds(batch)
    is_letterbox = spec.fit == "letterbox"
    if (is_letterbox or not batch.normalized) and batch.sizes is not None:
        sizes = batch.sizes[batch.image]
        if is_letterbox:
            low, high = (centered(side, sizes, normalized=batch.normalized) for side in (low, high))
            sizes = squares(sizes)
        with np.errstate(all="ignore"):  # without a size nothing is hit, whatever comes out
            low, high = low / sizes, high / sizes
    near = np.ones(len(batch), dtype=bool)
    for axis, count, side in zip((1, 0), spec.grid, window, strict=True):
        first, last = (side.start - 1) / count, (side.stop + 1) / count
        # What is not a number stays, for the kernel to judge.
        near &= ~(high[:, axis] < first) & ~(low[:, axis] > last)
    if batch.masks is not None:
        near |= batch.masks.sizes[:, 0] > 0
    return near


def _bounds(batch: Annotations) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the least and greatest x and y of all geometry of each annotation, (N, 2) each."""
    low, high = np.full((len(batch), 2), np.nan), np.full((len(batch), 2), np.nan)
    columns: list[tuple[NDArray[np.float64], NDArray[np.int64]]] = []
    if batch.boxes is not None:
        columns.append((batch.boxes.reshape(-1, 2), np.arange(len(batch) + 1, dtype=np.int64) * 2))
    if batch.polygons is not None:
        columns.append((batch.polygons.coords, batch.polygons.vertices))
    if batch.lines is not None:
        columns.append((batch.lines.coords, batch.lines.paths[batch.lines.annotations]))
    if batch.points is not None:
        columns.append((batch.points.coords, batch.points.offsets))
    for coords, offsets in columns:
        there = np.flatnonzero(np.diff(offsets))
        if len(there):
            begins = offsets[there]
            low[there] = np.fmin(low[there], np.fmin.reduceat(coords, begins, axis=0))
            high[there] = np.fmax(high[there], np.fmax.reduceat(coords, begins, axis=0))
    return low, high


def _hits(
    batch: Annotations,
    near: NDArray[np.int64],
    spec: CountSpec,
    options: ReadOptions,
    window: Window,
    report: Report,
) -> Iterator[tuple[int, float | None]]:
    """Yield the numbers of the annotations that hit the cells, some planes of them at a time."""
    rows, columns = spec.grid
    by_area = spec.has_area
    each = 1 if by_area else _BITS
    step = each * max(1, _CELLS // (rows * columns))
    for begin in range(0, len(near), step):
        some = near[begin : begin + step]
        grids = _count(batch, some, each, spec, options, report)
        sums = grids[:, window[0], window[1]].reshape(-1, 1, _size(window))
        if by_area:
            shares = sums.sum(axis=(1, 2))
            yield from ((int(i), float(share)) for i, share in zip(some, shares, strict=True) if share > 0)
        else:
            bits = (sums.astype(np.int64) >> np.arange(each)[:, np.newaxis]) & 1
            yield from ((int(i), None) for i in some[bits.any(axis=2).reshape(-1)[: len(some)]])


def _count(
    batch: Annotations,
    some: NDArray[np.int64],
    each: int,
    spec: CountSpec,
    options: ReadOptions,
    report: Report,
) -> NDArray[Any]:
    """Count annotations, ``each`` to a plane: which of them hit a cell is read from its sum's bits."""
    number = np.arange(len(some))
    planes = tuple(map(str, range(-(-len(some) // each))))
    alone = replace(
        batch.select(some),
        label=number // each,
        classes=planes,
        report=Report(),
    )
    counts = Counts(replace(spec, weighted=each > 1), planes)
    weights = np.ldexp(1.0, number % each) if each > 1 else None
    outcome = counts.add_batch(alone, geometry=options.geometry, on_error=options.on_error, weights=weights)
    skipped = outcome >= Outcome.NOT_FINITE.value
    report.record(outcome[skipped], batch.classes, batch.label[some][skipped])
    report.record_reasons(outcome, lambda i: batch.where(int(some[i])))
    return counts.grids.counts


def _size(window: Window) -> int:
    rows, columns = window
    return int((rows.stop - rows.start) * (columns.stop - columns.start))
