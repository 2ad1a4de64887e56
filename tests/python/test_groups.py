"""Groups by attribute, by the time in names and by functions; sheets, pages and comparisons of groups."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.io.groups import ByTime

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

    from heatgrid.core.annotations import Annotations

ROWS = [
    ("20260501_08.jpg", "north", "car", "ann", True, (0, 0, 10, 10)),
    ("20260501_08.jpg", "north", "dog", "ben", False, (50, 50, 60, 60)),
    ("20260501_23.jpg", "south", "car", "ann", False, (80, 80, 90, 90)),
    ("20260502_08.jpg", "south", "car", None, True, (0, 0, 10, 10)),
]
"""Image, its camera, class, annotator, whether it is occluded, and corners, in images of 100 x 100 pixels."""


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    images = list(dict.fromkeys((name, camera) for name, camera, *_ in ROWS))
    names = [name for name, _ in images]
    document = {
        "images": [
            {"id": i, "file_name": name, "width": 100, "height": 100, "camera": camera}
            for i, (name, camera) in enumerate(images)
        ],
        "categories": [{"id": 1, "name": "car"}, {"id": 2, "name": "dog"}],
        "annotations": [
            {"id": i, "image_id": names.index(image), "category_id": 1 if label == "car" else 2}
            | {"bbox": [x1, y1, x2 - x1, y2 - y1], "annotator": annotator}
            | {"attributes": {"occluded": occluded, "speed": 10 * i}}
            for i, (image, _, label, annotator, occluded, (x1, y1, x2, y2)) in enumerate(ROWS)
        ],
    }
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(document))
    return path


def is_right(batch: Annotations) -> Any:
    assert batch.boxes is not None
    return batch.boxes[:, 0] > 40


@pytest.mark.parametrize(
    ("by", "rows", "images"),
    [
        ("camera", {"north": [0, 1], "south": [2, 3]}, {"north": 1, "south": 2}),
        ("occluded", {"true": [0, 3], "false": [1, 2]}, {"true": 3, "false": 3}),
        ("annotator", {"ann": [0, 2], "ben": [1], None: [3]}, None),
        ("speed", {"0": [0], "10": [1], "20": [2], "30": [3]}, None),
        (ByTime("%Y%m%d_%H", "hour"), {"08": [0, 1, 3], "23": [2]}, {"08": 2, "23": 1}),
        (ByTime("%Y%m%d", "day"), {"2026-05-01": [0, 1, 2], "2026-05-02": [3]}, None),
        (ByTime("%Y%m%d", "weekday"), {"5 Fri": [0, 1, 2], "6 Sat": [3]}, None),
        (ByTime("%Y%m", "month"), {"2026-05": [0, 1, 2, 3]}, None),
        (lambda name: name[-6:-4], {"08": [0, 1, 3], "23": [2]}, None),
        (hg.ByBatch(is_right), {False: [0, 3], True: [1, 2]}, None),
    ],
    ids=str,
)
def test_groups(
    coco: Path, by: Any, rows: dict[Hashable, list[int]], images: dict[Hashable, int] | None
) -> None:
    maps = hg.heatmaps(coco, 10, by=by)
    assert [*maps] == [*rows]
    for key, index in rows.items():
        boxes = [ROWS[i][5] for i in index]
        assert maps[key].counts.tolist() == hg.count_boxes(boxes, 10, size=(100, 100)).tolist()
        assert maps[key].report.counted == len(index)
        assert images is None or maps[key].report.images == images[key]
    assert sum(maps.values(), hg.Heatmap(10)) == hg.heatmap(coco, 10) or images is None or by == "occluded"


def test_times_are_in_order(tmp_path: Path) -> None:
    lines = [
        {"image": f"cam1 2026-01-0{day} {hour:02}.png", "width": 10, "height": 10, "xyxy": [0, 0, 5, 5]}
        for day, hour in ((1, 23), (1, 7), (2, 8))
    ]
    path = tmp_path / "found.jsonl"
    path.write_text("\n".join(map(json.dumps, [*lines, lines[0] | {"image": "no time"}])))
    assert [*hg.heatmaps(path, 2, by=ByTime("%Y-%m-%d %H"))] == ["07", "08", "23", None]


CVAT = """<annotations><image id="0" name="a.jpg" width="100" height="100">
<box label="car" occluded="1" xtl="0" ytl="0" xbr="10" ybr="10"><attribute name="color">red</attribute></box>
<box label="car" occluded="0" xtl="50" ytl="50" xbr="60" ybr="60">
<attribute name="color">blue</attribute></box>
</image></annotations>"""
VOC = """<annotation><filename>a.jpg</filename><size><width>100</width><height>100</height></size>
<camera>north</camera>
<object><name>car</name><pose>Left</pose><occluded>1</occluded>
<bndbox><xmin>0</xmin><ymin>0</ymin><xmax>10</xmax><ymax>10</ymax></bndbox></object></annotation>"""
LABEL_STUDIO = [
    {
        "id": 1,
        "data": {"image": "a.jpg", "camera": "north"},
        "annotations": [
            {"completed_by": who, "result": [{"id": str(who), "type": "rectanglelabels", "to_name": "image",
             "from_name": "label", "original_width": 100, "original_height": 100,
             "value": {"x": 0, "y": 0, "width": 10, "height": 10, "rectanglelabels": ["car"]}}]}
            for who in (3, {"email": "ben@example.org"})
        ],
    }
]  # fmt: skip
SHAPE = {"label": "car", "points": [[0, 0], [10, 10]], "shape_type": "rectangle", "flags": {"blurred": True}}
LABELME = {
    "imagePath": "a.jpg",
    "imageWidth": 100,
    "imageHeight": 100,
    "flags": {"night": True},
    "shapes": [SHAPE],
}
BOX = {"x1": 0, "y1": 0, "x2": 10, "y2": 10}
SCALABEL = [
    {"name": "a.jpg", "attributes": {"weather": "rainy"}, "size": {"width": 100, "height": 100},
     "labels": [{"id": 0, "category": "car", "attributes": {"crowd": False, "light": "red"}, "box2d": BOX}]}
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "document", "by", "keys"),
    [
        ("a.xml", CVAT, "color", ["red", "blue"]),
        ("a.xml", CVAT, "occluded", ["true", "false"]),
        ("voc.xml", VOC, "pose", ["Left"]),
        ("voc.xml", VOC, "camera", ["north"]),
        ("tasks.json", LABEL_STUDIO, "completed_by", ["3", "ben@example.org"]),
        ("tasks.json", LABEL_STUDIO, "camera", ["north"]),
        ("a.json", LABELME, "blurred", ["true"]),
        ("a.json", LABELME, "night", ["true"]),
        ("bdd.json", SCALABEL, "weather", ["rainy"]),
        ("bdd.json", SCALABEL, "light", ["red"]),
        ("found.jsonl", {"frame": 1, "camera": "north", "xyxy": [0, 0, 1, 1]}, "camera", ["north"]),
    ],
)
def test_attributes_of_formats(name: str, document: Any, by: str, keys: list[str], tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    maps = hg.heatmaps(path, 4, by=by, size=(100, 100))
    assert [*maps] == keys
    assert all(heat.report.counted for heat in maps.values())


TABLE = (
    "image,x1,y1,x2,y2,class,annotator\na.jpg,0,0,9,9,car,ann\nb.jpg,0,0,9,9,car,ben\na.jpg,5,5,9,9,car,\n"
)


def test_columns_of_tables_are_attributes(tmp_path: Path) -> None:
    path = tmp_path / "boxes.csv"
    path.write_text(TABLE)
    maps = hg.heatmaps(path, 4, by="annotator", size=(100, 100))
    assert {key: heat.report.counted for key, heat in maps.items()} == {"ann": 1, "ben": 1, None: 1}
    names, *rows = (line.split(",") for line in TABLE.splitlines())
    lines = [json.dumps(dict(zip(names, row, strict=True))) for row in rows]
    path = tmp_path / "boxes.jsonl"
    path.write_text("\n".join(lines))
    assert hg.heatmaps(path, 4, by="annotator", size=(100, 100)) == maps


@pytest.mark.peers
def test_columns_of_parquet_are_attributes(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    names, *rows = (line.split(",") for line in TABLE.splitlines())
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    numbers = {name: [*map(float, columns[name])] for name in ("x1", "y1", "x2", "y2")}
    parquet.write_table(arrow.table(columns | numbers | {"annotator": [1, 2, None]}), tmp_path / "x.parquet")
    maps = hg.heatmaps(tmp_path / "x.parquet", 4, by="annotator", size=(100, 100))
    assert {key: heat.report.counted for key, heat in maps.items()} == {"1": 1, "2": 1, None: 1}


@pytest.mark.peers
@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_columns_of_tables_in_memory_are_attributes(library: str, tmp_path: Path) -> None:
    module = pytest.importorskip(library, reason=f"{library} is not installed")
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    path = tmp_path / "boxes.csv"
    path.write_text(TABLE)
    names, *rows = (line.split(",") for line in TABLE.splitlines())
    columns: dict[str, Any] = {
        name: [cell or None for cell in cells]
        for name, cells in zip(names, zip(*rows, strict=True), strict=True)
    }
    columns |= {name: [*map(float, columns[name])] for name in ("x1", "y1", "x2", "y2")}
    columns |= {"gain": [1.5, 2.0, None], "occluded": [True, False, False]}
    table = (module.table if library == "pyarrow" else module.DataFrame)(columns)
    assert hg.heatmaps(table, 4, by="annotator", size=(100, 100)) == hg.heatmaps(
        path, 4, by="annotator", size=(100, 100)
    )
    assert [*hg.heatmaps(table, 4, by="gain", size=(100, 100))] == ["1.5", "2", None]
    assert [*hg.heatmaps(table, 4, by="occluded", size=(100, 100))] == ["true", "false"]
    assert hg.heatmap(table, 4, exclude="occluded", size=(100, 100)).report.counted == 2
    kept = hg.annotations_from(table, size=(100, 100), attributes="annotator")
    assert kept.attributes == {"annotator": ["ann", "ben", None]}
    assert hg.annotations_from(table, size=(100, 100)).attributes is None
    with pytest.raises(ValueError, match="has an attribute 'camera'"):
        hg.heatmaps(table, 4, by="camera", size=(100, 100))


@pytest.mark.peers
def test_columns_next_to_geometry_are_attributes() -> None:
    geopandas = pytest.importorskip("geopandas", reason="geopandas is not installed")
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    shapely = pytest.importorskip("shapely", reason="shapely is not installed")
    boxes = [shapely.box(start, start, start + 10, start + 10) for start in (0, 50, 80)]
    others = {"annotator": ["ann", "ben", None], "occluded": [True, False, False]}
    frame = geopandas.GeoDataFrame(others, geometry=boxes)
    table = arrow.table({"geometry": [one.wkt for one in boxes]} | others)
    for own in (frame, table):
        maps = hg.heatmaps(own, 4, by="annotator", size=(100, 100))
        assert {key: heat.report.counted for key, heat in maps.items()} == {"ann": 1, "ben": 1, None: 1}
        assert hg.heatmap(own, 4, exclude="occluded", size=(100, 100)).report.counted == 2


def test_flags_are_attributes_of_every_format(tmp_path: Path) -> None:
    path = tmp_path / "000000.txt"
    path.write_text("Car 0.00 0 0 0 0 10 10 0 0 0 0 0 0 0\nCar 0.90 2 0 50 50 60 60 0 0 0 0 0 0 0\n")
    maps = hg.heatmaps(path, 4, by="occluded", format="kitti", size=(100, 100))
    assert {key: heat.report.counted for key, heat in maps.items()} == {"false": 1, "true": 1}


def test_attributes_are_read_when_asked_for(coco: Path) -> None:
    (batch,) = hg.read(coco)
    assert (batch.attributes, batch.image_attributes) == (None, None)


@pytest.mark.parametrize(
    ("by", "text"),
    [
        ("annotatr", "by: no annotation and no image has an attribute 'annotatr'"),
        (ByTime("%Y-%m"), "by: no image name holds a time of '%Y-%m'"),
        (hg.ByBatch(lambda _: [1]), "by must return one key per annotation, 4, got 1"),
        ("", "by must be 'split', 'source' or the name of an attribute"),
        (3, "by must be a name, a function, ByTime or ByBatch, got 3"),
    ],
)
def test_errors(coco: Path, by: Any, text: str) -> None:
    with pytest.raises((TypeError, ValueError), match=text):
        hg.heatmaps(coco, by=by)


@pytest.mark.parametrize(("format", "unit"), [("%Q", "hour"), ("day", "hour"), ("%Y", "decade")])
def test_wrong_times(format: str, unit: Any) -> None:  # noqa: A002
    with pytest.raises(ValueError, match="must"):
        ByTime(format, unit)


def planted(shift: float, seed: int = 2) -> Annotations:
    """Return boxes of 60 images; those of cameras "b" are farther right by a shift."""
    random = np.random.default_rng(seed)
    corner = random.uniform(0, 0.6, (240, 2))
    image = np.repeat(np.arange(60), 4)
    corner[:, 0] += np.where(image % 2, shift, 0.0)
    boxes = np.hstack([corner, corner + 0.1])
    return hg.annotations_from(boxes, images=[f"{'ab'[i % 2]}{i}" for i in image.tolist()])


@pytest.mark.parametrize(("shift", "differs"), [(0.0, False), (0.3, True)])
def test_compare_groups(shift: float, differs: bool) -> None:
    result = hg.compare([planted(shift)], grid=8, by=lambda name: name[0], permutations=199)
    assert result.names == ("a", "b")
    assert (result.a.report.images, result.b.report.images) == (30, 30)
    assert result.test is not None
    assert (result.test.p_value < 0.02) == differs


def test_compare_is_that_of_two_sources(coco: Path) -> None:
    maps = hg.heatmaps(coco, 10, by="camera")
    expected = hg.compare(maps["north"], maps["south"])
    result = hg.compare(coco, grid=10, by="camera", permutations=0)
    assert result.names == ("camera: north", "camera: south")
    assert result.difference.tolist() == expected.difference.tolist()
    chosen = hg.compare(coco, grid=10, by="speed", groups=("30", "0"), permutations=0)
    assert chosen.total_variation == 0
    with pytest.raises(ValueError, match="groups must be two of the groups, got '0', '10', '20', '30'"):
        hg.compare(coco, by="speed")
    with pytest.raises(TypeError, match="by cannot be combined with a second data set"):
        hg.compare(coco, coco, by="camera")
    with pytest.raises(TypeError, match="groups requires by="):
        hg.compare(coco, coco, groups=("a", "b"))


def test_sheet_and_page(coco: Path, tmp_path: Path) -> None:
    maps = hg.heatmaps(coco, 10, by=ByTime("%Y%m%d_%H"))
    hg.save_maps(maps, tmp_path / "sheet.svg", title="Hours")
    svg = (tmp_path / "sheet.svg").read_text()
    for text in (
        "Hours",
        ">08<",
        ">23<",
        "3 objects",
        "1 objects",
        "4 objects · 2 groups · 10 by 10 cells",
        "one scale for all 2 maps",
    ):
        assert text in svg
    hg.save_maps(maps, tmp_path / "sheet.png")
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")
    hg.save_maps(maps, tmp_path / "page.html", slider="Hour")
    page = (tmp_path / "page.html").read_text()
    assert '"slider":"Hour"' in page
    assert '"vmax":2.0' in page  # the greatest cell of one group
    with pytest.raises(ValueError, match=r"known are \.png, \.svg, \.html"):
        hg.save_maps(maps, tmp_path / "x.csv")
    with pytest.raises(ValueError, match="at least one map"):
        hg.save_maps({}, tmp_path / "x.png")


def test_rates_of_groups(coco: Path, run: Any, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    by = ("--by-time", "%Y%m%d_%H", "hour")
    assert run("map", coco, *by, "--grid", 10, "--per-image", "-o", out)[0] == 0
    page = out.read_text()
    assert page.count('"unit":"objects per image"') == 3  # of the page and of both maps
    assert '"vmax":1.0' in page  # of 08, both images have an object in the first cell
    svg = tmp_path / "sheet.svg"
    assert run("map", coco, *by, "--grid", 10, "--per-image", "-o", svg)[0] == 0
    assert "objects per image" in svg.read_text()


def test_command_line(coco: Path, run: Any, tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    code, output, _ = run("map", coco, "--by-time", "%Y%m%d_%H", "hour", "--grid", 10, "-o", out)
    assert code == 0
    assert [line.split() for line in output.splitlines()[:3]] == [
        *(["group", "objects", "images"], ["08", "3", "2"], ["23", "1", "1"])
    ]
    assert out.exists()
    code, output, _ = run("map", coco, "--by", "camera", "--json", "-o", tmp_path / "page.html")
    assert json.loads(output)["groups"]["south"]["report"]["counted"] == 2
    assert '"slider":"camera"' in (tmp_path / "page.html").read_text()
    code, _, messages = run("map", coco, "--by", "camera", "-o", tmp_path / "maps.npz")
    assert code == 2
    assert "maps.npz: all groups are written into one picture or page (.png, .svg, .html). For" in messages
    code, output, _ = run("compare", coco, "--by", "speed", "--groups", "0,20", "--permutations", 9)
    assert code == 0
    assert "speed: 0 and speed: 20 differ" in output
    code, _, messages = run("map", coco, "--by-time", "%Q", "hour")
    assert (code, "--by-time: format must hold" in messages) == (2, True)
    code, _, messages = run("map", coco, "--by", "nothing")
    assert (code, "--by: no annotation and no image" in messages) == (1, True)
