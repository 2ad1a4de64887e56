"""Maps of images, weights and areas, from arrays and from batches."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.core.kernel import Outcome
from heatgrid.core.outcomes import SKIPPED

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

IMAGES = [
    {"id": 1, "file_name": "a.png", "width": 10, "height": 10},
    {"id": 2, "file_name": "b.png", "width": 10, "height": 10},
]
# In the first image a box, a polygon and a mask overlap; in the second there are two boxes of two classes.
ANNOTATIONS: list[dict[str, Any]] = [
    {"image_id": 1, "category_id": 1, "bbox": [0, 0, 5, 5]},
    {"image_id": 1, "category_id": 1, "bbox": [2, 2, 5, 5], "segmentation": [[2, 2, 7, 2, 7, 7, 2, 7]]},
    {
        "image_id": 1,
        "category_id": 2,
        "bbox": [0, 0, 10, 1],
        "segmentation": {"size": [10, 10], "counts": [0] + [1, 9] * 9 + [1, 9]},
    },
    {"image_id": 2, "category_id": 1, "bbox": [0, 0, 10, 10]},
    {"image_id": 2, "category_id": 2, "bbox": [5, 5, 5, 5]},
]


def cells(left: int, top: int, right: int, bottom: int) -> NDArray[np.bool_]:
    grid = np.zeros((10, 10), dtype=bool)
    grid[top:bottom, left:right] = True
    return grid


BOX, POLYGON, MASK = cells(0, 0, 5, 5), cells(2, 2, 7, 7), cells(0, 0, 10, 1)
ALL, CORNER = cells(0, 0, 10, 10), cells(5, 5, 10, 10)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "instances.json"
    document = {
        "images": IMAGES,
        "categories": [{"id": 1, "name": "one"}, {"id": 2, "name": "two"}],
        "annotations": [annotation | {"id": i} for i, annotation in enumerate(ANNOTATIONS)],
    }
    path.write_text(json.dumps(document))
    return path


def test_an_image_adds_one_per_cell(source: Path) -> None:
    heat = hg.heatmap(source, 10, count="images")
    assert np.array_equal(heat["one"].counts, (BOX | POLYGON).astype(int) + ALL)
    assert np.array_equal(heat["two"].counts, MASK.astype(int) + CORNER)
    assert np.array_equal(heat.counts, (BOX | POLYGON | MASK).astype(int) + ALL)
    assert heat.report.counted == 5


def test_instances_add_up(source: Path) -> None:
    heat = hg.heatmap(source, 10)
    assert np.array_equal(heat.counts, sum(a.astype(int) for a in (BOX, POLYGON, MASK, ALL, CORNER)))


def test_geometry_mask_counts_only_masks(source: Path) -> None:
    heat = hg.heatmap(source, 10, geometry="mask")
    assert np.array_equal(heat.counts, MASK.astype(int))
    assert heat.report.skipped == {SKIPPED[Outcome.NO_GEOMETRY]: 4}


def test_maps_of_images_can_be_saved_and_added(source: Path) -> None:
    heat = hg.heatmap(source, 10, count="images")
    stream = io.BytesIO()
    heat.save(stream, format="npz")
    back = hg.load(io.BytesIO(stream.getvalue()))
    assert back == heat
    assert np.array_equal(back.counts, heat.counts)
    twice = heat + back
    assert np.array_equal(twice.counts, 2 * heat.counts)
    assert np.array_equal(twice["one"].counts, 2 * heat["one"].counts)
    with pytest.raises(ValueError, match="the same count"):
        heat + hg.heatmap(source, 10)


def test_a_broken_mask_is_skipped_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "instances.json"
    broken = ANNOTATIONS[2] | {"segmentation": {"size": [10, 10], "counts": [50, 49]}}
    document = {
        "images": IMAGES,
        "categories": [{"id": 2, "name": "two"}],
        "annotations": [broken | {"id": 7}, ANNOTATIONS[2] | {"id": 8}],
    }
    path.write_text(json.dumps(document))
    heat = hg.heatmap(path, 10, geometry="mask")
    assert np.array_equal(heat.counts, MASK.astype(int))
    assert heat.report.skips == 1
    (places,) = heat.report.examples.values()
    assert "annotations[0] (id 7)" in places[0]
    with pytest.raises(hg.FormatError, match="annotation 7"):
        hg.heatmap(path, 10, geometry="mask", on_error="raise")


def test_keypoints_hit_a_cell_once_per_annotation(tmp_path: Path) -> None:
    path = tmp_path / "person_keypoints.json"
    points = [1, 1, 2, 1.5, 1.5, 2, 8, 8, 1, 4, 4, 0]
    person = {"image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9], "keypoints": points, "num_keypoints": 3}
    document = {
        "images": IMAGES,
        "categories": [{"id": 1, "name": "person"}],
        "annotations": [person | {"id": 1}, person | {"id": 2}],
    }
    path.write_text(json.dumps(document))
    expected = np.zeros((10, 10), dtype=int)
    expected[1, 1] = expected[8, 8] = 2
    assert np.array_equal(hg.heatmap(path, 10, geometry="point").counts, expected)
    images = hg.heatmap(path, 10, geometry="point", count="images")
    assert np.array_equal(images.counts, expected // 2)


def test_weights_and_areas() -> None:
    boxes = [[0.0, 0.0, 0.5, 1.0], [0.25, 0.0, 0.75, 1.0]]
    weighted = hg.Heatmap(2, weighted=True).add_boxes(boxes, weights=[0.1, 0.2])
    assert weighted.counts.tolist() == [[0.1 + 0.2, 0.2], [0.1 + 0.2, 0.2]]
    areas = hg.Heatmap(2, rule="area").add_boxes(boxes)
    assert areas.counts.tolist() == [[1.5, 0.5], [1.5, 0.5]]
    stream = io.BytesIO()
    areas.save(stream, format="npz")
    assert hg.load(io.BytesIO(stream.getvalue())) == areas
    assert (areas + areas).counts.tolist() == [[3.0, 1.0], [3.0, 1.0]]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"count": "images", "rule": "area"}, "count='images' cannot be combined with rule='area'"),
        ({"count": "images", "weighted": True}, "count='images' cannot be weighted"),
        ({"rule": "area", "large_box_ratio": 0.5}, "large_box_ratio cannot be combined with rule='area'"),
        ({"count": "pictures"}, "count must be one of 'instances', 'images'"),
    ],
)
def test_contradicting_options_raise(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        hg.Heatmap(2, **options)


def test_weights_and_weighted_go_together() -> None:
    with pytest.raises(ValueError, match="weights are required"):
        hg.Heatmap(2, weighted=True).add_boxes([[0, 0, 1, 1]])
    with pytest.raises(ValueError, match="weights require a map"):
        hg.Heatmap(2).add_boxes([[0, 0, 1, 1]], weights=[1.0])


def test_weights_of_a_batch_belong_to_its_annotations(source: Path) -> None:
    (batch,) = list(hg.read(source))
    heat = hg.Heatmap(10, ["two"], weighted=True)
    with pytest.warns(hg.HeatgridWarning, match="classes are fixed"):
        heat.add(batch, weights=[1.0, 2.0, 0.5, 4.0, 0.25])
    assert np.array_equal(heat.counts, 0.5 * MASK + 0.25 * CORNER)
    with pytest.raises(ValueError, match=r"weights must have shape \(5,\)"):
        hg.Heatmap(10, weighted=True).add(batch, weights=[1.0])
