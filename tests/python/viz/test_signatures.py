"""Options in public signatures, checked by mypy and at run time."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import heatgrid as hg

PACKAGES = Path(hg.__file__).resolve().parents[1]

CALLS = {
    "save": 'heat.save("x.png", {option})',
    "image": "heat.image({option})",
    "plot": "heat.plot({option})",
    "view": "heat.view({option})",
    "save_page": 'hg.save_page(heat, "x.html", {option})',
    "page": "viz_page.page(heat, {option})",
    "widget": "viz_page.HeatmapWidget(heat, {option})",
    "map_figure": "viz.map_figure(heat, {option})",
    "grid_figure": "viz.grid_figure(heat.counts, {option})",
    "panel_figure": 'viz.panel_figure(heat.by_class, ["a"], {option})',
    "colorize": "viz.colorize(heat.counts, {option})",
    "comparison": "hg.compare(heat, heat).image({option})",
    "comparison_save": 'hg.compare(heat, heat).save("x.png", {option})',
}


def mypy(lines: list[str], folder: Path) -> dict[int, str]:
    """Return the messages of mypy by line."""
    pytest.importorskip("mypy", reason="mypy is not installed")
    head = ["import heatgrid as hg", "from heatgrid import viz", "from heatgrid.viz import page as viz_page"]
    snippet = folder / "snippet.py"
    snippet.write_text("\n".join([*head, "heat = hg.Heatmap(2)", *lines]) + "\n", encoding="utf-8")
    config = folder / "mypy.ini"
    config.write_text(
        f"[mypy]\nmypy_path = {PACKAGES}\nignore_missing_imports = True\nfollow_imports = silent\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", config, "--cache-dir", folder / "cache", snippet],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    found = (line.split(":", 2) for line in done.stdout.splitlines() if line.startswith("snippet.py"))
    return {int(number) - len(head) - 2: message for _, number, message in found if "error" in message}


def test_type_checker_rejects_misspelt_options(tmp_path: Path) -> None:
    right = [call.format(option='colormap="jet"') for call in CALLS.values()]
    wrong = [call.format(option='colourmap="jet"') for call in CALLS.values()]
    values = ['heat.save("x.png", scale="cubic")', 'heat.image(zero="white")', 'heat.image(size="large")']
    messages = mypy([*right, *wrong, *values], tmp_path)
    assert sorted(messages) == list(range(len(right), len(right) + len(wrong) + len(values))), messages
    for place in range(len(wrong)):
        assert 'Unexpected keyword argument "colourmap"' in messages[len(right) + place]


@pytest.mark.parametrize("suffix", ["png", "svg", "html", "json", "csv", "npz"])
def test_misspelt_options_name_the_format(suffix: str) -> None:
    wrong: dict[str, Any] = {"colourmap": "jet"}
    hint = r" \(did you mean 'colormap'\?\)" if suffix in {"png", "svg", "html"} else "$"
    with pytest.raises(TypeError, match=rf"colourmap is not an option of \.{suffix} files{hint}"):
        hg.Heatmap(2).save(io.BytesIO(), format=suffix, **wrong)


def test_misspelt_options_name_the_method() -> None:
    wrong: dict[str, Any] = {"color_map": "jet"}
    with pytest.raises(TypeError, match=r"image\(\) got .* 'color_map' \(did you mean 'colormap'\?\)"):
        hg.Heatmap(2).image(**wrong)
