"""KITTI: images and videos, regions to ignore, invalid rows, and folders of label files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from heatgrid.core.ragged import Flag
from heatgrid.errors import FormatError
from samples import DATA, outcomes, read_all, read_one, read_source

if TYPE_CHECKING:
    from pathlib import Path

VALID, BROKEN = DATA / "kitti/valid", DATA / "kitti/broken"
ROW = "Car 0 0 0 1 2 3 4 1 1 1 1 1 1 1\n"


def test_objects_of_images() -> None:
    batch = read_one(VALID / "scene")
    assert batch.split == "train"
    assert batch.image_names == ["a", "b", "background"]
    assert batch.flags is not None
    assert batch.flags.tolist() == [0, Flag.TRUNCATED, 0]
    np.testing.assert_array_equal(batch.scores, [np.nan, np.nan, 0.75])
    ignored = read_one(VALID / "000007.txt")
    assert ignored.classes == ("DontCare",)
    assert ignored.flags is not None
    assert ignored.flags.tolist() == [Flag.IGNORE]


def test_objects_of_videos() -> None:
    batch = read_one(VALID / "tracking")
    assert batch.image_names == ["0001/000000", "0001/000002"]
    assert batch.image.tolist() == [0, 0, 1]
    assert batch.ids == [None, "0", "0"]
    assert batch.boxes is not None
    assert batch.boxes[1].tolist() == [296.74, 161.75, 455.22, 292.37]
    assert batch.where(2).endswith("0001.txt: line 3 (id 0)")


def test_bad_rows_are_skipped_with_reason() -> None:
    batch = read_one(BROKEN / "label_2", size=(1242, 375))
    assert batch.report.skipped == {
        "row of fewer columns than type, truncation, occlusion, angle and box": 2,
        "coordinate is not a number": 1,
    }
    assert batch.report.notes == {"corners in the wrong order, swapped": 1}
    assert outcomes([batch]).skipped["coordinate or image size not finite"] == 1
    tracked = read_one(BROKEN / "tracking", size=(1242, 375))
    assert tracked.report.skipped == {
        "frame is not a whole number": 1,
        "row of fewer columns than type, truncation, occlusion, angle and box": 2,
    }
    with pytest.raises(FormatError, match=r"0000\.txt: line 2: frame is not a"):
        list(read_source(BROKEN / "tracking", on_error="raise"))


def test_folder_may_hold_other_texts(tmp_path: Path) -> None:
    for name in ("training/label_2/1.txt", "training/label_2/3.txt", "validation/1.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(ROW)
    (tmp_path / "training/label_2/2.txt").write_text("")
    (tmp_path / "training/label_2/README.txt").write_text("how we did it")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.txt").write_text("roses are red")
    batches, report = read_all(tmp_path)
    assert [(batch.split, batch.image_names) for batch in batches] == [
        ("train", ["training/label_2/1", "2", "3"]),
        ("val", ["validation/1"]),
    ]
    assert (report.files, report.read) == (4, 3)
    assert read_one(tmp_path, splits="val").image_names == ["validation/1"]
    assert read_one(tmp_path / "validation", one_based=True).boxes.tolist() == [[0, 1, 3, 4]]  # type: ignore[union-attr]
