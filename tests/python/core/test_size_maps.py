"""Size maps: one point per annotation at its box's width and height, in shares of the image's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heatgrid as hg
from heatgrid.core.spec import CountSpec

if TYPE_CHECKING:
    from pathlib import Path

SIDE = 16
NUMBERS = st.integers(-8, 24)


def cells(heat: hg.Heatmap) -> list[tuple[int, int]]:
    """Return row and column of each count."""
    found = np.argwhere(heat.counts).tolist()
    return [(row, column) for row, column in found for _ in range(int(heat.counts[row, column]))]


def test_the_picture_names_both_axes(tmp_path: Path) -> None:
    box = [[0, 0, 0.3, 0.1]]
    hg.Heatmap(SIDE, of="size").add_boxes(box).save(tmp_path / "size.svg")
    hg.Heatmap(SIDE).add_boxes(box).save(tmp_path / "place.svg")
    assert [(tmp_path / "size.svg").read_text().count(f">{name}<") for name in ("width", "height")] == [1, 1]
    assert ">width<" not in (tmp_path / "place.svg").read_text()


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), max_size=8))
def test_boxes_are_cut_to_the_image(boxes: list[tuple[int, int, int, int]]) -> None:
    """Whole pixels of an image of 16 x 16 on a grid of 16 x 16: a width of n pixels is column n."""
    expected, lost = [], 0
    for x1, y1, x2, y2 in boxes:
        width = len(set(range(min(x1, x2), max(x1, x2))) & set(range(SIDE)))
        height = len(set(range(min(y1, y2), max(y1, y2))) & set(range(SIDE)))
        if width and height:
            expected.append((min(height, SIDE - 1), min(width, SIDE - 1)))
        else:
            lost += 1
    heat = hg.Heatmap(SIDE, of="size").add_boxes(boxes, size=(SIDE, SIDE))
    assert cells(heat) == sorted(expected)
    assert heat.report.empty + heat.report.outside == lost
    assert heat.report.counted == len(expected)


def test_every_shape_has_the_size_of_its_bounding_box() -> None:
    mask = np.zeros((8, 8), np.uint8)
    mask[2:4, 1:7] = 1  # height 2 / 8, width 6 / 8
    code = {"size": [8, 8], "counts": [10, 2, 6, 2, 6, 2, 6, 2, 6, 2, 6, 2, 12]}
    for masks in ([mask], np.array([mask]), [code]):
        assert cells(hg.Heatmap(8, of="size").add_masks(masks)) == [(2, 6)]
    coords = [[1, 2], [7, 2], [7, 4]]
    for add in ("add_polygons", "add_lines"):
        heat = hg.Heatmap(8, of="size")
        assert cells(getattr(heat, add)(coords, [0, 3], size=(8, 8))) == [(2, 6)]


def test_runs_that_go_on_in_the_next_column_fill_the_height() -> None:
    code = {"size": [4, 4], "counts": [6, 4, 6]}  # rows 2 and 3 of column 1, rows 0 and 1 of column 2
    assert cells(hg.Heatmap(4, of="size").add_masks([code])) == [(3, 2)]
    heat = hg.Heatmap(4, of="size").add_masks(
        [{"size": [4, 4], "counts": [6, 4, 5]}, {"size": [4, 4], "counts": [16]}]
    )
    assert (heat.report.counted, heat.report.skips, heat.report.empty) == (0, 1, 1)


def test_points_have_no_size() -> None:
    with pytest.raises(ValueError, match="of='size' needs shapes with a width and a height, got points"):
        hg.Heatmap(4, of="size").add_points([[0.5, 0.5]])


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"rule": "touch"}, "rule"),
        ({"fit": "letterbox"}, "fit"),
        ({"large_box_ratio": 0.5}, "large_box_ratio"),
    ],
)
def test_options_of_places_are_refused(options: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} cannot be combined with of='size'"):
        CountSpec(grid=(2, 2), of="size", **options)
    with pytest.raises(ValueError, match="of must be one of 'place', 'size', got 'shape'"):
        hg.Heatmap(2, of="shape")  # type: ignore[arg-type]


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    boxes = [[0, 0, 10, 10], [0, 0, 30, 20], [50, 0, 100, 20], [20, 10, 30, 20]]  # in an image of 100 x 50
    document = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 50}],
        "categories": [{"id": 1, "name": "car"}],
        "annotations": [
            {"id": i, "image_id": 1, "category_id": 1, "bbox": box, "segmentation": [[0, 0, 1, 0, 1, 1]]}
            for i, box in enumerate(boxes)
        ],
    }
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(document))
    return path


def test_files_have_the_sizes_of_their_boxes(coco: Path, tmp_path: Path) -> None:
    heat = hg.heatmap(coco, 10, of="size")
    assert cells(heat) == [(2, 1), (4, 3), (4, 3), (4, 5)]
    assert cells(hg.heatmap(coco, 10, of="size", geometry="polygon")) == [(0, 0)] * 4
    assert [found.id for found in hg.find(coco, (4, 3), 10, of="size")] == [1, 3]
    lists = hg.annotations_by_cell(coco, 10, of="size", kind="annotations")
    assert [name for name, _ in lists.at(4, 3)] == ["car, a.jpg, id 1", "car, a.jpg, id 3"]
    heat.save(tmp_path / "size.npz")
    assert hg.load(tmp_path / "size.npz") == heat
    with pytest.raises(ValueError, match="the same of, got"):
        heat + hg.Heatmap(10)


def test_comparisons_say_where_sizes_differ(coco: Path) -> None:
    small = hg.Heatmap(3, of="size").add_boxes([[0, 0, 0.1, 0.1]])
    comparison = hg.compare(small, hg.heatmap(coco, 3, of="size", by_class=False), names=("a", "b"))
    assert "% of hits differ in size" in str(comparison)
    assert "more of its hits at a small width and a small height" in str(comparison)


def test_pictures_have_their_origin_at_the_lower_left() -> None:
    heat = hg.Heatmap(4, of="size").add_boxes([[0, 0, 0.1, 0.1]])
    image = heat.image(zero="transparent")
    assert np.argwhere(image[..., 3]).tolist() == [[3, 0]]
    assert heat.counts[0, 0] == 1
