"""Count specification: validation, equality and contradictions."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, fields, replace
from itertools import product
from typing import Any, get_args

import numpy as np
import pytest

from heatgrid.core import spec as module
from heatgrid.core.spec import CountMode, CountSpec, Fit, Rule, as_grid, cached_spec

OTHER: dict[str, Any] = {
    "of": "size",
    "grid": (4, 5),
    "rule": "touch",
    "count": "images",
    "fit": "letterbox",
    "weighted": True,
    "large_box_ratio": 0.5,
    "unit": "ratio",
}
"""Another valid value of each field that has several."""


def test_defaults() -> None:
    assert CountSpec(grid=(2, 3)).to_dict() == {
        "grid": (2, 3), "rule": "center", "count": "instances",
        "fit": "stretch", "weighted": False, "large_box_ratio": None, "of": "place", "unit": None,
    }  # fmt: skip


@pytest.mark.parametrize("name", OTHER)
def test_specs_are_equal_if_all_values_are(name: str) -> None:
    spec = CountSpec(grid=(4, 4))
    assert spec == CountSpec(grid=(4, 4))
    assert hash(spec) == hash(CountSpec(grid=(4, 4)))
    spec.check_equal(CountSpec(grid=(4, 4)))
    other = replace(spec, **{name: OTHER[name]})
    assert other != spec
    with pytest.raises(ValueError, match=f"maps must have the same {name}, got .* and "):
        spec.check_equal(other)


def test_every_field_with_several_values_is_compared() -> None:
    assert {field.name for field in fields(CountSpec)} == {*OTHER}


@pytest.mark.parametrize("grid", [4, np.int32(4), (4, 4), [4, 4], np.array([4, 4])], ids=repr)
def test_grids_are_converted(grid: Any) -> None:
    spec = CountSpec(grid=grid)
    assert spec == CountSpec(grid=(4, 4))
    assert spec.grid == as_grid(grid) == (4, 4)
    assert {type(n) for n in spec.grid} == {int}


@pytest.mark.parametrize("ratio", [np.float32(0.5), np.float64(0.5), 0.5], ids=repr)
def test_ratios_are_converted(ratio: Any) -> None:
    spec = CountSpec(grid=(2, 2), large_box_ratio=ratio)
    assert spec == CountSpec(grid=(2, 2), large_box_ratio=0.5)
    assert type(spec.large_box_ratio) is float


def test_an_infinite_ratio_is_no_limit() -> None:
    assert CountSpec(grid=(2, 2), large_box_ratio=float("inf")) == CountSpec(grid=(2, 2))
    assert CountSpec(grid=(2, 2), large_box_ratio=0).large_box_ratio == 0.0


def test_specs_are_immutable_and_can_be_pickled() -> None:
    spec = CountSpec(grid=(2, 3), rule="touch", count="images")
    with pytest.raises(FrozenInstanceError):
        spec.rule = "center"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(spec)) == spec  # noqa: S301 - our own
    assert CountSpec(**spec.to_dict()) == spec


@pytest.mark.parametrize(
    ("values", "error", "text"),
    [
        ({"grid": 0}, ValueError, r"grid must have 1 to 2\*\*26 cells along each axis, got 0"),
        ({"grid": (3, -1)}, ValueError, "grid must have 1 to"),
        ({"grid": (1, 2**26 + 1)}, ValueError, "grid must have 1 to"),
        ({"grid": (1, 2, 3)}, ValueError, "grid must be an int or a pair of ints"),
        ({"grid": 2.0}, TypeError, "grid must be an int or a pair of ints"),
        ({"grid": (2, 3.0)}, TypeError, "grid must be an int or a pair of ints"),
        ({"grid": (2, True)}, TypeError, "grid must be an int or a pair of ints"),
        ({"grid": "44"}, TypeError, "grid must be an int or a pair of ints"),
        ({"grid": None}, TypeError, "grid must be an int or a pair of ints"),
        ({"rule": "centre"}, ValueError, "rule must be one of 'center', 'touch', 'point', 'area', got"),
        ({"rule": None}, ValueError, "rule must be one of"),
        ({"count": "pictures"}, ValueError, "count must be one of 'instances', 'images', got 'pictures'"),
        ({"fit": "crop"}, ValueError, "fit must be one of 'stretch', 'letterbox', got 'crop'"),
        ({"weighted": 1}, TypeError, "weighted must be a bool, got 1"),
        ({"large_box_ratio": -0.1}, ValueError, "large_box_ratio must not be negative, got -0.1"),
        ({"large_box_ratio": float("nan")}, ValueError, "large_box_ratio must not be negative, got nan"),
        ({"large_box_ratio": "half"}, TypeError, "large_box_ratio must be a number or None, got 'half'"),
        ({"large_box_ratio": True}, TypeError, "large_box_ratio must be a number or None, got True"),
    ],
)
def test_wrong_values_raise(values: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        CountSpec(**{"grid": (4, 4)} | values)


CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    ({"count": "images", "weighted": True}, "count='images' cannot be weighted"),
    ({"count": "images", "rule": "area"}, "count='images' cannot be combined with rule='area'"),
    ({"large_box_ratio": 0.5, "rule": "area"}, "large_box_ratio cannot be combined with rule='area'"),
    ({"large_box_ratio": 0.5, "fit": "letterbox"}, "large_box_ratio cannot be combined with fit='letterbox'"),
]


@pytest.mark.parametrize(("values", "text"), CONTRADICTIONS)
def test_contradictions_raise(values: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        CountSpec(grid=(4, 4), **values)
    for name in values:
        kept: dict[str, Any] = {key: value for key, value in values.items() if key != name}
        CountSpec(grid=(4, 4), **kept)


def test_only_the_listed_combinations_contradict() -> None:
    choices = (get_args(Rule), get_args(CountMode), get_args(Fit), (False, True), (None, 0.5))
    for chosen in product(*choices):
        values = dict(zip(("rule", "count", "fit", "weighted", "large_box_ratio"), chosen, strict=True))
        wrong = any(pair.items() <= values.items() for pair, _ in CONTRADICTIONS)
        if wrong:
            with pytest.raises(ValueError, match="cannot be"):
                CountSpec(grid=(4, 4), **values)
        else:
            spec = CountSpec(grid=(4, 4), **values)
            assert spec.dtype is (np.float64 if spec.weighted or spec.rule == "area" else np.int64)
            assert spec.needs_area == (spec.rule == "area")


def test_weights_are_checked() -> None:
    CountSpec(grid=(2, 2)).check_weights(None)
    CountSpec(grid=(2, 2), weighted=True).check_weights([1.0])
    with pytest.raises(ValueError, match="weights are required"):
        CountSpec(grid=(2, 2), weighted=True).check_weights(None)
    with pytest.raises(ValueError, match="weights require a map created with weighted=True"):
        CountSpec(grid=(2, 2)).check_weights([1.0])


def test_cached_specs_are_validated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    check = module.as_grid

    def counted_check(grid: Any) -> tuple[int, int]:
        calls.append(grid)
        return check(grid)

    monkeypatch.setattr(module, "as_grid", counted_check)
    cached_spec.cache_clear()
    first = cached_spec((6, 7), "touch", weighted=True)
    assert cached_spec((6, 7), "touch", weighted=True) is first
    assert calls == [(6, 7)]
    assert first == CountSpec(grid=(6, 7), rule="touch", weighted=True)
    for _ in range(2):
        with pytest.raises(ValueError, match="cannot be weighted"):
            cached_spec((6, 7), "touch", "images", weighted=True)
