"""`annotations_by_cell`, compared with `find`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from samples import DATA

if TYPE_CHECKING:
    from pathlib import Path

SCENE = DATA / "coco/valid/scene/annotations.json"
SHAPE = (6, 8)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from heatgrid.commands.demo import write_demo

    path = tmp_path_factory.mktemp("street") / "annotations.json"
    write_demo(path, images=30, seed=3)
    return path


@pytest.mark.parametrize("rule", ["center", "touch", "area"])
def test_images_of_each_cell_equal_those_of_find(street: Path, rule: Any) -> None:
    lists = hg.annotations_by_cell(street, SHAPE, limit=5, rule=rule)
    touched: Any = "touch" if rule == "area" else rule
    counts = hg.heatmap(street, SHAPE, rule=touched, count="images", by_class=False)
    assert np.array_equal(lists.totals.reshape(SHAPE), counts.counts)
    for row, column in np.ndindex(SHAPE):
        found = Counter(one.image for one in hg.find(street, (row, column), SHAPE, rule=rule))
        listed = lists.at(row, column)
        assert len(listed) == min(5, len(found))
        if rule != "area":
            # Those with most annotations first, of equal ones the first in the source.
            assert [hits for _, hits in listed] == sorted(found.values(), reverse=True)[:5]
            assert all(found[name] == hits for name, hits in listed)
        else:
            assert {name for name, _ in listed} <= found.keys()


def test_annotations_are_listed_in_order(street: Path) -> None:
    lists = hg.annotations_by_cell(street, SHAPE, kind="annotations", limit=3, classes=["car"])
    counts = hg.heatmap(street, SHAPE, classes=["car"])
    assert np.array_equal(lists.totals.reshape(SHAPE), counts.counts)
    for row, column in np.ndindex(SHAPE):
        found = list(hg.find(street, (row, column), SHAPE, classes=["car"]))[:3]
        assert lists.at(row, column) == [(f"car, {one.image}, id {one.id}", 1) for one in found]


def test_names_contain_listed_items_only(street: Path) -> None:
    lists = hg.annotations_by_cell(street, SHAPE, limit=1)
    assert set(lists.items.tolist()) == set(range(len(lists.names)))
    assert len(lists.items) == np.count_nonzero(lists.totals)


def test_wrong_arguments_are_named(street: Path) -> None:
    with pytest.raises(ValueError, match="kind must be one of 'images', 'annotations'"):
        hg.annotations_by_cell(street, kind="cats")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="limit must be in 1 … 1000"):
        hg.annotations_by_cell(street, limit=0)
    with pytest.raises(ValueError, match="no class 'horse'"):
        hg.annotations_by_cell(street, classes=["horse"])
    with pytest.raises(IndexError, match=r"no cell \(6, 0\)"):
        hg.annotations_by_cell(street, SHAPE).at(6, 0)
    with pytest.raises(ValueError, match=r"must have the map's grid \(4, 4\), got \(6, 8\)"):
        hg.heatmap(street, 4).save("never.html", annotations_by_cell=hg.annotations_by_cell(street, SHAPE))


def test_source_without_annotations_has_empty_lists(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"images": [], "annotations": [], "categories": []}')
    lists = hg.annotations_by_cell(tmp_path / "a.json", 2)
    assert (lists.names, lists.totals.tolist(), lists.starts.tolist()) == ((), [0] * 4, [0] * 5)
