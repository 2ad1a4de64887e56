"""Tables: columns by name, choice and content; unusual cells and bad rows."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heatgrid as hg
from heatgrid.core.ragged import Flag
from heatgrid.distributed import Columns, count_tables
from heatgrid.errors import FormatError
from heatgrid.io.formats import tables
from heatgrid.io.formats.tables.batches import numbers, parse_cells
from heatgrid.io.formats.tables.columns import layout_of_header
from heatgrid.io.read import detect
from samples import DATA, outcomes, read_all, read_one, read_source, rows

if TYPE_CHECKING:
    from pathlib import Path

VALID, BROKEN = DATA / "tables/valid", DATA / "tables/broken"
SIZES = {"a": (100, 80), "b": (64, 64)}


def test_row_without_box_is_image_without_objects() -> None:
    batch = read_one(VALID / "keras.csv")
    assert batch.image_names == ["images/a.jpg", "images/c.jpg", "images/b.jpg"]
    assert batch.image.tolist() == [0, 2]
    assert batch.positions is not None
    assert batch.positions.tolist() == [1, 3]


def test_sizes_in_table_override_options() -> None:
    batch = read_one(VALID / "scene/_annotations.csv", size=(1, 1))
    assert batch.sizes is not None
    assert batch.sizes.tolist() == [[100, 80], [64, 64], [50, 50]]


def test_decimal_commas_with_semicolons() -> None:
    batch = read_one(VALID / "decimal_commas.csv")
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [[10.5, 20, 40.25, 60], [0, 0, 64, 32.5]]
    assert batch.report.notes == {"decimal comma, read as a point": 2}
    assert batch.classes == ("car", "person")


HEADER = "filename,xmin,ymin,xmax,ymax,class,note\n"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("before", [1, 30, 31, 32, 33, 120_000])  # within, and across, what is read together
def test_quoted_cells_with_line_ends(tmp_path: Path, before: int, end: str) -> None:
    row = f"a.jpg,1,2,3,4,car,ok{end}"
    odd = f'"b.jpg",5,6,7,8,"dog","two{end}{end}lines, ""so"""{end}'
    path = tmp_path / "t.csv"
    path.write_bytes((HEADER + row * before + odd + row * 40_000).encode())
    read = list(hg.read(path, size=(9, 9)))
    assert sum(map(len, read)) == before + 40_001
    last = read[-1]
    assert {name for batch in read for name in batch.image_names} == {"a.jpg", "b.jpg"}
    assert {name for batch in read for name in batch.classes} == {"car", "dog"}
    assert last.place(len(last) - 1)[1] == f"line {before + 40_000 + 4}"


@pytest.mark.parametrize("label", ['"car', '5" nail', '"car" red'])
@pytest.mark.parametrize("later", ["", '"x'])
def test_quote_that_is_not_closed_ends_with_its_line(tmp_path: Path, label: str, later: str) -> None:
    path = tmp_path / "t.csv"
    row = "a.jpg,1,2,3,4,car,ok\n"
    path.write_text(f"{HEADER}{row}b.jpg,1,2,3,4,{label},\n{row * 2000}c.jpg,1,2,3,4,{later},\n{row}")
    report = hg.heatmap(path, 4, size=(9, 9)).report
    assert (report.read, report.counted, report.images) == (2004, 2004, 3)


@pytest.mark.parametrize(
    "before", ["sep=;\n", '"sep=;"\r\n', "# exported 2024-05-01\n#\n\n# by x, y; z\n", "\ufeffsep=;\n"]
)
def test_lines_before_the_header(tmp_path: Path, before: str) -> None:
    path = tmp_path / "t.csv"
    table = f"{HEADER}a.jpg,1,2,3,4,car,\nb.jpg,5,x,7,8,dog,\n".replace(",", ";")
    path.write_bytes((before + table).encode())
    report = hg.heatmap(path, 4, size=(9, 9)).report
    assert (report.read, report.counted, report.skipped) == (2, 1, {"coordinate is not a number": 1})
    place = f"{path}: line {before.count(chr(10)) + 3}"
    assert report.examples["coordinate is not a number"] == [place]


def test_header_that_is_a_comment(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("# by hand\n#" + HEADER + "a.jpg,1,2,3,4,car,\n")
    assert hg.heatmap(path, 4, size=(9, 9)).report.counted == 1


def test_center_columns_in_any_order() -> None:
    batch = read_one(VALID / "reordered.tsv")
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [[10, 20, 40, 60], [0, 0, 64, 32]]
    assert batch.classes == ("car", 'a "big" one')
    assert batch.ids == ["7", "8"]
    np.testing.assert_array_equal(batch.scores, [0.5, np.nan])


def test_splits_flags_and_normalized_coordinates() -> None:
    train, val = read_all(VALID / "normalized.csv")[0]
    assert (train.split, val.split) == ("train", "val")
    assert train.normalized
    assert train.report.notes == {"coordinates near [0, 1], read as normalized": 1}
    assert train.boxes is not None
    assert train.boxes.tolist() == [[0.1, 0.25, 0.4, 0.75]]
    assert train.flags is not None
    assert train.flags.tolist() == [Flag.CROWD]
    assert not read_all(VALID / "normalized.csv", normalized=False)[0][0].normalized
    (only,) = read_all(VALID / "normalized.csv", splits="val")[0]
    assert only.image_names == ["b"]
    assert len(only) == 1
    (none,) = read_all(VALID / "normalized.csv", splits="test")[0]
    assert none.report.notes["no split named test"] == 1


def test_bad_rows_are_skipped_with_reasons() -> None:
    batch = read_one(BROKEN / "rows.csv", size=(100, 80))
    report = batch.report
    assert report.skipped == {
        "coordinate is not a number": 2,
        "row without an image": 1,
        "coordinate missing": 1,
        "row of more cells than the table has columns": 1,
        "no geometry": 2,
    }
    assert report.examples["coordinate missing"] == [f"{BROKEN}/rows.csv: line 6"]
    assert report.examples["coordinate is not a number"][1] == f"{BROKEN}/rows.csv: line 13"
    assert report.notes == {
        "annotation without a class, counted as (none)": 1,
        "corners in the wrong order, swapped": 1,
    }
    assert batch.positions is not None
    assert batch.positions.tolist() == [2, 4, 9, 11, 14]
    assert batch.classes == ("car", "(none)", "a, b")
    assert outcomes([batch]).skipped["coordinate or image size not finite"] == 1
    with pytest.raises(FormatError, match=r"rows\.csv: line 3: coordinate is not a number"):
        list(read_source(BROKEN / "rows.csv", on_error="raise"))


def test_bad_row_does_not_affect_others(tmp_path: Path) -> None:
    good = [f"{i % 7}.jpg,car,{i}.25,{i},{i + 9},{i + 3}.5" for i in range(50)]
    header = "filename,class,xmin,ymin,xmax,ymax"
    (tmp_path / "a.csv").write_text("\n".join([header, *good]))
    plain = read_one(tmp_path / "a.csv")
    odd_rows = (
        "x,car,a,b,c,d",
        '"x,car,1,2,3,4',
        "x,car,1,2,3,4,5",
        "",
        "x,car",
        "x,_,\N{SUPERSCRIPT TWO},1,2,3",
    )
    for odd in odd_rows:
        (tmp_path / "b.csv").write_text("\n".join([header, *good[:20], odd, *good[20:]]))
        other = read_one(tmp_path / "b.csv")
        assert other.boxes is not None
        np.testing.assert_array_equal(other.boxes, plain.boxes)
        assert other.positions is not None
        assert other.positions.tolist() == [*range(2, 22), *range(23, 53)]


@given(st.lists(st.floats(width=64) | st.integers(-(10**20), 10**20)))
def test_fast_and_cellwise_parsing_are_equal(values: list[float]) -> None:
    cells = [repr(value) for value in values]
    fast, slow = numbers(cells), parse_cells(cells)
    np.testing.assert_array_equal(fast[0], slow[0])
    np.testing.assert_array_equal(np.zeros(len(cells)) if fast[1] is None else fast[1], slow[1])
    np.testing.assert_array_equal(slow[0], [float(value) for value in values])


def test_columns_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("photo,what,a,b,c,d\nx.png,cat,1,2,3,4\n")
    with pytest.raises(FormatError, match="unknown format"):
        detect(path)
    columns = {"image": "photo", "class": "what", "x1": "a", "y1": "b", "x2": "c", "y2": "d"}
    for chosen in (columns, {role: place for place, role in enumerate(columns)}):
        batch = read_one(path, format="tables", columns=chosen)
        assert batch.boxes is not None
        assert batch.boxes.tolist() == [[1, 2, 3, 4]]
        assert batch.classes == ("cat",)
    path.write_text("x.png,cat,1,2,3,4\n")
    assert len(read_one(path, format="tables", columns={role: i for i, role in enumerate(columns)})) == 1
    with pytest.raises(ValueError, match="columns: no column 'photo' for 'image'"):
        list(read_source(path, format="tables", columns={"image": "photo"}))
    path.write_text("filename,class,xmin,ymin,xmax,ymax\nx.png,cat,1,2,3,4\n")  # known names do not help
    with pytest.raises(ValueError, match=r"columns: no column 'top' for 'y1'; there are 'filename', 'class'"):
        hg.heatmap(path, size=(9, 9), columns={"y1": "top"})
    with pytest.raises(ValueError, match="columns must be a mapping"):
        read_source(path, columns=["photo"])
    with pytest.raises(ValueError, match=r"columns must be one of 'image', 'class', 'x1', .* and \d+ more"):
        list(read_source(path, format="tables", columns={"colour": "photo"}))


def test_headers() -> None:
    def found(header: str) -> tuple[str, ...] | None:
        columns = layout_of_header(header.split())
        return None if columns is None else columns.box

    assert found("Image_ID bbox_x_min bbox_y_min bbox_x_max bbox_y_max") == ("x1", "y1", "x2", "y2")
    assert found("file left top w h") == ("x1", "y1", "width", "height")
    assert found("file x_center y_center width height") == ("cx", "cy", "width", "height")
    assert found("file width height") is None
    assert found("x1 y1 x2 y2") is None


def test_utf16_and_carriage_returns(tmp_path: Path) -> None:
    text = (VALID / "scene/_annotations.csv").read_text()
    (tmp_path / "16.csv").write_bytes(text.encode("utf-16"))
    (tmp_path / "cr.csv").write_bytes(text.replace("\n", "\r").encode())
    for name in ("16.csv", "cr.csv"):
        assert detect(tmp_path / name) == "tables"
        assert rows([read_one(tmp_path / name)]) == rows([read_one(VALID / "scene")])


def test_files_of_folder_are_splits(tmp_path: Path) -> None:
    text = (VALID / "scene/_annotations.csv").read_text()
    (tmp_path / "train.csv").write_text(text)
    (tmp_path / "valid.csv").write_text(text.replace(".jpg", ".png"))
    (tmp_path / "classes.csv").write_text("name,number\ncar,1\n")
    batches, report = read_all(tmp_path)
    assert [batch.split for batch in batches if batch.image_names] == ["train", "val"]
    assert report.notes == {"file without columns of boxes, ignored": 1}


@pytest.mark.peers
def test_parquet(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = arrow.table(
        {
            "image_id": [7, 7, 8, None],
            "label": arrow.array(["car", "dog", None, "car"]).dictionary_encode(),
            "xmin": [1.5, 2, None, 1],
            "ymin": [1, 2, None, 3],
            "xmax": arrow.array([3, None, None, 1], arrow.float32()),
            "ymax": [4, 5, None, 6],
            "note": [{"a": 1}] * 4,
        }
    )
    path = tmp_path / "a.parquet"
    parquet.write_table(table, path)
    assert detect(path) == "tables"
    batch = read_one(path, size=(10, 10))
    assert batch.image_names == ["7", "8"]
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [[1.5, 1, 3, 4]]
    assert batch.report.skipped == {"coordinate missing": 1, "row without an image": 1}
    assert batch.report.examples["coordinate missing"] == [f"{path}: row 2"]
    parquet.write_table(table.select(["label"]), path)
    with pytest.raises(FormatError, match="no columns of images and boxes"):
        list(read_source(path))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(FormatError, match="broken Parquet"):
        list(read_source(path))


def test_parquet_requires_arrow_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "a.parquet").write_bytes(b"PAR1....PAR1")
    with pytest.raises(ImportError, match=r"heatgrid\[arrow\]"):
        list(read_source(tmp_path / "a.parquet"))


# Tables in pieces


def many_rows(path: Path, images: int, *, pixels: bool = True) -> Path:
    """Write a table of three rows per image, its last column a split."""
    scale = 100 if pixels else 1
    lines = ["filename,class,xmin,ymin,xmax,ymax,width,height,split"]
    for i in range(images):
        for k in range(3):
            x = (i % 7) / 10 * scale
            split = "val" if i % 4 == 0 else "train"
            box = f"{x},{0.1 * scale},{x + 0.2 * scale},{0.5 * scale}"
            lines.append(f"{i}.jpg,c{(i + k) % 5},{box},100,100,{split}")
    path.write_text("\n".join(lines) + "\n")
    return path


def in_chunks_of(lines: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_BLOCK", 40 * lines)  # about the length of a line


@pytest.mark.parametrize(("lines", "rows"), [(7, 10), (1, 1), (3, 3), (4, 30), (100, 50), (1000, 1000)])
@pytest.mark.parametrize("pixels", [True, False])
def test_table_in_pieces_equals_whole_table(
    lines: int, rows: int, pixels: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = many_rows(tmp_path / "many.csv", 40, pixels=pixels)
    whole = hg.heatmap(path, 20, count="images")
    in_chunks_of(lines, monkeypatch)
    pieces = hg.heatmap(path, 20, count="images", table_rows=rows)
    assert pieces == whole
    assert pieces.report == whole.report
    batches = list(hg.read(path, table_rows=rows))
    assert max(map(len, batches)) <= rows + max(lines + 1, 31) + 3  # 31 rows are read with the header
    names = [name for batch in batches for name in batch.image_names]
    assert sorted(names) == sorted(f"{i}.jpg" for i in range(40))


def test_splits_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = many_rows(tmp_path / "many.csv", 40)
    in_chunks_of(3, monkeypatch)
    found = hg.heatmap(path, 20, splits=["val", "test"], table_rows=6)
    assert found == hg.heatmap(path, 20, splits="val")
    assert found.report.notes == {"no split named test": 1}


def test_image_in_two_pieces_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = many_rows(tmp_path / "many.csv", 40)
    path.write_text(path.read_text() + "3.jpg,c1,1,1,9,9,100,100,train\n")
    assert hg.heatmap(path, 20).report.images == 40
    in_chunks_of(10, monkeypatch)
    report = hg.heatmap(path, 20, table_rows=20).report
    assert (report.images, report.read) == (41, 121)
    assert report.notes == {"rows of an image are not contiguous, counted as separate images": 1}


def test_pieces_of_different_range_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = many_rows(tmp_path / "many.csv", 40, pixels=False)
    path.write_text(path.read_text() + "last.jpg,c1,10,10,90,90,100,100,train\n")
    in_chunks_of(10, monkeypatch)
    with pytest.raises(FormatError, match="pass normalized=True or normalized=False"):
        hg.heatmap(path, 20, table_rows=20)
    assert hg.heatmap(path, 20, table_rows=20, normalized=True).report.outside == 1


@pytest.mark.peers
def test_parquet_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    csv = pytest.importorskip("pyarrow.csv")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = csv.read_csv(many_rows(tmp_path / "many.csv", 40))
    parquet.write_table(table, tmp_path / "many.parquet", row_group_size=25)
    monkeypatch.setattr(tables, "_ROWS", 8)
    pieces = hg.heatmap(tmp_path / "many.parquet", 20, table_rows=10)
    assert pieces == hg.heatmap(tmp_path / "many.csv", 20)
    assert len(list(hg.read(tmp_path / "many.parquet", table_rows=10))) > 10


@pytest.mark.peers
def test_files_memory_and_partitions_give_equal_maps(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    csv = pytest.importorskip("pyarrow.csv")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = csv.read_csv(many_rows(tmp_path / "many.csv", 40)).drop_columns("split")
    parquet.write_table(table, tmp_path / "many.parquet")
    columns = Columns(boxes=("xmin", "ymin", "xmax", "ymax"), label="class", width="width", height="height")
    from_file = hg.heatmap(tmp_path / "many.parquet", 20)
    assert from_file == hg.heatmap(tmp_path / "many.csv", 20)
    assert from_file == hg.Heatmap(20, from_file.classes).add(table)
    assert from_file == count_tables(table.to_batches(max_chunksize=7), columns, 20)


@pytest.mark.peers
def test_skipped_rows_are_reported_by_class(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    boxes = {"xmin": [1.0, None] * 10, "ymin": [1.0] * 20, "xmax": [5.0] * 20, "ymax": [5.0] * 20}
    table = arrow.table({"image": ["a"] * 20, "class": ["car", "dog", "car", "bee"] * 5} | boxes)
    parquet.write_table(table, tmp_path / "a.parquet")
    batch = read_one(tmp_path / "a.parquet", size=(10, 10))
    assert len(batch) == 10
    skipped = {name: totals["skipped"] for name, totals in batch.report.by_class().items()}
    assert skipped == {"dog": 5, "bee": 5}


@pytest.mark.peers
def test_dictionaries_of_parquet_are_in_any_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    names = ["car", "dog", None, "bee", "dog", "car", "bee", "car", "bee", "car", "dog", None]
    boxes = {corner: [float(i) for i in range(1, 13)] for corner in ("xmin", "ymin", "xmax", "ymax")}
    for labels in (names, arrow.array(names).dictionary_encode()):
        table = arrow.table({"image": [3, 1, 2] * 4, "class": labels} | boxes)
        parquet.write_table(table, tmp_path / "a.parquet")
        for count in (2, 3, 4, 5, 100):
            monkeypatch.setattr(tables, "_ROWS", count)
            batch = read_one(tmp_path / "a.parquet", size=(20, 20))
            assert [batch.classes[i] for i in batch.label.tolist()] == [name or "(none)" for name in names]
            expected = [("3", "1", "2")[i % 3] for i in range(len(names))]
            assert [batch.image_names[i] for i in batch.image.tolist()] == expected
