"""VisDrone: images and videos, ignored objects, invalid rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from heatgrid.core.ragged import Flag
from heatgrid.errors import FormatError
from heatgrid.io.read import detect
from samples import DATA, outcomes, read_all, read_one, read_source

if TYPE_CHECKING:
    from pathlib import Path

VALID, BROKEN = DATA / "visdrone/valid", DATA / "visdrone/broken"


def test_objects_of_images() -> None:
    batch = read_one(VALID / "scene")
    assert batch.image_names == ["a", "b", "background"]
    assert batch.flags is not None
    assert batch.flags.tolist() == [0, Flag.TRUNCATED | Flag.OCCLUDED, Flag.OCCLUDED]
    assert batch.scores is None
    assert len(batch.classes) == 12


def test_objects_of_videos() -> None:
    batch = read_one(VALID / "video", size={"uav0000086": (1344, 756)})
    assert batch.image_names == ["uav0000086/0000001", "uav0000086/0000002"]
    assert batch.image.tolist() == [0, 1, 0]
    assert batch.ids == [0, 0, 7]
    assert batch.flags is not None
    assert batch.flags.tolist() == [Flag.IGNORE, Flag.IGNORE, Flag.TRUNCATED | Flag.OCCLUDED]
    assert batch.classes[batch.label[2]] == "bus"
    assert outcomes([batch]).complete


def test_detections_have_scores_and_nothing_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_text("10,20,30,40,0.25,4,-1,-1\n10,20,30,40,0,4,-1,-1\n")
    assert detect(tmp_path) == "visdrone"
    batch = read_one(tmp_path, one_based=True)
    assert batch.scores is not None
    assert batch.scores.tolist() == [0.25, 0]
    assert batch.flags is not None
    assert not batch.flags.any()
    assert batch.boxes is not None
    assert batch.boxes[0].tolist() == [9, 19, 39, 59]


def test_bad_rows_are_skipped_with_reason() -> None:
    batch = read_one(BROKEN / "rows.txt", size=(100, 100))
    assert batch.report.skipped == {
        "negative width or height": 1,
        "row of fewer than eight columns, or of a video fewer than ten": 1,
        "row holds something that is not a number": 2,
        "category is not a whole number": 1,
    }
    assert batch.report.notes == {"class number without a name, kept as class_<number>": 1}
    assert outcomes([batch]).skipped["coordinate or image size not finite"] == 1
    video = read_one(BROKEN / "video.txt", format="visdrone", size=(100, 100))
    assert sum(video.report.skipped.values()) == 2
    with pytest.raises(FormatError, match=r"rows\.txt: line 2: negative width or height"):
        list(read_source(BROKEN / "rows.txt", on_error="raise"))


def test_images_and_videos_in_one_folder(tmp_path: Path) -> None:
    for split in ("train", "val"):
        folder = tmp_path / f"VisDrone2019-{split}"
        folder.mkdir()
        (folder / f"{split}.txt").write_bytes(b"")  # a list of images, perhaps
        (folder / f"{split}1.txt").write_bytes((VALID / "scene/annotations/a.txt").read_bytes())
        (folder / f"{split}2.txt").write_bytes((VALID / "video/uav0000086.txt").read_bytes())
    batches, report = read_all(tmp_path)
    assert [(batch.split, len(batch)) for batch in batches] == [
        ("train", 3),
        ("train", 1),
        ("val", 3),
        ("val", 1),
    ]
    assert report.files == 4
