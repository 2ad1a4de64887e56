"""Labels of FiftyOne data sets, by the real library and its database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg

if TYPE_CHECKING:
    from collections.abc import Iterator

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
