"""Which of an annotation's geometries is counted: the one home of ``geometry=``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from heatgrid.core.ragged import Flag, Kind, Lines, Points, Polygons, any_of_each, finite_rows
from heatgrid.errors import FormatError
from heatgrid.core.masks import BROKEN_MASK
from heatgrid.core.reading import judge_masks, judge_rings
from heatgrid.core.report import Report

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.arguments import FitName

Geometry = Literal["auto", "box", "polygon", "mask", "point", "line"]

SIZE_MISSING = "image size missing (give size= or images=)"
NOT_FINITE = "non-finite coordinates"
TOO_FEW = "fewer than three distinct points"
UNMARKED = "no visible keypoint"
TOO_SHORT = "line of fewer than two points"
LINES_WITHOUT_AREA = "lines have no area"
POINTS_WITHOUT_AREA = "points have no area"

_WITHOUT_AREA = Kind.POINT | Kind.LINE
_ASKED = {
    "box": Kind.BOX,
    "polygon": Kind.POLYGON,
    "mask": Kind.MASK,
    "point": Kind.POINT,
    "line": Kind.LINE,
}
_STAND_IN = {Kind.POLYGON: "box used, no usable polygon", Kind.MASK: "box used, no usable mask"}


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What to count of each annotation of a batch.

    Attributes
    ----------
    kinds
        (N,) uint8, the one `Kind` to count, 0 where the annotation is skipped.
    boxes
        (N, 4) float64, the batch's boxes, with bounding boxes of polygons where these were asked for;
        None where the batch has neither.
    report
        What was skipped here, what is outside, and what stands in for what. Its ``annotations`` is 0: they
        are read already.
    """

    kinds: NDArray[np.uint8]
    boxes: NDArray[np.float64] | None
    report: Report = field(default_factory=Report)

    def index(self, kind: Kind) -> NDArray[np.int64]:
        """Return the numbers of the annotations that are counted as ``kind``."""
        return np.flatnonzero(self.kinds == int(kind))  # numpy asks an enumeration's members a lot


def resolve(
    batch: Annotations,
    geometry: Geometry = "auto",
    *,
    with_area: bool = False,
    fit: FitName = "stretch",
    on_error: str = "skip",
) -> Choice:
    """Choose the geometry to count of every annotation.

    Parameters
    ----------
    batch
        The annotations.
    geometry
        ``"auto"``: the polygon where it is usable, else the mask, else the box, else the lines, else the
        points.
        ``"box"``: the box, or the bounding box of a usable polygon.
        ``"polygon"``, ``"mask"``, ``"point"``, ``"line"``: these only.
    with_area
        Whether only what has an area can be counted: ``"auto"`` then passes over lines and points.
    fit
        ``"letterbox"`` needs the image's size of normalised coordinates, too.
    on_error
        ``"skip"`` counts what has nothing usable in the report, ``"raise"`` stops at the first.

    Notes
    -----
    A box is usable when it is finite; a polygon when at least one ring has three distinct vertices and
    every ring of three or more vertices is finite; lines likewise, with two vertices; points when one is
    visible and all visible are finite; a mask when its run lengths add up to its size. All but masks, which
    bring their own, need the image's size where coordinates are pixels. What its file marks as outside
    its image (an object that has left a video's frame) is counted as such in the report.

    Raises
    ------
    ValueError
        ``geometry`` is unknown.
    FormatError
        With ``on_error="raise"``, at the first annotation that has nothing usable.
    """
    if geometry not in get_args(Geometry):
        message = f"geometry: expected one of {', '.join(get_args(Geometry))}, got {geometry!r}"
        raise ValueError(message)
    sized = _sized(batch, needed=not batch.normalized or fit == "letterbox")
    if geometry in {"auto", "box"} and sized.all() and _are_sound_boxes(batch):
        return Choice(batch.kinds, batch.boxes)
    usable = _Usable(batch, sized)
    report = Report()
    boxes = batch.boxes
    kinds = np.zeros(len(batch), dtype=np.uint8)
    if geometry == "auto":
        for kind in (Kind.POINT, Kind.LINE, Kind.BOX, Kind.MASK, Kind.POLYGON):
            if not (with_area and kind & _WITHOUT_AREA):
                kinds[usable[kind]] = kind
    else:
        kinds[usable[_ASKED[geometry]]] = _ASKED[geometry]
    away = _marked_outside(batch)
    kinds[away] = 0
    report.outside = int(np.count_nonzero(away))
    if geometry == "box":
        boxes, boxed = _bounding_boxes(batch, (kinds == 0) & usable[Kind.POLYGON] & ~away)
        kinds[boxed] = Kind.BOX
        report.note_at("bounding box of the polygon used, no usable box", np.flatnonzero(boxed), batch.where)
    elif geometry == "auto":
        for kind, text in _STAND_IN.items():
            report.note_at(text, np.flatnonzero((kinds == Kind.BOX) & _has(batch, kind)), batch.where)
    short = usable.short_rings[kinds[usable.short_rings] == Kind.POLYGON]
    report.note_at("ring of fewer than three vertices ignored", short, batch.where)
    lost = (kinds == 0) & ~away
    if lost.any():
        _skip(report, batch, _reasons(batch, usable, geometry), lost, on_error)
    return Choice(kinds, boxes, report)


def _are_sound_boxes(batch: Annotations) -> bool:
    """Tell whether all annotations are finite boxes and nothing else: as the detections of a frame are.

    There is nothing to choose then, which matters to whoever adds a few boxes many times a second.
    """
    if batch.boxes is None or (batch.flags is not None and batch.flags.any()):
        return False
    return bool((batch.kinds == int(Kind.BOX)).all() and np.isfinite(batch.boxes).all())


class _Usable:
    """Which annotations have which kind in a usable state; what is wrong with the others."""

    def __init__(self, batch: Annotations, sized: NDArray[np.bool_]) -> None:
        self.sized = sized
        self.infinite: dict[Kind, NDArray[np.bool_]] = {}
        self.short_rings = np.zeros(0, dtype=np.int64)
        self._usable = {kind: _has(batch, kind) for kind in Kind}
        if batch.boxes is not None:
            self._judge(Kind.BOX, ~finite_rows(batch.boxes))
        if batch.polygons is not None:
            proper, infinite, self.short_rings = _judge_polygons(batch.polygons)
            self._judge(Kind.POLYGON, infinite, proper)
        if batch.masks is not None:
            self._usable[Kind.MASK] &= judge_masks(batch.masks)
        if batch.points is not None:
            self._judge(Kind.POINT, *_judge_points(batch.points))
        if batch.lines is not None:
            self._judge(Kind.LINE, *_judge_lines(batch.lines))
        for kind in (Kind.BOX, Kind.POLYGON, Kind.POINT, Kind.LINE):
            self._usable[kind] &= self.sized

    def _judge(
        self, kind: Kind, infinite: NDArray[np.bool_], proper: NDArray[np.bool_] | None = None
    ) -> None:
        self.infinite[kind] = self._usable[kind] & infinite
        self._usable[kind] &= ~infinite
        if proper is not None:
            self._usable[kind] &= proper

    def __getitem__(self, kind: Kind) -> NDArray[np.bool_]:
        return self._usable[kind]


def _has(batch: Annotations, kind: Kind) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (batch.kinds & int(kind)) != 0
    return found


def _marked_outside(batch: Annotations) -> NDArray[np.bool_]:
    if batch.flags is None:
        return np.zeros(len(batch), dtype=bool)
    marked: NDArray[np.bool_] = (batch.flags & int(Flag.OUTSIDE)) != 0
    return marked


def _sized(batch: Annotations, *, needed: bool) -> NDArray[np.bool_]:
    """Tell which annotations need no image size, or have one."""
    if not needed:
        return np.ones(len(batch), dtype=bool)
    if batch.sizes is None:
        return np.zeros(len(batch), dtype=bool)
    known = finite_rows(batch.sizes) & (batch.sizes > 0).all(axis=1)
    return known[batch.image]


def _judge_polygons(
    polygons: Polygons,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64]]:
    """Tell of each annotation if a ring is proper, if one is not finite; and who owns the short rings."""
    rings = polygons.parts[polygons.annotations]
    short = np.diff(polygons.rings) < 3
    three_points, infinite = judge_rings(polygons)
    owners = np.searchsorted(rings, np.flatnonzero(short), side="right") - 1
    return any_of_each(three_points, rings), any_of_each(infinite & ~short, rings), owners


def _judge_points(points: Points) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell of each annotation whether a visible point is not finite, and whether any is visible."""
    infinite = points.visible & ~finite_rows(points.coords)
    return any_of_each(infinite, points.offsets), any_of_each(points.visible, points.offsets)


def _judge_lines(lines: Lines) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell of each annotation whether a path is not finite, and whether any has two vertices."""
    long = np.diff(lines.paths) >= 2
    wrong = any_of_each(~finite_rows(lines.coords), lines.paths)
    return any_of_each(wrong & long, lines.annotations), any_of_each(long, lines.annotations)


def _bounding_boxes(
    batch: Annotations, wanted: NDArray[np.bool_]
) -> tuple[NDArray[np.float64] | None, NDArray[np.bool_]]:
    """Fill in the boxes of the wanted annotations from their rings of three distinct vertices."""
    if batch.polygons is None or not wanted.any():
        return batch.boxes, np.zeros(len(batch), dtype=bool)
    polygons = batch.polygons.take(np.flatnonzero(wanted))
    proper = np.repeat(judge_rings(polygons)[0], np.diff(polygons.rings))[:, np.newaxis]
    begins = polygons.vertices[:-1]
    boxes = np.full((len(batch), 4), np.nan) if batch.boxes is None else batch.boxes.copy()
    low = np.minimum.reduceat(np.where(proper, polygons.coords, np.inf), begins, axis=0)
    high = np.maximum.reduceat(np.where(proper, polygons.coords, -np.inf), begins, axis=0)
    boxes[wanted] = np.concatenate([low, high], axis=1)
    return boxes, wanted


def _reasons(batch: Annotations, usable: _Usable, geometry: Geometry) -> list[tuple[str, NDArray[np.bool_]]]:
    """List the reasons for having nothing usable, and where each applies, the telling ones first."""
    asked = [_ASKED[geometry]] if geometry in _ASKED else list(_ASKED.values())
    if geometry == "box":
        asked.append(Kind.POLYGON)
    nowhere = np.zeros(len(batch), dtype=bool)
    has = {kind: _has(batch, kind) for kind in asked}
    infinite = np.logical_or.reduce([usable.infinite.get(kind, nowhere) for kind in asked])
    return [
        (f"no {'geometry' if geometry == 'auto' else geometry}", ~np.logical_or.reduce(list(has.values()))),
        (LINES_WITHOUT_AREA, usable[Kind.LINE] if Kind.LINE in asked else nowhere),
        (POINTS_WITHOUT_AREA, usable[Kind.POINT] if Kind.POINT in asked else nowhere),
        (NOT_FINITE, infinite),
        (BROKEN_MASK, has.get(Kind.MASK, nowhere)),
        (SIZE_MISSING, ~usable.sized),
        (TOO_FEW, has.get(Kind.POLYGON, nowhere)),
        (TOO_SHORT, has.get(Kind.LINE, nowhere)),
        (UNMARKED, has.get(Kind.POINT, nowhere)),
    ]


def _skip(
    report: Report,
    batch: Annotations,
    reasons: list[tuple[str, NDArray[np.bool_]]],
    lost: NDArray[np.bool_],
    on_error: str,
) -> None:
    """Give each lost annotation the first reason that applies, or stop at the first."""
    if on_error == "raise":
        first = int(np.flatnonzero(lost)[0])
        reason = next(reason for reason, applies in reasons if applies[first])
        path, position, annotation = batch.place(first)
        raise FormatError(reason, path, position, annotation)
    for reason, applies in reasons:
        report.skip_at(reason, np.flatnonzero(lost & applies), batch.where)
        lost = lost & ~applies
