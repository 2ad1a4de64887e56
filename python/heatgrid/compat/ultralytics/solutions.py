"""The heat map of the current Ultralytics, which calls the model itself.

Heat is computed as there: every box of a track adds 2 to the disc inside it and never decays, and colors
range from the least to the greatest heat over the whole frame.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.compat.ultralytics.counting import StepCounter, across_line, check_region, into_polygon, named
from heatgrid.compat.ultralytics.drawing import Canvas, add_discs, centers_of, whole_boxes
from heatgrid.live.detections import as_detections
from heatgrid.live.drawing import check_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.compat.ultralytics.counting import ClassCounts
    from heatgrid.compat.ultralytics.drawing import Boxes, Image
    from heatgrid.live.field import OnResize
    from heatgrid.viz.options import Colormap

__all__ = ["Heatmap", "SolutionResults"]

COLORMAP_DEEPGREEN = 21

_TEXT, _BACKGROUND, _OUTLINE = (104, 31, 17), (255, 255, 255), (104, 0, 123)
_OF_TRACKING = frozenset(
    {"classes", "iou", "conf", "device", "max_det", "quantize", "half", "tracker", "imgsz"}
)
_DEFAULTS = {"conf": 0.25, "iou": 0.7}
"""Options of the original that differ from those of ``track`` in any version."""

_OF_OTHERS = frozenset(
    {"source", "show_conf", "show_labels", "show_boxes", "up_angle", "down_angle", "kpts", "analytics_type"}
    | {"figsize", "blur_ratio", "vision_point", "crop_dir", "json_file", "records", "fps", "max_hist"}
    | {"meter_per_pixel", "max_speed", "verbose", "data"}
)
_OF_8_2 = frozenset({"classes_names", "count_reg_pts", "view_img", "heatmap_alpha", "decay_factor", "shape"})


@dataclass(slots=True, eq=False)
class SolutionResults:
    """One frame's result.

    Attributes
    ----------
    plot_im
        The frame with the heat, BGR, a new array.
    in_count, out_count
        Number of tracks that went in and out so far.
    classwise_count
        The same by class: ``{"car": {"IN": 3, "OUT": 1}}``, with the classes that were counted.
    total_tracks
        Number of tracks in this frame.
    speed
        Milliseconds of the model's ``"track"`` and of the heat map, ``"solution"``.
    """

    plot_im: Image = field(repr=False)
    in_count: int = 0
    out_count: int = 0
    classwise_count: ClassCounts = field(default_factory=dict)
    total_tracks: int = 0
    speed: dict[str, float] = field(default_factory=dict)


class Heatmap:
    """Heat map of a model's tracks over video, with counts at one line or polygon.

    Parameters
    ----------
    model
        Path of a model, for which ultralytics is imported, or any object with a method ``track``, which is
        called with each frame, ``persist=True`` and ``verbose=False``. A path also sets ``conf=0.25`` and
        ``iou=0.7``, the original's defaults.
    colormap
        An OpenCV number, 0 … 21, or a name.
    region
        Two points are a line, three or more a polygon; x and y in pixels. None: nothing is counted.
    show_in, show_out
        Whether to draw the counts.
    show
        Whether to show every frame in a window, which requires OpenCV.
    line_width
        Size of the text; the outline of the region is twice as wide, in pixels.
    on_resize
        Action when frames change their size: ``"resample"`` the heat, or ``"reset"`` it.
    **options
        ``classes``, ``conf``, ``iou``, ``device``, ``max_det``, ``imgsz``, ``tracker``, ``quantize`` and
        ``half`` are passed to ``track``. Options of other solutions, and ``verbose``, have no effect.

    Raises
    ------
    ImportError
        ``model`` is a path, and ultralytics is not installed; or ``show`` is true, and OpenCV is not.

    Attributes
    ----------
    model
        The object whose ``track`` is called.

    Notes
    -----
    A step of a track's center that meets the line, or leads into the polygon or across it, counts. It goes in
    if it leads down, or to the right at a line or polygon that is higher than wide. Each track counts once.
    """

    def __init__(
        self,
        *,
        model: Any = None,
        colormap: Colormap = COLORMAP_DEEPGREEN,
        region: Sequence[tuple[float, float]] | None = None,
        show_in: bool = True,
        show_out: bool = True,
        show: bool = False,
        line_width: float = 2,
        on_resize: OnResize = "resample",
        **options: Any,
    ) -> None:
        _check_options(options)
        if not line_width > 0:
            raise ValueError(f"line_width must be greater than 0, got {line_width!r}")
        check_region("region", region)
        self.region = region
        self._options = {name: value for name, value in options.items() if name in _OF_TRACKING}
        self._counter = None
        if region is not None:
            self._counter = StepCounter(across_line(region) if len(region) == 2 else into_polygon(region))
        self._canvas = Canvas(
            colormap,
            0.5,
            points=region,
            colors=(_TEXT, _BACKGROUND, _OUTLINE),
            thickness=2 * line_width,
            size=line_width,
            views=(show_in, show_out),
            on_resize=on_resize,
            window="Ultralytics Solutions" if show else None,
        )
        self.model = _as_model(model)
        if self.model is not model:
            self._options = _DEFAULTS | self._options

    @property
    def names(self) -> Any:
        """The names of the model's classes by number."""
        return getattr(self.model, "names", {})

    @property
    def heatmap(self) -> NDArray[np.float64]:
        """(height, width) float64, the heat at the last frame; (0, 0) before the first frame."""
        return self._canvas.field.heat

    @property
    def in_count(self) -> int:
        """Number of tracks that went in."""
        return 0 if self._counter is None else self._counter.in_count

    @property
    def out_count(self) -> int:
        """Number of tracks that went out."""
        return 0 if self._counter is None else self._counter.out_count

    @property
    def classwise_count(self) -> ClassCounts:
        """Number of tracks in and out by class, of the classes that were counted."""
        counts: ClassCounts = {} if self._counter is None else self._counter.counts
        return {name: dict(ways) for name, ways in counts.items()}

    def __call__(self, im0: Image) -> SolutionResults:
        """Process one frame, as `process` does."""
        return self.process(im0)

    def process(self, im0: Image) -> SolutionResults:
        """Track one frame's objects, add their heat, count them, and draw all of it over the frame.

        Parameters
        ----------
        im0
            (height, width, 3) uint8 BGR; it is not changed.
        """
        frame: Image = np.ascontiguousarray(im0)
        size = check_frame(frame, "im0")
        self._canvas.field.fit(size)
        begin = time.perf_counter()
        result = self.model.track(im0, persist=True, verbose=False, **self._options)
        tracked = time.perf_counter()
        result = result[0] if isinstance(result, (list, tuple)) and len(result) == 1 else result
        found = named(as_detections(result), self.names)
        self._add(found.xyxy, size)
        if self._counter is not None:
            self._counter.update(found, centers_of(found.xyxy, result))
        drawn = self._draw(frame)
        milliseconds = {"track": 1e3 * (tracked - begin), "solution": 1e3 * (time.perf_counter() - tracked)}
        count = 0 if found.ids is None else sum(track is not None for track in found.ids)
        return SolutionResults(
            drawn, self.in_count, self.out_count, self.classwise_count, count, milliseconds
        )

    def _add(self, xyxy: Boxes, size: tuple[int, int]) -> None:
        corners, _ = whole_boxes(np.clip(xyxy, 0, [*size, *size]))
        add_discs(self._canvas.field, corners, (corners[:, :2] + corners[:, 2:]) // 2)

    def _draw(self, frame: Image) -> Image:
        if self._canvas.field.top > 0:
            return self._canvas.draw(frame, self._counter)
        drawn = frame.copy()
        self._canvas.draw_region(drawn, self._counter)
        return drawn


def _check_options(options: dict[str, Any]) -> None:
    """Raise TypeError for options that the original does not have."""
    for name in options:
        if name in _OF_8_2:
            raise TypeError(
                f"{name} is an option of heatgrid.compat.ultralytics.Heatmap, the class of 8.2.50"
            )
        if name not in _OF_TRACKING | _OF_OTHERS:
            known = ", ".join(sorted(_OF_TRACKING))
            raise TypeError(f"{name} is not an option of Heatmap; those of tracking are {known}")


def _as_model(model: Any) -> Any:
    """Return an object with a method ``track``; of a path, the model of ultralytics."""
    if callable(getattr(model, "track", None)):
        return model
    if not isinstance(model, (str, os.PathLike)):
        raise TypeError(f"model must be a path, or an object with a method track, got {type(model).__name__}")
    try:
        from ultralytics import YOLO
    except ImportError as error:
        message = (
            "model= as a path requires ultralytics: pip install ultralytics, or pass an object with track"
        )
        raise ImportError(message, name="ultralytics") from error
    return YOLO(model)
