"""LabelMe: shapes, groups that are one object, and sizes that are null."""

from __future__ import annotations

import numpy as np

from heatgrid.core.ragged import Kind
from samples import DATA, outcomes, read_all, read_one

SHAPES = DATA / "labelme/valid/shapes.json"
BROKEN = DATA / "labelme/broken/shapes.json"


def test_folders_are_splits_and_names_are_those_of_the_images() -> None:
    batches, report = read_all(DATA / "labelme/valid/scene")
    assert [(batch.split, batch.image_names) for batch in batches] == [
        ("train", ["a.jpg", "background.jpg"]),
        ("val", ["b.jpg"]),
    ]
    assert report.files == 3


def test_shapes() -> None:
    batch = read_one(SHAPES)
    assert [batch.classes[i] for i in batch.label] == [
        *("disc", "edge", "edge", "dot", "blob", "ship", "old", "nose", "leaf")
    ]
    line, point = Kind.LINE, Kind.POINT
    assert batch.kinds.tolist() == [2, line, line, point, 5, 2, 2, point, 2]
    assert batch.polygons is not None
    disc = batch.polygons.coords[: batch.polygons.rings[1]]
    assert np.allclose(np.hypot(*(disc - [5, 4]).T), 3)
    assert batch.masks is not None
    counts = batch.masks.counts(4)
    assert counts is not None
    assert list(counts) == [34, 2, 9, 2, 33]
    assert batch.boxes is not None
    assert batch.boxes[4].tolist() == [4, 3, 7, 5]


def test_shapes_of_one_group_are_parts_of_one_object() -> None:
    batch = read_one(SHAPES)
    assert batch.polygons is not None
    assert np.diff(batch.polygons.annotations).tolist() == [1, 0, 0, 0, 0, 1, 1, 0, 3]
    assert batch.polygons.coords[-10:].tolist() == [
        *([0, 0], [4, 0], [4, 4]),
        *([5, 5], [9, 5], [9, 7]),
        *([0, 5], [2, 5], [2, 7], [0, 7]),
    ]
    assert batch.report.notes == {"shapes of one group joined": 1}
    assert batch.where(8) == f"{SHAPES}: shapes[0]"


def test_every_bad_shape_has_its_reason() -> None:
    batches, report = read_all(BROKEN)
    assert report.skipped == {
        "annotation is not an object": 1,
        "object without a class": 1,
        "coordinates are not a list of points": 2,
        "circle without two points": 1,
        "rectangle without two or four points": 1,
        "unsupported shape_type: cuboid": 1,
        "mask without points": 1,
        "mask is not a PNG image": 1,
        "mask without its image's size": 1,
    }
    assert report.examples["mask without points"] == [f"{BROKEN}: shapes[7]"]
    assert outcomes(batches).skipped["non-finite coordinates"] == 1
    sized, report = read_all(BROKEN, size=(10, 10))
    assert "mask without its image's size" not in report.skipped
    assert outcomes(sized).skipped["fewer than three distinct points"] == 1
