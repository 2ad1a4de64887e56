"""Remote files: addresses such as ``s3://bucket/set`` that the caller wrote, read and written with fsspec.

Inside, an address is the path of a place: ``/s3:/bucket/set``. `Remote` has the interface of an `Archive`, so
that all readers find remote files as they find those of archives.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heatgrid.core.limits import DEFAULT, check_stop
from heatgrid.errors import FormatError, require
from heatgrid.io.archives import check_size
from heatgrid.io.archives.content import CHUNK, Member

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.limits import Limits

    PathName = str | os.PathLike[str]

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://(.*)", re.DOTALL)  # two letters: C:// is a drive
_PLACE = re.compile(r"/([a-z][a-z0-9+.-]+):/")
_PLACES = re.compile(r"(?<![\w./-])/([a-z][a-z0-9+.-]+):/(?!/)")
_AHEAD = 64  # files that are transferred together
_SMALL = 1 << 20  # bytes of such a file


def is_address(path: object) -> bool:
    """Return whether the caller wrote a remote address; paths that are not text never are one."""
    return isinstance(path, str) and is_place(place_of(path))


def place_of(path: PathName) -> Path:
    """Return the place of an address, and other paths as they are; equal places are the same file."""
    if not isinstance(path, str) or (found := _ADDRESS.fullmatch(path)) is None:
        return Path(path)
    scheme, rest = found[1].lower(), found[2]
    parts = [part for part in rest.split("/") if part not in ("", ".")]
    if ".." in parts or "\0" in rest:
        raise ValueError(f"an address must not contain .., got {path!r}")
    if scheme == "file":
        return Path("/", *parts)
    return Path(f"/{scheme}:", *parts)


def is_place(path: PathName) -> bool:
    """Return whether a path is the place of an address."""
    return _PLACE.match(str(path)) is not None


def shown(text: str) -> str:
    """Return a text with addresses in the form that the caller wrote instead of their places."""
    return _PLACES.sub(r"\1://", text)


@contextmanager
def errors_shown() -> Iterator[None]:
    """Raise errors with addresses in the form that the caller wrote."""
    try:
        yield
    except FormatError as error:
        path = None if error.path is None else shown(error.path)
        raise FormatError(shown(error.text), path, error.where, error.annotation) from error


def _connect(place: Path) -> tuple[Any, str]:
    """Return the file system of a place, and the path in it; raise ImportError if a package is missing."""
    core = require("fsspec.core", "remote")
    address = shown(place.as_posix())
    try:
        system, path = core.url_to_fs(address)
    except ImportError as error:  # of s3fs, gcsfs, aiohttp …
        hint = 'pip install "heatgrid[remote]" has those of s3, gs, hf and http'
        raise ImportError(f"{address}: {error} ({hint})", name=error.name) from error
    except ValueError as error:
        raise ValueError(f"{address}: {error}") from error
    return system, path.rstrip("/")


def expand(address: str) -> list[str]:
    """Return the addresses that match a pattern such as ``s3://bucket/part-*.csv``, sorted."""
    system, path = _connect(place_of(address))
    with _transfers(address):
        return sorted(map(system.unstrip_protocol, system.glob(path)))


def fetch(address: str, limit: int | None, most: int | None = None) -> bytes:
    """Return the content of a file of at most ``limit`` bytes, or its first ``most`` bytes."""
    place = place_of(address)
    with errors_shown():
        remote = Remote(place, DEFAULT)
        return b"".join(remote.pieces(place.name, most, limit=limit))


def put(address: str, data: bytes) -> None:
    """Write a file in one transfer: readers see the old file or the whole new one."""
    system, path = _connect(place_of(address))
    with _transfers(address):
        system.pipe_file(path, data)


def is_taken(address: str) -> bool:
    """Return whether there is a file at an address."""
    system, path = _connect(place_of(address))
    with _transfers(address):
        system.invalidate_cache()
        return bool(system.exists(path))


@contextmanager
def _transfers(address: str) -> Iterator[None]:
    """Raise the errors of a file system's client as OSError that names the address."""
    try:
        yield
    except FileNotFoundError as error:
        cause = error.__cause__  # of fsspec's http, also where there is no connection
        if isinstance(cause, OSError) and not isinstance(cause, FileNotFoundError):
            raise OSError(5, f"cannot be reached: {cause}", address) from error
        raise FileNotFoundError(error.errno or 2, "no such file or folder", address) from error
    except (FormatError, MemoryError):
        raise
    except Exception as error:  # clients have exceptions of their own
        text = f"{type(error).__name__}: {error}"[:300]
        raise OSError(5, f"cannot be reached: {text}", address) from error


class Remote:
    """A remote folder, or the folder of a remote file; it has the interface of an `Archive`.

    Folders are listed once, when they are needed. Small files are transferred together with those that follow
    in their folder, at most 64.

    Raises
    ------
    FileNotFoundError
        There is no such file or folder.
    """

    root = ""
    links: tuple[str, ...] = ()
    is_current = True

    def __init__(self, place: Path, limits: Limits) -> None:
        self._system, self._path = _connect(place)
        self._limits, self._left = limits, limits.archive_members
        self._folders: dict[str, dict[str, Member | None] | None] = {}
        self._named: dict[str, Member] = {}  # the file that the caller named: not all folders can be listed
        self._small: dict[tuple[str, str], list[str]] = {}
        self._ahead: dict[str, bytes] = {}
        self.top = place
        with _transfers(shown(str(place))):
            self._system.invalidate_cache()
            entry = self._system.info(self._path)
        if entry["type"] == "file":
            self._named[place.name] = _member(entry)
            self.top, self._path = place.parent, self._path.rpartition("/")[0]

    def close(self) -> None:
        """Forget what was transferred."""
        self._ahead.clear()
        self._folders.clear()

    def folder(self, name: str) -> Mapping[str, Member | None] | None:
        """Return a folder's files by name, and its folders with None; None if there is no such folder."""
        if name not in self._folders:
            parent, _, own = name.rpartition("/")
            is_missing = bool(name) and (self.folder(parent) or {}).get(own, self) is not None
            self._folders[name] = None if is_missing else self._list(name)
        return self._folders[name]

    def file(self, name: str) -> Member | None:
        """Return a file, None if there is no such file."""
        if name in self._named:
            return self._named[name]
        parent, _, own = name.rpartition("/")
        return (self.folder(parent) or {}).get(own)

    def pieces(self, name: str, most: int | None = None, *, limit: int | None = None) -> Iterable[bytes]:
        """Return the content of a file in pieces, at most its first ``most`` bytes; raise FormatError."""
        member = self.file(name)
        if member is None:
            raise FormatError("no such file", self.top / name)
        check_size(self.top / name, member.size, limit)
        try:
            with _transfers(shown(str(self.top / name))):
                found = self._pieces(name, member, most)
        except OSError as error:
            raise FormatError(str(error.strerror), self.top / name) from error
        check_size(self.top / name, sum(map(len, found)), limit)
        return found

    def _pieces(self, name: str, member: Member, most: int | None) -> list[bytes]:
        check_stop()
        path = f"{self._path}/{name}"
        if (content := self._ahead.get(name)) is not None:
            return [content[:most]]
        if most is not None and most < member.size:
            return [self._system.cat_file(path, start=0, end=most)]
        if member.size <= _SMALL:
            return [self._fetch_with_next(name)]
        parts = []
        with self._system.open(path, "rb", block_size=4 * CHUNK) as file:
            while piece := file.read(4 * CHUNK):
                check_stop()
                parts.append(piece)
        return parts

    def _fetch_with_next(self, name: str) -> bytes:
        """Return the content of a small file, and keep those of the next small files of its suffix."""
        begin = name[: name.rfind("/") + 1]
        names = self._small_files(begin, Path(name).suffix)
        place = bisect_left(names, name)
        if names[place : place + 1] != [name]:
            return bytes(self._system.cat_file(f"{self._path}/{name}"))
        next_of = {f"{self._path}/{other}".lstrip("/"): other for other in names[place : place + _AHEAD]}
        found = self._system.cat(list(next_of), on_error="omit")
        self._ahead = {next_of[path.lstrip("/")]: content for path, content in found.items()}
        if (content := self._ahead.get(name)) is None:
            return bytes(self._system.cat_file(f"{self._path}/{name}"))
        return content

    def _small_files(self, begin: str, suffix: str) -> list[str]:
        """Return the names of the small files of a folder that have a suffix, sorted; patterns left out."""
        if (begin, suffix) not in self._small:
            members = {} if begin == "" and self._named else self.folder(begin.rstrip("/")) or {}
            self._small[begin, suffix] = sorted(
                begin + own
                for own, member in members.items()
                if member is not None and member.size <= _SMALL and own.endswith(suffix)
                if not any(sign in own for sign in "*?[")
            )
        return self._small[begin, suffix]

    def _list(self, name: str) -> dict[str, Member | None] | None:
        path = f"{self._path}/{name}".rstrip("/")
        try:
            with _transfers(shown(str(self.top / name))):
                entries = self._system.ls(path, detail=True)
        except FileNotFoundError:
            return None
        self._left -= len(entries)
        if self._left < 0:
            text = f"more than limits.archive_members={self._limits.archive_members:,}"
            raise FormatError(text, self.top / name)
        found: dict[str, Member | None] = {}
        for entry in entries:
            whole = entry["name"].rstrip("/")
            own = whole.rpartition("/")[2]
            if own in ("", ".", "..") or whole.lstrip("/") == path.lstrip("/"):  # markers of folders
                continue
            found[own] = None if entry["type"] == "directory" else _member(entry)
        return found


def _member(entry: Mapping[str, Any]) -> Member:
    size = int(entry.get("size") or 0)  # some servers do not tell it
    return Member(0, size, size)


def with_addresses(batches: Iterator[Annotations]) -> Iterator[Annotations]:
    """Yield batches, and raise errors, with addresses in the form that the caller wrote."""
    with errors_shown():
        for batch in batches:
            for examples in batch.report.examples.values():
                examples[:] = map(shown, examples)
            files = None if batch.files is None else [*map(shown, batch.files)]
            yield replace(batch, source=shown(batch.source), files=files)
