"""JSON formats: reasons for skipped objects, and the features of each format."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from heatgrid.core.ragged import Flag, Kind
from heatgrid.core.report import Report
from heatgrid.errors import FormatError
from samples import DATA, options_of, outcomes, read_all, read_one, read_source

if TYPE_CHECKING:
    from pathlib import Path

LABELME = DATA / "labelme/valid/shapes.json"
SUPERVISELY = DATA / "supervisely/valid/shapes.png.json"
SIZE_MISSING = "image size missing (give size= or images=)"
BROKEN = {
    "sam/broken/annotations.json": {
        "annotation is not an object": 1,
        "bbox is not 4 numbers": 1,
        "no geometry": 1,
        "negative width or height": 1,
        "mask size is not two positive whole numbers": 1,
        "run-length code is neither text nor whole numbers": 1,
        "mask is not an object of size and counts": 1,
        "coordinate is not a number": 1,
        "coordinate or image size not finite": 1,
    },
    "createml/broken/annotations.json": {
        "annotation is not an object": 1,
        "coordinates are not an object": 1,
        "no width": 1,
        "negative width or height": 1,
        "coordinate is not a number": 1,
        "coordinate or image size not finite": 1,
        SIZE_MISSING: 2,
    },
    "vott/broken/regions.json": {
        "annotation is not an object": 1,
        "negative width or height": 1,
        "no top": 1,
        "boundingBox is not an object": 1,
        "no y": 1,
        "coordinates are not a list of points": 1,
        SIZE_MISSING: 1,
    },
    "mapillary/broken/objects.json": {
        "annotation is not an object": 1,
        "coordinates are not a list of points": 3,
        "ring with an odd number of coordinates": 2,
        "coordinate is not a number": 1,
        "fewer than three distinct points": 1,
    },
    "cityscapes/broken/objects.json": {
        "annotation is not an object": 1,
        "no geometry": 1,
        "coordinates are not a list of points": 1,
        "coordinate is not a number": 1,
        "fewer than three distinct points": 1,
        "bbox is not 4 numbers": 1,
        "negative width or height": 1,
    },
    "datumaro/broken/items.json": {
        "annotation is not an object": 1,
        "bbox is not 4 numbers": 1,
        "negative width or height": 1,
        "ring with an odd number of coordinates": 1,
        "coordinates are not a list of points": 1,
        "unsupported type: cuboid_3d": 1,
        "unsupported type: none": 1,
        "mask size is not two positive whole numbers": 1,
        "ellipse without two points": 1,
        "fewer than three distinct points": 1,
        "coordinate or image size not finite": 1,
        "score is not a number": 1,
        SIZE_MISSING: 1,
    },
    "scalabel/broken/labels.json": {
        "annotation is not an object": 1,
        "no geometry": 2,
        "3D box without a 2D shape": 1,
        "no y1": 1,
        "box2d is not an object": 1,
        "poly2d is not an object": 1,
        "coordinates are not a list of points": 4,
        "curve without two control points and an end": 1,
        "vertex types do not match the vertices": 1,
        "run-length code is neither text nor whole numbers": 1,
        "graph is not an object": 1,
        "graph node is not an object": 1,
        "coordinate or image size not finite": 1,
        "score is not a number": 1,
        SIZE_MISSING: 1,
    },
    "labelme/broken/shapes.json": {
        "annotation is not an object": 1,
        "coordinates are not a list of points": 2,
        "circle without two points": 1,
        "rectangle without two or four points": 1,
        "unsupported shape_type: cuboid": 1,
        "mask without points": 1,
        "mask is not a PNG image": 1,
        "mask without its image's size": 1,
        "coordinate or image size not finite": 1,
        SIZE_MISSING: 3,
    },
    "supervisely/broken/objects/ann/x.json": {
        "annotation is not an object": 1,
        "coordinate is not a number": 1,
        "unsupported geometryType: cuboid_3d": 1,
        "points are not an object": 1,
        "mask is not a PNG image": 1,
        "coordinates are not a list of points": 2,
        "nodes are not an object": 1,
        "fewer than three distinct points": 1,
    },
}
OTHER_STRUCTURE = {
    "datumaro/broken/no_items.json": "expected an object with categories and items",
    "scalabel/broken/no_frames.json": "expected a list of frames",
    "sam/broken/no_annotations.json": "expected an object with image and annotations",
    "createml/broken/object.json": "expected a list of images",
    "vott/broken/no_assets.json": "expected an object with assets",
    "mapillary/broken/no_objects.json": "expected an object with width, height and objects",
    "cityscapes/broken/no_objects.json": "expected an object with imgWidth, imgHeight and objects",
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_broken_object_has_a_reason(name: str) -> None:
    batches, report = read_all(DATA / name, format=name.split("/", maxsplit=1)[0])
    assert outcomes(batches).skipped == BROKEN[name]
    assert sum(map(len, batches)) > 0
    assert report.files == 1
    assert all(str(DATA / name) in place for places in report.examples.values() for place in places)


@pytest.mark.parametrize("name", OTHER_STRUCTURE)
def test_document_of_another_structure_is_refused(name: str) -> None:
    with pytest.raises(FormatError, match=OTHER_STRUCTURE[name]) as caught:
        list(read_source(DATA / name, format=name.split("/", maxsplit=1)[0]))
    assert caught.value.path == str(DATA / name)


@pytest.mark.parametrize("name", ["createml", "mapillary", "cityscapes", "datumaro", "scalabel"])
def test_folders_are_splits(name: str) -> None:
    path = DATA / name / "valid/scene"
    batches, _ = read_all(path, **options_of(name))
    assert [batch.split for batch in batches] == ["train", "val"]
    batches, report = read_all(path, splits=["val", "test"], **options_of(name))
    assert [batch.split for batch in batches if batch.image_names] == ["val"]
    assert report.notes["no split named test"] == 1


def test_places_name_the_image_in_its_document() -> None:
    path = DATA / "createml/valid/scene/valid/_annotations.createml.json"
    assert read_one(path).where(1) == f"{path}: [0].annotations[1]"
    path = DATA / "vott/valid/scene/scene-export.json"
    batch = read_one(path)
    assert batch.where(1) == f"{path}: assets.b2.regions[0] (id r2)"
    with pytest.raises(FormatError, match=r"assets\.b\.regions\[0\]: annotation is not an object"):
        list(read_source(DATA / "vott/broken/regions.json", on_error="raise"))


def test_sam_has_masks_boxes_and_scores_of_one_class() -> None:
    batch = read_one(DATA / "sam/valid/sa_1.json")
    assert batch.classes == ("(none)",)
    assert batch.kinds.tolist() == [5]
    assert batch.scores is not None
    assert batch.scores.tolist() == [0.25]
    assert batch.masks is not None
    assert batch.masks.column_major
    assert (batch.masks.sizes.tolist(), batch.masks.counts(0)) == ([[5, 10]], b"`04n0")


def test_vott_polygons() -> None:
    batch = read_one(DATA / "vott/valid/asset.json")
    assert batch.kinds.tolist() == [3, 1]
    assert batch.polygons is not None
    assert batch.polygons.coords.tolist() == [[0, 0], [4, 0], [4, 4]]
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [[0, 0, 4, 4], [1, 1, 3, 2]]


def test_cityscapes_groups_are_crowds() -> None:
    batches, _ = read_all(DATA / "cityscapes/valid/scene")
    assert batches[1].flags is not None
    assert batches[1].flags.tolist() == [0, Flag.CROWD]
    persons = read_one(DATA / "cityscapes/valid/ulm_000001_000002_gtBboxCityPersons.json")
    assert persons.image_names == ["ulm_000001_000002"]
    assert persons.kinds.tolist() == [1, 2]
    assert persons.classes == ("pedestrian", "polegroup")


def test_datumaro_types() -> None:
    batch = read_one(DATA / "datumaro/valid/types.json")
    assert batch.ids == [6, 7, 8, 9, 10, 11, 12, 3, 5, 1]
    line, mask, point = Kind.LINE, Kind.MASK, Kind.POINT
    assert batch.kinds.tolist() == [line, point, mask, 2, 2, point, 1, 2, 2, 1]
    assert batch.report.notes == {
        "image-level label ignored": 2,
        "shapes of one group joined": 1,
    }
    assert (batch.split, batch.classes) == ("types", ("car", "person", "(none)"))
    assert batch.polygons is not None
    assert np.diff(batch.polygons.annotations).tolist() == [0, 0, 0, 1, 1, 0, 0, 2, 1, 0]
    turned = batch.polygons.coords[batch.polygons.rings[1] : batch.polygons.rings[2]]
    assert np.allclose(turned, [[6, 2], [6, 6], [4, 6], [4, 2]])
    assert batch.points is not None
    assert batch.points.visible.tolist() == [False, True, True, True, False]
    assert batch.sizes is not None
    assert batch.sizes.tolist() == [[10, 8], [20, 10]]
    crowd = read_one(DATA / "datumaro/valid/scene/annotations/validation.json")
    assert (crowd.flags is not None, crowd.scores is not None) == (True, True)
    assert crowd.flags is not None
    assert crowd.flags.tolist() == [Flag.CROWD, 0]


def test_scalabel_outlines() -> None:
    batch = read_one(DATA / "scalabel/valid/shapes.json")
    assert batch.image_names == ["v1/0001.jpg"]
    line, mask = Kind.LINE, Kind.MASK
    assert batch.kinds.tolist() == [2, line, line, 2, mask, 9, 2]
    assert batch.polygons is not None
    assert np.diff(batch.polygons.annotations).tolist() == [2, 0, 0, 1, 0, 0, 1]
    curve = batch.polygons.coords[3 : batch.polygons.rings[2]]
    assert curve[[0, -1]].tolist() == [[10, 0], [20, 0]]
    assert len(curve) > 4
    assert curve[:, 1].max() == pytest.approx(6, abs=0.25)
    moon = batch.polygons.coords[batch.polygons.rings[-2] :]
    assert moon[0].tolist() == [0, 0]
    assert (moon[-1] != moon[0]).any()


def test_scalabel_names_sizes_and_flags() -> None:
    bdd = read_one(DATA / "scalabel/valid/bdd.json")
    assert (bdd.image_names, bdd.classes) == (["b1c66a42"], ("traffic light",))
    batch = read_one(DATA / "scalabel/valid/scene/val.json")
    assert batch.sizes is not None
    assert batch.sizes.tolist() == [[64, 64]]
    assert batch.flags is not None
    assert batch.flags.tolist() == [0, Flag.CROWD]


@pytest.mark.parametrize("name", ["labelme", "supervisely"])
def test_images_are_named_after_the_image_file(name: str) -> None:
    batches, report = read_all(DATA / name / "valid/scene")
    assert [(batch.split, batch.image_names) for batch in batches] == [
        ("train", ["a.jpg", "background.jpg"]),
        ("val", ["b.jpg"]),
    ]
    assert report.files == 3
    assert report.complete


def test_labelme_shapes() -> None:
    batch = read_one(LABELME)
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


def test_labelme_groups_are_parts_of_one_object() -> None:
    batch = read_one(LABELME)
    assert batch.polygons is not None
    assert np.diff(batch.polygons.annotations).tolist() == [1, 0, 0, 0, 0, 1, 1, 0, 3]
    assert batch.polygons.coords[-10:].tolist() == [
        *([0, 0], [4, 0], [4, 4]),
        *([5, 5], [9, 5], [9, 7]),
        *([0, 5], [2, 5], [2, 7], [0, 7]),
    ]
    assert batch.report.notes == {"shapes of one group joined": 1}
    assert batch.where(8) == f"{LABELME}: shapes[0]"


def test_labelme_masks_take_the_image_size_from_the_options() -> None:
    batches, report = read_all(DATA / "labelme/broken/shapes.json", size=(10, 10))
    assert "mask without its image's size" not in report.skipped
    assert outcomes(batches).skipped["fewer than three distinct points"] == 1


def test_supervisely_shapes() -> None:
    batch = read_one(SUPERVISELY)
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


def test_supervisely_bitmaps_are_masks_of_the_whole_image() -> None:
    batch = read_one(SUPERVISELY)
    assert batch.masks is not None
    assert not batch.masks.column_major
    assert batch.masks.sizes.tolist() == [[0, 0], [8, 10], [0, 0], [0, 0], [0, 0], [8, 10]]
    runs = batch.masks.counts(1), batch.masks.counts(5)
    assert [list(r) for r in runs if r is not None] == [[34, 2, 9, 2, 33], [0, 2, 78]]
    assert batch.boxes is not None
    assert batch.boxes[[1, 5]].tolist() == [[4, 3, 7, 5], [-1, -1, 2, 1]]


def test_supervisely_folders_report_files_and_places() -> None:
    path = DATA / "supervisely/broken/objects"
    batches, report = read_all(path)
    assert report.skipped["mask without its image's size"] == 1
    assert outcomes(batches).skipped[SIZE_MISSING] == 1
    assert report.refused == {"expected an object with size and objects": 1}
    assert report.examples["mask is not a PNG image"] == [f"{path}/ann/x.json: objects[5] (id 5)"]


def test_broken_document_is_refused_and_others_are_read(tmp_path: Path) -> None:
    good = (DATA / "mapillary/valid/scene/training/v2.0/polygons/a.json").read_text()
    for name, content in (("1", good), ("2", "{"), ("3", json.dumps([good])), ("4", good)):
        (tmp_path / f"{name}.json").write_text(content)
    batches, report = read_all(tmp_path)
    assert [batch.image_names for batch in batches] == [["1", "4"]]
    assert sum(report.refused.values()) == report.files == 2
    with pytest.raises(FormatError, match="broken JSON"):
        list(read_source(tmp_path, on_error="raise"))
    (tmp_path / "1.json").unlink()
    (tmp_path / "4.json").unlink()
    with pytest.raises(FormatError, match="broken JSON"):
        list(read_source(tmp_path, format="mapillary"))
    with pytest.raises(FormatError, match=r"no \.json files"):
        list(read_source(DATA / "voc", format="mapillary"))


NO_CLASS = {"annotation is not an object"}
OTHER_BROKEN = (
    "label_studio/broken/results.json",
    "via/broken/regions.json",
    "via/broken/version3.json",
)


@pytest.mark.parametrize("name", [*BROKEN, *OTHER_BROKEN])
def test_skipped_objects_are_reported_with_their_class(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    labels: dict[str, set[str | None]] = {}

    def skip(report: Report, reason: str, _where: str, *, label: str | None = None) -> None:
        report.skipped[reason] = report.skipped.get(reason, 0) + 1
        labels.setdefault(reason, set()).add(label)

    monkeypatch.setattr(Report, "skip", skip)
    list(read_source(DATA / name, format=name.split("/", maxsplit=1)[0]))
    assert len(labels) > 3
    for reason, found in labels.items():
        assert (found == {None}) == (reason in NO_CLASS), reason
