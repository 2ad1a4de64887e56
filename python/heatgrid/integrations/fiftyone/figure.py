"""Heat map as a Plotly chart: axes in percent of the image, rows from the top, no color without objects."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

from heatgrid.viz import colormaps

if TYPE_CHECKING:
    from collections.abc import Mapping

    import heatgrid as hg

_SAMPLES = 200  # whose sizes give the aspect of the chart
_STOPS = 16


def trace(heat: hg.Heatmap) -> dict[str, Any]:
    """Return the chart's data: one cell per cell of the map."""
    rows, columns = heat.shape
    colors = colormaps.get("plasma")
    stops = [round(i * (len(colors) - 1) / _STOPS) for i in range(_STOPS + 1)]
    return {
        "type": "heatmap",
        "name": "objects",
        "x0": 50 / columns,
        "dx": 100 / columns,
        "y0": 50 / rows,
        "dy": 100 / rows,
        "z": [[value or None for value in row] for row in heat.counts.tolist()],
        "hoverongaps": False,
        "zmin": 0,
        "zmax": max(1, heat.counts.max().item()),
        "hovertemplate": "<b>%{z:,.6~g} objects</b><br>around x %{x:.4~g} %, y %{y:.4~g} %<extra></extra>",
        "colorscale": [
            [i / _STOPS, "rgb({},{},{})".format(*colors[stop].tolist())] for i, stop in enumerate(stops)
        ],
        "colorbar": {
            "orientation": "h",
            "thickness": 10,
            "outlinewidth": 0,
            "nticks": 5,
            "x": 0,
            "xanchor": "left",
            "xpad": 0,
            "y": 1,
            "yanchor": "bottom",
            "ypad": 12,
            "len": 0.5,
            "title": {"text": "objects per cell", "side": "top"},
        },
        "xgap": 1,
        "ygap": 1,
    }


def layout(grid: int, aspect: float, cell: Mapping[str, int] | None) -> dict[str, Any]:
    """Return the chart's layout: images of an aspect, and a frame around a cell."""
    axis = {
        "showgrid": False,
        "zeroline": False,
        "ticksuffix": " %",
        "tick0": 0,
        "dtick": 25,
        "showline": True,
        "mirror": True,
        "linecolor": "#888",
        "constrain": "domain",
    }
    shapes = []
    if cell is not None:
        step = 100 / grid
        left, top = cell["column"] * step, cell["row"] * step
        corners = {"x0": left, "x1": left + step, "y0": top, "y1": top + step}
        frames = (("#000", 6), ("#fff", 3))  # visible on every color of the map
        shapes += [{"type": "rect", **corners, "line": {"color": c, "width": w}} for c, w in frames]
    return {
        "xaxis": {**axis, "range": [0, 100], "title": {"text": "image width"}},
        "yaxis": {
            **axis,
            "range": [100, 0],
            "scaleanchor": "x",
            "scaleratio": 1 / aspect,
            "constraintoward": "top",
            "title": {"text": "image height"},
        },
        "margin": {"l": 8, "r": 28, "t": 8, "b": 8},
        "shapes": shapes,
        "uirevision": grid,
    }


def aspect_of(view: Any) -> float:
    """Return the median aspect of the first images of a view, 1 if their sizes are unknown."""
    widths, heights = view.limit(_SAMPLES).values(["metadata.width", "metadata.height"])
    found = [width / height for width, height in zip(widths, heights, strict=True) if width and height]
    return median(found) if found else 1.0
