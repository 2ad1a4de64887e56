"""Masks: bitmaps and run-length codes, compared with decoded bitmaps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bulk
import heatgrid as hg
from effort import examples
from heatgrid.errors import HeatgridWarning
from reference import bitmap_of_runs, compress, count_masks, runs_of_bitmap
from strategies import grids

RULES: Any = ["center", "touch", "point"]


@st.composite
def bitmaps(draw: st.DrawFn) -> list[list[bool]]:
    h, w = draw(st.tuples(st.integers(1, 12), st.integers(1, 12)))
    kind = draw(st.sampled_from(["noise", "sparse", "box"]))
    if kind == "box":
        a, b = sorted(draw(st.tuples(st.integers(0, h), st.integers(0, h))))
        c, d = sorted(draw(st.tuples(st.integers(0, w), st.integers(0, w))))
        return [[a <= row < b and c <= column < d for column in range(w)] for row in range(h)]
    if kind == "sparse":
        chosen = draw(st.sets(st.tuples(st.integers(0, h - 1), st.integers(0, w - 1)), max_size=2))
        return [[(row, column) in chosen for column in range(w)] for row in range(h)]
    return draw(st.lists(st.lists(st.booleans(), min_size=w, max_size=w), min_size=h, max_size=h))


def codes(mask: list[list[bool]]) -> dict[str, Any]:
    """Return a mask in every form that heatgrid accepts."""
    size, runs = [len(mask), len(mask[0])], runs_of_bitmap(mask)
    return {
        "runs": {"size": size, "counts": runs},
        "text": {"size": size, "counts": compress(runs)},
        "bytes": {"size": size, "counts": compress(runs).encode()},
        "bool": np.array(mask),
        "uint8": np.array(mask, dtype=np.uint8) * 255,
        "columns first": np.asfortranarray(mask),
    }


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(masks=st.lists(bitmaps(), min_size=1, max_size=8), grid=grids())
def test_masks(rule: Any, masks: list[list[list[bool]]], grid: tuple[int, int]) -> None:
    expected = count_masks(masks, grid, rule=rule).counts
    for kind in codes(masks[0]):
        assert hg.count_masks([codes(mask)[kind] for mask in masks], grid, rule=rule).tolist() == expected, (
            kind
        )


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(masks=st.lists(bitmaps(), min_size=1, max_size=8), grid=grids())
def test_area(masks: list[list[list[bool]]], grid: tuple[int, int]) -> None:
    expected = count_masks(masks, grid, rule="area").counts
    counts = hg.count_masks([codes(mask)["runs"] for mask in masks], grid, rule="area")
    assert np.allclose(counts, expected, rtol=1e-9, atol=1e-12)


def test_large_masks() -> None:
    random = bulk.seeded("large masks")
    masks = []
    for _ in range(20):
        h, w = random.randint(50, 300), random.randint(50, 300)
        runs: list[int] = []
        while sum(runs) < h * w:
            runs.append(min(random.randint(0 if not runs else 1, 400), h * w - sum(runs)))
        masks.append((h, w, runs))
    decoded: Any = [bitmap_of_runs(runs, h, w) for h, w, runs in masks]
    for rule in RULES:
        counts = hg.count_masks(
            [{"size": [h, w], "counts": runs} for h, w, runs in masks], (20, 31), rule=rule
        )
        assert counts.tolist() == count_masks(decoded, (20, 31), rule=rule).counts


@pytest.mark.parametrize(
    "counts",
    [
        [1, 2],
        [1, 2, 2],
        [-1, 5],
        [5, -1],
        [2**62, 2**62, 2**62, 2**62, 4],
        [],
        "",
        "0",
        "o",
        "\x00",
        "P" * 30,
        "01" * 9,
    ],
    ids=repr,
)
def test_codes_that_do_not_sum_to_the_mask_are_invalid(counts: Any) -> None:
    good = {"size": [2, 2], "counts": [0, 4]}
    with pytest.warns(HeatgridWarning, match=r"\b1\b"):
        counted = hg.count_masks([good, {"size": [2, 2], "counts": counts}, good], 2)
    assert counted.tolist() == [[2, 2], [2, 2]]
