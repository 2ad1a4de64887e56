"""Evaluation: predictions next to truth, and where they fail."""

from heatgrid.evaluation.contrasts import Contrast
from heatgrid.evaluation.images import ImageErrors
from heatgrid.evaluation.matches import Matches, match
from heatgrid.evaluation.result import Evaluation, evaluate

__all__ = ["Contrast", "Evaluation", "ImageErrors", "Matches", "evaluate", "match"]


def __dir__() -> list[str]:
    return sorted(__all__)
