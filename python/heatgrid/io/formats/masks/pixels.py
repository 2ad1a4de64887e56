"""Pixels of label images: one whole number per pixel."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from heatgrid.errors import FormatError
from heatgrid.io import places
from heatgrid.io.formats.masks.png import read_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.io.options import ReadOptions

OF_COLORS = ("RGB", "RGBA")
_OF_NUMBERS = ("1", "L", "P", "LA", "I;16", "I;16B", "I")
_MANY_PIXELS, _LEAST_RUN = 1 << 22, 2  # pixels per run, on average, of images with many pixels


class Pixels(NamedTuple):
    """Numbers (h, w) of a label image: labels, or colors as red + 256 green + 65536 blue."""

    numbers: NDArray[Any]
    is_colored: bool
    palette: Sequence[int] = ()  # red, green and blue of each number, of an image with a palette

    def color(self, number: int) -> int:
        """Return the color that the palette gives to a number, -1 without one."""
        triple = self.palette[3 * number : 3 * number + 3]
        return color_number(triple) if len(triple) == 3 else -1


def read_pixels(path: Path, options: ReadOptions) -> Pixels:
    """Return the pixels of a PNG image; raise FormatError if it cannot be a label image."""
    pixels = _decode(path, options)
    numbers = pixels.numbers
    if numbers.size > _MANY_PIXELS:
        changes = np.count_nonzero(numbers[:, 1:] != numbers[:, :-1])
        if _LEAST_RUN * changes > numbers.size:
            raise FormatError("a photograph or noise, not areas of one label", path)
    return pixels


def _decode(path: Path, options: ReadOptions) -> Pixels:
    content = places.read_whole(path, options.limits.file_bytes)
    if (found := read_numbers(content, min(options.limits.bitmap_pixels, _MANY_PIXELS))) is not None:
        return Pixels(*found)

    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
            return _pixels(image, content, path, options)
    except (OSError, SyntaxError, OverflowError, zlib.error, struct.error) as error:
        raise FormatError(f"not a PNG image: {error}", path) from error
    except Image.DecompressionBombError as error:
        raise FormatError(str(error), path) from error
    except ValueError as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"not a PNG image: {error}", path) from error


def _pixels(image: Any, content: bytes, path: Path, options: ReadOptions) -> Pixels:
    pixels = image.width * image.height
    if pixels > (limit := options.limits.bitmap_pixels):
        raise FormatError(f"{pixels:,} pixels, more than limits.bitmap_pixels={limit:,}", path)
    if content[24:26] == b"\x10\x02":  # 16 bits of three channels, of which Pillow reads the upper ones
        return _low_bytes(image)
    if image.mode in OF_COLORS:
        return Pixels(_colors(image), is_colored=True)
    if image.mode not in _OF_NUMBERS:
        raise FormatError(f"a PNG image of mode {image.mode}, not of labels or colors", path)
    palette = (image.getpalette("RGB") or ()) if image.mode == "P" else ()
    numbers = np.asarray(image.getchannel(0) if image.mode == "LA" else image)
    return Pixels(
        numbers.view(np.uint8) if numbers.dtype == bool else numbers, is_colored=False, palette=palette
    )


def _low_bytes(image: Any) -> Pixels:
    """Return the lower bytes of the first of three channels of 16 bits: classes of SYNTHIA."""
    image.tile = [(*tile[:3], "RGB;16L") for tile in image.tile]  # the second byte of each pair
    return Pixels(np.asarray(image)[..., 0], is_colored=False)


def _colors(image: Any) -> NDArray[np.uint32]:
    packed = np.asarray(image.convert("RGBX"))
    return packed.view("<u4")[..., 0] & np.uint32(0xFFFFFF)


def color_number(color: Any) -> int:
    """Return red + 256 green + 65536 blue."""
    red, green, blue = color
    return int(red) | int(green) << 8 | int(blue) << 16


def color_text(number: int) -> str:
    """Return a color as ``#rrggbb``."""
    return f"#{number & 255:02x}{number >> 8 & 255:02x}{number >> 16:02x}"
