"""Batches of annotations: selection, class matching and validation."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from heatgrid.core.ragged import WholeNumbers, finite_rows, gather, offsets_of, pick
from heatgrid.core.report import Report
from heatgrid.errors import FormatError, require
from samples import DATA, read_one

if TYPE_CHECKING:
    from heatgrid.core.annotations import Annotations


@pytest.fixture
def batch() -> Annotations:
    return read_one(DATA / "coco/valid/instances_train2017.json")


def test_select_takes_rows_of_all_columns(batch: Annotations) -> None:
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
    assert part.report == batch.report
    assert batch.report.read == batch.report.skips


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
def test_validate_rejects_inconsistent_columns(batch: Annotations, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        replace(batch, **change).validate()


def test_validate_rejects_inconsistent_offsets(batch: Annotations) -> None:
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
    other = pickle.loads(pickle.dumps(batch))  # noqa: S301 - our own
    other.validate()
    assert other.where(3) == batch.where(3)
    assert other.report == batch.report


def test_format_errors_name_the_place() -> None:
    error = FormatError("odd count", "a.json", "annotations[3]", 17)
    assert str(error) == "a.json: annotations[3]: annotation 17: odd count"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - our own


def test_require_names_the_missing_extra() -> None:
    with pytest.raises(ImportError, match=r'pip install "heatgrid\[video\]"'):
        require("no_such_module_anywhere", "video")
    assert require("json", "video").__name__ == "json"


def test_whole_numbers_behave_as_a_list_of_ints() -> None:
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


def test_finite_rows() -> None:
    rows = np.array([[0.0, 1.0], [np.nan, 1.0], [0.0, -np.inf]])
    assert finite_rows(rows).tolist() == [True, False, False]
    assert finite_rows(rows[:1]).tolist() == [True]
    assert finite_rows(rows[:0]).tolist() == []
