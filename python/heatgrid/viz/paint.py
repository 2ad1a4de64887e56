"""What the maps of one picture share: colours, scale, and the colour bar that tells both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.viz.colorbar import color_bar
from heatgrid.viz.colorize import colorize
from heatgrid.viz.picture_plot import TICK, Bar

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.viz.colorize import Blur, Zero
    from heatgrid.viz.colormaps import Colormap
    from heatgrid.viz.ground import Ground
    from heatgrid.viz.scales import Scale
    from heatgrid.viz.text import Measure

NO_DATA = (226, 229, 234)

SMALLEST = 0.8
"""Pixels a design unit of small pictures, below which letters could not be read."""


@dataclass(frozen=True, slots=True)
class Paint:
    """How values become colours; see `heatgrid.viz.colorize`."""

    colormap: Colormap
    scale: Scale
    zero: Zero
    blur: Blur | None
    minimum_opacity: float = 0.25
    nan: tuple[int, int, int] | None = NO_DATA

    def color(self, values: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Return (rows, columns, 4) uint8 RGBA; cells without data as ``nan`` says."""
        return colorize(
            values,
            colormap=self.colormap,
            scale=self.scale,
            zero=self.zero,
            blur=self.blur,
            minimum_opacity=self.minimum_opacity,
            nan=self.nan,
        )

    def bar(self, measure: Measure, ground: Ground, height: int, *, whole: bool) -> Bar:
        """Return the colour bar, coloured as cells of its values are on the ground."""
        gap = max(0.09, 1.6 * measure.line(TICK) / height)
        design = color_bar(self.scale, whole=whole, length=height, gap=gap)
        colors = ground.swatches(self.color(design.values[:, np.newaxis])[:, 0])
        return Bar(measure, height, colors, design.ticks)

    def legend(self, text: str) -> str:
        """Say what the bar's numbers are, and on which scale if it is not linear."""
        return text if self.scale.kind == "linear" else f"{text} ({self.scale.kind} scale)".strip()


def paint_over(
    background: NDArray[np.uint8] | None,
    *,
    colormap: Colormap,
    scale: Scale,
    zero: Zero | None,
    blur: Blur | None,
    minimum_opacity: float,
) -> Paint:
    """Return how to paint values that are blurred already; over a background, no data are not drawn."""
    again = None if blur is None else np.asarray
    if background is None:
        return Paint(colormap, scale, zero or "color", again, minimum_opacity)
    return Paint(colormap, scale, zero or "transparent", again, minimum_opacity, None)


def is_whole(values: NDArray[np.float64]) -> bool:
    """Whether all values are whole numbers, but for those without data."""
    known = values[~np.isnan(values)]
    return bool((known == np.rint(known)).all())


def check_size(size: int, aspect: float | None) -> None:
    """Raise ValueError where a picture of such a size cannot be drawn."""
    if not 64 <= size <= 16_384:
        raise ValueError(f"size must be in 64 … 16384 pixels, got {size!r}")
    if aspect is not None and not 0.05 <= aspect <= 20.0:
        raise ValueError(f"aspect must be in 0.05 … 20, got {aspect!r}")
