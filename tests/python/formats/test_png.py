"""PNG images of numbers: read without Pillow, with the pixels, palettes and errors that Pillow gives."""

from __future__ import annotations

import random
import re
import struct
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from heatgrid import _core
from heatgrid.errors import FormatError
from heatgrid.io.formats.masks import pixels as masks
from heatgrid.io.formats.masks.png import read_numbers
from heatgrid.io.options import ReadOptions
from mutations import mutated, mutations

if TYPE_CHECKING:
    from pathlib import Path

MOST = 1 << 20


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(
    width: int, height: int, depth: int, kind: int, rows: bytes, *before: bytes, pieces: int = 1
) -> bytes:
    packed = zlib.compress(rows)
    cut = -(-len(packed) // pieces)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">II5B", width, height, depth, kind, 0, 0, 0)),
            *before,
            *(chunk(b"IDAT", packed[at : at + cut]) for at in range(0, len(packed), cut)),
            chunk(b"IEND", b""),
        ]
    )


def filtered(width: int, height: int, seed: int) -> bytes:
    """Return rows of random bytes, each with any of the filters."""
    rows = np.random.default_rng(seed).integers(0, 256, (height, 1 + width), dtype=np.uint8)
    rows[:, 0] = np.random.default_rng(seed + 1).integers(0, 5, height)
    return rows.tobytes()


@pytest.mark.parametrize(("depth", "kind", "step"), [(8, 0, 1), (16, 0, 2), (8, 2, 3), (8, 3, 1)])
@pytest.mark.parametrize("size", [(1, 1), (1, 40), (37, 1), (31, 50)])
def test_every_filter_as_pillow_undoes_it(size: tuple[int, int], depth: int, kind: int, step: int) -> None:
    palette = [chunk(b"PLTE", bytes(range(255)))] if kind == 3 else []
    for seed in range(5):
        rows = filtered(size[0] * step, size[1], seed)
        content = png(*size, depth, kind, rows, *palette, pieces=1 + seed)
        found = read_numbers(content, MOST)
        assert found is not None
        with Image.open(BytesIO(content)) as image:
            expected = np.asarray(image)
            if kind == 2:
                expected = np.einsum(
                    "ijk,k", expected, [1, 1 << 8, 1 << 16], dtype=np.uint32, casting="unsafe"
                )
            assert found[0].dtype == expected.dtype
            assert np.array_equal(found[0], expected)
            assert found[1] == (kind == 2)
            assert [*found[2]] == (image.getpalette("RGB") if kind == 3 else [])


def test_other_images_are_left_to_pillow() -> None:
    rows = filtered(8, 4, 0)
    whole = png(8, 4, 8, 0, rows)
    assert read_numbers(whole, 32) is not None
    assert read_numbers(whole, 31) is None
    others = {
        "opacity": png(8, 4, 8, 6, filtered(32, 4, 0)),
        "four bits": png(16, 4, 4, 0, rows),
        "interlaced": whole.replace(
            struct.pack(">II5B", 8, 4, 8, 0, 0, 0, 0), struct.pack(">II5B", 8, 4, 8, 0, 0, 0, 1)
        ),
        "no palette": png(8, 4, 8, 3, rows),
        "a long palette": png(8, 4, 8, 3, rows, chunk(b"PLTE", bytes(771))),
        "two palettes": png(8, 4, 8, 3, rows, *2 * [chunk(b"PLTE", bytes(3))]),
        "text": png(8, 4, 8, 0, rows, chunk(b"tEXt", b"Software\0any")),
        "a fifth filter": png(8, 4, 8, 0, b"\5" + rows[1:]),
        "too few rows": png(8, 5, 8, 0, rows),
        "too many rows": png(8, 3, 8, 0, rows),
        "no pixels": png(0, 4, 8, 0, bytes(4)),
        "zeros without end": png(8, 4, 8, 0, bytes(1 << 24)),
        "a wrong checksum": whole[:29] + b"\0\0\0\0" + whole[33:],
        "its beginning": whole[:-20],
        "no end": whole[:-12],
        "nothing": b"",
    }
    for name, content in others.items():
        assert read_numbers(content, MOST) is None, name


def test_damaged_images_are_read_or_refused_as_by_pillow(tmp_path: Path, monkeypatch: Any) -> None:
    image = Image.fromarray(np.repeat(np.arange(12, dtype=np.uint8), 20).reshape(12, 20))
    colored = image.copy()
    colored.putpalette(range(60))
    samples = []
    numbered = Image.fromarray(np.asarray(image).astype(np.uint16) * 999)
    for own in (image, colored, numbered, colored.convert("RGB")):
        own.save(path := tmp_path / "a.png")
        samples.append(path.read_bytes())
    rng = random.Random(5)  # noqa: S311
    path, was_read = tmp_path / "b.png", 0

    def outcome() -> object:
        try:
            numbers, is_colored, palette = masks.read_pixels(path, ReadOptions())
        except FormatError as error:
            return re.sub("0x[0-9a-f]+", "", str(error))  # addresses of objects
        return numbers.dtype, numbers.tolist(), is_colored, [*palette]

    for content in samples:
        for _ in range(mutations(300)):
            path.write_bytes(mutated(content, rng))
            found = outcome()
            was_read += not isinstance(found, str)
            with monkeypatch.context() as patch:
                patch.setattr(masks, "read_numbers", lambda *_: None)
                assert outcome() == found
    assert was_read


def test_the_kernel_refuses_rows_of_another_size() -> None:
    pixels = _core.png_pixels(b"\0\1\2\0\3\4", 2, 2, 1)
    assert pixels is not None
    assert pixels.tolist() == [[1, 2], [3, 4]]
    for height, width, step in ((2, 2, 2), (2, 1, 1), (1, 2, 1), (2, 2**63, 2), (2**63, 2, 1), (0, 0, 1)):
        with pytest.raises(ValueError, match="rows must have the size of the image"):
            _core.png_pixels(b"\0\1\2\0\3\4", height, width, step)
    with pytest.raises(ValueError, match="step must be 1, 2 or 3"):
        _core.png_pixels(b"", 0, 0, 0)
