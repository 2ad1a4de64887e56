"""Queries from cells to annotations: `find` for one cell or rectangle, `annotations_by_cell` for all cells.

The kernel decides which annotations hit a cell, as it does in a count, so both agree.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Unpack, get_args

import numpy as np

from heatgrid.core.cell_annotations import CellAnnotations, Listed
from heatgrid.core.counts import Counts
from heatgrid.core.kernel import Outcome
from heatgrid.core.letterbox import centered, squares
from heatgrid.core.report import Report
from heatgrid.core.spec import CountSpec, Grid, check_choice, check_keywords
from heatgrid.io.keywords import SelectKeywords, check_found, parse_options
from heatgrid.io.objects import read_any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions
    from heatgrid.io.read import Source
    from heatgrid.io.registry import FormatName

    Index = int | slice
    Window = tuple[slice, slice]
    Integers = NDArray[np.int64]

_BITS = 52
"""Annotations per plane in `find`: each adds a power of two, and their sum is an exact float64."""
_MAX_CELLS = 1 << 22
"""Approximate number of cells of planes in memory at a time."""


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
        Its split, if any.
    id
        Its id in the file, if any.
    path
        The annotation file.
    place
        Its position in the file: ``"annotations[12]"``, ``"line 3"``.
    share
        With ``rule="area"``, the covered area in cells; otherwise None.
    box
        Its bounding box x1, y1, x2, y2 in pixels, or in shares of the image if its size is unknown; None for
        a mask without a box.

    Examples
    --------
    >>> import heatgrid as hg
    >>> heat = hg.heatmap("annotations.json", 10)
    >>> row, column = divmod(int(heat.counts.argmax()), 10)
    >>> found = next(hg.find("annotations.json", (row, column), 10))
    >>> found.path, found.place
    ('annotations.json', 'annotations[2]')
    """

    image: str
    label: str
    split: str | None
    id: object
    path: str
    place: str
    share: float | None = None
    box: tuple[float, float, float, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain numbers and strings; an id of another type as text."""
        plain = asdict(self)
        if not isinstance(self.id, (int, float, str, type(None))):
            plain["id"] = str(self.id)
        return plain


def find(
    source: Source | Any,
    cell: tuple[Index, Index],
    grid: Grid | None = None,
    *,
    splits: Iterable[str] | None = None,
    format: FormatName | None = None,  # noqa: A002
    report: Report | None = None,
    progress: bool = False,
    **options: Unpack[SelectKeywords],
) -> Iterator[Found]:
    """Find the annotations that hit a cell, or any cell of a rectangle.

    For one cell, the number of annotations equals the count of `heatmap` with the same options. The number
    of different images equals its count with ``count="images"``.

    Parameters
    ----------
    source
        What `heatmap` takes: files and folders, batches of `Annotations`, DataFrames, detections, arrays. For
        labels, names of images or ``box=``, pass the batch of `annotations_from`.
    cell
        ``(row, column)`` as in the array of counts: ints, negative ones from the end, or slices:
        ``(3, 5)``, ``(slice(0, 10), -1)``.
    grid, splits, format, progress, **options
        As in `heatmap`.
    report
        A report to extend with skipped annotations: those the reader skips, and those near the cells that
        cannot be counted.

    Returns
    -------
    Iterator of Found
        In the order of the source. Only the current batch is in memory.

    Raises
    ------
    FormatError, ValueError
        As in `heatmap`; the iterator raises errors in the source. Or ``cell`` is outside the grid.
    TypeError
        ``cell`` is not a pair of ints or slices.

    Examples
    --------
    >>> import heatgrid as hg
    >>> images = {found.image for found in hg.find("annotations.json", (50, 50))}  # row and column
    """
    check_keywords(find, options, SelectKeywords)
    spec, reading = parse_options(grid, splits=splits, **options)
    window = _window(cell, spec.grid)
    batches = read_any(source, reading, format=format, progress=progress)
    return _find(batches, spec, reading, window, Report() if report is None else report)


def _window(cell: Any, shape: tuple[int, int]) -> Window:
    """Return an index as slices of rows and columns."""
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
            raise ValueError(f"cell must select at least one {name} of {count}, got {name} {index!r}")
        sides.append(slice(begin, end))
    return sides[0], sides[1]


def _find(
    batches: Iterable[Annotations], spec: CountSpec, options: ReadOptions, window: Window, report: Report
) -> Iterator[Found]:
    for batch in batches:
        report.merge(batch.report)
        report.add_classes(batch.classes)
        report.splits |= {batch.split} if batch.image_names else set()
        near = np.flatnonzero(_near(batch, spec, window)) if spec.of == "place" else np.arange(len(batch))
        boxes = _boxes(batch.select(near))
        for i, share in _hits_in_window(batch, near, spec, options, window=window, report=report):
            path, place, key = batch.place(i)
            image = batch.image_names[int(batch.image[i])]
            label = batch.classes[int(batch.label[i])]
            box = boxes[np.searchsorted(near, i)].tolist()
            plain = None if np.isnan(box).any() else tuple(box)
            yield Found(image, label, batch.split, key, path, place, share, plain)
    check_found(report, options)


def _boxes(batch: Annotations) -> NDArray[np.float64]:
    """Return the bounding boxes, (N, 4), in pixels where the image size is known; NaN where there is none."""
    boxes = np.concatenate(_bounds(batch), axis=1)
    if batch.boxes is not None:
        boxes = np.where(np.isnan(batch.boxes), boxes, batch.boxes)
    if batch.normalized and batch.sizes is not None:
        sizes = batch.sizes[batch.image]
        boxes = boxes * np.tile(np.where(np.isnan(sizes), 1.0, sizes), 2)
    return boxes


def _near(batch: Annotations, spec: CountSpec, window: Window) -> NDArray[np.bool_]:
    """Select annotations whose bounding box is at most one cell from the window, and all masks."""
    low, high = _bounds(batch)
    is_letterbox = spec.fit == "letterbox"
    if (is_letterbox or not batch.normalized) and batch.sizes is not None:
        sizes = batch.sizes[batch.image]
        if is_letterbox:
            low, high = (centered(side, sizes, normalized=batch.normalized) for side in (low, high))
            sizes = squares(sizes)
        with np.errstate(all="ignore"):  # annotations without an image size hit nothing
            low, high = low / sizes, high / sizes
    near = np.ones(len(batch), dtype=bool)
    for axis, count, side in zip((1, 0), spec.grid, window, strict=True):
        first, last = (side.start - 1) / count, (side.stop + 1) / count
        near &= ~(high[:, axis] < first) & ~(low[:, axis] > last)  # keeps NaN: the kernel reports it
    if batch.masks is not None:
        near |= batch.masks.sizes[:, 0] > 0
    return near


def _bounds(batch: Annotations) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the minimum and maximum x and y over all geometries of each annotation, (N, 2) each."""
    columns = [batch.polygons, batch.lines, batch.points]
    bounds = [batch.boxes, *(column.bounds() for column in columns if column is not None)]
    low, high = np.full((len(batch), 2), np.nan), np.full((len(batch), 2), np.nan)
    for box in bounds:
        if box is not None:
            low = np.fmin(low, np.fmin(box[:, :2], box[:, 2:]))
            high = np.fmax(high, np.fmax(box[:, :2], box[:, 2:]))
    return low, high


def _hits_in_window(
    batch: Annotations,
    near: Integers,
    spec: CountSpec,
    options: ReadOptions,
    *,
    window: Window,
    report: Report,
) -> Iterator[tuple[int, float | None]]:
    """Yield the indices of the annotations that hit the window, and their areas with ``rule="area"``."""
    rows, columns = spec.grid
    cells = (window[0].stop - window[0].start) * (window[1].stop - window[1].start)
    by_area = spec.needs_area
    per_plane = 1 if by_area else _BITS
    step = per_plane * max(1, _MAX_CELLS // (rows * columns))
    for begin in range(0, len(near), step):
        some = near[begin : begin + step]
        number = np.arange(len(some))
        weights = None if by_area else np.ldexp(1.0, number % per_plane)
        part = batch.select(some)
        planes, outcome = _count_planes(part, number // per_plane, spec, options, weights)
        lost = np.flatnonzero(outcome >= Outcome.NOT_FINITE.value)
        skipped = part.select(lost)
        report.record(outcome[lost], skipped.classes, skipped.label, where=skipped.where)
        sums = planes[:, window[0], window[1]].reshape(-1, 1, cells)
        if by_area:
            shares = sums.sum(axis=(1, 2))
            yield from ((int(i), float(share)) for i, share in zip(some, shares, strict=True) if share > 0)
        else:
            bits = (sums.astype(np.int64) >> np.arange(per_plane)[:, np.newaxis]) & 1
            yield from ((int(i), None) for i in some[bits.any(axis=2).reshape(-1)[: len(some)]])


def _count_planes(
    batch: Annotations,
    plane: Integers,
    spec: CountSpec,
    options: ReadOptions,
    weights: NDArray[np.float64] | None = None,
) -> tuple[NDArray[Any], NDArray[np.uint8]]:
    """Count each annotation into the plane of its number; return the planes and the outcomes."""
    names = tuple(map(str, range(int(plane.max(initial=-1)) + 1)))
    counts = Counts(replace(spec, weighted=weights is not None), names)
    part = replace(batch, label=plane, classes=names, report=Report())
    counting = options.counting
    counting["weights"] = weights
    outcome = counts.add_batch(part, **counting)
    return counts.grids.counts, outcome


def annotations_by_cell(
    source: Source | Any,
    grid: Grid | None = None,
    *,
    kind: Listed = "images",
    limit: int = 10,
    splits: Iterable[str] | None = None,
    format: FormatName | None = None,  # noqa: A002
    progress: bool = False,
    **options: Unpack[SelectKeywords],
) -> CellAnnotations:
    """List the images, or annotations, that hit each cell.

    Parameters
    ----------
    source
        What `heatgrid.heatmap` takes: files and folders, batches of `Annotations`, DataFrames, detections,
        arrays.
    kind
        ``"images"``: those with most annotations in a cell first. ``"annotations"``: in their order.
    limit
        The maximum length of each cell's list.
    grid, splits, format, progress, **options
        As in `heatgrid.heatmap`. Equal options give the lists of its counts.

    Returns
    -------
    CellAnnotations
        For ``heat.save("x.html", annotations_by_cell=…)``. Its size grows with the number of cells times
        ``limit``, not with the source.

    Raises
    ------
    FormatError, ValueError
        As in `heatgrid.heatmap`, or ``kind`` or ``limit`` is wrong.

    Examples
    --------
    >>> import heatgrid as hg
    >>> lists = hg.annotations_by_cell("annotations.json", 10)
    >>> hg.heatmap("annotations.json", 10).save("map.html", annotations_by_cell=lists)
    """
    check_choice("kind", kind, get_args(Listed))
    if not 1 <= limit <= 1000:
        raise ValueError(f"limit must be in 1 … 1000, got {limit!r}")
    check_keywords(annotations_by_cell, options, SelectKeywords)
    spec, reading = parse_options(grid, splits=splits, **options)
    best, names, report = CellListBuilder(spec.grid[0] * spec.grid[1], limit), list[str](), Report()
    for batch in read_any(source, reading, format=format, progress=progress):
        report.merge(batch.report)
        report.add_classes(batch.classes)
        report.splits |= {batch.split} if batch.image_names else set()
        for name, cells, hits in _hits_by_item(batch, spec, reading, kind):
            if best.add(len(names), cells, hits):
                names.append(name)
    check_found(report, reading)
    return best.lists(kind, spec.grid, names)


def _hits_by_item(
    batch: Annotations, spec: CountSpec, options: ReadOptions, kind: Listed
) -> Iterator[tuple[str, Integers, NDArray[np.int32]]]:
    """Yield the name of each image or annotation, the cells that it hits, and the hits of each cell."""
    rows, columns = spec.grid
    owner = batch.image if kind == "images" else np.arange(len(batch))
    by_owner = np.argsort(owner, kind="stable")
    owners, begins = np.unique(owner[by_owner], return_index=True)
    ends = np.append(begins[1:], len(batch))
    step = max(1, _MAX_CELLS // (rows * columns))
    for begin in range(0, len(owners), step):
        some = slice(begin, begin + step)
        index = by_owner[begins[some][0] : ends[some][-1]]
        plane = np.searchsorted(owners[some], owner[index])
        planes, _ = _count_planes(batch.select(index), plane, spec, options)
        for number, counts in zip(owners[some].tolist(), planes.reshape(len(planes), -1), strict=True):
            (cells,) = np.nonzero(counts)
            hits = counts[cells].astype(np.int32) if not spec.needs_area else np.ones(len(cells), np.int32)
            if len(cells):
                yield _name(batch, number, kind), cells, hits


def _name(batch: Annotations, number: int, kind: Listed) -> str:
    if kind == "images":
        return batch.image_names[number]
    _, place, key = batch.place(number)
    label, image = batch.classes[int(batch.label[number])], batch.image_names[int(batch.image[number])]
    return f"{label}, {image}, {place if key is None else f'id {key}'}"


class CellListBuilder:
    """Items with most hits of each cell; earlier ones first among equals."""

    def __init__(self, cells: int, limit: int) -> None:
        self.hits = np.zeros((cells, limit), dtype=np.int32)
        self.items = np.zeros((cells, limit), dtype=np.int32)
        self.totals = np.zeros(cells, dtype=np.int64)

    def add(self, item: int, cells: Integers, hits: NDArray[np.int32]) -> bool:
        """Insert an item into the lists of its cells; return whether any list has it now."""
        self.totals[cells] += 1
        better = hits > self.hits[cells, -1]
        if not better.any():
            return False
        rows, new = cells[better], hits[better, np.newaxis]
        candidates = np.concatenate((self.hits[rows], new), axis=1)
        order = np.argsort(-candidates, axis=1, kind="stable")[:, :-1]
        items = np.concatenate((self.items[rows], np.full_like(new, item)), axis=1)
        self.hits[rows] = np.take_along_axis(candidates, order, axis=1)
        self.items[rows] = np.take_along_axis(items, order, axis=1)
        return True

    def lists(self, kind: Listed, shape: tuple[int, int], names: list[str]) -> CellAnnotations:
        """Return the lists of all cells, with the names of listed items only."""
        listed = self.hits > 0
        used, items = np.unique(self.items[listed], return_inverse=True)
        starts = np.concatenate(([0], np.cumsum(listed.sum(axis=1))))
        hits = self.hits[listed].astype(np.int64)
        kept = tuple(names[i] for i in used)
        return CellAnnotations(kind, shape, kept, starts, items.astype(np.int64), hits, self.totals)
