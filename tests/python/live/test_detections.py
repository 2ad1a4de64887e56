"""Conversion of detections by their attributes, without the libraries."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.io.objects import annotations_from
from heatgrid.live import Detections
from heatgrid.live.detections import as_detections

BOXES = [[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]


class Tensor:
    """A tensor like torch's: it must be detached and moved before numpy can read it."""

    def __init__(self, values: Any, *, has_gradient: bool = True, is_on_gpu: bool = True) -> None:
        self.values = np.asarray(values, dtype=np.float32)
        self.has_gradient, self.is_on_gpu = has_gradient, is_on_gpu

    def detach(self) -> Tensor:
        return Tensor(self.values, has_gradient=False, is_on_gpu=self.is_on_gpu)

    def cpu(self) -> Tensor:
        return Tensor(self.values, has_gradient=self.has_gradient, is_on_gpu=False)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        assert not self.has_gradient
        assert not self.is_on_gpu
        return self.values


def result(**boxes: Any) -> Any:
    tensors = {name: None if value is None else Tensor(value) for name, value in boxes.items()}
    return SimpleNamespace(boxes=SimpleNamespace(**tensors), names={0: "person", 2: "car"})


@pytest.mark.parametrize("given", [None, [], np.empty((0, 4)), np.empty((0, 6)), {"xyxy": []}])
def test_no_detections(given: Any) -> None:
    found = as_detections(given)
    assert len(found) == 0
    assert found.xyxy.shape == (0, 4)


def test_arrays() -> None:
    for columns in (4, 5, 6):
        given = np.hstack([np.array(BOXES), [[0.5, 2], [0.75, 0]]])[:, :columns].astype(np.float32)
        for values in (given, given.tolist(), Tensor(given)):
            found = as_detections(values)
            assert found.xyxy.tolist() == BOXES
            assert (None if found.scores is None else found.scores.tolist()) == (
                [0.5, 0.75] if columns > 4 else None
            )
            assert found.classes == ([2, 0] if columns > 5 else None)
            assert found.ids is None


def test_mappings() -> None:
    found = as_detections({"xyxy": BOXES, "ids": ("a", None), "classes": np.array([3, 4]), "scores": [1, 0]})
    assert (found.ids, found.classes) == (["a", None], [3, 4])
    assert found.scores is not None
    assert found.scores.tolist() == [1.0, 0.0]
    assert found.keys == [3, 4]


def test_ultralytics() -> None:
    full = result(xyxy=BOXES, cls=[2, 7], id=[11, 12], conf=[0.5, 0.25])
    for given in (full, [full], (full,)):
        found = as_detections(given)
        assert found.xyxy.tolist() == BOXES
        assert found.classes == ["car", 7]
        assert found.ids == [11, 12]
        assert found.scores is not None
        assert found.scores.tolist() == [0.5, 0.25]
    bare = as_detections(result(xyxy=BOXES, cls=None, id=None, conf=None))
    assert (bare.classes, bare.ids, bare.scores, bare.masks) == (None, None, None, None)
    assert bare.keys == [None, None]
    assert len(as_detections(SimpleNamespace(boxes=SimpleNamespace(xyxy=BOXES)))) == 2
    assert len(as_detections(SimpleNamespace(boxes=None, obb=None))) == 0
    oriented = SimpleNamespace(boxes=None, obb=SimpleNamespace(xyxy=Tensor(BOXES), id=Tensor([4, 5])))
    assert as_detections(oriented).ids == [4, 5]


def test_ultralytics_masks_lose_their_padding() -> None:
    masks = np.zeros((2, 8, 16))
    masks[:, 2:6, :] = 1
    given = result(xyxy=BOXES)
    given.masks, given.orig_shape = SimpleNamespace(data=Tensor(masks)), (100, 400)
    found = as_detections(given).masks
    assert isinstance(found, list)
    assert [mask.shape for mask in found] == [(4, 16), (4, 16)]
    assert all(mask.all() for mask in found)


def test_supervision() -> None:
    given = SimpleNamespace(
        xyxy=np.array(BOXES),
        tracker_id=np.array([4, 5]),
        class_id=np.array([2, 0]),
        confidence=np.array([0.5, 1.0]),
        mask=np.ones((2, 3, 3), dtype=bool),
        data={},
    )
    found = as_detections(given)
    assert (found.ids, found.classes) == ([4, 5], [2, 0])
    assert isinstance(found.masks, list)
    given.data["class_name"] = np.array(["car", "person"])
    assert as_detections(given).classes == ["car", "person"]
    given.tracker_id = given.class_id = given.confidence = given.mask = None
    given.data = {}
    assert as_detections(given).keys == [None, None]


class Crops:
    """Masks stored as crops of the image."""

    def __init__(self) -> None:
        self.shape = (2, 20, 30)
        self.offsets = np.array([[4, 5], [0, 0]])

    def __len__(self) -> int:
        return len(self.offsets)

    def crop(self, i: int) -> np.ndarray:
        return np.ones([(2, 3), (1, 1)][i], dtype=bool)


def test_supervision_masks_stored_as_crops() -> None:
    given = SimpleNamespace(
        xyxy=np.array(BOXES), tracker_id=np.array([4, 5]), class_id=np.array([2, 0]), confidence=None, data={}
    )
    given.mask = Crops()
    live = hg.LiveHeatmap("mask", 1.0, size=(30, 20), cell=1).update(given)
    assert np.argwhere(live.heat).tolist() == [[0, 0], *([r, c] for r in (5, 6) for c in (4, 5, 6))]
    assert list(as_detections(given, (30, 20)).ids or []) == [4, 5]


@pytest.mark.peers
def test_real_supervision() -> None:
    supervision = pytest.importorskip("supervision")
    given = supervision.Detections(
        xyxy=np.array(BOXES), class_id=np.array([1, 2]), tracker_id=np.array([8, 9])
    )
    found = as_detections(given)
    assert found.xyxy.tolist() == BOXES
    assert (found.ids, found.classes) == ([8, 9], [1, 2])
    assert len(as_detections(supervision.Detections.empty())) == 0


def test_other_objects_and_annotations() -> None:
    torchvision = {"boxes": np.array(BOXES), "labels": np.array([3, 4]), "scores": np.array([0.5, 1])}
    found = as_detections(torchvision, (9, 9))
    assert found.xyxy.tolist() == BOXES
    assert len(found.keys) == 2
    batch = annotations_from(np.array(BOXES), size=(10, 10), labels=["car", "dog"])
    assert as_detections(batch).classes == ["car", "dog"]
    assert as_detections(batch).ids is None
    with pytest.raises(ValueError, match="boxes in pixels"):
        as_detections(annotations_from(np.array(BOXES) / 10, labels=["car", "dog"]))


def test_filter_classes() -> None:
    masks = [np.zeros((2, 2), bool), np.ones((2, 2), bool)]
    found = Detections(
        xyxy=np.array(BOXES), ids=["a", "b"], classes=["x", "y"], scores=np.array([0.1, 0.2]), masks=masks
    )
    some = found.filter_classes(frozenset(["y"]))
    assert (some.xyxy.tolist(), some.ids, some.classes) == (BOXES[1:], ["b"], ["y"])
    assert some.masks == [masks[1]]
    assert found.filter_classes(None) is found
    assert found.filter_classes(frozenset(["x", "y"])) is found


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (7, TypeError, "int is not understood"),
        ("text", TypeError, "str"),
        (object(), TypeError, "object"),
        (np.zeros((2, 3)), ValueError, r"shape \(2, 3\)"),
        (np.zeros((2, 7)), ValueError, r"shape \(2, 7\)"),
        ({"boxxes": BOXES}, ValueError, "xyxy"),
        ({"xyxy": BOXES, "ids": [1]}, ValueError, "ids must have one value per box"),
        ({"xyxy": BOXES, "scores": [1, 2, 3]}, ValueError, "scores must have one value per box"),
        ({"xyxy": [["a", "b", "c", "d"]]}, TypeError, "real numbers"),
        ({"xyxy": BOXES, "masks": np.zeros((2, 2))}, ValueError, "masks"),
    ],
)
def test_errors_name_the_argument(given: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        as_detections(given)
