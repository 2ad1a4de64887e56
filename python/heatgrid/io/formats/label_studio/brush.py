"""Brush masks of Label Studio: packed run lengths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatgrid.io.bitmaps import NO_SIZE
from heatgrid.io.parse import MisfitError
from heatgrid.io.shapes import NOT_FILLED, TOO_MANY_ROWS, RunLengths, run_lengths_of

if TYPE_CHECKING:
    from heatgrid.io.options import Size

NOT_BYTES = "brush mask is not a list of bytes"
CUT_OFF = "brush mask is truncated"
_LARGEST_SIDE = 1 << 31


class _BitReader:
    """Reader of the run-length code rle-pack of https://github.com/thi-ng/umbrella, a string of bits.

    Its header is 32 bits with the number of values, 5 bits with the bits per value less one, and four times 4
    bits with the bits per run length less one. Runs follow: one bit, set if a single value is repeated; 2
    bits that select the bits per run length; the run length less one; then the repeated value, or one value
    after the other. Four values are an RGBA pixel, which is set if alpha is not zero.
    """

    def __init__(self, data: bytes) -> None:
        self._bits = f"{int.from_bytes(data, 'big'):0{8 * len(data)}b}"
        self._begin = 0

    def take(self, count: int) -> str:
        """Return the next ``count`` bits."""
        end = self._begin + count
        if end > len(self._bits):
            raise MisfitError(CUT_OFF)
        bits = self._bits[self._begin : end]
        self._begin = end
        return bits

    def read(self, count: int) -> int:
        """Return the next ``count`` bits as a number."""
        return int(self.take(count), 2)


def decode_brush(code: object, size: Size, max_runs: int) -> RunLengths:
    """Return a list of bytes as the mask of an image of this width and height."""
    if not (0 < size[0] < _LARGEST_SIDE and 0 < size[1] < _LARGEST_SIDE):
        raise MisfitError(NO_SIZE)
    if not isinstance(code, list):
        raise MisfitError(NOT_BYTES)
    try:
        bits = _BitReader(bytes(code))
    except (TypeError, ValueError) as error:
        raise MisfitError(NOT_BYTES) from error
    width, height = int(size[0]), int(size[1])
    count = bits.read(32)
    if count != 4 * width * height:
        raise MisfitError(NOT_FILLED)
    begins, ends = _read_runs(bits, count, max_runs)
    return run_lengths_of(np.array(begins, np.int64), np.array(ends, np.int64), width, height)


def _read_runs(bits: _BitReader, count: int, max_runs: int) -> tuple[list[int], list[int]]:
    """Return the begins and ends of the runs of set pixels."""
    value_bits = bits.read(5) + 1
    length_bits = [bits.read(4) + 1 for _ in range(4)]
    begins: list[int] = []
    ends: list[int] = []
    done = 0
    while done < count:
        repeated = bits.read(1)
        length = bits.read(length_bits[bits.read(2)]) + 1
        if repeated:
            runs = [(done >> 2, (done + length) >> 2)] if bits.read(value_bits) else []
        else:
            values = bits.take(length * value_bits)
            alphas = range(3 - done % 4, length, 4)
            pixels = [(done + k) >> 2 for k in alphas if "1" in values[k * value_bits : (k + 1) * value_bits]]
            runs = [(pixel, pixel + 1) for pixel in pixels]
        for begin, end in runs:
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
