"""``heatgrid find``: cells, points, tables, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from samples import DATA

if TYPE_CHECKING:
    import pytest

SCENE = DATA / "coco/valid/scene/annotations.json"

Run = Any


def test_find_lists_annotations_of_a_cell(run: Run) -> None:
    code, output, _ = run("find", SCENE, "--cell", "6,2", "--grid", "8")
    assert code == 0
    assert output.splitlines()[-1] == "1 annotation on 1 image"
    header, row = output.splitlines()[:2]
    assert header.split() == ["image", "class", "split", "box", "place"]
    assert row.startswith(f"b.jpg  car    -      16 16 24 64  {SCENE}: annotations[2] (id 3)")
    code, output, _ = run("find", SCENE, "--cell=:,-6", "--grid", "8", "--json", "--class", "car")
    found = [json.loads(line) for line in output.splitlines()]
    assert {one["image"] for one in found} == {"a.jpg", "b.jpg"}
    code, output, _ = run("find", SCENE, "--cell", "6,2", "--grid", "8", "--rule", "area")
    assert output.splitlines()[1].split()[7] == "1"  # the covered area in cells


def test_find_rejects_invalid_cells(run: Run) -> None:
    for cell in ("6", "a,b", "1,2,3", ""):
        code, _, messages = run("find", SCENE, "--cell", cell)
        assert code == 2
        assert "expected ROW,COLUMN" in messages
    code, _, messages = run("find", SCENE, "--cell", "100,0")
    assert code == 1
    assert "cell must select at least one row of 100, got row 100" in messages


def test_find_reads_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(SCENE.read_bytes())))
    code, output, _ = run("find", "-", "--cell", "6,2", "--grid", "8")
    assert code == 0
    assert "standard input: annotations[" in output


def test_find_by_point(run: Run) -> None:
    cell = run("find", SCENE, "--cell", "6,2", "--grid", 8)
    assert run("find", SCENE, "--at", "0.26,0.8", "--grid", 8) == cell
    assert run("find", SCENE, "--at", "166.4,384/640x480", "--grid", 8) == cell
    assert run("find", SCENE, "--at", "700,384/640x480", "--grid", 8)[0] == 2
    assert run("find", SCENE, "--at", "2,0.5")[0] == 2
    assert run("find", SCENE)[0] == 2


def test_find_as_csv_with_limit(run: Run) -> None:
    everywhere = ("--cell", ":,:", "--grid", 8)
    lines = list(csv.DictReader(io.StringIO(run("find", SCENE, *everywhere, "--csv", "--limit", 2)[1])))
    found = [json.loads(line) for line in run("find", SCENE, *everywhere, "--json")[1].splitlines()]
    assert (len(lines), len(found)) == (2, 3)
    for line, one in zip(lines, found, strict=False):
        assert (line["image"], line["label"]) == (one["image"], one["label"])
        assert [float(line[side]) for side in ("x1", "y1", "x2", "y2")] == one["box"]
    text = run("find", SCENE, *everywhere, "--limit", 2)[1]
    assert text.splitlines()[-1] == "3 annotations on 2 images, 2 of them listed"
