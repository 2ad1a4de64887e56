"""Colormaps: tables of 256 RGB colors by name, by OpenCV number, or from the caller."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from heatgrid.core.spec import check_choice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.viz.options import Colormap

    Table: TypeAlias = NDArray[np.uint8]

SIZE = 256

DEFAULT = "heat"

GRADIENTS: dict[str, tuple[str, ...]] = {
    # White, blue, violet, dark red in equal steps of lightness. In CIELCh (D65), at t = 0, 1/8 … 1:
    # L* = 100 - 78 t, hue = 250° + 145° t^2.2, chroma = 58 or 96 % of the largest in sRGB, but white at 0.
    "heat": (
        *("#ffffff", "#cae7fe", "#95cefd", "#66b2fc", "#5392f8"),
        *("#7c6ccf", "#963f97", "#920b4f", "#6f0609"),
    ),
    # Linear interpolation from blue to orange would pass through a dull brown.
    "roboflow": ("#ffffff", "#a2c3fa", "#4587f4", "#bd8cb4", "#ff981c", "#ee591b", "#cf1220"),
    "balance": ("#0b3c8c", "#3f83cf", "#a9cdec", "#ffffff", "#f6b9a6", "#dd5a49", "#8f0f26"),
}
"""heatgrid's own maps, as evenly spaced colors from low to high. "heat" is the default, "roboflow" has the
colors of the preset, and "balance" is neutral in the middle."""


def get(colormap: Colormap = DEFAULT) -> Table:
    """Return the (256, 3) uint8 RGB table of a colormap; read-only for maps by name or number.

    A colormap is a name, in any case (``"heat"``, ``"roboflow"``, ``"balance"`` or one of OpenCV's, with or
    without its ``"COLORMAP_"``); an OpenCV number, 0 … 21; a matplotlib or cmap colormap or anything else
    that returns RGB or RGBA for numbers in [0, 1]; or an (N, 3) or (N, 4) array of colors from low to high,
    uint8 or floats in [0, 1], N at least 2. Opacity is ignored.
    """
    if isinstance(colormap, str):
        name = colormap.lower().removeprefix("colormap_")
        if name in GRADIENTS:
            return _gradient(name)
        check_choice("colormap", name, names())
        return _opencv()[name]
    if isinstance(colormap, int | np.integer) and not isinstance(colormap, bool):
        tables = list(_opencv().values())
        if not 0 <= colormap < len(tables):
            raise ValueError(f"colormap must be an OpenCV number from 0 to {len(tables) - 1}, got {colormap}")
        return tables[colormap]
    if callable(colormap):
        return _resampled(np.asarray(colormap(np.linspace(0.0, 1.0, SIZE))))
    if isinstance(colormap, np.ndarray | list | tuple):
        return _resampled(np.asarray(colormap))
    raise TypeError(f"colormap must be a name, a number, an array or callable, got {type(colormap).__name__}")


def names() -> tuple[str, ...]:
    """Return the names of all colormaps: heatgrid's own, then OpenCV's in the order of their numbers."""
    return (*GRADIENTS, *_opencv())


@cache
def _opencv() -> dict[str, Table]:
    """Return OpenCV's tables, in the order of their numbers."""
    with np.load(Path(__file__).with_name("opencv.npz")) as tables:
        # Steps from color to color, modulo 256, take a third of the colors' space.
        loaded = {name: np.cumsum(tables[name], axis=0, dtype=np.uint8) for name in tables.files}
    for table in loaded.values():
        table.flags.writeable = False
    return loaded


@cache
def _gradient(name: str) -> Table:
    anchors = [[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in GRADIENTS[name]]
    table = _resampled(np.array(anchors, dtype=np.uint8))
    table.flags.writeable = False
    return table


def _resampled(colors: NDArray[Any]) -> Table:
    """Return colors as a table of 256, linearly interpolated."""
    if colors.ndim != 2 or colors.shape[0] < 2 or colors.shape[1] not in (3, 4):
        raise ValueError(f"colormap must have shape (N, 3) or (N, 4), N at least 2, got {colors.shape}")
    if colors.dtype.kind not in "iuf":
        raise TypeError(f"colormap must be numbers, got dtype {colors.dtype}")
    rgb = colors[:, :3].astype(np.float64)
    top = 1.0 if colors.dtype.kind == "f" else 255.0
    if not ((rgb >= 0) & (rgb <= top)).all():
        raise ValueError(f"colormap of dtype {colors.dtype} must have values in 0 … {top:g}")
    if len(rgb) != SIZE:
        places = np.linspace(0, len(rgb) - 1, SIZE)
        rgb = np.stack([np.interp(places, np.arange(len(rgb)), channel) for channel in rgb.T], axis=1)
    table: Table = np.rint(rgb * (255.0 / top)).astype(np.uint8)
    return table
