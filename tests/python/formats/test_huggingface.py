"""Hugging Face data sets: metadata of image folders, Parquet files and objects in memory.

After https://huggingface.co/docs/datasets/image_dataset#object-detection.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import heatgrid as hg
from heatgrid.core.ragged import Flag
from heatgrid.errors import FormatError
from heatgrid.io.read import detect
from samples import DATA, read_all, read_one, rows

CASES = Path(__file__).parents[3].parent / "shared/cases"
NAMES = ["person", "car"]
SCENE = [
    {"bbox": [[10.0, 20.0, 30.0, 40.0]], "category": [1]},
    {"bbox": [[0.0, 0.0, 64.0, 32.0], [16.0, 16.0, 8.0, 48.0]], "category": [0, 1]},
    {"bbox": [], "category": []},
]
SIZES = [(100, 80), (64, 64), (50, 50)]
EXPECTED = [
    ("a", "car", [0.1, 0.25, 0.4, 0.75]),
    ("b", "car", [0.25, 0.25, 0.375, 1.0]),
    ("b", "person", [0.0, 0.0, 1.0, 0.5]),
]


def png(size: tuple[int, int]) -> bytes:
    content = io.BytesIO()
    Image.new("L", size).save(content, "PNG")
    return content.getvalue()


def parquet(path: Path, *, objects: Any = None, names: list[str] | None = None, **columns: Any) -> Path:
    arrow, files = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    table = arrow.table({**columns, "objects": SCENE if objects is None else objects})
    if names:
        feature = {"category": {"feature": {"names": names, "_type": "ClassLabel"}, "_type": "List"}}
        info = {"info": {"features": {"objects": feature}}}
        table = table.replace_schema_metadata({"huggingface": json.dumps(info)})
    files.write_table(table, path)
    return path


def test_metadata_of_image_folders(tmp_path: Path) -> None:
    """A case of a public report: three boxes in two images, numbers as classes, sizes nowhere."""
    path = tmp_path / "metadata.jsonl"
    first = {"bbox": [[302.0, 109.0, 73.0, 52.0], [810.0, 100.0, 57.0, 28.0]], "categories": [0, 0]}
    second = {"bbox": [[810.0, 100.0, 57.0, 28.0]], "categories": [1]}
    files = ({"file_name": "0001.png", "objects": first}, {"file_name": "0002.png", "objects": second})
    path.write_text("\n".join(map(json.dumps, files)))
    assert detect(path) == "huggingface"
    report = hg.heatmap(path, 10).report
    assert (report.skips, report.counted) == (3, 0)
    heat = hg.heatmap(path, 10, size=(1000, 500))
    assert heat.report.counted == 3
    assert {name: own["counted"] for name, own in heat.report.by_class().items()} == {"0": 2, "1": 1}
    for name in ("0001.png", "0002.png"):
        (tmp_path / name).write_bytes(png((1000, 500)))
    assert np.array_equal(hg.heatmap(tmp_path, 10).counts, heat.counts)


@pytest.mark.skipif(not CASES.is_dir(), reason="the folder ../shared/cases does not exist")
def test_shared_case() -> None:
    assert hg.heatmap(CASES / "c20_hf/metadata.jsonl", 10).report.skips == 3
    assert hg.heatmap(CASES / "c20_hf/metadata.jsonl", 10, size=(1000, 500)).report.counted == 3


def test_forms_of_objects() -> None:
    batch = read_one(DATA / "huggingface/valid/structs.jsonl")
    assert [batch.classes[i] for i in batch.label] == ["1", "0", "person"]
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [[10, 20, 40, 60], [1, 2, 4, 6], [0, 0, 64, 32]]
    assert batch.ids == [7, 8, None]
    assert batch.flags is not None
    assert batch.flags.tolist() == [Flag.CROWD, 0, 0]
    table = read_one(DATA / "huggingface/valid/metadata.csv")
    assert [(name, label) for name, label, _ in rows([table])] == [("a", "0"), ("b", "0"), ("b", "1")]


def test_format_of_the_boxes_is_an_option(tmp_path: Path) -> None:
    path = tmp_path / "metadata.jsonl"
    objects = {"bbox": [[0.2, 0.2, 0.4, 0.4]], "label": ["a"]}
    path.write_text(json.dumps({"file_name": "a.png", "objects": objects}))
    for role, expected in (
        ("xywh", [0.2, 0.2, 0.6, 0.6]),
        ("xyxy", [0.2, 0.2, 0.4, 0.4]),
        ("cxcywh", [0, 0, 0.4, 0.4]),
    ):
        batch = read_one(path, normalized=True, columns={role: "bbox"})
        assert batch.normalized
        assert batch.boxes is not None
        assert batch.boxes.tolist() == [pytest.approx(expected)]


def test_broken_objects() -> None:
    batches, report = read_all(DATA / "huggingface/broken/metadata.jsonl")
    assert sum(map(len, batches)) == 1
    assert report.skipped == {
        "bbox is not 4 numbers": 2,
        "negative width or height": 1,
        "coordinate is not a number": 1,
        "line is not JSON": 1,
    }


@pytest.mark.peers
@pytest.mark.parametrize("has_images", [False, True])
def test_parquet(tmp_path: Path, *, has_images: bool) -> None:
    if has_images:
        names = [f"{name}.png" for name in ("a", "b", "background")]
        columns: dict[str, Any] = {
            "image": [{"bytes": png(s), "path": n} for n, s in zip(names, SIZES, strict=True)]
        }
    else:
        width, height = zip(*SIZES, strict=True)
        columns = {"file_name": ["a.png", "b.png", "c.png"], "width": width, "height": height}
    path = parquet(tmp_path / "train-00000-of-00001.parquet", names=NAMES, **columns)
    assert detect(path) == "huggingface"
    batch = read_one(path)
    assert rows([batch]) == EXPECTED
    assert (batch.split, len(batch.image_names)) == ("train", 3)
    assert batch.where(1).endswith("parquet: row 2.objects[0]")
    assert rows([read_one(tmp_path)]) == EXPECTED
    structs = [[{"bbox": [10.0, 20, 30, 40], "category": 1}], [], None]
    other = parquet(tmp_path / "b.parquet", objects=structs, **columns)
    assert rows([read_one(other)]) == [("a", "1", EXPECTED[0][2])]


@pytest.mark.peers
def test_parquet_of_something_else(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", objects=["text"] * 3, image=["a", "b", "c"])
    assert detect(path) == "tables"
    with pytest.raises(FormatError, match="no columns of images and boxes"):
        read_all(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FormatError, match="broken Parquet"):
        read_all(path, format="huggingface")


@pytest.mark.peers
def test_dataset_in_memory() -> None:
    """The real library: boxes, class names and sizes of a Dataset, a selection and a DatasetDict."""
    library = pytest.importorskip("datasets")
    value = {"bbox": library.List(library.List(library.Value("float32")))}
    value["category"] = library.List(library.ClassLabel(names=NAMES))
    features = library.Features({"image": library.Image(), "objects": value})
    images = [{"bytes": png(size), "path": f"{name}.png"} for name, size in zip("abc", SIZES, strict=True)]
    found = library.Dataset.from_dict({"image": images, "objects": SCENE}, features=features)
    assert rows([hg.annotations_from(found)]) == EXPECTED
    assert hg.heatmap(found, 8).report.counted == 3
    assert rows([hg.annotations_from(found.select([2, 0]))]) == EXPECTED[:1]
    parts = library.DatasetDict({"train": found.select([0]), "test": found.select([1])})
    heat = hg.Heatmap(8)
    heat.add(parts)
    assert (heat.report.images, heat.report.counted) == (2, 3)
    lazy = found.to_iterable_dataset()
    assert rows([hg.annotations_from(lazy)]) == EXPECTED
    with pytest.raises(TypeError, match="labels must not be given"):
        hg.annotations_from(found, labels="x")
