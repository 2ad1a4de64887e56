"""Bitmaps in annotation files: PNG in base64, within a budget of pixels."""

from __future__ import annotations

import binascii
import io
import struct
import zlib
from base64 import b64decode
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.io.parse import MisfitError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.limits import Limits
    from heatgrid.io.options import Size

NO_SIZE = "mask without its image's size"
NOT_A_BITMAP = "mask is not a PNG image"
TOO_LARGE = "mask of more than limits.bitmap_pixels"
LARGER_THAN_IMAGE = "mask of more than twice its image's pixels"
TOO_MANY_PIXELS = "masks of more than limits.file_pixels in one file"
_PNG = b"\x89PNG\r\n\x1a\n"


class PixelBudget:
    """Pixels that the bitmaps of one file may have, each and together."""

    def __init__(self, limits: Limits) -> None:
        self._largest, self._left = limits.bitmap_pixels, limits.file_pixels

    def take(self, header: bytes, image: Size) -> int:
        """Return the pixels of a PNG file by its first 24 bytes; raise MisfitError for too many."""
        if len(header) < 24 or not header.startswith(_PNG) or header[12:16] != b"IHDR":
            raise MisfitError(NOT_A_BITMAP)
        width, height = struct.unpack(">II", header[16:24])
        pixels: int = width * height
        if pixels > self._largest:
            raise MisfitError(TOO_LARGE)
        if pixels > 2 * image[0] * image[1]:
            raise MisfitError(LARGER_THAN_IMAGE if image[0] * image[1] > 0 else NO_SIZE)
        if pixels > self._left:
            raise MisfitError(TOO_MANY_PIXELS)
        self._left -= pixels
        return pixels


def decode_base64(text: object, image: Size, budget: PixelBudget, *, compressed: bool) -> NDArray[np.bool_]:
    """Return the bitmap of a PNG file in base64, which zlib may have compressed once more."""
    if not isinstance(text, str):
        raise MisfitError(NOT_A_BITMAP)
    try:
        content = b64decode(text)
    except (binascii.Error, ValueError) as error:
        raise MisfitError(NOT_A_BITMAP) from error
    pixels = budget.take(_unpacked(content, 24) if compressed else content, image)
    if compressed:  # at most 8 bytes per pixel, 1 per row, and other chunks
        content = _unpacked(content, 9 * pixels + (1 << 20))
    return decode_png(content, pixels)


def _unpacked(content: bytes, size: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(content, size)
    except zlib.error as error:
        raise MisfitError(NOT_A_BITMAP) from error


def decode_png(content: bytes, max_pixels: int) -> NDArray[np.bool_]:
    """Return the set pixels of a PNG image: opaque ones if it has alpha, else those that are not 0."""
    from PIL import Image

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
