"""Arrays in, array out: the counting functions, and the only door to the kernel.

What a hit is, is written in the documentation's definitions; the kernel's headers say how it is found.
"""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from heatgrid import _core
from heatgrid.errors import HeatgridWarning

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Counts = NDArray[np.int64]
    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Shape = int | tuple[int, int]
    Offsets = ArrayLike | tuple[ArrayLike, ...]

RuleName = Literal["center", "touch", "point"]

_BOX_RULES = {"center": _core.Rule.center, "touch": _core.Rule.touch, "point": _core.Rule.point}
_POLYGON_RULES = {"center": _core.Rule.center, "point": _core.Rule.point}

# Fewer shapes than this a worker are not worth a thread.
_SHAPES_A_WORKER = {"boxes": 200_000, "points": 400_000, "polygons": 10_000}

OUTCOMES = ("counted", "fallback", "empty", "outside", "invalid")


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of a call's annotations.

    Attributes
    ----------
    counted, fallback, empty, outside, invalid
        How many: hit cells by the rule; too small to hold a cell centre and counted at their
        representative point; without extent; outside the image; not finite and skipped.
    outcomes
        (N,) uint8, index into `OUTCOMES`, one an annotation.
    """

    counted: int
    fallback: int
    empty: int
    outside: int
    invalid: int
    outcomes: NDArray[np.uint8] | None = None


def grid_shape(shape: Shape) -> tuple[int, int]:
    """Return ``(rows, columns)``; an int n means ``(n, n)``.

    Raises
    ------
    TypeError
        ``shape`` is neither an int nor a pair of ints.
    ValueError
        An axis has no cells, or more than 2**26.
    """
    pair: Any = (shape, shape) if isinstance(shape, (int, np.integer)) else shape
    try:
        axes: tuple[Any, ...] = tuple(pair)
    except TypeError:
        axes = ()
    if len(axes) != 2 or not all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in axes):
        raise TypeError(f"shape must be an int or a pair of ints (rows, columns), got {shape!r}")
    rows, columns = int(axes[0]), int(axes[1])
    if not (1 <= rows <= _core.max_cells_per_axis and 1 <= columns <= _core.max_cells_per_axis):
        raise ValueError(f"shape must have 1 to 2**26 cells along each axis, got {shape!r}")
    return rows, columns


def as_doubles(values: ArrayLike, name: str, columns: int) -> Doubles:
    """Return (N, columns) float64, C-contiguous: the one conversion that an input may need."""
    array = np.asarray(values)
    if array.size == 0 and array.ndim < 2:
        array = np.empty((0, columns))
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    if array.ndim != 2 or array.shape[1] != columns:
        raise ValueError(f"{name} must have shape (N, {columns}), got {array.shape}")
    return np.ascontiguousarray(array, dtype=np.float64)


def as_integers(values: ArrayLike, name: str) -> Integers:
    """Return (N,) int64, C-contiguous; floats are refused, since they may not be whole."""
    array = np.asarray(values)
    if array.size == 0 and array.dtype.kind == "f":
        array = array.astype(np.int64)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold integers, got dtype {array.dtype}")
    if array.ndim != 1:
        raise ValueError(f"{name} must have one dimension, got shape {array.shape}")
    if array.dtype == np.uint64 and array.size and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{name} must fit in int64, got {array.max()}")
    return np.ascontiguousarray(array, dtype=np.int64)


def as_sizes(sizes: ArrayLike | None) -> Doubles | None:
    """Return one (width, height) pair or (N, 2) of them, or None for normalised coordinates."""
    if sizes is None:
        return None
    array = np.asarray(sizes)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"sizes must hold real numbers, got dtype {array.dtype}")
    if array.shape[-1:] != (2,) or array.ndim > 2:
        raise ValueError(f"sizes must be one (width, height) pair or have shape (N, 2), got {array.shape}")
    return np.ascontiguousarray(array, dtype=np.float64)


def as_ratio(large_box_ratio: float | None) -> float:
    """Return the share of its image above which a box counts as large; infinity where there is none."""
    if large_box_ratio is None:
        return np.inf
    if isinstance(large_box_ratio, bool) or not isinstance(
        large_box_ratio, (int, float, np.integer, np.floating)
    ):
        raise TypeError(f"large_box_ratio must be a number or None, got {large_box_ratio!r}")
    if not large_box_ratio >= 0:
        raise ValueError(f"large_box_ratio must not be negative, got {large_box_ratio}")
    return float(large_box_ratio)


def available_cores() -> int:
    """Return the number of cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def workers_for(threads: int | None, count: int, kind: str) -> int:
    """Return how many threads share ``count`` shapes; results do not depend on it."""
    if threads is None:
        return max(1, min(available_cores(), count // _SHAPES_A_WORKER[kind]))
    if isinstance(threads, bool) or not isinstance(threads, (int, np.integer)):
        raise TypeError(f"threads must be an int or None, got {threads!r}")
    if not 1 <= threads <= 1024:
        raise ValueError(f"threads must be from 1 to 1024, got {threads}")
    return int(threads)


def choose(name: str, value: str, choices: dict[str, Any]) -> Any:
    """Return what ``value`` stands for, or say which values there are."""
    try:
        return choices[value]
    except (KeyError, TypeError):
        known = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"{name} must be one of {known}, got {value!r}") from None


def planes_for(
    shape: Shape, labels: ArrayLike | None, classes: int | None, out: Counts | None
) -> tuple[Counts, Counts]:
    """Return the result to give back, and its view as (classes, rows, columns) to add into."""
    rows, columns = grid_shape(shape)
    if classes is not None and (isinstance(classes, bool) or not isinstance(classes, (int, np.integer))):
        raise TypeError(f"classes must be an int or None, got {classes!r}")
    if classes is not None and classes < 1:
        raise ValueError(f"classes must be at least 1, got {classes}")
    if labels is not None and classes is None:
        raise ValueError("classes must be given with labels: the number of planes in the result")
    if classes is not None and labels is None:
        raise ValueError("labels must be given with classes")
    expected = (rows, columns) if classes is None else (int(classes), rows, columns)
    if out is None:
        out = np.zeros(expected, dtype=np.int64)
    elif not isinstance(out, np.ndarray):
        raise TypeError(f"out must be a numpy array, got {type(out).__name__}")
    elif out.shape != expected:
        raise ValueError(f"out must have shape {expected}, got {out.shape}")
    return out, out[np.newaxis] if classes is None else out


def add_boxes(
    planes: Counts,
    xyxy: ArrayLike,
    *,
    sizes: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    rule: str = "center",
    large_box_ratio: float | None = None,
    threads: int | None = None,
) -> Tally:
    """Add boxes into ``planes``, (classes, rows, columns); see `count_boxes`."""
    kernel_rule = choose("rule", rule, _BOX_RULES)
    ratio = as_ratio(large_box_ratio)
    corners = as_doubles(xyxy, "xyxy", 4)
    outcomes = np.empty(len(corners), dtype=np.uint8)
    tally = _core.count_boxes(
        corners,
        planes,
        as_sizes(sizes),
        None if labels is None else as_integers(labels, "labels"),
        outcomes,
        kernel_rule,
        ratio,
        workers_for(threads, len(corners), "boxes"),
    )
    return Tally(*tally, outcomes)


def add_points(
    planes: Counts,
    xy: ArrayLike,
    *,
    sizes: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    outside: str = "drop",
    threads: int | None = None,
) -> Tally:
    """Add points into ``planes``, (classes, rows, columns); see `count_points`."""
    clamp = choose("outside", outside, {"drop": False, "clamp": True})
    coordinates = as_doubles(xy, "xy", 2)
    outcomes = np.empty(len(coordinates), dtype=np.uint8)
    tally = _core.count_points(
        coordinates,
        planes,
        as_sizes(sizes),
        None if labels is None else as_integers(labels, "labels"),
        outcomes,
        clamp,
        workers_for(threads, len(coordinates), "points"),
    )
    return Tally(*tally, outcomes)


def split_offsets(offsets: Offsets) -> tuple[Integers, Integers | None, Integers | None]:
    """Return the offsets of rings, parts and annotations; None where every ring, or part, stands alone."""
    levels = offsets if isinstance(offsets, tuple) else (offsets,)
    if not 1 <= len(levels) <= 3:
        raise ValueError(
            "offsets must be one array or a tuple of one to three (rings, parts, annotations), "
            f"got {len(levels)}"
        )
    names = ("offsets of rings", "offsets of parts", "offsets of annotations")
    arrays = [as_integers(level, name) for level, name in zip(levels, names, strict=False)]
    parts = arrays[1] if len(arrays) > 1 else None
    annotations = arrays[2] if len(arrays) > 2 else None
    return arrays[0], parts, annotations


def add_polygons(
    planes: Counts,
    coords: ArrayLike,
    offsets: Offsets,
    *,
    sizes: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    rule: str = "center",
    threads: int | None = None,
) -> Tally:
    """Add polygons into ``planes``, (classes, rows, columns); see `count_polygons`."""
    kernel_rule = choose("rule", rule, _POLYGON_RULES)
    vertices = as_doubles(coords, "coords", 2)
    rings, parts, annotations = split_offsets(offsets)
    outermost = next(level for level in (annotations, parts, rings) if level is not None)
    count = max(0, len(outermost) - 1)
    outcomes = np.empty(count, dtype=np.uint8)
    tally = _core.count_polygons(
        vertices,
        rings,
        parts,
        annotations,
        planes,
        as_sizes(sizes),
        None if labels is None else as_integers(labels, "labels"),
        outcomes,
        kernel_rule,
        workers_for(threads, count, "polygons"),
    )
    return Tally(*tally, outcomes)


def _warn_of_invalid(tally: Tally, noun: str) -> None:
    if tally.invalid:
        warnings.warn(
            f"{tally.invalid} {noun} skipped: a coordinate or size is not finite, or a size is not positive",
            HeatgridWarning,
            stacklevel=3,
        )


def count_boxes(
    xyxy: ArrayLike,
    shape: Shape,
    *,
    sizes: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    classes: int | None = None,
    rule: RuleName = "center",
    large_box_ratio: float | None = None,
    threads: int | None = None,
    out: Counts | None = None,
) -> Counts:
    """Count boxes on a grid.

    Parameters
    ----------
    xyxy
        (N, 4) real numbers, two opposite corners x1 y1 x2 y2 in any order; normalised, or pixels when
        ``sizes`` is given. Any dtype and layout; float64 in C order is read without a copy.
    shape
        Cells of the grid: an int n for (n, n), or (rows, columns).
    sizes
        Width and height of the image in pixels: one pair, or (N, 2) for an image a box.
    labels
        (N,) ints in ``[0, classes)``; the result then has a plane a class.
    classes
        The number of classes, given with ``labels``.
    rule
        ``"center"``: the cells whose centre lies in the box, both edges included; a box with extent that
        holds no centre hits the cell of its middle. ``"touch"``: the cells that it overlaps with positive
        area. ``"point"``: the cell of its middle.
    large_box_ratio
        A box whose area over its image's area, before clipping, is greater than this hits only the cell of
        its middle. None: no such limit.
    threads
        None uses the cores that the process may run on when the work is worth it. The result does not
        depend on it.
    out
        A C-contiguous int64 array of the result's shape, to which is added in place.

    Returns
    -------
    ndarray
        int64, (rows, columns), or (classes, rows, columns) with ``labels``. A box adds at most 1 to a
        cell. With ``out``, that array.

    Raises
    ------
    TypeError
        An argument has the wrong type or dtype.
    ValueError
        An argument has the wrong shape or value.

    Warns
    -----
    HeatgridWarning
        Boxes were skipped because a coordinate or size is not finite, or a size not positive.
        `Heatmap.report` says which.

    Examples
    --------
    >>> import heatgrid as hg
    >>> hg.count_boxes([[0.0, 0.0, 0.5, 1.0]], 2)
    array([[1, 0],
           [1, 0]])
    """
    out, planes = planes_for(shape, labels, classes, out)
    tally = add_boxes(
        planes,
        xyxy,
        sizes=sizes,
        labels=labels,
        rule=rule,
        large_box_ratio=large_box_ratio,
        threads=threads,
    )
    _warn_of_invalid(tally, "boxes")
    return out


def count_points(
    xy: ArrayLike,
    shape: Shape,
    *,
    sizes: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    classes: int | None = None,
    outside: Literal["drop", "clamp"] = "drop",
    threads: int | None = None,
    out: Counts | None = None,
) -> Counts:
    """Count points on a grid.

    Parameters
    ----------
    xy
        (N, 2) real numbers, normalised, or pixels when ``sizes`` is given.
    outside
        What happens to points outside [0, 1]: ``"drop"``, or ``"clamp"`` to move them to the nearest cell.
        The far edges 1.0 belong to the last cell.
    shape, sizes, labels, classes, threads, out
        As in `count_boxes`.

    Returns
    -------
    ndarray
        int64, (rows, columns), or (classes, rows, columns) with ``labels``.

    Raises
    ------
    TypeError, ValueError
        As in `count_boxes`.

    Warns
    -----
    HeatgridWarning
        As in `count_boxes`.

    Examples
    --------
    >>> import heatgrid as hg
    >>> hg.count_points([[0.1, 0.1], [1.0, 1.0], [1.0, 0.0]], 2)
    array([[1, 1],
           [0, 1]])
    """
    out, planes = planes_for(shape, labels, classes, out)
    tally = add_points(planes, xy, sizes=sizes, labels=labels, outside=outside, threads=threads)
    _warn_of_invalid(tally, "points")
    return out


def count_polygons(
    coords: ArrayLike,
    offsets: Offsets,
    shape: Shape,
    *,
    sizes: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    classes: int | None = None,
    rule: Literal["center", "point"] = "center",
    threads: int | None = None,
    out: Counts | None = None,
) -> Counts:
    """Count polygons on a grid.

    Parameters
    ----------
    coords
        (M, 2) real numbers: the vertices of all rings, one ring after the other; normalised, or pixels when
        ``sizes`` is given. Rings close implicitly; those of fewer than three vertices are ignored.
    offsets
        Where rings begin in ``coords``, and end: ``offsets[k]`` to ``offsets[k + 1]``; every ring is an
        annotation. Or a tuple of such arrays, innermost first: (rings, parts), where the first ring of a
        part is its outer ring and the others are holes (even-odd), or (rings, parts, annotations), where the
        parts of an annotation are united. What ``shapely.to_ragged_array`` and Arrow list arrays hold.
    rule
        ``"center"``: the cells whose centre is inside; left and top edges belong to a polygon, right
        and bottom edges do not. A polygon with extent that holds no centre hits the cell of the mean of its
        outer rings' vertices. ``"point"``: the cell of that mean.
    shape, sizes, labels, classes, threads, out
        As in `count_boxes`; sizes and labels are given one an annotation.

    Returns
    -------
    ndarray
        int64, (rows, columns), or (classes, rows, columns) with ``labels``. An annotation adds at most
        1 to a cell, however many parts it has.

    Raises
    ------
    TypeError, ValueError
        As in `count_boxes`.

    Warns
    -----
    HeatgridWarning
        As in `count_boxes`.

    Examples
    --------
    >>> import heatgrid as hg
    >>> triangle = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    >>> hg.count_polygons(triangle, [0, 3], 2)
    array([[1, 0],
           [0, 0]])
    """
    out, planes = planes_for(shape, labels, classes, out)
    tally = add_polygons(planes, coords, offsets, sizes=sizes, labels=labels, rule=rule, threads=threads)
    _warn_of_invalid(tally, "polygons")
    return out
