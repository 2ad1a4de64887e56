"""Read options, and the names of splits."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict, cast, get_args

import numpy as np

from heatgrid.core.anchors import ANCHORS, Anchor, Homography
from heatgrid.core.annotations import Geometry
from heatgrid.core.arguments import OnError
from heatgrid.core.class_grids import class_names
from heatgrid.core.limits import DEFAULT, Limits
from heatgrid.core.spec import check_choice
from heatgrid.io.places import archive_of
from heatgrid.io.remote import is_place, place_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.annotations import WeightOf
    from heatgrid.core.region import Region
    from heatgrid.core.report import Report

Attribute = Literal["crowd", "group", "difficult", "truncated", "occluded"]
Task = Literal["detect", "segment", "obb", "pose"]
Size = tuple[float, float]
AreaName = Literal["small", "medium", "large"]
AREAS: dict[AreaName, tuple[float, float]] = {
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, math.inf),
}
"""COCO's ranges of box areas in square pixels; the first limit belongs to the range, the second does not."""
WORLD = "world"

_SPLITS = {
    "train": ("train", "training"),
    "val": ("val", "valid", "validate", "validation"),
    "test": ("test", "testing"),
    "trainval": ("trainval",),
    "minival": ("minival",),
}
_CANONICAL = {word: name for name, words in _SPLITS.items() for word in words}
_CONTENTS = {
    *("image", "images", "img", "imgs", "label", "labels", "annotation", "annotations", "annots", "ann"),
    *("anns", "data", "dataset", "set", "split", "gt", "txt", "xml", "xmls", "json", "jsons", "csv"),
    *("zip", "tar", "gz", "tgz", "bz", "tbz", "xz", "txz"),
}
_WORD = re.compile(r"[a-z]+")

SYNONYMS = {name: _SPLITS[name] for name in ("train", "val", "test")}
"""Names of folders that hold a split."""


class Meter:
    """Position in the file that is being read, which another thread may ask for."""

    file: tuple[str | Path, int, int] | None = None

    def __str__(self) -> str:
        if self.file is None:
            return ""
        path, file, size = self.file
        with suppress(OSError):  # another thread may have closed the file
            share = os.lseek(file, 0, os.SEEK_CUR) / size
            return f"{Path(path).name}: {min(share, 1):.0%} of {size / 1e6:,.1f} MB"
        return ""


class BatchKeywords(TypedDict):
    """Options of reading that concern counting."""

    geometry: Geometry
    on_error: OnError
    weights: WeightOf | ArrayLike | None
    threads: int | None
    area_work: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """Options of all readers; each reader uses those that concern it.

    Attributes
    ----------
    geometry
        The geometry to count of each annotation, see `heatgrid.core.annotations.select_geometry`.
    weights
        The weight of each annotation: ``"score"``, or a function of a batch that returns (N,) numbers.
    classes, exclude_classes
        Count these classes only, or all but these; the others are excluded. Names, or patterns such as
        ``"cam*"``; each must match a class. None counts all.
    ignore_case
        Whether upper and lower case are the same in ``classes`` and ``exclude_classes``.
    exclude
        Exclude annotations that have one of these attributes: ``"crowd"``, ``"group"``, ``"difficult"``,
        ``"truncated"``, ``"occluded"``.
    min_score
        Exclude annotations with a lower score; those without a score stay. An error if none has one.
    area
        Exclude annotations whose box, or bounding box, cut to the image, has another area: ``"small"``,
        ``"medium"``, ``"large"`` (`AREAS`), or a pair of square pixels, of which the second is excluded.
    truth
        The COCO file that a bare list of COCO results refers to: it gives names and sizes of images and names
        of categories. Other formats do without.
    only
        Read images of these names only, or of names that match these patterns (``"cam3/*"``).
    region, exclude_region
        Count annotations in one of these regions only, or in none of these; the others are excluded.
    anchor
        The point of an annotation's box that stands for it: its place in regions and on floor plans, and with
        rule ``"point"`` its place in the map. None is its representative point.
    homography
        Mapping of the anchors to a floor plan.
    at_anchor
        Whether annotations are counted as points, at their anchors.
    attributes
        Names of the attributes to read.
    splits
        Read these splits only; None reads all. ``"valid"`` and ``"validation"`` mean ``"val"``.
    on_error
        ``"skip"`` skips and reports bad annotations and files, ``"raise"`` stops at the first.
    images
        A folder of images whose headers supply missing image sizes; declared sizes that differ are reported.
        None searches the source and the folder that holds it.
    size
        Size in pixels of images whose annotation files give none: one ``(width, height)``, or a mapping of
        image names to such pairs.
    encoding
        Encoding of text files, such as ``"latin-1"`` or ``"gbk"``. None reads UTF-8, UTF-16 with a byte order
        mark, and the encoding that an XML file declares; other text raises FormatError with its position.
    one_based
        Whether pixel coordinates begin at 1 and include both ends, as the VOC devkit writes them.
    columns
        Columns of tables by role: ``{"image": "photo", "class": "species", "x1": "left edge"}``, by name, or
        by number from 0; see `heatgrid.io.formats.tables.columns.ROLES`. Properties of GeoJSON likewise.
    field
        Field of labels in FiftyOne. None takes the only one with detections, or else the only one.
    normalized
        Whether the coordinates of tables are divided by the image size; None decides by their range.
    transform
        For maps (GeoJSON, well-known text): the raster's affine transform, six numbers a b c d e f as in
        rasterio; or a mapping of image names to such; or ``"world"``, the world files next to the images in
        ``images``. Coordinates must be in the raster's reference system. None takes them as pixels.
    ignore
        Numbers of label images that are not counted. None takes those that a known data set or a file of
        names calls background or void, or else 0 and 255.
    task
        Meaning of YOLO rows if their column count is ambiguous.
    needs_sizes
        Whether images need sizes also if their coordinates are normalized.
    compares_sizes
        Whether sizes that files declare are compared with the image files; given ``images``, they always are.
    limits
        What files may claim, see `heatgrid.Limits`.
    table_rows
        Approximate number of table rows in memory, so that tables may be larger than memory. In larger
        tables, the rows of an image must be contiguous.
    batch_images
        Approximate number of images per batch, in formats with one file per image.
    threads
        Number of threads that read label files and count, or of processes that parse documents; None chooses
        it. Results do not depend on it.
    meter
        Receives the position in the file that is being read.
    """

    geometry: Geometry = "auto"
    weights: WeightOf | None = None
    classes: str | Sequence[str] | None = None
    exclude_classes: str | Sequence[str] | None = None
    ignore_case: bool = False
    exclude: Attribute | Sequence[Attribute] | None = None
    min_score: float | None = None
    area: AreaName | tuple[float, float] | None = None
    truth: str | os.PathLike[str] | None = None
    only: str | Sequence[str] | None = None
    region: tuple[Region, ...] = ()
    exclude_region: tuple[Region, ...] = ()
    anchor: Anchor | None = None
    homography: Homography | None = None
    at_anchor: bool = False
    attributes: tuple[str, ...] = ()
    splits: str | Sequence[str] | None = None
    on_error: OnError = "skip"
    images: str | os.PathLike[str] | None = None
    size: Size | Mapping[str, Size] | None = None
    encoding: str | None = None
    one_based: bool = False
    columns: Mapping[str, str | int] | None = None
    field: str | None = None
    normalized: bool | None = None
    transform: Sequence[float] | Mapping[str, Sequence[float]] | str | None = None
    task: Task | None = None
    ignore: Sequence[int] | None = None
    needs_sizes: bool = False
    compares_sizes: bool = False
    limits: Limits = DEFAULT
    table_rows: int = 1 << 22
    batch_images: int = 4096
    threads: int | None = None
    meter: Meter | None = None

    def __post_init__(self) -> None:
        check_choice("geometry", self.geometry, get_args(Geometry))
        check_choice("on_error", self.on_error, get_args(OnError))
        if self.weights is not None and not callable(self.weights):
            check_choice("weights", self.weights, ("score",))
        for name in ("classes", "exclude_classes", "exclude", "only"):
            if (names := getattr(self, name)) is not None:
                object.__setattr__(self, name, class_names(as_names(names, name), name))
        for attribute in self.exclude or ():
            check_choice("exclude", attribute, get_args(Attribute))
        if self.min_score is not None and not math.isfinite(self.min_score):
            raise ValueError(f"min_score must be a finite number, got {self.min_score!r}")
        if self.area is not None:
            object.__setattr__(self, "area", _area_range(self.area))
            object.__setattr__(self, "needs_sizes", True)
        if self.splits is not None:
            names = as_names(self.splits, "splits")
            object.__setattr__(self, "splits", tuple(canonical_split(str(name)) for name in names))
        if self.anchor is not None:
            check_choice("anchor", self.anchor, ANCHORS)
        if self.task is not None:
            check_choice("task", self.task, get_args(Task))
        ignore: object = self.ignore  # untyped callers may pass anything
        if ignore is not None and not (
            isinstance(ignore, Iterable) and all(isinstance(number, int) for number in ignore)
        ):
            raise ValueError(f"ignore must be numbers of labels, got {ignore!r}")
        if self.encoding is not None:
            try:
                "".encode(self.encoding)
            except LookupError as error:
                raise ValueError(f"encoding must be a known text encoding, got {self.encoding!r}") from error
        columns: object = self.columns  # untyped callers may pass anything
        if columns is not None and not isinstance(columns, Mapping):
            raise ValueError(f"columns must be a mapping of roles to column names, got {columns!r}")
        for name in ("images", "truth"):
            if "://" in str(path := getattr(self, name)):
                object.__setattr__(self, name, str(place_of(path)))
        folder = Path(self.images or ".")
        if not (is_place(folder) or folder.is_dir() or archive_of(folder) is not None):
            raise ValueError(f"images must be a folder or an archive, got {self.images}")
        if isinstance(self.transform, Mapping):
            for transform in self.transform.values():
                invert_transform(transform)
        elif self.transform == WORLD:
            if self.images is None:
                raise ValueError("transform='world' requires images=, the folder of rasters and world files")
        elif self.transform is not None:
            invert_transform(self.transform)

    def wants(self, split: str | None) -> bool:
        """Return whether to read a split."""
        return self.splits is None or split in self.splits

    def wants_class(self, name: str) -> bool:
        """Return whether to count a class."""
        wanted = self.classes is None or self.matches(name, self.classes)
        return wanted and not self.matches(name, self.exclude_classes or ())

    def matches(self, name: str, patterns: Iterable[str]) -> bool:
        """Return whether a class has one of these names, or matches one of these patterns."""
        fold = str.casefold if self.ignore_case else str
        return any(fold(name) == fold(one) or fnmatchcase(fold(name), fold(one)) for one in patterns)

    @property
    def filters(self) -> bool:
        """True if the caller excludes annotations or images."""
        names = ("classes", "exclude_classes", "exclude", "only", "min_score", "area")
        is_filtered = any(getattr(self, name) is not None for name in names)
        return is_filtered or bool(self.region or self.exclude_region or self.at_anchor)

    @property
    def fixed_classes(self) -> tuple[str, ...] | None:
        """The classes to count, in order; None if they depend on the source."""
        if self.ignore_case or any(is_pattern(name) for name in self.classes or ()):
            return None
        return None if self.classes is None else tuple(self.classes)

    @property
    def counted_geometry(self) -> Geometry:
        """The geometry to count of the batches that are read."""
        return "point" if self.at_anchor else self.geometry

    @property
    def counting(self) -> BatchKeywords:
        """Keyword arguments of `heatgrid.core.counts.Counts.add_batch`."""
        return {
            "geometry": self.counted_geometry,
            "weights": self.weights,
            "on_error": self.on_error,
            "threads": self.threads,
            "area_work": self.limits.area_work,
        }

    @property
    def strict(self) -> bool:
        """True if reading stops at the first error."""
        return self.on_error == "raise"

    def note_splits_absent(self, found: Iterable[str | None], report: Report, path: object) -> None:
        """Add a note for each requested split that a source does not have."""
        present = set(found)
        for name in self.splits or ():
            if name not in present:
                report.note(f"no split named {name}", where=str(path))


def _area_range(area: object) -> tuple[float, float]:
    """Return the range of areas of one of `AREAS`, or a pair of numbers."""
    if isinstance(area, str):
        check_choice("area", area, get_args(AreaName))
        return AREAS[cast("AreaName", area)]
    try:
        low, high = (float(side) for side in cast("Iterable[float]", area))
    except (TypeError, ValueError):
        low = high = math.nan
    if not 0 <= low < high:
        raise ValueError(f"area must be small, medium, large or a rising pair of numbers, got {area!r}")
    return low, high


def invert_transform(transform: object) -> NDArray[np.float64]:
    """Return the inverse of an affine transform a b c d e f, shape (2, 3)."""
    try:
        numbers = np.array(transform, dtype=np.float64)[:6].reshape(2, 3)
        square = np.concatenate([numbers, [[0, 0, 1]]])
        if np.isfinite(square).all():
            return np.asarray(np.linalg.inv(square)[:2], dtype=np.float64)
    except (TypeError, ValueError, IndexError, np.linalg.LinAlgError):
        pass
    raise ValueError(
        f"transform must be six numbers a b c d e f of an invertible transform, got {transform!r}"
    )


def as_names(names: str | Iterable[str], argument: str) -> tuple[str, ...]:
    """Return the names as a tuple; a single string counts as one name."""
    found = (names,) if isinstance(names, str) else tuple(names)
    if not found:
        raise ValueError(f"{argument} must name at least one, or be None for all")
    return found


def is_pattern(name: str) -> bool:
    """Return whether a name may be a pattern: ``*``, ``?`` and ``[…]`` stand for other characters."""
    return any(sign in name for sign in "*?[")


def canonical_split(name: str) -> str:
    """Return the common name of a split: ``"valid"`` and ``"Validation"`` are ``"val"``."""
    return _CANONICAL.get(name.lower(), name)


def split_in(name: str) -> str | None:
    """Return the split that a file's name mentions: ``"train"`` for ``instances_train2017``."""
    words = _WORD.findall(name.lower())
    return next((_CANONICAL[word] for word in words if word in _CANONICAL), None)


def split_of(folders: Iterable[str], stem: str = "") -> str | None:
    """Return the split that a file's name mentions, or else the first of its folders that mentions one.

    A folder's last word decides, apart from words for its content: ``train2017``, ``books-training`` and
    ``val_images`` are splits, ``test_project`` is none.
    """
    if (named := split_in(stem)) is not None:
        return named
    for name in folders:
        words = _WORD.findall(name.lower())
        while words and words[-1] in _CONTENTS:
            words.pop()
        if words and words[-1] in _CANONICAL:
            return _CANONICAL[words[-1]]
    return None
