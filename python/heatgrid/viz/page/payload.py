"""Payload of the viewer: a description as JSON, and all arrays in one compressed buffer."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeAlias
from urllib.parse import urlsplit

import numpy as np

from heatgrid.core.limits import DEFAULT, Limits
from heatgrid.viz import colormaps, text
from heatgrid.viz.background import data_url, load, muted
from heatgrid.viz.canvas import bounded_aspect, check_aspect, limited_aspect
from heatgrid.viz.page import settings
from heatgrid.viz.page.settings import Layers
from heatgrid.viz.pixels import smooth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.cell_annotations import CellAnnotations
    from heatgrid.viz.options import Background, Blur, Colormap, Images, Pixels
    from heatgrid.viz.text import Map

    Maps: TypeAlias = Map | Mapping[Any, Map] | NDArray[Any]

_TYPES = ("u1", "i1", "u2", "i2", "u4", "i4")


OVER = {"opacity": 0.7, "zero": "transparent"}
"""First state of the controls over a background."""


@dataclass(frozen=True, slots=True)
class Payload:
    """Input of the front end: ``meta`` for JSON, and ``data``, all arrays one after another, compressed."""

    meta: dict[str, Any]
    data: bytes
    layers: Layers
    image: Pixels | None

    @classmethod
    def of(
        cls,
        maps: Maps,
        *,
        title: str | None = None,
        subtitle: str | None = None,
        unit: str | None = None,
        background: Background | None = None,
        images: Images | None = None,
        limits: Limits = DEFAULT,
        mute: bool = True,
        annotations_by_cell: CellAnnotations | None = None,
        thumbnails: str | None = None,
        slider: str | None = None,
        chance: float | None = None,
        by_class: bool = True,
        colormap: Colormap = colormaps.DEFAULT,
        blur: Blur | None = 0.0,
        aspect: float | None = None,
        width: int | None = None,
        height: int | None = None,
        **initial: Any,
    ) -> Self:
        """Return the payload of maps; options as in `heatgrid.viz.page.page`."""
        named = maps if isinstance(maps, np.ndarray) else _named(maps)
        heats = [] if isinstance(named, np.ndarray) else _listed(named, annotations_by_cell)
        function = blur if callable(blur) else None
        layers = Layers.of(named, by_class=by_class and function is None)
        arrays = Arrays()
        image = None if background is None else _image(background, images, heats, mute=mute, limits=limits)
        name, tables = _colormaps(colormap, arrays)
        blurred = {} if function is not None else {"blur": 0.0 if blur is None else blur}
        first = settings.DEFAULTS | ({} if image is None else OVER) | initial | {"colormap": name} | blurred
        texts = {"title": title, "subtitle": subtitle, "unit": unit}
        given = {name: one for name, one in texts.items() if one is not None}
        maps_alone = [_texts([heat], layers) | given for heat in heats] if layers.alone else None
        meta = {
            "version": 1,
            "title": text.title(heats) if heats else "",
            **(maps_alone[0] if maps_alone else _texts(heats, layers)),
            **given,
            "maps": maps_alone,
            **dict(zip(("rows", "columns"), layers.shape, strict=True)),
            "of": heats[0].spec.of if heats else "place",
            **_size(layers.shape, image, aspect, width, height, heats=heats),
            **{name: list(getattr(layers, name)) for name in ("splits", "classes")},
            "has_union": layers.has_union,
            "planes": [plane.meta | arrays.add(plane.values) for plane in layers.planes],
            "display": None if function is None else arrays.add(smooth(layers.select(), function)),
            "colormaps": tables,
            "lists": _lists(annotations_by_cell, layers.shape, arrays) if annotations_by_cell else None,
            "thumbnails": image_prefix(thumbnails),
            "slider": slider,
            "chance": chance,
            **_below(image),
            "settings": settings.checked(first, layers),
        }
        return cls(meta, arrays.compressed(), layers, image)


def _image(
    background: Background, images: Images | None, heats: Sequence[Map], *, mute: bool, limits: Limits
) -> Pixels:
    """Return the background, in pale gray to ``mute`` it."""
    image = load(background, images, fit=heats[0].spec.fit if heats else "stretch", limits=limits)
    return muted(image) if mute else image


def _listed(named: Mapping[str, Map], lists: CellAnnotations | None) -> list[Map]:
    """Return the maps; raise ValueError for computed values with what only counts can have."""
    heats = list(named.values())
    for unit in {heat.spec.unit for heat in heats} - {None}:
        if lists is not None:
            raise ValueError(f"annotations_by_cell cannot be combined with a map of {unit!r}")
    return heats


def _texts(heats: Sequence[Map], layers: Layers) -> dict[str, Any]:
    """Return what the page says about maps that are counted together."""
    return {
        "subtitle": text.subtitle(heats, layers.classes, layers.shape),
        "unit": text.unit(heats[0]) if heats else "value",
        "notes": text.notes(heats),
        "is_count": all(heat.spec.unit is None for heat in heats),
        "has_union": any(heat.has_union for heat in heats),
        "empty": text.nothing_counted(heats) if heats else None,
    }


def _below(image: Pixels | None) -> dict[str, Any]:
    """Return the background and its mean color."""
    if image is None:
        return {"background": None, "backdrop": None}
    return {"background": data_url(image), "backdrop": np.rint(image[..., :3].mean(axis=(0, 1))).tolist()}


def image_prefix(thumbnails: str | None) -> str | None:
    """Return the folder or URL prefix of images, with a final slash unless a URL has a query."""
    if thumbnails is None:
        return None
    url = urlsplit(thumbnails)
    if url.scheme not in {"", "http", "https", "file"} or re.search(r"[\s;,'\"]", url.netloc):
        raise ValueError(f"thumbnails must be a folder or an http(s) URL, got {thumbnails!r}")
    return thumbnails if url.query or thumbnails.endswith("/") else f"{thumbnails}/"


def _size(
    shape: tuple[int, int],
    image: Pixels | None,
    aspect: float | None,
    width: int | None,
    height: int | None,
    *,
    heats: Sequence[Map],
) -> dict[str, float | None]:
    check_aspect(aspect)
    check_lengths(width=width, height=height)
    of_images = next(filter(None, map(bounded_aspect, heats)), None) or limited_aspect(shape)
    own = of_images if image is None else image.shape[1] / image.shape[0]
    shown = {"aspect": float(own if aspect is None else aspect), "width": width, "height": height}
    return {"rows": shape[0], "columns": shape[1], **shown}


def check_lengths(**lengths: int | None) -> None:
    """Raise ValueError for lengths that are not in 50 … 10000 pixels, or None."""
    for name, length in lengths.items():
        if length is not None and not 50 <= length <= 10_000:
            raise ValueError(f"{name} must be in 50 … 10000 pixels, got {length!r}")


class Arrays:
    """Buffer of arrays."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0

    def add(self, values: NDArray[Any]) -> dict[str, Any]:
        """Append an array in the smallest type that holds it exactly, and return its place."""
        type_ = "f8" if values.size else "u1"
        if values.dtype.kind != "f" and values.size:
            low, high = int(values.min()), int(values.max())
            fitting = (name for name in _TYPES if np.iinfo(name).min <= low and high <= np.iinfo(name).max)
            type_ = next(fitting, "f8")
        part = np.ascontiguousarray(values, dtype=f"<{type_}").tobytes()
        place = {"type": type_, "start": self.size, "length": values.size}
        self.parts.append(part)
        self.size += len(part)
        return place

    def compressed(self) -> bytes:
        """Return all arrays, compressed."""
        return zlib.compress(b"".join(self.parts), 6)


def _named(maps: Map | Mapping[Any, Map]) -> dict[str, Map]:
    """Return maps by the names of their splits."""
    by_split = maps if isinstance(maps, Mapping) else {"": maps}
    if not by_split:
        raise ValueError("maps must hold at least one map")
    named = {}
    for key, heat in by_split.items():
        if not hasattr(heat, "by_class"):
            raise TypeError(
                f"maps must be a Heatmap, several by name, or an array, got {type(heat).__name__}"
            )
        named["no split" if key is None else str(key)] = heat
    if len(named) != len(by_split):
        raise ValueError(f"maps must have names that differ as text, got {list(by_split)!r}")
    return named


def _lists(lists: CellAnnotations, shape: tuple[int, int], arrays: Arrays) -> dict[str, Any]:
    if lists.shape != shape:
        raise ValueError(f"annotations_by_cell must have the map's grid {shape}, got {lists.shape}")
    names = np.frombuffer(json.dumps(lists.names).encode(), dtype=np.uint8)
    kept = {name: getattr(lists, name) for name in ("starts", "items", "hits", "totals")}
    return {"kind": lists.kind} | {
        name: arrays.add(values) for name, values in ({"names": names} | kept).items()
    }


def _colormaps(colormap: Colormap, arrays: Arrays) -> tuple[str, dict[str, Any]]:
    """Return the name of a colormap, and the place of all tables, one after another."""
    table = colormaps.get(colormap)
    name = name_of(table)
    tables = {known: colormaps.get(known) for known in colormaps.names()} | {name: table}
    return name, {"names": list(tables), **arrays.add(np.stack(list(tables.values())).ravel())}


def name_of(table: NDArray[np.uint8]) -> str:
    """Return the name of a table that `heatgrid.viz.colormaps.get` returned."""
    return next((name for name in colormaps.names() if colormaps.get(name) is table), settings.CUSTOM)
