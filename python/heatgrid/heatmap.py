"""Heat map: counts on a grid, by class, with statistics, files and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, Unpack

import numpy as np

from heatgrid.core.grid_map import GridMap
from heatgrid.core.limits import DEFAULT, Limits
from heatgrid.core.spec import check_keywords

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike

    from heatgrid.analysis import CoOccurrence, Hotspot, Layout
    from heatgrid.core.annotations import Geometry, WeightOf
    from heatgrid.core.arguments import OnError
    from heatgrid.core.counts import Labels
    from heatgrid.core.spec import BoxFormat
    from heatgrid.core.stats import Stats
    from heatgrid.export import Target
    from heatgrid.io.options import Size
    from heatgrid.viz.options import ImageOptions, PageOptions, Pixels, PlotOptions, SaveOptions
    from heatgrid.viz.page.widget import HeatmapWidget


class Heatmap(GridMap):
    """Counts on a grid, by class.

    Parameters
    ----------
    grid
        Cells of the grid: an int n for (n, n), or (rows, columns).
    classes
        Distinct class names, one grid each; annotations of other classes are reported. None: a class gets a
        grid when it first appears, and annotations without a class count under ``"(none)"``.
    rule
        Hit rule: ``"center"``, ``"touch"``, ``"point"`` or ``"area"``, as in `heatgrid.count_boxes`.
    count
        ``"instances"``: every annotation adds 1. ``"images"``: each image, added whole, adds at most 1.
    weighted
        Whether annotations add weights instead of 1; the map then holds float64.
    large_box_ratio
        Boxes with a larger share of their image's area hit only the cell of their center.
    fit
        ``"stretch"``: every image fills the grid. ``"letterbox"``: images of known size keep their aspect
        ratio; the longer side fills the grid and the shorter side is centered.
    by_class
        False: one grid for all annotations, without classes.
    of
        ``"place"``: where annotations are. ``"size"``: how large they are. A column is then a width and a row
        a height, in shares of the image's, row 0 is height 0, and each annotation adds 1; ``rule``, ``fit``
        and ``large_box_ratio`` do not apply.

    Raises
    ------
    TypeError, ValueError
        An argument has the wrong type or value; the message names it.

    Notes
    -----
    Maps of equal `spec` add up by ``+``, in any order (up to rounding of weights and areas). Classes are
    matched by name. Threads may add to one map at the same time; one map per
    thread, added up at the end, is faster.

    Examples
    --------
    >>> import heatgrid as hg
    >>> hg.Heatmap(2).add_boxes([[0, 0, 0.5, 1]]).counts
    array([[1, 0],
           [1, 0]])
    """

    __slots__ = ()

    def add(
        self,
        annotations: Any,
        *,
        geometry: Geometry = "auto",
        weights: ArrayLike | WeightOf | None = None,
        on_error: OnError = "skip",
        size: Size | Mapping[str, Size] | None = None,
        labels: Labels | str | None = None,
        classes: Iterable[str] | Mapping[int, str] | None = None,
        images: ArrayLike | Sequence[str] | str | None = None,
        columns: Mapping[str, str | int] | None = None,
        transform: Sequence[float] | Mapping[str, Sequence[float]] | None = None,
        box: BoxFormat | None = None,
    ) -> Self:
        """Add a batch of annotations, or annotations, detections or geometry of other libraries.

        Parameters
        ----------
        annotations
            A batch that `heatgrid.read` yields; an object of supervision, Ultralytics, FiftyOne, pycocotools,
            torchvision, shapely or GeoPandas; an Arrow table (pandas, polars, DuckDB, pyarrow); a tensor or
            an array of boxes (N, 4) or masks (N, h, w); or a list of objects with one image each. Classes are
            matched by name.
        geometry
            Geometry to count of each annotation, as in `heatgrid.heatmap`.
        weights
            For a map with ``weighted=True``: (N,) finite real numbers, one per annotation; ``"score"``; or a
            function of the batch that returns such numbers.
        on_error
            ``"skip"`` reports what cannot be counted, ``"raise"`` stops at the first.
        size, labels, images, columns, transform, box
            Values that the object lacks; see `heatgrid.annotations_from`.
        classes
            Names of numbered classes, a sequence or a mapping; by default the map's own.

        Returns
        -------
        Heatmap
            The map itself.

        Raises
        ------
        FormatError
            With ``on_error="raise"``, at the first annotation that cannot be counted.
        TypeError, ValueError
            The object is not recognized, or an argument is wrong or missing; the message says what to do.
        """
        from heatgrid.io.objects import annotations_from

        batch = annotations_from(
            annotations,
            size=size,
            labels=labels,
            classes=self.classes if classes is None and self.has_classes else classes,
            images=images,
            columns=columns,
            transform=transform,
            box=box,
        )
        self._counts.add_batch(batch, geometry=geometry, on_error=on_error, weights=weights)
        self.report.parts += not batch.report.parts  # each call adds a part
        return self

    def to_bytes(self) -> bytes:
        """Return the map, its classes and its report as the bytes of an ``.npz`` file."""
        from heatgrid.io.npz import dump

        return dump(self._counts)

    @staticmethod
    def from_bytes(data: bytes) -> Heatmap:
        """Return the map that `to_bytes` wrote.

        Raises
        ------
        FormatError
            The bytes are not such a map. No code in them is ever run.
        """
        from io import BytesIO

        return load(BytesIO(data))

    def stats(self) -> Stats:
        """Return min, q1, median, q3, max and more, of all classes together over all cells with data.

        Raises
        ------
        ValueError
            No cell has data.
        """
        from heatgrid.core.stats import Stats

        if (stats := Stats.of_known(self.counts)) is None:
            raise ValueError("stats needs a cell with data, and the map has none")
        return stats

    def layout(self) -> Layout:
        """Return how hits spread over the image: empty area, center bias, border proximity, entropy.

        Raises
        ------
        ValueError
            A count is negative, as in a difference of maps, or a cell has no data.
        """
        from heatgrid.analysis import Layout

        return Layout.of(self.counts)

    def hotspots(self, n: int = 5, *, separation: float = 0.1) -> list[Hotspot]:
        """Return the n highest separated peaks, highest first; see `heatgrid.analysis.hotspots`.

        Parameters
        ----------
        n
            Number of peaks, at most.
        separation
            Minimum distance of two peaks along x or y, as a share of the image's width or height.
        """
        from heatgrid.analysis import hotspots

        return hotspots(np.nan_to_num(self.counts, copy=False), n, separation=separation)

    def cooccurrence(self) -> CoOccurrence:
        """Return which classes share cells; `heatgrid.cooccurrence` also returns which share images.

        Raises
        ------
        ValueError
            The map has no classes, a count is negative, or a cell has no data.
        """
        from heatgrid.analysis import CoOccurrence

        if not self.has_classes:
            raise ValueError("cooccurrence needs a map with classes")
        return CoOccurrence.of(self.classes, self.by_class)

    def per_image(self) -> Self:
        """Return objects per image, or with ``count="images"`` the share of images.

        Images without annotations are included. Nothing can be added to the result: add first, then divide.

        Raises
        ------
        ValueError
            The number of images is unknown, or the values are not counts.
        """
        from heatgrid.core.derived import per_image

        return per_image(self)

    def suppressed(self, k: int) -> Self:
        """Return the map without counts below ``k``, for publishing.

        Cells with ``0 < count < k`` have no data, and cells of the total from which these could be computed.
        The result has no report, no class totals, and the statistics of the remaining cells.

        Raises
        ------
        TypeError, ValueError
            ``k`` is not an int of at least 1, or the map holds no counts (weights, areas, a difference).
        """
        from heatgrid.core.derived import suppressed

        return suppressed(self, k)

    def image(self, **options: Unpack[ImageOptions]) -> Pixels:
        """Return the map's cells in color, without frame and legend.

        Parameters
        ----------
        background
            Image below the cells: an array, a Pillow image, a path, a URL, or ``"mean"`` (or a folder): the
            mean of the images in ``images``. ``limits`` is what it may take, see `heatgrid.Limits`.
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
        from heatgrid.viz.options import ImageOptions

        check_keywords(self.image, options, ImageOptions)
        return map_image(self, **options)

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
        background, images, limits, opacity, mute
            As in `image`; the background is pale gray unless ``mute=False``.
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
        """
        from heatgrid.viz.mpl import plot

        return plot(self, ax, **options)

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

        return HeatmapWidget(self, **options)

    def to_html(self, **options: Unpack[PageOptions]) -> str:
        """Return the interactive viewer as the text of one offline HTML page.

        Parameters
        ----------
        **options
            See `heatgrid.viz.options.PageOptions`.
        """
        from heatgrid.viz.page import page

        return page(self, **options)

    def _repr_png_(self) -> bytes:
        from heatgrid.viz.figure import NOTEBOOK_SIZE, map_figure

        return map_figure(self, size=NOTEBOOK_SIZE).png()

    def _repr_html_(self) -> str:
        from heatgrid.viz.figure import notebook_html

        return notebook_html(self)

    def save(
        self,
        path: Target,
        *,
        format: str | None = None,  # noqa: A002
        **options: Unpack[SaveOptions],
    ) -> None:
        """Write the map in the format of its suffix.

        Parameters
        ----------
        path
            ``.npz`` (exact; `heatgrid.load` reads it), ``.json``, ``.csv``, ``.tif`` (GeoTIFF), ``.png``,
            ``.svg`` or ``.html`` (the interactive viewer in one offline file); or a file open for writing
            bytes, with ``format``. Files are written atomically.
        format
            Suffix to use if ``path`` has none or another.
        **options
            See `PictureOptions`, `PageOptions`, `TableOptions` and, for GeoTIFF, `GeoOptions` of
            `heatgrid.viz.options`.

        Raises
        ------
        ValueError
            The suffix is unknown.
        """
        from heatgrid.export import FORMATS, write

        write(self, FORMATS, path, format, {**options})


def load(path: Target, *, limits: Limits = DEFAULT) -> Heatmap:
    """Read a map that `Heatmap.save` wrote as ``.npz`` or ``.json``.

    Parameters
    ----------
    path, limits
        The file, its address, or a stream; ``limits.map_bytes`` limits the counts, as an archive may expand.

    Raises
    ------
    FormatError
        The file is not such a map. No code in a file is ever run.
    FileNotFoundError
        The file does not exist.

    Examples
    --------
    >>> import heatgrid as hg
    >>> hg.heatmap("annotations.json").save("map.npz")
    >>> heat = hg.load("map.npz")
    """
    from heatgrid.io.npz import read_counts

    return Heatmap.of(read_counts(path, max_bytes=limits.map_bytes)[0])
