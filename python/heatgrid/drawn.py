"""Drawings of `heatgrid.Heatmap`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack, cast

if TYPE_CHECKING:
    from heatgrid.core.accumulator import Accumulator
    from heatgrid.viz.options import ImageOptions, PageOptions, Pixels, PlotOptions
    from heatgrid.viz.page.widget import HeatmapWidget


class Drawn:
    """Drawing methods of `heatgrid.Heatmap`."""

    __slots__ = ()

    def image(self, **options: Unpack[ImageOptions]) -> Pixels:
        """Return the map's cells in color, without frame and legend.

        Parameters
        ----------
        background
            Image below the cells: an array, a Pillow image, a path, a URL, or ``"mean"`` (or a folder): the
            mean of the images in ``images``.
        opacity
            Opacity of the cells over a background, in [0, 1]. Default: 0.7.
        size
            Height and width in pixels. Default: those of the background, or one pixel per cell.
        interpolation
            ``"nearest"`` (default) or ``"bilinear"``.
        **options
            Colors; see `heatgrid.viz.options.CellOptions`.

        Returns
        -------
        ndarray
            (height, width, 4) uint8 RGBA.
        """
        from heatgrid.viz.figure import map_image

        return map_image(cast("Accumulator", self), **options)

    def plot(self, ax: Any = None, **options: Unpack[PlotOptions]) -> Any:
        """Draw the map into matplotlib axes, with a color bar.

        Parameters
        ----------
        ax
            Axes to draw into; pyplot is not used then. None: axes of a new pyplot figure.
        extent
            Left, right, bottom, top of the map in the axes' units. Default: 0, 1, 1, 0, or the pixels of the
            background.
        colorbar
            Whether to add a color bar, with the text ``label``.
        background, images, opacity
            As in `image`.
        **options
            Colors, see `heatgrid.viz.options.CellOptions`, and options of matplotlib's ``Axes.imshow``.

        Returns
        -------
        AxesImage
            Its array holds the counts, blurred if ``blur`` is set; its ``colorbar`` is the new one, or None.

        Raises
        ------
        ImportError
            matplotlib is not installed; it comes with ``heatgrid[plot]``.
        ValueError
            An option has a wrong value.
        """
        from heatgrid.viz.mpl import plot

        return plot(cast("Accumulator", self), ax, **options)

    def view(self, **options: Unpack[PageOptions]) -> HeatmapWidget:
        """Return the interactive viewer, a notebook widget (extra ``heatgrid[widget]``).

        Parameters
        ----------
        **options
            See `heatgrid.viz.options.PageOptions`.

        Raises
        ------
        ImportError
            anywidget is not installed.
        TypeError, ValueError
            An option is unknown or has a wrong value; the message names it.
        """
        from heatgrid.viz.page.widget import HeatmapWidget

        return HeatmapWidget(cast("Accumulator", self), **options)

    def _repr_png_(self) -> bytes:
        from heatgrid.viz.figure import notebook_png

        return notebook_png(cast("Accumulator", self))

    def _repr_html_(self) -> str:
        from heatgrid.viz.figure import notebook_html

        return notebook_html(cast("Accumulator", self))
