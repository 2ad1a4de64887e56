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
        (3, 3): (x, y, 1) of the frame times this is (u w, v w, w), (u, v) being the place on the plan; any
        multiple of it says the same.
    size
        Width and height of the plan. Its middle is before the camera; points that have another sign of w than
        that are not, but beyond the horizon.

    Raises
    ------
    ValueError
        The matrix has another shape, is not finite, or cannot be inverted, or the plan's middle is on the
        horizon.
    """

    __slots__ = ("_matrix",)

    def __init__(self, homography: ArrayLike, size: tuple[int, int]) -> None:
        matrix = np.array(homography, dtype=np.float64)
        if matrix.shape != (3, 3) or not np.isfinite(matrix).all():
            raise ValueError(f"homography must be a finite matrix of shape (3, 3), got shape {matrix.shape}")
        if np.linalg.matrix_rank(matrix) < 3:
            raise ValueError("homography must be invertible")
        depth = np.linalg.solve(matrix, [size[0] / 2, size[1] / 2, 1.0])[2]
        if depth == 0.0:
            raise ValueError("homography must not have the middle of the plan on the horizon")
        self._matrix = matrix * np.sign(depth)

    def map(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (N, 2) places on the plan; NaN beyond the horizon."""
        mapped = places @ self._matrix[:, :2].T + self._matrix[:, 2]
        depth = np.where(mapped[:, 2] > 0.0, mapped[:, 2], np.nan)
        found: NDArray[np.float64] = mapped[:, :2] / depth[:, np.newaxis]
        return found
