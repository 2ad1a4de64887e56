"""Finished pictures: title, map, colour bar, statistics, small print."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatgrid.render.colorize import as_scale, smooth
from heatgrid.render.page import Cards, Heading, Note, compose
from heatgrid.render.paint import SMALLEST, Paint, check_size, is_whole
from heatgrid.render.plot import Fit, Plot
from heatgrid.render.text import Measure, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.render.colorize import Blur, Zero
    from heatgrid.render.colormaps import Colormap
    from heatgrid.render.page import Block
    from heatgrid.render.scales import Kind, Scale

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
    zero: Zero = "color",
    blur: Blur | None = None,
    aspect: float | None = None,
    size: int = 960,
    numbers: bool = True,
) -> NDArray[np.uint8]:
    """Draw a finished picture of a map.

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
    colormap, scale, vmin, vmax, zero, blur
        As in `colorize`.
    aspect
        Width over height of the map; by default cells are square, unless the map would be longer than
        three times its other side.
    size
        About how many pixels the map's longer side takes. Cells are a whole number of pixels; of maps with
        more cells than that, each pixel is the mean colour of a block of cells.
    numbers
        Whether to write the values into the cells where there is room.

    Returns
    -------
    ndarray
        (height, width, 4) uint8 RGBA, opaque.

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
    # What is to be blurred is blurred by now, and only once.
    paint = Paint(colormap, made, zero, None if blur is None else np.asarray)
    fit = Fit.of((shown.shape[0], shown.shape[1]), size, aspect)
    whole = is_whole(shown)
    plot = Plot(
        measure,
        paint.color(shown),
        fit,
        paint.bar(measure, fit.height, whole=whole),
        paint.legend(legend),
        shown if numbers and whole else None,
    )
    notes = [footnote or "", _blurred(blur), _clipped(shown, made), _without_data(shown), _reduced(fit)]
    width = max(plot.width, measure.px(NARROWEST))
    blocks: list[Block] = [plot]
    if title or subtitle:
        blocks.insert(0, Heading(measure, width, title, subtitle))
    if stats:
        blocks.append(Cards(measure, width, stats))
    if any(notes):
        blocks.append(Note(measure, width, " · ".join(filter(None, notes))))
    return compose(measure, width, blocks)


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


def _without_data(shown: NDArray[np.float64]) -> str:
    return "grey cells have no data" if np.isnan(shown).any() else ""


def _reduced(fit: Fit) -> str:
    rows, columns = fit.blocks
    return f"each pixel averages the colours of {columns} by {rows} cells" if fit.blocks != (1, 1) else ""
