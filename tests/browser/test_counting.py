"""The page that counts files: dropped files give Python's integers, and nothing leaves the page."""

from __future__ import annotations

import functools
import http.server
import io
import json
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg
from browser.test_accessibility import AXE, serious
from browser.windows import WAIT, Window, expect
from heatgrid.commands.cli import main
from samples import CLASSES, DATA, write_coco

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHARED = Path(__file__).parents[3] / "shared" / "data"
RULES: Any = ("center", "touch", "point", "area")
COCO = DATA / "coco" / "valid" / "instances_train2017.json"
YOLO = DATA / "yolo" / "valid" / "mixed"
SHARED_SOURCES = [
    SHARED / name
    for name in ("coco/taco/annotations.json", "coco/borrat-rle", "yolo/pest-rice-segment", "yolo/books")
    if (SHARED / name).exists()
]
LONGEST = """window.longest = 0; new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
}).observe({ type: "longtask" });"""


class Counter(Window):
    """The page that counts files."""

    def give(self, source: Path | list[Path]) -> None:
        """Choose a file, several, or a folder, and wait for the map or for an error."""
        is_folder = isinstance(source, Path) and source.is_dir()
        other = self.page.get_by_role("button", name="Other files")
        if other.is_visible():
            other.click()
        self.page.locator("input[type=file]").nth(int(is_folder)).set_input_files(source)
        self.wait()

    def wait(self) -> None:
        self.page.locator("#map .viewer[data-drawn], .alert:not([hidden])").first.wait_for()
        self.page.locator(".progress").wait_for(state="hidden")

    def count(self, **options: Any) -> None:
        """Change options, and wait until they are counted."""
        for name, value in options.items():
            control = self.page.get_by_label(name, exact=True)
            drawn = self.page.locator("#map .viewer").element_handle()
            if name in {"Rows of the grid", "Columns of the grid"}:
                control.fill(str(value))
                control.press("Tab")
            else:
                control.select_option(value)
            self.page.wait_for_function(
                "(old) => !old.isConnected || document.getElementById('heatgrid').shadowRoot"
                ".querySelector('.alert:not([hidden])')",
                arg=drawn,
            )
            self.wait()

    def saved(self, kind: str = "NPZ") -> hg.Heatmap:
        with self.page.expect_download() as waiting:
            self.page.get_by_role("button", name=f"{kind}: save all counts").click()
        return hg.Heatmap.from_bytes(Path(waiting.value.path()).read_bytes())

    @property
    def alert(self) -> str:
        return str(self.page.locator(".alert").inner_text())


def as_page(found: hg.Heatmap, own: hg.Heatmap) -> hg.Heatmap:
    """Return a map of Python with the classes in the page's order, which may read splits in another."""
    return own[list(found.classes)] if set(found.classes) == set(own.classes) else own


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "heatgrid.html"
    assert main(["page", "-o", str(path), "-q"]) == 0
    return path


@pytest.fixture
def opened(chromium: Any) -> Iterator[Callable[..., Counter]]:
    """Return what opens the page without a network, and checks that nothing was fetched or went wrong."""
    contexts: list[tuple[Counter, Any, str]] = []

    def open_page(address: str, *, width: int = 1300, scheme: Any = "light", offline: bool = True) -> Counter:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, offline=offline
        )
        counter = Counter(context.new_page())
        counter.page.add_init_script(LONGEST)
        contexts.append((counter, context, address))
        counter.page.goto(address)
        counter.page.locator(".counter").wait_for()
        return counter

    yield open_page
    for counter, context, address in contexts:
        found = [url for url in counter.requests if not url.startswith(("blob:", "data:"))]
        context.close()
        assert counter.errors == []
        assert found == [address]


@pytest.fixture
def counter(opened: Callable[..., Counter], written: Path) -> Counter:
    return opened(written.as_uri())


def test_the_page_is_small_and_its_policy_strict(written: Path) -> None:
    text = written.read_text(encoding="utf-8")
    assert len(text.encode()) <= 500_000
    policy = text.partition('http-equiv="Content-Security-Policy" content="')[2].partition('"')[0]
    parts = dict(part.split(" ", 1) for part in policy.split("; "))
    assert parts["default-src"] == parts["connect-src"] == "'none'"
    assert parts["worker-src"] == "blob:"
    assert "unsafe" not in policy.replace("'wasm-unsafe-eval'", "")


@pytest.mark.parametrize("source", [COCO, YOLO, *SHARED_SOURCES], ids=lambda path: "/".join(path.parts[-2:]))
def test_every_rule_gives_the_integers_of_python(counter: Counter, source: Path) -> None:
    counter.give(source)
    for rule in RULES:
        if rule != "center":
            counter.count(Rule=rule)
        found, own = counter.saved(), hg.heatmap(source, 100, rule=rule)
        assert found.counts.any()
        assert found == as_page(found, own)
        assert found.report.by_class() == own.report.by_class()


def test_grid_geometry_and_count_can_be_changed(counter: Counter) -> None:
    counter.give(COCO)
    counter.count(**{"Rows of the grid": 24, "Columns of the grid": 32, "Geometry": "polygon"})
    assert counter.saved() == hg.heatmap(COCO, (24, 32), geometry="polygon")
    counter.count(Count="images")
    assert counter.saved("JSON") == hg.heatmap(COCO, (24, 32), geometry="polygon", count="images")
    counter.count(Rule="area")
    assert counter.alert.startswith("count='images' cannot be combined with rule='area'")
    counter.count(Count="instances")
    assert counter.page.locator(".alert").is_hidden()
    assert counter.saved() == hg.heatmap(COCO, (24, 32), geometry="polygon", rule="area")
    counter.count(**{"Rows of the grid": 0})
    assert counter.alert.startswith("Grid: rows and columns must be whole numbers")


def test_the_page_counts_on_a_server(opened: Callable[..., Counter], written: Path) -> None:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(written.parent))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/heatgrid.html"
        counter = opened(address, offline=False)
        counter.requests = [url for url in counter.requests if not url.endswith("/favicon.ico")]
        counter.give(COCO)
        assert counter.saved() == hg.heatmap(COCO, 100)
        assert "Failed to fetch" in counter.page.evaluate("() => fetch(location.href).catch(String)")
        counter.errors.clear()  # that of the policy
    finally:
        server.shutdown()
        server.server_close()


DROP = """async ([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


def test_a_dropped_file_and_its_class_splits_and_sizes(counter: Counter, tmp_path: Path) -> None:
    source = write_coco(
        tmp_path / "street.json",
        [(200, 100)] * 3,
        [(i % 3, CLASSES[i % 2], (i, i, 30.0, 20.0)) for i in range(30)],
    )
    counter.page.evaluate(DROP, ["street.json", source.read_text()])
    counter.wait()
    own = hg.heatmap(source, 100)
    assert counter.saved() == own
    assert counter.text("#map header p").startswith("30 objects · 3 images · 2 classes, 1 without")
    rows = counter.page.locator("#classes tbody tr")
    assert [cell.split("\n")[0] for cell in rows.locator("th").all_inner_texts()] == list(CLASSES[:2])
    counter.page.locator(".class-name", has_text=CLASSES[0]).click()
    assert counter.text("#map header p").startswith(f"15 objects · {CLASSES[0]} · 1 of 3 classes")
    assert "outcome" not in counter.text("#report")
    sizes = hg.heatmap(source, 100, of="size", geometry="box")
    with counter.page.expect_download() as waiting:
        counter.page.locator("#sizes").get_by_role("button", name="CSV: save the shown map").click()
    lines = Path(waiting.value.path()).read_text().splitlines()[1:]
    assert [int(line.rsplit(",", 1)[1]) for line in lines] == sizes[CLASSES[0]].counts.ravel().tolist()


def test_archives_and_several_files(counter: Counter, tmp_path: Path) -> None:
    for split in ("train", "val"):
        write_coco(
            tmp_path / f"{split}.json", [(100, 100)] * 4, [(i % 4, "cat", (i, i, 9.0, 9.0)) for i in range(9)]
        )
    files = [tmp_path / "train.json", tmp_path / "val.json"]
    counter.give(files)
    assert counter.saved() == hg.heatmap(files, 100)
    assert "2 splits" in counter.text("#map header p")
    assert counter.page.locator("#map .panel:has(h2:text-is('Splits')) .name-row").count() == 2
    with zipfile.ZipFile(tmp_path / "both.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, f"set/annotations/{file.name}")
        archive.writestr("set/other.xml", "<a/>")
    counter.give(tmp_path / "both.zip")
    assert counter.saved() == hg.heatmap(files, 100)
    assert "both.zip/set/other.xml: not read in the browser" in counter.text("#report")
    assert "heatgrid map both.zip" in counter.text("#report")


def broken_files(folder: Path) -> list[Path]:
    """Write files that cannot be counted."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.xml", "<annotation/>")
    packed = stream.getvalue()
    captions = {
        "images": [{"id": 1, "width": 9, "height": 9}],
        "annotations": [{"id": 1, "image_id": 1, "caption": "x"}],
        "categories": [],
    }
    texts: dict[str, str | bytes] = {
        "empty.json": "",
        "cut.json": '{"images": [{"id": 1',
        "list.json": "[]",
        "null.json": "null",
        "number.json": "5",
        "text.json": '"a"',
        "object.json": "{}",
        "images.json": '{"images": 5}',
        "html.json": "<!doctype html>",
        "nul.json": "\0" * 100,
        "wide.json": "{".encode("utf-16"),
        "byte.json": b'{"images": [], "annotations": [], "categories": [{"id": 1, "name": "\xff"}]}',
        "captions.json": json.dumps(captions),
        "deep.json": "[" * 100_000,
        "twice.json": '{"images": [], "images": [], "annotations": []}',
        "empty.zip": b"PK\x05\x06" + bytes(18),
        "cut.zip": packed[:-9],
        "other.zip": packed,
        "no.zip": "nothing",
        "words.txt": "these are no rows",
        "picture.png": b"\x89PNG\r\n",
        "a.xml": "<annotation/>",
        "no suffix": "x",
    }
    for name, text in texts.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return [folder / name for name in texts]


def test_broken_files_give_errors_and_the_page_lives_on(counter: Counter, tmp_path: Path) -> None:
    files = broken_files(tmp_path)
    assert len(files) >= 20
    for file in files:
        counter.give(file)
        assert counter.page.locator(".alert").is_visible(), file
        assert file.name in counter.alert or file.suffix == ".zip"
        assert counter.page.locator("#map").count() == 0
    counter.give(COCO)
    assert counter.saved() == hg.heatmap(COCO, 100)


def test_a_large_file_does_not_block_the_page_and_can_be_cancelled(counter: Counter, tmp_path: Path) -> None:
    names = [f"class {k}" for k in range(40)]
    boxes: list[Any] = [(i % 5000, names[i % 40], (i % 300, i % 200, 40.0, 30.0)) for i in range(150_000)]
    source = write_coco(tmp_path / "large.json", [(640, 480)] * 5000, boxes, more_classes=names)
    counter.page.evaluate("window.longest = 0")
    counter.page.locator("input[type=file]").first.set_input_files(source)
    cancel = counter.page.get_by_role("button", name="Cancel")
    cancel.click()
    expect(counter.page.locator(".alert")).to_have_text("Cancelled.")
    counter.give(source)
    assert counter.saved() == hg.heatmap(source, 100)
    longest = counter.page.evaluate("window.longest")
    assert longest < 400, "milliseconds; it is below 100 on a machine without other load: python -m bench"


def test_the_sample_by_keyboard(counter: Counter) -> None:
    page = counter.page
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    counter.wait()
    assert counter.text("#map header p").endswith("240 images · 4 classes · 100 by 100 cells")
    page.get_by_label("Rule", exact=True).focus()
    page.keyboard.press("t")
    page.locator(".meaning", has_text="all cells that it overlaps").wait_for()
    counter.wait()
    assert counter.saved().spec.rule == "touch"
    page.get_by_role("button", name="Other files").press("Enter")
    expect(page.locator(".drop")).to_be_visible()


@pytest.mark.skipif(not AXE.exists(), reason=f"{AXE} is not there (npm pack axe-core)")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1600])
def test_no_serious_fault(opened: Callable[..., Counter], written: Path, width: int, scheme: str) -> None:
    counter = opened(written.as_uri(), width=width, scheme=scheme)
    assert serious(counter) == []
    counter.give(DATA / "coco" / "broken" / "cut_off.json")
    assert serious(counter) == []
    counter.give(COCO)
    assert serious(counter) == []
    assert counter.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert counter.page.evaluate("document.documentElement.scrollHeight") > WAIT / 100
