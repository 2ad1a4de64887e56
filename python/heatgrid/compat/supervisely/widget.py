"""The widget: members of the original, shown by heatgrid's viewer."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from functools import wraps
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.compat.supervisely.labels import count_labels
from heatgrid.compat.supervisely.state import COLORMAP_JET, State, as_mask
from heatgrid.export import OutputFormat, html, write
from heatgrid.viz import colorize, colormaps, overlay
from heatgrid.viz.background import load
from heatgrid.viz.options import NoOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.report import Report
    from heatgrid.export import Target
    from heatgrid.viz.page.widget import HeatmapWidget

    Callback = Callable[[int, int, float], object]

_LEGEND = 5
"""Colors of the legend in `Heatmap.get_json_data`."""


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
    loading
        A mark, kept for the caller: nothing is drawn.
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
        self._is_hidden = self._is_disabled = False
        self.loading = False
        self._state = State(
            background=None if background_image is None else load(background_image),
            mask=None if heatmap_mask is None else as_mask(heatmap_mask),
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
        mask, self.report = count_labels(anns, object_name, (self.width, self.height))
        self._set(mask=mask)

    background_image = _setting("background", "(height, width, 3 or 4) uint8, or None.", load)
    heatmap_mask = _setting("mask", "(rows, columns) numbers, or None.", as_mask)
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
        guarded = self._unless_disabled(callback)
        self._callbacks.append(guarded)
        if self._widget is not None:
            self._widget.click(guarded)
        return callback

    def _unless_disabled(self, callback: Callback) -> Callback:
        @wraps(callback)
        def call(y: int, x: int, value: float) -> None:
            if not self._is_disabled:
                callback(y, x, value)

        return call

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
            self._lay_out()
        return self._widget

    def _lay_out(self) -> None:
        if self._widget is not None:
            self._widget.layout.display = "none" if self._is_hidden else None

    def hide(self) -> None:
        """Hide the widget."""
        self._is_hidden = True
        self._lay_out()

    def show(self) -> None:
        """Show the widget again."""
        self._is_hidden = False
        self._lay_out()

    def is_hidden(self) -> bool:
        """Return whether the widget is hidden."""
        return self._is_hidden

    def disable(self) -> None:
        """Call no callbacks at clicks."""
        self._is_disabled = True

    def enable(self) -> None:
        """Call callbacks at clicks again."""
        self._is_disabled = False

    def is_disabled(self) -> bool:
        """Return whether clicks call no callbacks."""
        return self._is_disabled

    def get_json_data(self) -> dict[str, Any]:
        """Return what is shown, under the original's names; pictures are PNG files as data URLs."""
        state, mask = self._state, self._state.mask
        height, width = (0, 0) if mask is None else mask.shape
        known = np.zeros(1) if mask is None else mask[~np.isnan(mask)]
        colors = colormaps.get(state.colormap)[np.linspace(0, 255, _LEGEND).astype(np.uint8)].tolist()
        return {
            "backgroundUrl": None if state.background is None else _data_url(state.background),
            "heatmapUrl": None if mask is None else _data_url(colorize(mask, **state.colors())),
            "width": state.width,
            "height": state.height,
            "maskWidth": width,
            "maskHeight": height,
            "minValue": known.min().item() if known.size else None,
            "maxValue": known.max().item() if known.size else None,
            "legendColors": ["#{:02X}{:02X}{:02X}".format(*color) for color in colors],
            "hide": self._is_hidden,
            "disabled": self._is_disabled,
            "loading": self.loading,
        }

    def get_json_state(self) -> dict[str, Any]:
        """Return the opacity and the last click, under the original's names."""
        return {
            "opacity": self.opacity,
            "clickedValue": self.click_value,
            "maskX": self.click_x,
            "maskY": self.click_y,
        }

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


def _data_url(pixels: NDArray[np.uint8]) -> str:
    """Return a picture as a PNG file in a data URL."""
    from PIL import Image

    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return "data:image/png;base64," + b64encode(stream.getvalue()).decode()


_FORMATS = {
    ".png": OutputFormat(lambda state: state.figure().png(), NoOptions, "picture"),
    ".svg": OutputFormat(lambda state: state.figure().svg().encode(), NoOptions, "picture"),
    ".html": OutputFormat(
        lambda state: html(state.values, **state.viewer_options()), NoOptions, "interactive page"
    ),
}
