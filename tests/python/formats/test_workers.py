"""Worker processes: batches, reports and errors are those of one process, and no worker is left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import contextmanager
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg
from heatgrid.core.report import Report
from heatgrid.io import workers
from heatgrid.io.columns import join_batches
from heatgrid.io.documents import Documents
from heatgrid.io.options import ReadOptions
from heatgrid.io.registry import FORMATS, FormatName, get
from heatgrid.io.workers import _Parts
from samples import DATA, assert_same, options_of, result_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from heatgrid.core.annotations import Annotations

    Started = list[subprocess.Popen[bytes]]

COPIES = 5
SCENE = DATA / "voc/valid/scene/Annotations"
READ_NEXT = _Parts._read_next
NAMES = [
    name
    for name in FORMATS
    if name == "voc"
    or (isinstance(documents := getattr(get(name).read, "__self__", None), Documents) and not documents.many)
]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """Return the workers that are started, also for small folders; they read all but the first part."""
    found: Started = []
    start = workers._start_worker

    def start_worker() -> subprocess.Popen[bytes]:
        found.append(start())
        return found[-1]

    monkeypatch.setattr(workers, "PART", 2)
    monkeypatch.setattr(workers, "SECONDS_PER_WORKER", 1e-9)
    monkeypatch.setattr(workers, "_start_worker", start_worker)
    monkeypatch.setattr(_Parts, "_read_next", lambda parts: not parts._threads and READ_NEXT(parts))
    return found


def assert_ended(processes: Started) -> None:
    assert processes
    for process in processes:
        assert process.returncode is not None
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdin.closed
        assert process.stdout.closed


def copies_of(name: str, folder: Path, *kinds: str) -> Path:
    """Return a folder with several copies of a format's samples."""
    for i in range(COPIES):
        for kind in kinds:
            shutil.copytree(DATA / name / kind, folder / name / ("train", "val")[i % 2] / f"{kind[0]}{i}")
    return folder / name


def voc_files(folder: Path, count: int = 20) -> Path:
    """Return a folder of VOC files."""
    folder.mkdir(exist_ok=True)
    for i in range(count):
        shutil.copy(SCENE / f"{'ab'[i % 2]}.xml", folder / f"{i:04}.xml")
    return folder


def joined(result: list[Annotations] | str) -> Any:
    """Return all batches as one, and the split of each image; the text of an error as it is."""
    if isinstance(result, str):
        return result
    report = Report()
    for batch in result:
        batch.validate()
        report += batch.report
    held = [batch for batch in result if len(batch.image_names)]
    splits = [split for batch in held for split in repeat(batch.split, len(batch.image_names))]
    return (replace(join_batches(held), split=None, report=report) if held else report), splits


def assert_equal(own: Any, expected: Any) -> None:
    """Compare two results of `joined`."""
    if isinstance(expected, str):
        assert own == expected
        return
    assert own[1] == expected[1]
    assert_same(own[0], expected[0])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"on_error": "raise"},
        {"splits": ["train", "missing"]},
        {"batch_images": 3, "attributes": ("difficult", "pose")},
        {"kinds": ("valid",), "on_error": "raise", "threads": 3},
        {"kinds": ("broken",)},
    ],
    ids=str,
)
def test_result_is_that_of_one_process(
    name: FormatName, options: dict[str, Any], tmp_path: Path, started: Started
) -> None:
    options = options_of(name) | {"threads": 2} | options
    folder = copies_of(name, tmp_path, *options.pop("kinds", ("valid", "broken")))
    expected = joined(result_of(folder, name, **options | {"threads": 1}))
    assert not started
    assert_equal(joined(result_of(folder, name, **options)), expected)
    if not isinstance(expected, str):
        assert_ended(started)


def test_no_file_can_be_read(tmp_path: Path, started: Started) -> None:
    for i in range(9):
        (tmp_path / f"{i}.xml").write_text(f"<annotation><object{i}></annotation>", encoding="utf-8")
    one, two = (result_of(tmp_path, "voc", threads=threads) for threads in (1, 2))
    assert one == two
    assert isinstance(one, str)
    assert one.startswith(str(tmp_path / "0.xml"))
    assert_ended(started)


def test_first_error_in_the_order_of_files(tmp_path: Path, started: Started) -> None:
    """A later one, read at the same time, does not come first."""
    for i in (7, 16):
        (voc_files(tmp_path) / f"{i:04}.xml").write_text("<annotation>", encoding="utf-8")
    error = result_of(tmp_path, "voc", on_error="raise", threads=3)
    assert isinstance(error, str)
    assert error.startswith(str(tmp_path / "0016.xml"))  # voc_files has written the other one again
    (tmp_path / "0007.xml").write_text("<annotation>", encoding="utf-8")
    assert str(result_of(tmp_path, "voc", on_error="raise", threads=3)).startswith(str(tmp_path / "0007.xml"))
    assert_ended(started)


def test_weights_by_a_function_of_this_process(tmp_path: Path, started: Started) -> None:
    folder = voc_files(tmp_path)
    one, two = (
        hg.heatmap(folder, 10, weights=lambda batch: batch.boxes[:, 0] + 1, threads=threads)
        for threads in (1, 2)
    )
    assert one.counts.tolist() == two.counts.tolist()
    assert one.report == two.report
    assert_ended(started)


def test_reading_that_is_closed_ends_the_workers(tmp_path: Path, started: Started) -> None:
    batches = get("voc").read(voc_files(tmp_path), ReadOptions(batch_images=4, threads=3))
    next(batches)
    assert started
    batches.close()  # type: ignore[attr-defined]
    assert_ended(started)


@pytest.mark.parametrize("when", [1, 3, 7])
def test_worker_that_is_killed(
    when: int, tmp_path: Path, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This process reads the part that the worker was to read, and those after it."""
    expected = joined(result_of(voc_files(tmp_path), "voc", threads=1))
    put = _Parts._put
    done: list[int] = []

    def put_and_kill(parts: _Parts, part: int, batches: Any) -> None:
        done.append(part)
        if len(done) == when + 1:
            started[0].kill()
        put(parts, part, batches)

    monkeypatch.setattr(_Parts, "_put", put_and_kill)
    monkeypatch.setattr(
        _Parts, "_read_next", lambda parts: len(done) in {0, *range(when + 1, 99)} and READ_NEXT(parts)
    )
    assert_equal(joined(result_of(tmp_path, "voc", threads=2)), expected)
    assert_ended(started)


@pytest.mark.parametrize("text", ["exit 1", "echo hello", "exec sleep 60"])
@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_interpreter_that_does_not_work(
    text: str, tmp_path: Path, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, program = voc_files(tmp_path / "files"), tmp_path / "python3"
    program.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    program.chmod(0o700)
    expected = joined(result_of(folder, "voc", threads=1))
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(_Parts, "_read_next", READ_NEXT)
    assert_equal(joined(result_of(folder, "voc", threads=2)), expected)
    assert_ended(started)


@pytest.mark.parametrize("executable", [None, "", "frozen", "/usr/bin/qgis", "/no/such/python3"])
def test_application_that_contains_python(
    executable: str | None, tmp_path: Path, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = voc_files(tmp_path)
    expected = joined(result_of(folder, "voc", threads=1))
    if executable == "frozen":
        monkeypatch.setattr(sys, "frozen", True, raising=False)
    else:
        monkeypatch.setattr(sys, "executable", executable)
    monkeypatch.setattr(_Parts, "_read_next", READ_NEXT)
    assert_equal(joined(result_of(folder, "voc", threads=2)), expected)
    assert not started


def test_archive_is_read_by_one_process(tmp_path: Path, started: Started) -> None:
    folder = voc_files(tmp_path / "files")
    with zipfile.ZipFile(tmp_path / "files.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"files/{file.name}")
    own = result_of(tmp_path / "files.zip", "voc", threads=2)
    assert not isinstance(own, str)
    assert sum(len(batch.image_names) for batch in own) == 20
    assert not started


def test_two_parts_are_read_by_one_process(tmp_path: Path, started: Started) -> None:
    assert len(result_of(voc_files(tmp_path, 4), "voc", threads=2)) == 1
    assert not started


def test_small_folder_is_read_by_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_start_worker", lambda: pytest.fail("a worker is started"))
    heat = hg.heatmap(voc_files(tmp_path, 1100), 10, threads=8)
    assert heat.report.files == 1100


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_cancel_while_a_worker_reads(
    tmp_path: Path, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that has started, and then is stopped by a signal, does not answer."""
    put = _Parts._put

    def put_and_stop(parts: _Parts, part: int, batches: Any) -> None:
        if started:
            started[0].send_signal(signal.SIGSTOP)
        put(parts, part, batches)

    monkeypatch.setattr(_Parts, "_put", put_and_stop)
    cancel = hg.Cancel()
    timer = Timer(1.0, cancel.cancel)
    timer.start()
    with pytest.raises(hg.Cancelled), cancel:
        hg.heatmap(voc_files(tmp_path), 10, threads=2)
    assert_ended(started)


SCRIPT = """
import os, sys, time
import heatgrid as hg
from heatgrid.io import workers
workers.PART, workers.SECONDS_PER_WORKER = 2, 1e-9
read_next = workers._Parts._read_next
workers._Parts._read_next = lambda parts: not parts._threads and read_next(parts)
print("main", flush=True)
start = workers._start_worker
def start_worker():
    process = start()
    print(process.pid, flush=True)
    return process
workers._start_worker = start_worker
for batch in hg.read(sys.argv[1], batch_images=4, threads=2) if sys.argv[2:] else ():
    time.sleep(60)
print(hg.heatmap(sys.argv[1], 10, threads=2).report.files)
"""


@contextmanager
def _run(tmp_path: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run the script in a folder with a module that must not be imported."""
    script, files = tmp_path / "script.py", voc_files(tmp_path / "files", 400)
    script.write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "pickle.py").write_text("raise SystemExit", encoding="utf-8")
    command = [sys.executable, "-P", str(script), str(files), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        try:
            yield process
        finally:
            process.kill()


def test_script_without_a_main_guard(tmp_path: Path) -> None:
    """It runs once, and modules of the current folder are not imported."""
    with _run(tmp_path) as process:
        output, _ = process.communicate(timeout=30)
    head, pid, files = output.split()
    assert (head, files, process.returncode) == ("main", "400", 0)
    assert pid.isdigit()


@pytest.mark.skipif(not Path("/proc").exists(), reason="the state of any process")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_worker_ends_with_its_parent(tmp_path: Path, number: signal.Signals) -> None:
    with _run(tmp_path, "slow") as process:
        assert process.stdout is not None
        process.stdout.readline()
        worker = Path(f"/proc/{int(process.stdout.readline())}/exe")
        time.sleep(0.5)
        assert worker.exists()
        process.send_signal(number)
        process.wait(timeout=30)
        end = time.monotonic() + 30
        while worker.exists():
            assert time.monotonic() < end
            time.sleep(0.05)
