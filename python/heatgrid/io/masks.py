"""Masks as run-length codes: COCO's codes, and bitmaps or runs at a position in an image."""

from __future__ import annotations

import binascii
import io
import math
import struct
import zlib
from base64 import b64decode
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.io.json_values import MisfitError, mapping
from heatgrid.io.shapes import RunLengths, Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.io.options import Size

    Runs = NDArray[np.int64]

NO_SIZE = "mask without its image's size"
NOT_A_BITMAP = "mask is not a PNG image"
TOO_LARGE = "mask of more than max_pixels"
TOO_MANY_ROWS = "mask of more rows than max_vertices"
NOT_FILLED = "run lengths do not add up to the mask's size"
NO_PLACE = "mask without its place in the image"
_LARGEST_SIDE = 1 << 31
_PNG = b"\x89PNG\r\n\x1a\n"


def run_lengths(value: object) -> RunLengths:
    """Return a mask from COCO's object of ``size`` and ``counts``; raise MisfitError for any other value."""
    code = mapping(value, "mask is not an object of size and counts")
    size, counts = _read_size(code.get("size")), code.get("counts")
    if size is None:
        raise MisfitError("mask size is not two positive whole numbers")
    if isinstance(counts, str) and counts:
        return RunLengths(*size, counts.encode("utf-8", "replace"))
    if isinstance(counts, list) and counts and set(map(type, counts)) == {int}:
        with suppress(OverflowError):
            return RunLengths(*size, np.array(counts, dtype=np.int64))
    raise MisfitError("run-length code is neither text nor whole numbers")


def _read_size(value: object) -> tuple[int, int] | None:
    """Return a height and a width, or None."""
    if not isinstance(value, list) or len(value) != 2:
        return None
    sides = [int(side) for side in value if isinstance(side, int | float) and 0 < side < _LARGEST_SIDE]
    return (sides[0], sides[1]) if sides == value else None


def decode_base64(text: object, *, compressed: bool, max_pixels: int) -> NDArray[np.bool_]:
    """Return the bitmap of a PNG file in base64, which zlib may have compressed once more.

    Raises
    ------
    MisfitError
        The text is something else, or the bitmap has more than ``max_pixels``.
    """
    if not isinstance(text, str):
        raise MisfitError(NOT_A_BITMAP)
    try:
        content = b64decode(text)
        if compressed:
            content = zlib.decompressobj().decompress(content, 4 * max_pixels + 4096)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise MisfitError(NOT_A_BITMAP) from error
    return decode_png(content, max_pixels)


def decode_png(content: bytes, max_pixels: int) -> NDArray[np.bool_]:
    """Return the set pixels of a PNG image: opaque ones if it has alpha, else those that are not 0."""
    from PIL import Image

    if len(content) < 33 or not content.startswith(_PNG) or content[12:16] != b"IHDR":
        raise MisfitError(NOT_A_BITMAP)
    width, height = struct.unpack(">II", content[16:24])
    if width * height > max_pixels:
        raise MisfitError(TOO_LARGE)
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
            if image.width * image.height > max_pixels:  # a second header overrides the first
                raise MisfitError(TOO_LARGE)  # noqa: TRY301
            seen: Image.Image = image
            if image.mode == "P":
                seen = image.convert("RGBA" if "transparency" in image.info else "RGB")
            values = np.asarray(seen.getchannel("A") if seen.mode in {"RGBA", "LA"} else seen)
    except MisfitError:
        raise
    except Image.DecompressionBombError as error:
        raise MisfitError(TOO_LARGE) from error
    except (OSError, ValueError, SyntaxError, OverflowError, zlib.error, struct.error) as error:
        raise MisfitError(NOT_A_BITMAP) from error
    return np.asarray(values != 0 if values.ndim == 2 else (values != 0).any(axis=2))


def place_bitmap(bitmap: NDArray[np.bool_], left: float, top: float, size: Size) -> RunLengths:
    """Return the mask of an image from a bitmap with its corner at (left, top)."""
    height, width = bitmap.shape
    edges = np.diff(bitmap.ravel().view(np.int8), prepend=0, append=0)
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return _place(begins, ends, (left, top, width, height), size, height)


def read_bitmap(
    text: object, left: float, top: float, size: Size, *, compressed: bool, max_pixels: int
) -> Shape:
    """Return a PNG file in base64 as a mask of an image and its box, with its corner at (left, top)."""
    bitmap = decode_base64(text, compressed=compressed, max_pixels=max_pixels)
    height, width = bitmap.shape
    mask = place_bitmap(bitmap, left, top, size)
    return Shape(mask=mask, box=(left, top, left + width, top + height))


def place_runs(
    runs: Runs, region: tuple[float, float, float, float], size: Size, max_rows: int
) -> RunLengths:
    """Return the mask of an image from run lengths along the rows of a region, unset pixels first.

    The region is left, top, width and height in pixels.

    Raises
    ------
    MisfitError
        The runs do not add up to the region, or the image size is unknown.
    """
    width, height = _whole(region[2]), _whole(region[3])
    if not 0 < width < _LARGEST_SIDE or not 0 < height < _LARGEST_SIDE:
        raise MisfitError(NO_PLACE)
    # No run exceeds the area, so that the sum cannot overflow unnoticed.
    if len(runs) and (runs.min() < 0 or runs.max() > width * height):
        raise MisfitError(NOT_FILLED)
    if sum(runs.tolist()) != width * height:
        raise MisfitError(NOT_FILLED)
    edges = np.concatenate([np.cumsum(runs), [width * height] * (len(runs) % 2)]).astype(np.int64)
    return _place(edges[::2], edges[1::2], (region[0], region[1], width, height), size, max_rows)


def _whole(value: float) -> int:
    if not math.isfinite(value) or abs(value) >= _LARGEST_SIDE:
        raise MisfitError(NO_PLACE)
    return math.floor(value)


def _place(
    begins: Runs, ends: Runs, region: tuple[float, float, int, int], size: Size, max_rows: int
) -> RunLengths:
    """Move intervals of set pixels from the rows of a region to the rows of the image."""
    left, top, width, height = _whole(region[0]), _whole(region[1]), region[2], region[3]
    if not (0 < size[0] < _LARGEST_SIDE and 0 < size[1] < _LARGEST_SIDE):
        raise MisfitError(NO_SIZE)
    image_width, image_height = int(size[0]), int(size[1])
    first, last = max(0, -top) * width, max(0, min(height, image_height - top)) * width
    begins, ends = begins.clip(first, max(first, last)), ends.clip(first, max(first, last))
    begins, ends = begins[ends > begins], ends[ends > begins]
    rows = (ends - 1) // width - begins // width + 1
    if rows.sum() > len(rows) + max_rows:
        raise MisfitError(TOO_MANY_ROWS)
    # An interval of several rows becomes one interval per row.
    owner = np.repeat(np.arange(len(rows)), rows)
    row = begins[owner] // width + np.arange(len(owner)) - np.repeat(np.cumsum(rows) - rows, rows)
    x1 = (np.maximum(begins[owner], row * width) - row * width + left).clip(0, image_width)
    x2 = (np.minimum(ends[owner], (row + 1) * width) - row * width + left).clip(0, image_width)
    line = (row + top) * image_width
    return run_lengths_of((line + x1)[x2 > x1], (line + x2)[x2 > x1], image_width, image_height)


def run_lengths_of(begins: Runs, ends: Runs, width: int, height: int) -> RunLengths:
    """Return the code of increasing intervals of set pixels along an image's rows."""
    apart = begins[1:] != ends[:-1]
    begins = begins[np.concatenate([[True], apart])] if len(begins) else begins
    ends = ends[np.concatenate([apart, [True]])] if len(ends) else ends
    edges = np.stack([begins, ends], axis=1).ravel()
    runs = np.diff(edges, prepend=0, append=width * height)
    return RunLengths(height, width, runs if runs[-1] else runs[:-1])
