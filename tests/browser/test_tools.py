"""Toolbars, links, thumbnails, axes, legends and layout of the page."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

import heatgrid as hg
from browser.windows import expect
from heatgrid.viz import colorize

if TYPE_CHECKING:
    from browser.windows import Window, Windows

ROWS, COLUMNS = SHAPE = (4, 6)
SVG = "{http://www.w3.org/2000/svg}"


def street() -> dict[str, hg.Heatmap]:
    """Return two splits of cars and dogs; every dog covers two cells."""
    maps = {}
    for split, cars in (("train", 30), ("valid", 5)):
        maps[split] = hg.Heatmap(SHAPE, ("car", "dog"))
        maps[split].add_points([[0.1, 0.1]] * cars, labels=["car"] * cars)
        maps[split].add_boxes([[0.5, 0.5, 0.83, 0.75]] * 7, labels=["dog"] * 7)
    return maps


def downloaded(window: Window, name: str) -> tuple[str, bytes]:
    with window.page.expect_download() as waiting:
        window.page.get_by_role("button", name=f"{name}: save the shown map").click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


# Files


def test_csv_holds_what_is_shown(windows: Windows) -> None:
    maps = street()
    window = windows.open(maps, title="Streets & more", classes=["dog"])
    name, data = downloaded(window, "CSV")
    assert name == "Streets-more.csv"
    head, *rows = csv.reader(io.StringIO(data.decode()))
    assert head == ["row", "column", "value"]
    expected = maps["train"]["dog"].counts + maps["valid"]["dog"].counts
    assert [[int(part) for part in row] for row in rows] == [
        [row, column, int(value)] for (row, column), value in np.ndenumerate(expected)
    ]


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_svg_has_no_references_and_true_colors(windows: Windows, interpolation: Any) -> None:
    heat = street()["train"]
    window = windows.open(heat, title="<b>", interpolation=interpolation, colormap="viridis")
    text = downloaded(window, "SVG")[1].decode()
    root = ET.fromstring(text)  # noqa: S314 - our own text
    words = [element.text for element in root.iter(f"{SVG}text")]
    assert {"<b>", "objects per cell", "0.25", "30"} <= set(words)
    assert text.count("http") == 1
    fills = {path.get("fill") for path in root.iter(f"{SVG}path")}
    colors = colorize(heat.counts, colormap="viridis")[..., :3].reshape(-1, 3)
    expected = {f"rgb({red},{green},{blue})" for red, green, blue in colors.tolist()}
    assert fills == (expected if interpolation == "nearest" else set())


def test_png_is_a_picture_of_the_map(windows: Windows) -> None:
    heat = street()["train"]
    below = np.full((40, 60, 3), 90, dtype=np.uint8)
    window = windows.open(heat, background=below, opacity=1.0)
    name, data = downloaded(window, "PNG")
    assert name == "Object-positions.png"
    picture = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).reshape(-1, 3)
    highest, pale = colorize(heat.counts)[0, 0, :3], round(255 - 0.4 * (255 - 90))
    for color in (highest, (pale, pale, pale)):
        assert (np.abs(picture.astype(int) - color).max(axis=1) <= 2).sum() > 10_000


# Links


def settings(window: Window) -> tuple[str, str, str, bool]:
    window.settle()
    page = window.page
    scale, opacity = (
        page.get_by_label("Scale", exact=True).input_value(),
        page.get_by_label("Opacity").input_value(),
    )
    return scale, opacity, window.text(".selection"), page.get_by_role("checkbox", name="car").is_checked()


def go_to(window: Window, fragment: str) -> None:
    """Change the fragment of the address, and wait until the page was told."""
    window.page.evaluate(
        """(fragment) => new Promise((done) => {
          addEventListener("hashchange", () => done(), { once: true });
          location.hash = fragment;
        })""",
        fragment,
    )


def test_link_restores_the_state(windows: Windows) -> None:
    window = windows.open(street())
    page = window.page
    before = settings(window)
    page.get_by_label("Scale", exact=True).select_option("log")
    page.get_by_label("Opacity").fill("0.5")
    page.get_by_role("checkbox", name="car").uncheck()
    page.mouse.click(*window.at(2.5, 3.5, SHAPE))
    wanted = settings(window)
    page.get_by_role("button", name="Copy link").click()
    page.locator(".message", has_text="link").wait_for()
    link = page.url
    page.goto("about:blank")
    window.requests.clear()
    page.goto(link)
    page.locator(".viewer[data-drawn]").wait_for()
    assert settings(window) == wanted != before
    go_to(window, "")
    assert settings(window) == before


WRONG = [
    "%",
    "[1",
    '{"scale": "cubic", "opacity": 7, "classes": ["bus"], "cell": [9, 9], "region": [0], "blur": "2"}',
    '{"vmin": 9, "vmax": 1, "difference": ["train"], "percentiles": [5, 1], "error": "x"}',
]


@pytest.mark.parametrize("text", WRONG)
def test_link_that_does_not_fit_is_ignored(windows: Windows, text: str) -> None:
    window = windows.open(street())
    before = settings(window)
    go_to(window, quote(text, safe="%"))
    assert settings(window) == before
    expect(window.page.get_by_label("Lowest")).to_have_value("")


# Images of a cell


LOADED = """(wanted) => {
  const images = document.querySelector("#heatgrid").shadowRoot.querySelectorAll(".cell-list img");
  return [...images].filter((image) => image.naturalWidth === 8).length >= wanted;
}"""


def test_thumbnails_and_the_full_list(windows: Windows, tmp_path: Path) -> None:
    folder = tmp_path / "my images"
    folder.mkdir()
    boxes = "".join(f"a/b {i}.png,0,0,9,9,car\n" for i in range(12)) + "../x.png,0,0,9,9,car\n"
    (tmp_path / "boxes.csv").write_text(f"image,x1,y1,x2,y2,class\n{boxes}")
    (folder / "a").mkdir()
    for i in range(11):
        Image.new("RGB", (8, 6), (20 * i, 0, 0)).save(folder / "a" / f"b {i}.png")
    source = tmp_path / "boxes.csv"
    lists = hg.annotations_by_cell(source, 3, size=(30, 30), limit=20)
    path = tmp_path / "page.html"
    hg.save_page(
        hg.heatmap(source, 3, size=(30, 30)), path, annotations_by_cell=lists, thumbnails="my images"
    )
    window = windows.open_file(path, size=(1300, 900))
    window.page.mouse.click(*window.at(0.5, 0.5, (3, 3)))
    items = window.page.locator(".cell-list li:visible")
    expect(items).to_have_count(8)
    expect(window.page.locator(".selection")).to_contain_text("8 of 13 images shown, most hits first.")
    window.page.wait_for_function(LOADED, arg=8)
    window.page.get_by_role("button", name="Show all 13").click()
    expect(items).to_have_count(13)
    expect(window.page.locator(".selection")).not_to_contain_text("shown")
    items.last.scroll_into_view_if_needed()
    # One image is missing, one is outside the folder.
    expect(window.page.locator("img.thumbnail")).to_have_count(11)
    links = window.page.locator(".cell-list a")
    expect(links).to_have_count(12)
    expect(links.first).to_have_attribute("href", "my images/a/b%200.png")
    assert not [url for url in window.requests if "x.png" in url]
    window.errors[:] = [error for error in window.errors if "ERR_FILE_NOT_FOUND" not in error]
    window.requests[:] = window.requests[:1]


@pytest.mark.parametrize(("limit", "shown", "button"), [(5, 5, None), (8, 8, None), (10, 8, "Show 10")])
def test_a_list_says_what_the_page_does_not_hold(
    limit: int, shown: int, button: str | None, windows: Windows, tmp_path: Path
) -> None:
    source = tmp_path / "boxes.csv"
    rows = "".join(f"{i}.png,0,0,9,9,car\n" for i in range(12))
    source.write_text(f"image,x1,y1,x2,y2,class\n{rows}")
    lists = hg.annotations_by_cell(source, 3, size=(30, 30), limit=limit)
    window = windows.open(hg.heatmap(source, 3, size=(30, 30)), annotations_by_cell=lists)
    window.page.mouse.click(*window.at(0.5, 0.5, (3, 3)))
    selection, items = window.page.locator(".selection"), window.page.locator(".cell-list li:visible")
    expect(items).to_have_count(shown)
    expect(selection).to_contain_text("12 images in this cell")
    expect(selection).to_contain_text(f"{shown} of 12 images shown, most hits first.")
    expect(selection).to_contain_text(f"This page holds {limit} per cell. For more: heatgrid view --limit N")
    buttons = selection.get_by_role("button", name="Show")
    if button is None:
        expect(buttons.filter(visible=True)).to_have_count(0)
        return
    expect(buttons).to_have_text(button)
    buttons.click()
    expect(items).to_have_count(limit)
    expect(selection).to_contain_text(f"{limit} of 12 images shown")
    expect(buttons).to_be_hidden()


def test_policy_allows_only_the_given_images() -> None:
    from heatgrid.viz.page import page

    assert "img-src data: https://example.org;" in page(street(), thumbnails="https://example.org/a/")
    assert "img-src data:;" in page(street())
    for wrong in ("javascript:alert(1)", "https://x; script-src *"):
        with pytest.raises(ValueError, match="thumbnails must be a folder or an http"):
            page(street(), thumbnails=wrong)


# Layout, words and colors


PLACES = """() => {
  const root = document.querySelector("#heatgrid").shadowRoot;
  const parts = [...root.querySelectorAll(".panel, .cards, .canvas, .tools")];
  return parts.map((e) => JSON.stringify(e.getBoundingClientRect()));
}"""


@pytest.mark.parametrize("width", [400, 700, 900, 1000, 1300])
@pytest.mark.parametrize("touch", [False, True])
def test_selecting_does_not_move_the_layout(windows: Windows, width: int, touch: bool) -> None:
    context = {"has_touch": True, "is_mobile": True} if touch else None
    window = windows.open(street(), size=(width, 900), context=context)
    before = window.page.evaluate(PLACES)
    hint = window.text(".readout")
    assert ("Tap" in hint, "Hover" in hint) == (touch, not touch)
    assert ("Tap" if touch else "Click") in window.text(".selection")
    at = window.at(2.5, 3.5, SHAPE)
    window.page.touchscreen.tap(*at) if touch else window.page.mouse.click(*at)
    window.settle()
    assert "row 2, column 3" in window.text(".selection")
    assert window.page.evaluate(PLACES) == before


def test_names_of_buttons_begin_with_their_labels(windows: Windows) -> None:
    window = windows.open(street())
    buttons = window.page.locator("button").evaluate_all(
        "(all) => all.map((e) => [e.textContent.trim(), e.ariaLabel ?? e.textContent])"
    )
    words = {text for text, _ in buttons}
    assert {"Reset", "Select", "PNG", "SVG", "CSV", "Copy link"} <= words
    for text, name in buttons:
        if text[0].isalpha():
            assert name.lower().startswith(text.lower())
    readout = window.page.locator(".readout")
    assert [readout.get_attribute(f"aria-{name}") for name in ("live", "atomic")] == ["polite", "true"]


def test_axes_follow_the_view(windows: Windows) -> None:
    window = windows.open(np.arange(600).reshape(20, 30))
    expect(window.page.locator(".along-x span")).to_have_text(["0", "0.25", "0.5", "0.75", "1"])
    window.page.mouse.move(*window.point(0, 0))
    for _ in range(6):
        window.page.mouse.wheel(0, -100)
        window.settle()
    zoom = 10 ** (window.view()[0] / 96)
    box = window.canvas.bounding_box()
    ticks = window.page.locator(".along-x span")
    assert ticks.count() >= 4
    for tick in ticks.all():
        place = tick.bounding_box()
        middle = place["x"] + place["width"] / 2 - box["x"]
        assert middle == pytest.approx(float(tick.inner_text()) * zoom * box["width"], abs=1)


def test_numbers_are_written_into_large_cells(windows: Windows) -> None:
    values = np.full((10, 10), 8)
    window = windows.open(values, colormap=[[255, 255, 255], [255, 255, 255]])
    dark = """(canvas) => {
      const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let n = 0;
      for (let i = 0; i < data.length; i += 4) if (data[i] < 80) n += 1;
      return n;
    }"""
    assert window.canvas.evaluate(dark) > 100 * 10
    window.page.get_by_label("Smooth cells").check()
    window.settle()
    assert window.canvas.evaluate(dark) == 0


def test_objects_next_to_classes_and_in_the_subtitle(windows: Windows) -> None:
    window = windows.open(street())
    assert window.text(".name-row:has-text('dog') .total") == "14"
    assert window.text(".name-row:has-text('train') .total") == "37"
    window.page.get_by_role("button", name="Only dog").click()
    assert window.text(".head p") == "14 objects \u00b7 dog \u00b7 1 of 2 classes"
    window.page.get_by_role("checkbox", name="valid").uncheck()
    assert window.text(".head p") == "7 objects \u00b7 dog \u00b7 1 of 2 classes"


def test_difference_names_its_ends_and_fades_chance(windows: Windows) -> None:
    maps = street()
    a, b = (heat.counts / heat.counts.sum() for heat in maps.values())
    values = 100 * (a - b)
    limit = float(np.sort(np.unique(np.abs(values)))[1])
    window = windows.open(maps, difference=["train", "valid"], chance=limit)
    assert window.text(".legend-end.high") == "more in train"
    assert window.text(".legend-end.low") == "more in valid"
    assert "are faded" in window.text(".notes")
    expect(window.page.get_by_label("Colors")).to_have_value("balance")
    reach = float(np.abs(values).max())
    expected = colorize(values, colormap="balance", vmin=-reach, vmax=reach, chance=limit)
    found = np.array(window.pixels(SHAPE)).reshape(*SHAPE, 4)
    assert (found == expected).all()
    assert (expected != colorize(values, colormap="balance", vmin=-reach, vmax=reach)).any()
    window.page.get_by_label("minus share of").select_option("train")
    window.page.get_by_label("Between").select_option("Off")
    expect(window.page.locator(".legend-end.high")).to_be_hidden()


def test_empty_map_says_why(windows: Windows) -> None:
    heat = hg.Heatmap(SHAPE, ("car", "dog"))
    heat.add_boxes([[3, 3, 4, 4]] * 2, labels=["car", "dog"])
    window = windows.open(heat)
    assert window.text(".empty") == "Nothing was counted\n2 of 2 annotations: outside the image"
    window = windows.open(street())
    expect(window.page.locator(".empty")).to_be_hidden()
    window.page.get_by_role("button", name="None").first.click()
    expect(window.page.locator(".empty")).to_contain_text("in the selected classes and splits")


def test_dark_mode_dims_map_and_legend_alike(windows: Windows) -> None:
    dims = """() => [...document.querySelector("#heatgrid").shadowRoot.querySelectorAll(".canvas, .bar")]
      .map((e) => getComputedStyle(e).filter)"""
    light, dark = (windows.open(street(), context={"color_scheme": scheme}) for scheme in ("light", "dark"))
    assert set(light.page.evaluate(dims)) == {"none"}
    (dimmed,) = set(dark.page.evaluate(dims))
    assert dimmed.startswith("brightness(0.")


def test_legend_shows_colors_over_the_background(windows: Windows) -> None:
    window = windows.open(street()["train"], background=np.full((40, 60, 3), 100, dtype=np.uint8))
    pale = round(255 - 0.4 * 155)
    bar = window.page.locator(".bar.upright")
    assert bar.evaluate("(e) => getComputedStyle(e).backgroundColor") == f"rgb({pale}, {pale}, {pale})"
    top = bar.evaluate("(e) => [...e.getContext('2d').getImageData(0, 0, 1, 1).data]")
    assert top[3] == round(0.7 * 255)
