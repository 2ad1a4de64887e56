"""JSON Lines: records of images, rows of boxes, and what is said of lines in no known format."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg
from heatgrid.core.ragged import Flag
from heatgrid.errors import FormatError
from heatgrid.io.build import SEVERAL
from heatgrid.io.read import detect
from heatgrid.io.records import BROKEN
from samples import DATA, read_all, read_one

if TYPE_CHECKING:
    from pathlib import Path


def lines(path: Path, *records: Any) -> Path:
    texts = (record if isinstance(record, str) else json.dumps(record) for record in records)
    path.write_text("".join(f"{text}\n" for text in texts))
    return path


def boxes(batch: hg.Annotations) -> list[list[float]]:
    assert batch.boxes is not None
    found: list[list[float]] = batch.boxes.tolist()
    return found


def test_odvg_instances_and_regions() -> None:
    """After https://github.com/longzw1997/Open-GroundingDino/blob/main/data_format.md.

    MMDetection's mmdet/datasets/odvg.py reads the same keys, and several boxes of a region.
    """
    batch = read_one(DATA / "odvg/valid/grounding.jsonl")
    assert batch.image_names == ["hook.jpg", "one.jpg"]
    assert [batch.classes[i] for i in batch.label] == ["a paper cover", *["a wire hanger"] * 2, "3"]
    assert boxes(batch)[2:] == [[1, 2, 3, 4], [1, 2, 5, 6]]
    assert batch.where(3).endswith("grounding.jsonl: line 3.instances[0]")
    assert batch.sizes is not None
    assert batch.sizes.tolist() == [[1024, 693], [20, 10]]


def test_odvg_parts_of_a_phrase_and_phrases_of_an_object(tmp_path: Path) -> None:
    """After MMDetection's goldg2odvg.py, which joins the parts of a phrase, and its refcoco2odvg.py."""
    image = {"filename": "a.jpg", "height": 80, "width": 100}
    region = {"bbox": [1, 2, 3, 4], "phrase": ["a man", "on a bench"], "tokens_positive": [[0, 5], [9, 19]]}
    referring = {"bbox": [5, 6, 7, 8], "phrase": ["left man", "man in red"]}
    path = lines(tmp_path / "a.jsonl", image | {"grounding": {"caption": "", "regions": [region]}})
    batch = read_one(path)
    assert (detect(path), batch.classes, boxes(batch)) == ("odvg", ("a man on a bench",), [[1, 2, 3, 4]])
    path = lines(tmp_path / "b.jsonl", image | {"referring": [referring]})
    batch = read_one(path)
    assert (detect(path), batch.classes, boxes(batch)) == (
        "odvg",
        ("left man", "man in red"),
        [[5, 6, 7, 8]] * 2,
    )
    assert batch.report.notes == {SEVERAL: 1}


def test_crowdhuman_full_boxes_and_regions_to_ignore() -> None:
    """After the lines that https://www.crowdhuman.org shows."""
    batch = read_one(DATA / "crowdhuman/valid/frames.odgt", size=(640, 853))
    assert boxes(batch)[:2] == [[72, 202, 235, 705], [199, 180, 343, 679]]
    assert batch.flags is not None
    assert batch.flags.tolist() == [0, Flag.OCCLUDED, Flag.IGNORE]
    report = hg.heatmap(DATA / "crowdhuman/valid/frames.odgt", 10, size=(640, 853)).report
    assert (report.read, report.excluded) == (2, 1)
    results = read_one(DATA / "crowdhuman/valid/results.odgt")
    assert results.scores is not None
    assert results.scores.tolist() == [0.5]


def test_rows_of_boxes() -> None:
    batch = read_one(DATA / "tables/valid/records.jsonl")
    assert boxes(batch) == [[10, 20, 40, 60], [0, 0, 64, 32]]
    assert (batch.classes, len(batch.image_names)) == (("car", "person"), 3)
    assert batch.where(1).endswith("records.jsonl: line 2")


@pytest.mark.parametrize(
    ("key", "values", "expected"),
    [
        ("bbox", [10, 20, 30, 40], [10, 20, 40, 60]),
        ("xyxy", [10, 20, 30, 40], [10, 20, 30, 40]),
        ("cxcywh", [25, 40, 30, 40], [10, 20, 40, 60]),
    ],
)
def test_rows_with_a_list_per_box(tmp_path: Path, key: str, values: Any, expected: list[float]) -> None:
    path = lines(
        tmp_path / "a.jsonl", {"image": "a", "label": "car", key: values, "width": 100, "height": 80}
    )
    batch = read_one(path)
    assert boxes(batch) == [expected]
    assert batch.sizes is not None
    assert batch.sizes.tolist() == [[100, 80]]
    path = lines(tmp_path / "b.jsonl", {"photo": "a", "place": values, "width": 100, "height": 80})
    role = {"bbox": "xywh"}.get(key, key)
    assert boxes(read_one(path, format="tables", columns={"image": "photo", role: "place"})) == [expected]


def test_list_of_a_box_as_text() -> None:
    """The rows of the Global Wheat Detection competition's train.csv."""
    batch = read_one(DATA / "tables/valid/lists.csv")
    assert boxes(batch) == [[834, 222, 890, 258], [226, 548, 356, 606]]


def test_broken_lines_are_skipped_with_their_numbers(tmp_path: Path) -> None:
    path = DATA / "tables/broken/records.jsonl"
    batches, report = read_all(path)
    assert sum(map(len, batches)) == 1
    assert report.skipped == {
        BROKEN: 1,
        "annotation is not an object": 1,
        "bbox is not 4 numbers": 1,
        "coordinate is not a number": 1,
    }
    assert report.examples[BROKEN] == [f"{path}: line 3"]
    path = DATA / "odvg/broken/lines.jsonl"
    batches, report = read_all(path)
    assert (sum(map(len, batches)), report.skipped[BROKEN]) == (1, 1)
    with pytest.raises(FormatError, match=f"line 2: {BROKEN}"):
        read_all(lines(tmp_path / "a.odgt", {"ID": "a", "gtboxes": []}, "{"), on_error="raise", size=(10, 10))


@pytest.mark.parametrize(
    ("records", "says"),
    [
        ([{"photo": "a", "x": 1}, {"photo": "b", "x": 2}], "JSON Lines with the keys photo, x: unknown"),
        ([{"filename": "a", "detection": []}] * 2, "nearest is odvg, which also has detection.instance"),
        ([{"ID": "a", "boxes": []}] * 2, "nearest is crowdhuman, which also has gtboxes"),
    ],
)
def test_unknown_lines_are_named(tmp_path: Path, records: list[Any], says: str) -> None:
    with pytest.raises(FormatError, match=says) as caught:
        detect(lines(tmp_path / "a.jsonl", *records))
    assert "columns=" in str(caught.value)


def test_unknown_json_xml_and_folders_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"pictures": [{"name": "a"}]}, indent=1))
    with pytest.raises(FormatError, match=r"JSON with the keys pictures, pictures\[\]\.name: unknown"):
        detect(path)
    path.write_text('{"pictures": [\n}')
    with pytest.raises(FormatError, match=r"line 2, column 1: broken JSON"):
        detect(path)
    path.write_text("<drawing><line/></drawing>")
    with pytest.raises(FormatError, match="XML with the root <drawing>: unknown"):
        detect(path)
    path.unlink()
    for name in ("a.dat", "b.dat", "c.png"):
        (tmp_path / name).touch()
    with pytest.raises(FormatError, match=r"a folder of files \(2 \.dat, 1 \.png\): unknown"):
        detect(tmp_path)
