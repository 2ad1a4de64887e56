"""Predictions of Transformers, torchvision, MMDetection, SAHI, MediaPipe, Roboflow, Label Studio: all real.

No weights are needed: the models' answers are made here, and the libraries' own code processes them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import heatgrid as hg

pytestmark = [pytest.mark.clients, pytest.mark.filterwarnings("ignore")]

SIZE = (64, 32)
BOXES = [[8.0, 4.0, 24.0, 20.0], [0.0, 0.0, 64.0, 8.0], [40.0, 10.0, 60.0, 30.0]]
NAMES = ["car", "bus", "dog"]
LABELS = [0, 2, 0]
FRAME = np.zeros((SIZE[1], SIZE[0], 3), dtype=np.uint8)


def truth() -> hg.Heatmap:
    return hg.Heatmap(16, NAMES).add_boxes(BOXES, size=SIZE, labels=LABELS)


def check(value: Any, **known: Any) -> None:
    """Check that an object is counted by class, and is taken by `heatmap` and by a live map."""
    batch = hg.annotations_from(value, **known)
    assert hg.Heatmap(16, NAMES).add(batch) == truth()
    for name in ("classes", "labels"):
        known.pop(name, None)
    assert (hg.heatmap(value, 16, by_class=False, **known).counts == truth().counts).all()
    live = hg.LiveHeatmap("box", 1, size=SIZE)
    assert live.process(FRAME.copy(), value, 0.0).any()
    assert live.report.read == 3


@pytest.fixture(scope="module")
def torch() -> Any:
    return pytest.importorskip("torch")


def logits(torch: Any, labels: list[int]) -> Any:
    """Return scores by query and class, the last of which is no object."""
    values = torch.full((1, len(labels), 4), -9.0)
    for query, label in enumerate(labels):
        values[0, query, label] = 9.0
    return values


def test_transformers_detections(torch: Any) -> None:
    detr = pytest.importorskip("transformers.models.detr")
    output = pytest.importorskip("transformers.models.detr.modeling_detr").DetrObjectDetectionOutput
    x1, y1, x2, y2 = torch.tensor(BOXES).T / torch.tensor([64.0, 32.0, 64.0, 32.0])[:, None]
    centers = torch.stack([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1], dim=1)[None]
    answer = output(logits=logits(torch, LABELS), pred_boxes=centers)
    found = detr.DetrImageProcessor().post_process_object_detection(answer, 0.5, target_sizes=[(32, 64)])
    check(found[0], size=SIZE, classes=NAMES)
    check(found, size=SIZE, classes=NAMES)


@pytest.mark.parametrize("way", ["instance", "panoptic", "instance bitmaps"])
def test_transformers_segments(torch: Any, way: str) -> None:
    module = pytest.importorskip("transformers.models.mask2former.modeling_mask2former")
    processor = pytest.importorskip("transformers").Mask2FormerImageProcessor()
    masks = torch.full((1, 3, 32, 64), -20.0)
    for query, (x1, y1, x2, y2) in enumerate([(8, 8, 24, 20), (0, 0, 64, 4), (40, 20, 60, 30)]):
        masks[0, query, y1:y2, x1:x2] = 20.0
    answer = module.Mask2FormerForUniversalSegmentationOutput(
        class_queries_logits=logits(torch, LABELS), masks_queries_logits=masks
    )
    process = getattr(processor, f"post_process_{way.split(maxsplit=1)[0]}_segmentation")
    options = {"return_binary_maps": True} if "bitmaps" in way else {}
    (found,) = process(answer, target_sizes=[(32, 64)], **options)
    numbers, infos = found["segmentation"].numpy(), found["segments_info"]
    bitmaps = numbers if numbers.ndim == 3 else np.array([numbers == info["id"] for info in infos])
    labels = [NAMES[info["label_id"]] for info in infos]
    assert sorted(labels) == ["car", "car", "dog"]
    truth = hg.Heatmap(16, NAMES).add(bitmaps.astype(bool), size=SIZE, labels=labels)
    assert hg.Heatmap(16, NAMES).add(hg.annotations_from(found, classes=NAMES)) == truth
    assert (hg.heatmap([found], 16, by_class=False).counts == truth.counts).all()
    live = hg.LiveHeatmap("box", 1, size=SIZE)
    assert live.process(FRAME.copy(), found, 0.0).any()
    assert live.report.read == 3


def test_torchvision_bounding_boxes() -> None:
    pytest.importorskip("torch")
    boxes = pytest.importorskip("torchvision.tv_tensors").BoundingBoxes
    sides = [[x1, y1, x2 - x1, y2 - y1] for x1, y1, x2, y2 in BOXES]
    for kind, values in (("XYXY", BOXES), ("XYWH", sides)):
        found = boxes(values, format=kind, canvas_size=(32, 64))
        check({"boxes": found, "labels": LABELS}, classes=NAMES)
        check(found, labels=[NAMES[i] for i in LABELS])


def test_mmdetection_samples(torch: Any) -> None:
    sample = pytest.importorskip("mmdet.structures").DetDataSample
    data = pytest.importorskip("mmengine.structures").InstanceData
    found = data(
        bboxes=torch.tensor(BOXES), labels=torch.tensor(LABELS), scores=torch.tensor([0.5, 0.25, 1.0])
    )
    about = {"ori_shape": (32, 64), "img_shape": (320, 640), "img_path": "street.jpg"}
    check(sample(metainfo=about, pred_instances=found), classes=NAMES)
    masks = torch.zeros((3, 32, 64), dtype=torch.bool)
    masks[0, 4:20, 8:24] = True
    found.masks = masks
    assert hg.heatmap(sample(metainfo=about, pred_instances=found), 16).report.empty == 2


def test_sahi_predictions() -> None:
    prediction = pytest.importorskip("sahi.prediction")
    image = pytest.importorskip("PIL.Image").new("RGB", SIZE)
    objects = [
        prediction.ObjectPrediction(
            bbox=list(map(int, box)),
            category_id=label,
            category_name=NAMES[label],
            score=0.5,
            full_shape=[32, 64],
        )
        for box, label in zip(BOXES, LABELS, strict=True)
    ]
    check(prediction.PredictionResult(objects, image))
    check(objects, size=SIZE)
    assert hg.Heatmap(16).add(objects[0], size=SIZE).report.counted == 1
    shifted = prediction.ObjectPrediction(
        bbox=[0, 0, 16, 16],
        category_id=0,
        category_name="car",
        score=0.5,
        shift_amount=[8, 4],
        full_shape=[32, 64],
    )
    assert hg.annotations_from(shifted, size=SIZE).boxes.tolist() == [BOXES[0]]  # type: ignore[union-attr]
    outline = prediction.ObjectPrediction(
        category_id=0,
        category_name="car",
        score=0.5,
        segmentation=[[8, 4, 24, 4, 24, 20, 8, 20]],
        full_shape=[32, 64],
    )
    heat = hg.Heatmap(16).add(prediction.PredictionResult([outline], image))
    assert (heat.counts == hg.Heatmap(16).add_boxes(BOXES[:1], size=SIZE).counts).all()


def test_mediapipe_detections() -> None:
    containers = pytest.importorskip("mediapipe.tasks.python.components.containers")
    detections = pytest.importorskip("mediapipe.tasks.python.components.containers.detections")
    box = pytest.importorskip("mediapipe.tasks.python.components.containers.bounding_box").BoundingBox
    found = [
        detections.Detection(
            bounding_box=box(int(x1), int(y1), int(x2 - x1), int(y2 - y1)),
            categories=[containers.Category(label, 0.5, None, NAMES[label])],
            keypoints=None,
        )
        for (x1, y1, x2, y2), label in zip(BOXES, LABELS, strict=True)
    ]
    check(detections.DetectionResult(found), size=SIZE)
    keypoint = pytest.importorskip("mediapipe.tasks.python.components.containers.keypoint")
    face = detections.Detection(
        bounding_box=box(8, 4, 16, 16),
        categories=[containers.Category(0, 0.9, None, None)],
        keypoints=[keypoint.NormalizedKeypoint(0.25, 0.25)],
    )
    batch = hg.annotations_from(detections.DetectionResult([face]), size=SIZE)
    assert batch.points is not None
    assert (batch.classes, batch.points.coords.tolist()) == (("(none)",), [[16, 8]])


def test_roboflow_predictions(tmp_path: Any) -> None:
    group = pytest.importorskip("roboflow.util.prediction").PredictionGroup
    predictions = [
        {
            "x": (x1 + x2) / 2,
            "y": (y1 + y2) / 2,
            "width": x2 - x1,
            "height": y2 - y1,
            "class": NAMES[label],
            "class_id": label,
            "confidence": 0.5,
        }
        for (x1, y1, x2, y2), label in zip(BOXES, LABELS, strict=True)
    ]
    answer = {"predictions": predictions, "image": {"width": "64", "height": "32"}}
    check(answer)
    path = tmp_path / "a.png"
    pytest.importorskip("PIL.Image").new("RGB", SIZE).save(path)
    check(
        group.create_prediction_group(
            answer,
            image_path=str(path),
            prediction_type="ObjectDetectionModel",
            image_dims=answer["image"],
            colors={},
        )
    )


def test_label_studio_predictions() -> None:
    objects = pytest.importorskip("label_studio_sdk.label_interface.objects")
    regions = [
        {
            "id": f"r{i}",
            "from_name": "label",
            "to_name": "image",
            "type": "rectanglelabels",
            "original_width": 64,
            "original_height": 32,
            "value": {
                "x": x1 / 0.64,
                "y": y1 / 0.32,
                "width": (x2 - x1) / 0.64,
                "height": (y2 - y1) / 0.32,
                "rotation": 0,
                "rectanglelabels": [NAMES[label]],
            },
        }
        for i, ((x1, y1, x2, y2), label) in enumerate(zip(BOXES, LABELS, strict=True))
    ]
    check(regions)
    check(objects.PredictionValue(model_version="1", score=0.5, result=regions))
