"""The slow oracle: the exact definitions of a hit, in the plainest Python that says them.

Standard library only, nothing of heatgrid and nothing of numpy: floats are IEEE doubles, exact geometry is
done in ``fractions.Fraction``. Every test of the kernel compares with what these functions return.
"""

from __future__ import annotations

from reference.boxes import Box, box_hits
from reference.contrast import polygon_contrast
from reference.counting import (
    Count,
    count_boxes,
    count_lines,
    count_masks,
    count_points,
    count_polygons,
)
from reference.discs import disc_cells
from reference.grid import Cell, Point, Shape, Size, cell_of, centre, letterbox
from reference.hits import Hits, Status
from reference.lines import Line, line_hits
from reference.masks import Bitmap, bitmap_of_runs, compress, mask_hits, runs_of_bitmap
from reference.overlay import laid_over, level
from reference.points import point_hits
from reference.polygons import Polygon, oriented_box, polygon_hits
from reference.stats import percentile, quartiles, rounded_quartiles

__all__ = [
    "Bitmap",
    "Box",
    "Cell",
    "Count",
    "Hits",
    "Line",
    "Point",
    "Polygon",
    "Shape",
    "Size",
    "Status",
    "bitmap_of_runs",
    "box_hits",
    "cell_of",
    "centre",
    "compress",
    "count_boxes",
    "count_lines",
    "count_masks",
    "count_points",
    "count_polygons",
    "disc_cells",
    "laid_over",
    "letterbox",
    "level",
    "line_hits",
    "mask_hits",
    "oriented_box",
    "percentile",
    "point_hits",
    "polygon_contrast",
    "polygon_hits",
    "quartiles",
    "rounded_quartiles",
    "runs_of_bitmap",
]
