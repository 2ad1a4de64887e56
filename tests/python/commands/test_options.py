"""Options of the command line that filter, and that choose what is counted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from samples import DATA

if TYPE_CHECKING:
    from pathlib import Path

SCENE = DATA / "coco/valid/scene/annotations.json"  # two cars and a person in three images

Run = Any


@pytest.mark.parametrize(
    ("options", "keywords"),
    [
        (["--class", "c*"], {"classes": ["c*"]}),
        (["--class", "CAR", "--ignore-case"], {"classes": ["CAR"], "ignore_case": True}),
        (["--exclude-class", "car"], {"exclude_classes": ["car"]}),
        (["--exclude", "crowd", "--exclude", "group"], {"exclude": ["crowd", "group"]}),
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


def test_wrong_attribute(run: Run) -> None:
    code, _, messages = run("map", SCENE, "--exclude", "crwd")
    assert code == 2
    assert "did you mean 'crowd'?" in messages
