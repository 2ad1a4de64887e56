"""Maps as containers of classes, balanced maps, and maps as frames."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

import heatgrid as hg
from batches import Thing, batch_of

WHOLE, LEFT = (0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 0.5, 1.0)
THINGS = [Thing("car", 0, WHOLE), Thing("dog", 0, LEFT), Thing("dog", 1, LEFT), Thing("dog", 1, LEFT)]


def street(**options: Any) -> hg.Heatmap:
    return hg.Heatmap(2, **options).add(batch_of(THINGS))


def test_a_map_contains_its_classes() -> None:
    heat = street()
    assert list(heat) == ["car", "dog", "tree"]
    assert len(heat) == 3
    assert "dog" in heat
    assert "cat" not in heat
    assert hg.Heatmap(2), "a map without classes is true"


def test_a_map_of_some_classes_keeps_their_totals() -> None:
    heat = street()[["dog", "tree"]]
    assert heat.classes == ("dog", "tree")
    assert heat.counts.tolist() == [[3, 0], [3, 0]]
    assert [(row.name, row.objects, row.images) for row in heat.table()] == [("dog", 3, 2), ("tree", 0, 0)]
    assert heat.table().total.images is None, "images with any of several classes are not known"
    assert repr(heat).endswith("3 counted>")
    assert street()[["car", "dog", "tree"]].table().total.images == 2


def test_images_of_several_classes_are_not_guessed() -> None:
    heat = street(count="images")
    assert heat[["car", "dog", "tree"]] == heat
    assert heat["dog"].counts.tolist() == [[2, 0], [2, 0]]
    with pytest.raises(ValueError, match="classes must be one or all"):
        heat[["car", "dog"]]


def test_an_unknown_class_suggests_the_nearest() -> None:
    with pytest.raises(KeyError, match=r"no class 'carr' \(did you mean 'car'\?\); classes are 'car', 'dog'"):
        street()["carr"]
    many = hg.Heatmap(2, [f"class {i}" for i in range(20)])
    with pytest.raises(KeyError, match="'class 9', …"):
        many[["class 1", "zebra"]]


def test_balanced_maps_weigh_each_class_the_same() -> None:
    heat = street().balanced()
    assert heat.by_class.tolist() == [[[1, 1], [1, 1]], [[1, 0], [1, 0]], [[0, 0], [0, 0]]]
    assert heat.spec.weighted
    assert [row.objects for row in heat.table()] == [3, 1, 0]
    with pytest.raises(ValueError, match="balanced needs a map with classes and count='instances'"):
        street(count="images").balanced()
    unknown = hg.Heatmap(1, ("a",))
    unknown.fill(np.ones((1, 1, 1), np.int64))
    with pytest.raises(ValueError, match="number of annotations counted, unknown of 'a'"):
        unknown.balanced()


@pytest.mark.peers
def test_maps_as_frames() -> None:
    pytest.importorskip("pandas")
    frame = street().to_pandas()
    assert list(frame.columns) == ["count", "car", "dog", "tree"]
    assert frame.loc[(1, 0)].tolist() == [4, 1, 3, 0]


@pytest.mark.peers
def test_maps_as_labeled_arrays() -> None:
    pytest.importorskip("xarray")
    array = street().to_xarray()
    assert array.dims == ("class", "y", "x")
    assert array.sel({"class": "dog"}).sel(x=0.1, method="nearest").values.tolist() == [3, 3]
    assert array.x.values.tolist() == [0.25, 0.75]
    assert hg.Heatmap((1, 2), of="size").to_xarray().dims == ("height", "width")


@pytest.mark.parametrize(("module", "method"), [("pandas", "to_pandas"), ("xarray", "to_xarray")])
def test_missing_libraries_are_named(module: str, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=f"heatgrid\\[{module}\\]"):
        getattr(street(), method)()
