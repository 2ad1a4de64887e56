"""Batches of no annotations, in every form: they change nothing and never fail."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import heatgrid as hg

EMPTY: tuple[Any, ...] = (
    [],
    (),
    np.zeros(0),
    np.zeros(0, int),
    np.array([], dtype=str),
    np.array([], dtype=object),
)
OBJECTS: tuple[Any, ...] = (
    [],
    np.zeros((0, 4)),
    np.zeros((0, 4), np.int32),
    np.zeros((0, 5, 5), bool),
    {"boxes": np.zeros((0, 4)), "labels": np.zeros(0, int)},
)
SIZES: tuple[Any, ...] = (None, (10, 10), {}, {"a.jpg": (3, 3)})


@pytest.mark.parametrize("value", OBJECTS, ids=repr)
@pytest.mark.parametrize("size", SIZES, ids=repr)
def test_objects(value: Any, size: Any) -> None:
    for labels, images in product((None, *EMPTY), repeat=2):
        for heat in (hg.Heatmap(2), hg.Heatmap(2, ("car",), count="images"), hg.Heatmap(2, of="size")):
            before = heat.copy()
            heat.add(value, size=size, labels=labels, images=images)
            assert heat == before
            assert heat.report.read == 0
    heat = hg.Heatmap(2, weighted=True)
    for weights in EMPTY[:4]:
        heat.add(value, size=size, weights=weights)
    assert heat == hg.Heatmap(2, weighted=True)


CALLS: dict[str, tuple[Any, ...]] = {
    "add_boxes": ([],),
    "add_points": (np.zeros((0, 2)),),
    "add_polygons": ([], [0]),
    "add_lines": (np.zeros((0, 2)), [0]),
    "add_masks": ([],),
}


@pytest.mark.parametrize("name", CALLS)
def test_arrays(name: str) -> None:
    sizes: tuple[Any, ...] = (None,) if name == "add_masks" else (None, (10, 10), [], np.zeros((0, 2)))
    for size, labels, images in product(sizes, (None, *EMPTY), (None, *EMPTY)):
        options: dict[str, Any] = {} if size is None else {"size": size}
        for classes in (None, ("car", "dog")):
            if classes is not None and labels is None:
                continue  # labels are required
            heat = hg.Heatmap(2, classes, count="instances" if images is None else "images")
            before = heat.copy()
            getattr(heat, name)(*CALLS[name], labels=labels, images=images, **options)
            assert heat == before


@pytest.mark.parametrize("name", [name.replace("add", "count") for name in CALLS])
def test_functions(name: str) -> None:
    arguments = CALLS[name.replace("count", "add")]
    count = getattr(hg, name)
    for labels in EMPTY:
        assert not count(*arguments, 2, labels=labels, classes=3).any()
        assert not count(*arguments, 2, images=labels, count="images").any()
    assert not count(*arguments, 2, weights=[]).any()


def test_data_sets_of_no_annotations() -> None:
    batch = hg.annotations_from(np.zeros((0, 4)), size=(10, 10), images=[])
    for options in ({}, {"fit": "letterbox"}, {"of": "size"}, {"count": "images"}, {"rule": "area"}):
        assert not hg.heatmap([batch], 2, **options).counts.any()  # type: ignore[arg-type]
    geometry: Any
    for geometry in ("auto", "box", "polygon", "mask", "point", "line"):
        assert not hg.Heatmap(2).add(batch, geometry=geometry, on_error="raise").counts.any()
    assert not hg.heatmap([batch], 2, weights="score").counts.any()
    assert np.isnan(hg.mean_map([batch], 2).counts).all()


@pytest.mark.peers
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_tables_without_rows(library: str) -> None:
    pytest.importorskip("pyarrow")
    frame = pytest.importorskip(library).DataFrame
    for columns in ("x1 y1 x2 y2", "x y", "image class x y"):
        assert not hg.heatmap(frame({name: [] for name in columns.split()}), 2).counts.any()
