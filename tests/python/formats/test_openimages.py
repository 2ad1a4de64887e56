"""Open Images: class ids, image lists and bad rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import heatgrid as hg
from heatgrid.core.ragged import Flag
from heatgrid.errors import FormatError
from heatgrid.io.formats.openimages import MASK_MISSING
from heatgrid.io.read import detect
from samples import DATA, outcomes, read_all, read_one, read_source

if TYPE_CHECKING:
    from pathlib import Path

VALID, BROKEN = DATA / "openimages/valid", DATA / "openimages/broken"
SIZES = {"a": (100, 80), "b": (64, 64)}


def test_classes_flags_and_listed_images() -> None:
    boxes, others = read_all(VALID / "scene")[0]
    assert boxes.classes == ("car", "person")
    assert boxes.normalized
    assert boxes.flags is not None
    assert boxes.flags.tolist() == [0, Flag.GROUP | Flag.TRUNCATED, 0]
    assert (boxes.split, others.split) == ("val", "val")
    assert (boxes.image_names, others.image_names) == (["a", "b"], ["background"])
    assert read_one(VALID / "scene/validation-annotations-bbox.csv").classes == ("car", "person")


def test_boxes_of_segmentations_are_read_without_box_files(tmp_path: Path) -> None:
    segments = VALID / "train-annotations-object-segmentation.csv"
    batch = read_one(segments)
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [[0.1, 0.25, 0.4, 0.75]]
    assert batch.ids == ["77"]
    assert batch.report.notes == {"masks in image files are not read, their boxes are": 1, MASK_MISSING: 1}
    for file in (segments, VALID / "scene/validation-annotations-bbox.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    batches, report = read_all(tmp_path)
    assert sum(map(len, batches)) == 3
    assert report.notes == {"segmentation file not read, since there are files of boxes": 1, MASK_MISSING: 1}


def test_range_tells_pixels_from_normalized_coordinates() -> None:
    batch = read_one(VALID / "pixels.csv", size=SIZES)
    assert not batch.normalized
    assert batch.report.notes == {"coordinates far from [0, 1], taken as pixels": 1}
    assert outcomes([batch]).complete
    assert outcomes([read_one(VALID / "pixels.csv")]).skipped == {
        "image size missing (give size= or images=)": 2
    }
    assert read_one(VALID / "pixels.csv", normalized=True).normalized


def test_bad_rows_are_skipped_with_reasons(tmp_path: Path) -> None:
    batch = read_one(BROKEN / "rows.csv")
    assert batch.report.skipped == {
        "coordinate is not a number": 1,
        "row without an image": 1,
        "no geometry": 1,
    }
    assert outcomes([batch]).skipped["coordinate or image size not finite"] == 1
    (tmp_path / "a.csv").write_bytes((VALID / "scene/validation-annotations-bbox.csv").read_bytes())
    (tmp_path / "class-descriptions.csv").write_text("LabelName,DisplayName\n/m/0k4j,car\n")
    known = read_one(tmp_path / "a.csv")
    assert known.classes == ("car", "/m/01g317")
    assert known.report.notes == {"class id without a description, kept as it is": 1}


def test_oversized_image_list_is_refused_and_boxes_are_read(tmp_path: Path) -> None:
    for file in (VALID / "scene").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "image_ids_and_rotation.csv").open("a") as images:
        images.write("more,validation,\n" * 100)
    batches, report = read_all(tmp_path, limits=hg.Limits(file_bytes=1000))
    assert sum(map(len, batches)) == 3
    assert list(report.refused.values()) == [1]
    with pytest.raises(FormatError, match="file_bytes=1,000"):
        list(read_source(tmp_path, limits=hg.Limits(file_bytes=1000), on_error="raise"))


def test_image_labels_are_refused() -> None:
    with pytest.raises(FormatError, match="unknown format"):
        detect(BROKEN / "image_labels.csv")
    with pytest.raises(FormatError, match="no columns of images and boxes"):
        list(read_source(BROKEN / "image_labels.csv", format="openimages"))
