"""Pascal VOC: elements, image sets, and hostile XML."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from heatgrid.core.ragged import Flag
from heatgrid.errors import FormatError
from heatgrid.io.build import UNLABELED
from samples import DATA, outcomes, read_all, read_one, read_source

if TYPE_CHECKING:
    from pathlib import Path

SCENE = DATA / "voc/valid/scene"
OBJECTS = DATA / "voc/broken/objects"
FILES = DATA / "voc/broken/files"


def test_image_sets_are_splits() -> None:
    batches, report = read_all(SCENE)
    assert [(batch.split, batch.image_names) for batch in batches] == [
        ("train", ["a", "background"]),
        ("val", ["b"]),
    ]
    assert report.notes == {"image listed in ImageSets, but without an XML file": 1}
    assert report.files == 3


def test_requested_image_set_comes_first() -> None:
    batches, _ = read_all(SCENE, splits="trainval")
    assert [batch.image_names for batch in batches] == [["a", "b", "background"]]
    _, report = read_all(SCENE, splits="test")
    assert report.notes["no split named test"] == 1


def test_objects() -> None:
    batch = read_one(SCENE / "Annotations/b.xml")
    assert batch.classes == ("person", "car")
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [[0, 0, 64, 32], [16, 16, 24, 64]]
    assert batch.sizes is not None
    assert batch.sizes.tolist() == [[64, 64]]
    assert batch.flags is not None
    assert batch.flags.tolist() == [Flag.DIFFICULT, Flag.TRUNCATED]
    assert batch.where(1) == f"{SCENE}/Annotations/b.xml: object 2"


def test_one_based_moves_first_corner() -> None:
    batch = read_one(SCENE / "Annotations/b.xml", one_based=True)
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [[-1, -1, 64, 32], [15, 15, 24, 64]]


def test_folders_are_splits_and_polygons_are_read() -> None:
    train, val = read_all(DATA / "voc/valid/roboflow")[0]
    assert (train.split, val.split) == ("train", "val")
    assert train.kinds.tolist() == [3]
    assert train.polygons is not None
    assert train.polygons.coords.tolist() == [[1, 1], [5, 1], [5, 5]]
    assert len(val) == 0


def test_bad_objects_are_skipped_with_reason() -> None:
    batches, report = read_all(OBJECTS)
    assert report.skipped == {
        "no geometry": 1,
        "bndbox without all four of xmin, ymin, xmax, ymax": 1,
        "coordinate is not a number": 1,
        "polygon with an x or y missing": 1,
    }
    assert report.notes == {
        UNLABELED: 1,
        "corners in the wrong order, swapped": 1,
        "polygon with an x or y missing: ignored, other geometry kept": 1,
    }
    assert report.examples[UNLABELED] == [f"{OBJECTS}/objects.xml: object 3"]
    skipped = outcomes(batches).skipped
    assert skipped["image size missing (give size= or images=)"] == 2
    assert skipped["coordinate or image size not finite"] == 1
    with pytest.raises(FormatError, match=r"objects\.xml: object 4: no geometry"):
        list(read_source(OBJECTS / "objects.xml", on_error="raise"))


def test_sizes_come_from_the_options() -> None:
    batches, _ = read_all(OBJECTS, size=(10, 20))
    assert batches[0].sizes is not None
    assert batches[0].sizes.tolist() == [[10, 20], [100, 80], [10, 20]]


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("cut_off", "broken XML: no element found", "line 4"),
        ("doctype", "document type", "line 2"),
        ("other_root", "expected <annotation>, got <annotations>", ""),
        ("empty", "empty file", ""),
    ],
)
def test_other_files_raise(name: str, text: str, where: str) -> None:
    with pytest.raises(FormatError, match=text) as caught:
        list(read_source(FILES / f"{name}.xml", format="voc"))
    assert (caught.value.where or "").startswith(where)


def test_good_file_among_bad_ones_is_read() -> None:
    batches, report = read_all(FILES)
    assert sum(map(len, batches)) == 1
    assert sum(report.refused.values()) == 4
    assert report.files == 1


def test_only_bad_files_raise(tmp_path: Path) -> None:
    for name in ("1.xml", "2.xml"):
        (tmp_path / name).write_text("<annotation><size>")
    with pytest.raises(FormatError, match="broken XML"):
        list(read_source(tmp_path))


def test_entities_are_refused_in_every_encoding(tmp_path: Path) -> None:
    text = (FILES / "doctype.xml").read_text().replace('version="1.0"', 'version="1.0" encoding="utf-16"')
    path = tmp_path / "16.xml"
    path.write_bytes(text.encode("utf-16"))
    with pytest.raises(FormatError, match="document type"):
        list(read_source(path))


def test_depth_is_limited(tmp_path: Path) -> None:
    path = tmp_path / "deep.xml"
    path.write_text("<annotation>" + "<a>" * 100_000)
    with pytest.raises(FormatError, match=r"limits\.depth=100"):
        list(read_source(path))


def test_unknown_encoding_raises(tmp_path: Path) -> None:
    path = tmp_path / "odd.xml"
    path.write_text('<?xml version="1.0" encoding="klingon"?><annotation></annotation>')
    with pytest.raises(FormatError, match="broken XML"):
        list(read_source(path))
