"""XML trees: the standard parser and our own handlers agree, and what the former may misread is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import tostring

import pytest

from heatgrid.core.limits import Limits
from heatgrid.errors import FormatError
from heatgrid.io import xml_files
from heatgrid.io.options import ReadOptions
from heatgrid.io.parse import points
from samples import DATA

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted(DATA.rglob("*.xml"))


def read(path: Path, options: ReadOptions) -> str:
    """Return the canonical text of a file's tree, or the error."""
    try:
        return tostring(xml_files.read_xml(path, options), encoding="unicode")
    except FormatError as error:
        return str(error)


def both(path: Path, monkeypatch: pytest.MonkeyPatch, options: ReadOptions | None = None) -> str:
    """Return what both parsers read."""
    options = options or ReadOptions()
    first = read(path, options)
    with monkeypatch.context() as patch:
        patch.setattr(xml_files, "_plain_tree", lambda *_: None)
        assert read(path, options) == first
    return first


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DATA)))
def test_both_parsers_read_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both(path, monkeypatch)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"<a><b x='1'>t</b>u</a>", '<a><b x="1">t</b>u</a>'),
        (b"<a xmlns='urn:x'><b/></a>", "<a xmlns="),
        (b"<!DOCTYPE a><a/>", "document type declarations are not allowed"),
        ("<!DOCTYPE a><a/>".encode("utf-16"), "document type declarations are not allowed"),
        (b"<!DOCTYPE a [<!ENTITY b 'bb'>]><a>&b;</a>", "document type declarations are not allowed"),
        (b"<a>&b;</a>", "broken XML"),
        (b"<a><!-- <!DOCTYPE a> --><b/></a>", "<a><b /></a>"),
        ("<a>\u00e9</a>".encode("utf-16"), "<a>\u00e9</a>"),
        (b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xe9</a>", "<a>\u00e9</a>"),
        (b"<?xml version='1.0' encoding='gbk'?><a>\xc4\xe3</a>", "<a>\u4f60</a>"),
        (b"<a>\xff</a>", "byte 3 is not UTF-8"),
        (b"<a><b></a>", "line 1, column"),
        (b"<a/><b/>", "broken XML"),
        (b"<p:a/>", "<p:a />"),
    ],
)
def test_odd_files(content: bytes, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(content)
    assert expected in both(path, monkeypatch)


@pytest.mark.parametrize("inner", ["", "<b/>", "<b></b>", "<b/><b/>"])
@pytest.mark.parametrize("depth", [3, 4, 5, 6])
def test_the_limit_of_depth(depth: int, inner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xml"
    path.write_text("<a>" * depth + inner + "</a>" * depth)
    found = both(path, monkeypatch, ReadOptions(limits=Limits(depth=5)))
    assert ("nested deeper than limits.depth=5" in found) == (depth + bool(inner) > 5)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([[0.5, 1.5], [2.0, 3.0]], [(0.5, 1.5), (2.0, 3.0)]),
        ([[1, 2.5], [3, 4]], [(1.0, 2.5), (3.0, 4.0)]),
        ([["1", "2"], [3, 4]], [(1.0, 2.0), (3.0, 4.0)]),
        ([[1, 2, 9], [3, 4]], [(1.0, 2.0), (3.0, 4.0)]),
        ([[10**400, 2], [3, 4]], [(float("inf"), 2.0), (3.0, 4.0)]),
        ([{"x": 1, "y": 2}, [3, 4]], [(1.0, 2.0), (3.0, 4.0)]),
        ([1, 2, 3, 4], [(1.0, 2.0), (3.0, 4.0)]),
        ([], []),
    ],
)
def test_points_of_all_forms(value: list[object], expected: list[tuple[float, float]]) -> None:
    assert [tuple(point) for point in points(value)] == expected


@pytest.mark.parametrize(
    "value", [[[True, 2], [3, 4]], [["a", 2]], [["ab"]], ["ab"], [[1]], [1, 2, 3], [None]]
)
def test_points_that_are_none_are_refused(value: list[object]) -> None:
    with pytest.raises(ValueError, match="coordinate"):
        points(value)
