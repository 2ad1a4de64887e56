"""Regions from points, zones, GeoJSON and files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from heatgrid.core.region import Region
from heatgrid.errors import FormatError
from heatgrid.io import parse
from heatgrid.io.formats.geojson import features_of, pick_property, shape_of
from heatgrid.io.options import ReadOptions
from heatgrid.io.parse import MisfitError, read_json

RegionSource = Any
"""Argument of `as_regions`."""


def as_regions(value: RegionSource, argument: str) -> tuple[Region, ...]:
    """Return regions with distinct names; unnamed ones are called ``"region 1"``, ``"region 2"`` ….

    ``value`` is a `Region`; a `PolygonZone`; (N, 2) vertices; GeoJSON, as a path or as the mapping in it;
    a mapping of names to vertices; a list of these; or None for no region.

    Raises
    ------
    TypeError, ValueError
        The value holds no region, or two regions have one name; the message names the ``argument``.
    FormatError
        A file is not GeoJSON of polygons.
    """
    if value is None:
        return ()
    try:
        found = _regions_of(value)
    except (TypeError, ValueError) as error:
        if isinstance(error, FormatError):
            raise
        raise type(error)(f"{argument}: {error}") from None
    if not found:
        raise ValueError(f"{argument}: expected at least one region, got {value!r}")
    named = [replace(region, name=region.name or f"region {i}") for i, region in enumerate(found, 1)]
    names = [region.name for region in named]
    for i, name in enumerate(names):
        if name in names[:i]:
            raise ValueError(f"{argument}: names must differ, got {name!r} twice")
    return tuple(named)


def _regions_of(value: Any) -> list[Region]:
    if isinstance(value, Region):
        return [value]
    if isinstance(value, (str, os.PathLike)):
        return _read_file(Path(value))
    if isinstance(getattr(value, "region", None), Region):
        return [value.region]
    if isinstance(value, Mapping):
        if "type" in value:
            return _from_geojson(dict(value), "GeoJSON")
        return [replace(one, name=str(name)) for name, own in value.items() for one in _regions_of(own)]
    if isinstance(value, np.ndarray) or _is_ring(value):
        return [Region(value)]
    if isinstance(value, (list, tuple)):
        return [region for one in value for region in _regions_of(one)]
    raise TypeError(f"expected vertices, regions, zones or a GeoJSON file, got {type(value).__name__}")


def _is_ring(value: Any) -> bool:
    """Return whether a value is a list of pairs of numbers."""
    if not isinstance(value, (list, tuple)) or not value:
        return False
    first = value[0]
    return isinstance(first, (list, tuple, np.ndarray)) and len(first) == 2 and np.ndim(first[0]) == 0


def _read_file(path: Path) -> list[Region]:
    return _from_geojson(read_json(path, ReadOptions()), str(path))


def _from_geojson(document: Any, path: str) -> list[Region]:
    regions = []
    for i, feature in enumerate(features_of(document, path)):
        where = f"features[{i}]"
        properties = parse.as_dict(parse.as_dict(feature).get("properties"))
        name = parse.text(properties.get("name")) or pick_property(properties, "class")
        name = name or parse.text(parse.as_dict(feature).get("id"))
        try:
            shape = shape_of(parse.mapping(feature).get("geometry"), ReadOptions().limits.depth)
            if not shape.polygon or shape.lines or shape.points:
                raise FormatError("a region must be a polygon", path, where)
            regions.append(Region(shape.polygon, name))
        except (MisfitError, TypeError, ValueError) as error:
            if isinstance(error, FormatError):
                raise
            raise FormatError(str(error), path, where) from None
    return regions
