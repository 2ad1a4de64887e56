"""Pictures of maps: a grid in, pixels or SVG out, no files but the package's own tables."""

from heatgrid.viz.blur import gaussian
from heatgrid.viz.colorize import colorize, overlay
from heatgrid.viz.picture import picture
from heatgrid.viz.resample import area_mean, enlarge, fitted, stretch
from heatgrid.viz.scales import Scale
from heatgrid.viz.sheet import sheet

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
