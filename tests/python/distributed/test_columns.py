"""Columns of Arrow tables, flat and nested."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.distributed import Columns, count_tables

arrow = pytest.importorskip("pyarrow")

pytestmark = pytest.mark.peers

BOXES = np.array([[0.1, 0.1, 0.4, 0.3], [0.2, 0.5, 0.9, 0.9], [0.6, 0.0, 0.7, 0.2], [0.0, 0.0, 0.1, 0.9]])
NAMES = ["car", "dog", "car", "ant"]
IMAGES = [[0, 1], [], [2, 3]]  # annotations of each row of images
AXES = ("x1", "y1", "x2", "y2")


def separate(boxes: Any = BOXES, **more: Any) -> Any:
    return arrow.table({name: boxes[:, i] for i, name in enumerate(AXES)} | more)


def of_images(values: Any) -> list[list[Any]]:
    return [[values[i] for i in row] for row in IMAGES]


def counted(table: Any, columns: Columns, shape: Any = 8, **options: Any) -> hg.Heatmap:
    return count_tables([table], columns, shape, **options)


WHOLE = hg.Heatmap(8).add_boxes(BOXES)
BY_CLASS = hg.Heatmap(8, ("car", "dog", "ant")).add_boxes(BOXES, labels=NAMES)


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_four_columns_of_numbers(dtype: str) -> None:
    boxes = BOXES.astype(dtype)
    assert counted(separate(boxes), Columns(boxes=AXES)) == hg.Heatmap(8).add_boxes(boxes)


@pytest.mark.parametrize("kind", [arrow.list_(arrow.float32()), arrow.list_(arrow.float64(), 4), None])
def test_column_of_lists_of_four(kind: Any) -> None:
    table = arrow.table({"bbox": arrow.array(BOXES.tolist(), type=kind)})
    boxes = np.array(table.column("bbox").to_pylist())
    assert counted(table, Columns(boxes="bbox")) == hg.Heatmap(8).add_boxes(boxes)


def test_slices_and_chunks_of_tables() -> None:
    table = arrow.table({"bbox": BOXES.tolist(), "k": NAMES})
    found = counted(table.slice(1, 2), Columns(boxes="bbox", label="k"))
    assert found == hg.Heatmap(8, ("dog", "car")).add_boxes(BOXES[1:3], labels=NAMES[1:3])
    chunked = arrow.concat_tables([table.slice(0, 1), table.slice(1)])
    assert counted(chunked, Columns(boxes="bbox", label="k")) == BY_CLASS


@pytest.mark.parametrize(
    ("corners", "numbers"),
    [
        ("xywh", np.concatenate([BOXES[:, :2], BOXES[:, 2:] - BOXES[:, :2]], axis=1)),
        (
            "cxcywh",
            np.concatenate([BOXES[:, :2] / 2 + BOXES[:, 2:] / 2, BOXES[:, 2:] - BOXES[:, :2]], axis=1),
        ),
    ],
)
def test_corners_sizes_and_centers(corners: Any, numbers: Any) -> None:
    assert counted(separate(numbers), Columns(boxes=AXES, corners=corners)) == WHOLE


def test_rows_of_images() -> None:
    columns = Columns(boxes="bbox", label="k", rows="images")
    table = arrow.table({"bbox": of_images(BOXES.tolist()), "k": of_images(NAMES)})
    assert counted(table, columns) == BY_CLASS
    images = hg.Heatmap(8, ("car", "dog", "ant"), count="images")
    images.add_boxes(BOXES, labels=NAMES, images=[0, 0, 2, 2])
    assert counted(table, columns, count="images") == images


def test_rows_of_images_with_four_columns() -> None:
    table = arrow.table({name: of_images(BOXES[:, i].tolist()) for i, name in enumerate(AXES)})
    assert counted(table, Columns(boxes=AXES, rows="images")) == WHOLE


@pytest.mark.parametrize("encoded", [False, True])
def test_labels_as_names(encoded: bool) -> None:
    labels = arrow.array(NAMES)
    table = separate(k=labels.dictionary_encode() if encoded else labels)
    found = counted(table, Columns(boxes=AXES, label="k"))
    assert found == BY_CLASS
    assert found.classes == ("car", "dog", "ant")
    assert counted(table, Columns(boxes=AXES, label="k"), classes=("ant", "car", "dog")) == BY_CLASS


def test_labels_as_class_indices() -> None:
    table = separate(k=arrow.array([0, 1, 0, 2], type=arrow.int16()))
    assert counted(table, Columns(boxes=AXES, label="k"), classes=("car", "dog", "ant")) == BY_CLASS
    with pytest.raises(ValueError, match="labels"):
        counted(table, Columns(boxes=AXES, label="k"))


def test_sizes_per_row_or_for_all() -> None:
    sizes = np.array([[100, 50], [200, 80], [100, 50], [64, 64]])
    pixels = BOXES * np.tile(sizes, 2)
    table = separate(pixels, w=sizes[:, 0], h=sizes[:, 1])
    expected = hg.Heatmap(8).add_boxes(pixels, size=sizes)
    assert counted(table, Columns(boxes=AXES, width="w", height="h")) == expected
    assert counted(separate(BOXES * 64), Columns(boxes=AXES, size=(64, 64))) == WHOLE
    nested = arrow.table({"b": of_images((BOXES * 64).tolist()), "w": [64] * 3, "h": [64.0] * 3})
    assert counted(nested, Columns(boxes="b", width="w", height="h", rows="images")) == WHOLE


def test_weights() -> None:
    weights = [0.5, 2.0, -1.0, 4.0]
    expected = hg.Heatmap(8, weighted=True).add_boxes(BOXES, weights=weights)
    assert counted(separate(p=weights), Columns(boxes=AXES, weight="p"), weighted=True) == expected


def test_points() -> None:
    expected = hg.Heatmap(8).add_points(BOXES[:, :2])
    assert counted(separate(), Columns(points=("x1", "y1"))) == expected
    assert counted(arrow.table({"p": BOXES[:, :2].tolist()}), Columns(points="p")) == expected


TRIANGLE, SQUARE = [0.1, 0.1, 0.6, 0.1, 0.1, 0.7], [0.5, 0.5, 0.9, 0.5, 0.9, 0.9, 0.5, 0.9]


def test_polygons_of_one_ring() -> None:
    table = arrow.table({"ring": [TRIANGLE, SQUARE]})
    expected = hg.Heatmap(8).add_polygons(np.reshape(TRIANGLE + SQUARE, (-1, 2)), [0, 3, 7])
    assert counted(table, Columns(polygons="ring")) == expected


def test_polygons_of_several_parts() -> None:
    table = arrow.table({"segmentation": [[TRIANGLE, SQUARE], [SQUARE], []], "k": ["a", "b", "a"]})
    coords = np.reshape(TRIANGLE + SQUARE + SQUARE, (-1, 2))
    offsets = [0, 3, 7, 11], [0, 1, 2, 3], [0, 2, 3, 3]
    expected = hg.Heatmap(8, ("a", "b")).add_polygons(coords, offsets, labels=["a", "b", "a"])
    assert counted(table, Columns(polygons="segmentation", label="k")) == expected
    nested = arrow.table({"s": [[[TRIANGLE, SQUARE]], [[SQUARE], []]], "k": [["a"], ["b", "a"]]})
    assert counted(nested, Columns(polygons="s", label="k", rows="images")) == expected


def test_missing_coordinates_are_skipped_and_reported() -> None:
    holes = arrow.table({"bbox": [BOXES[0].tolist(), None, BOXES[2].tolist()]})
    found = counted(holes, Columns(boxes="bbox"))
    assert found == hg.Heatmap(8).add_boxes(BOXES[[0, 2]])
    assert found.report.skips == 1
    single = arrow.table({name: [0.1, None] for name in AXES[:2]} | {name: [0.5, 0.6] for name in AXES[2:]})
    assert counted(single, Columns(boxes=AXES)).report.skips == 1


def test_empty_tables() -> None:
    empty = separate(BOXES[:0])
    assert counted(empty, Columns(boxes=AXES)) == hg.Heatmap(8)
    assert count_tables([], Columns(boxes=AXES), 8) == hg.Heatmap(8)


@pytest.mark.parametrize(
    ("table", "columns", "options", "error", "message"),
    [
        (separate(), {"boxes": ("x1", "y1", "x2", "z")}, {}, KeyError, "no column 'z'; there are 'x1', 'y1'"),
        (separate(k=NAMES), {"boxes": "k"}, {}, TypeError, "column 'k' must hold lists, got string"),
        (
            arrow.table({"b": [[1.0, 2.0]]}),
            {"boxes": "b"},
            {},
            ValueError,
            "must hold lists of 4 numbers",
        ),
        (
            arrow.table({"b": [["a"] * 4]}),
            {"boxes": "b"},
            {},
            TypeError,
            "must hold numbers, got str",
        ),
        (arrow.table({"p": [[1.0] * 7]}), {"polygons": "p"}, {}, ValueError, "a ring of an odd number"),
        (separate(k=["a", None, "b", "a"]), {"boxes": AXES, "label": "k"}, {}, ValueError, "not be null"),
        (separate(), {"boxes": AXES}, {"count": "images"}, ValueError, "count='images' needs rows='images'"),
        (
            arrow.table({"b": [[[0.0, 0, 1, 1]]], "k": [["a", "b"]]}),
            {"boxes": "b", "label": "k", "rows": "images"},
            {},
            ValueError,
            "column 'k' must have as many values in each row as there are shapes",
        ),
    ],
)
def test_wrong_tables_are_refused(
    table: Any, columns: dict[str, Any], options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        counted(table, Columns(**columns), **options)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({}, "one of boxes, polygons and points must be given, got none"),
        ({"boxes": "b", "points": "p"}, "one of boxes, polygons and points must be given"),
        ({"boxes": ("a", "b", "c")}, r"boxes must be one column or 4, got \('a', 'b', 'c'\)"),
        ({"boxes": "b", "corners": "xxyy"}, "corners must be one of"),
        ({"boxes": "b", "rows": "both"}, "rows must be one of"),
        ({"boxes": "b", "width": "w"}, "width and height must both be given"),
        ({"boxes": "b", "width": "w", "height": "h", "size": (1, 1)}, "size must not be given with width"),
    ],
)
def test_invalid_columns_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Columns(**wrong)


def test_names_of_columns() -> None:
    columns = Columns(boxes=list(AXES), label="k", width="w", height="h")  # type: ignore[arg-type]
    assert columns.names == [*AXES, "k", "w", "h"]
