"""Figures: positions and colors of their parts."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

from heatgrid import Heatmap
from heatgrid.viz import colorize, grid_figure, map_figure, panel_figure
from heatgrid.viz.canvas import FAINT, PAPER, Layout


def draw_grid(values: Any, **options: Any) -> Any:
    return grid_figure(values, **options).pixels()


def draw_map(heat: Heatmap, **options: Any) -> Any:
    return map_figure(heat, **options).pixels()


def draw_panels(maps: Any, names: Any, **options: Any) -> Any:
    return panel_figure(maps, names, **options).pixels()


COUNTS = np.array([[0, 10, 20], [30, 40, 50]])


def frames(image: Any) -> list[tuple[int, int, int, int]]:
    """Return (left, top, width, height) of what stands within thin frames, largest first."""
    line = (image[..., :3] == FAINT).all(axis=2)
    found = []
    for y, x in np.argwhere(line[:-1, :-1] & line[1:, :-1] & line[:-1, 1:]):
        right = x + np.argmin(line[y, x:]) - 1 if not line[y, x:].all() else image.shape[1] - 1
        bottom = y + np.argmin(line[y:, x]) - 1
        if right - x > 10 and bottom - y > 10 and line[bottom, x:right].all() and line[y:bottom, right].all():
            found.append((int(x) + 1, int(y) + 1, int(right - x) - 1, int(bottom - y) - 1))
    return sorted(found, key=lambda frame: -frame[2] * frame[3])


def inside(image: Any, frame: tuple[int, int, int, int]) -> Any:
    left, top, width, height = frame
    return image[top : top + height, left : left + width]


def test_cells_have_their_colors_at_their_places() -> None:
    image = draw_grid(COUNTS, title="Title", stats={"min": 0, "max": 50}, numbers=False)
    cells = inside(image, frames(image)[0])
    rows, columns = COUNTS.shape
    high, wide = cells.shape[0] // rows, cells.shape[1] // columns
    assert cells.shape[:2] == (rows * high, columns * wide)
    expected = colorize(COUNTS)
    for i in range(rows):
        for j in range(columns):
            cell = cells[i * high + 2 : (i + 1) * high - 2, j * wide + 2 : (j + 1) * wide - 2]
            assert (cell == expected[i, j]).all()


def test_color_bar_has_the_highest_color_on_top() -> None:
    image = draw_grid(COUNTS, numbers=False)
    bar = inside(image, frames(image)[1])
    colors = colorize([[0, 50]])[0]
    assert np.abs(bar[0, 5].astype(int) - colors[1]).max() <= 2
    assert np.abs(bar[-1, 5].astype(int) - colors[0]).max() <= 2
    assert bar.shape[0] == inside(image, frames(image)[0]).shape[0]


def test_figures_are_opaque_with_an_empty_margin() -> None:
    long = "many words " * 60
    image = draw_grid(
        COUNTS * 1_000_000_000,
        title=long,
        subtitle=long,
        footnote=long,
        legend=long,
        stats={long: 1e300, "q1": -123456.789},
    )
    assert image.dtype == np.uint8
    assert (image[..., 3] == 255).all()
    for edge in (image[:16], image[-16:], image[:, :16], image[:, -16:]):
        assert (edge[..., :3] == PAPER).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (5, 200), (100, 100), (1300, 7)])
@pytest.mark.parametrize("size", [64, 960])
def test_maps_of_any_shape_get_a_sensible_size(shape: tuple[int, int], size: int) -> None:
    layout = Layout.of(shape, size, None)
    assert max(layout.height, layout.width) <= 1.5 * size
    assert min(layout.height, layout.width) >= size / 8
    assert draw_grid(np.ones(shape), size=size).ndim == 3


def test_aspect_is_kept_approximately() -> None:
    layout = Layout.of((100, 100), 960, 16 / 9)
    assert layout.width / layout.height == pytest.approx(16 / 9, rel=0.15)
    assert (layout.width % 100, layout.height % 100) == (0, 0)


def test_more_cells_than_pixels_are_averaged() -> None:
    checks = np.indices((2000, 2000)).sum(axis=0) % 2
    image = draw_grid(checks, colormap=[[0, 0, 0], [255, 255, 255]])
    cells = inside(image, frames(image)[0])
    assert cells.shape[:2] == (1000, 1000)
    assert (cells[..., :3] == 128).all()


@pytest.mark.parametrize(
    "values",
    [np.zeros((9, 9)), np.full((9, 9), 5), np.full((9, 9), math.nan), [[-3]], [[0.5, math.nan]], [[2**62]]],
)
@pytest.mark.parametrize("scale", ["linear", "log", "sqrt", "rank", "percentile", "gamma"])
def test_odd_maps_are_drawn(values: Any, scale: Any) -> None:
    assert draw_grid(values, scale=scale, zero="transparent", size=200).shape[2] == 4


@pytest.mark.parametrize(
    ("values", "options"),
    [([[math.inf]], {}), (np.ones((0, 3)), {}), ([[1]], {"size": 3}), ([[1]], {"aspect": 0}), ([1, 2], {})],
)
def test_wrong_values_are_refused(values: Any, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"values|size|aspect"):
        draw_grid(values, **options)


def test_panels_share_one_scale() -> None:
    maps = np.stack([np.full((4, 4), 50), np.full((4, 4), 100)])
    image = draw_panels(maps, ["half", "whole"], title="Two", details=["1 hit", "2 hits"])
    first, second = sorted(frames(image)[:2])
    expected = colorize([[50, 100]])[0]
    assert (inside(image, first) == expected[0]).all()
    assert (inside(image, second) == expected[1]).all()


@pytest.mark.parametrize(
    ("maps", "names"), [([], []), ([[[1]]], []), ([[[1]], [[1, 2]]], ["a", "b"]), ([np.ones((0, 0))], ["a"])]
)
def test_panels_of_no_maps_or_different_shapes_are_refused(maps: Any, names: list[str]) -> None:
    with pytest.raises(ValueError, match="map"):
        draw_panels(maps, names)


def test_figures_of_heatmaps() -> None:
    heat = Heatmap(4, classes=["a", "b"])
    heat.add_boxes(np.array([[0, 0, 0.5, 0.5], [0, 0, 1, 1]]), labels=["a", "b"])
    image = draw_map(heat, numbers=False)
    cells = inside(image, frames(image)[0])
    assert (cells[8, 8] == colorize(heat.counts)[0, 0]).all()
    assert (cells[-8, -8] == colorize(heat.counts)[3, 3]).all()
    panels = draw_map(heat, by_class=True, title="By class")
    assert (inside(panels, min(frames(panels)[:2])) == colorize([[1]])[0, 0]).all()
    with pytest.raises(ValueError, match="classes"):
        draw_map(Heatmap(4), by_class=True)


def crowd() -> Heatmap:
    """Return a map of 14 classes with 1 … 13 objects; the first has none."""
    heat = Heatmap(4, classes=["root", *(f"c{i}" for i in range(1, 14))])
    for i in range(1, 14):
        heat.add_boxes([[0, 0, 1, 1]] * i, labels=[f"c{i}"] * i)
    return heat


def words(heat: Heatmap, **options: Any) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", map_figure(heat, **options).svg())


def test_small_maps_show_objects_of_annotated_classes() -> None:
    text = words(crowd(), by_class=True)
    assert [word for word in text if word.endswith(" objects")] == [f"{i} objects" for i in range(13, 1, -1)]
    assert "root" not in text
    assert "c1" not in text
    assert "the 12 of 13 classes with most objects" in " ".join(text)
    assert "91 objects · 12 of 13 classes drawn, 1 without annotations · 4 by 4 cells" in text
    assert "91 objects · 13 classes, 1 without annotations · 4 by 4 cells" in words(crowd())
    assert "c1" in words(crowd(), by_class=True, top=None)
    assert "2 objects" not in words(crowd(), by_class=True, top=3)
    with pytest.raises(ValueError, match="top must be at least 1"):
        words(crowd(), by_class=True, top=0)


def test_long_name_keeps_its_number() -> None:
    name = "a name that is much longer than a small map is wide " * 3
    heat = Heatmap(4, classes=[name, "b"])
    heat.add_boxes([[0, 0, 1, 1]] * 1234, labels=[name] * 1234)
    heat.add_boxes([[0, 0, 1, 1]], labels=["b"])
    text = words(heat, by_class=True)
    assert "1,234 objects" in text
    assert any(word.startswith("a name") and word.endswith("…") for word in text)
    assert "1,234" in words(heat, by_class=True, size=128)


def test_scale_by_class_draws_percents() -> None:
    image = draw_map(crowd(), by_class=True, scale_by="class", top=2, title="By class")
    highest = colorize([[0, 1]])[0, 1]
    for frame in sorted(frames(image)[:2]):
        assert (inside(image, frame) == highest).all()
    assert "% of the class&#x27;s highest cell" in " ".join(
        words(crowd(), by_class=True, scale_by="class")
    ) or ("% of the class's highest cell" in words(crowd(), by_class=True, scale_by="class"))
    with pytest.raises(ValueError, match="scale_by"):
        words(crowd(), by_class=True, scale_by="row")


def test_an_empty_map_says_why() -> None:
    heat = Heatmap(4, classes=["car"])
    assert "no annotations were read" in words(heat)
    heat.add_boxes(np.array([[2, 2, 3, 3], [5, 5, 6, 6], [0.5, 0.5, 0.5, 0.5]]), labels=["car"] * 3)
    text = words(heat)
    assert "Nothing was counted" in text
    assert "2 of 3 annotations: outside the image" in text
    heat.add_boxes([[0, 0, 1, 1]], labels=["car"])
    assert "Nothing was counted" not in words(heat)
    assert "Nothing was counted" not in words(heat - heat)


def test_quartiles_have_full_names() -> None:
    assert {"min", "lower quartile", "median", "upper quartile", "max"} <= set(words(crowd()))


def test_cells_within_chance_are_faded() -> None:
    colors: dict[str, Any] = {"colormap": [[0, 0, 0], [200, 200, 200], [0, 100, 0]], "vmin": -1, "vmax": 1}
    values = [[1.0, -1.0, 0.0, 0.5]]
    plain, faded = colorize(values, **colors), colorize(values, chance=0.5, **colors)
    assert (faded[0, :2] == plain[0, :2]).all()
    assert faded[0, 2].tolist() == plain[0, 2].tolist()
    quarter = plain[0, 3, :3] * 0.25 + plain[0, 2, :3] * 0.75
    assert np.abs(faded[0, 3, :3] - quarter).max() <= 0.5


def test_differences_have_a_neutral_zero() -> None:
    plus, minus = Heatmap(2), Heatmap(2)
    plus.add_points([[0.1, 0.1]] * 3)
    minus.add_points([[0.9, 0.9]])
    image = draw_map(plus - minus, numbers=False)
    cells = inside(image, frames(image)[0])
    low, zero, high = cells[-9, -9, :3].astype(int), cells[9, -9, :3], cells[9, 9, :3].astype(int)
    assert zero.min() >= 252
    assert low[2] > low[0]
    assert high[0] > high[2]


@pytest.mark.parametrize("factor", [1, 0.001])
def test_small_differences_of_weights_are_visible(factor: float) -> None:
    plus, minus = Heatmap(2, weighted=True), Heatmap(2, weighted=True)
    plus.add_points([[0.1, 0.1]], weights=[0.5 * factor])
    minus.add_points([[0.9, 0.9]], weights=[0.25 * factor])
    cells = (plus - minus).image()[..., :3].astype(int)
    assert cells[0, 1].min() >= 252
    assert cells[0, 0][0] > cells[0, 0][2]
    assert cells[1, 1][2] > cells[1, 1][0]
    assert (cells[0, 0] == colorize([[1]], colormap="balance", vmin=-1, vmax=1)[0, 0, :3]).all()


def test_polygon_contrast_as_blur() -> None:
    from heatgrid import polygon_contrast

    heat = Heatmap(20)
    ring = [[0.1, 0.1], [0.7, 0.2], [0.4, 0.8]]
    heat.add_polygons(ring * 9, [0, 3, 6, 9, 12, 15, 18, 21, 24, 27])
    raised = polygon_contrast(heat.counts, 9)
    figure = map_figure(heat, blur=lambda counts: polygon_contrast(counts, 9), numbers=False)
    cells = inside(figure.pixels(), frames(figure.pixels())[0])
    assert (cells[24::48, 24::48] == colorize(raised)).all()
    assert "picture blurred" in figure.description


def test_interpolation_of_figures() -> None:
    sharp, smooth = (draw_grid(COUNTS, interpolation=kind, numbers=False) for kind in ("nearest", "bilinear"))
    colors = [
        len(np.unique(inside(image, frames(image)[0]).reshape(-1, 4), axis=0)) for image in (sharp, smooth)
    ]
    assert colors[0] <= 8  # six cells, and lines between them
    assert colors[1] > 50
