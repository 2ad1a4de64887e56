"""
The counting kernel. heatgrid.counting is its only caller and its documentation.
"""

from __future__ import annotations
import enum
import numpy
import numpy.typing
import typing

__all__: list[str] = ["Call", "Rule", "count_boxes", "count_points", "count_polygons", "max_cells_per_axis"]

class Rule(enum.Enum):
    center = 0
    touch = 1
    point = 2
    area = 3

class Call:
    def __init__(
        self,
        out: numpy.ndarray,
        sizes: numpy.typing.NDArray[numpy.float64] | None,
        labels: numpy.typing.NDArray[numpy.int64] | None,
        images: numpy.typing.NDArray[numpy.int64] | None,
        weights: numpy.typing.NDArray[numpy.float64] | None,
        outcomes: numpy.typing.NDArray[numpy.uint8] | None,
        threads: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...

def count_boxes(
    xyxy: numpy.typing.NDArray[numpy.float64],
    call: Call,
    rule: Rule,
    large_box_ratio: typing.SupportsFloat | typing.SupportsIndex,
) -> tuple[int, int, int, int, int]: ...
def count_points(
    xy: numpy.typing.NDArray[numpy.float64], call: Call, clamp: bool
) -> tuple[int, int, int, int, int]: ...
def count_polygons(
    coords: numpy.typing.NDArray[numpy.float64],
    rings: numpy.typing.NDArray[numpy.int64],
    parts: numpy.typing.NDArray[numpy.int64] | None,
    annotations: numpy.typing.NDArray[numpy.int64] | None,
    call: Call,
    rule: Rule,
) -> tuple[int, int, int, int, int]: ...

max_cells_per_axis: int = 67108864
