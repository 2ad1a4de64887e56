"""What a map's numbers say of places: counts in, measures out, each with its formula and where it is from."""

from heatgrid.analysis.cooccurrence import CoOccurrence
from heatgrid.analysis.divergence import jensen_shannon, total_variation
from heatgrid.analysis.hotspots import Hotspot, hotspots
from heatgrid.analysis.layout import Layout
from heatgrid.analysis.shares import shares

__all__ = [
    "CoOccurrence",
    "Hotspot",
    "Layout",
    "hotspots",
    "jensen_shannon",
    "shares",
    "total_variation",
]
