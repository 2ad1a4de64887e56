"""Remote files by address: every format, equal to the folder; what is transferred, and what is refused."""

from __future__ import annotations

import gzip
import io
import json
import sys
import zipfile
from collections import Counter
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import heatgrid as hg
from heatgrid.commands.cli import main
from heatgrid.errors import FormatError
from heatgrid.io import remote
from heatgrid.io.read import detect
from heatgrid.io.registry import FORMATS
from samples import DATA, options_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

pytestmark = pytest.mark.peers
memory = pytest.importorskip("fsspec.implementations.memory")

SCENES = [
    (name, DATA / name / "valid" / "scene") for name in FORMATS if (DATA / name / "valid" / "scene").exists()
]
BOXES = {"images": [{"id": 1, "file_name": "a.png"}], "categories": [{"id": 1, "name": "car"}]}
COCO = json.dumps(
    BOXES | {"annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 50, 20]}]}
)


class Calls(memory.MemoryFileSystem):  # type: ignore[misc, name-defined]
    """Files in memory under the scheme counted://, with a record of what is asked."""

    protocol = "counted"
    cachable = False
    store: dict[str, Any] = {}  # noqa: RUF012 - as its base has it
    pseudo_dirs = [""]  # noqa: RUF012
    asked: list[tuple[str, str, int]] = []  # noqa: RUF012

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(super()._strip_protocol(path.replace("counted://", "memory://")))

    def ls(self, path: str, **options: Any) -> Any:
        self.asked.append(("ls", path, 0))
        return super().ls(path, **options)

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **options: Any) -> Any:
        content = super().cat_file(path, start, end, **options)
        self.asked.append(("cat", path, len(content)))
        return content

    def pipe_file(self, path: str, value: bytes, **options: Any) -> Any:
        self.asked.append(("put", path, len(value)))
        return super().pipe_file(path, value, **options)


@pytest.fixture
def files() -> Iterator[Any]:
    import fsspec

    fsspec.register_implementation("counted", Calls, clobber=True)
    Calls.store, Calls.pseudo_dirs, Calls.asked = {}, [""], []
    yield Calls()
    memory.MemoryFileSystem.store.clear()
    memory.MemoryFileSystem.pseudo_dirs[:] = [""]


def upload(system: Any, files: Mapping[str, bytes | str]) -> None:
    for name, content in files.items():
        system.store_file = memory.MemoryFileSystem.pipe_file(
            system, f"/{name}", content if isinstance(content, bytes) else content.encode()
        )


def png(width: int, height: int, *, noise: bool = False) -> bytes:
    stream = io.BytesIO()
    image = Image.new("RGB", (width, height))
    if noise:
        pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
        image = Image.fromarray(pixels)
    image.save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize(("name", "path"), SCENES, ids=[name for name, _ in SCENES])
def test_every_format_reads_a_remote_folder_or_file(name: str, path: Path, files: Any) -> None:
    inner = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    upload(
        files,
        {f"{path.name}/{file.relative_to(path)}".removesuffix("/."): file.read_bytes() for file in inner},
    )
    address = f"counted://{path.name}"
    assert detect(address) == name
    expected, found = hg.heatmap(path, 20, **options_of(name)), hg.heatmap(address, 20, **options_of(name))
    assert np.array_equal(found.counts, expected.counts)
    assert found.classes == expected.classes
    plain = json.loads(json.dumps(found.report.to_dict()).replace(address, str(path)))
    assert plain == json.loads(json.dumps(expected.report.to_dict()))


def test_sizes_come_from_the_headers_of_remote_images(files: Any) -> None:
    image = png(400, 300, noise=True)
    upload(files, {"set/a.json": COCO, "set/images/a.png": image})
    heat = hg.heatmap("counted://set/a.json", (3, 4), rule="touch")
    assert heat.counts.tolist() == [[1, 0, 0, 0], [0] * 4, [0] * 4]
    sizes = next(iter(hg.read("counted://set"))).sizes
    assert sizes is not None
    assert sizes.tolist() == [[400, 300]]
    assert max(size for kind, path, size in Calls.asked if path.endswith(".png")) <= 1 << 16 < len(image)


def test_folders_are_listed_once_and_small_files_come_together(files: Any) -> None:
    voc = (DATA / "voc/valid/scene/Annotations/a.xml").read_bytes()
    upload(files, {f"set/Annotations/{i:03}.xml": voc for i in range(200)})
    assert hg.heatmap("counted://set", format="voc").report.files == 200
    listings = Counter(path for kind, path, _ in Calls.asked if kind == "ls" and path.count("Annotations"))
    assert set(listings.values()) <= {1, 2}  # the second is fsspec's own, of info()


def test_maps_are_written_in_one_transfer_and_read_again(files: Any) -> None:
    upload(files, {"set/a.json": COCO})
    heat = hg.heatmap("counted://set/a.json", 4, size=(100, 50))
    for suffix in ("npz", "json", "png", "html"):
        Calls.asked.clear()
        heat.save(f"counted://out/map.{suffix}")
        assert [(kind, path) for kind, path, _ in Calls.asked] == [("put", f"/out/map.{suffix}")]
    for suffix in ("npz", "json"):
        assert np.array_equal(hg.load(f"counted://out/map.{suffix}").counts, heat.counts)
    assert Image.open(io.BytesIO(files.cat_file("/out/map.png"))).format == "PNG"
    with pytest.raises(FileNotFoundError, match=r"no such file"):
        hg.load("counted://out/none.npz")
    with pytest.raises(FormatError, match=r"^counted://set/a.json: not a map"):
        hg.load("counted://set/a.json")


def test_file_addresses_are_local_paths(tmp_path: Path) -> None:
    source = tmp_path / "a.json"
    source.write_text(COCO)
    heat = hg.heatmap(source.as_uri(), 4, size=(100, 50))
    heat.save(f"{tmp_path.as_uri()}/map.npz")
    assert np.array_equal(hg.load((tmp_path / "map.npz").as_uri()).counts, heat.counts)
    with_truth = hg.heatmap(source, 4, size=(100, 50), truth=source.as_uri())
    assert np.array_equal(with_truth.counts, hg.heatmap(source, 4, size=(100, 50), truth=source).counts)
    page = f"{tmp_path.as_uri()}/view.html"
    assert main(["view", source.as_uri(), "--size", "100x50", "--no-open", "-q", "-o", page]) == 0
    assert (tmp_path / "view.html").exists()


def test_addresses_in_files_are_never_followed(files: Any, tmp_path: Path) -> None:
    upload(files, {"secret/images/a.png": png(400, 300), "secret/labels/a.txt": "0 0.5 0.5 0.5 0.5\n"})
    (tmp_path / "data.yaml").write_text(
        "path: counted://secret\ntrain: counted://secret/images\nnames: [car]\n"
    )
    document = COCO.replace("a.png", "counted://secret/images/a.png")
    (tmp_path / "a.json").write_text(document)
    with pytest.raises(FormatError, match=r"data.yaml"):
        hg.heatmap(tmp_path / "data.yaml")
    assert hg.heatmap(tmp_path / "a.json").report.counted == 0
    assert not Calls.asked


def test_paths_that_are_not_text_are_no_addresses(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        hg.heatmap(tmp_path / "memory://set")
    assert not remote.is_address(b"memory://set")
    assert not remote.is_address("C://set")


@pytest.mark.parametrize("address", ["memory://set/", "MEMORY://set", "memory:///set//", "memory://./set"])
def test_the_identity_of_an_address_is_its_normal_form(address: str) -> None:
    assert remote.place_of(address) == remote.place_of("memory://set")


def test_patterns_name_several_files(files: Any) -> None:
    upload(
        files,
        {f"set/part-{i}.json": COCO.replace("a.png", f"{i}.png") for i in range(3)} | {"set/x.json": COCO},
    )
    assert hg.heatmap("counted://set/part-*.json", 4, size=(100, 50)).report.counted == 3


def test_errors_and_places_name_the_address(files: Any) -> None:
    upload(files, {"set/a.json": COCO[:-2], "set/b.json": COCO})
    with pytest.raises(FormatError, match=r"^counted://set/a.json: line 1, column \d+: broken JSON"):
        hg.heatmap("counted://set/a.json", format="coco")
    with pytest.raises(FileNotFoundError) as error:
        hg.heatmap("counted://none")
    assert error.value.filename == "counted://none"
    report = hg.heatmap("counted://set/b.json").report
    assert report.examples == {
        "image size missing (give size= or images=)": ["counted://set/b.json: annotations[0] (id 1)"]
    }
    with pytest.raises(ValueError, match=r"must not contain \.\."):
        hg.heatmap("counted://set/../other")


def test_limits_hold_for_remote_files(files: Any) -> None:
    upload(files, {f"set/{i}.json": COCO for i in range(5)})
    with pytest.raises(FormatError, match="archive_members=4"):
        hg.heatmap("counted://set", limits=hg.Limits(archive_members=4))
    with pytest.raises(FormatError, match="file_bytes=100"):
        hg.heatmap("counted://set/1.json", format="coco", limits=hg.Limits(file_bytes=100))
    assert not [path for kind, path, size in Calls.asked if kind == "cat" and size > 100]


def test_remote_archives_are_to_be_downloaded(files: Any) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.json", COCO)
    upload(files, {"set.zip": stream.getvalue(), "a.json.gz": gzip.compress(COCO.encode())})
    for name, what in (("set.zip", "a ZIP archive"), ("a.json.gz", "a gzip archive")):
        text = f"counted://{name}: this is {what}; archives are read from local files only, so download it"
        with pytest.raises(FormatError, match=text):
            hg.heatmap(f"counted://{name}")


@pytest.mark.usefixtures("files")
def test_a_server_that_cannot_be_reached_is_no_missing_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def info(_: Any, path: str, **__: Any) -> Any:
        raise FileNotFoundError(path) from ConnectionRefusedError("Cannot connect to host")

    monkeypatch.setattr(Calls, "info", info)
    with pytest.raises(OSError, match="cannot be reached: Cannot connect to host") as caught:
        hg.heatmap("counted://set/a.json")
    assert not isinstance(caught.value, FileNotFoundError)


def test_a_missing_package_says_which_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(ImportError, match=r'pip install "heatgrid\[remote\]"'):
        hg.heatmap("s3://bucket/set")


@pytest.mark.parametrize(
    ("scheme", "client"), [("s3", "s3fs"), ("http", "aiohttp"), ("https", "aiohttp"), ("gs", "gcsfs")]
)
def test_a_missing_client_says_which_extra_to_install(
    scheme: str, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = import_module("fsspec.registry")  # fsspec.registry is the mapping in it
    monkeypatch.setitem(sys.modules, client, None)
    monkeypatch.delitem(sys.modules, "fsspec.implementations.http", raising=False)
    monkeypatch.delitem(registry._registry, scheme, raising=False)
    text = rf'{scheme}://host/set: .*{client}.*pip install "heatgrid\[remote\]" has .*\b{scheme[:4]}'
    with pytest.raises(ImportError, match=text):
        hg.heatmap(f"{scheme}://host/set")


def test_a_checkpoint_requires_local_files(files: Any, tmp_path: Path) -> None:
    upload(files, {"set/a.json": COCO})
    with pytest.raises(ValueError, match=r"^checkpoint requires files of this machine, got counted://set"):
        hg.heatmap("counted://set", checkpoint=tmp_path / "state.npz")


def test_the_command_line_takes_addresses(files: Any, capsys: pytest.CaptureFixture[str]) -> None:
    upload(files, {"set/a.json": COCO})
    command = ["map", "counted://set/a.json", "--size", "100x50", "-o"]
    assert main([*command, "counted://out/map.npz"]) == 0
    assert "wrote counted://out/map.npz" in capsys.readouterr().out
    assert hg.load("counted://out/map.npz").report.counted == 1
    assert main(["map", "counted://out/map.npz", "-o", "counted://out/map.json"]) == 0
    assert main(["map", "counted://out/map.json"]) == 0
    assert main([*command, "counted://out/map.npz", "--no-overwrite"]) == 1
    with pytest.raises(SystemExit):
        main([*command[:-1], "--to", "json", "-o", "counted://set/a.json"])
    assert "would overwrite an input" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["view", "counted://set", "-o", "counted://out/map.html"])
    assert "output must be a file of this machine, got counted://out/map.html" in capsys.readouterr().err
