"""Files that nobody vouches for: size limits, a plain name for what is no data, paths kept inside."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from heatgrid.errors import FormatError
from heatgrid.io.impostors import impostor

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

    from heatgrid.io.options import ReadOptions

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_bytes(path: str | Path, options: ReadOptions, *, blank: bool = False) -> bytes:
    """Return a file's content.

    Parameters
    ----------
    path
        The file.
    options
        Gives the limit on its size.
    blank
        Whether an empty file is in order.

    Raises
    ------
    FormatError
        It is no regular file, too large, or evidently something else than data.
    """
    try:
        content = _read(path, options.max_bytes)
    except OSError as error:
        raise FormatError(error.strerror or str(error), path) from error
    if not blank and (what := impostor(content[:1024], len(content))):
        message = f"this is {what}"
        raise FormatError(message, path)
    return content


def read_head(path: str | Path, count: int) -> bytes:
    """Return the first ``count`` bytes of a file.

    Raises
    ------
    FormatError
        It cannot be read, or is no regular file.
    """
    try:
        with _open_regular(path) as (file, _):
            return os.read(file, count)
    except OSError as error:
        raise FormatError(error.strerror or str(error), path) from error


@contextmanager
def _open_regular(path: str | Path) -> Iterator[tuple[int, int]]:
    """Open a regular file for as long as the context lasts; give its descriptor and its size.

    Opening does not wait: a named pipe without a writer would otherwise hold us for ever.
    """
    file = os.open(path, _FLAGS)
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise FormatError("expected a regular file", path)
        yield file, status.st_size
    finally:
        os.close(file)


@contextmanager
def open_text(path: str | Path, options: ReadOptions) -> Iterator[io.TextIOBase]:
    """Open a text file to be read line by line, its line ends as they are, for as long as the context lasts.

    Raises
    ------
    FormatError
        It is no regular file, too large, or evidently something else than data.
    """
    with _open_data(path, options) as (file, head):
        encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
        with open(file, encoding=encoding, errors="replace", newline="", closefd=False) as text:
            yield text


@contextmanager
def open_binary(path: str | Path, options: ReadOptions) -> Iterator[io.BufferedReader]:
    """Open a file to be read piece by piece, for as long as the context lasts; see `open_text`."""
    with _open_data(path, options) as (file, _), open(file, "rb", closefd=False) as content:
        yield content


@contextmanager
def _open_data(path: str | Path, options: ReadOptions) -> Iterator[tuple[int, bytes]]:
    """Open a file that is not evidently something else than data; give its descriptor and its beginning."""
    try:
        with _open_regular(path) as (file, size):
            _check_size(path, size, options.max_bytes)
            head = os.read(file, 1024)
            os.lseek(file, 0, os.SEEK_SET)
            if what := impostor(head, size):
                message = f"this is {what}"
                raise FormatError(message, path)
            yield file, head
    except OSError as error:
        raise FormatError(error.strerror or str(error), path) from error


def _check_size(path: str | Path, size: int, limit: int) -> None:
    if size > limit:
        message = f"{size:,} bytes, more than the limit max_bytes={limit:,}"
        raise FormatError(message, path)


def _read(path: str | Path, limit: int) -> bytes:
    with _open_regular(path) as (file, size):
        _check_size(path, size, limit)
        parts = [os.read(file, size)]
        while parts[-1] and size > sum(map(len, parts)):
            parts.append(os.read(file, size))
    return parts[0] if len(parts) == 1 else b"".join(parts)


def decode(content: bytes) -> str:
    """Return text of UTF-8 or UTF-16 with or without a byte order mark; what is neither is replaced."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8-sig", "replace")


def clean(name: object) -> str:
    """Return a name that can be printed and written: text, without half surrogates of JSON escapes."""
    text = name if isinstance(name, str) else str(name)
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


def inside(path: str | Path, folder: Path) -> bool:
    """Tell whether a path that a file names lies, all links followed, in the one folder that it may name.

    Parameters
    ----------
    path
        The path; one that cannot be one at all lies nowhere.
    folder
        The folder, resolved.
    """
    try:
        return Path(path).resolve().is_relative_to(folder)
    except (OSError, ValueError, RuntimeError):
        return False


def walk(folder: Path, deepest: int) -> Iterator[tuple[str, list[str]]]:
    """Yield a folder and those in it, with the names of their files, in order; hidden ones are passed over.

    Parameters
    ----------
    folder
        Where to begin. Links to folders are not followed.
    deepest
        How many folders deep to go.

    Raises
    ------
    FormatError
        A folder cannot be listed.
    """

    def fail(error: OSError) -> None:
        raise FormatError(error.strerror or str(error), error.filename) from error

    top = len(folder.parts)
    for parent, folders, files in os.walk(folder, onerror=fail) if folder.is_dir() else ():
        deeper = len(Path(parent).parts) < top + deepest
        folders[:] = sorted(name for name in folders if name[0] != ".") if deeper else []
        yield parent, sorted(name for name in files if name[0] != ".")


def write_atomically(path: Path, data: bytes) -> None:
    """Write under a temporary name, then rename: readers see the old file or the whole new one.

    Links are followed, permissions of an old file are kept, and what is no file (a pipe, a device) is
    written to as it is.

    Raises
    ------
    OSError
        The file cannot be written; an old one is as it was.
    """
    from secrets import token_hex

    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".heatgrid-{token_hex(8)}.part")
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
