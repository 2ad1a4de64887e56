"""Reader of annotation files and folders in any format."""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from glob import glob
from itertools import chain, islice
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from heatgrid.core.report import Report
from heatgrid.core.spec import plural
from heatgrid.errors import FormatError
from heatgrid.io import places
from heatgrid.io.build import empty_batch, read_each
from heatgrid.io.files import TWICE, image_stem
from heatgrid.io.filters import check_scores, filter_batch
from heatgrid.io.images import ImageSizes
from heatgrid.io.options import Meter, ReadOptions, is_pattern
from heatgrid.io.places import opened
from heatgrid.io.progress import with_progress
from heatgrid.io.registry import FORMATS, LONGER_HEADS, FormatName, Probe, get
from heatgrid.io.remote import errors_shown, expand, is_address, is_place, place_of, with_addresses

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
    paths = [place_of(path) for path in paths_of(source)]
    for path in [*paths, *([] if options.truth is None else [Path(options.truth)])]:
        if not (is_place(path) or path.exists() or places.archive_of(path) is not None):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    if format is not None:
        get(format)
    meter = Meter() if progress else None
    options = replace(options, meter=meter, weights=None)  # a function might not be sent to a worker
    is_filtered = options.filters
    name_of: dict[str, Path] = {}
    linked = [path for path in paths if name_of.setdefault(os.path.realpath(path), path) != path]
    again = Report()
    for path in linked:
        again.note(TWICE, where=str(path))
    paths = [path for path in paths if path not in linked]

    known_sizes: dict[tuple[Path, bool, bool], ImageSizes] = {}

    def read_one(source: Path) -> Iterator[Annotations]:
        if journal is not None and journal.is_done(source):
            return
        report = Report()
        with ExitStack() as stack:
            for other in (options.images, options.truth):
                if other is not None:
                    stack.enter_context(opened(other, options.limits))
            path = stack.enter_context(opened(source, options.limits, report))
            name, others = (format, Report()) if format is not None else _find_format(path, options)
            report.merge(others)
            if report != Report():
                yield empty_batch(report, str(path))
            _check_columns(name, path, options)
            on_map = get(name).SIGNATURE.may_be_map and options.transform is None
            is_dir = places.is_dir(path)
            near = (path if is_dir else path.parent, is_dir, on_map)  # what the search depends on
            sizes = known_sizes.get(near) or ImageSizes(options, path, on_map=on_map)
            known_sizes[near] = sizes
            for i, batch in enumerate(get(name).read(path, options)):
                batch.report.parts = int(i == 0)  # the images of a source are different ones
                complete = replace(batch, sizes=sizes.complete(batch))
                yield filter_batch(complete, options) if is_filtered else complete
        if journal is not None:
            journal.record_done(source)

    batches = read_each(paths, read_one, options)
    if any(map(is_place, paths)):
        batches = with_addresses(batches)
    if options.min_score is not None:
        batches = check_scores(batches)
    if again.notes:
        batches = chain([empty_batch(again, str(paths[0]))], batches)
    return batches if meter is None else with_progress(batches, meter)


def _check_columns(name: str, path: Path, options: ReadOptions) -> None:
    """Raise FormatError if the caller chooses columns of a format that has none to choose."""
    if options.columns and not get(name).SIGNATURE.has_columns:
        raise FormatError(
            f"columns cannot be chosen in the format {name}: format='tables' reads other tables", path
        )


def paths_of(source: Source) -> list[PathName]:
    """Return the paths of a source as a list; raise TypeError or ValueError for anything else."""
    is_path = isinstance(source, (str, bytes, os.PathLike))
    paths: list[Any] = list(source) if isinstance(source, Iterable) and not is_path else [source]
    for path in paths:
        if not isinstance(path, (str, os.PathLike)):
            raise TypeError(f"source must be a path or several of them, got {path!r}")
    if not paths:
        text = "source is empty: no files, and no detections; boxes may be none as numpy.empty((0, 4))"
        raise ValueError(text)
    if "" in paths:
        raise ValueError(f"source must name a file or folder, got {source!r}")
    return [one for path in paths for one in _expand(path)]


def _expand(path: PathName) -> list[PathName]:
    """Return the paths that match a pattern such as ``"part-*.csv"``; other paths as they are."""
    if is_address(path) and is_pattern(str(path)):
        return [*expand(str(path))] or [path]
    if not isinstance(path, str) or not is_pattern(path) or Path(path).exists():
        return [path]
    return [*sorted(glob(path, recursive=True))] or [path]  # noqa: PTH207 - absolute patterns too


def detect(path: PathName) -> FormatName:
    """Return the name of a file's or folder's format, judged by its content; or raise FormatError."""
    with errors_shown(), opened(place_of(path)) as place:
        return _find_format(place, ReadOptions())[0]


def _find_format(path: Path, options: ReadOptions) -> tuple[FormatName, Report]:
    """Return the name of a format, and notes on other formats that a folder holds."""
    probe = Probe(path)
    if probe.fault:
        raise FormatError(probe.fault, path)
    found = _matching_formats(probe)
    for head_bytes in LONGER_HEADS:
        if not found and len(probe.head) == probe.head_bytes:
            probe = Probe(probe.path, head_bytes)
            found = _matching_formats(probe)
    if len(found) == 1:
        return found[0], Report()
    if found:
        return _choose(probe, found, options)
    from heatgrid.io.refusal import describe_unknown

    raise FormatError(describe_unknown(probe), path)


def _matching_formats(probe: Probe) -> list[FormatName]:
    """Return the formats of a folder, or the first format that matches a file."""
    matching = (name for name in FORMATS if get(name).SIGNATURE.matches(probe))
    return list(matching) if probe.is_dir else list(islice(matching, 1))


REPEATED = "format left out: it repeats the images and annotations of the format read"
STRAY = "files of another format left out"
_NAMED = 3  # files per note


@dataclass(frozen=True, slots=True)
class _Content:
    """Content of a folder in one format: the first few files, and the number of annotations by image."""

    name: FormatName
    files: list[Path]
    annotations: Counter[str]
    images: int

    def __str__(self) -> str:
        annotations = plural(self.annotations.total(), "annotation")
        return f"{self.name} ({plural(self.images, 'image')}, {annotations})"

    def competes(self, most: int) -> bool:
        """Return whether it has annotations, and not only texts with at most half of the ``most`` images."""
        is_text = all(file.suffix.lower() == ".txt" for file in self.files)
        return self.annotations.total() > 0 and not (is_text and 2 * self.images <= most)


def _choose(probe: Probe, found: list[FormatName], options: ReadOptions) -> tuple[FormatName, Report]:
    """Return the format of a folder to read, and notes on the others; raise FormatError if several compete.

    Of formats with equal content, the first is read. Tables do not compete with other formats.
    """
    signatures = {name: get(name).SIGNATURE for name in found}
    files = {
        name: [file.path for file in own.sample(probe) if own.matches(file)]
        for name, own in signatures.items()
    }
    first = [name for name in found if not signatures[name].is_fallback] or found
    contents: list[_Content] = []
    if len(first) > 1:
        contents = [_Content(name, files[name], *_count(probe.path, name, options)) for name in first]
        most = max(content.images for content in contents)
        contents = [content for content in contents if content.competes(most)]
        first = [content.name for content in contents] or first
    if any(content.annotations != contents[0].annotations for content in contents):
        raise FormatError(_name_choices(probe.path, contents), probe.path)
    report = Report()
    for name in found:
        if name != first[0] and not set(files[name]) <= set(files[first[0]]):
            named = ", ".join(str(file.relative_to(probe.path)) for file in files[name][:_NAMED])
            held = f"{name} ({named})" if named else name
            report.note(REPEATED if name in first else STRAY, where=f"{probe.path}: {held}")
    return first[0], report


def _count(path: Path, name: FormatName, options: ReadOptions) -> tuple[Counter[str], int]:
    """Return annotations by image, named without folder and suffix, and images.

    There are none if the format cannot be read, or not without a library that is not installed.
    """
    found: Counter[str] = Counter()
    total = 0
    try:
        for batch in get(name).read(path, replace(options, on_error="skip")):
            total += len(batch.image_names)
            images = np.bincount(batch.image, minlength=len(batch.image_names)).tolist()
            for image, number in zip(batch.image_names, images, strict=True):
                found[image_stem(image)] += number
    except (FormatError, ImportError):
        return Counter(), 0
    return found, total


def _name_choices(path: Path, contents: list[_Content]) -> str:
    """Return what a folder holds of several formats, and the commands to choose one."""
    commands = [f"heatgrid map {quote(str(path))} --format {content.name}" for content in contents]
    for content in contents:
        folder = Path(os.path.commonpath([file.parent for file in content.files or [path]]))
        others = (file for other in contents if other is not content for file in other.files)
        if folder != path and not any(file.is_relative_to(folder) for file in others):
            commands.append(f"heatgrid map {quote(str(folder))}")
    held = ", ".join(map(str, contents))
    return f"a folder of several formats: {held}; choose one (format=): {' · '.join(commands)}"
