"""From an object's arrays to a batch: images and sizes, labels, and the geometry at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.annotations import Annotations
from heatgrid.core.ragged import Kind, Lines, Masks, Points, Polygons
from heatgrid.core.report import Report
from heatgrid.io.objects.given import numbered
from heatgrid.io.objects.tensors import as_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.io.objects.given import Given
    from heatgrid.io.options import Size

    Numbers = NDArray[np.float64]

NO_SIZE = "size must be given: {} has pixels, and not the (width, height) of its image"

_NO_IMAGE = ("",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """The geometry of N annotations, of any kinds side by side; as `Annotations` has it."""

    boxes: Numbers | None = None
    polygons: Polygons | None = None
    masks: Masks | None = None
    points: Points | None = None
    lines: Lines | None = None

    @property
    def has_coordinates(self) -> bool:
        """Whether anything is here but masks, which bring their image's size."""
        return any(column is not None for column in (self.boxes, self.polygons, self.points, self.lines))

    def kinds(self, count: int) -> NDArray[np.uint8]:
        """Return the `Kind` bits of each annotation; of polygons, masks, points and lines that are there."""
        kinds = np.full(count, int(Kind.BOX) if self.boxes is not None else 0, dtype=np.uint8)
        if self.polygons is not None:
            kinds[np.diff(self.polygons.annotations) > 0] |= int(Kind.POLYGON)
        if self.masks is not None:
            kinds[self.masks.sizes[:, 0] > 0] |= int(Kind.MASK)
        if self.points is not None:
            kinds[np.diff(self.points.offsets) > 0] |= int(Kind.POINT)
        if self.lines is not None:
            kinds[np.diff(self.lines.annotations) > 0] |= int(Kind.LINE)
        return kinds


def assemble(
    source: str,
    count: int,
    given: Given,
    geometry: Geometry,
    *,
    normalized: bool = False,
    names: Sequence[str] | NDArray[Any] | None = None,
    class_ids: Any = None,
    known: Mapping[int, str] | tuple[str, ...] | None = None,
    ids: Any = None,
    scores: Any = None,
    image: str | None = None,
    size: Size | None = None,
) -> Annotations:
    """Return a batch.

    Parameters
    ----------
    source
        What reports call the object.
    count
        The number of annotations.
    given
        What the caller says.
    geometry
        Where they are.
    normalized
        Whether coordinates are divided by the image's size.
    names, class_ids, known
        (N,) class names, or (N,) numbers and their names, as `numbered` takes them.
    ids
        (N,) ids of annotations or tracks.
    scores
        (N,) confidence.
    image
        The name of the one image, where the object has it.
    size
        Its size in pixels, where the object has it.

    Raises
    ------
    ValueError
        Coordinates are pixels, and nothing tells the image's size.
    """
    of_image, images = _images(count, given, image)
    sizes = _sizes(images, given, size)
    if not normalized and count and sizes is None and geometry.has_coordinates:
        raise ValueError(NO_SIZE.format(source))
    number = None if class_ids is None else as_numbers(class_ids, "class ids")
    label, classes = numbered(count, given, names, number, known)
    return Annotations(
        image_names=images,
        image=of_image,
        label=label,
        classes=classes,
        normalized=normalized,
        sizes=sizes,
        kinds=geometry.kinds(count),
        boxes=geometry.boxes,
        polygons=geometry.polygons,
        masks=geometry.masks,
        points=geometry.points,
        lines=geometry.lines,
        ids=None if ids is None else np.asarray(ids).tolist(),
        scores=None if scores is None else as_numbers(scores, "scores").astype(np.float64),
        source=source,
        report=Report(images=len(images)),
    )


def _images(count: int, given: Given, own: str | None) -> tuple[NDArray[np.int64], Sequence[str]]:
    """Return each annotation's image, and the images' names."""
    if given.images is None or isinstance(given.images, str):
        name = given.images if isinstance(given.images, str) else own
        return np.zeros(count, dtype=np.int64), _NO_IMAGE if name is None else (name,)
    told = np.asarray(given.images)
    if told.shape != (count,):
        raise ValueError(f"images must have shape ({count},), one an annotation, got {told.shape}")
    place: dict[str, int] = {}
    of_image = [place.setdefault(str(name), len(place)) for name in told.tolist()]
    return np.array(of_image, dtype=np.int64), tuple(place)


def _sizes(images: Sequence[str], given: Given, own: Size | None) -> Numbers | None:
    """Return the images' sizes, the object's own before the caller's."""
    size = given.size if own is None else own
    if size is None:
        return None
    if isinstance(size, Mapping):
        from heatgrid.io.files import ImageSizes
        from heatgrid.io.options import ReadOptions

        known = ImageSizes(ReadOptions(size=size))
        return np.array([known.find(name) for name in images], dtype=np.float64).reshape(-1, 2)
    try:
        width, height = map(float, size)
    except (TypeError, ValueError):
        width = height = 0.0
    if not (0 < width < np.inf and 0 < height < np.inf):
        raise ValueError(f"size must be a positive (width, height) in pixels, got {size!r}")
    return np.array([(width, height)] * len(images), dtype=np.float64)
