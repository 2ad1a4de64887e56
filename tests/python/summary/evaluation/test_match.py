"""Matches: by hand, and next to pycocotools."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.summary.evaluation.side import STRANGE
from predictions import SHARED_DATA, assert_equals_coco_eval, coco, coco_eval, random_pair, results, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.peers
@pytest.mark.parametrize("area", [None, (100.0, 400.0)], ids=["all areas", "medium areas"])
@pytest.mark.parametrize("iou", [0.3, 0.5, 0.75, 1.0])
def test_a_thousand_images_match_as_in_coco_eval(
    iou: float, area: tuple[float, float] | None, tmp_path: Path
) -> None:
    truth, found = random_pair(1000, seed=1)
    matches = hg.match(*write(tmp_path, truth, found), iou, area=area)
    assert matches.found.sum() > 100
    assert_equals_coco_eval(matches, coco_eval(truth, found, iou, area or (0, 1e10)))


@pytest.mark.peers
@pytest.mark.skipif(
    not SHARED_DATA.is_dir(), reason="the real data set folder ../shared/data is not available"
)
@pytest.mark.parametrize("iou", [0.5, 0.75])
@pytest.mark.parametrize(
    ("truth", "found"),
    [
        ("coco/sahi/coco_evaluate/dataset.json", "coco/sahi/coco_evaluate/result.json"),
        (
            "same-100-images/gts/coco_format_v1/instances_default.json",
            "same-100-images/dets/coco_format/coco_dets.json",
        ),
    ],
)
def test_real_results_match_as_in_coco_eval(truth: str, found: str, iou: float) -> None:
    annotations, predictions = (json.loads((SHARED_DATA / name).read_text()) for name in (truth, found))
    if isinstance(predictions, dict):  # with image and category ids of their own
        image, category = (
            {entry["id"]: own[entry[name]] for entry in predictions[key]}
            for key, name in (("images", "file_name"), ("categories", "name"))
            for own in [{entry[name]: entry["id"] for entry in annotations[key]}]
        )
        predictions = [
            {"image_id": image[one["image_id"]], "category_id": category[one["category_id"]]}
            | {"bbox": one["bbox"], "score": one["score"]}
            for one in predictions["annotations"]
        ]
    matches = hg.match(SHARED_DATA / truth, SHARED_DATA / found, iou)
    assert matches.found.sum() > 50
    assert_equals_coco_eval(matches, coco_eval(annotations, predictions, iou))


TRUTH = coco(
    3,
    [
        (1, 1, [0, 0, 40, 40], 0),
        (1, 1, [80, 80, 40, 40], 0),
        (1, 1, [0, 80, 60, 40], 1),
        (2, 2, [10, 10, 20, 20], 0),
    ],
)
FOUND = results(
    [
        (1, 1, [0, 0, 40, 38], 0.6),  # second choice
        (1, 1, [0, 0, 40, 36], 0.9),  # takes the first box
        (1, 1, [5, 85, 10, 10], 0.8),  # inside the crowd
        (1, 1, [20, 85, 10, 10], 0.7),  # inside the crowd, too
        (2, 1, [10, 10, 20, 20], 0.9),  # another class
        (3, 2, [10, 10, 20, 20], 0.4),
    ]
)


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    return write(tmp_path, TRUTH, FOUND)


def test_by_hand(paths: tuple[Path, Path]) -> None:
    matches = hg.match(*paths)
    assert matches.found.tolist() == [True, False, False, False]
    assert matches.missed.tolist() == [False, True, False, True]
    assert matches.is_true.tolist() == [False, True, False, False, False, False]
    assert matches.is_false.tolist() == [True, False, False, False, True, True]
    assert matches.partner.tolist() == [-1, 0, 2, 2, -1, -1]
    assert matches.overlap.tolist()[1:4] == [0.9, 1.0, 1.0]
    assert (matches.recall, matches.precision) == (1 / 3, 1 / 4)
    assert repr(matches) == "<Matches IoU 0.5: 1 true positives, 2 misses, 3 false positives>"


def test_batches_are_counted_and_found(paths: tuple[Path, Path]) -> None:
    matches = hg.match(*paths)
    misses = hg.heatmap(matches.misses, 4)
    assert {name: row["counted"] for name, row in misses.report.by_class().items()} == {
        "class 1": 1,
        "class 2": 1,
        "class 3": 0,
    }
    assert misses.report.images == 3
    assert [(one.image, one.id) for one in hg.find(matches.misses, (0, 0), 4)] == [("2.jpg", 4)]
    assert [one.image for one in hg.find(matches.false_positives, (0, 0), 4, classes="class 2")] == ["3.jpg"]
    assert hg.annotations_by_cell(matches.misses, 4).at(0, 0) == [("2.jpg", 1)]
    assert hg.heatmap(matches.true_positives, 4).report.counted == 1


def test_shares_of_cells(paths: tuple[Path, Path]) -> None:
    matches = hg.match(*paths)
    # Centers of cells are at 16, 48, 80 and 112 pixels: of the first row and column, class 2 is missed.
    recall = matches.recall_by_cell(4, least=1)
    expected = np.full((4, 4), np.nan)
    expected[0, 0], expected[2:, 2:] = 0.5, 0
    np.testing.assert_array_equal(recall, expected)
    assert np.isnan(matches.recall_by_cell(4, least=3)).all()
    assert matches.precision_by_cell(4, least=0)[0, 0] == 0.25


def test_scores_below_the_minimum_are_excluded(paths: tuple[Path, Path]) -> None:
    matches = hg.match(*paths, min_score=0.65)
    assert len(matches.predictions) == 4
    assert matches.predictions.report.excluded == 2
    assert matches.truth.report.excluded == 0


def test_excluded_annotations_are_ignored(paths: tuple[Path, Path]) -> None:
    matches = hg.match(*paths, area="small")
    assert matches.missed.tolist() == [False, False, False, True]
    # Predictions outside of the range are errors no more; one that takes an ignored box never was.
    assert matches.is_false.tolist() == [False, False, False, False, True, True]
    crowds = hg.match(*paths, exclude="crowd")
    assert crowds.missed.tolist() == [False, True, False, True]


def test_regions_to_be_ignored(tmp_path: Path) -> None:
    truth = coco(1, [(1, 1, [0, 0, 40, 40], 0), (1, 1, [0, 0, 40, 40], 0)])
    truth["annotations"][0]["ignore"] = 1
    found = results([(1, 1, [0, 0, 40, 40], score) for score in (0.9, 0.8, 0.7)])
    matches = hg.match(*write(tmp_path, truth, found))
    assert matches.found.tolist() == [False, True]
    assert matches.partner.tolist() == [1, 0, -1]
    assert matches.is_false.tolist() == [False, False, True]
    assert (matches.truth.report.counted, matches.truth.report.excluded) == (1, 1)


def test_images_are_matched_without_folder_and_suffix(paths: tuple[Path, Path]) -> None:
    batches = list(hg.read(paths[1], truth=paths[0]))
    renamed = [
        hg.annotations_from(
            batch.boxes,
            labels=[batch.classes[k] for k in batch.label],
            images=[f"val/{batch.image_names[i].removesuffix('.jpg')}" for i in batch.image],
            size=(128, 128),
        )
        for batch in batches
    ]
    matches = hg.match(paths[0], renamed)
    assert matches.found.sum() == 1
    assert "matched in the order" in next(iter(matches.predictions.report.notes))


def test_predictions_on_other_images_are_reported(tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    truth.write_text(json.dumps(TRUTH))
    other = coco(5, [(1, 1, [0, 0, 40, 40], 0), (5, 1, [0, 0, 40, 40], 0)])
    found = tmp_path / "found.json"
    found.write_text(json.dumps(other))
    matches = hg.match(truth, found)
    assert len(matches.predictions) == 1
    assert matches.predictions.report.skipped == {STRANGE: 1}
    assert not matches.predictions.report.complete


def test_normalized_predictions(tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    truth.write_text(json.dumps(coco(1, [(1, 1, [32, 32, 64, 64], 0)], (256, 128))))
    labels = tmp_path / "found" / "labels"
    labels.mkdir(parents=True)
    (labels / "1.txt").write_text("0 0.25 0.5 0.25 0.5 0.9\n")
    (labels.parent / "data.yaml").write_text("names: [class 1]\ntrain: labels\n")
    matches = hg.match(truth, labels.parent / "data.yaml")
    assert matches.overlap.tolist() == [1.0]


def test_masks_are_compared_by_their_boxes(tmp_path: Path) -> None:
    truth = coco(1, [(1, 1, [0, 0, 4, 2], 0)], (8, 8))
    found: list[dict[str, Any]] = [{"image_id": 1, "category_id": 1, "score": 1}]
    runs = [0, 2, 6, 2, 6, 2, 6, 2, 38]  # two pixels of each of four columns
    found[0]["segmentation"] = {"size": [8, 8], "counts": runs}
    matches = hg.match(*write(tmp_path, truth, found))
    assert matches.overlap.tolist() == [1.0]


def test_no_predictions(tmp_path: Path) -> None:
    truth, found = write(tmp_path, TRUTH, [])
    matches = hg.match(truth, found, predictions_format="coco")
    assert (matches.recall, matches.missed.sum()) == (0.0, 3)
    assert math.isnan(matches.precision)


def test_swapped_files_are_noticed(paths: tuple[Path, Path]) -> None:
    batches = list(hg.read(paths[1], truth=paths[0]))
    with pytest.warns(hg.HeatgridWarning, match="are they swapped"):
        hg.match(batches, paths[0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"iou": 0}, "iou must be a number above 0"),
        ({"iou": 1.5}, "iou must be a number above 0"),
        ({"area": "tiny"}, "area must be one of"),
        ({"classes": "cat"}, "classes: no class 'cat'"),
        ({"min_score": float("nan")}, "min_score must be a finite number"),
    ],
    ids=str,
)
def test_wrong_options(options: dict[str, Any], message: str, paths: tuple[Path, Path]) -> None:
    with pytest.raises(ValueError, match=message):
        hg.match(*paths, **options)


def test_several_images_of_one_name(tmp_path: Path) -> None:
    document = coco(2, [(1, 1, [0, 0, 40, 40], 0)])
    document["images"][1]["file_name"] = "1.jpg"
    truth, found = write(tmp_path, document, FOUND[:1])
    with pytest.raises(ValueError, match=r"several '1\.jpg'"):
        hg.match(truth, found)
