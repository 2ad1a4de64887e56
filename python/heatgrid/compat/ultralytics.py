"""The live heat map of a detector library, under the names that its users know.

``Heatmap`` is made with the same arguments and fed with the same frames and tracks; only the import changes::

    from heatgrid.compat.ultralytics import Heatmap

    heatmap = Heatmap(colormap=cv2.COLORMAP_PARULA, shape="circle", classes_names=model.names)
    im0 = heatmap.generate_heatmap(im0, model.track(im0, persist=True))

Heat is as described there: every frame it keeps ``decay_factor`` of itself, every box adds 2, and colours go
from the least to the greatest heat over the whole frame. What differs was broken:

==================================================  ==========================================================
the original                                        here
==================================================  ==========================================================
a box partly outside adds nothing or a wrong strip  is cut to the frame; a disc keeps its true centre
another size of frames raises                       the map is resampled, or reset, as ``on_resize`` says
frames without boxes or ids crash or stick          heat fades; without ids it is added, and nothing counts
over a line all is IN, and so is walking by it      a crossing counts: from the line's left side IN, else OUT
counts and region are tinted                        are drawn over the heat
memory grows with the tracks                        tracks that are lost are forgotten
==================================================  ==========================================================

`heatgrid.LiveHeatmap` can do more, and has plainer names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from heatgrid.core.stamping import overlay
from heatgrid.live import LineZone, PolygonZone
from heatgrid.live.canvas import Canvas
from heatgrid.live.detections import as_detections, named
from heatgrid.live.paint import check_frame, palette_of
from heatgrid.live.signs import Signs, Style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from heatgrid.live.detections import Detections
    from heatgrid.live.field import Field
    from heatgrid.viz.colormaps import Colormap

    Color = tuple[int, int, int]
    Image = NDArray[np.uint8]
    Boxes = NDArray[np.float64]

__all__ = ["COLORMAP_JET", "Heatmap"]

COLORMAP_JET = 2

ADDED = 2.0
"""What a box adds to a pixel."""

_NUDGE = 2.0**-20
"""Of a level: levels are cut off, not rounded, and one that rounding alone would miss is reached."""


@dataclass(slots=True)
class _Region:
    """What is drawn of a line or region."""

    points: Boxes
    closed: bool
    color: Color
    name: str = ""
    text: str = ""


class Heatmap:
    """Heat of tracked detections over video, with counts at one line or region.

    Parameters
    ----------
    classes_names
        Names of classes by their numbers, for ``class_counts``.
    imw, imh
        Width and height of the frames in pixels; 0: those of the first frame.
    colormap
        An OpenCV number, 0 … 21, or a name.
    heatmap_alpha
        Opacity of the colours over the frame, in [0, 1]; rounded to 256ths.
    view_img
        Whether every frame is shown in a window, by OpenCV, which must be installed then.
    view_in_counts, view_out_counts
        Whether the counts are drawn.
    count_reg_pts
        Two points are a line, three or more a region; x and y in pixels. None: nothing is counted.
    count_txt_color, count_bg_color, count_reg_color
        BGR of the counts, what is behind them, and the outline.
    region_thickness
        Width of the outline in pixels.
    line_dist_thresh
        How far beyond an end of the line a crossing may be and still count, in pixels.
    line_thickness
        Size of the counts' letters; 2 suits the frame.
    decay_factor
        The share of its heat that a pixel keeps from frame to frame, in [0, 1].
    shape
        ``"circle"``: a disc about the floor of the box's centre, cut to the box, of radius
        ``min(int width, int height) // 2``; or ``"rect"``: the pixels ``int(y0):int(y1), int(x0):int(x1)``.
    on_resize
        When frames have another size: ``"resample"`` the heat, or ``"reset"`` it.

    Attributes
    ----------
    in_counts, out_counts
        Tracks that went over the line from its left side to its right, seen from the first point to the
        second, and the other way; or into the region, of which there is no out. Each track counts once.
    class_counts
        The same by class: ``{"car": {"in": 3, "out": 1}}``.
    heatmap
        (imh, imw) float64, the heat at the last frame.

    Raises
    ------
    TypeError, ValueError
        An argument is wrong; the message names it.
    ImportError
        A window is wanted, and there is no OpenCV.
    """

    def __init__(  # noqa: PLR0917 - the order is that which its users know
        self,
        classes_names: Mapping[int, str] | Sequence[str] | None = None,
        imw: int = 0,
        imh: int = 0,
        colormap: Colormap = COLORMAP_JET,
        heatmap_alpha: float = 0.5,
        view_img: bool = False,
        view_in_counts: bool = True,
        view_out_counts: bool = True,
        count_reg_pts: Sequence[tuple[float, float]] | None = None,
        count_txt_color: Color = (0, 0, 0),
        count_bg_color: Color = (255, 255, 255),
        count_reg_color: Color = (255, 0, 255),
        region_thickness: float = 5,
        line_dist_thresh: float = 15,
        line_thickness: float = 2,
        decay_factor: float = 0.99,
        shape: Literal["circle", "rect"] = "circle",
        on_resize: Literal["resample", "reset"] = "resample",
    ) -> None:
        for name, value, known in (
            ("shape", shape, ("circle", "rect")),
            ("on_resize", on_resize, ("resample", "reset")),
        ):
            if value not in known:
                raise ValueError(f"{name} must be one of {', '.join(map(repr, known))}, got {value!r}")
        for name, share in (("heatmap_alpha", heatmap_alpha), ("decay_factor", decay_factor)):
            if not 0.0 <= share <= 1.0:
                raise ValueError(f"{name} must be in [0, 1], got {share!r}")
        for name, length in (("region_thickness", region_thickness), ("line_thickness", line_thickness)):
            if not length > 0:
                raise ValueError(f"{name} must be greater than 0, got {length!r}")
        self._names = classes_names or {}
        self._decay, self._shape = decay_factor, shape
        self._palette = palette_of(colormap, heatmap_alpha, "color", "bgr", fades=False)
        self._views = (view_in_counts, view_out_counts)
        self._window = _window() if view_img else None
        self._zone = _zone(count_reg_pts, line_dist_thresh)
        self._region = _region(count_reg_pts, count_reg_color)
        style = Style(count_txt_color[::-1], count_bg_color[::-1], 1.0, line_thickness / 2, region_thickness)
        self._signs = Signs("bgr", style)
        self._canvas = Canvas(1, on_resize)
        if imw or imh:
            if imw < 1 or imh < 1:
                raise ValueError(f"imw and imh must both be given, got {imw} and {imh}")
            self._canvas.fit((imw, imh))

    @property
    def heatmap(self) -> NDArray[np.float64]:
        """(imh, imw) float64, the heat at the last frame; (0, 0) before there was one."""
        return np.empty((0, 0)) if self._canvas.size is None else self._canvas.field.heat

    @property
    def in_counts(self) -> int:
        """How many tracks went in."""
        return 0 if self._zone is None else self._zone.entered.total()

    @property
    def out_counts(self) -> int:
        """How many tracks went out over the line."""
        return self._zone.left.total() if isinstance(self._zone, LineZone) else 0

    @property
    def class_counts(self) -> dict[str | int, dict[str, int]]:
        """How many went in and out, by class."""
        counts: dict[str | int, dict[str, int]] = {}
        if self._zone is not None:
            tables = {"in": self._zone.entered}
            if isinstance(self._zone, LineZone):
                tables["out"] = self._zone.left
            for way, table in tables.items():
                for key, count in table.items():
                    name = "" if key is None else key
                    counts.setdefault(name, {"in": 0, "out": 0})[way] = count
        return counts

    def generate_heatmap(self, im0: Image, tracks: Any) -> Image:
        """Let the heat fade, add one frame's boxes, count, and draw it all over the frame.

        Parameters
        ----------
        im0
            (height, width, 3) uint8 BGR; it is left as it is.
        tracks
            The results of one frame, or a list of them, with ``boxes.xyxy`` and perhaps ``boxes.cls`` and
            ``boxes.id``; or anything else that `heatgrid.LiveHeatmap.update` takes.

        Returns
        -------
        ndarray
            The frame with the heat, BGR, a new array.
        """
        frame: Image = np.ascontiguousarray(im0)
        self._canvas.fit(check_frame(frame, "im0"))
        drawn = np.empty_like(frame)
        field = self._canvas.field
        field.fade(self._decay)
        for result in tracks if _are_results(tracks) else [tracks]:
            found = as_detections(result)
            self._add(field, found.xyxy)
            self._count(found)
        _overlay(field, self._palette, frame, drawn)
        if self._region is not None:
            self._region.text = self._text()
            self._signs.draw(drawn, [self._region])
        if self._window is not None:
            self._window.imshow("Heatmap", drawn)
            self._window.waitKey(1)
        return drawn

    def _add(self, field: Field, xyxy: Boxes) -> None:
        sound = xyxy[np.isfinite(xyxy).all(axis=1)]
        corners = np.trunc(np.clip(sound, -(2.0**52), 2.0**52))
        there = (corners[:, 2] > corners[:, 0]) & (corners[:, 3] > corners[:, 1])
        sound, corners = sound[there], corners[there]
        if not len(corners):
            return
        if self._shape == "rect":
            rows, columns = field.shape
            field.stamp("boxes", corners, ADDED, size=(columns, rows))
            return
        x1, y1, x2, y2 = corners.T  # by columns: numpy is slow along rows of four
        discs = np.empty((len(corners), 3))
        discs[:, 0] = np.floor((sound[:, 0] + sound[:, 2]) / 2) + 0.5
        discs[:, 1] = np.floor((sound[:, 1] + sound[:, 3]) / 2) + 0.5
        discs[:, 2] = np.minimum(x2 - x1, y2 - y1) // 2
        field.stamp("discs", discs, ADDED, limits=np.stack([x1, x2, y1, y2], axis=1).astype(np.int64))

    def _count(self, found: Detections) -> None:
        if self._zone is None or found.ids is None:
            return
        keys = [named(self._names, key) if isinstance(key, int) else key for key in found.keys]
        classes = None if found.classes is None else cast("list[str | int]", keys)
        self._zone.update({"xyxy": found.xyxy, "ids": found.ids, "classes": classes})

    def _text(self) -> str:
        counts = {"In": self.in_counts, "Out": self.out_counts}
        if not isinstance(self._zone, LineZone):
            del counts["Out"]
        wanted = dict(zip(("In", "Out"), self._views, strict=True))
        return " · ".join(f"{way} {count:,}" for way, count in counts.items() if wanted[way])


def _are_results(tracks: Any) -> bool:
    return isinstance(tracks, (list, tuple)) and all(hasattr(result, "boxes") for result in tracks)


def _overlay(field: Field, palette: tuple[Image, NDArray[np.uint16]], frame: Image, drawn: Image) -> None:
    low, high = field.bottom, field.top
    share = 255.0 / (high - low) if high > low else 0.0
    levels = share * field.factor, 1.0 - low * share + _NUDGE
    overlay(field.kept, levels, palette, frame, drawn)


def _zone(points: Sequence[tuple[float, float]] | None, reach: float) -> LineZone | PolygonZone | None:
    """Return what counts: a line, longer by ``reach`` at both ends, or a region."""
    if points is None:
        return None
    if len(points) < 2:
        raise ValueError(f"count_reg_pts must be two points or more, got {len(points)}")
    if not reach >= 0:
        raise ValueError(f"line_dist_thresh must not be negative, got {reach!r}")
    if len(points) > 2:
        return PolygonZone(points, recount=False)
    start, end = np.array(points, dtype=np.float64)
    if (start == end).all():
        raise ValueError(f"count_reg_pts must differ, got {points!r}")
    along = reach * (end - start) / np.hypot(*(end - start))
    return LineZone((start - along).tolist(), (end + along).tolist(), recount=False)


def _region(points: Sequence[tuple[float, float]] | None, color: Color) -> _Region | None:
    if points is None:
        return None
    return _Region(np.array(points, dtype=np.float64), len(points) > 2, (color[2], color[1], color[0]))


def _window() -> Any:
    """Return OpenCV, which shows windows."""
    try:
        import cv2
    except ImportError as error:
        message = "cv2 is needed to show a window (view_img=True): pip install opencv-python"
        raise ImportError(message, name="cv2") from error
    return cv2
