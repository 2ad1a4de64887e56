"""
Compiled kernel. heatgrid.core.kernel is its only caller and its documentation.
"""

from __future__ import annotations
import collections.abc
import enum
import numpy
import numpy.typing
import typing

__all__: list[str] = [
    "CocoColumns",
    "CocoTrait",
    "Footprint",
    "Geometry",
    "ImageLines",
    "LineColumns",
    "MaskColumns",
    "Outcome",
    "PointColumns",
    "PolygonColumns",
    "Rule",
    "Shapes",
    "Table",
    "count",
    "label_masks",
    "lay",
    "max_cells_per_axis",
    "orientations",
    "overlay",
    "png_pixels",
    "read_label_files",
    "scan_coco",
    "scan_image_lines",
    "scan_table",
    "select_geometry",
    "set_stop_check",
    "stamp",
    "valid_masks",
]

class Rule(enum.Enum):
    center = 0
    touch = 1
    point = 2
    area = 3

class Geometry(enum.Enum):
    auto_ = 0
    box = 1
    polygon = 2
    mask = 3
    point = 4
    line = 5

class Outcome(enum.IntEnum):
    COUNTED = 0
    COUNTED_AS_POINT = 1
    EMPTY = 2
    OUTSIDE = 3
    NOT_FINITE = 4
    NO_SIZE = 5
    NO_GEOMETRY = 6
    LINE_WITHOUT_AREA = 7
    POINT_WITHOUT_AREA = 8
    BROKEN_MASK = 9
    TOO_FEW_VERTICES = 10
    LINE_TOO_SHORT = 11
    NO_VISIBLE_POINT = 12
    TOO_COMPLEX = 13
    OTHER_CLASS = 14
    UNREADABLE = 15
    EXCLUDED = 16
    PENDING = 255

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
        offsets: numpy.typing.NDArray[numpy.int64] | None,
        visible: numpy.ndarray | None,
    ) -> None: ...

class LineColumns:
    def __init__(
        self,
        coords: numpy.typing.NDArray[numpy.float64],
        paths: numpy.typing.NDArray[numpy.int64],
        annotations: numpy.typing.NDArray[numpy.int64] | None,
    ) -> None: ...

class Shapes:
    def __init__(
        self,
        kinds: numpy.typing.NDArray[numpy.uint8] | None = None,
        boxes: numpy.typing.NDArray[numpy.float64] | None = None,
        discs: numpy.typing.NDArray[numpy.float64] | None = None,
        polygons: PolygonColumns | None = None,
        masks: MaskColumns | None = None,
        points: PointColumns | None = None,
        lines: LineColumns | None = None,
        bitmaps: collections.abc.Sequence[numpy.ndarray] | None = None,
    ) -> None: ...

class Footprint:
    def __init__(self) -> None: ...
    def clear(self) -> None: ...
    @property
    def bytes(self) -> int: ...

class CocoTrait(enum.Enum):
    id = 1
    crowd = 2
    ignore = 4

class CocoColumns:
    @property
    def box_lengths(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def boxes(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def categories(self) -> bytes: ...
    @property
    def category_ids(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def code_lengths(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def codes(self) -> numpy.typing.NDArray[numpy.uint8]: ...
    @property
    def has_captions(self) -> bool: ...
    @property
    def has_geometry(self) -> bool: ...
    @property
    def ids(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def image_ids(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def image_names(self) -> bytes: ...
    @property
    def image_numbers(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def image_sizes(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def keypoint_lengths(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def keypoints(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def mask_sizes(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def other_image_indices(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def other_images(self) -> bytes: ...
    @property
    def other_indices(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def others(self) -> bytes: ...
    @property
    def ring_counts(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def ring_lengths(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def rings(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def run_lengths(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def runs(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def scores(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def traits(self) -> numpy.typing.NDArray[numpy.uint8]: ...

class ImageLines:
    @property
    def bounds(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def count(self) -> int: ...
    @property
    def kinds(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def lengths(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def lines(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def names(self) -> bytes: ...
    @property
    def others(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def rows(self) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def sizes(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def splits(self) -> bytes: ...
    @property
    def values(self) -> numpy.typing.NDArray[numpy.float64]: ...

class Table:
    def cells(self, column: typing.SupportsInt | typing.SupportsIndex) -> list[str]: ...
    def encode(
        self, column: typing.SupportsInt | typing.SupportsIndex
    ) -> tuple[numpy.typing.NDArray[numpy.int64], list[str]]: ...
    def numbers(
        self, column: typing.SupportsInt | typing.SupportsIndex
    ) -> numpy.typing.NDArray[numpy.float64] | None: ...
    @property
    def lines(self) -> numpy.typing.NDArray[numpy.int64]: ...

def count(
    shapes: Shapes,
    grids: numpy.ndarray,
    rule: Rule,
    unions: numpy.ndarray | None,
    sizes: numpy.typing.NDArray[numpy.float64] | None,
    labels: numpy.typing.NDArray[numpy.int64] | None,
    images: numpy.typing.NDArray[numpy.int64] | None,
    weights: numpy.typing.NDArray[numpy.float64] | None,
    outcome: numpy.typing.NDArray[numpy.uint8],
    threads: typing.SupportsInt | typing.SupportsIndex,
    large_box_ratio: typing.SupportsFloat | typing.SupportsIndex,
    clamp: bool,
    is_fresh: bool,
    is_strict: bool,
    area_work: typing.SupportsInt | typing.SupportsIndex,
) -> int: ...
@typing.overload
def label_masks(
    image: numpy.typing.NDArray[numpy.uint8],
) -> tuple[
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.float64],
]: ...
@typing.overload
def label_masks(
    image: numpy.typing.NDArray[numpy.uint16],
) -> tuple[
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.float64],
]: ...
@typing.overload
def label_masks(
    image: numpy.typing.NDArray[numpy.uint32],
) -> tuple[
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.float64],
]: ...
@typing.overload
def label_masks(
    image: numpy.typing.NDArray[numpy.int64],
) -> tuple[
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.float64],
]: ...
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
def png_pixels(
    rows: bytes,
    height: typing.SupportsInt | typing.SupportsIndex,
    width: typing.SupportsInt | typing.SupportsIndex,
    step: typing.SupportsInt | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.uint8] | None: ...
def read_label_files(
    sources: collections.abc.Sequence[bytes | str],
    max_bytes: typing.SupportsInt | typing.SupportsIndex,
    threads: typing.SupportsInt | typing.SupportsIndex,
) -> tuple[
    numpy.typing.NDArray[numpy.float64],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
    numpy.typing.NDArray[numpy.int64],
]: ...
def scan_coco(
    parts: collections.abc.Sequence[
        tuple[collections.abc.Callable[[memoryview], typing.Any], typing.SupportsInt | typing.SupportsIndex]
    ],
) -> CocoColumns | None: ...
def scan_image_lines(text: bytes) -> ImageLines | None: ...
def scan_table(
    text: bytes, delimiter: str, width: typing.SupportsInt | typing.SupportsIndex
) -> Table | None: ...
def select_geometry(
    shapes: Shapes,
    flags: numpy.ndarray | None,
    sized: numpy.ndarray | None,
    geometry: Geometry,
    with_area: bool,
    outcome: numpy.typing.NDArray[numpy.uint8],
    kinds_out: numpy.typing.NDArray[numpy.uint8],
    notes_out: numpy.typing.NDArray[numpy.uint8],
    boxes_out: numpy.typing.NDArray[numpy.float64] | None,
) -> None: ...
def set_stop_check(check: collections.abc.Callable[[], None]) -> None: ...
def stamp(
    shapes: Shapes,
    heat: numpy.ndarray,
    amounts: numpy.typing.NDArray[numpy.float64],
    size: numpy.typing.NDArray[numpy.float64] | None,
    footprints: collections.abc.Sequence[Footprint] | None,
    limits: numpy.typing.NDArray[numpy.int64] | None,
    outcome: numpy.typing.NDArray[numpy.uint8],
) -> float: ...
def valid_masks(columns: MaskColumns) -> numpy.typing.NDArray[numpy.bool]: ...

max_cells_per_axis: int = 67108864
