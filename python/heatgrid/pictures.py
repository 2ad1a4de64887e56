"""Finished pictures of a `Heatmap`: what its title, statistics and small print say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from heatgrid.heatmap import Heatmap

RULES = {
    "center": "a cell counts where its centre is covered",
    "touch": "a cell counts where it is touched",
    "point": "the cell of the middle counts",
}


def picture(heat: Heatmap, *, title: str | None = None, **options: Any) -> NDArray[np.uint8]:
    """Draw a finished picture of a map, all its classes together.

    Parameters
    ----------
    heat
        The map.
    title
        By default what was counted.
    **options
        As `heatgrid.render.picture` takes them; they go before what is filled in from the map.

    Returns
    -------
    ndarray
        (height, width, 4) uint8 RGBA.
    """
    from heatgrid import render

    filled = {
        "title": "Where the objects are" if title is None else title,
        "subtitle": _subtitle(heat),
        "stats": heat.stats().quartiles,
        "legend": "objects per cell",
        "footnote": _footnote(heat),
    }
    drawn: NDArray[np.uint8] = render.picture(heat.counts, **(filled | options))
    return drawn


def _subtitle(heat: Heatmap) -> str:
    report = heat.report
    parts = [f"{report.counted:,} objects"]
    if report.images:
        parts.append(f"{report.images:,} images")
    if len(heat.classes) == 1:
        parts.append(heat.classes[0])
    elif heat.classes:
        parts.append(f"{len(heat.classes):,} classes")
    rows, columns = heat.shape
    return " · ".join([*parts, f"{rows:,} by {columns:,} cells"])


def _footnote(heat: Heatmap) -> str:
    stats = heat.stats()
    parts = [
        f"{stats.covered / stats.cells:.1%} of the cells hit",
        RULES[heat.rule],
        "axes in shares of the image",
    ]
    if left_out := heat.report.skips:
        parts.insert(1, f"{left_out:,} annotations left out")
    return " · ".join(parts)
