"""Widget in real notebooks: clicks reach Python, and settings from Python reach the screen."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from browser.windows import WAIT, Window, expect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOMES = (
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "IPYTHONDIR",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
)
"""Environment variables of folders that servers and kernels read and write."""

PATIENCE = 90
"""Seconds in which a server, or a kernel, should have started."""

CODE = """
import json
import heatgrid as hg

heat = hg.Heatmap((4, 5), ("car", "dog"))
heat.add_points([[0.1, 0.1], [0.1, 0.1], [0.5, 0.6]], labels=["car", "dog", "dog"])
widget = heat.view(title="In a notebook", scale="sqrt")

@widget.click
def clicked(y, x, value):
    with open("clicks.txt", "a") as file:
        file.write(json.dumps([y, x, value]) + "\\n")
    widget.opacity = 0.5
    if value == 0:
        raise LookupError("nothing here")
"""


@contextmanager
def server(command: list[str], folder: Path, address: str) -> Iterator[None]:
    """Run a server in a folder until the end of the block, and everything that it started with it."""
    own = {name: str(folder / name.lower()) for name in HOMES}
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | own, stdout=log, stderr=log, start_new_session=True
        )
        try:
            wait_for(address, process)
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(20)


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(address, timeout=5):  # noqa: S310 - the server that was started above
                return
        except (URLError, OSError):
            time.sleep(0.3)
    raise AssertionError(f"no server at {address}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture
def window(chromium: Any) -> Iterator[Window]:
    context = chromium.new_context(viewport={"width": 1300, "height": 1000})
    yield Window(context.new_page())
    context.close()


def clicks_in(folder: Path, number: int) -> list[Any]:
    """Return what Python was told, as soon as it was told so often."""
    end = time.monotonic() + WAIT / 1000
    file = folder / "clicks.txt"
    while time.monotonic() < end:
        lines = file.read_text().splitlines() if file.exists() else []
        if len(lines) >= number:
            return [json.loads(line) for line in lines]
        time.sleep(0.1)
    raise AssertionError(f"Python was not told of {number} clicks")


def use(window: Window, folder: Path) -> None:
    """Click, and see what comes back."""
    page = window.page
    page.locator(".viewer[data-drawn]").wait_for(timeout=1000 * PATIENCE)
    window.canvas.scroll_into_view_if_needed()
    expect(page.get_by_label("Scale", exact=True)).to_have_value("sqrt")
    page.mouse.click(*window.at(0.5, 0.5, (4, 5)))
    assert clicks_in(folder, 1) == [[0, 0, 2]]
    page.locator("output", has_text="50 %").wait_for()
    page.get_by_role("checkbox", name="car").uncheck()
    window.canvas.scroll_into_view_if_needed()
    page.mouse.click(*window.at(0.5, 0.5, (4, 5)))
    assert clicks_in(folder, 2)[1] == [0, 0, 1]
    page.mouse.click(*window.at(3.5, 0.5, (4, 5)))
    assert clicks_in(folder, 3)[2] == [3, 0, 0]
    message = "clicked(3, 0, 0) failed: LookupError: nothing here"
    expect(page.locator(".viewer [role=alert]")).to_contain_text(message)


def test_jupyterlab(window: Window, tmp_path: Path) -> None:
    pytest.importorskip("jupyterlab", reason="jupyterlab is not installed (group browser)")
    pytest.importorskip("anywidget", reason="anywidget is not installed (group browser)")
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    notebook = {
        "cells": [cell | {"source": f"{CODE}\nwidget"}],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (tmp_path / "map.ipynb").write_text(json.dumps(notebook))
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser", "--ip=127.0.0.1"]
    command += [f"--port={port}", "--IdentityProvider.token=", "--LabApp.news_url=None"]
    with server(command, tmp_path, f"http://127.0.0.1:{port}/api"):
        page = window.page
        page.goto(f"http://127.0.0.1:{port}/lab/tree/map.ipynb?reset", timeout=1000 * PATIENCE)
        page.locator(".jp-Notebook .cm-content").first.click(timeout=1000 * PATIENCE)
        page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=1000 * PATIENCE)
        page.keyboard.press("Shift+Enter")
        use(window, tmp_path)


def test_marimo(window: Window, tmp_path: Path) -> None:
    pytest.importorskip("marimo", reason="marimo is not installed (group browser)")
    pytest.importorskip("anywidget", reason="anywidget is not installed (group browser)")
    body = "\n".join(f"    {line}" for line in CODE.splitlines())
    head = "import marimo\n\napp = marimo.App()\n\n\n@app.cell\ndef _():"
    tail = 'if __name__ == "__main__":\n    app.run()'
    (tmp_path / "map.py").write_text(f"{head}\n{body}\n    widget\n    return\n\n\n{tail}\n")
    port = free_port()
    command = [sys.executable, "-m", "marimo", "run", "map.py", "--headless", "--no-token"]
    command += ["--host=127.0.0.1", f"--port={port}"]
    with server(command, tmp_path, f"http://127.0.0.1:{port}/health"):
        window.page.goto(f"http://127.0.0.1:{port}", timeout=1000 * PATIENCE)
        use(window, tmp_path)
