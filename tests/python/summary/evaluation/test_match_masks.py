"""Matches by the overlap of masks: by hand, and next to pycocotools."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.summary.evaluation.masks import BOX_USED, OTHER_SIZE, TOO_LARGE
from predictions import (
    SHARED_DATA,
    assert_equals_coco_eval,
    coco,
    coco_eval,
    random_masks,
    results,
    write,
)

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("pycocotools")
pytestmark = [
    pytest.mark.peers,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # pycocotools, of numpy 2
]


@pytest.mark.parametrize("iou", [0.3, 0.5, 0.75])
def test_three_hundred_images_match_as_in_coco_eval(iou: float, tmp_path: Path) -> None:
    truth, found = random_masks(300, seed=2)
    matches = hg.match(*write(tmp_path, truth, found), iou, iou_type="segm")
    assert matches.found.sum() > 100
    assert_equals_coco_eval(matches, coco_eval(truth, found, iou, iou_type="segm"))
    by_boxes = hg.match(*write(tmp_path, truth, found), iou)
    assert (by_boxes.partner != matches.partner).any()


@pytest.mark.skipif(
    not SHARED_DATA.is_dir(), reason="the real data set folder ../shared/data is not available"
)
@pytest.mark.parametrize("iou", [0.5, 0.75])
def test_real_masks_match_as_in_coco_eval(iou: float, tmp_path: Path) -> None:
    """Masks of COCO's example of results, and the same moved by some pixels, as truth."""
    from pycocotools import mask as tools

    name = "coco/cocoapi-results/results/instances_val2014_fakesegm100_results.json"
    found = json.loads((SHARED_DATA / name).read_text())
    random = np.random.default_rng(3)
    sizes = {one["image_id"]: one["segmentation"]["size"] for one in found}
    truth: dict[str, Any] = {
        "images": [
            {"id": i, "file_name": f"{i}.jpg", "height": height, "width": width}
            for i, (height, width) in sizes.items()
        ],
        "categories": [
            {"id": k, "name": f"class {k}"} for k in sorted({one["category_id"] for one in found})
        ],
        "annotations": [],
    }
    for i, one in enumerate(found, 1):
        bitmap = tools.decode(one["segmentation"])
        moved = np.asfortranarray(np.roll(bitmap, tuple(random.integers(-9, 10, 2)), (0, 1)))
        code = tools.encode(moved)
        truth["annotations"].append(
            {
                "id": i,
                "image_id": one["image_id"],
                "category_id": one["category_id"],
                "segmentation": {"size": code["size"], "counts": code["counts"].decode()},
                "bbox": tools.toBbox(code).tolist(),
                "area": float(tools.area(code)),
                "iscrowd": int(random.random() < 0.1),
            }
        )
    matches = hg.match(*write(tmp_path, truth, found), iou, iou_type="segm")
    assert matches.found.sum() > 100
    assert_equals_coco_eval(matches, coco_eval(truth, found, iou, iou_type="segm"))


SQUARE = [0, 2, 6, 2, 6, 2, 6, 2, 38]  # two pixels of each of four columns of 8 x 8


def test_by_hand(tmp_path: Path) -> None:
    # The triangle's box is the prediction's, but it has 3 of its 8 pixels and none outside.
    truth = coco(1, [(1, 1, [0, 0, 4, 2], 0)], (8, 8))
    truth["annotations"][0]["segmentation"] = {"size": [8, 8], "counts": [0, 2, 7, 1, 54]}
    found: list[dict[str, Any]] = [{"image_id": 1, "category_id": 1, "score": 1}]
    found[0]["segmentation"] = {"size": [8, 8], "counts": SQUARE}
    paths = write(tmp_path, truth, found)
    assert hg.match(*paths).overlap.tolist() == [1.0]
    matches = hg.match(*paths, 0.3, iou_type="segm")
    assert matches.overlap.tolist() == [3 / 8]
    assert repr(matches).startswith("<Matches mask IoU 0.3: 1 true positives")
    assert "IoU of masks at least 0.5" in str(hg.evaluate(*paths, iou_type="segm", permutations=0))


def test_boxes_are_compared_by_their_pixels(tmp_path: Path) -> None:
    truth = coco(1, [(1, 1, [0, 0, 4, 2], 0)], (8, 8))
    matches = hg.match(*write(tmp_path, truth, results([(1, 1, [0, 0, 4, 4], 1.0)])), iou_type="segm")
    assert matches.overlap.tolist() == [0.5]
    assert matches.truth.report.notes[BOX_USED] == matches.predictions.report.notes[BOX_USED] == 1


def test_holes_and_masks_along_rows() -> None:
    """A square with a hole, and its bitmap, of two objects."""
    ring, hole = [(1, 1), (7, 1), (7, 7), (1, 7)], [(3, 3), (5, 3), (5, 5), (3, 5)]
    polygon = {"type": "Polygon", "coordinates": [[*ring, ring[0]], [*hole, hole[0]]]}
    truth = hg.annotations_from(polygon, labels=["a"], images=["a"], size=(8, 8))
    bitmap = np.zeros((8, 8), dtype=bool)
    bitmap[1:7, 1:7], bitmap[3:5, 3:5] = True, False
    predictions = hg.annotations_from(bitmap[np.newaxis], labels=["a"], images=["a"], size=(8, 8))
    matches = hg.match(truth, predictions, iou_type="segm")
    assert matches.overlap.tolist() == [1.0]


def test_normalized_polygons_are_scaled(tmp_path: Path) -> None:
    truth = coco(1, [(1, 1, [2, 2, 4, 4], 0)], (8, 16))
    truth["annotations"][0]["segmentation"] = [[2, 2, 6, 2, 6, 6, 2, 6]]
    labels = tmp_path / "found" / "labels"
    labels.mkdir(parents=True)
    (labels / "1.txt").write_text("0 0.25 0.125 0.75 0.125 0.75 0.375 0.25 0.375\n")
    (labels.parent / "data.yaml").write_text("names: [class 1]\ntrain: labels\n")
    path, _ = write(tmp_path, truth, [])
    assert hg.match(path, labels.parent / "data.yaml", iou_type="segm").overlap.tolist() == [1.0]


def test_what_cannot_overlap_is_noted(tmp_path: Path) -> None:
    truth = coco(1, [(1, 1, [0, 0, 4, 2], 0)] * 3, (16, 8))
    truth["annotations"][1]["segmentation"] = [[0, 0, 3e7, 0, 3e7, 2]]
    truth["annotations"][2]["segmentation"] = {"size": [1 << 16, 1 << 16], "counts": [0, 1 << 32]}
    found: list[dict[str, Any]] = [{"image_id": 1, "category_id": 1, "score": 1}]
    found[0]["segmentation"] = {"size": [8, 8], "counts": SQUARE}
    matches = hg.match(*write(tmp_path, truth, found), iou_type="segm")
    assert matches.partner.tolist() == [-1]
    assert matches.truth.report.notes[TOO_LARGE] == 2
    assert matches.predictions.report.notes[OTHER_SIZE] == matches.truth.report.notes[OTHER_SIZE] == 1


def test_images_without_size_are_named() -> None:
    side = hg.annotations_from(np.array([[0, 0, 1, 1.0]]), labels=["a"], images=["b"])
    with pytest.raises(ValueError, match="iou_type='segm' requires image sizes, got none of 'b'"):
        hg.match(side, side, iou_type="segm")


def test_wrong_type(tmp_path: Path) -> None:
    paths = write(tmp_path, coco(1, []), [])
    with pytest.raises(ValueError, match="iou_type must be one of"):
        hg.match(*paths, iou_type="mask")  # type: ignore[arg-type]


def test_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pycocotools.mask", None)
    paths = write(tmp_path, coco(1, [(1, 1, [0, 0, 4, 2], 0)]), [])
    with pytest.raises(ImportError, match=r'pip install "heatgrid\[coco\]"'):
        hg.match(*paths, iou_type="segm", predictions_format="coco")
