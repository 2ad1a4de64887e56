"""Measures of count grids: layout, hotspots, co-occurrence, divergence, permutation and sign-flip tests."""

from heatgrid.analysis.cooccurrence import CoOccurrence, image_pairs, jaccard, sorted_pairs
from heatgrid.analysis.divergence import (
    PermutationTest,
    jensen_shannon,
    p_values,
    permutation_test,
    shares,
    total_variation,
)
from heatgrid.analysis.layout import Hotspot, Layout, hotspots, polygon_contrast
from heatgrid.analysis.sign_flips import sign_flip_test

__all__ = [
    "CoOccurrence",
    "Hotspot",
    "Layout",
    "PermutationTest",
    "hotspots",
    "image_pairs",
    "jaccard",
    "jensen_shannon",
    "p_values",
    "permutation_test",
    "polygon_contrast",
    "shares",
    "sign_flip_test",
    "sorted_pairs",
    "total_variation",
]


def __dir__() -> list[str]:
    return sorted(__all__)
