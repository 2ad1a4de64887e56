"""``heatgrid view``: pages of data sets and saved maps."""

from __future__ import annotations

import base64
import json
import re
import webbrowser
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import heatgrid as hg
from samples import DATA

SCENE = DATA / "coco/valid/scene/annotations.json"
MIXED = DATA / "yolo/valid/mixed"

Run = Any


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what a browser would have been asked to open."""
    addresses: list[str] = []

    def remember(address: str) -> bool:
        addresses.append(address)
        return True

    monkeypatch.setattr(webbrowser, "open", remember)
    return addresses


def meta(path: Path) -> dict[str, Any]:
    found = re.search(r'id="heatgrid-meta">(.*?)</script>', path.read_text("utf-8"))
    assert found
    document: dict[str, Any] = json.loads(found[1])
    return document


def test_page_is_written_and_opened(run: Run, tmp_path: Path, opened: list[str]) -> None:
    page = tmp_path / "x.html"
    code, output, _ = run("view", SCENE, "-o", page, "--grid", "4x6", "--scale", "log", "--title", "T")
    assert (code, output) == (0, f"wrote {page}\n")
    assert opened == [page.as_uri()]
    found = meta(page)
    assert (found["rows"], found["columns"], found["title"]) == (4, 6, "T")
    assert found["settings"]["scale"] == "log"
    assert found["classes"] == list(hg.heatmap(SCENE).classes)


def test_page_without_output_is_temporary(run: Run, opened: list[str]) -> None:
    code, output, _ = run("view", SCENE)
    page = Path(output.removeprefix("wrote ").strip())
    assert code == 0
    assert opened == [page.as_uri()]
    assert meta(page)["title"] == "scene/annotations.json"
    page.unlink()
    page.parent.rmdir()


def test_no_open(run: Run, tmp_path: Path, opened: list[str]) -> None:
    code, _, _ = run("view", SCENE, "-o", tmp_path / "x.html", "--no-open")
    assert (code, opened) == (0, [])


def test_message_without_a_browser(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    code, _, messages = run("view", SCENE, "-o", tmp_path / "x.html")
    assert code == 0
    assert "no browser found" in messages


def test_page_has_all_splits(run: Run, tmp_path: Path) -> None:
    run("view", MIXED, "-o", tmp_path / "x.html", "-q")
    maps = hg.heatmaps(MIXED)
    found = meta(tmp_path / "x.html")
    assert found["splits"] == (list(maps) if len(maps) > 1 else [""])


def test_list_adds_annotations_of_cells(run: Run, tmp_path: Path) -> None:
    run("view", SCENE, "-o", tmp_path / "x.html", "--list", "annotations", "--limit", "2")
    assert meta(tmp_path / "x.html")["lists"]["kind"] == "annotations"


def test_lists_are_those_of_the_cells_of_the_map(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    for options, keywords in (
        (("--of", "size"), {"of": "size"}),
        (("--cells", "square"), {"cells": "square"}),
    ):
        assert (
            run("view", SCENE, "-o", page, "--no-open", "--list", "annotations", "--grid", 10, *options)[0]
            == 0
        )
        heat = hg.heatmap(SCENE, 10, **keywords)  # type: ignore[arg-type]
        found = meta(page)
        place = found["lists"]["totals"]
        packed = re.search(r'id="heatgrid-data">(.*?)</script>', page.read_text("utf-8"))
        assert packed
        data = zlib.decompress(base64.b64decode(packed[1]))
        totals = np.frombuffer(data, f"<{place['type']}", place["length"], place["start"])
        assert (found["rows"], found["columns"]) == heat.shape
        assert totals.tolist() == heat.counts.ravel().tolist()


def test_thumbnails_of_a_folder_are_relative_to_the_page(run: Run, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "out").mkdir()
    page = tmp_path / "out/x.html"
    for prefix, expected in ((tmp_path / "images", "../images/"), ("https://a.b/c", "https://a.b/c/")):
        run("view", SCENE, "-o", page, "--no-open", "--list", "images", "--thumbnails", prefix)
        assert meta(page)["thumbnails"] == expected


def test_preset_has_the_colors_of_its_analytics_page(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "x.html"
    for options, expected in (([], "heat"), (["--preset", "roboflow"], "roboflow")):
        run("view", SCENE, "-o", page, "--no-open", *options)
        assert meta(page)["settings"]["colormap"] == expected
    run("view", SCENE, "-o", page, "--no-open", "--preset", "roboflow", "--colormap", "jet")
    assert meta(page)["settings"]["colormap"] == "jet"


def test_saved_maps_are_named_after_their_files(run: Run, tmp_path: Path) -> None:
    heat = hg.heatmap(SCENE, 5)
    for name in ("before", "after"):
        heat.save(tmp_path / f"{name}.npz")
    code, _, _ = run("view", tmp_path / "before.npz", tmp_path / "after.npz", "-o", tmp_path / "x.html")
    assert code == 0
    assert meta(tmp_path / "x.html")["splits"] == ["before", "after"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "x.png"], "-o must name an .html file, got x.png"),
        (["--opacity", "0.5"], "--opacity needs --background"),
        (["--limit", "0"], "limit"),
        (["--thumbnails", "x"], "--thumbnails needs --list images"),
        (["map.npz"], "saved maps cannot be combined with annotations (map.npz is a map)"),
    ],
)
def test_wrong_usage_has_exit_code_2(run: Run, arguments: list[str], message: str) -> None:
    code, _, messages = run("view", SCENE, *arguments)
    assert code == 2
    assert message in messages


def test_computed_maps_next_to_counts(run: Run, tmp_path: Path) -> None:
    counts, rate, page = tmp_path / "counts.npz", tmp_path / "rate.npz", tmp_path / "x.html"
    run("map", SCENE, "--grid", "4", "-o", counts)
    run("map", SCENE, "--grid", "4", "--per-image", "-o", rate)
    code, output, _ = run("view", counts, rate, "-o", page, "--json")
    assert code == 0
    found = meta(page)
    assert found["splits"] == ["counts", "rate"]
    assert [one["unit"] for one in found["maps"]] == ["objects per cell", "objects per image"]
    numbers = json.loads(output)["maps"]
    assert numbers["rate"]["unit"] == "objects per image"
    heat = hg.heatmap(SCENE, 4)
    assert numbers["counts"]["report"]["counted"] == heat.report.counted
    assert numbers["rate"]["stats"]["max"] == heat.counts.max() / heat.report.images
