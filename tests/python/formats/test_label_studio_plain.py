"""Plain tasks of Label Studio, read part by part: the batches and errors are those of the usual reader."""

from __future__ import annotations

import json
import tracemalloc
from copy import deepcopy
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heatgrid.core.limits import Limits
from heatgrid.io import parse
from heatgrid.io.formats import label_studio
from samples import DATA, assert_results_same, read_one, read_source, result_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


SIDES = {"original_width": 640, "original_height": 480, "image_rotation": 0}
ABOUT = {"from_name": "label", "to_name": "image", "origin": "manual"}
RECTANGLE = {
    **SIDES,
    "id": "a",
    "type": "rectanglelabels",
    "value": {"x": 1.5, "y": 2, "width": 30.1, "height": 40, "rotation": 0, "rectanglelabels": ["car"]},
    **ABOUT,
}
POLYGON = {
    **SIDES,
    "id": "b",
    "type": "polygonlabels",
    "value": {"points": [[1, 2.5], [30, 4], [7.7, 60]], "closed": True, "polygonlabels": ["bus"]},
    **ABOUT,
}
SCORED = {**RECTANGLE, "id": "c", "score": 0.25}
CHOICE = {"id": "d", "type": "choices", "value": {"choices": ["day"]}, "from_name": "c", "to_name": "image"}
ELLIPSE = {
    **RECTANGLE,
    "id": "e",
    "value": {"x": 5, "y": 5, "radiusX": 2, "radiusY": 3, "ellipselabels": ["car"]},
}
RESULTS = [RECTANGLE, RECTANGLE | {"id": "f"}, POLYGON, SCORED, CHOICE, ELLIPSE]
NO_LISTS: list[Any] = [[], None, {}, [1], {"result": 1}, [{}], ["x"], "ab"]
NUMBERS: list[Any] = [None, "5", "x", True, -1.0, 10**400, float("nan"), 1e300, [1], 7]
LABELS: list[Any] = [[], [""], [" car "], ["a", "b"], ["a", "a"], [1], "car", None, ["\ud800"]]
POINTS: list[Any] = [[], [[]], [[1, 2]], [[1, 2, 3]] * 3, [1, 2, 3, 4], [{"x": 1, "y": 2}] * 3]
RESULT_CHANGES: list[tuple[str, Any]] = [
    *(("original_width", value) for value in (*NUMBERS, 0, 320)),
    *(("original_height", value) for value in (None, "480", 0)),
    *(("image_rotation", value) for value in (90, None, "x")),
    *(("id", value) for value in (None, 5, "", " a ", "b", ["a"])),
    *(("to_name", value) for value in (None, "", " image ", "other", 3)),
    *(("score", value) for value in (None, 1, 0.5, "0.5", "x", float("nan"))),
    *(("value", own) for own in NO_LISTS),
    *(("value", {key: []}) for key in ("x", "points", "rle", "sequence")),
    *(("item_index", value) for value in (0, 1, "1")),
    *(("rotation", 10), ("angle", 0), ("bbox", {"rotation": 5}), ("frame of a video", 3)),
]
VALUE_CHANGES: list[tuple[str, Any]] = [
    *((axis, value) for axis in ("x", "width", "height", "rotation") for value in NUMBERS),
    *((key, value) for key in ("rectanglelabels", "polygonlabels") for value in LABELS),
    *(("points", value) for value in POINTS),
    *(("points", [[1, 2], [value, 3], [4, 5]]) for value in NUMBERS),
    *(("closed", value) for value in (False, None, 0)),
    *(("labels", ["more"]), ("radiusX", 1), ("vertices", [])),
]
TASK_CHANGES: list[tuple[str, Any]] = [
    *(("data", value) for value in ({}, None, {"text": "hello"})),
    *(("data", {"image": name}) for name in ("", "..", "a/", "a/.", "a\\b.jpg", "a/b?x=1", "?d=%20.png")),
    *(("annotations", value) for value in NO_LISTS),
    *(("annotations", [{"result": value}]) for value in NO_LISTS),
    ("annotations", [{"result": []}] * 2),
    *(("predictions", [{"result": []}]), ("id", None), ("id", "t")),
]  # fmt: skip


def task_of(number: int, results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return a task with results of different ids."""
    own = [result | {"id": f"{result['id']}{i}"} for i, result in enumerate(deepcopy(list(results)))]
    annotation = {"id": 7, "completed_by": 3, "was_cancelled": False, "result": own}
    return {"id": number, "data": {"image": f"/data/{number}.jpg"}, "annotations": [annotation]}


def change(task: dict[str, Any], kind: int, key: str, value: Any) -> None:
    """Change a task, its annotation's last result, or that one's value."""
    results = task["annotations"][0]["result"] if kind else []
    target = results[-1] if results else task
    (target["value"] if kind == 2 and results else target)[key] = value


def check_all(path: Path, **options: Any) -> None:
    """Compare what is read with and without the fast path, and with the standard library's decoder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(label_studio, "read_plain", lambda *_: None)
        expected = result_of(path, "label_studio", **options)
    found = [result_of(path, "label_studio", **options)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "_fast_decoder", lambda: None)
        found.append(result_of(path, "label_studio", **options))
    for own in found:
        assert_results_same(own, expected)


CHANGES = [
    (kind, key, value)
    for kind, changes in enumerate((TASK_CHANGES, RESULT_CHANGES, VALUE_CHANGES))
    for key, value in changes
]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(st.sampled_from(RESULTS), max_size=4), min_size=1, max_size=8),
    st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 7)), max_size=2),
    st.sampled_from([1, 2, 32]),
    st.sampled_from([1, 3, 4096]),
)
def test_equal_to_the_usual_reader(
    tmp_path: Path,
    results: list[list[dict[str, Any]]],
    changes: list[tuple[tuple[int, str, Any], int]],
    part: int,
    batch_images: int,
) -> None:
    tasks = [task_of(i, own) for i, own in enumerate(results)]
    for (kind, key, value), number in sorted(changes, key=lambda pair: -pair[0][0]):  # the inner ones first
        change(tasks[number % len(tasks)], kind, key, value)
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "_PART", part)
        check_all(path, batch_images=batch_images)


@pytest.mark.parametrize(("kind", "key", "value"), CHANGES, ids=lambda part: str(part)[:20])
def test_each_change(tmp_path: Path, kind: int, key: str, value: Any) -> None:
    path = tmp_path / "tasks.json"
    for results in ([RECTANGLE, RECTANGLE], [RECTANGLE, POLYGON], [POLYGON]):
        tasks = [task_of(0, [RECTANGLE]), task_of(1, results), task_of(2, [])]
        change(tasks[1], kind, key, value)
        path.write_text(json.dumps(tasks), encoding="utf-8")
        check_all(path)
        check_all(path, on_error="raise")


@pytest.mark.parametrize(
    "path",
    sorted((DATA / "label_studio").rglob("*.json")),
    ids=lambda path: f"{path.parent.name}-{path.name}",
)
def test_files_of_tools(path: Path) -> None:
    check_all(path)
    check_all(path, attributes=["completed_by"])
    check_all(path, splits=["val"])


@pytest.mark.parametrize("damage", [b"", b"]", b"x", b"\xff", b'"', b"[" * 2000, b"1 2", b"\0"])
@pytest.mark.parametrize("place", [0, 100, -1])
def test_broken_files(tmp_path: Path, damage: bytes, place: int) -> None:
    path = tmp_path / "tasks.json"
    text = json.dumps([task_of(i, [RECTANGLE]) for i in range(3)]).encode()
    path.write_bytes(text[:place] + damage + text[place:][1:])
    check_all(path)


def test_limits_and_splits(tmp_path: Path) -> None:
    path = tmp_path / "train.json"
    path.write_text(json.dumps([task_of(i, [POLYGON, SCORED]) for i in range(3)]), encoding="utf-8")
    check_all(path, limits=Limits(vertices=2))
    check_all(path, splits=["train"])
    check_all(path, splits=["val"])
    check_all(path, attributes=["origin"])


def test_plain_tasks_need_no_usual_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(label_studio, "_add_tasks")
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps([task_of(0, [RECTANGLE, POLYGON]), task_of(1, []), task_of(2, [SCORED])]))
    batch = read_one(path)
    assert batch.image_names == ["0.jpg", "1.jpg", "2.jpg"]
    assert [(int(image), batch.classes[i]) for image, i in zip(batch.image, batch.label, strict=True)] == [
        *((0, "car"), (0, "bus"), (2, "car"))
    ]
    assert batch.boxes is not None
    assert batch.boxes[0].tolist() == [0.015, 0.02, (1.5 + 30.1) / 100, 0.42]
    assert batch.polygons is not None
    assert batch.polygons.coords.tolist() == [[0.01, 0.025], [0.3, 0.04], [0.077, 0.6]]
    assert batch.scores is not None
    assert batch.scores[2] == 0.25
    assert batch.where(1) == f"{path}: [0].annotations[0].result[1] (id b1)"


@pytest.mark.skipif(find_spec("msgspec") is None, reason="msgspec is not installed")
def test_memory_is_that_of_columns(tmp_path: Path) -> None:
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps([task_of(i, [RECTANGLE] * 7) for i in range(4000)]))
    size = path.stat().st_size
    tracemalloc.start()
    for _ in read_source(path, "label_studio", batch_images=64):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * size
