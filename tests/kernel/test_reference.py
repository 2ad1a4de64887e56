"""Reference implementation, compared with values by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import reference
from pictures import draw, rows_of
from ties import TIES

if TYPE_CHECKING:
    from ties import Tie


def by_name(tie: Tie) -> str:
    return f"{tie.kind}: {tie.name}"


@pytest.mark.parametrize("tie", TIES, ids=by_name)
def test_ties(tie: Tie) -> None:
    expected = rows_of(tie.picture)
    count: Any = getattr(reference, f"count_{tie.kind}")
    counted = count([tie.geometry], (len(expected), len(expected[0])), **tie.options)
    assert draw(counted.counts) == expected
    assert counted.statuses == [tie.status]
