"""``heatgrid overview``: findings, files and exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg
from heatgrid.commands.demo import write_demo
from samples import DATA, write_coco

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


def test_duplicates_are_linked_to_a_folder_seen_from_the_page(run: Run, tmp_path: Path) -> None:
    boxes: list[Any] = [(0, "cat", (1, 1, 5, 5))] * 2
    source = write_coco(tmp_path / "a.json", [(10, 10)], boxes)
    (tmp_path / "images").mkdir()
    page = tmp_path / "pages" / "a.html"
    page.parent.mkdir()
    for prefix, expected in ((tmp_path / "images", "../images/"), ("https://a.org/x", "https://a.org/x/")):
        assert run("overview", source, "-o", page, "--thumbnails", prefix)[0] == 0
        meta = json.loads(page.read_text().split('id="heatgrid-meta">')[1].split("</script>")[0])
        assert meta["thumbnails"] == expected
        assert meta["duplicate_pairs"] == [
            ["cat", "a-0.jpg", ".", "annotations[0] (id 1)", "annotations[1] (id 2)", 1.0]
        ]
    for output in ((), ("-o", tmp_path / "b.json")):
        code, _, messages = run("overview", source, *output, "--thumbnails", "x")
        assert code == 2
        assert "--thumbnails needs -o PAGE.html" in messages
    code, _, messages = run("overview", source, "-o", page, "--thumbnails", "javascript:x")
    assert code == 1
    assert "thumbnails must be a folder or an http(s) URL" in messages


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
