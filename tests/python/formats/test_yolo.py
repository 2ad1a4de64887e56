"""YOLO: files of a data set, and meaning of their rows."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heatgrid as hg
from heatgrid.errors import FormatError
from heatgrid.io.formats.yolo.folders import candidates
from heatgrid.io.text_rows import parse
from samples import DATA, outcomes, read_all, read_one, read_source

VALID = DATA / "yolo/valid"
ROWS = DATA / "yolo/broken/rows"


def labels(folder: Path, *rows: str, names: str = "names: [a, b]") -> Path:
    """Write a data set of one label file."""
    (folder / "labels").mkdir()
    (folder / "labels/1.txt").write_text("\n".join(rows))
    (folder / "data.yaml").write_text(f"train: images\n{names}\n")
    return folder


def test_rows_are_classified_one_by_one() -> None:
    batches, report = read_all(VALID / "mixed")
    train, val, test = batches
    assert [batch.split for batch in batches] == ["train", "val", "test"]
    assert train.image_names == ["with space.rf.1"]
    assert train.kinds.tolist() == [1, 2, 1]
    assert train.boxes is not None
    assert train.boxes[0].tolist() == [0.4, 0.4, 0.6, 0.6]
    assert train.polygons is not None
    assert train.polygons.annotations.tolist() == [0, 0, 1, 1]
    assert train.polygons.coords.tolist() == [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4]]
    assert train.positions is not None
    assert train.positions.tolist() == [1, 3, 4]
    assert train.where(1).endswith("train/labels/with space.rf.1.txt: line 3")
    assert val.scores is not None
    assert val.scores[0] == 0.75
    assert np.isnan(val.scores[1])
    assert len(test) == 0
    assert test.image_names == ["3"]
    assert report.images == 3


UNNAMED = "label folder without a split, ignored"


@pytest.mark.parametrize(
    ("entries", "left"),
    [
        ("train: train/images", ["extra/labels", "labels/more"]),
        ("train: ../train/images\nval: extra", ["labels/more"]),
        ("train: [train, extra]\nval: images/more", []),
        ("train: .", []),
        ("train: train.txt", []),
    ],
)
def test_folders_of_labels_in_no_split_are_noted(tmp_path: Path, entries: str, left: list[str]) -> None:
    for folder in ("train/labels", "extra/labels", "labels/more"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "1.txt").write_text("0 0.5 0.5 0.25 0.25")
    (tmp_path / "empty/labels").mkdir(parents=True)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/readme.txt").write_text("none")
    (tmp_path / "train.txt").write_text("train/images/1.jpg\ntrain/images/2.jpg\n")
    (tmp_path / "data.yaml").write_text(f"{entries}\nnames: [a]\n")
    for splits in (None, "train"):
        report = read_all(tmp_path, splits=splits)[1]
        assert report.notes.get(UNNAMED, 0) == len(left)
        assert report.examples.get(UNNAMED, []) == [str(tmp_path / folder) for folder in left]


def test_skipped_rows_keep_their_class(tmp_path: Path) -> None:
    rows = ["0 .5 .5 .1 .1", "1 .5 .5 .1", "7 .5 .5 -.1 .1", "-1 .5 .5 .1 .1", "x .5 .5 .1 .1"]
    totals = read_one(labels(tmp_path, *rows)).report.by_class()
    assert {name: total["skipped"] for name, total in totals.items()} == {"b": 1, "class_7": 1, "(none)": 2}


def test_class_without_name_is_kept() -> None:
    batches, report = read_all(VALID / "mixed")
    assert batches[0].classes == ("crab", "net", "class_44")
    assert batches[0].label.tolist() == [0, 1, 2]
    assert report.notes["class number without a name, kept as class_<number>"] == 1


def test_nine_columns_are_a_polygon_or_an_oriented_box(tmp_path: Path) -> None:
    row = "0 0.1 0.1 0.5 0.1 0.5 0.5 0.1 0.5"
    folder = labels(tmp_path, row, f"{row} 0.9")
    batch = read_one(folder, task="obb")
    assert batch.kinds.tolist() == [2, 2]
    assert batch.polygons is not None
    assert batch.polygons.rings.tolist() == [0, 4, 8]
    assert batch.scores is not None
    assert batch.scores[1] == 0.9
    assert read_one(folder).report.skipped == {"odd number of polygon coordinates": 1}


def test_darknet() -> None:
    batches, report = read_all(VALID / "darknet/data")
    assert [(batch.split, batch.image_names) for batch in batches] == [
        ("train", ["data/obj_train_data/a.jpg", "data/obj_train_data/background.jpg"]),
        ("val", ["work/data/obj_train_data/b.jpg"]),
    ]
    assert [batch.classes for batch in batches] == [("car", "person")] * 2
    assert report.notes == {"image without a label file, counted as background": 1}


def test_poses() -> None:
    batch = read_one(VALID / "pose")
    assert batch.kinds.tolist() == [9, 1, 9]
    assert batch.points is not None
    assert batch.points.offsets.tolist() == [0, 2, 2, 4]
    assert batch.points.coords[:2].tolist() == [[0.4, 0.4], [0.6, 0.6]]
    assert batch.points.visible.tolist() == [True, False, True, True]
    assert batch.scores is not None
    assert np.nan_to_num(batch.scores, nan=-1).tolist() == [-1, -1, 0.9]


def test_poses_without_visibility(tmp_path: Path) -> None:
    folder = labels(tmp_path, "0 .5 .5 .4 .4 .4 .4 0 0 .6 .6", names="names: [a]\nkpt_shape: [3, 2]")
    batch = read_one(folder)
    assert batch.points is not None
    assert batch.points.visible.tolist() == [True, False, True]


def test_poses_by_task_alone(tmp_path: Path) -> None:
    folder = labels(tmp_path, "0 .5 .5 .4 .4 .4 .4 2 .6 .6 2", "0 .5 .5 .4 .4")
    assert read_one(folder, task="pose").kinds.tolist() == [9, 1]


def test_paths_of_another_machine_are_found() -> None:
    batches, _ = read_all(VALID / "moved")
    assert [(batch.split, batch.image_names) for batch in batches] == [("train", ["1"]), ("val", ["2"])]


def test_lists_of_images() -> None:
    batches, report = read_all(VALID / "lists")
    (batch,) = batches
    assert batch.image_names == ["images/a/1.jpg", "images/a/none.jpg", "mnt/disk/lists/images/a/2.jpg"]
    assert batch.classes == ("a", "c", "class_1")
    assert [batch.classes[i] for i in batch.label] == ["class_1", "c"]
    assert report.notes["entry read for another split already: train.txt"] == 1
    assert report.notes["listed path outside the data set's folder ignored"] == 1


def test_folder_of_text_files() -> None:
    batch = read_one(VALID / "plain")
    assert batch.classes == ("cat", "dog")
    assert batch.label.tolist() == [0, 1]
    assert batch.report.notes == {"classes of the same name merged": 1}


def test_single_files() -> None:
    assert len(read_one(VALID / "plain/x.txt")) == 2
    assert read_one(VALID / "darknet/data/train.txt").split == "train"
    assert read_one(VALID / "scene/data.yaml").split == "train"
    assert read_one(VALID / "darknet/data/obj.data", splits="val").image_names == [
        "work/data/obj_train_data/b.jpg"
    ]


def test_folders_without_a_configuration() -> None:
    batches, _ = read_all(VALID / "mixed/train")
    assert [batch.split for batch in batches] == ["train"]
    batches, _ = read_all(VALID / "moved/validate/labels")
    assert [batch.split for batch in batches] == ["val"]


def test_images_are_listed_with_and_without_labels(tmp_path: Path) -> None:
    labels(tmp_path, "0 .5 .5 .1 .1")
    (tmp_path / "images").mkdir()
    for name in ("1.JPG", "2.png", "notes.md"):
        (tmp_path / "images" / name).touch()
    (tmp_path / "labels/3.txt").write_text("1 .5 .5 .1 .1\n")
    batch = read_one(tmp_path)
    assert batch.image_names == ["1.JPG", "2.png", "3"]
    assert batch.report.files == 2
    assert batch.report.notes == {"image without a label file, counted as background": 1}


def test_every_bad_row_has_its_reason_and_affects_no_other() -> None:
    batch = read_one(ROWS)
    assert batch.positions is not None
    assert batch.image_names == ["1", "3"]
    assert batch.positions.tolist() == [1, 10, 11, 13, 14, 15, 16, 17, 1]
    assert batch.report.skipped == {
        "fewer than five columns": 1,
        "class is not a whole number from 0 up": 4,
        "row holds something that is not a number": 4,
        "negative width or height": 1,
        "odd number of polygon coordinates": 1,
    }
    assert batch.report.refused == {
        "this is a Git-LFS pointer, not the file itself (git lfs pull fetches it)": 1
    }
    assert outcomes([batch]).skipped["coordinate or image size not finite"] == 2
    assert outcomes([batch]).skipped["fewer than three distinct points"] == 1
    assert batch.report.notes["coordinates far outside [0, 1], perhaps pixels"] == 2
    assert batch.report.examples["fewer than five columns"] == [f"{ROWS}/labels/1.txt: line 2"]


def test_strict_reader_stops_at_first_bad_row() -> None:
    with pytest.raises(FormatError, match="git lfs pull"):
        list(read_source(ROWS, on_error="raise"))
    with pytest.raises(FormatError, match="fewer than five") as caught:
        list(read_source(ROWS / "labels/1.txt", on_error="raise"))
    assert caught.value.where == "line 2"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nothing", "no images and no label files found"),
        ("bad_yaml", "broken YAML"),
        ("not_mapping", "expected a mapping"),
        ("outside", "no images and no label files found"),
        ("empty_list", "none of the 2 images listed has a label file"),
    ],
)
def test_configurations_without_data(name: str, text: str) -> None:
    with pytest.raises(FormatError, match=text):
        list(read_source(DATA / f"yolo/broken/{name}/data.yaml", format="yolo"))


def test_broken_yaml_gives_its_line() -> None:
    with pytest.raises(FormatError) as caught:
        list(read_source(DATA / "yolo/broken/bad_yaml/data.yaml"))
    assert caught.value.where == "line 3"


def test_paths_stay_inside(tmp_path: Path) -> None:
    """Neither a literal path, nor a link, nor a list leads out of the folder above the configuration."""
    secret = tmp_path / "secret"
    (secret / "labels").mkdir(parents=True)
    (secret / "labels/1.txt").write_text("0 .5 .5 .1 .1")
    inner = tmp_path / "open/data"
    inner.mkdir(parents=True)
    (inner / "link").symlink_to(secret)
    (inner / "list.txt").write_text(f"{secret}/images/1.jpg\n../../secret/images/1.jpg\n")
    for entry in (f"{secret}/labels", "../../secret/labels", "link/labels", "list.txt", "..", "../.."):
        (inner / "data.yaml").write_text(f"names: [a]\ntrain: {entry}\n")
        with pytest.raises(FormatError):
            list(read_source(inner))


@pytest.mark.parametrize("entry", ["a\0b/images", "x" * 4000, "/".join("y" * 2000), "\udce4"])
def test_entries_that_cannot_be_paths(tmp_path: Path, entry: str) -> None:
    (tmp_path / "data.yaml").write_text(f"names: [a]\ntrain: {json.dumps(entry)}\n")
    (tmp_path / "list.txt").write_text(f"{entry}.jpg\n", errors="surrogateescape")
    for name in ("data.yaml", "list.txt"):
        with pytest.raises(FormatError):
            list(read_source(tmp_path / name, format="yolo"))


def test_yaml_is_neither_executed_nor_expanded(tmp_path: Path) -> None:
    path = labels(tmp_path, "0 .5 .5 .1 .1", names="names: !!python/object/apply:os.getcwd []") / "data.yaml"
    with pytest.raises(FormatError, match="broken YAML"):
        list(read_source(path))
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
        for old, new in zip("abcdefghi", "bcdefghij", strict=True)
    )
    path.write_text(f"{bomb}train: images\nnames: [*j, b]\n")
    assert read_one(path).classes == ("b", "class_0")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("names: {1: b, 0: a}", ("a", "b")),
        ("names: {'0': a}", ("a",)),
        ("nc: 2", ("class_0", "class_1")),
        ("names: [1, yes]", ("1", "True")),
        ("names: 7\nnc: 1", ("class_0",)),
        ("names: [a, a]", ("a",)),
    ],
)
def test_class_names(tmp_path: Path, names: str, expected: tuple[str, ...]) -> None:
    assert read_one(labels(tmp_path, "0 .5 .5 .1 .1", names=names)).classes == expected


def test_entries_keep_the_name_of_the_split() -> None:
    root = Path("root")
    places = [str(path) for path in candidates("../../x/valid/images", [root])]
    assert places[0] == "root/../../x/valid/images"
    assert "root/valid/images" in places
    assert "root/val/images" in places
    assert "root/images" not in places


def test_track_numbers_are_not_confidences(tmp_path: Path) -> None:
    assert read_one(labels(tmp_path, "0 .5 .5 .1 .1 17")).scores is None


def test_vertices_are_limited(tmp_path: Path) -> None:
    folder = labels(tmp_path, "0 " + "0.5 0.25 " * 5, "0 " + "0.5 0.25 " * 4)
    _, report = read_all(folder, limits=hg.Limits(vertices=4))
    assert report.skipped == {"more vertices than limits.vertices": 1}


FLOATS = st.floats(allow_nan=False) | st.integers(0, 10**20).map(float)


@given(
    st.lists(st.tuples(FLOATS, st.sampled_from(["{!r}", "{:.6f}", "{:.17g}", "{:e}", "+{!r}"])), max_size=30)
)
def test_numbers_are_rounded_as_python_rounds(numbers: list[tuple[float, str]]) -> None:
    texts = [form.format(number).replace("+-", "-") for number, form in numbers]
    rows, bad = parse([" ".join(texts).encode()])
    assert not bad
    expected = [float(text) for text in texts]
    assert struct.pack(f"{len(expected)}d", *expected) == rows.values.tobytes()


TOKENS = st.sampled_from(
    ["0", "1", "0.5", "-1", "x", "nan", "1e5", "1_0", ".", "", "0,5", "0x1", "\ufeff", "٣"]
)
BREAKS = st.sampled_from([" ", "\t", "\n", "\r\n", "\r", "\n\n", " \n"])


@given(st.lists(st.lists(st.tuples(TOKENS, BREAKS), max_size=12), max_size=4))
def test_rows_and_lines_equal_those_of_a_simple_parser(files: list[list[tuple[str, str]]]) -> None:
    contents = ["".join(token + gap for token, gap in file) for file in files]
    rows, bad = parse([content.encode() for content in contents])
    expected_rows, expected_bad = [], []
    for i, content in enumerate(contents):
        text = content.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        for number, line in enumerate(text.split("\n"), 1):
            try:
                values = [float(token.encode().replace(b"_", b"x")) for token in line.split()]
            except ValueError:
                expected_bad.append((i, number))
            else:
                expected_rows += [(i, number, values)] if values else []
    assert [(line.file, line.line) for line in bad] == expected_bad
    found = [
        (int(rows.file[k]), int(rows.line[k]), rows.values[rows.offsets[k] : rows.offsets[k + 1]].tolist())
        for k in range(len(rows))
    ]
    assert repr(found) == repr(expected_rows)


def test_class_names_are_limited(tmp_path: Path) -> None:
    for names in (["a", "b", "c"], {0: "a", 1: "b", 2: "c"}):
        (tmp_path / type(names).__name__).mkdir()
        folder = labels(tmp_path / type(names).__name__, "0 .5 .5 .4 .4", names=f"names: {json.dumps(names)}")
        assert read_one(folder / "data.yaml").classes[:1] == ("a",)
        with pytest.raises(FormatError, match=r"more than limits\.classes=2 names"):
            list(read_source(folder / "data.yaml", limits=hg.Limits(classes=2)))
    with pytest.raises(FormatError, match=r"more than limits\.config_bytes=10"):
        list(read_source(folder / "data.yaml", limits=hg.Limits(config_bytes=10)))


def test_configuration_that_lists_image_files(tmp_path: Path) -> None:
    """A split may be a list of images, as in a data set of Datumaro's tests."""
    for folder in ("images/train", "labels/train"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "labels/train/1.txt").write_text("0 0.5 0.5 0.5 0.5\n")
    config = tmp_path / "data.yaml"
    config.write_text("path: .\ntrain:\n- images/train/1.jpg\n- images/train/2.jpg\nnames: [a]\n")
    batch = read_one(config)
    assert batch.image_names == ["images/train/1.jpg", "images/train/2.jpg"]
    assert (batch.split, len(batch)) == ("train", 1)
    config.write_text("train: [../other/1.jpg]\nnames: [a]\n")
    with pytest.raises(FormatError, match="none of the 1 images listed has a label file"):
        read_one(config)
