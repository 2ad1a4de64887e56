"""Label Studio's brushes: RGBA pixels in packed run lengths, the rle-pack of https://github.com/thi-ng/umbrella.

A code is bits: 32 of the number of values, 5 of a value's size less one, four times 4 of a length's size less
one; then runs: a bit that tells repetition from values one by one, 2 bits that choose a length's size, the
length less one, and one value or that many. Four values are a pixel, set where the last of them, alpha, is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatgrid.io.json_values import MisfitError
from heatgrid.io.masks import NO_SIZE, NOT_FILLED, TOO_MANY_ROWS, run_lengths_of

if TYPE_CHECKING:
    from heatgrid.io.options import Size
    from heatgrid.io.shapes import RunLengths

NOT_BYTES = "brush is not a list of bytes"
CUT_OFF = "brush breaks off"
_LARGEST_SIDE = 1 << 31
_FEW = 64  # values that are read one by one


class _Bits:
    """Bytes read bit by bit."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def read(self, count: int) -> int:
        value = self.peek(self.position, count)
        self.position += count
        return value

    def peek(self, position: int, count: int) -> int:
        last = (position + count + 7) >> 3
        if last > len(self._data):
            raise MisfitError(CUT_OFF)
        value = int.from_bytes(self._data[position >> 3 : last], "big")
        return value >> (last * 8 - position - count) & ((1 << count) - 1)

    def values_set(self, count: int, bits: int, first: int, step: int) -> list[int]:
        """Read ``count`` values of so many bits; return which of first, first + step, ... are not 0."""
        begin, end = self.position, self.position + count * bits
        if (end + 7) >> 3 > len(self._data):
            raise MisfitError(CUT_OFF)
        self.position = end
        if count <= _FEW:
            return [k for k in range(first, count, step) if self.peek(begin + k * bits, bits)]
        held = np.frombuffer(self._data[begin >> 3 : (end + 7) >> 3], dtype=np.uint8)
        unpacked = np.unpackbits(held)[begin & 7 :][: count * bits].reshape(count, bits)
        chosen: list[int] = (np.flatnonzero(unpacked[first::step].any(axis=1)) * step + first).tolist()
        return chosen


def decode_brush(code: object, size: Size, max_runs: int) -> RunLengths:
    """Return the mask of an image.

    Parameters
    ----------
    code
        The list of bytes.
    size
        The image's width and height in pixels.
    max_runs
        The most stretches of set pixels.

    Raises
    ------
    MisfitError
        The code is cut off, or is not of so many pixels.
    """
    if not (0 < size[0] < _LARGEST_SIDE and 0 < size[1] < _LARGEST_SIDE):
        raise MisfitError(NO_SIZE)
    try:
        bits = _Bits(bytes(code)) if isinstance(code, list) else None
    except (TypeError, ValueError):
        bits = None
    if bits is None:
        raise MisfitError(NOT_BYTES)
    width, height = int(size[0]), int(size[1])
    count = bits.read(32)
    if count != 4 * width * height:
        raise MisfitError(NOT_FILLED)
    begins, ends = _set_pixels(bits, count, max_runs)
    return run_lengths_of(np.array(begins, np.int64), np.array(ends, np.int64), width, height)


def _set_pixels(bits: _Bits, count: int, max_runs: int) -> tuple[list[int], list[int]]:
    """Return where stretches of set pixels begin and end."""
    value_bits = bits.read(5) + 1
    length_bits = [bits.read(4) + 1 for _ in range(4)]
    begins: list[int] = []
    ends: list[int] = []
    done = 0
    while done < count:
        repeated = bits.read(1)
        length = bits.read(length_bits[bits.read(2)]) + 1
        if repeated:
            stretches = [(done >> 2, (done + length) >> 2)] if bits.read(value_bits) else []
        else:
            chosen = bits.values_set(length, value_bits, 3 - done % 4, 4)
            stretches = [((done + k) >> 2, ((done + k) >> 2) + 1) for k in chosen]
        for begin, end in stretches:
            if ends and ends[-1] == begin:
                ends[-1] = end
            elif end > begin:
                begins.append(begin)
                ends.append(end)
        if len(begins) > max_runs:
            raise MisfitError(TOO_MANY_ROWS)
        done += length
    if done != count:
        raise MisfitError(NOT_FILLED)
    return begins, ends
