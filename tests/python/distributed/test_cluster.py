"""Dask cluster of two processes, one of which is killed."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg
from heatgrid import distributed as scale
from heatgrid.distributed.dask import pieces_of, usual_partitions
from shards import CLASSES, COLUMNS, write_shards

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("pyarrow")
distributed = pytest.importorskip("distributed")

pytestmark = [
    pytest.mark.peers,
    pytest.mark.filterwarnings("ignore"),  # a cluster that is killed has much to say
]


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards")
    write_shards(folder, 6, 100_000, row_groups=4)
    return folder


@pytest.fixture(scope="module")
def expected(shards: Path) -> hg.Heatmap:
    pieces, _ = pieces_of(str(shards))
    return scale.count_fragments(pieces, COLUMNS, 50, classes=CLASSES)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    options: dict[str, Any] = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with (
        distributed.LocalCluster(**options, silence_logs=50) as cluster,
        distributed.Client(cluster, set_as_default=True) as client,
    ):
        yield client


def slow_count(*arguments: Any, **options: Any) -> hg.Heatmap:
    """Count a share, and take long enough over it to be killed."""
    time.sleep(0.3)
    return scale.count_fragments(*arguments, **options)


@pytest.mark.usefixtures("client")
def test_two_processes_equal_one(shards: Path, expected: hg.Heatmap) -> None:
    assert usual_partitions() == 4
    found = scale.from_parquet(str(shards), COLUMNS, 50, classes=CLASSES)
    assert found == expected
    assert found.report == expected.report


def test_worker_is_killed_during_count(client: Any, shards: Path, expected: hg.Heatmap) -> None:
    from dask import delayed

    pieces, _ = pieces_of(str(shards))
    count = delayed(slow_count, pure=False, traverse=False)
    shares = [count([piece], COLUMNS, 50, classes=CLASSES) for piece in pieces]
    pids = client.run(os.getpid)
    future = client.compute(scale.tree_sum(shares, fan_in=3))
    deadline = time.monotonic() + 30
    while not all(client.has_what().values()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not future.done()  # in the middle: both have counted something, and more is to be counted
    victim = max(client.has_what(), key=lambda worker: len(client.has_what()[worker]))
    os.kill(pids[victim], signal.SIGKILL)
    found = future.result(timeout=45)
    assert found == expected
    assert found.report == expected.report
    assert pids[victim] not in client.run(os.getpid).values()


@pytest.mark.usefixtures("client")
def test_files_in_two_processes(tmp_path: Path) -> None:
    from heatgrid.commands.demo import write_demo

    for seed in range(4):
        write_demo(tmp_path / f"{seed}.json", images=5, seed=seed)
    paths = sorted(tmp_path.iterdir())
    assert scale.heatmap(paths, 20) == hg.heatmap(paths, 20)
