"""Counting of annotation batches, compared with the reference and with single annotations."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heatgrid as hg
import reference
from batches import (
    CLASSES,
    HEIGHT,
    SHAPE,
    WIDTH,
    Thing,
    batch_of,
    check_account,
    coordinates,
    mixed_batches,
    offsets,
    things,
)
from effort import examples
from heatgrid.core.counts import Counts
from heatgrid.core.kernel import Outcome
from heatgrid.core.outcomes import SKIPPED
from heatgrid.core.ragged import Kind, Lines, Points
from heatgrid.core.report import Report
from heatgrid.core.spec import CountSpec

if TYPE_CHECKING:
    from heatgrid.core.annotations import Annotations


BIG = 1.7e308


def model(things: list[Thing], geometry: str, classes: tuple[str, ...]) -> Any:
    """Count things with the reference implementation: (classes, rows, columns)."""
    planes = np.zeros((len(classes), *SHAPE), dtype=np.int64)
    for thing in things:
        if thing.name not in classes:
            continue
        plane = planes[classes.index(thing.name)]
        rings, box = thing.proper_rings, thing.finite_box
        if geometry == "box" and not box and rings:
            points = [point for ring in rings if len(set(ring)) >= 3 for point in ring]
            xs, ys = zip(*points, strict=True)
            box = min(xs), min(ys), max(xs), max(ys)
        if rings and geometry != "box":
            plane += np.array(reference.count_polygons([[[ring] for ring in rings]], SHAPE).counts)
        elif box and geometry != "polygon":
            plane += np.array(reference.count_boxes([box], SHAPE).counts)
    return planes


@pytest.mark.parametrize("geometry", ["auto", "box", "polygon", "mask", "point", "line"])
@pytest.mark.parametrize("rule", ["center", "touch", "point", "area"])
@settings(max_examples=examples(15))
@given(batch=mixed_batches())
def test_a_batch_is_the_sum_of_its_annotations(geometry: Any, rule: Any, batch: Annotations) -> None:
    if rule == "area" and geometry in {"point", "line"}:
        return
    heat = hg.Heatmap(SHAPE, CLASSES, rule=rule).add(batch, geometry=geometry)
    check_account(heat.report)
    assert heat.report.read + heat.report.excluded == len(batch)
    alone = [
        hg.Heatmap(SHAPE, CLASSES, rule=rule).add(batch.select([i]), geometry=geometry)
        for i in range(len(batch))
    ]
    total = sum(alone, start=hg.Heatmap(SHAPE, CLASSES, rule=rule))
    assert np.allclose(heat.by_class, total.by_class, rtol=1e-12, atol=1e-12)
    for name in ("counted", "empty", "outside", "counted_as_point", "skipped"):
        assert getattr(heat.report, name) == getattr(total.report, name)
    if rule == "area":
        return
    images = hg.Heatmap(SHAPE, CLASSES, rule=rule, count="images").add(batch, geometry=geometry)
    check_account(images.report)
    expected = np.zeros((len(CLASSES), *SHAPE), dtype=np.int64)
    union = np.zeros(SHAPE, dtype=np.int64)
    for image in (0, 1):
        own = [one for i, one in enumerate(alone) if batch.image[i] == image]
        hit = np.array([one.by_class > 0 for one in own]).reshape(-1, len(CLASSES), *SHAPE)
        expected += hit.any(axis=0)
        union += hit.any(axis=(0, 1))
    assert np.array_equal(images.by_class, expected)
    assert np.array_equal(images.counts, union)
    assert images.report.counted == heat.report.counted


@given(mixed_batches(), st.data())
def test_weights_are_summed(batch: Annotations, data: Any) -> None:
    weights = data.draw(
        st.lists(st.sampled_from([0.25, 1.0, -2.0, 3.5]), min_size=len(batch), max_size=len(batch))
    )
    heat = hg.Heatmap(SHAPE, weighted=True).add(batch, weights=weights)
    check_account(heat.report)
    expected = np.zeros(SHAPE)
    for i, weight in enumerate(weights):
        expected += weight * hg.Heatmap(SHAPE).add(batch.select([i])).counts
    assert np.array_equal(heat.counts, expected)


@pytest.mark.filterwarnings("ignore:.*the map's classes are fixed:heatgrid.HeatgridWarning")
@pytest.mark.parametrize("geometry", ["auto", "box", "polygon"])
@given(
    things, st.permutations(CLASSES).flatmap(lambda all_: st.integers(0, 3).map(lambda n: tuple(all_[:n])))
)
def test_a_batch_counts_as_the_reference(geometry: Any, drawn: list[Thing], classes: tuple[str, ...]) -> None:
    batch = batch_of(drawn)
    heat = hg.Heatmap(SHAPE, classes).add(batch, geometry=geometry)
    assert heat.classes == classes
    assert np.array_equal(heat.by_class, model(drawn, geometry, classes))
    assert heat.report.read == len(drawn)
    check_account(heat.report)
    others = sum(thing.name not in classes for thing in drawn)
    assert heat.report.skipped.get(SKIPPED[Outcome.OTHER_CLASS], 0) == others
    assert (heat.report.files, heat.report.images) == (1, 2)
    whole = hg.Heatmap(SHAPE).add(batch, geometry=geometry)
    assert np.array_equal(whole.counts, model(drawn, geometry, CLASSES).sum(axis=0))
    assert whole.report.read == len(drawn)
    check_account(whole.report)


@given(things)
def test_skips_of_the_reader_are_in_the_report(drawn: list[Thing]) -> None:
    report = Report(files=1, images=2)
    report.skip("no category", "things.json: annotations[99]", 3)
    batch = batch_of(drawn, report=report)
    before = batch.report.to_dict()
    heat = hg.Heatmap(SHAPE, CLASSES).add(batch)
    assert heat.report.read == len(drawn) + 3
    assert heat.report.skipped["no category"] == 3
    check_account(heat.report)
    assert batch.report.to_dict() == before


@given(things, things)
def test_batches_add_up(some: list[Thing], others: list[Thing]) -> None:
    both = hg.Heatmap(SHAPE, CLASSES).add(batch_of(some)).add(batch_of(others))
    apart = hg.Heatmap(SHAPE, CLASSES).add(batch_of(some)) + hg.Heatmap(SHAPE, CLASSES).add(batch_of(others))
    assert both == apart
    assert both.report == apart.report


@given(st.lists(st.tuples(*[coordinates] * 4), max_size=20))
def test_boxes_in_pixels_equal_count_boxes(boxes: list[Any]) -> None:
    images = [i % 2 for i in range(len(boxes))]
    sizes = np.array([[WIDTH, HEIGHT], [30.0, 20.0]])
    pixels = [
        tuple(v * side for v, side in zip(b, (*sizes[i], *sizes[i]), strict=True))
        for b, i in zip(boxes, images, strict=True)
    ]
    things_in_pixels = [Thing(image=i, box=box) for box, i in zip(pixels, images, strict=True)]
    batch = batch_of(things_in_pixels, normalized=False, sizes=sizes)
    heat = hg.Heatmap(SHAPE, rule="touch").add(batch)
    direct = hg.count_boxes(np.reshape(pixels, (-1, 4)), SHAPE, size=sizes[images], rule="touch")
    assert np.array_equal(heat.counts, direct)


def test_polygons_in_pixels_equal_count_polygons() -> None:
    ring = [(10.0, 10.0), (600.0, 40.0), (320.0, 470.0)]
    sizes = np.array([[WIDTH, HEIGHT], [1280.0, 960.0]])
    batch = batch_of([Thing(rings=(ring,)), Thing(image=1, rings=(ring,))], normalized=False, sizes=sizes)
    heat = hg.Heatmap(20).add(batch)
    direct = hg.count_polygons(ring * 2, [0, 3, 6], 20, size=sizes)
    assert direct.sum() > 0
    assert np.array_equal(heat.counts, direct)


def test_rule_and_large_box_ratio_apply_to_batches() -> None:
    large, small = Thing(box=(0.0, 0.0, 1.0, 0.9)), Thing(box=(0.05, 0.05, 0.3, 0.3))
    heat = hg.Heatmap(SHAPE, rule="touch", large_box_ratio=0.5).add(batch_of([large, small]))
    expected = reference.count_boxes([large.box, small.box], SHAPE, rule="touch", large_box_ratio=0.5)  # type: ignore[list-item]
    assert heat.counts.tolist() == expected.counts


REASONS: dict[str, tuple[Thing, str, str]] = {
    "nothing": (Thing(), "auto", SKIPPED[Outcome.NO_GEOMETRY]),
    "no polygon": (Thing(box=(0, 0, 1, 1)), "polygon", SKIPPED[Outcome.NO_GEOMETRY]),
    "NaN": (Thing(box=(0, math.nan, 1, 1)), "auto", SKIPPED[Outcome.NOT_FINITE]),
    "infinite": (Thing(rings=([(0, 0), (1, 0), (math.inf, 1)],)), "polygon", SKIPPED[Outcome.NOT_FINITE]),
    "two vertices": (Thing(rings=([(0, 0), (1, 1)],)), "auto", SKIPPED[Outcome.TOO_FEW_VERTICES]),
}


@pytest.mark.parametrize("name", REASONS)
def test_the_report_gives_reason_and_place(name: str) -> None:
    thing, geometry, reason = REASONS[name]
    batch = batch_of([Thing(box=(0, 0, 1, 1), rings=([(0, 0), (1, 0), (1, 1)],)), thing])
    chosen: Any = geometry
    heat = hg.Heatmap(SHAPE).add(batch, geometry=chosen)
    assert heat.report.counted == 1
    assert heat.report.skipped == {reason: 1}
    assert heat.report.examples[reason] == ["things.json: annotations[1] (id 101)"]
    with pytest.raises(hg.FormatError, match=re.escape(reason)) as caught:
        hg.Heatmap(SHAPE).add(batch, geometry=chosen, on_error="raise")
    assert (caught.value.path, caught.value.where, caught.value.annotation) == (
        "things.json",
        "annotations[1]",
        101,
    )


@pytest.mark.parametrize(
    "unknown", [(math.nan, math.nan), (WIDTH, 0.0), (-WIDTH, HEIGHT), (math.inf, HEIGHT)]
)
def test_annotations_without_image_size_are_skipped(unknown: tuple[float, float]) -> None:
    sizes = np.array([unknown, (WIDTH, HEIGHT)])
    boxes = [Thing(image=i, box=(0, 0, 64, 48)) for i in (0, 1)]
    heat = hg.Heatmap(SHAPE).add(batch_of(boxes, normalized=False, sizes=sizes))
    assert heat.report.counted == 1
    assert heat.report.skipped == {SKIPPED[Outcome.NO_SIZE]: 1}


def test_coordinates_that_overflow_are_skipped() -> None:
    sizes = np.full((2, 2), 0.001)
    good, bad = Thing(box=(0, 0, 0.001, 0.001)), Thing(box=(0, 0, BIG, 0.001))
    batch = batch_of([good, bad], normalized=False, sizes=sizes)
    heat = hg.Heatmap(SHAPE).add(batch)
    assert heat.report.counted == 1
    assert heat.report.skips == 1
    assert list(heat.report.examples.values()) == [["things.json: annotations[1] (id 101)"]]
    with pytest.raises(hg.FormatError, match=r"things\.json: annotations\[1\]: annotation 101: .*not finite"):
        hg.Heatmap(SHAPE).add(batch, on_error="raise")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"geometry": "boxes"}, "geometry must be one of"),
        ({"geometry": None}, "geometry must be one of"),
        ({"on_error": "rais"}, "on_error must be one of 'skip', 'raise', got 'rais'"),
    ],
)
def test_wrong_options_raise_and_change_nothing(options: dict[str, Any], text: str) -> None:
    heat = hg.Heatmap(SHAPE)
    with pytest.raises(ValueError, match=text):
        heat.add(batch_of([Thing(box=(0, 0, 1, 1))]), **options)
    assert heat.report == Report()
    assert not heat.counts.any()


def test_weights_of_a_wrong_length_raise_and_change_nothing() -> None:
    counts = Counts(CountSpec(grid=SHAPE, weighted=True), (), grows=True)
    with pytest.raises(ValueError, match=r"weights must have shape \(1,\), one per annotation, got \(2,\)"):
        counts.add_batch(batch_of([Thing(box=(0, 0, 1, 1))]), weights=[1.0, 2.0])
    assert counts.grids.classes == ()
    assert counts.report == Report()


def lines_and_boxes() -> Annotations:
    """Return a box, two lines of one annotation, and a point, on two images."""
    batch = batch_of([Thing(box=(0.0, 0.0, 0.2, 0.25)), Thing(), Thing(image=1)])
    coords = np.array([[0.1, 0.1], [0.9, 0.1], [0.1, 0.1], [0.1, 0.9]])
    return replace(
        batch,
        kinds=np.array([Kind.BOX, Kind.LINE, Kind.POINT], dtype=np.uint8),
        lines=Lines(coords, offsets([2, 2]), offsets([0, 2, 0])),
        points=Points(np.array([[0.1, 0.1]]), offsets([0, 0, 1]), np.ones(1, dtype=bool)),
    )


@pytest.mark.parametrize("rule", ["center", "touch"])
def test_lines_are_counted_by_touch(rule: Any) -> None:
    heat = hg.Heatmap(SHAPE, rule=rule).add(lines_and_boxes())
    assert heat.counts.tolist() == [[3, 1, 1, 1, 1], [1, 0, 0, 0, 0], [1, 0, 0, 0, 0], [1, 0, 0, 0, 0]]
    assert heat.report.counted == 3
    alone = hg.Heatmap(SHAPE, rule=rule).add(lines_and_boxes(), geometry="line")
    assert alone.counts.sum() == 8
    assert alone.report.skipped == {SKIPPED[Outcome.NO_GEOMETRY]: 2}


def test_images_unite_lines_with_other_shapes() -> None:
    heat = hg.Heatmap(SHAPE, count="images").add(lines_and_boxes())
    assert heat.counts.tolist() == [[2, 1, 1, 1, 1], [1, 0, 0, 0, 0], [1, 0, 0, 0, 0], [1, 0, 0, 0, 0]]


def test_rule_point_counts_the_mean_vertex_of_lines() -> None:
    # The mean is (0.3, 0.3).
    heat = hg.Heatmap(SHAPE, rule="point").add(lines_and_boxes(), geometry="line")
    assert np.argwhere(heat.counts).tolist() == [[1, 1]]


def test_lines_and_points_have_no_area() -> None:
    heat = hg.Heatmap(SHAPE, rule="area").add(lines_and_boxes())
    assert heat.report.skipped == {
        SKIPPED[Outcome.LINE_WITHOUT_AREA]: 1,
        SKIPPED[Outcome.POINT_WITHOUT_AREA]: 1,
    }
    assert heat.counts.sum() == pytest.approx(1.0)
    for geometry in ("point", "line"):
        with pytest.raises(ValueError, match=f"geometry='{geometry}' cannot be combined with rule='area'"):
            hg.Heatmap(SHAPE, rule="area").add(lines_and_boxes(), geometry=geometry)


def test_a_batch_is_counted_wholly_or_not_at_all() -> None:
    boxes = np.array([[0.0, 0.0, 4.0, 4.0], [0.0, 0.0, np.nan, 1.0]])
    counts = Counts(CountSpec(grid=(2, 2)), (), grows=True)
    counts.add_batch(hg.annotations_from(boxes[:1], size=(4, 4), labels=["car"]))
    before = counts.copy()
    batch = hg.annotations_from(boxes, size=(4, 4), labels=["car", "dog"])
    with pytest.raises(hg.FormatError):
        counts.add_batch(batch, on_error="raise")
    assert counts.grids == before.grids
    assert counts.grids.classes == ("car",)
    assert counts.report == before.report
