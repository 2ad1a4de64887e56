"""Pictures of maps: a grid in, pixels or SVG out, no files but the package's own tables."""

from heatgrid.render.blur import gaussian
from heatgrid.render.colorize import colorize, overlay
from heatgrid.render.picture import picture
from heatgrid.render.resample import area_mean, enlarge, fitted, stretch
from heatgrid.render.scales import Scale
from heatgrid.render.sheet import sheet

__all__ = [
    "Scale",
    "area_mean",
    "colorize",
    "enlarge",
    "fitted",
    "gaussian",
    "overlay",
    "picture",
    "sheet",
    "stretch",
]
