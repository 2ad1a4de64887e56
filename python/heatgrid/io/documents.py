"""Documents: JSON or XML files that describe images, alone or in folders, and their objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io import places
from heatgrid.io.bitmaps import PixelBudget
from heatgrid.io.build import SEVERAL, BatchBuilder, read_in_batches
from heatgrid.io.curves import rotated_box
from heatgrid.io.files import UNKNOWN, paths_below
from heatgrid.io.images import ImageSizes
from heatgrid.io.options import ReadOptions, Size, split_of
from heatgrid.io.parse import ROTATED, MisfitError, Point, as_dict, as_list, mapping, read_json, rotation_of
from heatgrid.io.records import BROKEN, Broken
from heatgrid.io.registry import Probe
from heatgrid.io.shapes import Shape
from heatgrid.io.workers import read_files

if TYPE_CHECKING:
    from heatgrid.core.annotations import Annotations
    from heatgrid.core.report import Report
    from heatgrid.io.columns import ImageColumns

WHOLE_IMAGE = "image-level label ignored"
LEFT_OUT = "file of another kind left out"

BOX_KEYS = ("bbox", "box2d", "boundingBox", "coordinates", "shape_attributes")
"""Keys of objects that hold a box, and may hold its rotation."""

Splits = Iterator[str | None]
"""The split of each image, before the image is added."""


@dataclass(slots=True)
class Entry:
    """An object to add: its geometry, its `Flag` bits, its confidence, and what holds its attributes.

    Objects of one class with the same ``group``, unless it is empty, are parts of one object.
    """

    shape: Shape
    flags: int = 0
    score: float | None = None
    group: str = ""
    holder: object = None


@dataclass(frozen=True, slots=True)
class Document:
    """Content of a file, its split by its name or folders, and the builder that receives its images."""

    content: Any
    file: Path
    split: str | None
    builder: BatchBuilder
    options: ReadOptions
    bitmaps: PixelBudget = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "bitmaps", PixelBudget(self.options.limits))

    def image(self, name: str, size: Size = UNKNOWN, place: str = "", *, holder: object = None) -> None:
        """Begin an image; see `BatchBuilder.image`. By default, the content holds its attributes."""
        own = self.content if holder is None else holder
        self.builder.image(name, str(self.file), size, place, holder=own)

    def add_images(self, images: ImageColumns, split: str | None) -> Splits:
        """Add images, and yield their split before as many as belong to one batch."""
        begin, count = 0, len(images.names)
        while begin < count:
            yield split
            end = min(begin + max(1, self.builder.room), count)
            self.builder.add_images(images, str(self.file), begin, end)
            begin = end

    def expect_list(self, key: str, expected: str) -> dict[str, Any]:
        """Return the content, an object with a list under ``key``; or raise FormatError."""
        content = self.content
        if not isinstance(content, dict) or not isinstance(content.get(key), list):
            raise FormatError(f"expected {expected}", self.file)
        return content

    def each_object(
        self,
        values: list[Any] | dict[Any, Any],
        noun: str,
        place_format: str = "[{}]",
        *,
        any_split: bool = False,
    ) -> Iterator[tuple[Any, str, dict[str, Any]]]:
        """Yield key, place and value of each object.

        There are none if the document's split is not wanted, unless objects have splits (``any_split``).
        Values that are not objects add a note with the ``noun``.
        """
        if any_split or self.options.wants(self.split):
            yield from self._objects(
                values.items() if isinstance(values, dict) else enumerate(values), noun, place_format
            )

    def each_record(self, noun: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield place and value of each record of a content that `read_records` reads; see `each_object`.

        A line that is not JSON is skipped.
        """
        for place, _, record in self._objects(self.content, noun, "{}"):
            yield place, record

    def _objects(
        self, pairs: Iterable[tuple[Any, Any]], noun: str, place_format: str
    ) -> Iterator[tuple[Any, str, dict[str, Any]]]:
        for key, value in pairs:
            place = place_format.format(key)
            if isinstance(value, dict):
                yield key, place, value
            elif value is Broken:
                self.builder.skip_row(BROKEN, str(self.file), place)
            else:
                where = f"{self.file}: {place}"
                self.builder.report.note(f"{noun} ignored: not an object", where=where)

    def add_entries(
        self,
        values: object,
        read_label: Callable[[dict[str, Any]], str | list[str]],
        read_entry: Callable[[dict[str, Any]], Entry | str],
        positions: Sequence[int] | None = None,
    ) -> None:
        """Add the objects of a list to the current image; any other value has no objects.

        ``read_label`` returns an object's class, an empty string if it has none, or several classes, for each
        of which the object is an annotation. ``read_entry`` returns an object, or a note if the value does
        not describe one; it raises `MisfitError` with the reason for skipping it. ``positions`` are those of
        the objects in the file, if these are not 0, 1, 2, ...
        """
        groups: dict[tuple[str, str], list[tuple[int, object, Entry]]] = {}
        listed = as_list(values)
        for position, value in zip(positions or range(len(listed)), listed, strict=True):
            key = as_dict(value).get("id")
            labels = [""]
            try:
                holder = mapping(value)
                label = read_label(holder)
                labels = [label] if isinstance(label, str) else label or labels
                entry = read_entry(holder)
                _check_upright(holder, entry)
            except MisfitError as misfit:
                for label in labels:
                    self.builder.skip(str(misfit), position, key, label=label or None)
                continue
            if isinstance(entry, str):
                self.builder.note(entry, position, key)
                continue
            if self.options.attributes:
                entry.holder = holder
            if len(labels) > 1:
                self.builder.note(SEVERAL, position, key)
            for label in labels:
                if entry.group:
                    groups.setdefault((label, entry.group), []).append((position, key, entry))
                else:
                    _add(self.builder, label, position, key, entry)
        for (label, _), members in groups.items():
            position, key, first = members[0]
            if len(members) > 1:
                self.builder.note("shapes of one group joined", position, key)
                first = replace(first, shape=_join([entry.shape for _, _, entry in members]))
            _add(self.builder, label, position, key, first)


@dataclass(frozen=True, slots=True)
class Documents:
    """Reader of a format's documents.

    ``add`` adds a document's images to its builder; before each image, it yields that image's split.
    ``folder`` is the name of the folders that hold the files, if there are such folders. A document of
    ``many`` images may mention a split in its own name. ``load`` reads a file. ``check`` tells the documents
    in a folder from other files. The other attributes are those of `BatchBuilder`.
    """

    add: Callable[[Document], Splits]
    _: KW_ONLY
    suffixes: tuple[str, ...] = (".json",)
    folder: str | None = None
    many: bool = False
    load: Callable[[Path, ReadOptions], Any] = read_json
    check: Callable[[Probe], bool] | None = None
    position_format: str = "annotations[{}]"
    normalized: bool = False
    column_major: bool = True

    def builder(self, source: str, options: ReadOptions) -> BatchBuilder:
        """Return the builder of a source."""
        return BatchBuilder(
            source,
            options,
            normalized=self.normalized,
            position_format=self.position_format,
            column_major=self.column_major,
        )

    def read(self, path: Path, options: ReadOptions) -> Iterator[Annotations]:
        """Yield batches of about ``options.batch_images`` images of a file, or of all files in a folder."""
        builder = self.builder(str(path), options)
        sources = self._find(path, builder.report)
        found = {split for split, _ in sources}
        add = partial(_add_file, self.add, self.load, options)
        if not self.many:
            options.note_splits_absent(found, builder.report, path)
            wanted = [source for source in sources if options.wants(source[0])]
            yield from read_files(wanted, add, builder, options)
            return

        def add_source(source: tuple[str | None, str]) -> Splits:
            for own in add(builder, source):
                found.add(own)
                yield own
            if source is sources[-1]:
                options.note_splits_absent(found, builder.report, path)

        yield from read_in_batches(sources, add_source, builder, options)

    def convert(self, content: Any, source: str, options: ReadOptions) -> Annotations:
        """Return the images of a content in memory, as ``load`` returns it, as one batch."""
        builder = self.builder(source, options)
        for _ in self.add(Document(content, Path(source), None, builder, options)):
            pass
        batch = builder.build(None)
        return replace(batch, sizes=ImageSizes(options).complete(batch))

    def _find(self, path: Path, report: Report) -> list[tuple[str | None, str]]:
        """Return the files with their splits, in the order of folders and names."""
        if places.is_file(path):
            folders = [folder.name for folder in path.absolute().parents[:2]]
            return [(split_of(folders, path.stem if self.many else ""), str(path))]
        pairs = list(paths_below(path, self.suffixes, report))
        parents = {own: Path(own).relative_to(path) for own in dict(pairs)}
        folders_of = {own: [*inner.parts[::-1], path.name] for own, inner in parents.items()}
        pairs = [(own, file) for own, file in pairs if self.folder in folders_of[own]] or pairs
        if self.check is not None:
            others = dict.fromkeys(file for _, file in pairs if not self.check(Probe(Path(file))))
            pairs = [pair for pair in pairs if pair[1] not in others]
            for file in others:
                report.note(LEFT_OUT, where=str(Path(file)))
        if not pairs:
            raise FormatError(f"no {' or '.join(self.suffixes)} files", path)
        return [
            (split_of(folders_of[own], Path(file).stem if self.many else ""), file) for own, file in pairs
        ]


def _add_file(
    add: Callable[[Document], Splits],
    load: Callable[[Path, ReadOptions], Any],
    options: ReadOptions,
    builder: BatchBuilder,
    source: tuple[str | None, str],
) -> Splits:
    split, file = source[0], Path(source[1])
    yield from add(Document(load(file, options), file, split, builder, options))
    builder.report.files += 1


def _check_upright(holder: dict[str, Any], entry: Entry | str) -> None:
    """Raise MisfitError if an object that is read as a box has a rotation that its format does not define."""
    if not isinstance(entry, str) and entry.shape.box is not None and not entry.shape.polygon:
        inner = [as_dict(holder[key]) for key in BOX_KEYS if key in holder]
        if any(map(rotation_of, (holder, *inner))):
            raise MisfitError(ROTATED)


def _add(builder: BatchBuilder, label: str, position: int, key: object, entry: Entry) -> None:
    builder.add_shape(
        label, position, entry.shape, flags=entry.flags, key=key, score=entry.score, holder=entry.holder
    )


def _join(shapes: list[Shape]) -> Shape:
    """Return one polygon of all shapes; a box becomes a part with four corners."""
    parts: list[Sequence[Sequence[Point]]] = []
    for shape in shapes:
        parts += [[rotated_box(shape.box, 0)]] if shape.box is not None else shape.polygon
    return Shape(polygon=parts)
