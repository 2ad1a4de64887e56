"""Kernel, compared with a table of ties by hand."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from comparison import kernel_counts
from heatgrid.errors import HeatgridWarning
from pictures import draw, rows_of
from reference import Status
from ties import TIES

if TYPE_CHECKING:
    from ties import Tie


def by_name(tie: Tie) -> str:
    return f"{tie.kind}: {tie.name}"


@pytest.mark.parametrize("copies", [1, 9], ids=["alone", "nine together"])
@pytest.mark.parametrize("tie", TIES, ids=by_name)
def test_ties(tie: Tie, copies: int) -> None:
    expected = rows_of(tie.picture)
    grid = len(expected), len(expected[0])
    invalid = tie.status is Status.INVALID
    with pytest.warns(HeatgridWarning, match=rf"\b{copies}\b") if invalid else contextlib.nullcontext():
        counts = kernel_counts(tie.kind, [tie.geometry] * copies, grid, **tie.options)
    assert draw(counts // copies) == expected
    assert (counts % copies == 0).all()
