"""Shapefiles and GeoPackages, against geopandas and the same features in GeoJSON.

The samples were written by ogr2ogr of GDAL 3.6 from the scene of GeoJSON; files here by geopandas.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.core.ragged import Kind
from heatgrid.errors import FormatError
from heatgrid.io.read import detect
from samples import DATA, read_all, read_one

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = DATA / "shapefile"
SCENE = SAMPLES / "valid/scene"
TRANSFORM = (1, 0, 500_000, 0, -1, 5_000_000)  # a pixel is a meter, north is up


def crowns(**columns: Any) -> Any:
    """Return two crowns of trees on a map as a frame; the second has a hole."""
    geopandas, shapely = pytest.importorskip("geopandas"), pytest.importorskip("shapely")
    pytest.importorskip("pyogrio")
    around = shapely.box(500_050, 4_999_910, 500_070, 4_999_930)
    hole = shapely.box(500_054, 4_999_914, 500_066, 4_999_926)
    shapes = [shapely.box(500_010, 4_999_960, 500_040, 4_999_990), around.difference(hole)]
    return geopandas.GeoDataFrame(columns or {"label": ["oak", "elm"]}, geometry=shapes, crs="EPSG:32632")


@pytest.mark.peers
@pytest.mark.parametrize("name", ["crowns.shp", "crowns.gpkg"])
def test_maps_are_equal_to_those_of_geopandas_and_geojson(tmp_path: Path, name: str) -> None:
    frame = crowns()
    frame.to_file(tmp_path / name, engine="pyogrio")
    frame.to_file(tmp_path / "crowns.geojson", driver="GeoJSON", engine="pyogrio")
    options: dict[str, Any] = {"transform": TRANSFORM, "size": (100, 100)}
    heat = hg.heatmap(tmp_path / name, 50, **options)
    assert heat["oak"].counts.tolist() == hg.count_boxes([[0.1, 0.1, 0.4, 0.4]], 50).tolist()
    assert heat["elm"].counts.sum() == 10 * 10 - 6 * 6
    for other in (frame, tmp_path / "crowns.geojson"):
        assert np.array_equal(heat.by_class, hg.heatmap(other, 50, **options).by_class)
    assert hg.heatmap(tmp_path / name, size=(100, 100)).report.notes == {"map coordinates, read as pixels": 1}


@pytest.mark.peers
def test_world_files_give_the_transform(tmp_path: Path) -> None:
    crowns().to_file(tmp_path / "plot.shp", engine="pyogrio")
    (tmp_path / "plot.tfw").write_text("1\n0\n0\n-1\n500000.5\n4999999.5\n")
    batch = read_one(tmp_path / "plot.shp", transform="world", images=tmp_path, size=(100, 100))
    assert batch.polygons is not None
    assert batch.polygons.coords.min(axis=0).tolist() == [10, 10]
    assert batch.polygons.coords.max(axis=0).tolist() == [70, 90]


@pytest.mark.peers
def test_attributes_are_classes_images_scores_and_ids(tmp_path: Path) -> None:
    columns: dict[str, Any] = {
        "tree": ["Eiche", None],
        "image_path": ["a.tif", "b.tif"],
        "score": [0.5, None],
        "number": pytest.importorskip("pandas").array([7, None], dtype="Int64"),
    }
    crowns(**columns).to_file(tmp_path / "crowns.shp", engine="pyogrio")
    batch = read_one(tmp_path, columns={"class": "tree"})
    assert (batch.image_names, batch.classes, batch.ids) == (
        ["a.tif", "b.tif"],
        ("Eiche", "(none)"),
        ["0", "1"],
    )
    assert batch.scores is not None
    assert np.array_equal(batch.scores, [0.5, np.nan], equal_nan=True)
    assert read_one(tmp_path, columns={"class": "number"}).classes == ("7", "(none)")


@pytest.mark.peers
def test_layers_encodings_and_positions() -> None:
    pytest.importorskip("pyogrio")
    (batch,), _ = read_all(SCENE / "b.gpkg", size=(64, 64))
    assert batch.ids == ["persons.1", "cars.1"]
    assert batch.where(1).endswith("b.gpkg: features[1] (id cars.1)")
    points = read_one(SAMPLES / "valid/points", size=(50, 50))
    assert points.kinds.tolist() == [Kind.POINT, Kind.POINT]
    assert points.classes == ("Baum, alt", "Gebüsch")
    assert points.ids == ["t1", "t2"]


@pytest.mark.peers
def test_encoding_option_where_the_file_has_none(tmp_path: Path) -> None:
    pytest.importorskip("pyogrio")
    shutil.copytree(SAMPLES / "valid/points", tmp_path, dirs_exist_ok=True)
    (tmp_path / "trees.cpg").unlink()
    dbf = bytearray((tmp_path / "trees.dbf").read_bytes())
    dbf[29] = 0  # the driver of the language
    (tmp_path / "trees.dbf").write_bytes(
        dbf.replace("Gebüsch".encode("latin-1"), "Дуб".encode("cp1251") + b"    ")
    )
    assert read_one(tmp_path / "trees.shp", encoding="cp1251").classes == ("Baum, alt", "Дуб")


@pytest.mark.peers
@pytest.mark.parametrize("name", ["a!b.shp", "a;b.shp", "a?b.gpkg"])
def test_names_that_are_no_addresses(tmp_path: Path, name: str) -> None:
    crowns().to_file(tmp_path / "crowns.gpkg", engine="pyogrio")
    crowns().to_file(tmp_path / "crowns.shp", engine="pyogrio")
    for file in list(tmp_path.iterdir()):
        file.rename(tmp_path / f"{name[:3]}{file.suffix}")
    assert len(read_one(tmp_path / name)) == 2


@pytest.mark.peers
def test_archive_is_read_in_place_and_leaves_no_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyogrio")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for file in sorted(SCENE.iterdir()):
            archive.write(file, f"set/{file.name}")
    options: dict[str, Any] = {"size": {"a": (100, 80), "b": (64, 64), "background": (50, 50)}}
    packed, plain = (hg.heatmap(path, 8, **options) for path in (tmp_path / "set.zip", SCENE))
    assert np.array_equal(packed.by_class, plain.by_class)
    assert packed.report.read == plain.report.read == 3
    assert not list((tmp_path / "temporary").iterdir())


@pytest.mark.peers
def test_tables_curves_and_missing_geometries(tmp_path: Path) -> None:
    pytest.importorskip("pyogrio")
    shutil.copy(SCENE / "b.gpkg", tmp_path)
    with closing(sqlite3.connect(tmp_path / "b.gpkg")) as database, database:
        database.execute("PRAGMA trusted_schema = 1")
        database.execute("CREATE TABLE notes (fid INTEGER PRIMARY KEY, label TEXT)")
        database.execute("INSERT INTO gpkg_contents (table_name, data_type) VALUES ('notes', 'attributes')")
        database.execute("INSERT INTO cars (geom, 'Class Name') VALUES (NULL, 'car')")
    batch = read_one(tmp_path / "b.gpkg", size=(64, 64))
    assert len(batch) == 2
    assert batch.report.skipped == {"no geometry": 1}


def test_near_misses_are_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "plain.gpkg")) as database, database:
        database.execute("CREATE TABLE boxes (x REAL)")
    (tmp_path / "empty.shp").write_bytes(b"\x00\x00\x27\x0b" + bytes(96))
    (tmp_path / "remote.gpkg").write_text("<OGRVRTDataSource><OGRVRTLayer name='a'/></OGRVRTDataSource>")
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(FormatError, match="unknown format"):
            detect(path)
        with pytest.raises(FormatError, match="expected a Shapefile or a GeoPackage"):
            hg.heatmap(path, format="shapefile")


@pytest.mark.peers
def test_a_part_of_a_shapefile_is_missing() -> None:
    pytest.importorskip("pyogrio")
    with pytest.raises(FormatError, match=r"a\.shp: not read by GDAL: Unable to open .*a\.shx"):
        hg.heatmap(SAMPLES / "broken/no_index")


def test_without_the_library_the_error_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Any
) -> None:
    monkeypatch.setitem(sys.modules, "pyogrio", None)
    with pytest.raises(ImportError, match=r'pyogrio is needed for this: pip install "heatgrid\[geo\]"'):
        hg.heatmap(SCENE)
    code, _, messages = run("map", SCENE, "-o", tmp_path / "map.png")
    assert code == 1
    assert 'pip install "heatgrid[geo]"' in messages
