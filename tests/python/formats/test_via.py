"""VIA: files of three versions, CSV tables, and classes in attributes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heatgrid.core.ragged import Kind
from heatgrid.errors import FormatError
from heatgrid.io.formats.via import find_classes
from samples import DATA, outcomes, read_all, read_one, read_source

VIA = DATA / "via"


def test_shapes() -> None:
    batch = read_one(VIA / "valid/shapes.json", size=(20, 10))
    assert [batch.classes[i] for i in batch.label] == ["disc", "round", "(none)", "leaf", "7"]
    assert batch.kinds.tolist() == [2, 2, Kind.POINT, 2, Kind.LINE]
    assert batch.polygons is not None
    disc, oval = (batch.polygons.coords[a:b] - [5, 4] for a, b in ((0, 8), (8, 16)))
    assert np.allclose(np.hypot(*disc.T), 3)
    assert np.abs(oval).max(axis=0) == pytest.approx([2, 3])  # rotated by 90 degrees
    assert batch.where(3) == f"{VIA}/valid/shapes.json: x.png9.regions[3]"


@pytest.mark.parametrize(
    ("attributes", "label"),
    [
        ({}, "(none)"),
        ({"a": "", "b": None, "c": {}, "d": {"x": False}}, "(none)"),
        ({"color": "red", "Class": "leaf"}, "leaf"),
        ({"color": "red", "class": ""}, "red"),
        ({"kinds": {"x": False, "y": True}}, "y"),
        ({"number": 3, "flag": True}, "3"),
    ],
)
def test_class_is_first_attribute_with_a_value(attributes: dict[str, Any], label: str) -> None:
    assert find_classes(attributes) == [label]


def test_csv_tables() -> None:
    batch = read_one(VIA / "valid/table")
    assert batch.image_names == ["a.jpg", "background.jpg", "b.jpg"]
    assert batch.classes == ("car", "(none)", "person, sitting")
    assert batch.image.tolist() == [0, 0, 2]
    assert batch.boxes is not None
    assert batch.boxes[0].tolist() == [10, 20, 40, 60]
    assert batch.where(1) == f"{VIA}/valid/table/via_region_data.csv: row 5"


def test_version_3() -> None:
    path = VIA / "valid/version3.json"
    batch = read_one(path)
    assert batch.image_names == ["x.png", "x.mp4", "x.mp4#1.5"]
    assert batch.ids == [*(f"1_{letter}" for letter in "abcdefgh"), "2_a"]
    point, line = Kind.POINT, Kind.LINE
    assert batch.kinds.tolist() == [1, point, 2, 2, line, line, 2, 1, 1]
    assert [batch.classes[i] for i in batch.label[[0, 1, 2, 8]]] == ["car", "person", "(none)", "person"]
    assert batch.boxes is not None
    assert batch.boxes[[0, 7, 8]].tolist() == [[1, 2, 4, 6], [0, 0, 4, 4], [0, 0, 5, 5]]
    assert batch.report.notes == {"image-level label ignored": 2}
    assert batch.where(8) == f"{path}: view.2.regions[0] (id 2_a)"


def test_each_broken_region_has_a_reason() -> None:
    batches, report = read_all(VIA / "broken/regions.json", size={"x.png": (20, 10)})
    assert report.skipped == {
        "annotation is not an object": 1,
        "shape_attributes are not an object": 1,
        "unsupported shape: blob": 1,
        "no height": 1,
        "negative width or height": 1,
        "coordinate is not a number": 1,
        "all_points_x and all_points_y differ in length": 1,
        "coordinates are not a list of points": 1,
    }
    skipped = outcomes(batches).skipped
    assert skipped["coordinate or image size not finite"] == 1
    assert skipped["fewer than three distinct points"] == 1
    assert skipped["image size missing (give size= or images=)"] == 1
    _, report = read_all(VIA / "broken/version3.json", size=(9, 9))
    assert report.skipped == {
        "annotation is not an object": 1,
        "coordinates are not a list of points": 3,
        "unsupported shape: 9": 1,
        "coordinate is not a number": 1,
    }
    _, report = read_all(VIA / "broken/table.csv", size=(9, 9))
    assert report.skipped == {"shape_attributes are not an object": 2}
    assert report.read == 3


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("no_regions.json", "expected an object of images with regions"),
        ("list.json", "expected an object of images"),
        ("tables.json", "view: expected an object"),
        ("other.csv", "expected a table with the columns filename and region_shape_attributes"),
    ],
)
def test_file_of_another_structure_is_refused(name: str, text: str) -> None:
    with pytest.raises(FormatError, match=text):
        list(read_source(VIA / "broken" / name, format="via"))


def test_csv_cells_may_be_large(tmp_path: Any) -> None:
    xs = ",".join(map(str, range(200_000)))
    shape = f'{{""name"":""polygon"",""all_points_x"":[{xs}],""all_points_y"":[{xs}]}}'
    path = tmp_path / "large.csv"
    path.write_text(f'filename,region_shape_attributes,region_attributes\r\na.jpg,"{shape}","{{}}"')
    batch = read_one(path, size=(10, 10))
    assert batch.polygons is not None
    assert len(batch.polygons.coords) == 200_000
