"""Ultralytics NDJSON: a line with the data set and its class names, then one line per image, normalized.

The format is described at https://docs.ultralytics.com/datasets/detect/#ultralytics-ndjson-format. An image's
``annotations`` hold lists of rows as in YOLO's label files: ``boxes`` (class, center and size), ``segments``,
``obb`` (class and vertices) and ``pose`` (class, center and size, keypoints). Their numbers are parsed
together by the kernel; lines that are written in another way pass through ``json``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.annotations import Annotations
from heatgrid.core.kernel import parse_label_rows
from heatgrid.core.ragged import Kind, offsets_of
from heatgrid.core.report import Report, describe
from heatgrid.errors import FormatError
from heatgrid.io import parse
from heatgrid.io.build import empty_batch, read_each
from heatgrid.io.files import clean, files_below, invalid_text, open_binary, open_text, read_head
from heatgrid.io.formats.yolo.geometry import boxes_of, points_of, polygons_of, scores_of
from heatgrid.io.formats.yolo.rows import BAD_CLASS, FAULTS, TOO_FEW, find_faults, guess_keypoints
from heatgrid.io.options import canonical_split
from heatgrid.io.parse import NOT_AN_OBJECT, NOT_NUMBERS, MisfitError
from heatgrid.io.records import BETWEEN, BROKEN, JSON_LINES, Broken, parse_line
from heatgrid.io.registry import Probe, Signature
from heatgrid.io.text_rows import UNNAMED_CLASS, ClassTable, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.io.options import ReadOptions, Size

TITLE = "Ultralytics NDJSON (detect, segment, OBB, pose)"
SIGNATURE = Signature(
    suffixes=JSON_LINES,
    json_keys=({"task", "class_names"}, {"annotations.boxes", "file"}, {"annotations.segments", "file"}),
)

_KEYS = ("boxes", "segments", "obb", "pose", "keypoints")
_SEGMENTS, _ORIENTED, _POSE = 1, 2, 3
_CHARACTERS = 1 << 24  # of rows per batch
_ANNOTATIONS = b'"annotations"'
_ROWS = re.compile(rf'"annotations"\s*:\s*{{\s*"({"|".join(_KEYS)})"\s*:\s*(?=\[)'.encode())
_INDEX = {key.encode(): i for i, key in enumerate(_KEYS)}
_ENDS = ([b"}}"], [b"}", b"}"])
_BETWEEN = BETWEEN.encode()
_BLANKS = bytes.maketrans(b"[],", b" \n ")
_DELETED = b"0123456789.+-eE \t"


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    report = Report()
    files = [path] if path.is_file() else files_below(path, JSON_LINES, report)
    files = [file for file in files if file == path or SIGNATURE.matches(Probe(file))]
    if not files:
        raise FormatError("no NDJSON files of a data set", path)
    if report != Report():
        yield empty_batch(report, str(path))
    yield from read_each(files, lambda file: _read_file(file, path, options), options)


@dataclass(slots=True)
class _Images:
    """Images of one split with their places, and lists of rows: image, index in `_KEYS`, and JSON."""

    names: list[str] = field(default_factory=list)
    sizes: list[Size] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    lists: list[tuple[int, int, bytes]] = field(default_factory=list)
    characters: int = 0

    def add(self, record: dict[str, Any], place: str, lists: list[tuple[int, bytes]]) -> None:
        """Add an image and its lists of rows."""
        self.lists += [(len(self.names), key, text) for key, text in lists]
        self.characters += sum(len(text) for _, text in lists)
        self.names.append(clean(parse.text(record.get("file")) or place))
        self.sizes.append(parse.size(record))
        self.places.append(place)


def _read_file(path: Path, source: Path, options: ReadOptions) -> Iterator[Annotations]:
    dataset = _Dataset(str(path), str(source), options)
    images: dict[str | None, _Images] = {}
    found: set[str | None] = set()
    try:
        for number, line in enumerate(_lines(path, options), 1):
            if not line.strip(_BETWEEN):
                continue
            record, lists = _split_line(line)
            place = f"line {number}"
            if not isinstance(record, dict):
                dataset.skip(BROKEN if record is Broken else NOT_AN_OBJECT, place)
            elif "class_names" in record or record.get("type") == "dataset":
                dataset.describe(record)
            else:
                split = canonical_split(parse.text(record.get("split"))) or None
                found.add(split)
                if options.wants(split):
                    own = images.setdefault(split, _Images())
                    own.add(record, place, lists)
                    if len(own.names) >= options.batch_images or own.characters > _CHARACTERS:
                        yield dataset.build(images.pop(split), split)
    except UnicodeDecodeError as error:
        raise invalid_text(path) or FormatError(str(error), path) from error
    options.note_splits_absent(found, dataset.report, source)
    for split, own in images.items():
        yield dataset.build(own, split)
    if dataset.report != Report():
        yield empty_batch(dataset.report, str(source))


def _lines(path: Path, options: ReadOptions) -> Iterator[bytes]:
    """Yield the lines of a file in UTF-8."""
    if options.encoding is None and not read_head(path, 2).startswith((b"\xff\xfe", b"\xfe\xff")):
        with open_binary(path, options) as content:
            for line in content:
                yield line.removeprefix(b"\xef\xbb\xbf")
    else:
        with open_text(path, options) as text:
            yield from (line.encode() for line in text)


def _split_line(line: bytes) -> tuple[Any, list[tuple[int, bytes]]]:
    """Return the record of a line and its lists of rows, index in `_KEYS` and JSON.

    A single list at the end of the line is cut out and left to the kernel.
    """
    begin = line.rfind(_ANNOTATIONS)
    found = _ROWS.match(line, begin) if begin > 0 else None
    if found is not None:
        start, end = found.end(), line.rfind(b"]") + 1
        rows = line[start:end]
        if line[end:].split() in _ENDS and b'"' not in rows:
            record = parse_line(f'{line[:begin].decode()}"":0}}')
            if isinstance(record, dict):
                return record, [(_INDEX[found[1]], rows)]
    record = parse_line(line.decode())
    annotations = parse.as_dict(parse.as_dict(record).get("annotations"))
    return record, [(i, json.dumps(annotations[k]).encode()) for i, k in enumerate(_KEYS) if k in annotations]


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

    def build(self, images: _Images, split: str | None) -> Annotations:
        """Return images as a batch."""
        rows, kind = self._rows(images)
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
            sizes=np.array(images.sizes, dtype=np.float64).reshape(-1, 2),
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

    def _rows(self, images: _Images) -> tuple[Rows, NDArray[np.int64]]:
        """Return the rows of all lists with their image and their index in the list, and each row's kind."""
        owners = np.array([image for image, _, _ in images.lists], dtype=np.int64)
        kinds = np.array([min(kind, _POSE) for _, kind, _ in images.lists], dtype=np.int64)
        found = _parse_together([text for _, _, text in images.lists])
        if found is None:
            found = self._parse_one_by_one(images)
        return Rows(found.values, found.offsets, owners[found.file], found.line), kinds[found.file]

    def _parse_one_by_one(self, images: _Images) -> Rows:
        """Parse lists by ``json``, and skip the rows that are not lists of numbers."""
        rows: list[tuple[int, int, list[float]]] = []
        for number, (image, _, text) in enumerate(images.lists):
            value = parse_line(text.decode())
            if not isinstance(value, list):
                self.skip(BROKEN, images.places[image])
            for i, row in enumerate(parse.as_list(value)):
                try:
                    if not isinstance(row, list) or not row:
                        raise MisfitError(TOO_FEW if isinstance(row, list) else "row is not a list")  # noqa: TRY301
                    rows.append((number, i, [parse.number(v, NOT_NUMBERS) for v in row]))
                except MisfitError as misfit:
                    self.skip(str(misfit), f"{images.places[image]}.annotations[{i}]")
        values = np.array([v for _, _, row in rows for v in row], dtype=np.float64)
        file = np.array([number for number, _, _ in rows], dtype=np.int64)
        line = np.array([i for _, i, _ in rows], dtype=np.int64)
        return Rows(values, offsets_of([len(row) for _, _, row in rows]), file, line)


def _parse_together(texts: list[bytes]) -> Rows | None:
    """Return the rows of lists, with the index of the list and that in it; None if one is no list of rows."""
    parsed = parse_label_rows(b"".join(texts).translate(_BLANKS))
    skeletons = [text.translate(None, _DELETED) for text in texts]
    if parsed is None or not all(map(_is_list_of_rows, skeletons)):
        return None
    values, lengths, line = parsed
    ends = np.array([skeleton.count(b"]") for skeleton in skeletons], dtype=np.int64)
    commas = np.array([skeleton.count(b",") for skeleton in skeletons], dtype=np.int64)
    starts = offsets_of(ends)
    file = np.searchsorted(starts, line - 1, side="right") - 1
    rows = np.bincount(file, minlength=len(texts))
    numbers = np.bincount(file, lengths, minlength=len(texts))
    if not ((rows == ends - 1) & (commas == np.maximum(numbers - 1, 0))).all():
        return None
    return Rows(values, offsets_of(lengths), file, line - 1 - starts[file])


def _is_list_of_rows(skeleton: bytes) -> bool:
    """Return whether the brackets and commas of a JSON text are those of a list of lists of numbers."""
    inner = skeleton[2:-2].replace(b"],[", b"")
    is_plain = b"[" not in inner and b"]" not in inner
    return skeleton == b"[]" or (skeleton[:2] == b"[[" and skeleton[-2:] == b"]]" and is_plain)
