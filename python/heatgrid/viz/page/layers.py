"""The planes that a viewer shows: counts by split and class, and what they are when some are selected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.heatmap import Heatmap

    Maps: TypeAlias = Heatmap | Mapping[Any, Heatmap] | NDArray[Any]
    Names: TypeAlias = Sequence[str] | None


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """Counts of one class in one split; of all classes together where ``label`` is None."""

    split: int
    label: int | None
    values: NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """Planes on one grid.

    Attributes
    ----------
    shape
        Rows and columns.
    splits, classes
        Their names; there is at least one split, its name empty where nobody named it.
    planes
        Those that are not zero everywhere.
    has_union
        Whether all classes together are a plane of their own, since an image may have several.
    """

    shape: tuple[int, int]
    splits: tuple[str, ...]
    classes: tuple[str, ...]
    planes: tuple[Plane, ...]
    has_union: bool

    @classmethod
    def of(cls, maps: Maps, *, by_class: bool = True) -> Layers:
        """Take maps apart.

        Parameters
        ----------
        maps
            A `Heatmap`; several by the names of their splits; or a (rows, columns) array.
        by_class
            Whether to keep the classes apart.

        Raises
        ------
        TypeError
            The maps are none of these, or an array is not of real numbers.
        ValueError
            There are no maps, they differ in shape or definition, or an array is not two-dimensional,
            empty, or holds an infinite value.
        """
        if isinstance(maps, np.ndarray):
            values = _checked(maps)
            return cls(
                (values.shape[0], values.shape[1]), ("",), (), (Plane(0, None, values),), has_union=False
            )
        named = named_maps(maps)
        heats = list(named.values())
        for heat in heats[1:]:
            heats[0].spec.check_equal(heat.spec)
        classes = tuple(dict.fromkeys(name for heat in heats for name in heat.classes)) if by_class else ()
        has_union = bool(classes) and any(heat.has_union for heat in heats)
        planes = []
        for split, heat in enumerate(heats):
            if not classes or has_union or not heat.classes:
                planes.append(Plane(split, None, heat.counts))
            if classes:
                planes += [
                    Plane(split, classes.index(name), plane.copy())
                    for name, plane in zip(heat.classes, heat.by_class, strict=True)
                ]
        shown = tuple(plane for plane in planes if plane.values.any())
        return cls(heats[0].shape, tuple(named), classes, shown, has_union)

    def select(self, splits: Names = None, classes: Names = None, difference: Names = None) -> NDArray[Any]:
        """Return the grid that is shown.

        Parameters
        ----------
        splits, classes
            Names of those to add up; None takes all.
        difference
            Two splits, or two classes: the share of the first in each cell minus that of the second, in
            percentage points.

        Returns
        -------
        ndarray
            (rows, columns); exact integers for counts, float64 for weights and differences.
        """
        if difference is None:
            return self._sum(splits, classes)
        by_split = all(name in self.splits for name in difference)
        first, second = (
            _share(self._sum([name], classes) if by_split else self._sum(splits, [name]))
            for name in difference
        )
        points: NDArray[Any] = 100.0 * (first - second)
        return points

    def _sum(self, splits: Names, classes: Names) -> NDArray[Any]:
        whole = self.has_union and (classes is None or all(name in classes for name in self.classes))
        dtype = np.result_type(np.int64, *(plane.values.dtype for plane in self.planes))
        total = np.zeros(self.shape, dtype=dtype)
        for plane in self.planes:
            if splits is not None and self.splits[plane.split] not in splits:
                continue
            if self.classes and (plane.label is None) != whole:
                continue
            if plane.label is not None and classes is not None and self.classes[plane.label] not in classes:
                continue
            total += plane.values
        return total


def named_maps(maps: Heatmap | Mapping[Any, Heatmap]) -> dict[str, Heatmap]:
    """Return maps by the names of their splits, in their order.

    Raises
    ------
    TypeError
        These are no maps.
    ValueError
        There are none, or two have one name.
    """
    given = maps if isinstance(maps, Mapping) else {"": maps}
    if not given:
        raise ValueError("maps must hold at least one map")
    named = {}
    for key, heat in given.items():
        if not hasattr(heat, "by_class"):
            raise TypeError(
                f"maps must be a Heatmap, several by name, or an array, got {type(heat).__name__}"
            )
        named["no split" if key is None else str(key)] = heat
    if len(named) != len(given):
        raise ValueError(f"maps must have names that differ as text, got {list(given)!r}")
    return named


def _share(counts: NDArray[Any]) -> NDArray[np.float64]:
    total = counts.sum(dtype=np.float64)
    shares: NDArray[np.float64] = counts / total if total else counts.astype(np.float64)
    return shares


def _checked(values: NDArray[Any]) -> NDArray[Any]:
    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"maps must be of shape (rows, columns), not empty, got {values.shape}")
    if values.dtype.kind not in "biuf":
        raise TypeError(f"maps must be of real numbers, got dtype {values.dtype}")
    if np.isinf(values).any():
        raise ValueError("maps must be finite or NaN, got an infinite value")
    exact = np.can_cast(values.dtype, np.int64) or (values.dtype.kind == "u" and values.max() < 2**63)
    return values.astype(np.int64 if exact else np.float64)
