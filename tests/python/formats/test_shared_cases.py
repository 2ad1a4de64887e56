"""Cases of public bug reports about files, with the values that were worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import heatgrid as hg
from batches import check_account
from heatgrid.errors import FormatError
from heatgrid.io.build import UNLABELED
from heatgrid.io.formats.openimages import MASK_MISSING
from samples import read_one, rows

CASES = Path(__file__).parents[3].parent / "shared/cases"

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the folder ../shared/cases does not exist")


def counted(name: str, **options: Any) -> hg.Heatmap:
    """Count a case on a grid of 10 by 10, and check its account."""
    heat = hg.heatmap(CASES / name, 10, **options)
    check_account(heat.report)
    return heat


def test_run_lengths_in_other_shapes() -> None:
    heat = counted("c02_rle_list/a.json")
    assert (heat.report.read, heat.report.counted) == (5, 5)
    noted = [where for text in heat.report.notes for where in heat.report.examples[text]]
    assert sorted(where[-6:] for where in noted) == ["(id 2)", "(id 3)", "(id 4)"]
    batch = read_one(CASES / "c02_rle_list/a.json")
    assert batch.masks is not None
    runs = np.split(batch.masks.runs, batch.masks.run_offsets[1:-1])
    assert [runs[i].tolist() for i in (0, 4)] == [[20, 20, 60]] * 2
    expected = np.zeros((10, 10), dtype=np.int64)
    expected[:, 2:4] = 1
    for i in (0, 4):
        alone = hg.Heatmap(10)
        alone.add(batch.select([i]))
        assert np.array_equal(np.squeeze(alone.counts), expected)


@pytest.mark.parametrize(
    ("name", "label"), [("float", "Straße"), ("latin", "Straße"), ("order", "car"), ("poly", "lake")]
)
def test_voc_objects(name: str, label: str) -> None:
    heat = counted(f"c16_voc_odd/{name}.xml")
    assert (heat.classes, heat.report.counted, heat.report.notes) == ((label,), 1, {})


def test_voc_geometry() -> None:
    floats = read_one(CASES / "c16_voc_odd/float.xml").boxes
    order = read_one(CASES / "c16_voc_odd/order.xml").boxes
    lake = read_one(CASES / "c16_voc_odd/poly.xml").polygons
    assert floats is not None
    assert order is not None
    assert lake is not None
    assert floats.tolist() == [[10.5000000001, 20, 40.25, 50]]
    assert order.tolist() == [[60, 10, 90, 20]]
    assert lake.coords.tolist() == [[10, 10], [90, 10], [50, 90]]


def test_voc_text() -> None:
    for name, back in (("latin_nodecl", 2), ("amp", 0)):  # characters before the end of the name
        path = CASES / f"c16_voc_odd/{name}.xml"
        position = path.read_bytes().index(b"</name>") - back
        with pytest.raises(FormatError, match=rf"byte {position}\b"):
            hg.heatmap(path)
    assert counted("c16_voc_odd/latin_nodecl.xml", encoding="latin-1").classes == ("Straße",)
    assert counted("c16_voc_odd/noname.xml").report.notes == {UNLABELED: 1}


def test_voc_without_objects_size_or_extent() -> None:
    report = counted("c16_voc_odd/onlyroot.xml").report
    assert (report.images, report.read) == (1, 0)
    assert list(counted("c16_voc_odd/size0.xml").report.skipped) == [
        "image size missing (give size= or images=)"
    ]
    assert counted("c16_voc_odd/zerow.xml").report.empty == 1


def test_voc_rotated_box_is_a_bar() -> None:
    counts = counted("c16_voc_odd/rot.xml", by_class=False).counts
    expected = np.zeros((10, 10), dtype=np.int64)
    expected[2:8, 4:6] = 1  # 45 20 55 80: the centers at 45 lie on its left edge
    assert (counts <= expected).all()
    assert counts.sum() in {6, 12}


def test_open_images_masks() -> None:
    heat = counted("c18_openimages_masks")
    batches = [batch for batch in hg.read(CASES / "c18_openimages_masks") if len(batch)]
    box = [0.1, 0.1, 0.5, 0.4]
    assert rows(batches) == [("25adb", "Duck", box), ("25adb", "Tortoise", box)]
    assert heat.report.counted == 2
    assert heat.report.notes[MASK_MISSING] == 1
    assert "25adb_m02_84.png" in heat.report.examples[MASK_MISSING][0]


@pytest.mark.parametrize(
    ("name", "size", "images", "expected"),
    [
        ("retina", (100, 100), 2, [10, 10, 40, 40]),
        ("indexed", None, 1, [10, 10, 40, 40]),
        ("semi", None, 1, [10, 10, 40, 40]),
        ("ssd", (300, 300), 1, [65, 143, 237, 155]),
        ("norm", None, 1, [0.4, 0.4, 0.6, 0.6]),
    ],
)
def test_tables(name: str, size: Any, images: int, expected: list[float]) -> None:
    batch = read_one(CASES / f"c28_csv/{name}.csv", size=size)
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [pytest.approx(expected)]
    assert len(batch.image_names) == images
    assert counted(f"c28_csv/{name}.csv", size=size).report.counted == 1


def test_archives() -> None:
    for name in ("a.json.gz", "export.zip"):
        for rule in ("touch", "center"):
            heat = counted(f"c10_zip_gz/{name}", rule=rule)
            expected = np.zeros((10, 10), dtype=np.int64)
            expected[1:4, 1:4] = 1
            assert (heat.classes, heat.counts.tolist()) == (("part",), expected.tolist())
    expected = np.zeros((10, 10), dtype=np.int64)
    expected[4:6, 4:6] = 1
    assert counted("c10_zip_gz/yolo.zip").counts.tolist() == expected.tolist()


def test_label_images_as_a_loop_over_pixels_counts_them() -> None:
    image_module = pytest.importorskip("PIL.Image")
    heat = counted("c19_semantic_png")
    expected: dict[str, Any] = {}
    for path in sorted((CASES / "c19_semantic_png/labels").iterdir()):
        with image_module.open(path) as image:
            pixels = np.asarray(image)
        height, width = pixels.shape
        for row, column in np.ndindex(10, 10):
            number = int(pixels[int((row + 0.5) * height / 10), int((column + 0.5) * width / 10)])
            if number not in {0, 255}:
                grid = expected.setdefault(f"class_{number}", np.zeros((10, 10), dtype=np.int64))
                grid[row, column] += 1
    assert {name: heat[name].counts.tolist() for name in heat.classes} == {
        name: grid.tolist() for name, grid in expected.items()
    }
    assert [(row["name"], row["images"]) for row in heat.table().to_dict()["classes"]] == [
        (name, 1) for name in expected
    ]
