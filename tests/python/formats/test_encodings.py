"""Text that is not UTF-8: refused with the position of the first such byte, or read with ``encoding=``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg
from samples import DATA, read_one

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAME = "größe"
CORNERS = "<xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax>"
BOX = f"<object><name>größe</name><bndbox>{CORNERS}</bndbox></object>"
XML = f"<annotation><filename>a</filename><size><width>9</width><height>9</height></size>{BOX}</annotation>"
CVAT = (
    '<annotations><image id="0" name="a.jpg" width="9" height="9">'
    '<box label="größe" xtl="1" ytl="1" xbr="9" ybr="9"/></image></annotations>'
)
COCO = json.dumps(
    {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 9, "height": 9}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 8, 8]}],
        "categories": [{"id": 1, "name": NAME}],
    },
    ensure_ascii=False,
)
FILES = {
    "coco.json": COCO,
    "image_name.json": COCO.replace(NAME, "car").replace("a.jpg", "größe.jpg"),
    "result.csv": f"filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,9,9,{NAME},1,1,9,9\n",
    "voc.xml": XML,
    "cvat.xml": CVAT,
    "via.csv": (
        "filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes\n"
        'a.jpg,1,"{}",1,0,"{""name"":""rect"",""x"":1,""y"":1,""width"":8,""height"":8}","{""class"":""größe""}"\n'
    ),
}


def names(path: Path, **options: Any) -> list[str]:
    batch = read_one(path, size=(9, 9), **options)
    return [*batch.classes, *batch.image_names]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("encoding", ["latin-1", "gbk"])
def test_other_encodings(name: str, encoding: str, tmp_path: Path) -> None:
    word, text = (
        ("größe", FILES[name]) if encoding == "latin-1" else ("中文", FILES[name].replace(NAME, "中文"))
    )
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    position = path.read_bytes().index(word.encode(encoding)) + (2 if encoding == "latin-1" else 0)
    with pytest.raises(hg.FormatError, match=f"{name}: byte {position} is not UTF-8; give encoding="):
        names(path)
    assert any(word in found for found in names(path, encoding=encoding))


def test_position_behind_several_chunks(tmp_path: Path) -> None:
    path = tmp_path / "far.csv"
    head = b"filename,width,height,class,xmin,ymin,xmax,ymax\n"
    rows = "a.jpg,9,9,größe,1,1,9,9\n".encode() * 10_000
    path.write_bytes(head + rows + b"a.jpg,9,9,gr\xf6\xdfe,1,1,9,9\n")
    position = len(head + rows) + len("a.jpg,9,9,gr")
    with pytest.raises(hg.FormatError, match=f"byte {position:,} is not UTF-8"):
        hg.heatmap(path)


@pytest.mark.parametrize("declared", ["ISO-8859-1", "windows-1252", "GBK", "UTF-16"])
@pytest.mark.parametrize("text", [XML, CVAT], ids=["voc", "cvat"])
def test_declared_xml_encodings(declared: str, text: str, tmp_path: Path) -> None:
    word = "中文" if declared == "GBK" else NAME
    path = tmp_path / "a.xml"
    path.write_bytes(
        f'<?xml version="1.0" encoding="{declared}"?>{text.replace(NAME, word)}'.encode(declared)
    )
    assert word in names(path)


def test_broken_xml_names_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "amp.xml"
    path.write_text(XML.replace(NAME, "R&D"))
    position = XML.index(NAME) + len("R&D")  # a reference must end with a semicolon
    with pytest.raises(hg.FormatError, match=f"line 1, column {position + 1}, byte {position}: broken XML"):
        names(path)


@pytest.mark.parametrize("encoding", ["klingon", "base64", ""])
def test_unknown_encodings(encoding: str) -> None:
    with pytest.raises(ValueError, match="encoding must be a known text encoding"):
        hg.heatmap(DATA / "coco/valid/scene/annotations.json", encoding=encoding)


def test_wrong_encoding(tmp_path: Path) -> None:
    path = tmp_path / "coco.json"
    path.write_bytes(COCO.encode("latin-1"))
    with pytest.raises(hg.FormatError, match="is not ASCII"):
        names(path, encoding="ascii")


def test_file_of_a_folder_is_refused_and_reported(tmp_path: Path) -> None:
    for name, encoding in (("a", "latin-1"), ("b", "utf-8")):
        (tmp_path / f"{name}.xml").write_bytes(XML.encode(encoding))
    heat = hg.heatmap(tmp_path)
    assert heat.report.counted == 1
    assert [text for text in heat.report.refused if "is not UTF-8" in text]


def test_command_line(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    path = tmp_path / "coco.json"
    path.write_bytes(COCO.encode("latin-1"))
    assert run("map", path)[0] == 1
    assert run("map", path, "--encoding", "latin-1")[0] == 0
