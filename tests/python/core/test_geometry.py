"""Selection of the geometry to count, and the reasons for skipping."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatgrid.core.annotations import Annotations
from heatgrid.core.kernel import Outcome
from heatgrid.core.outcomes import SKIPPED
from heatgrid.core.ragged import Flag, Kind, Lines, Masks, Points, Polygons, offsets_of
from heatgrid.core.report import Report
from heatgrid.errors import FormatError
from heatgrid.heatmap import Heatmap
from samples import selected

BOX = [0.0, 0.0, 4.0, 4.0]
NONE = [np.nan] * 4
TRIANGLE = [[0, 0], [4, 0], [4, 4]]
LINE = [[0, 0], [4, 4], [0, 0]]
NOT_FINITE = [[0, 0], [4, 0], [np.nan, 4]]
SHORT = [[0, 0], [1, 1]]


def polygons(*shapes: list[Any]) -> Polygons:
    """Make polygons of lists of rings; each ring is a part of its own."""
    rings = [ring for shape in shapes for ring in shape]
    coords = np.array([vertex for ring in rings for vertex in ring], dtype=float).reshape(-1, 2)
    parts = np.arange(len(rings) + 1)
    return Polygons(coords, offsets_of(map(len, rings)), parts, offsets_of(map(len, shapes)))


def batch(boxes: list[list[float]], *shapes: list[Any], **columns: Any) -> Annotations:
    """Make a batch of boxes and polygons on one image of 10 by 10."""
    corners = np.array(boxes, dtype=float).reshape(-1, 4)
    n = len(corners)
    kinds = np.array(
        [(not np.isnan(box).all()) + 2 * bool(shape) for box, shape in zip(corners, shapes, strict=True)],
        dtype=np.uint8,
    )
    given_columns: dict[str, Any] = {
        "image_names": ["a"],
        "image": np.zeros(n, dtype=np.int64),
        "label": np.zeros(n, dtype=np.int64),
        "classes": ("x",),
        "normalized": False,
        "sizes": np.array([[10.0, 10.0]]),
        "kinds": kinds,
        "boxes": corners,
        "polygons": polygons(*shapes),
        "source": "f.json",
        "position_format": "annotations[{}]",
        "report": Report(),
    }
    made = Annotations(**(given_columns | columns))
    made.validate()
    return made


MIXED = batch(
    [BOX, BOX, NONE, NONE, NONE, BOX], [TRIANGLE], [LINE], [NOT_FINITE], [SHORT, TRIANGLE], [LINE], []
)


@pytest.mark.parametrize(
    ("geometry", "kinds", "skipped"),
    [
        (
            "auto",
            [2, 1, 0, 2, 0, 1],
            {SKIPPED[Outcome.NOT_FINITE]: 1, SKIPPED[Outcome.TOO_FEW_VERTICES]: 1},
        ),
        (
            "box",
            [1, 1, 0, 1, 0, 1],
            {SKIPPED[Outcome.NOT_FINITE]: 1, SKIPPED[Outcome.TOO_FEW_VERTICES]: 1},
        ),
        (
            "polygon",
            [2, 0, 0, 2, 0, 0],
            {
                SKIPPED[Outcome.NO_GEOMETRY]: 1,
                SKIPPED[Outcome.NOT_FINITE]: 1,
                SKIPPED[Outcome.TOO_FEW_VERTICES]: 2,
            },
        ),
        ("mask", [0] * 6, {SKIPPED[Outcome.NO_GEOMETRY]: 6}),
        ("point", [0] * 6, {SKIPPED[Outcome.NO_GEOMETRY]: 6}),
    ],
)
def test_selection_by_geometry(geometry: Any, kinds: list[int], skipped: dict[str, int]) -> None:
    choice = selected(MIXED, geometry)
    assert choice.kinds.tolist() == kinds
    assert choice.report.skipped == skipped
    assert choice.report.read == sum(skipped.values())
    assert choice.index(Kind.POLYGON).tolist() == [i for i, kind in enumerate(kinds) if kind == 2]


def test_substitutes_are_noted_with_their_place() -> None:
    report = selected(MIXED).report
    assert report.notes == {
        "box used, no usable polygon": 1,
        "ring of fewer than three vertices ignored": 1,
    }
    assert report.examples["box used, no usable polygon"] == ["f.json: annotations[1]"]
    assert selected(MIXED, "box").report.notes == {"bounding box of the polygon used, no usable box": 1}


def masks(*runs: list[int], codes: list[bytes] | None = None) -> Masks:
    """Make masks of 2 by 3 pixels of run lengths, or of compressed codes."""
    codes = codes or [b""] * len(runs)
    return Masks(
        np.array([[2, 3]] * len(runs)).reshape(-1, 2),
        np.frombuffer(b"".join(codes), dtype=np.uint8),
        offsets_of(map(len, codes)),
        np.array([run for own in runs for run in own], dtype=np.int64),
        offsets_of(map(len, runs)),
    )


@pytest.mark.parametrize("broken", [[1, 2], [5, 2], [-1, 7], [7, -1], [2**62, 2**62]])
def test_the_box_replaces_a_broken_mask(broken: list[int]) -> None:
    runs = [[1, 5], broken, broken]
    made = batch([BOX, BOX, NONE], [], [], [], kinds=np.array([5, 5, 4], np.uint8), masks=masks(*runs))
    report = selected(made).report
    assert selected(made).kinds.tolist() == [Kind.MASK, Kind.BOX, 0]
    assert report.notes == {"box used, no usable mask": 1}
    assert report.skipped == {SKIPPED[Outcome.BROKEN_MASK]: 1}
    assert selected(made, "mask").kinds.tolist() == [Kind.MASK, 0, 0]
    heat = Heatmap(2).add(made)
    assert heat.report.counted == 2


def test_broken_mask_codes_are_skipped() -> None:
    codes = [b"15", b"1", b"15\x00", b"1U"]
    made = batch([NONE] * 4, [], [], [], [], kinds=np.full(4, 4, np.uint8))
    made = replace(made, masks=masks(*[[]] * 4, codes=codes))
    assert selected(made).kinds.tolist() == [Kind.MASK, 0, 0, 0]


def test_bounding_boxes_ignore_short_rings() -> None:
    far = [[90, 90], [91, 91]]
    made = batch([NONE, NONE], [far, TRIANGLE, [[-1, 2], [1, 2], [1, 3]]], [TRIANGLE])
    boxes = selected(made, "box").boxes
    assert boxes is not None
    assert boxes.tolist() == [[-1, 0, 4, 4], [0, 0, 4, 4]]
    assert made.boxes is not None
    assert np.isnan(made.boxes).all()


def test_only_pixels_need_the_image_size() -> None:
    unsized = batch([BOX], [], sizes=np.array([[np.nan, 10]]))
    assert selected(unsized).report.skipped == {SKIPPED[Outcome.NO_SIZE]: 1}
    assert selected(batch([BOX], [], sizes=None)).report.skips == 1
    assert selected(batch([BOX], [], sizes=None, normalized=True)).kinds.tolist() == [Kind.BOX]


def test_usable_points() -> None:
    coords = np.array([[1, 1], [np.nan, 1], [np.nan, 1], [1, 1]], dtype=float)
    visible = np.array([True, False, True, False])
    points = Points(coords, np.array([0, 2, 3, 4]), visible)
    made = batch([NONE] * 3, [], [], [], kinds=np.full(3, 8, np.uint8), points=points)
    choice = selected(made, "point")
    assert choice.kinds.tolist() == [8, 0, 0]
    assert choice.report.skipped == {SKIPPED[Outcome.NOT_FINITE]: 1, SKIPPED[Outcome.NO_VISIBLE_POINT]: 1}
    assert selected(made).kinds.tolist() == [8, 0, 0]
    assert selected(made, rule="area").report.skipped[SKIPPED[Outcome.POINT_WITHOUT_AREA]] == 1


@pytest.mark.parametrize("count", ["instances", "images"])
def test_points_that_are_all_outside_are_outside(count: Any) -> None:
    points = Points(np.array([[11.0, 1], [1, -1], [11, 1], [1, 1]]), np.array([0, 2, 4]), np.ones(4, bool))
    made = batch([NONE] * 2, [], [], kinds=np.full(2, Kind.POINT, np.uint8), points=points)
    heat = Heatmap(2, ("x",), count=count).add(made)
    assert heat.counts.tolist() == [[1, 0], [0, 0]]
    assert (heat.report.read, heat.report.counted, heat.report.outside) == (2, 1, 1)


def test_usable_lines() -> None:
    coords = np.array([[1, 1], [2, 2], [np.nan, 1], [np.nan, 1], [1, 2]], dtype=float)
    lines = Lines(coords, np.array([0, 2, 3, 5]), np.array([0, 2, 3, 3]))
    made = batch([NONE] * 3, [], [], [], kinds=np.full(3, 16, np.uint8), lines=lines)
    choice = selected(made, "line")
    assert choice.kinds.tolist() == [16, 0, 0]
    assert choice.report.skipped == {SKIPPED[Outcome.NOT_FINITE]: 1, SKIPPED[Outcome.LINE_TOO_SHORT]: 1}
    assert selected(made).kinds.tolist() == [16, 0, 0]
    assert selected(made, rule="area").report.skipped[SKIPPED[Outcome.LINE_WITHOUT_AREA]] == 1
    picked = made.select([2, 0]).lines
    assert picked is not None
    assert (picked.paths.tolist(), picked.annotations.tolist()) == ([0, 2, 3], [0, 0, 2])


@pytest.mark.parametrize("flag", [Flag.OUTSIDE, Flag.IGNORE])
def test_annotations_flagged_outside_or_to_be_ignored_are_excluded(flag: Flag) -> None:
    away = batch([BOX, BOX], [TRIANGLE], [], flags=np.array([flag, Flag.CROWD], np.uint8))
    for geometry in ("auto", "box"):
        choice = selected(away, geometry)
        assert choice.kinds.tolist() == [0, Kind.BOX]
        assert (choice.report.excluded, choice.report.skipped, choice.report.notes) == (1, {}, {})
    heat = Heatmap(4, ("x",))
    heat.add(away)
    assert (heat.report.read, heat.report.counted, heat.report.excluded) == (1, 1, 1)


def test_on_error_raise_stops_at_the_first_error() -> None:
    with pytest.raises(FormatError) as caught:
        Heatmap(4).add(MIXED, on_error="raise")
    assert (caught.value.path, caught.value.where) == ("f.json", "annotations[2]")


def test_an_unknown_geometry_raises() -> None:
    with pytest.raises(ValueError, match="geometry must be one of 'auto', 'box'"):
        selected(MIXED, "circle")


def test_empty_batches() -> None:
    empty = batch([])
    for geometry in ("auto", "box", "polygon", "mask", "point", "line"):
        assert selected(empty, geometry).kinds.shape == (0,)


VERTEX = st.tuples(st.sampled_from([0.0, 1.0, 2.0, -0.0]), st.sampled_from([0.0, 1.0]))


@given(st.lists(VERTEX, min_size=1, max_size=6))
def test_polygons_need_three_distinct_points(ring: list[tuple[float, float]]) -> None:
    made = batch([NONE], [ring], kinds=np.array([2], np.uint8))
    assert selected(made).kinds.tolist() == [2 if len(set(ring)) >= 3 else 0]


def test_rings_that_are_not_finite_are_skipped() -> None:
    for wrong in (math.nan, math.inf, -math.inf):
        for ring in ([*[(1.0, 2.0)] * 6, (3.0, wrong)], [(0.0, 0.0), (1.0, 0.0), (wrong, 1.0)]):
            report = selected(batch([NONE], [ring], kinds=np.array([2], np.uint8))).report
            assert report.skipped == {SKIPPED[Outcome.NOT_FINITE]: 1}
    short = batch([NONE], [[(math.nan, 0.0)], TRIANGLE], kinds=np.array([2], np.uint8))
    assert selected(short).kinds.tolist() == [2]


def test_repr_names_numbers_not_coordinates() -> None:
    assert repr(polygons([TRIANGLE], [TRIANGLE, SHORT])) == "<Polygons of 2 annotations, 8 vertices>"
