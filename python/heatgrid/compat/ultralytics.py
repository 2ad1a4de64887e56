"""Ultralytics' live heat map, drawn by heatgrid.

``Heatmap`` has the arguments and methods of the original; only the import changes::

    from heatgrid.compat.ultralytics import Heatmap

    heatmap = Heatmap(colormap=cv2.COLORMAP_PARULA, shape="circle", classes_names=model.names)
    im0 = heatmap.generate_heatmap(im0, model.track(im0, persist=True))

Heat is computed as documented there: a pixel keeps ``decay_factor`` of its heat per frame, every box adds 2,
and colors range from the least to the greatest heat over the whole frame.

`heatgrid.LiveHeatmap` has more options.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from heatgrid.core.spec import check_choice
from heatgrid.live.detections import as_detections, class_name
from heatgrid.live.drawing import Style, ZoneDrawing, check_frame, make_palette, overlay_field
from heatgrid.live.field import Field
from heatgrid.live.polygon_zone import PolygonZone
from heatgrid.live.zones import LineZone
from heatgrid.viz.pixels import check_share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from heatgrid.live.detections import Detections
    from heatgrid.viz.options import Colormap

    Color = tuple[int, int, int]
    Image = NDArray[np.uint8]
    Boxes = NDArray[np.float64]

__all__ = ["COLORMAP_JET", "Heatmap"]

COLORMAP_JET = 2

HeatShape = Literal["circle", "rect"]
OnResize = Literal["resample", "reset"]

_AMOUNT = 2.0
"""Heat that a box adds to a pixel."""

_MAX_GAP = 300.0
"""Frames without a detection after which a track is lost."""

_OFFSET = 1.0 + 2.0**-20
"""Level of the first color. Levels are truncated; the excess makes up for rounding errors."""


@dataclass(slots=True)
class _Region:
    """Line or polygon to draw."""

    points: Boxes
    closed: bool
    color: Color
    name: str = ""
    text: str = ""


class Heatmap:
    """Heat map of tracked detections over video, with counts at one line or polygon.

    Parameters
    ----------
    classes_names
        Names of the classes by number, for ``class_counts``.
    imw, imh
        Width and height of the frames in pixels; 0: those of the first frame.
    colormap
        An OpenCV number, 0 … 21, or a name.
    heatmap_alpha
        Opacity of the colors over the frame, in [0, 1]; rounded to 256ths.
    view_img
        Whether to show every frame in a window, which requires OpenCV.
    view_in_counts, view_out_counts
        Whether to draw the counts.
    count_reg_pts
        Two points are a line, three or more a polygon; x and y in pixels. None: nothing is counted.
    count_txt_color, count_bg_color, count_reg_color
        BGR of the text, of its background and of the outline.
    region_thickness
        Width of the outline in pixels.
    line_dist_thresh
        Distance in pixels beyond either end of the line at which a crossing still counts.
    line_thickness
        Size of the text; 2 is the default for the frame.
    decay_factor
        Share of its heat that a pixel keeps per frame, in [0, 1].
    shape
        ``"circle"``: a disc around the floor of the box's center, clipped to the box, of radius
        ``min(int width, int height) // 2``; or ``"rect"``: the pixels ``int(y0):int(y1), int(x0):int(x1)``.
    on_resize
        Action when frames change their size: ``"resample"`` the heat, or ``"reset"`` it.

    Raises
    ------
    ImportError
        ``view_img`` is true, and OpenCV is not installed.
    """

    def __init__(  # noqa: PLR0917 - in the original's order
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
        shape: HeatShape = "circle",
        on_resize: OnResize = "resample",
    ) -> None:
        check_choice("shape", shape, get_args(HeatShape))
        check_choice("on_resize", on_resize, get_args(OnResize))
        check_share("heatmap_alpha", heatmap_alpha)
        check_share("decay_factor", decay_factor)
        for name, length in (("region_thickness", region_thickness), ("line_thickness", line_thickness)):
            if not length > 0:
                raise ValueError(f"{name} must be greater than 0, got {length!r}")
        self._names = classes_names or {}
        self._decay, self._shape = decay_factor, shape
        self._palette = make_palette(colormap, heatmap_alpha, "color", "bgr", decays=False)
        self._views = (view_in_counts, view_out_counts)
        self._window = _window() if view_img else None
        self._frames = 0
        self._zone = _zone(count_reg_pts, line_dist_thresh)
        self._region = None
        if count_reg_pts is not None:
            ring = np.array(count_reg_pts, dtype=np.float64)
            self._region = _Region(ring, len(ring) > 2, count_reg_color[::-1])
        style = Style(
            text_color=count_txt_color[::-1],
            background_color=count_bg_color[::-1],
            background_opacity=1.0,
            text_scale=line_thickness / 2,
            line_width=region_thickness,
        )
        self._zone_drawing = ZoneDrawing("bgr", style)
        self._field = Field(1, on_resize)
        if imw or imh:
            if imw < 1 or imh < 1:
                raise ValueError(f"imw and imh must both be at least 1, or both 0, got {imw} and {imh}")
            self._field.fit((imw, imh))

    @property
    def heatmap(self) -> NDArray[np.float64]:
        """(imh, imw) float64, the heat at the last frame; (0, 0) before the first frame."""
        return self._field.heat

    @property
    def in_counts(self) -> int:
        """Number of tracks that crossed from the line's left side to its right, or entered the polygon.

        Left and right are seen from the first point to the second. Each track counts once.
        """
        return 0 if self._zone is None else self._zone.entered.total()

    @property
    def out_counts(self) -> int:
        """Number of tracks that crossed from the line's right side to its left; 0 for a polygon."""
        return self._zone.left.total() if isinstance(self._zone, LineZone) else 0

    @property
    def class_counts(self) -> dict[str | int, dict[str, int]]:
        """Number of tracks in and out by class: ``{"car": {"in": 3, "out": 1}}``."""
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
        """Let the heat decay, add one frame's boxes, count tracks, and draw all of it over the frame.

        Parameters
        ----------
        im0
            (height, width, 3) uint8 BGR; it is not changed.
        tracks
            The results of one frame, or a list of them, with ``boxes.xyxy`` and optional ``boxes.cls`` and
            ``boxes.id``; or any other detections that `heatgrid.LiveHeatmap.update` takes.

        Returns
        -------
        ndarray
            The frame with the heat, BGR, a new array.
        """
        frame: Image = np.ascontiguousarray(im0)
        field = self._field
        field.fit(check_frame(frame, "im0"))
        drawn = np.empty_like(frame)
        field.decay(self._decay)
        self._frames += 1
        is_list = isinstance(tracks, (list, tuple)) and all(hasattr(result, "boxes") for result in tracks)
        for result in tracks if is_list else [tracks]:
            found = as_detections(result)
            self._add(found.xyxy)
            self._count(found)
        overlay_field(field, (field.bottom, field.top), self._palette, frame, drawn, offset=_OFFSET)
        if self._region is not None:
            self._region.text = self._text()
            self._zone_drawing.draw(drawn, [self._region])
        if self._window is not None:
            self._window.imshow("Heatmap", drawn)
            self._window.waitKey(1)
        return drawn

    def _add(self, xyxy: Boxes) -> None:
        boxes = xyxy[np.isfinite(xyxy).all(axis=1)]
        corners = np.trunc(np.clip(boxes, -(2.0**52), 2.0**52))
        has_extent = (corners[:, 2] > corners[:, 0]) & (corners[:, 3] > corners[:, 1])
        boxes, corners = boxes[has_extent], corners[has_extent]
        if not len(corners):
            return
        if self._shape == "rect":
            self._field.stamp("boxes", corners, _AMOUNT)
            return
        x1, y1, x2, y2 = corners.T  # by columns: numpy is slow along short rows
        discs = np.empty((len(corners), 3))
        discs[:, 0] = np.floor((boxes[:, 0] + boxes[:, 2]) / 2) + 0.5
        discs[:, 1] = np.floor((boxes[:, 1] + boxes[:, 3]) / 2) + 0.5
        discs[:, 2] = np.minimum(x2 - x1, y2 - y1) // 2
        limits = np.stack([x1, x2, y1, y2], axis=1).astype(np.int64)
        self._field.stamp("discs", discs, _AMOUNT, limits=limits)

    def _count(self, found: Detections) -> None:
        if self._zone is None or found.ids is None:
            return
        classes = found.classes
        if classes is not None:
            classes = [class_name(self._names, key) if isinstance(key, int) else key for key in classes]
        self._zone.update(replace(found, classes=classes), self._frames)

    def _text(self) -> str:
        counts = {"In": self.in_counts, "Out": self.out_counts}
        if not isinstance(self._zone, LineZone):
            del counts["Out"]
        is_shown = dict(zip(("In", "Out"), self._views, strict=True))
        return " · ".join(f"{way} {count:,}" for way, count in counts.items() if is_shown[way])


def _zone(points: Sequence[tuple[float, float]] | None, reach: float) -> LineZone | PolygonZone | None:
    """Return the zone that counts: a line, extended by ``reach`` at both ends, or a polygon."""
    if points is None:
        return None
    if len(points) < 2:
        raise ValueError(f"count_reg_pts must have two points or more, got {len(points)}")
    if not reach >= 0:
        raise ValueError(f"line_dist_thresh must not be negative, got {reach!r}")
    if len(points) > 2:
        return PolygonZone(points, recount=False, max_gap=_MAX_GAP)
    start, end = np.array(points, dtype=np.float64)
    if (start == end).all():
        raise ValueError(f"count_reg_pts must differ, got {points!r}")
    along = reach * (end - start) / np.hypot(*(end - start))
    return LineZone((start - along).tolist(), (end + along).tolist(), recount=False, max_gap=_MAX_GAP)


def _window() -> Any:
    """Return OpenCV, which shows the window."""
    try:
        import cv2
    except ImportError as error:
        message = "view_img=True requires OpenCV: pip install opencv-python"
        raise ImportError(message, name="cv2") from error
    return cv2
