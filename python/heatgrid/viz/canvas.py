"""Canvases that figures are drawn on: pixels, and SVG without scripts or external references."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

    from heatgrid.viz.layout import Layout
    from heatgrid.viz.options import Pixels
    from heatgrid.viz.text import Measure

    Color: TypeAlias = tuple[int, int, int]
    Corners: TypeAlias = tuple[int, int, int, int]
    Canvas: TypeAlias = "RasterCanvas | SvgCanvas"

PAPER = (247, 248, 250)
CARD = (255, 255, 255)
INK = (24, 32, 44)
MUTED = (92, 102, 117)
FAINT = (139, 148, 161)
RULE = (214, 219, 227)

MAX_RECTANGLES = 1 << 16
"""Maximum number of rectangles per map in SVG; maps with more, such as noise, are embedded as pixels."""
FONTS = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',Arial,sans-serif"
ANCHORS = {"l": "start", "m": "middle", "r": "end"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class RasterCanvas:
    """Canvas of pixels; coordinates count from the upper left corner, corners are inclusive."""

    measure: Measure
    width: int
    height: int
    _image: Image = field(init=False)
    _draw: ImageDraw = field(init=False)

    def __post_init__(self) -> None:
        from PIL import Image, ImageDraw

        self._image = Image.new("RGBA", (self.width, self.height), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def write(
        self, at: tuple[float, float], text: str, *, size: float, color: Color, anchor: str = "la"
    ) -> None:
        """Write one line of text; see `heatgrid.viz.text.Measure.write`."""
        self.measure.write(self._draw, at, text, size=size, color=color, anchor=anchor)

    def line(self, ends: Corners, color: Color) -> None:
        """Draw a horizontal or vertical line of one pixel."""
        self._draw.line(ends, color)

    def box(self, corners: Corners, *, outline: Color, fill: Color | None = None, radius: float = 0) -> None:
        """Draw a rectangle with an outline of one pixel."""
        self._draw.rounded_rectangle(corners, radius, fill, outline)

    def cells(self, cells: Pixels, layout: Layout, x: int, y: int) -> None:
        """Draw (rows, columns, 4) uint8 RGBA cells with the upper left corner at (x, y)."""
        from PIL import Image

        self._image.paste(Image.fromarray(layout.pixels(cells)), (x, y))

    def pixels(self) -> Pixels:
        """Return (height, width, 4) uint8 RGBA, opaque."""
        return np.array(self._image)


@dataclass(slots=True)
class SvgCanvas:
    """Canvas of SVG elements, with the methods of `RasterCanvas`."""

    measure: Measure
    width: int
    height: int
    _elements: list[str] = field(init=False, default_factory=list)

    def write(
        self, at: tuple[float, float], text: str, *, size: float, color: Color, anchor: str = "la"
    ) -> None:
        """Write one line of text; its width is fixed if a font here has all letters."""
        if not text:
            return
        x, y = at[0], at[1] + self.measure.baseline(size, anchor[1])
        attributes = f'x="{x:.6g}" y="{y:.6g}" font-size="{self.measure.font(size).size:g}"'
        if anchor[0] != "l":
            attributes += f' text-anchor="{ANCHORS[anchor[0]]}"'
        if self.measure.knows(text, size):
            length = self.measure.width(text, size)
            attributes += f' textLength="{length}" lengthAdjust="spacingAndGlyphs"'
        self._elements.append(f'<text {attributes} fill="{_hex(color)}">{_text(text)}</text>')

    def line(self, ends: Corners, color: Color) -> None:
        """Draw a line."""
        x1, y1, x2, y2 = ends
        self._elements.append(
            f'<path d="M{x1} {y1}h{x2 - x1 + 1}v{y2 - y1 + 1}H{x1}z" fill="{_hex(color)}" '
            'shape-rendering="crispEdges"/>'
        )

    def box(self, corners: Corners, *, outline: Color, fill: Color | None = None, radius: float = 0) -> None:
        """Draw a rectangle."""
        x1, y1, x2, y2 = corners
        shape = f'x="{x1 + 0.5}" y="{y1 + 0.5}" width="{x2 - x1}" height="{y2 - y1}"'
        shape += f' rx="{radius:g}"' if radius else ""
        inside = "none" if fill is None else _hex(fill)
        self._elements.append(f'<rect {shape} fill="{inside}" stroke="{_hex(outline)}"/>')

    def cells(self, cells: Pixels, layout: Layout, x: int, y: int) -> None:
        """Draw cells as rectangles, or as pixels if colors are interpolated or rectangles are too many."""
        width, height = layout.width, layout.height
        place = f'x="{x}" y="{y}" width="{width}" height="{height}"'
        if layout.interpolation != "nearest":
            self._elements.append(
                _image(layout.pixels(cells), place, "png" if layout.background is None else "jpeg")
            )
            return
        if layout.background is None:
            self._elements.append(f'<rect {place} fill="#fff"/>')
        else:
            self._elements.append(_image(layout.background, place, "jpeg"))
        cells = layout.reduced(cells)
        rectangles = merge_cells(cells)
        if len(rectangles) > MAX_RECTANGLES:
            sharp = f'{place} style="image-rendering:pixelated" opacity="{layout.opacity:g}"'
            self._elements.append(_image(cells, sharp))
            return
        rows, columns = cells.shape[:2]
        scale = f"translate({x} {y}) scale({width / columns:.8g} {height / rows:.8g})"
        opacity = f' opacity="{layout.opacity:g}"' if layout.opacity < 1.0 else ""
        self._elements.append(f'<g transform="{scale}" shape-rendering="crispEdges"{opacity}>')
        self._elements += _paths(rectangles)
        self._elements.append("</g>")

    def text(self, title: str, description: str) -> str:
        """Return the file; title and description are for screen readers."""
        size = f'width="{self.width}" height="{self.height}" viewBox="0 0 {self.width} {self.height}"'
        face = f'aria-label="{escape(_clean(title))}" font-family="{FONTS}"'
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {face}>',
            f"<title>{_text(title)}</title>",
            f"<desc>{_text(description)}</desc>",
            f'<rect width="{self.width}" height="{self.height}" fill="{_hex(PAPER)}"/>',
            *self._elements,
            "</svg>\n",
        ]
        return "\n".join(lines)


def merge_cells(cells: Pixels) -> NDArray[np.int64]:
    """Return the rectangles of equal, visible cells: (n, 5) color 0xRRGGBBAA, row, column, rows, columns.

    A rectangle is a run of equal cells in a row, or equal runs in adjacent rows.
    """
    rows, columns = cells.shape[:2]
    colors = np.ascontiguousarray(cells).view(">u4").reshape(rows, columns).astype(np.int64)
    begins = np.ones((rows, columns), dtype=bool)
    begins[:, 1:] = colors[:, 1:] != colors[:, :-1]
    row, column = np.nonzero(begins)
    flat = row * columns + column
    length = np.diff(np.append(flat, rows * columns))
    runs = np.stack([colors[row, column], column, length, row], axis=1)
    runs = runs[(runs[:, 0] & 255) > 0]
    runs = runs[np.lexsort((runs[:, 3], runs[:, 2], runs[:, 1], runs[:, 0]))]
    first = np.ones(len(runs), dtype=bool)
    first[1:] = (runs[1:, :3] != runs[:-1, :3]).any(axis=1) | (runs[1:, 3] != runs[:-1, 3] + 1)
    starts = np.flatnonzero(first)
    heights = np.diff(np.append(starts, len(runs)))
    color, column, length, row = runs[starts].T
    return np.stack([color, row, column, heights, length], axis=1)


def _paths(rectangles: NDArray[np.int64]) -> list[str]:
    """Return one path element per color."""
    shapes: dict[int, list[str]] = {}
    for color, row, column, rows, columns in rectangles.tolist():
        shapes.setdefault(color, []).append(f"M{column} {row}h{columns}v{rows}h-{columns}z")
    paths = []
    for color, parts in shapes.items():
        rgb, alpha = color >> 8, color & 255
        opacity = "" if alpha == 255 else f' fill-opacity="{alpha / 255:.3f}"'
        paths.append(f'<path fill="#{rgb:06x}"{opacity} d="{"".join(parts)}"/>')
    return paths


def _image(pixels: Pixels, attributes: str, kind: Literal["png", "jpeg"] = "png") -> str:
    from PIL import Image

    stream = BytesIO()
    options: dict[str, Any] = {"quality": 85} if kind == "jpeg" else {"optimize": True}
    Image.fromarray(pixels).save(stream, kind, **options)
    data = b64encode(stream.getvalue()).decode()
    return f'<image {attributes} preserveAspectRatio="none" href="data:image/{kind};base64,{data}"/>'


def _hex(color: Color) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


def _clean(text: str) -> str:
    """Replace characters that XML does not allow."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _text(text: str) -> str:
    return escape(_clean(text), quote=False)
