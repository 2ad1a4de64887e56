"""Examples of the documentation for Dask, Spark and Ray."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

import heatgrid as hg
from shards import CLASSES, boxes_of, write_shards

pytestmark = pytest.mark.peers
pytest.importorskip("pyarrow")

EXAMPLES = Path(__file__).resolve().parents[3] / "docs/examples"


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards")
    write_shards(folder, 2, 1000)
    return folder


def expected() -> hg.Heatmap:
    heat = hg.Heatmap(100, CLASSES)
    for i in range(2):
        boxes, labels = boxes_of(i, 1000)
        heat.add_boxes(boxes, labels=labels)
    return heat


def load(name: str) -> Any:
    spec = spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tables(shards: Path) -> list[Any]:
    from pyarrow import parquet

    return [parquet.read_table(path) for path in sorted(shards.iterdir())]


def test_dask(shards: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    command = [sys.executable, *map(str, (EXAMPLES / "dask_parquet.py", shards, tmp_path / "out.npz"))]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    assert hg.load(tmp_path / "out.npz") == expected()


def test_spark_partitions(shards: Path) -> None:
    spark = load("spark_map_in_arrow")
    parts = [next(spark.count_partition(table.to_batches())) for table in tables(shards)]
    one, other = (part.column("map")[0].as_py() for part in parts)
    assert hg.Heatmap.from_bytes(spark.add(one, other)) == expected()


def test_ray_batches(shards: Path) -> None:
    ray = load("ray_map_batches")
    maps = [ray.count_batch(table).column("map")[0].as_py() for table in tables(shards)]
    assert ray.total_of(maps) == expected()
