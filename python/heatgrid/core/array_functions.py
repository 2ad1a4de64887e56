"""Counting functions: arrays in, array out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from heatgrid.core.arguments import (
    as_boxes,
    as_doubles,
    line_shapes,
    mask_shapes,
    polygon_shapes,
    warn_if_odd,
)
from heatgrid.core.counting import count_into
from heatgrid.core.ragged import Masks, Shapes
from heatgrid.core.spec import (
    BoxFormat,
    CountMode,
    Fit,
    Grid,
    Outside,
    Rule,
    as_grid,
    cached_spec,
    check_choice,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.arguments import Offsets


def count_boxes(
    xyxy: ArrayLike,
    grid: Grid,
    *,
    size: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    classes: int | None = None,
    images: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    rule: Rule = "center",
    count: CountMode = "instances",
    large_box_ratio: float | None = None,
    fit: Fit = "stretch",
    box: BoxFormat = "xyxy",
    threads: int | None = None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Count boxes on a grid.

    Parameters
    ----------
    xyxy
        (N, 4) real numbers, two opposite corners x1 y1 x2 y2 in any order, or as ``box`` says; normalized,
        or pixels if ``size`` is passed. Any dtype and layout; float64 in C order is read without a copy.
    grid
        Cells of the grid: an int n for (n, n), or (rows, columns).
    size
        Width and height of the image in pixels: one pair, or (N, 2), one pair per box.
    labels
        (N,) ints in ``[0, classes)``; the result then has one grid per class.
    classes
        Number of classes, required with ``labels``.
    images
        (N,) ints, the image of each box, required with ``count="images"``.
    weights
        (N,) finite real numbers that boxes add instead of 1. Sums are exact and rounded once.
    rule
        ``"center"``: the cells whose center lies in the box, both edges included; a box with extent that
        contains no cell center hits the cell of its midpoint. ``"touch"``: the cells that it overlaps with
        positive area. ``"point"``: the cell of its midpoint. ``"area"``: the covered share of each cell.
    count
        ``"instances"``: every box adds 1. ``"images"``: every image adds at most 1 to a cell (of a class),
        however many boxes it has there.
    large_box_ratio
        A box whose area over its image's area, before clipping, is greater than this hits only the cell of
        its center. None: no limit.
    fit
        ``"stretch"``: every image fills the grid. ``"letterbox"``: images keep their aspect; the longer side
        fills the grid and the shorter is centered. This needs ``size``, and does not go with
        ``large_box_ratio``; a box that reaches over its image's shorter side covers the bar next to it.
    box
        ``"xyxy"``: two corners. ``"xywh"``: a corner and the size. ``"cxcywh"``: the center and the size.
    threads
        None: up to one per available core, depending on the amount of work. Results do not
        depend on it.
    out
        A C-contiguous array of the result's dtype and shape, to which is added in place. It must not overlap
        an input in memory. It is unchanged if the call raises.

    Returns
    -------
    ndarray
        (rows, columns), or (classes, rows, columns) with ``labels``: int64, or float64 with ``weights`` or
        ``rule="area"``. A box adds at most 1 to a cell. With ``out``, that array.

    Raises
    ------
    TypeError
        An argument has the wrong type or dtype, or is a masked array.
    ValueError
        An argument has the wrong shape or value.
    OverflowError
        A count in ``out`` would not fit in int64.

    Warns
    -----
    HeatgridWarning
        Once per calling line, if the call looks wrong: 10 boxes or more, of which 90 % are far outside
        [0, 1] without ``size``, or all are within [0, 1] with ``size``, or most have reversed corners. Or
        boxes were skipped because a coordinate or size is not finite, or a size not positive.
        `Heatmap.report` says which.

    Examples
    --------
    >>> import heatgrid as hg
    >>> hg.count_boxes([[0.0, 0.0, 0.5, 1.0]], 2)
    array([[1, 0],
           [1, 0]])
    """
    spec = cached_spec(
        as_grid(grid), rule, count, fit, weighted=weights is not None, large_box_ratio=large_box_ratio
    )
    boxes = as_boxes(xyxy, box)
    warn_if_odd(boxes, size, "xyxy", box)
    shapes = Shapes(boxes=boxes)
    return count_into(
        shapes, spec, out, classes, labels, size=size, images=images, weights=weights, threads=threads
    )


def count_points(
    xy: ArrayLike,
    grid: Grid,
    *,
    size: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    classes: int | None = None,
    images: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    count: CountMode = "instances",
    outside: Outside = "drop",
    fit: Fit = "stretch",
    threads: int | None = None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Count points on a grid.

    Parameters
    ----------
    xy
        (N, 2) real numbers, normalized, or pixels if ``size`` is passed.
    outside
        What happens to points outside [0, 1]: ``"drop"``, or ``"clamp"`` to move them to the nearest cell.
        The far edges 1.0 belong to the last cell.
    grid, size, labels, classes, images, weights, count, fit, threads, out
        As in `count_boxes`.

    Result, errors and warnings are those of `count_boxes`.

    Examples
    --------
    >>> import heatgrid as hg
    >>> hg.count_points([[0.1, 0.1], [1.0, 1.0], [1.0, 0.0]], 2)
    array([[1, 1],
           [0, 1]])
    """
    check_choice("outside", outside, get_args(Outside))
    spec = cached_spec(as_grid(grid), "point", count, fit, weighted=weights is not None)
    coords = as_doubles(xy, "xy", 2)
    warn_if_odd(coords, size, "xy")
    points = Shapes(xy=coords)
    return count_into(
        points,
        spec,
        out,
        classes,
        labels,
        size=size,
        images=images,
        weights=weights,
        threads=threads,
        clamp=outside == "clamp",
    )


def count_polygons(
    coords: ArrayLike,
    offsets: Offsets,
    grid: Grid,
    *,
    size: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    classes: int | None = None,
    images: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    rule: Rule = "center",
    count: CountMode = "instances",
    fit: Fit = "stretch",
    threads: int | None = None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Count polygons on a grid.

    Parameters
    ----------
    coords
        (M, 2) real numbers: the vertices of all rings, one ring after the other; normalized, or pixels if
        ``size`` is passed. Rings close implicitly; those of fewer than three vertices are ignored.
    offsets
        Ring k is ``coords[offsets[k] : offsets[k + 1]]``, and every ring is an
        annotation. Or a tuple of such arrays, innermost first: (rings, parts), where the first ring of a
        part is its outer ring and the others are holes (even-odd), or (rings, parts, annotations), where the
        parts of an annotation are united. The format is that of ``shapely.to_ragged_array`` and Arrow list
        arrays, including slices: vertices before the first or after the last offset are not counted.
    rule
        ``"center"``: the cells whose center is inside; left and top edges belong to a polygon, right
        and bottom edges do not. A polygon with extent but without centers hits the cell of the mean of its
        outer rings' vertices. ``"touch"``: the cells that it overlaps with positive area. ``"point"``: the
        cell of that mean. ``"area"``: the share of each cell's area that it covers.
    grid, size, labels, classes, images, weights, count, fit, threads, out
        As in `count_boxes`; size, labels, images and weights hold one entry per annotation.

    Result, errors and warnings are those of `count_boxes`. An annotation adds at most 1 to a cell,
    however many parts it has.

    Examples
    --------
    >>> import heatgrid as hg
    >>> triangle = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    >>> hg.count_polygons(triangle, [0, 3], 2)
    array([[1, 0],
           [0, 0]])
    """
    spec = cached_spec(as_grid(grid), rule, count, fit, weighted=weights is not None)
    shapes = polygon_shapes(coords, offsets)
    return count_into(
        shapes, spec, out, classes, labels, size=size, images=images, weights=weights, threads=threads
    )


def count_lines(
    coords: ArrayLike,
    offsets: Offsets,
    grid: Grid,
    *,
    size: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    classes: int | None = None,
    images: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    rule: Rule = "touch",
    count: CountMode = "instances",
    fit: Fit = "stretch",
    threads: int | None = None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Count lines (polylines, skeletons) on a grid: the cells that they pass through.

    Parameters
    ----------
    coords
        (M, 2) real numbers: the vertices of all paths, one path after the other; normalized, or pixels if
        ``size`` is passed. Paths are open; one of a single vertex is that point.
    offsets
        Path k is ``coords[offsets[k] : offsets[k + 1]]``, and every path is an
        annotation. Or a tuple of two such arrays, (paths, annotations): the limbs of a skeleton, the lines of
        a multi-line, which hits each cell once. The format is that of ``shapely.to_ragged_array``. Vertices
        before the first or after the last offset are not counted.
    rule
        ``"touch"``, and ``"center"`` with it, since a line contains no centers: the cells that a line passes
        through. A point between two cells belongs to the right or lower one, and on the image's far edges to
        the last cells. ``"point"``: the cell of the mean of all its vertices. Lines have no ``"area"``.
    grid, size, labels, classes, images, weights, count, fit, threads, out
        As in `count_boxes`; size, labels, images and weights hold one entry per annotation.

    Result, errors and warnings are those of `count_boxes`. An annotation adds at most 1 to a cell,
    however often it passes through it. ``rule="area"`` raises ValueError.

    Examples
    --------
    >>> import heatgrid as hg
    >>> hg.count_lines([[0.1, 0.2], [0.9, 0.2], [0.9, 0.9]], [0, 3], 3)
    array([[1, 1, 1],
           [0, 0, 1],
           [0, 0, 1]])
    """
    spec = cached_spec(as_grid(grid), rule, count, fit, weighted=weights is not None)
    shapes = line_shapes(coords, offsets)
    return count_into(
        shapes, spec, out, classes, labels, size=size, images=images, weights=weights, threads=threads
    )


def count_masks(
    masks: Masks | NDArray[Any] | Sequence[NDArray[Any] | Mapping[str, Any]],
    grid: Grid,
    *,
    labels: ArrayLike | None = None,
    classes: int | None = None,
    images: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    rule: Rule = "center",
    count: CountMode = "instances",
    fit: Fit = "stretch",
    threads: int | None = None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Count masks on a grid.

    Parameters
    ----------
    masks
        (N, h, w) bool or uint8, any non-zero byte being set; or a sequence of N such (h, w) arrays of any
        sizes and strides, read in place; or N COCO run-length codes
        ``{"size": [h, w], "counts": bytes | str | list of ints}``, compressed or not, counted from their runs
        without being decoded; or `heatgrid.core.ragged.Masks`. A mask fills its image.
    rule
        ``"center"``: the cells whose center lies in a set pixel; a mask without such cells hits the cell of
        the mean of its pixels' centers. ``"touch"``: the cells that set pixels overlap. ``"point"``: the cell
        of the mean. ``"area"``: the share of each cell that is covered.
    grid, labels, classes, images, weights, count, fit, threads, out
        As in `count_boxes`; with ``fit="letterbox"`` a mask's own size is its image's.

    Result, errors and warnings are those of `count_boxes`. Masks were skipped because their code is
    broken or does not fit their size.

    Notes
    -----
    The run-length code is that of pycocotools: column by column, beginning with clear pixels.

    Examples
    --------
    >>> import heatgrid as hg
    >>> hg.count_masks([{"size": [2, 2], "counts": [2, 2]}], 2)
    array([[0, 1],
           [0, 1]])
    """
    spec = cached_spec(as_grid(grid), rule, count, fit, weighted=weights is not None)
    shapes = mask_shapes(masks)
    return count_into(shapes, spec, out, classes, labels, images=images, weights=weights, threads=threads)


def count_discs(
    discs: ArrayLike,
    grid: Grid,
    *,
    labels: ArrayLike | None = None,
    classes: int | None = None,
    images: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    count: CountMode = "instances",
    threads: int | None = None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Count discs on a grid: the cells whose center lies within the radius.

    Parameters
    ----------
    discs
        (N, 3) real numbers, x and y of the center and the radius, in cells: cell (r, c) has its center at
        (c + 0.5, r + 0.5).
    grid, labels, classes, images, weights, count, threads, out
        As in `count_boxes`.

    Result, errors and warnings are those of `count_boxes`. A disc that contains no cell center hits nothing.
    Discs were skipped because a number is not finite, or a radius is negative.

    Examples
    --------
    >>> import heatgrid as hg
    >>> hg.count_discs([[1.5, 1.5, 1.0]], 3)
    array([[0, 1, 0],
           [1, 1, 1],
           [0, 1, 0]])
    """
    spec = cached_spec(as_grid(grid), "center", count, weighted=weights is not None)
    shapes = Shapes(discs=as_doubles(discs, "discs", 3))
    return count_into(shapes, spec, out, classes, labels, images=images, weights=weights, threads=threads)
