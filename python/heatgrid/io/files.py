"""Safe file access: size limits, foreign content and folder listings."""

from __future__ import annotations

import codecs
import os
import re
import stat
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from heatgrid.errors import FormatError
from heatgrid.io import places
from heatgrid.io.remote import is_address, is_place, place_of, put

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

    from heatgrid.core.report import Report
    from heatgrid.io.options import ReadOptions

IMAGE_SUFFIXES = (
    *(".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif"),
    *(".jp2", ".avif", ".heic", ".dng", ".mpo", ".pfm"),
)
UNKNOWN = (float("nan"), float("nan"))
BLANKS = " \t\r\n\x1e"
"""Blanks around a JSON text; RFC 8142 begins each text with the last."""

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
_FOREIGN = (*_ARCHIVES, *_IMAGES)
_LINK = re.compile(rb"(?:\.{0,2}/)?[\w.@+ -]+(?:/[\w.@+ -]+)+")
_CHUNK = 1 << 16


def image_stem(name: str) -> str:
    """Return the name of an image without folders and the suffix of an image, for comparisons."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.stem if path.suffix.lower() in IMAGE_SUFFIXES else path.name


def read_bytes(path: str | Path, options: ReadOptions, *, blank: bool = False) -> bytes:
    """Return a file's content; ``blank`` allows a file without any.

    Raises FormatError if the file is not regular, is too large, or cannot contain annotations.
    """
    try:
        content = places.read_whole(path, options.limits.file_bytes)
    except OSError as error:
        raise FormatError(error.strerror or str(error), path) from error
    if not blank:
        _check_content(path, content[:1024], len(content))
    if options.encoding is None:
        return content
    try:
        return content.decode(options.encoding).encode()
    except UnicodeDecodeError as error:
        raise _not_text(path, error) from error


def content_in_archive(path: str | Path, options: ReadOptions) -> bytes | None:
    """Return the content of a file in an archive, None for other files and those that cannot be read."""
    try:
        return places.read_inner(path, options.limits.file_bytes)
    except FormatError:
        return None


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
    with places.open_regular(path) as (file, _):
        for chunk in iter(partial(os.read, file, _CHUNK), b""):
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
        return places.read_beginning(path, count)
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
def _open_data(path: str | Path, options: ReadOptions) -> Iterator[tuple[int, bytes]]:
    """Open a file that may hold annotations; yield its descriptor and its beginning."""
    try:
        with places.open_regular(path, options.limits.file_bytes) as (file, size):
            head = os.read(file, 1024)
            os.lseek(file, 0, os.SEEK_SET)
            _check_content(path, head, size)
            if options.meter is not None:
                options.meter.file = (path, file, size)
            try:
                yield file, head
            finally:
                if options.meter is not None:
                    options.meter.file = None
    except OSError as error:
        raise FormatError(error.strerror or str(error), path) from error


def _check_content(path: str | Path, head: bytes, size: int) -> None:
    if what := foreign_content(path, head, size):
        raise FormatError(f"this is {what}", path)


def foreign_content(path: str | Path, head: bytes, size: int) -> str | None:
    """Describe a file of ``size`` bytes that cannot contain annotations; None if it may contain some."""
    if size == 0:
        return "an empty file"
    unpack = (
        "archives are read from local files only, so download it" if is_place(path) else "unpack it first"
    )
    if head.startswith(b"version https://git-lfs"):
        return "a Git-LFS pointer, not the file itself (git lfs pull fetches it)"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page, perhaps of a failed download"
    if head.startswith(_FOREIGN):
        magic = next(filter(head.startswith, _FOREIGN))
        return _IMAGES.get(magic) or f"{_ARCHIVES[magic]}; {unpack}"
    if head[257:262] == b"ustar":
        return f"a tar archive; {unpack}"
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


TWICE = "reached again through a link, read once"


def walk(folder: Path, deepest: int = 6, report: Report | None = None) -> Iterator[tuple[str, list[str]]]:
    """Yield a folder and ``deepest`` levels below it, each with the names of its files.

    Names are sorted; hidden ones are skipped. Links to folders are not followed. With a ``report``, links to
    files that are reached anyway are left out and noted. A folder that cannot be listed raises FormatError.
    """
    followed: set[str] = set()
    top = os.path.realpath(folder)

    def is_repeated(link: str) -> bool:
        """Return whether a link leads to a file below the folder, or where another link leads."""
        target = os.path.realpath(link)
        inner = Path(os.path.relpath(target, top)).parts
        is_seen = not any(part.startswith(".") for part in inner) and os.path.isfile(target)  # noqa: PTH113
        is_seen = (is_seen and Path(target).suffix == Path(link).suffix) or target in followed
        followed.add(target)
        return is_seen

    def visit(parent: Path, left: int) -> Iterator[tuple[str, list[str]]]:
        try:
            folders, files, links = places.names_in(parent)
        except OSError as error:
            raise FormatError(error.strerror or str(error), error.filename) from error
        own = list(files)
        for name in sorted(links):
            if report is not None and is_repeated(f"{parent}{os.sep}{name}"):
                report.note(TWICE, where=str(parent / name))
            else:
                own.append(name)
        yield str(parent), sorted(own)
        for name in sorted(folders) if left else ():
            yield from visit(parent / name, left - 1)

    return visit(folder, deepest) if places.is_dir(folder) else iter(())


def files_below(folder: Path, suffixes: tuple[str, ...], report: Report, deepest: int = 6) -> list[Path]:
    """Return the files with one of these suffixes below a folder, each once; see `walk`."""
    return [Path(path) for _, path in paths_below(folder, suffixes, report, deepest)]


def paths_below(
    folder: Path, suffixes: tuple[str, ...], report: Report, deepest: int = 6
) -> Iterator[tuple[str, str]]:
    """Yield the folders and paths of `files_below` as texts, which are quicker to make, compare and send."""
    for parent, names in walk(folder, deepest, report):
        for name in names:
            if name.lower().endswith(suffixes):
                yield parent, f"{parent}{os.sep}{name}"


def write(path: str, data: bytes) -> None:
    """Write a file, or in one transfer to an address; see `write_atomically`."""
    if is_address(path):
        put(path, data)
    else:
        write_atomically(place_of(path), data)


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
