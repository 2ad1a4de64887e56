"""
The counting kernel. heatgrid.counting is its only caller and its documentation.
"""

from __future__ import annotations
import collections.abc
import enum
import numpy
import numpy.typing
import typing

__all__: list[str] = [
    "Call",
    "LineColumns",
    "MaskColumns",
    "PointColumns",
    "PolygonColumns",
    "Rule",
    "count_bitmaps",
    "count_boxes",
    "count_discs",
    "count_lines",
    "count_masks",
    "count_mixed",
    "count_points",
    "count_polygons",
    "max_cells_per_axis",
]

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

class PolygonColumns:
    def __init__(
        self,
        coords: numpy.typing.NDArray[numpy.float64],
        rings: numpy.typing.NDArray[numpy.int64],
        parts: numpy.typing.NDArray[numpy.int64] | None,
        annotations: numpy.typing.NDArray[numpy.int64] | None,
    ) -> None: ...

class MaskColumns:
    def __init__(
        self,
        sizes: numpy.typing.NDArray[numpy.int64],
        codes: numpy.typing.NDArray[numpy.uint8],
        code_offsets: numpy.typing.NDArray[numpy.int64],
        runs: numpy.typing.NDArray[numpy.int64],
        run_offsets: numpy.typing.NDArray[numpy.int64],
        column_major: bool,
    ) -> None: ...

class PointColumns:
    def __init__(
        self,
        coords: numpy.typing.NDArray[numpy.float64],
        offsets: numpy.typing.NDArray[numpy.int64],
        visible: numpy.typing.NDArray[numpy.uint8],
    ) -> None: ...

class LineColumns:
    def __init__(
        self,
        coords: numpy.typing.NDArray[numpy.float64],
        paths: numpy.typing.NDArray[numpy.int64],
        annotations: numpy.typing.NDArray[numpy.int64] | None,
    ) -> None: ...

def count_bitmaps(
    arrays: collections.abc.Sequence[numpy.ndarray], call: Call, rule: Rule
) -> tuple[int, int, int, int, int]: ...
def count_boxes(
    xyxy: numpy.typing.NDArray[numpy.float64],
    call: Call,
    rule: Rule,
    large_box_ratio: typing.SupportsFloat | typing.SupportsIndex,
) -> tuple[int, int, int, int, int]: ...
def count_discs(discs: numpy.typing.NDArray[numpy.float64], call: Call) -> tuple[int, int, int, int, int]: ...
def count_lines(columns: LineColumns, call: Call, rule: Rule) -> tuple[int, int, int, int, int]: ...
def count_masks(columns: MaskColumns, call: Call, rule: Rule) -> tuple[int, int, int, int, int]: ...
def count_mixed(
    kinds: numpy.typing.NDArray[numpy.uint8],
    boxes: numpy.typing.NDArray[numpy.float64] | None,
    polygons: PolygonColumns | None,
    masks: MaskColumns | None,
    points: PointColumns | None,
    lines: LineColumns | None,
    call: Call,
    rule: Rule,
    large_box_ratio: typing.SupportsFloat | typing.SupportsIndex,
) -> tuple[int, int, int, int, int]: ...
def count_points(
    xy: numpy.typing.NDArray[numpy.float64], call: Call, clamp: bool
) -> tuple[int, int, int, int, int]: ...
def count_polygons(columns: PolygonColumns, call: Call, rule: Rule) -> tuple[int, int, int, int, int]: ...

max_cells_per_axis: int = 67108864
