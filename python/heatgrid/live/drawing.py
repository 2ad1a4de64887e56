"""Outlines and labels of zones over a frame.

Each outline and each label is rendered once into a patch of blended pixels, which is blended into every frame
until the zone or its text changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from heatgrid.core.stamping import blend_pixels
from heatgrid.viz.text import Measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.live.overlay import Channels, Frame

    Color = tuple[int, int, int]
    Size = tuple[int, int]
    Place = tuple[float, float]
    Coverage = NDArray[np.float64]

_BASE_SIDE = 480
"""Shorter side of a frame on which a design unit is a pixel, so that text scales with the frame."""

_TEXT, _LINE, _CASING, _ARROW = 15.0, 2.0, 1.5, 14.0  # sizes in design units
_DARK, _CASING_OPACITY = (16, 16, 16), 0.6
_SUPERSAMPLING = 2  # of outlines, along each side


class Drawable(Protocol):
    """A `heatgrid.live.zones.Zone`, or any object with its points, color and label."""

    points: NDArray[np.float64]
    closed: bool
    color: Color
    name: str

    @property
    def text(self) -> str:
        """The label's text; empty: no label."""
        ...


@dataclass(frozen=True, slots=True)
class Style:
    """Style of outlines and labels.

    Attributes
    ----------
    text_color, background_color
        RGB of a label.
    background_opacity
        Opacity of a label's background, in [0, 1].
    text_scale
        Size of the text relative to the default for the frame.
    line_width
        Width of outlines in pixels; None: the default for the frame, with a dark casing, and an arrow for
        lines.
    """

    text_color: Color = (255, 255, 255)
    background_color: Color = _DARK
    background_opacity: float = 0.65
    text_scale: float = 1.0
    line_width: float | None = None


@dataclass(frozen=True, slots=True)
class Patch:
    """Pixels to blend into a frame; the arrays are those of `heatgrid.core.stamping.blend_pixels`."""

    places: NDArray[np.int32]
    ink: NDArray[np.uint16]
    rest: NDArray[np.uint16]

    def blend(self, frame: Frame) -> None:
        """Blend the pixels into a frame, in place."""
        blend_pixels(frame, self.places, self.ink, self.rest)


class ZoneDrawing:
    """Draws the outlines and labels of zones.

    Parameters
    ----------
    channels
        Channel order of the frames.
    style
        Style of outlines and labels.
    """

    __slots__ = ("_channels", "_labels", "_outlines", "_size", "_style")

    def __init__(self, channels: Channels, style: Style | None = None) -> None:
        self._channels: Channels = channels
        self._style = style or Style()
        self._size: Size = (0, 0)
        self._outlines: dict[int, tuple[bytes, Patch]] = {}
        self._labels: dict[int, tuple[bytes, Patch]] = {}

    def draw(self, frame: Frame, zones: Sequence[Drawable]) -> None:
        """Draw zones over a frame, in place: all outlines, then all labels."""
        size = frame.shape[1], frame.shape[0]
        if size != self._size:
            self._size = size
            self._outlines.clear()
            self._labels.clear()
        for i, zone in enumerate(zones):
            self._outline(i, zone).blend(frame)
        for i, zone in enumerate(zones):
            if zone.text:
                self._label(i, zone).blend(frame)

    def _outline(self, i: int, zone: Drawable) -> Patch:
        key = zone.points.tobytes() + bytes(zone.color)
        cached = self._outlines.get(i)
        if cached is None or cached[0] != key:
            cached = key, render_outline(zone, self._size, self._channels, self._style)
            self._outlines[i] = cached
        return cached[1]

    def _label(self, i: int, zone: Drawable) -> Patch:
        text = f"{zone.name}: {zone.text}" if zone.name else zone.text
        key = zone.points.tobytes() + text.encode("utf-8", "surrogatepass")
        cached = self._labels.get(i)
        if cached is None or cached[0] != key:
            place, direction = _label_place(zone)
            cached = (
                key,
                render_label(text, place, direction, self._size, channels=self._channels, style=self._style),
            )
            self._labels[i] = cached
        return cached[1]


def design_unit(size: Size) -> float:
    """Return the pixels per design unit on frames of a width and height."""
    return max(0.75, min(size) / _BASE_SIDE)


def render_outline(zone: Drawable, size: Size, channels: Channels, style: Style) -> Patch:
    """Return a zone's line; in the default width it has a dark casing, and an open line has its arrow."""
    unit = design_unit(size)
    width = _LINE * unit if style.line_width is None else style.line_width
    margin = width + (_ARROW + _CASING) * unit
    low = np.clip(np.floor(zone.points.min(axis=0) - margin), 0, size).astype(int)
    high = np.clip(np.ceil(zone.points.max(axis=0) + margin), 0, size).astype(int)
    if (low >= high).any():
        return _make_patch(np.empty((0, 0)), 0.0, (zone.color, _DARK), (0, 0), channels)
    arrow = _arrow(zone, unit) if style.line_width is None and not zone.closed else None
    line = _line_coverage(zone, low, high, width, arrow)
    casing: Coverage | float = 0.0
    if style.line_width is None:
        casing = _CASING_OPACITY * _line_coverage(zone, low, high, width + 2 * _CASING * unit, arrow)
    return _make_patch(line, casing, (zone.color, _DARK), (int(low[0]), int(low[1])), channels)


def render_label(
    text: str, place: Place, direction: Place, size: Size, *, channels: Channels, style: Style
) -> Patch:
    """Return a text on its background: centered at a place or next to it in a direction, in the frame."""
    from PIL import Image, ImageDraw

    measure = Measure(design_unit(size) * style.text_scale)
    padding = measure.px(5)
    text = measure.cut(text, _TEXT, size[0] - 2 * padding)
    width = min(size[0], measure.width(text, _TEXT) + 2 * padding)
    height = min(size[1], measure.line(_TEXT) + padding)
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    measure.write(draw, (width / 2, height / 2), text, size=_TEXT, color=(255, 255, 255), anchor="mm")
    gap = measure.px(6) + (abs(direction[0]) * width + abs(direction[1]) * height) / 2
    left = int(np.clip(round(place[0] + gap * direction[0] - width / 2), 0, size[0] - width))
    top = int(np.clip(round(place[1] + gap * direction[1] - height / 2), 0, size[1] - height))
    letters = np.asarray(image, dtype=np.float64)[..., 0] / 255.0
    colors = style.text_color, style.background_color
    return _make_patch(letters, style.background_opacity, colors, (left, top), channels)


def _make_patch(
    front: Coverage,
    back: Coverage | float,
    colors: tuple[Color, Color],
    corner: tuple[int, int],
    channels: Channels,
) -> Patch:
    """Return a patch of front over back, by their opacities per pixel and RGB; corner is (column, row)."""
    total = front + back * (1.0 - front)
    rows, columns = np.nonzero(total > 0)
    opacity = total[rows, columns]
    share = (front[rows, columns] / opacity)[:, np.newaxis]
    mixed = np.rint(share * np.array(colors[0]) + (1.0 - share) * np.array(colors[1]))
    ordered = mixed[:, ::-1] if channels == "bgr" else mixed
    parts = np.rint(256.0 * opacity)
    places = np.stack([rows + corner[1], columns + corner[0]], axis=1).astype(np.int32)
    ink = (ordered * parts[:, np.newaxis] + 128.0).astype(np.uint16, order="C")
    return Patch(places, ink, (256.0 - parts).astype(np.uint16))


def _line_coverage(
    zone: Drawable,
    low: NDArray[np.int_],
    high: NDArray[np.int_],
    width: float,
    arrow: NDArray[np.float64] | None,
) -> Coverage:
    """Return the share of each pixel between two corners that a line covers."""
    from PIL import Image, ImageDraw

    columns, rows = ((high - low) * _SUPERSAMPLING).tolist()
    image = Image.new("L", (columns, rows))
    draw = ImageDraw.Draw(image)
    thick = max(1, round(width * _SUPERSAMPLING))
    path = np.concatenate([zone.points, zone.points[:1]]) if zone.closed else zone.points
    vertices = [tuple(vertex) for vertex in ((path - low) * _SUPERSAMPLING).tolist()]
    draw.line(vertices, fill=255, width=thick, joint="curve")
    for x, y in vertices:
        draw.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=255)
    if arrow is not None:
        tips = [tuple(vertex) for vertex in ((arrow - low) * _SUPERSAMPLING).tolist()]
        draw.polygon(tips, fill=255)
        draw.line([*tips, tips[0]], fill=255, width=max(1, thick // 2), joint="curve")
    return np.asarray(image.reduce(_SUPERSAMPLING), dtype=np.float64) / 255.0


def _direction_in(zone: Drawable) -> NDArray[np.float64]:
    """Return the unit vector of direction in over a line: to the right of it."""
    start, end = zone.points
    along = (end - start) / np.hypot(*(end - start))
    return np.array([-along[1], along[0]])


def _arrow(zone: Drawable, unit: float) -> NDArray[np.float64]:
    """Return the vertices of the arrow at the middle of a line."""
    forward, middle = _direction_in(zone), zone.points.mean(axis=0)
    half = 0.5 * _ARROW * unit * np.array([forward[1], -forward[0]])
    return np.stack([middle - half, middle + half, middle + _ARROW * unit * forward])


def _label_place(zone: Drawable) -> tuple[Place, Place]:
    """Return a label's place and the direction from there: on top of a polygon, opposite a line's arrow."""
    if zone.closed:
        left, top = zone.points.min(axis=0).tolist()
        return ((left + float(zone.points[:, 0].max())) / 2, top), (0.0, 0.0)
    x, y = zone.points.mean(axis=0).tolist()
    across, down = _direction_in(zone).tolist()
    return (x, y), (-across, -down)
