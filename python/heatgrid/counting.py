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

    Grid = NDArray[Any]  # int64 counts, or float64 sums
    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Shape = int | tuple[int, int]
    Offsets = ArrayLike | tuple[ArrayLike, ...]

RuleName = Literal["center", "touch", "point", "area"]
CountName = Literal["instances", "images"]

_BOX_RULES = {rule.name: rule for rule in _core.Rule}
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
        There are not two axes, or an axis has no cells or more than 2**26.
    """
    axes: Any = (shape, shape) if isinstance(shape, (int, np.integer)) else shape
    wanted = "an int or a pair of ints (rows, columns)"
    if not isinstance(axes, (tuple, list, np.ndarray)) or not all(
        isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in axes
    ):
        raise TypeError(f"shape must be {wanted}, got {shape!r}")
    if len(axes) != 2:
        raise ValueError(f"shape must be {wanted}, got {shape!r}")
    rows, columns = int(axes[0]), int(axes[1])
    if not (1 <= rows <= _core.max_cells_per_axis and 1 <= columns <= _core.max_cells_per_axis):
        raise ValueError(f"shape must have 1 to 2**26 cells along each axis, got {shape!r}")
    return rows, columns


def as_array(values: ArrayLike, name: str) -> NDArray[Any]:
    """Return an array, or say which argument is none."""
    try:
        return np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must be an array: {error}") from None


def as_doubles(values: ArrayLike, name: str, columns: int) -> Doubles:
    """Return (N, columns) float64, C-contiguous: the one conversion that an input may need."""
    array = as_array(values, name)
    if array.size == 0 and array.ndim < 2:
        array = np.empty((0, columns))
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    if array.ndim != 2 or array.shape[1] != columns:
        raise ValueError(f"{name} must have shape (N, {columns}), got {array.shape}")
    return np.ascontiguousarray(array, dtype=np.float64)


def as_integers(values: ArrayLike, name: str) -> Integers:
    """Return (N,) int64, C-contiguous; floats are refused, since they may not be whole."""
    array = as_array(values, name)
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
    array = as_array(sizes, "sizes")
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


def as_weights(weights: ArrayLike) -> Doubles:
    """Return (N,) float64 of finite numbers."""
    array = as_array(weights, "weights")
    if array.dtype.kind not in "fiub":
        raise TypeError(f"weights must hold real numbers, got dtype {array.dtype}")
    if array.ndim != 1:
        raise ValueError(f"weights must have one dimension, got shape {array.shape}")
    return np.ascontiguousarray(array, dtype=np.float64)


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
    shape: Shape, labels: ArrayLike | None, classes: int | None, out: Grid | None, dtype: type[np.generic]
) -> tuple[Grid, Grid]:
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
        out = np.zeros(expected, dtype=dtype)
    elif not isinstance(out, np.ndarray):
        raise TypeError(f"out must be a numpy array, got {type(out).__name__}")
    elif out.shape != expected:
        raise ValueError(f"out must have shape {expected}, got {out.shape}")
    return out, out[np.newaxis] if classes is None else out


def result_dtype(rule: str, weights: ArrayLike | None) -> type[np.generic]:
    """Return float64 for weights and areas, else int64."""
    return np.float64 if rule == "area" or weights is not None else np.int64


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What all kinds of shapes have in common; each as `count_boxes` describes it."""

    sizes: ArrayLike | None = None
    labels: ArrayLike | None = None
    images: ArrayLike | None = None
    weights: ArrayLike | None = None
    count: str = "instances"
    threads: int | None = None

    def check(self, rule: str) -> None:
        """Raise ValueError for a combination without a meaning."""
        unites = choose("count", self.count, {"instances": False, "images": True})
        if unites and self.images is None:
            raise ValueError("images must be given with count='images': the image of each annotation")
        if not unites and self.images is not None:
            raise ValueError("images must not be given with count='instances', which does not use them")
        if unites and self.weights is not None:
            raise ValueError(
                "weights must not be given with count='images': the union of several has no one weight"
            )
        if unites and rule == "area":
            raise ValueError(
                "rule='area' does not go with count='images': shares of a cell do not unite by cells"
            )

    def call(self, planes: Grid, count: int, kind: str) -> tuple[_core.Call, NDArray[np.uint8]]:
        """Return the kernel's view of the options, and where it writes the outcomes."""
        outcomes = np.empty(count, dtype=np.uint8)
        call = _core.Call(
            planes,
            as_sizes(self.sizes),
            None if self.labels is None else as_integers(self.labels, "labels"),
            None if self.images is None else as_integers(self.images, "images"),
            None if self.weights is None else as_weights(self.weights),
            outcomes,
            workers_for(self.threads, count, kind),
        )
        return call, outcomes


def add_boxes(
    planes: Grid,
    xyxy: ArrayLike,
    options: Options,
    *,
    rule: str = "center",
    large_box_ratio: float | None = None,
) -> Tally:
    """Add boxes into ``planes``, (classes, rows, columns); see `count_boxes`."""
    kernel_rule = choose("rule", rule, _BOX_RULES)
    options.check(rule)
    ratio = as_ratio(large_box_ratio)
    if rule == "area" and large_box_ratio is not None:
        raise ValueError(
            "large_box_ratio does not go with rule='area': one cell cannot stand for a large area"
        )
    corners = as_doubles(xyxy, "xyxy", 4)
    call, outcomes = options.call(planes, len(corners), "boxes")
    return Tally(*_core.count_boxes(corners, call, kernel_rule, ratio), outcomes)


def add_points(planes: Grid, xy: ArrayLike, options: Options, *, outside: str = "drop") -> Tally:
    """Add points into ``planes``, (classes, rows, columns); see `count_points`."""
    clamp = choose("outside", outside, {"drop": False, "clamp": True})
    options.check("point")
    coordinates = as_doubles(xy, "xy", 2)
    call, outcomes = options.call(planes, len(coordinates), "points")
    return Tally(*_core.count_points(coordinates, call, clamp), outcomes)


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
    planes: Grid, coords: ArrayLike, offsets: Offsets, options: Options, *, rule: str = "center"
) -> Tally:
    """Add polygons into ``planes``, (classes, rows, columns); see `count_polygons`."""
    kernel_rule = choose("rule", rule, _POLYGON_RULES)
    options.check(rule)
    vertices = as_doubles(coords, "coords", 2)
    rings, parts, annotations = split_offsets(offsets)
    outermost = next(level for level in (annotations, parts, rings) if level is not None)
    call, outcomes = options.call(planes, max(0, len(outermost) - 1), "polygons")
    return Tally(*_core.count_polygons(vertices, rings, parts, annotations, call, kernel_rule), outcomes)


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
    images: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    rule: RuleName = "center",
    count: CountName = "instances",
    large_box_ratio: float | None = None,
    threads: int | None = None,
    out: Grid | None = None,
) -> Grid:
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
    images
        (N,) ints, the image of each box, given with ``count="images"``.
    weights
        (N,) finite real numbers: what each box adds instead of 1. They are summed exactly, and rounded once.
    rule
        ``"center"``: the cells whose centre lies in the box, both edges included; a box with extent that
        holds no centre hits the cell of its middle. ``"touch"``: the cells that it overlaps with positive
        area. ``"point"``: the cell of its middle. ``"area"``: the share of each cell's area that it covers.
    count
        ``"instances"``: every box adds 1. ``"images"``: every image adds at most 1 to a cell (of a class),
        however many boxes it has there.
    large_box_ratio
        A box whose area over its image's area, before clipping, is greater than this hits only the cell of
        its middle. None: no such limit.
    threads
        None uses the cores that the process may run on when the work is worth it. The result does not
        depend on it.
    out
        A C-contiguous array of the result's dtype and shape, to which is added in place.

    Returns
    -------
    ndarray
        (rows, columns), or (classes, rows, columns) with ``labels``: int64, or float64 with ``weights`` or
        ``rule="area"``. A box adds at most 1 to a cell. With ``out``, that array.

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
    out, planes = planes_for(shape, labels, classes, out, result_dtype(rule, weights))
    options = Options(
        sizes=sizes, labels=labels, images=images, weights=weights, count=count, threads=threads
    )
    tally = add_boxes(planes, xyxy, options, rule=rule, large_box_ratio=large_box_ratio)
    _warn_of_invalid(tally, "boxes")
    return out


def count_points(
    xy: ArrayLike,
    shape: Shape,
    *,
    sizes: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    classes: int | None = None,
    images: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    count: CountName = "instances",
    outside: Literal["drop", "clamp"] = "drop",
    threads: int | None = None,
    out: Grid | None = None,
) -> Grid:
    """Count points on a grid.

    Parameters
    ----------
    xy
        (N, 2) real numbers, normalised, or pixels when ``sizes`` is given.
    outside
        What happens to points outside [0, 1]: ``"drop"``, or ``"clamp"`` to move them to the nearest cell.
        The far edges 1.0 belong to the last cell.
    shape, sizes, labels, classes, images, weights, count, threads, out
        As in `count_boxes`.

    Returns
    -------
    ndarray
        As `count_boxes` returns it.

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
    out, planes = planes_for(shape, labels, classes, out, result_dtype("point", weights))
    options = Options(
        sizes=sizes, labels=labels, images=images, weights=weights, count=count, threads=threads
    )
    tally = add_points(planes, xy, options, outside=outside)
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
    images: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    rule: Literal["center", "point"] = "center",
    count: CountName = "instances",
    threads: int | None = None,
    out: Grid | None = None,
) -> Grid:
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
    shape, sizes, labels, classes, images, weights, count, threads, out
        As in `count_boxes`; sizes, labels, images and weights are given one an annotation.

    Returns
    -------
    ndarray
        As `count_boxes` returns it. An annotation adds at most
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
    out, planes = planes_for(shape, labels, classes, out, result_dtype(rule, weights))
    options = Options(
        sizes=sizes, labels=labels, images=images, weights=weights, count=count, threads=threads
    )
    tally = add_polygons(planes, coords, offsets, options, rule=rule)
    _warn_of_invalid(tally, "polygons")
    return out
