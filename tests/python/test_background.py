"""Images under maps: arrays, files, addresses, and means."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from heatgrid.background import LONGEST, MEAN_IMAGES, load, mean

if TYPE_CHECKING:
    from pathlib import Path


def png(pixels: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.array(pixels, dtype=np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def decoded(url: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))


def test_arrays_of_grey_colour_and_transparency() -> None:
    grey = load(np.array([[0, 255, 7]], dtype=np.uint8))
    assert grey.size == (3, 1)
    assert grey.pixels[0].tolist() == [[0] * 3, [255] * 3, [7] * 3]
    clear = load(np.zeros((2, 2, 4), dtype=np.uint8))
    assert clear.data_url.startswith("data:image/png;base64,")
    assert decoded(clear.data_url).mode == "RGBA"
    assert load(np.zeros((2, 2, 3), dtype=np.uint8)).data_url.startswith("data:image/jpeg;base64,")


def test_files_and_addresses(tmp_path: Path) -> None:
    data = png([[[9, 8, 7], [1, 2, 3]]])
    (tmp_path / "a.png").write_bytes(data)
    url = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    for source in (tmp_path / "a.png", str(tmp_path / "a.png"), url):
        assert load(source).pixels.tolist() == [[[9, 8, 7], [1, 2, 3]]]


def test_large_images_are_made_smaller() -> None:
    assert load(np.zeros((50, 2 * LONGEST), dtype=np.uint8)).size == (LONGEST, 25)


def test_a_photograph_stands_as_its_camera_was_held(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    Image.new("RGB", (30, 10)).save(tmp_path / "a.jpg", exif=exif)
    assert load(tmp_path / "a.jpg").size == (10, 30)


def test_what_is_no_image_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="missing"):
        load(tmp_path / "missing.png")
    (tmp_path / "text.png").write_text("no image")
    with pytest.raises(ValueError, match=r"text\.png' cannot be read as an image"):
        load(tmp_path / "text.png")
    with pytest.raises(ValueError, match="must be uint8 of shape"):
        load(np.zeros((2, 2)))
    with pytest.raises(TypeError, match="array, a path or an address, got int"):
        load(3)  # type: ignore[arg-type]


def test_the_mean_of_images_of_different_sizes(tmp_path: Path) -> None:
    for i, (value, size) in enumerate([(10, (8, 4)), (20, (16, 8)), (60, (4, 4))]):
        Image.new("RGB", size, (value, 0, 255)).save(tmp_path / f"{i}.png")
    averaged = mean(sorted(tmp_path.iterdir()))
    assert averaged.size == (8, 4)
    assert (averaged.pixels == (30, 0, 255)).all()
    with pytest.raises(ValueError, match="no images to average"):
        mean([])


def test_of_many_images_evenly_chosen_ones_are_averaged(tmp_path: Path) -> None:
    for value in (0, 255):
        Image.new("RGB", (2, 2), (value,) * 3).save(tmp_path / f"{value}.png")
    paths = [tmp_path / f"{255 if i % 2 else 0}.png" for i in range(2 * MEAN_IMAGES)]
    assert (mean(paths).pixels == 0).all()
