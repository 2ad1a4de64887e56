"""DOTA: corners as polygons, headers, invalid rows."""

from __future__ import annotations

import pytest

from heatgrid.core.ragged import Flag, Kind
from heatgrid.errors import FormatError
from samples import DATA, outcomes, read_one, read_source

VALID, BROKEN = DATA / "dota/valid", DATA / "dota/broken"


def test_corners_are_a_polygon() -> None:
    batch = read_one(VALID / "scene")
    assert batch.image_names == ["a", "b", "background"]
    assert batch.kinds.tolist() == [Kind.POLYGON] * 3
    assert batch.polygons is not None
    assert batch.polygons.coords[:4].tolist() == [[10, 20], [40, 20], [40, 60], [10, 60]]
    assert batch.flags is not None
    assert batch.flags.tolist() == [0, Flag.DIFFICULT, 0]
    assert batch.positions is not None
    assert batch.positions.tolist() == [3, 1, 2]


def test_bad_rows_are_skipped_with_reason() -> None:
    batch = read_one(BROKEN / "rows.txt", size=(100, 100))
    assert batch.report.skipped == {
        "row of fewer columns than eight coordinates and a class": 1,
        "coordinate is not a number": 2,
    }
    skipped = outcomes([batch]).skipped
    assert skipped["coordinate or image size not finite"] == 1
    assert skipped["fewer than three distinct points"] == 1
    with pytest.raises(FormatError, match=r"rows\.txt: line 3: row of fewer columns"):
        list(read_source(BROKEN / "rows.txt", on_error="raise"))
