"""Heat of boxes, and the drawing of heat, a region and its counts over a frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.live.drawing import Style, ZoneDrawing, make_palette, overlay_field
from heatgrid.live.field import Field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.compat.ultralytics.counting import Counter
    from heatgrid.live.field import OnResize
    from heatgrid.viz.options import Colormap

    Color = tuple[int, int, int]
    Image = NDArray[np.uint8]
    Boxes = NDArray[np.float64]

COLORMAP_JET = 2

_AMOUNT = 2.0
"""Heat that a box adds to a pixel."""

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


class Canvas:
    """Heat, a region with its counts, and a window, drawn over frames in BGR; colors are BGR, too.

    ``views`` says which of the counts in and out are drawn, ``thickness`` is the width of the outline, and
    ``size`` that of the text, 2 for the default. ``window`` is the title of a window, or None.
    """

    def __init__(
        self,
        colormap: Colormap,
        alpha: float,
        *,
        points: Sequence[tuple[float, float]] | None,
        colors: tuple[Color, Color, Color],
        thickness: float,
        size: float,
        views: tuple[bool, bool],
        on_resize: OnResize,
        window: str | None,
    ) -> None:
        text_color, background, outline = (color[::-1] for color in colors)
        self._palette = make_palette(colormap, alpha, "color", "bgr", decays=False)
        self._views = views
        self._window = None if window is None else (_opencv(), window)
        self._region = None
        if points is not None:
            ring = np.array(points, dtype=np.float64)
            self._region = _Region(ring, len(ring) > 2, outline)
        style = Style(
            text_color=text_color,
            background_color=background,
            background_opacity=1.0,
            text_scale=size / 2,
            line_width=thickness,
        )
        self._zone_drawing = ZoneDrawing("bgr", style)
        self.field = Field(1, on_resize)

    def draw(self, frame: Image, counter: Counter | None) -> Image:
        """Return a frame with the heat, the region and its counts, a new array."""
        field, drawn = self.field, np.empty_like(frame)
        overlay_field(field, (field.bottom, field.top), self._palette, frame, drawn, offset=_OFFSET)
        self.draw_region(drawn, counter)
        return drawn

    def draw_region(self, drawn: Image, counter: Counter | None) -> None:
        """Draw the region and its counts in place, and show the frame if there is a window."""
        if self._region is not None and counter is not None:
            ways = zip(("In", "Out"), (counter.in_count, counter.out_count), self._views, strict=True)
            self._region.text = " · ".join(f"{way} {count:,}" for way, count, is_shown in ways if is_shown)
            self._zone_drawing.draw(drawn, [self._region])
        if self._window is not None:
            library, title = self._window
            library.imshow(title, drawn)
            library.waitKey(1)


def _opencv() -> Any:
    """Return OpenCV, which shows the window."""
    try:
        import cv2
    except ImportError as error:
        message = "a window requires OpenCV: pip install opencv-python"
        raise ImportError(message, name="cv2") from error
    return cv2


def whole_boxes(xyxy: Boxes) -> tuple[Boxes, NDArray[np.intp]]:
    """Return the truncated corners of the finite boxes that then have an extent, and their indices."""
    finite = np.flatnonzero(np.isfinite(xyxy).all(axis=1))
    corners = np.trunc(np.clip(xyxy[finite], -(2.0**52), 2.0**52))
    has_extent = (corners[:, 2] > corners[:, 0]) & (corners[:, 3] > corners[:, 1])
    return corners[has_extent], finite[has_extent]


def centers_of(xyxy: Boxes, source: Any) -> Boxes:
    """Return the centers of boxes, in the precision of the result that they come from."""
    dtype = getattr(getattr(getattr(source, "boxes", None), "xyxy", None), "dtype", None)
    numbers = xyxy.astype(np.float32) if str(dtype).endswith("float32") else xyxy
    return ((numbers[:, :2] + numbers[:, 2:]) / 2).astype(np.float64)


def add_rectangles(field: Field, corners: Boxes) -> None:
    """Add the heat of rectangles of whole pixels."""
    if len(corners):
        field.stamp("boxes", corners, _AMOUNT)


def add_discs(field: Field, corners: Boxes, centers: Boxes) -> None:
    """Add the heat of discs around whole pixels, as large as their boxes and clipped to them."""
    if not len(corners):
        return
    x1, y1, x2, y2 = corners.T  # by columns: numpy is slow along short rows
    discs = np.empty((len(corners), 3))
    discs[:, :2] = centers + 0.5
    discs[:, 2] = np.minimum(x2 - x1, y2 - y1) // 2
    limits = np.stack([x1, x2, y1, y2], axis=1).astype(np.int64)
    field.stamp("discs", discs, _AMOUNT, limits=limits)
