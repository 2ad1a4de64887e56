"""``heatgrid map`` of saved maps: sums, pictures, and incompatible maps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg
from heatgrid.core.counts import Counts
from heatgrid.core.spec import CountSpec
from heatgrid.io.npz import dump
from samples import DATA

if TYPE_CHECKING:
    from pathlib import Path

SCENE = DATA / "coco/valid/scene/annotations.json"

Run = Any


def saved(path: Path, *names: str, grid: int = 3, **options: Any) -> hg.Heatmap:
    """Save a map with a point of each of these classes."""
    heat = hg.Heatmap(grid, tuple(dict.fromkeys(names)) or None, **options)
    points = [[0.1 + 0.2 * i, 0.5] for i in range(len(names) or 1)]
    heat.add_points(points, labels=list(names) or None)
    heat.save(path)
    return heat


def test_classes_are_matched_by_name(tmp_path: Path, run: Run) -> None:
    a, b, c, out = (tmp_path / f"{name}.npz" for name in ("a", "b", "c", "all"))
    maps = [saved(a, "cat", "dog"), saved(b, "dog", "bird", "dog"), saved(c, "cat")]
    code, output, messages = run("map", a, b, c, "-o", out)
    assert (code, messages) == (0, "")
    assert output.startswith("6 of 6 annotations counted")
    assert output.endswith(f"wrote {out}\n")
    merged = hg.load(out)
    assert merged == sum(maps)
    assert merged.classes == ("cat", "dog", "bird")
    assert merged.report == maps[0].report + maps[1].report + maps[2].report


def test_other_suffixes(tmp_path: Path, run: Run) -> None:
    saved(tmp_path / "a.npz")
    assert run("map", tmp_path / "a.npz", tmp_path / "a.npz", "-o", tmp_path / "all.csv")[0] == 0
    assert "1,0,2" in (tmp_path / "all.csv").read_text()


def test_classes_with_and_without(tmp_path: Path, run: Run) -> None:
    for name, names, options in (("a", ["cat"], {}), ("b", [], {}), ("c", [], {"by_class": False})):
        saved(tmp_path / f"{name}.npz", *names, **options)
    assert run("map", tmp_path / "a.npz", tmp_path / "b.npz", "-o", tmp_path / "all.npz")[0] == 0
    assert hg.load(tmp_path / "all.npz").classes == ("cat", "(none)")
    code, _, messages = run("map", tmp_path / "a.npz", tmp_path / "c.npz", "-o", tmp_path / "none.npz")
    assert code == 1
    assert "maps must both have classes, or neither" in messages


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (
            (),
            {"grid": 4},
            "b.npz cannot be added to {a}: maps must have the same grid, got (3, 3) and (4, 4)",
        ),
        ((), {"rule": "touch"}, "maps must have the same rule, got 'center' and 'touch'"),
        ((), {"count": "images"}, "maps must have the same count, got 'instances' and 'images'"),
    ],
)
def test_incompatible_maps_are_named(
    names: tuple[str, ...], options: dict[str, Any], message: str, tmp_path: Path, run: Run
) -> None:
    a, b = tmp_path / "a.npz", tmp_path / "b.npz"
    saved(a)
    if "count" in options:
        hg.Heatmap(3, **options).save(b)
    else:
        saved(b, *names, **options)
    code, _, messages = run("map", a, b, "-o", tmp_path / "all.npz")
    assert code == 1
    assert message.format(a=a) in messages
    assert not (tmp_path / "all.npz").exists()


def test_overflow_names_the_file(tmp_path: Path, run: Run) -> None:
    a = tmp_path / "a.npz"
    heat = saved(a)
    heat.fill(heat.counts[None] * 2**62)
    heat.save(a)
    code, _, messages = run("map", a, a, "-o", tmp_path / "all.npz")
    assert code == 1
    assert "a.npz: the sum of the two maps does not fit" in messages


def test_unfinished_checkpoint_is_rejected(tmp_path: Path, run: Run) -> None:
    part = tmp_path / "part.npz"
    part.write_bytes(dump(Counts(CountSpec(grid=(3, 3))), {"checkpoint": {"finished": False}}))
    code, _, messages = run("map", part, "-o", tmp_path / "all.npz")
    assert code == 1
    assert f"{part}: the checkpoint of an unfinished count" in messages


def test_other_file_is_rejected(tmp_path: Path, run: Run) -> None:
    (tmp_path / "a.npz").write_text("nothing")
    code, _, messages = run("map", tmp_path / "a.npz", "-o", tmp_path / "all.npz")
    assert code == 1
    assert "a.npz: not a map saved by heatgrid" in messages
    assert run("map", tmp_path / "b.npz", "-o", tmp_path / "all.npz")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.npz", "-o", "all.xyz"], "suffix '.xyz' is not known"),
        (["a.npz", "--grid", "5"], "--grid has no effect on saved maps"),
        (["a.npz", "--class", "cat"], "--class has no effect on saved maps"),
        (["a.npz", "a.json"], "saved maps cannot be combined with annotations (a.npz is a map)"),
    ],
)
def test_wrong_usage_has_exit_code_2(arguments: list[str], message: str, run: Run) -> None:
    code, _, messages = run("map", *arguments)
    assert code == 2
    assert message in messages


@pytest.mark.parametrize("suffix", ["png", "svg", "html", "csv", "json"])
def test_saved_map_is_drawn_like_the_map_itself(suffix: str, tmp_path: Path, run: Run) -> None:
    heat = saved(tmp_path / "a.npz", "cat", "dog")
    options: dict[str, Any] = (
        {"title": "Cats", "colormap": "viridis"} if suffix in {"png", "svg", "html"} else {}
    )
    heat.save(tmp_path / f"expected.{suffix}", **options)
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    assert run("map", tmp_path / "a.npz", "-o", tmp_path / f"drawn.{suffix}", *words)[0] == 0
    assert (tmp_path / f"drawn.{suffix}").read_bytes() == (tmp_path / f"expected.{suffix}").read_bytes()


@pytest.mark.parametrize(
    "options", [{}, {"count": "images"}, {"rule": "area"}, {"by_class": False}, {"classes": ["car"]}], ids=str
)
def test_json_is_loaded_like_npz(options: dict[str, Any], tmp_path: Path, run: Run) -> None:
    heat = hg.heatmap(SCENE, 7, **options)
    heat.save(tmp_path / "a.json")
    loaded = hg.load(tmp_path / "a.json")
    assert loaded == heat
    assert (loaded.classes, loaded.report) == (heat.classes, heat.report)
    assert loaded + heat == heat + heat
    code = run("map", tmp_path / "a.json", tmp_path / "a.json", "-o", tmp_path / "twice.npz")[0]
    assert (code, hg.load(tmp_path / "twice.npz")) == (0, heat + heat)


def test_broken_json_is_rejected(tmp_path: Path) -> None:
    hg.heatmap(SCENE, 3).save(tmp_path / "a.json")
    good = json.loads((tmp_path / "a.json").read_text())
    for change in ({"counts": [[1, 2], [3]]}, {"counts": [[1.5] * 3] * 3}, {"grid": [3, 4]}, {"version": 2}):
        (tmp_path / "b.json").write_text(json.dumps(good | change))
        with pytest.raises(hg.FormatError, match=r"b\.json: not a map saved by heatgrid"):
            hg.load(tmp_path / "b.json")


def test_classes_of_saved_maps(tmp_path: Path, run: Run) -> None:
    saved(tmp_path / "a.npz", "cat", "dog")
    saved(tmp_path / "b.npz", "dog")
    code, output, _ = run("classes", tmp_path / "a.npz", tmp_path / "b.npz", "--json")
    listed = json.loads(output)["classes"]
    assert (code, [(row["name"], row["objects"]) for row in listed]) == (0, [("dog", 2), ("cat", 1)])


@pytest.mark.parametrize("command", [("find", "--cell", "1,1"), ("check",)])
def test_commands_that_read_annotations_reject_maps(command: tuple[str, ...], run: Run) -> None:
    code, _, messages = run(command[0], "a.npz", *command[1:])
    assert code == 2
    assert "a.npz is a saved map; this command reads annotations" in messages
