"""MOT: sequences and their frames, ground truth and detections, invalid rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from heatgrid.errors import FormatError
from heatgrid.io.read import detect
from samples import DATA, outcomes, read_all, read_one, read_source

if TYPE_CHECKING:
    from pathlib import Path

VALID = DATA / "mot/valid"
ROWS = DATA / "mot/broken/rows"


def test_ground_truth() -> None:
    batch = read_one(VALID / "scene/b/gt/gt.txt")
    assert batch.image_names == ["b/000001.jpg"]
    assert [batch.classes[i] for i in batch.label] == ["person", "car"]
    assert batch.flags is not None
    assert batch.flags.tolist() == [0, 0]
    assert batch.scores is None
    assert batch.ids == [1, 2]
    assert batch.where(1).endswith("gt.txt: line 2 (id 2)")


def test_results_have_confidences_and_one_class() -> None:
    batch = read_one(VALID / "results/walk.txt", size={"walk": (640, 480)})
    assert batch.image_names == ["walk/000001", "walk/000003"]
    assert batch.image.tolist() == [0, 0, 1]
    assert batch.classes == ("(none)",)
    assert batch.flags is None
    np.testing.assert_array_equal(batch.scores, [0.9, np.nan, 0.1])
    assert batch.boxes is not None
    assert batch.boxes[2].tolist() == [-4.5, 153.25, 77.5, 441.25]
    assert outcomes([batch]).complete


def test_frames_from_zero_and_labels_of_the_data_set() -> None:
    batch = read_one(VALID / "cvat")
    assert batch.image_names == ["cvat/000000", "cvat/000002"]
    assert [batch.classes[i] for i in batch.label] == ["cat", "dog"]


def test_one_based_moves_boxes() -> None:
    batch = read_one(VALID / "scene/a", one_based=True)
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [[9, 19, 39, 59]]


def test_bad_rows_are_skipped_with_reason() -> None:
    batch = read_one(ROWS)
    report = batch.report
    assert report.skipped == {
        "row holds something that is not a number": 2,
        "frame is not a whole number": 3,
        "negative width or height": 1,
        "row of fewer than six columns": 1,
    }
    assert report.examples["negative width or height"] == [f"{ROWS}/gt/gt.txt: line 5"]
    assert report.notes == {"class number without a name, kept as class_<number>": 1}
    assert batch.positions is not None
    assert batch.positions.tolist() == [1, 7, 9, 11]
    assert batch.image_names == ["rows/000001.jpg", "rows/000002.jpg", "rows/000003.jpg"]
    assert outcomes([batch]).skipped["coordinate or image size not finite"] == 1
    with pytest.raises(FormatError, match=r"gt\.txt: line 2: row holds something"):
        list(read_source(ROWS, on_error="raise"))


def test_broken_sequence_file_is_noted() -> None:
    batch = read_one(DATA / "mot/broken/info")
    assert batch.report.notes == {"unreadable seqinfo.ini ignored": 1}
    assert list(outcomes([batch]).skipped) == ["image size missing (give size= or images=)"]


def test_ground_truth_is_preferred(tmp_path: Path) -> None:
    row = "1,1,10,20,30,40,1,-1,-1,-1\n"
    for name in ("train/A/gt/gt.txt", "train/A/det/det.txt", "test/A/det/det.txt", "train/results/A.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(row)
    (tmp_path / "train/A/seqinfo.ini").write_text("[Sequence]\nseqLength=2\nimWidth=64\nimHeight=48\n")
    batches, report = read_all(tmp_path)
    assert report.notes == {"file ignored: another file of the sequence is preferred": 2}
    assert [(batch.split, list(batch.image_names)) for batch in batches if batch.image_names] == [
        ("test", ["test/A/000001"]),
        ("train", ["train/A/000001", "train/A/000002"]),
    ]
    assert detect(tmp_path) == "mot"
    assert len(read_all(tmp_path, splits="test")[0][-1].image_names) == 1
    results = read_one(tmp_path / "train/results/A.txt")
    assert results.sizes is not None
    assert results.sizes.tolist() == [[64, 48]] * 2


def test_sizes_come_from_images_of_sequence(tmp_path: Path) -> None:
    from PIL import Image

    for name, size in (("A", (10, 20)), ("B", (30, 40))):
        (tmp_path / "images" / name).mkdir(parents=True)
        Image.new("L", size).save(tmp_path / f"images/{name}/000001.png")
        (tmp_path / f"{name}.txt").write_text("1,1,0,0,5,5,1,-1,-1,-1\n")
    batches, _ = read_all(tmp_path, images=tmp_path / "images")
    assert [batch.sizes.tolist() for batch in batches if batch.sizes is not None] == [[[10, 20]], [[30, 40]]]
