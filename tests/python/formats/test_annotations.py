"""Batches: picking, relabelling, checking; and the reports that go with them."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from heatgrid.core.annotations import Annotations, gather, offsets_of
from heatgrid.core.ragged import WholeNumbers, any_of_each, finite_rows, pick
from heatgrid.core.report import Report
from heatgrid.errors import FormatError, require
from samples import DATA, read_one


@pytest.fixture
def batch() -> Annotations:
    return read_one(DATA / "coco/valid/instances_train2017.json")


def test_select_keeps_all_columns_together(batch: Annotations) -> None:
    part = batch.select([7, 5, 1])
    part.validate()
    assert part.ids == [7, 6, 2]
    assert part.image_names == batch.image_names
    assert part.polygons is not None
    assert part.polygons.annotations.tolist() == [0, 0, 0, 2]
    assert part.polygons.coords.tolist() == [[0, 0], [4, 0], [4, 4], [5, 5], [9, 5], [9, 9], [5, 5]]
    assert part.masks is not None
    assert part.masks.counts(1) == b"\\14"
    assert part.where(0) == batch.where(7)
    assert part.report.read == 3
    assert batch.report.read == 8


def test_select_by_booleans(batch: Annotations) -> None:
    crowd = batch.select(batch.flags == 1)
    assert crowd.ids == [5]
    with pytest.raises(ValueError, match="expected 8 booleans"):
        batch.select(np.ones(3, dtype=bool))


def test_with_classes_matches_by_name(batch: Annotations) -> None:
    swapped = batch.with_classes(["person", "bus", "car"])
    assert swapped.label.tolist() == [2, 0, 2, 0, 0, 0, 0, 0]
    assert swapped.classes == ("person", "bus", "car")
    cars = batch.with_classes(["car"])
    cars.validate()
    assert cars.ids == [1, 3]
    assert cars.label.tolist() == [0, 0]


def counted_report() -> Report:
    report = Report()
    report.record(np.zeros(1, np.uint8))
    return report


@pytest.mark.parametrize(
    "change",
    [
        {"label": np.zeros(3, dtype=np.int64)},
        {"label": np.full(8, 9)},
        {"image": np.full(8, -1)},
        {"boxes": np.zeros((8, 3))},
        {"classes": ("a", "a")},
        {"sizes": np.zeros((1, 2))},
        {"report": counted_report()},
    ],
)
def test_columns_that_do_not_fit_are_an_error(batch: Annotations, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        replace(batch, **change).validate()


def test_offsets_that_do_not_fit_are_an_error(batch: Annotations) -> None:
    assert batch.polygons is not None
    for name, offsets in (("rings", [0, 9, 3, 11, 15]), ("annotations", [0, 1]), ("parts", [0, 1, 2, 3, 5])):
        broken = replace(batch.polygons, **{name: np.array(offsets)})
        with pytest.raises(ValueError, match=f"polygons.{name}"):
            replace(batch, polygons=broken).validate()


def test_gather() -> None:
    positions, offsets = gather(offsets_of([2, 0, 3]), np.array([2, 1, 0, 0]))
    assert positions.tolist() == [2, 3, 4, 0, 1, 0, 1]
    assert offsets.tolist() == [0, 3, 3, 5, 7]


def test_batches_can_be_pickled(batch: Annotations) -> None:
    twin = pickle.loads(pickle.dumps(batch))  # noqa: S301 - our own
    twin.validate()
    assert twin.where(3) == batch.where(3)
    assert twin.report == batch.report


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
    assert total.by_class()["y"] == {
        "read": 3, "counted": 2, "images": 0, "empty": 1, "outside": 0, "skipped": 0, "excluded": 0
    }  # fmt: skip
    assert total.examples == {"odd": ["x: line 1", "y: line 2"], "empty": ["z"]}
    assert not total.complete
    assert a.skipped == {"odd": 1}
    assert Report.from_dict(total.to_dict()) == total
    assert sum([a, b], Report()) == total


def test_reports_keep_a_few_examples_only() -> None:
    report = Report()
    report.skip_at("odd", np.arange(1000), "line {}".format)
    assert report.skipped == {"odd": 1000}
    assert report.examples["odd"] == [f"line {i}" for i in range(5)]
    assert (report + report).examples["odd"] == report.examples["odd"]


def test_reports_read_as_a_table() -> None:
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


def test_errors_say_where() -> None:
    error = FormatError("odd count", "a.json", "annotations[3]", 17)
    assert str(error) == "a.json: annotations[3]: annotation 17: odd count"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - our own


def test_a_missing_extra_is_named() -> None:
    with pytest.raises(ImportError, match=r'pip install "heatgrid\[video\]"'):
        require("no_such_module_anywhere", "video")
    assert require("json", "video").__name__ == "json"


def test_whole_numbers_are_python_s_own_when_asked_for() -> None:
    numbers = WholeNumbers(np.array([7, -2, 2**62]))
    assert (len(numbers), numbers[0], numbers[-1]) == (3, 7, 2**62)
    assert {type(numbers[1]), *map(type, numbers)} == {int}
    assert numbers == [7, -2, 2**62]
    assert numbers != [7, -2]
    assert numbers != 7
    assert numbers[1:] == (-2, 2**62)
    assert pickle.loads(pickle.dumps(numbers)) == numbers  # noqa: S301 - our own
    assert pick(numbers, np.array([2, 0])) == [2**62, 7]
    assert pick(["a", None], np.array([1, 0])) == [None, "a"]
    with pytest.raises(IndexError):
        numbers[3]
    with pytest.raises(TypeError):
        hash(numbers)


def test_marks_and_rows_are_gathered_item_by_item() -> None:
    marks = np.array([True, False, False, True, True])
    assert any_of_each(marks, np.array([0, 0, 1, 3, 5])).tolist() == [False, True, False, True]
    assert any_of_each(marks[:0], np.array([0])).tolist() == []
    rows = np.array([[0.0, 1.0], [np.nan, 1.0], [0.0, -np.inf]])
    assert finite_rows(rows).tolist() == [True, False, False]
    assert finite_rows(rows[:1]).tolist() == [True]
    assert finite_rows(rows[:0]).tolist() == []
