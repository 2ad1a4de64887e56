"""Format detection: probes of files and folders, and the signatures of formats."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING

from heatgrid.errors import FormatError
from heatgrid.io.files import foreign_content, read_head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from os import DirEntry
    from pathlib import Path

HEAD_BYTES = 1 << 14
LONGER_HEADS = (1 << 18, 1 << 22)
_ENTRIES = 20_000
_SAMPLE = 20
_BEFORE_JSON = b" \t\r\n\x1e"  # the last stands before each text of RFC 8142

_XML_PROLOG = re.compile(
    rb"<\?.*?(?:\?>|\Z)|<!--.*?(?:-->|\Z)|<!DOCTYPE[^\[>]*(?:\[.*?(?:\]|\Z))?\s*(?:>|\Z)", re.DOTALL
)
_XML_ELEMENT = re.compile(rb"\s*<([A-Za-z_][\w.-]*)")


@dataclass(frozen=True)
class Probe:
    """Beginning of a file, or names in a folder; each is read once and only when a signature needs it.

    Attributes
    ----------
    path
        The file or folder.
    head_bytes
        The number of bytes to read from a file's beginning.
    is_dir
        Whether it is a folder.
    """

    path: Path
    head_bytes: int = HEAD_BYTES
    is_dir: bool = field(init=False)

    def __post_init__(self) -> None:
        # Unlike a Path, os.path takes any text for a path, and says no.
        object.__setattr__(self, "is_dir", os.path.isdir(self.path))  # noqa: PTH112

    @property
    def suffix(self) -> str:
        """The file name's suffix in lower case, with its dot."""
        return self.path.suffix.lower()

    @cached_property
    def head(self) -> bytes:
        """The file's first bytes; none of a folder, or of what cannot be read."""
        try:
            return b"" if self.is_dir else read_head(self.path, self.head_bytes)
        except FormatError:
            return b""

    @cached_property
    def fault(self) -> str | None:
        """What makes a file no data file at all; None of others, and of folders."""
        if self.is_dir:
            return None
        try:
            what = foreign_content(read_head(self.path, HEAD_BYTES), self.path.stat().st_size)
        except FormatError as error:
            return error.text
        return f"this is {what}" if what else None

    @cached_property
    def names(self) -> frozenset[str]:
        """The names in a folder."""
        return frozenset(entry.name for entry in _entries(self.path)) if self.is_dir else frozenset()

    def check(self) -> None:
        """Raise FormatError if the file is no data file at all."""
        if self.fault:
            raise FormatError(self.fault, self.path)

    def files(self, *suffixes: str, depth: int = 2) -> Iterator[Probe]:
        """Yield the files with one of these suffixes, nearest first, in the order of their names."""
        if not self.is_dir:
            return
        folders = [self.path]
        for _ in range(depth + 1):
            deeper: list[Path] = []
            for folder in folders:
                inner, names = self._listing(folder)
                deeper += [folder / name for name in inner]
                found = [names.get(suffix, []) for suffix in suffixes]
                yield from (Probe(folder / name) for name in sorted(chain.from_iterable(found)))
            folders = deeper

    def _listing(self, folder: Path) -> tuple[list[str], dict[str, list[str]]]:
        """Return a folder's folders, and its files by suffix; it is listed once, however many formats ask."""
        if folder not in self._listings:
            folders: list[str] = []
            files: dict[str, list[str]] = {}
            for entry in _entries(folder):
                if entry.is_dir():
                    folders.append(entry.name)
                else:
                    name = entry.name
                    files.setdefault(name[name.rfind(".") :].lower(), []).append(name)
            for names in (folders, *files.values()):
                names.sort()
            self._listings[folder] = folders, files
        return self._listings[folder]

    @cached_property
    def _listings(self) -> dict[Path, tuple[list[str], dict[str, list[str]]]]:
        return {}

    def sample(self, suffix: str, depth: int = 5) -> list[Probe]:
        """Return the first few files with this suffix; they are looked for once, however many formats ask."""
        if (suffix, depth) not in self._samples:
            self._samples[suffix, depth] = list(islice(self.files(suffix, depth=depth), _SAMPLE))
        return self._samples[suffix, depth]

    @cached_property
    def _samples(self) -> dict[tuple[str, int], list[Probe]]:
        return {}

    @cached_property
    def text(self) -> bytes:
        """The head as UTF-8 without a byte order mark."""
        if self.head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return self.head.decode("utf-16", "ignore").encode()
        return self.head.removeprefix(b"\xef\xbb\xbf")

    @cached_property
    def json_keys(self) -> frozenset[str]:
        """Paths of the keys that a JSON file begins with, as ``images[].width``; none of other files."""
        return key_paths(self.text) if self.text.lstrip(_BEFORE_JSON)[:1] in (b"{", b"[") else frozenset()

    @cached_property
    def xml_root(self) -> str:
        """The name of an XML file's outermost element, or nothing."""
        text = _XML_PROLOG.sub(b"", self.text[:HEAD_BYTES])
        found = _XML_ELEMENT.match(text)
        return found[1].decode() if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Properties by which the files of a format are recognized.

    Attributes
    ----------
    suffixes
        Suffixes of the format's files, in lower case, the most common one first.
    json_keys
        JSON files begin with all keys of at least one of these sets, whatever their suffix; keys are paths
        as `key_paths` returns them. A ``*`` before all keys of a set stands for any one path.
    xml_root
        Name of the outermost element of XML files.
    other_suffixes
        Suffixes of files without JSON keys, in a format that has JSON files, too.
    depth
        Number of folder levels below a source in which files are searched.
    check
        Final decision about a file that meets all other conditions.
    check_folder
        Decision about a folder, if its files alone do not tell the format.
    is_fallback
        Whether the format is ignored in folders that match another format.
    """

    suffixes: tuple[str, ...]
    json_keys: tuple[set[str], ...] = ()
    xml_root: str = ""
    other_suffixes: tuple[str, ...] = ()
    depth: int = 5
    check: Callable[[Probe], bool] | None = None
    check_folder: Callable[[Probe], bool] | None = None
    is_fallback: bool = False

    @property
    def all_suffixes(self) -> tuple[str, ...]:
        """Suffixes of all files of the format."""
        return self.suffixes + self.other_suffixes

    def matches(self, probe: Probe) -> bool:
        """Whether a file, or one of the first few files in a folder, is of this format."""
        if not probe.is_dir:
            return self._has_marks(probe) and (self.check is None or self.check(probe))
        files = (file for suffix in self.all_suffixes for file in probe.sample(suffix, self.depth))
        if self.check_folder is not None:
            return any(True for _ in files) and self.check_folder(probe)
        return any(map(self.matches, files))

    def _has_marks(self, file: Probe) -> bool:
        if self.json_keys:
            has_keys = any(_contains(file.json_keys, keys) for keys in self.json_keys)
            return has_keys or file.suffix in self.other_suffixes
        return file.suffix in self.suffixes and self.xml_root in ("", file.xml_root)


def _contains(found: frozenset[str], keys: set[str]) -> bool:
    """Return whether all keys are found; ``*`` before all of them stands for any one path."""
    if keys <= found:
        return True
    first, *others = (key.removeprefix("*") for key in keys)
    if f"*{first}" not in keys:
        return False
    paths = (key.removesuffix(first) for key in found if key.endswith(first))
    return any(all(path + other in found for other in others) for path in paths)


def _entries(folder: Path) -> list[DirEntry[str]]:
    """List a folder, as far as a first look goes."""
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in islice(entries, _ENTRIES) if entry.name[0] != "."]
    except OSError as error:
        raise FormatError(error.strerror or str(error), folder) from error


# A string that breaks off goes on to the end: no text makes the search begin again inside it.
_TOKEN = re.compile(rb'"((?:[^"\\]++|\\.)*+)(?:"(\s*+:)?|\\?\Z)|[\[\]{},]', re.DOTALL)


def key_paths(head: bytes, depth: int = 3) -> frozenset[str]:
    """Return the paths of the object keys in the beginning of a JSON text.

    Parameters
    ----------
    head
        The beginning; it may break off anywhere.
    depth
        Keys nested deeper than this are not listed.

    Examples
    --------
    >>> sorted(key_paths(b'{"images": [{"id": 1, "wid'))
    ['images', 'images[].id']
    """
    found: set[str] = set()
    prefixes: list[str] = []  # of the values inside each open bracket
    key = ""
    for token in _TOKEN.finditer(head):
        mark = token[0]
        if mark in b"{[":
            # Paths too deep to be listed are not written out: nesting must not cost its square.
            listed = len(prefixes) <= depth + 1
            prefixes.append(key + ("[]" if mark == b"[" else "") if listed else "")
            key = prefixes[-1]
        elif mark in b"}]":
            if prefixes:
                prefixes.pop()
            key = prefixes[-1] if prefixes else ""
        elif mark == b",":
            key = prefixes[-1] if prefixes else ""
        elif token[2] is not None and prefixes:
            name = token[1].decode("utf-8", "replace")
            key = f"{prefixes[-1]}.{name}" if prefixes[-1] else name
            if len(prefixes) <= depth + 1:
                found.add(key)
    return frozenset(found)
