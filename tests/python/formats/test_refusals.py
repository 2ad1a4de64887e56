"""Files that are not read: the message says what they are, and the way that it names works."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import heatgrid as hg
from heatgrid.errors import FormatError

if TYPE_CHECKING:
    from pathlib import Path


def refusal(path: Path) -> str:
    with pytest.raises(FormatError) as caught:
        hg.heatmap(path)
    return str(caught.value)


def test_tables_and_folders_name_the_option(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,left,top\nx,1,2\n")
    text = refusal(tmp_path / "a.csv")
    assert "a.csv: a table with the header name,left,top: unknown format" in text
    assert text.endswith(
        "name the columns of image, class, x1, y1, x2, y2 ... with format='tables' and columns="
    )
    for text in ("[]", "{}\n"):
        (tmp_path / "a.json").write_text(text)
        assert refusal(tmp_path / "a.json").endswith("a.json: JSON without any content")
    (tmp_path / "png").mkdir()
    Image.new("L", (4, 4)).save(tmp_path / "png/a.png")
    assert refusal(tmp_path / "png").endswith(
        "if these are label images, whose pixels are classes: format='masks'"
    )
    (tmp_path / "txt").mkdir()
    (tmp_path / "txt/a.txt").write_text("0 320 240 100 80\n")
    assert "rows as in YOLO's labels, but with numbers that are not shares" in refusal(tmp_path / "txt")
    (tmp_path / "txt/a.txt").write_text("hello\n")
    assert "YOLO" not in refusal(tmp_path / "txt")


def test_files_of_other_programs(tmp_path: Path) -> None:
    (tmp_path / "poses.mat").write_bytes(b"MATLAB 5.0 MAT-file" + bytes(200))
    assert "a file of MATLAB: read it by scipy.io.loadmat" in refusal(tmp_path / "poses.mat")
    np.save(tmp_path / "boxes.npy", np.array([[0.1, 0.1, 0.4, 0.4]]))
    assert "arrays of NumPy: pass numpy.load(...)" in refusal(tmp_path / "boxes.npy")
    assert hg.heatmap(np.load(tmp_path / "boxes.npy"), 10).report.counted == 1
    (tmp_path / "boxes.pkl").write_bytes(b"\x80\x04N.")
    assert "a pickle, which could run any program" in refusal(tmp_path / "boxes.pkl")


def test_columns_are_refused_where_there_are_none(tmp_path: Path) -> None:
    document = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 9, "height": 9}],
        "annotations": [{"image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2]}],
    }
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document))
    with pytest.raises(FormatError, match="columns cannot be chosen in the format coco: format='tables'"):
        hg.heatmap(path, columns={"class": "supercategory"})
    assert hg.heatmap(path, columns={}).report.counted == 1


@pytest.mark.parametrize(
    "records",
    [
        [{"img": "a.jpg", "boxes": [[1, 2, 3, 4]]}, {"img": "b.jpg", "boxes": []}],
        [{"image": "a.jpg", "annotations": {"x": 1}}, {"image": "b.jpg", "annotations": {}}],
        [{"data_row": {"id": "1"}}, {"data_row": {"id": "2"}}],
        [{"source-reference": "s3://a/b.jpg"}, {"source-reference": "s3://a/c.jpg"}],
        [{"ID": "1", "boxes": []}, {"ID": "2", "boxes": []}],
        [["a.jpg", 1, 2, 3, 4], ["b.jpg", 1, 2, 3, 4]],
    ],
)
@pytest.mark.parametrize("suffix", [".jsonl", ".ndjson", ".json", ".txt", ".manifest", ".odgt"])
def test_json_lines_are_never_broken_json(tmp_path: Path, records: list[Any], suffix: str) -> None:
    path = tmp_path / f"records{suffix}"
    path.write_text("\n".join(map(json.dumps, records)) + "\n")
    text = refusal(path)
    assert "broken JSON" not in text
    assert "not JSON" not in text
    if isinstance(records[0], dict):
        assert "JSON Lines with the keys" in text
