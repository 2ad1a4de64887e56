"""Damaged files: truncated, with pieces repeated, moved or lost, or with foreign bytes.

The environment variable HEATGRID_MUTATIONS is the number of damaged files per test; a few hundred by default.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

FOREIGN = (
    *(bytes([byte]) for byte in b"\x00\xff\r\n \t,:\"\\/'<&{}[]-+.e0"),
    *(b"\xef\xbb\xbf", b"[]", b"{}", b"[" * 300, b"null", b"true", b"NaN", b"Infinity", b"nan", b"inf"),
    *(b"00", b"-0", b"1e400", b"1e-400", b"1e999999999999", b"9" * 400, b"-1", b"0.5", b"1_0", b"1 2 3"),
    *(b"18446744073709551616", b"1.5e308", b"\\u0061", b"\\ud800", b"\\x"),
    *(b'"id":', b'"image_id": "x",', b'"size": [0, 0],', b'"segmentation": {},', b'"counts": "",'),
)


def mutations(usual: int) -> int:
    """Return the number of damaged files to read."""
    return int(os.environ.get("HEATGRID_MUTATIONS", usual))


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Return the content with one to four damages."""
    for _ in range(rng.randint(1, 4)):
        content = damaged(content, rng)
    return content


def damaged(content: bytes, rng: random.Random) -> bytes:
    """Return the content with one damage."""
    begin = rng.randint(0, len(content))
    end = min(len(content), begin + rng.choice((1, 1, 1, 2, 4, 16, 200)))
    piece = content[begin:end]
    how = rng.randrange(6)
    if how == 0:
        return content[:begin]
    if how == 1:
        return content[:begin] + content[end:]
    if how == 2:
        return content[:end] + piece + content[end:]
    if how == 3:
        other = rng.randint(0, len(content))
        return content[:other] + piece + content[other:]
    foreign = rng.choice(FOREIGN)
    return content[:begin] + foreign + content[begin if how == 4 else end :]
