"""``heatgrid compare``: numbers, sentences and files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg
from heatgrid.commands.demo import write_demo

if TYPE_CHECKING:
    from pathlib import Path

Run = Any


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a data set of street scenes for training and one for validation."""
    for split, seed in (("train", 1), ("val", 2)):
        (tmp_path / split).mkdir()
        write_demo(tmp_path / split / "scenes.json", images=30, seed=seed)
    return tmp_path


def test_prints_sentences_and_numbers(folder: Path, run: Run) -> None:
    train, val = folder / "train/scenes.json", folder / "val/scenes.json"
    code, output, _ = run("compare", train, val, "--grid", 10, "--permutations", 99)
    found = hg.compare(train, val, 10, permutations=99)
    assert code == 0
    assert output == f"{found}\n"
    assert found.names == ("train/scenes.json", "val/scenes.json")


def test_json_output(folder: Path, run: Run) -> None:
    sources = folder / "train/scenes.json", folder / "val/scenes.json"
    options = ("--grid", "6x8", "--permutations", 19, "--seed", 4, "--rule", "touch", "--class", "car", "-q")
    code, output, messages = run("compare", *sources, *options, "--json")
    found = hg.compare(*sources, (6, 8), permutations=19, seed=4, rule="touch", classes="car")
    assert (code, messages) == (0, "")
    assert json.loads(output) == found.to_dict() | {"output": None}


@pytest.mark.parametrize("suffix", ["png", "svg", "html", "json"])
def test_files_equal_those_of_the_library(suffix: str, folder: Path, run: Run) -> None:
    own, theirs = folder / f"own.{suffix}", folder / f"theirs.{suffix}"
    sources = folder / "train", folder / "val"
    code, output, _ = run("compare", *sources, "--grid", 10, "--permutations", 0, "-o", theirs)
    hg.compare(*sources, 10, permutations=0).save(own)
    assert code == 0
    assert output.endswith(f"wrote {theirs}\n")
    assert own.read_bytes() == theirs.read_bytes()


def test_two_splits_of_one_data_set(folder: Path, run: Run) -> None:
    code, output, _ = run("compare", folder, "--splits", "train,val", "--json", "--permutations", 0)
    assert code == 0
    assert json.loads(output)["names"] == ["train", "val"]


def test_saved_maps(folder: Path, run: Run) -> None:
    for name in ("train", "val"):
        hg.heatmap(folder / name, 10).save(folder / f"{name}.npz")
    code, output, _ = run("compare", folder / "train.npz", folder / "val.npz", "--json")
    found = json.loads(output)
    assert (code, found["names"], found["test"]) == (0, ["train.npz", "val.npz"], None)
    assert found["total_variation"] == hg.compare(folder / "train", folder / "val", 10).total_variation


def test_skipped_annotations_have_exit_code_3(folder: Path, run: Run) -> None:
    text = (folder / "val/scenes.json").read_text().replace('"image_id": 1,', '"image_id": 999,', 1)
    (folder / "val/scenes.json").write_text(text)
    code, _, messages = run("compare", folder / "train", folder / "val", "--permutations", 0)
    assert code == 3
    assert "val/scenes.json" in messages
    assert messages.startswith("val:\n")  # whose report it is
    assert "train:" not in messages


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.json"], "expected two SOURCEs, or one SOURCE with --splits or --by, got 1"),
        (["a.json", "b.json", "c.json"], "expected two SOURCEs, or one SOURCE with --splits or --by, got 3"),
        (["a.json", "b.json", "--splits", "x,y"], "expected one SOURCE with --splits or --by, got 2"),
        (["a.json", "--splits", "x"], "expected two names, as in train,val, got 'x'"),
        (["a.json", "--splits", "x,y", "--split", "x"], "--split cannot be combined with --splits"),
        (["a.json", "b.json", "-o", "diff.csv"], "suffix '.csv' is not known; known are .png, .svg, .html"),
        (["a.json", "b.json", "--permutations", "-1"], "expected a whole number of at least 0"),
        (["a.npz", "b.npz", "--grid", "9"], "--grid has no effect on saved maps"),
        (
            ["a.npz", "b.npz", "--permutations", "9"],
            "--permutations has no effect on saved maps",
        ),
    ],
)
def test_wrong_usage_is_reported_before_reading(arguments: list[str], message: str, run: Run) -> None:
    code, _, messages = run("compare", *arguments)
    assert code == 2
    assert message in messages


def test_missing_output_folder_is_reported_first(folder: Path, run: Run) -> None:
    code, _, messages = run("compare", "x", "y", "-o", folder / "nowhere/diff.png")
    assert code == 1
    assert "no such folder" in messages
