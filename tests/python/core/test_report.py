"""Reports: one outcome per annotation, totals per class, merging and plain values."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heatgrid as hg
from batches import CLASSES, SHAPE, Thing, batch_of, check_account, mixed_batches
from effort import examples
from heatgrid.core.class_grids import NO_CLASS
from heatgrid.core.counts import Counts
from heatgrid.core.kernel import Outcome
from heatgrid.core.outcomes import SKIPPED
from heatgrid.core.ragged import Flag
from heatgrid.core.report import EXAMPLES, Report
from heatgrid.core.spec import CountSpec
from heatgrid.io.build import empty_batch
from heatgrid.io.filters import filter_batch
from heatgrid.io.options import ReadOptions

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.core.annotations import Annotations

INSIDE, OUTSIDE, FLAT = (0.0, 0.0, 0.9, 0.9), (2.0, 2.0, 3.0, 3.0), (0.5, 0.5, 0.5, 0.5)
TINY = (0.51, 0.51, 0.52, 0.52)  # contains no cell center
BROKEN = (0.0, float("nan"), 1.0, 1.0)

# Two images. Cars: 3 counted on both images, one of them as a point, and 1 outside. Dogs: 1 counted, 1 empty,
# 1 not finite. Trees: 1 without geometry.
THINGS = [
    Thing("car", 0, INSIDE),
    Thing("car", 0, TINY),
    Thing("dog", 0, INSIDE),
    Thing("car", 1, INSIDE),
    Thing("car", 1, OUTSIDE),
    Thing("dog", 1, FLAT),
    Thing("dog", 1, BROKEN),
    Thing("tree", 1, None),
]
CAR = {"read": 4, "counted": 3, "images": 2, "empty": 0, "outside": 1, "skipped": 0, "excluded": 0}
DOG = {"read": 3, "counted": 1, "images": 1, "empty": 1, "outside": 0, "skipped": 1, "excluded": 0}
TREE = {"read": 1, "counted": 0, "images": 0, "empty": 0, "outside": 0, "skipped": 1, "excluded": 0}
NOTHING = dict.fromkeys(CAR, 0)


def write_coco(path: Path) -> Path:
    """Write `THINGS` on two images of 100 by 100 pixels, without those that a reader would skip."""
    names = list(CLASSES)
    document = {
        "images": [{"id": i, "file_name": f"{i}.jpg", "width": 100, "height": 100} for i in (0, 1)],
        "categories": [{"id": k, "name": name} for k, name in enumerate(names)],
        "annotations": [
            {
                "id": i,
                "image_id": thing.image,
                "category_id": names.index(thing.name),
                "bbox": [100 * x1, 100 * y1, 100 * (x2 - x1), 100 * (y2 - y1)],
            }
            for i, thing in enumerate(THINGS)
            if thing.box not in (None, BROKEN)
            for x1, y1, x2, y2 in [thing.box]
        ],
    }
    path.write_text(json.dumps(document))
    return path


# Totals by hand


@pytest.mark.parametrize("classes", [CLASSES, None], ids=["classes", "no classes"])
@pytest.mark.parametrize("count", ["instances", "images"])
def test_totals_per_class(classes: Any, count: Any) -> None:
    report = hg.Heatmap(SHAPE, classes, count=count).add(batch_of(THINGS)).report
    assert report.by_class() == {"car": CAR, "dog": DOG, "tree": TREE}
    assert (report.read, report.counted, report.empty, report.outside) == (8, 4, 1, 1)
    assert report.counted_as_point == 1
    assert report.skipped == {SKIPPED[Outcome.NOT_FINITE]: 1, SKIPPED[Outcome.NO_GEOMETRY]: 1}
    assert (report.images, report.images_counted) == (2, 2)
    assert not report.complete
    check_account(report)


def test_the_map_of_a_class_has_the_report_of_the_class() -> None:
    heat = hg.Heatmap(SHAPE, CLASSES).add(batch_of(THINGS))
    for name, totals in (("car", CAR), ("dog", DOG), ("tree", TREE)):
        report = heat[name].report
        assert report.by_class() == {name: totals}
        assert (report.read, report.counted, report.skips) == (
            totals["read"],
            totals["counted"],
            totals["skipped"],
        )
        assert (report.images, report.images_counted) == (2, totals["images"])
        assert Report.from_dict(json.loads(json.dumps(report.to_dict()))) == report
        check_account(report)


def test_the_map_of_a_class_has_the_skips_of_its_reader() -> None:
    read = Report(images=2)
    read.skip("no box", "f: line 1", 2, label="dog")
    read.skip("no category", "f: line 2")
    heat = hg.Heatmap(SHAPE, CLASSES).add(batch_of(THINGS, report=read))
    assert heat.report.by_class()["dog"] == DOG | {"read": 5, "skipped": 3}
    assert heat.report.by_class()[NO_CLASS] == NOTHING | {"read": 1, "skipped": 1}
    assert heat["dog"].report.skips == 3
    assert heat["car"].report.skips == 0
    check_account(heat.report)
    check_account(heat["dog"].report)


def test_images_count_once_per_class_and_once_in_total() -> None:
    things = [Thing("car", 0, INSIDE), Thing("dog", 0, INSIDE), Thing("car", 0, INSIDE)]
    heat = hg.Heatmap(SHAPE).add(batch_of(things))
    assert {name: totals["images"] for name, totals in heat.report.by_class().items()} == {
        "car": 1, "dog": 1, "tree": 0
    }  # fmt: skip
    assert (heat.report.images, heat.report.images_counted) == (2, 1)
    heat.add(batch_of(things))
    assert heat.report.by_class()["car"]["images"] == 2
    assert heat.report.images_counted == 2


def test_a_batch_without_images_has_no_split() -> None:
    heat = hg.Heatmap(SHAPE).add(empty_batch(Report(), "things.json"))
    assert heat.report.splits == set()
    assert heat.add(batch_of(THINGS)).report.splits == {None}


def test_images_count_once_among_very_many() -> None:
    """Images numbered too high for a table of marks."""
    report, image = Report(), np.array([5, 1 << 26, 5])
    report.record(np.zeros(3, np.uint8), ("car",), np.zeros(3, np.int64), image, 1 << 27)
    assert report.by_class()["car"]["images"] == 2
    assert report.images_counted == 2


# Excluded annotations and other classes


@pytest.mark.parametrize("by_class", [True, False])
def test_excluded_annotations_are_in_no_sum(by_class: bool, tmp_path: Path) -> None:
    path = write_coco(tmp_path / "things.json")
    heat = hg.heatmap(path, SHAPE, classes=("car",), by_class=by_class)
    report = heat.report
    assert report.by_class() == {
        "car": CAR, "dog": NOTHING | {"excluded": 2}, "tree": NOTHING
    }  # fmt: skip
    assert (report.read, report.counted, report.outside, report.excluded) == (4, 3, 1, 2)
    assert report.skipped == {}
    assert not report.complete  # one is outside
    assert (report.images, report.images_counted) == (2, 2)
    expected = hg.Heatmap(SHAPE).add(batch_of([thing for thing in THINGS if thing.name == "car"]))
    assert np.array_equal(heat.counts, expected.counts)
    check_account(report)


def test_excluded_annotations_do_not_stop_a_strict_count() -> None:
    counts = hg.Heatmap(SHAPE)._counts
    counts.add_batch(filter_batch(batch_of(THINGS), ReadOptions(classes=("car",))), on_error="raise")
    assert (counts.report.read, counts.report.excluded) == (4, 4)


def test_excluded_classes_get_no_grid() -> None:
    counts = Counts(CountSpec(grid=SHAPE), (), grows=True)
    counts.add_batch(filter_batch(batch_of(THINGS), ReadOptions(classes=("car",))))
    assert counts.grids.classes == ("car",)
    assert (counts.report.read, counts.report.excluded) == (4, 4)


def test_a_map_with_fixed_classes_skips_other_classes() -> None:
    heat = hg.Heatmap(SHAPE, ("car",))
    with pytest.warns(hg.HeatgridWarning, match="4 annotations .* without 'dog', 'tree'"):
        heat.add(batch_of(THINGS))
    assert heat.classes == ("car",)
    assert heat.report.read == len(THINGS)
    assert heat.report.skipped == {SKIPPED[Outcome.OTHER_CLASS]: 4}
    assert heat.report.by_class() == {
        "car": CAR,
        "dog": NOTHING | {"read": 3, "skipped": 3},
        "tree": NOTHING | {"read": 1, "skipped": 1},
    }
    assert heat.report.examples[SKIPPED[Outcome.OTHER_CLASS]][0] == "things.json: annotations[2] (id 102)"
    assert not heat.report.complete
    check_account(heat.report)


# Shapes from arrays


def test_shapes_without_labels_have_no_class() -> None:
    heat = hg.Heatmap(SHAPE).add_boxes([INSIDE, TINY, OUTSIDE, FLAT, BROKEN])
    totals = {"read": 5, "counted": 2, "images": 0, "empty": 1, "outside": 1, "skipped": 1, "excluded": 0}
    assert heat.report.by_class() == {NO_CLASS: totals}
    assert heat.report.examples == {SKIPPED[Outcome.NOT_FINITE]: ["boxes[4]"]}
    check_account(heat.report)
    heat.add_points(np.zeros((0, 2)))
    assert heat.report.read == 5


def test_shapes_with_labels_have_their_class() -> None:
    heat = hg.Heatmap(SHAPE, ("car", "dog"))
    heat.add_boxes([INSIDE, OUTSIDE, FLAT], labels=["dog", "dog", "car"])
    assert heat.report.by_class() == {
        "car": NOTHING | {"read": 1, "empty": 1},
        "dog": NOTHING | {"read": 2, "counted": 1, "outside": 1},
    }
    assert hg.Heatmap(SHAPE, ("car",)).add_boxes([INSIDE]).report.by_class() == {
        "car": NOTHING | {"read": 1, "counted": 1}
    }


@pytest.mark.parametrize("rule", ["center", "touch", "point", "area"])
def test_masks_without_a_set_pixel_are_empty(rule: Any) -> None:
    heat = hg.Heatmap(SHAPE, rule=rule).add_masks([{"size": [2, 3], "counts": [6]}])
    assert (heat.report.read, heat.report.counted, heat.report.empty) == (1, 0, 1)
    assert not heat.counts.any()


# Recording and merging


def test_reports_add_up() -> None:
    a, b = Report(images=1), Report(files=1)
    a.record(np.zeros(2, np.uint8), ("x", "y"), np.array([0, 1]))
    b.record(np.array([0, 2], np.uint8), ("y",), np.array([0, 0]))
    a.skip("odd", "x: line 1")
    b.skip("odd", "y: line 2", 2)
    b.note("swapped", 3)
    b.refuse("empty", "z")
    total = a + b
    assert total.skipped == {"odd": 3}
    assert total.skips == 3
    assert (total.read, total.counted, total.empty, total.outside) == (7, 3, 1, 0)
    assert total.by_class() == {
        "x": NOTHING | {"read": 1, "counted": 1},
        "y": NOTHING | {"read": 3, "counted": 2, "empty": 1},
        NO_CLASS: NOTHING | {"read": 3, "skipped": 3},
    }
    assert total.examples == {"odd": ["x: line 1", "y: line 2"], "empty": ["z"]}
    assert not total.complete
    assert a.skipped == {"odd": 1}
    assert Report.from_dict(total.to_dict()) == total
    assert sum([a, b], Report()) == total
    check_account(total)


def test_classes_are_merged_by_name() -> None:
    a, b = Report(), Report()
    a.record(np.zeros(3, np.uint8), ("x", "y"), np.array([0, 1, 1]), np.array([0, 0, 1]), 2)
    b.record(np.zeros(3, np.uint8), ("z", "y", "x"), np.array([2, 2, 0]), np.array([0, 0, 0]), 1)
    total = a + b
    assert total.classes == ["x", "y", "z"]
    assert {name: (t["read"], t["images"]) for name, t in total.by_class().items()} == {
        "x": (3, 2), "y": (2, 2), "z": (1, 1)
    }  # fmt: skip
    assert total.images_counted == 3


def test_a_copy_is_independent() -> None:
    report = hg.Heatmap(SHAPE).add(batch_of(THINGS)).report
    copy = report.copy()
    assert copy == report
    before = report.to_dict()
    copy.skip("odd", "somewhere", label="car")
    copy.merge(copy)
    copy.splits.add("train")
    assert copy != report
    assert report.to_dict() == before


def test_a_report_added_to_itself_doubles() -> None:
    report = hg.Heatmap(SHAPE).add(batch_of(THINGS)).report
    twice = report.copy()
    twice.merge(twice)
    assert twice.to_dict() == (report + report).to_dict()
    assert twice.read == 2 * report.read


def test_a_report_keeps_five_examples_per_reason() -> None:
    report = Report()
    for i in range(1000):
        report.skip("odd", f"line {i}")
    assert report.skipped == {"odd": 1000}
    assert report.examples["odd"] == [f"line {i}" for i in range(EXAMPLES)]
    assert (report + report).examples["odd"] == report.examples["odd"]


def test_notes_are_counted_beyond_the_examples() -> None:
    report = Report()
    report.note_at("odd", np.arange(7), "line {}".format)
    assert report.notes == {"odd": 7}
    assert report.examples["odd"] == [f"line {i}" for i in range(EXAMPLES)]


def test_a_report_prints_a_table() -> None:
    report = Report(images=2)
    report.record(np.zeros(1199, np.uint8))
    report.skip("odd", "x: line 1")
    assert str(report).splitlines() == [
        "images                   2",
        "read                 1,200",
        "counted              1,199",
        "skipped:",
        "         1  odd",
        "            x: line 1",
    ]
    assert str(Report()) == "nothing read"


def test_every_skipped_outcome_has_a_reason() -> None:
    others = {"COUNTED", "COUNTED_AS_POINT", "EMPTY", "OUTSIDE", "UNREADABLE", "EXCLUDED", "PENDING"}
    assert {outcome.name for outcome in SKIPPED} == {outcome.name for outcome in Outcome} - others
    assert len(set(SKIPPED.values())) == len(SKIPPED)


# Properties


outcomes = st.sampled_from([outcome.value for outcome in Outcome if outcome.name != "PENDING"])
names = st.lists(st.sampled_from(["a", "b", "c", NO_CLASS, "é #"]), unique=True, min_size=1, max_size=4)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Draw a report of up to three batches."""
    report = Report(files=draw(st.integers(0, 3)), images=draw(st.integers(0, 9)))
    for _ in range(draw(st.integers(0, 3))):
        classes, n, images = draw(names), draw(st.integers(0, 12)), draw(st.integers(1, 4))
        outcome = np.array(
            [draw(outcomes.filter(lambda code: code != Outcome.UNREADABLE.value)) for _ in range(n)], np.uint8
        )
        label = np.array([draw(st.integers(0, len(classes) - 1)) for _ in range(n)], np.int64)
        image = np.array([draw(st.integers(0, images - 1)) for _ in range(n)], np.int64)
        report.record(outcome, classes, label, image, images, where="item {}".format)
    for _ in range(draw(st.integers(0, 2))):
        report.skip(
            draw(st.sampled_from(["odd", "bad"])),
            "there",
            draw(st.integers(1, 3)),
            label=draw(st.none() | names.map(min)),
        )
    report.splits |= draw(st.sets(st.sampled_from([None, "train", "val"])))
    return report


def sums(report: Report) -> dict[str, Any]:
    """Return all numbers of a report; examples depend on the order."""
    return {name: value for name, value in report.to_dict().items() if name != "examples"}


@given(reports(), reports(), reports())
def test_merging_is_associative_and_commutative(a: Report, b: Report, c: Report) -> None:
    for report in (a, b, c, a + b):
        check_account(report)
    assert ((a + b) + c).to_dict() == (a + (b + c)).to_dict()
    assert sums(a + b) == sums(b + a)
    assert (a + Report()).to_dict() == a.to_dict()
    assert (a + b).read == a.read + b.read


@given(reports())
def test_plain_values_restore_the_report(report: Report) -> None:
    plain = json.loads(json.dumps(report.to_dict()))
    back = Report.from_dict(plain)
    assert back == report
    assert back.to_dict() == report.to_dict()
    assert back.by_class() == report.by_class()
    assert back.classes == report.classes


@pytest.mark.parametrize(
    "options",
    [{}, {"count": "images"}, {"rule": "area"}, {"rule": "touch", "fit": "letterbox"}, {"rule": "point"}],
    ids=lambda options: " ".join(options.values()) or "default",
)
@pytest.mark.filterwarnings("ignore:.*the map's classes are fixed:heatgrid.HeatgridWarning")
@pytest.mark.parametrize("classes", [None, CLASSES, ("dog",)], ids=["no classes", "all", "one"])
@settings(max_examples=examples(30))
@given(batch=mixed_batches(), data=st.data())
def test_every_annotation_has_one_outcome(
    options: dict[str, Any], classes: Any, batch: Annotations, data: Any
) -> None:
    geometries = ["auto", "box", "polygon", "mask"] + ["point", "line"] * (options.get("rule") != "area")
    heat = hg.Heatmap(SHAPE, classes, **options)
    outcome = heat._counts.add_batch(batch, geometry=data.draw(st.sampled_from(geometries)))
    report, totals = heat.report, heat.report.by_class()
    check_account(report)
    excluded = np.zeros(len(batch), dtype=bool)
    if batch.flags is not None:
        excluded |= (batch.flags & (Flag.IGNORE | Flag.OUTSIDE)) != 0
    assert report.excluded == excluded.sum() == (outcome == Outcome.EXCLUDED.value).sum()
    assert report.read + report.excluded == len(batch)
    assert not (outcome == Outcome.PENDING.value).any()
    counted = outcome <= Outcome.COUNTED_AS_POINT.value
    for k, name in enumerate(batch.classes):
        own = batch.label == k
        assert totals[name]["read"] == (own & ~excluded).sum()
        assert totals[name]["counted"] == (own & counted).sum()
        assert totals[name]["images"] == len(set(batch.image[own & counted].tolist()))
        if classes is not None and name in classes:
            single = heat[name].report
            check_account(single)
            assert single.by_class() == {name: totals[name]}
        elif classes is not None:
            assert totals[name]["skipped"] == totals[name]["read"]
    assert report.images_counted == len(set(batch.image[counted].tolist()))
    if options.get("rule") != "area":
        assert heat.counts.any() == counted.any()


@given(mixed_batches())
def test_the_report_of_a_batch_is_the_sum_over_its_annotations(batch: Annotations) -> None:
    report = hg.Heatmap(SHAPE).add(batch).report
    total = Report()
    for i in range(len(batch)):
        part = replace(batch.select([i]), report=Report())
        total += hg.Heatmap(SHAPE).add(part).report
    assert total.table.tolist() == report.table[: len(total.table)].tolist()
    assert total.skipped == report.skipped
    assert total.notes == report.notes
