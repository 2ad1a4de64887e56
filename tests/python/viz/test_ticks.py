"""Round numbers at their places."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from heatgrid.viz import Scale
from heatgrid.viz.scales import color_bar, round_ticks
from heatgrid.viz.text import Measure, number


@pytest.mark.parametrize(
    ("ends", "kind", "expected"),
    [
        ((0, 48), "linear", [0, 5, 10, 15, 20, 25, 30, 35, 40, 45]),
        ((0, 331), "linear", [0, 50, 100, 150, 200, 250, 300]),
        ((-0.03, 0.03), "linear", [-0.03, -0.02, -0.01, 0, 0.01, 0.02, 0.03]),
        ((0, 9999), "log", [0, 2, 10, 100, 1000, 5000]),
        ((0, 100), "sqrt", [0, 1, 10, 20, 40, 60, 80, 100]),
        ((7.5, 7.5), "linear", [7.5]),
    ],
)
def test_ticks_by_hand(ends: tuple[float, float], kind: Any, expected: list[float]) -> None:
    scale = Scale.of([], kind, vmin=ends[0], vmax=ends[1])
    ticks = round_ticks(scale, gap=0.1)
    assert [tick.value for tick in ticks] == expected


@example("log", 325528913.0, 1e-6, False)
@given(
    st.sampled_from(["linear", "log", "sqrt", "gamma", "rank", "percentile"]),
    st.floats(-1e9, 1e9),
    st.floats(1e-6, 1e9),
    st.booleans(),
)
def test_ticks_are_positioned_by_the_scale(kind: Any, low: float, length: float, whole: bool) -> None:
    scale = Scale.of([low, low + length / 3, low + length], kind, vmin=low, vmax=low + length)
    ticks = round_ticks(scale, whole=whole)
    for tick in ticks:
        assert scale.vmin <= tick.value <= scale.vmax
        assert tick.position == pytest.approx(float(scale.normalize(tick.value)))
        assert not whole or tick.value.is_integer()
    gaps = [b.position - a.position for a, b in itertools.pairwise(ticks)]
    assert all(gap >= 0.1 - 1e-9 for gap in gaps)


def test_few_small_counts_get_one_block_each() -> None:
    values, ticks = color_bar(Scale.of([0, 3]), whole=True)
    assert values.tolist() == [0, 1, 2, 3]
    assert [(tick.label, tick.position) for tick in ticks] == [
        ("0", 0.125),
        ("1", 0.375),
        ("2", 0.625),
        ("3", 0.875),
    ]
    assert len(color_bar(Scale.of([0, 3]), whole=False, length=99)[0]) == 99
    assert len(color_bar(Scale.of([0, 300]), whole=True, length=99)[0]) == 99


def test_color_bar_values_match_the_scale() -> None:
    scale = Scale.of([0, 999], "log")
    values, _ = color_bar(scale, length=10)
    assert scale.normalize(values) == pytest.approx([0.05 + 0.1 * k for k in range(10)])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (12345, "12,345"),
        (1_234_567, "1,234,567"),
        (25_400_000, "25.4M"),
        (3e12, "3e12"),
        (888.5, "888.5"),
        (0.25, "0.25"),
        (-0.03, "-0.03"),
        (0.00001, "1e-5"),
    ],
)
def test_numbers_as_text(value: float, text: str) -> None:
    assert number(value) == text


def test_long_texts_end_in_an_ellipsis() -> None:
    measure = Measure()
    text = "the quick brown fox jumps over the lazy dog " * 5
    cut = measure.cut(text, 13, 200)
    assert cut.endswith("…")
    assert 150 < measure.width(cut, 13) <= 200
    assert measure.cut("short", 13, 200) == "short"
    lines = measure.wrap(text, 13, 200, 3)
    assert len(lines) == 3
    assert all(measure.width(line, 13) <= 200 for line in lines)
    assert lines[-1].endswith("…")
    assert measure.wrap("one two", 13, 200, 3) == ["one two"]
