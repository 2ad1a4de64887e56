"""FiftyOne plugin: the operator, and the panel in the real App, in a real browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.clients, pytest.mark.filterwarnings("default")]

CHROMIUM = Path("/usr/bin/chromium")
NEW_PANEL = '[data-cy="new-panel-btn"]'
MAP = ".js-plotly-plot .nsewdrag"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Install the plugin as users do, and yield the App's session, of a data set of six samples."""
    fo = pytest.importorskip("fiftyone")
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed (Debian: apt install chromium)")
    from PIL import Image

    folder = tmp_path_factory.mktemp("fiftyone")
    environment = {**os.environ, "FIFTYONE_PLUGINS_DIR": str(folder / "plugins")}
    command = [sys.executable, "-m", "heatgrid.integrations.fiftyone"]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert str(folder / "plugins") in answer.stdout
    before = fo.config.plugins_dir
    os.environ["FIFTYONE_PLUGINS_DIR"] = fo.config.plugins_dir = environment["FIFTYONE_PLUGINS_DIR"]
    dataset = fo.Dataset("heatgrid-plugin", overwrite=True)
    for i in range(6):
        Image.new("RGB", (160, 80), (40 * i, 90, 120)).save(folder / f"{i}.png")
        boxes = [("car", [0.5, 0.5, 0.5, 0.5])] * (i < 4) + [("sign", [0.5, 0, 0.1, 0.1])] * (i in {1, 5})
        labels = [fo.Detection(label=name, bounding_box=box) for name, box in boxes]
        truth = fo.Detections(detections=labels)
        dataset.add_sample(fo.Sample(filepath=str(folder / f"{i}.png"), ground_truth=truth))
    dataset.compute_metadata(progress=False)
    with socket.socket() as free:
        free.bind(("", 0))
        port = free.getsockname()[1]
    session = fo.launch_app(dataset, remote=True, port=port)
    yield session
    session.close()
    fo.close_app()
    dataset.delete()
    del os.environ["FIFTYONE_PLUGINS_DIR"]
    fo.config.plugins_dir = before


@pytest.fixture
def page() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as running:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = running.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        opened = browser.new_page(viewport={"width": 1400, "height": 850})
        opened.set_default_timeout(60_000)
        notice = opened.get_by_role("button", name="Dismiss")
        opened.add_locator_handler(notice, notice.click)
        yield opened
        browser.close()


def open_panel(page: Any, session: Any) -> None:
    page.goto(f"http://localhost:{session.server_port}/datasets/{session.dataset.name}")
    page.locator(NEW_PANEL).first.click()
    page.get_by_text("Heat map", exact=True).first.click()
    page.locator(MAP).first.wait_for()


def click_cell(page: Any, row: int, column: int, grid: int) -> None:
    area = page.locator(MAP).first.bounding_box()
    x = area["x"] + area["width"] * (column + 0.5) / grid
    y = area["y"] + area["height"] * (row + 0.5) / grid
    page.mouse.move(x, y)
    page.mouse.click(x, y)


def choose(page: Any, shown: str, wanted: str) -> None:
    page.get_by_text(shown, exact=True).first.click()
    page.get_by_role("option", name=wanted).or_(page.get_by_role("menuitem", name=wanted)).first.click()


def wait_for_selection(session: Any, page: Any, wanted: set[str]) -> None:
    for _ in range(100):
        if set(session.selected) == wanted:
            return
        page.wait_for_timeout(200)
    assert set(session.selected) == wanted


def test_click_selects_the_samples_behind_a_cell(app: Any, page: Any) -> None:
    ids = app.dataset.values("id")
    open_panel(page, app)
    page.get_by_text("6 objects").first.wait_for()
    click_cell(page, 15, 15, 20)
    page.get_by_text("4 objects in 4 samples, selected").wait_for()
    wait_for_selection(app, page, set(ids[:4]))
    click_cell(page, 0, 10, 20)
    page.get_by_text("2 objects in 2 samples, selected").wait_for()
    wait_for_selection(app, page, {ids[1], ids[5]})
    page.get_by_text("Show only these").click()
    page.get_by_text("3 objects").first.wait_for()  # of the samples 1 and 5
    assert app.view.values("id") == [ids[1], ids[5]]
    app.view = None
    page.get_by_text("6 objects").first.wait_for()


def test_map_follows_class_and_grid(app: Any, page: Any) -> None:
    app.clear_selected()
    open_panel(page, app)
    choose(page, "All (6)", "sign (2)")
    page.get_by_text("2 objects").first.wait_for()
    choose(page, "20 x 20", "10 x 10")
    page.wait_for_function("document.querySelector('.js-plotly-plot').data[0].z.length == 10", timeout=20000)
    counts = page.evaluate("document.querySelector('.js-plotly-plot').data[0].z")
    heat = hg.heatmap(app.dataset, 10)["sign"]
    assert [[value or 0 for value in row] for row in counts] == heat.counts.tolist()
    assert heat.counts[0, 5] == 2
    click_cell(page, 0, 5, 10)
    page.get_by_text("2 objects in 2 samples, selected").wait_for()


def test_operator_returns_the_counts(app: Any) -> None:
    operators = pytest.importorskip("fiftyone.operators")
    name = "@heatgrid/heatgrid/heat_map"
    params = {"field": "ground_truth", "label": "car", "grid": 10, "rule": "touch"}
    found = operators.execute_operator(name, {"dataset": app.dataset, "params": params})
    heat = hg.heatmap(app.dataset, 10, rule="touch")["car"]
    assert found.result["objects"] == 4
    assert found.result["counts"] == heat.counts.tolist()
    part = operators.execute_operator(name, {"view": app.dataset.limit(2), "params": {"grid": 10}})
    assert part.result["field"] == "ground_truth"
    assert part.result["objects"] == 3
