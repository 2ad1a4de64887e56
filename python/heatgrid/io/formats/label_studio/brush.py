"""Brush masks of Label Studio: RGBA pixels in the run-length code rle-pack.

The code is that of https://github.com/thi-ng/umbrella, a string of bits. Its header is 32 bits with the
number of values, 5 bits with the bits per value less one, and four times 4 bits with the bits per run length
less one. Runs follow: one bit, set if a single value is repeated; 2 bits that select the bits per run length;
the run length less one; then the repeated value, or one value after the other. Four values are a pixel, which
is set if the last of them, alpha, is not zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatgrid.io.json_values import MisfitError
from heatgrid.io.masks import NO_SIZE, NOT_FILLED, TOO_MANY_ROWS, run_lengths_of

if TYPE_CHECKING:
    from heatgrid.io.options import Size
    from heatgrid.io.shapes import RunLengths

NOT_BYTES = "brush mask is not a list of bytes"
CUT_OFF = "brush mask is truncated"
_LARGEST_SIDE = 1 << 31
_FEW = 64
"""The most values that are faster to read one by one than with numpy."""


class _BitReader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def read(self, count: int) -> int:
        """Return the next ``count`` bits as a number."""
        value = self._peek(self.position, count)
        self.position += count
        return value

    def _peek(self, position: int, count: int) -> int:
        last = (position + count + 7) >> 3
        if last > len(self._data):
            raise MisfitError(CUT_OFF)
        value = int.from_bytes(self._data[position >> 3 : last], "big")
        return value >> (last * 8 - position - count) & ((1 << count) - 1)

    def read_nonzero(self, count: int, bits: int, first: int, step: int) -> list[int]:
        """Read ``count`` values of ``bits`` each; return those of first, first + step, ... that are not 0."""
        begin, end = self.position, self.position + count * bits
        if (end + 7) >> 3 > len(self._data):
            raise MisfitError(CUT_OFF)
        self.position = end
        if count <= _FEW:
            return [k for k in range(first, count, step) if self._peek(begin + k * bits, bits)]
        data = np.frombuffer(self._data[begin >> 3 : (end + 7) >> 3], dtype=np.uint8)
        unpacked = np.unpackbits(data)[begin & 7 :][: count * bits].reshape(count, bits)
        nonzero: list[int] = (np.flatnonzero(unpacked[first::step].any(axis=1)) * step + first).tolist()
        return nonzero


def decode_brush(code: object, size: Size, max_runs: int) -> RunLengths:
    """Return a list of bytes as the mask of an image of this width and height.

    Raises
    ------
    MisfitError
        The code is broken, of another size, or of more than ``max_runs`` runs of set pixels.
    """
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
            alphas = bits.read_nonzero(length, value_bits, 3 - done % 4, 4)
            runs = [((done + k) >> 2, ((done + k) >> 2) + 1) for k in alphas]
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
