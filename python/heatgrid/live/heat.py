"""`LiveHeatmap`: detections of one frame after the other, as heat that fades."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from heatgrid.core.report import Report
from heatgrid.live.canvas import Canvas
from heatgrid.live.clock import Clock
from heatgrid.live.detections import as_detections, check_anchor, class_set
from heatgrid.live.field import DECAY, Fading
from heatgrid.live.floor import Floor
from heatgrid.live.paint import Paint, check_frame, source_and_target
from heatgrid.live.signs import Signs
from heatgrid.live.stamps import Stamps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.heatmap import Heatmap
    from heatgrid.live.canvas import OnResize
    from heatgrid.live.detections import Anchor, Detections
    from heatgrid.live.field import Field
    from heatgrid.live.paint import Channels, ScaleMode, Zero
    from heatgrid.live.stamps import Mode, StampName
    from heatgrid.live.zone import Zone
    from heatgrid.viz.colormaps import Colormap

    Frame = NDArray[np.uint8]


class LiveHeatmap:
    """Heat of detections in video, frame by frame.

    Parameters
    ----------
    stamp
        What a detection adds to: ``"circle"`` (about its anchor, half as wide as the shorter side of its box,
        or ``radius``), ``"box"``, ``"point"`` (the cell of its anchor) or ``"mask"``. Cells are hit as
        `heatgrid.count_discs`, ``count_boxes``, ``count_points`` and ``count_masks`` hit them.
    decay
        The share of its heat that a cell keeps from an update to the next, in [0, 1]; 1: heat stays.
    half_life
        Seconds in which heat halves, by the updates' timestamps; in the place of ``decay``.
    mode
        What is added: ``"detections"``, 1 a detection; ``"union"``, 1 a frame to the cells that any hits;
        ``"tracks"``, 1 a track, to every cell once; ``"dwell"``, the seconds since the update before.
    size
        Width and height in pixels of the frames, or of the floor plan; None: that of the first frame.
    cell
        Side of a cell in pixels, about: rows and columns are the frame's height and width over it, rounded
        up. Coarser cells take less time and memory; they are drawn smooth.
    anchor
        The point of a box that stands for it; as `LineZone` has it. None: ``"center"``, or
        ``"bottom_center"`` with a homography.
    radius
        Radius of circles in pixels; None: from the box.
    classes
        Names or numbers of the classes that count; None: all.
    min_movement
        Pixels that a track's anchor must have moved since it was last added, or first seen, to be added: what
        stands still leaves no heat. Detections without a track are added always.
    homography
        (3, 3) matrix from pixels of the frame to pixels of a floor plan of ``size``; anchors are mapped
        before anything is counted, zones too. For circles with a ``radius``, and points.
    fps
        Updates a second, where no timestamps are given; None: this machine's clock.
    max_gap
        The longest time between two updates that counts as dwelling, in seconds.
    forget_after
        A track that was not seen for more updates than this is forgotten.
    on_resize
        When frames have another size: ``"resample"`` the heat, ``"reset"`` it, or raise an ``"error"``.
        Zones stay where they are.
    zones
        `LineZone` and `PolygonZone`, which are updated and drawn with the map.
    colormap, alpha, vmax, scale, release, zero, channels
        How it is drawn; as `heatgrid.live.paint.Paint` describes them.

    Attributes
    ----------
    report
        What was counted, and what was skipped and why.
    zones
        The zones, a tuple.

    Raises
    ------
    TypeError, ValueError
        An argument is wrong; the message names it.

    Notes
    -----
    Heat is float64. Fading costs nothing a cell: see `heatgrid.live.field`. Memory is bounded by the grid and
    the tracks of the last ``forget_after`` updates (with ``"tracks"``, a bit a cell of the box about each).

    A map is for one stream; threads may use it in turn. Maps of many streams add up by `merge`.
    """

    def __init__(
        self,
        stamp: StampName = "circle",
        decay: float = DECAY,
        half_life: float | None = None,
        *,
        mode: Mode = "detections",
        size: tuple[int, int] | None = None,
        cell: float = 4,
        anchor: Anchor | None = None,
        radius: float | None = None,
        classes: Iterable[str | int] | None = None,
        min_movement: float = 0.0,
        homography: ArrayLike | None = None,
        fps: float | None = None,
        max_gap: float = 1.0,
        forget_after: int = 300,
        on_resize: OnResize = "resample",
        zones: Iterable[Zone] = (),
        colormap: Colormap = "turbo",
        alpha: float = 0.5,
        vmax: float | None = None,
        scale: ScaleMode = "steady",
        release: float = 0.998,
        zero: Zero = "transparent",
        channels: Channels = "bgr",
    ) -> None:
        if not max_gap >= 0:
            raise ValueError(f"max_gap must be a number of seconds, got {max_gap!r}")
        self._fading, self._max_gap = Fading(decay, half_life), max_gap
        self._canvas = Canvas(cell, on_resize)
        if homography is not None and size is None:
            raise ValueError("size must be given with homography: width and height of the floor plan")
        self._floor = None if homography is None or size is None else Floor(homography, size)
        floor_anchor: Anchor = "center" if self._floor is None else "bottom_center"
        self._anchor = floor_anchor if anchor is None else check_anchor(anchor)
        self._classes = class_set(classes)
        self._stamps = Stamps(stamp, mode, radius, min_movement, forget_after, flat=homography is not None)
        self._clock = Clock(fps)
        self._paint = Paint(
            colormap=colormap,
            alpha=alpha,
            vmax=vmax,
            scale=scale,
            release=release,
            zero=zero,
            channels=channels,
            fades=self._fading.fades,
        )
        self._signs = Signs(channels)
        self.zones = tuple(zones)
        self.report = Report()
        self._lock = RLock()
        if size is not None:
            self._fit(size)

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height in pixels of frames, or of the floor plan; None until it is known."""
        return self._canvas.size

    @property
    def heat(self) -> NDArray[np.float64]:
        """(rows, columns) float64: the heat at the last update; (0, 0) until the frames' size is known."""
        with self._lock:
            return np.empty((0, 0)) if self.size is None else self._canvas.field.heat

    def __repr__(self) -> str:
        shape = "no size yet" if self.size is None else "{} x {}".format(*self._canvas.field.shape)
        return f"<LiveHeatmap {shape}, {self._stamps}, {self.report.counted} counted>"

    def update(
        self, detections: Any, timestamp: float | None = None, *, size: tuple[int, int] | None = None
    ) -> Self:
        """Let the heat fade, and add one frame's detections.

        Parameters
        ----------
        detections
            Of one frame, in its pixels: supervision's or Ultralytics' objects, arrays, mappings or None; as
            `heatgrid.live.detections.as_detections` describes them.
        timestamp
            Seconds from whatever beginning; None: as ``fps`` says.
        size
            Width and height of the frame; None: as before.

        Returns
        -------
        LiveHeatmap
            The map itself.

        Raises
        ------
        TypeError
            The detections are of a kind that is not known.
        ValueError
            The frames' size is not known, or something that the map needs is missing: masks, tracks, classes.
        """
        with self._lock:
            found = as_detections(detections, self.size if size is None else size)
            if size is not None and self._floor is None:
                self._fit(size)
            field = self._canvas.field
            step = self._clock.step(timestamp)
            field.fade(self._fading.share(step))
            counted = found.of_classes(self._classes)
            for zone in self.zones:
                zone.observe(counted, self._places(counted, zone.anchor), self._clock.now)
            self._add(field, counted, min(step, self._max_gap))
        return self

    def _places(self, detections: Detections, anchor: Anchor) -> NDArray[np.float64]:
        places = detections.anchors(anchor)
        return places if self._floor is None else self._floor.map(places)

    def _add(self, field: Field, detections: Detections, seconds: float) -> None:
        assert self.size is not None  # noqa: S101 - known with the field
        places = self._places(detections, self._anchor)
        self._stamps.add(field, self.size, detections, places, seconds=seconds, report=self.report)

    def draw(self, frame: Frame, *, out: Frame | None = None) -> Frame:
        """Draw the heat over a frame, and the zones and their counts over that.

        Parameters
        ----------
        frame
            (height, width, 3) uint8, in the order of ``channels``. It is drawn on itself unless ``out`` is
            given. Frames of another size than those before are dealt with as ``on_resize`` says; a floor
            plan may have any size.
        out
            Where to draw instead; an array like ``frame``.

        Returns
        -------
        ndarray
            ``out``, or the frame.

        Raises
        ------
        TypeError, ValueError
            An array has another dtype, shape or layout, or is read-only.
        """
        source, target = source_and_target(frame, out)
        with self._lock:
            if self._floor is None:
                self._fit(check_frame(frame))
            self._paint.draw(self._canvas.field, source, target)
            self._signs.draw(target, self.zones)
        return target

    def process(
        self, frame: Frame, detections: Any, timestamp: float | None = None, *, out: Frame | None = None
    ) -> Frame:
        """Update with a frame's detections and draw the heat over it: `update` and `draw` in one."""
        with self._lock:
            self.update(detections, timestamp, size=check_frame(frame))
            return self.draw(frame, out=out)

    def _fit(self, size: tuple[int, int]) -> None:
        """Bring the map to frames of this size; tracks of another are none of it."""
        if self._canvas.fit(size):
            self._stamps.forget()

    def reset(self) -> None:
        """Begin anew: no heat, no tracks, no counts; the next update may be at any time."""
        with self._lock:
            self._clock.reset()
            if self.size is not None:
                self._canvas.field.clear()
            self._stamps.forget()
            self._paint.reset()
            for zone in self.zones:
                zone.reset()
            self.report = Report()

    def snapshot(self) -> Heatmap:
        """Return the heat at the last update as a map of weights, which can be saved, compared and drawn.

        Raises
        ------
        ValueError
            The frames' size is not known yet.
        """
        from heatgrid.heatmap import Heatmap

        with self._lock:
            field = self._canvas.field
            rule: Literal["point", "center"] = "point" if self._stamps.name == "point" else "center"
            heat = Heatmap(field.shape, rule=rule, weighted=True)
            heat.fill(field.heat[np.newaxis])
            heat.report = self.report.copy()
            heat.report.note(f"live map of {self._stamps}")
        return heat

    def merge(self, other: LiveHeatmap) -> Self:
        """Add another stream's heat to this map's, cell by cell, each as of its own last update.

        Tracks and zones stay apart, since numbers of tracks mean nothing beyond their stream.

        Returns
        -------
        LiveHeatmap
            The map itself.

        Raises
        ------
        ValueError
            The maps differ in stamp, mode or size.
        """
        with other._lock:
            heat, size, report = other.heat, other.size, other.report.copy()
        with self._lock:
            if (str(self._stamps), self.size) != (str(other._stamps), size) or self.size is None:
                mine, theirs = f"{self._stamps} of {self.size}", f"{other._stamps} of {size}"
                raise ValueError(f"maps must be alike and have a size, got {mine} and {theirs}")
            field = self._canvas.field
            if heat.shape != field.shape:
                raise ValueError(f"maps must have one shape, got {field.shape} and {heat.shape}")
            field.add(heat)
            self.report += report
        return self
