"""The module's array methods count what the Python functions count, to the last integer and bit."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import heatgrid as hg
from wasm_module import needs_node, run

pytestmark = needs_node

RULES: Any = ("center", "touch", "point", "area")
GRIDS = ((7, 5), (64, 64), (1, 3))
NAMES = ("a", "b", "c")


def expected(function: Any, *arrays: Any, labels: np.ndarray, grid: tuple[int, int], **options: Any) -> Any:
    return function(*arrays, grid, labels=labels, classes=len(NAMES), **options)


def compare(
    method: str, function: Any, arrays: list[Any], count: int, rules: tuple[str, ...], **options: Any
) -> None:
    """Compare every rule and grid, by class; ``options`` have the same names in both languages."""
    labels = np.random.default_rng(5).integers(0, len(NAMES), count)
    pairs = [(rule, grid) for rule in rules for grid in GRIDS]
    results = run(
        *(
            (
                {"grid": grid, "rule": rule, "classes": NAMES},
                [[method, *arrays, options | {"labels": labels}]],
            )
            for rule, grid in pairs
        ),
        moving=True,
    )
    for (rule, grid), result in zip(pairs, results, strict=True):
        assert result.heat is not None, result.error
        own = expected(function, *arrays, labels=labels, grid=grid, rule=rule, **options)
        np.testing.assert_array_equal(result.heat.by_class, own)
        assert result.heat.report.read == count


def random_boxes(seed: int, count: int = 500) -> np.ndarray:
    """Boxes of all sizes, some beyond the image, some without extent, with edges on cell borders."""
    rng = np.random.default_rng(seed)
    corners = rng.uniform(-0.2, 1.2, (count, 4))
    corners[::7] = np.round(corners[::7] * 64) / 64
    corners[::11, 2] = corners[::11, 0]
    corners[1::3, 2:] = corners[1::3, :2] + rng.uniform(0, 0.02, corners[1::3, :2].shape)
    return corners


def test_boxes() -> None:
    compare("addBoxes", hg.count_boxes, [random_boxes(1)], 500, RULES)


@pytest.mark.parametrize("box", ["xywh", "cxcywh"])
def test_boxes_in_pixels(box: str) -> None:
    boxes = np.abs(random_boxes(2)) * 300
    sizes = np.random.default_rng(3).integers(1, 640, (500, 2)).astype(float)
    compare("addBoxes", hg.count_boxes, [boxes], 500, RULES, box=box, size=sizes)
    compare("addBoxes", hg.count_boxes, [boxes], 500, RULES, box=box, size=[640, 480])


def test_large_boxes_become_points() -> None:
    boxes = random_boxes(4)
    (found,) = run(({"grid": 16, "largeBoxRatio": 0.1}, [["addBoxes", boxes]]))
    np.testing.assert_array_equal(found.heat.counts, hg.count_boxes(boxes, 16, large_box_ratio=0.1))


@pytest.mark.parametrize("outside", ["drop", "clamp"])
def test_points(outside: str) -> None:
    points = np.random.default_rng(6).uniform(-0.1, 1.1, (500, 2))

    def count(*arrays: Any, rule: str, **options: Any) -> Any:
        assert rule  # every rule counts points alike
        return hg.count_points(*arrays, **options)

    compare("addPoints", count, [points], 500, ("center", "touch", "point"), outside=outside)


def stars(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rings that cross themselves, of 3 to 12 vertices, with offsets."""
    rng = np.random.default_rng(seed)
    offsets = np.concatenate([[0], np.cumsum(rng.integers(3, 13, count))])
    center = np.repeat(rng.uniform(-0.1, 1.1, (count, 2)), np.diff(offsets), axis=0)
    radius = np.repeat(rng.uniform(0, 0.4, (count, 1)), np.diff(offsets), axis=0)
    return center + radius * rng.uniform(-1, 1, (offsets[-1], 2)), offsets


def test_polygons() -> None:
    compare("addPolygons", hg.count_polygons, list(stars(7, 300)), 300, RULES)


def test_polygons_of_parts_with_holes() -> None:
    coords, rings = stars(8, 600)
    parts, annotations = np.arange(0, 601, 2), np.arange(0, 301, 3)
    offsets = (rings, parts, annotations)
    compare("addPolygons", hg.count_polygons, [coords, offsets], 100, RULES, size=[3, 2])


def test_oriented_boxes() -> None:
    rng = np.random.default_rng(9)
    center, extent, angle = rng.random((200, 2)), rng.uniform(0, 0.3, (200, 2)), rng.uniform(0, 7, 200)
    across = np.stack([np.cos(angle), np.sin(angle)], 1) * extent[:, :1]
    along = np.stack([-np.sin(angle), np.cos(angle)], 1) * extent[:, 1:]
    corners = np.stack(
        [center + across + along, center - across + along, center - across - along, center + across - along],
        1,
    )
    labels = rng.integers(0, 3, 200)
    for rule in RULES:
        options = {"grid": 32, "rule": rule, "classes": NAMES}
        (found,) = run((options, [["addOrientedBoxes", corners.reshape(-1, 8), {"labels": labels}]]))
        own = hg.count_polygons(
            corners.reshape(-1, 2), np.arange(0, 801, 4), 32, labels=labels, classes=3, rule=rule
        )
        np.testing.assert_array_equal(found.heat.by_class, own)


def random_masks(seed: int, count: int) -> list[dict[str, Any]]:
    """Masks as run lengths; some are empty, some broken."""
    rng = np.random.default_rng(seed)
    masks = []
    for i in range(count):
        height, width = rng.integers(1, 60, 2).tolist()
        cuts = np.sort(rng.integers(0, height * width + 1, rng.integers(1, 12)))
        runs = np.diff(np.concatenate([[0], cuts, [height * width]])).tolist()
        if i % 13 == 0:
            runs[-1] += 1
        masks.append({"size": [height, width], "counts": runs})
    return masks


@pytest.mark.filterwarnings("ignore:.*masks skipped")
def test_masks() -> None:
    masks = random_masks(10, 300)
    compare("addMasks", hg.count_masks, [masks], 300, RULES)


@pytest.mark.filterwarnings("ignore:.*masks skipped")
def test_compressed_masks() -> None:
    codes = pytest.importorskip("pycocotools.mask")
    masks = [
        mask for mask in random_masks(11, 200) if sum(mask["counts"]) == mask["size"][0] * mask["size"][1]
    ]
    packed = [codes.frPyObjects(mask, *mask["size"]) for mask in masks]
    texts = [mask | {"counts": mask["counts"].decode()} for mask in packed]
    compare("addMasks", hg.count_masks, [texts], len(texts), RULES)
    compare(
        "addMasks", hg.count_masks, [[*texts, {"size": [3, 3], "counts": "zzz"}]], len(texts) + 1, ("center",)
    )


def test_outcomes_are_those_of_python() -> None:
    boxes = random_boxes(12)
    boxes[3] = np.nan
    (found,) = run(({"grid": 8}, [["addBoxes", boxes]]))
    heat = hg.Heatmap(8)
    heat.add_boxes(boxes)
    assert found.heat.report.to_dict() == heat.report.to_dict()
    assert len(found.outcomes[0]) == 500


def test_images_are_united() -> None:
    boxes, images = random_boxes(13), np.arange(500) // 4
    labels = ["xyz"[i % 3] for i in range(500)]
    (found,) = run(
        ({"grid": 16, "count": "images"}, [["addBoxes", boxes, {"images": images, "labels": labels}]])
    )
    heat = hg.Heatmap(16, count="images")
    heat.add_boxes(boxes, labels=labels, images=images)
    assert found.heat == heat
    assert found.heat.report.to_dict() == heat.report.to_dict()


def test_classes_grow() -> None:
    boxes = random_boxes(14)
    names = ["a"] * 250 + ["b"] * 250
    calls = [["addBoxes", boxes], ["addBoxes", boxes, {"labels": names}], ["addBoxes", boxes]]
    (found,) = run(({"grid": 16}, calls), moving=True)
    heat = hg.Heatmap(16)
    heat.add_boxes(boxes)
    heat.add_boxes(boxes, labels=names)
    heat.add_boxes(boxes)
    assert found.heat == heat
    assert found.heat.classes == heat.classes
    assert found.heat.report.to_dict() == heat.report.to_dict()


any_heatmap: Any = hg.Heatmap
any_boxes: Any = hg.count_boxes

ERRORS: list[tuple[dict[str, Any], list[Any], Any]] = [
    ({"grid": 4, "rule": "middle"}, [], lambda: any_heatmap(4, rule="middle")),
    ({"grid": 0}, [], lambda: any_heatmap(0)),
    ({"grid": "x"}, [], lambda: any_heatmap("x")),
    ({"grid": [1, 2, 3]}, [], lambda: any_heatmap((1, 2, 3))),
    ({"grid": 4, "count": "images", "rule": "area"}, [], lambda: any_heatmap(4, count="images", rule="area")),
    ({"grid": 4, "largeBoxRatio": -1}, [], lambda: any_heatmap(4, large_box_ratio=-1)),
    (
        {"grid": 4},
        ["addBoxes", [[0, 0, 1, 1]], {"box": "yxyx"}],
        lambda: any_boxes([[0, 0, 1, 1]], 4, box="yxyx"),
    ),
    (
        {"grid": 4, "classes": ["a", "b"]},
        ["addBoxes", [[0, 0, 1, 1]], {"labels": [2]}],
        lambda: any_boxes([[0, 0, 1, 1]], 4, labels=[2], classes=2),
    ),
    (
        {"grid": 4},
        ["addPolygons", [0, 0, 1, 0, 1, 1], [0, 4]],
        lambda: hg.count_polygons([[0, 0], [1, 0], [1, 1]], [0, 4], 4),
    ),
    (
        {"grid": 4},
        ["addPolygons", [0, 0, 1, 0, 1, 1], [2, 1]],
        lambda: hg.count_polygons([[0, 0], [1, 0], [1, 1]], [2, 1], 4),
    ),
    (
        {"grid": 4, "rule": "area"},
        ["addPoints", [0, 0]],
        lambda: any_heatmap(4, rule="area").add_points([[0, 0]]),
    ),
    (
        {"grid": 4, "count": "images"},
        ["addBoxes", [0, 0, 1, 1]],
        lambda: any_heatmap(4, count="images").add_boxes([[0, 0, 1, 1]]),
    ),
]


@pytest.mark.parametrize("case", range(len(ERRORS)))
def test_errors_have_the_words_of_python(case: int) -> None:
    options, call, own = ERRORS[case]
    with pytest.raises((TypeError, ValueError)) as caught:
        own()
    (found,) = run((options, [call] if call else []))
    own_text = re.sub(r" \(did you mean .*\)", "", str(caught.value))
    assert found.error == own_text
    assert found.type == ("TypeError" if caught.type is TypeError else "RangeError")
