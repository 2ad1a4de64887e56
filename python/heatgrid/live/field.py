"""Heat grid with decay, and accumulation of detections in it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.kernel import Footprint, Outcome
from heatgrid.core.spec import check_choice
from heatgrid.live.tracks import Tracks, is_number
from heatgrid.viz import resize_grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.kernel import StampShape
    from heatgrid.core.report import Report
    from heatgrid.live.detections import Detections
    from heatgrid.live.tracks import Stream

    Cells = NDArray[np.float64]

OnResize = Literal["resample", "reset", "error"]

DEFAULT_DECAY = 0.99
"""Share of its heat that a cell keeps per update, by default."""

_SMALLEST = 2.0**-200
"""Factors below this are multiplied into the cells; heat below this becomes 0."""


class Decay:
    """Share of its heat that a cell keeps from update to update; parameters as in `heatgrid.LiveHeatmap`."""

    __slots__ = ("_decay", "_half_life")

    def __init__(self, decay: float, half_life: float | None) -> None:
        if not (is_number(decay) and 0 <= decay <= 1):
            raise ValueError(f"decay must be in [0, 1], got {decay!r}")
        if half_life is not None and not (is_number(half_life) and half_life > 0):
            raise ValueError(f"half_life must be greater than 0 seconds, got {half_life!r}")
        if half_life is not None and decay != DEFAULT_DECAY:
            raise ValueError("decay and half_life cannot be combined")
        self._decay, self._half_life = decay, half_life

    @property
    def is_active(self) -> bool:
        """True if heat decays at all."""
        return self._decay < 1 or self._half_life is not None

    def share(self, seconds: float) -> float:
        """Return the share that a cell keeps over one update, which lasted ``seconds``."""
        return self._decay if self._half_life is None else 0.5 ** (seconds / self._half_life)


class Field:
    """Heat grid over frames of one size, with decay in constant time; as in `heatgrid.LiveHeatmap`.

    ``scaled``, (rows, columns) float64, is heat divided by one running ``factor``: decay multiplies the
    factor, and added amounts are divided by it. The factor is multiplied into the cells long before it can
    underflow. So heat has about 15 significant digits, and undecayed counts are exact up to 2**53. Without
    ``size``, the width and height of the frames, the grid has no cells until `fit`.
    """

    __slots__ = ("_cell", "_least_at", "_on_resize", "_top", "factor", "scaled", "size")

    def __init__(
        self, cell: float = 4.0, on_resize: OnResize = "resample", size: tuple[int, int] | None = None
    ) -> None:
        check_choice("on_resize", on_resize, get_args(OnResize))
        if not (is_number(cell) and cell > 0):
            raise ValueError(f"cell must be greater than 0 pixels, got {cell!r}")
        self._cell, self._on_resize = cell, on_resize
        self.size: tuple[int, int] | None = None
        self._replace(np.zeros((0, 0)))
        if size is not None:
            self.fit(size)

    def _replace(self, scaled: Cells, factor: float = 1.0) -> None:
        """Use another grid of cells."""
        self.scaled, self.factor = scaled, factor
        self._top = float(scaled.max(initial=0.0))
        self._least_at = 0

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.scaled.shape[0], self.scaled.shape[1]

    @property
    def heat(self) -> Cells:
        """(rows, columns) float64, a new array."""
        return self.scaled * self.factor

    @property
    def top(self) -> float:
        """The greatest heat of a cell; kept up to date, since all cells decay alike."""
        return self._top * self.factor

    @property
    def bottom(self) -> float:
        """The least heat of a cell; searched for only when the last known minimum is above 0."""
        if self.scaled.flat[self._least_at] > 0:
            self._least_at = int(self.scaled.argmin())
        return float(self.scaled.flat[self._least_at] * self.factor)

    def fit(self, size: tuple[int, int]) -> bool:
        """Adapt the grid to frames of this width and height; return whether the size is new."""
        if size == self.size:
            return False
        for side in size:
            if not (is_number(side) and side >= 1 and int(side) == side):
                raise ValueError(f"size must be (width, height) in whole pixels, got {side!r}")
        width, height = int(size[0]), int(size[1])
        shape = math.ceil(height / self._cell), math.ceil(width / self._cell)
        if self.size is None or self._on_resize == "reset":
            self._replace(np.zeros(shape))
        elif self._on_resize == "error":
            raise ValueError(f"frames must keep the size {self.size}, got {size}")
        else:
            self._replace(resize_grid(self.scaled, shape), self.factor)
        self.size = width, height
        return True

    def decay(self, share: float) -> None:
        """Let every cell keep this share of its heat, in [0, 1]."""
        self.factor *= share
        if self.factor < _SMALLEST:
            self.scaled *= self.factor
            self.scaled[self.scaled < _SMALLEST] = 0.0
            self._top = float(self.scaled.max())
            self.factor = 1.0

    def stamp(
        self,
        shape: StampShape,
        shapes: Any,
        amount: float,
        *,
        footprints: list[Footprint] | None = None,
        limits: NDArray[np.int64] | None = None,
    ) -> NDArray[np.uint8]:
        """Add ``amount`` per shape, as `heatgrid.core.kernel.stamp` does; return the outcome codes."""
        amounts = np.full(len(shapes), amount / self.factor)
        top, outcomes = kernel.stamp(
            self.scaled, shape, shapes, amounts, size=self.size, footprints=footprints, limits=limits
        )
        self._top = max(self._top, top)
        return outcomes

    def add(self, heat: Cells) -> None:
        """Add a grid of heat, cell by cell."""
        self.scaled += heat / self.factor
        self._top = float(self.scaled.max())

    def clear(self) -> None:
        """Set all heat to 0."""
        self._replace(np.zeros(self.shape))


Stamp = Literal["circle", "box", "point", "mask"]
Mode = Literal["detections", "union", "tracks", "dwell"]

BEYOND_HORIZON = "coordinate not finite, or beyond the horizon"
NOT_MOVING = "track not moving"
NO_TRACK = "no track, where each track counts once"


class _Track:
    """Cells that a track has hit, and its place when it was last added."""

    __slots__ = ("footprint", "place")

    def __init__(self) -> None:
        self.footprint = Footprint()
        self.place: tuple[float, float] | None = None


class Stamper:
    """Adds detections to a field; parameters as in `heatgrid.LiveHeatmap`.

    ``on_plan``: places are on a floor plan, where boxes and masks have no meaning.
    """

    __slots__ = ("_frame", "_min_movement", "_mode", "_on_plan", "_radius", "_tracks", "stamp")

    def __init__(
        self,
        stamp: Stamp,
        mode: Mode,
        radius: float | None,
        min_movement: float,
        *,
        on_plan: bool,
    ) -> None:
        check_choice("stamp", stamp, get_args(Stamp))
        check_choice("mode", mode, get_args(Mode))
        if radius is not None and not (is_number(radius) and radius > 0):
            raise ValueError(f"radius must be greater than 0 pixels, got {radius!r}")
        if radius is not None and stamp != "circle":
            raise ValueError(f"radius requires stamp='circle', got stamp={stamp!r}")
        if not (is_number(min_movement) and min_movement >= 0):
            raise ValueError(f"min_movement must be a number of pixels, got {min_movement!r}")
        if on_plan and not (stamp == "point" or radius is not None):
            raise ValueError("homography requires stamp='point', or stamp='circle' with radius=")
        self.stamp, self._mode, self._on_plan = stamp, mode, on_plan
        self._radius, self._min_movement = radius, min_movement
        self._tracks = Tracks(_Track)
        self._frame = Footprint()

    def __str__(self) -> str:
        size = "" if self._radius is None else f" of radius {self._radius:g}"
        return f"stamp {self.stamp}{size}, mode {self._mode}"

    def clear(self) -> None:
        """Forget all tracks."""
        self._tracks.clear()
        self._frame = Footprint()

    def check(self, detections: Detections) -> None:
        """Raise ValueError if detections lack what the stamp or the mode requires."""
        if detections.masks is None and self.stamp == "mask":
            raise ValueError("stamp='mask' requires masks, got detections without masks")
        if detections.ids is None and (self._mode == "tracks" or self._min_movement > 0):
            option = "mode='tracks'" if self._mode == "tracks" else "min_movement"
            raise ValueError(f"{option} requires tracked detections, got detections without ids")

    def add(
        self,
        field: Field,
        detections: Detections,
        places: NDArray[np.float64],
        stream: Stream,
        *,
        seconds: float,
        report: Report,
    ) -> None:
        """Add one frame's detections, whose anchors are at ``places``, and record their outcomes."""
        self._tracks.begin_update(stream.now, stream.max_gap)
        report.images += 1
        chosen, tracks = self._choose(detections, places, report)
        if chosen is not None:
            detections, places = detections.select(chosen), places[chosen]
        if not len(detections):
            return
        footprints = None
        if self._mode == "union":
            self._frame.clear()
            footprints = [self._frame] * len(detections)
        elif self._mode == "tracks":
            footprints = [track.footprint for track in tracks]
        amount = seconds if self._mode == "dwell" else 1.0
        shape, shapes = self._shapes(field, detections, places)
        outcome = field.stamp(shape, shapes, amount, footprints=footprints)
        if self._on_plan:
            is_lost = outcome == Outcome.NOT_FINITE.value
            report.skip(BEYOND_HORIZON, n=int(is_lost.sum()))
            outcome = outcome[~is_lost]
        report.record(outcome)

    def _choose(
        self, detections: Detections, places: NDArray[np.float64], report: Report
    ) -> tuple[NDArray[np.bool_] | None, list[_Track]]:
        """Return a mask of the detections to add, None: all, and the tracks of those with a track."""
        ids = detections.ids
        if ids is None or (self._mode != "tracks" and self._min_movement == 0):
            return None, []
        tracks = []
        chosen = np.ones(len(detections), dtype=bool)
        for i, (track, place) in enumerate(zip(ids, places.tolist(), strict=True)):
            if track is None:
                chosen[i] = self._mode != "tracks"
                continue
            state = self._tracks.see(track)
            chosen[i] = self._has_moved(state, (place[0], place[1]))
            if chosen[i]:
                tracks.append(state)
        untracked = sum(track is None for track in ids) if self._mode == "tracks" else 0
        if untracked:
            report.skip(NO_TRACK, n=untracked)
        still = int((~chosen).sum()) - untracked
        if still:
            report.record(np.full(still, Outcome.EXCLUDED.value, dtype=np.uint8))
            report.note(NOT_MOVING, n=still)
        return chosen, tracks

    def _has_moved(self, track: _Track, place: tuple[float, float]) -> bool:
        if self._min_movement == 0 or not math.isfinite(place[0] + place[1]):
            return True
        if track.place is None:
            track.place = place
            return False
        moved = math.dist(track.place, place) >= self._min_movement
        if moved:
            track.place = place
        return moved

    def _shapes(
        self, field: Field, detections: Detections, places: NDArray[np.float64]
    ) -> tuple[StampShape, Any]:
        """Return the shapes to add, as `heatgrid.core.kernel.stamp` takes them."""
        if self.stamp == "box":
            return "boxes", np.ascontiguousarray(detections.xyxy)
        if self.stamp == "point":
            return "points", np.ascontiguousarray(places)
        if self.stamp == "mask":
            return "masks", detections.masks
        rows, columns = field.shape
        width, height = field.size or (1, 1)
        scale = columns / width, rows / height
        radius_scale = math.sqrt(scale[0] * scale[1])
        discs = np.empty((len(places), 3))
        x, y, radii = discs.T  # by columns: numpy is slow along short rows
        np.multiply(places[:, 0], scale[0], out=x)
        np.multiply(places[:, 1], scale[1], out=y)
        if self._radius is None:
            x1, y1, x2, y2 = detections.xyxy.T
            np.minimum(np.abs(x2 - x1), np.abs(y2 - y1), out=radii)
            radii *= radius_scale / 2
        else:
            radii[:] = self._radius * radius_scale
        return "discs", discs
