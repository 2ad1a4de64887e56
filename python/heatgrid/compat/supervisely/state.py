"""Checked arguments of the widget, and the values and colors that follow from them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.viz import Scale, colormaps, gaussian, grid_figure, smooth
from heatgrid.viz.page.payload import check_lengths
from heatgrid.viz.scales import as_numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.viz import Figure

    Floats = NDArray[np.float64]

COLORMAP_JET = 2
_NO_DATA = np.full((1, 1), np.nan)


@dataclass(slots=True, kw_only=True, eq=False)
class State:
    """Checked arguments of `Heatmap`, with images and masks loaded; the drawn values and their scale."""

    background: NDArray[np.uint8] | None
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
    shown: Floats = field(init=False)
    scale: Scale = field(init=False)

    def __post_init__(self) -> None:
        colormaps.get(self.colormap)
        if not 0 <= self.opacity <= 100:
            raise ValueError(f"opacity must be in 0 … 100, got {self.opacity!r}")
        check_lengths(width=self.width, height=self.height)
        if self.blur_function is None and self.blur_ksize is not None:
            self.shown = _blur(self.values, self.blur_ksize)
        else:
            self.shown = smooth(self.values, self.blur_function)
        known = self.shown[~np.isnan(self.shown)]
        least, greatest = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
        low = min(least, self.vmax if self.vmax is not None else least) if self.vmin is None else self.vmin
        self.scale = Scale.of((), vmin=low, vmax=max(low, greatest) if self.vmax is None else self.vmax)

    @property
    def values(self) -> NDArray[Any]:
        """The mask, or a single cell without data."""
        return _NO_DATA if self.mask is None else self.mask

    def colors(self) -> dict[str, Any]:
        """Return the options of the colors."""
        shown, is_blurred = self.shown, self.blur_function is not None or self.blur_ksize is not None
        has_low = bool(((shown == 0) | (shown < self.scale.vmin)).any())
        return {
            "scale": self.scale,
            "colormap": self.colormap,
            "zero": "transparent" if self.transparent_low and has_low else "color",
            "blur": (lambda _: shown) if is_blurred else None,
        }

    def viewer_options(self) -> dict[str, Any]:
        """Return the options of `heatgrid.viz.page.page`."""
        return self.colors() | {
            "scale": "linear",
            "background": self.background,
            "mute": False,
            "vmin": self.scale.vmin,
            "vmax": self.scale.vmax,
            "opacity": self.opacity / 100,
            "width": self.width,
            "height": self.height,
            "aspect": self.width / self.height if self.width and self.height else None,
            "title": "",
        }

    def figure(self) -> Figure:
        """Return a figure with its legend."""
        options = self.colors() | {"background": self.background, "opacity": self.opacity / 100}
        return grid_figure(self.values, legend="value", **options)


def _blur(values: NDArray[Any], kernel: tuple[int, int]) -> Floats:
    """Blur by a Gaussian kernel of so many columns and rows, with OpenCV's sigma for its size."""
    columns, rows = kernel
    if not all(size >= 1 and size % 2 == 1 for size in kernel):
        raise ValueError(f"blur_ksize must be two odd numbers, got {kernel!r}")
    shown = np.asarray(values, dtype=np.float64)
    for axis, size in enumerate((rows, columns)):
        if size > 1:
            sigma = 0.15 * size + 0.35  # OpenCV's 0.3 * ((size - 1) / 2 - 1) + 0.8
            sigmas = (sigma, 0.0) if axis == 0 else (0.0, sigma)
            shown = gaussian(shown, sigmas, truncate=math.floor(size / 2) / sigma)
    return shown


def as_mask(values: ArrayLike) -> NDArray[Any]:
    """Return a mask as (rows, columns) numbers, the mean of its channels if it has any."""
    mask = np.asarray(values)
    numbers = as_numbers(mask)
    if mask.ndim not in (2, 3) or mask.size == 0:
        raise ValueError(
            "heatmap_mask must have shape (rows, columns) or (rows, columns, channels) and not be empty, "
            f"got {mask.shape}"
        )
    if mask.ndim == 3:
        return np.asarray(numbers.mean(axis=2))
    return mask.copy() if mask.dtype.kind in "iu" else numbers
