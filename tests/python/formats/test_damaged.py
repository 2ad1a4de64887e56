"""Damaged files of every format, samples and real ones: read, or refused by a FormatError, in good time."""

from __future__ import annotations

import random
import shutil
import signal
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg
from batches import check_account
from heatgrid.errors import FormatError
from heatgrid.io.read import detect
from mutations import mutated, mutations
from samples import DATA, OWN_FORMATS, options_of, read_source, selected

if TYPE_CHECKING:
    from collections.abc import Iterator

REAL = Path(__file__).parents[3].parent / "shared/data"
LARGEST = 60_000
SECONDS = 20

OURS = [
    (name, path)
    for name in OWN_FORMATS
    for path in sorted((DATA / name).rglob("*"))
    if path.is_file() and path.stat().st_size < LARGEST
]
REAL_FILES = [
    path
    for path in sorted(REAL.rglob("*"))
    if path.is_file() and path.stat().st_size < LARGEST and path.name != "_REPO_LICENSE"
]


@cache
def format_of(path: Path) -> str | None:
    """Return the format of a real file, where it has one by itself."""
    try:
        return detect(path)
    except FormatError:
        return None


@contextmanager
def deadline() -> Iterator[None]:
    """Raise TimeoutError when something takes far too long, where the system can tell."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"more than {SECONDS} s")

    if not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def outcome(path: Path, name: str | None, options: dict[str, Any]) -> str:
    """Read a file, and check that what is read holds together; return what became of it."""
    try:
        with deadline():
            for batch in read_source(path, format=name, **options):
                batch.validate()
                selected(batch)
                heat = hg.Heatmap(5)
                heat.add(batch)
                check_account(heat.report)
                assert heat.report.read + heat.report.excluded == len(batch) + batch.report.read
    except FormatError as error:
        assert str(error)  # noqa: PT017 - refusing is right, too
        return "refused"
    return "read"


def check(seeds: list[tuple[str | None, Path, dict[str, Any]]], folder: Path, usual: int) -> None:
    """Damage files drawn at random, and read them by name and by what they look like."""
    rng = random.Random(20240229)  # noqa: S311 - no secret
    found = set()
    for turn in range(mutations(usual)):
        name, seed, options = rng.choice(seeds)
        path = folder / seed.name
        path.write_bytes(mutated(seed.read_bytes(), rng))
        strict = {"on_error": "raise"} if turn % 5 == 0 else {}
        found.add(outcome(path, name if turn % 2 else None, options | strict))
        path.unlink()
    assert found == {"read", "refused"}


def test_damaged_samples_are_read_or_refused(tmp_path: Path) -> None:
    check([(name, path, options_of(name)) for name, path in OURS], tmp_path, 300)


@pytest.mark.skipif(not REAL.is_dir(), reason="the real data set folder ../shared/data is not available")
def test_damaged_real_files_are_read_or_refused(tmp_path: Path) -> None:
    paths = random.Random(1).sample(REAL_FILES, 300)  # noqa: S311 - no secret
    options = {"size": (640.0, 480.0)}
    check([(format_of(path), path, options) for path in paths], tmp_path, 300)


@pytest.mark.peers
def test_damaged_shapefiles_are_read_or_refused(tmp_path: Path) -> None:
    """One of the files of a Shapefile is damaged, or the file of a GeoPackage."""
    pytest.importorskip("pyogrio")
    rng = random.Random(7)  # noqa: S311 - no secret
    files = [path for path in sorted((DATA / "shapefile/valid").rglob("*")) if path.is_file()]
    found = set()
    for turn in range(mutations(300)):
        seed = rng.choice(files)
        folder = Path(shutil.copytree(seed.parent, tmp_path / str(turn)))
        (folder / seed.name).write_bytes(mutated(seed.read_bytes(), rng))
        path = seed if seed.suffix == ".gpkg" else seed.with_suffix(".shp")
        found.add(outcome(folder / path.name, "shapefile" if turn % 2 else None, {"size": (100.0, 80.0)}))
        shutil.rmtree(folder)
    assert found == {"read", "refused"}
