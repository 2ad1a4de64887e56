"""The viewer's settings: what each may be, in Python as in the front end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, get_args

from heatgrid.viz.colormaps import names
from heatgrid.viz.scales import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from heatgrid.viz.page.layers import Layers

CUSTOM = "custom"
"""The name of a colormap that has none."""

DEFAULTS: dict[str, Any] = {
    "opacity": 1.0,
    "colormap": "roboflow",
    "scale": "linear",
    "gamma": 0.5,
    "percentiles": [1.0, 99.0],
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


def checked(given: dict[str, Any], layers: Layers) -> dict[str, Any]:
    """Return settings as the front end takes them.

    Raises
    ------
    TypeError
        There is no such setting.
    ValueError
        A value is none that its setting may have.
    """
    found = {name: check(name, value, layers) for name, value in given.items()}
    vmin, vmax = found.get("vmin"), found.get("vmax")
    if vmin is not None and vmax is not None and vmin > vmax:
        raise ValueError(f"vmin must not lie above vmax, got {vmin!r} and {vmax!r}")
    return found


def fitting(values: dict[str, Any], layers: Layers) -> dict[str, Any]:
    """Return settings of other maps, those that mean nothing on these ones back at their defaults."""
    kept = dict(values)
    for name, value in values.items():
        try:
            check(name, value, layers)
        except ValueError:
            kept[name] = DEFAULTS[name]
    return kept


def check(name: str, value: Any, layers: Layers) -> Any:
    """Return one setting, or raise as `checked` does."""
    if name not in DEFAULTS:
        raise TypeError(f"{name} is not an option of the viewer; these are {', '.join(DEFAULTS)}")
    if name in _NAMES:
        return _names(name, value, getattr(layers, name))
    if name in _CHOICES:
        return _choice(name, value)
    return _CHECKS[name](name, value, layers)


def _names(name: str, value: Any, known: tuple[str, ...]) -> list[str] | None:
    if value is None:
        return None
    wanted = [value] if isinstance(value, str) else list(value)
    for one in wanted:
        if one not in known:
            raise ValueError(f"{name} must be among {', '.join(map(repr, known))}, got {one!r}")
    return [one for one in known if one in wanted]


def _choice(name: str, value: Any) -> str:
    if value not in _CHOICES[name]:
        raise ValueError(f"{name} must be one of {', '.join(_CHOICES[name])}, got {value!r}")
    return str(value)


def _number(name: str, value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{name} must be a number from {low:g} to {high:g}, got {value!r}")
    return value


def _end(name: str, value: Any, _: Layers) -> float | None:
    if value is not None and not math.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value!r}")
    return None if value is None else float(value)


def _percentiles(name: str, value: Any, _: Layers) -> list[float]:
    low, high = value
    if not 0 <= low <= high <= 100:
        raise ValueError(f"{name} must be two rising numbers in 0 … 100, got {value!r}")
    return [float(low), float(high)]


def _difference(name: str, value: Any, layers: Layers) -> list[str] | None:
    if value is None:
        return None
    pair = list(value)
    if len(pair) != 2 or not any(set(pair) <= set(known) for known in (layers.splits, layers.classes)):
        raise ValueError(f"{name} must be two splits or two classes, got {value!r}")
    return pair


def _cell(name: str, value: Any, layers: Layers) -> list[int] | None:
    if value is None:
        return None
    row, column = (int(place) for place in value)
    if not (0 <= row < layers.shape[0] and 0 <= column < layers.shape[1]):
        raise ValueError(f"{name} must be a row and a column of a {layers.shape} grid, got {value!r}")
    return [row, column]


def _region(name: str, value: Any, layers: Layers) -> list[int] | None:
    if value is None:
        return None
    top, left, bottom, right = (int(place) for place in value)
    if not (0 <= top < bottom <= layers.shape[0] and 0 <= left < right <= layers.shape[1]):
        raise ValueError(f"{name} must be top, left, bottom, right in a {layers.shape} grid, got {value!r}")
    return [top, left, bottom, right]


_NAMES = ("splits", "classes")
_CHOICES: dict[str, tuple[str, ...]] = {
    "scale": get_args(Kind),
    "zero": ("color", "transparent"),
    "interpolation": ("nearest", "bilinear"),
    "colormap": (*names(), CUSTOM),
}
_CHECKS: dict[str, Callable[[str, Any, Layers], Any]] = {
    "opacity": lambda name, value, _: _number(name, value, 0.0, 1.0),
    "gamma": lambda name, value, _: _number(name, value, 0.05, 10.0),
    "blur": lambda name, value, _: _number(name, value, 0.0, 100.0),
    "vmin": _end,
    "vmax": _end,
    "percentiles": _percentiles,
    "difference": _difference,
    "cell": _cell,
    "region": _region,
}
