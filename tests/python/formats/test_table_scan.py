"""Columns of text tables that the kernel scans, compared with Python's csv module and float()."""

from __future__ import annotations

import csv
import math
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import heatgrid as hg
from heatgrid.core.kernel import scan_table

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = ["", "1", "-2.5", "3e2", "007", "+1", ".5", "nan", "inf", "1,5", "1_0", "a", "a b", " a", "é😀"]
CELLS = st.sampled_from([*PLAIN, '"a"', '"a;b"', '"'])
ENDS = st.sampled_from(["\n", "\r\n", "\n\n", "\r"])


@given(
    st.lists(st.tuples(st.lists(CELLS, min_size=1, max_size=3), ENDS), max_size=8),
    st.sampled_from(",;\t|"),
    st.integers(1, 3),
)
def test_cells_are_those_of_the_csv_module(
    lines: list[tuple[list[str], str]], delimiter: str, width: int
) -> None:
    text = "".join(delimiter.join(cells) + end for cells, end in lines)
    table = scan_table(text.encode(), delimiter, width)
    if table is None:
        return
    own = csv.reader(StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    rows = [(number, row) for number, row in enumerate(own) if row]
    assert table.lines.tolist() == [number for number, _ in rows]
    for column in range(width):
        cells = [row[column] for _, row in rows]
        assert table.cells(column) == cells
        codes, values = table.encode(column)
        assert [values[code] for code in codes] == cells
        assert values == list(dict.fromkeys(cells))
        if (numbers := table.numbers(column)) is not None:
            assert all(
                cell.strip() or math.isnan(number) for cell, number in zip(cells, numbers, strict=True)
            )
            found = [number for cell, number in zip(cells, numbers, strict=True) if cell.strip()]
            assert found == [float(cell) for cell in cells if cell.strip()]


HEADER = "filename,xmin,ymin,xmax,ymax,class,score\n"
ROW = "{},{},20,30,40,{},0.5"


def counted(path: Path, text: str) -> tuple[dict[str, object], list[object]]:
    """Return a table's report, and all of its annotations as Python values."""
    path.write_bytes(text.encode())
    batches = list(hg.read(path))
    rows: list[object] = []
    for batch in batches:
        assert batch.boxes is not None
        for i in range(len(batch)):
            label, image = batch.classes[batch.label[i]], batch.image_names[batch.image[i]]
            rows.append((label, image, batch.boxes[i].tolist(), batch.place(i)[1]))
    return sum((batch.report for batch in batches), hg.Report()).to_dict(), rows


@pytest.mark.parametrize(
    "cells",
    [
        ("a.jpg", "1", "car"),
        ("a.jpg", "1", '"car, red"'),
        ("a.jpg", "", "car"),
        ("a.jpg", "x", "car"),
        ("a.jpg", "nan", "car"),
        ("", "1", "car"),
        ("a.jpg", "1", ""),
        ("a.jpg", " 1 ", " car "),
        ("a.jpg", "007", "007"),
        ("a.jpg", "1e400", "car"),
        ("a.jpg", "12345678901234567890.125", "é"),
    ],
)
def test_both_readers_agree(tmp_path: Path, cells: tuple[str, str, str]) -> None:
    """A row with a quote in quotes sends the text to the slower reader; it must not change the others."""
    rows = [ROW.format(f"b{i}.jpg", i, "dog") for i in range(3)]
    rows.insert(1, ROW.format(*cells))
    plain, quoted = (ROW.format("z.jpg", 5, name) for name in ("q", '"""q"""'))
    own, found = counted(tmp_path / "t.csv", HEADER + "\n".join([*rows, plain]))
    slow, again = counted(tmp_path / "t.csv", HEADER + "\n".join([*rows, quoted]))
    text = repr((slow, again)).replace("'\"q\"'", "'q'")
    assert repr((own, found)) == text


def test_lines_are_numbered_through_blocks_and_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    rows = [ROW.format(f"img{i // 7}.jpg", i % 10, "car") + "\n" for i in range(200_000)]
    rows[150_000] = "\n"
    rows[199_999] = ROW.format("last.jpg", "wrong", "car") + "\n"
    path.write_text(HEADER + "".join(rows))
    heat = hg.heatmap(path, grid=4, size=(100, 100))
    assert heat.report.read == 199_999
    assert heat.report.counted == 199_998
    assert heat.report.examples["coordinate is not a number"] == [f"{path}: line 200001"]


@pytest.mark.parametrize("blank", ["\n", "  \n", "\r\n\r\n"])
@pytest.mark.parametrize("count", [1, 31, 32])  # the first 32 lines are read on their own
def test_blank_lines_at_the_end(tmp_path: Path, count: int, blank: str) -> None:
    rows = "".join(ROW.format(f"{i}.jpg", 1, "car") + "\n" for i in range(count))
    report, found = counted(tmp_path / "t.csv", HEADER + rows + blank)
    assert (report["read"], len(found)) == (0, count)


@pytest.mark.parametrize("blank", ["\n", " \n"])
def test_header_and_blank_lines(tmp_path: Path, blank: str) -> None:
    with pytest.raises(hg.FormatError, match=r"t\.csv: a header without rows"):
        counted(tmp_path / "t.csv", HEADER + blank)


@pytest.mark.parametrize("other", ["", "b.jpg,1", 'b.jpg,1,2,3,4,"""q""",1'])
def test_row_of_empty_cells_is_reported_whatever_the_others_are(tmp_path: Path, other: str) -> None:
    report, _ = counted(tmp_path / "t.csv", HEADER + ",,,,,,\n" + other + "\n" + ROW.format("a.jpg", 1, "x"))
    skipped, examples = report["skipped"], report["examples"]
    assert isinstance(skipped, dict)
    assert isinstance(examples, dict)
    assert skipped["row without an image"] == 1
    assert examples["row without an image"] == [f"{tmp_path}/t.csv: line 2"]
