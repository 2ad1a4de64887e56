"""Members of ZIP archives, after PKWARE's APPNOTE.TXT, sections 4.3 and 4.5.3.

The module zipfile takes 20 µs per member to list them, this one 2 µs: data sets have a file per image.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from heatgrid.core.limits import check_stop
from heatgrid.io.archives.content import CHUNK, Content, Member, decoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")
"""Beginnings of an archive, and of an empty one."""

_DIFFERENT = "broken member: not the size or checksum of the archive's list"
_METHODS = {9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "xz"}
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x0041
_IS_UTF8 = 0x0800
_FULL = 0xFFFFFFFF  # of numbers that are in the ZIP64 extra field

_END = struct.Struct("<4s6xHII2x")
_END_64 = struct.Struct("<4s28xQQQ")
_LOCATOR_64 = struct.Struct("<4s4xQ4x")
_ENTRY = struct.Struct("<4s4xHH4xIIIHHH8xI")
_LOCAL = struct.Struct("<4s22xHH")
_LONGEST_COMMENT = 0xFFFF
_USUAL_EXTRA = 512  # bytes of names and extra fields that are read with a member's content


def list_members(content: Content) -> Iterator[tuple[str, Member | None]]:
    """Yield the names of an archive's files, and of its folders with None.

    Raises FormatError for a broken archive, encrypted members, and those above the limits.
    """
    count, begin, length, shift = _find_directory(content)
    content.check("archive_members", count)
    directory = content.read(begin, length)
    at = total = 0
    for _ in range(count):
        if len(directory) - at < _ENTRY.size:
            raise content.error("broken ZIP archive: its list of members ends too early")
        mark, flags, method, crc, packed, size, *lengths, offset = _ENTRY.unpack_from(directory, at)
        if mark != b"PK\x01\x02":
            raise content.error("broken ZIP archive: something else in its list of members")
        at += _ENTRY.size
        extra = at + lengths[0]
        name = decoded(directory[at:extra], "utf-8" if flags & _IS_UTF8 else "cp437")
        if _FULL in (packed, size, offset):
            size, packed, offset = _wide(directory[extra : extra + lengths[1]], (size, packed, offset))
        at += sum(lengths)
        if name.endswith("/"):
            yield name, None
            continue
        if flags & _ENCRYPTED:
            raise content.error("encrypted; unpack it with its password first", name)
        if method not in {_STORED, _DEFLATED}:
            how = _METHODS.get(method, f"method {method}")
            raise content.error(f"compressed by {how}, which is not read; unpack it first", name)
        total += size
        if size > CHUNK:
            content.check_ratio(size, packed, name)
        yield name, Member(offset + shift, packed, size, crc, method == _DEFLATED)
    content.check("archive_bytes", total)
    content.check_ratio(total, content.size)  # members may overlap


def _find_directory(content: Content) -> tuple[int, int, int, int]:
    """Return the number of members, begin and length of their list, and the bytes before the archive."""
    begin = max(0, content.size - _END.size - _LONGEST_COMMENT)
    tail = content.read(begin, content.size - begin)
    at = tail.rfind(BEGINNINGS[1])
    if at < 0 or len(tail) - at < _END.size:
        raise content.error("broken ZIP archive: no list of members, perhaps its end is missing")
    end = begin + at
    _, count, length, offset = _END.unpack_from(tail, at)
    if (count == 0xFFFF or _FULL in (length, offset)) and end >= _LOCATOR_64.size:
        mark, place = _LOCATOR_64.unpack(content.read(end - _LOCATOR_64.size, _LOCATOR_64.size))
        if mark == b"PK\x06\x07":
            end = place
            mark, count, length, offset = _END_64.unpack(content.read(end, _END_64.size))
            if mark != b"PK\x06\x06":
                raise content.error("broken ZIP archive: no ZIP64 record where it should be")
    if end - length < offset:
        raise content.error("broken ZIP archive: its list of members is not where it should be")
    return count, end - length, length, end - length - offset


def _wide(extra: bytes, values: tuple[int, int, int]) -> tuple[int, ...]:
    """Return numbers, those that do not fit in 32 bits from the ZIP64 extra field."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == 1:
            numbers = iter(struct.unpack_from(f"<{len(field) // 8}Q", field))
            return tuple(next(numbers, value) if value == _FULL else value for value in values)
    return values


def unpacked(content: Content, member: Member, name: str, most: int | None = None) -> Iterable[bytes]:
    """Return the content of a member in pieces, at most its first ``most`` bytes.

    Raises FormatError unless size and checksum are those of the list.
    """
    if most is None and member.packed < CHUNK and member.size < CHUNK:  # the fast path of label files
        packed, _ = _begin(content, member, name)
        if len(packed) == member.packed:
            piece = (
                _unpack(zlib.decompressobj(-15), packed, member.size + 1, content, name)
                if member.is_deflated
                else packed
            )
            if len(piece) != member.size or zlib.crc32(piece) != member.crc:
                raise content.error(_DIFFERENT, name)
            return (piece,)
    return _checked(content, member, name, member.size if most is None else min(most, member.size))


def _checked(content: Content, member: Member, name: str, left: int) -> Iterator[bytes]:
    is_whole = left == member.size
    check = 0
    for piece in _pieces(content, member, name, left + is_whole):  # one byte too many is an error
        check = zlib.crc32(piece, check)
        left -= len(piece)
        yield piece
    if left or (is_whole and check != member.crc):
        raise content.error(_DIFFERENT, name)


def _begin(content: Content, member: Member, name: str) -> tuple[bytes, int]:
    """Return the first packed bytes of a member, and where they begin in the archive."""
    usual = _LOCAL.size + _USUAL_EXTRA + min(member.packed, CHUNK)
    first = content.read(member.offset, usual, name, least=_LOCAL.size)
    mark, name_length, extra_length = _LOCAL.unpack_from(first)
    if mark != BEGINNINGS[0]:
        raise content.error("broken member: it does not begin where the archive's list says", name)
    begin = _LOCAL.size + name_length + extra_length
    return first[begin : begin + member.packed], member.offset + begin


def _unpack(unpacker: zlib._Decompress, packed: bytes, most: int, content: Content, name: str) -> bytes:
    try:
        return unpacker.decompress(packed, most)
    except zlib.error as error:
        raise content.error(f"broken member: {error}", name) from error


def _pieces(content: Content, member: Member, name: str, left: int) -> Iterator[bytes]:
    """Yield at most ``left`` bytes of a member."""
    packed, at = _begin(content, member, name)
    end = at + member.packed
    at += len(packed)
    unpacker = zlib.decompressobj(-15)
    while left:
        check_stop()
        if not packed and at < end:
            packed = content.read(at, min(CHUNK, end - at), name)
            at += len(packed)
        if member.is_deflated:
            piece = _unpack(unpacker, packed, min(left, CHUNK), content, name)
            packed = unpacker.unconsumed_tail
        else:
            piece, packed = packed[:left], b""
        if not piece and (unpacker.eof or (not packed and at >= end)):
            return
        left -= len(piece)
        yield piece
