"""Ultralytics NDJSON: a line with the data set and its class names, then one line per image, normalized.

The format is described at https://docs.ultralytics.com/datasets/detect/#ultralytics-ndjson-format. An image's
``annotations`` hold lists of rows as in YOLO's label files: ``boxes`` (class, center and size), ``segments``,
``obb`` (class and vertices) and ``pose`` (class, center and size, keypoints). The kernel scans the lines;
those that its scanner does not understand pass through ``json``.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass, field
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
from heatgrid.io.text_rows import UNNAMED_CLASS, NumberedClasses, Rows, concatenated

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
_CHUNK = 1 << 19  # bytes that are scanned together


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


@dataclass(frozen=True, slots=True, eq=False)
class _Places(Sequence[str]):
    """Places of images: the numbers of their lines, as text when it is asked for."""

    lines: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, index: Any) -> Any:
        found = self.lines[index]
        return _Places(found) if isinstance(index, slice) else f"line {found}"


@dataclass(slots=True)
class _Images:
    """Images of one split with their sizes and lines, and their rows with the index in `_KEYS`."""

    names: list[str] = field(default_factory=list)
    sizes: list[NDArray[np.float64]] = field(default_factory=list)
    lines: list[NDArray[np.int64]] = field(default_factory=list)
    rows: list[Rows] = field(default_factory=list)
    kinds: list[NDArray[np.int64]] = field(default_factory=list)

    def add(self, names: list[str], lines: Any, sizes: Any, rows: Rows, kinds: NDArray[np.int64]) -> None:
        """Add images and their rows, whose files are the indices of these images."""
        self.rows.append(rows.shifted(len(self.names)))
        self.kinds.append(kinds)
        self.names += names
        self.lines.append(np.array(lines, dtype=np.int64))
        self.sizes.append(np.array(sizes, dtype=np.float64).reshape(-1, 2))


def _read_file(path: Path, source: Path, options: ReadOptions) -> Iterator[Annotations]:
    dataset = _Dataset(str(path), str(source), options)
    images: dict[str | None, _Images] = {}
    found: set[str | None] = set()
    first = 1
    for chunk in _chunks(path, options):
        columns = scan_image_lines(chunk)
        if columns is None:
            raise invalid_text(path) or FormatError("text that is not UTF-8", path)
        for split, part in _parts(columns, first, chunk, dataset):
            found.add(split)
            if options.wants(split):
                images.setdefault(split, _Images()).add(*part)
        first += columns.count
        for split in [split for split, own in images.items() if len(own.names) >= options.batch_images]:
            yield dataset.build(images.pop(split), split)
    options.note_splits_absent(found, dataset.report, source)
    for split, own in images.items():
        yield dataset.build(own, split)
    if dataset.report != Report():
        yield empty_batch(dataset.report, str(source))


def _chunks(path: Path, options: ReadOptions) -> Iterator[bytes]:
    """Yield whole lines of a file in UTF-8."""
    head = read_head(path, 3)
    rest: list[bytes] = []
    if options.encoding is None and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        with open_binary(path, options) as content:
            if head == codecs.BOM_UTF8:
                content.read(len(head))
            while piece := content.read(_CHUNK):
                end = piece.rfind(b"\n") + 1
                rest.append(piece[:end] if end else piece)
                if end:
                    yield b"".join(rest)
                    rest = [piece[end:]]
    else:
        with open_text(path, options) as text:
            rest = [text.read().removeprefix("\ufeff").encode()]
    if last := b"".join(rest):
        yield last


Part = tuple[list[str], Any, Any, Rows, "NDArray[np.int64]"]
"""Names, lines and sizes of images, their rows, and the index of each row's list in `_KEYS`."""


def _parts(
    columns: ImageLines, first: int, chunk: bytes, dataset: _Dataset
) -> Iterator[tuple[str | None, Part]]:
    """Yield the images of a text by split, in the order of the lines as far as the lines left allow."""
    others = columns.others.tolist()
    cuts = np.searchsorted(columns.lines, others).tolist()
    bounds = columns.bounds.reshape(-1, 2).tolist()
    names, splits = (texts.decode().split("\n")[:-1] for texts in (columns.names, columns.splits))
    row_ends = offsets_of(columns.rows)
    value_ends = offsets_of(columns.lengths)
    begin = 0
    for end, line, (start, stop) in zip([*cuts, len(names)], [*others, None], [*bounds, (0, 0)], strict=True):
        if end > begin:
            yield from _run(columns, slice(begin, end), (names, splits, row_ends, value_ends), first)
        if line is not None:
            yield from dataset.read_line(chunk[start:stop], first + line)
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
    lines, own_names = columns.lines[run] + first, names[run]
    if "" in own_names:
        own_names = [name or f"line {line}" for name, line in zip(own_names, lines.tolist(), strict=True)]
    own = Categories.encode(splits[run])
    for code, text in enumerate(own.values):
        split = canonical_split(text) or None
        if len(own.values) == 1:
            yield split, (own_names, lines, sizes, rows, kinds)
            return
        index = np.flatnonzero(own.codes == code)
        number = np.full(len(counts), -1, dtype=np.int64)
        number[index] = np.arange(len(index))
        chosen = np.flatnonzero(number[image] >= 0)
        part = rows.take(chosen).renumbered(number)
        yield (
            split,
            ([own_names[i] for i in index.tolist()], lines[index], sizes[index], part, kinds[chosen]),
        )


class _Dataset:
    """Class names and keypoints of a file, and the report since the last batch."""

    def __init__(self, file: str, source: str, options: ReadOptions) -> None:
        self.report = Report(files=1)
        self._file, self._source, self._options = file, source, options
        self._classes = NumberedClasses({})
        self._keypoints: tuple[int, int] | None = None

    def describe(self, record: dict[str, Any]) -> None:
        """Take class names and the shape of keypoints from the line of the data set."""
        names = record.get("class_names")
        pairs = names.items() if isinstance(names, dict) else enumerate(parse.as_list(names))
        numbered = ((parse.text(key), parse.text(name)) for key, name in pairs)
        self._classes = NumberedClasses(
            {int(n): name for n, name in numbered if n.isdecimal() and len(n) < 10}
        )
        shape = record.get("kpt_shape")
        if isinstance(shape, list) and len(shape) == 2 and all(n in range(1, 1000) for n in shape):
            self._keypoints = int(shape[0]), int(shape[1])

    def skip(self, reason: str, place: str, label: str | None = None) -> None:
        """Skip an annotation or a line, or raise FormatError with ``on_error="raise"``."""
        if self._options.strict:
            raise FormatError(reason, self._file, place)
        self.report.skip(reason, describe(self._file, place), label=label)

    def read_line(self, text: bytes, line: int) -> Iterator[tuple[str | None, Part]]:
        """Yield the image of a line by `json`; take in the data set's line, and skip others."""
        record, place = parse_line(text.decode()), f"line {line}"
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
        yield split, ([name], [line], [parse.size(record)], rows, kinds)

    def build(self, images: _Images, split: str | None) -> Annotations:
        """Return images as a batch."""
        rows, kind = concatenated(images.rows), np.concatenate(images.kinds)
        places = _Places(np.concatenate(images.lines))
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
            self.skip(reason, f"{places[rows.file[i]]}.annotations[{rows.line[i]}]", label)
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
            places=places,
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
