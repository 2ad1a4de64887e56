"""Outputs that would overwrite inputs, and names that could mislead a terminal, spreadsheet or reader."""

from __future__ import annotations

import csv
import io
import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import heatgrid as hg
from heatgrid.validate import validate
from samples import DATA

SCENE = DATA / "coco/valid/scene/annotations.json"
HIDING = "a\x1b[2J\u202eb\u2028c\u2066d"
ESCAPED = r"a\u001b[2J\u202eb\u2028c\u2066d"

Run = Any


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return Path(shutil.copy(SCENE, tmp_path / "in.json"))


def refused(run: Run, *arguments: object) -> bool:
    """Return whether the command ends with a usage error about an output that is an input."""
    code, _, messages = run(*arguments)
    return code == 2 and "would overwrite an input" in messages


@pytest.mark.parametrize("command", ["map", "compare", "view"])
def test_output_is_the_source(command: str, run: Run, source: Path) -> None:
    before = source.read_bytes()
    output = source.rename(source.with_suffix(".html")) if command == "view" else source
    sources = [output, output] if command == "compare" else [output]
    options = ["--no-open"] if command == "view" else []
    assert refused(run, command, *sources, "-o", output, *options)
    assert output.read_bytes() == before


@pytest.mark.parametrize("link", ["symbolic", "hard", "dotted"])
def test_output_is_a_link_to_the_source(link: str, run: Run, source: Path, tmp_path: Path) -> None:
    before, output = source.read_bytes(), tmp_path / "out.json"
    if link == "symbolic":
        output.symlink_to(source)
    elif link == "hard":
        output.hardlink_to(source)
    else:
        (tmp_path / "folder").mkdir()
        output = tmp_path / "folder" / ".." / "in.json"
    assert refused(run, "map", source, "-o", output)
    assert source.read_bytes() == before


def test_output_is_data_in_a_source_folder(run: Run, source: Path, tmp_path: Path) -> None:
    Image.new("L", (9, 9)).save(tmp_path / "photo.png")
    assert refused(run, "map", tmp_path, "-o", source)
    assert refused(run, "map", tmp_path, "-o", tmp_path / "photo.png")
    for name in ("map.png", "map.json", "map.csv"):  # written twice: the second replaces our own file
        for _ in range(2):
            assert run("map", source, "--images", tmp_path, "-o", tmp_path / name)[0] == 0


def test_output_is_the_checkpoint_or_background(run: Run, source: Path, tmp_path: Path) -> None:
    assert refused(run, "map", source, "--checkpoint", tmp_path / "a.npz", "-o", tmp_path / "a.npz")
    assert refused(run, "map", source, "--checkpoint", source)
    Image.new("RGB", (9, 9)).save(tmp_path / "below.png")
    below = tmp_path / "below.png"
    assert refused(run, "map", source, "--background", below, "-o", below)


def test_output_is_a_merged_map(run: Run, source: Path, tmp_path: Path) -> None:
    maps = [tmp_path / "a.npz", tmp_path / "b.npz"]
    for path in maps:
        assert run("map", source, "-o", path)[0] == 0
    before = maps[1].read_bytes()
    assert refused(run, "map", *maps, "-o", maps[1])
    assert maps[1].read_bytes() == before


def test_output_is_the_detections_of_a_video(run: Run, tmp_path: Path) -> None:
    rows = tmp_path / "det.json"
    rows.write_text('[{"image_id": 1, "category_id": 1, "bbox": [1, 1, 5, 5], "score": 0.9}]')
    assert refused(run, "video", "--detections", rows, "--size", "16x16", "--map", rows)


@pytest.mark.parametrize("name", ["=1+1", "@sum(a)", "+cmd|' /C calc'!A0", "-2+3", "\tx", "\rx"])
def test_formulas_in_csv(name: str) -> None:
    heat = hg.Heatmap(2, classes=[name, "b=c"])
    header = next(row for row in csv.reader(io.StringIO(csv_of(heat))) if row[0] == "row")
    assert header[3] == "'" + name.replace("\t", r"\u0009").replace("\r", r"\u000d")
    assert header[4] == "b=c"


def csv_of(heat: hg.Heatmap, suffix: str = "csv") -> str:
    stream = io.BytesIO()
    heat.save(stream, format=suffix)
    return stream.getvalue().decode()


def test_names_in_files() -> None:
    heat = hg.Heatmap(2, classes=[HIDING])
    assert ESCAPED in csv_of(heat)
    text = csv_of(heat, "json")
    assert "\u202e" not in text
    assert json.loads(text)["classes"] == [HIDING]  # exact, although escaped in the file
    page = csv_of(heat, "html")
    assert not {"\u202e", "\u2028", "\x1b"} & set(page)
    svg = csv_of(heat, "svg")
    assert not {"\u202e", "\u2028", "\x1b"} & set(svg)
    ET.fromstring(svg)  # noqa: S314 - written here


def test_names_in_messages(run: Run, tmp_path: Path) -> None:
    document = json.loads(SCENE.read_text())
    document["categories"][0]["name"] = HIDING
    document["images"][0]["file_name"] = HIDING
    document["annotations"][0] |= {"id": HIDING, "bbox": None}
    path = tmp_path / "names.json"
    path.write_text(json.dumps(document))
    heat = hg.heatmap(path)
    texts = [str(heat.report), str(validate(path)), str(hg.compare(path, SCENE, permutations=9))]
    for command in (["map"], ["check"], ["find", "--cell", "0:100,0:100"]):
        texts += run(*command[:1], path, *command[1:])[1:]
    for text in texts:
        assert not {"\u202e", "\u2028", "\x1b", "\u2066"} & set(text)
    assert sum(ESCAPED in text for text in texts) >= 4
