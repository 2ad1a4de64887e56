"""Plain files of LabelMe and Supervisely: the batches and errors are those of the usual readers."""

from __future__ import annotations

import json
import struct
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heatgrid.core.limits import Limits
from heatgrid.io import parse
from heatgrid.io.documents import Document
from heatgrid.io.formats import labelme, supervisely
from samples import DATA, assert_results_same, read_one, read_source, result_of

REAL = Path(__file__).parents[3].parent / "shared/data/same-100-images/gts/labelme_format"
RING = [[1, 2.5], [30, 4], [7.75, 60]]
CORNERS = [[30.5, 4], [1, 20]]
SQUARE = [[1, 2], [9, 2], [9, 7], [1, 7]]
LABELS: list[Any] = ["", " car ", None, 5, ["car"], "\ud800", "Größe"]
KINDS: list[Any] = ["rectangle", " polygon ", "", None, "point", "circle", "mask", "bitmap", ["polygon"], 3]
NUMBERS: list[Any] = [None, "5", "x", True, -1.0, 10**400, 2**53 + 1, float("nan"), float("inf"), [1], 7]
POINTS: list[Any] = [
    *([], None, "ab", {}, {"ab": 1}, [[]], [[1, 2]], [[1, 2, 3]] * 3, [1, 2, 3, 4], [{"x": 1, "y": 2}] * 3),
    *(["ab", "cd"], [{"a": 1, "b": 2}], SQUARE, [[1, 2], [9, 2], [9, 7], [2, 7]], CORNERS, CORNERS[::-1]),
    *([[1, 2], [value, 3]] for value in NUMBERS),
    *([[1, 2], [value, 3], [4, 5]] for value in NUMBERS),
]
NO_CORNERS: list[Any] = [None, [], {}, "exterior", {"exterior": RING}]
HOLES: list[Any] = [None, [RING], [[]], "x", {}, [1]]
BOTH: list[tuple[str, Any]] = [
    *(("id", value) for value in (None, 7, "a", [1])),
    *(("rotation", 10), ("angle", 0), ("bbox", {"rotation": 5}), ("bbox", [1, 2, 3, 4]), ("score", 0.5)),
]
CHANGES: dict[str, list[tuple[str, Any]]] = {
    "labelme": [
        *BOTH,
        *(("label", value) for value in LABELS),
        *(("shape_type", value) for value in KINDS),
        *(("group_id", value) for value in (0, "a", "", True, [1])),
        *(("points", value) for value in POINTS),
    ],
    "supervisely": [
        *BOTH,
        *(("classTitle", value) for value in LABELS),
        *(("geometryType", value) for value in KINDS),
        *(("points", value) for value in NO_CORNERS),
        *(("points", {"exterior": value, "interior": []}) for value in POINTS),
        *(("points", {"exterior": RING, "interior": value}) for value in HOLES),
    ],
}
SIZES: list[tuple[Any, Any]] = [(640, 480), (None, 480), ("640", 480), (0, 0)]


def object_of(name: str, kind: str, label: str) -> dict[str, Any]:
    points = RING if kind == "polygon" else CORNERS if kind == "rectangle" else [[5, 5]]
    if name == "labelme":
        return {"label": label, "points": points, "group_id": None, "shape_type": kind, "flags": {}}
    corners = {"exterior": points, "interior": []}
    return {"id": 3, "geometryType": kind, "classTitle": label, "tags": [], "points": corners}


def write(folder: Path, name: str, images: list[list[Any]], size: tuple[Any, Any] = SIZES[0]) -> None:
    """Write a file per image."""
    for i, objects in enumerate(images):
        width, height = size
        content: dict[str, Any] = {"shapes": objects, "imagePath": f"{i}.jpg", "imageData": None}
        content |= {"imageWidth": width, "imageHeight": height}
        if name == "supervisely":
            content = {"size": {"width": width, "height": height}, "objects": objects, "tags": []}
        (folder / f"{i}.jpg.json").write_text(json.dumps(content), encoding="utf-8")


def check_all(path: Path, name: str, **options: Any) -> None:
    """Compare what is read with and without the fast path, and with the standard library's decoder."""
    with pytest.MonkeyPatch.context() as patch:
        for reader in (labelme, supervisely):
            patch.setattr(reader, "add_plain", lambda *_: False)
        expected = result_of(path, name, **options)
    found = [result_of(path, name, **options)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "_fast_decoder", lambda: None)
        found.append(result_of(path, name, **options))
    for own in found:
        assert_results_same(own, expected)


@pytest.mark.parametrize("name", CHANGES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_equal_to_the_reader_of_single_objects(tmp_path: Path, name: str, data: st.DataObject) -> None:
    shape = st.builds(
        lambda kind, label: object_of(name, kind, label),
        st.sampled_from(["polygon", "rectangle"] * 4 + ["point"]),
        st.sampled_from(["car", "bus"]),
    )
    images = deepcopy(data.draw(st.lists(st.lists(shape, max_size=4), min_size=1, max_size=4)))
    changes = st.tuples(st.sampled_from(CHANGES[name]), st.integers(0, 3), st.integers(0, 3))
    for (key, value), image, number in data.draw(st.lists(changes, max_size=3)):
        if objects := images[image % len(images)]:
            objects[number % len(objects)][key] = value
    for file in tmp_path.iterdir():
        file.unlink()
    write(tmp_path, name, images, data.draw(st.sampled_from(SIZES)))
    check_all(tmp_path, name, batch_images=data.draw(st.sampled_from([1, 3, 4096])))


@pytest.mark.parametrize(
    ("name", "key", "value"), [(name, *own) for name in CHANGES for own in CHANGES[name]]
)
def test_each_change(tmp_path: Path, name: str, key: str, value: Any) -> None:
    for kinds in (["polygon", "rectangle"], ["rectangle", "polygon"], ["polygon"]):
        objects = [object_of(name, kind, "car") for kind in kinds]
        changed = [own | {key: value} for own in objects]
        write(tmp_path, name, [[*objects[:-1], changed[-1]], objects, [], changed])
        check_all(tmp_path, name)
        check_all(tmp_path, name, on_error="raise")


@pytest.mark.parametrize("value", [None, 5, "text", [], [{}], {}])
@pytest.mark.parametrize("name", CHANGES)
def test_objects_of_other_types(tmp_path: Path, name: str, value: Any) -> None:
    write(tmp_path, name, [[object_of(name, "polygon", "car"), value], [value]])
    check_all(tmp_path, name)
    write(tmp_path, name, [value])
    check_all(tmp_path, name)


@pytest.mark.parametrize("name", CHANGES)
def test_options(tmp_path: Path, name: str) -> None:
    image = [object_of(name, kind, "car") for kind in ("polygon", "rectangle")]
    write(tmp_path, name, [image] * 3, SIZES[1])
    check_all(tmp_path, name, limits=Limits(vertices=2))
    check_all(tmp_path, name, attributes=["tags"])
    check_all(tmp_path, name, splits=["val"])
    check_all(tmp_path, name, size=(64, 48))
    bitmap = b"BM" + bytes(12) + struct.pack("<IiiHH", 40, 64, 48, 1, 24) + bytes(24)
    for content in (b"GIF89a", bitmap):
        (tmp_path / "1.jpg").write_bytes(content)
        check_all(tmp_path, name, images=tmp_path)
    (batch,) = read_source(tmp_path, name, images=tmp_path)
    assert batch.sizes is not None
    assert batch.sizes[1].tolist() == [64, 48]


@pytest.mark.parametrize(
    "path",
    [path for name in CHANGES for path in sorted((DATA / name).rglob("*")) if path.name != "meta.json"],
    ids=lambda path: f"{path.parent.name}-{path.name}",
)
def test_files_of_tools(path: Path) -> None:
    check_all(path, "supervisely" if path.is_relative_to(DATA / "supervisely") else "labelme")


@pytest.mark.skipif(not REAL.is_dir(), reason="../shared/data does not exist")
def test_real_files() -> None:
    check_all(REAL, "labelme")


@pytest.mark.parametrize("damage", [b"", b"]", b"x", b"\xff", b'"', b"[" * 2000, b"\0"])
@pytest.mark.parametrize("place", [0, 100, 150, -1])
@pytest.mark.parametrize("name", CHANGES)
def test_broken_files(tmp_path: Path, name: str, place: int, damage: bytes) -> None:
    write(tmp_path, name, [[object_of(name, "polygon", "car")]] * 2)
    file = tmp_path / "1.jpg.json"
    text = file.read_bytes()
    file.write_bytes(text[:place] + damage + text[place:][1:])
    check_all(tmp_path, name)


@pytest.mark.parametrize("name", CHANGES)
def test_plain_objects_need_no_reader_of_single_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delattr(Document, "add_entries")
    write(tmp_path, name, [[object_of(name, kind, label) for kind, label in SHAPES]])
    batch = read_one(tmp_path)
    assert [batch.classes[i] for i in batch.label] == ["car", "bus", "car"]
    assert batch.boxes is not None
    last = name == "supervisely"  # its last pixel is included
    assert batch.boxes[1].tolist() == [1, 4, 30.5 + last, 20 + last]
    assert batch.polygons is not None
    assert batch.polygons.coords.tolist() == RING * 2
    assert batch.where(1).startswith(f"{tmp_path / '0.jpg.json'}: {'objects' if last else 'shapes'}[1]")


SHAPES = [("polygon", "car"), ("rectangle", "bus"), ("polygon", "car")]
