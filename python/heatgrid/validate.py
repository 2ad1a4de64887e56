"""What is wrong with a data set: everything that is left out, hits nothing, or stands there twice."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from heatgrid.core.counts import Counts
from heatgrid.core.geometry import select_geometry
from heatgrid.core.kernel import Outcome
from heatgrid.core.ragged import Kind
from heatgrid.core.report import SKIPPED, Report
from heatgrid.core.spec import CountSpec
from heatgrid.datasets import parse_options
from heatgrid.io.read import read as read_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations, Polygons
    from heatgrid.core.geometry import Geometry
    from heatgrid.core.ragged import Lines, Masks, Points, Shapes
    from heatgrid.datasets import ReadKeywords
    from heatgrid.io.read import Source

EMPTY = "no extent"
OUTSIDE = "wholly outside its image"
FLAT = "polygon without area"
TWICE = "the same class and geometry again in the same image"
NO_SIZE = "image of unknown size"
OTHER_CLASS = "annotation of a class that is not expected"

_KINDS = ("file", "invalid", "size", "empty", "outside", "degenerate", "duplicate", "class")
_HITS_NOTHING = ((Outcome.EMPTY, "empty", EMPTY), (Outcome.OUTSIDE, "outside", OUTSIDE))
_SPEC = CountSpec(grid=(1, 1))
_NAMELESS = ("class number without a name", "class id without a description")
_UNKNOWN = ("unknown category", "unknown label")
_FLAT_SHARE = 1e-9  # of its bounding box: less than rounding leaves of the area of a straight line


@dataclass(slots=True)
class Check:
    """What was found in a data set.

    Attributes
    ----------
    report
        What was read, and the notes that leave nothing out.
    classes
        How many annotations each class has.
    findings
        What is wrong: by kind, a table of reasons with their numbers.
    """

    classes: dict[str, int] = field(default_factory=dict)
    findings: dict[str, Report] = field(default_factory=lambda: {kind: Report() for kind in _KINDS})
    _counts: Counts = field(default_factory=lambda: Counts(_SPEC), repr=False)

    @property
    def report(self) -> Report:
        """What was read and skipped."""
        return self._counts.report

    @property
    def right(self) -> bool:
        """Whether nothing at all is wrong."""
        return not any(finding.notes for finding in self.findings.values())

    def add(
        self, batch: Annotations, geometry: Geometry = "auto", expected: frozenset[str] | None = None
    ) -> None:
        """Check a batch; ``expected`` are the classes that there should be, None all."""
        outcome = self._counts.add_batch(batch, geometry=geometry)
        pending = np.full(len(batch), Outcome.PENDING.value, dtype=np.uint8)
        shapes, _ = select_geometry(batch, geometry, _SPEC, pending)
        for label, count in enumerate(np.bincount(batch.label, minlength=len(batch.classes)).tolist()):
            name = batch.classes[label]
            self.classes[name] = self.classes.get(name, 0) + count
        for code, kind, text in _HITS_NOTHING:
            found = np.flatnonzero((outcome == code.value) & (pending == Outcome.PENDING.value))
            self._find(kind, text, found, batch.where)
        self._find("degenerate", FLAT, _flat(batch.polygons, shapes), batch.where)
        self._find("duplicate", TWICE, _again(batch, shapes), batch.where)
        unsized = _unsized(batch)
        self._find("size", NO_SIZE, unsized, lambda i: f"{batch.source}: {batch.image_names[i]}")
        if expected is not None:
            known = np.array([name in expected for name in batch.classes], dtype=bool)
            other = np.flatnonzero(~known[batch.label]) if len(batch) else batch.label
            self._find("class", OTHER_CLASS, other, batch.where)

    def _find(self, kind: str, text: str, index: NDArray[np.int64], where: Callable[[int], str]) -> None:
        self.findings[kind].note_at(text, index, where)

    def close(self) -> None:
        """Bring what the readers left out under the findings too, once everything is read."""
        report = self.report
        found = [("file", text, n) for text, n in report.refused.items()]
        found += [(_kind_of(text), text, n) for text, n in report.skipped.items()]
        found += [("class", text, n) for text, n in report.notes.items() if text.startswith(_NAMELESS)]
        for kind, text, count in found:
            finding = self.findings[kind]
            finding.notes[text] = finding.notes.get(text, 0) + count
            finding.examples[text] = report.examples.get(text, [])

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain numbers, strings, lists and dicts."""
        findings = [
            {"kind": kind, "what": text, "count": count, "examples": finding.examples.get(text, [])}
            for kind, finding in self.findings.items()
            for text, count in finding.notes.items()
        ]
        report = self.report
        counts = {"files": report.files, "images": report.images, "annotations": report.read}
        notes = {text: n for text, n in self.report.notes.items() if not text.startswith(_NAMELESS)}
        return {**counts, "classes": self.classes, "right": self.right, "findings": findings, "notes": notes}

    def __str__(self) -> str:
        plain = self.to_dict()
        names = {"annotations": "annotation", "images": "image", "files": "file"}
        counts = [f"{plain[key]:,} {name}{'s' * (plain[key] != 1)}" for key, name in names.items()]
        lines = [f"{', '.join(counts)}, {len(self.classes):,} class{'es' * (len(self.classes) != 1)}"]
        for finding in plain["findings"]:
            lines.append(f"{finding['count']:>10,}  {finding['kind']:<10}  {finding['what']}")
            lines += [f"{'':>24}{place}" for place in finding["examples"]]
        lines += [f"{count:>10,}  {'note':<10}  {text}" for text, count in plain["notes"].items()]
        return "\n".join([*lines, "nothing is wrong"] if self.right else lines)


def check(
    source: Source,
    *,
    format: str | None = None,  # noqa: A002 - the name that all readers have
    classes: Iterable[str] | None = None,
    geometry: Geometry = "auto",
    progress: bool = False,
    **reading: Unpack[ReadKeywords],
) -> Check:
    """Read annotations and say what is wrong with them.

    Parameters
    ----------
    source, format, progress, **reading
        As `heatgrid.read` takes them.
    classes
        The classes that there should be; annotations of others are findings. None expects all.
    geometry
        What would be counted of each annotation.

    Returns
    -------
    Check
        What was found; its ``right`` says whether nothing was.

    Raises
    ------
    FormatError
        Nothing at ``source`` can be read.
    """
    expected = None if classes is None else frozenset((classes,) if isinstance(classes, str) else classes)
    found = Check()
    _, options = parse_options(geometry=geometry, **reading)
    for batch in read_sources(source, options, format=format, progress=progress):
        found.add(batch, geometry, expected)
    found.close()
    return found


def _kind_of(reason: str) -> str:
    if reason == SKIPPED[Outcome.NO_SIZE]:
        return "size"
    return "class" if reason.startswith(_UNKNOWN) else "invalid"


def _unsized(batch: Annotations) -> NDArray[np.int64]:
    """Return the images in pixels that no size is known of."""
    if batch.normalized:
        return np.zeros(0, dtype=np.int64)
    if batch.sizes is None:
        return np.arange(len(batch.image_names))
    return np.flatnonzero(~(np.isfinite(batch.sizes) & (batch.sizes > 0)).all(axis=1))


def _index(shapes: Shapes, kind: Kind) -> NDArray[np.int64]:
    return np.flatnonzero(shapes.kinds == int(kind))


def _flat(polygons: Polygons | None, shapes: Shapes) -> NDArray[np.int64]:
    """Return the annotations whose polygon has extent both ways, and no area."""
    index = _index(shapes, Kind.POLYGON)
    if polygons is None or not len(index):
        return index[:0]
    own = polygons.take(index)
    lengths = np.diff(own.rings)
    ring = np.repeat(np.arange(len(lengths)), lengths)
    following = np.arange(len(own.coords)) + 1
    following[own.rings[1:][lengths > 0] - 1] = own.rings[:-1][lengths > 0]
    first = own.coords[own.rings[:-1][ring]]  # taken off, so that far coordinates keep their digits
    here, there = own.coords - first, own.coords[following] - first
    areas = np.bincount(ring, here[:, 0] * there[:, 1] - here[:, 1] * there[:, 0], minlength=len(lengths))
    owner = np.repeat(np.arange(len(index)), np.diff(own.vertices))
    owner_of_ring = np.repeat(np.arange(len(index)), np.diff(own.parts[own.annotations]))
    area = np.bincount(owner_of_ring, np.abs(areas), minlength=len(index))
    low, high = np.full((len(index), 2), np.inf), np.full((len(index), 2), -np.inf)
    np.minimum.at(low, owner, own.coords)
    np.maximum.at(high, owner, own.coords)
    extent = np.prod(high - low, axis=1)
    flat: NDArray[np.bool_] = (extent > 0) & (area <= _FLAT_SHARE * extent)
    return index[flat]


def _again(batch: Annotations, shapes: Shapes) -> NDArray[np.int64]:
    """Return the annotations that an earlier one of their image equals in class and geometry."""
    found = [np.zeros(0, dtype=np.int64)]
    index = _index(shapes, Kind.BOX)
    if len(index) and shapes.boxes is not None:
        keys = np.column_stack([batch.image[index], batch.label[index], shapes.boxes[index]])
        order = np.lexsort(keys.T)
        same = (keys[order[1:]] == keys[order[:-1]]).all(axis=1)
        found.append(index[order[1:][same]])
    if batch.polygons is not None:
        polygons = batch.polygons
        found.append(_seen_before(batch, _index(shapes, Kind.POLYGON), polygons, _vertices(polygons)))
    if batch.points is not None:
        pieces = _cut(batch.points.coords, batch.points.offsets)
        found.append(_seen_before(batch, _index(shapes, Kind.POINT), batch.points, pieces))
    if batch.lines is not None:
        found.append(_seen_before(batch, _index(shapes, Kind.LINE), batch.lines, _vertices(batch.lines)))
    if batch.masks is not None:
        found.append(_seen_before(batch, _index(shapes, Kind.MASK), batch.masks, _code(batch.masks)))
    return np.sort(np.concatenate(found))


def _vertices(columns: Polygons | Lines) -> Callable[[int], bytes]:
    return _cut(columns.coords, columns.vertices)


def _cut(coords: NDArray[np.float64], offsets: NDArray[np.int64]) -> Callable[[int], bytes]:
    return lambda i: coords[offsets[i] : offsets[i + 1]].tobytes()


def _code(masks: Masks) -> Callable[[int], bytes]:
    def code(i: int) -> bytes:
        counts = masks.counts(i)
        return counts.tobytes() if isinstance(counts, np.ndarray) else counts or b""

    return code


def _seen_before(
    batch: Annotations,
    index: NDArray[np.int64],
    columns: Polygons | Points | Lines | Masks,
    piece: Callable[[int], bytes],
) -> NDArray[np.int64]:
    """Return the annotations that an earlier one equals; they have the same piece, which is most of them."""
    first: dict[tuple[int, int, bytes], int] = {}
    whole: set[tuple[tuple[int, int, bytes], tuple[bytes, ...]]] = set()
    again: list[int] = []
    for i in index.tolist():
        key = (int(batch.image[i]), int(batch.label[i]), piece(i))
        earlier = first.setdefault(key, i)
        if earlier == i:
            continue
        whole.add((key, _all_columns(columns, earlier)))
        if (own := (key, _all_columns(columns, i))) in whole:
            again.append(i)
        whole.add(own)
    return np.array(again, dtype=np.int64)


def _all_columns(columns: Polygons | Points | Lines | Masks, i: int) -> tuple[bytes, ...]:
    """Return all of an annotation: how rings cut its vertices, which points are visible, ..."""
    one = columns.take(np.array([i]))
    return tuple(np.asarray(getattr(one, own.name)).tobytes() for own in fields(one))
