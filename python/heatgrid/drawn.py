"""What a map shows of itself: pixels, matplotlib's figures, and pictures in notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from heatgrid.heatmap import Heatmap
    from heatgrid.viz.page.widget import HeatmapWidget

NOTEBOOK_SIZE = 480
"""Pixels of a map's longer side in a notebook."""


class Drawn:
    """The part of `heatgrid.Heatmap` that is seen."""

    __slots__ = ()

    def image(self, **options: Any) -> NDArray[np.uint8]:
        """Return the map's cells in colour, and only these: no frame, no legend.

        Parameters
        ----------
        background
            An image to lay the cells over: an array, a Pillow image, a path, a URL, or ``"mean"`` (or a
            folder): the mean of the images in ``images``.
        opacity
            Of the cells over a background, in [0, 1]; 0.7 unless given.
        size
            Height and width in pixels. By default those of the background, or a pixel a cell.
        interpolation
            ``"nearest"`` (cells are data) or ``"bilinear"``, where the size is not that of the grid.
        **options
            As `heatgrid.viz.colorize` takes them: ``colormap``, ``scale``, ``vmin``, ``vmax``, ``zero`` …

        Returns
        -------
        ndarray
            (height, width, 4) uint8 RGBA.
        """
        from heatgrid.viz.pictures import image

        return image(cast("Heatmap", self), **options)

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draw the map into a matplotlib figure, with a colour bar.

        Parameters
        ----------
        ax
            The axes to draw into; pyplot is then left alone. None: those of a new figure of pyplot's.
        extent
            Left, right, bottom, top of the map, in the axes' units. By default 0, 1, 1, 0: shares of the
            image; over a background its pixels, so that whatever is drawn in pixels fits.
        colorbar
            Whether to add one, beside the axes; ``label`` is what it says.
        background, images, opacity
            As in `image`.
        colormap, scale, vmin, vmax, zero, blur, minimum_opacity
            As `heatgrid.viz.colorize` takes them.
        **options
            Whatever else matplotlib's ``Axes.imshow`` takes: ``interpolation``, ``zorder``, ``aspect`` …

        Returns
        -------
        AxesImage
            Its array are the counts (blurred where ``blur`` is given), so that ``set_clim``, ``set_cmap`` and
            the numbers under the cursor work as ever; its ``colorbar`` is the one that was added, or None.

        Raises
        ------
        ImportError
            matplotlib is not installed; it comes with ``heatgrid[plot]``.
        ValueError
            An option has a wrong value.
        """
        from heatgrid.errors import require

        require("matplotlib", "plot")
        from heatgrid.viz.mpl import plot

        return plot(cast("Heatmap", self), ax, **options)

    def view(self, **options: Any) -> HeatmapWidget:
        """Return the interactive viewer, a widget for notebooks (extra ``heatgrid[widget]``).

        Parameters
        ----------
        **options
            ``background`` (an image under the map, as in `image`), ``colormap``, ``scale``, ``opacity`` …, as
            `heatgrid.viz.page.HeatmapWidget` takes them.

        Raises
        ------
        ImportError
            anywidget is not installed.
        TypeError, ValueError
            An option is not known or has a wrong value; the message names it.
        """
        from heatgrid.viz.page.widget import HeatmapWidget

        return HeatmapWidget(cast("Heatmap", self), **options)

    def _repr_png_(self) -> bytes:
        """Return the picture that notebooks show."""
        from heatgrid.viz.pictures import picture

        return picture(cast("Heatmap", self), size=NOTEBOOK_SIZE).png()

    def _repr_html_(self) -> str:
        """Return the same picture as HTML, in words, too."""
        from base64 import b64encode
        from html import escape

        from heatgrid.viz.pictures import picture

        page = picture(cast("Heatmap", self), size=NOTEBOOK_SIZE)
        words = escape(f"{page.title}. {page.description}", quote=True)
        data = b64encode(page.png()).decode()
        return f'<img style="max-width:100%" alt="{words}" src="data:image/png;base64,{data}">'
