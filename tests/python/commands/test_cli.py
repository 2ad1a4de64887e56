"""Command line: options, errors, streams and exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.commands.cli import main
from samples import DATA

if TYPE_CHECKING:
    from pathlib import Path

SCENE = DATA / "coco/valid/scene/annotations.json"
MIXED = DATA / "yolo/valid/mixed"

Run = Any


def outside(*arguments: object, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the command line as a process of its own."""
    command = [sys.executable, "-m", "heatgrid", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, timeout=60, **options)


# What it prints and writes


def test_map_prints_quartiles(run: Run) -> None:
    code, output, messages = run("map", SCENE)
    assert code == 0
    assert messages == ""
    heat = hg.heatmap(SCENE)
    lines = output.splitlines()
    assert lines[0] == "3 of 3 annotations counted, 3 images"
    assert lines[1] == f"grid 100 x 100, rule center, {heat.stats().covered:,} of 10,000 cells hit"
    assert lines[3:9] == str(heat.stats()).splitlines()
    assert lines[10] == "objects per cell, mean of blocks of 10 x 10 cells"


def test_json_output(run: Run) -> None:
    code, output, messages = run("map", SCENE, "--json", "--grid", "7x9")
    assert (code, messages) == (0, "")
    heat = hg.heatmap(SCENE, (7, 9))
    assert json.loads(output) == {
        "format": "heatgrid",
        "version": 1,
        "grid": [7, 9],
        "classes": ["car", "person"],
        "rule": "center",
        "count": "instances",
        "weighted": False,
        "unit": None,
        "large_box_ratio": None,
        "fit": "stretch",
        "of": "place",
        "stats": heat.stats().to_dict(),
        "report": heat.report.to_dict(),
        "table": heat.table().to_dict(),
        "output": None,
    }


@pytest.mark.parametrize("suffix", ["json", "csv", "npz"])
def test_files_contain_the_same_counts(suffix: str, run: Run, tmp_path: Path) -> None:
    heat = hg.heatmap(SCENE, 12)
    named, chosen = tmp_path / f"heat.{suffix}", tmp_path / "heat"
    code, output, _ = run("map", SCENE, "--grid", 12, "-o", named)
    assert code == 0
    assert output.endswith(f"wrote {named}\n")
    assert run("map", SCENE, "--grid", 12, "-o", chosen, "--to", suffix)[0] == 0
    for path in (named, chosen):
        assert np.array_equal(counts_in(path.read_bytes(), suffix), heat.counts)


def counts_in(content: bytes, suffix: str) -> Any:
    """Return the counts that a file holds."""
    if suffix == "npz":
        return hg.load(io.BytesIO(content)).counts
    if suffix == "json":
        return np.array(json.loads(content)["counts"])
    lines = [line for line in content.decode().splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    counts = np.zeros((1 + int(rows[-1]["row"]), 1 + int(rows[-1]["column"])), dtype=np.int64)
    for row in rows:
        counts[int(row["row"]), int(row["column"])] = int(row["count"])
    return counts


@pytest.mark.parametrize("suffix", ["json", "csv", "npz"])
def test_stdout_contains_the_counts_only(suffix: str) -> None:
    done = outside("map", SCENE, "--grid", 12, "--to", suffix)
    assert (done.returncode, done.stderr) == (0, b"")
    assert np.array_equal(counts_in(done.stdout, suffix), hg.heatmap(SCENE, 12).counts)
    assert len(outside("map", SCENE, "--grid", 12, "--to", suffix, "-o", "-").stdout) == len(done.stdout)


def test_json_and_a_file_in_one_call(run: Run, tmp_path: Path) -> None:
    code, output, _ = run("map", SCENE, "--json", "-o", tmp_path / "heat.csv")
    assert code == 0
    assert json.loads(output)["output"] == str(tmp_path / "heat.csv")
    assert (tmp_path / "heat.csv").exists()


def test_several_sources_add_up(run: Run, tmp_path: Path) -> None:
    sources = [SCENE, MIXED]
    assert run("map", *sources, "-o", tmp_path / "heat.npz")[0] == 0
    assert hg.load(tmp_path / "heat.npz") == hg.heatmap(sources)


# Every option does something


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """Return a YOLO folder whose one row may be a triangle, or a box with a keypoint."""
    (tmp_path / "odd/labels").mkdir(parents=True)
    (tmp_path / "odd/data.yaml").write_text("train: images\nnames: [a]\n")
    (tmp_path / "odd/labels/1.txt").write_text("0 0.5 0.5 0.2 0.8 0.9 0.1\n")
    return tmp_path / "odd"


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (["--grid", "5"], {"grid": 5}),
        (["--grid", "5X7"], {"grid": (5, 7)}),
        (["--class", "car"], {"classes": ["car"]}),
        (["--class", "person", "--class", "car"], {"classes": ["person", "car"]}),
        (["--rule", "touch"], {"rule": "touch"}),
        (["--rule", "point"], {"rule": "point"}),
        (["--rule", "area"], {"rule": "area"}),
        (["--count", "images"], {"count": "images"}),
        (["--large-box-ratio", "0.1"], {"large_box_ratio": 0.1}),
        (["--preset", "roboflow"], {"preset": "roboflow"}),
        (["--preset", "roboflow", "--grid", "4"], {"preset": "roboflow", "grid": 4}),
        (["--all-classes"], {"by_class": False}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_counting_options(arguments: list[str], options: dict[str, Any], run: Run, tmp_path: Path) -> None:
    assert run("map", SCENE, *arguments, "-o", tmp_path / "heat.npz")[0] == 0
    heat = hg.load(tmp_path / "heat.npz")
    assert heat == hg.heatmap(SCENE, **options)
    assert heat.classes == hg.heatmap(SCENE, **options).classes
    changed = heat != hg.heatmap(SCENE) or heat.classes != hg.heatmap(SCENE).classes
    assert changed


@pytest.mark.parametrize("geometry", ["box", "polygon"])
def test_geometry(geometry: Any, run: Run, tmp_path: Path) -> None:
    source = DATA / "coco/valid/instances_train2017.json"
    code, _, _ = run("map", source, "--geometry", geometry, "-o", tmp_path / "heat.npz")
    assert code == 3  # some have no such geometry
    heat = hg.load(tmp_path / "heat.npz")
    assert heat == hg.heatmap(source, geometry=geometry)
    assert heat != hg.heatmap(source)


@pytest.mark.parametrize(("names", "splits"), [(["valid"], ["val"]), (["train", "test"], ["train", "test"])])
def test_splits(names: list[str], splits: list[str], run: Run, tmp_path: Path) -> None:
    asked = [part for name in names for part in ("--split", name)]
    assert run("map", MIXED, *asked, "-o", tmp_path / "heat.npz")[0] == 0
    heat = hg.load(tmp_path / "heat.npz")
    assert heat == hg.heatmap(MIXED, splits=splits)
    assert heat != hg.heatmap(MIXED)


def test_format_selects_one_of_two(run: Run, tmp_path: Path) -> None:
    for source in (SCENE, DATA / "voc/valid/scene/Annotations/a.xml"):
        (tmp_path / source.name).write_bytes(source.read_bytes())
    code, _, messages = run("map", tmp_path)
    assert code == 1
    assert "a folder of several formats: coco (3 images, 3 annotations), voc (1 image," in messages
    assert run("map", tmp_path, "--format", "voc", "--json")[0] == 0
    assert run("map", tmp_path, "--format", "coco", "--json")[0] == 0


def test_task_decides_meaning_of_rows(odd: Path, run: Run, tmp_path: Path) -> None:
    maps = []
    for task in ("segment", "pose"):
        assert run("map", odd, "--task", task, "-o", tmp_path / "heat.npz")[0] == 0
        maps.append(hg.load(tmp_path / "heat.npz"))
    assert maps[0].counts.any()
    assert maps[1].counts.any()
    assert maps[0] != maps[1]


def test_sizes_from_option_or_folder(run: Run, tmp_path: Path) -> None:
    from PIL import Image

    original = DATA / "voc/valid/scene/Annotations/a.xml"
    path = tmp_path / "voc/a.xml"
    path.parent.mkdir()
    path.write_text(re.sub(r"<size>.*</size>", "", original.read_text()))
    (tmp_path / "images").mkdir()
    Image.new("L", (100, 80)).save(tmp_path / "images/a.jpg")
    pictures = tmp_path / "images"
    hidden = pictures.rename(tmp_path / ".images")
    code, output, messages = run("map", path, "-o", tmp_path / "heat.csv")
    assert code == 1
    assert output.startswith("0 of 1 annotation counted")
    assert "image size missing (give --size or --images)" in messages
    assert messages.endswith(
        "nothing was counted; the main reason: image size missing (give --size or --images)\n"
    )
    assert (tmp_path / "heat.csv").exists()
    hidden.rename(pictures)
    for option in ((), ("--size", "100x80"), ("--images", pictures)):
        assert run("map", path, *option, "-o", tmp_path / "heat.npz")[0] == 0
        assert hg.load(tmp_path / "heat.npz") == hg.heatmap(original)


def test_one_based_pixels(run: Run, tmp_path: Path) -> None:
    source = DATA / "voc/valid/scene"
    assert run("map", source, "--one-based", "-o", tmp_path / "heat.npz")[0] == 0
    heat = hg.load(tmp_path / "heat.npz")
    assert heat == hg.heatmap(source, one_based=True)
    assert heat != hg.heatmap(source)


def test_on_error_raise_stops_at_first_error(run: Run) -> None:
    source = DATA / "coco/broken/corner_cases.json"
    code, output, messages = run("map", source, "--on-error", "raise")
    assert (code, output) == (1, "")
    assert re.match(r"heatgrid: error: .*corner_cases\.json: annotations\[\d+\]", messages)


def test_skipped_annotations_are_reported_with_exit_code_3(run: Run) -> None:
    source = DATA / "coco/broken/corner_cases.json"
    report = hg.heatmap(source).report
    code, output, messages = run("map", source)
    assert code == 3
    assert messages == f"{report}\n".replace("size= or images=", "--size or --images")
    assert output.startswith(f"{report.counted} of {report.read} annotations counted")
    assert run("map", source, "--quiet") == (3, "", "")
    code, output, _ = run("map", source, "--json")
    assert code == 3
    assert json.loads(output)["report"] == report.to_dict()


def test_notes_are_reported_with_exit_code_0(run: Run) -> None:
    code, _, messages = run("map", MIXED, "--split", "train", "--split", "nowhere")
    assert code == 0
    assert "nowhere" in messages


def test_empty_and_outside_are_reported_with_exit_code_3(run: Run, tmp_path: Path) -> None:
    document = json.loads(SCENE.read_text())
    document["annotations"][0]["bbox"] = [300, 300, 5, 5]
    document["annotations"][1]["bbox"] = [5, 5, 0, 9]
    (tmp_path / "scene.json").write_text(json.dumps(document))
    code, output, messages = run("map", tmp_path / "scene.json")
    assert code == run("check", tmp_path / "scene.json")[0] == 3
    assert output.startswith("1 of 3 annotations counted")
    assert re.search(r"^empty +1$", messages, re.MULTILINE)
    assert re.search(r"^outside +1$", messages, re.MULTILINE)


DRAWING: dict[str, list[Any]] = {
    "title": ["--title", "Cars of the north"],
    "colormap": ["--colormap", "viridis"],
    "scale": ["--scale", "sqrt"],
    "vmin": ["--vmin", "1"],
    "vmax": ["--vmax", "9"],
    "zero": ["--zero", "transparent"],
    "blur": ["--blur", "1.5"],
    "by class": ["--by-class"],
}


def picture(content: bytes) -> Any:
    from PIL import Image

    with Image.open(io.BytesIO(content)) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGBA"))


@pytest.mark.parametrize("option", DRAWING)
def test_drawing_options_change_the_picture(option: str, run: Run, tmp_path: Path) -> None:
    plain, drawn = tmp_path / "plain.png", tmp_path / "drawn.png"
    assert run("map", SCENE, "--grid", 8, "-o", plain)[::2] == (0, "")
    assert run("map", SCENE, "--grid", 8, "-o", drawn, *DRAWING[option])[::2] == (0, "")
    assert picture(plain.read_bytes()).shape[2] == 4
    assert not np.array_equal(picture(plain.read_bytes()), picture(drawn.read_bytes()))


def test_picture_on_stdout_equals_picture_in_file(run: Run, tmp_path: Path) -> None:
    assert run("map", SCENE, "--grid", 8, "-o", tmp_path / "heat.png")[0] == 0
    done = outside("map", SCENE, "--grid", 8, "--to", "png")
    assert (done.returncode, done.stderr) == (0, b"")
    assert np.array_equal(picture(done.stdout), picture((tmp_path / "heat.png").read_bytes()))


def test_drawing_options_without_a_picture_warn(run: Run, tmp_path: Path) -> None:
    code, _, messages = run("map", SCENE, "--title", "Cars", "--vmax", 3, "-o", tmp_path / "heat.csv")
    assert code == 0
    assert messages.startswith("heatgrid: warning: --title, --vmax has no effect without a picture")


# What goes wrong


MISTAKES: dict[str, tuple[list[Any], str]] = {
    "missing file": (["nowhere.json"], "heatgrid: error: nowhere.json: No such file or directory\n"),
    "missing among others": ([SCENE, "nowhere.json"], "nowhere.json: No such file or directory"),
    "broken JSON": ([DATA / "coco/broken/cut_off.json"], r"cut_off\.json: line 6, column 1: broken JSON"),
    "broken YAML": ([DATA / "yolo/broken/bad_yaml"], r"data\.yaml: line 3: broken YAML"),
    "empty file": ([DATA / "coco/broken/empty.json"], "this is an empty file"),
    "archive": ([DATA / "coco/broken/archive.json"], "broken ZIP archive: no list of members"),
    "binary": ([sys.executable], "unknown format"),
    "unknown class": (
        [SCENE, "--class", "perso"],
        r"no class 'perso' in the source \(did you mean 'person'\?\); its classes are 'car', 'person'",
    ),
    "unknown split": ([MIXED, "--split", "nowhere"], "no split 'nowhere' in the source"),
    "limits": ([SCENE, "-o", "heat.png", "--vmin", "5", "--vmax", "3"], "vmin must not be greater than vmax"),
    "missing folder": ([SCENE, "-o", "nowhere/heat.csv"], "heatgrid: error: nowhere: no such folder\n"),
    "preset and rule": (
        [SCENE, "--preset", "roboflow", "--rule", "center"],
        "--rule cannot be combined with --preset roboflow",
    ),
    "images that are none": (
        [SCENE, "--images", "nowhere"],
        "--images must be a folder or an archive, got nowhere",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_error_is_one_sentence(name: str, run: Run, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    arguments, text = MISTAKES[name]
    code, output, messages = run("map", *arguments)
    assert (code, output) == (1, "")
    assert messages.startswith("heatgrid: error: ")
    assert messages.count("\n") == 1
    assert re.search(text, messages)
    assert list(tmp_path.iterdir()) == []


def test_messages_have_no_line_breaks_and_no_control_characters(run: Run, tmp_path: Path) -> None:
    (tmp_path / "yolo").mkdir()
    (tmp_path / "yolo/data.yaml").write_text("names: [a]\ntrain: \x01\n")
    code, _, messages = run("map", tmp_path / "yolo")
    assert (code, messages.count("\n")) == (1, 1)
    document = json.loads(SCENE.read_text())
    document["annotations"][0] |= {"id": "\x1b[2J\x9b31m", "bbox": None}
    (tmp_path / "codes.json").write_text(json.dumps(document))
    code, _, messages = run("map", tmp_path / "codes.json")
    assert code == 3
    assert r"(id \u001b[2J\u009b31m)" in messages
    assert all(character.isprintable() or character == "\n" for character in messages)


def test_folder_without_annotations(run: Run, tmp_path: Path) -> None:
    code, _, messages = run("map", tmp_path)
    assert (code, messages) == (1, f"heatgrid: error: {tmp_path}: an empty folder\n")
    (tmp_path / "picture.jpg").write_bytes(b"\xff\xd8\xff")
    assert "unknown format" in run("map", tmp_path)[2]


WRONG_USAGE: dict[str, tuple[list[Any], str]] = {
    "unknown command": (["mpa", "x"], r"no command 'mpa' \(did you mean 'map'\?\): heatgrid map x"),
    "file without command": (
        ["taco.json", "-o", "a b.png"],
        "no command 'taco.json'; to map a file or folder: heatgrid map taco.json -o 'a b.png'",
    ),
    "unknown format": (
        ["map", SCENE, "--format", "cocoa"],
        r"--format: expected one of 'coco', .*and \d+ more, got 'cocoa' \(did you mean 'coco'\?\)",
    ),
    "unknown colormap": (["map", SCENE, "--colormap", "virdis"], r"did you mean 'viridis'\?"),
    "unknown format to describe": (["formats", "yola"], r"did you mean 'yolo'\?"),
    "no source": (["map"], "required: SOURCE"),
    "unexpected value": (["find", SCENE, "--at", "0,0", "--csv", "f.csv"], r"unknown argument f\.csv$"),
    "unknown option": (["map", SCENE, "--gird", "5"], r"unknown argument --gird \(did you mean '--grid'\?\)"),
    "grid of none": (
        ["map", SCENE, "--grid", "0"],
        r"--grid: expected N or HxW, each from 1 to 2\*\*26, got '0'",
    ),
    "grid of text": (
        ["map", SCENE, "--grid", "5x"],
        r"--grid: expected N or HxW, each from 1 to 2\*\*26, got '5x'",
    ),
    "grid of three": (["map", SCENE, "--grid", "5x5x5"], "--grid: expected N or HxW"),
    "size": (["map", SCENE, "--size", "0x9"], "--size: expected WxH, both above 0, got '0x9'"),
    "size of nothing": (["map", SCENE, "--size", "nanx9"], "--size: expected WxH, both above 0"),
    "ratio": (["map", SCENE, "--large-box-ratio", "-1"], "--large-box-ratio"),
    "ratio of nothing": (
        ["map", SCENE, "--large-box-ratio", "nan"],
        "expected a number of at least 0, got 'nan'",
    ),
    "limit": (["map", SCENE, "--vmax", "inf"], "--vmax: expected a number, got 'inf'"),
    "rule": (["map", SCENE, "--rule", "centre"], r"got 'centre' \(did you mean 'center'\?\)"),
    "suffix": (
        ["map", SCENE, "-o", "heat.tiff"],
        r"suffix '.tiff' is not known; known are .png, .svg, .html, .json, .csv, .tif, .npz",
    ),
    "no suffix": (["map", SCENE, "-o", "heat"], "suffix '' is not known"),
    "stdout of what": (["map", SCENE, "-o", "-"], "-o - needs --to FORMAT"),
    "stdout twice": (["map", SCENE, "--json", "--to", "csv"], "--json and -o - would both write to stdout"),
    "stdin twice": (["map", "-", "-"], "stdin .-. can be read only once"),
    "demo of none": (["demo", "--images", "0"], "--images: expected a whole number of at least 1, got '0'"),
    "demo's seed": (["demo", "--seed", "-1"], "--seed"),
}


@pytest.mark.parametrize("name", WRONG_USAGE)
def test_wrong_usage_has_exit_code_2_before_reading(name: str, run: Run, monkeypatch: Any) -> None:
    import heatgrid.summary.comparison
    import heatgrid.summary.result  # noqa: F401 - a first import under the patch would keep the patch

    def untouchable(*_: Any, **__: Any) -> None:
        pytest.fail("the source was read")

    monkeypatch.setattr("heatgrid.io.read.read", untouchable)
    arguments, text = WRONG_USAGE[name]
    code, output, messages = run(*arguments)
    assert (code, output) == (2, "")
    assert re.search(text, messages)
    assert len(messages.splitlines()) < 5


def test_nan_is_skipped(run: Run, tmp_path: Path) -> None:
    document = json.loads(SCENE.read_text())
    document["annotations"][0]["bbox"][0] = float("nan")
    path = tmp_path / "nan.json"
    path.write_text(json.dumps(document))
    code, output, messages = run("map", path)
    assert code == 3
    assert output.startswith("2 of 3 annotations counted")
    assert "annotations[0] (id 1)" in messages


def test_unexpected_error_prints_no_traceback(monkeypatch: Any, capsys: Any) -> None:
    def surprised(*_: Any, **__: Any) -> None:
        raise RuntimeError("what now?")

    monkeypatch.setattr("heatgrid.datasets.heatmap", surprised)
    assert main(["map", str(SCENE)]) == 1
    assert capsys.readouterr().err == (
        "heatgrid: error: unexpected RuntimeError: what now? (please report this)\n"
    )


def test_too_large_map_prints_no_traceback(run: Run) -> None:
    code, _, messages = run("map", SCENE, "--grid", "50000000")
    assert (code, messages.count("\n")) == (1, 1)
    assert "not enough memory for a map of this grid" in messages


def test_warnings_go_to_stderr(run: Run, monkeypatch: Any) -> None:
    import warnings

    def warn(*_: Any, **__: Any) -> hg.Heatmap:
        warnings.warn("mind this", hg.HeatgridWarning, stacklevel=1)
        return hg.Heatmap(2).add_points([[0.5, 0.5]])

    before = warnings.showwarning
    monkeypatch.setattr("heatgrid.datasets.heatmap", warn)
    assert run("map", SCENE)[2] == "heatgrid: warning: mind this\n"
    assert warnings.showwarning is before


# Mutated files

SEEDS = [
    SCENE,
    DATA / "coco/valid/instances_train2017.json",
    DATA / "coco/broken/corner_cases.json",
    DATA / "voc/valid/scene/Annotations/a.xml",
    DATA / "voc/broken/objects/objects.xml",
    DATA / "yolo/valid/mixed/data.yaml",
    DATA / "yolo/broken/rows/labels/1.txt",
]
TOKENS = [
    b'"',
    b"{",
    b"]",
    b",",
    b"-1",
    b"1e400",
    b"NaN",
    b"null",
    b"\x00",
    b"\xff\xfe",
    b"<",
    b"&x;",
    b"\n",
    b"9" * 40,
]


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Change some bytes of a file as bad disks, bad programs and bad people do."""
    changed = bytearray(content)
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(changed) + 1)
        match rng.randrange(5):
            case 0:
                changed[place : place + rng.randint(1, 30)] = b""
            case 1:
                changed[place:place] = rng.choice(TOKENS)
            case 2:
                changed[place : place + 1] = bytes([rng.randrange(256)])
            case 3:
                piece = changed[place : place + rng.randint(1, 60)]
                other = rng.randrange(len(changed) + 1)
                changed[other:other] = piece
            case _:
                changed[place : place + 3] = rng.choice(TOKENS)
    return bytes(changed)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_mutated_files_end_with_an_exit_code(seed: Path, run: Run, tmp_path: Path) -> None:
    rng = random.Random(seed.name)  # noqa: S311 - no secret
    codes = set()
    for _ in range(60):
        path = tmp_path / seed.name
        path.write_bytes(mutated(seed.read_bytes(), rng))
        source = path.parent if seed.suffix in {".txt", ".yaml"} else path
        code, output, messages = run("map", source, "--json", "--grid", 10, *rng.choice([(), ("--strict",)]))
        codes.add(code)
        if code == 1:
            assert "heatgrid: error: " in messages
        if output == "":
            assert code == 1
            continue
        report = json.loads(output)["report"]
        places = report["counted"] + report["empty"] + report["outside"]
        assert report["read"] == places + sum(report["skipped"].values())
        is_complete = report["counted"] == report["read"] and not report["refused"]
        assert code == (1 if not report["counted"] else 0 if is_complete else 3)
    assert 1 in codes


def test_random_bytes_on_stdin_print_no_traceback() -> None:
    for content in (os.urandom(3000), b"{" * 5000, b"[" + b"0," * 3000, b"", b"\n"):
        done = outside("map", "-", input=content)
        assert done.returncode == 1
        assert re.fullmatch(rb"heatgrid: error: standard input: .*\n", done.stderr)
        assert done.stdout == b""


# Streams


def test_stdin_is_a_source() -> None:
    done = outside("map", "-", "--json", input=SCENE.read_bytes())
    assert (done.returncode, done.stderr) == (0, b"")
    document = json.loads(done.stdout)
    assert document["stats"] == hg.heatmap(SCENE).stats().to_dict()
    done = outside("map", "-", input=(DATA / "coco/broken/corner_cases.json").read_bytes())
    assert done.returncode == 3
    assert b"standard input: annotations[" in done.stderr
    assert b"heatgrid-stdin" not in done.stderr


@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&-", ">&- 2>&-"])
def test_closed_streams(redirection: str) -> None:
    source = DATA / "coco/broken/corner_cases.json"
    command = f'exec "$0" -m heatgrid map "$1" --grid 9 {redirection}'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, str(source)], capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 3
    heat = hg.heatmap(source, 9)
    messages = f"{heat.report}\n".replace("size= or images=", "--size or --images")
    assert done.stderr.decode() == ("" if "2>" in redirection else messages)
    assert (
        done.stdout.decode() == ""
        if ">&-" in redirection.split()
        else f"{heat.stats()}\n" in done.stdout.decode()
    )


def test_closed_stdin() -> None:
    command = 'exec "$0" -m heatgrid map - <&-'
    done = subprocess.run(["sh", "-c", command, sys.executable], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (1, b"heatgrid: error: stdin is closed\n")


def buffered() -> dict[str, str]:
    """Return an environment in which output is held back until there is much of it, as it usually is."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


@pytest.mark.parametrize(
    "arguments", [("--json",), ("--to", "csv", "--grid", "300"), ()], ids=["little", "much", "table"]
)
def test_closed_pipe_of_stdout_prints_no_traceback(arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "heatgrid", "map", str(SCENE), *arguments]
    try:
        done = subprocess.run(
            command, stdout=writing, stderr=subprocess.PIPE, env=buffered(), check=False, timeout=60
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_closed_pipe_of_stderr_prints_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    source = DATA / "coco/broken/corner_cases.json"
    command = [sys.executable, "-m", "heatgrid", "map", str(source), "--json"]
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=writing, env=buffered(), check=False, timeout=60
        )
    finally:
        os.close(writing)
    assert done.returncode == 1
    assert json.loads(done.stdout)["report"]["read"] == 54  # what was printed before is whole


def test_ctrl_c_ends_without_traceback() -> None:
    command = [sys.executable, "-m", "heatgrid", "map", "-"]
    # What runs in a shell's background ignores the signal, and so would a child of it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    finally:
        signal.signal(signal.SIGINT, before)
    assert process.stdin is not None
    watch = threading.Timer(60, process.kill)
    watch.start()
    try:
        process.stdin.write(b" " * 2_000_000)  # more than a pipe holds: it is being read now
        process.send_signal(signal.SIGINT)
        _, messages = process.communicate()
    finally:
        watch.cancel()
    assert (process.returncode, messages) == (130, b"heatgrid: interrupted\n")


def test_names_outside_the_terminal_encoding(tmp_path: Path) -> None:
    path = tmp_path / "größe.json"
    document = json.loads(SCENE.read_text())
    document["categories"][0]["name"] = "größe"
    document["annotations"][0]["bbox"] = None
    path.write_text(json.dumps(document))
    ascii_only = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    done = outside("map", path, "--json", env=ascii_only)
    assert done.returncode == 3
    assert json.loads(done.stdout)["classes"] == ["größe", "person"]
    done = outside("map", path, "-o", f"{path}.csv", env=ascii_only)
    assert done.returncode == 3
    assert b"Traceback" not in done.stderr


def test_module_prints_version() -> None:
    done = outside("--version")
    assert (done.returncode, done.stdout.decode()) == (0, f"heatgrid {hg.__version__}\n")


def test_help_lists_options(run: Run) -> None:
    code, output, _ = run("map", "--help")
    assert code == 0
    for option in (
        "--output",
        "--to",
        "--json",
        "--class",
        "--split",
        "--grid",
        "--rule",
        "--preset",
        "--strict",
    ):
        assert option in output


def test_transform_takes_six_numbers(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "tile.geojson"
    square = [[1000, 2000], [1050, 2000], [1050, 1950], [1000, 1950]]
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [square]}))
    options = ("--size", "100x100", "--grid", "2", "--to", "csv", "-o", "-", "-q")
    code, output, _ = run("map", path, "--transform", "1,0,1000,0,-1,2000", *options)
    assert code == 0
    assert "1" in output
    code, _, messages = run("map", path, "--transform", "1,0,1000", *options)
    assert code == 2
    assert "expected six numbers A,B,C,D,E,F or world" in messages
    code, _, messages = run("map", path, "--transform", "world", *options)
    assert code == 1
    assert "--transform world requires --images" in messages


def test_map_over_a_background(run: Run, tmp_path: Path) -> None:
    from PIL import Image

    folder = tmp_path / "images"
    folder.mkdir()
    coco = {"images": [], "annotations": [], "categories": [{"id": 1, "name": "car"}]}
    for number, level in enumerate((20, 40)):
        Image.new("L", (32, 24), level).save(folder / f"{level}.png")
        coco["images"].append({"id": number, "file_name": f"x/{level}.png", "width": 32, "height": 24})
        coco["annotations"].append({"id": number, "image_id": number, "category_id": 1, "bbox": [1, 1, 9, 9]})
    source = tmp_path / "scene.json"
    source.write_text(json.dumps(coco))
    Image.new("L", (32, 24), 250).save(tmp_path / "sheet.png")
    outputs: list[Path] = []
    for background in (folder / "20.png", "mean", folder):
        outputs.append(tmp_path / f"{len(outputs)}.svg")
        images = tmp_path if background == "mean" else folder
        options = ["--background", background, "--images", images, "--opacity", "0.5"]
        code, _, messages = run("map", source, "-o", outputs[-1], *options)
        assert code == 0
    first, mean, same = (path.read_text() for path in outputs)
    assert first != mean == same, "sheet.png is not an image of the annotations"
    code, _, messages = run("map", source, "-o", outputs[0], "--background", "mean")
    assert (code, "background: the mean of 2 of 2 images" in messages) == (0, True)
    code, _, messages = run("map", SCENE, "-o", outputs[0], "--background", "mean", "--images", folder)
    assert code == 1
    assert "images has none of the" in messages
    assert run("map", SCENE, "-o", tmp_path / "x.png", "--opacity", "0.5")[0] == 2
    assert run("map", SCENE, "-o", tmp_path / "x.png", "--background", "x.png", "--opacity", "2")[0] == 2
    code, _, messages = run("map", "none.json", "-o", tmp_path / "x.png", "--background", "none.png")
    assert (code, "none.png" in messages) == (1, True)  # found before anything is read


def test_options_of_small_maps(run: Run, tmp_path: Path) -> None:
    options = ("--by-class", "--scale-by", "class", "--top", "1")
    assert run("map", SCENE, "-o", tmp_path / "x.svg", *options)[0] in {0, 3}
    text = (tmp_path / "x.svg").read_text()
    assert "% of the class&#x27;s highest cell" in text or "% of the class's highest cell" in text
    assert "the 1 of" in text
    code, _, messages = run("map", SCENE, "-o", tmp_path / "x.html", "--top", "1")
    assert (code in {0, 3}, "--top has no effect" in messages) == (True, True)
