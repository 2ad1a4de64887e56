"""Random truth and predictions, and what pycocotools makes of them."""

from __future__ import annotations

import contextlib
import io
import json
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from heatgrid.summary.evaluation import Matches

Document = dict[str, Any]

SHARED_DATA = Path(__file__).parents[1].parent / "shared/data"


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


def random_masks(images: int, seed: int) -> tuple[Document, list[Document]]:
    """Return truth with polygons of one or two rings and run lengths, and predictions with masks."""
    from pycocotools import mask as tools

    random = np.random.default_rng(seed)
    truth, found = random_pair(images, seed)
    codes: dict[tuple[int, int], list[Any]] = {}
    for one in truth["annotations"]:
        x, y, width, height = one["bbox"]
        rings = []
        for _ in range(int(random.integers(1, 3))):
            angles = np.sort(random.uniform(0, 2 * np.pi, int(random.integers(3, 9))))
            corners = np.stack([np.cos(angles), np.sin(angles)], axis=1) * random.uniform(0.4, 1.1)
            ring = (corners + 1) / 2 * (width, height) + (x, y)
            rings.append((ring.round(2) if random.random() < 0.5 else ring.round()).reshape(-1).tolist())
        code = tools.merge(tools.frPyObjects(rings, 128, 128))
        codes.setdefault((one["image_id"], one["category_id"]), []).append(code)
        one["segmentation"] = rings
        if one["iscrowd"]:
            flat = tools.decode(code).reshape(-1, order="F").astype(int)
            changes = np.flatnonzero(np.diff(flat)) + 1
            runs = np.diff([*([0] * (1 + flat[0])), *changes, flat.size]).tolist()
            one["segmentation"] = {"size": [128, 128], "counts": runs}
    for prediction in found:
        x, y, width, height = prediction.pop("bbox")
        choices = codes.get((prediction["image_id"], prediction["category_id"]), [])
        bitmap = np.zeros((128, 128), dtype=np.uint8, order="F")
        if choices and random.random() < 0.8:
            bitmap[:] = tools.decode(choices[int(random.integers(len(choices)))])
            bitmap = np.asfortranarray(np.roll(bitmap, tuple(random.integers(-1, 2, 2)), (0, 1)))
        else:
            bitmap[max(0, int(y)) : int(y + height), max(0, int(x)) : int(x + width)] = 1
        code = tools.encode(bitmap)
        prediction["segmentation"] = {"size": [128, 128], "counts": code["counts"].decode()}
    return truth, found


def write(folder: Path, truth: Document, found: list[Document]) -> tuple[Path, Path]:
    """Write both files."""
    paths = folder / "truth.json", folder / "results.json"
    for path, document in zip(paths, (truth, found), strict=True):
        path.write_text(json.dumps(document))
    return paths


def coco_eval(
    truth: Document,
    found: list[Document],
    iou: float,
    area: tuple[float, float] = (0, 1e10),
    iou_type: str = "bbox",
) -> tuple[dict[int, int], set[int], set[int]]:
    """Return what COCOeval does: the annotation of each prediction (0: none), and ignored ids of both."""
    pytest.importorskip("pycocotools")
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        dataset = COCO()
        dataset.dataset = deepcopy(truth)
        dataset.createIndex()
        run = COCOeval(dataset, dataset.loadRes(deepcopy(found)), iou_type)
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


def assert_equals_coco_eval(matches: Matches, expected: tuple[dict[int, int], set[int], set[int]]) -> None:
    partner, ignored, ignored_truth = expected
    ids = np.array([key for batch in matches.truth.batches for key in batch.ids or ()])
    own = {i + 1: int(ids[k]) if k >= 0 else 0 for i, k in enumerate(matches.partner.tolist())}
    assert own == partner
    assert set(np.flatnonzero(~matches.is_true & ~matches.is_false) + 1) == ignored
    assert set(ids[~matches.found & ~matches.missed]) == ignored_truth
    assert set(ids[matches.found]) == {key for key in partner.values() if key and key not in ignored_truth}
