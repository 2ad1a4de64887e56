"""Maps of sizes: the picture rises from the lower left, and rows keep their numbers."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import heatgrid as hg
from browser.windows import expect
from heatgrid.viz import colorize
from samples import write_coco

if TYPE_CHECKING:
    from browser.windows import Window, Windows

ROWS, COLUMNS = SHAPE = (4, 5)
SMALL, TALL, WIDE = (0.1, 0.1), (0.1, 0.9), (0.9, 0.1)  # widths and heights


def dashed(text: str) -> str:
    return text.replace("-", "\N{EN DASH}")


def sizes() -> hg.Heatmap:
    """Return a map of three small, two tall and one wide box."""
    heat = hg.Heatmap(SHAPE, ("car",), of="size")
    boxes = [(0, 0, *side) for side in (SMALL,) * 3 + (TALL,) * 2 + (WIDE,)]
    return heat.add_boxes(boxes, labels=["car"] * 6)


@pytest.fixture
def window(windows: Windows) -> Window:
    return windows.open(sizes())


def test_the_picture_begins_with_the_greatest_height(window: Window) -> None:
    found = np.array(window.pixels(SHAPE, at=0.2)).reshape(*SHAPE, 4)  # beside the numbers
    assert (found == colorize(sizes().counts)[::-1]).all()
    expect(window.page.locator(".along-y span")).to_have_text(["0", "0.25", "0.5", "0.75", "1"][::-1])


def test_a_cell_is_read_as_width_and_height(window: Window) -> None:
    readout = window.page.locator(".readout")
    for (line, column), text in {
        (3, 0): "width 0-20 %, height 0-25 % of the image350.00 % of all objects",
        (0, 0): "width 0-20 %, height 75-100 % of the image233.33 % of all objects",
        (3, 4): "width 80-100 %, height 0-25 % of the image116.67 % of all objects",
    }.items():
        window.page.mouse.move(*window.at(line + 0.5, column + 0.5, SHAPE))
        expect(readout).to_have_text(dashed(text))


def test_a_click_selects_the_row_of_the_map(window: Window) -> None:
    window.page.mouse.click(*window.at(0.5, 0.5, SHAPE))
    expect(window.page.locator(".selection")).to_contain_text(dashed("width 0-20 %, height 75-100 %"))
    window.page.get_by_role("button", name="Copy link").click()
    window.page.wait_for_function("() => decodeURIComponent(location.hash).includes('[3,0]')")


def test_a_region_is_summed_over_its_rows(window: Window) -> None:
    window.page.get_by_role("button", name="Select a region").click()
    window.page.mouse.move(*window.at(1.5, 0.5, SHAPE))
    window.page.mouse.down()
    window.page.mouse.move(*window.at(0.5, 1.5, SHAPE), steps=3)
    window.page.mouse.up()
    selection = window.page.locator(".selection")
    expect(selection).to_contain_text(dashed("width 0-40 %, height 50-100 %"))
    expect(selection.locator("dd").nth(2)).to_have_text("2")


def test_arrows_move_as_the_picture_does(window: Window) -> None:
    window.page.mouse.click(*window.at(3.5, 0.5, SHAPE))
    window.page.mouse.move(2, 2)
    window.canvas.focus()
    window.page.keyboard.press("ArrowUp")
    expect(window.page.locator(".readout")).to_contain_text(dashed("height 25-50 %"))


def test_csv_has_the_rows_of_the_map(window: Window) -> None:
    with window.page.expect_download() as waiting:
        window.page.get_by_role("button", name="CSV: save the shown map").click()
    _, *rows = csv.reader(Path(waiting.value.path()).read_text().splitlines())
    expected = [[row, column, value] for (row, column), value in np.ndenumerate(sizes().counts)]
    assert [[int(part) for part in row] for row in rows] == expected


def test_lists_are_those_of_the_cell(windows: Windows, tmp_path: Path) -> None:
    shapes = [(0, "cat", (0.0, 0.0, 10.0, 90.0)), (1, "cat", (0.0, 0.0, 10.0, 10.0))]
    source = write_coco(tmp_path / "a.json", [(100, 100)] * 2, shapes)
    lists = hg.annotations_by_cell(source, SHAPE, of="size", kind="images")
    window = windows.open(hg.heatmap(source, SHAPE, of="size"), annotations_by_cell=lists)
    for line, name in ((0, "a-0.jpg"), (3, "a-1.jpg")):
        window.page.mouse.click(*window.at(line + 0.5, 0.5, SHAPE))
        expect(window.page.locator(".cell-list li")).to_have_text([name])
