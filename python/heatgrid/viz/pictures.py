"""Finished pictures of a `Heatmap`: what its title, statistics and small print say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.viz.background import load

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.heatmap import Heatmap
    from heatgrid.viz.picture_layout import Page
    from heatgrid.viz.resample import Interpolation

RULES = {
    "center": "a cell counts where its centre is covered",
    "touch": "a cell counts where it is touched",
    "point": "the cell of the middle counts",
    "area": "a cell adds the share that is covered",
}


def image(
    heat: Heatmap,
    *,
    background: Any = None,
    images: Any = None,
    opacity: float = 0.7,
    interpolation: Interpolation = "nearest",
    size: tuple[int, int] | None = None,
    **options: Any,
) -> NDArray[np.uint8]:
    """Colour a map's cells; see `heatgrid.Heatmap.image`."""
    from heatgrid import viz as render

    options = about_zero(heat.counts, options)
    if background is None:
        cells: NDArray[np.uint8] = render.colorize(heat.counts, **options)
        return cells if size is None else render.enlarge(cells, size, interpolation)
    below = load(background, images, fit=heat.spec.fit).pixels
    if size is not None:
        below = render.fitted(below, size)
    cells = render.colorize(heat.counts, **({"zero": "transparent"} | options))
    return render.overlay(below, cells, opacity=opacity, interpolation=interpolation)


def picture(
    heat: Heatmap,
    *,
    title: str | None = None,
    by_class: bool = False,
    background: Any = None,
    images: Any = None,
    **options: Any,
) -> Page:
    """Make a finished picture of a map.

    Parameters
    ----------
    heat
        The map.
    title
        By default what the picture shows.
    by_class
        Whether to draw a small map for each class, most hits first, instead of one for all together.
    background, images
        An image to lay the map over, as `heatgrid.viz.background.load` takes it.
    **options
        As `heatgrid.viz.picture` takes them, or `heatgrid.viz.sheet` with ``by_class``; they go before
        what is filled in from the map.

    Returns
    -------
    Page
        Which is drawn by its methods ``pixels``, ``png`` and ``svg``.

    Raises
    ------
    ValueError
        An option has a wrong value, or classes are asked for that the map does not have.
    """
    from heatgrid import viz as render

    if background is not None:
        options["background"] = load(background, images, fit=heat.spec.fit).pixels
    filled: dict[str, Any] = {
        "title": "Where the objects are" if title is None else title,
        "subtitle": _subtitle(heat),
        "legend": unit(heat),
        "footnote": _footnote(heat),
    }
    shown = heat.by_class if by_class else heat.counts
    options = about_zero(shown, options)
    if not by_class:
        whole = "image" if heat.spec.fit == "stretch" else "image's square"
        filled["footnote"] += f" · axes in shares of the {whole}"
        return render.picture(shown, **(filled | {"stats": heat.stats().quartiles} | options))
    if not heat.classes:
        raise ValueError("by_class needs a map with classes")
    totals = heat.by_class.sum(axis=(1, 2)).tolist()
    order = sorted(range(len(totals)), key=totals.__getitem__, reverse=True)
    filled["details"] = [f"{totals[i]:,} hits" for i in order]
    return render.sheet(shown[order], [heat.classes[i] for i in order], **(filled | options))


def about_zero(shown: NDArray[np.number], options: dict[str, Any]) -> dict[str, Any]:
    """Return options that draw a difference of maps, which has negative values, about a neutral zero.

    A colormap, or a scale or its ends, that somebody gave goes first.
    """
    low, high = float(np.nanmin(shown, initial=0)), float(np.nanmax(shown, initial=0))
    if low >= 0:
        return options
    filled = {name: value for name, value in options.items() if value is not None}
    filled.setdefault("colormap", "balance")
    if filled.keys() & {"vmin", "vmax"} or filled.get("scale", "linear") != "linear":
        return options | filled
    reach = max(-low, high)
    return options | filled | {"vmin": -reach, "vmax": reach}


def unit(heat: Heatmap) -> str:
    """Say what a number of the map is."""
    if heat.spec.weighted:
        return "weight per cell"
    return f"{'images' if heat.spec.count == 'images' else 'objects'} per cell"


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
    parts = [f"{stats.covered:,} of {stats.cells:,} cells hit", RULES[heat.spec.rule]]
    if left_out := heat.report.skips:
        parts.append(f"{left_out:,} annotations left out")
    return " · ".join(parts)
