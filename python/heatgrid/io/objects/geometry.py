"""Simple features: shapely and GeoPandas geometries, objects with a ``__geo_interface__``, GeoJSON.

Arrays of one kind are read by ``shapely.to_ragged_array``, without a Python object per number. Ragged arrays
are flat coordinates and offsets from the innermost level out, as in GeoArrow (https://geoarrow.org/format).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.class_grids import NO_CLASS
from heatgrid.core.limits import DEFAULT
from heatgrid.core.ragged import Lines, Points, Polygons, offsets_of
from heatgrid.io.formats.geojson import pick_property, shape_of
from heatgrid.io.formats.tables.batches import ColumnBatch, cell_text, flags_of
from heatgrid.io.formats.tables.columns import FLAG_ROLES, ROLES, bare_name
from heatgrid.io.objects.batch import Overrides, make_batch
from heatgrid.io.shapes import GeometryColumns, Shape, ShapeColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations

LEVELS = {"point": 0, "linestring": 1, "multipoint": 1, "polygon": 2, "multilinestring": 2, "multipolygon": 3}
"""Levels of offsets by kind of geometry."""

UNPLACED = "map coordinates, used unchanged (transform= converts them to pixels)"


def is_shapely(value: Any) -> bool:
    """Return whether an object is a geometry, a feature, or several of them."""
    if isinstance(value, np.ndarray) and (value.dtype != object or value.ndim != 1):
        return False
    if isinstance(value, (list, tuple, np.ndarray)):
        held = [item for item in value if item is not None]
        return len(value) > 0 and (bool(held) or isinstance(value, np.ndarray)) and all(map(_is_one, held))
    return _is_one(value)


def _is_one(value: Any) -> bool:
    if isinstance(value, Mapping):
        return "type" in value and bool({"coordinates", "geometries", "geometry", "features"} & set(value))
    return hasattr(value, "__geo_interface__")


def from_shapely(
    value: Any, overrides: Overrides, *, source: str = "shapely", **properties: Any
) -> Annotations:
    """Return one geometry or several, None for missing ones; ``properties`` are arguments of `make_batch`."""
    listed: list[Any] = list(value) if isinstance(value, (list, tuple, np.ndarray)) else [value]
    geometry = _ragged(listed)
    if geometry is None:
        plain = [_plain(one) for one in listed]
        features = [feature for one in plain for feature in _features(one)]
        geometry, listed = parse_geometries(features, _geometry_in), features
        classes = list(map(_class_name, features))
        if any(classes):
            properties.setdefault("names", [name or NO_CLASS for name in classes])
    return make_batch(
        source, len(listed), overrides, geometry, normalized=overrides.is_normalized, **properties
    )


def _ragged(geometries: Sequence[Any]) -> GeometryColumns | None:
    """Return shapely's geometries if they are of one kind; None for others."""
    shapely = sys.modules.get("shapely")  # imported already if there are geometries of it
    base = getattr(getattr(shapely, "geometry", None), "base", None)
    if base is None or not all(g is None or isinstance(g, base.BaseGeometry) for g in geometries):
        return None
    array = np.empty(len(geometries), dtype=object)
    array[:] = geometries
    try:
        kind, coords, offsets = shapely.to_ragged_array(array, include_z=False)  # type: ignore[union-attr]
    except ValueError:  # several kinds, or rings that are no polygons
        return None
    levels = [np.asarray(level, dtype=np.int64) for level in offsets]
    return geometry_of(kind.name.lower(), np.ascontiguousarray(coords, dtype=np.float64), levels)


def _plain(value: Any) -> Any:
    """Return a geometry or feature as GeoJSON's dicts and lists."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if hasattr(value, "__geo_interface__"):
        return _plain(value.__geo_interface__)
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _features(plain: Any) -> list[Any]:
    """Return the features of a collection, or the only one."""
    if isinstance(plain, dict) and plain.get("type") == "FeatureCollection":
        return list(plain.get("features") or [])
    return [plain]


def _class_name(feature: Any) -> str | None:
    held = feature.get("properties") if isinstance(feature, dict) else None
    return pick_property(held, "class") if isinstance(held, dict) else None


def _geometry_in(feature: Any) -> Any:
    """Return the GeoJSON geometry of a feature, or the geometry itself."""
    held = feature.get("geometry") if isinstance(feature, dict) and "geometry" in feature else feature
    if isinstance(held, dict) and held.get("type") == "LinearRing":
        return {"type": "Polygon", "coordinates": [held.get("coordinates")]}
    return held


def parse_geometries(values: Sequence[Any], parse: Callable[[Any], Any]) -> GeometryColumns:
    """Return the geometry of values, of which ``parse`` returns GeoJSON, or None for missing ones."""
    columns = ShapeColumns()
    for i, value in enumerate(values):
        try:
            geometry = parse(value)
            columns.add(Shape() if geometry is None else shape_of(geometry, DEFAULT.depth))
        except ValueError as error:
            raise ValueError(f"geometry {i}: {error}") from error
    return columns.columns(column_major=False)


def is_geopandas(value: Any) -> bool:
    """Return whether an object has geometries with a reference system."""
    return all(hasattr(value, name) for name in ("geometry", "crs", "total_bounds"))


def from_geopandas(value: Any, overrides: Overrides) -> Annotations:
    """Return the rows of a GeoSeries or GeoDataFrame, whose other columns name classes, images and ids."""

    def column(name: str) -> Any:
        values = value[name]
        return values.to_numpy() if values.dtype.kind in "iuf" else values.tolist()

    names = [str(name) for name in getattr(value, "columns", ()) if name != value.geometry.name]
    overrides, properties = row_properties(names, column, overrides)
    properties.setdefault("ids", value.index.tolist())
    geometries = np.asarray(value.geometry, dtype=object)
    batch = from_shapely(geometries, overrides, source="geopandas", **properties)
    if value.crs is not None and overrides.transform is None:
        batch.report.note(UNPLACED)
    return batch


def geometry_of(
    kind: str, coords: NDArray[np.float64], offsets: Sequence[NDArray[np.int64]]
) -> GeometryColumns:
    """Return the geometry of N features of one kind; empty features have none, missing points are NaN.

    ``offsets`` has one array per level, innermost first.
    """
    if kind == "point":
        filled = np.flatnonzero(~np.isnan(coords).any(axis=1))
        each = offsets_of(np.bincount(filled, minlength=len(coords)))
        return {"points": Points(coords[filled], each, np.ones(len(filled), dtype=bool))}
    if kind == "multipoint":
        return {"points": Points(coords, offsets[0], np.ones(len(coords), dtype=bool))}
    each = np.arange(len(offsets[-1]), dtype=np.int64)
    if kind in {"linestring", "multilinestring"}:
        return {"lines": Lines(coords, *_without_empty(offsets[0], [*offsets[1:], each][0]))}
    parts, polygons = _without_empty(offsets[1], [*offsets[2:], each][0])
    return {"polygons": Polygons(coords, offsets[0], parts, polygons)}


def _without_empty(
    items: NDArray[np.int64], owners: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the offsets of the items that are not empty, and of their owners into these."""
    filled = np.diff(items) > 0
    return items[np.concatenate([[True], filled])], offsets_of(filled.astype(np.int64))[owners]


def row_properties(
    header: Iterable[str], column: Callable[[str], Any], overrides: Overrides
) -> tuple[Overrides, dict[str, Any]]:
    """Return the overrides that remain, and classes, images, ids … as arguments of `make_batch`.

    ``column`` returns the values of a column of the table, an array of numbers or a list.
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
    wanted = [name for name in overrides.attributes or () if name in names]
    if wanted:
        found["attributes"] = {
            name: [cell_text(cell) or None for cell in list(column(name))] for name in wanted
        }
    marked = {
        role: [cell_text(cell) for cell in list(column(name))]
        for role in FLAG_ROLES
        for name in names
        if bare_name(name) in ROLES[role]
    }
    if marked:
        count = len(next(iter(marked.values())))
        found["flags"] = flags_of(ColumnBatch(dict(marked), (), np.arange(count)))
    return overrides, found
