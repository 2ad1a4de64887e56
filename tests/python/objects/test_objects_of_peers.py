"""Objects of installed libraries."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.peers

SIZE = (64, 32)
RANDOM = np.random.default_rng(11)
BOXES = np.sort(RANDOM.random((40, 2, 2)), axis=1).reshape(40, 4) * [*SIZE, *SIZE]
NAMES = np.array(["car", "bus", "dog"])[np.arange(40) % 3]
CLASSES = ("car", "bus", "dog")


def peer(name: str) -> Any:
    """Import a library, or skip; what it has to say of its own installation is not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(name)


def by_class() -> hg.Heatmap:
    return hg.Heatmap(20, CLASSES)


def expected() -> hg.Heatmap:
    return by_class().add_boxes(BOXES, size=SIZE, labels=list(NAMES))


def test_supervision_detections() -> None:
    sv = peer("supervision")
    numbers = np.arange(40) % 3
    found = sv.Detections(xyxy=BOXES, class_id=numbers, confidence=np.ones(40), tracker_id=np.arange(40))
    assert by_class().add(found, size=SIZE) == expected()
    found.data["class_name"] = NAMES
    assert hg.Heatmap(20, CLASSES[::-1]).add(found, size=SIZE) == expected()
    assert hg.Heatmap(20, CLASSES).add(sv.Detections.empty(), size=SIZE).report.read == 0


def test_supervision_masks_dense_and_compact() -> None:
    sv = peer("supervision")
    compact = pytest.importorskip("supervision.detection.compact_mask").CompactMask
    boxes = np.floor(BOXES)
    masks = np.zeros((40, SIZE[1], SIZE[0]), dtype=bool)
    for mask, (x1, y1, x2, y2) in zip(masks, boxes.astype(int).tolist(), strict=True):
        mask[y1 : y2 + 1, x1 : x2 + 1] = RANDOM.random((y2 + 1 - y1, x2 + 1 - x1)) < 0.5
    truth = hg.Heatmap(20).add_masks(masks)
    for mask in (masks, compact.from_dense(masks, boxes, SIZE[::-1])):
        found = sv.Detections(xyxy=boxes, mask=mask)
        assert hg.Heatmap(20).add(found) == truth


def test_supervision_keypoints() -> None:
    sv = peer("supervision")
    xy = RANDOM.random((5, 4, 2)) * SIZE
    heat = hg.Heatmap(20, count="instances").add(sv.KeyPoints(xy=xy), size=SIZE)
    batch = hg.annotations_from(sv.KeyPoints(xy=xy), size=SIZE, library="supervision")
    assert batch.points is not None
    assert batch.points.coords.tolist() == xy.reshape(-1, 2).tolist()
    assert heat.report.counted == 5


def test_pycocotools_and_its_results(tmp_path: Path) -> None:
    coco = peer("pycocotools.coco")
    document = {
        "images": [{"id": 4, "file_name": "a.jpg", "width": SIZE[0], "height": SIZE[1]}],
        "categories": [{"id": 10 + i, "name": name} for i, name in enumerate(CLASSES)],
        "annotations": [
            {"id": i, "image_id": 4, "category_id": 10 + i % 3, "bbox": [x1, y1, x2 - x1, y2 - y1], "area": 1}
            for i, (x1, y1, x2, y2) in enumerate(BOXES.tolist())
        ],
    }
    path = tmp_path / "instances.json"
    path.write_text(json.dumps(document))
    truth = coco.COCO(str(path))
    assert by_class().add(truth) == hg.heatmap(path, 20, classes=CLASSES)
    found = [{"image_id": 4, "category_id": 10, "bbox": [8, 4, 16, 16], "score": 0.5}]
    heat = by_class().add(truth.loadRes(found), geometry="box")  # it adds the outline of each box
    assert heat == by_class().add_boxes([[8, 4, 24, 20]], size=SIZE, labels=["car"])


def tables() -> dict[str, Any]:
    """Return the same table of every library that is installed; skip where none is."""
    pa = peer("pyarrow")
    x1, y1, x2, y2 = BOXES.T
    columns = {"xmin": x1, "ymin": y1, "xmax": x2, "ymax": y2, "label": NAMES.tolist()}
    found: dict[str, Any] = {"pyarrow": pa.table(columns)}
    found["stream"] = found["pyarrow"].to_reader(max_chunksize=7)
    found["batch"] = found["pyarrow"].to_batches()[0]
    return found


def test_pyarrow_tables_batches_and_streams() -> None:
    for table in tables().values():
        assert by_class().add(table, size=SIZE) == expected()


@pytest.mark.parametrize("library", ["pandas", "polars", "duckdb"])
def test_tables_of_other_libraries(library: str) -> None:
    module, table = peer(library), tables()["pyarrow"]
    if library == "pandas":
        made = module.DataFrame({name: table.column(name).to_pylist() for name in table.column_names})
    else:
        made = module.from_arrow(table)
    assert by_class().add(made, size=SIZE) == expected()


def test_table_with_images_sizes_and_class_numbers() -> None:
    pa = peer("pyarrow")
    numbers = (np.arange(40) % 3).tolist()
    x1, y1, x2, y2 = BOXES.T
    columns = {
        "filename": [f"{i % 7}.jpg" for i in range(40)],
        "width": [SIZE[0]] * 40,
        "height": [SIZE[1]] * 40,
        "class": numbers,
        "xmin": x1,
        "ymin": y1,
        "xmax": x2,
        "ymax": y2,
    }
    assert by_class().add(pa.table(columns)) == expected()
    united = hg.Heatmap(20, CLASSES, count="images").add(pa.table(columns))
    images = np.arange(40) % 7
    counted = hg.Heatmap(20, CLASSES, count="images")
    assert united == counted.add_boxes(BOXES, size=SIZE, labels=list(NAMES), images=images)


def test_columns_of_four_numbers() -> None:
    pa, pl = peer("pyarrow"), peer("polars")
    fixed = pa.array(BOXES.tolist(), pa.list_(pa.float64(), 4))
    for table in (
        pa.table({"xyxy": fixed, "label": NAMES.tolist()}),
        pa.table({"xyxy": BOXES.tolist(), "label": NAMES.tolist()}),
        pl.DataFrame({"xyxy": BOXES.tolist(), "label": NAMES.tolist()}),
        pl.DataFrame({"xyxy": BOXES, "label": NAMES.tolist()}),
    ):
        assert by_class().add(table, size=SIZE) == expected()
        assert by_class().add(table.slice(3, 9), size=SIZE).report.counted == 9
    sides = np.concatenate([BOXES[:, :2], BOXES[:, 2:] - BOXES[:, :2]], axis=1)
    table = pa.table({"bbox": sides.tolist(), "label": NAMES.tolist()})
    for columns in (None, {"xywh": "bbox"}):
        batch = hg.annotations_from(table, size=SIZE, columns=columns, library="arrow")
        assert batch.boxes == pytest.approx(BOXES)
    centers = np.concatenate([(BOXES[:, :2] + BOXES[:, 2:]) / 2, sides[:, 2:]], axis=1)
    table = pa.table({"bbox": centers.tolist(), "label": NAMES.tolist()})
    batch = hg.annotations_from(table, size=SIZE, columns={"cxcywh": "bbox"}, library="arrow")
    assert batch.boxes == pytest.approx(BOXES)
    assert hg.Heatmap(20).add(fixed, size=SIZE) == hg.Heatmap(20).add_boxes(BOXES, size=SIZE)
    assert hg.Heatmap(20).add(pl.Series(BOXES.tolist()), size=SIZE).report.counted == 40


def test_rows_without_box_are_reported() -> None:
    pa = peer("pyarrow")
    columns = {
        "x1": [0.0, None],
        "y1": [0.0, 0.0],
        "x2": [1.0, 1.0],
        "y2": [1.0, 1.0],
        "label": ["car", "car"],
    }
    heat = by_class().add(pa.table(columns))
    assert heat.report.counted == 1
    assert heat.report.skipped == {"coordinate missing": 1}
    assert heat.report.examples["coordinate missing"] == ["table: row 1"]


def test_table_without_rows() -> None:
    assert by_class().add(tables()["pyarrow"].slice(0, 0)).report.read == 0


def test_table_of_pixels_requires_size() -> None:
    with pytest.raises(ValueError, match="size must be given: the table has pixel"):
        by_class().add(tables()["pyarrow"])


def shapes(shapely: Any) -> list[Any]:
    """Return polygons, some with holes, some of parts, none, and one that is empty."""
    square = shapely.box(0.1, 0.2, 0.7, 0.9)
    ring = square.difference(shapely.box(0.3, 0.3, 0.5, 0.5))
    parts = shapely.MultiPolygon([shapely.box(0, 0, 0.2, 0.2), shapely.box(0.5, 0.5, 1, 1)])
    circle = shapely.Point(0.5, 0.5).buffer(0.25)
    return [square, ring, parts, None, circle, shapely.Polygon()]


def test_shapely_geometries_and_arrays() -> None:
    shapely = peer("shapely")
    geometries = shapes(shapely)
    truth = hg.Heatmap(20)
    for one in filter(None, geometries):
        truth.add(one.__geo_interface__)
    for value in (geometries, np.array(geometries, dtype=object)):
        heat = hg.Heatmap(20).add(value)
        assert heat == truth
        assert heat.report.counted == 4
        assert heat.report.skipped == {"no geometry of the requested kind": 2}
    # Area is shapely's own: the exact shares of cells sum to it.
    for one in (geometries[0], geometries[1], geometries[2], geometries[4]):
        assert hg.Heatmap(20, rule="area").add(one).counts.sum() / 400 == pytest.approx(one.area)


def test_cells_equal_shapely_predicates() -> None:
    shapely = peer("shapely")
    star = shapely.Polygon([(0.03, 0.04), (0.97, 0.31), (0.13, 0.83), (0.61, 0.02), (0.71, 0.93)]).buffer(0)
    centres = (np.arange(20) + 0.5) / 20
    inside = shapely.contains_xy(star, *np.meshgrid(centres, centres))
    assert hg.Heatmap(20).add(star).counts.tolist() == inside.astype(int).tolist()


def test_shapely_points_lines_and_mixtures() -> None:
    shapely = peer("shapely")
    points = [shapely.Point(0.1, 0.1), shapely.Point(0.9, 0.1)]
    assert hg.Heatmap(4).add(points) == hg.Heatmap(4).add_points([[0.1, 0.1], [0.9, 0.1]])
    many = [shapely.MultiPoint([(0.1, 0.1), (0.9, 0.9)]), shapely.Point(0.1, 0.9)]
    assert hg.Heatmap(4).add(many).counts.sum() == 3
    mixed = [shapely.box(0, 0, 1, 1), points[0], shapely.GeometryCollection([points[1]])]
    assert hg.Heatmap(4).add(mixed).counts[0].tolist() == [2, 1, 1, 2]
    lines = [shapely.LineString([(0, 0), (1, 1)]), shapely.LinearRing([(0, 0), (1, 0), (1, 1)])]
    assert len(hg.annotations_from(lines, library="shapely")) == 2
    pixels = shapely.box(0, 0, 32, 32)
    assert hg.Heatmap(4).add(pixels, size=SIZE).counts.tolist() == [[1, 1, 0, 0]] * 4


def test_geopandas_and_geoarrow() -> None:
    shapely, gpd = peer("shapely"), peer("geopandas")
    geometries = shapes(shapely)
    frame = gpd.GeoDataFrame({"label": ["car", "bus", "dog"] * 2, "id": range(6)}, geometry=geometries)
    truth = by_class()
    for name, one in zip(frame["label"], geometries, strict=True):
        if one is not None:
            truth.add(one, labels=[name])
    heat = by_class().add(frame)
    assert heat == truth
    assert heat.report.counted == 4
    assert hg.Heatmap(20).add(frame.geometry).counts.sum() == heat.counts.sum()
    assert by_class().add(frame.rename(columns={"label": "kind"}), labels="kind") == truth
    on_a_map = frame.set_crs(4326)
    assert sum(by_class().add(on_a_map).report.notes.values()) == 1
    placed = by_class().add(on_a_map, transform=(1 / 64, 0, 0, 0, 1 / 32, 0), size=SIZE)
    assert placed.report.notes == {}
    assert placed == truth
    pyarrow = peer("pyarrow")
    for how in ("WKB", "geoarrow"):
        for interleaved in (True, False):
            table = pyarrow.table(frame.to_arrow(geometry_encoding=how, interleaved=interleaved))
            for piece in (table, pyarrow.concat_tables([table.slice(0, 2), table.slice(2)])):
                assert by_class().add(piece) == truth, (how, interleaved)


def test_geoarrow_points_lines_and_text() -> None:
    shapely, gpd, pa = peer("shapely"), peer("geopandas"), peer("pyarrow")
    points = [shapely.Point(0.1, 0.1), None, shapely.Point(0.9, 0.1)]
    truth = hg.Heatmap(4).add_points([[0.1, 0.1], [0.9, 0.1]])
    for how in ("WKB", "geoarrow"):
        table = gpd.GeoDataFrame(geometry=points).to_arrow(geometry_encoding=how)
        heat = hg.Heatmap(4).add(table)
        assert heat == truth
        assert heat.report.skipped == {"no geometry of the requested kind": 1}
    lines = [shapely.LineString([(0, 0), (1, 1)]), shapely.MultiLineString([[(0, 0), (1, 0)]])]
    for how in ("WKB", "geoarrow"):
        batch = hg.annotations_from(
            gpd.GeoDataFrame(geometry=lines).to_arrow(geometry_encoding=how), library="arrow"
        )
        assert batch.lines is not None
        assert batch.lines.coords.tolist() == [[0, 0], [1, 1], [0, 0], [1, 0]]
    text = pa.table({"wkt": ["POLYGON ((0 0, 1 0, 1 1, 0 1))", None], "label": ["car", "bus"]})
    assert by_class().add(text)["car"].counts.tolist() == [[1] * 20] * 20
    broken = pa.table({"geometry": [b"\x01\x03\x00"]})
    with pytest.raises(ValueError, match="geometry 0: broken well-known binary"):
        hg.Heatmap(4).add(broken)


def test_nested_lists_are_rings_parts_and_polygons() -> None:
    pa = peer("pyarrow")
    pair = pa.list_(pa.float32(), 2)
    ring = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]
    for nested, kind in (
        ([ring], pa.list_(pair)),
        ([[ring]], pa.list_(pa.list_(pair))),
        ([[[ring]]], pa.list_(pa.list_(pa.list_(pair)))),
    ):
        table = pa.table({"polygon": pa.array(nested, kind)})
        assert hg.Heatmap(2).add(table).counts.tolist() == [[1, 0], [1, 0]]


def test_geoarrow_coordinates_are_not_copied() -> None:
    pa = peer("pyarrow")
    pair = pa.list_(pa.float64(), 2)
    ring = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0]]
    column = pa.array([[[ring]], [[ring]]], pa.list_(pa.list_(pa.list_(pair))))
    theirs = column.flatten().flatten().flatten().values.to_numpy()
    batch = hg.annotations_from(pa.table({"polygon": column}), library="arrow")
    assert batch.polygons is not None
    assert np.shares_memory(batch.polygons.coords, theirs)


def test_well_known_binary_variants() -> None:
    shapely, pa = peer("shapely"), peer("pyarrow")
    makes: list[dict[str, Any]] = [
        {"byte_order": 0},
        {"byte_order": 1, "output_dimension": 3},
        {"output_dimension": 3, "flavor": "iso"},
        {"include_srid": True},
    ]
    for one in [
        *filter(None, shapes(shapely)),
        shapely.Point(0.5, 0.5),
        shapely.MultiPoint([(0, 0), (1, 1)]),
    ]:
        deep = shapely.set_srid(shapely.force_3d(one, 7.0), 4326)
        truth = hg.Heatmap(9).add(one)
        for make in makes:
            table = pa.table({"geometry": [shapely.to_wkb(deep, **make)]})
            assert hg.Heatmap(9).add(table) == truth, (one, make)
