"""GeoJSON and well-known text: rings, holes, properties, and geometries that are none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatgrid import formats
from heatgrid.choice import resolve
from heatgrid.columns import Kind
from heatgrid.errors import FormatError
from heatgrid.formats.json_shapes import MisfitError
from heatgrid.formats.simple_features import read_wkt, shape_of
from samples import DATA, outcomes, read_all, read_one

if TYPE_CHECKING:
    from pathlib import Path

GEOJSON, WKT = DATA / "geojson", DATA / "wkt"


@pytest.mark.parametrize("path", [GEOJSON / "valid/scene/b.geojson", WKT / "valid/scene/buildings.csv"])
def test_holes_properties_and_third_coordinates(path: Path) -> None:
    batch = read_one(path)
    polygons = batch.polygons
    assert polygons is not None
    own = polygons.take(np.flatnonzero(batch.label == batch.classes.index("person")))
    assert own.parts.tolist() == [0, 2]
    assert own.coords[4:].tolist() == [[1, 1], [2, 1], [2, 2]]
    assert batch.scores is not None
    assert 0.5 in batch.scores


def test_an_empty_geometry_is_an_image_without_objects() -> None:
    batch = read_one(WKT / "valid/scene")
    assert batch.image_names == ["a", "b", "background"]
    assert batch.ids == ["0", "1", "2"]
    assert batch.report.notes == {"empty geometry, an image without objects": 1}
    assert batch.where(2).endswith("buildings.csv: line 4 (id 2)")
    chosen = read_one(WKT / "valid/scene", columns={"geometry": "PolygonWKT_Geo"})
    assert len(chosen) == 1


def test_kinds_of_geometry() -> None:
    batch = read_one(GEOJSON / "valid/map.json", columns={"class": "building"})
    assert batch.kinds.tolist() == [Kind.POLYGON, Kind.LINE, Kind.POINT, Kind.LINE, Kind.POINT]
    assert batch.classes == ("yes", "object")
    assert batch.report.notes == {"coordinates of a map's reference system, taken as pixels": 1}
    assert read_one(GEOJSON / "valid/map.json").classes == ("object",)
    written = read_one(WKT / "valid/list.wkt")
    assert written.image_names == ["list"]
    assert written.kinds.tolist() == [
        *(Kind.POLYGON, Kind.POINT, Kind.LINE, Kind.POINT, Kind.POINT, Kind.LINE),
        Kind.POLYGON | Kind.POINT | Kind.LINE,
    ]
    assert written.positions is not None
    assert written.positions.tolist() == [1, 2, 4, 5, 6, 7, 8]


def test_without_sizes_pixels_have_no_place() -> None:
    for path in (GEOJSON / "valid/scene", WKT / "valid/scene"):
        batches, _ = read_all(path)
        assert outcomes(batches).skipped == {"image size missing (give size= or images=)": 3}


def test_every_bad_feature_has_its_reason() -> None:
    path = GEOJSON / "broken/features.geojson"
    batch = read_one(path, size=(100, 100))
    assert batch.report.skipped == {
        "no geometry": 2,
        "coordinate is not a number": 1,
        "coordinates are not a list of points": 1,
        "geometry that is not read: Circle": 1,
        "annotation is not an object": 1,
        "score is not a number": 1,
        "geometry is not an object": 1,
    }
    assert outcomes([batch]).skipped["non-finite coordinates"] == 1
    assert outcomes([batch]).skipped["fewer than three distinct points"] == 1
    with pytest.raises(FormatError, match=r"features\[0\]: no geometry"):
        list(formats.read(path, on_error="raise"))
    with pytest.raises(FormatError, match="expected features or a geometry"):
        list(formats.read(GEOJSON / "broken/topology.json", format="geojson"))


def test_every_bad_text_has_its_reason() -> None:
    batch = read_one(WKT / "broken/rows.csv", size=(100, 100))
    assert batch.report.skipped == {
        "parentheses that do not match": 3,
        "coordinates are not a list of points": 2,
        "no geometry": 1,
        "text that is no geometry": 1,
        "coordinate is not a number": 1,
    }
    skipped = outcomes([batch]).skipped
    assert skipped["non-finite coordinates"] == 1
    assert skipped["fewer than three distinct points"] == 1
    with pytest.raises(FormatError, match="no column of well-known text"):
        list(formats.read(WKT / "broken/no_geometry.csv", format="wkt"))


def test_features_of_many_images_in_one_file(tmp_path: Path) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"photo": f"{i % 2}.tif"},
            "geometry": {"type": "Point", "coordinates": [i, i]},
        }
        for i in range(4)
    ]
    (tmp_path / "val.geojson").write_text(json.dumps(features))
    batch = read_one(tmp_path, columns={"image": "photo"})
    assert batch.image_names == ["0.tif", "1.tif"]
    assert batch.image.tolist() == [0, 0, 1, 1]
    assert batch.positions is not None
    assert batch.positions.tolist() == [0, 2, 1, 3]
    assert batch.split == "val"
    assert read_one(tmp_path, splits="train").report.notes == {"no split named train": 1}


def test_nesting_is_limited() -> None:
    deep = "GEOMETRYCOLLECTION (" * 500 + "POINT (1 1)" + ")" * 500
    with pytest.raises(MisfitError, match="nested too deeply"):
        read_wkt(deep, 100)
    geometry: dict[str, object] = {"type": "Point", "coordinates": [1, 1]}
    for _ in range(500):
        geometry = {"type": "GeometryCollection", "geometries": [geometry]}
    with pytest.raises(MisfitError, match="nested too deeply"):
        shape_of(geometry, 100)


RING = st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)), min_size=3, max_size=6)


@given(st.lists(st.lists(RING, min_size=1, max_size=3), min_size=1, max_size=3))
def test_both_ways_of_writing_give_the_same_shape(parts: list[list[list[tuple[float, float]]]]) -> None:
    written = ", ".join(
        "(" + ", ".join("(" + ", ".join(f"{x!r} {y!r}" for x, y in ring) + ")" for ring in part) + ")"
        for part in parts
    )
    coordinates = [[[list(vertex) for vertex in ring] for ring in part] for part in parts]
    assert shape_of(read_wkt(f"MULTIPOLYGON ({written})", 9), 9) == shape_of(
        {"type": "MultiPolygon", "coordinates": coordinates}, 9
    )


@given(st.text("POLYGNMUTISRE()(), 012.-e", max_size=60))
def test_any_text_is_a_shape_or_none(text: str) -> None:
    for written in (text, f"POLYGON {text}", f"MULTIPOINT ({text})", f"GEOMETRYCOLLECTION ({text})"):
        try:
            shape_of(read_wkt(written, 9), 9)
        except MisfitError as error:
            assert str(error)  # noqa: PT017 - either outcome is right


def test_long_cells_are_read(tmp_path: Path) -> None:
    ring = ", ".join(f"{i} {i * i % 97}" for i in range(40_000))
    (tmp_path / "a.csv").write_text(f'image,geometry\na,"POLYGON (({ring}))"\n')
    batch = read_one(tmp_path / "a.csv", size=(10, 10))
    assert batch.polygons is not None
    assert len(batch.polygons.coords) == 40_000
    assert resolve(batch).report.complete
