"""Maps counted on Dask in threads equal those counted without it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid import distributed as scale
from heatgrid.commands.demo import write_demo
from heatgrid.errors import FormatError
from samples import DATA
from shards import CLASSES, COLUMNS, boxes_of, write_shards

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.core.counts import Counts

dask = pytest.importorskip("dask")

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of Parquet shards."""
    pytest.importorskip("pyarrow")
    folder = tmp_path_factory.mktemp("shards")
    write_shards(folder, 3, 1000)
    return folder


def whole(count: int = 3) -> hg.Heatmap:
    heat = hg.Heatmap((20, 30), CLASSES)
    for i in range(count):
        boxes, labels = boxes_of(i, 1000)
        heat.add_boxes(boxes, labels=labels)
    return heat


@pytest.mark.parametrize("partitions", [1, 2, 5, 99, None])
def test_parquet_files(partitions: int | None, shards: Path) -> None:
    found = scale.from_parquet(
        str(shards), COLUMNS, (20, 30), classes=CLASSES, partitions=partitions, fan_in=2
    )
    assert found == whole()
    assert found.report == whole().report


def test_batch_rows_limits_batches(shards: Path, monkeypatch: Any) -> None:
    rows = []
    add = scale.Columns.add

    def note(self: Any, counts: Counts, table: Any, **options: Any) -> None:
        rows.append((table.num_rows, table.schema.names))
        add(self, counts, table, **options)

    monkeypatch.setattr(scale.Columns, "add", note)
    options: dict[str, Any] = {"classes": CLASSES, "batch_rows": 64, "partitions": 2}
    assert scale.from_parquet(str(shards), COLUMNS, (20, 30), **options) == whole()
    assert max(count for count, _ in rows) == 64
    assert {tuple(names) for _, names in rows} == {("x1", "y1", "x2", "y2", "label")}


def test_data_sets_and_filters(shards: Path) -> None:
    dataset = pytest.importorskip("pyarrow.dataset")
    source = dataset.dataset(sorted(map(str, shards.iterdir())))
    wanted = dataset.field("label") == 2
    found = scale.from_parquet(source, COLUMNS, (20, 30), classes=CLASSES, filter=wanted)
    assert found["cat"] == whole()["cat"]
    assert found.counts.tolist() == whole()["cat"].counts.tolist()


def test_other_arrow_files(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    dataset = pytest.importorskip("pyarrow.dataset")
    boxes, labels = boxes_of(0, 1000)
    table = arrow.table({"bbox": boxes.tolist(), "label": [CLASSES[i] for i in labels]})
    dataset.write_dataset(table, tmp_path, format="feather")
    source = dataset.dataset(tmp_path, format="feather")
    columns = scale.Columns(boxes="bbox", label="label")
    assert scale.from_parquet(source, columns, (20, 30)) == whole(1)


def test_source_without_rows_is_refused(shards: Path) -> None:
    dataset = pytest.importorskip("pyarrow.dataset")
    with pytest.raises(ValueError, match="source must have rows to count"):
        scale.from_parquet(str(shards), COLUMNS, filter=dataset.field("label") > 1000)


@pytest.mark.parametrize(("partitions", "error"), [(0, ValueError), (1.5, TypeError), (True, TypeError)])
def test_invalid_partitions_are_refused(partitions: Any, error: type[Exception], shards: Path) -> None:
    with pytest.raises(error, match="partitions must be"):
        scale.from_parquet(str(shards), COLUMNS, partitions=partitions)


def test_bag_of_arrays() -> None:
    bag = pytest.importorskip("dask.bag")
    parts = [boxes_of(i, 1000) for i in range(3)]
    plain = bag.from_sequence([boxes for boxes, _ in parts], npartitions=3)
    by_class = bag.from_sequence(
        [{"xyxy": boxes, "labels": labels} for boxes, labels in parts], npartitions=2
    )
    with dask.config.set(scheduler="synchronous"):
        found = scale.from_bag(plain, (20, 30), partitions=2)
        assert found.counts.tolist() == whole().counts.tolist()
        assert scale.from_bag(by_class, (20, 30), classes=CLASSES) == whole()
        points = scale.from_bag(plain.map(lambda boxes: boxes[:, :2]), (20, 30), kind="points")
        assert points.report.counted == 3000
        with pytest.raises(ValueError, match="kind must be one of 'boxes', 'points'"):
            scale.from_bag(plain, kind="shapes")  # type: ignore[arg-type]


def test_dataframe() -> None:
    pytest.importorskip("pyarrow")
    pandas = pytest.importorskip("pandas")
    frames = pytest.importorskip("dask.dataframe")
    boxes, labels = boxes_of(0, 1000)
    frame = pandas.DataFrame({name: boxes[:, k] for k, name in enumerate(("x1", "y1", "x2", "y2"))})
    frame["label"], frame["bbox"] = labels, list(boxes)
    with dask.config.set({"dataframe.convert-string": False}):
        collection = frames.from_pandas(frame, npartitions=5)
        assert scale.from_dataframe(collection, COLUMNS, (20, 30), classes=CLASSES) == whole(1)
        arrays = scale.Columns(boxes="bbox", label="label")
        found = scale.from_dataframe(collection, arrays, (20, 30), classes=CLASSES, partitions=2)
        assert found == whole(1)


@pytest.mark.parametrize("partitions", [1, 2, None])
def test_files_of_any_format(partitions: int | None, tmp_path: Path) -> None:
    sources: list[Path] = [DATA / "yolo/valid/mixed", DATA / "voc/valid/scene"]
    for seed in range(3):
        sources.append(tmp_path / f"scenes{seed}.json")
        write_demo(sources[-1], images=10, seed=seed)
    for options in ({}, {"count": "images", "rule": "touch"}, {"by_class": False}):
        found = scale.heatmap(sources, 20, partitions=partitions, **options)
        expected = hg.heatmap(sources, 20, **options)
        assert found == expected
        assert found.report.to_dict() | {"examples": 0} == expected.report.to_dict() | {"examples": 0}


def test_read_options_reach_workers(tmp_path: Path) -> None:
    write_demo(tmp_path / "train.json", images=5, seed=1)
    write_demo(tmp_path / "val.json", images=5, seed=2)
    paths = sorted(tmp_path.iterdir())
    found = scale.heatmap(paths, 20, splits="val", classes=["car"], format="coco")
    assert found == hg.heatmap(paths, 20, splits="val", classes=["car"], format="coco")
    with pytest.raises(ValueError, match="no class 'cra' in the source"):
        scale.heatmap(paths, 20, classes=["cra"])
    with pytest.raises(ValueError, match="no split 'test' in the source"):
        scale.heatmap(paths, 20, splits=["test"])
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        scale.heatmap(paths, 20, colour=1)  # type: ignore[call-arg]


def test_unreadable_file_is_reported(tmp_path: Path) -> None:
    write_demo(tmp_path / "a.json", images=5, seed=1)
    (tmp_path / "b.json").write_text(json.dumps({"nothing": 1}))
    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    found = scale.heatmap(paths, 20)
    assert found == hg.heatmap(paths, 20)
    assert found.report == hg.heatmap(paths, 20).report
    with pytest.raises(FormatError, match=r"b\.json"):
        scale.heatmap(paths, 20, on_error="raise")
    with pytest.raises(FormatError, match=r"b\.json"):
        scale.heatmap(paths[1:], 20)


def test_areas_are_equal_up_to_rounding(tmp_path: Path) -> None:
    for seed in range(4):
        write_demo(tmp_path / f"{seed}.json", images=5, seed=seed)
    paths = sorted(tmp_path.iterdir())
    found, expected = (count(paths, 20, rule="area") for count in (scale.heatmap, hg.heatmap))
    np.testing.assert_allclose(found.counts, expected.counts, rtol=1e-12)
