"""Layout of a map, and the canvases that figures are drawn on: pixels, and SVG without scripts."""

from __future__ import annotations

import math
import re
import struct
import zlib
from base64 import b64encode
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from heatgrid.errors import printable
from heatgrid.viz.pixels import (
    area_mean,
    check_background,
    check_share,
    enlarge,
    over_white,
    overlay,
    resize_image,
)

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

    from heatgrid.viz.options import Interpolation, Pixels
    from heatgrid.viz.text import Map, Measure

    Color: TypeAlias = tuple[int, int, int]
    Corners: TypeAlias = tuple[int, int, int, int]
    Canvas: TypeAlias = "RasterCanvas | SvgCanvas"

MIN_SIZE, MAX_CELL, SLACK = 480, 160, 1.25
"""Limits of a map's longer side: pixels, pixels per cell, and tolerance for whole pixels per cell."""
MAX_ASPECT = 3.0
"""Maximum ratio of the sides of a map without an aspect option; up to there cells are square."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Rectangle of a map: size, cells per averaged block, and the background, None for white."""

    height: int
    width: int
    blocks: tuple[int, int] = (1, 1)
    interpolation: Interpolation = "nearest"
    background: Pixels | None = None
    opacity: float = 1.0

    @classmethod
    def of(
        cls,
        shape: tuple[int, int],
        size: int,
        aspect: float | None = None,
        *,
        background: Pixels | None = None,
        opacity: float = 0.7,
        interpolation: Interpolation = "nearest",
    ) -> Self:
        """Return the layout of a grid.

        Without a background, cells are whole pixels, and ``size`` and ``aspect`` are approximate. With one,
        both are exact, and cells may differ by one pixel.
        """
        check_share("opacity", opacity)
        if background is None:
            size = min(size, max(MIN_SIZE, MAX_CELL * max(shape)))
            ratio = aspect or limited_aspect(shape)
            heights = _side(shape[0], size / max(ratio, 1.0))
            widths = _side(shape[1], size * min(ratio, 1.0))
            return cls(heights[0], widths[0], (heights[1], widths[1]), interpolation)
        check_background(background)
        ratio = aspect or background.shape[1] / background.shape[0]
        height = max(1, round(size / max(ratio, 1.0)))
        width = max(1, round(size * min(ratio, 1.0)))
        blocks = (math.ceil(shape[0] / height), math.ceil(shape[1] / width))
        image = resize_image(background, (height, width))
        if image.ndim == 2:
            image = np.repeat(image[..., np.newaxis], 3, axis=2)
        elif image.shape[2] == 4:
            image = over_white(image)
        return cls(height, width, blocks, interpolation, image, opacity)

    @property
    def is_plain(self) -> bool:
        """True if cells are drawn unchanged and with nothing below them."""
        return self.background is None and self.interpolation == "nearest"

    def reduced(self, cells: Pixels) -> Pixels:
        """Return at most as many cells as pixels."""
        return cells if self.blocks == (1, 1) else area_mean(cells, self.blocks)

    def image(self, cells: Pixels) -> Image:
        """Return (rows, columns, 4) cells as an RGB image of the layout's size."""
        from PIL import Image

        cells = self.reduced(cells)
        size = (self.height, self.width)
        if self.is_plain:
            return Image.fromarray(over_white(cells)).resize(size[::-1], Image.Resampling.NEAREST)
        if self.background is None:
            return Image.fromarray(over_white(enlarge(cells, size, self.interpolation)))
        above = overlay(self.background, cells, opacity=self.opacity, interpolation=self.interpolation)
        return Image.fromarray(above[..., :3])

    def swatches(self, colors: Pixels) -> Pixels:
        """Return opaque (..., 4) colors as they look over the mean of the background."""
        below = (255.0,) * 3 if self.background is None else self.background.mean(axis=(0, 1))
        alpha = colors[..., 3:] * (self.opacity / 255.0)
        mixed = np.full_like(colors, 255)
        mixed[..., :3] = np.rint(colors[..., :3] * alpha + below * (1.0 - alpha))
        return mixed


def check_aspect(aspect: float | None) -> None:
    """Raise ValueError for a ratio of width to height beyond 20."""
    if aspect is not None and not 0.05 <= aspect <= 20.0:
        raise ValueError(f"aspect must be in 0.05 … 20, got {aspect!r}")


def bounded_aspect(heat: Map) -> float | None:
    """Return the median aspect of a map's images within the limits of `check_aspect`, None if unknown."""
    return None if heat.aspect is None else min(max(heat.aspect, 0.05), 20.0)


def limited_aspect(shape: tuple[int, ...]) -> float:
    """Return width over height of square cells, limited to `MAX_ASPECT`."""
    return min(max(shape[1] / shape[0], 1 / MAX_ASPECT), MAX_ASPECT)


def _side(cells: int, length: float) -> tuple[int, int]:
    """Return the pixels of a side, and the number of cells that are averaged."""
    if cells <= length * SLACK:
        return cells * max(1, round(length / cells)), 1
    block = math.ceil(cells / (length * SLACK))
    return math.ceil(cells / block), block


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
PNG_UP, PNG_LEVEL, PNG_ROWS = 2, 4, 64
"""Filter of PNG rows that subtracts the row above, level of compression, and rows compressed at once."""
_NOT_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


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

        self._image = Image.new("RGB", (self.width, self.height), PAPER)
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
        self._image.paste(layout.image(cells), (x, y))

    @property
    def image(self) -> Image:
        """The picture drawn so far, RGB."""
        return self._image


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
        if not self.measure.missing(text, size):
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
        from PIL import Image

        width, height = layout.width, layout.height
        place = f'x="{x}" y="{y}" width="{width}" height="{height}"'
        if layout.interpolation != "nearest":
            self._elements.append(
                _image(layout.image(cells), place, "png" if layout.background is None else "jpeg")
            )
            return
        if layout.background is None:
            self._elements.append(f'<rect {place} fill="#fff"/>')
        else:
            self._elements.append(_image(Image.fromarray(layout.background), place, "jpeg"))
        cells = layout.reduced(cells)
        rectangles = merge_cells(cells)
        if len(rectangles) > MAX_RECTANGLES:
            sharp = f'{place} style="image-rendering:pixelated" opacity="{layout.opacity:g}"'
            self._elements.append(_image(Image.fromarray(cells), sharp))
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
        face = f'aria-label="{_text(title, quote=True)}" font-family="{FONTS}"'
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


def png(image: Image) -> bytes:
    """Return an RGB or RGBA image as a PNG file.

    Rows are differences from the row above, the best filter for cells of several equal rows, and for
    photographs nearly so: in half of Pillow's time, files are at most a fifth larger than at its best.
    """
    width, height = image.size
    length = width * len(image.mode)
    compressor, data = zlib.compressobj(PNG_LEVEL), b""
    lines = np.full((PNG_ROWS, 1 + length), PNG_UP, dtype=np.uint8)
    above = np.zeros((1, length), dtype=np.uint8)
    for top in range(0, height, PNG_ROWS):  # bands that stay in the processor's cache
        bottom = min(top + PNG_ROWS, height)
        rows = np.asarray(image.crop((0, top, width, bottom))).reshape(-1, length)
        lines[: len(rows), 1:] = np.diff(rows, axis=0, prepend=above)
        data += compressor.compress(lines[: len(rows)].data)
        above = rows[-1:]
    header = struct.pack(">IIBBBBB", width, height, 8, 2 if image.mode == "RGB" else 6, 0, 0, 0)
    chunks = (
        (b"IHDR", header),
        (b"tEXt", b"Software\0heatgrid"),
        (b"IDAT", data + compressor.flush()),
        (b"IEND", b""),
    )
    parts = (
        len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")
        for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _image(image: Image, attributes: str, kind: Literal["png", "jpeg"] = "png") -> str:
    stream = BytesIO()
    if kind == "png":
        stream.write(png(image))
    else:
        image.save(stream, kind, quality=85)
    data = b64encode(stream.getvalue()).decode()
    return f'<image {attributes} preserveAspectRatio="none" href="data:image/{kind};base64,{data}"/>'


def _hex(color: Color) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


def _clean(text: str) -> str:
    """Replace characters that XML does not allow, and escape those that could hide text."""
    return printable(re.sub(_NOT_XML, "\N{REPLACEMENT CHARACTER}", text))


def _text(text: str, *, quote: bool = False) -> str:
    from html import escape

    return escape(_clean(text), quote=quote)
