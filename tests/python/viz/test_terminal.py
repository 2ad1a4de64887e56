"""Maps as text: half blocks in color, and numbers."""

from __future__ import annotations

import re

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.viz.terminal import color_text, number_text


def corner() -> hg.Heatmap:
    """Return a map of 2 x 3 cells with two objects in the upper left."""
    return hg.Heatmap((2, 3)).add_points([[0.1, 0.1], [0.1, 0.1]])


def test_a_character_is_two_pixels() -> None:
    text = color_text(corner(), 3, 1, colormap="roboflow")
    first, legend = text.split("\n")
    assert re.sub(r"\x1b\[[\d;]*m", "", first) == "▀▀▀"
    red, white = "2;207;18;32", "2;255;255;255"  # the ends of the colormap
    assert first.startswith(f"\x1b[38;{red};48;{white}m▀\x1b[38;{white};48;{white}m▀▀\x1b[0m")
    assert re.sub(r"\x1b\[[\d;]*m", "", legend) == f"0 {'▀' * 24} 2 objects per cell"


def test_palette_of_256_colors() -> None:
    first = color_text(corner(), 3, 1, true_color=False, colormap="roboflow").split("\n")[0]
    assert first.startswith("\x1b[38;5;160;48;5;231m▀\x1b[38;5;231;48;5;231m▀▀\x1b[0m")  # d70000 and ffffff


@pytest.mark.parametrize(
    ("grid", "width", "height", "lines", "columns"),
    [
        ((100, 100), 80, 18, 18, 36),
        ((9, 16), 80, 40, 23, 80),
        ((1, 1), 12, 12, 6, 12),
        ((3, 300), 60, 20, 1, 60),
    ],
)
def test_size_keeps_the_aspect(
    grid: tuple[int, int], width: int, height: int, lines: int, columns: int
) -> None:
    *picture, _ = color_text(hg.Heatmap(grid), width, height).split("\n")
    assert len(picture) == lines
    assert {line.count("▀") for line in picture} == {columns}


def test_options_change_the_colors() -> None:
    assert color_text(corner(), 3, 1) != color_text(corner(), 3, 1, colormap="viridis")
    assert "0 " in color_text(corner(), 3, 1, vmax=10.0)
    assert "10 objects" in color_text(corner(), 3, 1, vmax=10.0)


def test_size_maps_begin_with_the_greatest_height() -> None:
    heat = hg.Heatmap((2, 3), of="size").add_boxes([[0, 0, 0.1, 0.1]])
    assert number_text(heat) == "objects per cell\n0 0 0\n1 0 0"
    above, below = hg.Heatmap((2, 3)).add_points([[0.1, 0.9]]), hg.Heatmap((2, 3)).add_points([[0.1, 0.1]])
    assert color_text(heat, 3, 1) == color_text(above, 3, 1) != color_text(below, 3, 1)


def test_small_maps_are_their_counts() -> None:
    assert number_text(corner()) == "objects per cell\n2 0 0\n0 0 0"


def test_large_maps_are_means_of_blocks() -> None:
    heat = hg.Heatmap((1, 21)).add_points([[0.01, 0.5], [0.99, 0.5]])  # 7 blocks of 3 columns
    title, row = number_text(heat).split("\n")
    assert title == "objects per cell, mean of blocks of 1 x 3 cells"
    assert np.allclose([float(text) for text in row.split()], [1 / 3, 0, 0, 0, 0, 0, 1 / 3], atol=0.001)
