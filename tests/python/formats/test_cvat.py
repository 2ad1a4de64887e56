"""CVAT: images by subset, videos by frame, every shape, and what is wrong with shapes."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest

from heatgrid.core.ragged import Flag, Kind
from heatgrid.errors import FormatError
from samples import DATA, outcomes, read_all, read_one, read_source

if TYPE_CHECKING:
    from pathlib import Path

SCENE = DATA / "cvat/valid/scene"


def test_subsets_are_splits() -> None:
    batches, _ = read_all(SCENE)
    assert [(batch.split, batch.image_names) for batch in batches] == [
        ("train", ["a.jpg", "background.jpg"]),
        ("val", ["folder/b.jpg"]),
    ]
    batches, report = read_all(SCENE, splits=["val", "test"])
    assert [batch.split for batch in batches] == ["val"]
    assert report.notes == {"no split named test": 1}


def test_shapes() -> None:
    batch = read_one(DATA / "cvat/valid/shapes.xml")
    assert [batch.classes[i] for i in batch.label] == [
        *("box", "polygon", "line", "point", "ellipse", "mask", "person")
    ]
    assert batch.kinds.tolist() == [2, 2, Kind.LINE, Kind.POINT, 2, 5, Kind.POINT]
    assert batch.polygons is not None
    turned = batch.polygons.coords[: batch.polygons.rings[1]]
    assert np.allclose(turned, [[4, 0], [4, 4], [2, 4], [2, 0]])
    assert batch.polygons.coords[4:7].tolist() == [[0, 0], [9, 0], [9.5, 7.5]]
    assert batch.masks is not None
    assert not batch.masks.column_major
    counts = batch.masks.counts(5)
    assert counts is not None
    assert list(counts) == [68, 2, 9, 1]
    assert batch.points is not None
    assert batch.points.visible.tolist() == [True, True, True, False]
    assert batch.report.notes == {"image-level label ignored": 1}
    assert batch.where(0) == f"{DATA}/cvat/valid/shapes.xml: image[0].shape[1] (id 1)"


def test_tracks_become_frames() -> None:
    path = DATA / "cvat/valid/video.xml"
    batch = read_one(path)
    assert batch.image_names == ["frame_000009", "frame_000010", "frame_000011"]
    assert batch.sizes is not None
    assert batch.sizes.tolist() == [[20, 10]] * 3
    assert [(int(i), batch.classes[k]) for i, k in zip(batch.image, batch.label, strict=True)] == [
        *((0, "car"), (0, "dog"), (1, "car"), (1, "person"), (1, "dog"), (2, "car"), (2, "person"))
    ]
    assert batch.flags is not None
    assert batch.flags.tolist() == [0, Flag.OCCLUDED, 0, 0, 0, Flag.OUTSIDE, Flag.OUTSIDE]
    assert batch.points is not None
    assert batch.points.coords.tolist() == [[7, 7], [8, 7], [5, 5], [5, 9], [8, 8], [5, 5], [5, 9]]
    assert batch.where(3) == f"{path}: frame[10].shape[1] (id 1)"


def test_bad_shapes_are_skipped_with_reason() -> None:
    path = DATA / "cvat/broken/shapes.xml"
    batches, report = read_all(path)
    assert report.skipped == {
        "shape without a frame number": 2,
        "no ybr": 1,
        "coordinate is not a number": 1,
        "coordinates are not a list of points": 2,
        "run lengths do not add up to the mask's size": 1,
        "run-length code is not whole numbers": 2,
        "unsupported shape: cuboid": 1,
        "skeleton without points": 1,
        "mask without its image's size": 1,
    }
    assert report.examples["no ybr"] == [f"{path}: image[0].shape[1]"]
    assert batches[0].boxes is not None
    assert batches[0].boxes[2].tolist() == [1, 1, 5, 3]
    skipped = outcomes(batches).skipped
    assert skipped["coordinate or image size not finite"] == 1
    assert skipped["image size missing (give size= or images=)"] == 1
    with pytest.raises(FormatError, match=r"image\[0\]\.shape\[1\]: no ybr"):
        list(read_source(path, on_error="raise"))


@pytest.mark.parametrize(
    ("name", "text"),
    [("doctype", "document type"), ("cut_off", "broken XML"), ("other_root", "expected <annotations>")],
)
def test_other_files_raise(name: str, text: str) -> None:
    with pytest.raises(FormatError, match=text):
        list(read_source(DATA / f"cvat/broken/{name}.xml", format="cvat"))


def many_images(path: Path, count: int, end: str = "</annotations>") -> Path:
    """Write images of ten boxes each."""
    box = '<box label="car" xtl="1" ytl="1" xbr="9" ybr="9"><attribute name="id">1</attribute></box>'
    images = [
        f'<image id="{i}" name="{i}.jpg" width="10" height="10">{box * 10}</image>' for i in range(count)
    ]
    path.write_text("<annotations>\n" + "\n".join(images) + f"\n{end}")
    return path


def peak(path: Path) -> int:
    """Return the most memory that reading takes, in bytes."""
    tracemalloc.start()
    try:
        assert sum(map(len, read_source(path, batch_images=100))) % 10 == 0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_is_bounded(tmp_path: Path) -> None:
    short, long = many_images(tmp_path / "short.xml", 400), many_images(tmp_path / "long.xml", 4000)
    assert peak(long) < 1.5 * peak(short)


def test_incomplete_file_raises_before_first_batch(tmp_path: Path) -> None:
    path = many_images(tmp_path / "a.xml", 3000, end="<image>")
    with pytest.raises(FormatError, match="broken XML") as caught:
        next(read_source(path, batch_images=10))
    assert str(caught.value.where).startswith("line 3002")
