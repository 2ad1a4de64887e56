"""Hotspots: peaks, plateaus and ties by hand, random maps against a slow reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heatgrid as hg
from effort import examples
from heatgrid.analysis import hotspots
from pictures import rows_of


def places(counts: Any, n: int = 100, separation: float = 0.0) -> list[tuple[int, int, float]]:
    return [
        (spot.row, spot.column, spot.count) for spot in hotspots(np.array(counts), n, separation=separation)
    ]


def test_peaks_are_sorted_by_height() -> None:
    counts = [
        [9, 1, 1, 1, 4],
        [1, 1, 1, 1, 1],
        [1, 6, 1, 1, 7],
    ]
    assert places(counts) == [(0, 0, 9), (2, 4, 7), (2, 1, 6), (0, 4, 4)]
    assert places(counts, 2) == [(0, 0, 9), (2, 4, 7)]
    assert places(counts, 0) == []


def test_equal_peaks_are_sorted_by_row_and_column() -> None:
    assert places([[0, 5, 0, 5], [0, 0, 0, 0], [5, 0, 0, 0]]) == [(0, 1, 5), (0, 3, 5), (2, 0, 5)]


def test_plateau_with_a_higher_neighbour_is_no_peak() -> None:
    assert places([[3, 3, 3, 3, 3, 3, 4]]) == [(0, 6, 4)]
    assert places([[3, 3, 0], [0, 0, 3], [0, 4, 0]]) == [(2, 1, 4)]  # corners connect


def test_plateau_is_one_peak_at_its_middle() -> None:
    assert places([[2, 2, 2, 2, 2]]) == [(0, 2, 2)]
    assert places([[2, 2, 2, 2]]) == [(0, 1, 2)]  # of two cells as near, the left one
    ring = [[1, 1, 1], [1, 0, 1], [1, 1, 1]]
    assert places(ring) == [(0, 1, 1)]  # of four, the upper one


def test_empty_map_has_no_peaks() -> None:
    assert places([[0, 0], [0, 0]]) == []
    assert places([[-1, -2]]) == []


def test_separation_along_both_axes() -> None:
    counts = np.zeros((10, 20), dtype=np.int64)
    counts[5, 5], counts[4, 8], counts[6, 9], counts[7, 5] = 9, 8, 7, 6
    # 0.2 of 20 columns is 4, of 10 rows 2: 3 columns are too near, 4 columns or 2 rows are not.
    assert places(counts, separation=0.2) == [(5, 5, 9), (6, 9, 7), (7, 5, 6)]
    assert places(counts, separation=1.0) == [(5, 5, 9)]


def test_hotspot_fields() -> None:
    (spot,) = hotspots(np.array([[1, 0], [0, 3]]), 1)
    assert spot.to_dict() == {"row": 1, "column": 1, "count": 3, "share": 0.75, "x": 0.75, "y": 0.75}
    assert isinstance(spot.count, int)


def test_hotspots_of_a_map_use_all_classes() -> None:
    heat = hg.Heatmap(2, ("a", "b")).add_points([[0.1, 0.1]] * 2, labels=["a", "b"])
    assert [spot.count for spot in heat.hotspots(1)] == [2]


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"n": 1.5}, TypeError, "n must be an int, got 1.5"),
        ({"n": True}, TypeError, "n must be an int, got True"),
        ({"n": -1}, ValueError, "n must not be negative, got -1"),
        ({"separation": 1.1}, ValueError, r"separation must be in \[0, 1\], got 1.1"),
        ({"separation": float("nan")}, ValueError, "separation must be"),
    ],
)
def test_wrong_argument_is_named(wrong: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        hg.Heatmap(3).hotspots(**wrong)


def slow(counts: list[list[int]], separation: float) -> list[tuple[int, int, float]]:
    """Find peaks by flooding each plateau."""
    rows, columns = len(counts), len(counts[0])
    cells = [(r, c) for r in range(rows) for c in range(columns)]
    peaks, done = [], set[tuple[int, int]]()
    for start in cells:
        if start in done or counts[start[0]][start[1]] <= 0:
            continue
        height, plateau, edge, is_peak = counts[start[0]][start[1]], [start], [start], True
        done.add(start)
        while edge:
            r, c = edge.pop()
            for near in [(r + i, c + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]:
                if near not in cells:
                    continue
                is_peak &= counts[near[0]][near[1]] <= height
                if counts[near[0]][near[1]] == height and near not in done:
                    done.add(near)
                    plateau.append(near)
                    edge.append(near)
        if is_peak:
            n, middle = len(plateau), [sum(cell[axis] for cell in plateau) for axis in (0, 1)]
            off = {cell: sum((n * cell[axis] - middle[axis]) ** 2 for axis in (0, 1)) for cell in plateau}
            peaks.append((*min(plateau, key=lambda cell: (off[cell], cell)), height))
    kept: list[tuple[int, int, float]] = []
    for r, c, height in sorted(peaks, key=lambda peak: (-peak[2], peak[0], peak[1])):
        if all(abs(r - i) >= separation * rows or abs(c - j) >= separation * columns for i, j, _ in kept):
            kept.append((r, c, height))
    return kept


@settings(max_examples=examples(200))
@given(st.data())
def test_peaks_equal_those_of_flood_fill(data: st.DataObject) -> None:
    rows, columns = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 9))
    cell = st.integers(0, data.draw(st.sampled_from([1, 3, 50])))
    counts = data.draw(
        st.lists(st.lists(cell, min_size=columns, max_size=columns), min_size=rows, max_size=rows)
    )
    separation = data.draw(st.sampled_from([0.0, 0.1, 0.25, 0.5]))
    assert places(counts, separation=separation) == slow(counts, separation)


def test_maze_is_one_plateau() -> None:
    maze = rows_of("#########  ........#  #########  #........  #########")
    assert len(places([[int(cell == "#") for cell in row] for row in maze])) == 1
