"""Plain VOC files, read without an XML parser: the batches and errors are those of the parser."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heatgrid.io import xml_files
from heatgrid.io.formats import voc
from samples import DATA, assert_results_same, read_one, result_of

if TYPE_CHECKING:
    from pathlib import Path


HEAD = "<folder>a</folder><filename>1.jpg</filename><source><database>d</database></source>"
SIZE = "<size><width>64</width><height>48</height><depth>3</depth></size>"
CORNERS = "<xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax>"
OBJECT = (
    "<object><name>car</name><pose>x</pose><truncated>0</truncated><difficult>0</difficult>"
    f"<bndbox>{CORNERS}</bndbox></object>"
)
DEVKIT = OBJECT.replace("<difficult>0</difficult>", "").replace(
    "</bndbox>", "</bndbox><difficult>1</difficult>"
)
ROBOFLOW = OBJECT.replace(CORNERS, "<xmin>1</xmin><xmax>30</xmax><ymin>2</ymin><ymax>40</ymax>").replace(
    "<bndbox>", "<occluded>1</occluded><bndbox>"
)
NUMBERS = ("", "1_0", " 5 ", "1e3", "nan", "inf", "x", "99", "-4.5", "\u0661")
CHANGES = [
    *(("car", text) for text in ("", " dog ", "a&amp;b", "a<b/>c", "Größe", "\x01", "a\rb", "\ufffe", "a>b")),
    *(("<xmin>1<", f"<xmin>{text}<") for text in NUMBERS),
    *((">0</truncated>", f">{text}</truncated>") for text in ("1", " 1 ", "", "2", "01")),
    *((">0</difficult>", f">{text}</difficult>") for text in ("1", "true")),
    ("64", ""), ("64", "x"), ("64", "-1"), ("<width>64</width>", ""), ("<depth>3</depth>", ""),
    ("</object>", "<difficult>1</difficult></object>"),
    ("</object>", "<polygon><x1>1</x1></polygon></object>"),
    ("</object>", "<name>bus</name></object>"), ("</object>", "</objects>"), ("</object>", "</object>x"),
    ("</object>", "</object><!-- c -->"), ("</object>", "</object><part/>"), ("</object>", ""),
    ("<object>", "<object id='1'>"), ("<object>", "<object>\n\t"), ("</bndbox>", "</bndbox>\r\n "),
    ("</annotation>", ""), ("</annotation>", "</annotation>x"), ("</annotation>", "</annotation> \n"),
    ("<annotation>", "<annotation verified='yes'>"), ("<annotation>", "<annotations>"),
    ("<annotation>", "<?xml version='1.0' encoding='UTF-8'?>\n<annotation>"),
    ("<annotation>", "<?xml version='1.0' encoding='latin-1'?><annotation>"),
    ("<annotation>", "\ufeff<annotation>"), ("<annotation>", "<!DOCTYPE a><annotation>"),
    ("<folder>", "<size><width>1</width><height>2</height></size><folder>"), ("</folder>", "</size>"),
]  # fmt: skip


def check_both(path: Path, **options: Any) -> None:
    """Compare what is read with and without the fast path."""
    own = result_of(path, "voc", **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(voc, "_read_plain", lambda _: None)
        parsed = result_of(path, "voc", **options)
    assert_results_same(own, parsed)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from([OBJECT, DEVKIT]), max_size=4) | st.lists(st.just(ROBOFLOW), max_size=2),
    st.lists(st.tuples(st.sampled_from(CHANGES), st.booleans()), max_size=2),
    st.booleans(),
)
def test_equal_to_the_parser(
    tmp_path: Path, objects: list[str], changes: list[tuple[tuple[str, str], bool]], one_based: bool
) -> None:
    text = f"<annotation>{HEAD}{SIZE}<segmented>0</segmented>{''.join(objects)}</annotation>"
    for (old, new), everywhere in changes:
        text = text.replace(old, new, -1 if everywhere else 1)
    path = tmp_path / "1.xml"
    path.write_text(text, encoding="utf-8", newline="")
    check_both(path, one_based=one_based)


@pytest.mark.parametrize("objects", [OBJECT + DEVKIT + OBJECT, ROBOFLOW * 2], ids=["devkit", "roboflow"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda pair: f"{pair[0]!r}-{pair[1]!r}")
def test_each_change(tmp_path: Path, objects: str, change: tuple[str, str]) -> None:
    path = tmp_path / "1.xml"
    text = f"<annotation>{HEAD}{SIZE}{objects}</annotation>"
    path.write_text(text.replace(*change), encoding="utf-8", newline="")
    check_both(path)


@pytest.mark.parametrize("path", sorted((DATA / "voc/valid").iterdir()), ids=lambda path: path.name)
def test_files_of_tools(path: Path) -> None:
    check_both(path)
    check_both(path, one_based=True)


@pytest.mark.skipif(not xml_files.HAS_GROUPS, reason="possessive groups of this Python are faulty")
def test_plain_files_need_no_parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(xml_files, "parse_xml")
    path = tmp_path / "1.xml"
    path.write_text(f"<annotation>{HEAD}{SIZE}{OBJECT}{DEVKIT}{OBJECT}</annotation>", encoding="utf-8")
    batch = read_one(path)
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [[1, 2, 30, 40]] * 3
    path.write_text(f"<annotation>{SIZE}{ROBOFLOW}</annotation>", encoding="utf-8")
    batch = read_one(path)
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [[1, 2, 30, 40]]


@pytest.mark.parametrize("part", ["<folder>a</folder>", "<object>", "<object><name>", OBJECT, " ", "<size>"])
def test_time_grows_with_the_text(part: str) -> None:
    begin = time.process_time()
    voc._read_plain(f"<annotation>{part * 100_000}<".encode())
    assert time.process_time() - begin < 20  # a guard against patterns that never end
