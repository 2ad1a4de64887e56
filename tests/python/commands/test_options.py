"""Options of the command line that filter, and that choose what is counted."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.commands import cli, errors
from heatgrid.commands.options import DRAWING, NOT_WITH_MAPS, PLACING, READING, SELECTING
from samples import DATA

SCENE = DATA / "coco/valid/scene/annotations.json"  # two cars and a person in three images

# Options of `heatgrid map` that also apply to maps that were saved.
WITH_SAVED_MAPS = {
    *DRAWING,
    *("images", "limits", "source", "output", "no_overwrite", "to", "json", "quiet", "verbose", "strict"),
    *("per_image", "suppress", "balance", "crs", "bounds"),
}

Run = Any


def dests(name: str) -> set[str]:
    """Return the names of a command's arguments in the namespace."""
    groups = cli.make_parser([name])._subparsers
    assert groups is not None
    choices: Any = groups._group_actions[0].choices
    return {action.dest for action in choices[name]._actions} - {"help"}


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_no_option_is_ignored(name: str) -> None:
    """An option is one of the keyword arguments that are passed on, or a command reads it by its name."""
    passed = {*READING, *SELECTING, *PLACING, *DRAWING, *errors._OPTIONS}
    modules = Path(cli.__file__).parent.glob("*.py")
    text = "\n".join(path.read_text(encoding="utf-8") for path in modules)
    assert dests(name) - passed <= set(re.findall(r"\barguments\.(\w+)", text))


def test_options_of_map_apply_to_saved_maps_or_are_refused() -> None:
    assert dests("map") - set(NOT_WITH_MAPS) == WITH_SAVED_MAPS


@pytest.mark.parametrize(
    ("options", "keywords"),
    [
        (["--class", "c*"], {"classes": ["c*"]}),
        (["--class", "CAR", "--ignore-case"], {"classes": ["CAR"], "ignore_case": True}),
        (["--exclude-class", "car"], {"exclude_classes": ["car"]}),
        (["--exclude", "crowd", "--exclude", "group"], {"exclude": ["crowd", "group"]}),
        (["--exclude", "crowd,group"], {"exclude": ["crowd", "group"]}),
        (["--only", "a*"], {"only": ["a*"]}),
        (["--of", "size"], {"of": "size"}),
        (["--cells", "square"], {"cells": "square"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_options_are_those_of_heatmap(
    options: list[str], keywords: dict[str, Any], run: Run, tmp_path: Path
) -> None:
    assert run("map", SCENE, "--grid", 12, "-o", tmp_path / "a.npz", *options)[0] == 0
    heat = hg.heatmap(SCENE, 12, **keywords)
    assert hg.load(tmp_path / "a.npz") == heat
    assert heat.report.read > 0


def test_balance(run: Run, tmp_path: Path) -> None:
    assert run("map", SCENE, "--grid", 12, "--balance", "-o", tmp_path / "a.npz")[0] == 0
    heat = hg.heatmap(SCENE, 12)
    expected = sum(heat[name].counts / heat.report.by_class()[name]["counted"] for name in heat)
    assert np.allclose(hg.load(tmp_path / "a.npz").counts, expected, rtol=1e-15)


def test_find_by_size(run: Run) -> None:
    code, output, _ = run("find", SCENE, "--of", "size", "--grid", 2, "--cell", "0:2,0:2", "--json")
    assert code == 0
    assert len([json.loads(line) for line in output.splitlines()]) == 3


def test_limits_are_named_and_raised_by_an_option(run: Run, tmp_path: Path) -> None:
    size = SCENE.stat().st_size
    for command in ("map", "check", "classes", "find --cell 0,0", "overview"):
        name, *more = command.split()
        code, _, messages = run(name, SCENE, *more, "--limits", f"file_bytes={size - 1}")
        assert code == 1
        assert f"{size} bytes, more than --limits file_bytes={size - 1}" in messages
        assert run(name, SCENE, *more, "--limits", f"file_bytes={size:,}")[0] == 0
    code, _, messages = run("check", SCENE, "--limits", "seconds=1e-9")
    assert (code, messages) == (1, "heatgrid: error: not finished after 1e-09 seconds (--limits seconds)\n")
    saved, picture = tmp_path / "a.npz", tmp_path / "a.png"
    assert run("map", SCENE, "-o", saved)[0] == run("map", SCENE, "-o", picture)[0] == 0
    assert "more than --limits map_bytes=9" in run("map", saved, "--limits", "map_bytes=9")[2]
    assert run("map", saved, "--limits", "map_bytes=1_000_000")[0] == 0
    drawing = ("-o", tmp_path / "b.png", "--background", picture, "--limits", "background_pixels=9")
    for source in (SCENE, saved):
        assert "more than --limits background_pixels=9" in run("map", source, *drawing)[2]


def test_skipped_annotations_name_the_limit(run: Run, tmp_path: Path) -> None:
    triangle = [0, 0, 9, 0, 9, 9]
    document = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 10, "height": 10}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": [triangle]}],
        "categories": [{"id": 1, "name": "car"}],
    }
    (tmp_path / "a.json").write_text(json.dumps(document))
    code, _, messages = run("map", tmp_path / "a.json", "--limits", "vertices=2")
    assert code == 1
    assert "more vertices than --limits vertices" in messages
    assert run("map", tmp_path / "a.json", "--limits", "vertices=3")[0] == 0


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("file_byte=1", "did you mean 'file_bytes'?"),
        ("depth", "expected a whole number of at least 1, got ''"),
        ("depth=0", "expected a whole number of at least 1, got '0'"),
        ("seconds=0", "expected a number above 0, got '0'"),
    ],
)
def test_wrong_limits(value: str, message: str, run: Run) -> None:
    code, _, messages = run("map", SCENE, "--limits", value)
    assert code == 2
    assert "argument --limits: expected" in messages
    assert message in messages


def test_wrong_attribute(run: Run) -> None:
    code, _, messages = run("map", SCENE, "--exclude", "crwd")
    assert code == 2
    assert "did you mean 'crowd'?" in messages
    assert "did you mean 'group'?" in run("map", SCENE, "--exclude", "crowd,gruop")[2]


def test_a_split_that_is_missing_is_not_suggested(run: Run) -> None:
    messages = run("map", SCENE, "--split", "train")[2]
    assert "--split: no split 'train' in the source\n" in messages
    assert "(did you mean 'train'?)" in run("map", SCENE, "--split", "trian")[2]
