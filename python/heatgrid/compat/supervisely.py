"""Supervisely's heat map widget, drawn by heatgrid.

``Heatmap`` has the arguments and members of the original. Only the import changes, and a notebook shows the
widget as the last expression of a cell, instead of the platform's own applications::

    from heatgrid.compat.supervisely import Heatmap

    heatmap = Heatmap(background_image="street.jpg", heatmap_mask=mask, colormap=cv2.COLORMAP_VIRIDIS)

    @heatmap.click
    def on_click(y, x, value):
        print(f"{value} at row {y}, column {x}")

    heatmap.set_heatmap_from_annotations(annotations, object_name="person")

The widget requires ``heatgrid[widget]``; `Heatmap.image` and `Heatmap.save` do not. `heatgrid.Heatmap` has
more options.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.errors import FormatError
from heatgrid.export import OutputFormat, html, write
from heatgrid.heatmap import Heatmap as CountMap
from heatgrid.io.formats.supervisely import read_contents
from heatgrid.io.options import ReadOptions
from heatgrid.io.parse import read_json
from heatgrid.viz import Scale, colorize, colormaps, gaussian, grid_figure, overlay, smooth
from heatgrid.viz.background import load
from heatgrid.viz.options import NoOptions
from heatgrid.viz.page.payload import check_lengths
from heatgrid.viz.scales import as_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.report import Report
    from heatgrid.export import Target
    from heatgrid.viz import Figure
    from heatgrid.viz.page.widget import HeatmapWidget

    Callback = Callable[[int, int, float], object]
    Floats = NDArray[np.float64]
    Size = tuple[int | None, int | None]

__all__ = ["COLORMAP_JET", "Heatmap"]

COLORMAP_JET = 2
_NO_DATA = np.full((1, 1), np.nan)


@dataclass(slots=True, kw_only=True, eq=False)
class _State:
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


def _as_mask(values: ArrayLike) -> NDArray[Any]:
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


def _count_labels(
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
    heat = CountMap((height, width))
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


def _setting(name: str, description: str, convert: Callable[[Any], Any] | None = None) -> property:
    """Return a property of the widget that redraws the widget when it is set."""

    def get(self: Heatmap) -> Any:
        return getattr(self._state, name)

    def put(self: Heatmap, value: Any) -> None:
        self._set(**{name: value if convert is None or value is None else convert(value)})

    return property(get, put, doc=description)


def _end(name: str, description: str) -> property:
    """Return a property for an end of the scale, which depends on the mask by default."""

    def get(self: Heatmap) -> float | None:
        return None if self._state.mask is None else getattr(self._state.scale, name)

    return _setting(name, description).getter(get)


def _click(name: str, description: str) -> property:
    """Return a property of the last click; None before the first."""
    return property(lambda self: self._widget and getattr(self._widget, name), doc=description)


class Heatmap:
    """A colored mask over an image, to zoom into and click on.

    Parameters
    ----------
    background_image
        The image below: (height, width, 3 or 4) uint8 RGB or RGBA, a path, or an http, https or data URL.
    heatmap_mask
        (rows, columns) real numbers, or (rows, columns, channels), which are averaged. The mask may have any
        size and is stretched over the background. NaN is "no data" and transparent.
    vmin, vmax
        The values of the first and last color; None: the least and greatest value that is drawn.
    transparent_low
        Whether values that are zero, or below ``vmin``, are transparent.
    colormap
        An OpenCV number, such as ``cv2.COLORMAP_JET``, or a name.
    width, height
        Displayed size of the map in pixels; if one is None, the aspect ratio is kept.
    blur_ksize
        Columns and rows of a Gaussian kernel, odd numbers, with OpenCV's sigma; None: no blur. The blur is
        for display only.
    blur_function
        A function of the (rows, columns) values, in place of ``blur_ksize``.
    widget_id
        A name, kept for the caller.

    Attributes
    ----------
    report
        Number of labels counted and skipped in the last annotations, and why; or None.
    """

    def __init__(  # noqa: PLR0917 - in the original's order
        self,
        background_image: Any = None,
        heatmap_mask: ArrayLike | None = None,
        vmin: float | None = None,
        vmax: float | None = None,
        transparent_low: bool = False,
        colormap: int | str = COLORMAP_JET,
        width: int | None = None,
        height: int | None = None,
        blur_ksize: tuple[int, int] | None = (5, 5),
        blur_function: Callable[[NDArray[np.float64]], ArrayLike] | None = None,
        widget_id: str | None = None,
    ) -> None:
        self.widget_id = widget_id
        self.report: Report | None = None
        self._callbacks: list[Callback] = []
        self._widget: HeatmapWidget | None = None
        self._state = _State(
            background=None if background_image is None else load(background_image),
            mask=None if heatmap_mask is None else _as_mask(heatmap_mask),
            vmin=vmin,
            vmax=vmax,
            transparent_low=transparent_low,
            colormap=colormap,
            width=width,
            height=height,
            blur_ksize=blur_ksize,
            blur_function=blur_function,
        )

    def set_background(self, background_image: Any) -> None:
        """Show another image below; None: no image."""
        self.background_image = background_image

    def set_heatmap(self, mask: ArrayLike | None) -> None:
        """Show another mask, finite real numbers or NaN of 2 or 3 dimensions; None: no mask."""
        self.heatmap_mask = mask

    def set_heatmap_from_annotations(self, anns: Iterable[Any], object_name: str | None = None) -> None:
        """Show the number of labels that cover each pixel.

        The mask has ``width`` and ``height`` if they are set, otherwise the mean size of the images, rounded
        to even numbers.

        Parameters
        ----------
        anns
            Annotations of images: the platform's JSON as dicts, paths of such files, or objects with a method
            ``to_json``. Images of different sizes are stretched to one size.
        object_name
            Count labels of this class only.
        """
        mask, self.report = _count_labels(anns, object_name, (self.width, self.height))
        self._set(mask=mask)

    background_image = _setting("background", "(height, width, 3 or 4) uint8, or None.", load)
    heatmap_mask = _setting("mask", "(rows, columns) numbers, or None.", _as_mask)
    vmin = _end("vmin", "The value of the first color; by default the least that is drawn.")
    vmax = _end("vmax", "The value of the last color; by default the greatest that is drawn.")
    transparent_low = _setting("transparent_low", "Whether zeros and values below ``vmin`` are transparent.")
    colormap = _setting("colormap", "An OpenCV number, or a name.")
    blur_ksize = _setting("blur_ksize", "Columns and rows of the Gaussian kernel, or None.")
    blur_function = _setting("blur_function", "A function of the values that blurs them, or None.")
    opacity = _setting("opacity", "Opacity of the map over the background, 0 … 100.")
    width = _setting("width", "Displayed width in pixels, or None.")
    height = _setting("height", "Displayed height in pixels, or None.")

    def _set(self, **settings: Any) -> None:
        self._state = replace(self._state, **settings)
        if self._widget is not None:
            self._widget.show(self._state.values, **self._state.viewer_options())

    def click(self, callback: Callback) -> Callback:
        """Call a function ``(y, x, value)`` at every click: row, column and value of the mask, not blurred.

        Use it as a decorator. An exception in the function is logged and shown in the widget.
        """
        self._callbacks.append(callback)
        if self._widget is not None:
            self._widget.click(callback)
        return callback

    click_x = _click("click_x", "Column of the last click in the mask; None before the first.")
    click_y = _click("click_y", "Row of the last click in the mask; None before the first.")
    click_value = _click("click_value", "The mask's value at the last click; None before the first.")

    @property
    def widget(self) -> HeatmapWidget:
        """The notebook widget, created on first access; it requires ``heatgrid[widget]``."""
        if self._widget is None:
            from heatgrid.viz.page.widget import HeatmapWidget

            self._widget = HeatmapWidget(self._state.values, **self._state.viewer_options())
            for callback in self._callbacks:
                self._widget.click(callback)
        return self._widget

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return self.widget._repr_mimebundle_(include=include, exclude=exclude)

    def image(self) -> NDArray[np.uint8]:
        """Return the map over its background, (height, width, 4) uint8 RGBA.

        It has the background's size, or else one pixel per value of the mask.
        """
        state = self._state
        cells = colorize(state.values, **state.colors())
        if state.background is None:
            return cells
        return overlay(state.background, cells, opacity=state.opacity / 100)

    def save(self, path: Target, *, format: str | None = None) -> None:  # noqa: A002
        """Write an image with its legend, ``.png`` or ``.svg``, or an interactive page, ``.html``."""
        write(self._state, _FORMATS, path, format, {})


_FORMATS = {
    ".png": OutputFormat(lambda state: state.figure().png(), NoOptions, "picture"),
    ".svg": OutputFormat(lambda state: state.figure().svg().encode(), NoOptions, "picture"),
    ".html": OutputFormat(
        lambda state: html(state.values, **state.viewer_options()), NoOptions, "interactive page"
    ),
}
