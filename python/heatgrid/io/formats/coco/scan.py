"""Scan of a COCO file by the kernel: a large one in parts, with a thread for each."""

from __future__ import annotations

import os
import re
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from heatgrid.core import kernel
from heatgrid.core.arguments import worker_count

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BufferedReader, FileIO

    Part: TypeAlias = tuple[Callable[[memoryview], int], int]

_BEGIN = re.compile(rb"\}\s*,\s*(?=\{)")
_KEY = re.compile(rb'"(image_id|file_name|coco_url|segments_info)"')
_LONGEST_ANNOTATION = 1 << 18


def scan_coco(file: BufferedReader | FileIO, threads: int | None = None) -> kernel.CocoColumns | None:
    """Scan an open COCO file, with about a megabyte of it per thread in memory at a time.

    Return raw values of the images and annotations in the file's order, and the texts of those that the
    scanner does not understand; None if the file is not a JSON object with a list of images.
    """
    size = os.fstat(file.fileno()).st_size
    if (workers := worker_count(threads, size, "bytes")) > 1 and hasattr(os, "preadv"):
        parts = _parts(file.fileno(), size, workers)
        if len(parts) > 1 and (columns := kernel.scan_coco(parts)) is not None:
            return columns
        file.seek(0)
    return kernel.scan_coco([(file.readinto, size)])


def scan_coco_results(file: BufferedReader | FileIO) -> kernel.CocoColumns | None:
    """Scan an open file that is a list of annotations alone, as `scan_coco` does."""
    before, after = BytesIO(b'{"images":[],"annotations":'), BytesIO(b"}")
    size = sum(len(text.getvalue()) for text in (before, after)) + os.fstat(file.fileno()).st_size

    def readinto(buffer: memoryview) -> int:
        return before.readinto(buffer) or file.readinto(buffer) or after.readinto(buffer)

    return kernel.scan_coco([(readinto, size)])


def _parts(file: int, size: int, count: int) -> list[Part]:
    """Return at most ``count`` parts of a file that seem to begin with an annotation; the scan verifies it.

    A part is a function that reads on into a buffer, and its size.
    """
    done = 0

    def part(begin: int, end: int) -> Part:
        position = begin

        def readinto(buffer: memoryview) -> int:
            nonlocal position, done
            read = os.preadv(file, [buffer[: end - position]], position)
            position, done = position + read, done + read
            os.lseek(file, done, os.SEEK_SET)  # the file's position shows the progress
            return read

        return readinto, end - begin

    begins = (_first_annotation(file, size * i // count) for i in range(1, count))
    bounds = sorted({0, size, *(begin for begin in begins if begin is not None)})
    return [part(begin, end) for begin, end in pairwise(bounds)]


def _first_annotation(file: int, position: int) -> int | None:
    """Return where the first annotation after a position seems to begin; None if that is not found."""
    text = os.pread(file, _LONGEST_ANNOTATION, position)
    for match in _BEGIN.finditer(text):
        key = _KEY.search(text, match.end())
        if key is not None and key[1] == b"image_id":
            return position + match.end()
    return None
