"""The module reads COCO and YOLO files as Python does; what it does not read, it reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.core.report import Report
from heatgrid.io.formats.yolo.dataset import find_dataset
from heatgrid.io.options import ReadOptions
from samples import DATA
from wasm_module import Result, needs_node, run

pytestmark = needs_node

RULES: Any = ("center", "touch", "point", "area")
NOT_READ = "not read in the browser"
SHARED = Path(__file__).parents[3] / "shared" / "data"


def coco_files() -> list[Path]:
    """COCO files with images, of the samples and of the shared data."""
    found = [*(DATA / "coco" / "valid").rglob("*.json"), *(SHARED / "coco").rglob("*.json")]
    return sorted(path for path in found if path.stat().st_size < 40_000_000 and is_read(path))


def is_read(path: Path) -> bool:
    """Return whether Python reads a file, and it is an object in UTF-8 without a mark."""
    try:
        document = json.loads(path.read_bytes())
        hg.heatmap(path, grid=2)
    except ValueError:
        return False
    return isinstance(document, dict) and not path.read_bytes().startswith((b"\xef\xbb\xbf", b"\xff\xfe"))


def same_report(found: Report, own: Report) -> None:
    """Compare reports but for the splits, which names of files and folders give."""
    plain = [report.to_dict() | {"name": "", "splits": []} for report in (found, own)]
    assert plain[0] == plain[1]


def coco_call(path: Path, **options: Any) -> list[Any]:
    return ["addCoco", path, {"name": str(path)} | options]


@pytest.mark.parametrize("path", coco_files(), ids=lambda path: "/".join(path.parts[-3:]))
@pytest.mark.filterwarnings("ignore")
def test_coco(path: Path) -> None:
    results = run(*(({"grid": (24, 32), "rule": rule}, [coco_call(path)]) for rule in RULES))
    for rule, found in zip(RULES, results, strict=True):
        own = hg.heatmap(path, grid=(24, 32), rule=rule)
        if found.heat is None:
            assert found.type == "FormatError"
            continue
        left = found.report["unreadable"].get(NOT_READ, 0)
        assert found.heat.report.read == own.report.read or left
        if not left:
            same_report(found.heat.report, own.report)
            assert found.heat == own
            assert found.heat.aspect == own.aspect


SCENE = DATA / "coco" / "valid" / "instances_train2017.json"


@pytest.mark.parametrize("geometry", ["auto", "box", "polygon", "mask", "point"])
def test_geometries(geometry: str) -> None:
    (found,) = run(({"grid": 8}, [coco_call(SCENE, geometry=geometry)]), moving=True)
    own = hg.heatmap(SCENE, grid=8, geometry=geometry)  # type: ignore[arg-type]
    assert found.heat == own
    same_report(found.heat.report, own.report)


def test_images_by_class() -> None:
    (found,) = run(({"grid": 8, "count": "images"}, [coco_call(SCENE)]))
    own = hg.heatmap(SCENE, grid=8, count="images")
    assert found.heat == own
    assert found.heat.report.images_counted == own.report.images_counted


@pytest.mark.filterwarnings("ignore:.*annotations not counted")
def test_fixed_classes() -> None:
    document = json.loads(SCENE.read_text())
    name = document["categories"][0]["name"]
    (found,) = run(({"grid": 8, "classes": [name]}, [coco_call(SCENE)]))
    assert found.heat.report.skipped["class not among the map's fixed classes"] > 0
    assert found.heat.report.read == hg.heatmap(SCENE, grid=8).report.read


def write_coco(path: Path, annotations: list[dict[str, Any]], **lists: Any) -> Path:
    images = [{"id": i, "width": 100, "height": 50, "file_name": f"{i}.jpg"} for i in (1, 2, 3)]
    document = {"images": images, "categories": [{"id": 1, "name": "a"}], "annotations": annotations} | lists
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize("moving", [False, True])
def test_odd_annotations_end_as_in_python(tmp_path: Path, moving: bool) -> None:
    base = {"image_id": 1, "category_id": 1}
    odd: list[dict[str, Any]] = [
        {"bbox": [1, 2, 3]},
        {"bbox": [1, 2, -3, 4]},
        {"bbox": [1, 2, 3, 4, 5]},
        {"bbox": [1, 2, 3, 4], "segmentation": [[1, 2, 3]]},
        {"segmentation": [[1, 2, 30, 40, 5], [1, 1, 9, 1, 9, 9]]},
        {"segmentation": [[1, 2], [1, 1, 9, 1, 9, 9]]},
        {"segmentation": {"size": [50, 100], "counts": [10, 20]}},
        {"keypoints": [1, 2]},
        {"keypoints": [1, 2, 2, 5, 6, 0], "bbox": [1, 2, 3, 4]},
        {"keypoints": [1, 2, 0]},
        {"bbox": [1, 2, 0, 4]},
        {"bbox": [200, 2, 3, 4]},
        {"bbox": [1, 2, 3, 4], "image_id": 9},
        {"bbox": [1, 2, 3, 4], "category_id": 7},
        {"bbox": [1, 2, 3, 4], "category_id": 7, "image_id": 9},
        {"bbox": [1, 2, 3, 4], "ignore": 1},
        {"bbox": [1, 2, 3, 4], "iscrowd": 1},
        {"bbox": [1, 2, 3, 4], "image_id": 3},
        {},
    ]
    annotations = [{"id": i // 2} | base | one for i, one in enumerate(odd)]
    images = [
        {"id": 1, "width": 100, "height": 50, "file_name": "a"},
        {"id": 1, "width": 9, "height": 9},
        {"id": 2, "width": "100", "height": None},
        {"id": 3, "width": 0, "height": 50},
        {"width": 5},
    ]
    categories = [{"id": 1, "name": "a\ud800é"}, {"id": 1, "name": "b"}, {"id": 2}, {"name": "c"}]
    path = write_coco(tmp_path / "odd.json", annotations, images=images, categories=categories)
    (found,) = run(({"grid": 8}, [coco_call(path)]), moving=moving)
    own = hg.heatmap(path, grid=8)
    assert found.heat == own
    same_report(found.heat.report, own.report)


def test_files_without_categories(tmp_path: Path) -> None:
    annotations = [{"image_id": 1, "category_id": k, "bbox": [0, 0, 9, 9]} for k in (5, 2, 5)]
    path = write_coco(tmp_path / "none.json", annotations, categories=[])
    (found,) = run(({"grid": 8}, [coco_call(path)]))
    own = hg.heatmap(path, grid=8)
    assert found.heat.classes == own.classes == ("category_5", "category_2")
    same_report(found.heat.report, own.report)


def test_ids_as_text_match_numbers(tmp_path: Path) -> None:
    annotations = [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9]}]
    path = write_coco(tmp_path / "text.json", annotations, images=[{"id": "1", "width": 20, "height": 20}])
    (found,) = run(({"grid": 8}, [coco_call(path)]))
    own = hg.heatmap(path, grid=8)
    assert found.heat == own
    same_report(found.heat.report, own.report)


def test_what_the_scan_does_not_understand_is_reported(tmp_path: Path) -> None:
    box = {"category_id": 1, "bbox": [0, 0, 9, 9]}
    annotations: list[Any] = [
        box | {"image_id": 1},
        box | {"image_id": "1"},
        "x",
        box | {"image_id": 2},
        box | {"image_id": 7},
    ]
    path = write_coco(tmp_path / "some.json", annotations)
    (found,) = run(({"grid": 8}, [coco_call(path, name="some.json")]))
    report = found.heat.report
    assert (report.read, report.counted, report.unreadable) == (5, 2, {NOT_READ: 2, "unknown image_id": 1})
    assert report.examples[NOT_READ] == ["some.json: annotations[1]", "some.json: annotations[2]"]
    assert report.examples["unknown image_id"] == ["some.json: annotations[4]"]


def test_saved_maps_load_in_python(tmp_path: Path) -> None:
    (found,) = run(({"grid": 8, "rule": "area"}, [coco_call(SCENE)]))
    path = tmp_path / "map.npz"
    path.write_bytes(found.heat.to_bytes())
    assert hg.load(path) == hg.heatmap(SCENE, grid=8, rule="area")


# YOLO

YOLO = [DATA / "yolo" / "valid" / name for name in ("scene", "plain", "pose", "mixed")]


def yolo_folders() -> list[Path]:
    shared = sorted(path for path in (SHARED / "yolo").glob("*") if path.is_dir() and is_yolo(path))
    return [*YOLO, *shared]


def is_yolo(folder: Path) -> bool:
    """Return whether Python reads a folder."""
    try:
        find_dataset(folder, ReadOptions(), Report())
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("folder", yolo_folders(), ids=lambda path: path.name)
@pytest.mark.filterwarnings("ignore")
def test_yolo(folder: Path) -> None:
    dataset = find_dataset(folder, ReadOptions(), Report())
    calls: list[list[Any]] = []
    for images in dataset.splits.values():
        files = [{"name": path, "content": Path(path)} for _, path in images if path is not None]
        names = {n: dataset.classes.name(n) for n in range(300) if dataset.classes.name(n) != f"class_{n}"}
        calls.append(["addYolo", files, {"names": names, "keypoints": dataset.keypoints}])
    results = run(*(({"grid": 16, "rule": rule}, calls) for rule in RULES))
    for rule, found in zip(RULES, results, strict=True):
        own = hg.heatmap(folder, grid=16, rule=rule, format="yolo")
        assert found.heat is not None, found.error
        assert found.heat == own
        assert found.heat.report.read == own.report.read
        assert found.heat.report.by_class() == own.report.by_class()
        assert found.heat.report.unreadable == own.report.unreadable


ROWS = [
    "0 0.5 0.5 0.2 0.2",
    "1 0.5 0.5 0.2",
    "x 0.5 0.5 0.2 0.2",
    "-1 0.5 0.5 0.2 0.2",
    "1.5 0.5 0.5 0.2 0.2",
    "2 0.5 0.5 -0.2 0.2",
    "3 0.1 0.1 0.9 0.1 0.9",
    "3 0.1 0.1 0.9 0.1 0.9 0.9",
    "3 0.1 0.1 0.9 0.1 0.9 0.9 0.5",
    "0 0.1 0.1 0.9 0.1 0.9 0.9 0.1 0.9",
    "0 50 50 20 20",
    "0 0.5 0.5 0.2 0.2 0.9",
]


@pytest.mark.parametrize("first", range(len(ROWS)))
def test_yolo_rows(tmp_path: Path, first: int) -> None:
    (tmp_path / "labels").mkdir()
    path = tmp_path / "labels" / "one.txt"
    path.write_bytes("\r\n".join([*ROWS[first:], "", *ROWS[:first]]).encode())
    call = ["addYolo", [{"name": str(path), "content": path}], {}]
    (found,) = run(({"grid": 8}, [call]), moving=True)
    own = hg.heatmap(tmp_path, grid=8, format="yolo")
    assert found.heat == own
    same_report(found.heat.report, own.report)


# Broken inputs

GOOD = json.dumps({"images": [{"id": 1, "width": 9, "height": 9}], "categories": [], "annotations": []})
BROKEN: list[bytes] = [
    b"",
    b"null",
    b"3",
    b"[]",
    b"{",
    b"{}",
    b"\xff\xfe{}",
    b'{"images": {}}',
    b'{"images": [], "annotations": 3}',
    b'{"images": [], "categories": {}}',
    b'{"images": [], "images": []}',
    b'{"images": [], "annotations": [',
    b'{"images": [{"id": 1}], "annotations": [{"image_id": 1, "category_id": 1}]}',
    b'{"images": [], "categories": [{"id": NaN}]}',
    b'{"images": [], "categories": [' + b"[" * 100_000,
    b'{"images": ' + b"[" * 100_000,
    b'{"images": [], "annotations": [{"caption": "x", "image_id": 1}]}',
    GOOD.encode()[:-1],
    GOOD.encode() + b"}",
    GOOD.encode().replace(b'"width"', b'"\xc3"'),
    GOOD.encode("utf-16"),
    b"\x00" * 1_000_000,
    b"PK\x03\x04" + bytes(1000),
    b"<html>" * 1000,
]


def test_broken_files_are_errors() -> None:
    after = ({"grid": 2}, [["addBoxes", [0, 0, 0.5, 1]]])
    results = run(*(({"grid": 64}, [["addCoco", text, {"name": "x.json"}]]) for text in BROKEN), after)
    for text, found in zip(BROKEN, results, strict=False):
        assert (found.type, found.error[:8]) == ("FormatError", "x.json: "), (text[:40], found)
    np.testing.assert_array_equal(results[-1].heat.counts, [[1, 0], [1, 0]])
    assert max(result.bytes for result in results) < 16_000_000


@pytest.mark.parametrize("path", sorted((DATA / "coco" / "broken").iterdir()), ids=lambda path: path.name)
def test_broken_samples(path: Path) -> None:
    (found,) = run(({"grid": 4}, [["addCoco", path, {"name": path.name}]]))
    assert found.heat is not None or found.type == "FormatError"
    assert found.bytes < 16_000_000


HUGE: list[Any] = [
    ({"grid": 2**26}, []),
    ({"grid": 20_000, "classes": [str(i) for i in range(1000)]}, []),
]


def test_what_takes_too_much_memory_is_an_error() -> None:
    for result in run(*HUGE):
        assert isinstance(result, Result)
        assert (result.type, result.error) == ("RangeError", "not enough memory")


def test_damaged_files_never_stop_the_kernel() -> None:
    rng, text = np.random.default_rng(0), bytearray(SCENE.read_bytes())
    damaged = []
    for _ in range(300):
        copy = bytearray(text)
        for at in rng.integers(0, len(copy), 3):
            copy[at] = rng.integers(0, 256)
        damaged.append(bytes(copy))
    results = run(*(({"grid": 8}, [["addCoco", one, {}]]) for one in damaged))
    assert len(results) == 300
    assert all(found.heat is not None or found.type in ("FormatError", "RangeError") for found in results)
    assert max(found.bytes for found in results) < 16_000_000
