"""FiftyOne: labels, data sets and views, by the real library and its database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import heatgrid as hg
from heatgrid.io.objects import fiftyone_datasets
from heatgrid.validate import validate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.clients, pytest.mark.filterwarnings("default")]

MASK = np.array([[True, True], [False, True]])
SQUARE = [(0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5)]


@pytest.fixture(scope="module")
def dataset() -> Iterator[Any]:
    fo = pytest.importorskip("fiftyone")
    found = fo.Dataset()
    for i in range(3):
        boxes = [
            fo.Detection(label="car", bounding_box=[0.25, 0.5, 0.5, 0.25], confidence=0.5),
            fo.Detection(label="dog", bounding_box=[0.25, 0.5, 0.5, 0.5], mask=MASK),
        ]
        found.add_sample(
            fo.Sample(
                filepath=f"/images/{i}.jpg",
                tags=["val" if i == 0 else "train"],
                ground_truth=fo.Detections(detections=boxes[: 1 + (i > 0)]),
                areas=fo.Polylines(polylines=[fo.Polyline(label="lake", points=[SQUARE], closed=True)]),
                points=fo.Keypoints(keypoints=[fo.Keypoint(label="eye", points=[(0.75, 0.25)])]),
            )
        )
    yield found
    found.delete()


def test_labels_of_a_sample(dataset: Any) -> None:
    sample = dataset.last()
    heat = hg.Heatmap(4).add(sample.ground_truth, images=sample.filepath)
    assert heat["car"].counts.tolist() == [[0] * 4, [0] * 4, [0, 1, 1, 0], [0] * 4]
    assert heat["dog"].counts.tolist() == [[0] * 4, [0] * 4, [0, 1, 1, 0], [0, 0, 1, 0]]
    assert hg.Heatmap(2).add(sample.areas).counts.tolist() == [[1, 0], [0, 0]]
    assert hg.Heatmap(2).add(sample.points).counts.tolist() == [[0, 1], [0, 0]]


def test_labels_of_a_view(dataset: Any) -> None:
    view = dataset.match_tags("train")
    labels, names = view.values(["ground_truth", "filepath"])
    heat = hg.Heatmap(4).add(labels, images=names)
    assert heat.table().to_dict()["classes"] == [
        {"name": "car", "objects": 2, "images": 2, "share": 0.5, "hits": 4},
        {"name": "dog", "objects": 2, "images": 2, "share": 0.5, "hits": 6},
    ]
    assert hg.heatmap(labels, 4) == heat
    found = list(hg.find(hg.annotations_from(labels, images=names), (3, 2), 4))
    ids = [label.id for one in labels for label in one.detections if label.label == "dog"]
    assert [(one.image, one.id) for one in found] == list(zip(names, ids, strict=True))


# Data sets and views. Cells of a grid of 4 whose centers the labels cover, by hand:
CAR = [[0, 0, 0, 0], [0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0]]
DOG = [[0, 0, 0, 0], [0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0]]  # its mask lacks the lower left quarter


def times(n: int, grid: list[list[int]]) -> list[list[int]]:
    return [[n * count for count in row] for row in grid]


def test_data_set(dataset: Any) -> None:
    heat = hg.heatmap(dataset, 4)
    assert heat["car"].counts.tolist() == times(3, CAR)
    assert heat["dog"].counts.tolist() == times(2, DOG)
    assert heat.report.images == 3
    assert (heat.report.read, heat.report.counted) == (5, 5)
    assert heat.report.examples[fiftyone_datasets.OTHER_FIELD] == ["areas", "points"]
    assert heat.table().to_dict()["classes"][0] == {
        "name": "car",
        "objects": 3,
        "images": 3,
        "share": 0.6,
        "hits": 6,
    }
    assert hg.heatmap(dataset, 2, field="areas").counts.tolist() == [[3, 0], [0, 0]]
    assert hg.heatmap(dataset, 2, field="points").counts.tolist() == [[0, 3], [0, 0]]
    assert not hg.heatmap(dataset, 4, field="ground_truth").report.notes


def test_view(dataset: Any) -> None:
    fo = pytest.importorskip("fiftyone")
    train = dataset.match_tags("train")
    assert hg.heatmap(train, 4)["car"].counts.tolist() == times(2, CAR)
    view = dataset.filter_labels("ground_truth", fo.ViewField("label") == "dog")
    assert hg.heatmap(view, 4).counts.tolist() == times(2, DOG)
    assert hg.heatmap(view, 4).report.images == 2
    assert hg.heatmap(dataset.to_patches("ground_truth"), 4)["dog"].counts.tolist() == times(2, DOG)
    assert hg.heatmap([dataset, train], 4)["car"].counts.tolist() == times(5, CAR)
    assert hg.heatmap(dataset.limit(0), 4).report.images == 0


def test_samples_behind_a_cell(dataset: Any) -> None:
    ids = dataset.values("id")
    found = list(hg.find(dataset, (2, 1), 4))
    assert [(one.image, one.label, one.split) for one in found] == [
        (ids[0], "car", "val"),
        (ids[1], "car", "train"),
        (ids[1], "dog", "train"),
        (ids[2], "car", "train"),
        (ids[2], "dog", "train"),
    ]
    assert [one.path for one in found[:2]] == ["/images/0.jpg", "/images/1.jpg"]
    assert [one.place for one in found[1:3]] == ["ground_truth.detections[0]", "ground_truth.detections[1]"]
    assert [one.id for one in found] == [
        one.id for sample in dataset for one in sample.ground_truth.detections
    ]
    corner = {one.image for one in hg.find(dataset, (3, 2), 4)}
    assert dataset.select(corner).values("filepath") == ["/images/1.jpg", "/images/2.jpg"]
    lists = hg.annotations_by_cell(dataset, 4)
    assert list(lists.names) == ids


def test_splits(dataset: Any) -> None:
    heats = hg.heatmaps(dataset, 4)
    assert {split: heat.report.counted for split, heat in heats.items()} == {"val": 1, "train": 4}
    assert hg.heatmap(dataset, 4, splits="train")["dog"].counts.tolist() == times(2, DOG)
    with pytest.raises(ValueError, match="splits: no split 'test'"):
        hg.heatmap(dataset, 4, splits="test")
    dataset.set_values("fold", ["a", "b", "a"])
    try:
        folds = hg.heatmaps(dataset, 4, columns={"split": "fold"})
        assert {fold: heat.report.images for fold, heat in folds.items()} == {"a": 2, "b": 1}
        assert {key: heat.report.counted for key, heat in hg.heatmaps(dataset, 4, by="fold").items()} == {
            "a": 3,
            "b": 2,
        }
    finally:
        dataset.delete_sample_field("fold")
    dataset.tag_samples("odd")
    assert hg.heatmap(dataset, 4, splits="odd").report.images == 3
    dataset.untag_samples("odd")
    with pytest.raises(ValueError, match="no field 'fold'"):
        hg.heatmap(dataset, 4, columns={"split": "fold"})


def test_filters(dataset: Any) -> None:
    assert hg.heatmap(dataset, 4, classes="dog").counts.tolist() == times(2, DOG)
    heat = hg.heatmap(dataset, 4, min_score=0.6)  # cars have 0.5, dogs none
    assert (heat.report.counted, heat.report.excluded) == (2, 3)
    label = dataset.last().ground_truth.detections[0]
    dataset.match_labels(ids=[label.id]).set_values(
        "ground_truth.detections.iscrowd", [[True, None]], dynamic=True
    )
    heat = hg.heatmap(dataset, 4, exclude="crowd")
    assert (heat.report.counted, heat.report.excluded) == (4, 1)
    keys = {key: heat.report.counted for key, heat in hg.heatmaps(dataset, 4, by="iscrowd").items()}
    assert keys == {None: 4, "true": 1}


def test_fields(dataset: Any) -> None:
    fo = pytest.importorskip("fiftyone")
    with pytest.raises(
        ValueError, match=r"field: 'ground' is no field of labels \(did you mean 'ground_truth'"
    ):
        hg.heatmap(dataset, 4, field="ground")
    dataset.set_values("weather", [fo.Classification(label="sun")] * 3)
    with pytest.raises(
        ValueError, match="field: 'weather' holds Classification; fields of labels: ground_truth"
    ):
        hg.heatmap(dataset, 4, field="weather")
    dataset.set_values("model", [fo.Detection(label="car", bounding_box=[0, 0, 1, 1]), None, None])
    try:
        with pytest.raises(ValueError, match=r"must be given; .* \(Detections\), .*, model \(Detection\)"):
            hg.heatmap(dataset, 4)
        assert hg.heatmap(dataset, 2, field="model").counts.tolist() == [[1, 1], [1, 1]]
        assert hg.heatmap(dataset, 2, field="model").report.images == 3
    finally:
        dataset.delete_sample_fields(["model", "weather"])
    empty = fo.Dataset()
    try:
        with pytest.raises(ValueError, match="no field holds boxes"):
            hg.heatmap(empty, 4)
    finally:
        empty.delete()


def test_frames_of_a_video() -> None:
    fo = pytest.importorskip("fiftyone")
    videos = fo.Dataset()
    try:
        video = fo.Sample(filepath="/videos/a.mp4")
        for number in (1, 2):
            own = fo.Detection(label="car", bounding_box=[0, 0, 0.5, 1])
            video.frames[number] = fo.Frame(filepath=f"/{number}.jpg", boxes=fo.Detections(detections=[own]))
        videos.add_sample(video)
        with pytest.raises(ValueError, match=r"pass view\.to_frames"):
            hg.heatmap(videos, 2)
        frames = videos.to_frames()
        assert hg.heatmap(frames, 2).counts.tolist() == [[2, 0], [2, 0]]
        assert {one.image for one in hg.find(frames, (0, 0), 2)} == set(frames.values("id"))
    finally:
        videos.delete()


def test_image_sizes(tmp_path: Path) -> None:
    fo = pytest.importorskip("fiftyone")
    samples = fo.Dataset()
    try:
        for name in ("a", "b"):
            Image.new("L", (40, 20)).save(tmp_path / f"{name}.png")
            own = fo.Detection(label="car", bounding_box=[0, 0, 0.5, 1])
            labels = fo.Detections(detections=[own])
            samples.add_sample(fo.Sample(filepath=str(tmp_path / f"{name}.png"), ground_truth=labels))
        assert hg.heatmap(samples, 2).counts.tolist() == [[2, 0], [2, 0]]
        with pytest.raises(ValueError, match="call compute_metadata"):
            hg.heatmap(samples, 4, fit="letterbox")
        bands = [[0] * 4, [2, 2, 0, 0], [2, 2, 0, 0], [0] * 4]  # an image of 2:1 fills the rows in the middle
        assert hg.heatmap(samples, 4, fit="letterbox", size=(40, 20)).counts.tolist() == bands
        samples.limit(1).compute_metadata(progress=False)
        heat = hg.heatmap(samples, 4, fit="letterbox")
        assert heat.counts.tolist() == [[n // 2 for n in row] for row in bands]
        assert heat.report.notes == {fiftyone_datasets.NO_METADATA: 1}
        assert validate(samples).valid
    finally:
        samples.delete()


def test_files_of_masks(tmp_path: Path) -> None:
    fo = pytest.importorskip("fiftyone")
    Image.fromarray(MASK.astype(np.uint8) * 255).save(tmp_path / "mask.png")
    samples = fo.Dataset()
    try:
        own = [
            fo.Detection(label="dog", bounding_box=[0.25, 0.5, 0.5, 0.5], mask_path=str(tmp_path / name))
            for name in ("mask.png", "gone.png")
        ]
        samples.add_sample(fo.Sample(filepath="/a.jpg", ground_truth=fo.Detections(detections=own)))
        heat = hg.heatmap(samples, 4)
        assert heat.counts.tolist() == [[0] * 4, [0] * 4, [0, 2, 2, 0], [0, 1, 2, 0]]
        assert heat.report.notes[fiftyone_datasets.NO_MASK_FILE] == 1
    finally:
        samples.delete()


def test_broken_labels() -> None:
    fo = pytest.importorskip("fiftyone")
    samples = fo.Dataset()
    try:
        good = fo.Detection(label="car", bounding_box=[0, 0, 1, 1])
        own = [good, fo.Detection(label="car"), fo.Detection(bounding_box=[0, 0, 1, 1])]
        samples.add_sample(fo.Sample(filepath="/a.jpg", ground_truth=fo.Detections(detections=own)))
        samples.add_sample(fo.Sample(filepath="/b.jpg"))
        report = hg.heatmap(samples, 1).report
        assert (report.images, report.read, report.counted) == (2, 3, 2)
        assert sum(report.skipped.values()) == 1
        assert "annotation without a class, counted as (none)" in report.notes
    finally:
        samples.delete()


def test_batches_do_not_change_the_counts(dataset: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = hg.heatmap(dataset, 4)
    monkeypatch.setattr(fiftyone_datasets, "_FIRST", 1)
    parts = hg.heatmap(dataset, 4, batch_images=2)
    assert parts == whole
    assert parts.report.images == whole.report.images
    assert hg.Heatmap(4).add(hg.annotations_from(dataset)).counts.tolist() == whole.counts.tolist()


def test_comparisons(dataset: Any) -> None:
    result = hg.evaluate(dataset, hg.annotations_from(dataset, field="ground_truth"))
    assert "5 of 5" in str(result)
    both = hg.compare(dataset.match_tags("train"), dataset.match_tags("val"), 4, permutations=0)
    assert both.a.counts.sum() == 10
