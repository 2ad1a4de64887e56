"""Folders of several formats, stray files in them, and files that are reached twice."""

from __future__ import annotations

import json
from shutil import copytree
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg
from heatgrid.errors import FormatError
from heatgrid.io.documents import LEFT_OUT
from heatgrid.io.files import TWICE
from heatgrid.io.read import REPEATED, STRAY, detect
from samples import DATA

if TYPE_CHECKING:
    from pathlib import Path

STRAYS = {
    "yolo": "0 0.5 0.5 0.1 0.1\n",
    "kitti": "Car 0 0 0 20 10 100 50 1 1 1 1 1 1 1\n",
    "dota": "20 10 100 10 100 50 20 50 ship 0\n",
    "visdrone": "20,10,80,40,1,4,0,0\n",
    "mot": "1,1,20,10,80,40,1,1,1\n",
    "wider": "x.jpg\n1\n20 10 80 40 0 0 0 0 0 0\n",
    "names": "a.jpg\nb.jpg\n",
    "poem": "roses are red\n",
}


def voc(folder: Path, names: str = "abc") -> Path:
    """Write VOC files of one box each."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / f"{name}.xml").write_text(
            "<annotation><size><width>10</width><height>10</height></size><object><name>x</name><bndbox>"
            "<xmin>2</xmin><ymin>2</ymin><xmax>4</xmax><ymax>4</ymax></bndbox></object></annotation>"
        )
    return folder


def coco(path: Path, names: str = "abc", boxes: int = 1) -> Path:
    """Write a COCO file with some boxes per image."""
    document: dict[str, Any] = {
        "images": [
            {"id": i, "file_name": f"{name}.jpg", "width": 10, "height": 10} for i, name in enumerate(names)
        ],
        "annotations": [
            {"id": i, "image_id": i // boxes, "category_id": 1, "bbox": [2, 2, 2, 2]}
            for i in range(boxes * len(names))
        ],
        "categories": [{"id": 1, "name": "x"}],
    }
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize("name", STRAYS)
def test_stray_texts_do_not_decide_the_format(name: str, tmp_path: Path) -> None:
    folder = voc(tmp_path / "set")
    (folder / "other.txt").write_text(STRAYS[name])
    report = hg.heatmap(folder).report
    assert (report.images, report.counted, report.complete) == (3, 3, True)
    known = detect_or_none(folder / "other.txt")
    if known not in {None, "yolo"} or name == "yolo":
        assert report.notes == {STRAY: 1}
        assert report.examples[STRAY] == [f"{folder}: {name} (other.txt)"]


def detect_or_none(path: Path) -> str | None:
    try:
        return detect(path)
    except FormatError:
        return None


def test_few_texts_of_another_kind_do_not_make_a_data_set_ambiguous(tmp_path: Path) -> None:
    for i in range(10):
        (tmp_path / f"{i}.txt").write_text(STRAYS["kitti"])
    (tmp_path / "summary.txt").write_text(STRAYS["yolo"])
    assert detect(tmp_path) == "kitti"


def test_lists_beside_wider_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "wider_face_train_bbx_gt.txt").write_text(STRAYS["wider"])
    (tmp_path / "wider_face_test_filelist.txt").write_text(STRAYS["names"])
    (tmp_path / "readme.txt").write_text("WIDER FACE\n")
    report = hg.heatmap(tmp_path, size=(200, 100)).report
    assert (report.images, report.counted, report.complete) == (1, 1, True)
    assert report.notes == {LEFT_OUT: 2}


def test_second_format_that_repeats_the_first_is_left_out(tmp_path: Path) -> None:
    voc(tmp_path / "Annotations")
    coco(tmp_path / "all.json")
    heat = hg.heatmap(tmp_path)
    assert detect(tmp_path) == "coco"  # the first in the registry
    assert heat.report.counted == 3
    assert heat.report.examples[REPEATED] == [
        f"{tmp_path}: voc (Annotations/a.xml, Annotations/b.xml, Annotations/c.xml)"
    ]


@pytest.mark.parametrize(("names", "boxes"), [("ab", 1), ("abd", 1), ("abc", 2)])
def test_competing_formats_are_named_with_commands(names: str, boxes: int, run: Any, tmp_path: Path) -> None:
    voc(tmp_path / "Annotations")
    coco(tmp_path / "all.json", names, boxes)
    code, _, messages = run("map", tmp_path)
    assert code == 1
    n = len(names)
    assert f"coco ({n} images, {n * boxes} annotations), voc (3 images, 3 annotations)" in messages
    for command in (
        f"heatgrid map {tmp_path} --format coco",
        f"heatgrid map {tmp_path} --format voc",
        f"heatgrid map {tmp_path}/Annotations",
    ):
        assert command in messages
        assert run(*command.split()[1:], "--json")[0] == 0


def test_tables_beside_other_formats_are_left_out_by_name(tmp_path: Path) -> None:
    voc(tmp_path)
    (tmp_path / "test.csv").write_text("filename,class,xmin,ymin,xmax,ymax\na.jpg,x,2,2,4,4\n")
    report = hg.heatmap(tmp_path).report
    assert report.counted == 3
    assert report.examples[STRAY] == [f"{tmp_path}: tables (test.csv)"]


FOLDERS = ["coco", "voc", "yolo", "labelme", "kitti", "dota", "visdrone", "mot", "via", "wider", "tables"]


@pytest.mark.parametrize("name", FOLDERS)
def test_files_reached_through_links_count_once(name: str, tmp_path: Path) -> None:
    folder = copytree(DATA / name / "valid/scene", tmp_path / "set")
    before = hg.heatmap(folder, size=(100, 80)).report
    files = [file for file in folder.rglob("*") if file.suffix in {".json", ".xml", ".txt", ".csv"}]
    for file in files:
        if file.name != "labels.txt" and "ImageSets" not in file.parts:
            file.with_name(f"link{file.stem}{file.suffix}").symlink_to(file)
    (folder / "again").symlink_to(folder, target_is_directory=True)
    after = hg.heatmap(folder, size=(100, 80)).report
    assert after.by_class() == before.by_class()
    assert (after.files, after.images) == (before.files, before.images)
    assert TWICE in after.notes


def test_sources_reached_through_links_count_once(tmp_path: Path) -> None:
    original = coco(tmp_path / "a.json")
    (tmp_path / "b.json").symlink_to(original)
    heat = hg.heatmap([original, tmp_path / "b.json"])
    assert heat.report.counted == 3
    assert heat.report.notes == {TWICE: 1}
    assert heat.report.examples[TWICE] == [str(tmp_path / "b.json")]
    assert hg.heatmap(tmp_path / "b.json").report.counted == 3  # alone, it is read


def test_links_out_of_a_folder_are_read_once(tmp_path: Path) -> None:
    original = coco(tmp_path / "a.json")
    folder = tmp_path / "set"
    folder.mkdir()
    for name in "xy":
        (folder / f"{name}.json").symlink_to(original)
    report = hg.heatmap(folder).report
    assert (report.counted, report.notes) == (3, {TWICE: 1})
