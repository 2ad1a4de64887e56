"""What pages are drawn on: one layout, for pixels and for other media."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

    from heatgrid.viz.ground import Ground
    from heatgrid.viz.text import Measure

    Pixels = NDArray[np.uint8]
    Color = tuple[int, int, int]
    Corners = tuple[int, int, int, int]

PAPER = (247, 248, 250)
CARD = (255, 255, 255)
INK = (24, 32, 44)
MUTED = (92, 102, 117)
FAINT = (139, 148, 161)
RULE = (214, 219, 227)


class Canvas(Protocol):
    """Takes what the blocks of a page draw, in pixels from the upper left corner; corners are included."""

    def write(
        self, at: tuple[float, float], text: str, *, size: float, color: Color, anchor: str = "la"
    ) -> None:
        """Write one line of text; see `heatgrid.viz.text.Measure.write`."""

    def line(self, ends: Corners, color: Color) -> None:
        """Draw a horizontal or vertical line, a pixel thick."""

    def box(self, corners: Corners, *, outline: Color, fill: Color | None = None, radius: float = 0) -> None:
        """Draw a rectangle with a line of a pixel around it."""

    def cells(self, cells: Pixels, ground: Ground, x: int, y: int) -> None:
        """Lay (rows, columns, 4) uint8 RGBA cells on a ground whose upper left corner is (x, y)."""


@dataclass(slots=True)
class Raster:
    """A canvas of pixels.

    Attributes
    ----------
    measure
        The lengths of the page.
    width, height
        Its size.
    """

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
        """Write one line of text."""
        self.measure.write(self._draw, at, text, size=size, color=color, anchor=anchor)

    def line(self, ends: Corners, color: Color) -> None:
        """Draw a line."""
        self._draw.line(ends, color)

    def box(self, corners: Corners, *, outline: Color, fill: Color | None = None, radius: float = 0) -> None:
        """Draw a rectangle."""
        self._draw.rounded_rectangle(corners, radius, fill, outline)

    def cells(self, cells: Pixels, ground: Ground, x: int, y: int) -> None:
        """Lay cells on a ground."""
        from PIL import Image

        self._image.paste(Image.fromarray(ground.pixels(cells)), (x, y))

    def pixels(self) -> Pixels:
        """Return (height, width, 4) uint8 RGBA, opaque."""
        return np.array(self._image)
