"""Columns of whole images with annotations that have no faults."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.io.options import Size


@dataclass(frozen=True, slots=True)
class BoxesAndRings:
    """Geometry of N annotations, a box or a polygon of one ring each.

    ``boxes`` are (N, 4), NaN for polygons; ``vertices`` (N,) are the vertices of each ring in ``coords``
    (M, 2), 0 for boxes, and None if all are boxes.
    """

    boxes: NDArray[np.float64]
    vertices: NDArray[np.int64] | None = None
    coords: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))

    def part(self, begin: int, end: int) -> BoxesAndRings:
        """Return the geometry of the annotations from ``begin`` to ``end``."""
        if self.vertices is None:
            return BoxesAndRings(self.boxes[begin:end])
        first, last = self.vertices[:begin].sum(), self.vertices[:end].sum()
        return BoxesAndRings(self.boxes[begin:end], self.vertices[begin:end], self.coords[first:last])


@dataclass(frozen=True, slots=True)
class ImageColumns:
    """Images of one split with their annotations, all without faults and without attributes.

    The annotations of image i are those from ``offsets[i]`` to ``offsets[i + 1]``; the other columns are as
    in `BatchBuilder`. Without ``scores``, no annotation has one.
    """

    names: Sequence[str]
    sizes: Sequence[Size]
    places: Sequence[str]
    offsets: Sequence[int]
    labels: Sequence[str]
    shapes: BoxesAndRings
    flags: Sequence[int]
    keys: Sequence[object]
    scores: Sequence[float] = ()
