"""Roboflow's texts and predictions, after https://roboflow.com/formats and https://docs.roboflow.com/deploy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import heatgrid as hg
from heatgrid.core.ragged import Kind
from heatgrid.errors import FormatError
from heatgrid.io.formats.yolo_keras import BAD_BOX
from heatgrid.io.read import detect
from heatgrid.io.text_rows import UNNAMED_CLASS
from samples import DATA, outcomes, read_all, read_one

if TYPE_CHECKING:
    from pathlib import Path


def test_keras_text_without_names() -> None:
    batch = read_one(DATA / "yolo_keras/valid/alone.txt", size=(300, 200))
    assert (batch.image_names, batch.classes) == (["000001.jpg"], ("class_1", "class_7"))
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [[178, 84, 230, 143], [111, 144, 134, 174]]
    assert batch.report.notes == {UNNAMED_CLASS: 2}
    assert batch.where(1).endswith("alone.txt: line 1.box 2")


def test_keras_text_of_splits_has_their_names() -> None:
    batches, report = read_all(DATA / "yolo_keras/valid/scene", size=(10, 10))
    assert {batch.split: batch.image_names for batch in batches} == {
        "train": ["a.jpg", "background.jpg"],
        "val": ["b.jpg"],
    }
    assert set(report.by_class()) == {"car", "person"}


def test_keras_text_with_faults() -> None:
    batches, report = read_all(
        DATA / "yolo_keras/broken/_annotations.txt", format="yolo_keras", size=(100, 80)
    )
    assert sum(map(len, batches)) == 2
    assert report.skipped == {
        BAD_BOX: 2,
        "coordinate is not a number": 1,
        "line does not begin with an image": 1,
    }


def test_near_misses_are_other_formats(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("images/a.jpg\nimages/b.jpg\n")
    assert detect(path) == "yolo"
    path.write_text("a.jpg 1 2 3 4\nb.jpg 1 2 3 4\n")
    with pytest.raises(FormatError, match="unknown format"):
        detect(path)
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"predictions": [{"class": "car", "confidence": 0.5}]}))
    with pytest.raises(FormatError, match=r"nearest is roboflow, which also has predictions\[\]\.x"):
        detect(path)


def test_predictions_with_outline_or_keypoints() -> None:
    batch = read_one(DATA / "roboflow/valid/segment.json")
    assert batch.kinds.tolist() == [Kind.BOX | Kind.POLYGON, Kind.BOX | Kind.POINT]
    assert (batch.image_names, batch.classes) == (["segment"], ("leaf", "hand"))
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [[10, 20, 40, 60]] * 2
    assert batch.scores is not None
    assert batch.scores.tolist() == [0.9, 0.5]


def test_predictions_with_faults() -> None:
    batches, _ = read_all(DATA / "roboflow/broken/predictions.jsonl")
    assert outcomes(batches).skipped == {
        "negative width or height": 1,
        "no height": 1,
        "annotation is not an object": 1,
        "coordinate is not a number": 1,
        "image size missing (give size= or images=)": 1,
    }


def test_predictions_in_memory() -> None:
    found = json.loads((DATA / "roboflow/valid/scene/predictions.json").read_text())
    heat = hg.heatmap(DATA / "roboflow/valid/scene", 8)
    assert heat.report.counted == 3
    assert hg.Heatmap(8).add(found).counts.sum() == heat.counts.sum()
    assert hg.annotations_from(found).where(1) == "predictions: b.jpg.predictions[0]"
    batch = hg.annotations_from(found[0], images="frame 1")
    assert (batch.image_names, batch.classes, len(batch)) == (["frame 1"], ("car",), 1)
    with pytest.raises(TypeError, match="classes must not be given"):
        hg.annotations_from(found[0], classes=["a"])
