"""Line crossings: many angles, both directions, near misses, touches, jumps, starts on the line."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heatgrid as hg

ANGLES = range(0, 360, 15)


def walk(zone: hg.LineZone, *places: tuple[float, float], track: object = 1) -> list[int]:
    """Move a track along places, and return the result of each step."""
    return [
        int(zone.update({"xyxy": [[x - 1, y - 1, x + 1, y + 1]], "ids": [track], "classes": ["car"]})[0])
        for x, y in places
    ]


def counts(zone: hg.LineZone) -> tuple[int, int]:
    return zone.in_count, zone.out_count


def turned(angle: float, along: float, across: float) -> tuple[float, float]:
    """Return a place relative to a line through (500, 500): distance along it, and to its right."""
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return 500 + along * c - across * s, 500 + along * s + across * c


def line(angle: float, **options: object) -> hg.LineZone:
    return hg.LineZone(turned(angle, -100, 0), turned(angle, 100, 0), **options)  # type: ignore[arg-type]


def test_direction_in_is_down_over_a_line_drawn_to_the_right() -> None:
    zone = hg.LineZone((0, 10), (100, 10))
    assert walk(zone, (50, 5), (50, 15)) == [0, 1]
    assert walk(zone, (50, 5)) == [-1]
    assert counts(zone) == (1, 1)
    assert zone.text == "in 1 · out 1"


@pytest.mark.parametrize("angle", ANGLES)
@pytest.mark.parametrize("slant", [-80, -30, 0, 45, 80])
def test_side_of_origin_decides_the_direction(angle: int, slant: int) -> None:
    zone = line(angle)
    left, right = turned(angle, -slant, -20), turned(angle, slant, 20)
    assert walk(zone, left, right, left, right) == [0, 1, -1, 1]
    assert zone.entered == {"car": 2}
    assert zone.left == {"car": 1}


@pytest.mark.parametrize("angle", ANGLES)
def test_moving_next_to_the_line_does_not_count(angle: int) -> None:
    for across in (-1, 1, 50):
        zone = line(angle)
        walk(zone, *(turned(angle, along, across) for along in range(-200, 201, 10)))
        assert counts(zone) == (0, 0)


@pytest.mark.parametrize("angle", ANGLES)
def test_passing_beyond_an_end_does_not_count(angle: int) -> None:
    for end in (-101, 101, 3000):
        zone = line(angle)
        walk(zone, turned(angle, end, -20), turned(angle, end, 20), turned(angle, end, -20))
        assert counts(zone) == (0, 0)


@pytest.mark.parametrize("angle", ANGLES)
def test_jump_over_the_line_counts(angle: int) -> None:
    zone = line(angle)
    assert walk(zone, turned(angle, 0, -9000), turned(angle, 10, 9000)) == [0, 1]


def test_touch_does_not_count() -> None:
    zone = hg.LineZone((0, 10), (100, 10))
    assert walk(zone, (50, 5), (50, 10), (52, 5), (54, 10), (56, 10), (58, 5)) == [0] * 6
    assert counts(zone) == (0, 0)


def test_stop_on_the_line_counts_when_the_track_goes_on() -> None:
    zone = hg.LineZone((0, 10), (100, 10))
    assert walk(zone, (50, 5), (50, 10), (52, 10), (52, 11)) == [0, 0, 0, 1]
    assert walk(zone, (52, 10), (60, 2)) == [0, -1]


def test_track_on_the_line_must_meet_the_segment() -> None:
    for ways, expected in (
        ([(-20, 5), (-20, 10), (50, 10), (50, 15)], 1),
        ([(50, 5), (50, 10), (-20, 10), (-20, 15)], 1),
        ([(-20, 5), (-20, 10), (150, 10), (150, 15)], 1),
        ([(-20, 5), (-20, 10), (-1, 10), (-1, 15)], 0),
        ([(50, 5), (50, 10), (50, 5), (-20, 10), (-20, 15)], 0),
    ):
        zone = hg.LineZone((0, 10), (100, 10))
        assert walk(zone, *ways) == [0] * (len(ways) - 1) + [expected]


def test_start_on_the_line_does_not_count() -> None:
    zone = hg.LineZone((0, 10), (100, 10))
    assert walk(zone, (50, 10), (50, 15), (50, 5)) == [0, 0, -1]


def test_ends_belong_to_the_line() -> None:
    for x, expected in ((0, 1), (100, 1), (-1, 0), (101, 0)):
        zone = hg.LineZone((0, 10), (100, 10))
        assert walk(zone, (x, 5), (x, 15))[-1] == expected


def test_sides_are_exact() -> None:
    """Points 2**-53 apart next to a diagonal: float64 products round by as much."""
    zone = hg.LineZone((12.0, 12.0), (24.0, 24.0))
    near = 0.5
    sides = [int(zone._sides(np.array([[near + i * 2.0**-53, near]]))[0]) for i in range(-4, 5)]
    assert sides == [1, 1, 1, 1, 0, -1, -1, -1, -1]


def test_recount() -> None:
    for recount, expected in ((True, (2, 1)), (False, (1, 0))):
        zone = hg.LineZone((0, 10), (100, 10), recount=recount)
        walk(zone, (50, 5), (50, 15), (50, 5), (50, 15))
        assert counts(zone) == expected


@pytest.mark.parametrize(("gap", "expected"), [(0.2, 1), (0.3, 0)])
def test_lost_tracks_are_forgotten(gap: float, expected: int) -> None:
    zone = hg.LineZone((0, 10), (100, 10), max_gap=0.2)
    found = {"xyxy": [[49, 4, 51, 6]], "ids": [1]}
    zone.update(found, 5.0)
    zone.update(None, 5.1)
    found["xyxy"] = [[49, 14, 51, 16]]
    assert zone.update(found, 5.0 + gap).tolist() == [expected]


def test_tracks_are_counted_by_class() -> None:
    zone = hg.LineZone((0, 10), (100, 10), classes=["car", 7])
    boxes = np.array([[x, 0, x + 2, 2] for x in (10, 20, 30, 40)], dtype=float)
    found = {"xyxy": boxes, "ids": [1, 2, "three", None], "classes": ["car", "dog", 7, "car"]}
    assert zone.update(found).tolist() == [0, 0, 0, 0]
    assert zone.update(found | {"xyxy": boxes + np.array([0, 20, 0, 20])}).tolist() == [1, 0, 1, 0]
    assert zone.entered == {"car": 1, 7: 1}


def test_detections_without_tracks_do_not_count() -> None:
    zone = hg.LineZone((0, 10), (100, 10))
    for y in (0, 20):
        assert zone.update(np.array([[10.0, y, 12, y + 2]])).tolist() == [0]
    assert zone.update({"xyxy": [[np.nan, 0, 1, 1]], "ids": [1]}).tolist() == [0]


@pytest.mark.parametrize(
    ("anchor", "place"),
    [
        ("center", (15, 30)),
        ("bottom_center", (15, 40)),
        ("top_left", (10, 20)),
        ("top_right", (20, 20)),
        ("bottom_left", (10, 40)),
        ("bottom_right", (20, 40)),
    ],
)
def test_anchors(anchor: str, place: tuple[int, int]) -> None:
    x, y = place
    zone = hg.LineZone((x - 1, y), (x + 1, y), anchor=anchor)  # type: ignore[arg-type]
    told = [int(zone.update({"xyxy": [[10, 20 + d, 20, 40 + d]], "ids": [1]})[0]) for d in (-1, 1)]
    assert told == [0, 1]


places = st.tuples(st.integers(-3, 3), st.integers(-3, 3)).map(lambda p: (float(p[0]), float(p[1])))


@given(places, places, st.lists(places, min_size=2, max_size=12))
def test_reverse_path_undoes_every_count(
    start: tuple[float, float], end: tuple[float, float], way: list[tuple[float, float]]
) -> None:
    if start == end:
        return
    zone, mirrored = hg.LineZone(start, end), hg.LineZone(end, start)
    assert walk(mirrored, *way) == [-step for step in walk(zone, *way)]
    walk(zone, *way[::-1])
    begins_on_the_line = not zone._sides(np.array(way[:1]))[0]
    assert abs(zone.entered.total() - zone.left.total()) <= begins_on_the_line


def test_errors_name_the_argument() -> None:
    with pytest.raises(ValueError, match="start and end must differ"):
        hg.LineZone((1, 1), (1, 1))
    with pytest.raises(ValueError, match="points must be finite"):
        hg.LineZone((1, 1), (1, math.inf))
    with pytest.raises(ValueError, match="anchor must be one of"):
        hg.LineZone((1, 1), (2, 2), anchor="middle")  # type: ignore[arg-type]
    for far in (1e308, -1e308, math.inf, math.nan, 1.1e6):
        for ends in (((far, 0), (1, 1)), ((0, 0), (1, far))):
            with pytest.raises(ValueError, match="points must be finite, from -1e6 to 1e6"):
                hg.LineZone(*ends)
    for wrong in ("ab", (1,), (1, 2, 3), None, ((1, 2), (3, 4))):
        with pytest.raises((TypeError, ValueError), match="points must"):
            hg.LineZone((0, 0), wrong)  # type: ignore[arg-type]
    for options in (
        {"min_frames": 0},
        {"min_frames": 1.5},
        {"margin": -1},
        {"margin": math.nan},
        {"max_gap": -1},
    ):
        with pytest.raises(ValueError, match=next(iter(options))):
            hg.LineZone((1, 1), (2, 2), **options)
    with pytest.raises(ValueError, match="color must be three whole numbers"):
        hg.LineZone((1, 1), (2, 2), color=(0, 0, 300))
    with pytest.raises(TypeError, match="name must be a string"):
        hg.LineZone((1, 1), (2, 2), name=1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="classes"):
        hg.LineZone((1, 1), (2, 2), classes="car")


FLICKER = [(100, y) for y in (80, 80, 80, 102, 80, 80, 80)]
TREMBLE = [(100, 100 + (-1) ** i * 2) for i in range(31)]
SEVERAL = [(100, y) for y in (80, 80, 103, 97, 104, 80, 80)]
AROUND = [(100, 97), (100, 103), (300, 103), (300, 97), (100, 97)]
PASSING = [(100, y) for y in (80, 90, 98, 102, 99, 103, 110, 120)]


@pytest.mark.parametrize(
    ("way", "options", "expected"),
    [
        (FLICKER, {}, (1, 1)),
        (FLICKER, {"min_frames": 2}, (0, 0)),
        (FLICKER, {"margin": 5}, (0, 0)),
        (TREMBLE, {}, (15, 15)),
        (TREMBLE, {"margin": 5}, (0, 0)),
        (TREMBLE, {"min_frames": 2}, (0, 0)),
        (SEVERAL, {}, (2, 2)),
        (SEVERAL, {"min_frames": 2}, (0, 0)),
        (SEVERAL, {"margin": 4}, (1, 1)),
        (SEVERAL, {"margin": 4.5}, (0, 0)),
        (AROUND, {"margin": 2}, (1, 0)),
        (PASSING, {}, (2, 1)),
        (PASSING, {"margin": 5}, (1, 0)),
        (PASSING, {"min_frames": 3}, (1, 0)),
        (PASSING, {"min_frames": 4}, (0, 0)),
        (PASSING[::-1], {"margin": 5}, (0, 1)),
        (PASSING[:4] + PASSING[:1], {"margin": 5}, (0, 0)),
    ],
)
def test_jitter_and_flicker(
    way: list[tuple[float, float]], options: dict[str, float], expected: tuple[int, int]
) -> None:
    zone = hg.LineZone((0, 100), (200, 100), **options)  # type: ignore[arg-type]
    walk(zone, *way)
    assert counts(zone) == expected


@pytest.mark.parametrize("angle", ANGLES)
def test_margin_is_a_distance(angle: int) -> None:
    for side in (9.5, 10.5):
        zone = line(angle, margin=10)
        walk(zone, turned(angle, 0, -50), turned(angle, 0, side), turned(angle, 0, -50))
        assert counts(zone) == ((0, 0) if side < 10 else (1, 1))


def test_crossing_within_the_margin_must_meet_the_segment() -> None:
    zone = hg.LineZone((0, 10), (100, 10), margin=3)
    assert walk(zone, (-5, 5), (-5, 9), (-5, 11), (50, 12), (50, 15)) == [0] * 5
    assert walk(zone, (50, 12), (50, 9), (-5, 8), (-5, 5)) == [0, 0, 0, -1]


def test_ends_can_be_moved() -> None:
    zone = hg.LineZone((0, 10), (100, 10))
    walk(zone, (50, 5), (50, 15))
    zone.start, zone.end = (0, 20), (100, 20)
    assert (zone.start, zone.end) == ((0, 20), (100, 20))
    assert zone.points.tolist() == [[0, 20], [100, 20]]
    assert walk(zone, (50, 18)) == [0]  # to the left of the moved line, from the right of the old one
    assert walk(zone, (50, 25)) == [1]
    assert counts(zone) == (2, 0)
    with pytest.raises(ValueError, match="start and end must differ"):
        zone.end = (0, 20)
    with pytest.raises(ValueError, match="points must be finite"):
        zone.start = (math.nan, 0)
    assert (zone.start, zone.end) == ((0, 20), (100, 20))
    with pytest.raises(ValueError, match="read-only"):
        zone.points[0] = 7


def test_attributes_are_checked_or_do_not_exist() -> None:
    zone = hg.LineZone((0, 10), (100, 10))
    zone.name, zone.anchor, zone.color, zone.recount = "gate", "bottom_center", (1, 2, 3), False
    assert walk(zone, (50, 5), (50, 9)) == [0, 0]  # the bottom, at 6 and 10, has met the line
    assert walk(zone, (50, 10), (50, 5)) == [1, 0]
    for name, value in (("anchor", "middle"), ("color", (0, 0, 256)), ("color", "red"), ("name", 7)):
        with pytest.raises((ValueError, TypeError), match=name):
            setattr(zone, name, value)
    for name in ("min_frames", "margin", "classes", "width"):
        with pytest.raises(AttributeError):
            setattr(zone, name, 1)


def test_reset() -> None:
    zone = hg.LineZone((0, 10), (100, 10))
    walk(zone, (50, 5), (50, 15))
    zone.reset()
    assert counts(zone) == (0, 0)
    assert walk(zone, (50, 5)) == [0]
