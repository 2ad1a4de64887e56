"""Numbers of an overview, computed once more with pandas, and pair by pair."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest

import heatgrid as hg
from samples import CLASSES, write_coco

pd = pytest.importorskip("pandas")
pytestmark = pytest.mark.peers

IMAGES = 60


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> tuple[hg.Overview, Any]:
    """An overview of random boxes, some beyond the image, some nearly equal, and the same as a table."""
    random = np.random.default_rng(11)
    sizes = [((640, 480), (480, 640), (1000, 1000), (33, 7))[i] for i in random.integers(0, 4, IMAGES)]
    boxes = []
    for image, label in zip(random.integers(0, IMAGES - 3, 900), random.choice(3, 900), strict=True):
        w, h = sizes[image]
        side = np.exp(random.uniform(-5, -0.2, 2)) * (w, h)
        corner = random.uniform(-0.1, 0.9, 2) * (w, h)
        boxes.append((int(image), CLASSES[label], (*corner.tolist(), *side.tolist())))
    for i in range(0, 300, 7):
        image, name, box = boxes[i]
        boxes.append((image, name, tuple((np.array(box) * random.uniform(0.99, 1.01, 4)).tolist())))
    path = tmp_path_factory.mktemp("street") / "boxes.json"
    overview = hg.overview(write_coco(path, sizes, boxes))
    table = pd.DataFrame(
        [
            (i + 1, image, name, x, y, x + w, y + h, *sizes[image])
            for i, (image, name, (x, y, w, h)) in enumerate(boxes)
        ],
        columns=["id", "image", "name", "x1", "y1", "x2", "y2", "W", "H"],
    )
    for axis, side in (("x", "W"), ("y", "H")):
        for end in "12":
            table[axis + end] = table[axis + end].clip(0, table[side])
    table["w"], table["h"] = table.x2 - table.x1, table.y2 - table.y1
    table = table[(table.w > 0) & (table.h > 0)].copy()
    table["area"], table["share"] = table.w * table.h, table.w * table.h / (table.W * table.H)
    return overview, table


def test_objects_and_images(street: Any) -> None:
    overview, table = street
    plain = overview.to_dict()
    assert overview.report.counted == len(table)
    grouped = table.groupby("name")
    for own in plain["classes"]:
        assert own["objects"] == len(grouped.get_group(own["name"]))
        assert own["images"] == grouped.get_group(own["name"]).image.nunique()
    assert [own["objects"] for own in plain["classes"]] == sorted(grouped.size(), reverse=True)
    assert plain["images_without_objects"] == IMAGES - table.image.nunique()
    assert plain["objects_per_image"] == len(table) / IMAGES


@pytest.mark.parametrize(("name", "column"), [("relative_area", "share"), ("aspect_ratio", None)])
def test_histograms(name: str, column: str | None, street: Any) -> None:
    overview, table = street
    values = table[column] if column else table.w / table.h
    found = overview.to_dict()[name]
    edges = np.array(found["edges"])
    closed = [*edges[:-1], np.nextafter(edges[-1], np.inf)]
    expected = pd.cut(values, closed, right=False, labels=False).value_counts()
    assert found["counts"] == [int(expected.get(i, 0)) for i in range(len(edges) - 1)]
    assert edges[0] <= values.min() < edges[1], "no bucket is wider than the data"
    assert edges[-2] <= values.max() <= edges[-1]


def test_objects_per_image(street: Any) -> None:
    overview, table = street
    counts = table.groupby("image").size().reindex(range(IMAGES), fill_value=0)
    found = overview.to_dict()["per_image"]
    edges = found["edges"]
    assert found["counts"] == [int(((counts >= a) & (counts < b)).sum()) for a, b in pairwise(edges)]
    assert sum(found["counts"]) == IMAGES
    assert edges[-1] == counts.max() + 1


def test_small_boxes_and_coco_sizes(street: Any) -> None:
    overview, table = street
    plain = overview.to_dict()
    for own in plain["small_boxes"]:
        scale = own["training_size"] / table[["W", "H"]].max(axis=1)
        shorter = table[["w", "h"]].min(axis=1) * scale
        assert own["boxes"] == (shorter < own["side"]).sum()
    sizes = pd.cut(table.area, [0, 32**2, 96**2, np.inf], right=False, labels=["small", "medium", "large"])
    assert plain["coco_sizes"] == sizes.value_counts().to_dict()


def test_median_is_a_box_of_median_area(street: Any) -> None:
    overview, table = street
    for own in overview.to_dict()["classes"]:
        group = table[table.name == own["name"]].sort_values("area")
        row = group.iloc[(len(group) - 1) // 2]
        assert own["median"]["place"]["id"] == row.id
        assert (own["median"]["width"], own["median"]["height"]) == pytest.approx((row.w, row.h))


def test_classes_together(street: Any) -> None:
    overview, table = street
    has = pd.crosstab(table.image, table.name) > 0
    found = {frozenset(own["classes"]): own for own in overview.to_dict()["classes_together"]}
    assert len(found) == 3
    for a, b in combinations(CLASSES, 2):
        both, either = (has[a] & has[b]).sum(), (has[a] | has[b]).sum()
        own = found[frozenset((a, b))]
        assert (own["images"], own["jaccard"]) == (both, pytest.approx(both / either))


def test_likely_duplicates_of_all_pairs(street: Any) -> None:
    overview, table = street
    found = set()
    for _, group in table.groupby(["image", "name"]):
        for (_, a), (_, b) in combinations(group.iterrows(), 2):
            width = max(0.0, min(a.x2, b.x2) - max(a.x1, b.x1))
            shared = width * max(0.0, min(a.y2, b.y2) - max(a.y1, b.y1))
            if shared / (a.area + b.area - shared) > 0.9:
                found.add((a.id, b.id))
    pairs = overview.numbers.duplicate_pairs
    assert {(first.id, second.id) for _, first, second, _ in pairs} == found
    assert overview.numbers.duplicates == len({second for _, second in found}) > 20
