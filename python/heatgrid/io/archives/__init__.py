"""ZIP and tar archives: listed once, members unpacked one by one into memory.

Names of members are only looked up, so that none can lead out of an archive; one that would is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from heatgrid.errors import FormatError
from heatgrid.io.archives import tar_members, zip_members
from heatgrid.io.archives.content import Content, Member

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from heatgrid.core.limits import Limits

_PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\xfd7zXZ\x00": "lzma"}  # and the module that unpacks it
_TAR_SUFFIXES = (".tgz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz")
_ODD = {"", ".", ".."}
ARCHIVE_HEAD = tar_members.BLOCK
"""Bytes that `is_archive` needs."""


def is_archive(head: bytes) -> bool:
    """Return whether a file begins like an archive that can be read in place."""
    return head.startswith((*zip_members.BEGINNINGS, *_PACKED)) or tar_members.is_header(head[:ARCHIVE_HEAD])


def check_size(path: str | os.PathLike[str], size: int, limit: int | None) -> None:
    """Raise FormatError for a file of more bytes than the limit."""
    if limit is not None and size > limit:
        raise FormatError(f"{size:,} bytes, more than limits.file_bytes={limit:,}", path)


class Archive:
    """Files and folders of an archive.

    A file that is compressed alone is an archive of one file, named without the last suffix. ``links`` are
    the links and devices of a tar archive, which are left out.

    Raises
    ------
    FormatError
        The archive is broken, exceeds the limits, or has members that are encrypted or lead out of it.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self.links: list[str] = []
        self._folders: dict[str, dict[str, Member | None]] = {"": {}}
        self._content = Content(path, limits)
        try:
            for name, member in self._list():
                self._add(name, member)
        except BaseException:
            self._content.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._content.close()

    @property
    def is_current(self) -> bool:
        """True if the file is still the one that was listed."""
        try:
            now, then = self._content.path.stat(), self._content.status
        except OSError:
            return False
        return (now.st_ino, now.st_size, now.st_mtime_ns) == (then.st_ino, then.st_size, then.st_mtime_ns)

    def folder(self, name: str) -> Mapping[str, Member | None] | None:
        """Return a folder's files by name, and its folders with None; None if there is no such folder."""
        return self._folders.get(name)

    def file(self, name: str) -> Member | None:
        """Return a file, None if there is no such file."""
        folder, _, own = name.rpartition("/")
        return self._folders.get(folder, {}).get(own)

    @property
    def root(self) -> str:
        """The outermost folder with several entries or a file; or the only file. Empty: the archive."""
        name = ""
        while (content := self._folders.get(name)) is not None:
            entries = [entry for entry in content if entry[0] != "."]
            if len(entries) != 1 or (name and content[entries[0]] is not None):
                break
            name = f"{name}/{entries[0]}" if name else entries[0]
        return name

    def pieces(self, name: str, most: int | None = None, *, limit: int | None = None) -> Iterable[bytes]:
        """Return the content of a file in pieces, at most its first ``most`` bytes.

        Raises FormatError if there is no such file, it has more than ``limit`` bytes, or its content is not
        what the archive's list says.
        """
        member = self.file(name)
        if member is None:
            raise self._content.error("no such file in the archive", name)
        if limit is not None and member.size > limit:  # a path is made in this case only
            check_size(self._content.path / name, member.size, limit)
        unpacked = tar_members.unpacked if member.crc is None else zip_members.unpacked
        return unpacked(self._content, member, name, most)

    def _list(self) -> Iterator[tuple[str, Member | None]]:
        content = self._content
        head = content.read(0, ARCHIVE_HEAD, least=0)
        if head.startswith(zip_members.BEGINNINGS):
            return zip_members.list_members(content)
        module = next((module for magic, module in _PACKED.items() if head.startswith(magic)), None)
        if module is not None:
            content.unpack(module)
            head = content.read(0, ARCHIVE_HEAD, least=0)
        if not tar_members.is_header(head) and not content.path.name.lower().endswith(_TAR_SUFFIXES):
            return iter([(content.path.stem, Member(0, content.size, content.size))])
        return tar_members.list_members(content, self.links)

    def _add(self, name: str, member: Member | None) -> None:
        """Add a file, or a folder."""
        folder, _, own = name.rpartition("/")
        content = self._folders.get(folder)
        is_plain = own not in _ODD and "\\" not in own and "\0" not in own and name[0] != "/"
        if member is not None and content is not None and is_plain and content.get(own, member) is not None:
            content[own] = member  # the last of one name holds
            return
        parts = [part for part in name.replace("\\", "/").rstrip("/").split("/") if part != "."]
        if not parts or parts[0] == "__MACOSX":  # attributes of the other files
            return
        if ".." in parts or "" in parts or parts[0].endswith(":") or "\0" in name:
            raise self._content.error(f"the name of a member leads out of the archive: {name[:200]!r}")
        self._content.check("depth", len(parts), name[:200])
        if member is None:
            self._make_folder("/".join(parts))
        else:
            content = self._make_folder("/".join(parts[:-1]))
            if content.setdefault(parts[-1], member) is None:
                raise self._content.error(f"a file and a folder of one name: {name[:200]!r}")
            content[parts[-1]] = member  # the last of one name holds

    def _make_folder(self, name: str) -> dict[str, Member | None]:
        """Return the content of a folder, new if there is none yet."""
        if (content := self._folders.get(name)) is None:
            parent, _, own = name.rpartition("/")
            if self._make_folder(parent).setdefault(own, None) is not None:
                raise self._content.error(f"a file and a folder of one name: {name[:200]!r}")
            content = self._folders[name] = {}
        return content
