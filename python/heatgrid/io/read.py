"""Reader of annotation files and folders in any format."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from heatgrid.errors import FormatError
from heatgrid.io.build import read_each
from heatgrid.io.options import ReadOptions
from heatgrid.io.registry import FORMATS, LONGER_HEADS, FormatName, Probe, get

if TYPE_CHECKING:
    from heatgrid.core.annotations import Annotations

PathName = str | os.PathLike[str]
Source = PathName | Iterable[PathName]


class Journal(Protocol):
    """Record of the sources that are read completely."""

    def is_done(self, source: Path) -> bool:
        """Return whether a source was read to its end before, so that it is skipped now."""
        ...

    def record_done(self, source: Path) -> None:
        """Record that a source is read to its end and all of its batches are processed."""
        ...


def read(
    source: Source,
    options: ReadOptions,
    *,
    format: FormatName | None = None,  # noqa: A002 - the public name
    journal: Journal | None = None,
    progress: bool = False,
) -> Iterator[Annotations]:
    """Yield the batches of files and folders, in the order of the sources.

    Class names may grow from batch to batch: match them by name. ``journal`` tells which sources to skip, and
    records each source that is read to its end. Errors are those of the public `heatgrid.read`.
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
    """Return the paths of a source as a list; raise TypeError or ValueError for anything else."""
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


def detect(path: PathName) -> FormatName:
    """Return the name of a file's or folder's format, judged by its content; or raise FormatError."""
    probe = Probe(Path(path))
    if probe.fault:
        raise FormatError(probe.fault, path)
    found = _matching_formats(probe)
    for head_bytes in LONGER_HEADS:
        if not found and len(probe.head) == probe.head_bytes:
            probe = Probe(probe.path, head_bytes)
            found = _matching_formats(probe)
    if len(found) == 1:
        return found[0]
    if found:
        raise FormatError(
            f"a folder of several formats: {', '.join(found)}; give format=, or a folder in it", path
        )
    _check_whole(probe)
    message = f"unknown format; known formats are {', '.join(FORMATS)}"
    if probe.is_dir and not any(file.name[0] != "." for file in probe.path.iterdir()):
        message = "an empty folder"
    raise FormatError(message, path)


def _matching_formats(probe: Probe) -> list[FormatName]:
    """Return the formats of a folder, or the first format that matches a file."""
    found: list[FormatName] = []
    for name in FORMATS:
        signature = get(name).SIGNATURE
        if not (signature.is_fallback and found) and signature.matches(probe):
            found.append(name)
            if not probe.is_dir:
                break
    return found


def _check_whole(probe: Probe) -> None:
    """Raise FormatError, with the line, if a file's format is unknown because the file is broken."""
    if probe.is_dir:
        return
    if probe.json_keys:
        from heatgrid.io.parse import read_json

        read_json(probe.path, ReadOptions())
    elif probe.xml_root:
        from heatgrid.io.parse import read_xml

        read_xml(probe.path, ReadOptions())
