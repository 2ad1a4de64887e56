"""The only door to the kernel: one call a kind of shape, adding into planes that exist.

What a hit is, is written in the documentation's definitions; the kernel's headers say how it is found.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid import _core
from heatgrid.core.arguments import (
    MAX_CELLS,
    RATIO_OF_SQUARE,
    as_doubles,
    as_integers,
    as_ratio,
    as_sizes,
    as_weights,
    choose,
    split_offsets,
    workers_for,
)
from heatgrid.core.letterbox import centred, codes_of, letterboxed, owners_of, squares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.ragged import Lines, Masks, Points, Polygons
    from heatgrid.core.arguments import Doubles, Grid, Integers, Offsets

    Columns = tuple[Doubles | None, Polygons | None, Masks | None, Points | None, Lines | None]

assert _core.max_cells_per_axis == MAX_CELLS  # noqa: S101  # one limit, written down twice

RULES = {rule.name: rule for rule in _core.Rule}
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
        (N,) uint8, index into `OUTCOMES`, one an annotation; None where nobody asked for them.
    """

    counted: int
    fallback: int
    empty: int
    outside: int
    invalid: int
    outcomes: NDArray[np.uint8] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What all kinds of shapes have in common; each as `count_boxes` describes it.

    ``normalized`` says that coordinates are, though ``sizes`` are given; for ``fit="letterbox"`` only.
    ``each`` asks for the outcome of each annotation, beside how many had which.
    """

    sizes: ArrayLike | None = None
    labels: ArrayLike | None = None
    images: ArrayLike | None = None
    weights: ArrayLike | None = None
    count: str = "instances"
    threads: int | None = None
    fit: str = "stretch"
    normalized: bool = False
    each: bool = False

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

    @property
    def is_letterbox(self) -> bool:
        """Whether images keep their aspect."""
        fits: bool = choose("fit", self.fit, {"stretch": False, "letterbox": True})
        return fits

    def place(
        self, coords: Doubles, levels: Sequence[Integers | None] | None = None
    ) -> tuple[Doubles, Options]:
        """Return coordinates where ``fit`` puts them, and the options with the sizes that go with them.

        ``levels`` are the offsets that cut the coordinates into annotations, innermost first; None where
        they are an annotation a row.
        """
        if not self.is_letterbox:
            return coords, self
        sizes = as_sizes(self.sizes)
        if sizes is None:
            raise ValueError(
                "sizes must be given with fit='letterbox', which needs each image's width and height"
            )
        owner = None if levels is None else owners_of(len(coords), levels)
        count = len(coords) if levels is None else 1 + int(owner.max(initial=-1))  # type: ignore[union-attr]
        if sizes.ndim == 1 or len(sizes) >= count:  # else the kernel says how many there should be
            own = sizes[:count] if sizes.ndim == 2 and levels is None else sizes
            coords = centred(coords, own, owner, normalized=self.normalized)
        return coords, replace(self, sizes=squares(sizes))

    def call(self, planes: Grid, count: int, kind: str) -> tuple[_core.Call, NDArray[np.uint8] | None]:
        """Return the kernel's view of the options, and where it writes the outcomes."""
        outcomes = np.empty(count, dtype=np.uint8) if self.each else None
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
    kernel_rule = choose("rule", rule, RULES)
    options.check(rule)
    ratio = as_ratio(large_box_ratio)
    if rule == "area" and large_box_ratio is not None:
        raise ValueError(
            "large_box_ratio does not go with rule='area': one cell cannot stand for a large area"
        )
    if options.is_letterbox and large_box_ratio is not None:
        raise ValueError(RATIO_OF_SQUARE)
    corners, options = options.place(as_doubles(xyxy, "xyxy", 4))
    call, outcomes = options.call(planes, len(corners), "boxes")
    return Tally(*_core.count_boxes(corners, call, kernel_rule, ratio), outcomes)


def add_points(planes: Grid, xy: ArrayLike, options: Options, *, outside: str = "drop") -> Tally:
    """Add points into ``planes``, (classes, rows, columns); see `count_points`."""
    clamp = choose("outside", outside, {"drop": False, "clamp": True})
    options.check("point")
    coordinates, options = options.place(as_doubles(xy, "xy", 2))
    call, outcomes = options.call(planes, len(coordinates), "points")
    return Tally(*_core.count_points(coordinates, call, clamp), outcomes)


def add_polygons(
    planes: Grid, coords: ArrayLike, offsets: Offsets, options: Options, *, rule: str = "center"
) -> Tally:
    """Add polygons into ``planes``, (classes, rows, columns); see `count_polygons`."""
    kernel_rule = choose("rule", rule, RULES)
    options.check(rule)
    rings, (parts, annotations) = split_offsets(offsets, ("rings", "parts", "annotations"))
    vertices, options = options.place(as_doubles(coords, "coords", 2), (rings, parts, annotations))
    outermost = next(level for level in (annotations, parts, rings) if level is not None)
    columns = _core.PolygonColumns(vertices, rings, parts, annotations)
    call, outcomes = options.call(planes, max(0, len(outermost) - 1), "polygons")
    return Tally(*_core.count_polygons(columns, call, kernel_rule), outcomes)


def add_lines(
    planes: Grid, coords: ArrayLike, offsets: Offsets, options: Options, *, rule: str = "touch"
) -> Tally:
    """Add lines into ``planes``, (classes, rows, columns); see `count_lines`."""
    kernel_rule = choose("rule", rule, RULES)
    if rule == "area":
        raise ValueError("rule='area' does not go with lines, which have no area")
    options.check(rule)
    paths, (annotations,) = split_offsets(offsets, ("paths", "annotations"))
    vertices, options = options.place(as_doubles(coords, "coords", 2), (paths, annotations))
    outermost = paths if annotations is None else annotations
    columns = _core.LineColumns(vertices, paths, annotations)
    call, outcomes = options.call(planes, max(0, len(outermost) - 1), "lines")
    return Tally(*_core.count_lines(columns, call, kernel_rule), outcomes)


def add_discs(planes: Grid, discs: ArrayLike, options: Options) -> Tally:
    """Add discs into ``planes``, (classes, rows, columns); see `count_discs`."""
    options.check("center")
    values = as_doubles(discs, "discs", 3)
    call, outcomes = options.call(planes, len(values), "discs")
    return Tally(*_core.count_discs(values, call), outcomes)


def add_masks(
    planes: Grid, masks: Masks | list[NDArray[Any]], options: Options, *, rule: str = "center"
) -> Tally:
    """Add run-length codes or bitmaps into ``planes``, (classes, rows, columns); see `count_masks`."""
    kernel_rule = choose("rule", rule, RULES)
    options.check(rule)
    if options.is_letterbox:
        masks = _letterboxed(codes_of(masks) if isinstance(masks, list) else masks, options)
    call, outcomes = options.call(planes, len(masks), "masks")
    if isinstance(masks, list):
        return Tally(*_core.count_bitmaps(masks, call, kernel_rule), outcomes)
    return Tally(*_core.count_masks(mask_columns(masks), call, kernel_rule), outcomes)


def add_mixed(
    planes: Grid,
    kinds: NDArray[np.uint8],
    columns: Columns,
    options: Options,
    *,
    rule: str = "center",
    large_box_ratio: float | None = None,
) -> Tally:
    """Add annotations of several kinds, so that those of an image are united whatever their kind.

    Parameters
    ----------
    planes
        (classes, rows, columns).
    kinds
        (N,) uint8, the one `heatgrid.core.ragged.Kind` of each annotation.
    columns
        Boxes, polygons, masks, points and lines, each of N entries, or None.
    options, rule, large_box_ratio
        As in `add_boxes`; not for areas.
    """
    options.check(rule)
    if options.is_letterbox:
        columns, options = _placed(columns, options)
    boxes, polygons, masks, points, lines = columns
    call, outcomes = options.call(planes, len(kinds), "annotations")
    tally = _core.count_mixed(
        np.ascontiguousarray(kinds, dtype=np.uint8),
        boxes,
        None if polygons is None else _polygon_columns(polygons),
        None if masks is None else mask_columns(masks),
        None
        if points is None
        else _core.PointColumns(points.coords, points.offsets, points.visible.view(np.uint8)),
        None if lines is None else _core.LineColumns(lines.coords, lines.paths, lines.annotations),
        call,
        choose("rule", rule, RULES),
        as_ratio(large_box_ratio),
    )
    return Tally(*tally, outcomes)


def _placed(columns: Columns, options: Options) -> tuple[Columns, Options]:
    """Return annotations of several kinds where ``fit`` puts them, and the options that go with them."""
    boxes, polygons, masks, points, lines = columns
    masks = None if masks is None else _letterboxed(masks, options)
    sizes = as_sizes(options.sizes)
    if sizes is None:  # then there are but masks to count, which bring their own
        return (boxes, polygons, masks, points, lines), options
    if boxes is not None:
        boxes = options.place(boxes)[0]
    if polygons is not None:
        levels = polygons.rings, polygons.parts, polygons.annotations
        polygons = replace(polygons, coords=options.place(polygons.coords, levels)[0])
    if points is not None:
        points = replace(points, coords=options.place(points.coords, (points.offsets,))[0])
    if lines is not None:
        lines = replace(lines, coords=options.place(lines.coords, (lines.paths, lines.annotations))[0])
    return (boxes, polygons, masks, points, lines), replace(options, sizes=squares(sizes))


def _letterboxed(masks: Masks, options: Options) -> Masks:
    return letterboxed(masks, _core.judge_masks(mask_columns(masks)), as_sizes(options.sizes))


def _polygon_columns(polygons: Polygons) -> _core.PolygonColumns:
    return _core.PolygonColumns(polygons.coords, polygons.rings, polygons.parts, polygons.annotations)


def mask_columns(masks: Masks) -> _core.MaskColumns:
    """Return run-length codes as the kernel takes them."""
    return _core.MaskColumns(
        np.ascontiguousarray(masks.sizes),
        masks.codes,
        masks.code_offsets,
        masks.runs,
        masks.run_offsets,
        masks.column_major,
    )
