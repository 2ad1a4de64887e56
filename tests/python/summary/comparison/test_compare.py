"""Comparison of maps and data sets: values by hand, sentences, files and errors."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.commands.demo import WIDTH, write_demo
from samples import DATA

if TYPE_CHECKING:
    from pathlib import Path

SPLITS = DATA / "yolo/valid/mixed"


def points_of(*cells: tuple[int, int], classes: tuple[str, ...] | None = None, **options: Any) -> hg.Heatmap:
    """Return a 2 x 2 map with a point in each of these cells."""
    xy = [[(column + 0.5) / 2, (row + 0.5) / 2] for row, column in cells]
    labels = None if classes is None else [classes[i % len(classes)] for i in range(len(cells))]
    names = None if classes is None else tuple(dict.fromkeys(classes))
    return hg.Heatmap(2, names, **options).add_points(xy, labels=labels)


A = points_of((0, 0), (0, 1))
B = points_of((0, 1), (0, 1), (1, 0), (1, 1))


def test_representation_is_one_line() -> None:
    text = repr(hg.compare(A, A, names=("a", "b")))
    assert text == "<Comparison a and b do not differ: every cell has the same share of hits.>"


def write_boxes(path: Path, images: list[list[tuple[int, int]]]) -> Path:
    """Write a table with small boxes about these middles, image by image, of 100 by 100 pixels."""
    lines = ["image,class,xmin,ymin,xmax,ymax,image_width,image_height"]
    for i, middles in enumerate(images):
        for x, y in middles:
            lines.append(f"{path.stem} {i}.jpg,thing,{x - 1},{y - 1},{x + 1},{y + 1},100,100")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """Thirty images with a box or two at the left."""
    return write_boxes(tmp_path / "left.csv", [[(25, 25), (25, 75)][: 1 + i % 2] for i in range(30)])


@pytest.fixture
def right(tmp_path: Path) -> Path:
    """Twenty images with a box at the right, and one at the left."""
    return write_boxes(tmp_path / "right.csv", [[(75, 25)]] * 20 + [[(25, 25)]])


def test_difference_is_signed() -> None:
    found = hg.compare(A, B)
    assert found.difference.tolist() == [[0.5, 0.0], [-0.25, -0.25]]
    assert found.total_variation == 0.5
    assert found.jensen_shannon == pytest.approx(0.5)
    assert found.test is None
    assert (hg.compare(B, A).difference == -found.difference).all()


def test_map_equals_itself_and_its_double() -> None:
    found = hg.compare(A, A + A)
    assert (found.total_variation, found.jensen_shannon) == (0, 0)
    assert found.sentences == [
        "the first and the second do not differ: every cell has the same share of hits."
    ]


def test_classes_are_matched_by_name() -> None:
    a = points_of((0, 0), (0, 1), (0, 0), (1, 1), classes=("cat", "dog"))  # cats 0,0 twice; dogs 0,1 and 1,1
    b = points_of((1, 1), (0, 0), (0, 1), classes=("dog", "cat", "bird"))
    found = hg.compare(a, b).by_class
    assert list(found) == ["dog", "cat", "bird"]
    assert (found["dog"].total_variation, found["dog"].shares) == (0.5, (0.5, 1 / 3))
    assert (found["cat"].total_variation, found["cat"].shares) == (0.0, (0.5, 1 / 3))
    assert (found["bird"].total_variation, found["bird"].shares) == (None, (0.0, 1 / 3))


def test_thirds_sum_the_difference() -> None:
    a, b = hg.Heatmap((3, 6)), hg.Heatmap((3, 6))
    a.add_points([[0.01, 0.01], [0.3, 0.3]])
    b.add_points([[0.99, 0.99]])
    sums = hg.compare(a, b).thirds
    assert sums.tolist() == [[1.0, 0, 0], [0, 0, 0], [0, 0, -1.0]]


def test_thirds_of_a_small_grid() -> None:
    assert hg.compare(A, B).thirds.tolist() == [[0.5, 0, 0.0], [0, 0, 0], [-0.25, 0, -0.25]]


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (A, hg.Heatmap(3), "maps must have the same grid"),
        (A, hg.Heatmap(2, rule="touch"), "maps must have the same rule, got 'center' and 'touch'"),
        (A, hg.Heatmap(2), "the second: nothing was counted; there are no annotations"),
        (hg.Heatmap(2) - A, A, "the first: counts must not be negative"),
    ],
)
def test_incompatible_maps_raise(a: hg.Heatmap, b: hg.Heatmap, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        hg.compare(a, b)


def test_data_sets_are_counted_as_in_heatmap(left: Path, right: Path) -> None:
    options: dict[str, Any] = {"rule": "touch", "geometry": "box", "count": "images"}
    found = hg.compare(left, right, (4, 6), permutations=0, **options)
    assert found.a == hg.heatmap(left, (4, 6), **options)
    assert found.b == hg.heatmap(right, (4, 6), **options)
    assert found.names == ("left.csv", "right.csv")
    again = hg.compare(found.a, found.b)
    assert (again.difference == found.difference).all()


def test_batches_are_a_data_set(left: Path, right: Path) -> None:
    found = hg.compare(hg.read(left), list(hg.read(right)), 10, names=["l", "r"])
    files = hg.compare(left, right, 10)
    assert (found.a, found.b, found.test) == (files.a, files.b, files.test)
    assert found.names == ("l", "r")


def test_several_paths_are_one_data_set(left: Path, right: Path) -> None:
    found = hg.compare([left, right], right, 10, permutations=0)
    assert found.a == hg.heatmap([left, right], 10)


def test_two_splits_of_one_data_set(tmp_path: Path) -> None:
    for split, x in (("train", 20), ("val", 80)):
        (tmp_path / split).mkdir()
        write_boxes(tmp_path / split / "boxes.csv", [[(x, 50)]] * 4)
    found = hg.compare(tmp_path, grid=10, splits=("train", "val"), format="tables")
    assert found.names == ("train", "val")
    assert found.total_variation == 1.0
    assert found.a == hg.heatmap(tmp_path, 10, splits="train", format="tables")


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((A, "x.json"), {}, TypeError, "a and b must both be maps, or neither"),
        ((A, None), {}, TypeError, "a and b must both be maps, or neither"),
        ((A, B), {"grid": 3}, TypeError, "grid cannot be combined with maps"),
        ((A, B), {"permutations": 9}, TypeError, "permutations cannot be combined with maps"),
        ((A, B), {"rule": "touch"}, TypeError, "rule cannot be combined with maps"),
        ((A, B), {"names": ["one"]}, ValueError, "names must be two strings, got"),
        ((A, B), {"names": ["one", "one"]}, ValueError, "names must differ, got 'one' twice"),
        ((A, B), {"names": "ab"}, ValueError, "names must be two strings, got 'ab'"),
        (("x", None), {}, ValueError, "splits must name two splits of a if b is missing"),
        (("x", None), {"splits": ["train"]}, ValueError, "splits must name two"),
        (("x", "y"), {"permutations": -1}, ValueError, "permutations must not be negative, got -1"),
        (("x", "y"), {"permutations": 1.5}, TypeError, "permutations must be an int, got 1.5"),
        (("x", "y"), {"seed": None}, TypeError, "seed must be an int, got None"),
        (("x", "y"), {"rule": "tuch"}, ValueError, "rule must be one of"),
        (("x", "y"), {"colour": 1}, TypeError, "unexpected keyword argument 'colour'"),
        (("x", "y"), {}, FileNotFoundError, "x"),
        ((3, "y"), {}, TypeError, "int is not understood"),
    ],
)
def test_wrong_argument_is_named(arguments: Any, options: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        hg.compare(*arguments, **options)


def test_batches_take_no_reading_options(left: Path) -> None:
    with pytest.raises(TypeError, match="size cannot be combined with Annotations"):
        hg.compare(hg.read(left), left, size=(10, 10))


def test_sentences(left: Path, right: Path) -> None:
    found = hg.compare(left, right, 2)
    assert found.test is not None
    first, second = found.sentences
    assert first.startswith("left.csv and right.csv differ: 95.2 % of hits are in different places (")
    assert first.endswith(" % expected by chance, p = 0.001).")
    assert second.startswith(
        "left.csv has 61.9 percentage points more of its hits in the upper left, right.csv has 95.2 "
    )
    alike = hg.compare(left, left, 2, names=("a", "b"))
    assert alike.sentences[0].startswith("a and b do not differ")
    maps = hg.compare(found.a, found.b)
    assert "maps alone cannot be tested against chance" in maps.sentences[0]


def test_picture_shows_the_sign_by_color(left: Path, right: Path) -> None:
    picture = hg.compare(left, right, 2).image()
    assert picture.dtype == np.uint8
    height, width = picture.shape[0] // 2, picture.shape[1] // 2
    upper_left, upper_right = picture[height // 2, width // 2], picture[height // 2, width * 3 // 2]
    assert upper_left[0] > upper_left[2]  # red: more in the first
    assert upper_right[2] > upper_right[0]  # blue: more in the second


def test_save_uses_the_suffix(left: Path, right: Path, tmp_path: Path) -> None:
    found = hg.compare(left, right, 4, permutations=19)
    found.save(tmp_path / "diff.png", size=300)
    assert (tmp_path / "diff.png").read_bytes().startswith(b"\x89PNG")
    found.save(tmp_path / "diff.json")
    document = json.loads((tmp_path / "diff.json").read_text())
    assert document["difference"] == found.difference.tolist()
    assert document["total_variation"] == found.total_variation
    assert document["test"]["images"] == [30, 21]
    assert document["a"]["report"] == found.a.report.to_dict()
    found.save(tmp_path / "diff.html", opacity=0.5)
    page = (tmp_path / "diff.html").read_text()
    assert "<title>left.csv and right.csv differ</title>" in page
    assert '"difference":["left.csv","right.csv"]' in page
    assert '"opacity":0.5' in page
    stream = io.BytesIO()
    found.save(stream, format="json")
    assert json.loads(stream.getvalue()) == document
    with pytest.raises(ValueError, match=r"suffix '\.csv' is not known; known are \.png, \.svg, \.html"):
        found.save(tmp_path / "diff.csv")
    with pytest.raises(TypeError, match=r"size is not an option of \.json files"):
        found.save(tmp_path / "diff.json", size=3)


def test_text_lists_classes_with_largest_differences(left: Path, right: Path) -> None:
    text = str(hg.compare(left, right, 2, permutations=0))
    assert "all classes" in text
    assert "thing" in text
    many = tuple(f"c{i}" for i in range(15))
    a = points_of(*[(0, 0)] * 15, classes=many)
    assert "and 3 more classes" in str(hg.compare(a, a))
    row = next(line for line in str(hg.compare(a, a)).splitlines() if line.startswith("c1 "))
    assert row.split()[:3] == ["c1", "1", "1"]  # annotations in each
    b = points_of((0, 0), (0, 1), classes=("c1", "other"))
    assert str(hg.compare(a, b)).endswith("15 of 16 classes have hits in only one of the two")


def test_shifted_data_set_differs_beyond_chance(tmp_path: Path) -> None:
    write_demo(tmp_path / "a.json", images=200, seed=1)
    write_demo(tmp_path / "b.json", images=200, seed=2)
    document = (tmp_path / "b.json").read_text()
    (tmp_path / "c.json").write_text(document.replace(f'"width": {WIDTH}', f'"width": {WIDTH * 5 // 4}'))
    same = hg.compare(tmp_path / "a.json", tmp_path / "b.json", 20, permutations=99)
    moved = hg.compare(tmp_path / "a.json", tmp_path / "c.json", 20, permutations=99)
    assert same.test is not None
    assert moved.test is not None
    assert not same.test.significant
    assert same.test.statistic == pytest.approx(same.total_variation)
    assert moved.test.p_value == 0.01
    assert moved.cells_beyond_chance
    assert moved.total_variation > moved.test.limit > same.test.expected


def test_classes_are_tested_one_by_one(tmp_path: Path) -> None:
    header = "image,class,xmin,ymin,xmax,ymax,image_width,image_height"
    paths = []
    for name, shift in (("a", 0), ("b", 40)):  # of the cars only
        rows = [header]
        for i in range(40):
            x = 10 * (i % 5)
            rows += [
                f"{i}.jpg,{kind},{x + dx},5,{x + dx + 8},9,100,100"
                for kind, dx in (("car", shift), ("dog", 0))
            ]
        paths.append(tmp_path / f"{name}.csv")
        paths[-1].write_text("\n".join(rows))
    a, b = paths
    found = hg.compare(a, b, 10, permutations=99)
    assert {name: own.annotations for name, own in found.by_class.items()} == {
        "car": (40, 40),
        "dog": (40, 40),
    }
    assert found.by_class["car"].p_value == 0.01
    assert found.by_class["dog"].p_value == 1.0
    assert found.to_dict()["by_class"]["car"]["p_value"] == 0.01
    assert hg.compare(a, b, 10, permutations=0).by_class["car"].p_value is None
    assert not hg.compare(a, b, 10, permutations=9, by_class=False).by_class


def test_names_of_classes_have_the_room_of_the_line() -> None:
    name = "a very long name of a class of objects"
    a = points_of((0, 0), (0, 1), classes=(name,))
    assert f"{name[:24]}…" in hg.compare(a, a).text(80)
    assert name in hg.compare(a, a).text(100)


def test_cells_beyond_chance_need_a_test_on_the_maps_own_grid(tmp_path: Path) -> None:
    write_demo(tmp_path / "a.json", images=20, seed=1)
    found = hg.compare(tmp_path / "a.json", tmp_path / "a.json", (101, 100), permutations=9)
    assert found.cells_beyond_chance is None
    assert found.test is not None
    assert found.test.shape == (100, 99)
