"""Annotation formats: one module each, found by content.

A format's module has

``NAME``, ``TITLE``
    what it is called in calls, and in lists;
``read(path, options)``
    an iterator of `Annotations` batches, an image in one batch only;
``sniff(probe)``, where a file that shows its signs may yet be another's
    whether it is of this format, judged by what is in it.

To add a format, write its module and add its line to `heatgrid.io.registry.SIGNS`.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from heatgrid.errors import FormatError
from heatgrid.io.json_text import read_json
from heatgrid.io.options import ReadOptions
from heatgrid.io.probe import LONGER_HEADS, Probe
from heatgrid.io.registry import SIGNS
from heatgrid.io.several import read_each
from heatgrid.io.xml_tree import read_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from heatgrid.core.annotations import Annotations

__all__ = ["FORMATS", "Format", "Journal", "ReadOptions", "detect", "get", "listing", "read"]

FORMATS = tuple(SIGNS)

_BESIDE = ("table",)
"""Formats of files that lie beside data sets of all kinds, and are meant only where there is nothing else."""

PathName = str | os.PathLike[str]
Source = PathName | Iterable[PathName]


class Format(Protocol):
    """What a format's module provides."""

    NAME: str
    TITLE: str

    def read(self, path: Path, options: ReadOptions) -> Iterator[Annotations]:
        """Yield the batches of a file or folder."""
        ...


class Journal(Protocol):
    """What knows of sources that were read before."""

    def is_done(self, source: Path) -> bool:
        """Whether a source was read to its end before, and is to be passed over."""
        ...

    def record_done(self, source: Path) -> None:
        """Note that a source is read to its end, and all of its batches are dealt with."""
        ...


def get(name: str) -> Format:
    """Return the format of this name.

    Raises
    ------
    ValueError
        There is none.
    """
    if name not in FORMATS:
        message = f"format: expected one of {', '.join(FORMATS)}, got {name!r}"
        raise ValueError(message)
    return cast("Format", import_module(f"heatgrid.io.formats.{name}"))


def listing() -> list[dict[str, Any]]:
    """Describe every format: its name, title and suffixes, what it is, and how it is read."""
    return [_describe(name) for name in sorted(FORMATS)]


def _describe(name: str) -> dict[str, Any]:
    module = get(name)
    signs = SIGNS[name]
    return {
        "name": name,
        "title": module.TITLE,
        "suffixes": [*signs.suffixes, *signs.beside],
        "description": (module.__doc__ or "").strip(),
        "example": f"heatgrid map annotations{signs.suffixes[0]} --format {name}",
    }


def detect(path: PathName) -> str:
    """Name the format of a file or folder, judged by its content.

    Raises
    ------
    FormatError
        It is no data file at all, of no format known here, or a folder of several.
    """
    probe = Probe(Path(path))
    probe.check()
    found = _formats_of(probe)
    for head_bytes in LONGER_HEADS:
        if not found and len(probe.head) == probe.head_bytes:
            probe = Probe(probe.path, head_bytes)
            found = _formats_of(probe)
    if len(found) == 1 or (found and not probe.is_dir):
        return found[0]
    if found:
        message = f"a folder of several formats: {', '.join(found)}; give format=, or a folder in it"
        raise FormatError(message, path)
    _check_whole(probe)
    message = f"of no format known here ({', '.join(FORMATS)})"
    if probe.is_dir and not probe.names:
        message = "an empty folder"
    raise FormatError(message, path)


def _check_whole(probe: Probe) -> None:
    """Raise FormatError, with the line, where a file is of no format because it breaks off or is broken."""
    if probe.is_dir:
        return
    if probe.json_keys:
        read_json(probe.path, ReadOptions())
    elif probe.xml_root:
        read_xml(probe.path, ReadOptions())


def _formats_of(probe: Probe) -> list[str]:
    found = [name for name in FORMATS if _is_of(name, probe)]
    return [name for name in found if name not in _BESIDE] or found


def _is_of(name: str, probe: Probe) -> bool:
    """Tell whether a file, or one of the first few in a folder, is of a format."""
    signs = SIGNS[name]
    if not probe.is_dir:
        return signs.are_shown(probe) and _says_yes(name, "sniff", probe)
    files = signs.sample(probe)
    if signs.has_folders:
        return any(True for _ in files) and _says_yes(name, "sniff_folder", probe)
    return any(_is_of(name, file) for file in files)


def _says_yes(name: str, question: str, probe: Probe) -> bool:
    """Ask a format's module, where it has more to say than its signs."""
    answer = getattr(get(name), question, None)
    return answer is None or answer(probe)


def read(
    source: Source,
    options: ReadOptions,
    *,
    format: str | None = None,  # noqa: A002
    journal: Journal | None = None,
    progress: bool = False,
) -> Iterator[Annotations]:
    """Read annotations from files and folders.

    Parameters
    ----------
    source
        A file, a folder, a ``data.yaml``, or several of them, of one format or of many.
    options
        Options of all readers.
    format
        Name of the format; None detects it by content.
    journal
        Knows which sources were read before, and records each that is read completely.
    progress
        Show a progress bar on stderr if that is a terminal.

    Returns
    -------
    Iterator of Annotations
        Batches in the order of the sources. Class names may grow from batch to batch: match them by name.

    Raises
    ------
    FileNotFoundError
        A source does not exist.
    FormatError
        The only source cannot be read, or none of several, or, with ``on_error="raise"``, anything in them.
    ValueError
        The format's name is unknown.
    """
    paths = [Path(path) for path in paths_of(source)]
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    if format is not None:
        get(format)

    def read_one(path: Path) -> Iterator[Annotations]:
        if journal is not None and journal.is_done(path):
            return
        yield from get(format or detect(path)).read(path, options)
        if journal is not None:
            journal.record_done(path)

    batches = read_each(paths, read_one, options)
    return _with_progress_bar(batches) if progress and sys.stderr is not None else batches


def paths_of(source: Source) -> list[PathName]:
    """Return the paths of a source as a list.

    Raises
    ------
    TypeError, ValueError
        The source is not a path or several paths, or there is none.
    """
    is_path = isinstance(source, (str, bytes, os.PathLike))
    paths: list[Any] = list(source) if isinstance(source, Iterable) and not is_path else [source]
    for path in paths:
        if not isinstance(path, (str, os.PathLike)):
            raise TypeError(f"source must be a path or several of them, got {path!r}")
    if not paths or "" in paths:
        raise ValueError(f"source must name a file or folder, got {source!r}")
    return paths


def _with_progress_bar(batches: Iterator[Annotations]) -> Iterator[Annotations]:
    from tqdm import tqdm

    with tqdm(unit=" images", unit_scale=True, disable=None) as bar:  # silent if stderr is not a terminal
        for batch in batches:
            yield batch
            bar.update(len(batch.image_names))
