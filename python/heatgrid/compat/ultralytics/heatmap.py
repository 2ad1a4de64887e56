"""The heat map of Ultralytics 8.2.50.

Heat is computed as documented there: a pixel keeps ``decay_factor`` of its heat per frame, every box adds 2,
and colors range from the least to the greatest heat over the whole frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from heatgrid.compat.ultralytics.counting import (
    LineCounter,
    StepCounter,
    check_region,
    named,
    towards_center,
)
from heatgrid.compat.ultralytics.drawing import (
    COLORMAP_JET,
    Canvas,
    add_discs,
    add_rectangles,
    centers_of,
    whole_boxes,
)
from heatgrid.core.spec import check_choice
from heatgrid.live.detections import as_detections
from heatgrid.live.drawing import check_frame
from heatgrid.live.field import OnResize
from heatgrid.viz.pixels import check_share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from heatgrid.compat.ultralytics.counting import ClassCounts, Counter
    from heatgrid.compat.ultralytics.drawing import Boxes, Color, Image
    from heatgrid.live.detections import Detections
    from heatgrid.viz.options import Colormap

HeatShape = Literal["circle", "rect"]


class Heatmap:
    """Heat map of tracked detections over video, with counts at one line or polygon.

    Parameters
    ----------
    classes_names
        Names of the classes by number, for ``class_wise_count``.
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
        check_region("count_reg_pts", count_reg_pts)
        if not line_dist_thresh >= 0:
            raise ValueError(f"line_dist_thresh must not be negative, got {line_dist_thresh!r}")
        self._names = classes_names or {}
        self._decay, self._shape = decay_factor, shape
        self._counter = _counter(count_reg_pts, line_dist_thresh)
        self._seen: dict[str | int, None] = {}
        self._canvas = Canvas(
            colormap,
            heatmap_alpha,
            points=count_reg_pts,
            colors=(count_txt_color, count_bg_color, count_reg_color),
            thickness=region_thickness,
            size=line_thickness,
            views=(view_in_counts, view_out_counts),
            on_resize=on_resize,
            window="Ultralytics Heatmap" if view_img else None,
        )
        if imw or imh:
            if imw < 1 or imh < 1:
                raise ValueError(f"imw and imh must both be at least 1, or both 0, got {imw} and {imh}")
            self._canvas.field.fit((imw, imh))

    @property
    def heatmap(self) -> NDArray[np.float64]:
        """(imh, imw) float64, the heat at the last frame; (0, 0) before the first frame."""
        return self._canvas.field.heat

    @property
    def in_counts(self) -> int:
        """Number of tracks that went in.

        They crossed the line from its left side to its right, seen from the first point to the second; or
        they came to a place in the polygon, and closer to its center. Each track counts once.
        """
        return 0 if self._counter is None else self._counter.in_count

    @property
    def out_counts(self) -> int:
        """Number of tracks that crossed the line the other way, or went away from the polygon's center."""
        return 0 if self._counter is None else self._counter.out_count

    @property
    def class_wise_count(self) -> ClassCounts:
        """Number of tracks in and out by class: ``{"car": {"IN": 3, "OUT": 1}}``, with all classes seen."""
        counts: ClassCounts = {} if self._counter is None else self._counter.counts
        return {name: dict(counts.get(name, {"IN": 0, "OUT": 0})) for name in self._seen}

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
        field = self._canvas.field
        field.fit(check_frame(frame, "im0"))
        field.decay(self._decay)
        is_list = isinstance(tracks, (list, tuple)) and all(hasattr(result, "boxes") for result in tracks)
        for result in tracks if is_list else [tracks]:
            found = named(as_detections(result), self._names)
            with np.errstate(over="ignore", invalid="ignore"):  # of boxes that are not finite
                centers = centers_of(found.xyxy, result)
            self._add(found.xyxy, centers)
            self._count(found, centers)
        return self._canvas.draw(frame, self._counter)

    def _add(self, xyxy: Boxes, centers: Boxes) -> None:
        corners, index = whole_boxes(xyxy)
        if self._shape == "rect":
            add_rectangles(self._canvas.field, corners)
        else:
            add_discs(self._canvas.field, corners, np.floor(centers[index]))

    def _count(self, found: Detections, centers: Boxes) -> None:
        tracked = () if found.ids is None else found.ids
        for track, key in zip(tracked, found.keys, strict=False):
            if track is not None:
                self._seen.setdefault("" if key is None else key)
        if self._counter is not None:
            self._counter.update(found, centers)


def _counter(points: Sequence[tuple[float, float]] | None, reach: float) -> Counter | None:
    """Return the counter of a line, extended by ``reach`` at both ends, or of a polygon."""
    if points is None:
        return None
    return LineCounter(points, reach) if len(points) == 2 else StepCounter(towards_center(points))
