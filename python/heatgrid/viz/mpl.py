"""Maps in matplotlib's figures: an image of the true numbers, with a colour bar, and nothing global."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.ticker import MaxNLocator

from heatgrid.viz import Scale, colorize, colormaps
from heatgrid.viz.background import load
from heatgrid.viz.colorbar import round_ticks
from heatgrid.viz.colorize import as_scale, smooth
from heatgrid.viz.ground import LONGEST
from heatgrid.viz.paint import is_whole
from heatgrid.viz.pictures import about_zero, unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heatgrid.heatmap import Heatmap
    from heatgrid.viz.background import Images, Source
    from heatgrid.viz.colorize import Blur, Zero
    from heatgrid.viz.colormaps import Colormap
    from heatgrid.viz.scales import Kind


class ScaleNorm(Normalize):
    """A scale as matplotlib takes it; its ends may be moved, as by ``set_clim``."""

    def __init__(self, scale: Scale) -> None:
        super().__init__(scale.vmin, scale.vmax)
        self.scale = scale

    def _moved(self) -> Scale:
        ends = {name: end for name in ("vmin", "vmax") if (end := getattr(self, name)) is not None}
        return replace(self.scale, **ends)

    def __call__(self, value: Any, clip: bool | None = None) -> Any:  # noqa: ARG002 - always clipped
        """Return shares in [0, 1], masked where values are."""
        masked = np.ma.masked_invalid(np.ma.asarray(value, dtype=np.float64))
        shares = np.ma.array(self._moved().normalize(masked.filled(np.nan)), mask=masked.mask)
        return shares if np.ndim(value) else shares.item()

    def inverse(self, value: Any) -> Any:
        """Return the values of shares."""
        return self._moved().invert(value)


def plot(
    heat: Heatmap,
    ax: Any = None,
    *,
    colormap: Colormap | None = None,
    scale: Kind | Scale = "linear",
    vmin: float | None = None,
    vmax: float | None = None,
    zero: Zero | None = None,
    blur: Blur | None = None,
    minimum_opacity: float = 0.25,
    background: Source | None = None,
    images: Images | None = None,
    opacity: float = 0.7,
    extent: Sequence[float] | None = None,
    colorbar: bool = True,
    label: str | None = None,
    **options: Any,
) -> Any:
    """Draw a map into axes; see `heatgrid.Heatmap.plot`."""
    shown = smooth(heat.counts, blur)
    ends = about_zero(shown, {"colormap": colormap, "vmin": vmin, "vmax": vmax, "scale": scale})
    made = as_scale(shown, scale, ends["vmin"], ends["vmax"])
    picture = None if background is None else load(background, images)
    if ax is None:
        ax = _own_axes()
    left, right, bottom, top = extent = tuple(extent or _extent(picture))
    ratio = min(max(shown.shape[1] / shown.shape[0], 1 / LONGEST), LONGEST)
    if picture is not None:
        ratio = picture.size[0] / picture.size[1]
        ax.imshow(picture.pixels, extent=extent, aspect="auto", zorder=0)
    alpha = _alpha(
        shown, made, zero or ("color" if picture is None else "transparent"), blur, minimum_opacity
    )
    drawn = ax.imshow(
        np.ma.masked_invalid(shown),
        **{
            "cmap": ListedColormap(colormaps.get(ends["colormap"] or "roboflow") / 255.0),
            "norm": Normalize(made.vmin, made.vmax) if made.kind == "linear" else ScaleNorm(made),
            "alpha": alpha * (1.0 if picture is None else opacity),
            "extent": extent,
            "aspect": abs((right - left) / (bottom - top)) / ratio,
            "interpolation": "nearest",
            "zorder": 0.5,
        }
        | options,
    )
    if colorbar:
        _add_bar(drawn, ax, made, unit(heat) if label is None else label, whole=is_whole(shown))
    return drawn


def _own_axes() -> Any:
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1]


def _extent(picture: Any) -> tuple[float, float, float, float]:
    """Return left, right, bottom, top: pixels of the background, or shares of the image."""
    width, height = (1.0, 1.0) if picture is None else picture.size
    return 0.0, width, height, 0.0


def _alpha(shown: Any, scale: Scale, zero: Zero, blur: Blur | None, least: float) -> Any:
    """Return the opacity of each cell, or of all."""
    if zero == "color":
        return 1.0
    again = None if blur is None else np.asarray
    return colorize(shown, scale=scale, zero=zero, blur=again, minimum_opacity=least)[..., 3] / 255.0


def _add_bar(drawn: Any, ax: Any, scale: Scale, label: str, *, whole: bool) -> None:
    bar = ax.figure.colorbar(drawn, ax=ax, label=label)
    if scale.kind != "linear":
        ticks = round_ticks(scale, whole=whole)
        bar.set_ticks([tick.value for tick in ticks], labels=[tick.label for tick in ticks])
        bar.ax.minorticks_off()
    elif whole:
        bar.locator = MaxNLocator(integer=True)
        bar.update_ticks()
