"""Predictions of frameworks and answers of services, as stubs with the attributes that are documented.

The real libraries are in `test_real_predictions`, but for Detectron2: no registry has a package of it, and
its stub has what its documentation describes.
"""

from __future__ import annotations

from enum import Enum
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import heatgrid as hg

SIZE = (64, 32)
BOXES = [[8.0, 4.0, 24.0, 20.0], [0.0, 0.0, 64.0, 8.0], [40.0, 10.0, 60.0, 30.0]]
NAMES = ["car", "bus", "dog"]
LABELS = np.array([0, 2, 0])
SCORES = np.array([0.5, 0.25, 1.0])
SIDES = [[x1, y1, x2 - x1, y2 - y1] for x1, y1, x2, y2 in BOXES]

BITMAPS = np.zeros((3, 32, 64), dtype=bool)
BITMAPS[0, 4:20, 8:24] = BITMAPS[1, 0:4, 0:64] = BITMAPS[2, 20:30, 40:60] = True
NUMBERS = np.full((32, 64), -1)
for number, bitmap in zip((1, 2, 5), BITMAPS, strict=True):
    NUMBERS[bitmap] = number


class Format(Enum):
    """torchvision's BoundingBoxFormat."""

    XYXY = "XYXY"
    XYWH = "XYWH"
    CXCYWH = "CXCYWH"
    XYXYXYXY = "XYXYXYXY"


class BoundingBoxes(np.ndarray[Any, Any]):
    """A tensor with the format of its boxes and the size of its canvas."""

    format: Format
    canvas_size: tuple[int, int]


def bounding_boxes(values: Any, kind: str = "XYXY") -> BoundingBoxes:
    found = np.array(values).view(BoundingBoxes)
    found.format, found.canvas_size = Format[kind], SIZE[::-1]
    return found


class Instances:
    """Detectron2's Instances: fields of one length, and the height and width of their image."""

    def __init__(self, count: int = 3, **fields: Any) -> None:
        self.image_size, self._fields, self._count = SIZE[::-1], fields, count

    def get_fields(self) -> dict[str, Any]:
        return self._fields

    def __len__(self) -> int:
        return self._count


class DetDataSample(SimpleNamespace):
    """MMDetection's DetDataSample, which has some of a tensor's methods."""

    def detach(self) -> DetDataSample:
        return self


class InstanceData(SimpleNamespace):
    """MMEngine's InstanceData."""

    def __len__(self) -> int:
        return len(self.labels)


def detectron2(**fields: Any) -> Instances:
    return Instances(
        pred_boxes=SimpleNamespace(tensor=np.array(BOXES)), pred_classes=LABELS, scores=SCORES, **fields
    )


def mmdetection(kind: str = "pred", **fields: Any) -> DetDataSample:
    found = InstanceData(**({"bboxes": np.array(BOXES), "labels": LABELS, "scores": SCORES} | fields))
    about = {"ori_shape": SIZE[::-1], "img_shape": SIZE[::-1], "img_path": "street.jpg"}
    return DetDataSample(**{f"{kind}_instances": found}, metainfo=about)


def segments(segmentation: Any = NUMBERS) -> dict[str, Any]:
    infos = [
        {"id": number, "label_id": label, "was_fused": False, "score": score}
        for number, label, score in zip((1, 2, 5), LABELS.tolist(), SCORES.tolist(), strict=True)
    ]
    return {"segmentation": segmentation, "segments_info": infos}


def region(i: int) -> dict[str, Any]:
    """Return a rectangle of Label Studio, in percent."""
    x, y, width, height = SIDES[i]
    value: dict[str, Any] = {"x": x / 0.64, "y": y / 0.32, "width": width / 0.64, "height": height / 0.32}
    value |= {"rotation": 0, "rectanglelabels": [NAMES[LABELS[i]]]}
    return {
        "id": f"r{i}",
        "type": "rectanglelabels",
        "original_width": 64,
        "original_height": 32,
        "value": value,
    }


REGIONS = [region(i) for i in range(3)]

OBJECTS: dict[str, Any] = {
    "detectron2": detectron2(),
    "detectron2 predictor": {"instances": detectron2()},
    "detectron2 truth": Instances(gt_boxes=SimpleNamespace(tensor=np.array(BOXES)), gt_classes=LABELS),
    "mmdetection": mmdetection(),
    "mmdetection truth": mmdetection("gt"),
    "mmdetection box type": mmdetection(bboxes=SimpleNamespace(tensor=np.array(BOXES))),
    "torchvision": {"boxes": bounding_boxes(SIDES, "XYWH"), "labels": LABELS},
    "open vocabulary": {"boxes": np.array(BOXES), "labels": LABELS, "text_labels": ["car", "dog", "car"]},
    "label studio": REGIONS,
    "label studio prediction": {"model_version": "1", "score": 0.5, "result": REGIONS},
    "label studio task": {"id": 1, "data": {"image": "a.jpg"}, "annotations": [{"result": REGIONS}]},
}


def expected() -> hg.Heatmap:
    return hg.Heatmap(16, NAMES).add_boxes(BOXES, size=SIZE, labels=LABELS)


def named(value: Any) -> hg.Annotations:
    """Return the annotations with names for the numbers of classes, if these are numbers."""
    try:
        return hg.annotations_from(value, size=SIZE, classes=NAMES)
    except TypeError:
        return hg.annotations_from(value, size=SIZE)


@pytest.mark.parametrize("name", OBJECTS)
def test_boxes_are_counted_by_class(name: str) -> None:
    batch = named(OBJECTS[name])
    assert hg.Heatmap(16, NAMES).add(batch) == expected()
    assert (batch.report.images, len(batch)) == (1, 3)
    batch.validate()


@pytest.mark.parametrize("name", OBJECTS)
def test_every_object_is_taken_everywhere(name: str) -> None:
    value = OBJECTS[name]
    total = expected().counts
    assert (hg.heatmap(value, 16, by_class=False, size=SIZE).counts == total).all()
    live = hg.LiveHeatmap("box", 1, size=SIZE)
    frame = np.zeros((SIZE[1], SIZE[0], 3), dtype=np.uint8)
    assert live.process(frame, value, 0.0).any()
    assert live.report.read == 3


def test_a_frame_takes_a_list_of_one() -> None:
    for value in ([detectron2()], [OBJECTS["torchvision"]], REGIONS[:1]):
        live = hg.LiveHeatmap("box", 1, size=SIZE).update(value, 0.0)
        assert live.report.read == (1 if value == REGIONS[:1] else 3)
    with pytest.raises(ValueError, match="detections must be those of one frame, got 2 images"):
        hg.LiveHeatmap(size=SIZE).update([detectron2(), detectron2()], 0.0)


@pytest.mark.parametrize("name", [name for name in OBJECTS if name != "label studio"])
def test_a_list_has_one_image_per_object(name: str) -> None:
    batch = hg.annotations_from([OBJECTS[name]] * 2, size=SIZE)
    assert (len(batch), len(batch.image_names)) == (6, 2)


@pytest.mark.parametrize("name", ["detectron2", "mmdetection", "label studio task"])
def test_a_stream_has_one_image_per_object(name: str) -> None:
    heat = hg.heatmap((OBJECTS[name] for _ in range(3)), 16, by_class=False)
    assert (heat.counts == 3 * expected().counts).all()
    assert (heat.report.images, heat.report.read) == (3, 9)


def test_torchvision_boxes_know_their_format_and_size() -> None:
    centers = [[x + w / 2, y + h / 2, w, h] for x, y, w, h in SIDES]
    truth = hg.Heatmap(16).add_boxes(BOXES, size=SIZE)
    for kind, values in (("XYXY", BOXES), ("XYWH", SIDES), ("CXCYWH", centers)):
        assert hg.Heatmap(16).add(bounding_boxes(values, kind)) == truth
    with pytest.raises(ValueError, match="format of boxes must be one of xyxy, xywh, cxcywh, got xyxyxyxy"):
        hg.Heatmap(16).add(bounding_boxes(BOXES, "XYXYXYXY"))


@pytest.mark.parametrize("segmentation", [NUMBERS, NUMBERS.astype(np.float32), BITMAPS])
def test_segments_are_masks(segmentation: Any) -> None:
    truth = hg.Heatmap(16, NAMES).add(BITMAPS, labels=LABELS, size=SIZE)
    batch = hg.annotations_from(segments(segmentation), classes=NAMES)
    assert hg.Heatmap(16, NAMES).add(batch) == truth
    assert batch.scores is not None
    assert batch.scores.tolist() == SCORES.tolist()
    live = hg.LiveHeatmap("box", 1, size=SIZE)
    live.update(segments(segmentation), 0.0)
    boxes = [[8, 4, 24, 20], [0, 0, 64, 4], [40, 20, 60, 30]]
    other = hg.LiveHeatmap("box", 1, size=SIZE)
    other.update(np.array(boxes), 0.0)
    assert (live.snapshot().counts == other.snapshot().counts).all()


def test_segments_without_pixels_are_empty() -> None:
    hidden = NUMBERS.copy()
    hidden[hidden == 2] = -1  # covered by later instances
    report = hg.heatmap(segments(hidden), 16).report
    assert (report.read, report.counted, report.empty) == (3, 2, 1)
    assert hg.heatmap({"segmentation": None, "segments_info": []}, 16).report.images == 1


def test_segments_in_other_shapes_are_refused() -> None:
    with pytest.raises(TypeError, match="post-process without return_coco_annotation"):
        hg.Heatmap(16).add(segments([[1, 5], [9, 4]]))
    with pytest.raises(ValueError, match="segments_info has 3 segments, but segmentation 2"):
        hg.Heatmap(16).add(segments(BITMAPS[:2]))
    with pytest.raises(ValueError, match="segments_info must have a label_id per segment"):
        hg.Heatmap(16).add({"segmentation": NUMBERS, "segments_info": [{"id": 1}]})


def test_detectron2_masks_keypoints_and_turned_boxes() -> None:
    truth = hg.Heatmap(16, NAMES).add(BITMAPS, size=SIZE, labels=LABELS)
    for masks in (BITMAPS, SimpleNamespace(tensor=BITMAPS)):
        assert hg.Heatmap(16, NAMES).add(named(detectron2(pred_masks=masks))) == truth
    rings = [[[x1, y1, x2, y1, x2, y2, x1, y2]] for x1, y1, x2, y2 in BOXES]
    outlines = Instances(gt_masks=SimpleNamespace(polygons=rings), gt_classes=LABELS)
    assert hg.Heatmap(16, NAMES).add(named(outlines)) == expected()
    joints = np.array([[[10.0, 10.0, 2.0], [0.0, 0.0, 0.0]]] * 3)
    batch = hg.annotations_from(Instances(gt_keypoints=SimpleNamespace(tensor=joints), gt_classes=LABELS))
    assert batch.points is not None
    assert batch.points.visible.tolist() == [True, False] * 3
    bar = Instances(1, pred_boxes=SimpleNamespace(tensor=np.array([[32.0, 16.0, 8.0, 24.0, 90.0]])))
    assert hg.Heatmap((32, 64)).add(bar) == hg.Heatmap((32, 64)).add_boxes([[20, 12, 44, 20]], size=SIZE)
    turned = Instances(1, pred_boxes=SimpleNamespace(tensor=np.array([[32.0, 16.0, 20.0, 0.0, 45.0]])))
    (first, second, *_), half = hg.annotations_from(turned).polygons.coords, 10 / 2**0.5  # type: ignore[union-attr]
    assert first.tolist() == pytest.approx([32 - half, 16 + half])  # counterclockwise: right end is up
    assert second.tolist() == pytest.approx([32 + half, 16 - half])


def test_mmdetection_masks_and_names() -> None:
    truth = hg.Heatmap(16, NAMES).add(BITMAPS, size=SIZE, labels=LABELS)
    for masks in (BITMAPS, SimpleNamespace(masks=BITMAPS)):
        assert hg.Heatmap(16, NAMES).add(named(mmdetection(masks=masks))) == truth
    assert list(hg.annotations_from(mmdetection()).image_names) == ["street.jpg"]
    rings = [[np.array([x1, y1, x2, y1, x2, y2, x1, y2])] for x1, y1, x2, y2 in BOXES]
    outlines = mmdetection(masks=SimpleNamespace(masks=rings))
    assert hg.Heatmap(16, NAMES).add(named(outlines)) == expected()


def test_answers_have_their_own_classes() -> None:
    with pytest.raises(TypeError, match="labels must not be given with results of Label Studio"):
        hg.Heatmap(16).add(REGIONS, labels=["a", "b", "c"])
    batch = hg.annotations_from({"result": REGIONS}, images="b.jpg")
    assert batch.image_names == ("b.jpg",)
