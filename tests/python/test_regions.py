"""Regions: which annotations are in them, by their anchors, and the table by region."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.core.anchors import anchors_of_annotations
from heatgrid.core.ragged import Kind, Lines, Masks, Points, Polygons

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.core.annotations import Annotations, Geometry

LEFT = [(0, 0), (50, 0), (50, 100), (0, 100)]
TOP = [(0, 0), (1, 0), (1, 0.5), (0, 0.5)]
TWO_PARTS = hg.Region([[[(0, 0), (30, 0), (30, 30), (0, 30)]], [[(45, 45), (55, 45), (55, 55)]]])
BOXES = [
    ("car", "a.jpg", (10, 10, 20, 20)),  # left, top
    ("car", "a.jpg", (40, 30, 60, 70)),  # center (50, 50): right, bottom; foot (50, 70)
    ("dog", "a.jpg", (10, 80, 20, 90)),  # left, bottom
    ("dog", "b.jpg", (30, 20, 40, 60)),  # left, top; foot (35, 60) at the bottom
]
"""Class, image and corners of one box each, in images of 100 x 100 pixels."""


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    images, names = ["a.jpg", "b.jpg"], ["car", "dog"]
    document = {
        "images": [{"id": i, "file_name": n, "width": 100, "height": 100} for i, n in enumerate(images)],
        "categories": [{"id": i, "name": name} for i, name in enumerate(names)],
        "annotations": [
            {"id": i, "image_id": images.index(image), "category_id": names.index(name)}
            | {"bbox": [x1, y1, x2 - x1, y2 - y1]}
            for i, (name, image, (x1, y1, x2, y2)) in enumerate(BOXES)
        ],
    }  # fmt: skip
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize(
    ("options", "boxes"),
    [
        ({"region": LEFT}, [0, 2, 3]),
        ({"region": TOP}, [0, 3]),
        ({"region": [LEFT, TOP]}, [0, 2, 3]),
        ({"exclude_region": TOP}, [1, 2]),
        ({"region": LEFT, "exclude_region": TOP}, [2]),
        ({"region": TOP, "anchor": "bottom_center"}, [0]),
        ({"region": LEFT, "anchor": "top_left"}, [0, 1, 2, 3]),
        ({"region": np.array(LEFT), "classes": "dog"}, [2, 3]),
        ({"region": hg.PolygonZone(LEFT)}, [0, 2, 3]),
        ({"region": hg.Region([LEFT, [(5, 75), (25, 75), (25, 95), (5, 95)]])}, [0, 3]),  # a hole
        ({"region": TWO_PARTS}, [0, 1]),  # the center of the second is on a left edge
    ],
    ids=str,
)
def test_annotations_in_regions(coco: Path, options: dict[str, Any], boxes: list[int]) -> None:
    heat = hg.heatmap(coco, 4, **options)
    assert heat.report.read == heat.report.counted == len(boxes)
    assert heat.report.excluded == len(BOXES) - len(boxes)
    expected = hg.count_boxes([BOXES[i][2] for i in boxes], 4, size=(100, 100))
    assert heat.counts.tolist() == expected.tolist()
    assert [found.id for found in hg.find(coco, (slice(0, 4), slice(0, 4)), 4, **options)] == boxes
    batches = list(hg.read(coco))
    assert hg.heatmap(batches, 4, **options) == heat


def test_table_by_region(coco: Path) -> None:
    heat = hg.heatmap(coco, 4, region={"left": LEFT, "top": TOP, "none": [(90, 0), (99, 0), (99, 9)]})
    rows = [(row.name, row.objects, row.images) for row in heat.table("region")]
    assert rows == [("left", 3, 2), ("top", 2, 2), ("none", 0, 0)]
    assert heat.table("region").total.objects == 3
    assert heat.report.regions["left"].by_class()["dog"]["counted"] == 2
    assert str(heat.table("region")).splitlines()[0].split() == [
        *("region", "objects", "images", "share", "of", "objects", "hits")
    ]
    assert hg.Heatmap.from_bytes(heat.to_bytes()).report == heat.report
    assert (heat + heat).table("region")[0].objects == 6
    assert (heat + heat - heat).report.regions["left"].counted == 3
    assert heat["dog"].table("region")[0].objects == 2
    assert heat.table("region").to_dict()["regions"][1]["objects"] == 2


def test_names_of_regions(coco: Path, tmp_path: Path) -> None:
    ring = [*LEFT, LEFT[0]]
    features = [
        {
            "type": "Feature",
            "properties": {"name": "left"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        },
        {
            "type": "Feature",
            "geometry": {"type": "MultiPolygon", "coordinates": [[TOP], [[(2, 0), (3, 0), (3, 1)]]]},
        },
    ]
    document = {"type": "FeatureCollection", "features": features}
    path = tmp_path / "regions.geojson"
    path.write_text(json.dumps(document))
    for region in (path, str(path), document):
        heat = hg.heatmap(coco, 4, region=region)
        assert [(row.name, row.objects) for row in heat.table("region")] == [("left", 3), ("region 2", 0)]
    zone = hg.PolygonZone(hg.Region(LEFT, "door"))
    assert (zone.name, zone.region) == ("door", hg.Region(LEFT, "door"))
    assert hg.heatmap(coco, 4, region=zone).table("region")[0].name == "door"


def test_compare_in_a_region(coco: Path) -> None:
    result = hg.compare(coco, coco, 4, region=LEFT, permutations=0)
    assert result.a.report.counted == 3
    assert result.total_variation == 0


def square(x: float, y: float) -> list[tuple[float, float]]:
    return [(x, y), (x + 10, y), (x + 10, y + 10), (x, y + 10)]


@pytest.mark.parametrize("normalized", [False, True])
def test_image_size_of_regions(normalized: bool) -> None:
    """A region in pixels is in the pixels of each image; one in shares is the same share of each image."""
    batch = hg.annotations_from(
        [[10, 10, 30, 30], [10, 10, 30, 30]],
        size={"small": (40, 40), "large": (400, 400)},
        images=["small", "large"],
    )
    if normalized:
        sizes = np.array([[40.0, 40.0], [400.0, 400.0]])
        assert batch.boxes is not None
        batch = replace(batch, boxes=batch.boxes / np.tile(sizes, 2), normalized=True)
    assert hg.heatmap(batch, 4, region=square(15, 15)).report.regions["region 1"].counted == 2
    shares = [(0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6)]
    assert hg.heatmap(batch, 4, region=shares).report.counted == 1


def test_missing_image_size_is_reported() -> None:
    batch = hg.annotations_from([[0.1, 0.1, 0.2, 0.2]])
    heat = hg.heatmap(batch, 4, region=square(0, 0))
    assert heat.report.skipped == {"image size missing (give size= or images=)": 1}
    with pytest.raises(hg.FormatError, match="image size missing"):
        hg.heatmap(batch, 4, region=square(0, 0), on_error="raise")


def test_unusable_annotations_are_reported_not_excluded() -> None:
    batch = hg.annotations_from([[np.nan, 10, 20, 20], [10, 10, 20, 20]], size=(100, 100))
    heat = hg.heatmap(batch, 4, region=LEFT)
    assert (heat.report.read, heat.report.counted, heat.report.excluded) == (2, 1, 0)


@pytest.mark.parametrize("geometry", ["auto", "polygon", "mask", "point", "line"])
def test_representative_points(geometry: Geometry) -> None:
    """Means and bounds as numpy computes them of vertices and of the pixels of a bitmap."""
    random = np.random.default_rng(5)
    for _ in range(20):
        ring = random.integers(0, 50, (random.integers(3, 9), 2)).astype(float)
        bitmap = random.random((20, 30)) < 0.2
        batch = geometries(ring, bitmap)
        place = anchors_of_annotations(batch, None, geometry)[0][0].tolist()
        rows, columns = np.nonzero(bitmap)
        mean = ring.mean(axis=0)
        expected = {"mask": (columns.mean() + 0.5, rows.mean() + 0.5)}.get(geometry, mean)
        assert place == pytest.approx(list(expected), abs=1e-9)
        low, high = ring.min(axis=0), ring.max(axis=0)
        if geometry == "mask":
            low, high = np.array([columns.min(), rows.min()]), np.array([columns.max() + 1, rows.max() + 1])
        foot = anchors_of_annotations(batch, "bottom_center", geometry)[0][0].tolist()
        assert foot == pytest.approx([(low[0] + high[0]) / 2, high[1]])


def geometries(ring: Any, bitmap: Any) -> Annotations:
    """Return one annotation that has the vertices of a ring as polygon, line and points, and a mask."""
    ends, one = np.array([0, len(ring)]), np.array([0, 1])
    batch = hg.annotations_from([[0, 0, 1, 1]], size=(30, 20))
    return replace(
        batch,
        boxes=None,
        kinds=np.array([Kind.POLYGON | Kind.LINE | Kind.POINT | Kind.MASK], dtype=np.uint8),
        polygons=Polygons(ring, ends, one, one),
        lines=Lines(ring, ends, one),
        points=Points(ring, ends, np.ones(len(ring), dtype=bool)),
        masks=Masks.of_bitmaps([bitmap]),
    )


@pytest.mark.peers
def test_inside_equals_shapely() -> None:
    """Random places are never exactly on an edge, where conventions differ."""
    shapely = pytest.importorskip("shapely")
    random = np.random.default_rng(6)
    rings = [[(0, 0), (10, 1), (9, 9), (1, 10)], [(3, 3), (6, 4), (5, 7)]]
    region, polygon = hg.Region(rings), shapely.Polygon(rings[0], [rings[1]])
    places = random.uniform(-1, 11, (1000, 2))
    assert region.contains(places).tolist() == shapely.contains_xy(polygon, places).tolist()


def test_adjacent_regions_share_no_place() -> None:
    edge = hg.Region(square(0, 0)), hg.Region(square(10, 0))
    places = np.array([(10.0, 5.0), (0.0, 0.0), (20.0, 5.0)])
    assert [region.contains(places).tolist() for region in edge] == [
        [False, True, False],
        [True, False, False],
    ]


def test_checkpoint_of_a_region(coco: Path, tmp_path: Path) -> None:
    heat = hg.heatmap(coco, 4, region=LEFT, checkpoint=tmp_path / "a.npz")
    assert hg.heatmap(coco, 4, region=LEFT, checkpoint=tmp_path / "a.npz") == heat
    with pytest.raises(ValueError, match="belongs to a count with region="):
        hg.heatmap(coco, 4, region=TOP, checkpoint=tmp_path / "a.npz")


def test_regions_can_be_pickled() -> None:
    region = hg.Region(LEFT, "left")
    region.contains(np.zeros((1, 2)))
    copy = pickle.loads(pickle.dumps(region))  # noqa: S301 - our own bytes
    assert copy == region
    assert copy.contains(np.array([(1.0, 1.0)])).all()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"region": [(0, 0), (1, 1)]}, "region: points must have at least 3 vertices, got 2"),
        ({"region": [(0, 0), (1, 0), (2, 0)]}, "region: points must enclose an area"),
        ({"exclude_region": 5}, "exclude_region: expected vertices, regions, zones or"),
        ({"region": []}, "region: expected at least one region"),
        ({"region": [hg.Region(LEFT, "a"), hg.Region(TOP, "a")]}, "region: names must differ, got 'a' twice"),
        ({"anchor": "bottom_center"}, "anchor requires rule='point', region=, exclude_region="),
        ({"anchor": "foot", "region": LEFT}, "anchor must be one of"),
    ],
)  # fmt: skip
def test_errors(coco: Path, options: dict[str, Any], text: str) -> None:
    with pytest.raises((TypeError, ValueError), match=text):
        hg.heatmap(coco, 4, **options)


def test_errors_in_files(tmp_path: Path) -> None:
    path = tmp_path / "regions.geojson"
    path.write_text(json.dumps({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}))
    with pytest.raises(hg.FormatError, match=r"features\[0\]: a region must be a polygon"):
        hg.heatmap([], 4, region=path)


def test_live_within() -> None:
    live = hg.LiveHeatmap("point", decay=1.0, size=(100, 100), cell=50, within=[LEFT])
    live.update([box for _, _, box in BOXES])
    assert live.heat.tolist() == [[2, 0], [1, 0]]
    assert (live.report.counted, live.report.excluded) == (3, 1)
    shares = hg.LiveHeatmap("point", decay=1.0, size=(100, 100), cell=50, within=TOP)
    assert shares.update([box for _, _, box in BOXES]).heat.tolist() == [[2, 0], [0, 0]]


@pytest.mark.parametrize("command", ["map", "find", "compare"])
def test_command_line(command: str, coco: Path, run: Any, tmp_path: Path) -> None:
    path = tmp_path / "left.geojson"
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [LEFT]}))
    needed: dict[str, list[Any]] = {"find": ["--cell", "0:4,0:4"], "compare": [coco, "--permutations", 0]}
    own = needed.get(command, [])
    for region in (path, "0,0,50,0,50,100,0,100", "0,0,0.5,0,0.5,1,0,1"):
        options = [*own, "--grid", 4, "--json", "--region", region, "--exclude-region", "0,0,25,0,25,25,0,25"]
        code, output, _ = run(command, coco, *options)
        assert code == 0
        if command == "map":
            assert json.loads(output)["report"]["counted"] == 2
        elif command == "find":
            assert len(output.splitlines()) == 2


def test_table_on_the_command_line(coco: Path, run: Any) -> None:
    code, output, _ = run(
        "map", coco, "--region", "left=0,0,50,0,50,100,0,100", "--region", "0,0,1,0,1,0.5,0,0.5"
    )
    assert code == 0
    assert [line.split()[:3] for line in output.splitlines() if line.startswith(("left", "region 2"))] == [
        *(["left", "3", "2"], ["region", "2", "2"])
    ]


def test_regions_of_a_video(run: Any, tmp_path: Path) -> None:
    found = tmp_path / "found.jsonl"
    line = {"frame": 0, "xyxy": [box for _, _, box in BOXES], "ids": [1, 2, 3, 4]}
    found.write_text(json.dumps(line))
    path = tmp_path / "top.geojson"
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [TOP]}))  # in shares of the frame
    black = ["video", "--size", "100x100", "--detections", found, "--stamp", "point", "--cell", 50]
    black += ["--map", tmp_path / "heat.npz", "--json", "--scale", "log"]
    code, output, _ = run(*black, "--region", path, "--region", "left=0,0,50,0,50,100,0,100")
    assert code == 0
    top, left = json.loads(output)["zones"]
    assert top["points"] == [[0, 0], [100, 0], [100, 50], [0, 50]]
    assert (sum(top["inside"].values()), sum(left["inside"].values())) == (2, 3)
    code, output, _ = run(*black, "--within", path)
    assert json.loads(output)["report"]["counted"] == 2
    assert hg.load(tmp_path / "heat.npz").counts.sum() == 2
