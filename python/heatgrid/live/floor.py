"""From the camera's picture to the floor: a homography of the ground plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class Floor:
    """Maps points of a frame to a floor plan.

    Parameters
    ----------
    homography
        (3, 3): (x, y, 1) of the frame times this is (u w, v w, w), (u, v) being the place on the plan. Points
        with w = 0, or of another sign than the matrix gives most of them, are not before the camera; the sign
        that is positive is that of the matrix as it is given.

    Raises
    ------
    ValueError
        The matrix has another shape, is not finite, or cannot be inverted.
    """

    __slots__ = ("_matrix",)

    def __init__(self, homography: ArrayLike) -> None:
        matrix = np.array(homography, dtype=np.float64)
        if matrix.shape != (3, 3) or not np.isfinite(matrix).all():
            raise ValueError(f"homography must be a finite matrix of shape (3, 3), got shape {matrix.shape}")
        if np.linalg.matrix_rank(matrix) < 3:
            raise ValueError("homography must be invertible")
        self._matrix = matrix

    def map(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (N, 2) places on the plan; NaN beyond the horizon."""
        mapped = places @ self._matrix[:, :2].T + self._matrix[:, 2]
        depth = np.where(mapped[:, 2] > 0.0, mapped[:, 2], np.nan)
        found: NDArray[np.float64] = mapped[:, :2] / depth[:, np.newaxis]
        return found
