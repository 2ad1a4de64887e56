"""Count specification: the grid, the hit rule and the counting mode."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Rule = Literal["center", "touch", "point", "area"]
CountMode = Literal["instances", "images"]
Fit = Literal["stretch", "letterbox"]
Of = Literal["place", "size"]
Outside = Literal["drop", "clamp"]
Cells = Literal["stretched", "square"]
BoxFormat = Literal["xyxy", "xywh", "cxcywh"]
Grid = int | tuple[int, int]

MAX_CELLS = 1 << 26
"""Largest number of cells along an axis, the kernel's limit."""


def check_choice(name: str, value: object, values: Iterable[str]) -> None:
    """Raise ValueError unless ``value`` is one of ``values``; the message lists them."""
    values = tuple(values)
    if value not in values:
        hint = suggestion(str(value), values)
        raise ValueError(f"{name} must be one of {listed(values)}, got {value!r}{hint}")


def suggestion(name: str, names: Iterable[str]) -> str:
    """Return a question whether the nearest of ``names`` is meant, or nothing if none is near."""
    from difflib import get_close_matches

    nearest: dict[str, str] = {}
    for known in names:
        nearest.setdefault(known.lower(), known)
    close = get_close_matches(name.lower(), nearest, n=1)
    return f" (did you mean {nearest[close[0]]!r}?)" if close else ""


def listed(names: Iterable[str], most: int = 10) -> str:
    """Return names as text: the first few, and the number of the others."""
    quoted = [repr(name) for name in names]
    more = f" and {len(quoted) - most:,} more" if len(quoted) > most else ""
    return ", ".join(quoted[:most]) + more


def plural(count: int, noun: str) -> str:
    """Return a number with its noun."""
    ending = "" if count == 1 else "es" if noun.endswith(("s", "x")) else "s"
    return f"{count:,} {noun}{ending}"


def check_keywords(function: Callable[..., Any], keywords: Iterable[str], options: type[Any]) -> None:
    """Raise TypeError, naming the function, for a keyword that its `TypedDict` of options does not have."""
    for name in keywords:
        if name not in options.__annotations__:
            known = [*function.__annotations__, *options.__annotations__]
            names = [own for own in dict.fromkeys(known) if own not in {"options", "reading", "return"}]
            hint = suggestion(name, names) or f"; its arguments are {', '.join(names)}"
            raise TypeError(f"{function.__name__}() got an unexpected keyword argument {name!r}{hint}")


def as_grid(grid: Grid) -> tuple[int, int]:
    """Return ``(rows, columns)``; an int n means ``(n, n)``."""
    axes: Any = (grid, grid) if isinstance(grid, (int, np.integer)) else grid
    if type(axes) is tuple and len(axes) == 2 and type(axes[0]) is type(axes[1]) is int:
        rows, columns = axes  # fast path for calls on a few boxes
        if 1 <= rows <= MAX_CELLS and 1 <= columns <= MAX_CELLS:
            return rows, columns
    expected = "an int or a pair of ints (rows, columns)"
    if not isinstance(axes, (tuple, list, np.ndarray)) or not all(
        isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in axes
    ):
        raise TypeError(f"grid must be {expected}, got {grid!r}")
    if len(axes) != 2:
        raise ValueError(f"grid must be {expected}, got {grid!r}")
    rows, columns = int(axes[0]), int(axes[1])
    if not (1 <= rows <= MAX_CELLS and 1 <= columns <= MAX_CELLS):
        raise ValueError(f"grid must have 1 to 2**26 cells along each axis, got {grid!r}")
    return rows, columns


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSpec:
    """Immutable description of a count. Maps can be added if and only if their specs are equal.

    Attributes
    ----------
    grid
        Rows and columns; an int n is converted to ``(n, n)``.
    rule
        Hit rule, as `heatgrid.count_boxes` describes it.
    count
        ``"instances"``: every annotation adds 1. ``"images"``: every image adds at most 1 to a cell.
    fit
        ``"stretch"``: every image fills the grid. ``"letterbox"``: images keep their aspect ratio.
    weighted
        Whether annotations add weights instead of 1.
    large_box_ratio
        Share of the image's area above which a box hits only the cell of its center; None: no limit.
    of
        ``"place"``: the cells are places in the image. ``"size"``: a column is a width and a row a height, in
        shares of the image's, and row 0 is height 0; each annotation adds 1 to the cell of its box's size.
    unit
        Meaning of a value that is computed from counts, such as ``"objects per image"``; None for counts.
        Such maps hold float64, NaN for cells without data, and nothing can be added to them.

    Raises
    ------
    TypeError, ValueError
        A value is unknown, or two values contradict each other.
    """

    grid: tuple[int, int]
    rule: Rule = "center"
    count: CountMode = "instances"
    fit: Fit = "stretch"
    weighted: bool = False
    large_box_ratio: float | None = None
    of: Of = "place"
    unit: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "grid", as_grid(self.grid))
        for name, values in (("rule", Rule), ("count", CountMode), ("fit", Fit), ("of", Of)):
            check_choice(name, getattr(self, name), get_args(values))
        if not isinstance(self.weighted, bool):
            raise TypeError(f"weighted must be a bool, got {self.weighted!r}")
        object.__setattr__(self, "large_box_ratio", _as_ratio(self.large_box_ratio))
        if self.of == "size":
            for name, default in (("rule", "center"), ("fit", "stretch"), ("large_box_ratio", None)):
                if getattr(self, name) != default:
                    raise ValueError(
                        f"{name} cannot be combined with of='size': each annotation is one point"
                    )
        if self.count == "images" and self.weighted:
            raise ValueError("count='images' cannot be weighted: a union of annotations has no single weight")
        if self.count == "images" and self.rule == "area":
            raise ValueError(
                "count='images' cannot be combined with rule='area', which counts shares of cells"
            )
        if self.large_box_ratio is not None and self.rule == "area":
            raise ValueError(
                "large_box_ratio cannot be combined with rule='area': no cell holds a large area"
            )
        if self.large_box_ratio is not None and self.fit == "letterbox":
            raise ValueError("large_box_ratio cannot be combined with fit='letterbox': the grid has bars")

    @property
    def dtype(self) -> type[np.generic]:
        """Data type of the counts: float64 for weights, areas and computed values, int64 otherwise."""
        is_float = self.weighted or self.rule == "area" or self.unit is not None
        return np.float64 if is_float else np.int64

    @property
    def has_union(self) -> bool:
        """True if all classes together have a grid of their own, since classes do not simply add up."""
        return self.count == "images" or self.unit is not None

    @property
    def needs_area(self) -> bool:
        """True if only shapes with an area can be counted."""
        return self.rule == "area"

    def to_dict(self) -> dict[str, Any]:
        """Return the values by name."""
        return asdict(self)

    def check_weights(self, weights: object) -> None:
        """Raise ValueError unless weights are passed exactly when the counts are weighted."""
        self.check_counts()
        if self.weighted and weights is None:
            raise ValueError("weights are required: the map was created with weighted=True")
        if not self.weighted and weights is not None:
            raise ValueError("weights require a map created with weighted=True")

    def check_counts(self) -> None:
        """Raise ValueError if the values are no counts, but computed from them."""
        if self.unit is not None:
            raise ValueError(f"a map of {self.unit!r} holds no counts: use the maps that it is made of")

    def check_equal(self, other: CountSpec) -> None:
        """Raise ValueError, naming the first difference, unless both specs are equal."""
        for name, value in self.to_dict().items():
            if value != (theirs := getattr(other, name)):
                raise ValueError(f"maps must have the same {name}, got {value!r} and {theirs!r}")


@lru_cache(maxsize=64)
def cached_spec(
    grid: tuple[int, int],
    rule: Rule = "center",
    count: CountMode = "instances",
    fit: Fit = "stretch",
    *,
    weighted: bool = False,
    large_box_ratio: float | None = None,
) -> CountSpec:
    """Return a `CountSpec`, validated once per combination: a call on ten boxes takes microseconds."""
    return CountSpec(
        grid=grid, rule=rule, count=count, fit=fit, weighted=weighted, large_box_ratio=large_box_ratio
    )


def _as_ratio(ratio: Any) -> float | None:
    if ratio is None:
        return None
    if isinstance(ratio, bool) or not isinstance(ratio, (int, float, np.integer, np.floating)):
        raise TypeError(f"large_box_ratio must be a number or None, got {ratio!r}")
    if not ratio >= 0:
        raise ValueError(f"large_box_ratio must not be negative, got {ratio}")
    return None if np.isinf(ratio) else float(ratio)
