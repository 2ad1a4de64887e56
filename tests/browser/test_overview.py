"""The overview page: what it shows, and a class and a split selected for all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from browser.windows import expect
from samples import CLASSES, write_coco

if TYPE_CHECKING:
    from pathlib import Path

    from browser.windows import Window, Windows
    from samples import Box

EVIL = "</script><img src=x onerror=alert(1)>"
MANY = tuple(f"kind {k}" for k in range(14))


@pytest.fixture
def found(tmp_path: Path) -> hg.Overview:
    """Two splits of 20 images each, with three classes, an evil one, and 14 rare ones."""
    random = np.random.default_rng(4)
    folder = tmp_path / "street"
    folder.mkdir()
    for split, count in (("train", 300), ("val", 100)):
        boxes: list[Box] = []
        for image in random.integers(0, 18, count):
            w, h = random.uniform(5, 60, 2)
            x, y = random.uniform(0, (200 - w, 100 - h))
            name = CLASSES[int(random.choice(3, p=(0.6, 0.3, 0.1)))]
            boxes.append((int(image), name, (float(x), float(y), float(w), float(h))))
        boxes.append((0, EVIL, (1.0, 1.0, 10.0, 10.0)))
        boxes += [(k, name, (5.0, 5.0, 9.0, 9.0)) for k, name in enumerate(MANY)] if split == "train" else []
        write_coco(folder / f"{split}.json", [(200, 100)] * 20, boxes, more_classes=(EVIL, *MANY))
    return hg.overview(folder, 20, permutations=19)


@pytest.fixture
def window(found: hg.Overview, windows: Windows, tmp_path: Path) -> Window:
    found.save(tmp_path / "overview.html")
    return windows.open_file(tmp_path / "overview.html", size=(1300, 900))


def texts(window: Window, selector: str) -> list[str]:
    window.settle()
    return [str(text) for text in window.page.locator(selector).all_inner_texts()]


def count_of(window: Window) -> str:
    return window.text(".choose p")


def hover(window: Window, figure: int, row: int, column: int) -> str:
    """Point at a cell of the location map (0) or the size map (1), and return the text below it."""
    canvas = window.page.locator(".maps figure").nth(figure).locator("canvas.canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    window.page.mouse.move(
        box["x"] + box["width"] * (column + 0.5) / 20, box["y"] + box["height"] * (row + 0.5) / 20
    )
    window.settle()
    readout = window.page.locator(".maps figure").nth(figure).locator(".readout")
    return str(readout.inner_text()).replace("\n", " ").replace("\xa0", " ")


def test_the_page_shows_the_numbers_of_the_overview(found: hg.Overview, window: Window) -> None:
    plain = found.to_dict()
    assert texts(window, ".fact dd:nth-child(2)")[:4] == ["40", "416", "18", "2"]
    assert texts(window, "#findings li > span:nth-child(2)") == [one["text"] for one in plain["findings"]]
    own = plain["classes"][0]
    assert texts(window, ".class-name")[0] == own["name"] == "cat"
    assert texts(window, ".classes tbody tr:first-child .number")[:4] == [
        str(n) for n in (own["objects"], *own["by_split"].values(), own["images"])
    ]
    assert window.page.locator(".classes tbody tr").count() == 12
    assert count_of(window) == "416 objects in 40 images"
    assert window.page.locator("#splits tbody tr").count() == 2 + len(plain["split_differences"])
    assert EVIL in texts(window, ".classes")[0]
    assert window.page.locator("img").count() == 0


def test_a_click_selects_a_class_everywhere(found: hg.Overview, window: Window) -> None:
    numbers = found.numbers
    cats, total = (
        found.maps["train"]["cat"].counts + found.maps["val"]["cat"].counts,
        numbers.objects.sum(axis=0),
    )
    row, column = np.unravel_index(cats.argmax(), cats.shape)
    window.page.locator(".class-name", has_text="cat").click()
    images = numbers.images_with[:, 0].sum()
    assert count_of(window) == f"{total[0]} objects in {images} images with any"
    expect(window.page.locator(".choose select").first.locator("option:checked")).to_have_text("cat")
    assert f"row {row}, column {column} {cats[row, column]} " in hover(window, 0, int(row), int(column)) + " "
    assert f"{total[0]} objects with a box" in texts(window, ".chart figcaption")[1]
    window.page.locator(".class-name", has_text="cat").click()
    assert count_of(window) == "416 objects in 40 images"


def test_a_split_and_a_class_by_keyboard(found: hg.Overview, window: Window) -> None:
    window.page.locator(".choose select").nth(1).select_option("val")
    val = found.numbers.objects[1].sum()
    assert count_of(window) == f"{val} objects in 20 images"
    dog = window.page.locator(".class-name", has_text="dog")
    dog.focus()
    window.page.keyboard.press("Enter")
    expect(dog).to_have_attribute("aria-pressed", "true")
    k = found.numbers.classes.index("dog")
    images = found.numbers.images_with[1, k]
    assert count_of(window) == f"{found.numbers.objects[1, k]} objects in {images} images with any"
    window.page.locator(".choose button").click()
    assert count_of(window) == "416 objects in 40 images"


def test_the_size_map_has_its_origin_at_the_bottom_left(found: hg.Overview, window: Window) -> None:
    sizes = found.size_maps["train"].counts + found.size_maps["val"].counts
    row, column = (int(i) for i in np.unravel_index(sizes.argmax(), sizes.shape))
    text = hover(window, 1, 19 - row, column)
    x, y = (f"{5 * i}\N{EN DASH}{5 * i + 5} %" for i in (column, row))
    place = f"width {x}, height {y} of the image"
    assert text.startswith(f"{place} {sizes[row, column]} ")
    assert text.endswith("% of all objects")


def test_numbers_of_a_chart_as_a_table(found: hg.Overview, window: Window) -> None:
    chart = window.page.locator(".chart").first
    chart.locator("summary").click()
    counts: Any = found.to_dict()["per_image"]["counts"]
    column = chart.locator("tbody td:nth-child(2)")
    expect(column).to_have_text([str(n) for n in counts])
    window.page.locator(".class-name", has_text="bird").click()
    k = found.numbers.classes.index("bird")
    own = found.numbers.per_image.counts[:, k].sum(axis=0)
    expect(column).to_have_text([str(n) for n in own])


@pytest.mark.parametrize("prefix", [None, "my images"])
def test_likely_duplicates_are_named_and_linked(prefix: str | None, windows: Windows, tmp_path: Path) -> None:
    boxes: list[Box] = [(0, "cat", (1.0, 1.0, 10.0, 10.0))] * 2
    write_coco(tmp_path / "street.json", [(100, 100)], boxes)
    hg.overview(tmp_path / "street.json").save(tmp_path / "a.html", thumbnails=prefix)
    rows = windows.open_file(tmp_path / "a.html").page.locator("#duplicates tbody tr")
    cells = ["street-0.jpg", "cat", "annotations[0] (id 1)", "annotations[1] (id 2)", "1.000"]
    expect(rows.locator("td")).to_have_text(cells)
    links = rows.locator("a")
    expect(links).to_have_count(0 if prefix is None else 1)
    if prefix is not None:
        expect(links).to_have_attribute("href", "my images/street-0.jpg")


def test_a_page_without_objects_says_why(windows: Windows, tmp_path: Path) -> None:
    write_coco(tmp_path / "a.json", [(100, 100)], [(0, "cat", (5.0, 5.0, 0.0, 9.0))])
    hg.overview(tmp_path / "a.json").save(tmp_path / "a.html")
    page = windows.open_file(tmp_path / "a.html").page
    expect(page.locator(".empty")).to_have_text(["Nothing was counted1 of 1 annotations: no extent"] * 2)
    expect(page.locator(".choose p")).to_have_text("0 objects in 1 image")
    expect(page.locator("#sizes")).to_contain_text("No object has a box.")
    expect(page.locator("#sizes")).not_to_contain_text("unknown")


def test_classes_are_found_and_sorted(window: Window) -> None:
    window.page.locator(".classes > .quiet").click()
    expect(window.page.locator(".classes tbody tr")).to_have_count(18)
    names = window.page.locator(".class-name")
    window.page.locator(".classes input").fill("KIND 1")
    expect(names).to_have_text(["kind 1", "kind 10", "kind 11", "kind 12", "kind 13"])
    window.page.locator(".classes input").fill("")
    window.page.locator(".sort", has_text="Class").click()
    for i, name in enumerate(("bird", "cat", "dog"), start=1):
        expect(names.nth(i)).to_have_text(name)
    expect(window.page.locator("[aria-sort=ascending]")).to_contain_text("Class")


def test_a_finding_leads_to_its_section(window: Window) -> None:
    window.page.locator("#findings li", has_text="val has no").locator("a").click()
    expect(window.page.locator("#splits")).to_be_focused()
    expect(window.page.locator("#splits")).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_window_does_not_scroll_sideways(
    scheme: str, found: hg.Overview, windows: Windows, tmp_path: Path
) -> None:
    found.save(tmp_path / "overview.html")
    path, context = tmp_path / "overview.html", {"color_scheme": scheme}
    window = windows.open_file(path, size=(400, 800), context=context)
    assert window.page.evaluate("document.documentElement.scrollWidth") == 400
    expect(window.page.locator(".overview")).to_have_attribute("data-theme", scheme)


def test_small_maps_have_the_colors_of_the_large_one(window: Window) -> None:
    reddest = """([canvas, low, high]) => {
      const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const most = Math.max(...[...data.keys()].filter(i => i % 4 === 0).map(i => data[i] - data[i + 2]));
      return most > low && most <= high;
    }"""
    thumb = window.page.locator(".thumb").first
    thumb.scroll_into_view_if_needed()
    window.page.wait_for_function(reddest, arg=[thumb.element_handle(), 100, 255])
    window.page.locator(".drawing > summary").click()
    window.page.locator(".drawing select").first.select_option("ocean")
    thumb.scroll_into_view_if_needed()
    window.page.wait_for_function(reddest, arg=[thumb.element_handle(), -256, 0])
