"""Anchors as points, and floor plans from stored detections."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg

if TYPE_CHECKING:
    from pathlib import Path

SIZE = (64, 48)
PLAN = (100, 50)
MATRIX: list[list[float]] = [[2, 1, -10], [0, 3, -20], [0, 0.01, 1]]
OTHER: list[list[float]] = [[1, 0, 20], [0, 1, 0], [0, 0, 1]]
BOXES = [(10, 5, 20, 25), (30, 10, 34, 30), (2, 2, 6, 8), (50, 20, 60, 47)]


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """Write each box as a detection in a frame of its own."""
    path = tmp_path / "found.jsonl"
    frames = [
        {"frame": i, "width": SIZE[0], "height": SIZE[1], "xyxy": box, "class": "person"}
        for i, box in enumerate(BOXES)
    ]
    path.write_text("\n".join(map(json.dumps, frames)))
    return path


def on_plan(matrix: list[list[float]], grid: tuple[int, int]) -> list[list[int]]:
    """Count the feet of the boxes on the plan, in exact arithmetic."""
    counts = [[0] * grid[1] for _ in range(grid[0])]
    for x1, _, x2, y2 in BOXES:
        foot = Fraction(x1 + x2, 2), Fraction(y2), Fraction(1)
        u, v, w = (sum(Fraction(n) * p for n, p in zip(row, foot, strict=True)) for row in matrix)
        x, y = u / w / PLAN[0], v / w / PLAN[1]
        if 0 <= x <= 1 and 0 <= y <= 1:
            counts[min(grid[0] - 1, int(y * grid[0]))][min(grid[1] - 1, int(x * grid[1]))] += 1
    return counts


@pytest.mark.parametrize("matrix", [MATRIX, OTHER])
def test_feet_are_counted_on_the_plan(lines: Path, matrix: list[list[float]]) -> None:
    heat = hg.heatmap(lines, (5, 10), homography=matrix, plan_size=PLAN)
    assert heat.counts.tolist() == on_plan(matrix, (5, 10))
    assert heat.report.read == len(BOXES)
    assert heat.report.counted + heat.report.outside == len(BOXES)
    found = list(hg.find(lines, (slice(0, 5), slice(0, 10)), (5, 10), homography=matrix, plan_size=PLAN))
    assert len(found) == heat.report.counted
    live = hg.LiveHeatmap("point", 1.0, size=PLAN, cell=10, homography=matrix)
    assert live.update(BOXES).heat.tolist() == heat.counts.tolist()


def test_several_cameras_add_up(lines: Path, run: Any, tmp_path: Path) -> None:
    maps = [hg.heatmap(lines, (5, 10), homography=matrix, plan_size=PLAN) for matrix in (MATRIX, OTHER)]
    total = maps[0] + maps[1]
    assert total.counts.tolist() == (maps[0].counts + maps[1].counts).tolist()
    for name, matrix in (("a", MATRIX), ("b", OTHER)):
        numbers = ",".join(str(number) for row in matrix for number in row)
        options = ["--homography", numbers, "--plan-size", "100x50", "--grid", "5x10"]
        assert run("map", lines, *options, "-o", tmp_path / f"{name}.npz")[0] in {0, 3}
    run("map", tmp_path / "a.npz", tmp_path / "b.npz", "-o", tmp_path / "both.npz")
    assert hg.load(tmp_path / "both.npz").counts.tolist() == total.counts.tolist()


def test_normalized_boxes_need_the_image_size() -> None:
    boxes = np.array(BOXES) / np.tile(SIZE, 2)
    batch = hg.annotations_from(boxes)
    heat = hg.heatmap(batch, (5, 10), homography=OTHER, plan_size=PLAN)
    assert heat.report.skipped == {"image size missing (give size= or images=)": 4}
    pixels = hg.annotations_from(np.array(BOXES), size=SIZE)
    same = hg.heatmap(pixels, (5, 10), homography=OTHER, plan_size=PLAN)
    assert same.counts.tolist() == on_plan(OTHER, (5, 10))


def test_beyond_the_horizon() -> None:
    horizon: list[list[float]] = [[1, 0, 0], [0, 1, 0], [0, 0.1, -1]]  # y = 10; what is below is visible
    batch = hg.annotations_from([[0, 0, 2, 5], [10, 0, 20, 12]], size=SIZE, labels=["far", "near"])
    heat = hg.heatmap(batch, 4, homography=horizon, plan_size=(200, 200))
    assert heat.report.skipped == {"beyond the horizon of the floor plan": 1}
    assert heat.report.by_class()["far"]["skipped"] == 1
    assert heat["near"].counts.sum() == 1
    with pytest.raises(hg.FormatError, match="beyond the horizon"):
        hg.heatmap(batch, 4, homography=horizon, plan_size=(200, 200), on_error="raise")


def test_regions_are_those_of_the_image(lines: Path) -> None:
    half = [(0, 0), (32, 0), (32, 48), (0, 48)]
    heat = hg.heatmap(lines, (5, 10), homography=OTHER, plan_size=PLAN, region=half)
    assert heat.report.regions["region 1"].read == 2  # feet at x = 15 and 4; 32 is on its right edge


def test_anchor_with_rule_point(lines: Path, run: Any, tmp_path: Path) -> None:
    heat = hg.heatmap(lines, 8, rule="point", anchor="bottom_center")
    feet = [((x1 + x2) / 2, y2) for x1, _, x2, y2 in BOXES]
    assert heat.counts.tolist() == hg.count_points(feet, 8, size=SIZE).tolist()
    center = hg.heatmap(lines, 8, rule="point", anchor="center")
    assert center.counts.tolist() == hg.heatmap(lines, 8, rule="point").counts.tolist()
    out = tmp_path / "heat.npz"
    assert run("map", lines, "--grid", 8, "--rule", "point", "--anchor", "bottom_center", "-o", out)[0] == 0
    assert hg.load(out) == heat
    found = hg.find(lines, (slice(0, 8), slice(0, 8)), 8, rule="point", anchor="bottom_center")
    assert [one.box for one in found] == [tuple(map(float, box)) for box in BOXES]
    result = hg.compare(lines, lines, 8, rule="point", anchor="bottom_center", permutations=9)
    assert result.total_variation == 0


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"homography": OTHER}, "plan_size is required with homography="),
        ({"plan_size": PLAN}, "plan_size requires homography="),
        ({"homography": [[1, 0], [0, 1]], "plan_size": PLAN}, "homography must have"),
        ({"homography": np.zeros((3, 3)), "plan_size": PLAN}, "homography must be invertible"),
        ({"homography": OTHER, "plan_size": PLAN, "of": "size"}, "cannot be combined with of='size'"),
        ({"homography": OTHER, "plan_size": PLAN, "rule": "area"}, "points have no area"),
    ],
)
def test_errors(lines: Path, options: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        hg.heatmap(lines, 4, **options)
