"""Safe file access: size limits, foreign content, folder listings and image sizes."""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from heatgrid.errors import FormatError

if TYPE_CHECKING:
    import io

    from heatgrid.io.options import ReadOptions, Size

IMAGE_SUFFIXES = (
    *(".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif"),
    *(".jp2", ".avif", ".heic", ".dng", ".mpo", ".pfm"),
)
UNKNOWN = (float("nan"), float("nan"))

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_ARCHIVES = {
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
}
_IMAGES = {
    b"\xff\xd8\xff": "a JPEG image",
    b"\x89PNG\r\n": "a PNG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF",
}
_LINK = re.compile(rb"(?:\.{0,2}/)?[\w.@+ -]+(?:/[\w.@+ -]+)+")
_CHUNK = 1 << 16
_TRANSPOSED = range(5, 9)  # Exif orientations that swap width and height
_EXIF_ORIENTATION = 0x0112


def read_bytes(path: str | Path, options: ReadOptions, *, blank: bool = False) -> bytes:
    """Return a file's content; ``blank`` allows a file without any.

    Raises FormatError if the file is not regular, is too large, or cannot contain annotations.
    """
    try:
        with _open_regular(path) as (file, size):
            _check_size(path, size, options.max_bytes)
            parts = [os.read(file, size)]
            while parts[-1] and size > sum(map(len, parts)):
                parts.append(os.read(file, size))
    except OSError as error:
        raise FormatError(error.strerror or str(error), path) from error
    content = parts[0] if len(parts) == 1 else b"".join(parts)
    if not blank:
        _check_content(path, content[:1024], len(content))
    if options.encoding is None:
        return content
    try:
        return content.decode(options.encoding).encode()
    except UnicodeDecodeError as error:
        raise _not_text(path, error) from error


def read_text(path: str | Path, options: ReadOptions, *, blank: bool = False) -> str:
    """Return a file's text without its byte order mark; raises as `read_bytes`."""
    content = read_bytes(path, options, blank=blank)
    try:
        return content.decode(_encoding(content)).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _not_text(path, error) from error


def _not_text(path: str | Path, error: UnicodeDecodeError, start: int = 0) -> FormatError:
    place = f"byte {start + error.start:,} is not {error.encoding.upper()}"
    return FormatError(f"{place}; give encoding=, for example latin-1 or gbk", path)


def invalid_text(path: str | Path, encoding: str = "utf-8") -> FormatError | None:
    """Return the error that names the first byte of a file that is not in an encoding, if there is one."""
    decoder, position = codecs.getincrementaldecoder(encoding)(), 0
    with Path(path).open("rb") as file:
        for chunk in iter(partial(file.read, _CHUNK), b""):
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return _not_text(path, error, position - pending)
            position += len(chunk)
    return None


def read_head(path: str | Path, count: int) -> bytes:
    """Return the first ``count`` bytes of a file; raise FormatError if it is not a regular file."""
    try:
        with _open_regular(path) as (file, _):
            return os.read(file, count)
    except OSError as error:
        raise FormatError(error.strerror or str(error), path) from error


@contextmanager
def open_text(path: str | Path, options: ReadOptions) -> Iterator[io.TextIOBase]:
    """Open a text file to read it line by line, with its line ends unchanged; raises as `read_bytes`."""
    with _open_data(path, options) as (file, head):
        encoding = options.encoding or _encoding(head)
        try:
            with open(file, encoding=encoding, newline="", closefd=False) as text:
                if text.read(1) != "\ufeff":
                    text.seek(0)
                yield text
        except UnicodeDecodeError as error:
            raise invalid_text(path, encoding) or _not_text(path, error) from error


@contextmanager
def open_binary(path: str | Path, options: ReadOptions) -> Iterator[io.BufferedReader]:
    """Open a file to read it piece by piece; raises as `read_bytes`."""
    with _open_data(path, options) as (file, _), open(file, "rb", closefd=False) as content:
        yield content


@contextmanager
def _open_regular(path: str | Path) -> Iterator[tuple[int, int]]:
    """Open a regular file; yield its descriptor and its size."""
    file = os.open(path, _FLAGS)  # does not block on a named pipe without a writer
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise FormatError("expected a regular file", path)
        yield file, status.st_size
    finally:
        os.close(file)


@contextmanager
def _open_data(path: str | Path, options: ReadOptions) -> Iterator[tuple[int, bytes]]:
    """Open a file that may hold annotations; yield its descriptor and its beginning."""
    try:
        with _open_regular(path) as (file, size):
            _check_size(path, size, options.max_bytes)
            head = os.read(file, 1024)
            os.lseek(file, 0, os.SEEK_SET)
            _check_content(path, head, size)
            yield file, head
    except OSError as error:
        raise FormatError(error.strerror or str(error), path) from error


def _check_size(path: str | Path, size: int, limit: int) -> None:
    if size > limit:
        raise FormatError(f"{size:,} bytes, more than the limit max_bytes={limit:,}", path)


def _check_content(path: str | Path, head: bytes, size: int) -> None:
    if what := foreign_content(head, size):
        raise FormatError(f"this is {what}", path)


def foreign_content(head: bytes, size: int) -> str | None:
    """Describe a file of ``size`` bytes that cannot contain annotations; None if it may contain some."""
    if size == 0:
        return "an empty file"
    if head.startswith(b"version https://git-lfs"):
        return "a Git-LFS pointer, not the file itself (git lfs pull fetches it)"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page, perhaps of a failed download"
    for magic, what in (_ARCHIVES | _IMAGES).items():
        if head.startswith(magic):
            return f"{what}; unpack it first" if magic in _ARCHIVES else what
    if head[257:262] == b"ustar":
        return "a tar archive; unpack it first"
    if size < 256 and _LINK.fullmatch(head):
        return f"the text of a symbolic link to {head.decode()}"
    if not head.strip(b"\xef\xbb\xbf \t\r\n") and size <= len(head):
        return "a file of blanks only"
    return None


def decode_head(head: bytes) -> str:
    """Return the text that a file begins with, to detect its format; invalid bytes are replaced."""
    return head.decode(_encoding(head), "replace").removeprefix("\ufeff")


def _encoding(head: bytes) -> str:
    return "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"


def clean(name: object) -> str:
    """Return a name as text without lone surrogates, which JSON escapes may contain."""
    text = name if isinstance(name, str) else str(name)
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


def inside(path: str | Path, folder: Path) -> bool:
    """Return whether a path, all links followed, is inside a resolved folder."""
    try:
        return Path(path).resolve().is_relative_to(folder)
    except (OSError, ValueError, RuntimeError):
        return False


def walk(folder: Path, deepest: int = 6) -> Iterator[tuple[str, list[str]]]:
    """Yield a folder and ``deepest`` levels below it, each with the names of its files.

    Names are sorted; hidden ones are skipped. Links to folders are not followed. A folder that cannot be
    listed raises FormatError.
    """

    def fail(error: OSError) -> None:
        raise FormatError(error.strerror or str(error), error.filename) from error

    top = len(folder.parts)
    for parent, folders, files in os.walk(folder, onerror=fail) if folder.is_dir() else ():
        deeper = len(Path(parent).parts) < top + deepest
        folders[:] = sorted(name for name in folders if name[0] != ".") if deeper else []
        yield parent, sorted(name for name in files if name[0] != ".")


class ImageSizes:
    """Image sizes by name, from the options ``size`` and ``images``."""

    def __init__(self, options: ReadOptions) -> None:
        self._fixed: Size | None = None
        self._sizes: dict[str, Size] = {}
        self._folder = None if options.images is None else Path(options.images)
        self._paths: dict[str, Path] | None = None
        if isinstance(options.size, Mapping):
            self._sizes = {name: _check_pair(size) for name, size in options.size.items()}
        elif options.size is not None:
            self._fixed = _check_pair(options.size)

    def __bool__(self) -> bool:
        return self._fixed is not None or bool(self._sizes) or self._folder is not None

    def find(self, name: str) -> Size:
        """Return the width and height in pixels of an image, NaN if they are unknown."""
        path = PurePosixPath(name.replace("\\", "/"))
        for key in (name, path.name, path.stem):
            if key in self._sizes:
                return self._sizes[key]
        return (self._folder and self._read_header(path)) or self._fixed or UNKNOWN

    def _read_header(self, name: PurePosixPath) -> Size | None:
        if self._paths is None:
            self._paths = {}
            for path in sorted(self._folder.rglob("*")) if self._folder is not None else ():
                if path.suffix.lower() in IMAGE_SUFFIXES:
                    self._paths.setdefault(path.stem, path)
                    self._paths.setdefault(path.name, path)
        found = self._paths.get(name.name) or self._paths.get(name.stem)
        return None if found is None else header_size(found)


def header_size(path: Path) -> Size | None:
    """Return an image's displayed width and height from its header; None if it cannot be read."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            width, height = image.size
            if image.getexif().get(_EXIF_ORIENTATION) in _TRANSPOSED:
                width, height = height, width
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return float(width), float(height)


def is_own_picture(path: Path) -> bool:
    """Return whether a picture is a map that heatgrid wrote."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            return image.info.get("Software") == "heatgrid"
    except OSError:
        return False


def _check_pair(size: Size) -> Size:
    try:
        width, height = size
        pair = float(width), float(height)
    except (TypeError, ValueError) as error:
        raise ValueError(f"size must be (width, height) in pixels, got {size!r}") from error
    if not (0 < pair[0] < float("inf") and 0 < pair[1] < float("inf")):
        raise ValueError(f"size must be a positive width and height, got {size!r}")
    return pair


def write_atomically(path: Path, data: bytes) -> None:
    """Write under a temporary name, then rename: readers see the old file or the whole new one.

    Links are followed, permissions of an old file are kept, and a pipe or a device is written to as it is. If
    it raises OSError, an old file is unchanged.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".heatgrid-{os.urandom(8).hex()}.part")
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)
            return
        with temporary.open("xb") as file:
            file.write(data)
        if target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error  # not the temporary name
    finally:
        temporary.unlink(missing_ok=True)
