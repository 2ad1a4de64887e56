"""What the front end is given, in whatever host: a description, and all arrays in a row, deflated."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.viz import colormaps
from heatgrid.viz.background import load
from heatgrid.viz.colorize import smooth
from heatgrid.viz.page import captions, settings
from heatgrid.viz.page.layers import Layers

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.cell_annotations import CellAnnotations
    from heatgrid.viz.background import Images, Picture, Source
    from heatgrid.viz.colormaps import Colormap
    from heatgrid.viz.page.layers import Maps, Plane

LONGEST = 3.0
"""The longest shape of a map whose aspect nobody gave; its cells are square up to there."""

_TYPES = ("u1", "i1", "u2", "i2", "u4", "i4")


@dataclass(frozen=True, slots=True)
class Payload:
    """Everything that a viewer shows.

    Attributes
    ----------
    meta
        Texts, names, places of arrays in the data, and the settings to begin with; JSON without NaN.
    data
        All arrays one after another, little-endian, deflated by zlib.
    layers
        The planes, for Python's own use.
    """

    meta: dict[str, Any]
    data: bytes
    layers: Layers


class _Arrays:
    """Arrays in a row of bytes, and where each lies."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0

    def add(self, values: NDArray[Any]) -> dict[str, Any]:
        """Append an array in the smallest type that holds it exactly, and return its place."""
        type_ = _smallest(values)
        part = np.ascontiguousarray(values, dtype=f"<{type_}").tobytes()
        place = {"type": type_, "start": self.size, "length": values.size}
        self.parts.append(part)
        self.size += len(part)
        return place

    def deflated(self) -> bytes:
        return zlib.compress(b"".join(self.parts), 9 if self.size < 1 << 22 else 6)


def _smallest(values: NDArray[Any]) -> str:
    if values.dtype.kind == "f" or values.size == 0:
        return "f8" if values.size else "u1"
    low, high = int(values.min()), int(values.max())
    fitting = (name for name in _TYPES if np.iinfo(name).min <= low and high <= np.iinfo(name).max)
    return next(fitting, "f8")


def build(
    maps: Maps,
    *,
    title: str | None = None,
    subtitle: str | None = None,
    unit: str | None = None,
    background: Source | None = None,
    images: Images | None = None,
    behind: CellAnnotations | None = None,
    by_class: bool = True,
    colormap: Colormap = "roboflow",
    blur: float | Callable[[NDArray[np.float64]], ArrayLike] = 0.0,
    aspect: float | None = None,
    width: int | None = None,
    height: int | None = None,
    **given: Any,
) -> Payload:
    """Put together what a viewer shows; see `heatgrid.viz.page.page.page` for the options.

    Raises
    ------
    TypeError, ValueError
        An option is not known or has a wrong value; the message names it.
    """
    function = blur if callable(blur) else None
    layers = Layers.of(maps, by_class=by_class and function is None)
    arrays = _Arrays()
    image = None if background is None else load(background, images, fit=captions.fit(maps))
    name, colormaps_ = _colormaps(colormap, arrays)
    initial = dict(settings.DEFAULTS)
    if image is not None:
        initial |= {"opacity": 0.7, "zero": "transparent"}
    initial |= given | {"colormap": name} | ({"blur": blur} if function is None else {})
    meta = {
        "version": 1,
        "title": captions.title(maps) if title is None else title,
        "subtitle": captions.subtitle(maps, layers) if subtitle is None else subtitle,
        "notes": captions.notes(maps),
        "unit": captions.unit(maps) if unit is None else unit,
        "rows": layers.shape[0],
        "columns": layers.shape[1],
        "aspect": _aspect(layers.shape, image, aspect),
        "width": _length("width", width),
        "height": _length("height", height),
        "splits": list(layers.splits),
        "classes": list(layers.classes),
        "has_union": layers.has_union,
        "planes": [_plane(plane, arrays) for plane in layers.planes],
        "display": None if function is None else arrays.add(smooth(layers.select(), function)),
        "colormaps": colormaps_,
        "behind": None if behind is None else _lists(behind, layers.shape, arrays),
        "background": None if image is None else image.data_url,
        "settings": settings.checked(initial, layers),
    }
    return Payload(meta, arrays.deflated(), layers)


def _plane(plane: Plane, arrays: _Arrays) -> dict[str, Any]:
    total = float(np.nansum(plane.values, dtype=np.float64))
    return {"split": plane.split, "class": plane.label, "total": total, **arrays.add(plane.values)}


def _lists(behind: CellAnnotations, shape: tuple[int, int], arrays: _Arrays) -> dict[str, Any]:
    if behind.shape != shape:
        raise ValueError(f"behind must be of the map's grid {shape}, got {behind.shape}")
    names = np.frombuffer(json.dumps(behind.names).encode(), dtype=np.uint8)
    kept = {name: getattr(behind, name) for name in ("starts", "items", "hits", "totals")}
    return {"of": behind.of} | {
        name: arrays.add(values) for name, values in ({"names": names} | kept).items()
    }


def _colormaps(colormap: Colormap, arrays: _Arrays) -> tuple[str, dict[str, Any]]:
    """Return the name of the colormap that is meant, and the place of all tables, one after another."""
    table = colormaps.get(colormap)
    name = name_of(table)
    tables = {known: colormaps.get(known) for known in colormaps.names()} | {name: table}
    return name, {"names": list(tables), **arrays.add(np.stack(list(tables.values())).ravel())}


def name_of(table: NDArray[np.uint8]) -> str:
    """Return the name of a colormap's table, as `heatgrid.viz.colormaps.get` returns it."""
    return next((name for name in colormaps.names() if colormaps.get(name) is table), settings.CUSTOM)


def _aspect(shape: tuple[int, int], image: Picture | None, given: float | None) -> float:
    if given is not None:
        if not 0.05 <= given <= 20.0:
            raise ValueError(f"aspect must be in 0.05 … 20, got {given!r}")
        return float(given)
    if image is not None:
        return image.size[0] / image.size[1]
    return min(max(shape[1] / shape[0], 1 / LONGEST), LONGEST)


def _length(name: str, value: int | None) -> int | None:
    if value is not None and not 50 <= value <= 10_000:
        raise ValueError(f"{name} must be in 50 … 10000 pixels, got {value!r}")
    return value
