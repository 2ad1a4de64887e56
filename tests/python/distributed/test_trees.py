"""Shares of the work, and sums of maps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import heatgrid as hg
from heatgrid.distributed import merge, tree_sum
from heatgrid.distributed.dask import share_out


def test_shares_have_about_equal_size() -> None:
    assert share_out([1, 1, 1, 1], 2) == [[0, 1], [2, 3]]
    assert share_out([9, 1, 1, 1, 9], 3) == [[0], [1, 2, 3], [4]]
    assert share_out([100, 1, 1], 3) == [[0], [1, 2]]
    assert share_out([0, 0], 2) == [[0, 1]]
    assert share_out([5], 8) == [[0]]


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40), st.integers(1, 12))
def test_every_index_is_shared_once_in_order(sizes: list[int], parts: int) -> None:
    shares = share_out(sizes, parts)
    assert [number for share in shares for number in share] == list(range(len(sizes)))
    assert 1 <= len(shares) <= parts
    assert all(shares)
    even = sum(sizes) / min(parts, len(sizes))
    assert all(sum(sizes[i] for i in share) <= even + 2 * max(sizes) for share in shares)


def test_sum_of_no_maps_is_refused() -> None:
    with pytest.raises(ValueError, match="maps must be at least one"):
        merge([])


def test_merge_does_not_change_maps() -> None:
    a, b = hg.Heatmap(2).add_points([[0.1, 0.1]]), hg.Heatmap(2).add_points([[0.9, 0.9]])
    assert merge([a, b]).counts.tolist() == [[1, 0], [0, 1]]
    assert merge(iter([a])) == a
    assert merge([a]) is not a
    assert (a.counts.sum(), b.counts.sum()) == (1, 1)


@pytest.mark.peers
@pytest.mark.parametrize("fan_in", [2, 3, 7])
@pytest.mark.parametrize("count", [1, 2, 9])
def test_tree_sum_adds_few_maps_at_a_time(count: int, fan_in: int) -> None:
    delayed = pytest.importorskip("dask").delayed
    sizes = []

    def merge_and_note(maps: list[hg.Heatmap]) -> hg.Heatmap:
        sizes.append(len(maps))
        return merge(maps)

    maps = [hg.Heatmap((1, 9)).add_points([[(i + 0.5) / 9, 0.5]]) for i in range(count)]
    total = tree_sum([delayed(heat, traverse=False) for heat in maps], fan_in, merge_and_note)
    assert total.compute(scheduler="synchronous") == sum(maps)
    assert max(sizes, default=0) <= fan_in


@pytest.mark.peers
def test_invalid_tree_sums_are_refused() -> None:
    pytest.importorskip("dask")
    with pytest.raises(ValueError, match="fan_in must be at least 2, got 1"):
        tree_sum([1], 1)
    with pytest.raises(ValueError, match="maps must be at least one"):
        tree_sum([])
