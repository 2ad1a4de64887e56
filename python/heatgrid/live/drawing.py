"""Drawing over frames: heat in colors, and outlines and labels of zones.

Each outline and each label is rendered once into a patch of pixels, which is blended into every frame until
the zone or its text changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, cast, get_args

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.spec import check_choice
from heatgrid.viz import colormaps
from heatgrid.viz.options import Zero
from heatgrid.viz.pixels import check_share
from heatgrid.viz.scales import SCALES, Scale, ScaleName
from heatgrid.viz.text import Measure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from heatgrid.core.kernel import Palette
    from heatgrid.live.field import Field
    from heatgrid.viz.options import Colormap

    Frame = NDArray[np.uint8]
    Color = tuple[int, int, int]
    Size = tuple[int, int]
    Place = tuple[float, float]
    Coverage = NDArray[np.float64]

Channels = Literal["bgr", "rgb"]
ScaleMode = Literal["steady", "frame"]
LiveScale = ScaleMode | ScaleName

_LEAST_SHARE = 2.0**-40  # of heat below the scale, which is drawn in the first color
_LEAST_OPACITY = 0.25  # of the least heat above 0, as a share of alpha, if heat does not decay
_FADE_SHARE = 0.25  # of the scale, below which decaying heat becomes more and more transparent

_BASE_SIDE = 480  # shorter side of a frame on which a design unit is a pixel
_TEXT, _LINE, _CASING, _ARROW = 15.0, 2.0, 1.5, 14.0  # sizes in design units
_DARK, _CASING_OPACITY = (16, 16, 16), 0.6
_SUPERSAMPLING = 2  # of outlines, along each side


class HeatOverlay:
    """Draws a field over frames; parameters as in `heatgrid.LiveHeatmap`."""

    __slots__ = ("_maximum", "_palette", "_release", "_scale", "_vmax", "_vmin")

    def __init__(
        self, palette: Palette, *, vmin: float | None, vmax: float | None, scale: LiveScale, release: float
    ) -> None:
        check_choice("scale", scale, (*get_args(ScaleMode), *SCALES))
        check_share("release", release)
        if vmin is not None and not (math.isfinite(vmin) and vmin >= 0):
            raise ValueError(f"vmin must be at least 0, got {vmin!r}")
        if vmax is not None and not (math.isfinite(vmax) and vmax > (vmin or 0)):
            bound = "0" if vmin is None else f"vmin, {vmin!r}"
            raise ValueError(f"vmax must be greater than {bound}, got {vmax!r}")
        self._palette, self._scale, self._release = palette, scale, release
        self._vmin, self._vmax = vmin, vmax
        self._maximum = 0.0

    def reset(self) -> None:
        """Forget the maximum of a steady scale."""
        self._maximum = 0.0

    def draw(self, field: Field, frame: Frame, out: Frame) -> None:
        """Draw a field over a frame into ``out``, which may be the frame."""
        if self._scale not in {"steady", "frame", "linear"}:
            self._draw_curve(field, frame, out)
            return
        low = self._vmin
        if low is None:
            low = field.bottom if self._scale == "frame" and self._vmax is None else 0.0
        # Levels 1 … 256 are the colors 0 … 255; levels are truncated, so 0.5 more rounds them.
        overlay_field(field, (low, max(low, self._top(field))), self._palette, frame, out, offset=1.5)

    def _top(self, field: Field) -> float:
        """Return the heat of the last color."""
        if self._vmax is not None:
            return self._vmax
        if self._scale == "frame":
            return field.top
        self._maximum = max(field.top, self._maximum * self._release)
        return self._maximum

    def _draw_curve(self, field: Field, frame: Frame, out: Frame) -> None:
        """Draw a field in one of the scales of maps that is not linear."""
        heat, kind = field.heat, cast("ScaleName", self._scale)
        top = None if kind in {"percentile", "rank"} and self._vmax is None else self._top(field)
        shares = Scale.of(heat, kind, vmin=self._vmin, vmax=top).normalize(heat)
        levels = np.where(heat > 0, np.maximum(shares, _LEAST_SHARE), 0.0)
        kernel.overlay(levels, (255.0, 1.5), self._palette, frame, out)


def overlay_field(
    field: Field, limits: tuple[float, float], palette: Palette, frame: Frame, out: Frame, *, offset: float
) -> None:
    """Draw a field over a frame into ``out``; heat ``limits[0]`` has the level ``offset``, truncated."""
    low, high = limits
    scale = 255.0 / (high - low) if high > low else 0.0
    heat = field.scaled
    if 0 < low <= field.bottom:  # subtracted here, since the kernel's levels are floats
        heat = np.maximum(heat - low / field.factor, _LEAST_SHARE * (high - low) / field.factor)
        low = 0.0
    kernel.overlay(heat, (scale * field.factor, offset - low * scale), palette, frame, out)


def make_palette(
    colormap: Colormap, alpha: float, zero: Zero, channels: Channels, *, decays: bool
) -> Palette:
    """Return the colors, (257, 3), and opacities in 256ths, (257,), of no heat and of the colormap.

    If heat decays, little heat is nearly transparent; otherwise it stays visible.
    """
    check_choice("zero", zero, get_args(Zero))
    check_choice("channels", channels, get_args(Channels))
    check_share("alpha", alpha)
    table = colormaps.get(colormap)
    colors = np.concatenate([table[:1], table])
    if channels == "bgr":
        colors = colors[:, ::-1]
    opacity = np.full(257, alpha)
    if zero == "transparent":
        shares = np.arange(256) / 255.0
        opacity[0] = 0.0
        if decays:
            opacity[1:] *= np.minimum(1.0, shares / _FADE_SHARE)
        else:
            opacity[1:] *= _LEAST_OPACITY + (1.0 - _LEAST_OPACITY) * shares
    return np.ascontiguousarray(colors), np.rint(256.0 * opacity).astype(np.uint16)


def check_frame(frame: Frame, name: str = "frame") -> tuple[int, int]:
    """Return the width and height of a frame; raise TypeError or ValueError if it cannot be drawn on."""
    dtype = getattr(frame, "dtype", type(frame).__name__)
    if dtype != np.uint8:
        raise TypeError(f"{name} must be a uint8 array, got {dtype}")
    if frame.ndim != 3 or frame.shape[2] != 3 or 0 in frame.shape:
        raise ValueError(f"{name} must have shape (height, width, 3), got {frame.shape}")
    if frame.strides[1:] != (3, 1):
        raise ValueError(f"{name} must have contiguous rows: use numpy.ascontiguousarray")
    return frame.shape[1], frame.shape[0]


def source_and_target(frame: Frame, out: Frame | None) -> tuple[Frame, Frame]:
    """Return the arrays to read and to write when a frame is drawn into ``out``; None: in place."""
    size = check_frame(frame)
    target = frame if out is None else out
    if check_frame(target, "out") != size:
        raise ValueError(f"out must have the frame's shape {frame.shape}, got {target.shape}")
    if not target.flags.writeable:
        raise ValueError(
            "frame is read-only: pass out= or a copy" if out is None else "out must be writeable"
        )
    overlaps = target is not frame and np.may_share_memory(frame, target)
    return frame.copy() if overlaps else frame, target


class Drawable(Protocol):
    """A `heatgrid.live.zones.Zone`, or any object with its points, color and label.

    The array of points does not change; a moved object has another array.
    """

    closed: bool
    color: Color
    name: str

    @property
    def points(self) -> NDArray[np.float64]:
        """(N, 2) vertices in pixels."""
        ...

    @property
    def text(self) -> str:
        """The label's text; empty: no label."""
        ...


@dataclass(frozen=True, slots=True)
class Style:
    """Colors of labels, RGB, their text's size relative to the default, and the width of outlines in pixels.

    Outlines of the default width, None, have a dark casing, and lines have an arrow in the direction in.
    """

    text_color: Color = (255, 255, 255)
    background_color: Color = _DARK
    background_opacity: float = 0.65
    text_scale: float = 1.0
    line_width: float | None = None


@dataclass(frozen=True, slots=True)
class Patch:
    """Pixels to blend into a frame; the arrays are those of `heatgrid.core.kernel.blend_pixels`."""

    places: NDArray[np.int32]
    ink: NDArray[np.uint16]
    rest: NDArray[np.uint16]

    def blend(self, frame: Frame) -> None:
        """Blend the pixels into a frame, in place."""
        kernel.blend_pixels(frame, self.places, self.ink, self.rest)


class ZoneDrawing:
    """Draws the outlines and labels of zones over frames with one channel order."""

    __slots__ = ("_channels", "_patches", "_size", "_style")

    def __init__(self, channels: Channels, style: Style | None = None) -> None:
        self._channels: Channels = channels
        self._style = style or Style()
        self._size: Size = (0, 0)
        self._patches: dict[tuple[str, int], tuple[object, object, Patch]] = {}

    def draw(self, frame: Frame, zones: Sequence[Drawable]) -> None:
        """Draw zones over a frame, in place: all outlines, then all labels."""
        size = frame.shape[1], frame.shape[0]
        if size != self._size:
            self._size = size
            self._patches.clear()
        for i, zone in enumerate(zones):
            self._cached(("outline", i), zone.color, self._render_outline, zone).blend(frame)
        for i, zone in enumerate(zones):
            if zone.text:
                self._cached(("label", i), (zone.name, zone.text), self._render_label, zone).blend(frame)

    def _cached(
        self, part: tuple[str, int], look: object, render: Callable[[Drawable], Patch], zone: Drawable
    ) -> Patch:
        cached = self._patches.get(part)
        if cached is None or cached[0] is not zone.points or cached[1] != look:
            cached = self._patches[part] = zone.points, look, render(zone)
        return cached[2]

    def _render_outline(self, zone: Drawable) -> Patch:
        unit, style = design_unit(self._size), self._style
        width = _LINE * unit if style.line_width is None else style.line_width
        margin = width + (_ARROW + _CASING) * unit
        low = np.clip(np.floor(zone.points.min(axis=0) - margin), 0, self._size).astype(int)
        high = np.clip(np.ceil(zone.points.max(axis=0) + margin), 0, self._size).astype(int)
        colors = zone.color, _DARK
        if (low >= high).any():
            return _make_patch(np.empty((0, 0)), 0.0, colors, (0, 0), self._channels)
        arrow = _arrow(zone, unit) if style.line_width is None and not zone.closed else None
        line = _line_coverage(zone, low, high, width, arrow)
        casing: Coverage | float = 0.0
        if style.line_width is None:
            casing = _CASING_OPACITY * _line_coverage(zone, low, high, width + 2 * _CASING * unit, arrow)
        return _make_patch(line, casing, colors, (int(low[0]), int(low[1])), self._channels)

    def _render_label(self, zone: Drawable) -> Patch:
        text = f"{zone.name}: {zone.text}" if zone.name else zone.text
        place, direction = _label_place(zone)
        return render_label(text, place, direction, self._size, channels=self._channels, style=self._style)


def design_unit(size: Size) -> float:
    """Return the pixels per design unit on frames of a width and height, so that text scales with them."""
    return max(0.75, min(size) / _BASE_SIDE)


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
    """Return the unit vector of the direction in over a line: to the right of it."""
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
