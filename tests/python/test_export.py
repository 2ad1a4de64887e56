"""Saved maps: equal numbers in every format, safe reading, atomic writing."""

from __future__ import annotations

import csv
import io
import json
import os
import pickle
import re
import stat
import struct
import threading
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heatgrid as hg
from heatgrid import export
from heatgrid.commands.cli import main
from heatgrid.summary.comparison.result import FORMATS as COMPARISONS

NAMES = ("car", "dog", 'a "quoted", name', "línea\nnueva", "# not a comment")


def example(classes: tuple[str, ...] | None = NAMES) -> hg.Heatmap:
    heat = hg.Heatmap((3, 4), classes, rule="touch", large_box_ratio=0.75)
    boxes: list[list[float]] = [
        [0, 0, 0.5, 0.5], [0.2, 0.1, 0.9, 0.95], [0.5, 0.5, 0.5, 0.9], [2, 2, 3, 3], [np.nan, 0, 1, 1],
    ]  # fmt: skip
    labels = None if classes is None else [0, 1, 1, 0, 1]
    heat.add_boxes(boxes, labels=labels)
    heat.report.note("a note", where="here: línea")
    heat.report.images = 12
    return heat


MAPS = {
    "classes": example(),
    "one class": example()["dog"],
    "no classes": example(None),
    "no classes yet": hg.Heatmap((3, 4), ()),
    "difference": example() - example() - example(),
}


@pytest.fixture(params=MAPS)
def heat(request: pytest.FixtureRequest) -> hg.Heatmap:
    return MAPS[request.param].copy()


# NPZ: everything, exactly


def test_npz_round_trip(heat: hg.Heatmap, tmp_path: Path) -> None:
    heat.save(tmp_path / "heat.npz")
    for source in (tmp_path / "heat.npz", str(tmp_path / "heat.npz")):
        back = hg.load(source)
        assert back == heat
        assert back.classes == heat.classes
        assert back.has_classes == heat.has_classes
        assert back.report == heat.report
        assert back.spec == heat.spec
    back += heat
    assert np.array_equal(back.counts, 2 * heat.counts)


@given(
    classes=st.none() | st.lists(st.text(max_size=5), unique=True, max_size=4),
    shape=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    data=st.data(),
)
def test_npz_round_trip_of_any_map(classes: Any, shape: tuple[int, int], data: Any) -> None:
    heat = hg.Heatmap(shape, classes)
    planes = (1 if classes is None else len(classes), *shape)
    largest = 2**60
    values = st.lists(
        st.integers(-largest, largest), min_size=int(np.prod(planes)), max_size=int(np.prod(planes))
    )
    heat.fill(np.array(data.draw(values), dtype=np.int64).reshape(planes))
    stream = io.BytesIO()
    heat.save(stream, format="npz")
    stream.seek(0)
    back = hg.load(stream)
    assert back == heat
    assert back.classes == heat.classes


def test_numpy_can_read_npz_files(tmp_path: Path) -> None:
    heat = example()
    heat.save(tmp_path / "heat.npz")
    with np.load(tmp_path / "heat.npz", allow_pickle=False) as archive:
        assert np.array_equal(archive["counts"], heat.by_class)
        header = json.loads(str(archive["heatgrid"]))
    assert header["grid"] == [3, 4]
    assert header["classes"] == list(NAMES)
    assert header["report"] == heat.report.to_dict()


def archive(path: Path, **arrays: Any) -> Path:
    """Write an archive of a valid map with some arrays replaced."""
    heat = example()
    header = export.map_header(heat) | {"aspects": [], "grows": False, "report": heat.report.to_dict()}
    good: dict[str, Any] = {"counts": heat.by_class, "heatgrid": np.array(json.dumps(header))}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, value in (good | arrays).items():
            if value is not None:
                stream = io.BytesIO()
                if isinstance(value, bytes):
                    stream.write(value)
                else:
                    np.lib.format.write_array(stream, value, allow_pickle=True)
                file.writestr(f"{name}.npy", stream.getvalue())
    return path


def header_with(**changes: Any) -> Any:
    header = export.map_header(example()) | {"grows": False, "report": {}} | changes
    return np.array(json.dumps(header))


def claiming(shape: str, kind: str = "<i8") -> bytes:
    """Return an array file that claims a shape and holds 64 bytes."""
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}}}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(64)


class Bomb:
    """Object that must never be unpickled."""

    def __reduce__(self) -> Any:
        return (os.putenv, ("HEATGRID_BOMB", "exploded"))


COUNTS = example().by_class
HOSTILE: dict[str, dict[str, Any]] = {
    "no counts": {"counts": None},
    "no header": {"heatgrid": None},
    "pickled counts": {"counts": np.array([Bomb()], dtype=object)},
    "pickled header": {"heatgrid": np.array([Bomb()], dtype=object)},
    "bare pickle": {"counts": pickle.dumps(Bomb())},
    "float counts": {"counts": COUNTS.astype(np.float64)},
    "narrow counts": {"counts": COUNTS.astype(np.int32)},
    "text counts": {"counts": np.array("counts")},
    "flat counts": {"counts": COUNTS.ravel()},
    "missing plane": {"counts": COUNTS[1:]},
    "column-major counts": {"counts": np.asfortranarray(COUNTS)},
    "counts that overflow": {"counts": np.full_like(COUNTS, 2**62)},
    "terabytes of counts": {"counts": claiming("(5, 1000000, 1000000)")},
    "overflowing shape": {"counts": claiming("(4294967296, 4294967296, 4294967296)")},
    "negative shape": {"counts": claiming("(-1, 3, 4)")},
    "terabytes of header": {"heatgrid": claiming("()", "<U1000000000")},
    "not an array": {"counts": b"nothing"},
    "empty array file": {"counts": b""},
    "future array file": {"counts": b"\x93NUMPY\x09\x00" + bytes(80)},
    "header is a list": {"heatgrid": np.array("[1, 2]")},
    "header is a number": {"heatgrid": np.array("7")},
    "header is no JSON": {"heatgrid": np.array("{")},
    "header is deep": {"heatgrid": np.array("[" * 100_000)},
    "header is an array": {"heatgrid": np.array(["{}", "{}"])},
    "another format": {"heatgrid": header_with(format="heat")},
    "a later version": {"heatgrid": header_with(version=2)},
    "terabytes of map": {"heatgrid": header_with(grid=[2**26, 2**26])},
    "no grid": {"heatgrid": header_with(grid=None)},
    "grid of text": {"heatgrid": header_with(grid=["3", "4"])},
    "grid of floats": {"heatgrid": header_with(grid=[3.0, 4.0])},
    "three axes": {"heatgrid": header_with(grid=[3, 4, 5])},
    "other classes": {"heatgrid": header_with(classes=["car"])},
    "no classes": {"heatgrid": header_with(classes=None)},
    "a class twice": {"heatgrid": header_with(classes=["car"] * 5)},
    "classes of numbers": {"heatgrid": header_with(classes=[1, 2, 3, 4, 5])},
    "classes of one word": {"heatgrid": header_with(classes="words")},
    "an unexpected union": {"union": COUNTS[0]},
    "no union": {"heatgrid": header_with(count="images")},
    "NaN counts": {
        "heatgrid": header_with(weighted=True),
        "counts": np.full(COUNTS.shape, np.nan),
    },
    "images and weights": {"heatgrid": header_with(count="images", weighted=True)},
    "unknown count": {"heatgrid": header_with(count="pictures")},
    "unknown rule": {"heatgrid": header_with(rule="magic")},
    "rule of a list": {"heatgrid": header_with(rule=["center"])},
    "negative ratio": {"heatgrid": header_with(large_box_ratio=-1)},
    "ratio of text": {"heatgrid": header_with(large_box_ratio="0.5")},
    "report of a list": {"heatgrid": header_with(report=[1])},
    "report of text": {"heatgrid": header_with(report={"images": "many"})},
    "report of infinity": {"heatgrid": header_with(report={"images": float("inf")})},
    "reasons of a list": {"heatgrid": header_with(report={"unreadable": [1]})},
    "outcomes of a list": {"heatgrid": header_with(report={"classes": [1]})},
    "outcomes of text": {"heatgrid": header_with(report={"classes": {"car": {"images": 1, "counted": "x"}}})},
    "outcomes of infinity": {"heatgrid": header_with(report={"classes": {"car": {"images": 1e999}}})},
    "outcomes without images": {"heatgrid": header_with(report={"classes": {"car": {"counted": 1}}})},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archives_are_refused(name: str, tmp_path: Path) -> None:
    path = archive(tmp_path / "hostile.npz", **HOSTILE[name])
    with pytest.raises(hg.FormatError, match="not a map saved by heatgrid") as caught:
        hg.load(path)
    assert caught.value.path == str(path)
    assert "HEATGRID_BOMB" not in os.environ


@pytest.mark.parametrize("claim", ["map", "counts", "header"])
def test_claimed_sizes_take_no_memory(claim: str, tmp_path: Path) -> None:
    hostile: dict[str, Any] = {
        "map": {"heatgrid": header_with(grid=[20_000, 20_000])},
        "counts": {"counts": claiming("(5, 20000, 20000)")},
        "header": {"heatgrid": claiming("()", "<U1000000000")},
    }
    path = archive(tmp_path / "hostile.npz", **hostile[claim])
    tracemalloc.start()
    try:
        with pytest.raises(hg.FormatError):
            hg.load(path)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_unmodified_archive_is_loaded(tmp_path: Path) -> None:
    assert hg.load(archive(tmp_path / "good.npz")) == example()
    assert hg.load(archive(tmp_path / "big.npz", counts=COUNTS.astype(">i8"))) == example()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"PK\x05\x06" + bytes(18),
        b"\x93NUMPY\x01\x00",
        pickle.dumps(Bomb()),
        b"\x89PNG\r\n",
        b"{}",
    ],
    ids=["empty", "start", "empty archive", "array", "pickle", "picture", "json"],
)
def test_non_archives_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "heat.npz"
    path.write_bytes(content)
    with pytest.raises(hg.FormatError, match="not a map saved by heatgrid"):
        hg.load(path)


def array_file(array: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("arrays", "text"),
    [
        (
            {"counts": array_file(COUNTS) + b"more"},
            "counts have an unexpected size",
        ),
        ({"heatgrid": np.array("[1]")}, "its header is not an object"),
        ({"heatgrid": header_with(version=2)}, "format 'heatgrid' version 2 is not known"),
        (
            {"heatgrid": header_with(grid=[3, 5])},
            r"its counts have shape \(5, 3, 4\), its header says \(5, 3, 5\)",
        ),
        ({"counts": None}, "There is no item named 'counts.npy'"),
    ],
)
def test_message_names_the_error(arrays: dict[str, Any], text: str, tmp_path: Path) -> None:
    path = archive(tmp_path / "hostile.npz", **arrays)
    with pytest.raises(hg.FormatError, match=text):
        hg.load(path)


def saved() -> bytes:
    stream = io.BytesIO()
    example().save(stream, format="npz")
    return stream.getvalue()


SAVED = saved()


@given(st.integers(0, len(SAVED) - 1))
def test_truncated_archive_is_refused(length: int) -> None:
    with pytest.raises(hg.FormatError, match="not a map saved by heatgrid"):
        hg.load(io.BytesIO(SAVED[:length]))


@given(st.lists(st.tuples(st.integers(0, len(SAVED) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_modified_archive_is_refused_or_equal(changes: list[tuple[int, int]]) -> None:
    content = bytearray(SAVED)
    for place, value in changes:
        content[place] = value
    try:
        heat = hg.load(io.BytesIO(bytes(content)))
    except hg.FormatError:
        return
    assert heat == example()  # the checksums match, so only insignificant bytes changed


def test_unpacked_size_has_a_limit(tmp_path: Path) -> None:
    heat = hg.Heatmap(500)
    heat.save(tmp_path / "zeros.npz")
    assert (tmp_path / "zeros.npz").stat().st_size < 10_000
    assert hg.load(tmp_path / "zeros.npz", limits=hg.Limits(map_bytes=3_000_000)) == heat
    with pytest.raises(hg.FormatError, match=r"more than limits\.map_bytes=1,000,000"):
        hg.load(tmp_path / "zeros.npz", limits=hg.Limits(map_bytes=1_000_000))


def test_unreadable_path_is_no_format_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        hg.load(tmp_path / "none.npz")
    with pytest.raises(IsADirectoryError):
        hg.load(tmp_path)


# JSON and CSV: the same numbers for other programs


def test_json_has_the_same_numbers(heat: hg.Heatmap, tmp_path: Path) -> None:
    heat.save(tmp_path / "heat.json")
    text = (tmp_path / "heat.json").read_text(encoding="utf-8")
    document = json.loads(text)
    assert document["grid"] == [3, 4]
    assert document["counts"] == heat.counts.tolist()
    assert document["stats"] == heat.stats().to_dict()
    assert document["report"] == heat.report.to_dict()
    assert (document["rule"], document["large_box_ratio"]) == (heat.spec.rule, heat.spec.large_box_ratio)
    if heat.has_classes:
        assert document["classes"] == list(heat.classes)
        assert document["by_class"] == {name: heat[name].counts.tolist() for name in heat.classes}
    else:
        assert document["classes"] is None
        assert "by_class" not in document
    heat.save(tmp_path / "heat.json", by_class=False)
    document.pop("by_class", None)
    assert json.loads((tmp_path / "heat.json").read_text(encoding="utf-8")) == document


def test_csv_has_the_same_numbers(heat: hg.Heatmap, tmp_path: Path) -> None:
    heat.save(tmp_path / "heat.csv")
    lines = (tmp_path / "heat.csv").read_text(encoding="utf-8").split("\n")
    comments = [line for line in lines if line.startswith("# ")]
    meaning = {key: json.loads(value) for key, value in (line[2:].split(": ", 1) for line in comments)}
    assert meaning["grid"] == [3, 4]
    assert meaning["stats"] == heat.stats().to_dict()
    header, *rows = csv.reader(io.StringIO("\n".join(lines[len(comments) :])))
    assert header == ["row", "column", "count", *heat.classes]
    assert len(rows) == 12
    for row in rows:
        r, c, count, *by_class = map(int, row)
        assert count == heat.counts[r, c]
        assert by_class == heat.by_class[:, r, c].tolist()
    heat.save(tmp_path / "heat.csv", by_class=False)
    table = np.loadtxt(tmp_path / "heat.csv", delimiter=",", skiprows=len(comments) + 1, dtype=np.int64)
    assert np.array_equal(table[:, 2].reshape(3, 4), heat.counts)
    assert np.array_equal(table[:, :2], np.indices((3, 4)).reshape(2, -1).T)


def test_large_counts_are_exact_in_every_format(tmp_path: Path) -> None:
    heat = hg.Heatmap(1)
    heat.fill(np.array([[[2**53 + 1]]]))
    for suffix in ("json", "csv", "npz"):
        heat.save(tmp_path / f"heat.{suffix}")
    assert json.loads((tmp_path / "heat.json").read_text())["counts"] == [[2**53 + 1]]
    assert (tmp_path / "heat.csv").read_text().endswith(f"0,0,{2**53 + 1}\n")
    assert hg.load(tmp_path / "heat.npz") == heat


KINDS: list[dict[str, Any]] = [
    {"rule": "center"},
    {"rule": "touch", "count": "images"},
    {"rule": "point", "weighted": True},
    {"rule": "area"},
    {"rule": "area", "weighted": True},
]


def map_of_kind(kind: dict[str, Any], classes: tuple[str, ...] | None) -> hg.Heatmap:
    heat = hg.Heatmap((3, 4), classes, **kind)
    columns: dict[str, Any] = {}
    if kind.get("count") == "images":
        columns["images"] = [0, 0, 1]
    if kind.get("weighted"):
        columns["weights"] = [0.1, 2.5, 1 / 3]
    if classes:
        columns["labels"] = [0, 1, 0]
    return heat.add_boxes([[0, 0, 0.55, 0.5], [0.1, 0.1, 0.3, 0.9], [0.5, 0.5, 0.9, 1]], **columns)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: " ".join(map(str, kind.values())))
@pytest.mark.parametrize("classes", [None, ("car", "dog")], ids=["no classes", "classes"])
@pytest.mark.parametrize("of", ["sum", "difference"])
def test_every_kind_of_map_keeps_all_digits(
    kind: dict[str, Any], classes: Any, of: str, tmp_path: Path
) -> None:
    heat = map_of_kind(kind, classes)
    if of == "difference":
        heat = heat - heat - heat
    for suffix in ("npz", "json", "csv", "png"):
        heat.save(tmp_path / f"heat.{suffix}")
    back = hg.load(tmp_path / "heat.npz")
    assert back == heat
    assert back.counts.tolist() == heat.counts.tolist()
    assert back.counts.dtype == heat.counts.dtype
    document = json.loads((tmp_path / "heat.json").read_text())
    assert document["counts"] == heat.counts.tolist()
    lines = (tmp_path / "heat.csv").read_text().splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert [float(row["count"]) for row in rows] == heat.counts.ravel().tolist()
    assert [(row["row"], row["column"]) for row in rows] == [
        (str(r), str(c)) for r in range(3) for c in range(4)
    ]
    for name in heat.classes:
        assert document["by_class"][name] == heat[name].counts.tolist()
        assert [float(row[name]) for row in rows] == heat[name].counts.ravel().tolist()
    assert (tmp_path / "heat.png").read_bytes().startswith(b"\x89PNG")


def test_unpaired_surrogate_in_a_name(tmp_path: Path) -> None:
    heat = hg.Heatmap(1, ["ok", "half \ud800"])
    for suffix in ("json", "csv", "npz"):
        heat.save(tmp_path / f"heat.{suffix}")
    assert json.loads((tmp_path / "heat.json").read_text())["classes"] == list(heat.classes)
    assert hg.load(tmp_path / "heat.npz").classes == heat.classes
    assert r"half \ud800" in (tmp_path / "heat.csv").read_text(encoding="utf-8")


# Targets


@pytest.mark.parametrize("suffix", ["npz", "json", "csv"])
def test_saving_to_open_files(suffix: str, tmp_path: Path) -> None:
    heat = example()
    stream = io.BytesIO()
    heat.save(stream, format=suffix)
    heat.save(tmp_path / "named", format=f".{suffix.upper()}")
    heat.save(tmp_path / f"HEAT.{suffix.upper()}")
    if suffix == "npz":  # which holds the time of writing
        assert hg.load(io.BytesIO(stream.getvalue())) == hg.load(tmp_path / "named") == heat
    else:
        assert stream.getvalue() == (tmp_path / "named").read_bytes()
        assert stream.getvalue() == (tmp_path / f"HEAT.{suffix.upper()}").read_bytes()


def test_documentation_and_help_name_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    documented = {f".{name}" for name in re.findall(r"``\.(\w+)``", hg.Heatmap.save.__doc__ or "")}
    assert documented == set(export.FORMATS)
    for command, formats in (("map", export.FORMATS), ("compare", COMPARISONS)):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        text = " ".join(capsys.readouterr().out.split())
        assert all(f"{suffix} ({row.description})" in text for suffix, row in formats.items())


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "options", "error", "text"),
    [
        (
            "heat.tiff",
            {},
            ValueError,
            r"heat.tiff: suffix '.tiff' is not known; known are .png, .svg, .html, .json",
        ),
        ("heat", {}, ValueError, "heat: suffix '' is not known"),
        ("heat.png", {"format": "tiff"}, ValueError, "format 'tiff' is not known"),
        (io.BytesIO(), {}, ValueError, "format is required for an open file"),
        (io.StringIO(), {"format": "csv"}, TypeError, "path must be open for writing bytes"),
        ("heat.json", {"title": "Cars"}, TypeError, "title is not an option of .json files"),
        ("heat.npz", {"by_class": False}, TypeError, "by_class is not an option of .npz files"),
        (7, {}, TypeError, "int"),
    ],
)
def test_wrong_arguments_raise_and_write_nothing(
    path: Any, options: dict[str, Any], error: type[Exception], text: str, empty_folder: Path
) -> None:
    with pytest.raises(error, match=text):
        example().save(path, **options)
    assert list(empty_folder.iterdir()) == []


def test_failure_names_the_file_and_keeps_the_old_one(tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "heat.csv"
    path.write_text("old")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device", str(self), None, str(target))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left on device") as caught:
        example().save(path)
    assert caught.value.filename == str(path)
    assert [file.name for file in tmp_path.iterdir()] == ["heat.csv"]
    assert path.read_text() == "old"


def test_failure_while_writing_leaves_no_file(tmp_path: Path, monkeypatch: Any) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        example().save(tmp_path / "heat.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["none/heat.csv", "folder.csv"])
def test_unwritable_path_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OSError, match=r"No such file|directory") as caught:
        example().save(tmp_path / name)
    assert caught.value.filename == str(tmp_path / name)
    assert [file.name for file in tmp_path.iterdir()] == ["folder.csv"]


def test_links_are_followed_and_permissions_kept(tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to("real.csv")
    example().save(link)
    assert link.is_symlink()
    assert real.read_text().startswith("# format")
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_new_files_have_default_permissions(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    example().save(tmp_path / "heat.csv")
    assert (tmp_path / "heat.csv").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_pipes_are_written_to_directly(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_bytes()), daemon=True)
    reader.start()
    example().save(pipe)
    reader.join(timeout=30)
    assert received[0].startswith(b"# format")
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_concurrent_writers_leave_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "heat.json"
    failures: list[BaseException] = []

    def write(n: int) -> None:
        try:
            for _ in range(20):
                hg.Heatmap(20, [f"writer {n}"]).save(path)
                json.loads(path.read_bytes())
        except Exception as error:  # noqa: BLE001 - handed on
            failures.append(error)

    threads = [threading.Thread(target=write, args=(n,), daemon=True) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not failures
    assert [file.name for file in tmp_path.iterdir()] == ["heat.json"]
