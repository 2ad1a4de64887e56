"""Maps in matplotlib axes: an image of the counts, with a color bar, without changes to global state."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.limits import DEFAULT, Limits
from heatgrid.errors import require
from heatgrid.viz import colormaps, text
from heatgrid.viz.background import load, muted
from heatgrid.viz.canvas import bounded_aspect, limited_aspect
from heatgrid.viz.options import ColorOptions
from heatgrid.viz.pixels import Style, center_on_zero, smooth
from heatgrid.viz.scales import is_whole, round_ticks

require("matplotlib", "plot")

from matplotlib.colors import ListedColormap, Normalize  # noqa: E402
from matplotlib.ticker import MaxNLocator  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heatgrid.viz.options import Background, Images
    from heatgrid.viz.scales import Scale
    from heatgrid.viz.text import Map

COLORS = (*ColorOptions.__annotations__, "minimum_opacity")


class ScaleNorm(Normalize):
    """A scale as a matplotlib norm; ``set_clim`` moves its ends."""

    def __init__(self, scale: Scale) -> None:
        super().__init__(scale.vmin, scale.vmax)
        self.scale = scale

    def _moved(self) -> Scale:
        ends = {name: end for name in ("vmin", "vmax") if (end := getattr(self, name)) is not None}
        return replace(self.scale, **ends)

    def __call__(self, value: Any, clip: bool | None = None) -> Any:  # noqa: ARG002 - always clipped
        """Return shares in [0, 1], masked where values are masked."""
        masked = np.ma.masked_invalid(np.ma.asarray(value, dtype=np.float64))
        shares = np.ma.array(self._moved().normalize(masked.filled(np.nan)), mask=masked.mask)
        return shares if np.ndim(value) else shares.item()

    def inverse(self, value: Any) -> Any:
        """Return the values of shares."""
        return self._moved().invert(value)


def plot(
    heat: Map,
    ax: Any = None,
    *,
    background: Background | None = None,
    images: Images | None = None,
    limits: Limits = DEFAULT,
    mute: bool = True,
    opacity: float = 0.7,
    extent: Sequence[float] | None = None,
    colorbar: bool = True,
    label: str | None = None,
    **options: Any,
) -> Any:
    """Draw a map into axes; see `heatgrid.Heatmap.plot`."""
    colors = {name: value for name in COLORS if (value := options.pop(name, None)) is not None}
    shown = smooth(heat.counts, colors.get("blur"))
    below = None if background is None else load(background, images, limits=limits)
    if below is not None and mute:
        below = muted(below)
    zero = "color" if below is None else "transparent"
    style = Style.of(shown, **({"zero": zero} | center_on_zero(shown, colors)))
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.subplots(layout="constrained")[1]
    width, height = (1.0, 1.0) if below is None else (below.shape[1], below.shape[0])
    upwards = heat.spec.of == "size"
    ends = (0.0, height) if upwards else (height, 0.0)
    left, right, bottom, top = extent = tuple(extent or (0.0, width, *ends))
    ratio = (bounded_aspect(heat) or limited_aspect(shown.shape)) if below is None else width / height
    if below is not None:
        ax.imshow(below, extent=extent, aspect="auto", zorder=0)
    alpha = 1.0 if style.zero == "color" else style.color(shown)[..., 3] / 255.0
    scale = style.scale
    artist = ax.imshow(
        np.ma.masked_invalid(shown),
        **{
            "cmap": ListedColormap(colormaps.get(style.colormap) / 255.0),
            "norm": Normalize(scale.vmin, scale.vmax) if scale.kind == "linear" else ScaleNorm(scale),
            "alpha": alpha * (1.0 if below is None else opacity),
            "extent": extent,
            "aspect": abs((right - left) / (bottom - top)) / ratio,
            "interpolation": "nearest",
            "origin": "lower" if upwards else "upper",
            "zorder": 0.5,
        }
        | options,
    )
    if colorbar:
        _add_bar(artist, ax, scale, text.unit(heat) if label is None else label, whole=is_whole(shown))
    return artist


def _add_bar(artist: Any, ax: Any, scale: Scale, label: str, *, whole: bool) -> None:
    bar = ax.figure.colorbar(artist, ax=ax, label=label)
    if scale.kind != "linear":
        ticks = round_ticks(scale, whole=whole)
        bar.set_ticks([tick.value for tick in ticks], labels=[tick.label for tick in ticks])
        bar.ax.minorticks_off()
    elif whole:
        bar.locator = MaxNLocator(integer=True)
        bar.update_ticks()
