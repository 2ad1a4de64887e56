"""Ultralytics NDJSON, after https://docs.ultralytics.com/datasets/detect/#ultralytics-ndjson-format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.core.kernel import scan_image_lines
from heatgrid.core.ragged import Kind
from heatgrid.errors import FormatError
from heatgrid.io.read import detect
from samples import DATA, assert_same, read_all, read_one

CASE = Path(__file__).parents[3].parent / "shared/cases/c12_ultralytics_ndjson/ds.ndjson"
KINDS = DATA / "ultralytics/valid/kinds.ndjson"


def test_geometry_by_key() -> None:
    batch = read_one(KINDS)
    assert batch.image_names == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    assert batch.image.tolist() == [0, 0, 1, 2, 2]
    assert batch.kinds.tolist() == [*[Kind.POLYGON] * 3, Kind.BOX, Kind.BOX | Kind.POINT]
    assert [batch.classes[i] for i in batch.label] == ["car", "class_7", "person", "car", "person"]
    assert batch.polygons is not None
    assert batch.polygons.rings.tolist() == [0, 3, 7, 11]
    assert batch.points is not None
    assert batch.points.coords.tolist() == [[0.4, 0.5], [0.6, 0.5]]
    assert batch.points.visible.tolist() == [True, False]
    assert batch.boxes is not None
    assert batch.boxes[3].tolist() == pytest.approx([0.4, 0.4, 0.6, 0.6])
    assert batch.scores is not None
    assert batch.scores[3] == 0.75
    assert batch.split == "test"
    assert batch.where(1) == f"{KINDS}: line 3.annotations[1]"


@pytest.mark.skipif(not CASE.is_file(), reason="the folder ../shared/cases does not exist")
def test_shared_case() -> None:
    batches, report = read_all(CASE)
    assert {b.split: len(b.image_names) for b in batches} == {"train": 2, "val": 1}
    assert report.images == 3
    heat = hg.heatmap(CASE, 10)
    expected = np.zeros((2, 10, 10), dtype=np.int64)
    expected[0, 3:7, 4:6] = 1  # centers 0.45, 0.55; rows 0.35 (on the edge) to 0.65
    expected[1, 1:4, 1:4] = 1
    assert heat["car"].counts.tolist() == expected[1].tolist()
    assert (heat["person"].counts <= expected[0]).all()
    assert heat["person"].counts[4:6, 4:6].tolist() == [[1, 1], [1, 1]]


def test_rows_and_lines_that_are_wrong() -> None:
    batches, report = read_all(DATA / "ultralytics/broken/rows.ndjson")
    assert sum(map(len, batches)) == 2
    assert report.skipped == {
        "class is not a whole number from 0 up": 1,
        "coordinate is not a number": 1,
        "fewer than five columns": 2,
        "negative width or height": 1,
        "odd number of polygon coordinates": 1,
        "row is not a list": 1,
        "line is not JSON": 1,
        "annotation is not an object": 1,
    }
    with pytest.raises(FormatError, match=r"line 3\.annotations\[0\]: coordinate is not a number"):
        read_all(DATA / "ultralytics/broken/rows.ndjson", on_error="raise")


class _Left:
    """Columns of a text all of whose lines are left to json."""

    def __init__(self, columns: Any, text: bytes) -> None:
        ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n"))
        self._columns = columns
        self.others = np.arange(len(ends))
        self.bounds = np.stack([np.concatenate([[0], ends[:-1] + 1]), ends], axis=1).ravel()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._columns, name)


@pytest.mark.parametrize(
    "rows",
    [
        "[[0, 0.1, 0.2, 0.3, 0.4]]",
        "[[0,.5,5e-1,0.25,1.0],\t[1, 0.5, 0.5, 0.25, 0.125]]",
        "[]",
        "[[]]",
        "[[0, 0.1, 0.2, 0.3, 0.4], []]",
        "[[0, 0.1, 0.2, 0.3 0.4]]",
        "[[0, 0.1, 0.2, 0.3, 0.4,]]",
        "[[0, 0.1, 0.2], 0.3, 0.4, [1, 0.5, 0.5, 0.5, 0.5]]",
        "[[0, 0.1, 0.2, 0.3, 0.4] [1, 0.1, 0.2, 0.3, 0.4]]",
        "[[0, 0.1, 0.2, 0.3, 0.4]], [[1, 0.1, 0.2, 0.3, 0.4]]",
        "[[0, [0.1], 0.2, 0.3, 0.4]]",
        '[[0, 0.1, 0.2, 0.3, "]}}"]]',
        "[[0, 0.1, 0.2, 0.3, 1e999], [NaN, 1, 1, 1, 1]]",
        '[[0, 0.1, 0.2, 0.3, 0.4]], "obb": [[0, 0, 0, 1, 0, 1, 1, 0, 1]]',
    ],
)
def test_kernel_reads_what_json_reads(tmp_path: Path, rows: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.ndjson"
    line = '{"type": "image", "file": "a", "width": 4, "height": 5, "annotations": {"boxes": %s}}\n'
    path.write_text('{"type": "dataset", "task": "detect", "class_names": ["a", "b"]}\n' + 2 * (line % rows))
    found: Any = read_all(path)
    left = "".join(f'{{"type": "image", "left": [{i}]' + "\n" for i in range(3))  # for its columns
    others = scan_image_lines(left.encode())
    monkeypatch.setattr("heatgrid.io.formats.ultralytics.scan_image_lines", lambda text: _Left(others, text))
    expected: Any = read_all(path)
    assert found[1].skipped.keys() == expected[1].skipped.keys()
    own, other = ([b for b in batches if len(b)] for batches, _ in (found, expected))
    assert len(own) == len(other)
    for one, two in zip(own, other, strict=True):
        assert_same(one, two)


def test_near_miss_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_text(2 * (json.dumps({"task": "detect", "names": ["a"], "boxes": []}) + "\n"))
    with pytest.raises(FormatError, match="nearest is ultralytics, which also has class_names"):
        detect(path)


@pytest.mark.parametrize("size", [1, 7, 64, 300])
def test_pieces_of_a_file_may_end_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    path = tmp_path / "a.ndjson"
    lines = ['\ufeff{"type": "dataset", "task": "detect", "class_names": ["a", "b"]}', "", "broken"]
    for i, split in enumerate(("train", "val", "", "train")):
        record = {"type": "image", "file": f"{i}.jpg" if i else "", "width": 4, "height": 5, "split": split}
        rows = [[i % 2, 0.5, 0.5, 0.1 * row, 0.2] for row in range(10 * i)]
        lines.append(json.dumps(record | {"annotations": {"boxes": rows}}))
    path.write_text("\n".join(lines), encoding="utf-8")
    whole, report = read_all(path)
    assert report.skipped == {"line is not JSON": 1}
    assert whole[0].image_names == ["line 4", "3.jpg"]
    assert whole[0].where(0).endswith("line 7.annotations[0]")
    monkeypatch.setattr("heatgrid.io.formats.ultralytics._CHUNK", size)
    pieces, _ = read_all(path)
    for one, two in zip(whole, pieces, strict=True):
        assert_same(one, two)
