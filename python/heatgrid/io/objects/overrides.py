"""Keyword overrides for foreign objects: values that the caller passes because the object lacks them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from heatgrid.io.documents import UNNAMED
from heatgrid.io.formats.geo import pick_property
from heatgrid.io.formats.tables.batches import Categories, renumber

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.io.options import Size

    Integers = NDArray[np.int64]
    ClassNames = tuple[str, ...] | Mapping[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Keyword arguments of `heatgrid.annotations_from`, which describes them."""

    size: Size | Mapping[str, Size] | None = None
    labels: ArrayLike | Sequence[str] | str | None = None
    classes: ClassNames | None = None
    images: ArrayLike | Sequence[str] | str | None = None
    columns: Mapping[str, str | int] | None = None
    transform: Sequence[float] | Mapping[str, Sequence[float]] | None = None

    @property
    def is_normalized(self) -> bool:
        """Whether coordinates of either kind are normalized: nothing says that they are pixels."""
        return self.size is None and self.transform is None

    def refuse(self, value: object) -> None:
        """Raise TypeError if anything but classes is passed with an object that has it all."""
        for field in fields(self):
            if field.name != "classes" and getattr(self, field.name) is not None:
                message = f"{field.name} must not be given with {type(value).__name__}, which have their own"
                raise TypeError(message)

    def of_item(self, i: int, count: int) -> Self:
        """Return the overrides of object ``i`` of ``count``, each of which holds one image."""
        if self.labels is not None:
            raise TypeError("labels must not be given with a list of objects: each has its own")
        if self.images is None:
            return self
        names = [self.images] if isinstance(self.images, str) else np.asarray(self.images).tolist()
        if len(names) != count:
            raise ValueError(f"images must name each of the {count} objects, got {len(names)}")
        return replace(self, images=str(names[i]))


def number_labels(
    count: int,
    overrides: Overrides,
    names: Sequence[str] | NDArray[Any] | None = None,
    ids: NDArray[Any] | None = None,
    known: ClassNames | None = None,
) -> tuple[Integers, tuple[str, ...]]:
    """Return the label of each annotation and the class names; the caller's labels replace names and ids."""
    if overrides.labels is not None:
        passed = np.asarray(overrides.labels)
        if passed.shape != (count,):
            raise ValueError(f"labels must have shape ({count},), one an annotation, got {passed.shape}")
        names, ids = (None, passed) if passed.dtype.kind in "iuf" else (passed, None)
    if names is not None:
        return number_names(names)
    if ids is None:
        if count and overrides.classes is not None:
            raise ValueError("labels must be given: classes are counted apart, and the object names none")
        return np.zeros(count, dtype=np.int64), (UNNAMED,)
    return _number_ids(ids, overrides.classes if known is None else known)


def number_names(values: Sequence[Any] | NDArray[Any]) -> tuple[Integers, tuple[str, ...]]:
    """Return the index of each value's name, and the names by first appearance."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "iu":
        different, inverse = np.unique(values, return_inverse=True)
        codes, used = renumber(inverse.reshape(-1), len(different))
        return codes, tuple(map(str, different[used].tolist()))
    listed = values.tolist() if isinstance(values, np.ndarray) else values
    encoded = Categories.encode(list(map(str, listed)))
    return encoded.codes.astype(np.int64), tuple(encoded.texts())


def _number_ids(ids: NDArray[Any], names: ClassNames | None) -> tuple[Integers, tuple[str, ...]]:
    """Return labels of class numbers; a number n without a name is called ``class_<n>``."""
    with np.errstate(invalid="ignore"):
        whole = ids.astype(np.int64)
    if ids.dtype.kind not in "iuf" or (ids.dtype.kind == "f" and (whole != ids).any()):
        raise TypeError(f"labels must be names or whole numbers, got dtype {ids.dtype}")
    if isinstance(names, tuple) and len(set(names)) == len(names) and _are_below(whole, len(names)):
        return whole, names
    different, inverse = np.unique(whole, return_inverse=True)
    table = dict(enumerate(names)) if isinstance(names, tuple) else names or {}
    index, classes = number_names([table.get(n, f"class_{n}") for n in different.tolist()])
    return index[inverse.reshape(-1)], classes


def _are_below(numbers: Integers, count: int) -> bool:
    return len(numbers) > 0 and bool(numbers.min() >= 0) and bool(numbers.max() < count)


def row_properties(
    header: Iterable[str], column: Callable[[str], Any], overrides: Overrides
) -> tuple[Overrides, dict[str, Any]]:
    """Return the other columns of a table with geometry: classes, images, ids and scores.

    ``column`` returns the values of a column, an array of numbers or a list. Found are the overrides that
    remain, and arguments of `heatgrid.io.objects.batch.make_batch`.
    """
    names = {name: name for name in header}
    found: dict[str, Any] = {}
    passed_by_role = {"class": overrides.labels, "image": overrides.images, "score": None, "id": None}
    for role, passed in passed_by_role.items():
        chosen = {role: passed} if isinstance(passed, str) and passed in names else overrides.columns
        name = pick_property(names, role, chosen)
        if not name or (passed is not None and not (isinstance(passed, str) and name == passed)):
            continue
        values = column(name)
        if role == "class":
            is_number = isinstance(values, np.ndarray) and values.dtype.kind in "iu"
            found["class_ids" if is_number else "names"] = values
            overrides = replace(overrides, labels=None)
        elif role == "image":
            overrides = replace(overrides, images=np.array([str(value) for value in values], dtype=object))
        else:
            found["ids" if role == "id" else "scores"] = values
    return overrides, found
