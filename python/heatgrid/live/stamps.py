"""What one frame's detections add to a field: which of them, where, and how much."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from heatgrid.core.kernel import Outcome
from heatgrid.core.stamping import Footprint
from heatgrid.live.tracks import Tracks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.report import Report
    from heatgrid.live.detections import Detections
    from heatgrid.live.field import Field

StampName = Literal["circle", "box", "point", "mask"]
Mode = Literal["detections", "union", "tracks", "dwell"]

NOT_FINITE = "coordinate not finite, or beyond the horizon"
STILL = "standing still"
NO_TRACK = "no track, where each track counts once"


class _Track:
    """The cells that a track has hit, and where it was when it was last added."""

    __slots__ = ("footprint", "place")

    def __init__(self) -> None:
        self.footprint = Footprint()
        self.place: tuple[float, float] | None = None


class Stamps:
    """Adds detections to a field.

    Parameters
    ----------
    name, mode, radius, min_movement, forget_after
        As `heatgrid.LiveHeatmap` describes them.
    flat
        Whether places are on a floor plan, where boxes and masks mean nothing.

    Raises
    ------
    ValueError
        An option has a wrong value, or they do not go together.
    """

    __slots__ = ("_frame", "_min_movement", "_mode", "_radius", "_tracks", "name")

    def __init__(
        self,
        name: StampName,
        mode: Mode,
        radius: float | None,
        min_movement: float,
        forget_after: int,
        *,
        flat: bool,
    ) -> None:
        for option, value, known in (("stamp", name, get_args(StampName)), ("mode", mode, get_args(Mode))):
            if value not in known:
                raise ValueError(f"{option} must be one of {', '.join(map(repr, known))}, got {value!r}")
        if radius is not None and not (math.isfinite(radius) and radius > 0):
            raise ValueError(f"radius must be greater than 0 pixels, got {radius!r}")
        if radius is not None and name != "circle":
            raise ValueError(f"radius is for stamp='circle', got stamp={name!r}")
        if not (math.isfinite(min_movement) and min_movement >= 0):
            raise ValueError(f"min_movement must be a number of pixels, got {min_movement!r}")
        if flat and not (name == "point" or radius is not None):
            raise ValueError("homography needs stamp='point', or stamp='circle' with a radius on the plan")
        self.name, self._mode = name, mode
        self._radius, self._min_movement = radius, min_movement
        self._tracks = Tracks(_Track, forget_after)
        self._frame = Footprint()

    def __str__(self) -> str:
        size = "" if self._radius is None else f" of radius {self._radius:g}"
        return f"stamp {self.name}{size}, mode {self._mode}"

    def forget(self) -> None:
        """Forget all tracks."""
        self._tracks.clear()
        self._frame = Footprint()

    def add(
        self,
        field: Field,
        size: tuple[int, int],
        detections: Detections,
        places: NDArray[np.float64],
        *,
        seconds: float,
        report: Report,
    ) -> None:
        """Add one frame's detections, with their anchors at ``places``, and report on them.

        Raises
        ------
        ValueError
            Masks or tracks are needed, and there are none.
        """
        report.images += 1
        added, tracks = self._chosen(detections, places, report)
        if added is not None:
            detections, places = detections.select(added), places[added]
        amount = seconds if self._mode == "dwell" else 1.0
        if not len(detections):
            return
        kind, shapes = self._shapes(field, size, detections, places)
        options: dict[str, Any] = {"size": size} if kind in ("boxes", "points") else {}
        if self._mode == "union":
            self._frame.clear()
            options["footprints"] = [self._frame] * len(detections)
        elif self._mode == "tracks":
            options["footprints"] = [track.footprint for track in tracks]
        outcome = field.stamp(kind, shapes, amount, **options)
        report.record(outcome)

    def _chosen(
        self, detections: Detections, places: NDArray[np.float64], report: Report
    ) -> tuple[NDArray[np.bool_] | None, list[_Track]]:
        """Return which detections are added, None: all, and the tracks of those, where tracks matter."""
        self._tracks.begin()
        if not len(detections) or (self._mode != "tracks" and self._min_movement == 0):
            return None, []
        ids = detections.ids
        if ids is None:
            what = "mode='tracks'" if self._mode == "tracks" else "min_movement"
            raise ValueError(f"{what} needs tracked detections, got detections without ids")
        tracks = []
        added = np.ones(len(detections), dtype=bool)
        for i, (track, place) in enumerate(zip(ids, places.tolist(), strict=True)):
            if track is None:
                added[i] = self._mode != "tracks"
                continue
            state = self._tracks.see(track)
            added[i] = self._has_moved(state, (place[0], place[1]))
            if added[i]:
                tracks.append(state)
        untracked = sum(track is None for track in ids) if self._mode == "tracks" else 0
        if untracked:
            report.skip(NO_TRACK, n=untracked)
        still = int((~added).sum()) - untracked
        if still:  # not wanted, so that nothing is lost with them
            report.record(np.full(still, Outcome.EXCLUDED.value, dtype=np.uint8))
            report.note(STILL, n=still)
        return added, tracks

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
        self, field: Field, size: tuple[int, int], detections: Detections, places: NDArray[np.float64]
    ) -> tuple[str, Any]:
        """Return the kind of shapes, as `heatgrid.core.stamping.stamp` takes it, and the shapes."""
        if self.name == "box":
            return "boxes", np.ascontiguousarray(detections.xyxy)
        if self.name == "point":
            return "points", np.ascontiguousarray(places)
        if self.name == "mask":
            if detections.masks is None:
                raise ValueError("stamp='mask' needs masks, got detections without any")
            return "masks", detections.masks
        rows, columns = field.shape
        scale = columns / size[0], rows / size[1]
        if self._radius is None:
            x1, y1, x2, y2 = detections.xyxy.T  # by columns: numpy is slow along rows of two or four
            radii = np.minimum(np.abs(x2 - x1), np.abs(y2 - y1)) / 2
        else:
            radii = np.full(len(places), self._radius)
        discs = np.empty((len(places), 3))
        discs[:, 0] = places[:, 0] * scale[0]
        discs[:, 1] = places[:, 1] * scale[1]
        discs[:, 2] = radii * math.sqrt(scale[0] * scale[1])
        return "discs", discs
