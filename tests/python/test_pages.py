"""Python examples of the README and the documentation."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from heatgrid.commands.cli import main
from heatgrid.commands.demo import HEIGHT, WIDTH, write_demo

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = sorted((ROOT / "docs").rglob("*.md"))


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def data_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate(("annotations", "train", "valid", "day", "night")):
        write_demo(tmp_path / f"{name}.json", images=20, seed=seed)
    write_predictions(tmp_path)
    truth = json.loads((tmp_path / "annotations.json").read_text())["annotations"]
    keys = ("image_id", "category_id", "bbox")
    results = [{key: one[key] for key in keys} | {"score": 0.9} for one in truth[::2]]
    (tmp_path / "results.json").write_text(json.dumps(results))
    (tmp_path / "points.csv").write_text("x,y\n100,200\n1000,700\n")
    (tmp_path / "clicks.csv").write_text("column,row\n100,200\n1000,700\n")


def write_predictions(folder: Path) -> None:
    """Write the objects of day.json, without those in the upper half, with scores."""
    document = json.loads((folder / "day.json").read_text())
    images = {image["id"]: image["file_name"] for image in document["images"]}
    classes = {category["id"]: category["name"] for category in document["categories"]}
    rows = ["image,class,x,y,width,height,score,image_width,image_height"]
    for i, own in enumerate(document["annotations"]):
        x, y, width, height = own["bbox"]
        if y + height / 2 > HEIGHT / 2:
            names = f"{images[own['image_id']]},{classes[own['category_id']]}"
            rows.append(f"{names},{x},{y},{width},{height},{0.5 + i % 5 / 10},{WIDTH},{HEIGHT}")
    (folder / "predictions.csv").write_text("\n".join(rows) + "\n")


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


@pytest.mark.peers
@pytest.mark.parametrize("name", ["ratios", "compare", "publish", "numbers"])
def test_page_commands_run(name: str) -> None:
    text = (ROOT / f"docs/how-to/{name}.md").read_text(encoding="utf-8")
    commands = re.findall(r"^heatgrid (.*)$", text, re.MULTILINE)
    assert commands
    for command in commands:
        if ".tif" in command:
            pytest.importorskip("rasterio", reason="rasterio is not installed")
        assert main([*shlex.split(command), "-q"]) == 0


def test_readme_commands_are_one_line_each() -> None:
    code = README.read_text(encoding="utf-8")
    commands = re.findall(r"^<!-- command: (\w+) -->\n```sh\n(.*?)^```$", code, re.MULTILINE | re.DOTALL)
    assert {name: lines.count("\n") for name, lines in commands} == {"demo": 1, "test": 1}
