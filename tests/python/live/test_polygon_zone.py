"""Polygon zones: tracks inside, entering, leaving and lost, and dwell."""

from __future__ import annotations

import timeit
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import heatgrid as hg
from heatgrid.core.region import EvenOdd

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


@pytest.mark.parametrize(("max_gap", "dwell", "entered", "lost"), [(2.0, 4.0, 1, 0), (1.0, 0.0, 3, 2)])
def test_gap_beyond_max_gap_ends_a_stay(max_gap: float, dwell: float, entered: int, lost: int) -> None:
    zone = hg.PolygonZone(SQUARE, max_gap=max_gap)
    for now in (0.0, 2.0, 4.0):
        move(zone, now, a=(20, 20))
    assert (zone.dwell["car"], zone.entered["car"], zone.lost["car"]) == (dwell, entered, lost)


def test_recount() -> None:
    for recount, entered, left in ((True, 2, 2), (False, 1, 1)):
        zone = hg.PolygonZone(SQUARE, recount=recount)
        for now, x in enumerate((0, 20, 0, 20, 0)):
            move(zone, now / 2, a=(x, 20))
        assert (zone.entered.total(), zone.left.total()) == (entered, left)


def test_unseen_tracks_are_lost() -> None:
    zone = hg.PolygonZone(SQUARE, max_gap=2)
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
    zone = hg.PolygonZone([(1, 1), (3, 1), (3, 3), (1, 3)], max_gap=3, recount=recount)
    for now, frame in enumerate(frames):
        move(zone, now, **{track: (float(x), float(y)) for track, (x, y) in frame.items()})
        staying = sum(track.is_counted for _, _, track in zone._tracks._by_track.values())
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
    points = np.array(ring, dtype=float)
    assume((np.ptp(points, axis=0) > 0).all())
    told = EvenOdd([points]).contains(np.array(places, dtype=float))
    assert told.tolist() == [exactly_inside(ring, place) for place in places]


def large_ring(kind: str, corners: int) -> np.ndarray:
    """Return a ring around (500, 500) with a radius from 300 to 400."""
    angle = np.arange(corners) * (2 * np.pi / corners)
    waves = {"circle": 0 * angle, "waves": np.sin(40 * angle), "comb": np.arange(corners) % 2}[kind]
    radius = 350 + 50 * waves
    return np.stack([500 + radius * np.cos(angle), 500 + radius * np.sin(angle)], axis=1)


@pytest.mark.parametrize("kind", ["circle", "waves", "comb"])
def test_large_rings_are_exact(kind: str) -> None:
    ring = large_ring(kind, 2000)
    random = np.random.default_rng(3)
    places = np.vstack([random.uniform(90, 910, (40, 2)), ring[::97], (ring + np.roll(ring, 1, 0))[::97] / 2])
    corners = [(x, y) for x, y in ring.tolist()]
    expected = [exactly_inside(corners, (x, y)) for x, y in places.tolist()]
    assert EvenOdd([ring]).contains(places).tolist() == expected


@pytest.mark.parametrize("kind", ["circle", "waves"])
def test_many_corners_cost_little_per_frame(kind: str) -> None:
    """A hundred thousand corners take at most ten times as long as four; a loop takes 50,000 times."""

    def seconds(points: Any) -> float:
        zone = hg.PolygonZone(points)
        found = {"xyxy": [[195, 395, 205, 405], [480, 480, 520, 520]], "ids": [1, 2], "classes": ["car"] * 2}
        assert zone.update(found, 0).tolist() == [True, True]
        return min(timeit.repeat(lambda: zone.update(found, 0), number=20, repeat=9))

    assert seconds(large_ring(kind, 100_000)) < 10 * seconds([(100, 100), (900, 100), (900, 900), (100, 900)])


@pytest.mark.parametrize("height", [5e-324, 1e-300, 1e-9, 1e6])
def test_flat_rings(height: float) -> None:
    zone = hg.PolygonZone([(0, 0), (10, 0), (10, height), (0, height)])
    places = np.array([(5, 0), (5, height / 2), (5, height), (5, -height), (5, 1e300), (-1e300, 0)])
    inside = [True, height / 2 < height, False, False, False, False]
    assert zone.region.contains(places).tolist() == inside


def test_points_can_be_moved() -> None:
    zone = hg.PolygonZone(SQUARE)
    assert move(zone, 0.0, a=(20, 20), b=(60, 60)) == [True, False]
    zone.points = [(50, 50), (70, 50), (70, 70), (50, 70)]
    assert zone.points.tolist() == [[50, 50], [70, 50], [70, 70], [50, 70]]
    assert move(zone, 0.5, a=(20, 20), b=(60, 60)) == [False, True]
    assert (zone.entered, zone.left) == ({"car": 2}, {"car": 1})
    for wrong in ([(1, 1), (2, 2)], [(0, 0), (1, 1), (2, np.inf)], [1, 2, 3], [(0, 0), (0, 1), (0, 2)]):
        with pytest.raises(ValueError, match="points"):
            zone.points = wrong
    with pytest.raises(ValueError, match="read-only"):
        zone.points += 1
    assert move(zone, 1.0, a=(20, 20), b=(60, 60)) == [False, True]


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
    with pytest.raises(ValueError, match="enclose an area"):
        hg.PolygonZone([(0, 5), (1, 5), (2, 5)])


def test_reset() -> None:
    zone = hg.PolygonZone(SQUARE)
    move(zone, 5, a=(20, 20))
    zone.reset()
    assert (zone.entered, zone.left, zone.lost, zone.inside, zone.dwell) == ({}, {}, {}, {}, {})
    move(zone, 0, a=(20, 20))
    assert zone.entered == {"car": 1}
