"""What a map's numbers say of places: counts in, measures out, each with its formula and where it is from."""

from heatgrid.measures.cooccurrence import CoOccurrence
from heatgrid.measures.divergence import jensen_shannon, total_variation
from heatgrid.measures.hotspots import Hotspot, hotspots
from heatgrid.measures.layout import Layout
from heatgrid.measures.shares import shares

__all__ = [
    "CoOccurrence",
    "Hotspot",
    "Layout",
    "hotspots",
    "jensen_shannon",
    "shares",
    "total_variation",
]
