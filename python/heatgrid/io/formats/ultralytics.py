"""Ultralytics NDJSON: a line with the data set and its class names, then one line per image, normalized.

The format is described at https://docs.ultralytics.com/datasets/detect/#ultralytics-ndjson-format. An image's
``annotations`` hold lists of rows as in YOLO's label files: ``boxes`` (class, center and size), ``segments``,
``obb`` (class and vertices) and ``pose`` (class, center and size, keypoints). The kernel scans the lines;
those that its scanner does not understand pass through ``json``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.annotations import Annotations
from heatgrid.core.kernel import ImageLines, scan_image_lines
from heatgrid.core.ragged import Kind, offsets_of
from heatgrid.core.report import Report, describe
from heatgrid.errors import FormatError
from heatgrid.io import parse, places
from heatgrid.io.build import empty_batch, read_each
from heatgrid.io.files import clean, files_below, invalid_text, open_binary, open_text, read_head
from heatgrid.io.formats.tables.batches import Categories
from heatgrid.io.formats.yolo.geometry import boxes_of, points_of, polygons_of, scores_of
from heatgrid.io.formats.yolo.rows import BAD_CLASS, FAULTS, TOO_FEW, find_faults, guess_keypoints
from heatgrid.io.options import canonical_split
from heatgrid.io.parse import NOT_AN_OBJECT, NOT_NUMBERS, MisfitError
from heatgrid.io.records import BROKEN, JSON_LINES, Broken, parse_line
from heatgrid.io.registry import Probe, Signature
from heatgrid.io.text_rows import UNNAMED_CLASS, ClassTable, Rows, concatenated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.io.options import ReadOptions

TITLE = "Ultralytics NDJSON (detect, segment, OBB, pose)"
SIGNATURE = Signature(
    suffixes=JSON_LINES,
    json_keys=({"task", "class_names"}, {"annotations.boxes", "file"}, {"annotations.segments", "file"}),
)

_KEYS = ("boxes", "segments", "obb", "pose", "keypoints")
_SEGMENTS, _ORIENTED, _POSE = 1, 2, 3
_CHUNK = 1 << 23  # bytes that are scanned together


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    report = Report()
    files = [path] if places.is_file(path) else files_below(path, JSON_LINES, report)
    files = [file for file in files if file == path or SIGNATURE.matches(Probe(file))]
    if not files:
        raise FormatError("no NDJSON files of a data set", path)
    if report != Report():
        yield empty_batch(report, str(path))
    yield from read_each(files, lambda file: _read_file(file, path, options), options)


@dataclass(slots=True)
class _Images:
    """Images of one split with their sizes and places, and their rows with the index in `_KEYS`."""

    names: list[str] = field(default_factory=list)
    sizes: list[NDArray[np.float64]] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    rows: list[Rows] = field(default_factory=list)
    kinds: list[NDArray[np.int64]] = field(default_factory=list)

    def add(
        self, names: list[str], places: list[str], sizes: Any, rows: Rows, kinds: NDArray[np.int64]
    ) -> None:
        """Add images and their rows, whose files are the indices of these images."""
        self.rows.append(rows.shifted(len(self.names)))
        self.kinds.append(kinds)
        self.names += names
        self.places += places
        self.sizes.append(np.array(sizes, dtype=np.float64).reshape(-1, 2))


def _read_file(path: Path, source: Path, options: ReadOptions) -> Iterator[Annotations]:
    dataset = _Dataset(str(path), str(source), options)
    images: dict[str | None, _Images] = {}
    found: set[str | None] = set()
    for first, chunk in _chunks(path, options):
        columns = scan_image_lines(chunk)
        if columns is None:
            raise invalid_text(path) or FormatError("text that is not UTF-8", path)
        for split, part in _parts(columns, first, chunk, dataset):
            found.add(split)
            if options.wants(split):
                images.setdefault(split, _Images()).add(*part)
        for split in [split for split, own in images.items() if len(own.names) >= options.batch_images]:
            yield dataset.build(images.pop(split), split)
    options.note_splits_absent(found, dataset.report, source)
    for split, own in images.items():
        yield dataset.build(own, split)
    if dataset.report != Report():
        yield empty_batch(dataset.report, str(source))


def _chunks(path: Path, options: ReadOptions) -> Iterator[tuple[int, bytes]]:
    """Yield whole lines of a file in UTF-8, and the number of the first of them, from 1."""
    first, rest = 1, b""
    if options.encoding is None and not read_head(path, 2).startswith((b"\xff\xfe", b"\xfe\xff")):
        with open_binary(path, options) as content:
            while piece := content.read(_CHUNK):
                lines, mark, tail = piece.rpartition(b"\n")
                chunk = rest + lines + mark
                rest = tail if mark else chunk + tail
                if mark:
                    yield first, chunk.removeprefix(b"\xef\xbb\xbf") if first == 1 else chunk
                    first += chunk.count(b"\n")
    else:
        with open_text(path, options) as text:
            rest = text.read().encode()
    if rest:
        yield first, rest.removeprefix(b"\xef\xbb\xbf") if first == 1 else rest


Part = tuple[list[str], list[str], Any, Rows, "NDArray[np.int64]"]
"""Names, places and sizes of images, their rows, and the index of each row's list in `_KEYS`."""


def _parts(
    columns: ImageLines, first: int, chunk: bytes, dataset: _Dataset
) -> Iterator[tuple[str | None, Part]]:
    """Yield the images of a text by split, in the order of the lines as far as the lines left allow."""
    others = columns.others.tolist()
    cuts = np.searchsorted(columns.lines, others).tolist()
    bounds = columns.bounds.reshape(-1, 2).tolist()
    names, splits = _texts(columns.names, columns.name_lengths), _texts(columns.splits, columns.split_lengths)
    row_ends = offsets_of(columns.rows)
    value_ends = offsets_of(columns.lengths)
    begin = 0
    for end, line, (start, stop) in zip([*cuts, len(names)], [*others, None], [*bounds, (0, 0)], strict=True):
        if end > begin:
            yield from _run(columns, slice(begin, end), (names, splits, row_ends, value_ends), first)
        if line is not None:
            yield from dataset.read_line(chunk[start:stop], f"line {first + line}")
        begin = end


def _run(
    columns: ImageLines, run: slice, known: tuple[Any, ...], first: int
) -> Iterator[tuple[str | None, Part]]:
    """Yield the images of a run of scanned lines by split."""
    names, splits, row_ends, value_ends = known
    begin, end = int(row_ends[run.start]), int(row_ends[run.stop])
    counts = columns.rows[run]
    image = np.repeat(np.arange(len(counts)), counts)
    position = np.arange(begin, end) - row_ends[run][image]
    rows = Rows(
        columns.values[value_ends[begin] : value_ends[end]],
        value_ends[begin : end + 1] - value_ends[begin],
        image,
        position,
    )
    kinds = np.minimum(columns.kinds[run], _POSE)[image]
    sizes = columns.sizes.reshape(-1, 2)[run]
    places = [f"line {first + line}" for line in columns.lines[run].tolist()]
    own_names = [name or place for name, place in zip(names[run], places, strict=True)]
    own = Categories.encode(splits[run])
    for code, text in enumerate(own.values):
        split = canonical_split(text) or None
        if len(own.values) == 1:
            yield split, (own_names, places, sizes, rows, kinds)
            return
        index = np.flatnonzero(own.codes == code)
        number = np.full(len(counts), -1, dtype=np.int64)
        number[index] = np.arange(len(index))
        chosen = np.flatnonzero(number[image] >= 0)
        listed = index.tolist()
        part = rows.take(chosen).renumbered(number)
        yield (
            split,
            ([own_names[i] for i in listed], [places[i] for i in listed], sizes[index], part, kinds[chosen]),
        )


def _texts(texts: bytes, lengths: NDArray[np.int64]) -> list[str]:
    """Return texts that follow each other."""
    ends = offsets_of(lengths).tolist()
    if texts.isascii():
        text = texts.decode()
        return [text[begin:end] for begin, end in pairwise(ends)]
    return [texts[begin:end].decode() for begin, end in pairwise(ends)]


class _Dataset:
    """Class names and keypoints of a file, and the report since the last batch."""

    def __init__(self, file: str, source: str, options: ReadOptions) -> None:
        self.report = Report(files=1)
        self._file, self._source, self._options = file, source, options
        self._classes = ClassTable({})
        self._keypoints: tuple[int, int] | None = None

    def describe(self, record: dict[str, Any]) -> None:
        """Take class names and the shape of keypoints from the line of the data set."""
        names = record.get("class_names")
        pairs = names.items() if isinstance(names, dict) else enumerate(parse.as_list(names))
        numbered = ((parse.text(key), parse.text(name)) for key, name in pairs)
        self._classes = ClassTable({int(n): name for n, name in numbered if n.isdecimal() and len(n) < 10})
        shape = record.get("kpt_shape")
        if isinstance(shape, list) and len(shape) == 2 and all(n in range(1, 1000) for n in shape):
            self._keypoints = int(shape[0]), int(shape[1])

    def skip(self, reason: str, place: str, label: str | None = None) -> None:
        """Skip an annotation or a line, or raise FormatError with ``on_error="raise"``."""
        if self._options.strict:
            raise FormatError(reason, self._file, place)
        self.report.skip(reason, describe(self._file, place), label=label)

    def read_line(self, line: bytes, place: str) -> Iterator[tuple[str | None, Part]]:
        """Yield the image of a line by `json`; take in the data set's line, and skip others."""
        record = parse_line(line.decode())
        if not isinstance(record, dict):
            self.skip(BROKEN if record is Broken else NOT_AN_OBJECT, place)
            return
        if "class_names" in record or record.get("type") == "dataset":
            self.describe(record)
            return
        annotations = parse.as_dict(record.get("annotations"))
        found: list[tuple[int, int, list[float]]] = []
        for kind, key in enumerate(_KEYS):
            for i, row in enumerate(parse.as_list(annotations.get(key))):
                try:
                    found.append((min(kind, _POSE), i, _row(row)))
                except MisfitError as misfit:
                    self.skip(str(misfit), f"{place}.annotations[{i}]")
        rows = Rows(
            np.array([v for _, _, row in found for v in row], dtype=np.float64),
            offsets_of([len(row) for _, _, row in found]),
            np.zeros(len(found), dtype=np.int64),
            np.array([i for _, i, _ in found], dtype=np.int64),
        )
        name = clean(parse.text(record.get("file")) or place)
        split = canonical_split(parse.text(record.get("split"))) or None
        kinds = np.array([kind for kind, _, _ in found], dtype=np.int64)
        yield split, ([name], [place], [parse.size(record)], rows, kinds)

    def build(self, images: _Images, split: str | None) -> Annotations:
        """Return images as a batch."""
        rows, kind = concatenated(images.rows), np.concatenate(images.kinds)
        columns = np.diff(rows.offsets)
        is_long = columns >= 5
        is_pose, keypoints = kind >= _POSE, self._keypoints
        extra = np.full(len(rows), -1, dtype=np.int64)
        if keypoints is None and is_pose.any():
            keypoints = guess_keypoints(columns[is_pose])
        if keypoints is not None:
            extra = np.where(is_pose, columns - 5 - keypoints[0] * keypoints[1], -1)
        is_polygon = (kind == _SEGMENTS) | (kind == _ORIENTED)
        has_score = (kind == 0) & (columns == 6) | (kind == _ORIENTED) & (columns == 10) | (extra == 1)
        kinds = (is_long & ~is_polygon) * np.uint8(Kind.BOX) | (is_long & is_polygon) * np.uint8(Kind.POLYGON)
        kinds |= ((extra == 0) | (extra == 1)) * np.uint8(Kind.POINT)
        faults = find_faults(rows, kinds, has_score, self._options.limits.vertices)
        for i in np.flatnonzero(faults).tolist():
            reason = FAULTS[faults[i] - 1]
            label = None if reason == BAD_CLASS else self._classes.name(int(rows.values[rows.offsets[i]]))
            self.skip(reason, f"{images.places[rows.file[i]]}.annotations[{rows.line[i]}]", label)
        if faults.any():
            valid = np.flatnonzero(faults == 0)
            rows, kinds, has_score = rows.take(valid), kinds[valid], has_score[valid]
        labels, is_named = self._classes.labels(rows.values[rows.offsets[:-1]].astype(np.int64))
        report, self.report = self.report, Report()
        report.images += len(images.names)
        batch = Annotations(
            image_names=images.names,
            image=rows.file,
            label=labels,
            classes=tuple(self._classes.names),
            normalized=True,
            sizes=np.concatenate(images.sizes),
            kinds=kinds,
            boxes=boxes_of(rows, kinds),
            polygons=polygons_of(rows, kinds, has_score),
            points=points_of(rows, kinds, keypoints),
            scores=scores_of(rows, has_score),
            source=self._source,
            split=split,
            files=[self._file] * len(images.names),
            places=images.places,
            positions=rows.line,
            position_format="annotations[{}]",
            report=report,
        )
        report.note_at(UNNAMED_CLASS, np.flatnonzero(~is_named), batch.where)
        return batch


def _row(row: object) -> list[float]:
    """Return the numbers of a row of a list."""
    if not isinstance(row, list):
        raise MisfitError("row is not a list")
    if not row:
        raise MisfitError(TOO_FEW)
    return [parse.number(value, NOT_NUMBERS) for value in row]
