"""Batches of annotations by hand and at random, and the invariant of their reports."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import numpy as np
from hypothesis import strategies as st

from heatgrid.core.annotations import Annotations
from heatgrid.core.ragged import Flag, Kind, Lines, Masks, Points, Polygons
from heatgrid.core.report import Report

SHAPE = (4, 5)
CLASSES = ("car", "dog", "tree")
WIDTH, HEIGHT = 640.0, 480.0

Ring = list[tuple[float, float]]


@dataclass(frozen=True)
class Thing:
    """An annotation: class, image, box and rings."""

    name: str = "car"
    image: int = 0
    box: tuple[float, float, float, float] | None = None
    rings: tuple[Ring, ...] = ()

    @property
    def proper_rings(self) -> list[Ring]:
        """Rings of three or more vertices; none if one of them is not finite or all are degenerate."""
        long = [ring for ring in self.rings if len(ring) >= 3]
        finite = all(math.isfinite(v) for ring in long for point in ring for v in point)
        return long if finite and any(len(set(ring)) >= 3 for ring in long) else []

    @property
    def finite_box(self) -> tuple[float, float, float, float] | None:
        """The box if it is finite."""
        return self.box if self.box and all(map(math.isfinite, self.box)) else None


def offsets(lengths: list[int]) -> Any:
    return np.array([0, *accumulate(lengths)], dtype=np.int64)


def batch_of(
    things: list[Thing], *, normalized: bool = True, sizes: Any = None, **columns: Any
) -> Annotations:
    """Return things as a batch of two images; each ring is a part of its own."""
    rings = [ring for thing in things for ring in thing.rings]
    none = (math.nan,) * 4
    batch = Annotations(
        image_names=["a.jpg", "b.jpg"],
        image=np.array([thing.image for thing in things], dtype=np.int64),
        label=np.array([CLASSES.index(thing.name) for thing in things], dtype=np.int64),
        classes=CLASSES,
        normalized=normalized,
        sizes=sizes,
        kinds=np.array(
            [bool(t.box) * Kind.BOX | bool(t.rings) * Kind.POLYGON for t in things], dtype=np.uint8
        ),
        boxes=np.array([thing.box or none for thing in things], dtype=np.float64).reshape(-1, 4),
        polygons=Polygons(
            np.array([point for ring in rings for point in ring], dtype=np.float64).reshape(-1, 2),
            offsets([len(ring) for ring in rings]),
            offsets([1] * len(rings)),
            offsets([len(thing.rings) for thing in things]),
        ),
        source="things.json",
        position_format="annotations[{}]",
        ids=[100 + i for i in range(len(things))],
        report=Report(files=1, images=2),
    )
    batch.validate()
    return replace(batch, **columns)


coordinates = st.sampled_from([-0.25, 0.0, 0.1, 0.5, 0.62, 1.0, 1.5]) | st.floats(0, 1)
broken = st.sampled_from([math.nan, math.inf, -math.inf]) | coordinates
points = st.tuples(coordinates, coordinates)
rings = st.lists(points, max_size=5) | st.lists(st.tuples(broken, broken), max_size=4)
things = st.lists(
    st.builds(
        Thing,
        name=st.sampled_from(CLASSES),
        image=st.integers(0, 1),
        box=st.none() | st.tuples(*[coordinates] * 4) | st.tuples(*[broken] * 4),
        rings=st.lists(rings, max_size=3).map(tuple),
    ),
    max_size=8,
)


sizes = st.sampled_from(
    [*[np.array([[1.0, 1.0], [2.0, 0.5]])] * 3, np.array([[math.nan, 1.0], [2.0, 0.5]]), None]
)


@st.composite
def mixed_batches(draw: st.DrawFn) -> Annotations:
    """Draw a batch whose annotations have boxes, polygons, masks, keypoints or lines, some of them broken."""
    drawn = draw(things)
    n = len(drawn)
    batch = batch_of(drawn, normalized=draw(st.booleans()), sizes=draw(sizes))
    runs = st.sampled_from([[], [9], [0, 9], [4, 1, 4], [0, 1, 8], [5, 5], [-1, 10], [2, 3, 3]])
    masks = [draw(runs) for _ in range(n)]
    marks = [draw(st.lists(st.tuples(broken, broken), max_size=3)) for _ in range(n)]
    lines = [draw(st.lists(st.tuples(coordinates, coordinates), max_size=3)) for _ in range(n)]
    flat_marks = [mark for several in marks for mark in several]
    flat_points = [point for line in lines for point in line]
    kinds = batch.kinds.copy()
    columns: dict[Kind, list[Any]] = {Kind.MASK: masks, Kind.POINT: marks, Kind.LINE: lines}
    for kind, column in columns.items():
        kinds |= np.array([bool(geometry) * kind for geometry in column], dtype=np.uint8)
    flags = [draw(st.sampled_from([0, 0, 0, int(Flag.OUTSIDE), int(Flag.CROWD)])) for _ in range(n)]
    batch = replace(
        batch,
        kinds=kinds,
        masks=Masks(
            np.array([[3, 3]] * n, dtype=np.int64).reshape(-1, 2),
            np.zeros(0, dtype=np.uint8),
            np.zeros(n + 1, dtype=np.int64),
            np.array([run for several in masks for run in several], dtype=np.int64),
            offsets([len(several) for several in masks]),
        ),
        points=Points(
            np.array(flat_marks, dtype=np.float64).reshape(-1, 2),
            offsets([len(several) for several in marks]),
            np.array([draw(st.booleans()) for _ in flat_marks], dtype=bool),
        ),
        lines=Lines(
            np.array(flat_points, dtype=np.float64).reshape(-1, 2),
            offsets([len(line) for line in lines]),
            offsets([1] * n),
        ),
        flags=np.array(flags, dtype=np.uint8),
    )
    batch.validate()
    return batch


def check_account(report: Report) -> None:
    """Assert that every annotation has exactly one outcome, in total and per class."""
    places = report.counted + report.empty + report.outside + sum(report.skipped.values())
    assert report.read == places
    assert report.counted_as_point <= report.counted
    totals = report.by_class().values()
    for name in ("read", "counted", "empty", "outside", "excluded"):
        assert sum(one[name] for one in totals) == getattr(report, name)
    assert sum(one["skipped"] for one in totals) == report.skips
    assert all(one["images"] <= one["counted"] for one in totals if one["images"])
