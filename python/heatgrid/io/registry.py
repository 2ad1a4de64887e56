"""Registry of annotation formats, and their detection by content.

A format's module has

``TITLE``
    its display name;
``SIGNATURE``
    the `Signature` that its files have;
``read(path, options)``
    an iterator of `Annotations` batches; an image is in one batch only.

To add a format, write its module in `heatgrid.io.formats` and add its name to `FormatName`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast, get_args

from heatgrid.core.spec import check_choice
from heatgrid.errors import FormatError
from heatgrid.io import places
from heatgrid.io.files import BLANKS, foreign_content, read_head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions

FormatName = Literal[
    "coco",
    "yolo_keras",
    "yolo",
    "fair1m",
    "hrsc",
    "labelme_xml",
    "voc",
    "ultralytics",
    "labelbox",
    "superannotate",
    "darwin",
    "encord",
    "nuimages",
    "sagemaker",
    "vertex",
    "paddleocr",
    "alpr",
    "icdar",
    "fiftyone",
    "visual_genome",
    "mpii",
    "faces",
    "tfrecord",
    "roboflow",
    "odvg",
    "crowdhuman",
    "huggingface",
    "supervisely",
    "cvat",
    "labelme",
    "sam",
    "createml",
    "vott",
    "mapillary",
    "cityscapes",
    "mot",
    "detections",
    "datumaro",
    "scalabel",
    "via",
    "label_studio",
    "openimages",
    "kitti",
    "visdrone",
    "dota",
    "wider",
    "geojson",
    "shapefile",
    "wkt",
    "tables",
    "masks",
]
"""Names of the formats, which are their modules' names. The first that matches a file is read."""

FORMATS: tuple[FormatName, ...] = get_args(FormatName)


class Format(Protocol):
    """Interface of a format's module."""

    TITLE: str
    SIGNATURE: Signature

    def read(self, path: Path, options: ReadOptions) -> Iterator[Annotations]:
        """Yield the batches of a file or folder."""
        ...


def get(name: str) -> Format:
    """Return the format of this name, or raise ValueError."""
    check_choice("format", name, FORMATS)
    return cast("Format", import_module(f"heatgrid.io.formats.{name}"))


def listing() -> list[dict[str, Any]]:
    """Return name, title, suffixes, description and an example of every format."""
    return [
        {
            "name": name,
            "title": module.TITLE,
            "suffixes": list(module.SIGNATURE.all_suffixes),
            "description": (module.__doc__ or "").strip(),
            "example": f"heatgrid map annotations{module.SIGNATURE.suffixes[0]} --format {name}",
        }
        for name, module in ((name, get(name)) for name in sorted(FORMATS))
    ]


HEAD_BYTES = 1 << 14
LONGER_HEADS = (1 << 18, 1 << 22)
_ENTRIES = 20_000
_SAMPLE = 20
_BEFORE_JSON = BLANKS.encode()

_SIDE_TEXT = re.compile(
    r"readme.*|licen[cs]e.*|notes?|classes|labels|requirements|(.*_)?(file)?list|train|val|test|trainval",
    re.IGNORECASE,
)
_XML_PROLOG = re.compile(
    rb"<\?.*?(?:\?>|\Z)|<!--.*?(?:-->|\Z)|<!DOCTYPE[^\[>]*(?:\[.*?(?:\]|\Z))?\s*(?:>|\Z)", re.DOTALL
)
_XML_ELEMENT = re.compile(rb"\s*<([A-Za-z_][\w.-]*)")


class Probe:
    """Beginning of a file, or names in a folder; each is read once, and only if a signature needs it."""

    def __init__(self, path: Path, head_bytes: int = HEAD_BYTES) -> None:
        self.path, self.head_bytes = path, head_bytes
        self.is_dir = places.is_dir(path)
        self._listings: dict[Path, tuple[list[str], dict[str, list[str]]]] = {}
        self._samples: dict[tuple[str, int], list[Probe]] = {}

    @property
    def suffix(self) -> str:
        """The file name's suffix in lower case, with its dot."""
        return self.path.suffix.lower()

    @cached_property
    def _beginning(self) -> tuple[bytes, str | None]:
        """The file's first bytes, and the reason if it cannot be read."""
        try:
            return b"" if self.is_dir else read_head(self.path, self.head_bytes), None
        except FormatError as error:
            return b"", error.text

    @property
    def head(self) -> bytes:
        """The file's first bytes; empty for a folder, and for a file that cannot be read."""
        return self._beginning[0]

    @cached_property
    def fault(self) -> str | None:
        """Reason why a file cannot contain annotations; None for other files and for folders."""
        if self.is_dir or self._beginning[1]:
            return self._beginning[1]
        what = foreign_content(self.path, self.head, places.size_of(self.path))
        return f"this is {what}" if what else None

    def files(self, *suffixes: str, depth: int = 2) -> Iterator[Probe]:
        """Yield the files with one of these suffixes, top folders first, sorted by name."""
        for folder, names in self.names(*suffixes, depth=depth):
            yield from (Probe(folder / name) for name in names)

    def names(self, *suffixes: str, depth: int = 5) -> Iterator[tuple[Path, list[str]]]:
        """Yield the folders, top ones first, each with the names of its files with one of these suffixes."""
        folders = [self.path] if self.is_dir else []
        for _ in range(depth + 1):
            deeper: list[Path] = []
            for folder in folders:
                inner, names = self._listing(folder)
                deeper += [folder / name for name in inner]
                yield folder, sorted(chain.from_iterable(names.get(suffix, []) for suffix in suffixes))
            folders = deeper

    def _listing(self, folder: Path) -> tuple[list[str], dict[str, list[str]]]:
        """Return a folder's subfolders, and its files by suffix."""
        if folder not in self._listings:
            try:
                folders, own, links = places.names_in(folder, _ENTRIES)
            except OSError as error:
                raise FormatError(error.strerror or str(error), folder) from error
            files: dict[str, list[str]] = {}
            for name in chain(own, links):
                files.setdefault(name[name.rfind(".") :].lower(), []).append(name)
            for names in files.values():
                names.sort()
            self._listings[folder] = sorted(folders), files
        return self._listings[folder]

    def sample(self, suffix: str, depth: int = 5) -> list[Probe]:
        """Return the first few files with this suffix; all formats share them."""
        if (suffix, depth) not in self._samples:
            self._samples[suffix, depth] = list(islice(self.files(suffix, depth=depth), _SAMPLE))
        return self._samples[suffix, depth]

    @cached_property
    def text(self) -> bytes:
        """The head as UTF-8 without a byte order mark."""
        if self.head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return self.head.decode("utf-16", "ignore").encode()
        return self.head.removeprefix(b"\xef\xbb\xbf")

    @cached_property
    def json_keys(self) -> frozenset[str]:
        """Paths of the keys at the beginning of a JSON file, such as ``images[].width``."""
        return key_paths(self.text) if self.text.lstrip(_BEFORE_JSON)[:1] in (b"{", b"[") else frozenset()

    @cached_property
    def xml_root(self) -> str:
        """The name of an XML file's root; empty for other files."""
        text = _XML_PROLOG.sub(b"", self.text[:HEAD_BYTES])
        found = _XML_ELEMENT.match(text)
        return found[1].decode() if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Properties by which the files of a format are recognized.

    JSON files begin with all ``json_keys`` of at least one set, with any suffix; keys are paths as
    `key_paths` returns them, and a ``*`` before all keys of a set matches any one path. ``suffixes`` begin
    with the most common one; ``other_suffixes`` are those of files without JSON keys. Files are searched
    ``depth`` folder levels below a source. ``check`` decides about a file that meets all other conditions,
    ``check_folder`` about a folder whose files alone do not tell the format. A format that ``is_fallback`` is
    ignored in folders that match another one. Coordinates of a format that ``may_be_map`` are those of a map,
    unless they are pixels; of one that ``has_columns``, the caller may choose columns or properties by role.
    """

    suffixes: tuple[str, ...] = (".json",)
    json_keys: tuple[set[str], ...] = ()
    xml_root: str = ""
    other_suffixes: tuple[str, ...] = ()
    depth: int = 5
    check: Callable[[Probe], bool] | None = None
    check_folder: Callable[[Probe], bool] | None = None
    is_fallback: bool = False
    may_be_map: bool = False
    has_columns: bool = False

    @property
    def all_suffixes(self) -> tuple[str, ...]:
        """Suffixes of all files of the format."""
        return self.suffixes + self.other_suffixes

    def matches(self, probe: Probe) -> bool:
        """Return whether a file, or one of the first few files in a folder, is of this format."""
        if not probe.is_dir:
            return self._has_marks(probe) and (self.check is None or self.check(probe))
        files = self.sample(probe)
        if self.check_folder is not None:
            return bool(files) and self.check_folder(probe)
        if self.all_suffixes == (".txt",):
            return prevail(files, self.matches)
        return any(map(self.matches, files))

    def sample(self, probe: Probe) -> list[Probe]:
        """Return the first few files in a folder with the format's suffixes."""
        return [file for suffix in self.all_suffixes for file in probe.sample(suffix, self.depth)]

    def _has_marks(self, file: Probe) -> bool:
        if self.json_keys:
            has_keys = any(_contains(file.json_keys, keys) for keys in self.json_keys)
            return has_keys or file.suffix in self.other_suffixes
        return file.suffix in self.suffixes and self.xml_root in ("", file.xml_root)


def is_side_text(name: str) -> bool:
    """Return whether a text file's name says that it describes or lists others."""
    return _SIDE_TEXT.fullmatch(name.rpartition(".")[0]) is not None


def prevail(files: Iterable[Probe], matches: Callable[[Probe], bool]) -> bool:
    """Return whether at least half of the text files of some folder match; blank ones do not vote."""
    votes: dict[Path, list[bool]] = {}
    for file in files:
        if not is_side_text(file.path.name) and file.head.strip():
            votes.setdefault(file.path.parent, []).append(matches(file))
    return any(2 * sum(own) >= len(own) for own in votes.values())


def _contains(found: frozenset[str], keys: set[str]) -> bool:
    """Return whether all keys are found; ``*`` before all of them matches any one path."""
    if keys <= found:
        return True
    first, *others = (key.removeprefix("*") for key in keys)
    if f"*{first}" not in keys:
        return False
    paths = (key.removesuffix(first) for key in found if key.endswith(first))
    return any(all(path + other in found for other in others) for path in paths)


# An incomplete string extends to the end, so that the search never restarts inside it.
_TOKEN = re.compile(rb'"((?:[^"\\]++|\\.)*+)(?:"(\s*+:)?|\\?\Z)|[\[\]{},]', re.DOTALL)


def key_paths(head: bytes, depth: int = 3) -> frozenset[str]:
    """Return the paths of the object keys, down to a depth, in the beginning of a JSON text.

    Examples
    --------
    >>> sorted(key_paths(b'{"images": [{"id": 1, "wid'))
    ['images', 'images[].id']
    """
    found: set[str] = set()
    prefixes: list[str] = []  # of the values in each open bracket
    key = ""
    for token in _TOKEN.finditer(head):
        mark = token[0]
        if mark in b"{[":
            # Deeper paths are not composed, so that the cost of deep nesting is not quadratic.
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
