"""Remote files on a server with the interface of S3: the same maps, and the errors of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.commands.cli import main
from samples import DATA

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.clients, pytest.mark.filterwarnings("default")]

SCENES = ("coco", "voc", "yolo", "labelme", "tables", "masks")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    server_module = pytest.importorskip("moto.server")
    s3fs = pytest.importorskip("s3fs")
    server = server_module.ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    with urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")):
        pass
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    system = s3fs.S3FileSystem()
    system.mkdir("bucket")
    yield system
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


@pytest.mark.parametrize("name", SCENES)
def test_folders_in_a_bucket_are_read_as_local_ones(name: str, bucket: Any) -> None:
    scene = DATA / name / "valid" / "scene"
    for file in (file for file in scene.rglob("*") if file.is_file()):
        bucket.pipe_file(f"bucket/a set/{file.relative_to(scene)}", file.read_bytes())
    found, expected = hg.heatmap("s3://bucket/a set"), hg.heatmap(scene)
    assert np.array_equal(found.counts, expected.counts)
    assert found.report.by_class() == expected.report.by_class()


def test_many_files_are_all_read(bucket: Any) -> None:
    bucket.pipe(
        {f"bucket/labels/{i:04}.txt": b"0 0.5 0.5 0.5 0.5\n" for i in range(1100)}
    )  # two pages of a list
    assert hg.heatmap("s3://bucket/labels", 4).report.counted == 1100


def test_maps_go_to_a_bucket_and_back(bucket: Any) -> None:
    heat = hg.Heatmap(4).add_boxes(np.array([[0.0, 0.0, 0.5, 0.5]]))
    heat.save("s3://bucket/maps/a.npz")
    assert np.array_equal(hg.load("s3://bucket/maps/a.npz").counts, heat.counts)
    assert main(["map", "s3://bucket/maps/a.npz", "-o", "s3://bucket/maps/a.png"]) == 0
    assert bucket.cat_file("bucket/maps/a.png").startswith(b"\x89PNG")


@pytest.mark.usefixtures("bucket")
def test_what_is_missing_is_named() -> None:
    with pytest.raises(FileNotFoundError) as error:
        hg.heatmap("s3://bucket/none")
    assert error.value.filename == "s3://bucket/none"
    with pytest.raises(OSError, match=r"s3://nowhere/map\.npz"):
        hg.Heatmap(2).save("s3://nowhere/map.npz")
