"""Outlines and counts over a frame: made once, and laid on every frame, pixel by pixel of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from heatgrid.core.stamping import lay
from heatgrid.viz.text import Measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.live.paint import Channels, Frame

    Color = tuple[int, int, int]
    Size = tuple[int, int]
    Place = tuple[float, float]
    Shades = NDArray[np.float64]

_LINES = 480
"""Rows of a frame on which a design unit is a pixel; letters are as large beside the frame on every other."""

_TEXT, _STROKE, _CASING, _ARROW = 15.0, 2.0, 1.5, 14.0
_DARK, _CASING_OPACITY = (16, 16, 16), 0.6
_FINER = 2  # times, along each side, that outlines are drawn at before they are made smooth


class Sign(Protocol):
    """What can be drawn: a `Zone`, or anything that has its looks.

    Attributes
    ----------
    points
        (N, 2) x and y in pixels.
    closed
        Whether the last point is joined to the first.
    color
        RGB of the outline.
    name, text
        The caption; there is none without a text.
    """

    points: NDArray[np.float64]
    closed: bool
    color: Color
    name: str

    @property
    def text(self) -> str:
        """What is said of it by now."""
        ...


@dataclass(frozen=True, slots=True)
class Style:
    """How signs look.

    Attributes
    ----------
    ink, paper
        RGB of letters and of what is behind them.
    paper_opacity
        In [0, 1].
    scale
        The size of letters, times that which suits the frame.
    stroke
        Width of outlines in pixels; None: as suits the frame, with a dark casing and an arrow for lines.
    """

    ink: Color = (255, 255, 255)
    paper: Color = _DARK
    paper_opacity: float = 0.65
    scale: float = 1.0
    stroke: float | None = None


@dataclass(frozen=True, slots=True)
class Stencil:
    """Pixels to blend into a frame.

    Attributes
    ----------
    places, ink, rest
        As `heatgrid.core.stamping.lay` takes them.
    """

    places: NDArray[np.int32]
    ink: NDArray[np.uint16]
    rest: NDArray[np.uint16]

    def lay(self, frame: Frame) -> None:
        """Blend the pixels into a frame, in place."""
        lay(frame, self.places, self.ink, self.rest)


class Signs:
    """What is drawn over the heat: the outlines of zones, and their counts.

    Parameters
    ----------
    channels
        The order of a frame's bytes.
    style
        How they look.
    """

    __slots__ = ("_captions", "_channels", "_outlines", "_size", "_style")

    def __init__(self, channels: Channels, style: Style | None = None) -> None:
        self._channels: Channels = channels
        self._style = style or Style()
        self._size: Size = (0, 0)
        self._outlines: dict[int, tuple[bytes, Stencil]] = {}
        self._captions: dict[int, tuple[str, Stencil]] = {}

    def draw(self, frame: Frame, zones: Sequence[Sign]) -> None:
        """Draw zones over a frame, in place: all outlines, then all counts."""
        size = frame.shape[1], frame.shape[0]
        if size != self._size:
            self._size = size
            self._outlines.clear()
            self._captions.clear()
        for i, zone in enumerate(zones):
            self._outline(i, zone).lay(frame)
        for i, zone in enumerate(zones):
            if zone.text:
                self._caption(i, zone).lay(frame)

    def _outline(self, i: int, zone: Sign) -> Stencil:
        looks = zone.points.tobytes() + bytes(zone.color)
        known = self._outlines.get(i)
        if known is None or known[0] != looks:
            known = looks, outline(zone, self._size, self._channels, self._style)
            self._outlines[i] = known
        return known[1]

    def _caption(self, i: int, zone: Sign) -> Stencil:
        text = f"{zone.name}: {zone.text}" if zone.name else zone.text
        looks = f"{zone.points.tobytes()!r} {text}"
        known = self._captions.get(i)
        if known is None or known[0] != looks:
            known = (
                looks,
                caption(text, *place_of(zone), self._size, channels=self._channels, style=self._style),
            )
            self._captions[i] = known
        return known[1]


def unit_of(size: Size) -> float:
    """Return the pixels of a design unit on frames of a width and height."""
    return max(0.75, min(size) / _LINES)


def stencil(
    ink: Shades,
    paper: Shades | float,
    colors: tuple[Color, Color],
    corner: tuple[int, int],
    channels: Channels,
) -> Stencil:
    """Make a stencil of ink on paper.

    Parameters
    ----------
    ink
        (height, width), how much of each pixel it covers, in [0, 1].
    paper
        The opacity of what is below it; of one shape with ``ink``, or one number.
    colors
        RGB of ink and paper.
    corner
        The column and row of the frame that the first pixel lies on.
    channels
        The order of the frame's bytes.
    """
    whole = ink + paper * (1.0 - ink)
    rows, columns = np.nonzero(whole > 0)
    opacity = whole[rows, columns]
    share = (ink[rows, columns] / opacity)[:, np.newaxis]
    mixed = np.rint(share * np.array(colors[0]) + (1.0 - share) * np.array(colors[1]))
    ordered = mixed[:, ::-1] if channels == "bgr" else mixed
    parts = np.rint(256.0 * opacity)
    places = np.stack([rows + corner[1], columns + corner[0]], axis=1).astype(np.int32)
    inks = (ordered * parts[:, np.newaxis] + 128.0).astype(np.uint16, order="C")
    return Stencil(places, inks, (256.0 - parts).astype(np.uint16))


def outline(zone: Sign, size: Size, channels: Channels, style: Style | None = None) -> Stencil:
    """Return a zone's line; with a dark casing that makes it show on anything, and its arrow."""
    stroke = None if style is None else style.stroke
    unit = unit_of(size)
    wide = _STROKE * unit if stroke is None else stroke
    reach = wide + (_ARROW + _CASING) * unit
    low = np.clip(np.floor(zone.points.min(axis=0) - reach), 0, size).astype(int)
    high = np.clip(np.ceil(zone.points.max(axis=0) + reach), 0, size).astype(int)
    if (low >= high).any():
        return stencil(np.empty((0, 0)), 0.0, (zone.color, _DARK), (0, 0), channels)
    arrow = _arrow(zone, unit) if stroke is None and not zone.closed else None
    line = _shade(zone, low, high, wide, arrow)
    casing: Shades | float = 0.0
    if stroke is None:
        casing = _CASING_OPACITY * _shade(zone, low, high, wide + 2 * _CASING * unit, arrow)
    return stencil(line, casing, (zone.color, _DARK), (int(low[0]), int(low[1])), channels)


def _shade(
    zone: Sign,
    low: NDArray[np.int_],
    high: NDArray[np.int_],
    wide: float,
    arrow: NDArray[np.float64] | None,
) -> NDArray[np.float64]:
    """Return how much of each pixel between two corners a stroke of a width covers, in [0, 1]."""
    from PIL import Image, ImageDraw

    columns, rows = ((high - low) * _FINER).tolist()
    image = Image.new("L", (columns, rows))
    draw = ImageDraw.Draw(image)
    thick = max(1, round(wide * _FINER))
    ring = np.concatenate([zone.points, zone.points[:1]]) if zone.closed else zone.points
    corners = [tuple(corner) for corner in ((ring - low) * _FINER).tolist()]
    draw.line(corners, fill=255, width=thick, joint="curve")
    for x, y in corners:
        draw.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=255)
    if arrow is not None:
        tips = [tuple(corner) for corner in ((arrow - low) * _FINER).tolist()]
        draw.polygon(tips, fill=255)
        draw.line([*tips, tips[0]], fill=255, width=max(1, thick // 2), joint="curve")
    return np.asarray(image.reduce(_FINER), dtype=np.float64) / 255.0


def _arrow(zone: Sign, unit: float) -> NDArray[np.float64]:
    """Return the corners of the arrow that shows which way is in."""
    in_, middle = inwards(zone), zone.points.mean(axis=0)
    half = 0.5 * _ARROW * unit * np.array([in_[1], -in_[0]])
    return np.stack([middle - half, middle + half, middle + _ARROW * unit * in_])


def inwards(zone: Sign) -> NDArray[np.float64]:
    """Return the direction that is in over a line, of length 1: to the right of it."""
    start, end = zone.points
    along = (end - start) / np.hypot(*(end - start))
    return np.array([-along[1], along[0]])


def place_of(zone: Sign) -> tuple[Place, Place]:
    """Return where a zone's caption is, and which way from there: opposite of the arrow, or about it."""
    if zone.closed:
        left, top = zone.points.min(axis=0).tolist()
        return ((left + float(zone.points[:, 0].max())) / 2, top), (0.0, 0.0)
    x, y = zone.points.mean(axis=0).tolist()
    across, down = inwards(zone).tolist()
    return (x, y), (-across, -down)


def caption(
    text: str, place: Place, away: Place, size: Size, *, channels: Channels, style: Style | None = None
) -> Stencil:
    """Return a text on dark paper: about a place, or beside it in a direction, but within the frame."""
    from PIL import Image, ImageDraw

    style = style or Style()
    measure = Measure(unit_of(size) * style.scale)
    pad = measure.px(5)
    text = measure.cut(text, _TEXT, size[0] - 2 * pad)
    wide = min(size[0], measure.width(text, _TEXT) + 2 * pad)
    high = min(size[1], measure.line(_TEXT) + pad)
    letters = Image.new("RGB", (wide, high))
    draw = ImageDraw.Draw(letters)
    measure.write(draw, (wide / 2, high / 2), text, size=_TEXT, color=(255, 255, 255), anchor="mm")
    gap = measure.px(6) + (abs(away[0]) * wide + abs(away[1]) * high) / 2
    left = int(np.clip(round(place[0] + gap * away[0] - wide / 2), 0, size[0] - wide))
    top = int(np.clip(round(place[1] + gap * away[1] - high / 2), 0, size[1] - high))
    ink = np.asarray(letters, dtype=np.float64)[..., 0] / 255.0
    return stencil(ink, style.paper_opacity, (style.ink, style.paper), (left, top), channels)
