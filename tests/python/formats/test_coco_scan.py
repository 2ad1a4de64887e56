"""COCO scanner: files are read alike with it and with all values parsed as JSON."""

from __future__ import annotations

import json
import os
import random
import time
from errno import EIO
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heatgrid as hg
from heatgrid.errors import FormatError
from heatgrid.io.formats import coco
from heatgrid.io.formats.coco.ids import find
from heatgrid.io.formats.coco.scan import scan_coco
from heatgrid.io.options import ReadOptions
from heatgrid.io.parse import parse_json
from mutations import mutated, mutations
from samples import DATA, assert_same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.kernel import CocoColumns

REAL = Path(__file__).parents[3].parent / "shared/data"
SAMPLES = sorted((DATA / "coco").rglob("*.json"))
REAL_FILES = sorted([*REAL.glob("coco/**/*.json"), *REAL.glob("same-100-images/*/coco*/*.json")])

TOLD = '"id": 7, "image_id": 1, "category_id": 3'
IMAGE = '{"id": 1, "file_name": "a.jpg", "width": 10, "height": 8}'
CATEGORY = '{"id": 3, "name": "car"}'
RING = '{"id": 7, "image_id": 1, "category_id": 3, "segmentation": [[1, 1, 4, 1, 4, 3.5]]}'


def text(annotations: str = RING, images: str = IMAGE, categories: str = CATEGORY, more: str = "") -> bytes:
    """Write a file of lists."""
    lists = {"images": images, "categories": categories, "annotations": annotations}
    members = ", ".join(f'"{name}": [{entries}]' for name, entries in lists.items())
    return f"{{{more}{members}}}".encode()


def annotation(**members: str) -> bytes:
    """Write a file of one annotation with these members, in JSON."""
    told = {"id": "7", "image_id": "1", "category_id": "3"} | members
    return text("{" + ", ".join(f'"{key}": {value}' for key, value in told.items()) + "}")


def read(path: Path, **options: Any) -> Annotations | str:
    """Return the batch of a file, or the error message."""
    try:
        (batch,) = coco.read(path, ReadOptions(**options))
    except FormatError as error:
        return str(error)
    batch.validate()
    return batch


def scanned(path: Path) -> CocoColumns | None:
    """Return what the kernel's scan of a file finds."""
    with path.open("rb") as file:
        return scan_coco(file)


def assert_read_alike(path: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> None:
    """Read a file with the scanner, on one thread and several, and with all values parsed as JSON."""
    with monkeypatch.context() as patch:
        patch.setattr(coco, "scan_coco", lambda *_: None)
        expected = read(path, **options)
    for threads in (1, 2, 3):
        assert_same(read(path, threads=threads, **options), expected)


def write(folder: Path, content: bytes) -> Path:
    """Write a file."""
    path = folder / "instances_train.json"
    path.write_bytes(content)
    return path


KNOWN = {
    "polygon": text(),
    "nothing": text("", "", ""),
    "no categories": text(categories=""),
    "several without categories": text(
        ", ".join(
            f'{{"id": {i}, "image_id": {1 + (i == 0)}, "category_id": {9 - i}, "bbox": [1, 1, 2, 2]}}'
            for i in range(4)
        ),
        categories="",
    ),
    "one line, no space": annotation(bbox="[1,2,3,4]").replace(b" ", b""),
    "pretty": json.dumps(json.loads(annotation(bbox="[1, 2, 3, 4]")), indent=4).encode(),
    "carriage returns": annotation(bbox="[1,\r\n2,\t3 , 4]"),
    "further lists": text(more='"info": {"a": [{"b": "]}"}, 1.5, true, null, "\\u00e9"]}, "licenses": [], '),
    "annotations first": b'{"annotations": [' + RING.encode() + b'], "images": [' + IMAGE.encode() + b"]}",
    "box": annotation(bbox="[1, 2, 3.5, 4e0]", area="12", iscrowd="0"),
    "box without extent": annotation(bbox="[1, 2, 0, 4]"),
    "negative box": annotation(bbox="[1, 2, -3, 4]"),
    "negative box with a ring": annotation(bbox="[1, 2, -3, 4]", segmentation="[[1, 1, 4, 1, 4, 3]]"),
    "three numbers": annotation(bbox="[1, 2, 3]"),
    "five numbers": annotation(bbox="[1, 2, 3, 4, 5]"),
    "no box": annotation(bbox="[]"),
    "null": annotation(bbox="null", segmentation="null", keypoints="null", score="null", iscrowd="null"),
    "no geometry": text(RING + ', {"id": 8, "image_id": 1, "category_id": 3}'),
    "huge": annotation(bbox="[1e308, 0, 1e308, 1]"),
    "overflow": annotation(bbox="[1e400, 0, -1e400, 1]"),
    "many digits": annotation(bbox=f"[{'9' * 400}, 0.{'3' * 400}, {'1' * 30}e-29, 1e-400]"),
    "zeros": annotation(bbox="[-0, -0.0, 0, 0.0]"),
    "flat ring": annotation(segmentation="[1, 1, 4, 1, 4, 3]"),
    "rings": annotation(segmentation="[[1, 1, 4, 1, 4, 3], [], [5, 5, 6, 6, 5, 6, 5, 5]]"),
    "odd ring": annotation(segmentation="[[1, 1, 4, 1, 4], [1, 1, 4, 1, 4, 3]]"),
    "only an odd ring": annotation(segmentation="[[1, 1, 4]]"),
    "empty rings": annotation(segmentation="[[]]"),
    "no rings": annotation(segmentation="[]", bbox="[1, 1, 2, 2]"),
    "code": annotation(segmentation=r'{"size": [6, 8], "counts": "PQ\\l"}', iscrowd="1"),
    "runs": annotation(segmentation='{"counts": [7, 2, 39], "size": [6, 8]}', iscrowd="true"),
    "mask of an unknown image": text(
        RING + ', {"id": 8, "image_id": 2, "category_id": 3, "segmentation": {"size": [2, 2], "counts": [4]}}'
    ),
    "unknown images and categories": text(
        '{"id": 5, "image_id": 9, "category_id": 3, "bbox": [1, 1, 2, 2], "score": 0.5}, '
        + RING
        + ', {"id": 8, "image_id": 1, "category_id": 4, "bbox": [1, 1, 2, 2]}'
        + ', {"image_id": 2, "category_id": 4, "keypoints": [1, 1, 2]}'
    ),
    "keypoints": annotation(keypoints="[1, 1, 2, 2.5, 2, 1, 9, 9, 0]", num_keypoints="2"),
    "keypoints not in threes": annotation(keypoints="[1, 1, 2, 3]", bbox="[1, 1, 2, 2]"),
    "no id": text('{"image_id": 1, "category_id": 3, "bbox": [1, 1, 2, 2]}, ' + RING),
    "duplicate ids": text(f"{RING}, {RING}, {RING}"),
    "ids out of order": text(", ".join(RING.replace("7", str(id_), 1) for id_ in (7, -3, 12))),
    "ids out of order, one twice": text(", ".join(RING.replace("7", str(id_), 1) for id_ in (7, -3, 7))),
    "images out of order": text(images=", ".join(IMAGE.replace("1", str(id_), 1) for id_ in (5, 1, 3))),
    "score and flags": annotation(bbox="[1, 1, 2, 2]", score="0.25", iscrowd="1", ignore="1"),
    "integer score": annotation(bbox="[1, 1, 2, 2]", score="1", iscrowd="false", ignore="0.0"),
    "names with escapes": text(
        images=r'{"id": 1, "file_name": "a\/\u00e9\\ \"b\".jpg", "width": 9, "height": 9}'
    ),
    "half surrogate": text(images=r'{"id": 1, "file_name": "\ud800.jpg", "width": 9, "height": 9}'),
    "names beyond ASCII": text(images='{"id": 1, "file_name": "é日.jpg", "width": 9, "height": 9}'),
    "line separators": text(images='{"id": 1, "file_name": "a\u2028\u0085b.jpg", "width": 9, "height": 9}'),
    "address": text(images='{"id": 1, "coco_url": "http://x/y/a.jpg", "width": 9, "height": 9}'),
    "neither name nor address": text(images='{"id": 1, "file_name": null, "width": 9, "height": 9}'),
    "no size": text(images='{"id": 1, "file_name": "a.jpg", "width": null}'),
    "size of nothing": text(images='{"id": 1, "file_name": "a.jpg", "width": 0, "height": -1}'),
    "duplicate names of categories": text(categories='{"id": 3, "name": "x"}, {"id": 4, "name": "x"}'),
    "categories of any kind": text(categories='{"id": 3.0, "name": "é"}, {"id": "4"}, 5, {"name": 7}'),
    "NaN in an unused value": text(more='"info": NaN, '),
    "the same image twice": text(images=f"{IMAGE}, {IMAGE}"),
    "the same image twice, out of order": text(images=f"{IMAGE}, {IMAGE.replace('1', '0', 1)}, {IMAGE}"),
    "captions": annotation(caption='"a bird"'),
}
"""Files that the scanner understands wholly."""

IRREGULAR = {
    "NaN": annotation(bbox="[NaN, 1, 2, 2]"),
    "Infinity": annotation(bbox="[Infinity, Infinity, -Infinity, -Infinity]", segmentation="[]"),
    "an image without an id": text(images=f'{IMAGE}, {{"file_name": "b.jpg"}}'),
    "an image id in words": text(images='{"id": "1", "file_name": "a.jpg"}'),
    "a fractional image id": text(images='{"id": 1.0, "file_name": "a.jpg", "width": 9, "height": 9}'),
    "an image that is none": text(images=f"{IMAGE}, 5"),
    "a width in words": text(images='{"id": 1, "file_name": "a.jpg", "width": "10", "height": 8}'),
    "a name that is none": text(images='{"id": 1, "file_name": 5, "width": 10, "height": 8}'),
    "a name twice": text(images='{"id": 1, "file_name": "a.jpg", "file_name": "b.jpg"}'),
    "a key with an escape": text().replace(b"image_id", rb"im\u0061ge_id"),
    "a key twice": annotation(bbox="[1, 1, 2, 2]", area='1, "bbox": [3, 3, 2, 2]'),
    "an annotation that is none": text(f"{RING}, 5, null"),
    "no image id": text('{"category_id": 3, "bbox": [1, 1, 2, 2]}'),
    "no category id": text('{"image_id": 1, "bbox": [1, 1, 2, 2]}'),
    "ids in words": annotation(id='"seven"', bbox="[1, 1, 2, 2]"),
    "an id beyond 18 digits": annotation(id="1000000000000000000", bbox="[1, 1, 2, 2]"),
    "null among numbers": annotation(bbox="[1, null, 2, 2]"),
    "numbers in words": annotation(bbox='["1", "2", 3, 4]'),
    "booleans among numbers": annotation(bbox="[true, 2, 3, 4]"),
    "a box that is none": annotation(bbox='"wide"', segmentation="[[1, 1, 4, 1, 4, 3]]"),
    "a box of lists": annotation(bbox="[[1, 2], [3, 4]]"),
    "rings and numbers": annotation(segmentation="[[1, 1, 4, 1, 4, 3], 5]"),
    "numbers and rings": annotation(segmentation="[5, [1, 1, 4, 1, 4, 3]]"),
    "rings of pairs": annotation(segmentation="[[[1, 1], [4, 1], [4, 3]]]"),
    "a segmentation that is none": annotation(segmentation="7", bbox="[1, 1, 2, 2]"),
    "no segmentation": annotation(segmentation='""', bbox="[1, 1, 2, 2]"),
    "a mask without a size": annotation(segmentation='{"counts": [4]}', bbox="[1, 1, 2, 2]"),
    "a mask without a code": annotation(segmentation='{"size": [2, 2]}', bbox="[1, 1, 2, 2]"),
    "an empty mask": annotation(segmentation="{}", bbox="[1, 1, 2, 2]"),
    "a mask of no height": annotation(segmentation='{"size": [0, 2], "counts": [0]}'),
    "a mask of fractional sides": annotation(segmentation='{"size": [2.0, 2], "counts": [4]}'),
    "fractional runs": annotation(segmentation='{"size": [2, 2], "counts": [4.0]}'),
    "a code with an escape": annotation(segmentation=r'{"size": [6, 8], "counts": "PQ\u005cl"}'),
    "a flag in words": annotation(iscrowd='"0"', bbox="[1, 1, 2, 2]"),
    "a score in words": annotation(score='"0.5"', bbox="[1, 1, 2, 2]"),
    "segments": annotation(segments_info='[{"id": 1, "category_id": 3, "bbox": [1, 1, 2, 2]}]'),
}
"""Files with elements that the scanner leaves to the JSON parser."""

UNSUPPORTED = {
    "byte order mark": b"\xef\xbb\xbf" + text(),
    "bytes that are no UTF-8, passed over": text(more='"info": "?", ').replace(b"?", b"\xff\xfe"),
    "a name that is no UTF-8": text(images='{"id": 1, "file_name": "?.jpg"}').replace(b"?", b"\xff"),
    "a category that is no UTF-8": text(categories='{"id": 3, "name": "?"}').replace(b"?", b"\xff"),
    "UTF-16": text().decode().encode("utf-16"),
    "UTF-16 without a mark": text().decode().encode("utf-16-le"),
    "a list of results": b'[{"image_id": 1, "category_id": 3, "bbox": [1, 1, 2, 2]}]',
    "images twice": text(more='"images": [], '),
    "annotations that are no list": b'{"images": [], "annotations": {}}',
    "no images": b'{"annotations": []}',
    "deep nesting": text(more=f'"info": {"[" * 300}{"]" * 300}, '),
    "deepest nesting": text(more=f'"info": {"[" * 10**5}{"]" * 10**5}, '),
    "cut off": text()[:-1],
    "something behind the end": text() + b",",
    "a comment": text() + b"// fin",
    "a comma too many": text(f"{RING},"),
    "a control character": text(more='"info": "a\tb", '),
    "a wrong escape": text(more=r'"info": "\x", '),
    "an empty file": b"",
    "a leading zero": annotation(bbox="[01, 1, 2, 2]"),
    "a leading point": annotation(bbox="[.5, 1, 2, 2]"),
}
"""Files that are parsed as a whole."""


OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"on_error": "raise"},
    {"size": (20, 30)},
    {"limits": hg.Limits(vertices=2)},
)


@pytest.mark.parametrize("case", KNOWN)
def test_scanner_understands_what_exporters_write(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, KNOWN[case])
    scan = scanned(path)
    assert scan is not None
    assert not len(scan.other_indices) + len(scan.other_image_indices)
    for options in OPTIONS:
        assert_read_alike(path, monkeypatch, **options)


@pytest.mark.parametrize("case", IRREGULAR)
def test_irregular_elements_are_parsed_as_json(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, IRREGULAR[case])
    scan = scanned(path)
    assert scan is not None
    assert len(scan.other_indices) + len(scan.other_image_indices)
    for options in OPTIONS:
        assert_read_alike(path, monkeypatch, **options)


@pytest.mark.parametrize("case", UNSUPPORTED)
def test_other_documents_are_parsed_as_a_whole(case: str, tmp_path: Path) -> None:
    assert scanned(write(tmp_path, UNSUPPORTED[case])) is None


def test_irregular_annotations_keep_their_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(7)  # noqa: S311 - no secret
    for _ in range(mutations(60)):
        annotations = ", ".join(rng.choices(ELEMENTS["annotations"], k=rng.randrange(12)))
        images = ", ".join(rng.choices(ELEMENTS["images"], k=rng.randrange(6)))
        categories = ", ".join(rng.choices(ELEMENTS["categories"], k=rng.randrange(3)))
        path = write(tmp_path, text(annotations, images, categories))
        for options in OPTIONS:
            assert_read_alike(path, monkeypatch, **options)


def test_irregular_images_keep_their_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = ['"a"', "1", '"b"', "2", '"c"', "3"]
    images = [f'{{"id": {key}, "file_name": "{i}", "width": 10, "height": 8}}' for i, key in enumerate(keys)]
    path = write(tmp_path, text(images=", ".join(images)))
    scan = scanned(path)
    assert scan is not None
    assert scan.other_image_indices.tolist() == [0, 2, 4]
    batch = read(path)
    assert not isinstance(batch, str)
    assert batch.image_names == ["0", "1", "2", "3", "4", "5"]
    assert_read_alike(path, monkeypatch)


def elements_of(name: str) -> list[str]:
    """Return the elements of a list in all cases."""
    found: list[str] = []
    for content in [*KNOWN.values(), *IRREGULAR.values()]:
        elements = json.loads(content.decode("utf-8", "replace")).get(name, [])
        found += [json.dumps(element) for element in elements[:5]]
    return found


ELEMENTS = {name: elements_of(name) for name in ("images", "annotations", "categories")}


def test_only_irregular_annotations_are_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []

    def parse(content: bytes, path: Path) -> Any:
        parsed.append(content)
        return parse_json(content, path)

    monkeypatch.setattr(coco, "parse_json", parse)
    odd = RING.replace("3.5", "NaN")
    batch = read(write(tmp_path, text(f"{RING}, {odd},\n 5, {RING}")))
    assert not isinstance(batch, str)
    assert parsed == [b"[]", f"[{odd},5]".encode(), f"[{CATEGORY}]".encode()]
    assert batch.positions is not None
    assert batch.positions.tolist() == [0, 1, 3]
    assert batch.report.skipped == {"annotation is not an object": 1}
    assert batch.report.examples["annotation is not an object"] == [f"{batch.source}: annotations[2]"]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_are_read_alike(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_read_alike(path, monkeypatch, size=(640, 480))


def test_scanner_understands_the_sample_of_every_kind() -> None:
    scan = scanned(DATA / "coco/valid/instances_train2017.json")
    assert scan is not None
    assert not len(scan.other_indices)


@pytest.mark.skipif(not REAL.is_dir(), reason="needs the real data sets in ../shared/data")
def test_real_files_are_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    understood = 0
    for path in REAL_FILES:
        assert_read_alike(path, monkeypatch, size=(640, 480))
        scan = scanned(path)
        understood += scan is not None and not len(scan.other_indices)
    assert understood > len(REAL_FILES) / 2


SEEDS = [path.read_bytes() for path in [*SAMPLES, *REAL_FILES] if path.stat().st_size < 40_000]


def test_damaged_files_are_read_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(20240229)  # noqa: S311 - no secret
    understood = 0
    cases = [*SEEDS, *KNOWN.values(), *IRREGULAR.values()]
    for _ in range(mutations(600)):
        path = write(tmp_path, mutated(rng.choice(cases), rng) or b"{}")
        assert_read_alike(path, monkeypatch)
        understood += scanned(path) is not None
    assert understood > 0


TOLD = '"id": 7, "image_id": 1, "category_id": 3'
IMAGE = '{"id": 1, "file_name": "a.jpg", "width": 10, "height": 8}'


@pytest.mark.parametrize(
    ("images", "annotations"),
    [
        (f'{IMAGE.replace("height", "tall")}, {{"file_name": "b.jpg"}}', ""),
        (f"{IMAGE.replace('width', 'wide')}, {IMAGE}", ""),
        ('{"id": "1"}', f'{{{TOLD}, "segmentation": [5]}}, {{{TOLD}, "bbox": [1, 1, 2, 2]}}'),
        (IMAGE.replace("10", "9" * 400).replace('"a.jpg"', "null"), ""),
    ],
    ids=[
        "no height, and an image without an id",
        "no width, and an id twice",
        "ids matched as text",
        "a side too large for a number",
    ],
)
def test_odd_images_are_read_alike(
    images: str, annotations: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_read_alike(write(tmp_path, text(annotations, images, "")), monkeypatch)


def boxes_of(count: int) -> str:
    """Write so many annotations, about 100 bytes each."""
    told = '{"id": %d, "image_id": 1, "category_id": 3, "bbox": [%d.25, 1, 3, 4], "area": 12.5, "iscrowd": 0}'
    return ", ".join(told % (i, i % 90) for i in range(count))


@pytest.mark.parametrize(
    "content",
    [
        text(boxes_of(120_000)),
        text(images=", ".join(f'{{"id": {i + 1}, "file_name": "{i:0150d}"}}' for i in range(60_000))),
        text(categories=", ".join(f'{{"id": {i + 1}, "name": "{i:0150d}"}}' for i in range(20_000))),
        text(more=f'"lists": [{"[1, 2.5, {}], " * 700_000} 0], '),
        text(more=f'"text": "{"x" * 10_000_000}", '),
        text(
            f"{RING}, {json.loads(json.dumps(RING)).replace('[[1, 1', '[[' + '1, 2, ' * 1_500_000 + '1, 1')}"
        ),
        text(images=f'{IMAGE}, {{"id": 2, "file_name": "{"y" * 5_000_000}"}}'),
    ],
    ids=["annotations", "images", "categories", "other lists", "a string", "a ring", "a name"],
)
def test_scanner_reads_long_files(tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, content)
    scan = scanned(path)
    assert scan is not None
    assert not len(scan.other_indices) + len(scan.other_image_indices)
    assert_read_alike(path, monkeypatch, limits=hg.Limits(vertices=10**7))


OTHERS = [
    RING,
    '{"id": 8, "image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4], "score": 0.5}',
    '{"id": 9, "image_id": 1, "category_id": 3, "keypoints": [1, 1, 2, 2.5, 2, 1], "iscrowd": 1}',
    r'{"id": 10, "image_id": 1, "category_id": 3, "segmentation": {"size": [8, 10], "counts": "PQ\\l"}}',
    '{"id": 11, "image_id": 1, "category_id": 4, "segmentation": {"size": [8, 10], "counts": [7, 2, 71]}}',
    '{"id": 12, "image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4], "attributes": {"rotation": 30}}',
    r'{"id": 13, "image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4], "note": "}, {\"image_id\": 1, "}',
    '{"id": 14, "category_id": 3, "bbox": [1, 2, 3, 4], "of": [{}, {"image_id": 7}], "image_id": 1}',
    '{"image_id": 1, "category_id": 3, "caption": "a car"}',
    "null",
]


@given(st.lists(st.sampled_from(OTHERS), max_size=30), st.integers(2, 8))
def test_several_threads_read_what_one_reads(
    tmp_path_factory: pytest.TempPathFactory, annotations: list[str], threads: int
) -> None:
    path = write(tmp_path_factory.getbasetemp(), text(", ".join(annotations)))
    assert_same(read(path, threads=threads), read(path, threads=1))


@pytest.mark.parametrize("threads", [2, 5])
def test_each_thread_reads_its_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    path = write(tmp_path, text(boxes_of(2_000)))
    starts = []

    def preadv(file: int, buffers: Sequence[memoryview], position: int) -> int:
        starts.append(position)
        return os_preadv(file, buffers, position)

    os_preadv = os.preadv
    monkeypatch.setattr(os, "preadv", preadv)
    with path.open("rb") as file:
        scan = scan_coco(file, threads)
        assert file.tell() == path.stat().st_size  # what the progress shows
    assert scan is not None
    assert scan.ids.tolist() == list(range(2_000))
    size = path.stat().st_size
    assert all(any(abs(start - size * i / threads) < 200 for start in starts) for i in range(threads))


@pytest.mark.parametrize("name", ["images", "annotations", "categories"])
def test_lists_named_twice_are_found_by_several_threads(tmp_path: Path, name: str) -> None:
    content = text(boxes_of(9)).removesuffix(b"}") + f', "{name}": []}}'.encode()
    with write(tmp_path, content).open("rb") as file:
        assert scan_coco(file, 2) is None


def test_images_that_are_not_divided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = ", ".join(
        f'{{"id": {i + 1}, "width": 9, "height": 9, "file_name": "{i}"}}' for i in range(2_000)
    )
    path = write(tmp_path, text(f"{RING}, {RING.replace('7', '8', 1)}", images))
    assert_read_alike(path, monkeypatch)


class Damaged(FileIO):
    """A file whose second megabyte cannot be read."""

    def readinto(self, buffer: Any) -> int:
        if self.tell():
            raise OSError(EIO, "Input/output error")
        return super().readinto(buffer)


def test_files_that_cannot_be_read_are_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, b'{"images": [' + b'{"id": 1},' * (1 << 18) + b"]}")
    with Damaged(path) as file, pytest.raises(OSError, match="Input/output error"):
        scan_coco(file)


class Slow(FileIO):
    """A file that is read in pieces of 64 kilobytes with a pause before each."""

    def readinto(self, buffer: Any) -> int:
        time.sleep(0.02)
        return super().readinto(memoryview(buffer)[: 1 << 16])


def test_reading_can_be_cancelled(tmp_path: Path) -> None:
    path = write(tmp_path, text(boxes_of(120_000)))
    with Slow(path) as file:
        with pytest.raises(hg.Cancelled), hg.Cancel(seconds=0.1):
            scan_coco(file)
        assert 0 < file.tell() < path.stat().st_size


DIGITS = st.text("0123456789", min_size=1, max_size=40)
DECIMAL = st.builds(
    lambda sign, whole, fraction, exponent: f"{sign}{whole.lstrip('0') or '0'}{fraction}{exponent}",
    st.sampled_from(["", "-"]),
    DIGITS,
    st.one_of(st.just(""), DIGITS.map(".{}".format)),
    st.one_of(st.just(""), st.integers(-400, 400).map("e{}".format)),
)
NUMBER = st.one_of(
    DECIMAL,
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(0, 2000).map("{:.2f}".format),
    st.integers().map(str),
)


@given(st.lists(NUMBER, min_size=1, max_size=20))
def test_numbers_are_those_of_python(tmp_path_factory: pytest.TempPathFactory, numbers: list[str]) -> None:
    content = annotation(segmentation=f"[[{', '.join(numbers)}]]")
    scan = scanned(write(tmp_path_factory.getbasetemp(), content))
    assert scan is not None
    expected = [0.0 if number == "-0" else float(number) for number in numbers]
    assert scan.rings.tobytes() == np.array(expected).tobytes()


@given(
    st.lists(st.integers(-9, 9), min_size=1, unique=True),
    st.lists(st.integers(-10, 10)),
    st.sampled_from([1, 10**16]),
)
def test_ids_are_found(keys: list[int], wanted: list[int], scale: int) -> None:
    ids, numbers = np.array(keys) * scale, np.array(wanted, dtype=np.int64) * scale
    expected = [keys.index(id_) if id_ in keys else -1 for id_ in wanted]
    mixed: Sequence[Any] = [*ids.tolist(), "1", 0.5, float("nan"), 10**30]
    for known in (ids, list(mixed), [float(id_) for id_ in ids]):
        assert find(known, numbers).tolist() == expected
        assert find(known, numbers.tolist()).tolist() == expected
    assert find(list(mixed), ["1", 10**30, None, [1], 0.5]).tolist() == [
        len(keys),
        len(keys) + 3,
        -1,
        -1,
        len(keys) + 1,
    ]
