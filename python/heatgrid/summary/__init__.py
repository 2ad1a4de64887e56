"""Summaries of data sets: the overview; the packages compare them, and evaluate predictions."""

from heatgrid.summary.findings import Finding
from heatgrid.summary.numbers import Histogram, Median, Numbers
from heatgrid.summary.objects import Place
from heatgrid.summary.result import Overview, overview
from heatgrid.summary.splits import SplitDifference

__all__ = ["Finding", "Histogram", "Median", "Numbers", "Overview", "Place", "SplitDifference", "overview"]
