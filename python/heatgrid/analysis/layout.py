"""Layout: measures of how hits spread over the image."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.analysis.divergence import check_counts, entropy, shares

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Layout:
    """Spread of a map's hits over the image.

    The position of a cell is its centre, x and y in [0, 1] of the image's width and height. ``p`` is a
    cell's share of all hits; ``mean`` is the unweighted mean over all cells. Without hits, all measures
    but the first three are None.

    Attributes
    ----------
    cells
        The number of cells.
    covered
        The number of cells with hits.
    empty_share
        The share of the image's area without hits: ``(cells - covered) / cells``.
    x, y
        The centre of mass, ``sum(p * x)`` and ``sum(p * y)``.
    center_bias
        ``1 - sum(p * r) / mean(r)``, where r is the distance from (0.5, 0.5): 1 if all hits are in the
        middle, 0 for an even spread, negative if hits avoid the middle.
    border_proximity
        ``1 - sum(p * d) / mean(d)``, where d is the distance from the nearest edge, ``min(x, 1 - x, y, 1 -
        y)``: near 1 if all hits are along the edges, 0 for an even spread, negative if hits avoid the edges.
    entropy
        Shannon entropy of the shares in bits, ``-sum(p * log2(p))``: 0 for a single cell, ``log2(cells)``
        for an even spread. Cells have equal areas, so Batty's spatial entropy differs by a constant only.
    evenness
        ``entropy / log2(cells)``, in [0, 1], to compare grids of different shapes; 1 for a single cell.

    References
    ----------
    C. E. Shannon, "A mathematical theory of communication", Bell System Technical Journal 27 (1948).
    M. Batty, "Spatial entropy", Geographical Analysis 6 (1974), 1-31.
    E. C. Pielou, "The measurement of diversity in different types of biological collections", Journal of
    Theoretical Biology 13 (1966): evenness.
    B. W. Tatler, "The central fixation bias in scene viewing", Journal of Vision 7 (2007): the phenomenon;
    the formulas of centre bias and border proximity are heatgrid's own.
    """

    cells: int
    covered: int
    empty_share: float
    x: float | None = None
    y: float | None = None
    center_bias: float | None = None
    border_proximity: float | None = None
    entropy: float | None = None
    evenness: float | None = None

    @classmethod
    def of(cls, counts: NDArray[Any]) -> Layout:
        """Return the layout of (rows, columns) counts.

        Raises
        ------
        ValueError
            A count is negative, as in a difference of maps.
        """
        check_counts(counts)
        covered = int(np.count_nonzero(counts))
        emptiness = counts.size, covered, (counts.size - covered) / counts.size
        if not covered:
            return cls(*emptiness)
        p = shares(counts)
        y, x = centers(counts.shape[0])[:, np.newaxis], centers(counts.shape[1])[np.newaxis]
        from_center = np.hypot(x - 0.5, y - 0.5)
        from_edge = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y))
        bits = entropy(p)
        return cls(
            *emptiness,
            x=float((p * x).sum()),
            y=float((p * y).sum()),
            center_bias=_nearness(p, from_center),
            border_proximity=_nearness(p, from_edge),
            entropy=bits,
            evenness=bits / math.log2(counts.size) if counts.size > 1 else 1.0,
        )

    def to_dict(self) -> dict[str, float | int | None]:
        """Return the measures as plain numbers."""
        return asdict(self)

    def __str__(self) -> str:
        return "\n".join(
            f"{name.replace('_', ' '):<17}{'none' if value is None else format(value, '>12,.6g')}"
            for name, value in self.to_dict().items()
        )


def centers(cells: int) -> NDArray[np.float64]:
    """Return the positions of an axis's cell centres in [0, 1]."""
    positions: NDArray[np.float64] = (np.arange(cells) + 0.5) / cells
    return positions


def _nearness(p: NDArray[np.float64], distance: NDArray[np.float64]) -> float:
    """Return 1 minus the hits' mean distance over that of an even spread."""
    usual = float(distance.mean())
    return 1 - float((p * distance).sum()) / usual if usual else 0.0
