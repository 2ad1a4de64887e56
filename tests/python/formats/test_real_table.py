"""Table of real data sets: contains every file, and accounts for every annotation."""

from __future__ import annotations

import contextlib
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg
from heatgrid.io.read import detect
from real_table import REAL, Row, data_files, table
from samples import read_all

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="../shared/data does not exist")


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(table(REAL))


def test_table_contains_every_file_once(rows: list[Row]) -> None:
    listed = [file for row in rows for file in row.files]
    assert sorted(listed) == data_files(REAL)


def test_every_annotation_has_an_outcome(rows: list[Row]) -> None:
    for row in rows:
        report = row.report
        assert report.read == report.counted + report.empty + report.outside + report.skips, row.name
        assert bool(row.why) != bool(report.files), row.name
        if not row.why:
            assert row.format


def test_most_annotations_are_counted(rows: list[Row]) -> None:
    annotations = sum(row.report.read for row in rows)
    skipped = sum(row.report.skips for row in rows)
    assert annotations > 30_000
    assert skipped < annotations // 10
    assert {row.format for row in rows} >= {
        "coco",
        "yolo",
        "voc",
        "cvat",
        "labelme",
        "via",
        "mot",
        "scalabel",
    }


def detected(pattern: str, name: str) -> list[Path]:
    """Return the files of a format."""
    return [path for path in sorted(REAL.glob(pattern)) if path.stat().st_size and detect(path) == name]


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the peer's own
def test_coco_files_agree_with_pycocotools() -> None:
    tools = pytest.importorskip("pycocotools.coco")
    masks = pytest.importorskip("pycocotools.mask")
    several = 0
    for path in detected("coco/**/*.json", "coco"):
        document = json.loads(path.read_bytes())
        keys = (
            {key for a in document.get("annotations", []) for key in a}
            if isinstance(document, dict)
            else set()
        )
        if not keys & {"bbox", "segmentation"}:
            continue
        with contextlib.redirect_stdout(io.StringIO()):
            theirs = tools.COCO(str(path))
        batch = hg.annotations_from(theirs, library="coco")
        files, _ = read_all(path)
        assert hg.Heatmap(40).add(batch).counts.sum() > 0
        if len(theirs.anns) == len(files[0]):  # pycocotools keeps the last of annotations of one id
            assert hg.Heatmap(40).add(batch) == hg.Heatmap(40).add(files[0])
        for i, annotation in enumerate(document["annotations"][:100]):
            code = annotation.get("segmentation")
            if isinstance(code, dict):
                plain = code if isinstance(code["counts"], str) else masks.frPyObjects(code, *code["size"])
                grid = hg.count_masks([code], tuple(code["size"]))
                assert (grid == masks.decode(plain)).all(), (path, i)
                several += 1
    assert several > 80


@pytest.mark.peers
def test_geojson_areas_agree_with_shapely() -> None:
    shapely = pytest.importorskip("shapely")
    several = 0
    for path in detected("geojson/**/*.geojson", "geojson"):
        held: Any = json.loads(path.read_bytes())
        theirs = shapely.geometrycollections(
            [shapely.from_geojson(json.dumps(f["geometry"])) for f in held["features"]]
        )
        (batch,), _ = read_all(path)
        if batch.polygons is None or not shapely.is_valid(theirs):
            continue
        x1, y1, x2, y2 = shapely.bounds(theirs)
        unit = (batch.polygons.coords - [x1, y1]) / [x2 - x1, y2 - y1]
        offsets = batch.polygons.rings, batch.polygons.parts, batch.polygons.annotations
        covered = hg.count_polygons(unit, offsets, 50, rule="area").sum() / 2500 * (x2 - x1) * (y2 - y1)
        assert covered == pytest.approx(sum(shapely.area(shapely.get_parts(theirs))), rel=1e-6), path
        several += 1
    assert several > 80
