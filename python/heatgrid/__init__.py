"""Where in the image are the objects? Fast, exact count heat maps."""

from heatgrid.counting import count_boxes, count_points, count_polygons
from heatgrid.errors import FormatError, HeatgridWarning

__all__ = [
    "FormatError",
    "HeatgridWarning",
    "count_boxes",
    "count_points",
    "count_polygons",
]
