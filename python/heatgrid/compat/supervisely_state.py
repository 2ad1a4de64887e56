"""Mask and display settings of the Supervisely widget."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.errors import FormatError
from heatgrid.heatmap import Heatmap
from heatgrid.io.formats.supervisely import read_contents
from heatgrid.io.options import ReadOptions
from heatgrid.io.parse import read_json
from heatgrid.viz import Scale, colorize, colormaps, gaussian, grid_figure, overlay, smooth
from heatgrid.viz.scales import as_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.report import Report
    from heatgrid.viz import Figure

    Floats = NDArray[np.float64]
    Size = tuple[int | None, int | None]

_NO_DATA = np.full((1, 1), np.nan)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """Checked arguments of `heatgrid.compat.supervisely.Heatmap`, with images and masks loaded."""

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

    def __post_init__(self) -> None:
        colormaps.get(self.colormap)
        if not 0 <= self.opacity <= 100:
            raise ValueError(f"opacity must be in 0 … 100, got {self.opacity!r}")
        for name, length in (("width", self.width), ("height", self.height)):
            if length is not None and not 50 <= length <= 10_000:
                raise ValueError(f"{name} must be in 50 … 10000 pixels, got {length!r}")
        self.values_and_scale()

    @property
    def values(self) -> NDArray[Any]:
        """The mask, or a single cell without data."""
        return _NO_DATA if self.mask is None else self.mask

    def values_and_scale(self) -> tuple[Floats, Scale]:
        """Return the values to draw, blurred, and the scale of their colors."""
        if self.blur_function is None and self.blur_ksize is not None:
            shown = blur(self.values, self.blur_ksize)
        else:
            shown = smooth(self.values, self.blur_function)
        known = shown[~np.isnan(shown)]
        least, greatest = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
        low = min(least, self.vmax if self.vmax is not None else least) if self.vmin is None else self.vmin
        scale = Scale.of((), vmin=low, vmax=max(low, greatest) if self.vmax is None else self.vmax)
        return shown, scale

    def viewer_options(self) -> dict[str, Any]:
        """Return the options of `heatgrid.viz.page.page`."""
        shown, style = self._style()
        scale = style.pop("scale")
        return style | {
            "background": self.background,
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
        """Return the colored cells, over the background if there is one: RGBA."""
        shown, style = self._style()
        cells = colorize(shown, blur=self._no_more_blur, **style)
        if self.background is None:
            return cells
        return overlay(self.background, cells, opacity=self.opacity / 100)

    def figure(self) -> Figure:
        """Return a figure with its legend."""
        shown, style = self._style()
        return grid_figure(
            shown,
            blur=self._no_more_blur,
            background=self.background,
            opacity=self.opacity / 100,
            legend="value",
            **style,
        )

    @property
    def is_blurred(self) -> bool:
        """True if the drawn values differ from the mask."""
        return self.blur_function is not None or self.blur_ksize is not None

    @property
    def _no_more_blur(self) -> Callable[[Floats], Floats] | None:
        """Identity function, which marks values as already blurred."""
        return np.asarray if self.is_blurred else None

    def _style(self) -> tuple[Floats, dict[str, Any]]:
        """Return the values to draw, and their colors' options."""
        shown, scale = self.values_and_scale()
        low = bool(((shown == 0) | (shown < scale.vmin)).any())
        zero = "transparent" if self.transparent_low and low else "color"
        return shown, {"scale": scale, "colormap": self.colormap, "zero": zero}


def blur(values: NDArray[Any], kernel: tuple[int, int]) -> Floats:
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


def count_labels(
    anns: Iterable[Any], object_name: str | None, size: Size
) -> tuple[NDArray[np.int64], Report]:
    """Count the labels that cover each pixel; None in ``size`` is chosen by the images' mean size."""
    contents = list(_contents(anns))
    if not contents:
        raise ValueError("anns must hold at least one annotation")
    batch = read_contents(contents, ReadOptions())
    if object_name is not None:
        if object_name not in batch.classes:
            known = ", ".join(map(repr, batch.classes)) or "none"
            raise ValueError(f"object_name must be one of the classes {known}, got {object_name!r}")
        batch = batch.with_classes([object_name])
    if not len(batch):
        raise ValueError("anns must hold at least one label that can be counted")
    width, height = _mask_size(batch.sizes, size)
    heat = Heatmap((height, width))
    heat.add(batch)
    return heat.counts, heat.report


def _contents(anns: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(anns, (str, os.PathLike, dict)) or hasattr(anns, "to_json"):
        anns = [anns]
    for i, ann in enumerate(anns):
        if isinstance(ann, str | os.PathLike):
            yield os.fspath(ann), read_json(Path(ann), ReadOptions())
        elif isinstance(ann, dict):
            yield f"annotation {i}", ann
        elif hasattr(ann, "to_json"):
            yield f"annotation {i}", ann.to_json()
        else:
            raise TypeError(f"anns must be dicts, paths or objects with to_json, got {type(ann).__name__}")


def _mask_size(sizes: NDArray[np.float64] | None, requested: Size) -> tuple[int, int]:
    if requested[0] and requested[1]:
        return requested[0], requested[1]
    known = np.empty((0, 2)) if sizes is None else sizes[np.isfinite(sizes).all(axis=1)]
    if not len(known):
        raise FormatError("no annotation with the size of its image")
    width, height = known.mean(axis=0).tolist()
    if requested[0] or requested[1]:
        factor = requested[0] / width if requested[0] else (requested[1] or 0) / height
        return requested[0] or max(1, round(width * factor)), requested[1] or max(1, round(height * factor))
    return max(2, 2 * round(width / 2)), max(2, 2 * round(height / 2))
