"""Supervisely: corners that are pixels, holes, bitmaps with an origin, and what is wrong with objects."""

from __future__ import annotations

from heatgrid.core.ragged import Kind
from samples import DATA, outcomes, read_all, read_one

SHAPES = DATA / "supervisely/valid/shapes.png.json"
OBJECTS = DATA / "supervisely/broken/objects"


def test_folders_are_splits_and_other_files_beside_ann_are_left() -> None:
    batches, report = read_all(DATA / "supervisely/valid/scene")
    assert [(batch.split, batch.image_names) for batch in batches] == [
        ("train", ["a.jpg", "background.jpg"]),
        ("val", ["b.jpg"]),
    ]
    assert report.files == 3
    assert report.complete


def test_shapes() -> None:
    batch = read_one(SHAPES)
    assert batch.kinds.tolist() == [Kind.POLYGON, 5, Kind.LINE, Kind.POINT, Kind.POINT, 5]
    assert batch.ids == [11, 12, 13, 14, 15, 16]
    assert batch.classes == ("house", "tree", "road", "lamp", "person")
    assert batch.polygons is not None
    assert batch.polygons.rings.tolist() == [0, 4, 7]
    assert batch.polygons.parts.tolist() == [0, 2]
    assert batch.lines is not None
    assert batch.lines.coords.tolist() == [[0, 7], [5, 5], [9, 7]]
    assert batch.points is not None
    assert batch.points.offsets.tolist() == [0, 0, 0, 0, 1, 3, 3]
    assert batch.points.visible.tolist() == [True, True, False]


def test_bitmaps_are_masks_of_the_whole_image_along_its_rows() -> None:
    batch = read_one(SHAPES)
    assert batch.masks is not None
    assert not batch.masks.column_major
    assert batch.masks.sizes.tolist() == [[0, 0], [8, 10], [0, 0], [0, 0], [0, 0], [8, 10]]
    runs = batch.masks.counts(1), batch.masks.counts(5)
    assert [list(r) for r in runs if r is not None] == [[34, 2, 9, 2, 33], [0, 2, 78]]
    assert batch.boxes is not None
    assert batch.boxes[[1, 5]].tolist() == [[4, 3, 7, 5], [-1, -1, 2, 1]]


def test_every_bad_object_has_its_reason() -> None:
    batches, report = read_all(OBJECTS)
    assert report.skipped == {
        "annotation is not an object": 1,
        "object without a class": 1,
        "coordinate is not a number": 1,
        "unsupported geometryType: cuboid_3d": 1,
        "points are not an object": 1,
        "mask is not a PNG image": 1,
        "coordinates are not a list of points": 2,
        "nodes are not an object": 1,
        "mask without its image's size": 1,
    }
    assert report.refused == {"expected an object with size and objects": 1}
    assert report.examples["mask is not a PNG image"] == [f"{OBJECTS}/ann/x.json: objects[5] (id 5)"]
    skipped = outcomes(batches).skipped
    assert skipped["fewer than three distinct points"] == 1
    assert skipped["image size missing (give size= or images=)"] == 1
