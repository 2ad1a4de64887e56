"""Settings of the viewer: names, defaults and checks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol, get_args

from heatgrid.core.spec import check_choice
from heatgrid.viz.colormaps import names
from heatgrid.viz.options import Interpolation, Zero
from heatgrid.viz.scales import GAMMA, PERCENTILES, SCALES

if TYPE_CHECKING:
    from collections.abc import Callable


CUSTOM = "custom"
"""Name of a colormap without a name."""

DEFAULTS: dict[str, Any] = {
    "opacity": 1.0,
    "colormap": "roboflow",
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


class Choices(Protocol):
    """Shape and names that settings refer to."""

    @property
    def shape(self) -> tuple[int, int]:  # noqa: D102
        ...
    @property
    def splits(self) -> tuple[str, ...]:  # noqa: D102
        ...
    @property
    def classes(self) -> tuple[str, ...]:  # noqa: D102
        ...


def checked(values: dict[str, Any], layers: Choices) -> dict[str, Any]:
    """Return settings as the front end takes them, or raise TypeError or ValueError."""
    found = {name: check(name, value, layers) for name, value in values.items()}
    vmin, vmax = found.get("vmin"), found.get("vmax")
    if vmin is not None and vmax is not None and vmin > vmax:
        raise ValueError(f"vmin must not be greater than vmax, got {vmin!r} and {vmax!r}")
    return found


def fitting(values: dict[str, Any], layers: Choices) -> dict[str, Any]:
    """Return settings for other maps; those that do not fit them get their defaults."""
    kept = dict(values)
    for name, value in values.items():
        try:
            check(name, value, layers)
        except ValueError:
            kept[name] = DEFAULTS[name]
    return kept


def check(name: str, value: Any, layers: Choices) -> Any:
    """Return one setting as the front end takes it, or raise as `checked` does."""
    if name not in DEFAULTS:
        raise TypeError(f"{name} is not an option of the viewer; these are {', '.join(DEFAULTS)}")
    if value is None and DEFAULTS[name] is None:
        return None
    if name in _CHOICES:
        check_choice(name, value, _CHOICES[name])
        return str(value)
    if name in _RANGES:
        return _number(name, value, *_RANGES[name])
    return _CHECKS[name](name, value, layers)


def _names(name: str, value: Any, layers: Choices) -> list[str]:
    known = getattr(layers, name)
    chosen = [value] if isinstance(value, str) else list(value)
    for one in chosen:
        if one not in known:
            raise ValueError(f"{name} must be among {', '.join(map(repr, known))}, got {one!r}")
    return [one for one in known if one in chosen]


def _number(name: str, value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{name} must be a number from {low:g} to {high:g}, got {value!r}")
    return value


def _end(name: str, value: Any, _: Choices) -> float:
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value!r}")
    return float(value)


def _percentiles(name: str, value: Any, _: Choices) -> list[float]:
    low, high = value
    if not 0 <= low <= high <= 100:
        raise ValueError(f"{name} must be two rising numbers in 0 … 100, got {value!r}")
    return [float(low), float(high)]


def _difference(name: str, value: Any, layers: Choices) -> list[str]:
    pair = list(value)
    if len(pair) != 2 or not any(set(pair) <= set(known) for known in (layers.splits, layers.classes)):
        raise ValueError(f"{name} must be two splits or two classes, got {value!r}")
    return pair


def _cell(name: str, value: Any, layers: Choices) -> list[int]:
    row, column = (int(place) for place in value)
    if not (0 <= row < layers.shape[0] and 0 <= column < layers.shape[1]):
        raise ValueError(f"{name} must be a row and a column of a {layers.shape} grid, got {value!r}")
    return [row, column]


def _region(name: str, value: Any, layers: Choices) -> list[int]:
    top, left, bottom, right = (int(place) for place in value)
    if not (0 <= top < bottom <= layers.shape[0] and 0 <= left < right <= layers.shape[1]):
        raise ValueError(f"{name} must be top, left, bottom, right in a {layers.shape} grid, got {value!r}")
    return [top, left, bottom, right]


_CHOICES: dict[str, tuple[str, ...]] = {
    "scale": tuple(SCALES),
    "zero": get_args(Zero),
    "interpolation": get_args(Interpolation),
    "colormap": (*names(), CUSTOM),
}
_RANGES = {"opacity": (0.0, 1.0), "gamma": (0.05, 10.0), "blur": (0.0, 100.0)}
_CHECKS: dict[str, Callable[[str, Any, Choices], Any]] = {
    "splits": _names,
    "classes": _names,
    "vmin": _end,
    "vmax": _end,
    "percentiles": _percentiles,
    "difference": _difference,
    "cell": _cell,
    "region": _region,
}
