"""Files that are not what their name says: pointers, pages, archives, pictures, nothing at all."""

from __future__ import annotations

import re

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


def impostor(head: bytes, size: int) -> str | None:
    """Say what a file really is, if it is not data at all.

    Parameters
    ----------
    head
        The file's first bytes.
    size
        Its length.
    """
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
