"""SVG figures: cells, texts, and no external references."""

from __future__ import annotations

import io
import math
import re
from base64 import b64decode
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hypothesis_numpy
from PIL import Image

from heatgrid import Heatmap
from heatgrid.viz import colorize, grid_figure, map_figure, panel_figure
from heatgrid.viz.canvas import MAX_RECTANGLES, merge_cells

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</title><script>alert(1)</script> & \"quotes\" 'too' \x00\x1b \ud800 \uffff ünï 中文"


def painted(group: ET.Element, shape: tuple[int, int]) -> Any:
    """Return the cells that a group's rectangles make, each painted once."""
    cells = np.zeros((*shape, 4), dtype=np.uint8)
    for path in group.findall(f"{SVG}path"):
        rgb = [int(path.attrib["fill"][i : i + 2], 16) for i in (1, 3, 5)]
        alpha = round(255 * float(path.get("fill-opacity", "1")))
        shapes = re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-(\d+)z", path.attrib["d"])
        assert path.attrib["d"] == "".join("M{} {}h{}v{}h-{}z".format(*numbers) for numbers in shapes)
        for x, y, width, height, back in (map(int, numbers) for numbers in shapes):
            assert width == back
            assert not cells[y : y + height, x : x + width, 3].any()
            cells[y : y + height, x : x + width] = (*rgb, alpha)
    return cells


def map_of(text: str) -> ET.Element:
    """Return the group of the map: the first one."""
    group = ET.fromstring(text).find(f"{SVG}g")  # noqa: S314 - written here
    assert group is not None
    return group


@given(
    hypothesis_numpy.arrays(
        np.int64, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.integers(0, 3)
    )
)
def test_rectangles_cover_the_cells(values: Any) -> None:
    cells = colorize(values, zero="transparent")
    again = np.zeros_like(cells)
    for color, row, column, rows, columns in merge_cells(cells).tolist():
        block = again[row : row + rows, column : column + columns]
        assert not block[..., 3].any()
        block[:] = [color >> shift & 255 for shift in (24, 16, 8, 0)]
    seen = cells[..., 3] > 0
    assert (again[seen] == cells[seen]).all()
    assert not again[~seen].any()


def test_equal_cells_are_one_rectangle() -> None:
    values = np.zeros((50, 80))
    values[10:20, 30:70] = 9
    shapes = merge_cells(colorize(values))[:, 1:].tolist()
    assert [10, 30, 10, 40] in shapes
    assert len(shapes) == 5


def test_file_has_cells_and_texts() -> None:
    values = np.arange(60.0).reshape(6, 10)
    values[2, 3] = math.nan
    page = grid_figure(
        values, title="Cars", subtitle="of a street", legend="cars", stats={"median": 12345}, footnote="small"
    )
    text = page.svg()
    assert (painted(map_of(text), (6, 10)) == colorize(values, nan=(226, 229, 234))).all()
    root = ET.fromstring(text)  # noqa: S314
    words = [element.text for element in root.iter(f"{SVG}text")]
    for word in ("Cars", "of a street", "cars", "median", "12,345", "0.25", "50"):
        assert word in words
    assert any("small · gray cells have no data" in word for word in words if word)
    assert root.findtext(f"{SVG}title") == "Cars"
    assert (root.get("role"), root.get("aria-label")) == ("img", "Cars")


def test_pixels_and_file_have_one_size() -> None:
    page = grid_figure([[1, 2], [3, 4]], title="T", stats={"min": 1})
    root = ET.fromstring(page.svg())  # noqa: S314
    height, width = page.pixels().shape[:2]
    assert (root.get("width"), root.get("height")) == (str(width), str(height))
    assert Image.open(io.BytesIO(page.png())).size == (width, height)


def test_texts_are_escaped() -> None:
    heat = Heatmap(2, [HOSTILE, "b"])
    heat.add_boxes([[0, 0, 1, 1]], labels=["b"])
    pages = (
        grid_figure(
            [[1]], title=HOSTILE, subtitle=HOSTILE, footnote=HOSTILE, legend=HOSTILE, stats={HOSTILE: 1}
        ),
        map_figure(heat, by_class=True, title=HOSTILE),
    )
    for page in pages:
        text = page.svg()
        text.encode()  # half a character would stop here
        root = ET.fromstring(text)  # noqa: S314
        tags = {element.tag.removeprefix(SVG) for element in root.iter()}
        assert tags <= {"svg", "title", "desc", "rect", "path", "text", "g", "image"}


def test_nothing_is_fetched() -> None:
    below = np.full((30, 40, 3), 90, dtype=np.uint8)
    kinds: list[dict[str, Any]] = [{}, {"background": below}, {"interpolation": "bilinear"}]
    for options in kinds:
        text = grid_figure([[0, 1], [2, 3]], **options).svg()
        assert re.findall(r"https?:[^\"' <]*", text) == ["http://www.w3.org/2000/svg"]
        assert all(link.startswith("data:image/") for link in re.findall(r'href="([^"]*)"', text))


def test_noise_on_a_large_grid_is_embedded_as_pixels() -> None:
    values = np.random.default_rng(0).integers(0, 1000, (300, 300))
    assert len(merge_cells(colorize(values))) > MAX_RECTANGLES
    text = grid_figure(values).svg()
    embedded = re.search(r'href="data:image/png;base64,([^"]*)"', text)
    assert embedded
    assert (np.asarray(Image.open(io.BytesIO(b64decode(embedded[1])))) == colorize(values)).all()
    assert len(text) < 500_000


def test_smooth_maps_are_small_files() -> None:
    peak = np.exp(-((np.indices((100, 100)) - 50.0) ** 2).sum(axis=0) / 500)
    assert len(grid_figure(np.rint(400 * peak)).svg()) < 150_000


def test_a_background_is_below_transparent_zeros() -> None:
    below = np.full((30, 60, 3), 90, dtype=np.uint8)
    values = np.array([[0, 5], [10, 0]])
    text = grid_figure(values, background=below, opacity=0.5).svg()
    group = map_of(text)
    assert group.get("opacity") == "0.5"
    assert (painted(group, (2, 2))[values == 0] == 0).all()
    embedded = re.search(r'href="data:image/jpeg;base64,([^"]*)"', text)
    assert embedded
    image = Image.open(io.BytesIO(b64decode(embedded[1])))
    assert image.width == 2 * image.height


def test_panels_have_all_their_maps() -> None:
    maps = np.arange(24).reshape(3, 2, 4)
    root = ET.fromstring(panel_figure(maps, ["a", "b", "c"]).svg())  # noqa: S314
    groups = root.findall(f"{SVG}g")
    for group, values in zip(groups[:3], maps, strict=True):
        assert (painted(group, (2, 4)) == colorize(values, vmin=0, vmax=23)).all()


def test_heatmaps_are_saved_as_svg(tmp_path: Any) -> None:
    heat = Heatmap(4)
    heat.add_boxes([[0, 0, 0.5, 0.5]])
    heat.save(tmp_path / "heat.svg", title="Boxes")
    text = (tmp_path / "heat.svg").read_text(encoding="utf-8")
    assert (painted(map_of(text), (4, 4)) == colorize(heat.counts)).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (1300, 7)])
def test_grids_of_any_shape(shape: tuple[int, int]) -> None:
    assert ET.fromstring(grid_figure(np.ones(shape)).svg()) is not None  # noqa: S314


def test_unknown_letters_are_left_to_the_browser() -> None:
    titles = {"Cars": True, "\U00012000\U00012001": False}  # cuneiform
    for title, known in titles.items():
        root = ET.fromstring(grid_figure([[1]], title=title).svg())  # noqa: S314
        element = next(element for element in root.iter(f"{SVG}text") if element.text == title)
        assert ("textLength" in element.attrib) is known


def test_unknown_letters_get_enough_space() -> None:
    from heatgrid.viz.text import Measure

    measure = Measure()
    text = "\U0001b170\U0001b171" * 60  # Nushu, as wide as Chinese
    assert measure.width(text, 20) >= 120 * 20
    cut = measure.cut(text, 20, 400)
    assert len(cut) <= 21
