"""Heat maps: adding arrays, algebra, copies, classes and threads."""

from __future__ import annotations

import copy
import operator
import pickle
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heatgrid as hg
import reference
from arrays import columns, nested, ragged
from strategies import REGIMES, box_regimes, boxes_of, many, points_of, polygon_regimes

if TYPE_CHECKING:
    from collections.abc import Callable

    from heatgrid.core.report import Report

SHAPE = (4, 5)
NAMES = ("car", "dog", "tree", "ünï#,x")
COMBINE = (operator.add, operator.sub, operator.iadd)

boxes = boxes_of(REGIMES["lattice"], SHAPE) | boxes_of(REGIMES["inside"], SHAPE)
labelled_boxes = st.lists(st.tuples(st.sampled_from(NAMES), boxes), max_size=8)


@st.composite
def maps(draw: st.DrawFn) -> hg.Heatmap:
    """Draw a map of some of the classes, in any order, with some boxes in it."""
    events = draw(labelled_boxes)
    used = {name for name, _ in events}
    spare = draw(st.lists(st.sampled_from(NAMES), unique=True))
    return map_of(events, draw(st.permutations([*used, *(name for name in spare if name not in used)])))


def map_of(events: list[tuple[str, reference.Box]], classes: list[str] | tuple[str, ...]) -> hg.Heatmap:
    heat = hg.Heatmap(SHAPE, classes)
    labels = [name for name, _ in events]
    return heat.add_boxes(columns([box for _, box in events], 4), labels=labels)


def state(heat: hg.Heatmap) -> tuple[Any, ...]:
    """Return everything that a map holds, in its order."""
    return heat.shape, heat.classes, heat.by_class.tolist(), heat.counts.tolist(), heat.report.to_dict()


def numbers(report: Report) -> dict[str, Any]:
    """Return a report without its examples and in a fixed order of classes."""
    return {name: value for name, value in report.to_dict().items() if name != "examples"}


# Laws


@given(maps(), maps(), maps())
def test_addition_is_associative(a: hg.Heatmap, b: hg.Heatmap, c: hg.Heatmap) -> None:
    assert (a + b) + c == a + (b + c)
    assert numbers(((a + b) + c).report) == numbers((a + (b + c)).report)


@given(maps(), maps())
def test_addition_is_commutative(a: hg.Heatmap, b: hg.Heatmap) -> None:
    assert a + b == b + a
    assert numbers((a + b).report) == numbers((b + a).report)


@given(maps())
def test_an_empty_map_is_the_identity(a: hg.Heatmap) -> None:
    nothing = hg.Heatmap(SHAPE, ())
    assert state(a + nothing) == state(a)
    assert nothing + a == a
    assert numbers((nothing + a).report) == numbers(a.report)


@given(labelled_boxes, labelled_boxes)
def test_a_sum_equals_the_map_of_all_boxes(some: Any, others: Any) -> None:
    whole = map_of(some + others, NAMES)
    parts = map_of(some, NAMES[:2] + NAMES[2:]) + map_of(others, NAMES[::-1])
    assert parts == whole
    assert parts.classes == NAMES
    assert numbers(parts.report) == numbers(whole.report)


@given(st.lists(maps(), min_size=1, max_size=4))
def test_builtin_sum_adds_maps(several: list[hg.Heatmap]) -> None:
    states = [state(heat) for heat in several]
    total = sum(several, start=hg.Heatmap(SHAPE, ()))
    assert sum(several) == total
    for name in total.classes:
        each = [heat[name].counts for heat in several if name in heat.classes]
        assert np.array_equal(total[name].counts, np.sum(each, axis=0))
    assert total.report.counted == sum(heat.report.counted for heat in several)
    assert [state(heat) for heat in several] == states


@given(maps(), maps())
def test_operands_are_not_changed(a: hg.Heatmap, b: hg.Heatmap) -> None:
    before = state(a), state(b)
    total, difference = a + b, a - b
    total.grow(["another"])
    total.add_boxes([[0, 0, 1, 1]], labels=["another"])
    difference.grow(["another"])
    assert (state(a), state(b)) == before


@given(maps(), maps())
def test_adding_in_place_changes_the_map_itself(a: hg.Heatmap, b: hg.Heatmap) -> None:
    total, same = a + b, a
    a += b
    assert a is same
    assert state(a) == state(total)


@given(maps())
def test_a_map_added_to_itself_doubles(a: hg.Heatmap) -> None:
    once = state(a)
    a += a
    assert a.by_class.tolist() == (2 * np.array(once[2])).tolist()
    assert a.report.read == 2 * once[4]["read"]


@given(maps(), maps())
def test_a_difference_undoes_a_sum(a: hg.Heatmap, b: hg.Heatmap) -> None:
    back = a + b - b
    for name in back.classes:
        expected = a[name].counts if name in a.classes else np.zeros(SHAPE, dtype=np.int64)
        assert np.array_equal(back[name].counts, expected)
    assert not (a - a).counts.any()
    assert np.array_equal((a - b).counts, -(b - a).counts)
    assert (a - b).report.counted == a.report.counted - b.report.counted
    assert {row.name: row.objects for row in back.table()}.items() >= {
        row.name: row.objects for row in a.table()
    }.items()
    assert "difference of two maps" in (a - b).report.notes


@given(maps(), st.randoms())
def test_equality_matches_classes_by_name(a: hg.Heatmap, random: Any) -> None:
    order = list(a.classes)
    random.shuffle(order)
    other = hg.Heatmap(SHAPE, order)
    other += a
    assert other == a
    assert other.classes == tuple(order)
    assert (a != other) is False
    for name in a.classes:
        changed = a.copy()
        changed.add_points([[0.5, 0.5]], labels=[name])
        assert changed != a


def test_images_with_several_classes_are_subtracted_once() -> None:
    """Each image has both classes in the one cell, and two images minus one are one image."""
    two, one = (hg.Heatmap(1, ("car", "dog"), count="images") for _ in range(2))
    for image in range(3):
        box = [[0.0, 0.0, 1.0, 1.0]] * 2
        (two if image < 2 else one).add_boxes(box, labels=[0, 1], images=[image, image])
    assert (two - one).counts.tolist() == [[1]]
    assert (two - one).by_class.tolist() == [[[1]], [[1]]]


def test_maps_of_different_specs_differ() -> None:
    plain = hg.Heatmap(4)
    others: list[object] = [
        hg.Heatmap((4, 5)),
        hg.Heatmap(4, ()),
        hg.Heatmap(4, ["car"]),
        hg.Heatmap(4, rule="touch"),
        hg.Heatmap(4, large_box_ratio=0.5),
        0,
        None,
        "heat",
    ]
    assert all(plain != other for other in others)
    assert hg.Heatmap(4, ["car"]) != hg.Heatmap(4, ["dog"])
    assert hg.Heatmap(4) == plain


@pytest.mark.parametrize(
    "copy_of",
    [
        hg.Heatmap.copy,
        copy.copy,
        copy.deepcopy,
        lambda heat: pickle.loads(pickle.dumps(heat)),  # noqa: S301 - our own
        lambda heat: pickle.loads(pickle.dumps(heat, protocol=2)),  # noqa: S301
    ],
    ids=["method", "copy", "deepcopy", "pickle", "old pickle"],
)
@given(heat=maps())
def test_copies_are_equal_and_independent(
    copy_of: Callable[[hg.Heatmap], hg.Heatmap], heat: hg.Heatmap
) -> None:
    before = state(heat)
    other = copy_of(heat)
    assert other == heat
    assert state(other) == before
    assert other.spec == heat.spec
    other.grow(["new"])
    other.add_points([[0.5, 0.5], [np.nan, 0]], labels=["new", "new"])
    assert other["new"].counts.sum() == 1
    assert state(heat) == before


@pytest.mark.parametrize(
    ("other", "text"),
    [
        (hg.Heatmap((4, 6), NAMES), r"the same grid, got \(4, 5\) and \(4, 6\)"),
        (hg.Heatmap(SHAPE, NAMES, rule="touch"), "the same rule, got 'center' and 'touch'"),
        (hg.Heatmap(SHAPE, NAMES, large_box_ratio=0.5), "the same large_box_ratio, got None and 0.5"),
        (hg.Heatmap(SHAPE, by_class=False), "both have classes, or neither"),
    ],
)
def test_maps_of_different_specs_cannot_be_added(other: hg.Heatmap, text: str) -> None:
    heat = map_of([("car", (0, 0, 1, 1))], NAMES)
    before = state(heat)
    for combine in COMBINE:
        with pytest.raises(ValueError, match=text):
            combine(heat, other)
    assert state(heat) == before


def test_only_maps_can_be_added() -> None:
    heat: Any = hg.Heatmap(3)
    for other in (1, 1.0, None, "map"):
        with pytest.raises(TypeError, match="unsupported operand"):
            heat + other
        with pytest.raises(TypeError, match=r"unsupported operand|can only concatenate"):
            other + heat
        with pytest.raises(TypeError, match="unsupported operand"):
            heat - other
        with pytest.raises(TypeError, match="unsupported operand"):
            heat += other


def test_maps_cannot_be_hashed() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(hg.Heatmap(3))


def test_sums_never_overflow_silently() -> None:
    heat = hg.Heatmap(1, ["car", "dog"])
    heat.fill(np.array([[[2**62]], [[0]]]))
    before = state(heat)
    for combine in (operator.add, operator.iadd):
        with pytest.raises(OverflowError, match="int64"):
            combine(heat, heat)
    assert (heat - heat).counts == 0
    assert state(heat) == before
    with pytest.raises(OverflowError, match="int64"):
        heat.fill(np.array([[[2**62]], [[2**62]]]))  # their sum would overflow
    assert state(heat) == before


# Arrays


@given(maps())
def test_arrays_of_a_map(heat: hg.Heatmap) -> None:
    assert heat.counts.dtype == heat.by_class.dtype == np.int64
    assert heat.counts.shape == SHAPE
    assert heat.by_class.shape == (len(heat.classes), *SHAPE)
    assert np.array_equal(heat.counts, heat.by_class.sum(axis=0))
    for k, name in enumerate(heat.classes):
        assert np.array_equal(heat[name].counts, heat.by_class[k])
        assert heat[name].classes == (name,)
    as_array = np.asarray(heat)
    assert as_array.dtype == np.int64
    assert np.array_equal(as_array, heat.counts)
    assert np.asarray(heat, dtype=np.float32).dtype == np.float32
    assert np.array_equal(np.array(heat), heat.counts)


def test_returned_arrays_cannot_change_the_map() -> None:
    heat = hg.Heatmap(2, ["car"]).add_boxes([[0, 0, 1, 1]])
    heat.counts[:] = 9
    np.asarray(heat)[:] = 9
    with pytest.raises(ValueError, match="read-only"):
        heat.by_class[0, 0, 0] = 9
    heat["car"].add_boxes([[0, 0, 1, 1]])
    assert heat.counts.tolist() == [[1, 1], [1, 1]]
    with pytest.raises(ValueError, match="copy=False"):
        np.array(heat, copy=False)


def test_a_map_without_classes() -> None:
    heat = hg.Heatmap((2, 3), by_class=False).add_boxes([[0, 0, 1, 0.5]])
    assert heat.counts.tolist() == [[1, 1, 1], [0, 0, 0]]
    assert (heat.classes, heat.has_classes, heat.by_class.shape) == ((), False, (0, 2, 3))
    with pytest.raises(KeyError, match="without classes"):
        heat["car"]
    with pytest.raises(ValueError, match="without classes"):
        heat.grow(["car"])
    with pytest.raises(ValueError, match="labels must be names, or the map must have classes"):
        heat.add_boxes([[0, 0, 1, 1]], labels=["car"])
    assert heat + heat - heat == heat


def test_classes_appear_with_their_labels() -> None:
    heat = hg.Heatmap((2, 3)).add_boxes([[0, 0, 1, 0.5]])
    assert (heat.classes, heat.has_classes) == ((), False)
    heat.add_boxes([[0.0, 0.5, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]], labels=["car", "dog"])
    assert heat.classes == ("(none)", "car", "dog")
    assert heat["(none)"].counts.tolist() == [[1, 1, 1], [0, 0, 0]]
    assert heat["car"].counts.tolist() == [[0, 0, 0], [1, 1, 1]]
    heat.add_points([[0.1, 0.1]])
    assert heat["(none)"].counts.tolist() == [[2, 1, 1], [0, 0, 0]]
    assert heat.counts.sum() == 3 + 3 + 6 + 1


@pytest.mark.parametrize("count", ["instances", "images"])
def test_sums_of_maps_that_grow(count: Any) -> None:
    images = [0] if count == "images" else None
    plain = hg.Heatmap(2, count=count).add_boxes([[0, 0, 1, 1]], images=images)
    named = hg.Heatmap(2, count=count).add_boxes([[0, 0, 1, 1]], labels=["car"], images=images)
    for total in (plain + named, named + plain, hg.Heatmap(2, count=count) + plain + named):
        assert sorted(total.classes) == ["(none)", "car"]
        assert total["(none)"].counts.tolist() == total["car"].counts.tolist() == [[1, 1], [1, 1]]
        assert total.counts.tolist() == [[2, 2], [2, 2]]
    assert plain.classes == ()
    loaded = hg.Heatmap.from_bytes(named.to_bytes())
    assert loaded.add_boxes([[0, 0, 1, 1]], labels=["dog"], images=images).classes == ("car", "dog")


def test_fixed_classes_refuse_new_ones() -> None:
    heat = hg.Heatmap(2, ())
    with pytest.raises(ValueError, match="labels must name classes of the map, got 'car'"):
        heat.add_boxes([[0, 0, 1, 1]], labels=["car"])
    with pytest.raises(ValueError, match="classes cannot be combined with by_class=False"):
        hg.Heatmap(2, ["car"], by_class=False)


def test_an_unknown_class_is_named() -> None:
    with pytest.raises(KeyError, match=r"no class 'cat' .did you mean 'car'.{3} classes are 'car', 'dog'"):
        hg.Heatmap(2, ["car", "dog"])["cat"]
    with pytest.raises(KeyError, match="none yet"):
        hg.Heatmap(2, ())["cat"]


def test_repr_shows_grid_classes_and_rule() -> None:
    heat = hg.Heatmap((2, 3), ["car"], rule="touch").add_boxes([[0, 0, 1, 1], [2, 2, 3, 3]], labels=[0, 0])
    assert repr(heat) == "<Heatmap 2 x 3, 1 class, rule 'touch', 1 counted>"
    assert repr(hg.Heatmap(7)) == "<Heatmap 7 x 7, no classes, rule 'center', 0 counted>"


@given(maps(), st.lists(st.sampled_from([*NAMES, "new", "newer"]), unique=True))
def test_growing_adds_empty_grids(heat: hg.Heatmap, names: list[str]) -> None:
    before = heat.copy()
    heat.grow(names)
    assert heat.classes == (*before.classes, *(name for name in names if name not in before.classes))
    assert np.array_equal(heat.by_class[: len(before.classes)], before.by_class)
    assert not heat.by_class[len(before.classes) :].any()
    heat.grow(iter(names))
    assert len(heat.classes) == len(set(heat.classes))


@pytest.mark.parametrize(
    ("names", "error", "text"),
    [
        ("car", TypeError, "the single string 'car'"),
        (["car", "car"], ValueError, "'car' twice"),
        ([1], TypeError, "classes must be strings"),
    ],
)
def test_classes_must_be_distinct_strings(names: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        hg.Heatmap(2, names)
    heat = hg.Heatmap(2, ())
    with pytest.raises(error, match=text):
        heat.grow(names)
    assert heat.classes == ()


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"grid": 0}, ValueError, "grid must have 1 to"),
        ({"grid": (3, -1)}, ValueError, "grid must have 1 to"),
        ({"grid": 2.0}, TypeError, "grid must be an int or a pair"),
        ({"grid": (1, 2, 3)}, ValueError, "grid must be an int or a pair"),
        ({"grid": True}, TypeError, "grid must be an int or a pair"),
        ({"rule": "centre"}, ValueError, "rule must be one of 'center', 'touch', 'point'.*got 'centre'"),
        ({"rule": None}, ValueError, "rule must be one of"),
        ({"large_box_ratio": -0.1}, ValueError, "large_box_ratio must not be negative, got -0.1"),
        ({"large_box_ratio": float("nan")}, ValueError, "large_box_ratio must not be negative, got nan"),
        ({"large_box_ratio": "half"}, TypeError, "large_box_ratio must be a number or None, got 'half'"),
    ],
)
def test_error_messages_name_the_option(options: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        hg.Heatmap(**{"grid": 4} | options)


def test_an_infinite_ratio_equals_no_ratio() -> None:
    assert hg.Heatmap(2, large_box_ratio=float("inf")) == hg.Heatmap(2)
    half: Any = np.float32(0.5)
    assert type(hg.Heatmap(2, large_box_ratio=half).spec.large_box_ratio) is float


# Adding shapes


def adding(heat: hg.Heatmap, kind: str, shapes: list[Any], **options: Any) -> hg.Heatmap:
    arrays = ragged(shapes) if kind == "polygons" else (columns(shapes, {"boxes": 4, "points": 2}[kind]),)
    add = getattr(heat, f"add_{kind}")
    added: hg.Heatmap = add(*arrays, **options)
    assert added is heat
    return heat


def draw_shapes(data: Any, kind: str, regime: str) -> list[Any]:
    """Draw shapes of a kind and regime."""
    of_kind: dict[str, st.SearchStrategy[Any]] = {
        "boxes": box_regimes(SHAPE)[regime],
        "points": points_of(REGIMES[regime], SHAPE),
        "polygons": polygon_regimes(SHAPE, vertices=5)[regime],
    }
    shapes: list[Any] = data.draw(many(of_kind[kind], most=9))
    return shapes


@pytest.mark.parametrize("kind", ["boxes", "points", "polygons"])
@pytest.mark.parametrize("regime", ["inside", "clipped", "outside", "on ties", "broken"])
@given(data=st.data())
def test_counts_and_report_equal_the_reference(kind: str, regime: str, data: Any) -> None:
    shapes = draw_shapes(data, kind, regime)
    labels = data.draw(st.lists(st.integers(0, 2), min_size=len(shapes), max_size=len(shapes)))
    expected = getattr(reference, f"count_{kind}")(shapes, SHAPE, labels=labels, classes=3)
    heat = adding(hg.Heatmap(SHAPE, NAMES[:3]), kind, shapes, labels=labels)
    assert np.array_equal(heat.by_class, nested(expected.counts))
    by_name = adding(hg.Heatmap(SHAPE, NAMES[:3]), kind, shapes, labels=[NAMES[k] for k in labels])
    assert state(by_name) == state(heat)
    report, statuses = heat.report, [str(status) for status in expected.statuses]
    assert report.read == len(shapes)
    assert report.counted == statuses.count("counted") + statuses.count("fallback")
    assert (report.counted_as_point, report.empty, report.outside) == tuple(
        statuses.count(status) for status in ("fallback", "empty", "outside")
    )
    assert report.skips == statuses.count("invalid")
    assert report.read == report.counted + report.empty + report.outside + report.skips


@given(st.lists(st.booleans(), max_size=40))
def test_the_report_names_the_first_invalid_shapes(broken: list[bool]) -> None:
    heat = hg.Heatmap(3).add_boxes(columns([(0, 0, np.nan if b else 1, 1) for b in broken], 4))
    places = [f"boxes[{i}]" for i, b in enumerate(broken) if b][:5]
    (examples,) = heat.report.examples.values() or ([],)
    assert examples == places


@pytest.mark.parametrize("rule", ["center", "touch", "point"])
@given(data=st.data(), ratio=st.none() | st.sampled_from([0.0, 0.1, 0.5]))
def test_rules_and_ratios_of_boxes(rule: Any, data: Any, ratio: float | None) -> None:
    shapes = data.draw(many(boxes_of(REGIMES["clipped"], SHAPE)))
    sizes = data.draw(st.none() | st.just((640.0, 480.0)))
    heat = adding(hg.Heatmap(SHAPE, rule=rule, large_box_ratio=ratio), "boxes", shapes, size=sizes)
    expected = reference.count_boxes(shapes, SHAPE, size=sizes, rule=rule, large_box_ratio=ratio)
    assert np.array_equal(heat.counts, nested(expected.counts))


@given(st.data())
def test_points_outside_are_dropped_or_clamped(data: Any) -> None:
    points = data.draw(many(points_of(REGIMES["clipped"], SHAPE)))
    for outside in ("drop", "clamp"):
        expected = reference.count_points(points, SHAPE, outside=outside)
        heat = adding(hg.Heatmap(SHAPE, rule="touch"), "points", points, outside=outside)
        assert np.array_equal(heat.counts, nested(expected.counts))


def test_labels_are_optional_with_one_class() -> None:
    heat = hg.Heatmap(1, ["car"]).add_boxes([[0, 0, 1, 1]])
    assert heat["car"].counts.tolist() == [[1]]


@pytest.mark.parametrize(
    ("classes", "options", "error", "text"),
    [
        (NAMES, {}, ValueError, "labels are required: the map has classes"),
        ((), {}, ValueError, "labels are required: the map has classes"),
        (None, {"labels": [0]}, ValueError, "labels must be names, or the map must have classes"),
        (NAMES, {"labels": ["cat"]}, ValueError, "labels must name classes of the map, got 'cat'"),
        (NAMES, {"labels": np.array([0], dtype=object)}, ValueError, "labels must name classes.*got 0"),
        (NAMES, {"labels": [4]}, ValueError, r"labels.*4"),
        (NAMES, {"labels": [-1]}, ValueError, r"labels.*-1"),
        (NAMES, {"labels": [0.0]}, TypeError, "labels must hold integers, got dtype float64"),
        (NAMES, {"labels": [0, 1]}, ValueError, "labels"),
        (NAMES, {"labels": ["car", "dog"]}, ValueError, "labels"),
        (NAMES, {"labels": [["car"]]}, ValueError, "labels must have one dimension"),
        (None, {"size": (1, 2, 3)}, ValueError, "size must be one"),
        (None, {"threads": 0}, ValueError, "threads must be from 1"),
        (None, {"xyxy": [[0, 0, 1]]}, ValueError, r"xyxy must have shape \(N, 4\), got \(1, 3\)"),
        (None, {"xyxy": [["a", "b", "c", "d"]]}, TypeError, "xyxy must hold real numbers"),
    ],
)
def test_wrong_arguments_raise_and_change_nothing(
    classes: Any, options: dict[str, Any], error: type[Exception], text: str
) -> None:
    heat = hg.Heatmap(2, classes)
    before = state(heat)
    with pytest.raises(error, match=text):
        heat.add_boxes(**{"xyxy": [[0, 0, 1, 1]]} | options)
    assert state(heat) == before


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        (np.zeros((2, 3, 3), dtype=np.int32), "int64 of shape .2, 3, 3., got int32"),
        (np.zeros((2, 3, 4), dtype=np.int64), r"got int64 of shape \(2, 3, 4\)"),
        (np.zeros((1, 3, 3), dtype=np.int64), r"got int64 of shape \(1, 3, 3\)"),
    ],
)
def test_filling_requires_the_same_dtype_and_shape(counts: Any, text: str) -> None:
    heat = hg.Heatmap(3, ["car", "dog"]).add_points([[0.5, 0.5]], labels=[1])
    before = state(heat)
    with pytest.raises(ValueError, match=text):
        heat.fill(counts)
    assert state(heat) == before


def test_filling_copies_the_array() -> None:
    counts = np.arange(8).reshape(2, 2, 2)
    heat = hg.Heatmap(2, ["car", "dog"])
    heat.fill(counts[:, ::-1])
    counts[:] = 0
    assert heat.by_class.tolist() == [[[2, 3], [0, 1]], [[6, 7], [4, 5]]]


# Threads


def in_threads(*work: Callable[[], object]) -> None:
    """Run functions at the same time; fail if one fails or they deadlock."""
    failures: list[BaseException] = []

    def guarded(function: Callable[[], object]) -> None:
        try:
            function()
        except BaseException as error:  # noqa: BLE001 - handed on
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(function,), daemon=True) for function in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    assert not failures, failures[0]


def test_threads_may_add_to_one_map() -> None:
    heat = hg.Heatmap(200, ["car"])
    many_boxes = np.tile([0.0, 0.0, 1.0, 1.0], (500, 1))

    def add() -> None:
        for _ in range(40):
            heat.add_boxes(many_boxes, threads=1)

    in_threads(*[add] * 4)
    assert heat.report.counted == 4 * 40 * 500
    assert (heat.counts == 4 * 40 * 500).all()


def test_threads_may_add_maps_to_each_other() -> None:
    a, b = hg.Heatmap(50, ["car"]), hg.Heatmap(50, ["car"])

    def add(one: hg.Heatmap, other: hg.Heatmap) -> None:
        for _ in range(300):
            one += other

    in_threads(lambda: add(a, b), lambda: add(b, a))


def test_one_map_per_thread_adds_up() -> None:
    rng = np.random.default_rng(5)
    parts = rng.random((6, 2000, 4))
    maps_of_parts = [hg.Heatmap(30) for _ in parts]
    in_threads(*[lambda i=i: maps_of_parts[i].add_boxes(parts[i]) for i in range(len(parts))])
    assert sum(maps_of_parts) == hg.Heatmap(30).add_boxes(parts.reshape(-1, 4))
