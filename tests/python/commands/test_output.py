"""Exit codes, strictness, quietness, previews, tables of classes and completion."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.commands.cli import parse
from heatgrid.commands.output import in_options
from samples import DATA

if TYPE_CHECKING:
    from pathlib import Path

SCENE = DATA / "coco/valid/scene/annotations.json"
MIXED = DATA / "yolo/valid/mixed"

Run = Any


def test_bare_command_prints_help(run: Run) -> None:
    code, output, messages = run()
    assert (code, messages) == (0, "")
    assert output == run("--help")[1]
    for number in ("0 done", "1 failed", "2 wrong usage", "3 done", "130 interrupted"):
        assert number in " ".join(output.split())
    assert "130 interrupted" in " ".join(run("map", "--help")[1].split())


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Return a file with three annotations: one box is good, one empty, one outside its image."""
    document = json.loads(SCENE.read_text())
    document["annotations"][0]["bbox"] = [300, 300, 5, 5]
    document["annotations"][1]["bbox"] = [5, 5, 0, 9]
    path = tmp_path / "scene.json"
    path.write_text(json.dumps(document))
    return path


def test_strict_writes_nothing(broken: Path, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "heat.csv"
    for command in (
        ("map", broken, "-o", out),
        ("map", broken, "--json"),
        ("classes", broken),
        ("compare", broken, SCENE, "--permutations", 0),
        ("view", broken, "-o", tmp_path / "x.html", "--no-open"),
    ):
        assert run(*command)[0] == 3
        out.unlink(missing_ok=True)
        (tmp_path / "x.html").unlink(missing_ok=True)
        code, output, messages = run(*command, "--strict")
        assert (code, output) == (1, "")
        assert messages.endswith("heatgrid: error: 2 annotations not counted (--strict)\n")
        assert run(*command, "--strict", "-q")[2] == "heatgrid: error: 2 annotations not counted (--strict)\n"
        assert list(tmp_path.iterdir()) == [broken]
    assert run("map", SCENE, "--strict", "-o", out)[::2] == (0, "")


def test_what_is_filtered_out_changes_no_exit_code(run: Run) -> None:
    for command in ("map", "classes"):
        assert run(command, SCENE, "--class", "car", "--strict")[::2] == (0, "")


def test_check_has_the_exit_code_of_map(run: Run, tmp_path: Path) -> None:
    document = json.loads(SCENE.read_text())
    document["annotations"].append(document["annotations"][0] | {"id": 99})
    path = tmp_path / "twice.json"
    path.write_text(json.dumps(document))
    code, output, _ = run("check", path)
    assert (code, "duplicate" in output) == (0, True)
    assert run("map", path)[0] == 0
    assert run("check", path, "--strict")[0] == 1
    document["annotations"] = []
    path.write_text(json.dumps(document))
    assert run("map", path)[0] == run("check", path)[0] == 1
    assert run("check", path)[1].endswith("nothing can be counted\n")


def test_quiet_prints_errors_only(broken: Path, run: Run, tmp_path: Path) -> None:
    for command in ("map", "check", "classes"):
        assert run(command, broken, "-q") == (3, "", "")
    assert run("map", SCENE, "-q", "-o", tmp_path / "x.csv", "--title", "no effect") == (0, "", "")
    assert run("find", SCENE, "--cell", "6,2", "-q", "--grid", 8)[:2] == (0, "")
    assert run("map", "nowhere.json", "-q")[2].startswith("heatgrid: error: nowhere.json")


def test_notes_alone_are_printed_without_the_numbers(run: Run, tmp_path: Path) -> None:
    document = json.loads(SCENE.read_text())
    document["annotations"][1]["id"] = document["annotations"][0]["id"]
    path = tmp_path / "scene.json"
    path.write_text(json.dumps(document))
    report = hg.heatmap(path).report
    assert report.complete
    for command in (("map", path), ("overview", path), ("classes", path), ("map", path, "--json")):
        code, _, messages = run(*command)
        assert code == 0
        assert messages.splitlines()[:2] == ["notes:", f"{1:>10}  duplicate annotation id, kept"]
        assert run(*command, "-q")[2] == ""
        assert run(*command, "-v")[2].endswith(f"{report.notes_text()}\n")


def test_what_was_excluded_is_shown(run: Run) -> None:
    code, output, messages = run("map", SCENE, "--class", "car")
    excluded = hg.heatmap(SCENE, classes="car").report.excluded
    assert (code, messages) == (0, "")
    assert f"annotations counted, {excluded} excluded, " in output.splitlines()[0]


def test_verbose_prints_the_report(run: Run) -> None:
    assert run("map", SCENE, "-v")[2] == f"{hg.heatmap(SCENE).report}\n"


def test_no_overwrite(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "heat.csv"
    assert run("map", SCENE, "-o", out, "--no-overwrite")[0] == 0
    before = out.stat().st_mtime_ns
    code, output, messages = run("map", SCENE, "-o", out, "--no-overwrite")
    assert (code, output) == (1, "")
    assert messages == f"heatgrid: error: {out}: exists already (--no-overwrite)\n"
    assert out.stat().st_mtime_ns == before
    assert run("map", SCENE, "-o", out)[0] == 0


def test_threads_do_not_change_the_map(run: Run, tmp_path: Path) -> None:
    for threads in (1, 3):
        assert run("map", MIXED, "--threads", threads, "-o", tmp_path / f"{threads}.npz")[0] == 0
    assert hg.load(tmp_path / "1.npz") == hg.load(tmp_path / "3.npz") == hg.heatmap(MIXED)
    assert "from 1 to" in run("map", SCENE, "--threads", 0)[2]


def test_numbers_are_previewed_without_a_terminal(run: Run) -> None:
    _, output, _ = run("map", SCENE, "--grid", "2x3")
    rows = [list(map(int, line.split())) for line in output.splitlines()[-2:]]
    assert rows == hg.heatmap(SCENE, (2, 3)).counts.tolist()
    means = [line.split() for line in run("map", SCENE, "--grid", 20)[1].splitlines()[-10:]]
    blocks = hg.heatmap(SCENE, 20).counts.reshape(10, 2, 10, 2).mean(axis=(1, 3))
    assert np.allclose([[float(text) for text in row] for row in means], blocks, atol=0.005)


def test_classes_are_listed_by_objects(run: Run) -> None:
    code, output, _ = run("classes", SCENE, "--json")
    table = hg.heatmap(SCENE).table()
    assert (code, json.loads(output)) == (0, table.to_dict() | {"images": 3})
    assert [(row.name, row.objects, row.images) for row in table] == [("car", 2, 2), ("person", 1, 1)]
    text = run("classes", SCENE)[1]
    assert text.startswith(f"{table}\n")
    lines = text.splitlines()
    assert lines[0].split() == ["class", "objects", "images", "share", "of", "objects", "hits"]
    assert lines[-1] == "3 objects in 3 images, 2 classes"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_with_all_commands(shell: str, run: Run) -> None:
    pytest.importorskip("shtab")
    code, output, _ = run("completion", shell)
    assert code == 0
    assert all(word in output for word in ("map", "--colormap", "viridis"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("image size missing (give size= or images=)", "image size missing (give --size or --images)"),
        (
            "byte 3 is not UTF-8; give encoding=, for example",
            "byte 3 is not UTF-8; give --encoding, for example",
        ),
        ("classes: no class 'a'", "--class: no class 'a'"),
        ("splits: no split 'a'", "--split: no split 'a'"),
        ("large_box_ratio must not be negative", "--large-box-ratio must not be negative"),
        (
            "count='images' cannot be combined with rule='area'",
            "--count images cannot be combined with --rule area",
        ),
        ("maps must have the same grid, got 3", "maps must have the same grid, got 3"),
        ("images of a class", "images of a class"),
        (
            "more than the limit max_bytes=9",
            "more than the limit max_bytes=9",
        ),  # the command has no such option
        ("a/size=3/b.json: size of a/rule='x'", "a/size=3/b.json: size of a/rule='x'"),
    ],
)
def test_messages_name_options(text: str, expected: str) -> None:
    assert in_options(text, parse(["map", "x"]).parser) == expected


def test_names_of_files_stay_as_they_are(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "size=3 rule='area'.json"
    document = json.loads(SCENE.read_text())
    document["annotations"][0]["bbox"] = None
    path.write_text(json.dumps(document))
    for command in ("map", "check"):
        code, output, messages = run(command, path)
        assert code == 3
        assert f"{path}: annotations[0] (id 1)" in output + messages
    path.write_text("{")
    assert f"heatgrid: error: {path}: " in run("map", path)[2]


def on_terminal(*arguments: object, **environment: str) -> str:
    """Return what the command line prints on a terminal of 24 lines and 80 columns."""
    pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")
    try:
        terminal, inner = pty.openpty()
    except OSError as error:  # as in a container without /dev/pts
        pytest.skip(f"no pseudo-terminal: {error}")
    termios.tcsetwinsize(inner, (24, 80))
    settings = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLORTERM"}}
    process = subprocess.Popen(
        [sys.executable, "-m", "heatgrid", *map(str, arguments)],
        stdin=inner,
        stdout=inner,
        stderr=inner,
        env=settings | {"TERM": "xterm-256color"} | environment,
    )
    os.close(inner)
    output = b""
    with contextlib.suppress(OSError):  # how Linux ends
        while part := os.read(terminal, 1 << 16):
            output += part
    os.close(terminal)
    assert process.wait(60) == 0
    return output.decode()


def test_preview_on_a_terminal() -> None:
    assert "\x1b[38;2;" in on_terminal("map", SCENE, COLORTERM="truecolor")
    text = on_terminal("map", SCENE)
    assert "\x1b[38;5;" in text
    assert "\x1b[38;2;" not in text
    assert sum("▀" in line for line in text.splitlines()) == 19  # 18 of the map, one of the color bar
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        text = on_terminal("map", SCENE, **environment)
        assert "\x1b[" not in text
        assert "mean of blocks" in text
