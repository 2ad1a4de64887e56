"""Interaction with the page: hover, click, zoom, drag, type and switch classes."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from browser.windows import expect

if TYPE_CHECKING:
    from browser.windows import Window, Windows

ROWS, COLUMNS = SHAPE = (40, 60)
STEPS = 96
EVIL = '</script><img src=x onerror=alert(1)> & "quotes"'


def counts(seed: int = 1) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).integers(0, 100_000, SHAPE)


def street() -> dict[str, hg.Heatmap]:
    """Return maps of two splits, with three classes."""
    maps = {}
    for number, split in enumerate(("train", "valid")):
        maps[split] = hg.Heatmap(SHAPE, ("car", "dog", EVIL))
        planes = np.stack([counts(10 * number + k) % (7 + k) for k in range(3)]).astype(np.int64)
        maps[split].fill(planes)
        labels = np.repeat([0, 1, 2], [5, 7, 2])
        maps[split].report.record(np.zeros(14, np.uint8), maps[split].classes, labels)  # counted
    return maps


def cell_at(window: Window, u: float, v: float) -> tuple[int, int]:
    """Return the cell under a share of the canvas, from the state of the view alone."""
    level, x, y = window.view()
    unit = math.ceil(65536 / max(SHAPE))
    zoom = 10 ** (level / STEPS)
    column = (x + u * COLUMNS * unit / zoom) / unit
    row = (y + v * ROWS * unit / zoom) / unit
    return int(row), int(column)


def wheel(window: Window, notches: int) -> None:
    """Turn the wheel, away from oneself for positive notches."""
    for _ in range(abs(notches)):
        window.page.mouse.wheel(0, -100 if notches > 0 else 100)
        window.settle()


def says(window: Window, cell: tuple[int, int], value: Any) -> bool:
    return window.text(".readout").replace("\n", " ").startswith(f"row {cell[0]}, column {cell[1]} {value:,}")


# The cell under the pointer


@pytest.mark.parametrize("notches", [0, 1, 5, 12])
def test_the_exact_value_under_the_cursor(windows: Windows, notches: int) -> None:
    values = counts()
    window = windows.open(values)
    window.page.mouse.move(*window.point(0.61, 0.33))
    wheel(window, notches)
    assert window.view()[0] == 8 * notches
    for u, v in [(0.61, 0.33), (0.003, 0.004), (0.998, 0.5), (0.25, 0.997)]:
        x, y = window.point(u, v)
        window.page.mouse.move(x, y)
        cell = cell_at(window, u, v)
        assert says(window, cell, int(values[cell]))
        share = 100 * values[cell] / values.sum()
        if share >= 0.01:
            assert f"{share:.2f} %" in window.text(".readout")


def test_a_cell_is_a_cell_up_to_its_edges(windows: Windows) -> None:
    values = counts()
    window = windows.open(values)
    for row, column in [(0, 0), (17, 23), (39, 59)]:
        for down, across in [(0.02, 0.02), (0.5, 0.5), (0.98, 0.98)]:
            window.page.mouse.move(*window.at(row + down, column + across, SHAPE))
            assert says(window, (row, column), int(values[row, column]))


def test_a_click_between_two_pixels_fixes_the_cell(windows: Windows) -> None:
    values = counts()
    window = windows.open(values)
    box = window.canvas.bounding_box()
    x, y = round(box["x"]) + 123.5, round(box["y"]) + 210.5
    window.page.mouse.click(x, y)
    row, column = cell_at(window, (x - box["x"]) / box["width"], (y - box["y"]) / box["height"])
    assert f"row {row}, column {column}" in window.text(".side")
    assert f"{values[row, column]:,}" in window.text(".side")
    window.page.mouse.move(2, 2)
    assert says(window, (row, column), int(values[row, column])), (
        "the fixed cell is read when none is pointed at"
    )
    window.page.get_by_role("button", name="Clear").click()
    assert "Hover for values" in window.text(".readout")


# The view


def test_zooming_in_and_out_does_not_drift(windows: Windows) -> None:
    window = windows.open(counts())
    window.page.mouse.move(*window.point(0.37, 0.71))
    wheel(window, 6)
    start = window.view()
    for u, v in [(0.8, 0.15), (0.123, 0.777), (0.501, 0.333), (0.999, 0.05), (0.271, 0.618)]:
        window.page.mouse.move(*window.point(u, v))
        wheel(window, 4)
        assert window.view()[0] == start[0] + 32
        wheel(window, -4)
        assert window.view() == start
    wheel(window, 20)
    assert window.view()[0] == STEPS, "ten times and no more"
    assert window.text(".level") == "10.0\u00d7"
    wheel(window, -20)
    assert window.view() == (0, 0, 0)


def test_dragging_moves_what_is_held_with_the_pointer(windows: Windows) -> None:
    window = windows.open(counts())
    window.page.mouse.move(*window.point(0.5, 0.5))
    window.page.mouse.down()
    window.page.mouse.move(*window.point(0.2, 0.9), steps=4)
    window.page.mouse.up()
    assert window.view() == (0, 0, 0), "there is nothing beyond the edges"
    wheel(window, 8)
    before = cell_at(window, 0.55, 0.45)
    window.page.mouse.move(*window.point(0.55, 0.45))
    window.page.mouse.down()
    window.page.mouse.move(*window.point(0.35, 0.62), steps=5)
    window.page.mouse.up()
    window.page.mouse.move(*window.point(0.35, 0.62))
    assert cell_at(window, 0.35, 0.62) == before
    expect(window.page.get_by_role("button", name="Clear")).to_be_hidden()  # a drag is no click
    window.page.mouse.dblclick(*window.point(0.5, 0.5))
    assert window.view() == (0, 0, 0)


def test_the_page_scrolls_on_where_nothing_is_left_to_zoom_out_of(windows: Windows) -> None:
    window = windows.open(counts(), size=(1000, 420))
    window.page.mouse.move(*window.point(0.5, 0.3))
    wheel(window, -2)
    window.page.wait_for_function("() => scrollY > 0")
    assert window.view() == (0, 0, 0)


def test_everything_by_keyboard(windows: Windows) -> None:
    values = counts()
    window = windows.open(values)
    press = window.page.keyboard.press
    window.canvas.focus()
    press("+")
    press("=")
    assert window.view()[0] == 16
    x = window.view()[1]
    press("ArrowRight")
    assert window.view()[1] > x
    press("-")
    assert window.view()[0] == 8
    press("Home")
    assert window.view() == (0, 0, 0)
    press("ArrowRight")
    press("ArrowDown")
    cell = (ROWS // 2 + 1, COLUMNS // 2 + 1)
    assert says(window, cell, int(values[cell]))
    press("Enter")
    assert f"row {cell[0]}, column {cell[1]}" in window.text(".side")
    press("Shift+ArrowRight")
    press("Shift+ArrowDown")
    press("Shift+Enter")
    block = values[cell[0] : cell[0] + 2, cell[1] : cell[1] + 2]
    assert f"{block.sum():,}" in window.text(".side")
    press("Escape")
    expect(window.page.get_by_role("button", name="Clear")).to_be_hidden()
    # Every control can be reached by Tab, in one order, and leaves again.
    names = set()
    for _ in range(40):
        press("Tab")
        names.add(window.page.evaluate(
            "() => { const e = document.querySelector('#heatgrid').shadowRoot.activeElement;"
            " return e && (e.labels?.[0]?.textContent || e.ariaLabel || e.textContent); }"
        ))  # fmt: skip
    assert {
        "Zoom in",
        "Zoom out",
        "Colors",
        "Scale",
        "Lowest",
        "Highest",
        "Opacity",
        "Blur",
        "Hide zeros",
    } <= names


class Fingers:
    """Fingers on the screen."""

    def __init__(self, window: Window) -> None:
        self.session = window.page.context.new_cdp_session(window.page)

    def send(self, kind: str, *points: tuple[float, float]) -> None:
        fingers = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})


def test_two_fingers_zoom_and_one_moves_and_taps(windows: Windows) -> None:
    values = counts()
    window = windows.open(values, size=(400, 800), context={"has_touch": True, "is_mobile": True})
    between = window.point(0.41, 0.51)
    under = cell_at(window, 0.41, 0.51)

    fingers = Fingers(window)
    for apart in (20, 30, 45, 60):
        pair = [(between[0] - apart, between[1]), (between[0] + apart, between[1])]
        fingers.send("touchStart" if apart == 20 else "touchMove", *pair)
    fingers.send("touchEnd")
    level = window.view()[0]
    assert level == round(math.log10(3) * STEPS)
    assert cell_at(window, 0.41, 0.51) == under
    window.page.touchscreen.tap(*between)
    assert f"row {under[0]}, column {under[1]}" in window.text(".side")
    assert f"{values[under]:,}" in window.text(".side")
    held = cell_at(window, 0.3, 0.5)
    for u in (0.3, 0.35, 0.42, 0.5):
        fingers.send("touchStart" if u == 0.3 else "touchMove", window.point(u, 0.5))
    fingers.send("touchEnd")
    row, column = cell_at(window, 0.5, 0.5)
    assert row == held[0]
    assert abs(column - held[1]) <= 1, "fingers are in whole pixels"


@pytest.mark.parametrize("by_button", [False, True])
def test_a_region_has_a_sum_a_mean_and_a_share(windows: Windows, by_button: bool) -> None:
    values = counts()
    window = windows.open(values)
    if by_button:
        window.page.get_by_role("button", name="Select a region").click()
    else:
        window.page.keyboard.down("Shift")
    window.page.mouse.move(*window.at(9.5, 30.5, SHAPE))
    window.page.mouse.down()
    window.page.mouse.move(*window.at(5.5, 33.5, SHAPE), steps=3)
    window.page.mouse.up()
    block = values[5:10, 30:34]
    text = window.text(".side")
    assert "rows 5\u20139, columns 30\u201333" in text
    assert f"{block.sum():,}" in text
    assert f"{int(block.mean()):,}" in text
    assert f"{100 * block.sum() / values.sum():.2f} %" in text


# What is counted in


def test_computed_maps_are_shown_one_at_a_time(windows: Windows) -> None:
    maps = street()
    counted = maps["train"] + maps["valid"]
    share = hg.ratio(maps["train"], counted, least=10, unit="share of train")
    window = windows.open({"objects": counted, "share": share})
    window.page.mouse.move(*window.at(7.5, 11.5, SHAPE))
    assert says(window, (7, 11), int(counted.counts[7, 11]))
    assert "objects per cell" in window.text(".legend-title")
    assert "no data" not in window.text(".notes")
    window.page.get_by_role("radio", name="share").check()
    assert window.text(".legend-title") == "share of train"
    top = max(map(float, window.page.locator(".tick").all_inner_texts()))
    assert top <= math.ceil(10 * np.nanmax(share.counts)) / 10
    assert f"{np.isnan(share.counts).sum()} cells have no data" in window.text(".notes")
    window.page.mouse.move(*window.at(7.5, 11.5, SHAPE))
    value = share.counts[7, 11]
    shown = window.text(".readout .value")
    assert shown == "no data" if np.isnan(value) else abs(float(shown) - value) < 1e-5
    assert "%" not in window.text(".readout")
    window.page.get_by_role("radio", name="objects").check()
    assert "objects per cell" in window.text(".legend-title")
    window.page.evaluate("location.hash = encodeURIComponent(JSON.stringify({splits: ['objects', 'share']}))")
    window.page.evaluate("location.hash = encodeURIComponent(JSON.stringify({splits: null}))")
    assert "objects per cell" in window.text(".legend-title")


def test_classes_and_splits_on_and_off(windows: Windows) -> None:
    maps = street()
    window = windows.open(maps, title=EVIL)
    assert window.text("h1") == EVIL
    at = window.at(7.5, 11.5, SHAPE)

    def value() -> str:
        window.page.mouse.move(*at)
        return window.text(".value")

    def expected(splits: list[str], classes: list[str]) -> str:
        return f"{sum(int(maps[split][name].counts[7, 11]) for split in splits for name in classes):,}"

    everything = ["car", "dog", EVIL]
    assert value() == expected(["train", "valid"], everything)
    window.page.get_by_role("checkbox", name=EVIL).uncheck()
    assert value() == expected(["train", "valid"], ["car", "dog"])
    window.page.get_by_role("button", name="Only dog").click()
    assert value() == expected(["train", "valid"], ["dog"])
    window.page.get_by_role("checkbox", name="train").uncheck()
    assert value() == expected(["valid"], ["dog"])
    top = maps["valid"]["dog"].counts
    assert window.text(".card:last-child dd") == str(top.max())
    # The legend is that of what is shown.
    expect(window.page.locator(".tick")).to_have_text([str(tick) for tick in range(top.max() + 1)])
    assert window.text(".name-row:has-text('dog') .total") == "7", "objects, not hits"


def points_said(window: Window) -> float:
    return float(window.text(".value").removesuffix(" points"))


def test_the_difference_of_two_is_one_of_shares(windows: Windows) -> None:
    maps = street()
    window = windows.open(maps)
    window.page.get_by_label("Between").select_option("Splits")
    window.page.mouse.move(*window.at(7.5, 11.5, SHAPE))
    a, b = (maps[name].counts for name in ("train", "valid"))
    points = 100 * (a[7, 11] / a.sum() - b[7, 11] / b.sum())
    assert points_said(window) == pytest.approx(points, rel=1e-5)
    assert window.text(".legend-title") == "percentage points"
    window.page.get_by_label("Between").select_option("Classes")
    a, b = (maps["train"][name].counts + maps["valid"][name].counts for name in ("car", "dog"))
    points = 100 * (a[7, 11] / a.sum() - b[7, 11] / b.sum())
    window.page.mouse.move(*window.at(7.5, 11.5, SHAPE))
    assert points_said(window) == pytest.approx(points, rel=1e-5)
    window.page.get_by_label("Between").select_option("Off")
    assert window.text(".legend-title") == "objects per cell"


def test_an_image_counts_once_in_all_classes_and_the_page_says_when_it_does_not(windows: Windows) -> None:
    heat = hg.Heatmap(2, ("a", "b", "c"), count="images")
    heat.add_points([[0.1, 0.1]] * 3, labels=[0, 1, 2], images=[0, 0, 0])
    window = windows.open(heat)
    window.page.mouse.move(*window.at(0.5, 0.5, (2, 2)))
    assert window.text(".value") == "1"
    window.page.get_by_role("checkbox", name="c", exact=True).uncheck()
    window.page.mouse.move(*window.at(0.5, 0.5, (2, 2)))
    assert window.text(".value") == "2"
    assert "an image counts once for each of its classes" in window.text(".notes")


# How it is drawn


def test_the_legend_has_true_numbers(windows: Windows) -> None:
    window = windows.open(counts() // 100)
    ticks = window.page.locator(".tick")
    expect(ticks.first).to_have_text("0")
    window.page.get_by_label("Scale", exact=True).select_option("log")
    expect(window.page.locator(".legend-title")).to_have_text("value (log scale)")
    for i, text in enumerate(("0", "1", "10")):
        expect(ticks.nth(i)).to_have_text(text)
    window.page.get_by_label("Highest").fill("500")
    window.page.get_by_label("Highest").press("Enter")
    expect(window.page.locator(".notes")).to_contain_text("values above 500 have the color of the end")
    expect(ticks.last).to_have_text("500")
    window.page.get_by_label("Lowest").fill("900")
    window.page.get_by_label("Lowest").press("Enter")
    expect(window.page.get_by_label("Lowest")).to_have_value("")  # ends that cross are not taken
    window.page.get_by_label("Scale", exact=True).select_option("gamma")
    expect(window.page.get_by_label("Gamma")).to_be_visible()
    expect(window.page.get_by_label("From, %")).to_be_hidden()


def test_blur_changes_the_picture_and_no_number(windows: Windows) -> None:
    values = counts()
    window = windows.open(values)
    before = window.pixels(SHAPE)
    window.page.get_by_label("Blur").fill("2")
    assert window.pixels(SHAPE) != before
    window.page.mouse.move(*window.at(3.5, 4.5, SHAPE))
    assert says(window, (3, 4), int(values[3, 4]))
    assert "picture blurred, numbers exact" in window.text(".notes")


def test_no_data_is_no_number(windows: Windows) -> None:
    values = counts().astype(np.float64)
    values[3, 4] = np.nan
    window = windows.open(values)
    window.page.mouse.move(*window.at(3.5, 4.5, SHAPE))
    assert window.text(".value") == "no data"
    assert "1 cells have no data" in window.text(".notes") or "1 cell has no data" in window.text(".notes")
    assert window.pixels(SHAPE)[3 * COLUMNS + 4][3] == 0


def test_computed_values_are_no_share_of_hits(windows: Windows) -> None:
    heat = hg.Heatmap(2, ("a", "b")).add_points([[0.1, 0.1], [0.9, 0.9], [0.9, 0.9]], labels=["a", "b", "b"])
    window = windows.open(hg.ratio(heat, heat, least=2, unit="my ratio"))
    window.page.mouse.move(*window.at(1.5, 1.5, (2, 2)))
    assert window.text(".value") == "1"
    assert "%" not in window.text(".readout")
    assert "my ratio" in window.text(".legend")
    assert "no data where the divisor is below 2 (3 cells)" in window.text(".notes")
    window.page.mouse.move(*window.at(0.5, 0.5, (2, 2)))
    assert window.text(".value") == "no data"


# Every window

CLIPPED = """
() => [...document.querySelector("#heatgrid").shadowRoot.querySelectorAll("*")].filter((e) => {
  const style = getComputedStyle(e);
  if (e.children.length || !e.textContent || e.tagName === "OPTION") return false;
  if (style.textOverflow === "ellipsis" || style.position === "absolute") return false;
  return e.scrollWidth > e.clientWidth + 1 && style.display !== "inline";
}).map((e) => e.outerHTML.slice(0, 120))
"""


@pytest.mark.parametrize("width", [400, 700, 1000, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_text_is_clipped_at_any_width(windows: Windows, width: int, scheme: str) -> None:
    window = windows.open(street(), size=(width, 900), context={"color_scheme": scheme})
    window.page.mouse.click(*window.point(0.5, 0.5))
    window.settle()
    assert window.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert window.page.evaluate(CLIPPED) == []
    expect(window.page.locator(".viewer")).to_have_attribute("data-theme", scheme)
    for one, other in pairwise(tick.bounding_box() for tick in window.page.locator(".tick").all()):
        across = abs(one["x"] + one["width"] / 2 - other["x"] - other["width"] / 2)
        is_beside = across >= (one["width"] + other["width"]) / 2
        assert is_beside or abs(one["y"] - other["y"]) >= one["height"], "ticks do not overlap"
    assert window.canvas.bounding_box()["width"] >= 0.5 * min(width, 700) - 40


NAMELESS = """
() => [...document.querySelector("#heatgrid").shadowRoot.querySelectorAll("input, select, button, canvas")]
  .filter((e) => !(e.labels?.length || e.ariaLabel || e.textContent.trim() || e.ariaHidden))
  .map((e) => e.outerHTML)
"""


def test_names_for_those_who_cannot_see(windows: Windows) -> None:
    window = windows.open(street())
    assert window.page.evaluate(NAMELESS) == []
    assert "40 by 60 cells" in window.canvas.get_attribute("aria-label")
    assert (
        window.page.locator(".legend").get_attribute("aria-label").startswith("Color bar: objects per cell")
    )


def test_slider_steps_through_groups(windows: Windows) -> None:
    maps = street()
    path = windows.folder / "groups.html"
    hg.save_maps(maps, path, slider="Hour")
    window = windows.open_file(path)
    slider = window.page.get_by_role("slider", name="Hour")
    group = window.page.get_by_role("group", name="Hour")
    assert (slider.get_attribute("min"), slider.get_attribute("max")) == ("0", "2")
    assert slider.get_attribute("aria-valuetext") == "all"
    whole = window.text(".facts")
    slider.focus()
    for name in maps:
        window.page.keyboard.press("ArrowRight")
        window.settle()
        assert name in group.inner_text()
        assert str(maps[name].counts.max()) in window.text(".facts").split()
        assert window.text(".facts") != whole
    window.page.keyboard.press("Home")
    window.settle()
    assert "all" in group.inner_text()
    assert window.text(".facts") == whole
