"""The heat map widget of an annotation platform, under the names that its users know.

It is made with the same arguments and has the same members; only the import changes, and it shows itself as
the last line of a notebook's cell instead of in the platform's own applications::

    from heatgrid.compat.supervisely import Heatmap

    heatmap = Heatmap(background_image="street.jpg", heatmap_mask=mask, colormap=cv2.COLORMAP_VIRIDIS)

    @heatmap.click
    def on_click(y, x, value):
        print(f"{value} at row {y}, column {x}")

    heatmap.set_heatmap_from_annotations(annotations, object_name="person")

What differs was broken:

==============================================  ==============================================================
the original                                    here
==============================================  ==============================================================
values beyond vmin and vmax wrap round          have the colour of the end
with transparent_low the least value is hidden  only what is zero, or below vmin, is
clicks give blurred values, 0 … 255             give those of the mask
colours are blurred                             values are, before they are coloured: the legend is true
errors in a callback are swallowed              are logged, and shown in the widget
a background that is missing shows nothing      is an error at once
==============================================  ==============================================================

The widget needs ``heatgrid[widget]``; `Heatmap.image` and `Heatmap.save` do without. `heatgrid.Heatmap` can
do more, and has plainer names.
"""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

from heatgrid.compat.supervisely_mask import as_mask, mask_of
from heatgrid.compat.supervisely_state import State
from heatgrid.export import write
from heatgrid.viz import background
from heatgrid.viz.page import save_page

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable
    from typing import BinaryIO

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.report import Report
    from heatgrid.viz.page.widget import HeatmapWidget

    Callback = Callable[[int, int, float], object]

__all__ = ["COLORMAP_JET", "Heatmap"]

COLORMAP_JET = 2


def _part(name: str, description: str) -> property:
    """Return a property of the widget; setting it draws anew."""

    def get(self: Heatmap) -> Any:
        return getattr(self._state, name)

    def put(self: Heatmap, value: Any) -> None:
        self._set(**{name: value})

    return property(get, put, doc=description)


class Heatmap:
    """A mask in colours over an image, to zoom into and click on.

    Parameters
    ----------
    background_image
        The image below: (height, width, 3 or 4) uint8 RGB or RGBA, a path, or an http, https or data URL.
    heatmap_mask
        (rows, columns) real numbers, or (rows, columns, channels), of which the mean is taken; of any size,
        since it is stretched over the background. NaN is "no data", and transparent.
    vmin, vmax
        The values of the lowest and highest colour; None: the least and greatest of those shown.
    transparent_low
        Whether values that are zero, or below ``vmin``, are transparent.
    colormap
        An OpenCV number, such as ``cv2.COLORMAP_JET``, or a name.
    width, height
        The size of the map on the screen, in pixels; where one is given, the other keeps the aspect.
    blur_ksize
        Columns and rows of a Gaussian kernel, odd numbers, its width as OpenCV chooses it; None: no blur. For
        display only.
    blur_function
        A function of the (rows, columns) values, instead.
    widget_id
        A name, kept for the caller.

    Attributes
    ----------
    widget_id
        As it was given.
    report
        What was counted of the last annotations, and what was skipped, and why; or None.

    Raises
    ------
    FileNotFoundError, TypeError, ValueError
        An argument has a wrong type or value; the message names it.
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
        self._state = State(
            background=_loaded(background_image),
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

    # What is shown

    def set_background(self, background_image: Any) -> None:
        """Show another image below; None: none."""
        self._set(background=_loaded(background_image))

    def set_heatmap(self, mask: ArrayLike | None) -> None:
        """Show another mask; None: none.

        Raises
        ------
        TypeError, ValueError
            It holds something else than real numbers, or an infinite one, or has other dimensions.
        """
        self._set(mask=None if mask is None else as_mask(mask))

    def set_heatmap_from_annotations(self, anns: Iterable[Any], object_name: str | None = None) -> None:
        """Show in how many labels each pixel lies.

        Parameters
        ----------
        anns
            Annotations of images: the platform's JSON as dicts, paths of such files, or objects with a method
            ``to_json``. Images of different sizes are stretched to one.
        object_name
            Count labels of this class only.

        Raises
        ------
        ValueError
            There are no annotations, or no label of this class in them.

        Notes
        -----
        The mask has ``width`` and ``height``, where they are given; else the mean of the images' sizes, made
        even.
        """
        mask, report = mask_of(anns, object_name, (self.width, self.height))
        self.report = report
        self._set(mask=mask)

    @property
    def background_image(self) -> NDArray[np.uint8] | None:
        """(height, width, 3 or 4) uint8, or None."""
        picture = self._state.background
        return None if picture is None else picture.pixels

    @background_image.setter
    def background_image(self, value: Any) -> None:
        self.set_background(value)

    @property
    def heatmap_mask(self) -> NDArray[Any] | None:
        """(rows, columns) numbers, or None."""
        return self._state.mask

    @heatmap_mask.setter
    def heatmap_mask(self, value: ArrayLike | None) -> None:
        self.set_heatmap(value)

    # How it is shown

    @property
    def vmin(self) -> float | None:
        """The value of the lowest colour; by default the least that is shown."""
        return None if self.heatmap_mask is None else self._state.values()[1].vmin

    @vmin.setter
    def vmin(self, value: float | None) -> None:
        self._set(vmin=value)

    @property
    def vmax(self) -> float | None:
        """The value of the highest colour; by default the greatest that is shown."""
        return None if self.heatmap_mask is None else self._state.values()[1].vmax

    @vmax.setter
    def vmax(self, value: float | None) -> None:
        self._set(vmax=value)

    transparent_low = _part("transparent_low", "Whether what is zero or below ``vmin`` is transparent.")
    colormap = _part("colormap", "An OpenCV number, or a name.")
    blur_ksize = _part("blur_ksize", "Columns and rows of the Gaussian kernel, or None.")
    blur_function = _part("blur_function", "A function of the values that blurs them, or None.")
    opacity = _part("opacity", "Of the map over the background, 0 … 100.")
    width = _part("width", "Width on the screen in pixels, or None.")
    height = _part("height", "Height on the screen in pixels, or None.")

    def _set(self, **parts: Any) -> None:
        self._state = replace(self._state, **parts)
        if self._widget is not None:
            self._widget.show(self._state.values_of, **self._state.viewer_options())

    # Clicks

    def click(self, callback: Callback) -> Callback:
        """Call a function ``(y, x, value)`` at every click: row, column and value of the mask, not blurred.

        To be used as a decorator. An exception in it is logged and shown in the widget.
        """
        self._callbacks.append(callback)
        if self._widget is not None:
            self._widget.click(callback)
        return callback

    @property
    def click_x(self) -> int | None:
        """Column of the last click in the mask; None before the first."""
        return None if self._widget is None else self._widget.click_x

    @property
    def click_y(self) -> int | None:
        """Row of the last click in the mask; None before the first."""
        return None if self._widget is None else self._widget.click_y

    @property
    def click_value(self) -> float | None:
        """The mask's value there; None before the first."""
        return None if self._widget is None else self._widget.click_value

    # Where it is shown

    @property
    def widget(self) -> HeatmapWidget:
        """The widget that notebooks show, made when it is first asked for.

        Raises
        ------
        ImportError
            anywidget is not installed; it comes with ``heatgrid[widget]``.
        """
        if self._widget is None:
            from heatgrid.viz.page.widget import HeatmapWidget

            self._widget = HeatmapWidget(self._state.values_of, **self._state.viewer_options())
            for callback in self._callbacks:
                self._widget.click(callback)
        return self._widget

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)

    def image(self) -> NDArray[np.uint8]:
        """Return the map over its background.

        Returns
        -------
        ndarray
            (height, width, 4) uint8 RGBA: of the background's size, or else a pixel a value of the mask.
        """
        return self._state.image()

    def save(self, path: str | os.PathLike[str] | BinaryIO, *, format: str | None = None) -> None:  # noqa: A002
        """Write a picture with its legend, ``.png`` or ``.svg``, or a page to look around in, ``.html``.

        Raises
        ------
        ValueError
            The suffix is another.
        """
        write(self._state, WRITERS, path, format, {})


def _loaded(source: Any) -> background.Picture | None:
    return None if source is None else background.load(source)


def _html(state: State) -> bytes:
    stream = BytesIO()
    save_page(state.values_of, stream, **state.viewer_options())
    return stream.getvalue()


WRITERS: dict[str, Callable[..., bytes]] = {
    ".png": lambda state: state.page().png(),
    ".svg": lambda state: state.page().svg().encode(),
    ".html": _html,
}
