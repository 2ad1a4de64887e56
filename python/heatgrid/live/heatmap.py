"""Live heat map of video detections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self, get_args

import numpy as np

from heatgrid.core.anchors import Anchor, Homography
from heatgrid.core.arguments import is_strict
from heatgrid.core.counts import Lock
from heatgrid.core.kernel import Outcome
from heatgrid.core.report import Report
from heatgrid.core.spec import check_choice
from heatgrid.io.regions import as_regions
from heatgrid.live.detections import as_detections, class_set
from heatgrid.live.drawing import HeatOverlay, ZoneDrawing, check_frame, make_palette, source_and_target
from heatgrid.live.field import DEFAULT_DECAY, Decay, Field, Stamper
from heatgrid.live.tracks import DEFAULT_GAP, Stream, as_timestamp
from heatgrid.live.zones import as_zones

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.arguments import OnError
    from heatgrid.heatmap import Heatmap
    from heatgrid.io.regions import RegionSource
    from heatgrid.live.detections import Detections, Places
    from heatgrid.live.drawing import Channels, Frame, LiveScale
    from heatgrid.live.field import Mode, OnResize, Stamp
    from heatgrid.live.tracks import OnRestart
    from heatgrid.live.zones import Zone
    from heatgrid.viz.options import Colormap, Zero

INVALID = "frame with invalid detections or timestamp, counted as one without detections"
NOT_DRAWN = "frame that cannot be drawn on, returned as it is"


class LiveHeatmap:
    """Heat map of detections in video, updated frame by frame.

    Parameters
    ----------
    stamp
        Shape that a detection adds to the map: ``"circle"`` (around its anchor, as wide as the shorter side
        of its box, or of ``radius``), ``"box"``, ``"point"`` (the cell of its anchor) or ``"mask"``. It hits
        the same cells as in `heatgrid.count_discs`, ``count_boxes``, ``count_points`` and ``count_masks``.
    decay
        Share of its heat that a cell keeps per update, in [0, 1]; 1: heat stays.
    half_life
        Seconds in which heat halves, by the updates' timestamps; in place of ``decay``.
    mode
        Amount that is added: ``"detections"``, 1 per detection; ``"union"``, 1 per frame to every cell that
        any detection hits; ``"tracks"``, 1 per track, once to each cell; ``"dwell"``, the seconds since the
        previous update.
    size
        Width and height in pixels of the frames, or of the floor plan; None: those of the first frame.
    cell
        Approximate side of a cell in pixels: rows and columns are the frame's height and width divided by
        it, rounded up. Larger cells take less time and memory; they are drawn interpolated.
    anchor
        The point of a box that is counted, as in `LineZone`. None: ``"center"``, or ``"bottom_center"`` with
        a homography.
    radius
        Radius of circles in pixels; None: from the box.
    classes
        Names or numbers of the classes that count; None: all.
    within
        Region or regions, as of `heatgrid.read`, in pixels or shares of the frame (of the floor plan with a
        homography). Only detections whose anchor is in one of them add heat; zones count all. None: all.
    min_movement
        Pixels that a track's anchor must move after it was last added, or first seen, to be added again, so
        that still objects leave no heat. Detections without a track are always added.
    homography
        (3, 3) matrix from pixels of the frame to pixels of a floor plan of ``size``. Anchors are mapped
        before they are counted, in zones too. Requires circles with a ``radius``, or points.
    fps
        Updates per second, for updates without timestamps; None: the system's clock.
    max_gap
        Seconds without a detection after which an id begins a new track; the longest time between two
        updates that counts as dwell.
    on_restart
        Action when a timestamp goes back: ``"continue"``, as if no time had passed, with the same tracks; or
        ``"raise"`` ValueError.
    on_error
        Action for a frame with invalid detections or timestamp, or one that cannot be drawn on: ``"skip"``
        or ``"raise"``. A skipped frame counts as one without detections, or is returned as it is, and the
        report notes it. Errors raise until one frame was valid, since they may be mistakes in the program.
    on_resize
        Action when frames change their size: ``"resample"`` the heat, ``"reset"`` it, or raise an
        ``"error"``. Zones keep their coordinates.
    zones
        `LineZone` and `PolygonZone` objects, which are updated and drawn with the map, each once.
    colormap
        Name, OpenCV number, or (256, 3) uint8 table of the colors.
    alpha
        The greatest opacity, in [0, 1].
    vmin, vmax
        The heat of the first and the last color; None: as ``scale`` says.
    scale
        ``"steady"``: from 0 to the greatest heat so far, which falls slowly when heat does. ``"frame"``:
        from the least to the greatest heat of the current frame. Or a scale of maps: ``"log"``, ``"sqrt"``
        and ``"gamma"`` have the range of ``"steady"``, as has ``"linear"``; ``"rank"`` and
        ``"percentile"`` are those of the current frame.
    release
        Share of its maximum that a steady scale keeps from frame to frame, in [0, 1].
    zero
        Whether cells without heat are ``"transparent"`` or drawn in the first ``"color"``.
    channels
        Channel order of the frames: ``"bgr"`` or ``"rgb"``.

    Attributes
    ----------
    report
        Number of detections that were counted or skipped, and why.

    Notes
    -----
    An id also begins a new track if it returns with another class after an update without it. A track has the
    class that most of its detections had so far. Of an id twice in a frame, the detection with the higher
    score is the track; the other has none. Negative ids and NaN mean no track. The report notes both.

    Heat is float64, and decay takes constant time. Memory is bounded by the grid and the tracks of the last
    ``max_gap`` seconds (with ``"tracks"``, one bit per cell of the bounding box of each track).

    A map is for one stream; several threads may use it. Maps of several streams add up by `merge`.

    Examples
    --------
    >>> import heatgrid as hg
    >>> live = hg.LiveHeatmap(size=(640, 360), half_life=5.0, fps=30)
    >>> _ = live.update([[300, 100, 340, 140]])
    """

    __slots__ = (
        "_accumulator", "_anchor", "_classes", "_decay", "_field", "_has_drawn", "_homography", "_is_strict",
        "_lock", "_overlay", "_stream", "_within", "_zone_drawing", "_zones", "report",
    )  # fmt: skip

    def __init__(
        self,
        stamp: Stamp = "circle",
        decay: float = DEFAULT_DECAY,
        half_life: float | None = None,
        *,
        mode: Mode = "detections",
        size: tuple[int, int] | None = None,
        cell: float = 4,
        anchor: Anchor | None = None,
        radius: float | None = None,
        classes: Iterable[str | int] | None = None,
        within: RegionSource = None,
        min_movement: float = 0.0,
        homography: ArrayLike | None = None,
        fps: float | None = None,
        max_gap: float = DEFAULT_GAP,
        on_restart: OnRestart = "continue",
        on_error: OnError = "skip",
        on_resize: OnResize = "resample",
        zones: Iterable[Zone] = (),
        colormap: Colormap = "turbo",
        alpha: float = 0.5,
        vmin: float | None = None,
        vmax: float | None = None,
        scale: LiveScale = "steady",
        release: float = 0.998,
        zero: Zero = "transparent",
        channels: Channels = "bgr",
    ) -> None:
        self._lock, self._is_strict, self._has_drawn = Lock(), is_strict(on_error), False
        self._field = Field(cell, on_resize, size)
        self._homography = None if homography is None else Homography(homography, self._field.size)
        self._anchor: Anchor = "center" if homography is None else "bottom_center"
        if anchor is not None:
            check_choice("anchor", anchor, get_args(Anchor))
            self._anchor = anchor
        self._decay, self._stream = Decay(decay, half_life), Stream(max_gap, fps, on_restart)
        self._classes, self._within = class_set(classes), as_regions(within, "within")
        self._accumulator = Stamper(stamp, mode, radius, min_movement, on_plan=homography is not None)
        palette = make_palette(colormap, alpha, zero, channels, decays=self._decay.is_active)
        self._overlay = HeatOverlay(palette, vmin=vmin, vmax=vmax, scale=scale, release=release)
        self._zone_drawing = ZoneDrawing(channels)
        self._zones, self.report = as_zones(zones), Report()

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height in pixels of the frames, or of the floor plan; None until known."""
        return self._field.size

    @property
    def zones(self) -> tuple[Zone, ...]:
        """The zones; others can be assigned."""
        return self._zones

    @zones.setter
    def zones(self, zones: Iterable[Zone]) -> None:
        checked = as_zones(zones)
        with self._lock:
            self._zones = checked

    @property
    def homography(self) -> NDArray[np.float64] | None:
        """The matrix from the frame to the plan, or None; of a map with one, it can be assigned per frame."""
        return None if self._homography is None else self._homography.matrix

    @homography.setter
    def homography(self, matrix: ArrayLike) -> None:
        if self._homography is None:
            raise AttributeError("homography is read-only: the map was made without one")
        mapping = Homography(matrix, self.size)
        with self._lock:
            self._homography = mapping

    @property
    def track_count(self) -> int:
        """Number of tracks so far; 0 if no detection had an id."""
        return self._stream.count

    @property
    def heat(self) -> NDArray[np.float64]:
        """(rows, columns) float64: the heat at the last update; (0, 0) until the frame size is known."""
        with self._lock:
            return self._field.heat

    def __repr__(self) -> str:
        shape = "no size yet" if self.size is None else "{} x {}".format(*self._field.shape)
        return f"<LiveHeatmap {shape}, {self._accumulator}, {self.report.counted} counted>"

    def update(
        self, detections: Any, timestamp: float | None = None, *, size: tuple[int, int] | None = None
    ) -> Self:
        """Let the heat decay, and add one frame's detections.

        Parameters
        ----------
        detections
            Detections of one frame, in its pixels: supervision ``Detections``; Ultralytics ``Results``; a
            mapping of ``xyxy`` and optional ``ids``, ``classes``, ``scores``, ``masks``; an array of shape
            (N, 4 to 6): x1, y1, x2, y2, confidence, class number; any other object of boxes or masks that
            `heatgrid.Heatmap.add` takes; or None.
        timestamp
            Seconds since any fixed time; None: from ``fps``.
        size
            Width and height of the frame; None: unchanged.

        Raises
        ------
        ValueError
            The frame size is not known, or the map requires masks, tracks or classes that are missing.
        """
        with self._lock, np.errstate(over="ignore", invalid="ignore"):  # of boxes that are not finite
            found, now = as_detections(None), self._stream.timestamp
            try:
                now = as_timestamp(timestamp)
                found = self._read(detections, size)
            except Exception as error:  # noqa: BLE001 - objects of detectors fail in any way
                self._skip(error, INVALID, is_first=not self.report.read)
            if size is not None and self._homography is None:
                self._fit(size)
            self._require_size()
            step = self._stream.advance(now, self.report)
            self._field.decay(self._decay.share(step))
            counted = self._stream.follow(found, self.report).filter_classes(self._classes)
            for zone in self._zones:
                zone.count(counted, self._places(counted, zone.anchor), self._stream)
            counted, places = self._select(counted)
            self._accumulator.add(
                self._field,
                counted,
                places,
                self._stream,
                seconds=min(step, self._stream.max_gap),
                report=self.report,
            )
        return self

    def _read(self, detections: Any, size: tuple[int, int] | None) -> Detections:
        found = as_detections(detections, self.size if size is None else size)
        if len(found):
            if self._classes is not None and found.classes is None:
                raise ValueError("classes cannot be filtered: the detections have no classes")
            self._accumulator.check(found)
        return found

    def _select(self, detections: Detections) -> tuple[Detections, Places]:
        """Return the detections in the regions that count, and their anchors."""
        places = self._places(detections, self._anchor)
        if not self._within:
            return detections, places
        size = np.array(self.size, dtype=np.float64)
        inside = np.any([region.contains(places, size) for region in self._within], axis=0)
        self.report.record(np.full(np.count_nonzero(~inside), Outcome.EXCLUDED.value, dtype=np.uint8))
        return detections.select(inside), places[inside]

    def _skip(self, error: Exception, note: str, *, is_first: bool) -> None:
        """Note that a frame was skipped because of an error, or raise the error."""
        if self._is_strict or is_first:
            raise error
        self.report.note(note, where=str(error)[:200])

    def _places(self, detections: Detections, anchor: Anchor) -> Places:
        places = detections.anchors(anchor)
        return places if self._homography is None else self._homography.map(places)

    def _require_size(self) -> None:
        if self._field.size is None:
            raise ValueError("size must be given: there is no map before the frame size is known")

    def draw(self, frame: Frame, *, out: Frame | None = None) -> Frame:
        """Draw the heat over a frame, and the zones and their counts on top.

        Parameters
        ----------
        frame
            (height, width, 3) uint8, in the order of ``channels``. It is drawn on in place unless ``out`` is
            passed. If its size is new, the map acts as ``on_resize`` says; a floor plan may have any size.
        out
            Array to draw into, like ``frame``; it is returned.
        """
        with self._lock:
            return self._draw(frame, self._arrays(frame, out))

    def process(
        self, frame: Frame, detections: Any, timestamp: float | None = None, *, out: Frame | None = None
    ) -> Frame:
        """Update with a frame's detections and draw the heat over it: `update`, then `draw`."""
        with self._lock:
            arrays = self._arrays(frame, out)
            self.update(detections, timestamp, size=None if arrays is None else check_frame(frame))
            return self._draw(frame, arrays)

    def _arrays(self, frame: Frame, out: Frame | None) -> tuple[Frame, Frame] | None:
        """Return the arrays to read and to write; None for a frame that is skipped."""
        try:
            return source_and_target(frame, out)
        except (TypeError, ValueError) as error:
            self._skip(error, NOT_DRAWN, is_first=not self._has_drawn)
            return None

    def _draw(self, frame: Frame, arrays: tuple[Frame, Frame] | None) -> Frame:
        if arrays is None:
            return frame
        source, target = arrays
        if self._homography is None:
            self._fit(check_frame(target))
        self._overlay.draw(self._field, source, target)
        self._zone_drawing.draw(target, self._zones)
        self._has_drawn = True
        return target

    def _fit(self, size: tuple[int, int]) -> None:
        """Adapt the map to frames of this size; tracks do not carry over to a new size."""
        if self._field.fit(size):
            self._accumulator.clear()

    def reset(self) -> None:
        """Clear the heat, tracks, counts and report; the next update may have any time."""
        with self._lock:
            self._stream.reset()
            self._field.clear()
            self._accumulator.clear()
            self._overlay.reset()
            for zone in self._zones:
                zone.reset()
            self.report = Report()

    def snapshot(self) -> Heatmap:
        """Return the heat at the last update as a weighted map, to save, compare or draw."""
        from heatgrid.heatmap import Heatmap

        with self._lock:
            self._require_size()
            rule: Literal["point", "center"] = "point" if self._accumulator.stamp == "point" else "center"
            heat = Heatmap(self._field.shape, rule=rule, weighted=True)
            heat.fill(self._field.heat[np.newaxis])
            heat.report = self.report.copy()
            heat.report.note(f"live map of {self._accumulator}")
        return heat

    def merge(self, other: LiveHeatmap) -> Self:
        """Add another stream's heat to this map, cell by cell, each as of its own last update.

        Tracks and zones are not merged, since track ids are valid in their own stream only. Both maps must
        have the same stamp, mode and size.
        """
        with other._lock:
            heat, theirs, report = other.heat, f"{other._accumulator} of {other.size}", other.report.copy()
        with self._lock:
            mine = f"{self._accumulator} of {self.size}"
            if mine != theirs or self.size is None:
                raise ValueError(f"maps must have equal stamp, mode and size, got {mine} and {theirs}")
            if heat.shape != self._field.shape:
                raise ValueError(f"maps must have equal grids, got {self._field.shape} and {heat.shape}")
            self._field.add(heat)
            self.report += report
        return self
