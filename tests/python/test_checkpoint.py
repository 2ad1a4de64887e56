"""Checkpoints: interrupted counts resume and end with the same map and report."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg
from heatgrid.commands.demo import write_demo
from heatgrid.core.counts import Counts
from heatgrid.core.spec import CountSpec
from heatgrid.errors import FormatError
from heatgrid.io import checkpoint as module
from heatgrid.io.npz import dump, read_counts

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.core.annotations import Annotations


class Interruption(Exception):  # noqa: N818 - no error
    """Signal for the end of a process."""


@pytest.fixture
def sources(tmp_path: Path) -> list[Path]:
    """A broken file, a folder of YOLO labels in four batches, two files of scenes and a table."""
    labels = tmp_path / "yolo/labels/train"
    labels.mkdir(parents=True)
    (tmp_path / "yolo/data.yaml").write_text("names: [a, b]\ntrain: images/train\n")
    for i in range(10):
        (labels / f"{i}.txt").write_text(f"{i % 2} 0.5 0.5 0.{i + 1} 0.2\n1 2 3\n")
    (tmp_path / "broken.json").write_text("{")
    for seed in (1, 2):
        write_demo(tmp_path / f"scenes{seed}.json", images=8, seed=seed)
    (tmp_path / "table.csv").write_text("image,class,xmin,ymin,xmax,ymax\na.jpg,a,0.1,0.1,0.5,0.5\n")
    return [tmp_path / name for name in ("broken.json", "yolo", "scenes1.json", "table.csv", "scenes2.json")]


OPTIONS: dict[str, Any] = {"batch_images": 3, "count": "images", "rule": "touch"}


def count(sources: list[Path], **more: Any) -> hg.Heatmap:
    return hg.heatmap(sources, (9, 11), **(OPTIONS | more))


def count_until(batches: int, sources: list[Path], path: Path, **more: Any) -> hg.Heatmap | None:
    """Count until so many batches are counted; None if that interrupts the count."""
    left = batches

    def add(self: Counts, batch: Annotations, **options: Any) -> Any:
        nonlocal left
        if left == 0:
            raise Interruption
        left -= 1
        return whole(self, batch, **options)

    whole = Counts.add_batch
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SECONDS", 0.0)
        patch.setattr(module, "_SHARE", 1e9)  # write after every batch
        patch.setattr(Counts, "add_batch", add)
        try:
            return count(sources, checkpoint=path, **more)
        except Interruption:
            return None


def same(one: hg.Heatmap, other: hg.Heatmap) -> bool:
    return one == other and one.report == other.report


@pytest.mark.parametrize("every", [1, 2, 3, 5])
def test_interrupted_counts_end_the_same(every: int, sources: list[Path], tmp_path: Path) -> None:
    interruptions = 0
    while (found := count_until(every, sources, tmp_path / "state.npz")) is None:
        interruptions += 1
        assert interruptions < 20
    assert interruptions >= 1
    assert same(found, count(sources))
    assert same(hg.load(tmp_path / "state.npz"), found)


@pytest.mark.parametrize("every", [1, 3])
def test_areas_are_equal_to_the_last_bit(every: int, sources: list[Path], tmp_path: Path) -> None:
    options = {"rule": "area", "count": "instances"}
    heat, path = None, tmp_path / "state.npz"
    while heat is None:
        heat = count_until(every, sources, path, **options)
    expected = count(sources, **options)
    assert heat.counts.tobytes() == expected.counts.tobytes()
    assert heat.by_class.tobytes() == expected.by_class.tobytes()


def test_sources_that_are_done_are_not_read_again(
    sources: list[Path], tmp_path: Path, monkeypatch: Any
) -> None:
    from heatgrid.io.formats import tables

    path = tmp_path / "state.npz"
    whole = count_until(99, sources, path)
    assert whole is not None
    monkeypatch.setattr(tables, "read", None)  # cannot be called
    assert same(count(sources, checkpoint=path), whole)


def test_a_source_passed_twice_is_counted_twice(sources: list[Path], tmp_path: Path) -> None:
    twice = [sources[2], sources[2], sources[2]]
    assert count_until(2, twice, tmp_path / "state.npz") is None
    assert same(count(twice, checkpoint=tmp_path / "state.npz"), count(twice))


def test_a_checkpoint_can_be_loaded_as_a_map(sources: list[Path], tmp_path: Path) -> None:
    assert count_until(2, sources, tmp_path / "state.npz") is None
    so_far = hg.load(tmp_path / "state.npz")
    assert 0 < so_far.report.counted < count(sources).report.counted


def test_classes_and_splits_are_kept(sources: list[Path], tmp_path: Path) -> None:
    more: dict[str, Any] = {"classes": ["b", "car"], "splits": ["train"]}
    scenes = tmp_path / "train.json"
    sources[2].rename(scenes)
    given = [sources[1], scenes]
    assert count_until(3, given, tmp_path / "state.npz", **more) is None
    assert same(count(given, checkpoint=tmp_path / "state.npz", **more), count(given, **more))
    with pytest.raises(ValueError, match="no class 'car' in the source"):
        count(given[:1], checkpoint=tmp_path / "other.npz", classes=["b", "car"])


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"rule": "center"}, "belongs to a count with rule='touch', not 'center'"),
        ({"classes": ["a"]}, r"belongs to a count with classes=None, not \('a',\)"),
        ({"batch_images": 4}, "belongs to a count with batch_images=3, not 4"),
        ({"one_based": True}, "belongs to a count with one_based=False, not True"),
    ],
)
def test_another_count_is_refused(
    more: dict[str, Any], message: str, sources: list[Path], tmp_path: Path
) -> None:
    count_until(2, sources, tmp_path / "state.npz")
    with pytest.raises(ValueError, match=message):
        count(sources, checkpoint=tmp_path / "state.npz", **more)


def test_other_sources_are_refused(sources: list[Path], tmp_path: Path) -> None:
    count_until(2, sources, tmp_path / "state.npz")
    with pytest.raises(ValueError, match="belongs to a count with sources="):
        count(sources[1:], checkpoint=tmp_path / "state.npz")


@pytest.mark.parametrize("which", ["yolo/labels/train/3.txt", "scenes1.json"])
def test_a_changed_source_is_refused(which: str, sources: list[Path], tmp_path: Path) -> None:
    assert count_until(6, sources, tmp_path / "state.npz") is None
    with (tmp_path / which).open("a") as file:
        file.write(" ")
    with pytest.raises(
        ValueError, match=r"state\.npz: .* has changed since it was written; delete it to start again"
    ):
        count(sources, checkpoint=tmp_path / "state.npz")


def test_a_changed_number_of_annotations_is_refused(sources: list[Path], tmp_path: Path) -> None:
    path = tmp_path / "state.npz"
    assert count_until(4, sources, path) is None
    label = tmp_path / "yolo/labels/train/0.txt"
    before = label.stat()
    label.write_text("0 1 1 1 1\n0 1 1 1 1\n".ljust(before.st_size))  # one annotation more
    os.utime(label, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(ValueError, match="has changed since"):
        count(sources, checkpoint=path)


def test_a_saved_map_is_not_a_checkpoint(sources: list[Path], tmp_path: Path) -> None:
    count(sources).save(tmp_path / "map.npz")
    with pytest.raises(FormatError, match="a saved map, but not a checkpoint"):
        count(sources, checkpoint=tmp_path / "map.npz")
    (tmp_path / "state.npz").write_bytes(b"PK nonsense")
    with pytest.raises(FormatError, match="not a map saved by heatgrid"):
        count(sources, checkpoint=tmp_path / "state.npz")


def test_a_missing_folder_raises_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such folder"):
        hg.heatmap("nothing.json", checkpoint=tmp_path / "nowhere/state.npz")


@pytest.mark.parametrize("broken", [{"identity": {}}, {}, [], "text", None], ids=repr)
def test_a_broken_checkpoint_raises(broken: Any, sources: list[Path], tmp_path: Path) -> None:
    saved = Counts(CountSpec(grid=(9, 11)))
    (tmp_path / "state.npz").write_bytes(dump(saved, {"checkpoint": broken}))
    with pytest.raises((FormatError, ValueError), match=r"state\.npz"):
        count(sources, checkpoint=tmp_path / "state.npz")


PROGRAM = """
import sys, time
from heatgrid.io import checkpoint
from heatgrid.commands.cli import main
checkpoint.SECONDS, checkpoint._SHARE = 0.0, 1e9
write = checkpoint.Checkpoint.write
def write_slowly(self):
    write(self)
    time.sleep(0.05)
checkpoint.Checkpoint.write = write_slowly
sys.exit(main(sys.argv[1:]))
"""


def test_a_killed_process_resumes(tmp_path: Path) -> None:
    files = []
    for seed in range(8):
        files.append(tmp_path / f"scenes{seed:02d}.json")
        write_demo(files[-1], images=40, seed=seed)
    path = tmp_path / "state.npz"
    command = [sys.executable, "-c", PROGRAM, "map", *map(str, files), "-q", "--checkpoint", str(path)]
    moments, killed = random.Random(5), 0  # noqa: S311
    for _ in range(40):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        seen = path.stat().st_mtime_ns if path.exists() else 0
        deadline = time.monotonic() + 60
        while process.poll() is None and not written_since(path, seen) and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(moments.random() * 0.15)
        process.send_signal(signal.SIGKILL)
        code = process.wait(60)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        killed += 1
        read_counts(path)  # whole at every moment
    assert killed >= 2
    assert same(hg.load(path), hg.heatmap(files))
    assert read_counts(path)[1]["checkpoint"]["finished"] is True


def written_since(path: Path, seen: int) -> bool:
    return path.exists() and path.stat().st_mtime_ns != seen


def test_the_command_line_resumes(sources: list[Path], tmp_path: Path, run: Any) -> None:
    path = tmp_path / "state.npz"
    code, first, _ = run("map", sources[2], sources[4], "--checkpoint", path, "--json")
    assert code == 0
    stamp = path.stat().st_mtime_ns
    code, second, _ = run("map", sources[2], sources[4], "--checkpoint", path, "--json")
    assert (code, json.loads(second)) == (0, json.loads(first))
    assert path.stat().st_mtime_ns == stamp
    code, _, messages = run("map", "-", "--checkpoint", path)
    assert code == 2
    assert "cannot be used with stdin" in messages
