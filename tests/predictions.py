"""Random truth and predictions, and what pycocotools makes of them."""

from __future__ import annotations

import contextlib
import io
import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from pathlib import Path

Document = dict[str, Any]


def coco(
    images: int, boxes: list[tuple[int, int, list[float], int]], size: tuple[int, int] = (128, 128)
) -> Document:
    """Return a COCO document: image, class, x y width height, and whether it is a crowd, of each box."""
    return {
        "images": [
            {"id": i, "file_name": f"{i}.jpg", "width": size[0], "height": size[1]}
            for i in range(1, images + 1)
        ],
        "categories": [{"id": k, "name": f"class {k}"} for k in (1, 2, 3)],
        "annotations": [
            {
                "id": i,
                "image_id": image,
                "category_id": k,
                "bbox": box,
                "area": box[2] * box[3],
                "iscrowd": crowd,
            }
            for i, (image, k, box, crowd) in enumerate(boxes, 1)
        ],
    }


def results(boxes: list[tuple[int, int, list[float], float]]) -> list[Document]:
    """Return COCO results: image, class, x y width height and score of each."""
    return [
        {"image_id": image, "category_id": k, "bbox": box, "score": score} for image, k, box, score in boxes
    ]


def random_pair(images: int, seed: int) -> tuple[Document, list[Document]]:
    """Return truth with crowds and repeated boxes, and predictions with few different scores."""
    random = np.random.default_rng(seed)
    truth: list[tuple[int, int, list[float], int]] = []
    found: list[tuple[int, int, list[float], float]] = []
    for image in range(1, images + 1):
        for _ in range(int(random.integers(0, 9))):
            box = [*random.integers(0, 80, 2), *random.integers(4, 40, 2)]
            k, crowd = int(random.integers(1, 4)), int(random.random() < 0.15)
            truth += [(image, k, list(map(float, box)), crowd)] * (2 if random.random() < 0.2 else 1)
            for _ in range(int(random.integers(0, 4))):
                moved = np.array(box) + (random.integers(-4, 5, 4) if random.random() < 0.8 else 0)
                other = k if random.random() < 0.9 else 1
                near = [float(moved[0]), float(moved[1]), float(max(1, moved[2])), float(max(1, moved[3]))]
                found.append((image, other, near, float(random.integers(0, 5)) / 4))
    return coco(images, truth), results(found)


def write(folder: Path, truth: Document, found: list[Document]) -> tuple[Path, Path]:
    """Write both files."""
    paths = folder / "truth.json", folder / "results.json"
    for path, document in zip(paths, (truth, found), strict=True):
        path.write_text(json.dumps(document))
    return paths


def coco_eval(
    truth: Document, found: list[Document], iou: float, area: tuple[float, float] = (0, 1e10)
) -> tuple[dict[int, int], set[int], set[int]]:
    """Return what COCOeval does: the annotation of each prediction (0: none), and ignored ids of both."""
    pytest.importorskip("pycocotools")
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        dataset = COCO()
        dataset.dataset = deepcopy(truth)
        dataset.createIndex()
        run = COCOeval(dataset, dataset.loadRes(deepcopy(found)), "bbox")
        run.params.iouThrs, run.params.maxDets = np.array([iou]), [10**9]
        run.params.areaRng, run.params.areaRngLbl = [list(area)], ["all"]
        run.evaluate()
    partner: dict[int, int] = {}
    ignored: tuple[set[int], set[int]] = (set(), set())
    for one in filter(None, run.evalImgs):
        for k, key in enumerate(one["dtIds"]):
            partner[key] = int(one["dtMatches"][0][k])
            ignored[0].update([key] if one["dtIgnore"][0][k] else [])
        ignored[1].update(key for key, flag in zip(one["gtIds"], one["gtIgnore"], strict=True) if flag)
    return partner, *ignored
