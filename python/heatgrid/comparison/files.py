"""Comparisons to files. To add an output format: one function, one suffix."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from heatgrid.comparison.words import details, verdict
from heatgrid.export import map_header, write

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from typing import BinaryIO

    from heatgrid.comparison.result import Comparison
    from heatgrid.viz.picture_layout import Page


def save(
    comparison: Comparison,
    path: str | os.PathLike[str] | BinaryIO,
    *,
    format: str | None = None,  # noqa: A002
    **options: Any,
) -> None:
    """Write a comparison; see `Comparison.save`."""
    write(comparison, WRITERS, path, format, options)


def picture(comparison: Comparison, **options: Any) -> Page:
    """Make a finished picture: the difference in red and blue, the numbers, and what they mean."""
    from heatgrid import viz as render

    percent = 100 * comparison.difference
    reach = float(abs(percent).max()) or 1.0
    filled: dict[str, Any] = {
        "title": verdict(comparison),
        "subtitle": " · ".join(details(comparison)),
        "stats": _cards(comparison),
        "legend": "% of hits",
        "colormap": "balance",
        "footnote": _footnote(comparison),
    }
    if not options.keys() & {"vmin", "vmax", "scale"}:
        filled |= {"vmin": -reach, "vmax": reach}
    return render.picture(percent, **(filled | options))


def _cards(comparison: Comparison) -> dict[str, float]:
    cards = {
        "total variation, %": 100 * comparison.total_variation,
        "Jensen-Shannon, bits": comparison.jensen_shannon,
    }
    test = comparison.test
    if test is not None:
        cards |= {"by chance, %": 100 * test.expected, "p": test.p_value}
    return cards


def _footnote(comparison: Comparison) -> str:
    a, b = comparison.names
    images = comparison.a.report.images, comparison.b.report.images
    rows, columns = comparison.a.shape
    parts = [
        f"red: more of {a}'s hits there, blue: more of {b}'s",
        f"percent of each one's hits, {a} minus {b}, {rows} by {columns} cells",
    ]
    if all(images):
        parts.append(f"{images[0]:,} and {images[1]:,} images")
    if (beyond := comparison.cells_beyond_chance) is not None and comparison.test is not None:
        limit = 100 * comparison.test.cell_limit
        parts.append(f"chance explains {limit:.2g} % in a cell; {beyond:,} cells have more")
    return " · ".join(parts)


def _png(comparison: Comparison, **options: Any) -> bytes:
    return picture(comparison, **options).png()


def _svg(comparison: Comparison, **options: Any) -> bytes:
    return picture(comparison, **options).svg().encode()


def _html(comparison: Comparison, **options: Any) -> bytes:
    from heatgrid.viz.page.page import page_bytes

    filled: dict[str, Any] = {
        "title": verdict(comparison),
        "subtitle": " · ".join(details(comparison)),
        "difference": comparison.names,
    }
    maps = dict(zip(comparison.names, (comparison.a, comparison.b), strict=True))
    return page_bytes(maps, **(filled | options))


def _json(comparison: Comparison) -> bytes:
    document = comparison.to_dict()
    document |= {
        name: map_header(heat) | {"total": heat.stats().total, "report": heat.report.to_dict()}
        for name, heat in (("a", comparison.a), ("b", comparison.b))
    }
    document["difference"] = comparison.difference.tolist()
    return json.dumps(document).encode() + b"\n"


WRITERS: dict[str, Callable[..., bytes]] = {".png": _png, ".svg": _svg, ".html": _html, ".json": _json}
