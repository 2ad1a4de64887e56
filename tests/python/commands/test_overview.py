"""``heatgrid overview``: findings, files and exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg
from heatgrid.commands.demo import write_demo
from samples import DATA

if TYPE_CHECKING:
    from pathlib import Path

Run = Any
SPLITS = DATA / "yolo/valid/mixed"


@pytest.fixture
def scenes(tmp_path: Path) -> Path:
    path = tmp_path / "street" / "scenes.json"
    path.parent.mkdir()
    write_demo(path, images=40)
    return path


@pytest.mark.parametrize("suffix", ["html", "json"])
def test_files_equal_those_of_the_library(suffix: str, scenes: Path, tmp_path: Path, run: Run) -> None:
    own, theirs = tmp_path / f"own.{suffix}", tmp_path / f"theirs.{suffix}"
    code, output, _ = run("overview", scenes, "-o", theirs, "--grid", 20)
    found = hg.overview(scenes, 20)
    found.save(own)
    assert code == 0
    assert output == f"{found}\nwrote {theirs}\n"
    assert own.read_bytes() == theirs.read_bytes()


def test_json_output(scenes: Path, run: Run) -> None:
    code, output, messages = run("overview", scenes, "--class", "car", "--rule", "touch", "--json", "-q")
    expected = hg.overview(scenes, classes="car", rule="touch").to_dict()
    assert (code, messages) == (0, "")
    assert json.loads(output) == json.loads(json.dumps(expected)) | {"output": None}


def test_what_was_skipped_is_reported(run: Run) -> None:
    code, output, messages = run("overview", DATA / "coco/broken/corner_cases.json")
    assert code == 3
    assert "not counted" in output
    assert "skipped" in messages


def test_wrong_suffix(scenes: Path, tmp_path: Path, run: Run) -> None:
    code, _, messages = run("overview", scenes, "-o", tmp_path / "a.png")
    assert code == 2
    assert ".html, .json" in messages


def test_splits_are_compared(run: Run) -> None:
    code, output, _ = run("overview", SPLITS, "--json", "--permutations", 19, "--seed", 2)
    assert code in {0, 3}
    found = json.loads(output)
    assert {one["aspect"] for one in found["split_differences"]} >= {"location"}
    assert set(found["splits"]) >= {"train", "val"}
