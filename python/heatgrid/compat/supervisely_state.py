"""What the platform's widget shows at a time, checked once, and what becomes of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.viz import Scale, colorize, colormaps, gaussian, overlay, picture
from heatgrid.viz.colorize import smooth

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.viz.background import Picture
    from heatgrid.viz.picture_layout import Page

    Floats = NDArray[np.float64]

NOTHING = np.full((1, 1), np.nan)
"""The mask where none is given."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """The arguments of `heatgrid.compat.supervisely.Heatmap`, loaded and checked.

    Raises
    ------
    TypeError, ValueError
        One has a wrong type or value; the message names it.
    """

    background: Picture | None
    mask: NDArray[Any] | None
    vmin: float | None
    vmax: float | None
    transparent_low: bool
    colormap: int | str
    width: int | None
    height: int | None
    blur_ksize: tuple[int, int] | None
    blur_function: Callable[[Floats], ArrayLike] | None
    opacity: float = 70

    def __post_init__(self) -> None:
        colormaps.get(self.colormap)
        if not 0 <= self.opacity <= 100:
            raise ValueError(f"opacity must be in 0 … 100, got {self.opacity!r}")
        for name, length in (("width", self.width), ("height", self.height)):
            if length is not None and not 50 <= length <= 10_000:
                raise ValueError(f"{name} must be in 50 … 10000 pixels, got {length!r}")
        self.values()

    @property
    def values_of(self) -> NDArray[Any]:
        """The mask, or no data at all."""
        return NOTHING if self.mask is None else self.mask

    def values(self) -> tuple[Floats, Scale]:
        """Return the values to draw, blurred, and the scale of their colours."""
        shown = self._blurred(self.values_of)
        known = shown[~np.isnan(shown)]
        least, greatest = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
        low = min(least, self.vmax if self.vmax is not None else least) if self.vmin is None else self.vmin
        scale = Scale.of((), vmin=low, vmax=max(low, greatest) if self.vmax is None else self.vmax)
        return shown, scale

    def _blurred(self, values: NDArray[Any]) -> Floats:
        if self.blur_function is not None:
            return smooth(values, self.blur_function)
        return smooth(values, None) if self.blur_ksize is None else blurred(values, self.blur_ksize)

    def viewer_options(self) -> dict[str, Any]:
        """Return how the viewer shows this, as `heatgrid.viz.page.page.page` takes it."""
        shown, drawing = self._drawing()
        scale = drawing.pop("scale")
        return drawing | {
            "background": None if self.background is None else self.background.pixels,
            "vmin": scale.vmin,
            "vmax": scale.vmax,
            "opacity": self.opacity / 100,
            "blur": (lambda _: shown) if self.is_blurred else 0.0,
            "width": self.width,
            "height": self.height,
            "aspect": self.width / self.height if self.width and self.height else None,
            "title": "",
        }

    def image(self) -> NDArray[np.uint8]:
        """Return the cells in colour, over the background where there is one: RGBA."""
        shown, drawing = self._drawing()
        cells = colorize(shown, blur=self._done, **drawing)
        if self.background is None:
            return cells
        return overlay(self.background.pixels, cells, opacity=self.opacity / 100)

    def page(self) -> Page:
        """Return a picture with its legend."""
        shown, drawing = self._drawing()
        return picture(
            shown,
            blur=self._done,
            background=None if self.background is None else self.background.pixels,
            opacity=self.opacity / 100,
            legend="value",
            **drawing,
        )

    @property
    def is_blurred(self) -> bool:
        """Whether what is drawn is not the mask itself."""
        return self.blur_function is not None or self.blur_ksize is not None

    @property
    def _done(self) -> Callable[[Floats], Floats] | None:
        """What tells that values are blurred already."""
        return np.asarray if self.is_blurred else None

    def _drawing(self) -> tuple[Floats, dict[str, Any]]:
        """Return the values to draw, and how."""
        shown, scale = self.values()
        low = bool(((shown == 0) | (shown < scale.vmin)).any())
        zero = "transparent" if self.transparent_low and low else "color"
        return shown, {"scale": scale, "colormap": self.colormap, "zero": zero}


def blurred(values: NDArray[Any], kernel: tuple[int, int]) -> Floats:
    """Blur by a Gaussian kernel of so many columns and rows, as wide as OpenCV makes it for them.

    Raises
    ------
    ValueError
        They are not odd numbers.
    """
    columns, rows = kernel
    if not all(size >= 1 and size % 2 == 1 for size in kernel):
        raise ValueError(f"blur_ksize must be two odd numbers, got {kernel!r}")
    shown = np.asarray(values, dtype=np.float64)
    for axis, size in enumerate((rows, columns)):
        if size > 1:
            sigma = 0.15 * size + 0.35  # OpenCV's 0.3 * ((size - 1) / 2 - 1) + 0.8
            widths = (sigma, 0.0) if axis == 0 else (0.0, sigma)
            shown = gaussian(shown, widths, truncate=math.floor(size / 2) / sigma)
    return shown
