"""YOLO rows: the kernel reads a file as Python does, or leaves it to Python."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heatgrid as hg
from heatgrid.core.kernel import read_label_files
from heatgrid.core.ragged import offsets_of
from heatgrid.core.report import Report
from heatgrid.errors import FormatError
from heatgrid.io import files
from heatgrid.io.formats import yolo
from heatgrid.io.formats.yolo import build_batch
from heatgrid.io.formats.yolo.dataset import Dataset
from heatgrid.io.options import ReadOptions
from heatgrid.io.text_rows import NumberedClasses, Rows, parse
from mutations import mutated, mutations
from samples import DATA, assert_same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heatgrid.core.annotations import Annotations

REAL = Path(__file__).parents[3].parent / "shared/data"
SAMPLES = sorted((DATA / "yolo").rglob("*.txt"))

KNOWN = {
    "nothing": b"",
    "blank lines": b"\n\r\n \t \n\n",
    "boxes": b"0 0.5 0.5 0.1 0.1\n3 0.25 0.75 0.5 1\n",
    "no final newline": b"0 0.5 0.5 0.1 0.1",
    "tabs, blanks and ends of all systems": b"\t0  0.5\t0.5 0.1 0.1 \r\n1 0.5 0.5 1 1\r\r2 0.5 0.5 1 1\n\n",
    "mixed rows": b"0 0.5 0.5 0.1 0.1\n1 0.1 0.1 0.4 0.1 0.4 0.35\n2 0.5 0.5 0.1 0.1 0.9\n",
    "poses": b"0 0.5 0.5 0.1 0.1 0.1 0.2 2 0.3 0.4 0\n0 0.5 0.5 0.1 0.1 0.1 0.2 2 0.3 0.4 0 0.75\n",
    "four corners": b"0 0.1 0.1 0.4 0.1 0.4 0.4 0.1 0.4\n",
    "odd polygon": b"0 0.1 0.1 0.4 0.1 0.4 0.4 0.1\n0 0.5 0.5 0.1 0.1\n",
    "too few": b"0 0.5 0.5 0.1\n0\n",
    "bad classes": b"-1 0.5 0.5 1 1\n0.5 0.5 0.5 1 1\n1e99 0.5 0.5 1 1\n1.0 0.5 0.5 1 1\n-0 0 0 1 1\n",
    "negative sides": b"0 0.5 0.5 -0.1 0.1\n",
    "pixels": b"0 320 240 100 100\n",
    "exponents, many digits": b"0 5e-1 0.50000000000000000001 1E-2 1e+0\n0 0.1234567890123 1 1e-400 1e400\n",
}
"""Files that the kernel reads."""

UNKNOWN = {
    "byte order mark": b"\xef\xbb\xbf0 0.5 0.5 0.1 0.1\n",
    "UTF-16": "0 0.5 0.5 0.1 0.1\n".encode("utf-16"),
    "commas": b"0,0.5,0.5,0.1,0.1\n",
    "a comment": b"0 0.5 0.5 0.1 0.1 # a car\n",
    "nan": b"0 nan 0.5 0.1 0.1\n0 0.5 0.5 0.1 0.1\n",
    "infinity": b"0 inf 0.5 0.1 -Infinity\n",
    "plus signs": b"0 +0.5 0.5 0.1 0.1\n",
    "leading points": b"0 .5 .5 .1 .1\n",
    "trailing points": b"0. 0.5 0.5 0.1 0.1\n",
    "leading zeros": b"00 0.5 0.5 0.1 0.1\n",
    "underscores": b"1_0 0.5 0.5 0.1 0.1\n",
    "words": b"car 0.5 0.5 0.1 0.1\n",
    "hexadecimal": b"0x1 0.5 0.5 0.1 0.1\n",
    "a form feed": b"0 0.5 0.5 0.1 0.1\f\n",
    "a zero byte": b"0 0.5 0.5 0.1 0.1\x00\n",
    "something else": b"<html><p>0 0.5</p>",
    "a pointer": b"version https://git-lfs.github.com/spec/v1\noid",
}
"""Files that the kernel leaves to Python."""


def write(folder: Path, contents: Sequence[bytes]) -> list[tuple[str, str | None]]:
    """Write label files; return the images."""
    for i, content in enumerate(contents):
        (folder / f"{i}.txt").write_bytes(content)
    return [(f"{i}", str(folder / f"{i}.txt")) for i in range(len(contents))]


def built(images: Sequence[tuple[str, str | None]], **options: Any) -> Annotations | str:
    """Return the batch of some images, or the error in words."""
    dataset = Dataset("set", {}, NumberedClasses({0: "car", 1: "bus"}))
    try:
        reading = ReadOptions(**options)
        batch = build_batch(images, dataset, split="train", options=reading, report=Report())
    except FormatError as error:
        return str(error)
    batch.validate()
    return batch


@pytest.fixture
def by_python(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what reads as `built` does, with the kernel leaving every file."""

    def read(images: Sequence[tuple[str, str | None]], **options: Any) -> Annotations | str:
        nothing, none = np.zeros(0), np.zeros(0, dtype=np.int64)
        with monkeypatch.context() as patch:
            patch.setattr(
                yolo,
                "read_label_files",
                lambda paths, *_: (nothing, none, none, none, np.arange(len(paths))),
            )
            return built(images, **options)

    return read


def is_left(content: bytes, folder: Path) -> bool:
    """Return whether the kernel leaves a file; if it does not, its rows are those of Python."""
    path = folder / "one.txt"
    path.write_bytes(content)
    values, lengths, file, line, left = read_label_files([str(path)], 1 << 20)
    if len(left):
        assert not len(values) + len(lengths) + len(file) + len(line)
        return True
    rows, bad = parse([content])
    assert not bad
    assert_same(Rows(values, offsets_of(lengths), file, line), rows)
    return False


@pytest.mark.parametrize("case", KNOWN)
def test_kernel_reads_what_tools_write(case: str, tmp_path: Path) -> None:
    assert not is_left(KNOWN[case], tmp_path)


@pytest.mark.parametrize("case", UNKNOWN)
def test_kernel_leaves_other_files(case: str, tmp_path: Path) -> None:
    assert is_left(UNKNOWN[case], tmp_path)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"task": "pose"},
        {"task": "obb"},
        {"limits": hg.Limits(vertices=3)},
        {"limits": hg.Limits(file_bytes=40)},
    ],
)
def test_batches_of_mixed_files_are_alike(options: dict[str, Any], by_python: Any, tmp_path: Path) -> None:
    contents = [content for pair in zip(KNOWN.values(), UNKNOWN.values(), strict=False) for content in pair]
    images = [
        *write(tmp_path, contents),
        ("missing", str(tmp_path / "missing.txt")),
        ("folder", str(tmp_path)),
    ]
    images[3:3] = [("background", None)]
    images.append(("another", None))
    random.Random(5).shuffle(images)  # noqa: S311 - no secret
    found = built(images, **options)
    assert not isinstance(found, str)
    assert_same(found, by_python(images, **options))
    for some in (images[:4], images[4:9], [("background", None)], []):
        assert_same(built(some, **options), by_python(some, **options))
    assert_same(built(images, on_error="raise", **options), by_python(images, on_error="raise", **options))


def test_only_files_left_by_the_kernel_are_read_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    images = write(tmp_path, [KNOWN["boxes"], UNKNOWN["commas"], KNOWN["poses"], UNKNOWN["nan"]])
    asked: list[str] = []

    def noting(path: str, options: ReadOptions, *, blank: bool) -> bytes:
        asked.append(path)
        return files.read_bytes(path, options, blank=blank)

    monkeypatch.setattr("heatgrid.io.formats.yolo.read_bytes", noting)
    built(images)
    assert asked == [images[1][1], images[3][1]]


def test_results_do_not_depend_on_threads() -> None:
    paths = [str(path) for path in [*SAMPLES, *SAMPLES[::-1]]]
    one = read_label_files(paths, 1 << 20, 1)
    for threads in (2, 3, 8, 1000):
        for found, expected in zip(read_label_files(paths, 1 << 20, threads), one, strict=True):
            assert_same(found, expected)


def test_no_files_at_all() -> None:
    assert [len(column) for column in read_label_files([], 100)] == [0] * 5


def test_damaged_files_are_read_alike(tmp_path: Path) -> None:
    real = sorted(REAL.glob("yolo/**/*.txt"))[::50]
    seeds = [*(path.read_bytes() for path in [*SAMPLES, *real]), *KNOWN.values()]
    rng = random.Random(20240229)  # noqa: S311 - no secret
    left = [is_left(mutated(rng.choice(seeds), rng), tmp_path) for _ in range(mutations(400))]
    assert 0 < sum(left) < len(left)


@pytest.mark.skipif(not REAL.is_dir(), reason="the real data set folder ../shared/data is not available")
def test_real_files_are_read_alike(by_python: Any) -> None:
    paths = [*REAL.glob("yolo/**/labels/**/*.txt"), *REAL.glob("same-100-images/gts/yolo_format/**/*.txt")]
    images = [(path.stem, str(path)) for path in sorted(paths)]
    assert_same(built(images), by_python(images))
    *_, left = read_label_files([str(path) for path in paths], 1 << 20)
    assert len(left) < len(paths) / 20


BLANK = st.sampled_from([" ", "\t", "  "])
NUMBER = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(0, 1).map("{:.6f}".format),
    st.floats(0, 1).map("{:.16f}".format),
    st.integers(-5, 100).map(str),
)


@given(
    st.lists(st.lists(st.tuples(NUMBER, BLANK), max_size=12), max_size=6),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_numbers_are_those_of_python(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[tuple[str, str]]], end: str
) -> None:
    text = end.join("".join(map("".join, row)) for row in rows)
    assert not is_left(text.encode(), tmp_path_factory.getbasetemp())
