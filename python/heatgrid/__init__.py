"""Fast, exact count heat maps of object positions, from annotations and detections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.core.array_functions import (
    count_boxes,
    count_discs,
    count_lines,
    count_masks,
    count_points,
    count_polygons,
)
from heatgrid.core.limits import Cancel, Limits
from heatgrid.errors import Cancelled, FormatError, HeatgridWarning
from heatgrid.heatmap import Heatmap, load

if TYPE_CHECKING:
    from heatgrid.analysis import CoOccurrence, Hotspot, Layout, PermutationTest, polygon_contrast
    from heatgrid.core.annotations import Annotations
    from heatgrid.core.cell_annotations import CellAnnotations
    from heatgrid.core.derived import ratio
    from heatgrid.core.region import Region
    from heatgrid.core.report import Report
    from heatgrid.core.stats import Stats
    from heatgrid.datasets import heatmap, heatmaps, read
    from heatgrid.export import save_maps, save_page, save_picture
    from heatgrid.io.groups import ByBatch, ByTime
    from heatgrid.io.objects import annotations_from
    from heatgrid.live import LineZone, LiveHeatmap, PolygonZone
    from heatgrid.query import Found, annotations_by_cell, find
    from heatgrid.summary import Overview, overview
    from heatgrid.summary.comparison import Comparison, compare
    from heatgrid.summary.evaluation import Evaluation, Matches, evaluate, match
    from heatgrid.values import cooccurrence, mean_map
    from heatgrid.viz.background import mean_image

    __version__: str

__all__ = [
    "Annotations",
    "ByBatch",
    "ByTime",
    "Cancel",
    "Cancelled",
    "CellAnnotations",
    "CoOccurrence",
    "Comparison",
    "Evaluation",
    "FormatError",
    "Found",
    "HeatgridWarning",
    "Heatmap",
    "Hotspot",
    "Layout",
    "Limits",
    "LineZone",
    "LiveHeatmap",
    "Matches",
    "Overview",
    "PermutationTest",
    "PolygonZone",
    "Region",
    "Report",
    "Stats",
    "__version__",
    "annotations_by_cell",
    "annotations_from",
    "compare",
    "cooccurrence",
    "count_boxes",
    "count_discs",
    "count_lines",
    "count_masks",
    "count_points",
    "count_polygons",
    "evaluate",
    "find",
    "heatmap",
    "heatmaps",
    "load",
    "match",
    "mean_image",
    "mean_map",
    "overview",
    "polygon_contrast",
    "ratio",
    "read",
    "save_maps",
    "save_page",
    "save_picture",
]

# Imported when first asked for, so that `import heatgrid` costs little more than numpy.
_LAZY = {
    "heatgrid.analysis": ("CoOccurrence", "Hotspot", "Layout", "PermutationTest", "polygon_contrast"),
    "heatgrid.summary.comparison": ("Comparison", "compare"),
    "heatgrid.core.annotations": ("Annotations",),
    "heatgrid.core.cell_annotations": ("CellAnnotations",),
    "heatgrid.core.derived": ("ratio",),
    "heatgrid.core.region": ("Region",),
    "heatgrid.core.report": ("Report",),
    "heatgrid.core.stats": ("Stats",),
    "heatgrid.datasets": ("heatmap", "heatmaps", "read"),
    "heatgrid.summary.evaluation": ("Evaluation", "Matches", "evaluate", "match"),
    "heatgrid.export": ("save_maps", "save_page", "save_picture"),
    "heatgrid.io.groups": ("ByBatch", "ByTime"),
    "heatgrid.io.objects": ("annotations_from",),
    "heatgrid.live": ("LineZone", "LiveHeatmap", "PolygonZone"),
    "heatgrid.summary": ("Overview", "overview"),
    "heatgrid.values": ("cooccurrence", "mean_map"),
    "heatgrid.query": ("Found", "annotations_by_cell", "find"),
    "heatgrid.viz.background": ("mean_image",),
}

del globals()["heatmap"]  # the module, set by its import: the name is that of the function


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("heatgrid")
    else:
        from importlib import import_module

        module = next((module for module, names in _LAZY.items() if name in names), None)
        if module is None:
            raise AttributeError(f"module 'heatgrid' has no attribute {name!r}")
        value = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
