"""Members of tar archives: POSIX.1-2017 (ustar, pax), and GNU's long names.

The module tarfile takes some 50 µs per member to list them: data sets have a file per image.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from heatgrid.core.limits import check_stop
from heatgrid.io.archives.content import CHUNK, Content, Member, decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 512
"""Bytes of a header; contents are padded to a multiple of them."""

_FILES, _FOLDER, _EXTENDED, _LONG_NAME, _LONG_LINK = b"0\x007", b"5", b"xg", b"L", b"K"


def is_header(block: bytes) -> bool:
    """Return whether a block is a header of tar, by its checksum."""
    if len(block) < BLOCK or not block[0]:
        return False
    try:
        return _number(block[148:156]) == sum(block[:148]) + 8 * ord(" ") + sum(block[156:BLOCK])
    except ValueError:
        return False


def list_members(content: Content, links: list[str]) -> Iterator[tuple[str, Member | None]]:
    """Yield the names of an archive's files, and of its folders with None.

    Links, devices and files with holes are added to ``links``. Raises FormatError for a broken archive, or
    members above the limits.
    """
    at = total = count = 0
    common: dict[bytes, bytes] = {}
    extended: dict[bytes, bytes] = {}
    while at + BLOCK <= content.size:
        check_stop()
        head = content.read(at, BLOCK)
        if not head[0]:
            return
        if not is_header(head):
            raise content.error(f"broken tar archive: no header at byte {at:,}")
        kind, own = head[156:157], common | extended
        try:
            size = _number(head[124:136])
            if kind not in _EXTENDED + _LONG_NAME + _LONG_LINK:
                size = int(own.get(b"size", size))
        except ValueError as error:
            raise content.error(f"broken tar archive: a size that is no number at byte {at:,}") from error
        begin = at + BLOCK
        at = begin + -(-size // BLOCK) * BLOCK
        if size < 0 or begin + size > content.size:
            raise content.error("broken archive: it ends too early")
        if kind in _EXTENDED + _LONG_NAME:
            if size > CHUNK:
                raise content.error(f"broken tar archive: a name of {size:,} bytes")
            text = content.read(begin, size)
            if kind == _LONG_NAME:
                extended[b"path"] = text.rstrip(b"\0")
            else:
                (common if kind == b"g" else extended).update(_records(text))
        elif kind != _LONG_LINK:
            name = decoded(own.get(b"path") or _short_name(head), "utf-8")
            count, total = count + 1, total + size
            content.check("archive_members", count)
            content.check("archive_bytes", total)
            if kind == _FOLDER or name.endswith("/"):
                yield name, None
            elif kind in _FILES and not any(key.startswith(b"GNU.sparse") for key in own):
                yield name, Member(begin, size, size)
            else:
                links.append(name)
            extended = {}


def unpacked(content: Content, member: Member, name: str, most: int | None = None) -> Iterator[bytes]:
    """Yield the content of a member piece by piece, at most its first ``most`` bytes."""
    left = member.size if most is None else min(most, member.size)
    for begin in range(0, left, CHUNK):
        yield content.read(member.offset + begin, min(CHUNK, left - begin), name)


def _short_name(head: bytes) -> bytes:
    prefix = head[345:500].split(b"\0", 1)[0] if head[257:263] == b"ustar\0" else b""
    return b"/".join(filter(None, [prefix, head[:100].split(b"\0", 1)[0]]))


def _number(field: bytes) -> int:
    """Return a number, octal, or binary as GNU writes large ones."""
    if field[0] & 0x80:
        return int.from_bytes(field[1:], "big")
    return int(field.split(b"\0", 1)[0].strip() or b"0", 8)


def _records(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and values of pax records: length, blank, key, =, value, line feed."""
    while text:
        length, _, rest = text.partition(b" ")
        if not length.isdigit() or not len(length) + 2 < int(length) <= len(text):
            return
        key, _, value = rest[: int(length) - len(length) - 2].partition(b"=")
        yield key, value
        text = text[int(length) :]
