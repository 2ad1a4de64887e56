"""Files and folders, also in archives and remote: ``set.zip/labels/a.txt`` is a path like any other.

While an archive or a remote folder is `opened`, the functions below find what is in it. All readers look at
files by these functions only.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import IO, TYPE_CHECKING, NamedTuple

from heatgrid.core.limits import DEFAULT, check_stop
from heatgrid.errors import FormatError
from heatgrid.io.archives import ARCHIVE_HEAD, Archive, check_size, is_archive
from heatgrid.io.remote import Remote, is_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from heatgrid.core.limits import Limits
    from heatgrid.core.report import Report
    from heatgrid.io.archives.content import Member

    PathName = str | os.PathLike[str]

LINK = "link in an archive left out"

_ODD = f"{os.sep}."  # in paths with "..", and others

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

_lock = Lock()
_archives: dict[str, Archive | Remote] = {}  # by their absolute paths; replaced, never changed
_users: Counter[str] = Counter()

Listing = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
_listings: ContextVar[dict[str, Listing] | None] = ContextVar("_listings", default=None)


def archive_of(path: PathName) -> Path | None:
    """Return the archive that a path names, or leads into; None for other paths."""
    own = Path(path)
    for file in (own, *own.parents):
        try:
            mode = file.stat().st_mode
        except (OSError, ValueError):
            continue
        if not stat.S_ISREG(mode):
            return None
        try:
            with _open_outside(file) as (number, _):
                return file if is_archive(os.read(number, ARCHIVE_HEAD)) else None
        except (OSError, FormatError):
            return None
    return None


@contextmanager
def opened(path: PathName, limits: Limits = DEFAULT, report: Report | None = None) -> Iterator[Path]:
    """Open the archive that a path names or leads into; yield the path of its content.

    This is `Archive.root`. Other paths are yielded as they are. Raises
    FormatError for an archive that cannot be read, or does not hold the path.
    """
    if is_place(path):
        yield from _opened_remote(Path(path), limits)
        return
    if (file := archive_of(path)) is None:
        yield Path(path)
        return
    # As given, absolute, and with links followed.
    names = {str(file), os.path.abspath(file), os.path.realpath(file)}  # noqa: PTH100
    archive = _hold(file, names, limits)
    try:
        if report is not None:
            for link in archive.links:
                report.note(LINK, where=str(file / link))
        if Path(path) == file:
            yield file / archive.root
        elif exists(path):
            yield Path(path)
        else:
            raise FormatError("no such file or folder in the archive", path)
    finally:
        _release(names)


def _opened_remote(path: Path, limits: Limits) -> Iterator[Path]:
    remote = Remote(path, limits)
    names = {str(remote.top)}
    with _lock:
        _use(names) or _use(names, remote)
    try:
        yield path
    finally:
        _release(names)


def _free_lock() -> None:
    global _lock  # noqa: PLW0603
    _lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_free_lock)


def _hold(file: Path, names: set[str], limits: Limits) -> Archive | Remote:
    """Return the open archive of these names, to be released; open it if it is not open yet."""
    with _lock:
        held = _use(names)
    if held is not None:
        return held
    archive = Archive(file, limits)
    with _lock:
        held = _use(names)  # another thread may have opened it meanwhile
        if held is None:
            _use(names, archive)
            return archive
    archive.close()
    return held


def _use(names: set[str], archive: Archive | Remote | None = None) -> Archive | Remote | None:
    """Count a use of an archive, by default of the one that is open; the lock is held."""
    global _archives  # noqa: PLW0603
    if archive is None:
        held = (_archives[name] for name in names if name in _archives)
        archive = next((one for one in held if one.is_current), None)
    if archive is not None:
        _users.update(names)
        _archives = _archives | dict.fromkeys(names, archive)
    return archive


def _release(names: set[str]) -> None:
    global _archives  # noqa: PLW0603
    with _lock:
        _users.subtract(names)
        left = {name: archive for name, archive in _archives.items() if _users[name]}
        for archive in set(_archives.values()).difference(left.values()):
            archive.close()
        _archives = left


def _inner(path: PathName) -> tuple[Archive | Remote, str] | None:
    """Return the open archive or remote folder that holds a path, and the path in it; None for others."""
    archives = _archives
    if not archives:
        return None
    text = os.fspath(path)
    for name, archive in archives.items():
        if text.startswith(name) and text[len(name) : len(name) + 1] in ("", os.sep):
            inner = text[len(name) + 1 :]
            if _ODD not in text:
                return archive, inner.replace(os.sep, "/")
    if os.path.isabs(text) and _ODD not in text:  # noqa: PTH117
        return None
    plain = os.path.abspath(text)  # noqa: PTH100 - links stay as they are
    return None if plain == text else _inner(plain)


def is_inner(path: PathName) -> bool:
    """Return whether a path leads into an open archive."""
    return _inner(path) is not None


def is_file(path: PathName) -> bool:
    """Return whether a path, which may be any text, is a file."""
    if (found := _inner(path)) is not None:
        return found[0].file(found[1]) is not None
    return os.path.isfile(path)  # noqa: PTH113 - unlike Path.is_file, it takes any text


def is_dir(path: PathName) -> bool:
    """Return whether a path, which may be any text, is a folder."""
    if (found := _inner(path)) is not None:
        return found[0].folder(found[1]) is not None
    return os.path.isdir(path)  # noqa: PTH112


def exists(path: PathName) -> bool:
    """Return whether a path is a file or folder."""
    return is_file(path) or is_dir(path) or os.path.exists(path)  # noqa: PTH110


def size_of(path: PathName) -> int:
    """Return the size of a file in bytes."""
    if (found := _inner(path)) is not None and (member := found[0].file(found[1])) is not None:
        return member.size
    return Path(path).stat().st_size


class _Entry(NamedTuple):
    """A member of an archive, as `os.DirEntry` describes a file or folder."""

    name: str
    path: str
    is_folder: bool

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:  # noqa: ARG002
        return self.is_folder

    def is_file(self, *, follow_symlinks: bool = True) -> bool:  # noqa: ARG002
        return not self.is_folder

    def is_symlink(self) -> bool:
        return False


Entry = os.DirEntry[str] | _Entry
"""A file or folder in a folder."""


def scan(folder: PathName) -> AbstractContextManager[Iterator[Entry]]:
    """Return the entries of a folder, to be used in a ``with`` statement; raises OSError."""
    if (found := _inner(folder)) is None:
        return os.scandir(os.fspath(folder))
    top = f"{os.fspath(folder)}{os.sep}"
    content = _content(folder, *found).items()
    return nullcontext(_Entry(name, top + name, member is None) for name, member in content)


@contextmanager
def listed_once() -> Iterator[None]:
    """List each folder once: within it, `names_in` returns what it returned before."""
    token = _listings.set({})
    try:
        yield
    finally:
        _listings.reset(token)


def names_in(folder: PathName, most: int | None = None) -> Listing:
    """Return the names of the folders in a folder, of its files, and of links to files; raises OSError.

    Hidden ones and links to folders are left out. Only the first ``most`` entries are looked at.
    """
    known = _listings.get()
    if known is None or most is not None:
        return _names_in(folder, most)
    path = os.fspath(folder)
    if path not in known:
        known[path] = _names_in(folder, None)
    return known[path]


def _names_in(folder: PathName, most: int | None) -> Listing:
    if (found := _inner(folder)) is not None:
        shown = [own for own in islice(_content(folder, *found).items(), most) if own[0][0] != "."]
        files = [name for name, member in shown if member is not None]
        return tuple(name for name, member in shown if member is None), tuple(files), ()
    folders: list[str] = []
    files, links = [], []
    with os.scandir(os.fspath(folder)) as entries:
        for entry in islice(entries, most):
            name = entry.name
            if name[0] == ".":
                continue
            if entry.is_dir():
                if not entry.is_symlink():
                    folders.append(name)
            elif entry.is_symlink():
                links.append(name)
            else:
                files.append(name)
    return tuple(folders), tuple(files), tuple(links)


def _content(folder: PathName, archive: Archive | Remote, inner: str) -> Mapping[str, Member | None]:
    if (content := archive.folder(inner)) is None:
        raise NotADirectoryError(f"no such folder in the archive: {folder}")
    return content


def read_beginning(path: PathName, count: int) -> bytes:
    """Return the first ``count`` bytes of a file; raise FormatError if it is not a regular file."""
    if (found := _inner(path)) is not None:
        return b"".join(found[0].pieces(found[1], count))
    with open_regular(path) as (file, _):
        return os.read(file, count)


def read_inner(path: PathName, limit: int) -> bytes | None:
    """Return the content of a file in an archive as `read_whole`, None for other files."""
    if (found := _inner(path)) is None:
        return None
    return b"".join(found[0].pieces(found[1], limit=limit))


def read_whole(path: PathName, limit: int) -> bytes:
    """Return a file's content; raise FormatError if it is not a regular file, or of more bytes."""
    if (content := read_inner(path, limit)) is not None:
        return content
    with _open_outside(path, limit) as (file, size):
        parts = [os.read(file, size)]
        while parts[-1] and size > sum(map(len, parts)):
            parts.append(os.read(file, size))
    return parts[0] if len(parts) == 1 else b"".join(parts)


@contextmanager
def open_regular(path: PathName, limit: int | None = None) -> Iterator[tuple[int, int]]:
    """Open a regular file of at most ``limit`` bytes; yield its descriptor and its size.

    A file in an archive is unpacked, into memory where the system can do that.
    """
    if (found := _inner(path)) is not None:
        with _open_unnamed() as content:
            for piece in found[0].pieces(found[1], limit=limit):
                content.write(piece)
            size = content.tell()
            content.seek(0)
            yield content.fileno(), size
        return
    with _open_outside(path, limit) as file:
        yield file


@contextmanager
def _open_outside(path: PathName, limit: int | None = None) -> Iterator[tuple[int, int]]:
    """Open a regular file that is not in an archive; see `open_regular`."""
    file = os.open(path, _FLAGS)  # does not block on a named pipe without a writer
    try:
        check_stop()
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise FormatError("expected a regular file", path)
        check_size(path, status.st_size, limit)
        yield file, status.st_size
    finally:
        os.close(file)


def _open_unnamed() -> IO[bytes]:
    """Return an empty file without a name, which disappears when it is closed."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("heatgrid"), "w+b", buffering=0)
    import tempfile

    return tempfile.TemporaryFile(buffering=0)
