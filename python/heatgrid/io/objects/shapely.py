"""shapely: geometries and arrays of them; and whatever has a ``__geo_interface__``, or is GeoJSON itself.

Arrays of one kind leave shapely by ``shapely.to_ragged_array``, without a Python object a number.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.io.formats.geo.simple_features import pick_property, shape_of
from heatgrid.io.json_values import MisfitError
from heatgrid.io.objects.assembly import Geometry, assemble
from heatgrid.io.objects.given import UNNAMED
from heatgrid.io.objects.ragged import geometry_of
from heatgrid.io.shapes import Shape, ShapeColumns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.objects.given import Given

NAME = "shapely"
TITLE = "shapely geometries, and objects with a __geo_interface__"
SEVERAL = False
TAKES: tuple[str, ...] = ("transform",)

_DEEPEST = 100
_MANY = "FeatureCollection"


def accepts(value: Any) -> bool:
    """Tell whether an object is a geometry, a feature, or several of them."""
    if isinstance(value, np.ndarray):
        return (
            value.dtype == object
            and value.ndim == 1
            and value.size > 0
            and all(map(_is_missing_or_one, value))
        )
    if isinstance(value, (list, tuple)):
        return len(value) > 0 and all(map(_is_missing_or_one, value)) and any(map(_is_one, value))
    return _is_one(value)


def _is_one(value: Any) -> bool:
    if isinstance(value, Mapping):
        return "type" in value and bool({"coordinates", "geometries", "geometry", "features"} & set(value))
    return hasattr(value, "__geo_interface__")


def _is_missing_or_one(value: Any) -> bool:
    return value is None or _is_one(value)


def convert(value: Any, given: Given, *, source: str = NAME, **described: Any) -> Annotations:
    """Return geometries, one an annotation: pixels where a size is given, else divided by it.

    Parameters
    ----------
    value
        One geometry, or several; None is one that is missing.
    given
        What the caller says.
    source
        What reports call the object.
    **described
        What else is known of the annotations, as `assemble` takes it.
    """
    listed: list[Any] = list(value) if isinstance(value, (list, tuple, np.ndarray)) else [value]
    geometry = _ragged(listed)
    if geometry is None:
        plain = [_plain(one) for one in listed]
        features = [feature for one in plain for feature in _features(one)]
        geometry, listed = _one_by_one(features), features
        classes = [pick_property(_properties(feature), "class") for feature in features]
        if any(classes):
            described.setdefault("names", [name or UNNAMED for name in classes])
    return assemble(source, len(listed), given, geometry, normalized=given.divided, **described)


def _ragged(geometries: Sequence[Any]) -> Geometry | None:
    """Return geometries of shapely's own making that are of one kind; None of others."""
    shapely = sys.modules.get("shapely")  # whoever has its geometries has imported it
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
    held = value if isinstance(value, Mapping) or value is None else value.__geo_interface__
    return _listed(held)


def _listed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _listed(one) for key, one in value.items()}
    return [_listed(one) for one in value] if isinstance(value, (list, tuple)) else value


def _features(plain: Any) -> list[Any]:
    """Return the features of a collection, or the one that there is."""
    if isinstance(plain, dict) and plain.get("type") == _MANY:
        return list(plain.get("features") or [])
    return [plain]


def _properties(feature: Any) -> dict[str, Any]:
    held = feature.get("properties") if isinstance(feature, dict) else None
    return held if isinstance(held, dict) else {}


def _one_by_one(features: Sequence[Any]) -> Geometry:
    """Return the geometry of features of any kinds; none of what is missing."""
    columns = ShapeColumns()
    for i, feature in enumerate(features):
        held = feature.get("geometry") if isinstance(feature, dict) and "geometry" in feature else feature
        if isinstance(held, dict) and held.get("type") == "LinearRing":
            held = {"type": "Polygon", "coordinates": [held.get("coordinates")]}
        try:
            columns.add(Shape() if held is None else shape_of(held, _DEEPEST))
        except MisfitError as misfit:
            raise ValueError(f"geometry {i}: {misfit}") from misfit
    return Geometry(polygons=columns.polygons(), points=columns.points(), lines=columns.lines())
