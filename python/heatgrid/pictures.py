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
    "area": "a cell adds the share that is covered",
}


def picture(
    heat: Heatmap, *, title: str | None = None, by_class: bool = False, **options: Any
) -> NDArray[np.uint8]:
    """Draw a finished picture of a map.

    Parameters
    ----------
    heat
        The map.
    title
        By default what the picture shows.
    by_class
        Whether to draw a small map for each class, most hits first, instead of one for all together.
    **options
        As `heatgrid.render.picture` takes them, or `heatgrid.render.sheet` with ``by_class``; they go before
        what is filled in from the map.

    Returns
    -------
    ndarray
        (height, width, 4) uint8 RGBA.

    Raises
    ------
    ValueError
        An option has a wrong value, or classes are asked for that the map does not have.
    """
    from heatgrid import render

    filled: dict[str, Any] = {
        "title": "Where the objects are" if title is None else title,
        "subtitle": _subtitle(heat),
        "legend": "objects per cell",
        "footnote": _footnote(heat),
    }
    shown = heat.by_class if by_class else heat.counts
    if shown.min(initial=0) < 0:  # a difference of maps: zero has the neutral colour
        filled["colormap"] = "balance"
        if not options.keys() & {"vmin", "vmax", "scale"}:
            reach = max(-int(shown.min()), int(shown.max()))
            filled |= {"vmin": -reach, "vmax": reach}
    drawn: NDArray[np.uint8]
    if not by_class:
        filled["footnote"] += " · axes in shares of the image"
        drawn = render.picture(shown, **(filled | {"stats": heat.stats().quartiles} | options))
        return drawn
    if not heat.classes:
        raise ValueError("by_class needs a map with classes")
    totals = heat.by_class.sum(axis=(1, 2)).tolist()
    order = sorted(range(len(totals)), key=totals.__getitem__, reverse=True)
    filled["details"] = [f"{totals[i]:,} hits" for i in order]
    drawn = render.sheet(shown[order], [heat.classes[i] for i in order], **(filled | options))
    return drawn


def _subtitle(heat: Heatmap) -> str:
    report = heat.report
    parts = []
    if report.counted:  # the map of one class, or a difference of maps, does not know
        parts.append(f"{report.counted:,} objects")
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
    parts = [f"{stats.covered:,} of {stats.cells:,} cells hit", RULES[heat.rule]]
    if left_out := heat.report.skips:
        parts.append(f"{left_out:,} annotations left out")
    return " · ".join(parts)
