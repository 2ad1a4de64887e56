"""Array calls that look wrong warn once per line; formats of boxes."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.core import arguments

CORNERS = np.array([[i / 20, 0.1, i / 20 + 0.3, 0.6] for i in range(12)])
PIXELS = CORNERS * 100


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arguments, "_JUDGED", {})


def said(function: Any, *args: Any, **options: Any) -> list[str]:
    arguments._JUDGED.clear()
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        function(*args, **options)
    return [str(one.message) for one in found if issubclass(one.category, hg.HeatgridWarning)]


@pytest.mark.parametrize(
    ("boxes", "size", "text"),
    [
        (PIXELS, None, "xyxy looks wrong: 100% lie outside [-1, 2]; pixel coordinates need size="),
        (CORNERS, (100, 50), "xyxy looks wrong: all lie within [0, 1], although size is given"),
        (
            PIXELS[:, [0, 1, 1, 1]],
            (100, 50),
            "xyxy looks wrong: 75% have x2 < x1 or y2 < y1; is it box='xywh'",
        ),
    ],
)
def test_a_call_that_looks_wrong_warns(boxes: Any, size: Any, text: str) -> None:
    (found,) = said(hg.count_boxes, boxes, 4, size=size)
    assert found.startswith(text)
    (found,) = said(hg.Heatmap(4).add_boxes, boxes, size=size)
    assert found.startswith(text)


def test_points_warn_too() -> None:
    (found,) = said(hg.count_points, PIXELS[:, :2], 4)
    assert found.startswith("xy looks wrong: ")


@pytest.mark.parametrize(
    ("boxes", "options"),
    [
        (CORNERS, {}),
        (PIXELS, {"size": (100, 50)}),
        (PIXELS[:9], {}),  # too few to judge
        (np.concatenate([PIXELS[:10], CORNERS[:2]]), {}),  # 83 % are outside
        (CORNERS, {"size": (1, 1)}),
        (CORNERS[:, [2, 3, 0, 1]][:6].repeat(2, axis=0)[:0], {}),
    ],
)
def test_other_calls_do_not(boxes: Any, options: Any) -> None:
    assert said(hg.count_boxes, boxes, 4, **options) == []


def test_a_line_warns_once_and_at_the_line() -> None:
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        for _ in range(3):
            hg.count_boxes(PIXELS, 4)
        hg.count_boxes(PIXELS, 4)
    assert len(found) == 2
    assert {one.filename for one in found} == {__file__}


def count(boxes: Any, box: Any = "xyxy") -> Any:
    return hg.count_boxes(boxes, 8, box=box)


def add(boxes: Any, box: Any = "xyxy") -> Any:
    return hg.Heatmap(8).add_boxes(boxes, box=box).counts


@pytest.mark.parametrize("function", [count, add])
def test_formats_of_boxes(function: Any) -> None:
    sizes = CORNERS[:, 2:] - CORNERS[:, :2]
    expected = function(CORNERS)
    assert np.array_equal(function(np.hstack([CORNERS[:, :2], sizes]), box="xywh"), expected)
    assert np.array_equal(function(np.hstack([CORNERS[:, :2] + sizes / 2, sizes]), box="cxcywh"), expected)
    with pytest.raises(ValueError, match="box must be one of 'xyxy', 'xywh', 'cxcywh', got 'wh'"):
        function(CORNERS, box="wh")


@pytest.mark.parametrize(
    "call",
    [
        lambda: hg.heatmap(PIXELS, 10),
        lambda: hg.Heatmap(10).add(PIXELS),
        lambda: hg.annotations_from(PIXELS),
        lambda: list(hg.find(PIXELS, (0, 0), 10)),
    ],
    ids=["heatmap", "add", "annotations_from", "find"],
)
def test_arrays_given_as_objects_warn_at_the_line_of_the_caller(call: Any) -> None:
    with pytest.warns(hg.HeatgridWarning, match="an array of boxes looks wrong: 100% lie outside") as warned:
        call()
    assert [one.filename for one in warned] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hg.Heatmap(10).add(PIXELS, size=(640, 480))
        hg.Heatmap(10).add(PIXELS, size={"": (640, 480)})
