"""Two maps, or two data sets, side by side: whether they differ, where, by how much, and beyond chance."""

from heatgrid.comparison.comparing import compare, short_names
from heatgrid.comparison.permutation import PermutationTest
from heatgrid.comparison.result import ClassDifference, Comparison

__all__ = ["ClassDifference", "Comparison", "PermutationTest", "compare", "short_names"]
