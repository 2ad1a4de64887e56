"""Data sets of supervision, by the real library."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import heatgrid as hg

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]

SIZES = {"train/a.png": (40, 20), "train/b.png": (10, 30), "val/a.png": (20, 20)}
CLASSES = ["car", "dog", "cat"]


def supervision() -> Any:
    return pytest.importorskip("supervision", reason="supervision is not installed (group peers)")


def detections(boxes: Any, classes: Any = None, **more: Any) -> Any:
    corners = np.array(boxes, dtype=float).reshape(-1, 4)
    return supervision().Detections(
        xyxy=corners, class_id=None if classes is None else np.array(classes, dtype=int), **more
    )


def dataset(folder: Path, **images: Any) -> Any:
    """Return a data set of images by path below a folder."""
    return supervision().DetectionDataset(
        CLASSES, [str(folder / name) for name in images], {str(folder / n): d for n, d in images.items()}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, size in SIZES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("L", size).save(tmp_path / name)
    return tmp_path


def three(folder: Path) -> Any:
    """Return boxes that cover the left half of each image but the second, which has none."""
    return dataset(
        folder,
        **{
            "train/a.png": detections([[0, 0, 20, 20], [0, 0, 20, 20]], [0, 1]),
            "train/b.png": detections([], []),
            "val/a.png": detections([[0, 0, 10, 20]], [1]),
        },
    )


def test_images_have_the_names_and_sizes_of_their_files(folder: Path) -> None:
    heat = hg.heatmap(three(folder), 2)
    assert heat.counts.tolist() == [[3, 0], [3, 0]]
    assert heat["dog"].counts.tolist() == [[2, 0], [2, 0]]
    assert (heat.report.images, heat.report.counted) == (3, 3)
    batch = hg.annotations_from(three(folder))
    assert list(batch.image_names) == list(SIZES)
    assert batch.sizes is not None
    assert [tuple(size) for size in batch.sizes.tolist()] == list(SIZES.values())


def test_no_image_is_decoded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = three(folder)

    def refuse(*_: Any) -> None:
        raise AssertionError("an image was decoded")

    monkeypatch.setattr(type(source), "__getitem__", refuse)
    monkeypatch.setattr(type(source), "__iter__", refuse)
    monkeypatch.setattr(Image.Image, "load", refuse)
    assert hg.heatmap(source, 2).report.counted == 3


def test_find_names_the_images_behind_a_cell(folder: Path) -> None:
    found = list(hg.find(three(folder), (1, 0), 2))
    assert [(one.image, one.label) for one in found] == [
        ("train/a.png", "car"),
        ("train/a.png", "dog"),
        ("val/a.png", "dog"),
    ]


def test_missing_images_are_reported(folder: Path) -> None:
    (folder / "val/a.png").unlink()
    report = hg.heatmap(three(folder), 2).report
    assert (report.counted, report.read) == (2, 3)
    assert report.skipped == {"image size missing (give size= or images=)": 1}
    assert report.notes == {"image file without a readable header": 1}
    assert hg.heatmap(three(folder), 2, size={"val/a.png": (20, 20)}).report.counted == 3
    assert hg.heatmap(three(folder), 2, size={"a.png": (20, 20)}).report.counted == 3


def test_pictures_in_memory_and_masks_give_sizes() -> None:
    pixels = {"a.png": np.zeros((20, 40, 3), dtype=np.uint8)}
    source = supervision().DetectionDataset(CLASSES, pixels, {"a.png": detections([[0, 0, 20, 20]], [0])})
    assert hg.heatmap(source, 2).counts.tolist() == [[1, 0], [1, 0]]
    mask = np.zeros((1, 20, 40), dtype=bool)
    mask[:, :, :20] = True
    source = dataset(Path("/nowhere"), **{"b.png": detections([[0, 0, 20, 20]], [2], mask=mask)})
    assert hg.heatmap(source, 2)["cat"].counts.tolist() == [[1, 0], [1, 0]]


def test_several_data_sets_and_none(folder: Path) -> None:
    heat = hg.heatmap([three(folder), three(folder)], 2)
    assert heat.report.counted == 6
    empty = supervision().DetectionDataset([], [], {})
    assert hg.heatmap(empty, 2).report.read == 0
    assert hg.Heatmap(2).add(three(folder)).counts.tolist() == [[3, 0], [3, 0]]


def test_equal_to_the_file_that_it_was_read_from(folder: Path) -> None:
    corners = np.sort(np.random.default_rng(4).random((60, 2, 2)), axis=1) * (40, 20)
    corners = np.floor(64 * corners) / 64  # supervision reads float32
    document = {
        "images": [{"id": 1, "file_name": "train/a.png", "width": 40, "height": 20}],
        "categories": [{"id": i, "name": name} for i, name in enumerate(CLASSES)],
        "annotations": [
            {
                "id": i,
                "image_id": 1,
                "category_id": i % 3,
                "bbox": [*low, *(high - low)],
                "area": 1.0,
                "iscrowd": 0,
            }
            for i, (low, high) in enumerate(corners)
        ],
    }
    path = folder / "instances.json"
    path.write_text(json.dumps(document))
    source = supervision().DetectionDataset.from_coco(str(folder), str(path))
    for rule in ("center", "area"):
        ours, theirs = (hg.heatmap(one, 7, rule=rule) for one in (source, path))
        for name in CLASSES:
            np.testing.assert_allclose(ours[name].counts, theirs[name].counts, rtol=1e-9)


@pytest.mark.parametrize("name", ["labels", "images"])
def test_what_a_data_set_has_is_not_passed(folder: Path, name: str) -> None:
    options: dict[str, Any] = {name: ["car"] * 3}
    with pytest.raises(TypeError, match=f"{name} must not be given with a DetectionDataset"):
        hg.annotations_from(three(folder), **options)
