"""Zones side by side with supervision's: the counts on the page of differences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]

PAGE = Path(__file__).parents[3] / "docs/coming-from/supervision.md"
SCENES = 40
WIDTH, HEIGHT = 200, 120
WHOLE = ((-500, 60), (700, 60))
Pair = tuple[int, int]


def supervision() -> Any:
    return pytest.importorskip("supervision", reason="supervision is not installed (group peers)")


def scene(seed: int, *, step: float = 9, noise: float = 0, missing: float = 0) -> Iterator[tuple[Any, Any]]:
    """Yield the boxes and ids of eight objects that turn back at the edges of the frame."""
    random = np.random.default_rng(seed)
    places, steps = random.uniform(0, [WIDTH, HEIGHT], (8, 2)), random.normal(0, step, (8, 2))
    sizes = random.uniform(4, 24, (8, 2))
    for _ in range(30):
        places = places + steps
        steps = np.where((places < 0) | (places > [WIDTH, HEIGHT]), -steps, steps)
        seen = places + random.normal(0, noise, (8, 2)) if noise else places
        boxes = np.concatenate([seen - sizes / 2, seen + sizes / 2], axis=1)
        kept = random.random(8) >= missing
        yield boxes[kept], (np.arange(8) + 1)[kept]


def count(
    ends: tuple[Pair, Pair], *, corners: bool = False, threshold: int = 1, max_gap: float = 1e9, **motion: Any
) -> tuple[Pair, Pair, int]:
    """Return both counts in and out over all scenes, and the number of scenes that differ."""
    sv = supervision()
    names = ["TOP_LEFT", "TOP_RIGHT", "BOTTOM_LEFT", "BOTTOM_RIGHT"] if corners else ["CENTER"]
    anchors = [sv.Position[name] for name in names]
    totals, different = np.zeros((2, 2), dtype=int), 0
    for seed in range(SCENES):
        start, end = ends
        theirs = sv.LineZone(sv.Point(*start), sv.Point(*end), anchors, minimum_crossing_threshold=threshold)
        ours = hg.LineZone(end, start, min_frames=threshold, max_gap=max_gap)
        for frame, (boxes, ids) in enumerate(scene(seed, **motion)):
            numbers = np.zeros(len(ids), dtype=int)
            theirs.trigger(sv.Detections(xyxy=boxes, tracker_id=ids, class_id=numbers))
            ours.update({"xyxy": boxes, "ids": ids.tolist()}, float(frame))
        counts = (theirs.in_count, theirs.out_count), (ours.in_count, ours.out_count)
        totals += counts
        different += counts[0] != counts[1]
    (a, b), (c, d) = totals.tolist()
    return (a, b), (c, d), different


NOISY = {"noise": 4, "step": 2, "threshold": 3}


@pytest.mark.parametrize(
    ("options", "expected"),
    [({}, (235, 248)), (NOISY, (69, 55)), ({"missing": 0.3, "max_gap": 2.0}, (188, 206))],
)
def test_lines_that_agree(options: dict[str, Any], expected: Pair) -> None:
    theirs, ours, different = count(WHOLE, **options)
    assert (theirs, ours, different) == (expected, expected, 0)
    assert f"| {expected[0]}, {expected[1]} | {expected[0]}, {expected[1]} | equal" in PAGE.read_text()


@pytest.mark.parametrize(
    ("ends", "options", "expected"),
    [
        (WHOLE, {"missing": 0.3}, ((188, 206), (228, 243))),
        (((60, 60), (140, 60)), {}, ((111, 121), (84, 90))),
        (WHOLE, {"corners": True}, ((219, 235), (235, 248))),
    ],
)
def test_lines_that_differ(ends: Any, options: dict[str, Any], expected: tuple[Pair, Pair]) -> None:
    theirs, ours, _ = count(ends, **options)
    assert (theirs, ours) == expected
    row = " | ".join(f"{pair[0]}, {pair[1]}" for pair in expected)
    assert f"| {row} |" in PAGE.read_text()


def test_path_around_the_end_of_a_short_line() -> None:
    """The track is above the line, beside it, and below it: it never meets the line."""
    sv = supervision()
    theirs = sv.LineZone(sv.Point(60, 60), sv.Point(140, 60), [sv.Position.CENTER])
    ours = hg.LineZone((140, 60), (60, 60))
    for frame, (x, y) in enumerate([(100, 40), (150, 50), (150, 70), (100, 80)]):
        boxes = np.array([[x - 2, y - 2, x + 2, y + 2]], dtype=float)
        theirs.trigger(sv.Detections(xyxy=boxes, tracker_id=np.array([1]), class_id=np.array([0])))
        ours.update({"xyxy": boxes, "ids": [1]}, float(frame) / 10)
    assert (theirs.out_count, ours.out_count) == (1, 0)


@pytest.mark.parametrize("anchor", ["center", "bottom_center"])
@pytest.mark.parametrize(
    "polygon", [[(50, 30), (150, 30), (150, 90), (50, 90)], [(50, 30), (150, 60), (60, 100)]]
)
def test_polygons_differ_within_a_pixel_of_an_edge(anchor: Any, polygon: list[Pair]) -> None:
    sv = supervision()
    theirs = sv.PolygonZone(np.array(polygon), [sv.Position[anchor.upper()]])
    ours = hg.PolygonZone(polygon, anchor=anchor, max_gap=1e9)
    detections = different = 0
    for seed in range(SCENES):
        for frame, (boxes, ids) in enumerate(scene(seed)):
            found = sv.Detections(xyxy=boxes, tracker_id=ids)
            one, other = theirs.trigger(found), ours.update({"xyxy": boxes, "ids": ids}, float(frame))
            assert theirs.current_count == one.sum()
            assert ours.inside.total() == other.sum()
            places = found.get_anchors_coordinates(sv.Position[anchor.upper()])
            for place in places[one != other]:
                assert distance(place, polygon) < 1.5
            detections, different = detections + one.size, different + int((one != other).sum())
    assert different / detections < 0.0075


def distance(place: Any, polygon: list[Pair]) -> float:
    """Return the distance from a place to the nearest edge."""
    best = np.inf
    for a, b in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        start, along = np.array(a, dtype=float), np.subtract(b, a).astype(float)
        share = np.clip((place - start) @ along / (along @ along), 0, 1)
        best = min(best, float(np.hypot(*(start + share * along - place))))
    return best
