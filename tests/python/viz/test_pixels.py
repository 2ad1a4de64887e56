"""Cells in color, overlays and sizes, with values by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from heatgrid.viz import Scale, area_mean, colorize, enlarge, overlay

GREYS = [[0, 0, 0], [255, 255, 255]]


def test_values_become_colors_of_the_table() -> None:
    cells = colorize([[0, 1], [2, 4]], colormap=GREYS)
    assert cells.dtype == np.uint8
    assert cells[..., 0].tolist() == [[0, 64], [128, 255]]
    assert (cells[..., 3] == 255).all()


def test_transparent_zero_keeps_small_values_visible() -> None:
    alpha = colorize([[0, 1, 100, -1]], zero="transparent", vmin=0)[0, :, 3]
    assert alpha.tolist() == [0, 66, 255, 0]
    alpha = colorize([[0, 1e-9, 1]], zero="transparent", minimum_opacity=0.5)[0, :, 3]
    assert alpha.tolist() == [0, 128, 255]


def test_opacity_is_symmetric_around_zero() -> None:
    alpha = colorize([[-4, -2, 0, 2, 4]], zero="transparent", minimum_opacity=0.0)[0, :, 3]
    assert alpha.tolist() == [255, 128, 0, 128, 255]
    alpha = colorize([[-1, 0, 4]], zero="transparent", minimum_opacity=0.0)[0, :, 3]
    assert alpha.tolist() == [64, 0, 255]


def test_cells_without_data_are_transparent_or_colored() -> None:
    values = [[math.nan, 1.0]]
    assert colorize(values)[0, 0].tolist() == [0, 0, 0, 0]
    assert colorize(values, nan=(1, 2, 3))[0, 0].tolist() == [1, 2, 3, 255]
    assert colorize(values, nan=(1, 2, 3, 4))[0, 0].tolist() == [1, 2, 3, 4]


def test_many_maps_share_a_scale() -> None:
    scale = Scale.of([0, 10])
    assert colorize([[5]], colormap=GREYS, scale=scale)[0, 0, 0] == 128
    with pytest.raises(ValueError, match="cannot be combined with a Scale"):
        colorize([[5]], scale=scale, vmax=3)


def test_blur_comes_before_the_scale() -> None:
    values = np.zeros((9, 9))
    values[4, 4] = 50
    assert (colorize(values, blur=1)[4, 4] == colorize(values)[4, 4]).all()
    assert (colorize(values, blur=lambda grid: grid + 1, vmax=51) == colorize(values + 1, vmax=51)).all()


def test_values_are_not_modified() -> None:
    values = np.array([[1.0, math.nan]])
    colorize(values, blur=1, zero="transparent")
    np.testing.assert_array_equal(values, [[1.0, math.nan]])


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ([1, 2], {}, "shape"),
        ([[math.inf]], {}, "infinite"),
        ([[1]], {"zero": "white"}, "zero"),
        ([[1]], {"minimum_opacity": 2}, "minimum_opacity"),
        ([[1]], {"nan": (1, 2)}, "nan"),
        ([[1]], {"blur": np.ravel}, "blur must keep the shape"),
    ],
)
def test_wrong_values_are_named(values: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        colorize(values, **options)


def test_overlay_blends_by_both_opacities() -> None:
    background = np.full((2, 4, 3), 100, dtype=np.uint8)
    cells = np.array([[[200, 0, 100, 255], [9, 9, 9, 0]]], dtype=np.uint8)
    blended = overlay(background, cells, opacity=0.5)
    assert blended[0, 0].tolist() == [150, 50, 100, 255]
    assert blended[1, 3].tolist() == [100, 100, 100, 255]
    assert (background == 100).all()


def test_overlay_takes_grey_and_transparent_backgrounds() -> None:
    cells = np.array([[[200, 0, 100, 255]]], dtype=np.uint8)
    grey = np.full((1, 1), 50, dtype=np.uint8)
    assert overlay(grey, cells, opacity=0)[0, 0].tolist() == [50, 50, 50, 255]
    nothing = np.zeros((1, 1, 4), dtype=np.uint8)
    assert overlay(nothing, cells, opacity=0.4)[0, 0].tolist() == [200, 0, 100, 102]


def grey_cells(rows: list[list[int]]) -> Any:
    cells = np.full((*np.shape(rows), 4), 255, dtype=np.uint8)
    cells[..., :3] = np.array(rows)[..., np.newaxis]
    return cells


def test_nearest_keeps_cells_sharp() -> None:
    assert enlarge(grey_cells([[10, 20]]), (2, 5))[..., 0].tolist() == [[10, 10, 20, 20, 20]] * 2


def test_bilinear_interpolates_between_centers() -> None:
    assert enlarge(grey_cells([[0, 80]]), (1, 4), "bilinear")[0, :, 0].tolist() == [0, 20, 60, 80]


def test_transparent_cells_add_no_color() -> None:
    cells = grey_cells([[200, 0]])
    cells[0, 1, 3] = 0
    mixed = enlarge(cells, (1, 4), "bilinear")[0]
    assert mixed[:, 3].tolist() == [255, 191, 64, 0]
    assert mixed[:3, 0].tolist() == [200, 200, 200]


def test_area_mean_averages_blocks_and_the_remainder() -> None:
    pixels = grey_cells([[0, 10, 100], [20, 30, 200], [5, 7, 9]])
    assert area_mean(pixels, (2, 2))[..., 0].tolist() == [[15, 150], [6, 9]]
