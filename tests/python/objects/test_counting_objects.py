"""`heatgrid.heatmap` counts whatever `Heatmap.add` accepts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import heatgrid as hg
from batches import Thing, batch_of

THINGS = [Thing("car", 0, (0.0, 0.0, 1.0, 1.0)), Thing("dog", 1, (0.0, 0.0, 0.5, 1.0))]
ROWS = {
    "image": ["a.jpg", "b.jpg"],
    "class": ["car", "dog"],
    "xmin": [0, 0],
    "ymin": [0, 0],
    "xmax": [10, 5],
    "ymax": [10, 10],
}
BOXES = {"boxes": [[0, 0, 10, 10], [0, 0, 5, 10]], "labels": [0, 1]}


def frame() -> Any:
    return pytest.importorskip("pandas").DataFrame(ROWS)


def table() -> Any:
    return pytest.importorskip("pyarrow").table(ROWS)


def detections() -> Any:
    boxes = np.array(BOXES["boxes"], np.float32)
    return pytest.importorskip("supervision").Detections(xyxy=boxes, class_id=np.array([0, 1]))


def tensors() -> Any:
    return dict(BOXES)


def boxes() -> Any:
    return np.array(BOXES["boxes"])


@pytest.mark.peers
@pytest.mark.parametrize("make", [frame, table, detections, tensors, boxes])
def test_objects_are_counted_as_add_counts_them(make: Any) -> None:
    value = make()
    heat = hg.heatmap(value, 2, size=(10, 10))
    assert heat.counts.tolist() == [[2, 1], [2, 1]]
    assert np.array_equal(heat.counts, hg.Heatmap(2).add(value, size=(10, 10)).counts)
    assert heat.report.counted == 2


@pytest.mark.peers
@pytest.mark.parametrize("make", [frame, table, detections, tensors])
def test_lists_of_objects(make: Any) -> None:
    heat = hg.heatmap([make(), make()], 2, size=(10, 10))
    assert heat.counts.tolist() == [[4, 2], [4, 2]]


def test_batches_and_their_iterators() -> None:
    batch = batch_of(THINGS)
    for source in (batch, [batch], iter([batch])):
        heat = hg.heatmap(source, 2, classes="dog")
        assert heat.counts.tolist() == [[1, 0], [1, 0]]
        assert heat.report.excluded == 1
    assert hg.heatmaps([batch, batch], 2)[None].counts.tolist() == [[4, 2], [4, 2]]


@pytest.mark.parametrize(
    ("options", "name"),
    [({"splits": "train"}, "splits"), ({"format": "coco"}, "format"), ({"size": (9, 9)}, "size")],
)
def test_options_of_files_are_refused(options: Any, name: str) -> None:
    with pytest.raises(TypeError, match=f"{name} cannot be combined with Annotations, which is already read"):
        hg.heatmap(batch_of(THINGS), 2, **options)


def test_other_objects_are_refused() -> None:
    with pytest.raises(TypeError, match="int is not understood; these are: supervision"):
        hg.heatmap(3, 2)


@pytest.mark.parametrize(
    ("rows", "keys"),
    [
        ([{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]}], "'image_id', 'category_id', 'bbox'"),
        ([{"filename": "a.jpg", "xmin": 1}, {}], "'filename', 'xmin'"),
        ([{}], "no keys"),
    ],
)
def test_dicts_that_are_no_masks_are_named_by_their_keys(rows: list[dict[str, object]], keys: str) -> None:
    with pytest.raises(TypeError, match=rf"a list of dicts with {keys} is not understood; run-length masks"):
        hg.Heatmap(4).add(rows, size=(10, 10))
