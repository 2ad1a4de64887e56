"""Letterboxing: images that keep their aspect ratio, centered in the unit square."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heatgrid as hg
import reference
from effort import examples
from heatgrid.core.kernel import Outcome
from heatgrid.core.letterbox import letterboxed
from heatgrid.core.outcomes import SKIPPED
from heatgrid.core.ragged import Kind, Masks, offsets_of
from heatgrid.errors import FormatError

WIDE, TALL = (200.0, 100.0), (100.0, 200.0)
GRID = 4
ROWS = [[0] * 4, [1] * 4, [1] * 4, [0] * 4]
COLUMNS = [[0, 1, 1, 0]] * 4
RULES: Any = ["center", "touch", "point", "area"]

if TYPE_CHECKING:
    from pathlib import Path

sides = st.integers(1, 9).map(float)
sizes_of_images = st.tuples(sides, sides)


def centred(x: float, y: float, size: tuple[float, float]) -> tuple[float, float]:
    """Return a point in the pixels of its image's square."""
    w, h = size
    m = max(w, h)
    return x + (m - w) / 2, y + (m - h) / 2


def square(size: tuple[float, float]) -> tuple[float, float]:
    return max(size), max(size)


# By hand


@pytest.mark.parametrize(("size", "expected"), [(WIDE, ROWS), (TALL, COLUMNS)])
def test_a_full_image_covers_half_of_the_square(size: Any, expected: Any) -> None:
    w, h = size
    ring = [[0, 0], [w, 0], [w, h], [0, h]]
    given: dict[str, Any] = {"size": size, "fit": "letterbox"}
    assert hg.count_boxes([[0, 0, w, h]], GRID, **given).tolist() == expected
    assert hg.count_boxes([[0, 0, w, h]], GRID, rule="area", **given).tolist() == expected
    assert hg.count_polygons(ring, [0, 4], GRID, **given).tolist() == expected
    mask = np.ones((int(h), int(w)), dtype=bool)
    assert hg.count_masks([mask], GRID, fit="letterbox").tolist() == expected
    code = {"size": [int(h), int(w)], "counts": [0, int(w * h)]}
    assert hg.count_masks([code], GRID, fit="letterbox").tolist() == expected


def test_points_and_lines_stay_in_their_image() -> None:
    wide: dict[str, Any] = {"size": WIDE, "fit": "letterbox"}
    corners = [[0, 0], [199, 0], [0, 99], [199, 99]]
    assert np.argwhere(hg.count_points(corners, GRID, **wide)).tolist() == [[1, 0], [1, 3], [2, 0], [2, 3]]
    assert hg.count_lines([[0, 10], [199, 10]], [0, 2], GRID, **wide).tolist() == [
        [0] * 4,
        [1] * 4,
        [0] * 4,
        [0] * 4,
    ]


def test_a_box_beyond_its_images_edge_covers_the_bar() -> None:
    # Clamped to the unit square only, as all boxes are.
    counts = hg.count_boxes([[0, -50, 200, 150]], GRID, size=WIDE, fit="letterbox")
    assert (counts == 1).all()


def test_an_odd_bar_is_half_a_pixel_wide() -> None:
    # 2 x 1 pixels: a quarter of the square above, and below. 3 rows: the mask lies from 0.75 to 2.25.
    shares = hg.count_masks([np.ones((1, 2), dtype=bool)], (3, 1), rule="area", fit="letterbox")
    assert shares.ravel().tolist() == [0.25, 1.0, 0.25]


def test_a_mask_of_another_size_fills_its_image() -> None:
    # An image of 4 x 2 with a mask of 3 x 3 pixels: its rows are a sixth of the square each.
    code = {"size": [3, 3], "counts": [0, 9]}
    batch = hg.annotations_from([code], size=(4, 2), library="arrays")
    heat = hg.Heatmap((8, 1), rule="area", fit="letterbox").add(batch)
    assert heat.counts.ravel().tolist() == [0, 0, 1, 1, 1, 1, 0, 0]


# Compared with the reference, on shapes moved in plain Python


@pytest.mark.parametrize("rule", ["center", "touch", "point"])
@settings(max_examples=examples(80), deadline=None)
@given(data=st.data(), grid=st.tuples(st.integers(1, 7), st.integers(1, 7)))
def test_boxes_and_polygons(rule: Any, data: st.DataObject, grid: tuple[int, int]) -> None:
    number = st.floats(-3, 12, width=32)
    items = st.lists(st.tuples(st.tuples(number, number, number, number), sizes_of_images), max_size=6)
    drawn = data.draw(items)
    sizes = [size for _, size in drawn]
    boxes = [box for box, _ in drawn]
    moved = [(*centred(*box[:2], size), *centred(*box[2:], size)) for box, size in drawn]
    expected = reference.count_boxes(moved, grid, size=[square(size) for size in sizes], rule=rule).counts
    given: dict[str, Any] = {"size": np.array(sizes).reshape(-1, 2), "rule": rule, "fit": "letterbox"}
    assert hg.count_boxes(boxes, grid, **given).tolist() == expected
    rings = [[(x1, y1), (x2, y1), (x2, y2)] for x1, y1, x2, y2 in boxes]
    turned = [[[[centred(*point, size) for point in ring]]] for ring, size in zip(rings, sizes, strict=True)]
    wanted = reference.count_polygons(turned, grid, size=[square(size) for size in sizes], rule=rule).counts
    coords = np.array(rings, dtype=np.float64).reshape(-1, 2)
    offsets = np.arange(len(rings) + 1) * 3
    assert hg.count_polygons(coords, offsets, grid, **given).tolist() == wanted


@settings(max_examples=examples(80), deadline=None)
@given(points=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=8), size=sizes_of_images)
def test_normalized_coordinates_are_converted_to_pixels(points: Any, size: Any) -> None:
    boxes = [(x, y, 1.0, 1.0) for x, y in points]
    w, h = size
    pixels = [(x * w, y * h, w, h) for x, y, _, _ in boxes]
    batch = hg.annotations_from(np.array(boxes).reshape(-1, 4), library="arrays")
    sized = _with_sizes(batch, size)
    for count in ("instances", "images"):
        heat = hg.Heatmap((5, 7), count=count, fit="letterbox").add(sized)
        images = {"images": np.zeros(len(boxes), dtype=np.int64)} if count == "images" else {}
        given: dict[str, Any] = {"size": size, "fit": "letterbox", "count": count, **images}
        expected = hg.count_boxes(np.array(pixels).reshape(-1, 4), (5, 7), **given)
        assert np.array_equal(heat.counts, expected)


def _with_sizes(batch: hg.Annotations, size: Any) -> hg.Annotations:
    return replace(batch, sizes=np.array([size] * len(batch.image_names), dtype=np.float64).reshape(-1, 2))


def dense(mask: list[list[bool]], size: tuple[float, float]) -> list[list[bool]]:
    """Return a mask in its image's square as pixels so fine that the bars are whole pixels."""
    w, h = (Fraction(side) for side in size)
    m = max(w, h)
    fine = 1
    while any((fine * n * (m - side) / (2 * side)).denominator > 1 for n, side in _axes(mask, w, h)):
        fine += 1
    bars = [int(fine * n * (m - side) / (2 * side)) for n, side in _axes(mask, w, h)]
    wide = fine * len(mask[0])
    empty = [False] * (wide + 2 * bars[0])
    rows = [
        [False] * bars[0] + [value for value in row for _ in range(fine)] + [False] * bars[0]
        for row in mask
        for _ in range(fine)
    ]
    return [empty] * bars[1] + rows + [empty] * bars[1]


def _axes(mask: list[list[bool]], w: Fraction, h: Fraction) -> list[tuple[int, Fraction]]:
    return [(len(mask[0]), w), (len(mask), h)]


@st.composite
def masks(draw: st.DrawFn) -> list[list[bool]]:
    h, w = draw(st.tuples(st.integers(1, 6), st.integers(1, 6)))
    return draw(st.lists(st.lists(st.booleans(), min_size=w, max_size=w), min_size=h, max_size=h))


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=examples(60), deadline=None)
@given(mask=masks(), grid=st.tuples(st.integers(1, 7), st.integers(1, 7)), data=st.data())
def test_masks(rule: Any, mask: Any, grid: tuple[int, int], data: st.DataObject) -> None:
    own = float(len(mask[0])), float(len(mask))
    size = data.draw(st.just(own) | sizes_of_images)
    expected = hg.count_masks([np.array(dense(mask, size))], grid, rule=rule)
    runs = reference.runs_of_bitmap(mask)
    shape = [len(mask), len(mask[0])]
    for counts in (runs, reference.compress(runs)):
        batch = hg.annotations_from([{"size": shape, "counts": counts}], size=size, library="arrays")
        heat = hg.Heatmap(grid, rule=rule, fit="letterbox").add(batch)
        np.testing.assert_allclose(heat.counts, expected, rtol=0, atol=1e-15 if rule == "area" else 0)
    by_rows = letterboxed(Masks.of_bitmaps([np.array(mask)]), np.array([True]), np.array([size]))
    assert np.allclose(hg.count_masks(by_rows, grid, rule=rule), expected, rtol=0, atol=1e-15)


def test_images_unite_shapes_of_all_kinds(tmp_path: Path) -> None:
    shapes: list[dict[str, Any]] = [
        {"bbox": [0, 0, 60, 20]},
        {"segmentation": [[100, 0, 160, 0, 160, 50]]},
        {"segmentation": {"size": [100, 200], "counts": [10_000, 5_000, 5_000]}},
        {"keypoints": [190, 90, 2]},
    ]
    document = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 200, "height": 100}],
        "annotations": [{"id": i, "image_id": 1, "category_id": 1} | shape for i, shape in enumerate(shapes)],
        "categories": [{"id": 1, "name": "car"}],
    }
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(document))
    apart = hg.heatmap(path, 20, fit="letterbox")
    united = hg.heatmap(path, 20, count="images", fit="letterbox")
    assert apart.report.counted == united.report.counted == len(shapes)
    assert np.array_equal(united.counts, apart.counts > 0)
    assert apart.counts.sum() == 6 * 2 + (1 + 2 + 3 + 4 + 5) + 5 * 10 + 1


# Shapes that cannot be placed


def test_a_mask_of_too_many_lines_is_skipped_without_allocation() -> None:
    n = 1 << 30
    code = {"size": [2, n], "counts": [0, 2 * n]}
    heat = hg.Heatmap(GRID, fit="letterbox").add_masks([code])
    assert heat.counts.sum() == 0
    assert heat.report.skips == 1
    assert "too large to letterbox" in str(heat.report)


def test_a_broken_mask_stays_broken() -> None:
    heat = hg.Heatmap(GRID, fit="letterbox").add_masks([{"size": [2, 4], "counts": [3, 3]}])
    assert (heat.report.skips, heat.counts.sum()) == (1, 0)


def test_image_sizes_are_required() -> None:
    with pytest.raises(ValueError, match="fit='letterbox' requires size="):
        hg.count_boxes([[0, 0, 1, 1]], GRID, fit="letterbox")
    with pytest.raises(ValueError, match="fit='letterbox' requires size="):
        hg.Heatmap(GRID, fit="letterbox").add_points([[0, 0]])
    batch = hg.annotations_from(np.array([[0.0, 0.0, 1.0, 1.0]]), library="arrays")
    heat = hg.Heatmap(GRID, fit="letterbox").add(batch)
    assert list(heat.report.to_dict()["skipped"]) == [SKIPPED[Outcome.NO_SIZE]]
    with pytest.raises(FormatError, match="image size missing"):
        hg.Heatmap(GRID, fit="letterbox").add(batch, on_error="raise")


def test_masks_need_no_image_size() -> None:
    masks = hg.annotations_from([np.ones((2, 4), dtype=bool)] * 2)
    batch = replace(
        masks,
        sizes=None,
        kinds=np.array([Kind.MASK, Kind.BOX], dtype=np.uint8),
        boxes=np.array([[np.nan] * 4, [0.0, 0.0, 4.0, 2.0]]),
    )
    heat = hg.Heatmap(GRID, fit="letterbox").add(batch)
    assert heat.counts.tolist() == ROWS
    assert heat.report.skipped == {SKIPPED[Outcome.NO_SIZE]: 1}


@pytest.mark.parametrize("size", [(0, 10), (-5, 10), (10, np.nan), (np.inf, 10)])
def test_shapes_with_an_invalid_size_are_skipped(size: Any) -> None:
    heat = hg.Heatmap(GRID, fit="letterbox").add_boxes([[0, 0, 5, 5]], size=size)
    assert (heat.report.skips, heat.counts.sum()) == (1, 0)


def test_error_messages_name_offsets_and_size() -> None:
    ring = [[0, 0], [1, 0], [1, 1]]
    wrong: Any
    for wrong in ([0, 9], [0, -3], [], ([0, 3], [0, 7])):
        with pytest.raises(ValueError, match="offsets"):
            hg.count_polygons(ring, wrong, GRID, size=WIDE, fit="letterbox")
    with pytest.raises(ValueError, match="size"):
        hg.count_boxes([[0, 0, 1, 1]], GRID, size=[WIDE, WIDE], fit="letterbox")


def test_contradicting_options_raise() -> None:
    with pytest.raises(ValueError, match="large_box_ratio cannot be combined with fit='letterbox'"):
        hg.Heatmap(GRID, fit="letterbox", large_box_ratio=0.5)
    with pytest.raises(ValueError, match="large_box_ratio cannot be combined with fit='letterbox'"):
        hg.count_boxes([[0, 0, 1, 1]], GRID, size=WIDE, fit="letterbox", large_box_ratio=0.5)
    with pytest.raises(ValueError, match="fit must be one of 'stretch', 'letterbox'"):
        hg.Heatmap(GRID, fit="crop")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="maps must have the same fit"):
        hg.Heatmap(GRID) + hg.Heatmap(GRID, fit="letterbox")


# Files, data sets, the command line


def test_saved_maps_keep_the_fit(tmp_path: Path) -> None:
    heat = hg.Heatmap(GRID, fit="letterbox").add_boxes([[0, 0, 200, 100]], size=WIDE)
    heat.save(tmp_path / "heat.npz")
    assert hg.load(tmp_path / "heat.npz") == heat
    heat.save(tmp_path / "heat.json")
    assert json.loads((tmp_path / "heat.json").read_text())["fit"] == "letterbox"


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    images = [{"id": 1, "file_name": "a.jpg", "width": 200, "height": 100}]
    boxes = [[0, 0, 200, 100], [0, 0, 20, 20], [150, 60, 50, 40]]
    annotations = [{"id": i, "image_id": 1, "category_id": 1, "bbox": box} for i, box in enumerate(boxes)]
    document = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "car"}]}
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(document))
    return path


def test_find_returns_as_many_as_are_counted(coco: Path) -> None:
    heat = hg.heatmap(coco, 20, fit="letterbox")
    assert (heat.counts[:5] == 0).all()
    assert heat.counts[5:15].min() >= 1
    lists = hg.annotations_by_cell(coco, 20, kind="annotations", fit="letterbox")
    for row in range(0, 20, 3):
        for column in range(0, 20, 2):
            found = list(hg.find(coco, (row, column), 20, fit="letterbox"))
            assert len(found) == len(lists.at(row, column)) == heat.counts[row, column]


def test_yolo_uses_the_size_option(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("0 0.5 0.5 1 1\n")
    heat = hg.heatmap(tmp_path, GRID, format="yolo", size=(200, 100), fit="letterbox")
    assert heat.counts.tolist() == ROWS
    assert hg.heatmap(tmp_path, GRID, format="yolo", fit="letterbox").report.skips == 1


def test_checkpoints_of_another_fit_are_refused(coco: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.npz"
    heat = hg.heatmap(coco, 8, checkpoint=state)
    assert hg.heatmap(coco, 8, checkpoint=state) == heat
    with pytest.raises(ValueError, match="fit='stretch', not 'letterbox'"):
        hg.heatmap(coco, 8, checkpoint=state, fit="letterbox")


def test_the_command_line(coco: Path, run: Any, tmp_path: Path) -> None:
    out = tmp_path / "heat.npz"
    code, _, messages = run("map", coco, "-o", out, "--grid", "8", "--fit", "letterbox", "-q")
    assert code == 0, messages
    assert hg.load(out) == hg.heatmap(coco, 8, fit="letterbox")
    _, found, _ = run("find", coco, "--cell=0,0", "--grid", "8", "--fit", "letterbox")
    assert "0 annotations" in found


# Backgrounds


def test_backgrounds_are_letterboxed() -> None:
    heat = hg.Heatmap(GRID, fit="letterbox").add_boxes([[0, 0, 200, 100]], size=WIDE)
    below = np.full((10, 20, 3), 255, dtype=np.uint8)
    image = heat.image(background=below, opacity=0.0)
    assert image.shape[:2] == (20, 20)
    assert (image[:5, :, :3] == 0).all()
    assert (image[5:15, :, :3] == 255).all()
    assert (image[15:, :, :3] == 0).all()
    with pytest.raises(ValueError, match="a mean stretches images"):
        heat.image(background="mean", images=".")


def test_no_annotations() -> None:
    assert hg.count_polygons(np.zeros((0, 2)), offsets_of([]), GRID, size=WIDE, fit="letterbox").sum() == 0
