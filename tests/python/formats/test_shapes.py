"""Masks placed in their image, and shapes with bends: compared with images filled pixel by pixel."""

from __future__ import annotations

import base64
import io
import math
import struct
import tracemalloc
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import heatgrid as hg
from heatgrid.io.bitmaps import PixelBudget, decode_base64, decode_png
from heatgrid.io.curves import bezier, ellipse, rotated_box
from heatgrid.io.parse import MisfitError
from heatgrid.io.shapes import place_bitmap, place_runs

if TYPE_CHECKING:
    from heatgrid.io.shapes import RunLengths

BITMAPS = st.integers(1, 7).flatmap(
    lambda width: st.lists(st.lists(st.booleans(), min_size=width, max_size=width), min_size=1, max_size=6)
)
PLACES = st.integers(-8, 8)


def filled(mask: RunLengths) -> list[list[bool]]:
    assert not isinstance(mask.code, bytes)
    assert mask.code.sum() == mask.width * mask.height
    assert (mask.code[1:] > 0).all()
    values = np.repeat(np.arange(len(mask.code)) % 2 == 1, mask.code)
    rows: list[list[bool]] = values.reshape(mask.height, mask.width).tolist()
    return rows


def pasted(bitmap: list[list[bool]], left: int, top: int, width: int, height: int) -> list[list[bool]]:
    image = [[False] * width for _ in range(height)]
    for y, row in enumerate(bitmap):
        for x, value in enumerate(row):
            if value and 0 <= x + left < width and 0 <= y + top < height:
                image[y + top][x + left] = True
    return image


@given(BITMAPS, PLACES, PLACES, st.integers(1, 9), st.integers(1, 9))
def test_bitmaps_and_runs_are_placed_by_pixel(
    bitmap: list[list[bool]], left: int, top: int, width: int, height: int
) -> None:
    expected = pasted(bitmap, left, top, width, height)
    assert filled(place_bitmap(np.array(bitmap), left, top, (width, height))) == expected
    flat = [value for row in bitmap for value in row]
    runs: list[int] = [0]
    for i, value in enumerate(flat):
        if value != (len(runs) % 2 == 0):
            runs.append(0)
        runs[-1] += 1
        assert i < len(flat)
    region = (left, top, len(bitmap[0]), len(bitmap))
    assert filled(place_runs(np.array(runs), region, (width, height), 99)) == expected


@pytest.mark.parametrize(
    ("runs", "region", "size", "reason"),
    [
        ([3], (0, 0, 2, 2), (5, 5), "do not add up"),
        ([0, 5], (0, 0, 2, 2), (5, 5), "do not add up"),
        ([-1, 5], (0, 0, 2, 2), (5, 5), "do not add up"),
        ([], (0, 0, 2, 2), (5, 5), "do not add up"),
        ([1 << 62] * 4, (0, 0, 2, 2), (5, 5), "do not add up"),
        ([4], (0, 0, 2, 2), (math.nan, 5), "without its image's size"),
        ([4], (0, 0, 2, 2), (1e99, 5), "without its image's size"),
        ([4], (math.nan, 0, 2, 2), (5, 5), "without its place"),
        ([4], (0, 0, 0, 2), (5, 5), "without its place"),
        ([0, 1 << 60], (0, 0, 1 << 30, 1 << 30), (1e9, 1e9), "more rows than limits.vertices"),
    ],
)
def test_invalid_runs_raise(
    runs: list[int], region: tuple[float, float, float, float], size: tuple[float, float], reason: str
) -> None:
    with pytest.raises(MisfitError, match=reason):
        place_runs(np.array(runs, dtype=np.int64), region, size, 1000)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_png_images_of_every_mode(mode: str) -> None:
    drawn = np.array([[0, 255, 0], [255, 255, 0]], dtype=np.uint8)
    image = Image.fromarray(drawn)
    if mode in {"RGBA", "LA"}:
        image = Image.merge(mode, [Image.new("L", image.size, 255)] * (len(mode) - 1) + [image])
    elif mode == "P":
        image = Image.fromarray(drawn // 255).convert("P")
        image.putpalette([0, 0, 0, 0, 9, 0])
    elif mode == "I;16":
        image = Image.fromarray(drawn.astype(np.uint16) * 256)
    else:
        image = image.convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    assert (decode_png(buffer.getvalue(), 6) == (drawn > 0)).all()
    text = base64.b64encode(zlib.compress(buffer.getvalue())).decode()
    assert (
        decode_base64(text, (3, 2), PixelBudget(hg.Limits(bitmap_pixels=6)), compressed=True) == (drawn > 0)
    ).all()
    with pytest.raises(MisfitError, match="bitmap_pixels"):
        decode_png(buffer.getvalue(), 5)


def test_transparent_palette_is_mask() -> None:
    image = Image.fromarray(np.array([[0, 1]], dtype=np.uint8)).convert("P")
    image.putpalette([255, 255, 255, 255, 255, 255])
    buffer = io.BytesIO()
    image.save(buffer, "PNG", transparency=0)
    assert decode_png(buffer.getvalue(), 6).tolist() == [[False, True]]


@pytest.mark.parametrize(
    "text", [None, 7, "", "!", "aGVsbG8=", base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 50).decode()]
)
def test_other_content_raises(text: object) -> None:
    for compressed in (False, True):
        with pytest.raises(MisfitError, match="not a PNG"):
            decode_base64(text, (9, 9), PixelBudget(hg.Limits()), compressed=compressed)


def test_second_header_cannot_exceed_limit() -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    small, large = (chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)) for side in (4, 9000))
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 9000 * 1126))
    for headers in (large, small + large):
        with pytest.raises(MisfitError, match=r"bitmap_pixels|not a PNG"):
            decode_png(b"\x89PNG\r\n\x1a\n" + headers + pixels + chunk(b"IEND", b""), 10_000)


def test_decompression_is_limited() -> None:
    bomb = base64.b64encode(zlib.compress(b"\0" * 50_000_000)).decode()
    with pytest.raises(MisfitError):
        decode_base64(bomb, (9, 9), PixelBudget(hg.Limits()), compressed=True)


@given(st.floats(0.01, 5000), st.floats(0.01, 5000), st.floats(-720, 720))
def test_ellipse_error_is_bounded(rx: float, ry: float, angle: float) -> None:
    ring = ellipse((3.0, 4.0), (rx, ry), angle)
    assert 8 <= len(ring) <= 1024
    area = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True)) / 2
    # The band of a quarter pixel inside the ellipse holds whatever is lost.
    assert math.pi * rx * ry * (1 + 1e-9) >= area >= math.pi * max(rx - 0.25, 0) * max(ry - 0.25, 0) - 1e-6


COORDINATES = st.tuples(st.floats(-500, 500), st.floats(-500, 500))


@given(COORDINATES, COORDINATES, COORDINATES, COORDINATES)
def test_bezier_error_is_bounded(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]
) -> None:
    path = [a, *bezier(a, b, c, d)]
    assert path[-1] == d
    segments = list(pairwise(path))
    for t in (0.05, 0.31, 0.5, 0.77, 0.93):
        weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3)
        on = tuple(sum(w * p[i] for w, p in zip(weights, (a, b, c, d), strict=True)) for i in (0, 1))
        assert min(distance((on[0], on[1]), *segment) for segment in segments) <= 0.25 + 1e-9


def distance(p: tuple[float, float], a: tuple[float, float], b: tuple[float, float]) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    t = 0.0 if length == 0 else min(1.0, max(0.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length))
    return math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy)


@pytest.mark.parametrize("radius", [0.0, 1e18, 1e308, math.inf, math.nan])
def test_vertices_of_curves_are_bounded(radius: float) -> None:
    assert len(ellipse((0, 0), (radius, radius))) <= 1024
    assert len(bezier((0, 0), (radius, -radius), (-radius, radius), (0, 0))) <= 1024


def test_boxes_rotate_clockwise() -> None:
    about_its_corner = rotated_box((1, 1, 3, 2), 90, (1, 1))
    assert np.allclose(about_its_corner, [(1, 1), (1, 3), (0, 3), (0, 1)])
    about_its_centre = rotated_box((0, 0, 4, 2), 90)
    assert np.allclose(about_its_centre, [(3, -1), (3, 3), (1, 3), (1, -1)])
    assert rotated_box((0, 0, 4, 2), 360) == [(0, 0), (4, 0), (4, 2), (0, 2)]
    assert np.isnan(rotated_box((0, 0, 4, 2), math.inf)).all()


def packed(width: int, height: int) -> str:
    """Return an empty bitmap as Supervisely writes it."""
    buffer = io.BytesIO()
    Image.new("1", (width, height)).save(buffer, "PNG")
    return base64.b64encode(zlib.compress(buffer.getvalue())).decode()


def test_a_bitmap_is_not_much_larger_than_its_image() -> None:
    budget = PixelBudget(hg.Limits())
    with pytest.raises(MisfitError, match="more than twice its image's pixels"):
        decode_base64(packed(8000, 8000), (100, 100), budget, compressed=True)
    with pytest.raises(MisfitError, match="without its image's size"):
        decode_base64(packed(2, 2), (0, 0), budget, compressed=True)
    assert decode_base64(packed(101, 100), (100, 100), budget, compressed=True).shape == (100, 101)


def test_the_bitmaps_of_a_file_have_a_limit_together() -> None:
    budget = PixelBudget(hg.Limits(file_pixels=250))
    for _ in range(2):
        decode_base64(packed(10, 10), (10, 10), budget, compressed=True)
    with pytest.raises(MisfitError, match=r"more than limits\.file_pixels in one file"):
        decode_base64(packed(10, 10), (10, 10), budget, compressed=True)
    decode_base64(packed(5, 10), (10, 10), budget, compressed=True)


def test_zeros_are_not_unpacked() -> None:
    bomb = base64.b64encode(zlib.compress(bytes(100 << 20))).decode()
    header = packed(8, 8)
    small = zlib.decompress(base64.b64decode(header))
    late = base64.b64encode(zlib.compress(small + bytes(100 << 20))).decode()
    tracemalloc.start()
    with pytest.raises(MisfitError, match="not a PNG"):
        decode_base64(bomb, (8, 8), PixelBudget(hg.Limits()), compressed=True)
    decode_base64(late, (8, 8), PixelBudget(hg.Limits()), compressed=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20
