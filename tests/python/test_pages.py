"""Code blocks of the README and the site: each runs, and output that is shown is compared.

Output is what a terminal shows: stdout and stderr.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
import sys
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from heatgrid.commands.cli import main
from page_data import ROOT, write_data, write_video

if TYPE_CHECKING:
    from pathlib import Path

README = ROOT / "README.md"
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
MARK = r"^(?:<!-- (?P<mark>[^\n]*) -->\n)?"
FLAGS = re.MULTILINE | re.DOTALL
BLOCK = re.compile(MARK + r"```(?P<language>python|sh|text)\n(?P<code>.*?)^```$", FLAGS)
OTHERS = ("pip", "python", "python3", "git", "cmake", "curl", ".", ".venv/bin/heatgrid", "apt", ".ci/run")
SPEECH = {".md"}
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")


@dataclass(frozen=True)
class Block:
    """A block of a page, the comment above it, and the output shown below it."""

    language: str
    code: str
    mark: str
    output: str | None

    @property
    def is_run(self) -> bool:
        return not self.mark.startswith(("not run: ", "command: "))

    @property
    def codes(self) -> tuple[int, ...]:
        """Exit codes of commands: something not counted is no fault of an example."""
        return (int(self.mark.removeprefix("exit: ")),) if self.mark.startswith("exit: ") else (0, 3)


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = list(BLOCK.finditer(text))
    result = []
    for i, match in enumerate(found):
        after = found[i + 1] if i + 1 < len(found) else None
        shown = after if after and not text[match.end() : after.start()].strip() else None
        output = shown["code"] if shown and shown["language"] == "text" else None
        if match["language"] != "text":
            result.append(Block(match["language"], match["code"], match["mark"] or "", output))
    return result


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    write_data(folder)
    with contextlib.suppress(ImportError):
        write_video(folder / "street.mp4")
    with contextlib.suppress(ImportError):
        write_shards(folder)
    return folder


def write_shards(folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    (folder / "shards").mkdir()
    columns = {"image": ["a.jpg", "b.jpg"], "x1": [0, 10], "y1": [0, 20], "x2": [50, 60], "y2": [40, 70]}
    sizes = {"image_width": [640, 640], "image_height": [480, 480]}
    pq.write_table(pa.table(columns | sizes), folder / "shards/1.parquet")


@pytest.fixture(autouse=True)
def here(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "here"
    shutil.copytree(data, folder, symlinks=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr("webbrowser.open", lambda _: True)


def run_all(page: Path, *, apart: bool = False) -> None:
    """Run the blocks of a page in order, in one namespace or each in its own."""
    names: dict[str, Any] = {"__name__": "page"}
    for block in blocks(page):
        if not block.is_run:
            continue
        stream = io.StringIO()
        with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
            if block.language == "python":
                run_python(block.code, page, {"__name__": "page"} if apart else names)
            else:
                run_commands(block)
        if block.output is not None:
            assert shown(stream.getvalue()) == shown(block.output), block.code


def shown(text: str) -> list[str]:
    """Return lines without spaces at their ends and empty lines around them."""
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def run_python(code: str, page: Path, names: dict[str, Any]) -> None:
    try:
        exec(compile(code, page.name, "exec"), names)  # noqa: S102
    except ImportError as error:  # an optional library is missing
        if (error.name or "").startswith("heatgrid"):
            raise
        pytest.skip(str(error))
    finally:
        if plots := sys.modules.get("matplotlib.pyplot"):
            plots.close("all")


def run_commands(block: Block) -> None:
    for line in block.code.replace("\\\n", " ").splitlines():
        program, *arguments = shlex.split(line, comments=True) or ["."]
        if program != "heatgrid":
            assert program in OTHERS, line
            continue
        if any(".tif" in argument for argument in arguments):
            pytest.importorskip("rasterio", reason="rasterio is not installed")
        if "video" in arguments:
            pytest.importorskip("av", reason="av is not installed")
        assert main(arguments) in block.codes, line


def test_readme_runs() -> None:
    run_all(README, apart=True)


@pytest.mark.peers
# With the suffix, since other tests' data would find images in a folder whose name ends with "pictures".
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.name)
def test_page_runs(page: Path) -> None:
    run_all(page)


@pytest.mark.parametrize("page", [README, *PAGES], ids=lambda page: page.stem)
def test_block_is_run_or_says_why_not(page: Path) -> None:
    """Next to what runs here are data, and examples in files, which have tests of their own."""
    fences = re.findall(MARK + r"```(?!`)([^\n]*)\n(.*?)^```$", page.read_text(encoding="utf-8"), FLAGS)
    for mark, language, code in fences:
        is_file = code.startswith('--8<-- "docs/examples/')
        assert language in ("python", "sh", "text", "json") or is_file or mark.startswith("not run: "), code


def test_readme_commands_are_one_line_each() -> None:
    code = README.read_text(encoding="utf-8")
    commands = re.findall(r"^<!-- command: (\w+) -->\n```sh\n(.*?)^```$", code, re.MULTILINE | re.DOTALL)
    assert {name: lines.count("\n") for name, lines in commands} == {"demo": 1, "test": 1}


def test_readme_is_short() -> None:
    assert README.read_text(encoding="utf-8").count("\n") <= 150


@pytest.mark.parametrize("page", sorted(ROOT.glob("*.md")), ids=lambda page: page.name)
def test_relative_links_lead_to_files(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        path = page.parent / target
        assert path.exists(), target
        if anchor and path.suffix in SPEECH:
            assert anchor[1:] in anchors(path), target + anchor


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_extras_that_pages_name_exist() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for page in [README, *PAGES]:
        named = re.findall(r"(?:heatgrid|\.)\[([\w,]+)\]\"", page.read_text(encoding="utf-8"))
        assert set(",".join(named).split(",")) - {""} <= set(project["optional-dependencies"]), page


def test_messages_that_troubleshooting_names_exist() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "python/heatgrid").rglob("*.py")]
    text = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    messages = re.findall(r"^### `(.*)`$", text, re.MULTILINE)
    assert len(messages) > 15
    assert [text for text in messages if not any(text in source for source in sources)] == []


def test_example_of_a_format_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import import_module

    from heatgrid.io.options import ReadOptions

    monkeypatch.syspath_prepend(DOCS / "examples")
    text = (DOCS / "developing.md").read_text(encoding="utf-8")
    code = re.search(r"^```json\n(.*?)^```$", text, FLAGS)
    assert code is not None
    path = tmp_path / "a.json"
    path.write_text(code[1])
    module = import_module("format_photos")
    (batch,) = module.read(path, ReadOptions())
    assert batch.boxes.tolist() == [[10, 20, 40, 60]]
    assert (batch.classes, batch.sizes.tolist()) == (("car",), [[640, 480]])
