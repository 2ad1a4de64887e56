"""Layers and settings of the viewer: names, defaults and checks."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self, get_args

import numpy as np

from heatgrid.core.spec import check_choice
from heatgrid.viz.colormaps import DEFAULT, names
from heatgrid.viz.options import Interpolation, Zero
from heatgrid.viz.scales import GAMMA, PERCENTILES, SCALES, as_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from heatgrid.viz.text import Map

    Names: TypeAlias = Sequence[str] | None


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """Counts of one class in one split; of all classes together if ``label`` is None."""

    split: int
    label: int | None
    values: NDArray[Any]
    objects: int | None = None
    """Annotations counted, None if unknown."""

    @property
    def meta(self) -> dict[str, int | None]:
        """Numbers of the split, the class and the objects."""
        return {"split": self.split, "class": self.label, "objects": self.objects}


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """Planes of one grid that are not all zero, with the names of splits and classes.

    There is at least one split, whose name may be empty. ``has_union``: all classes together have planes of
    their own, because an image may have several classes. ``alone``: splits are maps that do not add up, as
    rates next to counts, and one is shown at a time.
    """

    shape: tuple[int, int]
    splits: tuple[str, ...]
    classes: tuple[str, ...]
    planes: tuple[Plane, ...]
    has_union: bool = False
    alone: bool = False

    @classmethod
    def of(cls, maps: Mapping[str, Map] | NDArray[Any], *, by_class: bool = True) -> Self:
        """Return the planes of maps by split, or of an array; raise ValueError if definitions differ."""
        if isinstance(maps, np.ndarray):
            if maps.ndim != 2 or maps.size == 0:
                raise ValueError(f"maps must be of shape (rows, columns), not empty, got {maps.shape}")
            numbers = as_numbers(maps, "maps")
            exact = np.can_cast(maps.dtype, np.int64) or (maps.dtype.kind == "u" and maps.max() < 2**63)
            values = maps.astype(np.int64) if exact else numbers
            return cls((values.shape[0], values.shape[1]), ("",), (), (Plane(0, None, values),))
        heats = list(maps.values())
        alone = len(heats) > 1 and any(heat.spec.unit is not None for heat in heats)
        specs = [replace(heat.spec, **_COUNTED) if alone else heat.spec for heat in heats]
        for spec in specs[1:]:
            specs[0].check_equal(spec)
        classes = tuple(dict.fromkeys(name for heat in heats for name in heat.classes)) if by_class else ()
        has_union = bool(classes) and any(heat.has_union for heat in heats)
        planes = []
        for split, heat in enumerate(heats):
            if not classes or has_union or not heat.classes:
                planes.append(
                    Plane(split, None, heat.counts, heat.report.counted if heat.report.read else None)
                )
            if classes:
                sums = heat.report.by_class()
                planes += [
                    Plane(split, classes.index(name), plane.copy(), sums.get(name, {}).get("counted"))
                    for name, plane in zip(heat.classes, heat.by_class, strict=True)
                ]
        shown = tuple(plane for plane in planes if plane.values.any())
        return cls(heats[0].shape, tuple(maps), classes, shown, has_union, alone)

    def select(self, splits: Names = None, classes: Names = None, difference: Names = None) -> NDArray[Any]:
        """Return the (rows, columns) grid that the viewer shows, exact integers for counts.

        The sum of the named splits and classes, None for all; or of the ``difference`` of two splits or two
        classes, the difference of their shares in each cell, in percentage points.
        """
        if difference is None:
            return self._sum(splits, classes)
        by_split = all(name in self.splits for name in difference)
        grids = [self._sum([n], classes) if by_split else self._sum(splits, [n]) for n in difference]
        first, second = (grid / (np.nansum(grid, dtype=np.float64) or 1.0) for grid in grids)
        points: NDArray[Any] = 100.0 * (first - second)
        return points

    def subtitle(self, splits: Names, classes: Sequence[str]) -> str:
        """Return the objects of some classes, their name or number, as the viewer shows them."""
        numbers = [
            plane.objects
            for plane in self.planes
            if plane.label is not None
            and self.classes[plane.label] in classes
            and (splits is None or self.splits[plane.split] in splits)
        ]
        known = [number for number in numbers if number is not None]
        parts = [f"{sum(known):,} objects"] if known and len(known) == len(numbers) else []
        parts += [*classes] if len(classes) == 1 else []
        return " · ".join([*parts, f"{len(classes)} of {len(self.classes)} classes"])

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


_COUNTED: dict[str, Any] = {"count": "instances", "weighted": False, "unit": None}
"""Properties that may differ between maps that are shown one at a time: of their values, not their places."""

CUSTOM = "custom"
"""Name of a colormap without a name."""

DEFAULTS: dict[str, Any] = {
    "opacity": 1.0,
    "colormap": DEFAULT,
    "scale": "linear",
    "gamma": GAMMA,
    "percentiles": list(PERCENTILES),
    "vmin": None,
    "vmax": None,
    "zero": "color",
    "blur": 0.0,
    "interpolation": "nearest",
    "splits": None,
    "classes": None,
    "difference": None,
    "cell": None,
    "region": None,
}


def checked(values: dict[str, Any], layers: Layers) -> dict[str, Any]:
    """Return settings as the front end takes them, or raise TypeError or ValueError."""
    found = {name: check(name, value, layers) for name, value in values.items()}
    vmin, vmax = found.get("vmin"), found.get("vmax")
    if vmin is not None and vmax is not None and vmin > vmax:
        raise ValueError(f"vmin must not be greater than vmax, got {vmin!r} and {vmax!r}")
    return found


def fitting(values: dict[str, Any], layers: Layers) -> dict[str, Any]:
    """Return settings for other maps; those that do not fit them get their defaults."""
    kept = dict(values)
    for name, value in values.items():
        try:
            check(name, value, layers)
        except ValueError:
            kept[name] = DEFAULTS[name]
    return kept


def check(name: str, value: Any, layers: Layers) -> Any:
    """Return one setting as the front end takes it, or raise as `checked` does."""
    if name not in DEFAULTS:
        raise TypeError(f"{name} is not an option of the viewer; these are {', '.join(DEFAULTS)}")
    if name == "splits" and layers.alone:
        return _one_map(value, layers)
    if value is None and DEFAULTS[name] is None:
        return None
    if name in CHOICES:
        check_choice(name, value, CHOICES[name])
        return str(value)
    if name not in RANGES:
        return _CHECKS[name](name, value, layers)
    low, high = RANGES[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{name} must be a number from {low:g} to {high:g}, got {value!r}")
    return value


def _names(name: str, value: Any, layers: Layers) -> list[str]:
    known = getattr(layers, name)
    chosen = [value] if isinstance(value, str) else list(value)
    for one in chosen:
        if one not in known:
            raise ValueError(f"{name} must be among {', '.join(map(repr, known))}, got {one!r}")
    return [one for one in known if one in chosen]


def _one_map(value: Any, layers: Layers) -> list[str]:
    """Return the only map to show, the first by default."""
    chosen = [layers.splits[0]] if value is None else _names("splits", value, layers)
    if len(chosen) != 1:
        raise ValueError(f"splits must be one map of computed values, which do not add up, got {value!r}")
    return chosen


def _end(name: str, value: Any, _: Layers) -> float:
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value!r}")
    return float(value)


def _percentiles(name: str, value: Any, _: Layers) -> list[float]:
    low, high = value
    if not 0 <= low <= high <= 100:
        raise ValueError(f"{name} must be two rising numbers in 0 … 100, got {value!r}")
    return [float(low), float(high)]


def _difference(name: str, value: Any, layers: Layers) -> list[str]:
    pair = list(value)
    kinds = (() if layers.alone else layers.splits, layers.classes)
    if len(pair) != 2 or not any(set(pair) <= set(known) for known in kinds):
        raise ValueError(f"{name} must be two splits or two classes, got {value!r}")
    return pair


def _cell(name: str, value: Any, layers: Layers) -> list[int]:
    cell = [int(place) for place in value]
    if len(cell) != 2 or not all(0 <= i < n for i, n in zip(cell, layers.shape, strict=True)):
        raise ValueError(f"{name} must be a row and a column of a {layers.shape} grid, got {value!r}")
    return cell


def _region(name: str, value: Any, layers: Layers) -> list[int]:
    top, left, bottom, right = (int(place) for place in value)
    if not (0 <= top < bottom <= layers.shape[0] and 0 <= left < right <= layers.shape[1]):
        raise ValueError(f"{name} must be top, left, bottom, right in a {layers.shape} grid, got {value!r}")
    return [top, left, bottom, right]


CHOICES: dict[str, tuple[str, ...]] = {
    "scale": tuple(SCALES),
    "zero": get_args(Zero),
    "interpolation": get_args(Interpolation),
    "colormap": (*names(), CUSTOM),
}
RANGES: dict[str, tuple[float, float]] = {"opacity": (0.0, 1.0), "gamma": (0.05, 10.0), "blur": (0.0, 100.0)}
"""Values that a setting may have. The page's sliders (`front/controls.js`) end at the useful ones."""
_CHECKS: dict[str, Callable[[str, Any, Layers], Any]] = {
    "splits": _names,
    "classes": _names,
    "vmin": _end,
    "vmax": _end,
    "percentiles": _percentiles,
    "difference": _difference,
    "cell": _cell,
    "region": _region,
}
