"""The module in Chromium: a file counted in a worker, by pieces."""

from __future__ import annotations

import functools
import http.server
import json
import os
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg
from samples import DATA

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("HEATGRID_CHROMIUM", "/usr/bin/chromium")

pytestmark = pytest.mark.skipif(shutil.which(CHROMIUM) is None, reason="needs Chromium")

PAGE = """<!DOCTYPE html><title>heatgrid</title><input type="file"><script type="module">
import { Client } from "/cpp/wasm/npm/client.js";
const wasm = await (await fetch("/python/heatgrid/viz/page/kernel.wasm")).arrayBuffer();
window.count = async (options) => {
  const client = new Client({ wasm });
  const file = document.querySelector("input").files[0];
  const phases = [];
  const onProgress = ({ phase }) => phases.push(phase);
  const begin = performance.now();
  try {
    const { npz, report } = await client.coco(file, options, { name: file.name, onProgress });
    const seconds = (performance.now() - begin) / 1000;
    return { npz: Array.from(npz), counted: report.counted, seconds, phases: [...new Set(phases)] };
  } catch (error) {
    return { error: error.message, name: error.name };
  } finally {
    client.close();
  }
};
window.ready = true;
</script>"""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the repository, and the page at /."""

    def do_GET(self) -> None:
        if self.path != "/":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    sync = pytest.importorskip("playwright.sync_api")
    handler = functools.partial(Handler, directory=str(ROOT))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.wait_for_function("window.ready")
        yield page
        browser.close()
    server.shutdown()
    server.server_close()


def count(page: Any, path: Path, **options: Any) -> dict[str, Any]:
    page.set_input_files("input", str(path))
    return dict(page.evaluate(f"count({json.dumps(options)})"))


def test_a_file_is_counted_in_a_worker(page: Any) -> None:
    path = DATA / "coco" / "valid" / "instances_train2017.json"
    found = count(page, path, grid=[24, 32])
    assert hg.Heatmap.from_bytes(bytes(found["npz"])) == hg.heatmap(path, grid=(24, 32))
    assert found["phases"] == ["read", "select", "count"]


def test_errors_reach_the_page(page: Any) -> None:
    found = count(page, DATA / "coco" / "broken" / "cut_off.json", grid=8)
    assert found["name"] == "FormatError"
    assert found["error"].startswith("cut_off.json: ")
    assert count(page, DATA / "coco" / "broken" / "cut_off.json", grid=0)["name"] == "RangeError"
