"""Figures of maps and grids: title, map, color bar, statistics and notes."""

from __future__ import annotations

import math
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from heatgrid.core.limits import DEFAULT, Limits
from heatgrid.core.spec import check_choice
from heatgrid.core.stats import Stats
from heatgrid.viz import blocks, text
from heatgrid.viz.background import load, muted
from heatgrid.viz.canvas import Layout, RasterCanvas, SvgCanvas, bounded_aspect, check_aspect, png
from heatgrid.viz.options import ScaleBy
from heatgrid.viz.pixels import Style, center_on_zero, colorize, enlarge, overlay, resize_image, smooth
from heatgrid.viz.scales import is_whole
from heatgrid.viz.text import Measure, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Unpack

    from numpy.typing import ArrayLike, NDArray
    from PIL.Image import Image

    from heatgrid.viz.blocks import Block
    from heatgrid.viz.canvas import Canvas
    from heatgrid.viz.options import (
        Background,
        Blur,
        CellOptions,
        Images,
        Interpolation,
        PictureOptions,
        Pixels,
    )
    from heatgrid.viz.scales import Floats
    from heatgrid.viz.text import Map

MARGIN, BETWEEN, MIN_WIDTH = 32, 22, 560
"""Margin, distance between blocks, and least width of a figure with one map, in design units."""
MIN_UNIT = 0.8
"""Least pixels per design unit, so that small figures stay readable."""
NO_DATA = (226, 229, 234)
TOP = 12
"""Default number of small maps."""
NOTEBOOK_SIZE = 480
"""Pixels of a map's longer side in a notebook."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Blocks from top to bottom, drawn as pixels or SVG; title and description are for screen readers."""

    measure: Measure
    blocks: Sequence[Block]
    width: int
    title: str = ""
    description: str = ""

    def pixels(self) -> Pixels:
        """Return the figure as (height, width, 4) uint8 RGBA, opaque."""
        return np.array(self._image().convert("RGBA"))

    def png(self) -> bytes:
        """Return the figure as a PNG file."""
        return png(self._image())

    def _image(self) -> Image:
        canvas = RasterCanvas(self.measure, *self.size)
        self._draw(canvas)
        return canvas.image

    def svg(self) -> str:
        """Return the figure as the text of an SVG file without external references."""
        canvas = SvgCanvas(self.measure, *self.size)
        self._draw(canvas)
        return canvas.text(self.title, self.description)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, margins included."""
        gaps = self.measure.px(BETWEEN) * (len(self.blocks) - 1)
        margins = 2 * self.measure.px(MARGIN)
        return self.width + margins, sum(block.height for block in self.blocks) + gaps + margins

    def _draw(self, canvas: Canvas) -> None:
        x = y = self.measure.px(MARGIN)
        for block in self.blocks:
            block.draw(canvas, x, y)
            y += block.height + self.measure.px(BETWEEN)


def map_figure(heat: Map, **options: Unpack[PictureOptions]) -> Figure:
    """Return the figure of a map; options default to texts and numbers of the map."""
    chosen: dict[str, Any] = {**options}
    by_class, images = chosen.pop("by_class", False), chosen.pop("images", None)
    limits = chosen.pop("limits", DEFAULT)
    mute, scale_by, top = chosen.pop("mute", True), chosen.pop("scale_by", "all"), chosen.pop("top", TOP)
    check_choice("scale_by", scale_by, get_args(ScaleBy))
    if chosen.get("background") is not None:
        below = load(chosen["background"], images, fit=heat.spec.fit, limits=limits)
        chosen["background"] = muted(below) if mute else below
    elif chosen.get("aspect") is None:
        chosen["aspect"] = bounded_aspect(heat)
    if chosen.get("title") is None:
        chosen["title"] = text.title([heat])
    filled: dict[str, Any] = {
        "subtitle": text.subtitle([heat], heat.classes, heat.shape),
        "legend": text.unit(heat),
        "footnote": text.footnote(heat),
    }
    if not by_class:
        whole = "image" if heat.spec.fit == "stretch" else "image's square"
        axes = "axes" if heat.spec.of == "place" else "width and height"
        filled["footnote"] += f" · {axes} in shares of the {whole}"
        filled["upwards"] = heat.spec.of == "size"
        if stats := Stats.of_known(heat.counts):
            filled["stats"] = {text.QUARTILES.get(name, name): n for name, n in stats.quartiles.items()}
        filled["empty"] = text.nothing_counted([heat])
        return grid_figure(heat.counts, **(filled | center_on_zero(heat.counts, chosen)))
    if not heat.classes:
        raise ValueError("by_class requires a map with classes")
    if top is not None and top < 1:
        raise ValueError(f"top must be at least 1, got {top!r}")
    order, objects = _by_objects(heat)
    shown = order[:top]
    planes = oriented(heat, heat.by_class[shown])
    unit = "images" if heat.spec.count == "images" else "objects"
    filled["subtitle"] = text.subtitle([heat], heat.classes, heat.shape, drawn=len(shown))
    filled["details"] = [f"{objects[i]:,} {unit}" if objects[i] else "" for i in shown]
    if len(shown) < len(order):
        filled["footnote"] = (
            f"the {len(shown)} of {len(order):,} classes with most {unit} · {filled['footnote']}"
        )
    if scale_by == "class":
        highest = np.fmax.reduce(np.abs(planes), axis=(1, 2), keepdims=True, initial=0)
        planes = np.divide(
            100.0 * planes, highest, out=np.where(np.isnan(planes), np.nan, 0), where=highest > 0
        )
        filled["legend"] = "% of the class's highest cell"
    names = [heat.classes[i] for i in shown]
    return panel_figure(planes, names, **(filled | center_on_zero(planes, chosen)))


def _by_objects(heat: Map) -> tuple[list[int], list[int]]:
    """Return the annotated classes, most objects first (or images, if these count), and all numbers.

    If nothing is annotated, all classes are returned.
    """
    own = heat.report.by_class()
    key = "images" if heat.spec.count == "images" else "counted"
    objects = [own[name][key] if name in own else 0 for name in heat.classes]
    hits = [float(np.nansum(grid, dtype=np.float64)) for grid in heat.by_class]
    used = [heat.classes.index(name) for name in text.annotated(heat)]
    order = sorted(used, key=lambda i: (objects[i], hits[i]), reverse=True)
    return order or list(range(len(objects))), objects


def map_image(
    heat: Map,
    *,
    background: Background | None = None,
    images: Images | None = None,
    opacity: float = 0.7,
    interpolation: Interpolation = "nearest",
    size: tuple[int, int] | None = None,
    limits: Limits = DEFAULT,
    **colors: Unpack[CellOptions],
) -> Pixels:
    """Return a map's cells in color; see `heatgrid.Heatmap.image`."""
    chosen = center_on_zero(heat.counts, {**colors})
    counts = oriented(heat, heat.counts)
    if background is None:
        cells = colorize(counts, **chosen)
        return cells if size is None else enlarge(cells, size, interpolation)
    below = load(background, images, fit=heat.spec.fit, limits=limits)
    if size is not None:
        below = resize_image(below, size)
    cells = colorize(counts, **({"zero": "transparent"} | chosen))
    return overlay(below, cells, opacity=opacity, interpolation=interpolation)


def oriented(heat: Map, grids: NDArray[Any]) -> NDArray[Any]:
    """Return (…, rows, columns) with the row to draw at the top first: the last one in a map of sizes."""
    return grids[..., ::-1, :] if heat.spec.of == "size" else grids


def notebook_html(heat: Map) -> str:
    """Return the picture that notebooks show, with a description for screen readers."""
    return figure_html(map_figure(heat, size=NOTEBOOK_SIZE))


def figure_html(figure: Figure) -> str:
    """Return a figure as an HTML image, with a description for screen readers."""
    from html import escape

    text = escape(f"{figure.title}. {figure.description}", quote=True)
    data = b64encode(figure.png()).decode()
    return f'<img style="max-width:100%" alt="{text}" src="data:image/png;base64,{data}">'


def grid_figure(
    values: ArrayLike,
    *,
    title: str | None = None,
    subtitle: str | None = None,
    stats: Mapping[str, float] | None = None,
    footnote: str | None = None,
    legend: str = "",
    ends: Sequence[str] | None = None,
    background: Pixels | None = None,
    opacity: float = 0.7,
    interpolation: Interpolation = "nearest",
    aspect: float | None = None,
    size: int = 960,
    numbers: bool = True,
    empty: str = "",
    upwards: bool = False,
    **colors: Unpack[CellOptions],
) -> Figure:
    """Return the figure of a grid, (rows, columns) real numbers, NaN for "no data".

    Options are those of `heatgrid.viz.options.FigureOptions`; the background is an array, as in `overlay`,
    which is drawn as it is. ``empty`` is the reason why nothing was counted, written over the map.
    Row 0 is at the bottom if ``upwards``.
    """
    shown = smooth(values, colors.get("blur"))[:: -1 if upwards else 1]
    if shown.size == 0:
        raise ValueError(f"values must not be empty, got shape {shown.shape}")
    measure = _measure(size, 960, aspect)
    style = _style(shown, background, colors)
    layout = Layout.of(
        shown.shape[:2], size, aspect, background=background, opacity=opacity, interpolation=interpolation
    )
    whole = is_whole(shown)
    bar = blocks.bar(measure, style, layout, layout.height, whole=whole, ends=ends)
    written = shown if numbers and whole and layout.is_plain else None
    plot = blocks.plot(
        measure,
        style.color(shown),
        layout,
        bar,
        legend=_legend(legend, style),
        values=written,
        empty=empty,
        upwards=upwards,
    )
    notes = [footnote, *_notes(shown, style, layout, colors.get("blur"))]
    width = max(plot.width, measure.px(MIN_WIDTH))
    note = " · ".join(filter(None, notes))
    return _figure(measure, plot, width, title=title, subtitle=subtitle, stats=stats, note=note)


def panel_figure(
    maps: Sequence[ArrayLike] | NDArray[np.number],
    names: Sequence[str],
    *,
    details: Sequence[str] | None = None,
    title: str | None = None,
    subtitle: str | None = None,
    footnote: str | None = None,
    legend: str = "",
    background: Pixels | None = None,
    opacity: float = 0.7,
    interpolation: Interpolation = "nearest",
    aspect: float | None = None,
    columns: int | None = None,
    size: int = 1200,
    **colors: Unpack[CellOptions],
) -> Figure:
    """Return the figure of several grids of one shape, with one scale and one color bar.

    There are one name, and a few words of ``details``, per grid; ``columns`` grids per row, by default as
    many as rows; ``size`` is the approximate width of all grids in pixels. The other options are those of
    `heatgrid.viz.options.FigureOptions`; the background is below each grid.
    """
    grids = [smooth(values, colors.get("blur")) for values in maps]
    shapes = {grid.shape for grid in grids}
    if len(shapes) != 1 or 0 in next(iter(shapes)):
        raise ValueError(f"maps must be grids of one shape, and not empty, got {sorted(shapes)}")
    together = np.stack(grids)
    details = [""] * len(together) if details is None else details
    if not len(together) == len(names) == len(details):
        lengths = f"{len(names)}, {len(details)}"
        raise ValueError(f"{len(together)} maps require as many names and details, got {lengths}")
    if columns is not None and columns < 1:
        raise ValueError(f"columns must be at least 1, got {columns!r}")
    columns = min(columns or math.ceil(math.sqrt(len(together))), len(together))
    measure = _measure(size, 1200, aspect)
    style = _style(together, background, colors)
    layout = Layout.of(
        together.shape[1:],
        max(size // columns, 64),
        aspect,
        background=background,
        opacity=opacity,
        interpolation=interpolation,
    )
    bar = blocks.bar(measure, style, layout, max(layout.height, measure.px(200)), whole=is_whole(together))
    cells = [style.color(values) for values in grids]
    labels = list(zip(names, details, strict=True))
    panels = blocks.panels(
        measure, cells, layout, bar, legend=_legend(legend, style), names=labels, columns=columns
    )
    return _figure(measure, panels, panels.width, title=title, subtitle=subtitle, note=footnote)


def _figure(
    measure: Measure,
    block: Block,
    width: int,
    *,
    title: str | None,
    subtitle: str | None,
    stats: Mapping[str, float] | None = None,
    note: str | None,
) -> Figure:
    stack = [block]
    if title or subtitle:
        stack.insert(0, blocks.heading(measure, width, title or "", subtitle))
    if stats:
        stack.append(blocks.cards(measure, width, stats))
    if note:
        stack.append(blocks.note(measure, width, note))
    return Figure(measure, stack, width, title or "", ". ".join(filter(None, [subtitle, note])))


def _measure(size: int, full_size: int, aspect: float | None) -> Measure:
    if not 64 <= size <= 16_384:
        raise ValueError(f"size must be in 64 … 16384 pixels, got {size!r}")
    check_aspect(aspect)
    return Measure(max(size / full_size, MIN_UNIT))


def _style(shown: Floats, background: Pixels | None, colors: CellOptions) -> Style:
    """Return the style of blurred values; over a background, zeros and missing cells are transparent."""
    defaults: dict[str, Any] = {"nan": NO_DATA} if background is None else {"zero": "transparent"}
    return Style.of(shown, **(defaults | {**colors}))


def _legend(legend: str, style: Style) -> str:
    kind = style.scale.kind
    return legend if kind == "linear" else f"{legend} ({kind} scale)".strip()


def _notes(shown: Floats, style: Style, layout: Layout, blur: Blur | None) -> list[str]:
    """Return notes on what the picture does not show exactly."""
    found = []
    if blur is not None:
        found.append("picture blurred" if callable(blur) else f"picture blurred by {number(blur)} cells")
    ends = [f"below {number(style.scale.vmin)}"] if (shown < style.scale.vmin).any() else []
    ends += [f"above {number(style.scale.vmax)}"] if (shown > style.scale.vmax).any() else []
    if ends:
        found.append(f"values {' and '.join(ends)} have the color of the end")
    if np.isnan(shown).any():
        no_background = layout.background is None
        found.append("gray cells have no data" if no_background else "cells without data are not drawn")
    if layout.blocks != (1, 1):
        rows, columns = layout.blocks
        found.append(f"each pixel averages the colors of {columns} by {rows} cells")
    return found
