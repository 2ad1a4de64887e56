"""What a caller says of an object that does not say it itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.io.options import Size

UNNAMED = "object"
"""The class of objects that name none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What an object does not say itself; what it does say goes before.

    Attributes
    ----------
    size
        The image's ``(width, height)`` in pixels, or a mapping of image names to such pairs.
    labels
        (N,) class names, or numbers; of tables, the name of the column that holds them. These go before the
        object's own.
    classes
        The names of numbered classes: a sequence, or a mapping of numbers to names. A number without a name
        n is called ``class_<n>``.
    images
        (N,) names or numbers of each annotation's image; of tables, the name of the column that holds them;
        of an object that holds one image, that image's name.
    columns
        Of tables, which column is what; see `heatgrid.io.formats.table.columns.ROLES`.
    transform
        Of a map's geometry, the raster's affine transform; see `heatgrid.io.read.ReadOptions`.
    """

    size: Size | Mapping[str, Size] | None = None
    labels: ArrayLike | Sequence[str] | str | None = None
    classes: tuple[str, ...] | Mapping[int, str] | None = None
    images: ArrayLike | Sequence[str] | str | None = None
    columns: Mapping[str, str | int] | None = None
    transform: Sequence[float] | Mapping[str, Sequence[float]] | None = None

    @property
    def divided(self) -> bool:
        """Whether coordinates that may be either are divided by their image's size: nothing says pixels."""
        return self.size is None and self.transform is None

    @classmethod
    def of(cls, *, classes: Iterable[str] | Mapping[int, str] | None = None, **others: Any) -> Self:
        """Return what is given, checked.

        Raises
        ------
        TypeError
            ``classes`` is one string.
        """
        if isinstance(classes, str):
            raise TypeError(f"classes must be several names, got the one string {classes!r}")
        if classes is not None and not isinstance(classes, Mapping):
            classes = tuple(classes)
        return cls(classes=classes, **others)

    def refuse_beside(self, value: object) -> None:
        """Raise TypeError where something is given of an object that says everything itself."""
        for name in ("size", "labels", "images", "columns", "transform"):
            if getattr(self, name) is not None:
                raise TypeError(f"{name} must not be given with {type(value).__name__}, which have their own")

    def of_one(self, i: int, count: int) -> Self:
        """Return what is given of object ``i`` of ``count``, each of which holds one image.

        Raises
        ------
        TypeError
            ``labels`` are given.
        ValueError
            There is not an image name an object.
        """
        if self.labels is not None:
            raise TypeError("labels must not be given with a list of objects: each has its own")
        if self.images is None:
            return self
        names = [self.images] if isinstance(self.images, str) else np.asarray(self.images).tolist()
        if len(names) != count:
            raise ValueError(f"images must name each of the {count} objects, got {len(names)}")
        return replace(self, images=str(names[i]))


def numbered(
    count: int,
    given: Given,
    names: Sequence[str] | NDArray[Any] | None = None,
    ids: NDArray[Any] | None = None,
    known: Mapping[int, str] | tuple[str, ...] | None = None,
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return annotations' labels, and the classes that they number.

    Parameters
    ----------
    count
        The number of annotations.
    given
        What the caller says; its labels go first.
    names
        (N,) class names that the object has.
    ids
        (N,) class numbers that the object has.
    known
        The names of these numbers, where the object has them.

    Raises
    ------
    TypeError
        Labels are neither strings nor whole numbers.
    ValueError
        There are not ``count`` of them, or none where classes are given.
    """
    if given.labels is not None:
        told = np.asarray(given.labels)
        if told.shape != (count,):
            raise ValueError(f"labels must have shape ({count},), one an annotation, got {told.shape}")
        names, ids = (None, told) if told.dtype.kind in "iuf" else (told, None)
    if names is not None:
        return _of_names(names)
    if ids is None:
        if count and given.classes is not None:
            raise ValueError("labels must be given: classes are counted apart, and the object names none")
        return np.zeros(count, dtype=np.int64), (UNNAMED,)
    return _of_numbers(ids, known if known is not None else given.classes)


def _of_names(names: Sequence[Any] | NDArray[Any]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    place: dict[str, int] = {}
    listed = names.tolist() if isinstance(names, np.ndarray) else names
    label = [place.setdefault(str(name), len(place)) for name in listed]
    return np.array(label, dtype=np.int64), tuple(place)


def _of_numbers(
    ids: NDArray[Any], names: Mapping[int, str] | tuple[str, ...] | None
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    with np.errstate(invalid="ignore"):
        whole = ids.astype(np.int64)
    if ids.dtype.kind not in "iuf" or (ids.dtype.kind == "f" and (whole != ids).any()):
        raise TypeError(f"labels must be names or whole numbers, got dtype {ids.dtype}")
    if isinstance(names, tuple) and len(set(names)) == len(names) and _all_in(whole, len(names)):
        return whole, names
    different, inverse = np.unique(whole, return_inverse=True)
    table = dict(enumerate(names)) if isinstance(names, tuple) else names or {}
    place, classes = _of_names([table.get(n, f"class_{n}") for n in different.tolist()])
    return place[inverse.reshape(-1)], classes


def _all_in(numbers: NDArray[np.int64], count: int) -> bool:
    """Tell whether there are numbers, and all of them number something."""
    return len(numbers) > 0 and bool(numbers.min() >= 0) and bool(numbers.max() < count)
