"""What a map's numbers mean: two maps add up only where this is equal."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.arguments import RATIO_OF_SQUARE, as_ratio, choose

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from heatgrid.core.arguments import CountName, FitName, RuleName

RULES = ("center", "touch", "point", "area")
COUNTS = ("instances", "images")
FITS = ("stretch", "letterbox")


@dataclass(frozen=True, slots=True)
class Definition:
    """Grid, rule and mode of a map, each as `heatgrid.Heatmap` describes it.

    Raises
    ------
    TypeError, ValueError
        A part is wrong, or parts do not go together; the message says which.
    """

    shape: tuple[int, int]
    rule: RuleName = "center"
    count: CountName = "instances"
    weighted: bool = False
    large_box_ratio: float | None = None
    fit: FitName = "stretch"

    def __post_init__(self) -> None:
        choose("rule", self.rule, dict.fromkeys(RULES))
        choose("count", self.count, dict.fromkeys(COUNTS))
        choose("fit", self.fit, dict.fromkeys(FITS))
        if not isinstance(self.weighted, bool):
            raise TypeError(f"weighted must be a bool, got {self.weighted!r}")
        if self.count == "images" and (self.weighted or self.rule == "area"):
            what = "weighted=True" if self.weighted else "rule='area'"
            raise ValueError(f"count='images' does not go with {what}: images are counted whole")
        ratio = as_ratio(self.large_box_ratio)
        object.__setattr__(self, "large_box_ratio", None if np.isinf(ratio) else ratio)
        if self.rule == "area" and self.large_box_ratio is not None:
            raise ValueError("large_box_ratio does not go with rule='area'")
        if self.fit == "letterbox" and self.large_box_ratio is not None:
            raise ValueError(RATIO_OF_SQUARE)

    @property
    def dtype(self) -> type[np.generic]:
        """The type of the map's numbers: float64 for weights and areas, else int64."""
        return np.float64 if self.weighted or self.rule == "area" else np.int64

    @property
    def parameters(self) -> dict[str, Any]:
        """The parts by name, as `heatgrid.Heatmap` takes them."""
        return asdict(self)

    def check_weights(self, weights: ArrayLike | None) -> None:
        """Raise ValueError where weights are missing or not asked for."""
        if self.weighted and weights is None:
            raise ValueError("weights must be given: the map was made with weighted=True")
        if not self.weighted and weights is not None:
            raise ValueError("weights must not be given: the map was made without weighted=True")

    def check_same(self, other: Definition) -> None:
        """Raise ValueError where another map's numbers mean something else."""
        for name, mine in self.parameters.items():
            theirs = getattr(other, name)
            if mine != theirs:
                raise ValueError(f"maps must have one {name}, got {mine!r} and {theirs!r}")
