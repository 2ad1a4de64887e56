"""Size of an interactive page of a map, compared with plotting libraries."""

from __future__ import annotations

import importlib
import io
from typing import TYPE_CHECKING, Any

import numpy as np

import heatgrid as hg
from bench.results import HEATGRID, TIMES, Results, Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Counts = NDArray[np.int64]

SHAPES = ((100, 100), (1000, 2000))
SEED = 3


def run(results: Results) -> None:
    """Write the pages into memory, and add the table."""
    rows = []
    for shape in SHAPES:
        counts = hill(shape)
        sizes: dict[str, int | None] = {}
        for name, write in WRITERS.items():
            try:
                sizes[name] = len(write(counts))
            except ImportError as error:
                results.missing.append(f"pages: {error}")
                sizes[name] = None
        own = sizes[HEATGRID] or 1
        cells = [f"{size / 1e6:.2f} ({size / own:.1f}{TIMES})" if size else "" for size in sizes.values()]
        rows.append([f"{shape[0]} by {shape[1]}", *cells])
    note = "Megabytes of one HTML file that needs no network; the brackets contain the ratio to heatgrid."
    results.tables.append(Table("Pages", note, ("cells", *WRITERS), rows))


def hill(shape: tuple[int, int]) -> Counts:
    """Return counts like those of annotations: high in the center, low at the edges, and noisy."""
    y, x = np.mgrid[-1 : 1 : 1j * shape[0], -1 : 1 : 1j * shape[1]]
    counts: Counts = np.random.default_rng(SEED).poisson(3000 * np.exp(-4 * (y - 0.2) ** 2 - 4 * x**2))
    return counts


def heatgrid_page(counts: Counts) -> bytes:
    """Return the page of the viewer."""
    stream = io.BytesIO()
    hg.save_page(counts, stream)
    return stream.getvalue()


def plotly_page(counts: Counts) -> bytes:
    """Return the page of Plotly, including its script."""
    graph = importlib.import_module("plotly.graph_objects")
    page: str = graph.Figure(graph.Heatmap(z=counts)).to_html(include_plotlyjs=True)
    return page.encode()


def bokeh_page(counts: Counts) -> bytes:
    """Return the page of Bokeh, including its scripts."""
    plotting, embed, resources = (
        importlib.import_module(f"bokeh.{name}") for name in ("plotting", "embed", "resources")
    )
    figure: Any = plotting.figure(x_range=(0, 1), y_range=(0, 1))
    figure.image(image=[counts], x=0, y=0, dw=1, dh=1, palette="Turbo256")
    page: str = embed.file_html(figure, resources.INLINE, "map")
    return page.encode()


WRITERS: dict[str, Callable[[Counts], bytes]] = {
    HEATGRID: heatgrid_page,
    "Plotly": plotly_page,
    "Bokeh": bokeh_page,
}
