"""Finished pictures: title, map, colour bar, statistics, small print."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatgrid.viz.colorize import as_scale, smooth
from heatgrid.viz.ground import Ground
from heatgrid.viz.paint import SMALLEST, check_size, is_whole, paint_over
from heatgrid.viz.picture_layout import Cards, Heading, Note, Page
from heatgrid.viz.picture_plot import Plot
from heatgrid.viz.text import Measure, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.viz.colorize import Blur, Zero
    from heatgrid.viz.colormaps import Colormap
    from heatgrid.viz.ground import Fit
    from heatgrid.viz.picture_layout import Block
    from heatgrid.viz.resample import Interpolation
    from heatgrid.viz.scales import Kind, Scale

NARROWEST = 560
"""The least width of a picture's content, in design units."""


def picture(
    values: ArrayLike,
    *,
    title: str = "",
    subtitle: str | None = None,
    stats: Mapping[str, float] | None = None,
    footnote: str | None = None,
    legend: str = "",
    colormap: Colormap = "roboflow",
    scale: Kind | Scale = "linear",
    vmin: float | None = None,
    vmax: float | None = None,
    zero: Zero | None = None,
    blur: Blur | None = None,
    minimum_opacity: float = 0.25,
    interpolation: Interpolation = "nearest",
    background: NDArray[np.uint8] | None = None,
    opacity: float = 0.7,
    aspect: float | None = None,
    size: int = 960,
    numbers: bool = True,
) -> Page:
    """Make a finished picture of a map.

    Parameters
    ----------
    values
        (rows, columns) real numbers. NaN is "no data".
    title, subtitle, footnote
        Texts above and below; too long ones are broken or end in an ellipsis.
    stats
        Named numbers, shown in a row below the map.
    legend
        What the numbers of the colour bar are, such as ``"objects per cell"``.
    colormap, scale, vmin, vmax, blur, minimum_opacity
        As in `colorize`.
    zero
        As in `colorize`; ``"transparent"`` over a background and ``"color"`` without one, unless given.
    interpolation
        As in `enlarge`.
    background
        An image below the map, as `overlay` takes it.
    opacity
        Of the map over the background, in [0, 1].
    aspect
        Width over height of the map; by default that of the background, or else cells are square, unless
        the map would be longer than three times its other side.
    size
        About how many pixels the map's longer side takes. Cells are a whole number of pixels; of maps with
        more cells than that, each pixel is the mean colour of a block of cells.
    numbers
        Whether to write the values into the cells where there is room and nothing below.

    Returns
    -------
    Page
        Which is drawn by its methods ``pixels`` and ``svg``.

    Raises
    ------
    ValueError
        The grid is not two-dimensional or empty, holds an infinite value, or an option has a wrong value.
    TypeError
        The values are not real numbers.
    """
    shown = smooth(values, blur)
    if shown.size == 0:
        raise ValueError(f"values must not be empty, got shape {shown.shape}")
    check_size(size, aspect)
    measure = Measure(max(size / 960, SMALLEST))
    made = as_scale(shown, scale, vmin, vmax)
    ground = Ground.of(
        (shown.shape[0], shown.shape[1]),
        size,
        aspect,
        background=background,
        opacity=opacity,
        interpolation=interpolation,
    )
    paint = paint_over(
        background,
        colormap=colormap,
        scale=made,
        zero=zero,
        blur=blur,
        minimum_opacity=minimum_opacity,
    )
    whole = is_whole(shown)
    plot = Plot(
        measure,
        paint.color(shown),
        ground,
        paint.bar(measure, ground, ground.fit.height, whole=whole),
        paint.legend(legend),
        shown if numbers and whole and ground.plain else None,
    )
    notes = [
        footnote,
        _blurred(blur),
        _clipped(shown, made),
        _without_data(shown, background),
        _reduced(ground.fit),
    ]
    note = " · ".join(filter(None, notes))
    width = max(plot.width, measure.px(NARROWEST))
    blocks: list[Block] = [plot]
    if title or subtitle:
        blocks.insert(0, Heading(measure, width, title, subtitle))
    if stats:
        blocks.append(Cards(measure, width, stats))
    if note:
        blocks.append(Note(measure, width, note))
    return Page(measure, blocks, width, title, ". ".join(filter(None, [subtitle, note])))


def _blurred(blur: Blur | None) -> str:
    if blur is None:
        return ""
    by = "" if callable(blur) else f" by {number(blur)} cells"
    return f"drawn blurred{by}"


def _clipped(shown: NDArray[np.float64], scale: Scale) -> str:
    """Say which values have the colours of the ends though they lie beyond them."""
    ends = []
    if (shown < scale.vmin).any():
        ends.append(f"below {number(scale.vmin)}")
    if (shown > scale.vmax).any():
        ends.append(f"above {number(scale.vmax)}")
    return f"values {' and '.join(ends)} have the colour of the end" if ends else ""


def _without_data(shown: NDArray[np.float64], background: NDArray[np.uint8] | None) -> str:
    if not np.isnan(shown).any():
        return ""
    return "grey cells have no data" if background is None else "cells without data are not drawn"


def _reduced(fit: Fit) -> str:
    rows, columns = fit.blocks
    return f"each pixel averages the colours of {columns} by {rows} cells" if fit.blocks != (1, 1) else ""
