"""Co-occurrence of classes, with values computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heatgrid as hg
from heatgrid.analysis import CoOccurrence, cooccurrence

CAR = [[2, 2], [0, 0]]
DOG = [[1, 0], [3, 0]]
NONE = [[0, 0], [0, 0]]


def found() -> CoOccurrence:
    return CoOccurrence.of(("car", "dog", "none"), np.array([CAR, DOG, NONE]))


def test_cells_of_both_classes_are_counted() -> None:
    assert found().cells.tolist() == [[2, 1, 0], [1, 2, 0], [0, 0, 0]]


def test_jaccard_index() -> None:
    assert found().cell_jaccard.tolist() == [[1, 1 / 3, 0], [1 / 3, 1, 0], [0, 0, 0]]


def test_overlap_is_the_common_part_of_the_shares() -> None:
    # Shares of the first cell: 1/2 of the cars, 1/4 of the dogs; no other cell has both.
    assert found().cell_overlap.tolist() == [[1, 0.25, 0], [0.25, 1, 0], [0, 0, 0]]


def test_pairs_are_sorted_by_overlap() -> None:
    first, second, *_ = found().pairs()
    assert first == {"classes": ("car", "dog"), "cells": 1, "cell_jaccard": 1 / 3, "cell_overlap": 0.25}
    assert second["classes"] == ("car", "none")
    assert len(found().pairs(1)) == 1


def test_to_dict_has_plain_lists() -> None:
    plain = found().to_dict()
    assert plain["classes"] == ["car", "dog", "none"]
    assert plain["cells"][0] == [2, 1, 0]


def test_map_without_classes_raises() -> None:
    with pytest.raises(ValueError, match="cooccurrence needs a map with classes"):
        hg.Heatmap(2).cooccurrence()


def test_cooccurrence_of_a_map() -> None:
    heat = hg.Heatmap(2, ("a", "b")).add_points([[0.1, 0.1], [0.2, 0.2]], labels=["a", "b"])
    assert heat.cooccurrence().cell_jaccard.tolist() == [[1, 1], [1, 1]]


@given(st.lists(st.lists(st.integers(0, 3), min_size=35, max_size=35), min_size=1, max_size=4))
def test_chunks_give_equal_results(values: list[list[int]]) -> None:
    counts, names = np.array(values).reshape(-1, 5, 7), tuple(map(str, range(len(values))))
    whole = CoOccurrence.of(names, counts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cooccurrence, "_CHUNK", 4)
        pieces = CoOccurrence.of(names, counts)
    assert (whole.cells == pieces.cells).all()
    assert whole.cell_overlap == pytest.approx(pieces.cell_overlap)
    assert (whole.cell_jaccard == whole.cell_jaccard.T).all()
    for i, one in enumerate(counts):
        for j, other in enumerate(counts):
            if one.any() and other.any():
                apart = np.abs(one / one.sum() - other / other.sum()).sum() / 2
                assert whole.cell_overlap[i, j] == pytest.approx(1 - apart)
