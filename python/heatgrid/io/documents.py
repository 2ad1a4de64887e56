"""Documents: JSON or XML files that describe images, alone or in folders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io.build import BatchBuilder, read_in_batches
from heatgrid.io.files import walk
from heatgrid.io.json_values import read_json
from heatgrid.io.options import split_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions

_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Document:
    """Content of a file, its split by its name or folders, and the builder that receives its images."""

    content: Any
    file: Path
    split: str | None
    builder: BatchBuilder
    options: ReadOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Arrangement of a format's documents.

    Attributes
    ----------
    suffixes
        Suffixes of the files, in lower case.
    folder
        Name of the folders that hold the files, if there are such folders.
    many
        Whether a document describes many images, so that its own name may mention a split.
    load
        Function that reads a file.
    position_format, normalized, column_major
        As in `BatchBuilder`.
    """

    suffixes: tuple[str, ...] = (".json",)
    folder: str | None = None
    many: bool = False
    load: Callable[[Path, ReadOptions], Any] = read_json
    position_format: str = "annotations[{}]"
    normalized: bool = False
    column_major: bool = True


def read_documents(
    path: Path, options: ReadOptions, layout: Layout, add: Callable[[Document], Iterator[str | None]]
) -> Iterator[Annotations]:
    """Yield the batches of a file, or of all files in a folder.

    ``add`` adds a document's images to its builder; before each image, it yields that image's split.

    Raises
    ------
    FormatError
        There is no such file, none can be read, or, with ``on_error="raise"``, any of them cannot.
    """
    sources = _find_documents(path, layout)
    builder = BatchBuilder(
        str(path),
        options,
        normalized=layout.normalized,
        position_format=layout.position_format,
        column_major=layout.column_major,
    )
    found = {split for split, _ in sources}
    wanted = [source for source in sources if layout.many or options.wants(source[0])]

    def add_source(source: tuple[str | None, Path]) -> Iterator[str | None]:
        split, file = source
        content = layout.load(file, options)
        for own in add(Document(content, file, split, builder, options)):
            found.add(own)
            yield own
        builder.report.files += 1
        if source is wanted[-1]:
            options.note_splits_absent(found, builder.report, path)

    if not wanted:
        options.note_splits_absent(found, builder.report, path)
    yield from read_in_batches(wanted, add_source, builder, options)


def _find_documents(path: Path, layout: Layout) -> list[tuple[str | None, Path]]:
    """Return the files with their splits, in the order of folders and names."""
    if path.is_file():
        folders = [folder.name for folder in path.absolute().parents[:2]]
        return [(split_of(folders, path.stem if layout.many else ""), path)]
    files = [
        Path(parent, name)
        for parent, names in walk(path, _DEEPEST)
        for name in names
        if name.lower().endswith(layout.suffixes)
    ]
    inner = [file for file in files if layout.folder in file.relative_to(path.parent).parts[:-1]]
    files = inner or files
    if not files:
        message = f"no {' or '.join(layout.suffixes)} files"
        raise FormatError(message, path)
    return [(_split(file, path, layout), file) for file in files]


def _split(file: Path, root: Path, layout: Layout) -> str | None:
    folders = [*file.relative_to(root).parts[-2::-1], root.name]
    return split_of(folders, file.stem if layout.many else "")
