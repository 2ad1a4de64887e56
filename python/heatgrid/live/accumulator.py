"""Accumulation of one frame's detections in a field: selection, shapes, amounts and report."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from heatgrid.core.kernel import Footprint, Outcome
from heatgrid.core.spec import check_choice
from heatgrid.live.tracks import Tracks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.kernel import StampShape
    from heatgrid.core.report import Report
    from heatgrid.live.detections import Detections
    from heatgrid.live.field import Field

Stamp = Literal["circle", "box", "point", "mask"]
Mode = Literal["detections", "union", "tracks", "dwell"]

BEYOND_HORIZON = "coordinate not finite, or beyond the horizon"
NOT_MOVING = "standing still"
NO_TRACK = "no track, where each track counts once"


class _Track:
    """Cells that a track has hit, and its place when it was last added."""

    __slots__ = ("footprint", "place")

    def __init__(self) -> None:
        self.footprint = Footprint()
        self.place: tuple[float, float] | None = None


class Accumulator:
    """Adds detections to a field; parameters as in `heatgrid.LiveHeatmap`.

    ``on_plan`` tells whether places are on a floor plan, where boxes and masks have no meaning.
    """

    __slots__ = ("_frame", "_min_movement", "_mode", "_on_plan", "_radius", "_tracks", "stamp")

    def __init__(
        self,
        stamp: Stamp,
        mode: Mode,
        radius: float | None,
        min_movement: float,
        forget_after: int,
        *,
        on_plan: bool,
    ) -> None:
        check_choice("stamp", stamp, get_args(Stamp))
        check_choice("mode", mode, get_args(Mode))
        if radius is not None and not (math.isfinite(radius) and radius > 0):
            raise ValueError(f"radius must be greater than 0 pixels, got {radius!r}")
        if radius is not None and stamp != "circle":
            raise ValueError(f"radius requires stamp='circle', got stamp={stamp!r}")
        if not (math.isfinite(min_movement) and min_movement >= 0):
            raise ValueError(f"min_movement must be a number of pixels, got {min_movement!r}")
        if on_plan and not (stamp == "point" or radius is not None):
            raise ValueError("homography requires stamp='point', or stamp='circle' with radius=")
        self.stamp, self._mode, self._on_plan = stamp, mode, on_plan
        self._radius, self._min_movement = radius, min_movement
        self._tracks = Tracks(_Track, forget_after)
        self._frame = Footprint()

    def __str__(self) -> str:
        size = "" if self._radius is None else f" of radius {self._radius:g}"
        return f"stamp {self.stamp}{size}, mode {self._mode}"

    def clear(self) -> None:
        """Forget all tracks."""
        self._tracks.clear()
        self._frame = Footprint()

    def add(
        self,
        field: Field,
        detections: Detections,
        places: NDArray[np.float64],
        *,
        seconds: float,
        report: Report,
    ) -> None:
        """Add one frame's detections, whose anchors are at ``places``, and record their outcomes."""
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
        self._tracks.begin_update()
        if not len(detections) or (self._mode != "tracks" and self._min_movement == 0):
            return None, []
        ids = detections.ids
        if ids is None:
            option = "mode='tracks'" if self._mode == "tracks" else "min_movement"
            raise ValueError(f"{option} requires tracked detections, got detections without ids")
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
        if self._min_movement == 0:
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
            if detections.masks is None:
                raise ValueError("stamp='mask' requires masks, got detections without masks")
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
