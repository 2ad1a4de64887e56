"""Comparison of two maps or data sets: differences, divergences and a permutation test."""

from heatgrid.analysis import PermutationTest
from heatgrid.summary.comparison.data_sets import compare, short_names
from heatgrid.summary.comparison.result import ClassDifference, Comparison

__all__ = ["ClassDifference", "Comparison", "PermutationTest", "compare", "short_names"]


def __dir__() -> list[str]:
    return sorted(__all__)
