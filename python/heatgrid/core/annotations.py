"""Annotations: one columnar batch, as readers yield it and maps count it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import compress
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.arguments import as_weights
from heatgrid.core.ragged import Kind, Lines, Masks, Points, Polygons, Shapes, finite_rows, pick
from heatgrid.core.report import Report, describe
from heatgrid.core.spec import CountSpec, check_choice
from heatgrid.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypeAlias

    from numpy.typing import ArrayLike, NDArray

    Integers = NDArray[np.int64]
    WeightOf: TypeAlias = Literal["score"] | Callable[["Annotations"], ArrayLike]


Geometry = Literal["auto", "box", "polygon", "mask", "point", "line"]
_GEOMETRIES = get_args(Geometry)

NOTES = {
    1: "box used, no usable polygon",
    2: "box used, no usable mask",
    4: "bounding box of the polygon used, no usable box",
    8: "ring of fewer than three vertices ignored",
}
"""Texts of the kernel's notes, by bit."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Annotations:
    """N annotations on I images, as files hold them: raw, unclipped, with all geometry they have.

    An image belongs to one batch only, so that the union of its annotations can be counted.

    Attributes
    ----------
    image_names
        (I,) names; images without annotations are among them.
    image
        (N,) int64, index into ``image_names``.
    label
        (N,) int64, index into ``classes``.
    classes
        Class names, each once.
    normalized
        Whether coordinates are divided by the image's size; otherwise they are pixels.
    sizes
        (I, 2) float64, width and height in pixels, NaN where unknown; needed for pixels.
    kinds
        (N,) uint8, `Kind` bits of the geometry that is present, usable or not.
    boxes
        (N, 4) float64, x1 y1 x2 y2, NaN where absent.
    polygons, masks, points, lines
        Columns over the N annotations, or None where no annotation has any.
    ids
        (N,) annotation ids as the file has them.
    flags
        (N,) uint8, `Flag` bits.
    scores
        (N,) float64, confidence, NaN where absent.
    source
        The file or folder read.
    split
        ``"train"``, ``"val"``, ``"test"``, or another name that the source gives.
    files
        (I,) the annotation file of each image, where that is not ``source``.
    places
        (I,) place of each image in its file (``"items[3]"``), if positions restart per image.
    positions
        (N,) int64, the annotation's line number or index in its file.
    position_format
        How to write a position: ``"annotations[{}]"``, ``"line {}"``.
    regions
        With ``region=``: region name -> (N,) bool mask of the annotations in it.
    attributes, image_attributes
        The attributes that were asked for, by name: (N,) texts of the annotations, (I,) of the images, None
        where there is none.
    report
        What the reader itself skipped and noted;
        ``report.read == report.skips``: the annotations of the batch itself are not recorded yet.

    Examples
    --------
    >>> import heatgrid as hg
    >>> batch = hg.annotations_from([[10, 20, 50, 60]], size=(100, 80), labels=["car"])
    >>> batch.boxes
    array([[10., 20., 50., 60.]])
    """

    image_names: Sequence[str]
    image: NDArray[np.int64]
    label: NDArray[np.int64]
    classes: tuple[str, ...]
    normalized: bool
    sizes: NDArray[np.float64] | None = None
    kinds: NDArray[np.uint8]
    boxes: NDArray[np.float64] | None = None
    polygons: Polygons | None = None
    masks: Masks | None = None
    points: Points | None = None
    lines: Lines | None = None
    ids: Sequence[object] | None = None
    flags: NDArray[np.uint8] | None = None
    scores: NDArray[np.float64] | None = None
    source: str = ""
    split: str | None = None
    files: Sequence[str] | None = None
    places: Sequence[str] | None = None
    positions: NDArray[np.int64] | None = None
    position_format: str = "annotation {}"
    regions: Mapping[str, NDArray[np.bool_]] | None = None
    attributes: Mapping[str, Sequence[str | None]] | None = None
    image_attributes: Mapping[str, Sequence[str | None]] | None = None
    report: Report = field(default_factory=Report)

    def __len__(self) -> int:
        return len(self.image)

    @property
    def sizes_of_annotations(self) -> NDArray[np.float64]:
        """Image size of each annotation, (N, 2); NaN where it is unknown."""
        return np.full((len(self), 2), np.nan) if self.sizes is None else self.sizes[self.image]

    def select(self, which: ArrayLike) -> Annotations:
        """Return the batch with some of its annotations, and all of its images.

        Parameters
        ----------
        which
            (N,) bool, or indices of annotations.
        """
        which = np.asarray(which)
        index = np.flatnonzero(which) if which.dtype == bool else which.astype(np.int64)
        if which.dtype == bool and which.shape != (len(self),):
            raise ValueError(f"which: expected {len(self)} booleans, got shape {which.shape}")
        columns: dict[str, Any] = {"positions": index if self.positions is None else self.positions[index]}
        for name in ("image", "label", "kinds", "boxes", "flags", "scores"):
            column = getattr(self, name)
            columns[name] = None if column is None else column[index]
        for name in ("polygons", "masks", "points", "lines"):
            ragged = getattr(self, name)
            columns[name] = None if ragged is None else ragged.take(index)
        if self.regions is not None:
            columns["regions"] = {name: inside[index] for name, inside in self.regions.items()}
        if self.attributes is not None:
            columns["attributes"] = {name: pick(values, index) for name, values in self.attributes.items()}
        return replace(self, ids=None if self.ids is None else pick(self.ids, index), **columns)

    def with_classes(self, classes: Iterable[str]) -> Annotations:
        """Return the batch with labels into ``classes``, without the annotations of other classes."""
        names = tuple(classes)
        number = {name: i for i, name in enumerate(names)}
        mapping = np.array([number.get(name, -1) for name in self.classes], dtype=np.int64)
        label = mapping[self.label] if len(self) else self.label
        kept = label >= 0
        if kept.all():
            return replace(self, label=label, classes=names)
        batch = self.select(kept)
        return replace(batch, label=label[kept], classes=names)

    def with_images(self, kept: NDArray[np.bool_]) -> Annotations:
        """Return the batch with some of its images, (I,) bool, and their annotations."""
        batch = self.select(kept[self.image])
        return replace(
            batch,
            image_names=[*compress(self.image_names, kept)],
            image=(np.cumsum(kept) - 1)[batch.image],
            sizes=None if self.sizes is None else self.sizes[kept],
            files=None if self.files is None else [*compress(self.files, kept)],
            places=None if self.places is None else [*compress(self.places, kept)],
            image_attributes={
                name: [*compress(values, kept)] for name, values in (self.image_attributes or {}).items()
            },
        )

    def place(self, i: int) -> tuple[str, str, object]:
        """Return the file of annotation ``i``, its position there, and its id or None."""
        image = int(self.image[i])
        path = self.source if self.files is None else self.files[image]
        position = self.position_format.format(i if self.positions is None else int(self.positions[i]))
        if self.places is not None and self.places[image]:
            position = f"{self.places[image]}.{position}"
        return path, position, None if self.ids is None else self.ids[i]

    def where(self, i: int) -> str:
        """Return the place of annotation ``i`` as a report shows it."""
        path, position, annotation = self.place(i)
        return describe(path, position, annotation)

    def validate(self) -> None:
        """Raise ValueError unless the columns fit together."""
        n, images = len(self), len(self.image_names)
        shapes: dict[str, tuple[int, ...]] = {
            **dict.fromkeys(("image", "label", "kinds", "flags", "scores", "positions"), (n,)),
            "boxes": (n, 4),
            "sizes": (images, 2),
        }
        for name, shape in shapes.items():
            column = getattr(self, name)
            if column is not None and column.shape != shape:
                raise ValueError(f"{name}: expected shape {shape}, got {column.shape}")
        for name, column, limit in (("image", self.image, images), ("label", self.label, len(self.classes))):
            if n and (column.min() < 0 or column.max() >= limit):
                raise ValueError(
                    f"{name}: expected numbers below {limit}, got {column.min()} to {column.max()}"
                )
        columns: list[tuple[str, Any, int]] = []
        columns += [(name, inside, n) for name, inside in (self.regions or {}).items()]
        columns += [(name, values, n) for name, values in (self.attributes or {}).items()]
        columns += [(name, values, images) for name, values in (self.image_attributes or {}).items()]
        for name, values, count in columns:
            if len(values) != count:
                raise ValueError(f"{name}: expected {count} values, got {len(values)}")
        if len(set(self.classes)) != len(self.classes):
            raise ValueError("classes: expected each name once")
        for ragged in (self.polygons, self.masks, self.points, self.lines):
            if ragged is not None:
                ragged.check(n)
        if self.report.read != self.report.skips:
            raise ValueError(f"report: {self.report.read} annotations recorded, {self.report.skips} skipped")


NO_SCORE = "score missing, needed as weight"


def weigh(
    batch: Annotations, weights: ArrayLike | WeightOf, *, strict: bool
) -> tuple[Annotations, NDArray[np.float64]]:
    """Return a batch and its weights: numbers, those of a function of the batch, or the scores.

    Annotations without a score are skipped with `NO_SCORE`. Raise ValueError if there are no scores at all.
    """
    if isinstance(weights, str):
        check_choice("weights", weights, ("score",))
        if batch.scores is None:
            if len(batch):
                raise ValueError(f"weights='score' needs scores: {batch.source or 'the batch'} has none")
            return batch, np.zeros(0)
        if (missing := np.isnan(batch.scores)).any():
            batch = _skip(batch, missing, strict=strict)
        return batch, np.ascontiguousarray(batch.scores, dtype=np.float64)
    return batch, as_weights(weights(batch) if callable(weights) else weights, len(batch))


def _skip(batch: Annotations, missing: NDArray[np.bool_], *, strict: bool) -> Annotations:
    """Return a batch without the annotations that have no score, which its report lists."""
    report = batch.report.copy()
    for i in np.flatnonzero(missing).tolist():
        if strict:
            raise FormatError(NO_SCORE, *batch.place(i))
        report.skip(NO_SCORE, batch.where(i), label=batch.classes[int(batch.label[i])])
    return replace(batch.select(~missing), report=report)


def check_geometry(geometry: str, spec: CountSpec) -> None:
    """Raise ValueError for an unknown geometry, or one that the rule cannot count."""
    check_choice("geometry", geometry, _GEOMETRIES)
    if geometry in {"point", "line"} and spec.needs_area:
        raise ValueError(
            f"geometry={geometry!r} cannot be combined with rule='area': {geometry}s have no area"
        )


def select_geometry(
    batch: Annotations, geometry: Geometry, spec: CountSpec, outcome: NDArray[np.uint8]
) -> tuple[Shapes, NDArray[np.uint8]]:
    """Select the geometry to count of every pending annotation: the shapes, and bits of `NOTES` for each.

    ``"auto"`` is the polygon if usable, else the mask, the box, the lines, the points; ``"box"`` the box, or
    the bounding box of a usable polygon. For a size map, ``"auto"`` is the box if usable. Pending annotations
    without usable geometry receive the reason as outcome.

    A box is usable if it is finite; a polygon if at least one ring has three distinct vertices and every ring
    of three or more vertices is finite; lines likewise, with two vertices; points if one is visible and all
    visible ones are finite; a mask if its run lengths sum to its size. All but masks need the image size if
    coordinates are pixels. Annotations that their file marks as to be ignored or outside are excluded.
    """
    check_geometry(geometry, spec)
    boxes = batch.boxes
    if geometry == "box" and batch.polygons is not None:
        boxes = np.full((len(batch), 4), np.nan) if boxes is None else boxes.copy()
    shapes = Shapes(
        kinds=batch.kinds,
        boxes=batch.boxes,
        polygons=batch.polygons,
        masks=batch.masks,
        points=batch.points,
        lines=batch.lines,
    )
    kinds, notes = kernel.select_geometry(
        shapes,
        geometry,
        outcome,
        flags=batch.flags,
        sized=_sized(batch, needed=not batch.normalized or spec.fit == "letterbox"),
        with_area=spec.needs_area,
        boxes=boxes if geometry == "box" else None,
    )
    if spec.of == "size" and geometry == "auto" and batch.boxes is not None:
        kinds[finite_rows(batch.boxes)] = Kind.BOX
    shapes.kinds, shapes.boxes = kinds, boxes
    return shapes, notes


def _sized(batch: Annotations, *, needed: bool) -> NDArray[np.bool_] | None:
    """Return which annotations have an image size; None if none is needed, or all have one."""
    if not needed:
        return None
    if batch.sizes is None:
        return np.zeros(len(batch), dtype=bool)
    if len(batch.sizes) == 1:  # fast path for live detections
        width, height = batch.sizes[0].tolist()
        if 0 < width < np.inf and 0 < height < np.inf:
            return None
    known = (batch.sizes > 0) & (batch.sizes < np.inf)  # NaN is neither
    if np.count_nonzero(known) == known.size:
        return None
    return (known[:, 0] & known[:, 1])[batch.image]
