"""Options of drawings: one `TypedDict` per kind of drawing, for editors and type checkers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray
    from PIL.Image import Image

    from heatgrid.core.cell_annotations import CellAnnotations
    from heatgrid.core.limits import Limits
    from heatgrid.viz.scales import Scale, ScaleName

    Pixels: TypeAlias = NDArray[np.uint8]
    PathName: TypeAlias = str | os.PathLike[str]
    Colormap: TypeAlias = str | int | Sequence[Sequence[float]] | NDArray[Any] | Any
    Blur: TypeAlias = float | Callable[[NDArray[np.float64]], ArrayLike]
    Background: TypeAlias = PathName | NDArray[Any] | Image
    Images: TypeAlias = PathName | Iterable[PathName]

Zero = Literal["color", "transparent"]
Interpolation = Literal["nearest", "bilinear"]
ScaleBy = Literal["all", "class"]


class ColorOptions(TypedDict, total=False):
    """Values to colors.

    Attributes
    ----------
    colormap
        A name, an OpenCV number, a table or a callable; see `heatgrid.viz.colormaps.get`. Default:
        "heat", or "balance" for maps with negative values.
    scale
        The name of a scale, which is fitted to the values, or a `Scale` that several maps share.
    vmin, vmax
        Values of the lowest and the highest color; not allowed together with a `Scale`.
    zero
        ``"transparent"``: zeros, and values below the scale, are not drawn, and opacity grows with the
        distance from zero; the default over a background. ``"color"``: all cells are opaque.
    blur
        Standard deviation of a Gaussian in cells, or a function of the values; for display only.
    """

    colormap: Colormap
    scale: ScaleName | Scale
    vmin: float | None
    vmax: float | None
    zero: Zero
    blur: Blur | None


class CellOptions(ColorOptions, total=False):
    """Colors of single cells.

    Attributes
    ----------
    minimum_opacity
        Least opacity of a cell that is not zero, in [0, 1], if zeros are transparent. Default: 0.25.
    nan
        RGB or RGBA of cells without data, 0 … 255. Default: transparent.
    chance
        Values of at most this size, of either sign, are faded.
    """

    minimum_opacity: float
    nan: Sequence[int] | None
    chance: float | None


class ImageOptions(CellOptions, total=False):
    """Cells as an image; see `heatgrid.Heatmap.image`."""

    background: Background | None
    images: Images | None
    limits: Limits
    opacity: float
    interpolation: Interpolation
    size: tuple[int, int] | None


class PlotOptions(ColorOptions, total=False):
    """Axes of matplotlib; see `heatgrid.Heatmap.plot`. The last rows are options of ``Axes.imshow``."""

    minimum_opacity: float
    background: Background | None
    images: Images | None
    limits: Limits
    mute: bool
    opacity: float
    extent: Sequence[float] | None
    colorbar: bool
    label: str | None

    aspect: str | float
    interpolation: str
    interpolation_stage: str
    resample: bool
    filternorm: bool
    filterrad: float
    zorder: float
    rasterized: bool
    clip_on: bool
    gid: str
    url: str


class _CommonOptions(TypedDict, total=False):
    title: str | None
    subtitle: str | None
    background: Background | None
    mute: bool
    opacity: float
    interpolation: Interpolation
    aspect: float | None
    chance: float | None


class _MapOptions(TypedDict, total=False):
    by_class: bool
    images: Images | None
    limits: Limits


class FigureOptions(ColorOptions, _CommonOptions, total=False):
    """Figures of grids.

    Attributes
    ----------
    title, subtitle, footnote
        Texts above and below; texts that are too long are wrapped or end in an ellipsis.
    stats
        Named numbers, shown in a row below the map.
    legend
        Meaning of the color bar's numbers, such as ``"objects per cell"``.
    ends
        Two texts for the top and the bottom of the color bar, such as ``("more in A", "more in B")``.
    minimum_opacity, chance
        As in `CellOptions`.
    background, mute
        Image below the map, and whether it is drawn in pale gray, so that colors look as in the color bar.
        Default: True.
    opacity
        Opacity of the map over the background, in [0, 1]. Default: 0.7.
    interpolation
        ``"nearest"`` (default) or ``"bilinear"``.
    aspect
        Width over height of the map. Default: that of the background, or else square cells, limited to 3:1.
    size
        Approximate length of the map's longer side in pixels. Cells are a whole number of pixels; if the map
        has more cells than that, each pixel is the mean color of a block of cells. Default: 960.
    numbers
        Whether to write the values into the cells if they fit and nothing is below them. Default: True.
    """

    minimum_opacity: float
    footnote: str | None
    stats: Mapping[str, float] | None
    legend: str
    ends: Sequence[str] | None
    size: int
    numbers: bool


class PictureOptions(FigureOptions, _MapOptions, total=False):
    """Figures of maps.

    Attributes
    ----------
    by_class
        Whether to draw one small map per class, most objects first, instead of one map of all classes.
        Classes without annotations are left out.
    scale_by
        Scale of these maps: ``"all"`` (default) shares one, ``"class"`` draws percents of each class's
        highest cell.
    top
        Maximum number of these maps; None draws all. Default: 12.
    images
        Images whose mean is the background if ``background="mean"``: a folder, or paths.
    limits
        What a background may take, see `heatgrid.Limits`.
    columns
        Number of small maps per row.
    details
        A few words per small map.
    """

    scale_by: ScaleBy
    top: int | None
    columns: int | None
    details: Sequence[str] | None


class _ViewerOptions(TypedDict, total=False):
    unit: str | None
    annotations_by_cell: CellAnnotations | None
    thumbnails: str | None
    slider: str | None
    width: int | None
    height: int | None
    gamma: float
    percentiles: Sequence[float]
    splits: Sequence[str] | str | None
    classes: Sequence[str] | str | None
    difference: Sequence[str] | None
    cell: Sequence[int] | None
    region: Sequence[int] | None


class PageOptions(ColorOptions, _CommonOptions, _MapOptions, _ViewerOptions, total=False):
    """Interactive pages and widgets.

    Attributes
    ----------
    title, subtitle, unit
        Texts; ``unit`` is the meaning of the color bar's numbers.
    background, images, mute, limits
        An image under the map, as `heatgrid.viz.background.load` takes it; whether it is drawn in pale gray,
        as is the default; and what it may take, see `heatgrid.Limits`.
    annotations_by_cell
        Images or annotations per cell, as `heatgrid.annotations_by_cell` lists them; a click shows them.
    thumbnails
        Folder, relative to the page, or URL prefix of the images that ``annotations_by_cell`` names.
    slider
        Title of a slider that steps through several maps, such as "Hour". None: no slider.
    chance
        Size of differences, in percentage points, that are faded while ``difference`` is shown.
    by_class
        Whether the page keeps the classes apart. Default: True.
    aspect, width, height
        Width over height of the map, and its size in pixels.
    opacity, interpolation, gamma, percentiles
        First state of the controls, as are the colors' options.
    splits, classes, difference
        Names of the splits and classes that are shown; two splits, or two classes, to compare.
    cell, region
        Selected cell (row, column) or region (top, left, bottom, right; half-open).
    """


class SheetOptions(ColorOptions, _CommonOptions, total=False):
    """Sheets of small maps.

    Attributes
    ----------
    title, subtitle, footnote, legend
        Texts.
    background, images, mute, opacity, interpolation, aspect, size
        As in `PictureOptions`.
    columns
        Maps per row; by default as many as rows.
    """

    footnote: str | None
    legend: str
    images: Images | None
    mute: bool
    columns: int | None
    size: int


class TableOptions(TypedDict, total=False):
    """JSON and CSV; ``by_class``: whether to write the counts per class, too, which is the default."""

    by_class: bool


class GeoOptions(TableOptions, total=False):
    """GeoTIFF files: the place of the image on the map. Maps keep ``fit="stretch"``.

    Attributes
    ----------
    crs
        Coordinate reference system: ``"EPSG:32632"``, well-known text, or anything else that rasterio reads.
    bounds
        Left, bottom, right and top of the image in that system.
    transform, image_size
        In place of ``bounds``: the image's affine transform, six numbers a b c d e f as in rasterio, and its
        width and height in pixels.
    by_class
        Whether to write a band per class after that of all classes. Default: True.
    """

    crs: Any
    bounds: Sequence[float] | None
    transform: Sequence[float] | None
    image_size: tuple[float, float] | None


class SaveOptions(PictureOptions, _ViewerOptions, GeoOptions, total=False):
    """Options of all output formats; each format takes its own part of them."""


class NoOptions(TypedDict):
    """Output formats without options."""
