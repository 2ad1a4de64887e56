"""Reference implementation: the exact definitions of a hit in plain, slow Python.

It uses the standard library only: floats are IEEE doubles, exact geometry uses ``fractions.Fraction``. The
tests of the kernel compare its results with those of these functions.
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
from reference.grid import Cell, Point, Shape, Size, cell_of, center, letterbox
from reference.hits import Hits, Status
from reference.lines import Line, line_hits
from reference.live import blend, disc_cells, level
from reference.masks import Bitmap, bitmap_of_runs, compress, mask_hits, runs_of_bitmap
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
    "blend",
    "box_hits",
    "cell_of",
    "center",
    "compress",
    "count_boxes",
    "count_lines",
    "count_masks",
    "count_points",
    "count_polygons",
    "disc_cells",
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
