"""Windows of a real browser: open a page, point at it, read what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg

if TYPE_CHECKING:
    from pathlib import Path

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (group browser)")

WAIT = 20_000
"""Milliseconds after which something that should happen has not."""

expect: Any = sync_api.expect
"""Assertions that wait: what an action changes is drawn with the next frame, or later."""
expect.set_options(timeout=WAIT)


DRAWN = """() => {
  const { background } = JSON.parse(document.getElementById("heatgrid-meta").textContent);
  const canvas = document.getElementById("heatgrid").shadowRoot.querySelector("canvas.canvas");
  return !background || canvas.dataset.background === "drawn";
}"""
"""True if the page has drawn its background, which takes a while to decode."""


class Window:
    """A page that shows maps, and what went wrong on it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.set_default_timeout(WAIT)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console", lambda message: self.errors.append(message.text) if message.type == "error" else None
        )
        page.on("request", lambda request: self.requests.append(request.url))

    def show(self, path: Path) -> None:
        self.page.goto(path.as_uri())
        self.page.locator(".viewer[data-drawn]").first.wait_for()
        self.page.wait_for_function(DRAWN)
        self.settle()

    def settle(self) -> None:
        """Wait until what was asked for is drawn."""
        self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    @property
    def canvas(self) -> Any:
        return self.page.locator("canvas.canvas")

    def view(self) -> tuple[int, int, int]:
        """Return the view's state: zoom level and origin."""
        self.settle()
        data = self.canvas.evaluate("canvas => ({...canvas.dataset})")
        return int(data["level"]), int(data["x"]), int(data["y"])

    def point(self, u: float, v: float) -> tuple[float, float]:
        """Return where in the window a share of the canvas is."""
        box = self.canvas.bounding_box()
        return box["x"] + u * box["width"], box["y"] + v * box["height"]

    def at(self, row: float, column: float, shape: tuple[int, int]) -> tuple[float, float]:
        """Return where in the window a place of the whole map is, in cells, when it is not zoomed."""
        return self.point(column / shape[1], row / shape[0])

    def text(self, selector: str) -> str:
        self.settle()
        return str(self.page.locator(selector).inner_text())

    def pixels(self, shape: tuple[int, int], at: float = 0.5) -> list[list[int]]:
        """Return RGBA in the middle of every cell, or at another share of its sides, row by row."""
        self.settle()
        found: list[list[int]] = self.canvas.evaluate(
            """(canvas, [rows, columns, at]) => {
              const {data, width} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
              const found = [];
              for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) {
                const x = Math.floor((c + at) * canvas.width / columns);
                const y = Math.floor((r + at) * canvas.height / rows);
                found.push([...data.slice(4 * (y * width + x), 4 * (y * width + x) + 4)]);
              }
              return found;
            }""",
            [*shape, at],
        )
        return found


class Windows:
    """Opens pages, and checks at the end that nothing went wrong and nothing was fetched."""

    def __init__(self, chromium: Any, folder: Path) -> None:
        self.chromium, self.folder = chromium, folder
        self.opened: list[tuple[Window, Any]] = []

    def open(
        self, maps: Any, *, size: tuple[int, int] = (1200, 900), context: Any = None, **options: Any
    ) -> Window:
        path = self.folder / f"map{len(self.opened)}.html"
        hg.save_page(maps, path, **options)
        return self.open_file(path, size=size, context=context)

    def open_file(self, path: Path, *, size: tuple[int, int] = (1200, 900), context: Any = None) -> Window:
        made = self.chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, offline=True, **(context or {})
        )
        window = Window(made.new_page())
        self.opened.append((window, made))
        window.show(path)
        return window

    def close(self) -> None:
        for window, context in self.opened:
            own = [url for url in window.requests if not url.startswith(("file://", "data:"))]
            files = [url for url in window.requests if url.startswith("file://")]
            context.close()
            assert window.errors == []
            assert own == []
            assert len(files) == 1, "the page is one file"
