"""Python examples of the README and the documentation."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from heatgrid.commands.demo import write_demo

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = sorted((ROOT / "docs").rglob("*.md"))


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def data_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate(("annotations", "train", "valid")):
        write_demo(tmp_path / f"{name}.json", images=20, seed=seed)
    truth = json.loads((tmp_path / "annotations.json").read_text())["annotations"]
    keys = ("image_id", "category_id", "bbox")
    results = [{key: one[key] for key in keys} | {"score": 0.9} for one in truth[::2]]
    (tmp_path / "results.json").write_text(json.dumps(results))


def run(code: str, page: Path) -> None:
    try:
        exec(compile(code, page.name, "exec"), {"__name__": "page"})  # noqa: S102
    except ImportError as error:  # an optional library is missing
        if (error.name or "").startswith("heatgrid"):
            raise
        pytest.skip(str(error))
    finally:
        if plots := sys.modules.get("matplotlib.pyplot"):
            plots.close("all")


@pytest.mark.parametrize("code", blocks(README))
def test_readme_examples_run(code: str) -> None:
    run(code, README)


@pytest.mark.peers
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.stem)
def test_page_examples_run(page: Path) -> None:
    run("\n".join(blocks(page)), page)


def test_readme_commands_are_one_line_each() -> None:
    code = README.read_text(encoding="utf-8")
    commands = re.findall(r"^<!-- command: (\w+) -->\n```sh\n(.*?)^```$", code, re.MULTILINE | re.DOTALL)
    assert {name: lines.count("\n") for name, lines in commands} == {"demo": 1, "test": 1}
