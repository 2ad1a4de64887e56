"""Data sets that the page's worker reads: maps by split, payloads of the viewer, saved maps."""

from __future__ import annotations

import base64
import io
import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

import heatgrid as hg
from heatgrid.viz.page import browser
from heatgrid.viz.page.payload import Payload
from samples import DATA
from wasm_module import needs_node

pytestmark = [needs_node, pytest.mark.filterwarnings("ignore")]

DRIVER = Path(__file__).parent / "page_driver.mjs"
SHARED = Path(__file__).parents[3] / "shared" / "data"
META = browser.description()


def listed(source: Path) -> list[dict[str, str]]:
    """Return the files of a source as the page lists them."""
    if source.is_file():
        return [{"path": source.name, "file": str(source)}]
    files = sorted(path for path in source.rglob("*") if path.is_file())
    return [{"path": path.relative_to(source.parent).as_posix(), "file": str(path)} for path in files]


def run(
    *requests: tuple[list[dict[str, str]], dict[str, Any]], geometry: str = "auto"
) -> list[dict[str, Any]]:
    plain = [
        {"files": files, "options": options, "geometry": geometry, "title": "a", "base": META["viewer"]}
        | {"texts": META["texts"]}
        for files, options in requests
    ]
    done = subprocess.run(
        ["node", str(DRIVER)], input=json.dumps(plain).encode(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def planes_of(meta: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return all that is known of planes but their places."""
    return [
        tuple(plane[name] for name in ("split", "class", "objects", "length")) for plane in meta["planes"]
    ]


SOURCES = [
    *(DATA / "coco" / "valid" / name for name in ("instances_train2017.json", "scene")),
    *(DATA / "yolo" / "valid" / name for name in ("scene", "plain", "pose", "mixed", "moved")),
    *(
        SHARED / name
        for name in (
            *("coco/taco/annotations.json", "coco/borrat-rle", "coco/datumaro/coco_instances"),
            *("coco/lvis", "yolo/books", "yolo/pest-rice-segment", "yolo/datumaro/roboflow_dataset/yolo"),
        )
        if (SHARED / name).exists()
    ),
]
OPTIONS: list[dict[str, Any]] = [
    {"grid": [7, 12]},
    {"grid": [24, 32], "rule": "touch"},
    {"grid": [1, 3], "rule": "area"},
    {"grid": [9, 9], "rule": "point", "count": "images"},
]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: "/".join(path.parts[-2:]))
def test_maps_payloads_and_saved_maps_are_those_of_python(source: Path) -> None:
    results = run(*((listed(source), options) for options in OPTIONS))
    for options, found in zip(OPTIONS, results, strict=True):
        assert "error" not in found, found
        maps = hg.heatmaps(source, **options)
        assert found["splits"] == list(maps)
        payload = Payload.of(
            {split: maps[split] for split in found["splits"]} if len(maps) > 1 else maps[found["splits"][0]],
            title="a",
        )
        own, meta = payload.meta, found["meta"]
        same = own.keys() - {"planes", "colormaps", "settings"}
        assert {name: meta[name] for name in same} == {name: own[name] for name in same}
        assert planes_of(meta) == planes_of(own)
        assert [[*map(float, plane)] for plane in found["planes"]] == [
            plane.values.ravel().tolist() for plane in payload.layers.planes
        ]
        whole = hg.heatmap(source, **options)
        for content in (base64.b64decode(found["npz"]), found["json"].encode()):
            saved = hg.Heatmap.from_bytes(content)
            assert (
                saved[list(whole.classes)] == whole
                if set(saved.classes) == set(whole.classes)
                else saved == whole
            )


@pytest.mark.parametrize("source", SOURCES[:8], ids=lambda path: "/".join(path.parts[-2:]))
def test_size_maps_are_those_of_boxes(source: Path) -> None:
    (found,) = run((listed(source), {"grid": [10, 10], "of": "size"}))
    own = hg.heatmap(source, 10, of="size", geometry="box")
    saved = hg.Heatmap.from_bytes(base64.b64decode(found["npz"]))
    assert saved.counts.tolist() == own.counts.tolist()
    assert saved.counts.any()
    assert (saved.spec, saved.report.by_class()) == (own.spec, own.report.by_class())


def zipped(path: Path, source: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in listed(source):
            archive.write(one["file"], one["path"])
    return path


@pytest.mark.parametrize("source", SOURCES[2:7], ids=lambda path: path.name)
def test_archives_are_read_as_their_files(source: Path, tmp_path: Path) -> None:
    first, second = run(
        *((listed(one), {"grid": [7, 12]}) for one in (zipped(tmp_path / "a.zip", source), source))
    )
    assert first["planes"] == second["planes"] != []


def broken_archives() -> dict[str, bytes]:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/labels/x.txt", "0 0.5 0.5 0.2 0.2\n" * 50)
    whole = stream.getvalue()
    name = whole.index(b"a/labels/x.txt") + len("a/labels/x.txt")
    changed = bytearray(whole)
    changed[name + 3] ^= 0x55
    encrypted = bytearray(whole)
    encrypted[whole.index(b"PK\x01\x02") + 8] |= 1
    large = bytearray(whole)
    at = whole.index(b"PK\x01\x02") + 24
    large[at : at + 4] = (2**31).to_bytes(4, "little")
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        archive.writestr("a/labels/x.txt", "0 0.5 0.5 0.2 0.2\n")
    return {
        "other content": stored.getvalue().replace(b"0.2 0.2", b"0.2 0.9"),
        "cut off": whole[:-30],
        "no archive": b"PK\x03\x04 nothing",
        "empty": b"",
        "changed": bytes(changed),
        "encrypted": bytes(encrypted),
        "too large": bytes(large),
    }


@pytest.mark.parametrize("name", broken_archives())
def test_broken_archives_are_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(broken_archives()[name])
    (found,) = run((listed(path), {"grid": 2}))
    assert found["type"] == "FormatError"
    assert found["error"].startswith("a.zip")


CONFIGURATIONS = {
    "names: [a, 'b c', \"d\"]": ["a", "b c", "d"],
    "names:\n  0: a\n  2: x  # the last": ["a", "class_1", "x"],
    "names:\n- a\n- 7\n- c-d": ["a", "7", "c-d"],
    "nc: 3": ["class_0", "class_1", "class_2"],
    "names: {0: a, 1: b, 2: 'it, c'}": ["a", "b", "it, c"],
}


@pytest.mark.parametrize("text", CONFIGURATIONS)
def test_class_names_of_configurations(text: str, tmp_path: Path) -> None:
    source = tmp_path / "set"
    (source / "train" / "labels").mkdir(parents=True)
    (source / "data.yaml").write_text(f"train: train/images\nval: val/images\n{text}\n")
    rows = "".join(f"{k} 0.5 0.5 0.2 0.2\n" for k in range(3))
    (source / "train" / "labels" / "x.txt").write_text(rows)
    (found,) = run((listed(source), {"grid": 4}))
    own = hg.heatmap(source, 4)
    assert sorted(found["meta"]["classes"]) == sorted(own.classes) == sorted(CONFIGURATIONS[text])


def test_names_that_are_not_plain_become_numbers(tmp_path: Path) -> None:
    source = tmp_path / "set"
    (source / "labels").mkdir(parents=True)
    (source / "data.yaml").write_text("train: labels\nnames: [yes, *alias, 1.50]\n")
    (source / "labels" / "x.txt").write_text("2 0.5 0.5 0.2 0.2\n")
    (found,) = run((listed(source), {"grid": 4}))
    assert found["meta"]["classes"] == ["class_2"]


def test_a_configuration_next_to_a_coco_file_is_ignored(tmp_path: Path) -> None:
    source = tmp_path / "set"
    source.mkdir()
    (source / "data.yaml").write_text("train: train\nnames: [a]\n")
    shutil.copy(SOURCES[0], source)
    (found,) = run((listed(source), {"grid": 4}))
    saved = hg.Heatmap.from_bytes(base64.b64decode(found["npz"]))
    assert saved == hg.heatmap(SOURCES[0], 4)
    assert found["refused"] == []


def test_what_is_no_annotation_is_named(tmp_path: Path) -> None:
    source = tmp_path / "set"
    shutil.copytree(DATA / "voc" / "valid" / "scene", source)
    (found,) = run((listed(source), {"grid": 4}))
    assert found["type"] == "FormatError"
    assert "not read in the browser" in found["error"]
    assert ".xml" in found["error"]
