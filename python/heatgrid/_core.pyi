"""
The kernel. heatgrid.counting, heatgrid.reading and heatgrid.stamping are its only callers and its documentation.
"""

from __future__ import annotations
import collections.abc
import enum
import numpy
import numpy.typing
import typing

__all__: list[str] = [
    "Call",
    "CocoFile",
    "CocoTrait",
    "Footprint",
    "LineColumns",
    "MaskColumns",
    "PointColumns",
    "PolygonColumns",
    "RingQuality",
    "Rule",
    "StampCall",
    "count_bitmaps",
    "count_boxes",
    "count_discs",
    "count_lines",
    "count_masks",
    "count_mixed",
    "count_points",
    "count_polygons",
    "judge_masks",
    "judge_rings",
    "lay",
    "max_cells_per_axis",
    "orientations",
    "overlay",
    "read_coco",
    "read_coco_file",
    "read_label_files",
    "stamp_bitmaps",
    "stamp_boxes",
    "stamp_discs",
    "stamp_masks",
    "stamp_points",
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

class Footprint:
    def __init__(self) -> None: ...
    def clear(self) -> None: ...
    @property
    def bytes(self) -> int: ...

class StampCall:
    def __init__(
        self,
        heat: numpy.ndarray,
        amounts: numpy.typing.NDArray[numpy.float64],
        footprints: collections.abc.Sequence[Footprint] | None,
        limits: numpy.typing.NDArray[numpy.int64] | None,
        outcomes: numpy.typing.NDArray[numpy.uint8] | None,
    ) -> None: ...

class CocoTrait(enum.Enum):
    id = 1
    crowd = 2
    ignore = 4

class RingQuality(enum.Enum):
    three_points = 1
    not_finite = 2

class CocoFile:
    def categories(self) -> bytes: ...
    def image_names(self) -> bytes: ...
    def take_box_lengths(self) -> numpy.typing.NDArray[numpy.int64]: ...
    def take_boxes(self) -> numpy.typing.NDArray[numpy.float64]: ...
    def take_category_ids(self) -> numpy.typing.NDArray[numpy.int64]: ...
    def take_code_lengths(self) -> numpy.typing.NDArray[numpy.int64]: ...
    def take_codes(self) -> numpy.typing.NDArray[numpy.uint8]: ...
    def take_ids(self) -> numpy.typing.NDArray[numpy.int64]: ...
    def take_image_ids(self) -> numpy.typing.NDArray[numpy.int64]: ...
    def take_image_numbers(self) -> numpy.typing.NDArray[numpy.int64]: ...
    def take_image_sizes(self) -> numpy.typing.NDArray[numpy.float64]: ...
    def take_keypoint_lengths(self) -> numpy.typing.NDArray[numpy.int64]: ...
    def take_keypoints(self) -> numpy.typing.NDArray[numpy.float64]: ...
    def take_mask_sizes(self) -> numpy.typing.NDArray[numpy.int64]: ...
    def take_ring_counts(self) -> numpy.typing.NDArray[numpy.int64]: ...
    def take_ring_lengths(self) -> numpy.typing.NDArray[numpy.int64]: ...
    def take_rings(self) -> numpy.typing.NDArray[numpy.float64]: ...
    def take_run_lengths(self) -> numpy.typing.NDArray[numpy.int64]: ...
    def take_runs(self) -> numpy.typing.NDArray[numpy.int64]: ...
    def take_scores(self) -> numpy.typing.NDArray[numpy.float64]: ...
    def take_traits(self) -> numpy.typing.NDArray[numpy.uint8]: ...

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
def judge_masks(columns: MaskColumns) -> numpy.typing.NDArray[numpy.bool]: ...
def judge_rings(
    coords: numpy.typing.NDArray[numpy.float64], rings: numpy.typing.NDArray[numpy.int64]
) -> numpy.typing.NDArray[numpy.uint8]: ...
def lay(
    frame: numpy.ndarray,
    places: numpy.typing.NDArray[numpy.int32],
    ink: numpy.typing.NDArray[numpy.uint16],
    rest: numpy.typing.NDArray[numpy.uint16],
) -> None: ...
def orientations(
    a: numpy.typing.NDArray[numpy.float64],
    b: numpy.typing.NDArray[numpy.float64],
    c: numpy.typing.NDArray[numpy.float64],
) -> numpy.typing.NDArray[numpy.int8]: ...
def overlay(
    heat: numpy.typing.NDArray[numpy.float64],
    scale: typing.SupportsFloat | typing.SupportsIndex,
    offset: typing.SupportsFloat | typing.SupportsIndex,
    colors: numpy.typing.NDArray[numpy.uint8],
    opacities: numpy.typing.NDArray[numpy.uint16],
    frame: numpy.ndarray,
    out: numpy.ndarray,
) -> None: ...
def read_coco(content: bytes) -> CocoFile | None: ...
def read_coco_file(
    descriptor: typing.SupportsInt | typing.SupportsIndex, size: typing.SupportsInt | typing.SupportsIndex
) -> CocoFile | None: ...
def read_label_files(
    paths: collections.abc.Sequence[str],
    largest: typing.SupportsInt | typing.SupportsIndex,
    threads: typing.SupportsInt | typing.SupportsIndex,
) -> tuple[
    numpy.typing.NDArray[numpy.float64],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
]: ...
def stamp_bitmaps(arrays: collections.abc.Sequence[numpy.ndarray], call: StampCall) -> float: ...
def stamp_boxes(
    xyxy: numpy.typing.NDArray[numpy.float64], size: numpy.typing.NDArray[numpy.float64], call: StampCall
) -> float: ...
def stamp_discs(discs: numpy.typing.NDArray[numpy.float64], call: StampCall) -> float: ...
def stamp_masks(columns: MaskColumns, call: StampCall) -> float: ...
def stamp_points(
    xy: numpy.typing.NDArray[numpy.float64], size: numpy.typing.NDArray[numpy.float64], call: StampCall
) -> float: ...

max_cells_per_axis: int = 67108864
