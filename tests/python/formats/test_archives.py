"""Archives read in place: every format, equal to the extracted folder; limits, and what is refused."""

from __future__ import annotations

import gzip
import io
import random
import shutil
import struct
import tarfile
import threading
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import heatgrid as hg
from batches import check_account
from heatgrid.commands.cli import main
from heatgrid.errors import FormatError
from heatgrid.io import places
from heatgrid.io.read import detect
from heatgrid.io.registry import FORMATS
from mutations import mutated, mutations
from samples import DATA, options_of, read_all

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

VALID = [(name, path) for name in FORMATS for path in sorted((DATA / name / "valid").iterdir())]
ROW = b"0 0.5 0.5 0.5 0.5\n"
YOLO = {
    "labels/a.txt": ROW,
    "labels/b.txt": ROW + b"1 0.25 0.25 0.5 0.5\n",
    "data.yaml": b"names: [car, bus]\ntrain: .\n",
}


def write_zip(path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def write_tar(path: Path, files: Mapping[str, bytes], form: int = tarfile.PAX_FORMAT) -> Path:
    how: Any = f"w:{path.suffix[1:]}" if path.suffix != ".tar" else "w"
    with tarfile.open(path, how, format=form) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def contents(path: Path) -> dict[str, bytes]:
    """Return the files of a sample by the name that a user would pack them under."""
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    return {file.relative_to(path.parent).as_posix(): file.read_bytes() for file in files}


def without_wrapper(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of a folder, packed without the folder."""
    return {name.partition("/")[2] or name: content for name, content in files.items()}


def unpacked(packed: Path, folder: Path) -> Path:
    """Extract an archive; return its only file or folder."""
    shutil.unpack_archive(packed, folder / "unpacked")
    path = folder / "unpacked"
    if len(inner := list(path.iterdir())) == 1 and inner[0].is_file():
        return inner[0]
    while len(inner := list(path.iterdir())) == 1 and inner[0].is_dir():
        path = inner[0]
    return path


PACK: dict[str, Callable[[Path, Path], Path]] = {
    "zip": lambda sample, folder: write_zip(folder / f"{sample.stem}.zip", contents(sample)),
    "bare zip": lambda sample, folder: write_zip(
        folder / f"{sample.stem}.zip", without_wrapper(contents(sample))
    ),
    "tar.gz": lambda sample, folder: write_tar(folder / f"{sample.stem}.tar.gz", contents(sample)),
}


@pytest.mark.parametrize("how", PACK)
@pytest.mark.parametrize(("name", "path"), VALID, ids=lambda value: getattr(value, "name", value))
def test_every_format_is_read_as_from_a_folder(name: str, path: Path, how: str, tmp_path: Path) -> None:
    packed = PACK[how](path, tmp_path)
    path = unpacked(packed, tmp_path)
    assert detect(packed) == name
    found, report = read_all(packed, **options_of(name))
    expected, plain = read_all(path, **options_of(name))
    names = [[name.replace("unpacked", packed.name) for name in batch.image_names] for batch in expected]
    assert [batch.image_names for batch in found] == names
    for column in ("ids", "split"):
        assert [getattr(one, column) for one in found] == [getattr(one, column) for one in expected]
    maps = [hg.heatmap(one, 7, format=name, **options_of(name)) for one in (packed, path)]
    assert np.array_equal(maps[0].counts, maps[1].counts)
    assert report.by_class() == plain.by_class()
    assert report.images == plain.images
    assert not places._archives


def test_single_files_compressed_alone(tmp_path: Path) -> None:
    for sample in ("coco", "tables", "voc"):
        file = next(path for path in sorted((DATA / sample / "valid/scene").rglob("*")) if path.is_file())
        packed = tmp_path / f"{file.name}.gz"
        packed.write_bytes(gzip.compress(file.read_bytes()))
        assert np.array_equal(hg.heatmap(packed, 9).counts, hg.heatmap(file, 9).counts)


@pytest.mark.parametrize("suffix", ["tar", "tar.bz2", "tar.xz"])
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tar_of_every_kind_with_long_names(suffix: str, form: int, tmp_path: Path) -> None:
    long = "/".join(["labels", *(["deep" * 8] * 3), "x" * 60])
    files = {f"{long}/a.txt": ROW, f"{long}/é.txt": ROW}
    packed = write_tar(tmp_path / f"set.{suffix}", files, form)
    assert hg.heatmap(packed, 4, format="yolo").report.counted == 2


def test_links_in_tar_are_left_out_with_a_note(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "set.tar", YOLO)
    with tarfile.open(path, "a") as archive:
        link = tarfile.TarInfo("labels/c.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "../../../etc/passwd"
        archive.addfile(link)
    report = hg.heatmap(path, 4).report
    assert report.counted == 3
    assert any(places.LINK in note for note in report.notes)


def test_paths_into_an_archive_are_sources(tmp_path: Path) -> None:
    files = {"train/labels/a.txt": ROW, "val/labels/b.txt": ROW * 2}
    packed = write_zip(tmp_path / "set.zip", files)
    assert hg.heatmap(packed / "val", 4).report.counted == 2
    assert hg.heatmap(packed / "train/labels/a.txt", 4).report.counted == 1
    with pytest.raises(FormatError, match=r"set\.zip/test: no such file or folder in the archive"):
        hg.heatmap(packed / "test", 4)


def test_relative_and_linked_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_zip(tmp_path / "set.zip", YOLO)
    (tmp_path / "linked").symlink_to(tmp_path, target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    for path in ("set.zip", "./set.zip", "linked/set.zip", "linked/set.zip/labels"):
        assert hg.heatmap(path, 4).report.counted == 3


def test_sizes_come_from_the_images_inside(tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.effect_noise((300, 200), 90).save(picture, "PNG")
    box = b"<bndbox><xmin>0</xmin><ymin>0</ymin><xmax>150</xmax><ymax>100</ymax></bndbox>"
    xml = b"<annotation><object><name>car</name>" + box + b"</object></annotation>"
    files = {"VOC/Annotations/a.xml": xml, "VOC/JPEGImages/a.png": picture.getvalue()}
    for packed in (write_zip(tmp_path / "set.zip", files), write_tar(tmp_path / "set.tar.gz", files)):
        assert hg.heatmap(packed, 2).counts.tolist() == [[1, 0], [0, 0]]
    images = write_zip(tmp_path / "images.zip", {"a.png": picture.getvalue()})
    annotations = write_zip(tmp_path / "annotations.zip", {"a.xml": xml, "b.xml": xml})
    report = hg.heatmap(annotations, 2, images=images, format="voc").report
    assert (report.counted, report.skips) == (1, 1)


def test_places_of_errors(tmp_path: Path) -> None:
    packed = write_zip(tmp_path / "set.zip", YOLO | {"labels/c.txt": ROW + b"0 nonsense\n"})
    report = hg.heatmap(packed, 4).report
    (example,) = (where for examples in report.examples.values() for where in examples)
    assert example == f"{packed}/labels/c.txt: line 2"
    with pytest.raises(FormatError, match=r"set\.zip/labels/c\.txt: line 2"):
        hg.heatmap(packed, 4, on_error="raise")


def test_only_the_members_needed_are_read(tmp_path: Path) -> None:
    packed = write_zip(tmp_path / "set.zip", YOLO | {"images/a.jpg": b"picture" * 99}, zipfile.ZIP_STORED)
    content = packed.read_bytes()
    packed.write_bytes(content.replace(b"picture", b"?icture"))  # its checksum is wrong now
    assert hg.heatmap(packed, 4).report.complete


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed = write_zip(tmp_path / "set.zip", YOLO)
    assert main(["map", str(packed), "--grid", "4", "-o", str(tmp_path / "heat.csv")]) == 0
    assert main(["check", str(packed)]) == 0
    assert "3 annotations, 2 images, 2 files, 2 classes\nno problems found" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["map", str(packed / "labels"), "--to", "json", "-o", str(packed)])
    assert "would overwrite an input" in capsys.readouterr().err


def test_find_names_the_files_in_an_archive(tmp_path: Path) -> None:
    packed = write_zip(tmp_path / "set.zip", YOLO)
    found = hg.find(packed, (0, 0), 4)
    assert {one.path for one in found} == {str(packed / "labels/b.txt")}


def test_threads_share_an_archive(tmp_path: Path) -> None:
    packed = write_zip(tmp_path / "set.zip", {f"labels/{i}.txt": ROW for i in range(300)})
    counted: list[int] = []

    def count() -> None:
        for _ in range(5):
            counted.append(hg.heatmap(packed, 4).report.counted)  # noqa: PERF401

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted == [300] * 20
    assert not places._archives


# ZIP archives as tools write them


def test_zip_variants(tmp_path: Path) -> None:
    class Stream(io.BytesIO):
        """A stream that cannot seek, so that sizes follow the contents."""

        def seekable(self) -> bool:
            return False

        def seek(self, *_: Any) -> int:
            raise io.UnsupportedOperation

    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in YOLO.items():
            archive.writestr(name, content)
    wide = io.BytesIO()
    with zipfile.ZipFile(wide, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in YOLO.items():
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(content)
    plain = write_zip(tmp_path / "plain.zip", YOLO | {"__MACOSX/._a": b"x", ".DS_Store": b"x"}).read_bytes()
    windows = plain.replace(b"labels/", b"labels\\")
    comment = plain[:-2] + b"\x05\x00hello"
    variants = {
        "streamed": stream.getvalue(),
        "ZIP64 members": wide.getvalue(),
        "ZIP64 list": with_zip64_list(plain),
        "Windows separators": windows,
        "something before": b"#!/bin/sh\n" * 9 + plain,
        "comment": comment,
    }
    for name, content in variants.items():
        path = tmp_path / "set.zip"
        path.write_bytes(content)
        if name == "something before":
            with pytest.raises(FormatError):  # it does not look like an archive
                hg.heatmap(path, 4)
            continue
        assert hg.heatmap(path, 4).report.counted == 3, name


def with_zip64_list(content: bytes) -> bytes:
    """Return an archive whose list of members is described by a ZIP64 record only."""
    at = content.rfind(b"PK\x05\x06")
    count, length, offset = struct.unpack_from("<HII", content, at + 10)
    record = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, length, offset)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, at, 1)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return content[:at] + record + locator + end


# What is refused


def refused(path: Path, match: str, **options: Any) -> None:
    with pytest.raises(FormatError, match=match):
        hg.heatmap(path, 4, **options)
    assert not places._archives


@pytest.mark.parametrize(
    "name", ["../a.txt", "labels/../../a.txt", "/etc/a.txt", "C:\\a.txt", "..\\a.txt", "a//b.txt"]
)
def test_names_that_lead_out(name: str, tmp_path: Path) -> None:
    match = "the name of a member leads out of the archive"
    refused(write_zip(tmp_path / "set.zip", YOLO | {name: ROW}), match)
    if name != "a//b.txt":
        refused(write_tar(tmp_path / "set.tar", YOLO | {name: ROW}), match)


def test_encrypted_members(tmp_path: Path) -> None:
    content = bytearray(write_zip(tmp_path / "set.zip", YOLO).read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "set.zip").write_bytes(content)
    refused(tmp_path / "set.zip", r"labels/a\.txt: encrypted; unpack it with its password first")


def test_other_methods(tmp_path: Path) -> None:
    refused(write_zip(tmp_path / "set.zip", YOLO, zipfile.ZIP_LZMA), "compressed by LZMA, which is not read")


def test_archives_in_archives_are_named(tmp_path: Path) -> None:
    inner = write_zip(tmp_path / "inner.zip", YOLO).read_bytes()
    packed = write_zip(tmp_path / "set.zip", {"train.zip": inner, "val.zip": inner})
    refused(
        packed, r"2 archives \(train\.zip, val\.zip\) inside an archive, which are not read; unpack it first"
    )
    refused(packed / "train.zip", "a ZIP archive; unpack it first")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/a.zip").write_bytes(inner)
    refused(tmp_path / "folder", r"a folder with 1 archives \(a\.zip\); give one of them")


def test_a_file_and_a_folder_of_one_name(tmp_path: Path) -> None:
    for names in (["a", "a/b.txt"], ["a/b.txt", "a"]):
        refused(write_zip(tmp_path / "set.zip", dict.fromkeys(names, ROW)), "a file and a folder of one name")


def test_wrong_contents(tmp_path: Path) -> None:
    packed = write_zip(tmp_path / "set.zip", YOLO, zipfile.ZIP_STORED)
    content = packed.read_bytes()
    packed.write_bytes(content.replace(b"0.25 0.25", b"0.75 0.75"))
    report = hg.heatmap(packed, 4).report
    assert report.counted == 1
    assert f"{packed}/labels/b.txt" in str(report)
    assert "broken member: not the size or checksum of the archive's list" in str(report)
    for count in range(0, len(content), 7):
        packed.write_bytes(content[:count])
        with pytest.raises(FormatError):
            hg.heatmap(packed, 4)


def test_limits(tmp_path: Path) -> None:
    packed = write_zip(tmp_path / "set.zip", YOLO)
    refused(packed, "more than limits.archive_members=2", limits=hg.Limits(archive_members=2))
    refused(packed, "more than limits.archive_bytes=9", limits=hg.Limits(archive_bytes=9))
    tar = write_tar(tmp_path / "set.tar.gz", YOLO)
    refused(tar, "more than limits.archive_members=2", limits=hg.Limits(archive_members=2))
    refused(tar, "more than limits.archive_bytes=9", limits=hg.Limits(archive_bytes=9))
    refused(write_zip(tmp_path / "deep.zip", {"a/" * 200 + "a.txt": ROW}), "more than limits.depth=100")


def test_bombs(tmp_path: Path) -> None:
    zeros = bytes(20_000_000)
    refused(
        write_zip(tmp_path / "bomb.zip", YOLO | {"labels/c.txt": zeros}), "more than limits.archive_ratio=300"
    )
    refused(
        write_tar(tmp_path / "bomb.tar.xz", {"labels/c.txt": zeros}), "more than limits.archive_ratio=300"
    )
    # The list says less than there is: no more is unpacked than it says.
    content = write_zip(tmp_path / "set.zip", {"labels/a.txt": zeros}).read_bytes()
    content = content.replace(struct.pack("<I", len(zeros)), struct.pack("<I", 100))
    (tmp_path / "set.zip").write_bytes(content)
    report = hg.heatmap(tmp_path / "set.zip", 4, format="yolo").report
    assert report.counted == 0
    assert "broken member: not the size or checksum" in str(report)


def test_members_that_overlap(tmp_path: Path) -> None:
    """All entries of the list name one member, as in Fifield's bomb (USENIX WOOT 2019)."""
    row = bytes(1_500_000)
    content = write_zip(
        tmp_path / "set.zip", {f"labels/{i}.txt": ROW if i else row[:-1] + bytes([1]) for i in range(3)}
    ).read_bytes()
    begin = content.index(b"PK\x01\x02")
    entry = content[begin : content.index(b"PK\x01\x02", begin + 4)]
    entries = b"".join(entry.replace(b"labels/0", b"labels/%d" % (i % 10)) for i in range(5000))
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 5000, 5000, len(entries), begin, 0)
    (tmp_path / "set.zip").write_bytes(content[:begin] + entries + end)
    refused(tmp_path / "set.zip", "more than limits.archive_ratio", limits=hg.Limits(archive_ratio=1100))


def test_damaged_archives_are_read_or_refused(tmp_path: Path) -> None:
    rng = random.Random(20240229)  # noqa: S311 - no secret
    samples = [
        write_zip(tmp_path / "a.zip", YOLO),
        write_zip(tmp_path / "b.zip", YOLO, zipfile.ZIP_STORED),
        write_tar(tmp_path / "c.tar", YOLO),
        write_tar(tmp_path / "d.tar", {f"labels/{'long' * 50}.txt": ROW}),
        write_tar(tmp_path / "e.tar.gz", YOLO),
    ]
    found = set()
    for _ in range(mutations(600)):
        sample = rng.choice(samples)
        path = tmp_path / f"damaged{''.join(sample.suffixes)}"
        path.write_bytes(mutated(sample.read_bytes(), rng))
        try:
            check_account(hg.heatmap(path, 4).report)
            found.add("read")
        except FormatError:
            found.add("refused")
        assert not places._archives
    assert found == {"read", "refused"}
