"""``heatgrid demo``: a valid data set, its map and its picture."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

import heatgrid as hg
from heatgrid.commands.cli import main
from heatgrid.commands.demo import HEIGHT, OBJECTS, WIDTH, write_demo

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_equal_seeds_write_equal_files(tmp_path: Path) -> None:
    counts = [
        write_demo(tmp_path / f"{name}.json", images=30, seed=seed)
        for name, seed in (("one", 1), ("same", 1), ("two", 2))
    ]
    one, same, two = ((tmp_path / f"{name}.json").read_bytes() for name in ("one", "same", "two"))
    assert one == same
    assert counts[0] == counts[1]
    assert one != two


def test_demo_data_set_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    number = write_demo(path, images=200)
    document = json.loads(path.read_text())
    assert len(document["annotations"]) == number > 1000
    assert [annotation["id"] for annotation in document["annotations"]] == list(range(1, number + 1))
    for annotation in document["annotations"]:
        x, y, w, h = annotation["bbox"]
        assert 0 <= x < x + w <= WIDTH + 0.1
        assert 0 <= y < y + h <= HEIGHT + 0.1
    with_polygons = sum(bool(annotation["segmentation"]) for annotation in document["annotations"])
    assert 0 < with_polygons < number  # both kinds, mixed
    for seed in range(5):
        write_demo(path, images=100, seed=seed)
        report = hg.heatmap(path, on_error="raise").report
        assert report.images == 100
        assert report.counted == report.read
        assert not report.notes


def test_classes_have_different_places(tmp_path: Path) -> None:
    write_demo(tmp_path / "demo.json", images=300)
    heat = hg.heatmap(tmp_path / "demo.json", 50)
    assert set(heat.classes) == {kind.name for kind in OBJECTS}
    rows, columns = np.indices(heat.shape)

    def middle(name: str) -> tuple[float, float]:
        counts = heat[name].counts
        return float((rows * counts).sum() / counts.sum()), float((columns * counts).sum() / counts.sum())

    assert middle("traffic light")[0] < 0.4 * 50 < 0.5 * 50 < middle("car")[0]  # lights above, cars below
    assert middle("bicycle")[1] < middle("traffic light")[1]
    sides = heat["pedestrian"].counts.sum(axis=0)
    assert sides[:15].sum() + sides[35:].sum() > 5 * sides[15:35].sum()  # on both pavements


def test_command_writes_counts_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from PIL import Image

    folder = tmp_path / "new/demo"
    assert main(["demo", "-o", str(folder), "--images", "50", "--seed", "3"]) == 0
    output, messages = capsys.readouterr()
    assert messages == ""
    lines = output.splitlines()
    assert lines[0] == f"$ heatgrid map {folder}/annotations.json -o {folder}/heatmap.png"
    assert lines[-1] == f"wrote {folder.resolve()}/heatmap.png"
    heat = hg.heatmap(folder / "annotations.json")
    assert str(heat.stats()) in output
    assert hg.load(folder / "heatmap.npz") == heat
    with Image.open(folder / "heatmap.png") as picture:
        assert picture.format == "PNG"
        assert min(picture.size) > 300
    assert main(["demo", "-o", str(folder), "--images", "50", "--seed", "4"]) == 0  # over the old one
    assert hg.load(folder / "heatmap.npz") != heat


def test_folder_that_cannot_be_created(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["demo", "-o", str(tmp_path / "file/demo")]) == 1
    assert capsys.readouterr().err.startswith("heatgrid: error: ")


def test_printed_command_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "--images", "20"]) == 0
    command = capsys.readouterr().out.splitlines()[0].split()
    (tmp_path / "heatgrid-demo/heatmap.png").unlink()
    assert main(command[2:]) == 0
    assert (tmp_path / "heatgrid-demo/heatmap.png").exists()
