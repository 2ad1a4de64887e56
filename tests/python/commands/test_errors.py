"""``heatgrid errors``: sentences, files and exit codes; and the filters of predictions in other commands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg
from predictions import coco, random_pair, results, write

if TYPE_CHECKING:
    from pathlib import Path

Run = Any


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    return write(tmp_path, *random_pair(30, seed=5))


@pytest.mark.parametrize("suffix", ["html", "json"])
def test_files_equal_those_of_the_library(
    suffix: str, paths: tuple[Path, Path], tmp_path: Path, run: Run
) -> None:
    own, theirs = tmp_path / f"own.{suffix}", tmp_path / f"theirs.{suffix}"
    code, output, _ = run("errors", *paths, "-o", theirs, "--grid", 8, "--permutations", 19, "--iou", 0.6)
    found = hg.evaluate(*paths, 8, permutations=19, iou=0.6)
    found.save(own)
    assert code == 0
    assert output == f"{found}\nwrote {theirs}\n"
    assert own.read_bytes() == theirs.read_bytes()


def test_json_output(paths: tuple[Path, Path], run: Run) -> None:
    options = ("--min-score", 0.5, "--class", "class 1", "--area", "100:900", "--permutations", 19)
    code, output, messages = run("errors", *paths, *options, "--json", "-q")
    found = hg.evaluate(*paths, min_score=0.5, classes="class 1", area=(100, 900), permutations=19)
    assert (code, messages) == (0, "")
    assert json.loads(output) == json.loads(json.dumps(found.to_dict())) | {"output": None}


def test_thumbnails_are_relative_to_the_page(paths: tuple[Path, Path], tmp_path: Path, run: Run) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "pages").mkdir()
    page = tmp_path / "pages" / "errors.html"
    assert run("errors", *paths, "-o", page, "--thumbnails", tmp_path / "photos")[0] == 0
    assert '"thumbnails":"../photos/"' in page.read_text()
    code, _, messages = run("errors", *paths, "--thumbnails", tmp_path / "photos")
    assert (code, "--thumbnails needs -o PAGE.html" in messages) == (2, True)


def test_what_was_left_out_is_reported(tmp_path: Path, run: Run) -> None:
    truth, found = write(tmp_path, coco(1, [(1, 1, [0, 0, 9, 9], 0)]), results([(7, 1, [0, 0, 9, 9], 0.5)]))
    code, output, messages = run("errors", truth, found)
    assert code == 3
    assert "1 prediction not matched: unknown image_id" in output
    assert "unknown image_id" in messages


def test_two_sources_are_needed(paths: tuple[Path, Path], run: Run) -> None:
    code, _, messages = run("errors", paths[0])
    assert (code, "expected TRUTH and PREDICTIONS, got 1 sources" in messages) == (2, True)


def test_predictions_are_filtered_in_other_commands(paths: tuple[Path, Path], run: Run) -> None:
    truth, found = paths
    options = ("--truth", truth, "--min-score", 0.75, "--area", "small")
    expected = hg.heatmap(found, truth=truth, min_score=0.75, area="small")
    code, output, _ = run("map", found, *options, "--json")
    assert code == (0 if expected.report.complete else 3)
    assert json.loads(output)["report"]["counted"] == expected.report.counted > 0
    assert json.loads(output)["report"]["excluded"] == expected.report.excluded > 0
    for command in (
        ("classes", found),
        ("overview", found),
        ("find", found, "--at", "0.5,0.5"),
        ("check", found),
    ):
        assert run(*command, *options)[0] in {0, 3}, command
    assert run("compare", found, found, *options, "--permutations", 0)[0] == code
    code, _, messages = run("map", truth, "--min-score", 0.5)
    assert (code, "--min-score requires annotations with scores" in messages) == (1, True)


def test_wrong_area(paths: tuple[Path, Path], run: Run) -> None:
    for text in ("tiny", "9:1", "1", "a:b"):
        code, _, messages = run("map", paths[0], "--area", text)
        assert (code, "small, medium, large or LOW:HIGH" in messages) == (2, True)
