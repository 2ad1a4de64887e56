"""Many maps side by side, on one scale, so that their colours can be compared."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.viz.canvas import FAINT, INK, MUTED
from heatgrid.viz.colorize import as_scale, smooth
from heatgrid.viz.ground import Ground
from heatgrid.viz.paint import SMALLEST, check_size, is_whole, paint_over
from heatgrid.viz.picture_layout import Heading, Note, Page
from heatgrid.viz.picture_plot import TICK, Bar
from heatgrid.viz.text import Measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.viz.canvas import Canvas
    from heatgrid.viz.colorize import Blur, Zero
    from heatgrid.viz.colormaps import Colormap
    from heatgrid.viz.picture_layout import Block
    from heatgrid.viz.resample import Interpolation
    from heatgrid.viz.scales import Kind, Scale

NAME, GAP = 14, 20


def sheet(
    maps: Sequence[ArrayLike] | NDArray[np.number],
    names: Sequence[str],
    *,
    details: Sequence[str] | None = None,
    title: str = "",
    subtitle: str | None = None,
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
    columns: int | None = None,
    size: int = 1200,
) -> Page:
    """Put small maps side by side, with one scale and one colour bar for all.

    Parameters
    ----------
    maps
        (rows, columns) grids of one shape, such as a (maps, rows, columns) array.
    names
        A name each.
    details
        A few words each, after the name.
    title, subtitle, footnote, legend, colormap, scale, vmin, vmax, zero, blur, minimum_opacity, \
    interpolation, background, opacity, aspect
        As in `picture`; the background is below each map.
    columns
        Maps in a row; by default so many that the sheet is about as wide as high.
    size
        About how many pixels all maps take in width.

    Returns
    -------
    Page
        Which is drawn by its methods ``pixels`` and ``svg``.

    Raises
    ------
    ValueError
        There is no map, maps differ in shape, or an option has a wrong value.
    TypeError
        The values are not real numbers.
    """
    shown = [smooth(values, blur) for values in maps]
    details = [""] * len(shown) if details is None else details
    _check(shown, names, details, columns)
    check_size(size, aspect)
    columns = min(columns or math.ceil(math.sqrt(len(shown))), len(shown))
    measure = Measure(max(size / 1200, SMALLEST))
    together = np.stack(shown)
    made = as_scale(together, scale, vmin, vmax)
    paint = paint_over(
        background,
        colormap=colormap,
        scale=made,
        zero=zero,
        blur=blur,
        minimum_opacity=minimum_opacity,
    )
    ground = Ground.of(
        (together.shape[1], together.shape[2]),
        max(size // columns, 64),
        aspect,
        background=background,
        opacity=opacity,
        interpolation=interpolation,
    )
    height = max(ground.fit.height, measure.px(200))
    panels = Panels(
        measure,
        [paint.color(values) for values in shown],
        ground,
        paint.bar(measure, ground, height, whole=is_whole(together)),
        list(zip(names, details, strict=True)),
        columns,
        paint.legend(legend),
    )
    blocks: list[Block] = [panels]
    if title or subtitle:
        blocks.insert(0, Heading(measure, panels.width, title, subtitle))
    if footnote:
        blocks.append(Note(measure, panels.width, footnote))
    return Page(measure, blocks, panels.width, title, ". ".join(filter(None, [subtitle, footnote])))


def _check(
    shown: Sequence[NDArray[np.float64]], names: Sequence[str], details: Sequence[str], columns: int | None
) -> None:
    shapes = {values.shape for values in shown}
    if len(shapes) != 1 or 0 in next(iter(shapes)):
        raise ValueError(f"maps must be grids of one shape, and not empty, got {sorted(shapes)}")
    if not len(shown) == len(names) == len(details):
        raise ValueError(
            f"{len(shown)} maps need as many names and details, got {len(names)}, {len(details)}"
        )
    if columns is not None and columns < 1:
        raise ValueError(f"columns must be at least 1, got {columns!r}")


@dataclass(frozen=True, slots=True, eq=False)
class Panels:
    """Maps in rows, each below its name, and the colour bar at the right of the first."""

    measure: Measure
    maps: Sequence[NDArray[np.uint8]]
    ground: Ground
    bar: Bar
    names: Sequence[tuple[str, str]]
    columns: int
    legend: str = ""

    @property
    def width(self) -> int:
        """Width in pixels."""
        legend = self.measure.width(self.legend, TICK)
        return self.columns * self._step[0] + max(self.bar.width, legend)

    @property
    def height(self) -> int:
        """Height in pixels."""
        rows = math.ceil(len(self.maps) / self.columns)
        return max(rows * self._step[1] - self.measure.px(GAP), self._head + self.bar.height + 1)

    @property
    def _head(self) -> int:
        return self.measure.line(NAME) + self.measure.px(6)

    @property
    def _step(self) -> tuple[int, int]:
        gap = self.measure.px(GAP)
        return self.ground.fit.width + gap, self._head + self.ground.fit.height + gap

    def draw(self, canvas: Canvas, x: int, y: int) -> None:
        """Draw with the upper left corner at (x, y)."""
        m, fit = self.measure, self.ground.fit
        for i, (cells, (name, detail)) in enumerate(zip(self.maps, self.names, strict=True)):
            row, column = divmod(i, self.columns)
            left, top = x + 1 + column * self._step[0], y + row * self._step[1]
            shown = m.cut(name, NAME, fit.width)
            canvas.write((left - 1, top), shown, size=NAME, color=INK)
            if m.width(f"{shown}  {detail}", NAME) <= fit.width:
                canvas.write((left + fit.width, top), detail, size=NAME, color=MUTED, anchor="ra")
            top += self._head
            canvas.cells(cells, self.ground, left, top)
            canvas.box((left - 1, top - 1, left + fit.width, top + fit.height), outline=FAINT)
        right = x + 1 + self.columns * self._step[0]
        canvas.write((right - 1, y), self.legend, size=TICK, color=MUTED)
        self.bar.draw(canvas, right, y + self._head)
