"""Polygon zones: tracks inside, entering, leaving and lost, and dwell."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heatgrid as hg
from heatgrid.live.zones import contains

SQUARE = [(10, 10), (30, 10), (30, 30), (10, 30)]


def move(zone: hg.PolygonZone, now: float, **tracks: tuple[float, float]) -> list[bool]:
    boxes = np.array([[x - 1, y - 1, x + 1, y + 1] for x, y in tracks.values()]).reshape(-1, 4)
    found = {"xyxy": boxes, "ids": list(tracks), "classes": ["car"] * len(tracks)}
    told: list[bool] = zone.update(found, now).tolist()
    return told


def test_enter_stay_leave() -> None:
    zone = hg.PolygonZone(SQUARE)
    assert move(zone, 0.0, a=(0, 0), b=(20, 20)) == [False, True]
    assert move(zone, 0.5, a=(20, 20), b=(25, 20)) == [True, True]
    assert zone.inside == {"car": 2}
    assert move(zone, 1.0, a=(20, 25), b=(50, 20)) == [True, False]
    assert zone.entered == {"car": 2}
    assert zone.left == {"car": 1}
    assert zone.dwell == {"car": pytest.approx(0.5 + 0.5 + 0.5)}
    assert zone.text == "inside 1 · entered 2 · left 1"


def test_dwell_is_limited_by_max_gap() -> None:
    zone = hg.PolygonZone(SQUARE, max_gap=1.0)
    move(zone, 0.0, a=(20, 20))
    move(zone, 60.0, a=(20, 20))
    assert zone.dwell == {"car": 1.0}


def test_recount() -> None:
    for recount, entered, left in ((True, 2, 2), (False, 1, 1)):
        zone = hg.PolygonZone(SQUARE, recount=recount)
        for now, x in enumerate((0, 20, 0, 20, 0)):
            move(zone, now, a=(x, 20))
        assert (zone.entered.total(), zone.left.total()) == (entered, left)


def test_unseen_tracks_are_lost() -> None:
    zone = hg.PolygonZone(SQUARE, forget_after=2)
    move(zone, 0, a=(20, 20), b=(0, 0))
    move(zone, 1)
    assert zone.inside.total() == 0
    move(zone, 2)
    assert zone.lost.total() == 0
    move(zone, 3)
    assert zone.lost == {"car": 1}


@given(
    st.lists(
        st.dictionaries(st.sampled_from("abcd"), st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=4),
        max_size=25,
    ),
    st.booleans(),
)
def test_counts_balance(frames: list[dict[str, tuple[int, int]]], recount: bool) -> None:
    zone = hg.PolygonZone([(1, 1), (3, 1), (3, 3), (1, 3)], forget_after=3, recount=recount)
    for now, frame in enumerate(frames):
        move(zone, now, **{track: (float(x), float(y)) for track, (x, y) in frame.items()})
        staying = sum(track.is_counted for _, track in zone._tracks._by_track.values())
        assert zone.entered.total() - zone.left.total() - zone.lost.total() == staying


def test_detections_without_tracks_are_inside_but_do_not_enter() -> None:
    zone = hg.PolygonZone(SQUARE)
    assert zone.update(np.array([[19.0, 19, 21, 21], [0, 0, 1, 1]]), 0).tolist() == [True, False]
    assert zone.inside == {None: 1}
    assert not zone.entered


def exactly_inside(ring: list[tuple[float, float]], place: tuple[float, float]) -> bool:
    """Even-odd rule with left and top edges inside, in exact fractions."""
    x, y = map(Fraction, place)
    inside = False
    for (ax, ay), (bx, by) in zip([ring[-1], *ring[:-1]], ring, strict=True):
        if (Fraction(by) > y) != (Fraction(ay) > y):
            crossing = Fraction(bx) + (Fraction(ax) - Fraction(bx)) * (y - Fraction(by)) / (
                Fraction(ay) - Fraction(by)
            )
            inside ^= x < crossing
    return inside


corners = st.tuples(st.integers(-4, 4), st.integers(-4, 4))
odd_corners = st.tuples(st.floats(-4, 4), st.floats(-4, 4))


@given(
    st.lists(st.one_of(corners, odd_corners), min_size=3, max_size=9),
    st.lists(corners, min_size=1, max_size=9),
)
def test_inside_is_exact(ring: list[tuple[float, float]], places: list[tuple[float, float]]) -> None:
    told = contains(np.array(ring, dtype=float), np.array(places, dtype=float))
    assert told.tolist() == [exactly_inside(ring, place) for place in places]


def test_adjacent_zones_share_no_point() -> None:
    tiles = [hg.PolygonZone([(x, y), (x + 2, y), (x + 2, y + 2), (x, y + 2)]) for x in (0, 2) for y in (0, 2)]
    places = np.array([[x, y, x, y] for x in range(4) for y in range(4)], dtype=float)
    told = np.array([tile.update(places, 0) for tile in tiles])
    assert (told.sum(axis=0) == 1).all()


def test_errors_name_the_argument() -> None:
    with pytest.raises(ValueError, match="at least 3 vertices"):
        hg.PolygonZone([(0, 0), (1, 1)])
    with pytest.raises(ValueError, match="max_gap"):
        hg.PolygonZone(SQUARE, max_gap=-1)
    zone = hg.PolygonZone(SQUARE)
    zone.update(None, 2.0)
    with pytest.raises(ValueError, match="backwards"):
        zone.update(None, 1.0)


def test_reset() -> None:
    zone = hg.PolygonZone(SQUARE)
    move(zone, 5, a=(20, 20))
    zone.reset()
    assert (zone.entered, zone.left, zone.lost, zone.inside, zone.dwell) == ({}, {}, {}, {}, {})
    move(zone, 0, a=(20, 20))
    assert zone.entered == {"car": 1}
