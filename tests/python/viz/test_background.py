"""Images under maps: from memory, files, addresses and folders; and maps over them."""

from __future__ import annotations

import io
import time
import tracemalloc
from base64 import b64decode, b64encode
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from threading import Thread
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import heatgrid as hg
from heatgrid.viz import grid_figure, map_figure
from heatgrid.viz.background import MAX_EMBEDDED, data_url, load
from heatgrid.viz.canvas import Layout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RGB = np.random.default_rng(0).integers(0, 256, (4, 6, 3), dtype=np.uint8)
RGBA = np.concatenate([RGB, np.full((4, 6, 1), 128, dtype=np.uint8)], axis=2)


def png(array: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def heat() -> hg.Heatmap:
    heat = hg.Heatmap((2, 3))
    heat.add_points([[0.9, 0.9]] * 4 + [[0.1, 0.1]])
    return heat


class Silent(SimpleHTTPRequestHandler):
    """Serves files, and says nothing about it."""

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Serve the folder of the test."""
    (tmp_path / "image.png").write_bytes(png(RGB))
    (tmp_path / "text.png").write_text("<html>")
    serving = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(tmp_path)))
    thread = Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    serving.server_close()
    thread.join()


@pytest.mark.parametrize("array", [RGB, RGBA, RGB[..., 0]], ids=["RGB", "RGBA", "grey"])
def test_image_from_every_source(array: Any, tmp_path: Path) -> None:
    path = tmp_path / "image.png"
    path.write_bytes(png(array))
    url = "data:image/png;base64," + b64encode(png(array)).decode()
    expected = array if array.ndim == 3 else np.repeat(array[..., np.newaxis], 3, axis=2)
    for value in (array, array / 255.0, Image.fromarray(array), path, str(path), url):
        found = load(value)
        assert found.dtype == np.uint8
        assert (found == expected).all()
        assert found.shape[:2] == (4, 6)


def test_addresses_are_fetched(server: str) -> None:
    assert (load(f"{server}/image.png") == RGB).all()
    with pytest.raises(ValueError, match="cannot be read as an image"):
        load(f"{server}/text.png")
    with pytest.raises(ValueError, match="cannot be fetched: HTTP Error 404"):
        load(f"{server}/none.png")


def test_download_has_a_limit(server: str) -> None:
    with pytest.raises(ValueError, match=r"larger than limits\.background_bytes=20"):
        load(f"{server}/image.png", limits=hg.Limits(background_bytes=20))


def test_drawings_take_limits(tmp_path: Path) -> None:
    image = tmp_path / "image.png"
    Image.new("RGB", (10, 5)).save(image)
    heat = hg.Heatmap(2).add_points([[0.1, 0.1]])
    drawings: list[Any] = [heat.image, heat.to_html, partial(heat.save, tmp_path / "out.png")]
    if find_spec("matplotlib"):
        drawings.append(heat.plot)
    for draw in drawings:
        for background in (image, tmp_path):
            with pytest.raises(ValueError, match=r"50 pixels are more than limits\.background_pixels=49"):
                draw(background=background, limits=hg.Limits(background_pixels=49))
        if draw != heat.plot:  # which opens a window
            draw(background=image, limits=hg.Limits(background_pixels=50))


def decoded(url: str) -> Image.Image:
    return Image.open(io.BytesIO(b64decode(url.partition(",")[2])))


def test_embedded_images_are_compressed_and_reduced() -> None:
    clear = data_url(load(RGBA))
    assert clear.startswith("data:image/png;base64,")
    assert decoded(clear).mode == "RGBA"
    wide = load(np.zeros((50, 2 * MAX_EMBEDDED), dtype=np.uint8))
    assert wide.shape[:2] == (50, 2 * MAX_EMBEDDED)
    assert data_url(wide).startswith("data:image/jpeg;base64,")
    assert decoded(data_url(wide)).size == (MAX_EMBEDDED, 25)


def test_exif_orientation_is_applied(tmp_path: Path) -> None:
    image = Image.fromarray(RGB)
    exif = image.getexif()
    exif[0x0112] = 6  # to be turned by a quarter
    image.save(tmp_path / "turned.png", exif=exif)
    assert (load(tmp_path / "turned.png") == np.rot90(RGB, -1)).all()


def test_sixteen_bit_grey_keeps_its_range(tmp_path: Path) -> None:
    deep = np.array([[0, 300, 65535]], dtype=np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    assert load(tmp_path / "deep.png")[0, :, 0].tolist() == [0, 1, 255]


def test_palette_with_transparency(tmp_path: Path) -> None:
    image = Image.fromarray(RGBA).quantize(8)
    image.save(tmp_path / "palette.png")
    assert load(tmp_path / "palette.png").shape == (4, 6, 4)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("none.png", FileNotFoundError, "none.png"),
        ("mean", ValueError, "requires images="),
        (np.zeros((2, 2, 2), np.uint8), ValueError, "must be uint8 of shape"),
        (np.zeros((0, 2), np.uint8), ValueError, "must be uint8 of shape"),
        (np.zeros((2, 2), np.int64), ValueError, "int64"),
        (np.full((2, 2), 1.5), ValueError, r"\[0, 1\]"),
        (np.full((2, 2), np.nan), ValueError, r"\[0, 1\]"),
        (7, TypeError, "array, a path or an address, got int"),
        ("data:image/png;base64,AAAA", ValueError, "cannot be read as an image"),
    ],
)
def test_non_images_are_refused(value: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        load(value)


def test_file_that_is_no_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no image")
    with pytest.raises(ValueError, match=r"text\.jpg' cannot be read as an image"):
        load(tmp_path / "text.jpg")


# The mean of a data set's images


def write_flat(folder: Path, *levels: int, size: tuple[int, int] = (8, 6)) -> None:
    folder.mkdir(exist_ok=True)
    for i, level in enumerate(levels):
        Image.new("L", size, level).save(folder / f"{i:02}.png")


def test_mean_by_hand(tmp_path: Path) -> None:
    write_flat(tmp_path / "train", 10, 20)
    write_flat(tmp_path / "val", 60)
    mean = hg.mean_image(tmp_path)
    assert mean.shape == (6, 8, 3)
    assert (mean == 30).all()
    assert (hg.mean_image([tmp_path / "train/00.png", tmp_path / "val/00.png"], size=(2, 1)) == 35).all()


def test_mean_has_the_median_size(tmp_path: Path) -> None:
    for i, size in enumerate([(100, 50), (4000, 2000), (3000, 1500)]):
        Image.new("RGB", size, (i, 0, 0)).save(tmp_path / f"{i}.jpg")
    assert hg.mean_image(tmp_path).shape == (480, 960, 3)


def test_many_images_are_sampled_evenly(tmp_path: Path) -> None:
    write_flat(tmp_path, *range(0, 200, 2))
    assert (hg.mean_image(tmp_path, limit=4) == (0 + 50 + 100 + 150) / 4).all()
    assert (hg.mean_image(tmp_path, limit=None) == 99).all()


def test_broken_images_are_left_out_with_a_warning(tmp_path: Path) -> None:
    write_flat(tmp_path, 10, 20)
    (tmp_path / "broken.png").write_bytes(b"no image")
    with pytest.warns(hg.HeatgridWarning, match=r"1 of 3 images skipped: .*broken\.png"):
        assert (hg.mean_image(tmp_path) == 15).all()


def test_mean_of_no_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no image in"):
        hg.mean_image(tmp_path)
    (tmp_path / "broken.png").write_bytes(b"no image")
    with pytest.raises(ValueError, match="none of 1 can be read"):
        hg.mean_image(tmp_path)
    with pytest.raises(FileNotFoundError, match="no such folder"):
        hg.mean_image(tmp_path / "none")


def test_memory_does_not_grow_with_the_number_of_images(tmp_path: Path) -> None:
    peaks = []
    for count in (3, 30):
        folder = tmp_path / str(count)
        write_flat(folder, *range(count), size=(200, 150))
        tracemalloc.start()
        hg.mean_image(folder)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


# Maps over them


def test_cells_over_an_image(heat: hg.Heatmap) -> None:
    below = np.full((4, 6, 3), 100, dtype=np.uint8)
    image = heat.image(background=below, colormap=[[0, 0, 0], [255, 255, 255]], opacity=0.5)
    assert image.shape == (4, 6, 4)
    assert (image[..., 3] == 255).all()
    assert (image[:2, 2:, :3] == 100).all()  # zeros let the image through
    assert image[3, 5, :3].tolist() == [178] * 3  # half white
    least = 100 + (64 - 100) * 0.5 * (0.25 + 0.75 / 4)  # a quarter of the greatest, faint but seen
    assert image[0, 0, 0] == pytest.approx(least, abs=1)


def test_image_has_the_requested_size(heat: hg.Heatmap) -> None:
    assert heat.image().shape == (2, 3, 4)
    assert heat.image(size=(20, 30)).shape == (20, 30, 4)
    below = np.zeros((4, 6), dtype=np.uint8)
    assert heat.image(background=below, size=(8, 12), interpolation="bilinear").shape == (8, 12, 4)
    sharp, smooth = (heat.image(size=(20, 30), interpolation=kind) for kind in ("nearest", "bilinear"))
    assert len(np.unique(sharp.reshape(-1, 4), axis=0)) == 3
    assert len(np.unique(smooth.reshape(-1, 4), axis=0)) > 30


@pytest.mark.parametrize("suffix", ["png", "svg"])
@pytest.mark.parametrize("by_class", [False, True])
def test_pictures_over_a_background(suffix: str, by_class: bool, tmp_path: Path) -> None:
    heat = hg.Heatmap((2, 3), ["a", "b"])
    heat.add_points([[0.9, 0.9], [0.1, 0.1]], labels=["a", "b"])
    (tmp_path / "street.png").write_bytes(png(RGB))
    target = tmp_path / f"heat.{suffix}"
    heat.save(target, background=tmp_path / "street.png", opacity=0.4, by_class=by_class)
    heat.save(tmp_path / f"plain.{suffix}", by_class=by_class)
    assert target.read_bytes() != (tmp_path / f"plain.{suffix}").read_bytes()


def test_map_has_the_aspect_of_its_background() -> None:
    for shape, size in (((9, 16), 960), ((100, 37), 320), ((2000, 3000), 100)):
        below = np.zeros((540, 960, 3), dtype=np.uint8)
        layout = Layout.of(shape, size, None, background=below)
        assert layout.width == size
        assert layout.height == round(size * 540 / 960)
        cells = np.zeros((*shape, 4), dtype=np.uint8)
        assert layout.image(cells).size == (layout.width, layout.height)


def test_color_bar_has_the_colors_of_the_overlay() -> None:
    below = np.full((10, 10, 3), 100, dtype=np.uint8)
    layout = Layout.of((1, 2), 100, None, background=below, opacity=0.5)
    cells = np.array([[[200, 0, 0, 255], [200, 0, 0, 0]]], dtype=np.uint8)
    drawn, legend = np.asarray(layout.image(cells)), layout.swatches(cells[0])
    assert legend[:, :3].tolist() == [drawn[0, 0].tolist(), drawn[0, -1].tolist()]


def test_mean_of_images_as_background(heat: hg.Heatmap, tmp_path: Path) -> None:
    write_flat(tmp_path / "images", 10, 30)
    for options in (
        {"background": "mean", "images": tmp_path / "images"},
        {"background": tmp_path / "images"},
    ):
        image = heat.image(**options)
        assert (image[0, -1] == (20, 20, 20, 255)).all()


def test_background_of_pictures_is_pale_gray(heat: hg.Heatmap) -> None:
    below = np.full((60, 60, 3), (200, 40, 90), dtype=np.uint8)
    luma = 0.299 * 200 + 0.587 * 40 + 0.114 * 90
    gray = round(255 - 0.4 * (255 - luma))
    figures = [map_figure(heat, background=below, mute=mute).pixels()[..., :3] for mute in (True, False)]
    assert (figures[0] == gray).all(axis=2).sum() > 1000
    assert not (figures[0] == (200, 40, 90)).all(axis=2).any()
    assert (figures[1] == (200, 40, 90)).all(axis=2).sum() > 1000


def test_cells_without_data_show_the_background() -> None:
    below = np.full((60, 60, 3), 100, dtype=np.uint8)
    figure = grid_figure([[np.nan, 1.0]], background=below, size=100)
    drawn = figure.pixels()[..., :3]
    assert (drawn == 100).all(axis=2).sum() > 4000
    assert "cells without data are not drawn" in figure.description
    assert "gray cells have no data" in grid_figure([[np.nan, 1.0]]).description


# Addresses that are wrong, slow or lead elsewhere


@pytest.mark.parametrize(
    "address",
    [
        "ftp://127.0.0.1/x.png",
        "FILE:///etc/hostname",
        "file:///etc/hostname",
        "gopher://x",
        "HtTp2://x/y.png",
    ],
)
def test_other_schemes_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match="must be an http, https or data address"):
        load(address)


@pytest.mark.parametrize(
    "address",
    ["data:", "data:image/png;base64,!", "DATA:,x", "http://", "http://[::1", "http://127.0.0.1:1/x"],
)
def test_broken_addresses_are_one_clear_error(address: str) -> None:
    with pytest.raises(ValueError, match=r"background '.*' cannot be (fetched|read as an image)"):
        load(address)


def test_schemes_may_be_in_upper_case(server: str) -> None:
    assert (load(server.replace("http", "HTTP") + "/image.png") == RGB).all()
    clear = "DATA:" + data_url(RGB).removeprefix("data:")
    assert load(clear).shape == RGB.shape


@pytest.fixture
def odd_server() -> Iterator[str]:
    """Serve redirects, and an answer of one byte at a time."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/to/"):
                self.send_response(302)
                self.send_header("Location", self.path.removeprefix("/to/"))
                self.end_headers()
                return
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                while True:
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    time.sleep(0.02)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = False
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


@pytest.mark.parametrize("to", ["ftp://127.0.0.1/x.png", "file:///etc/hostname", "FTP://127.0.0.1/x"])
def test_redirects_to_other_schemes_are_refused(odd_server: str, to: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be fetched: .*(leads to|not allowed)"):
        load(f"{odd_server}/to/{to}")


def test_a_slow_transfer_has_a_deadline(odd_server: str) -> None:
    with pytest.raises(ValueError, match=r"did not arrive within limits\.background_seconds=0\.3"):
        load(f"{odd_server}/slow.png", limits=hg.Limits(background_seconds=0.3))


def test_a_slow_transfer_can_be_cancelled(odd_server: str) -> None:
    with pytest.raises(hg.Cancelled), hg.Cancel(seconds=0.3):
        load(f"{odd_server}/slow.png")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_pixels_are_limited(tmp_path: Path) -> None:
    Image.new("1", (13_000, 13_000)).save(tmp_path / "large.png")
    Image.new("L", (9_000, 9_000)).save(tmp_path / "gray.png")
    for name in ("large", "gray"):
        with pytest.raises(ValueError, match=r"more than limits\.background_pixels=67,108,864"):
            load(tmp_path / f"{name}.png")
