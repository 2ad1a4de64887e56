"""Monoid laws of maps of images, weights and other rules, and their transport as bytes.

`test_heatmap` tests the laws for plain counts.
"""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heatgrid as hg
from heatgrid.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable

CLASSES = ("ant", "bee", "cat")
POINTS = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.sampled_from(CLASSES)), max_size=6)


@st.composite
def maps(draw: Any, options: dict[str, Any]) -> hg.Heatmap:
    """Draw a map, its classes in the order of their appearance."""
    points = draw(POINTS)
    heat = hg.Heatmap((3, 2), (), **options)
    heat.grow(dict.fromkeys(name for *_, name in points))
    if points:
        more: dict[str, Any] = {}
        if options.get("count") == "images":
            more["images"] = draw(st.lists(st.integers(0, 2), min_size=len(points), max_size=len(points)))
        if options.get("weighted"):
            # Halves and quarters add up exactly, in any order.
            quarters = st.integers(-8, 8).map(lambda n: n / 4)
            more["weights"] = draw(st.lists(quarters, min_size=len(points), max_size=len(points)))
        heat.add_points([point[:2] for point in points], labels=[point[2] for point in points], **more)
    if draw(st.booleans()):
        heat.report.skip("left out", "somewhere", draw(st.integers(1, 3)))
    return heat


OPTIONS: list[dict[str, Any]] = [{"count": "images"}, {"weighted": True}, {"rule": "touch"}]
all_options = st.sampled_from(OPTIONS)
pairs = all_options.flatmap(lambda d: st.tuples(maps(d), maps(d)))
triples = all_options.flatmap(lambda d: st.tuples(maps(d), maps(d), maps(d)))
singles = all_options.flatmap(maps)


def tallies(heat: hg.Heatmap) -> dict[str, Any]:
    """Return the report without its examples, of which only the first are kept."""
    plain = heat.report.to_dict()
    del plain["examples"]
    return plain


def parameters_of(heat: hg.Heatmap) -> dict[str, Any]:
    return {name: value for name, value in heat.spec.to_dict().items() if name != "unit"}  # of no count


def state(heat: hg.Heatmap) -> tuple[Any, ...]:
    return heat.classes, heat.by_class.tolist(), heat.counts.tolist(), heat.report.to_dict()


@given(pairs)
def test_addition_is_commutative(two: tuple[hg.Heatmap, hg.Heatmap]) -> None:
    a, b = two
    assert a + b == b + a
    assert tallies(a + b) == tallies(b + a)


@given(triples)
def test_addition_is_associative(three: tuple[hg.Heatmap, hg.Heatmap, hg.Heatmap]) -> None:
    a, b, c = three
    assert (a + b) + c == a + (b + c)
    assert state((a + b) + c) == state(a + (b + c))


@given(singles)
def test_a_map_without_hits_is_the_identity(heat: hg.Heatmap) -> None:
    identity = hg.Heatmap(classes=(), **parameters_of(heat))
    assert state(heat + identity) == state(heat)
    assert identity + heat == heat
    assert tallies(identity + heat) == tallies(heat)


@given(triples)
def test_operands_are_not_changed(three: tuple[hg.Heatmap, hg.Heatmap, hg.Heatmap]) -> None:
    before = [copy.deepcopy(state(heat)) for heat in three]
    a, b, c = three
    total = a + b
    total += c
    total += total
    total.report.skip("later")
    assert sum(three) == a + b + c
    assert [state(heat) for heat in three] == before


@pytest.mark.parametrize(
    "carry",
    [
        lambda heat: pickle.loads(pickle.dumps(heat)),  # noqa: S301
        lambda heat: hg.Heatmap.from_bytes(heat.to_bytes()),
    ],
    ids=["pickle", "bytes"],
)
@given(heat=singles)
def test_maps_survive_transport(carry: Callable[[hg.Heatmap], hg.Heatmap], heat: hg.Heatmap) -> None:
    before = copy.deepcopy(state(heat))
    arrived = carry(heat)
    assert arrived.spec == heat.spec
    assert state(arrived) == before
    arrived += arrived
    arrived.report.note("later")
    assert state(heat) == before  # a map of its own


def test_other_bytes_are_refused() -> None:
    with pytest.raises(FormatError, match="not a map saved by heatgrid"):
        hg.Heatmap.from_bytes(b"nothing of the kind")
    whole = hg.Heatmap(3).to_bytes()
    with pytest.raises(FormatError, match="not a map saved by heatgrid"):
        hg.Heatmap.from_bytes(whole[: len(whole) // 2])


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(1, 6), st.randoms())
def test_any_partition_of_boxes_gives_the_same_sum(numbers: list[int], parts: int, random: Any) -> None:
    boxes = np.array([[n / 20, n / 30, n / 20 + 0.3, n / 30 + 0.5] for n in numbers])
    whole = hg.Heatmap(7).add_boxes(boxes)
    shares = np.array([random.randrange(parts) for _ in numbers])
    maps_ = [hg.Heatmap(7).add_boxes(boxes[shares == i]) for i in range(parts)]
    random.shuffle(maps_)
    assert sum(maps_) == whole
