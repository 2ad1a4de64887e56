"""What lines and regions that count have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.live.detections import as_detections, check_anchor, class_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.live.detections import Anchor, ClassKey, Detections

    Color = tuple[int, int, int]


class Zone(ABC):
    """A line or region in a frame, with counts by class.

    Parameters
    ----------
    points
        (N, 2) x and y in pixels.
    name
        What it is called in the picture.
    anchor
        The point of a box that stands for it: ``"center"``, ``"bottom_center"``, ``"top_left"``,
        ``"top_right"``, ``"bottom_left"`` or ``"bottom_right"``.
    classes
        Names or numbers of the classes that count; None: all.
    color
        RGB of its outline.

    Raises
    ------
    TypeError, ValueError
        An argument is wrong; the message names it.
    """

    closed = False
    """Whether the last point is joined to the first."""

    def __init__(
        self,
        points: ArrayLike,
        *,
        name: str = "",
        anchor: Anchor = "center",
        classes: Iterable[str | int] | None = None,
        color: Color = (255, 255, 255),
    ) -> None:
        array = np.array(points, dtype=np.float64)
        if array.ndim != 2 or array.shape[1] != 2 or not np.isfinite(array).all():
            raise ValueError(f"points must be finite, of shape (N, 2), got shape {array.shape}")
        self.points: NDArray[np.float64] = array
        self.name = name
        self.anchor: Anchor = check_anchor(anchor)
        self.color = color
        self._classes = class_set(classes)

    def update(self, detections: Any, timestamp: float | None = None) -> NDArray[Any]:
        """Count one frame's detections.

        Parameters
        ----------
        detections
            As `heatgrid.LiveHeatmap.update` takes them.
        timestamp
            Seconds; None: now.

        Returns
        -------
        ndarray
            (N,) what each detection did; see the class.
        """
        found = as_detections(detections)
        return self.observe(found, found.anchors(self.anchor), timestamp)

    def observe(
        self, detections: Detections, places: NDArray[np.float64], timestamp: float | None
    ) -> NDArray[Any]:
        """Count detections whose anchors are at ``places``, (N, 2), by now mapped to where the zone is."""
        wanted: NDArray[np.bool_] = np.isfinite(places[:, 0] + places[:, 1])
        if self._classes is not None:
            wanted &= np.array([key in self._classes for key in detections.keys], dtype=bool)
        results = self._count(detections.select(wanted), places[wanted], timestamp)
        told = np.zeros(len(detections), dtype=results.dtype)
        told[wanted] = results
        return told

    @abstractmethod
    def _count(
        self, detections: Detections, places: NDArray[np.float64], timestamp: float | None
    ) -> NDArray[Any]:
        """Count detections at finite places, and return what each did."""

    @property
    @abstractmethod
    def text(self) -> str:
        """The counts, for a picture."""

    @property
    @abstractmethod
    def tables(self) -> dict[str, Mapping[ClassKey, float]]:
        """The counts by class, by their names."""

    @abstractmethod
    def reset(self) -> None:
        """Begin anew: no counts, no tracks."""
