"""The page of errors: what it shows, and a class selected for all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import heatgrid as hg
from predictions import coco, results, write

if TYPE_CHECKING:
    from pathlib import Path

    from browser.windows import Window, Windows

EVIL = "</script><img src=x onerror=alert(1)>.jpg"


@pytest.fixture
def found(tmp_path: Path) -> hg.Evaluation:
    """Sixty images whose upper third is missed; class 3 has false alarms only."""
    random = np.random.default_rng(1)
    truth: list[tuple[int, int, list[float], int]] = []
    own: list[tuple[int, int, list[float], float]] = []
    for image in range(1, 61):
        for _ in range(6):
            x, y = (float(value) for value in random.uniform(0, 100, 2))
            k = int(random.integers(1, 3))
            truth.append((image, k, [x, y, 20.0, 20.0], 0))
            if y > 32.7:
                own.append((image, k, [x, y, 20.0, 20.0], 0.9))
        own.append((image, 3, [0.0, 100.0, 20.0, 20.0], 0.5))
    document = coco(60, truth)
    document["images"][0]["file_name"] = EVIL
    return hg.evaluate(*write(tmp_path, document, results(own)), 8, permutations=199, title="detector")


@pytest.fixture
def window(found: hg.Evaluation, windows: Windows, tmp_path: Path) -> Window:
    found.save(tmp_path / "errors.html")
    return windows.open_file(tmp_path / "errors.html", size=(1300, 900))


def hover(window: Window, figure: int, row: int, column: int) -> str:
    """Point at a cell of the misses (0) or the false alarms (1), and return the text below it."""
    place = window.page.locator(".maps figure").nth(figure)
    canvas = place.locator("canvas.canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    window.page.mouse.move(
        box["x"] + (column + 0.5) * box["width"] / 8, box["y"] + (row + 0.5) * box["height"] / 8
    )
    window.settle()
    return str(place.locator(".readout").inner_text())


def test_the_failure_is_said_first(window: Window, found: hg.Evaluation) -> None:
    assert window.errors == []
    first = window.page.locator("#findings li").first
    assert "Recall is 0.00 in the upper third" in first.inner_text()
    assert first.bounding_box()["y"] < 400
    assert window.page.locator("#head h1").inner_text() == "Where detector fails"
    assert window.page.locator("#findings li").count() == len(found.findings)


def test_cells_say_shares_and_numbers(window: Window, found: hg.Evaluation) -> None:
    missed, rest = (found.maps[name].counts for name in ("missed", "found"))
    for row, column in ((0, 3), (5, 3)):
        part, whole = int(missed[row, column]), int((missed + rest)[row, column])
        text = hover(window, 0, row, column)
        assert f"{part} of {whole} objects missed" in text
        assert f"{100 * part / whole:.0f}" in text


def test_cells_of_too_few_have_no_share(window: Window, found: hg.Evaluation) -> None:
    false, right = (found.maps[name].counts for name in ("false", "found"))
    row, column = np.argwhere(false + right < found.least)[0].tolist()
    assert "too few" in hover(window, 1, row, column)


def test_a_click_lists_images(window: Window, found: hg.Evaluation) -> None:
    hover(window, 0, 0, 3)
    figure = window.page.locator(".maps figure").first
    assert not figure.locator(".selection").is_visible()
    window.page.mouse.down()
    window.page.mouse.up()
    window.settle()
    selection = figure.locator(".selection")
    (name, _), *_others = found.lists["missed"].at(0, 3)
    assert "images with misses in this cell" in selection.inner_text()
    assert selection.locator(".name").first.inner_text() == name
    selection.get_by_text("Clear").click()
    window.settle()
    assert not selection.is_visible()


def test_a_class_is_selected_everywhere(window: Window, found: hg.Evaluation) -> None:
    window.page.locator("#classes tbody tr", has_text="class 2").click()
    window.settle()
    counts = found.counts.sum(axis=2)[:, 1]
    text = window.text(".choose p")
    assert f"recall {counts[0] / counts[:2].sum():.2f} of {counts[:2].sum():,} objects" in text
    missed, rest = (found.maps[name]["class 2"].counts for name in ("missed", "found"))
    assert f"of {int((missed + rest)[5, 3])} object" in hover(window, 0, 5, 3)
    assert window.page.locator("#sizes tbody tr").count() == 1
    window.page.locator(".choose button").click()
    window.settle()
    assert window.page.locator(".choose select").input_value() == ""


def test_images_with_most_errors_are_drawn(window: Window, found: hg.Evaluation) -> None:
    sketch = window.page.locator(".sketch").first
    worst = found.images[0]
    assert sketch.locator("rect.missed").count() == worst.missed
    assert sketch.locator("rect.found").count() == worst.found
    assert sketch.locator("rect.false").count() == worst.false
    assert worst.image in sketch.inner_text()


def test_narrow_pages_do_not_scroll_sideways(found: hg.Evaluation, windows: Windows, tmp_path: Path) -> None:
    found.save(tmp_path / "errors.html")
    window = windows.open_file(tmp_path / "errors.html", size=(400, 800))
    assert window.page.evaluate("document.documentElement.scrollWidth") <= 400
    assert window.errors == []
    assert window.requests[1:] == []
