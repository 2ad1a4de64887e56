"""Drawings of maps: a grid in; pixels, SVG, HTML and matplotlib axes out."""

from heatgrid.viz.figure import Figure, grid_figure, map_figure, panel_figure
from heatgrid.viz.pixels import (
    area_mean,
    colorize,
    enlarge,
    gaussian,
    overlay,
    resize_grid,
    resize_image,
    smooth,
)
from heatgrid.viz.scales import SCALES, Scale, ScaleName

__all__ = [
    "SCALES",
    "Figure",
    "Scale",
    "ScaleName",
    "area_mean",
    "colorize",
    "enlarge",
    "gaussian",
    "grid_figure",
    "map_figure",
    "overlay",
    "panel_figure",
    "resize_grid",
    "resize_image",
    "smooth",
]


def __dir__() -> list[str]:
    return sorted(__all__)
