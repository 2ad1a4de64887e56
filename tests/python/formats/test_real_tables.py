"""Real tables, if available: every row is read, and compared with plain parsers."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from heatgrid.errors import FormatError
from heatgrid.io.read import detect
from samples import outcomes, read_all, read_one, rows, selected

if TYPE_CHECKING:
    from collections.abc import Iterator

REAL = Path(__file__).parents[3].parent / "shared/data"

pytestmark = pytest.mark.skipif(
    not REAL.is_dir(), reason="the real data set folder ../shared/data is not available"
)

MOT = REAL / "mot/mmtracking/demo_MOT15_data/train"


def plain_rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("name", ["TUD-Campus", "TUD-Stadtmitte"])
@pytest.mark.parametrize("kind", ["gt", "results"])
def test_mot_sequences_are_read_completely(name: str, kind: str) -> None:
    path = MOT / name / "gt/gt.txt" if kind == "gt" else MOT / f"results/{name}.txt"
    assert detect(path) == "mot"
    batch = read_one(path, size=(640, 480))
    lines = [[float(cell) for cell in row] for row in plain_rows(path)]
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [[x, y, x + w, y + h] for _, _, x, y, w, h, *_ in lines]
    frames = [int(Path(batch.image_names[i]).stem) for i in batch.image.tolist()]
    assert frames == [line[0] for line in lines]
    length = next(
        int(line[10:])
        for line in (MOT / name / "seqinfo.ini").read_text().splitlines()
        if line.startswith("seqLength=")
    )
    assert len(batch.image_names) == length
    assert outcomes([batch]).complete


def test_mot_folder_has_each_frame_once() -> None:
    assert detect(MOT) == "mot"
    batches, report = read_all(MOT)
    assert (report.read, report.images, report.files) == (359 + 1156, 71 + 179, 2)
    assert {batch.split for batch in batches if batch.image_names} == {"train"}
    reasons = [set(selected(batch).report.skipped) for batch in batches if len(batch)]
    assert reasons == [{"image size missing (give size= or images=)"}] * 2


def test_table_of_unusual_order_is_read_completely() -> None:
    path = REAL / "csv/bccd/test.csv"
    assert detect(path) == detect(path.parent) == "tables"
    batch = read_one(path, size=(640, 480), on_error="raise")
    header, *lines = plain_rows(path)
    assert header == ["filename", "cell_type", "xmin", "xmax", "ymin", "ymax"]
    names = [batch.image_names[i] for i in batch.image.tolist()]
    labels = [batch.classes[i] for i in batch.label.tolist()]
    assert batch.boxes is not None
    boxes = batch.boxes.tolist()
    expected = [(name, label, [float(v) for v in (x1, y1, x2, y2)]) for name, label, x1, x2, y1, y2 in lines]
    assert list(zip(names, labels, boxes, strict=True)) == expected
    assert len(batch) == 4888
    assert batch.report.notes == {}
    assert outcomes([batch]).complete


OPEN_IMAGES = {
    "openimages/datumaro/v6/annotations": [("b", 0.2, 1.0), ("c", 0.7, 0.8)],
    "openimages/datumaro/v6/annotations/test-annotations-bbox.csv": [("c", 0.7, 0.8)],
    "openimages/datumaro/v6/annotations/train-annotations-object-segmentation.csv": [("b", 0.2, 1.0)],
}


@pytest.mark.parametrize("name", OPEN_IMAGES)
def test_open_images_are_read(name: str) -> None:
    assert detect(REAL / name) == "openimages"
    batches, report = read_all(REAL / name, on_error="raise")
    found = sorted((image, box[0], box[2]) for image, _, box in rows(batches))
    assert found == OPEN_IMAGES[name]
    assert all(batch.normalized for batch in batches)
    if (REAL / name).is_dir():
        assert report.images == 3
        assert {batch.split for batch in batches if batch.image_names} == {"train", "test"}


@pytest.mark.parametrize("path", sorted(REAL.glob("openimages/**/*.csv")), ids=lambda path: path.name)
def test_open_images_without_boxes_are_named(path: Path) -> None:
    if "XMin" not in path.read_text():
        with pytest.raises(FormatError, match="unknown format"):
            detect(path)


def test_the_same_hundred_images_are_the_same_in_open_images() -> None:
    """Numbers have ten digits there, and commas for points."""
    folder = REAL / "same-100-images/gts"
    assert detect(folder / "openimages_format") == "openimages"
    batches, report = read_all(folder / "openimages_format", on_error="raise")
    assert report.read == 273
    voc, other = rows(read_all(folder / "pascalvoc_format")[0]), rows(batches)
    assert [(image, label) for image, label, _ in other] == [(image, label) for image, label, _ in voc]
    difference = np.abs(np.array([box for *_, box in other]) - np.array([box for *_, box in voc])).max()
    assert difference < 1e-9


def test_oriented_boxes_of_an_export_are_those_of_dota() -> None:
    folder = REAL / "yolo/datumaro/roboflow_dataset/yolo_obb"
    files = sorted(folder.glob("*/labelTxt/*.txt"))
    assert {detect(file.parent) for file in files} == {"dota"}
    batches, _ = read_all(folder, format="dota", size=(640, 480), on_error="raise")
    lines = [line.split() for file in files for line in file.read_text().splitlines()]
    found = [batch.polygons.coords.ravel() for batch in batches if batch.polygons]
    assert np.concatenate(found).tolist() == [float(cell) for line in lines for cell in line[:8]]
    assert outcomes(batches).complete


SOLARIS = REAL / "geojson/solaris"


def plain_numbers(coordinates: Any) -> Iterator[float]:
    """Yield x and y of every vertex, however deep they lie."""
    if coordinates and not isinstance(coordinates[0], list):
        yield from map(float, coordinates[:2])
        return
    for inner in coordinates:
        yield from plain_numbers(inner)


def test_geojson_files_are_read_completely() -> None:
    files = [path for path in sorted(SOLARIS.rglob("*.*json")) if b'"FeatureCollection"' in path.read_bytes()]
    kinds: Counter[str] = Counter()
    for path in files:
        assert detect(path) == "geojson", path
        features = json.loads(path.read_bytes())["features"]
        batches, report = read_all(path, size=(900, 900), on_error="raise")
        assert report.read == len(features), path
        assert outcomes(batches).complete, path
        expected = [v for f in features for v in plain_numbers(f["geometry"]["coordinates"])]
        columns = [c for b in batches for c in (b.polygons, b.lines, b.points) if c is not None]
        found = [v for column in columns for v in column.coords.ravel().tolist()]
        assert sorted(found) == sorted(expected), path
        kinds.update(feature["geometry"]["type"] for feature in features)
    assert len(files) >= 140
    assert kinds["MultiPolygon"] == 10
    assert kinds["LineString"] == 36


def test_empty_geojson_file_raises() -> None:
    with pytest.raises(FormatError, match="an empty file"):
        detect(SOLARIS / "empty.geojson")


def test_tables_of_wkt_are_read_completely() -> None:
    number = re.compile(r"[-+\d.eE]+")
    found = {}
    for path in sorted(SOLARIS.glob("*.csv")):
        if "POLYGON" not in path.read_text():
            with pytest.raises(FormatError, match="unknown format"):
                detect(path)
            continue
        assert detect(path) == "wkt", path
        header, *lines = plain_rows(path)
        column = next(
            i for name in ("PolygonWKT_Pix", "geometry") for i, own in enumerate(header) if own == name
        )
        texts = [line[column] for line in lines]
        empty = sum("EMPTY" in text for text in texts)
        batches, report = read_all(path, size=(900, 900), on_error="raise")
        assert report.read == len(lines) - empty
        assert report.notes.get("empty geometry, an image without objects", 0) == empty
        vertices = [number.findall(vertex)[:2] for text in texts for vertex in text.split(",")]
        expected = [float(v) for vertex in vertices if len(vertex) == 2 for v in vertex]
        coords = [b.polygons.coords.ravel() for b in batches if b.polygons is not None]
        assert sorted(np.concatenate(coords).tolist()) == sorted(expected), path
        assert outcomes(batches).complete
        if "ImageId" in header:
            assert report.images == len({line[header.index("ImageId")] for line in lines})
        found[path.name] = report.read
    assert len(found) == 12
    assert sum(found.values()) == 5793
