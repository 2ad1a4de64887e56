"""Maps as text: half blocks in color, or numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from heatgrid.viz import colormaps
from heatgrid.viz.figure import oriented
from heatgrid.viz.pixels import Style, center_on_zero, over_white, smooth
from heatgrid.viz.text import number, unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.grid_map import GridMap
    from heatgrid.viz.options import ColorOptions, Pixels

_LEVELS = np.array([0, 95, 135, 175, 215, 255])  # of the color cube in xterm's palette of 256
_BAR = 24  # width of the color bar
_NUMBERS = 10  # rows and columns of a table of numbers, at most


def color_text(
    heat: GridMap, width: int, height: int, *, true_color: bool = True, **options: Unpack[ColorOptions]
) -> str:
    """Return a map of at most ``width`` characters and ``height`` lines, and its color bar below.

    A character is two pixels high. A pixel has the mean color of the cells that it covers. Without
    ``true_color``, colors are the nearest of xterm's 256.
    """
    from PIL import Image

    chosen = center_on_zero(heat.counts, {**options})
    shown = oriented(heat, smooth(heat.counts, chosen.get("blur")))
    style = Style.of(shown, **chosen)
    rows, columns = shown.shape
    scale = min(width / columns, 2 * height / rows)
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    cells = Image.fromarray(over_white(style.color(shown)))
    pixels = np.asarray(cells.resize(size, Image.Resampling.BOX))
    table = colormaps.get(style.colormap)[np.linspace(0, colormaps.SIZE - 1, _BAR).astype(int)]
    bar = _half_blocks(np.stack([table, table]), true_color=true_color)
    ends = [number(value) for value in (style.scale.vmin, style.scale.vmax)]
    legend = f"{ends[0]} {bar} {ends[1]} {unit(heat)}"
    return f"{_half_blocks(pixels, true_color=true_color)}\n{legend}"


def _half_blocks(pixels: Pixels, *, true_color: bool) -> str:
    """Return RGB pixels as lines of half blocks; an odd last row leaves the lower half as it is."""
    lines = []
    codes = [[_code(color, true_color) for color in row] for row in pixels.tolist()]
    for i in range(0, len(codes), 2):
        text, last = "", ""
        for j, upper in enumerate(codes[i]):
            code = f"38;{upper}" + (f";48;{codes[i + 1][j]}" if i + 1 < len(codes) else "")
            text += ("" if code == last else f"\x1b[{code}m") + "▀"
            last = code
        lines.append(f"{text}\x1b[0m")
    return "\n".join(lines)


def _code(color: list[int], true_color: bool) -> str:
    if true_color:
        return "2;" + ";".join(map(str, color))
    red, green, blue = (int(np.abs(_LEVELS - channel).argmin()) for channel in color)
    return f"5;{16 + 36 * red + 6 * green + blue}"


def number_text(heat: GridMap) -> str:
    """Return a small map as a table of its counts; of a larger one, the means of equal blocks of cells.

    Cells without data are left out of the means, and a dash.
    """
    grid: NDArray[Any] = oriented(heat, heat.counts)
    title = unit(heat)
    factors = [-(-length // _NUMBERS) for length in grid.shape]
    if max(factors) > 1:
        title += f", mean of blocks of {factors[0]} x {factors[1]} cells"
        sums, cells = np.nan_to_num(grid.astype(np.float64)), (~np.isnan(grid)).astype(np.float64)
        for axis, factor in enumerate(factors):
            starts = np.arange(0, grid.shape[axis], factor)
            sums, cells = (np.add.reduceat(values, starts, axis) for values in (sums, cells))
        grid = np.divide(sums, cells, out=np.full(sums.shape, np.nan), where=cells > 0)
    texts = [["-" if np.isnan(value) else number(value) for value in row] for row in grid.tolist()]
    width = max(len(text) for row in texts for text in row)
    return "\n".join([title, *(" ".join(text.rjust(width) for text in row) for row in texts)])
