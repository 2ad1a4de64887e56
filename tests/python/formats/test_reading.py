"""Finding formats, reading several sources, options, and hostile bytes."""

from __future__ import annotations

import contextlib
import os
import threading
from shutil import copyfile, copytree
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import examples
from heatgrid.errors import FormatError
from heatgrid.io import registry
from heatgrid.io.files import foreign_content
from heatgrid.io.options import ReadOptions, split_in, split_of
from heatgrid.io.read import detect
from heatgrid.io.registry import FORMATS, Format, FormatName, Probe, Signature, key_paths
from samples import DATA, OWN_FORMATS, options_of, read_all, read_source, selected

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "empty file"),
        (b" \n\r\n", "blanks only"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "Git-LFS pointer"),
        (b"\n\n<!doctype HTML><p>", "HTML page"),
        (b"<html><p>", "HTML page"),
        (b"PK\x03\x04..", "ZIP archive"),
        (b"\x1f\x8b\x08", "gzip archive"),
        (b"\xfd7zXZ\x00", "xz archive"),
        (b"a" * 257 + b"ustar", "tar archive"),
        (b"\xff\xd8\xff\xe0", "JPEG image"),
        (b"../data/annotations/a.json", "symbolic link to ../data/annotations/a.json"),
        (b'{"a": 1}', None),
        (b"<annotation/>", None),
        (b"0 0.5 0.5 0.1 0.1", None),
    ],
)
def test_foreign_content_is_described(content: bytes, text: str | None) -> None:
    found = foreign_content("a.json", content, len(content))
    assert found is None if text is None else text in (found or "")


def test_key_paths() -> None:
    text = rb'{"a": [{"b": {"c": 1}, "q\"": "x:y"}, "s"], "d": {"e": [1, 2], "f": "unfinished'
    assert key_paths(text) == {"a", "a[].b", "a[].b.c", 'a[].q\\"', "d", "d.e", "d.f"}
    assert key_paths(b'[[{"deep": [{"deeper": [{"deepest": 1}]}]}]]') == {"[][].deep"}
    assert key_paths(b"]}{") == set()


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("<annotation>", "annotation"),
        ('\ufeff<?xml version="1.0"?>\n<!-- <a> --><a:b/>', "a"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><x>", "x"),
        ("annotation", ""),
    ],
)
def test_xml_root(tmp_path: Path, text: str, root: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(text)
    assert Probe(path).xml_root == root
    path.write_text(text.removeprefix("\ufeff"), encoding="utf-16")
    assert Probe(path).xml_root == root


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("instances_train2017", "train"),
        ("_annotations.coco", None),
        ("Validation", "val"),
        ("valid", "val"),
        ("trainval", "trainval"),
        ("test-dev", "test"),
        ("training_set", "train"),
        ("retrained", None),
    ],
)
def test_split_names(name: str, split: str | None) -> None:
    assert split_in(name) == split


def test_missing_path_raises() -> None:
    with pytest.raises(FileNotFoundError):
        read_source(DATA / "no such file.json")


def test_wrong_options_raise_before_reading() -> None:
    source = DATA / "coco/valid/scene"
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"format": "koko"}, "format must be one of 'coco', 'yolo_keras'"),
        ({"on_error": "explode"}, "on_error must be one of 'skip', 'raise'"),
        ({"task": "sing"}, "task must be one of 'detect'"),
        ({"geometry": "circle"}, "geometry must be one of 'auto', 'box'"),
        ({"images": "/no/such/folder"}, "images must be a folder"),
    ]
    for options, text in wrong:
        with pytest.raises(ValueError, match=text):
            read_source(source, **options)
    with pytest.raises(TypeError):
        read_source(source, colour="red")
    for size in ((0, 5), (1, 2, 3), "large", {"a": (1,)}):
        with pytest.raises(ValueError, match="size must be"):
            list(read_source(source, size=size))


def test_unknown_content_raises(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="an empty folder"):
        detect(tmp_path)
    (tmp_path / "poem.txt").write_text("roses are red")
    with pytest.raises(FormatError, match="unknown format"):
        detect(tmp_path)
    with pytest.raises(FormatError, match="unknown format"):
        detect(tmp_path / "poem.txt")


def test_folder_of_several_formats_raises() -> None:
    with pytest.raises(FormatError, match=r"several formats: .*cvat \("):
        detect(DATA)


def test_sources_of_different_formats() -> None:
    sources = [path for name in OWN_FORMATS if (path := DATA / name / "valid/scene").is_dir()]
    batches, report = read_all(sources)
    assert report.read == 3 * len(sources)
    assert {batch.source for batch in batches} >= {str(path) for path in sources[1:]}


def test_bad_source_is_refused() -> None:
    sources = [DATA / "coco/broken/html.json", DATA / "voc/valid/scene"]
    batches, report = read_all(sources)
    assert sum(map(len, batches)) == 3
    assert list(report.refused) == ["this is an HTML page, perhaps of a failed download"]
    with pytest.raises(FormatError):
        list(read_source(sources, on_error="raise"))
    with pytest.raises(FormatError):
        list(read_source([sources[0], sources[0]]))


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    from heatgrid.io.files import read_bytes

    os.mkfifo(tmp_path / "pipe.json")
    for path in (tmp_path, os.devnull, tmp_path / "pipe.json"):
        with pytest.raises(FormatError, match="regular file"):
            read_bytes(path, ReadOptions())
    with pytest.raises(FormatError, match="regular file"):
        list(read_source(tmp_path / "pipe.json"))
    with pytest.raises(FormatError, match="No such file"):
        read_bytes(tmp_path / "nothing", ReadOptions())


@pytest.mark.parametrize(
    "piece", ["[", '{"a":', '"', '\\"', '"a" ', "<!--", "<!DOCTYPE[", "<?", "[\n", '[{"a":[']
)
@pytest.mark.parametrize("name", ["a.json", "a.xml", "data.yaml"])
def test_detection_cost_is_linear(tmp_path: Path, name: str, piece: str) -> None:
    path = tmp_path / name
    path.write_text((piece * 300_000)[:300_000])
    with pytest.raises(FormatError):
        detect(path)


def test_broken_link_is_refused(tmp_path: Path) -> None:
    scene = DATA / "coco/valid/scene/annotations.json"
    (tmp_path / "a.json").symlink_to(tmp_path / "nowhere.json")
    (tmp_path / "b.json").write_bytes(scene.read_bytes())
    batches, report = read_all(tmp_path)
    assert sum(map(len, batches)) == 3
    assert report.refused == {"No such file or directory": 1}


def test_reading_from_many_threads() -> None:
    source = DATA / "coco/valid/instances_train2017.json"
    results: list[int] = []
    threads = [
        threading.Thread(target=lambda: results.append(sum(len(b) for b in read_source(source))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [8] * 8


SEEDS = [
    path.read_bytes()
    for path in sorted(DATA.rglob("*"))
    if path.is_file()
    and path.suffix in {".json", ".xml", ".txt", ".yaml", ".data", ".csv", ".tsv", ".geojson", ".wkt"}
]
MUTATION = st.tuples(
    st.floats(0, 1), st.sampled_from(["cut", "drop", "double", "insert"]), st.binary(max_size=6)
)


@settings(max_examples=examples(300))
@given(
    st.sampled_from(SEEDS),
    st.lists(MUTATION, min_size=1, max_size=4),
    st.sampled_from(["data.yaml", "obj.data", "1.json", "1.xml", "1.txt", "gt.txt", "1.csv", "1.wkt"]),
)
def test_mutated_files_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory,
    seed: bytes,
    mutations: list[tuple[float, str, bytes]],
    name: str,
) -> None:
    """Whatever the bytes, there is a batch that holds together, or a FormatError."""
    content = seed
    for place, how, extra in mutations:
        at = int(place * len(content))
        tails = {"cut": b"", "drop": content[at + 3 :], "double": content[max(at - 9, 0) :]}
        content = content[:at] + (tails[how] if how in tails else extra + content[at:])
    folder = tmp_path_factory.mktemp("mutated")
    (folder / name).write_bytes(content)
    for path in (folder / name, folder):
        try:
            for batch in read_source(path):
                batch.validate()
                selected(batch)
        except FormatError as error:
            assert str(error)  # noqa: PT017 - refusing is right, too


@pytest.mark.parametrize(
    ("folder", "split"),
    [
        *(("train", "train"), ("Valid", "val"), ("test2017", "test"), ("books-training", "train")),
        *(("val_images", "val"), ("VisDrone2019-DET-train", "train"), ("obj_train_data", "train")),
        *(("test_project", None), ("latest", None), ("data", None), ("training_run_7", None)),
    ],
)
def test_last_word_of_folder_names_split(folder: str, split: str | None) -> None:
    assert split_of([folder]) == split
    assert split_of([folder], "instances_val2017") == "val"
    assert split_of(["images", folder]) == split


@pytest.mark.parametrize("name", ["coco", "voc", "cvat", "geojson", "tables"])
def test_project_named_test_is_not_a_split(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "test_project" / "scene"
    copytree(DATA / name / "valid/scene", folder)
    assert "test" not in {batch.split for batch in read_all(folder, **options_of(name))[0]}
    suffixes = registry.get(name).SIGNATURE.suffixes
    file = next(path for path in sorted(folder.rglob("*")) if path.suffix in suffixes)
    beside = tmp_path / "test_project" / file.name
    copyfile(file, beside)
    assert "test" not in {batch.split for batch in read_all(beside, format=name, **options_of(name))[0]}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.json", '{\n"one": 1,\n"two": }', "broken JSON: Expecting value"),
        ("a.json", '[\n{"one": 1},\n', "broken JSON: Expecting value"),
        ("a.xml", "<one>\n<two>\n</one>", "broken XML: mismatched tag"),
    ],
)
def test_broken_text_of_unknown_format_raises_with_line(
    name: str, content: str, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(FormatError, match=reason) as caught:
        detect(path)
    assert caught.value.path == str(path)
    assert str(caught.value.where).startswith("line 3")


def test_valid_text_of_unknown_format_raises(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"one": 1}')
    with pytest.raises(FormatError, match="unknown format"):
        detect(path)


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the formats whose modules are imported."""
    names: list[str] = []

    def get(name: str) -> Format:
        names.append(name)
        return registry.get(name)

    monkeypatch.setattr("heatgrid.io.read.get", get)
    return names


@pytest.mark.parametrize("name", FORMATS)
def test_detection_of_file_imports_no_format_after_first_match(name: FormatName, imported: list[str]) -> None:
    for path in sorted((DATA / name / "valid").rglob("*")):
        if path.is_file():
            imported.clear()
            with contextlib.suppress(FormatError):  # a list of names next to the annotations
                found = FORMATS.index(detect(path))
                assert tuple(imported) == FORMATS[: found + 1]


@pytest.mark.parametrize("name", FORMATS)
def test_signatures_match_own_samples(name: FormatName) -> None:
    assert registry.get(name).SIGNATURE.matches(Probe(DATA / name / "valid"))


def test_signature_keys_may_begin_with_any_path() -> None:
    signature = Signature(suffixes=(".json",), json_keys=({"*.regions", "*.filename"}, {"a", "b"}))

    def matches(*keys: str) -> bool:
        probe = Probe(DATA / "coco/valid/instances_train2017.json")
        vars(probe)["json_keys"] = frozenset(keys)
        return signature.matches(probe)

    assert matches("x.y.regions", "x.y.filename", "z")
    assert matches("a", "b", "c")
    assert not matches("x.regions", "y.filename")
    assert not matches("x.regions")
    assert not matches("a")
    assert not matches()


@pytest.mark.parametrize(
    ("name", "skipped"),
    [
        ("mot/broken/rows", {"(none)": 3, "pedestrian": 4}),
        ("visdrone/broken/rows.txt", {"(none)": 4, "car": 1}),
        ("kitti/broken/label_2", {"(none)": 1, "Car": 2}),
        ("kitti/broken/tracking", {"(none)": 1, "Car": 2}),
        (
            "voc/broken/objects",
            {"no box": 1, "half a box": 1, "words": 1, "odd polygon": 1},
        ),
        ("cvat/broken/shapes.xml", {"a": 12}),
        ("dota/broken/rows.txt", {"(none)": 1, "ship": 2}),
        ("wider/broken/rows.txt", {"face": 3}),
        ("coco/broken/corner_cases.json", {"(none)": 3, "thing": 21}),
        ("yolo/broken/rows", {"(none)": 8, "a": 3}),
    ],
)
def test_skipped_annotations_keep_their_class(name: str, skipped: dict[str, int]) -> None:
    _, report = read_all(DATA / name, format=name.split("/", maxsplit=1)[0])
    by_class = report.by_class()
    assert {label: by_class[label]["skipped"] for label in by_class if by_class[label]["skipped"]} == skipped
