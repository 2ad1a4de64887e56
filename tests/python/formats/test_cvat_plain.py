"""CVAT read in pieces, plain ones without an XML parser: the batches and errors are those of the parser."""

from __future__ import annotations

import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heatgrid.core.limits import Limits
from heatgrid.core.ragged import Flag
from heatgrid.io import xml_files
from heatgrid.io.formats import cvat
from heatgrid.io.formats.cvat import plain
from samples import DATA, assert_results_same, read_one, read_source, result_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


BOX = (
    '<box label="car" source="manual" occluded="0" xtl="1.5" ytl="2" xbr="30" ybr="40.25" z_order="0">\n'
    "</box>\n"
)
HIDDEN = BOX.replace('occluded="0"', 'occluded="1"').replace(
    "\n</", '\n<attribute name="a">b</attribute>\n</'
)
OLDER = '<box label="bus" occluded="0" source="manual" xtl="1" ytl="2" xbr="3" ybr="4"/>'
POLYGON = (
    '<polygon label="car" source="manual" occluded="1" points="1,2;30,4.5;6,-7" z_order="0"></polygon>\n'
)
TAG = '<tag label="day" source="manual"></tag>\n'
POINTS = '<points label="x" occluded="0" points="1,2;3,4"/>\n'
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>\n<meta><task/></meta>\n'
PARTS = [BOX, HIDDEN, OLDER, POLYGON, BOX * 3, TAG, POINTS]
NUMBERS = ("", "1_0", " 5 ", "1e3", "1e999", "nan", "x", "99", "-4.5", "+1", ".5", "007", "1 2", "\u0661")
RINGS = (
    "",
    ";",
    "1,2;",
    "1,2;3",
    "1;2,3",
    "1,2,3;4",
    "1,2;,",
    "1,2;3,nan",
    "1,2;3, 4",
    "1_0,2",
    "1,2",
    "+1,2",
)
CHANGES = [
    *(('"car"', f'"{text}"') for text in ("", " dog ", "a&amp;b", "a<b", "Größe", "\x01", "a\tb", "\ufffe")),
    *(('xtl="1.5"', f'xtl="{text}"') for text in NUMBERS),
    *(('width="640"', f'width="{text}"') for text in ("", "x", "-1", "0", "1e3", "inf", "6_4")),
    *(("1,2;30,4.5;6,-7", text) for text in RINGS),
    *(('occluded="0"', f'occluded="{text}"') for text in ("1", "", "true", "2", "1 ")),
    *((".jpg", text) for text in (".jpg\n", "&amp;.jpg", "&b;", "é.png", ">")),
    (' occluded="0"', ""), (' source="manual"', ""), ("</box>", ""), ("</box>", "</polygon>"),
    ('occluded="0"', 'occluded="0" source="auto"'), ('source="manual"', 'source="manual" source="b"'),
    ('source="manual"', 'id="7"'),
    ('z_order="0"', 'z_order="0" group_id="3"'), ('z_order="0"', 'rotation="10"'),
    ("<box ", "<box\n"), ("<box ", "<box outside='1' "), ("<box ", "<cuboid "),
    ("</box>", "</box><!-- c -->"),
    ("</box>", "</box>x"), ("</box>", "<attribute name='d'/></box>"), ("</box>", "<b><c><d/></c></b></box>"),
    ("</image>", ""), ("</image>", "</image></image>"), ("</image>", "</image>x"),
    ("</image>", "<image/></image>"),
    ("</image>", "</image><image id='9' name='e.jpg' width='4' height='5'/>"), ("</image>", "</image>\r\n "),
    ("</image>", "</image><track label='a'><box frame='1' xtl='1' ytl='1' xbr='2' ybr='2'/></track>"),
    ("</image>", "</image><images><image name='i'/></images>"), ("</image>", "<!-- </image> --></image>"),
    ("</image>", "<![CDATA[</image>]]></image>"), ("</image>", "</image></annotations><annotations>"),
    ("<image ", "<image xmlns='urn:x' "), ("<image ", "<image  "), ("<image ", "<imagery "),
    ("<image ", "<image a='1' "),
    (' subset="Train"', ""), ("Train", "Test"), ('name="a', 'name="'), ('id="', 'di="'),
    ("</annotations>", ""), ("</annotations>", "</annotations>x"), ("</annotations>", "</annotations> \n"),
    ("</annotations>", "</annotations><!-- c -->"), ("</annotations>", "</annotations >"),
    ("<version>", "<image/><version>"), ("<version>", "<track/><version>"),
    ("<version>", "<!-- <image --><version>"),
    ("<version>", "<!DOCTYPE a><version>"), ("<meta>", ""), ("<annotations>", "<annotation>"),
    ("<?xml", "\ufeff<?xml"), ("utf-8", "latin-1"), ("utf-8", "UTF-8"), ("utf-8", "gbk"), ("utf-8", "none"),
    ('"1.0"', '"1.1"'), ("<?xml", "<!DOCTYPE a><?xml"),
]  # fmt: skip


def write(path: Path, images: list[list[str]], changes: Sequence[tuple[tuple[str, str], bool]] = ()) -> Path:
    """Write images of these parts, with changes of the first occurrence or of all."""
    text = HEAD
    for i, parts in enumerate(images):
        subset = "Train" if i % 4 < 2 else "Validation"
        about = f'id="{i}" name="a{i}.jpg" subset="{subset}" task_id="1" width="640" height="480"'
        text += f"  <image {about}>\n{''.join(parts)}</image>\n"
    text += "</annotations>\n"
    for (old, new), everywhere in changes:
        text = text.replace(old, new, -1 if everywhere else 1)
    path.write_text(text, encoding="utf-8", newline="")
    return path


def check_all(path: Path, **options: Any) -> None:
    """Compare what is read by patterns, in pieces by the XML parser, and as a whole."""
    found = [result_of(path, "cvat", **options)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cvat, "subsets_in", lambda _: None)
        patch.setattr(cvat, "read_plain", lambda *_: None)
        found.append(result_of(path, "cvat", **options))
        patch.setattr(cvat._Survey, "_read_pieces", lambda *_: False)
        expected = result_of(path, "cvat", **options)
    for own in found:
        assert_results_same(own, expected)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(st.sampled_from(PARTS), max_size=4), max_size=6),
    st.lists(st.tuples(st.sampled_from(CHANGES), st.booleans()), max_size=2),
    st.sampled_from([40, 300, 1 << 18]),
    st.sampled_from([1, 3, 4096]),
)
def test_equal_to_the_parser(
    tmp_path: Path,
    images: list[list[str]],
    changes: list[tuple[tuple[str, str], bool]],
    chunk: int,
    batch_images: int,
) -> None:
    path = write(tmp_path / "annotations.xml", images, changes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xml_files, "_CHUNK", chunk)
        check_all(path, batch_images=batch_images)


@pytest.mark.parametrize("change", CHANGES, ids=lambda pair: f"{pair[0]!r}-{pair[1]!r}")
def test_each_change(tmp_path: Path, change: tuple[str, str]) -> None:
    for everywhere in (False, True):
        path = write(tmp_path / "a.xml", [[BOX, POLYGON], [], [HIDDEN], [BOX]], [(change, everywhere)])
        check_all(path)
    check_all(path, on_error="raise")
    check_all(path, splits=["val"])


@pytest.mark.parametrize("path", sorted((DATA / "cvat").rglob("*.xml")), ids=lambda path: path.name)
@pytest.mark.parametrize("options", [{}, {"attributes": ["occluded"]}, {"encoding": "latin-1"}], ids=str)
def test_files_of_tools(path: Path, options: dict[str, Any]) -> None:
    check_all(path, **options)


def test_limits(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", [[POLYGON, HIDDEN]])
    for depth in range(1, 6):
        check_all(path, limits=Limits(depth=depth))
    check_all(path, limits=Limits(vertices=2))


@pytest.mark.skipif(not xml_files.HAS_GROUPS, reason="possessive groups of this Python are faulty")
def test_plain_images_need_no_parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(xml_files, "parse_children")
    monkeypatch.delattr(xml_files, "_parse_xml")
    path = write(tmp_path / "a.xml", [[BOX, HIDDEN], [], [POLYGON, OLDER]], [(("Validation", "Train"), True)])
    batch = read_one(path)
    assert batch.boxes is not None
    assert np.array_equal(batch.boxes[:2], [[1.5, 2, 30, 40.25]] * 2)
    assert batch.polygons is not None
    assert batch.polygons.coords.tolist() == [[1, 2], [30, 4.5], [6, -7]]
    assert batch.flags is not None
    assert batch.flags.tolist() == [0, Flag.OCCLUDED, Flag.OCCLUDED, 0]
    assert [(int(image), batch.classes[i]) for image, i in zip(batch.image, batch.label, strict=True)] == [
        *((0, "car"), (0, "car"), (2, "car"), (2, "bus"))
    ]
    assert batch.where(3) == f"{path}: image[2].shape[1]"


def test_memory_stays_that_of_a_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.xml", [[BOX * 7]] * 8000)
    monkeypatch.setattr(xml_files, "_CHUNK", 1 << 14)
    tracemalloc.start()
    for _ in read_source(path, "cvat", batch_images=64):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < path.stat().st_size / 3


@pytest.mark.parametrize("part", ["<image ", BOX, "</image>", " ", f"{BOX}</image>", "<box", '<box label="'])
def test_time_grows_with_the_text(part: str) -> None:
    begin = time.process_time()
    text = '<image id="0" name="a" width="1" height="1">' + part * 100_000
    for own in (text, text + "</image>"):
        plain.subsets_in(own)
    assert time.process_time() - begin < 20  # a guard against patterns that never end
