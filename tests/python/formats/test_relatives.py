"""Relatives of public bug reports: small files of the same kinds, with values worked out by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg
from batches import check_account
from heatgrid.io.build import UNLABELED
from heatgrid.io.formats.openimages import MASK_MISSING
from samples import read_one

if TYPE_CHECKING:
    from pathlib import Path

BOXES = "ImageID,LabelName,Confidence,XMin,XMax,YMin,YMax\na,/m/1,1,0.1,0.5,0.1,0.4\n"
SEGMENTS = "MaskPath,ImageID,LabelName,BoxID,BoxXMin,BoxXMax,BoxYMin,BoxYMax\n"


def count(path: Path, **options: Any) -> hg.Heatmap:
    """Count a source on a grid of 10 by 10, and check its account."""
    heat = hg.heatmap(path, 10, **options)
    check_account(heat.report)
    return heat


@pytest.mark.parametrize(
    "segmentation",
    [
        [2, 2, 12],  # runs without a size: an odd ring
        '{"size": [4, 4], "counts": [4, 4, 8]}',
        {"size": [4, 4], "counts": "not base64 \u00e9"},
        {"size": [4], "counts": [4, 4, 8]},
        {"counts": [4, 4, 8]},
        [[{"size": [4, 4], "counts": [4, 4, 8]}]],
    ],
)
def test_codes_in_other_shapes_leave_the_box(tmp_path: Path, segmentation: Any) -> None:
    images = [{"id": 1, "file_name": "a.png", "width": 4, "height": 4}]
    annotation = {
        "id": 1,
        "image_id": 1,
        "category_id": 1,
        "bbox": [1, 0, 1, 4],
        "segmentation": segmentation,
    }
    document = {"images": images, "annotations": [annotation], "categories": [{"id": 1, "name": "part"}]}
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document))
    report = count(path).report
    assert (report.read, report.counted) == (1, 1)
    assert sum(report.notes.values()) == 1


@pytest.mark.parametrize(
    ("size", "name", "box", "outcome"),
    [
        ("<width>9</width><height>9</height>", "<name> </name>", (1, 1, 5, 5), "unlabeled"),
        ("<width>9</width><height>9</height>", "<name/>", (5, 5, 1, 1), "unlabeled"),
        ("<width>9</width><height>9</height>", "<name>x</name>", (1, 4, 5, 4), "empty"),
        ("<width>9</width><height>9</height>", "<name>x</name>", (10, 1, 15, 5), "outside"),
        ("<width>9</width>", "<name>x</name>", (1, 1, 5, 5), "size"),
        ("<width>?</width><height>9</height>", "<name>x</name>", (1, 1, 5, 5), "size"),
    ],
)
def test_voc_objects_have_one_outcome(
    tmp_path: Path, size: str, name: str, box: tuple[int, ...], outcome: str
) -> None:
    corners = "".join(
        f"<{tag}> {value}.0\n</{tag}>"
        for tag, value in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
    )
    path = tmp_path / "a.xml"
    path.write_text(
        f"<annotation><size>{size}</size><object>{name}<bndbox>{corners}</bndbox></object></annotation>"
    )
    report = count(path).report
    assert report.read == 1
    assert (report.notes.get(UNLABELED, 0) == report.counted == 1) == (outcome == "unlabeled")
    assert (report.empty, report.outside) == (int(outcome == "empty"), int(outcome == "outside"))
    assert (report.skips == 1) == (outcome == "size")


def test_masks_in_other_folders_are_not_missing(tmp_path: Path) -> None:
    (tmp_path / "train-annotations-bbox.csv").write_text(BOXES)
    (tmp_path / "train-annotations-object-segmentation.csv").write_text(
        SEGMENTS + "".join(f"m{i}.png,a,/m/1,b{i},0.1,0.5,0.1,0.4\n" for i in range(3))
    )
    (tmp_path / "masks" / "0").mkdir(parents=True)
    for i in range(2):
        (tmp_path / "masks" / "0" / f"m{i}.png").write_bytes(b"")
    report = count(tmp_path).report
    assert report.notes[MASK_MISSING] == 1
    assert report.examples[MASK_MISSING][0].endswith("line 4 (m2.png)")
    (tmp_path / "masks" / "0" / "m2.png").write_bytes(b"")
    assert MASK_MISSING not in count(tmp_path).report.notes


@pytest.mark.parametrize(
    ("text", "images", "boxes"),
    [
        ("a.jpg,10,10,40,40,dog\nb.jpg,,,,,\nc.jpg,,,,,\n", 3, [[10, 10, 40, 40]]),
        (
            "Unnamed: 0,filename,width,height,class,xmin,ymin,xmax,ymax\n7,a.jpg,100,100,dog,1,2,3,4\n",
            1,
            [[1, 2, 3, 4]],
        ),
        ("filename;width;height;class;xmin;ymin;xmax;ymax\na;100;100;dog;1,5;2;3;4\n", 1, [[1.5, 2, 3, 4]]),
        ("frame,xmin,xmax,ymin,ymax,class_id\n1.jpg,9,7,3,5,1\n", 1, [[7, 3, 9, 5]]),
        ("image\tlabel\tx_center\ty_center\tw\th\na.jpg\tdog\t50\t50\t20\t20\n", 1, [[40, 40, 60, 60]]),
    ],
)
def test_tables_of_tools(tmp_path: Path, text: str, images: int, boxes: Any) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    batch = read_one(path, size=(100, 100))
    assert batch.boxes is not None
    assert batch.boxes.tolist() == boxes
    assert len(batch.image_names) == images
    assert count(path, size=(100, 100)).report.counted == len(boxes)
