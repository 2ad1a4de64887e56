"""The bytes of an archive, and what its list says of a member."""

from __future__ import annotations

import os
import zlib
from importlib import import_module
from threading import Lock
from typing import IO, TYPE_CHECKING, NamedTuple

from heatgrid.core.limits import check_stop
from heatgrid.errors import FormatError

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.core.limits import Limits

CHUNK = 1 << 20
"""Bytes that are read or unpacked at once."""


class Member(NamedTuple):
    """A file in an archive: where its content begins, and its sizes.

    A member with a checksum is one of a ZIP archive, whose header precedes the content.
    """

    offset: int
    packed: int
    size: int
    crc: int | None = None
    is_deflated: bool = False


class Content:
    """The bytes of an archive; threads may read them at the same time."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.limits = limits
        self._lock = Lock()
        self._file: IO[bytes] = path.open("rb", buffering=0)
        self.status = os.fstat(self._file.fileno())
        self.size = self.status.st_size

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def read(self, offset: int, count: int, name: str = "", least: int | None = None) -> bytes:
        """Return bytes of a member; raise FormatError if there are not that many, or not ``least``."""
        least = count if least is None else least
        content = self._read_at(offset, count)
        while len(content) < least and (more := self._read_at(offset + len(content), count - len(content))):
            content += more
        if len(content) < least:
            raise self.error("broken archive: it ends too early", name)
        return content

    def _read_at(self, offset: int, count: int) -> bytes:
        if hasattr(os, "pread"):  # half the time, as there is no position that threads share
            return os.pread(self._file.fileno(), count, offset)
        with self._lock:
            self._file.seek(offset)
            return self._file.read(count)

    def unpack(self, module: str) -> None:
        """Replace the file, which is compressed as a whole, by its content, in a file without a name."""
        import tempfile
        from lzma import LZMAError

        packed, self.size = self.size, self._file.seek(0)
        content = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the archive
        try:
            with self._file as file, import_module(module).open(file) as source:
                while piece := source.read(CHUNK):
                    check_stop()
                    self.size += len(piece)
                    self.check_ratio(self.size, min(packed, file.tell()))
                    self.check("archive_bytes", self.size)
                    content.write(piece)
            content.flush()
        except (OSError, EOFError, zlib.error, LZMAError) as error:
            content.close()
            raise self.error(f"broken archive: {error}") from error
        except BaseException:
            content.close()
            raise
        self._file = content

    def check(self, limit: str, value: float, name: str = "") -> None:
        """Raise FormatError for a value above a limit."""
        if value > getattr(self.limits, limit):
            raise self.error(f"more than limits.{limit}={getattr(self.limits, limit):,}", name)

    def check_ratio(self, size: int, packed: int, name: str = "") -> None:
        """Raise FormatError if bytes unpack to implausibly many, more than a megabyte."""
        if size > CHUNK:
            self.check("archive_ratio", size / max(packed, 1), name)

    def error(self, text: str, name: str = "") -> FormatError:
        """Return the error about a member, or about the archive."""
        return FormatError(text, self.path / name)


def decoded(name: bytes, otherwise: str = "cp437") -> str:
    """Return the name of a member, in UTF-8 also where its archive does not say so."""
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode(otherwise, "replace")
