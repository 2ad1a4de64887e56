"""`find`: as many annotations as were counted, for all rules and geometries."""

from __future__ import annotations

import json
import math
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from samples import DATA, options_of

if TYPE_CHECKING:
    from collections.abc import Sequence

REAL = Path(__file__).parents[2].parent / "shared/data"
SCENE = DATA / "coco/valid/scene/annotations.json"
RANDOM = np.random.default_rng(5)


def coco(path: Path, images: int, each: int) -> Path:
    """Write boxes, polygons, run-length codes and keypoints, some of them beyond their image."""
    annotations: list[dict[str, Any]] = []
    for i in range(images * each):
        x, y, w, h = (RANDOM.random(4) * [110, 70, 40, 30] - [10, 10, 0, 0]).tolist()
        annotation: dict[str, Any] = {"id": i, "image_id": i % images, "category_id": i % 2}
        ring = (RANDOM.random((5, 2)) * [w, h] + [x, y]).ravel().tolist()
        begin = int(RANDOM.integers(0, 3000))
        mask = {"size": [60, 100], "counts": [begin, 900, 6000 - 900 - begin]}
        kinds: list[dict[str, Any]] = [
            {"bbox": [x, y, w, h]},
            {"bbox": [x, y, w, h], "segmentation": [ring]},
            {"segmentation": mask},
            {"keypoints": [x, y, 2, x + w, y + h, 1, 0, 0, 0]},
            {"bbox": [x, y, w / 99, 0.01]},
        ]
        annotations.append(annotation | kinds[i % 5])
    sized = [{"id": i, "file_name": f"{i}.jpg", "width": 100, "height": 60} for i in range(images)]
    names = [{"id": 0, "name": "car"}, {"id": 1, "name": "dog"}]
    path.write_text(json.dumps({"images": sized, "annotations": annotations, "categories": names}))
    return path


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return coco(tmp_path_factory.mktemp("coco") / "annotations.json", 12, 30)


def cells(shape: tuple[int, int], count: int = 12) -> Sequence[tuple[int, int]]:
    """Return the corners and some cells between them."""
    corners = list(product((0, shape[0] - 1), (0, shape[1] - 1)))
    return corners + [(int(RANDOM.integers(shape[0])), int(RANDOM.integers(shape[1]))) for _ in range(count)]


@pytest.mark.parametrize("rule", ["center", "touch", "point"])
@pytest.mark.parametrize("geometry", ["auto", "box", "polygon", "mask", "point"])
def test_number_found_equals_count(many: Path, rule: Any, geometry: Any) -> None:
    shape = (7, 11)
    heat = hg.heatmap(many, shape, rule=rule, geometry=geometry)
    united = hg.heatmap(many, shape, rule=rule, geometry=geometry, count="images")
    for cell in cells(shape):
        found = list(hg.find(many, cell, shape, rule=rule, geometry=geometry))
        assert len(found) == heat.counts[cell]
        assert len({one.image for one in found}) == united.counts[cell]
        for name in heat.classes:
            assert sum(one.label == name for one in found) == heat[name].counts[cell]


OBJECTS: dict[str, Any] = {
    "boxes": [[0.0, 0.0, 50.0, 50.0], [40.0, 40.0, 100.0, 100.0]],
    "batch": hg.annotations_from(
        [[0, 0, 50, 50], [40, 40, 100, 100]], size=(100, 100), labels=["car", "dog"]
    ),
    "detections": {"boxes": np.array([[0.0, 0.0, 50.0, 50.0]]), "labels": ["car"]},
    "COCO": json.loads(SCENE.read_text()),
}


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize("is_listed", [False, True])
def test_objects_are_searched_like_files(name: str, is_listed: bool) -> None:
    source = [OBJECTS[name]] if is_listed and name not in ("boxes", "COCO") else OBJECTS[name]
    options: dict[str, Any] = {} if name in ("batch", "COCO") else {"size": (100, 100)}
    heat = hg.heatmap(source, 4, rule="touch", **options)
    lists = hg.annotations_by_cell(source, 4, kind="annotations", rule="touch", **options)
    assert heat.counts.sum() > 0
    for cell in product(range(4), range(4)):
        found = list(hg.find(source, cell, 4, rule="touch", **options))
        assert len(found) == heat.counts[cell] == lists.totals[cell[0] * 4 + cell[1]]
        for label in heat.classes:
            assert sum(one.label == label for one in found) == heat[label].counts[cell]


def test_objects_have_places_and_boxes() -> None:
    (found,) = hg.find(OBJECTS["batch"], (3, 3), 4)
    expected = {"label": "dog", "path": "array", "place": "annotation 1", "box": (40.0, 40.0, 100.0, 100.0)}
    assert found.to_dict().items() >= expected.items()
    with pytest.raises(TypeError, match="images cannot be combined with Annotations, which is already read"):
        list(hg.find(OBJECTS["batch"], (0, 0), 4, images="."))
    with pytest.raises(ValueError, match="classes: no class 'cat' in the source"):
        list(hg.find(OBJECTS["batch"], (0, 0), 4, classes="cat"))


def test_shares_sum_to_the_count(many: Path) -> None:
    heat = hg.heatmap(many, (7, 11), rule="area")
    for cell in cells((7, 11)):
        shares = [one.share for one in hg.find(many, cell, (7, 11), rule="area")]
        assert None not in shares
        assert sum(filter(None, shares)) == pytest.approx(heat.counts[cell])


def test_number_found_equals_count_with_options(many: Path) -> None:
    several: list[dict[str, Any]] = [{"large_box_ratio": 0.02}, {"preset": "roboflow"}, {"classes": ["dog"]}]
    for options in several:
        heat = hg.heatmap(many, 9, **options)
        for cell in cells((9, 9), 5):
            assert len(list(hg.find(many, cell, 9, **options))) == heat.counts[cell]


def test_rectangle_finds_each_annotation_once(many: Path) -> None:
    window = (slice(1, 4), slice(-3, None))
    apart: set[object] = set()
    for cell in product(range(1, 4), range(8, 11)):
        apart |= {one.id for one in hg.find(many, cell, (7, 11))}
    found = [one.id for one in hg.find(many, window, (7, 11))]
    assert sorted(found, key=str) == sorted(apart, key=str)
    assert found == sorted(found, key=lambda key: int(str(key)))


def test_small_steps_give_equal_results(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(hg.find(many, (3, 5), (7, 11)))
    monkeypatch.setattr("heatgrid.query._MAX_CELLS", 1)
    assert list(hg.find(many, (3, 5), (7, 11))) == whole


@pytest.mark.parametrize("name", ["yolo", "voc", "cvat", "supervisely", "tables", "geojson"])
def test_number_found_equals_count_in_all_formats(name: str) -> None:
    path, options = DATA / name / "valid/scene", options_of(name)
    heat = hg.heatmap(path, 8, **options)
    for cell in product(range(8), range(8)):
        assert len(list(hg.find(path, cell, 8, **options))) == heat.counts[cell]


def test_record_fields() -> None:
    found = list(hg.find(SCENE, (6, 2), 8))
    assert [(one.image, one.label, one.split) for one in found] == [("b.jpg", "car", None)]
    assert found[0].path == str(SCENE)
    assert found[0].place.startswith("annotations[")
    assert found[0].share is None
    assert found[0].to_dict()["image"] == "b.jpg"


def test_negative_and_numpy_indices() -> None:
    assert list(hg.find(SCENE, (np.int64(6), -6), 8)) == list(hg.find(SCENE, (6, 2), 8))  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", [3, (1, 2, 3), (1.0, 2), "ab", (True, 1), (slice(0, 4, 2), 1)])
def test_wrong_type_of_cell(cell: Any) -> None:
    with pytest.raises(TypeError, match="cell must"):
        hg.find(SCENE, cell, 8)


@pytest.mark.parametrize("cell", [(8, 0), (0, -9), (slice(3, 3), 0), (slice(9, 12), 0)])
def test_cell_outside_the_grid(cell: Any) -> None:
    with pytest.raises(ValueError, match=r"cell must select at least one (row|column) of 8"):
        hg.find(SCENE, cell, 8)


def test_missing_class_split_or_file() -> None:
    with pytest.raises(ValueError, match="no class 'cat'"):
        list(hg.find(SCENE, (0, 0), classes=["cat"]))
    with pytest.raises(ValueError, match="no split 'test'"):
        list(hg.find(SCENE, (0, 0), splits="test"))
    with pytest.raises(FileNotFoundError):
        list(hg.find("nowhere.json", (0, 0)))


@pytest.mark.skipif(not REAL.is_dir(), reason="the real data set folder ../shared/data is not available")
@pytest.mark.parametrize(
    "name", ["coco/taco/annotations.json", "yolo/pest-rice-segment", "same-100-images/gts/yolo_format"]
)
def test_number_found_equals_count_in_real_data_sets(name: str) -> None:
    rules: tuple[Any, ...] = ("center", "touch")
    for rule in rules:
        heat = hg.heatmap(REAL / name, 30, rule=rule)
        for cell in [*cells((30, 30), 1), divmod(int(heat.counts.argmax()), 30)]:
            found = hg.find(REAL / name, cell, 30, rule=rule)
            assert sum(1 for _ in found) == heat.counts[cell]


def test_skipped_annotations_are_reported(tmp_path: Path) -> None:
    boxes = [[10, 10, 20, 20], [10, 10, "wide", 20], [math.nan, 0, 5, 5]]
    source = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 100}],
        "categories": [{"id": 1, "name": "car"}],
        "annotations": [
            {"id": k, "image_id": 1, "category_id": 1, "bbox": box} for k, box in enumerate(boxes)
        ],
    }
    path = tmp_path / "some.json"
    path.write_text(json.dumps(source), encoding="utf-8")
    report = hg.Report()
    assert [found.id for found in hg.find(path, (1, 1), 10, report=report)] == [0]
    assert report.skipped == hg.heatmap(path, 10).report.skipped
    assert report.skips == 2


def test_boxes_are_in_pixels_if_the_size_is_known(tmp_path: Path) -> None:
    ring, mask = [10, 10, 40, 10, 40, 30], {"size": [60, 100], "counts": [700, 900, 4400]}
    document = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 60}],
        "categories": [{"id": 1, "name": "car"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 30, 40]},
            {"id": 2, "image_id": 1, "category_id": 1, "segmentation": [ring]},
            {"id": 3, "image_id": 1, "category_id": 1, "segmentation": mask},
        ],
    }
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps(document))
    everywhere = (slice(None), slice(None))
    boxes = [found.box for found in hg.find(path, everywhere, 5)]
    assert boxes == [(1, 2, 31, 42), (10, 10, 40, 30), None]
    (tmp_path / "yolo/labels").mkdir(parents=True)
    (tmp_path / "yolo/labels/a.txt").write_text("0 0.5 0.5 0.2 0.5\n")
    (tmp_path / "yolo/data.yaml").write_text("train: images\nnames: [car]\n")
    for size, expected in ((None, (0.4, 0.25, 0.6, 0.75)), ((100.0, 60.0), (40, 15, 60, 45))):
        (found,) = hg.find(tmp_path / "yolo", everywhere, 5, size=size)
        assert found.box == pytest.approx(expected)
