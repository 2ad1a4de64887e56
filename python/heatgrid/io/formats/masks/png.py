"""PNG images of numbers and colors as label images usually are, read faster than by Pillow."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.kernel import png_pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BEGIN = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"
_HEADER = struct.Struct(">II5BI")  # width, height, depth, kind, three methods, checksum
_GRAY, _COLORS, _PALETTE = 0, 2, 3
_STEPS = {(8, _GRAY): 1, (16, _GRAY): 2, (8, _COLORS): 3, (8, _PALETTE): 1}  # bytes per pixel


def read_numbers(content: bytes, most: int) -> tuple[NDArray[Any], bool, bytes] | None:
    """Return the numbers (h, w) of at most ``most`` pixels, whether they are colors, and a palette or b"".

    A color is red + 256 green + 65536 blue. None for an image of other bits, an interlaced one, one with
    other chunks than those of pixels and palette, and one with any fault.
    """
    if len(content) < len(_BEGIN) + _HEADER.size or not content.startswith(_BEGIN):
        return None
    width, height, depth, kind, *methods, check = _HEADER.unpack_from(content, len(_BEGIN))
    step = _STEPS.get((depth, kind))
    if step is None or any(methods) or not 0 < width * height <= most or check != zlib.crc32(content[12:29]):
        return None
    at = len(_BEGIN) + _HEADER.size
    palette, packed = b"", []
    while (name := content[at + 4 : at + 8]) != b"IEND":
        begin, end = at + 8, at + 8 + int.from_bytes(content[at : at + 4], "big")
        if name == b"IDAT":
            packed.append(content[begin:end])
        elif name != b"PLTE" or packed or palette or kind != _PALETTE or not _is_intact(content, at, end):
            return None
        else:
            palette = content[begin:end]
        at = end + 4
    if kind == _PALETTE and (len(palette) % 3 or not 0 < len(palette) <= 3 * 256):
        return None
    if (rows := _unpacked(b"".join(packed), height * (width * step + 1))) is None:
        return None
    if (pixels := png_pixels(rows, height, width, step)) is None:
        return None
    return _joined(pixels, step), kind == _COLORS, palette


def _joined(pixels: NDArray[np.uint8], step: int) -> NDArray[Any]:
    """Return the numbers of pixels of one byte or two, or three of a color."""
    if step == 1:
        return pixels
    if step == 2:
        return pixels.view(">u2").astype(np.uint16)
    colors = np.zeros((len(pixels), pixels.shape[1] // 3, 4), dtype=np.uint8)
    for channel in range(3):  # a fifth of the time that all at once take
        colors[..., channel] = pixels[:, channel::3]
    return colors.view("<u4")[..., 0]


def _is_intact(content: bytes, at: int, end: int) -> bool:
    return content[end : end + 4] == zlib.crc32(content[at + 4 : end]).to_bytes(4, "big")


def _unpacked(packed: bytes, size: int) -> bytes | None:
    """Return zlib's data if it is of this size, else None."""
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(packed, size + 1)
    except zlib.error:
        return None
    return content if len(content) == size and unpacker.eof and not unpacker.unused_data else None
