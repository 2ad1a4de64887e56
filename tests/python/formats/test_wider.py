"""WIDER FACE: counts, rows of zeros, marks, and files cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from heatgrid.errors import FormatError
from heatgrid.io.read import detect
from samples import DATA, outcomes, read_one, read_source

if TYPE_CHECKING:
    from pathlib import Path

VALID, BROKEN = DATA / "wider/valid", DATA / "wider/broken"


def test_faces() -> None:
    batch = read_one(VALID / "scene")
    assert batch.split == "train"
    assert batch.image_names == ["0--Parade/a.jpg", "0--Parade/background.jpg", "1--Hands up/b.jpg"]
    assert batch.image.tolist() == [0, 2, 2]
    assert batch.classes == ("face",)
    assert batch.flags is not None
    assert not batch.flags.any()
    assert batch.report.notes == {}
    assert read_one(VALID / "scene", splits="val").report.notes == {"no split named val": 1}


def test_bad_rows_are_skipped_with_reason() -> None:
    batch = read_one(BROKEN / "rows.txt", size=(100, 100))
    assert batch.report.skipped == {
        "negative width or height": 1,
        "coordinate is not a number": 1,
        "row of fewer than four numbers": 1,
    }
    assert batch.report.notes == {"number of rows differs from the image's count": 1}
    assert outcomes([batch]).skipped["coordinate or image size not finite"] == 1
    with pytest.raises(FormatError, match=r"rows\.txt: line 4: negative width or height"):
        list(read_source(BROKEN / "rows.txt", on_error="raise"))


def test_missing_rows_and_counts(tmp_path: Path) -> None:
    path = tmp_path / "wider_face_val_bbx_gt.txt"
    path.write_text("a.jpg\n0\nb.jpg\n1\n0 0 0 0\nc.jpg\n2\n1 2 3 4 0.5\nd.jpg")
    batch = read_one(path)
    assert batch.split == "val"
    assert batch.image_names == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    assert len(batch) == 2
    assert batch.scores is not None
    assert batch.scores[1] == 0.5
    assert batch.report.notes == {"number of rows differs from the image's count": 2}


def test_list_of_images_is_not_wider(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("a.jpg\nb.jpg\n")
    with pytest.raises(FormatError, match="expected an image's path"):
        list(read_source(BROKEN / "no_path.txt", format="wider"))
    assert detect(tmp_path / "train.txt") == "yolo"
