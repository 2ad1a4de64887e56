"""Folders of many files are listed a few times only: for the format, for its files, and for image sizes."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = 21_000  # more than are looked at to detect a format
SAMPLE = 40  # files with annotations
VOC = """<annotation><object><name>a</name><bndbox><xmin>0</xmin><ymin>0</ymin><xmax>5</xmax><ymax>5</ymax>
</bndbox></object></annotation>"""
LABELME = """{"shapes": [{"label": "a", "points": [[0, 0], [5, 5]], "shape_type": "rectangle"}],
"imagePath": "%s.jpg"}"""
COCO = """{"images": [{"id": 1, "file_name": "00001.jpg"}], "categories": [{"id": 1, "name": "a"}],
"annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 5, 5]}]}"""


def _images(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(FILES):
        os.close(os.open(f"{folder}/{i:05}.jpg", os.O_CREAT | os.O_WRONLY))


def _yolo(top: Path) -> None:
    _images(top / "images/train")
    (top / "labels/train").mkdir(parents=True)
    for i in range(SAMPLE):
        (top / f"labels/train/{i:05}.txt").write_text("0 0.5 0.5 0.1 0.1\n")


def _labels(top: Path) -> None:
    top.mkdir()
    for i in range(FILES):
        (top / f"{i:05}.txt").write_text("0 0.5 0.5 0.1 0.1\n")


def _voc(top: Path) -> None:
    _images(top / "JPEGImages")
    (top / "Annotations").mkdir()
    for i in range(SAMPLE):
        (top / f"Annotations/{i:05}.xml").write_text(VOC)


def _labelme(top: Path) -> None:
    _images(top)
    for i in range(SAMPLE):
        (top / f"{i:05}.json").write_text(LABELME % f"{i:05}")


def _coco(top: Path) -> None:
    _images(top / "images")
    (top / "annotations").mkdir()
    (top / "annotations/a.json").write_text(COCO)


@pytest.mark.parametrize(("write", "most"), [(_yolo, 3), (_labels, 2), (_voc, 3), (_labelme, 4), (_coco, 3)])
def test_each_folder_is_listed_a_few_times(
    write: Callable[[Path], None], most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "set")
    listed: Counter[str] = Counter()
    scandir = os.scandir

    def counted(folder: Any = ".") -> Any:
        listed[str(folder)] += 1
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", counted)
    hg.heatmap(tmp_path / "set")
    own = {
        str(Path(folder).relative_to(tmp_path)): n for folder, n in listed.items() if str(tmp_path) in folder
    }
    assert set(own) > {"set"} or write in (_labels, _labelme)
    assert max(own.values()) <= most, own
