"""Evaluation: predictions next to truth, and where they fail."""

from heatgrid.summary.evaluation.contrasts import Contrast
from heatgrid.summary.evaluation.images import ImageErrors
from heatgrid.summary.evaluation.matches import Matches, match
from heatgrid.summary.evaluation.result import Evaluation, evaluate

__all__ = ["Contrast", "Evaluation", "ImageErrors", "Matches", "evaluate", "match"]


def __dir__() -> list[str]:
    return sorted(__all__)
