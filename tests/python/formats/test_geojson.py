"""GeoJSON and well-known text: rings, holes, properties and invalid geometries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatgrid.core.ragged import Kind
from heatgrid.errors import FormatError
from heatgrid.io.formats.geojson import shape_of
from heatgrid.io.formats.wkt import read_wkt
from heatgrid.io.parse import MisfitError
from heatgrid.io.read import detect
from heatgrid.io.shapes import Shape
from samples import DATA, outcomes, read_all, read_one, read_source, selected

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


def test_empty_geometry_is_image_without_objects() -> None:
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
    assert batch.classes == ("yes", "(none)")
    assert batch.report.notes == {"map coordinates, read as pixels": 1}
    assert read_one(GEOJSON / "valid/map.json").classes == ("(none)",)
    written = read_one(WKT / "valid/list.wkt")
    assert written.image_names == ["list"]
    assert written.kinds.tolist() == [
        *(Kind.POLYGON, Kind.POINT, Kind.LINE, Kind.POINT, Kind.POINT, Kind.LINE),
        Kind.POLYGON | Kind.POINT | Kind.LINE,
    ]
    assert written.positions is not None
    assert written.positions.tolist() == [1, 2, 4, 5, 6, 7, 8]


def test_pixels_without_sizes_are_skipped() -> None:
    for path in (GEOJSON / "valid/scene", WKT / "valid/scene"):
        batches, _ = read_all(path)
        assert outcomes(batches).skipped == {"image size missing (give size= or images=)": 3}


def test_bad_features_are_skipped_with_reasons() -> None:
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
    assert outcomes([batch]).skipped["coordinate or image size not finite"] == 1
    assert outcomes([batch]).skipped["fewer than three distinct points"] == 1
    with pytest.raises(FormatError, match=r"features\[0\]: no geometry"):
        list(read_source(path, on_error="raise"))
    with pytest.raises(FormatError, match="expected features or a geometry"):
        list(read_source(GEOJSON / "broken/topology.json", format="geojson"))


def test_bad_texts_are_skipped_with_reasons() -> None:
    batch = read_one(WKT / "broken/rows.csv", size=(100, 100))
    assert batch.report.skipped == {
        "parentheses that do not match": 3,
        "coordinates are not a list of points": 2,
        "no geometry": 1,
        "text that is no geometry": 1,
        "coordinate is not a number": 1,
    }
    skipped = outcomes([batch]).skipped
    assert skipped["coordinate or image size not finite"] == 1
    assert skipped["fewer than three distinct points"] == 1
    with pytest.raises(FormatError, match="no column of well-known text"):
        list(read_source(WKT / "broken/no_geometry.csv", format="wkt"))


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


def test_empty_parts_of_text_have_no_vertices() -> None:
    written = "GEOMETRYCOLLECTION (POINT EMPTY, MULTIPOLYGON (EMPTY, ((1 1, 2 2, 3 1))))"
    assert shape_of(read_wkt(written, 9), 9) == Shape(
        polygon=[[[(1, 1), (2, 2), (3, 1)]]], lines=[], points=[]
    )
    for wrong in ("POLYGON EMPTY 1 2", "GEOMETRYCOLLECTION (CIRCLE (1 1), POINT (1 1))", "POINT (1 1) (2 2)"):
        with pytest.raises(MisfitError):
            read_wkt(wrong, 9)


def test_nesting_is_limited() -> None:
    deep = "GEOMETRYCOLLECTION (" * 500 + "POINT (1 1)" + ")" * 500
    with pytest.raises(MisfitError, match="nested too deeply"):
        read_wkt(deep, 100)
    with pytest.raises(MisfitError, match="nested too deeply"):
        read_wkt("POLYGON " + "(" * 104 + "1 1, 2 2, 3 1" + ")" * 104, 100)
    inner = "MULTIPOLYGON (((1 1, 2 2, 3 1)))"
    for _ in range(100):
        inner = f"GEOMETRYCOLLECTION ({inner})"
    assert shape_of(read_wkt(inner, 100), 100).polygon == [[[(1, 1), (2, 2), (3, 1)]]]
    geometry: dict[str, object] = {"type": "Point", "coordinates": [1, 1]}
    for _ in range(500):
        geometry = {"type": "GeometryCollection", "geometries": [geometry]}
    with pytest.raises(MisfitError, match="nested too deeply"):
        shape_of(geometry, 100)


RING = st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)), min_size=3, max_size=6)


@given(st.lists(st.lists(RING, min_size=1, max_size=3), min_size=1, max_size=3))
def test_geojson_and_wkt_give_equal_shapes(parts: list[list[list[tuple[float, float]]]]) -> None:
    written = ", ".join(
        "(" + ", ".join("(" + ", ".join(f"{x!r} {y!r}" for x, y in ring) + ")" for ring in part) + ")"
        for part in parts
    )
    coordinates = [[[list(vertex) for vertex in ring] for ring in part] for part in parts]
    assert shape_of(read_wkt(f"MULTIPOLYGON ({written})", 9), 9) == shape_of(
        {"type": "MultiPolygon", "coordinates": coordinates}, 9
    )


@given(st.text("POLYGNMUTISRE()(), 012.-e", max_size=60))
def test_any_text_is_parsed_or_refused(text: str) -> None:
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
    assert selected(batch).report.complete


SQUARE = [
    [500_010.0, 4_000_990.0],
    [500_020.0, 4_000_990.0],
    [500_020.0, 4_000_970.0],
    [500_010.0, 4_000_970.0],
]
TRANSFORM = (0.5, 0.0, 500_000.0, 0.0, -0.5, 4_001_000.0)  # half a metre a pixel, north is up
PIXELS = [[20.0, 20.0], [40.0, 20.0], [40.0, 60.0], [20.0, 60.0]]


def on_a_map(folder: Path, name: str = "tile") -> Path:
    """Write a polygon, a point and a line of a map; with its reference system, as GDAL does."""
    kinds = {"Polygon": [SQUARE], "Point": SQUARE[0], "LineString": SQUARE[:2]}
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": kind, "coordinates": where}}
        for kind, where in kinds.items()
    ]
    system = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32630"}}
    path = folder / f"{name}.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": system, "features": features}))
    return path


@pytest.mark.parametrize(
    "transform",
    [TRANSFORM, (*TRANSFORM, 0, 0, 1), {"tile": TRANSFORM}, {"tile.tif": TRANSFORM}, {"other": TRANSFORM}],
)
def test_transform_converts_map_coordinates_to_pixels(tmp_path: Path, transform: Any) -> None:
    path = on_a_map(tmp_path, "tile")
    batch = read_one(path, transform=transform, size=(100, 100))
    if "other" in transform:
        assert batch.report.notes == {"image without a transform, so map coordinates cannot be converted": 1}
        assert outcomes([batch]).skipped == {"coordinate or image size not finite": 3}
        return
    assert batch.report.notes == {}
    assert batch.polygons is not None
    assert batch.points is not None
    assert batch.lines is not None
    assert batch.polygons.coords.tolist() == PIXELS
    assert batch.points.coords.tolist() == PIXELS[:1]
    assert batch.lines.coords.tolist() == PIXELS[:2]


def test_rotated_transform(tmp_path: Path) -> None:
    turned = (0.3, -0.4, 500_000.0, -0.4, -0.3, 4_001_000.0)
    batch = read_one(on_a_map(tmp_path), transform=turned, size=(100, 100))
    a, b, c, d, e, f = turned
    assert batch.polygons is not None
    x, y = batch.polygons.coords.T
    back = np.stack([a * x + b * y + c, d * x + e * y + f], axis=1)
    assert back == pytest.approx(np.array(SQUARE), abs=1e-6)


def test_world_files_in_image_folder(tmp_path: Path) -> None:
    for name in ("one", "two"):
        on_a_map(tmp_path, name)
    # Column by column, and the place of the first pixel's centre.
    (tmp_path / "one.tfw").write_text("0.5\n0.0\n0.0\n-0.5\n500000.25\n4000999.75\n")
    (tmp_path / "two.jgw").write_text("0.5 0 0 -0.5 500005.25 4000999.75")
    (batch,), _ = read_all(tmp_path, transform="world", images=tmp_path, size=(100, 100))
    assert batch.polygons is not None
    shifted = [[x - 10, y] for x, y in PIXELS]
    assert batch.polygons.coords.tolist() == PIXELS + shifted
    (tmp_path / "two.jgw").write_text("0.5 0 0")
    with pytest.raises(FormatError, match="expected a world file of six numbers"):
        read_all(tmp_path, transform="world", images=tmp_path, size=(100, 100))


def test_transform_of_well_known_text(tmp_path: Path) -> None:
    ring = ", ".join(f"{x} {y}" for x, y in SQUARE)
    (tmp_path / "tile.wkt").write_text(f"POLYGON (({ring}))\n")
    batch = read_one(tmp_path / "tile.wkt", transform=TRANSFORM, size=(100, 100))
    assert batch.polygons is not None
    assert batch.polygons.coords.tolist() == PIXELS


@pytest.mark.parametrize(
    "transform", [(1, 2, 3), (1, 1, 0, 1, 1, 0), "north", ("a",) * 6, (np.nan,) * 6, {"a": 3}]
)
def test_invalid_transform_is_refused(transform: Any) -> None:
    with pytest.raises(ValueError, match="transform must be six numbers"):
        read_source(GEOJSON / "valid/map.json", transform=transform)


def test_world_files_require_image_folder() -> None:
    with pytest.raises(ValueError, match="transform='world' requires images="):
        read_source(GEOJSON / "valid/map.json", transform="world")


@pytest.mark.parametrize("name", ["tile.geojsonl", "tile.json", "tile.geojsons"])
def test_one_feature_per_line(name: str, tmp_path: Path) -> None:
    scene = json.loads((GEOJSON / "valid/scene/b.geojson").read_text())
    before = "\x1e" if name.endswith("s") else ""
    path = tmp_path / name
    lines = [f"{before}{json.dumps(feature)}" for feature in scene["features"]]
    path.write_text("\n".join([*lines, ""]))
    assert detect(path) == "geojson"
    whole, parts = read_one(GEOJSON / "valid/scene/b.geojson", size=(10, 10)), read_one(path, size=(10, 10))
    assert parts.kinds.tolist() == whole.kinds.tolist()
    assert parts.polygons is not None
    assert whole.polygons is not None
    assert parts.polygons.coords.tolist() == whole.polygons.coords.tolist()
    path.write_text("\n".join([lines[0], '{"type": "Feature", "geom', "", *lines[1:]]))
    _, report = read_all(path)
    assert report.skipped == {"annotation is not an object": 1}
    assert report.examples["annotation is not an object"] == [f"{path}: features[1]"]


def test_skipped_geometries_are_reported_by_class(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('class;geometry\ncar;"POLYGON ((0 0, 1"\n;POINT\n')
    report = read_one(tmp_path / "a.csv", format="wkt").report
    assert {name: totals["skipped"] for name, totals in report.by_class().items()} == {"car": 1, "(none)": 1}
    features = [{"type": "Feature", "properties": {"class": "car"}, "geometry": None}, 3]
    (tmp_path / "a.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    report = read_one(tmp_path / "a.geojson").report
    assert {name: totals["skipped"] for name, totals in report.by_class().items()} == {"car": 1, "(none)": 1}
