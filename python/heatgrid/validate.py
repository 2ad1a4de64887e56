"""Validation of data sets: skipped, empty, outside and duplicate annotations."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.annotations import Annotations, Geometry, select_geometry
from heatgrid.core.counts import Counts
from heatgrid.core.kernel import Outcome
from heatgrid.core.outcomes import SKIPPED
from heatgrid.core.ragged import Kind, Masks, Polygons, Ragged, Shapes
from heatgrid.core.report import Report
from heatgrid.core.spec import CountSpec, check_keywords
from heatgrid.errors import printable
from heatgrid.io.images import AMBIGUOUS, DIFFERENT, UNREADABLE
from heatgrid.io.keywords import ReadKeywords, parse_options
from heatgrid.io.objects import read_any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from heatgrid.core.arguments import OnError
    from heatgrid.io.read import Source
    from heatgrid.io.registry import FormatName

EMPTY = "no extent"
OUTSIDE = "outside its image"
NO_AREA = "polygon without area"
DUPLICATE = "same image, class and geometry as an earlier annotation"
NO_SIZE = "image of unknown size"
OTHER_CLASS = "unexpected class"

_KINDS = ("file", "invalid", "size", "empty", "outside", "degenerate", "duplicate", "class")
_KIND_OF_OUTCOME = ((Outcome.EMPTY, "empty", EMPTY), (Outcome.OUTSIDE, "outside", OUTSIDE))
_SPEC = CountSpec(grid=(1, 1))
_KIND_OF_NOTE = {
    "class": (
        *("class number without a name", "class id without a description"),
        *("unknown category_id", "annotation without a class"),
    ),
    "size": (DIFFERENT, AMBIGUOUS, UNREADABLE),
}
_MIN_AREA = 1e-9  # as a share of the bounding box; rounding leaves less of the area of a straight line


@dataclass(slots=True)
class Validation:
    """Problems found in a data set.

    Attributes
    ----------
    classes
        The number of annotations per class.
    findings
        One `Report` per kind of problem; its notes are the problems and their numbers.
    """

    classes: dict[str, int] = field(default_factory=dict)
    findings: dict[str, Report] = field(default_factory=lambda: {kind: Report() for kind in _KINDS})
    _counts: Counts = field(default_factory=lambda: Counts(_SPEC), repr=False)

    @property
    def report(self) -> Report:
        """Numbers of files, images and annotations, and notes about them."""
        return self._counts.report

    @property
    def valid(self) -> bool:
        """True if there are no findings."""
        return not any(finding.notes for finding in self.findings.values())

    def add(
        self, batch: Annotations, geometry: Geometry = "auto", expected: frozenset[str] | None = None
    ) -> None:
        """Check a batch; ``expected`` are the expected classes, None for all."""
        outcome = self._counts.add_batch(batch, geometry=geometry)
        pending = kernel.pending(len(batch))
        shapes, _ = select_geometry(batch, geometry, _SPEC, pending)
        for label, count in enumerate(np.bincount(batch.label, minlength=len(batch.classes)).tolist()):
            name = batch.classes[label]
            self.classes[name] = self.classes.get(name, 0) + count
        found = [
            (kind, text, np.flatnonzero((outcome == code.value) & (pending == Outcome.PENDING.value)))
            for code, kind, text in _KIND_OF_OUTCOME
        ]
        found.append(("degenerate", NO_AREA, _without_area(batch.polygons, shapes)))
        found.append(("duplicate", DUPLICATE, _duplicates(batch, shapes)))
        if expected is not None:
            known = np.array([name in expected for name in batch.classes], dtype=bool)
            other = np.flatnonzero(~known[batch.label]) if len(batch) else batch.label
            found.append(("class", OTHER_CLASS, other))
        for kind, text, index in found:
            self.findings[kind].note_at(text, index, batch.where)
        unsized = _unsized(batch)
        self.findings["size"].note_at(NO_SIZE, unsized, lambda i: f"{batch.source}: {batch.image_names[i]}")

    def close(self) -> None:
        """Add what the readers skipped to the findings, after the last batch."""
        report = self.report
        found = [("file", text, n) for text, n in report.refused.items()]
        for text, n in report.skipped.items():
            found.append(("size" if text == SKIPPED[Outcome.NO_SIZE] else "invalid", text, n))
        found += [(kind, text, n) for text, n in report.notes.items() if (kind := _kind_of_note(text))]
        for kind, text, count in found:
            finding = self.findings[kind]
            finding.notes[text] = finding.notes.get(text, 0) + count
            finding.examples[text] = report.examples.get(text, [])

    def to_dict(self) -> dict[str, Any]:
        """Return the findings as plain numbers, strings, lists and dicts."""
        findings = [
            {"kind": kind, "what": text, "count": count, "examples": finding.examples.get(text, [])}
            for kind, finding in self.findings.items()
            for text, count in finding.notes.items()
        ]
        report = self.report
        counts = {"files": report.files, "images": report.images, "annotations": report.read}
        notes = {text: n for text, n in report.notes.items() if not _kind_of_note(text)}
        return {**counts, "classes": self.classes, "valid": self.valid, "findings": findings, "notes": notes}

    def __str__(self) -> str:
        plain = self.to_dict()
        names = {"annotations": "annotation", "images": "image", "files": "file"}
        counts = [f"{plain[key]:,} {name}{'s' * (plain[key] != 1)}" for key, name in names.items()]
        lines = [f"{', '.join(counts)}, {len(self.classes):,} class{'es' * (len(self.classes) != 1)}"]
        for finding in plain["findings"]:
            lines.append(f"{finding['count']:>10,}  {finding['kind']:<10}  {finding['what']}")
            lines += [f"{'':>24}{place}" for place in finding["examples"]]
        lines += [f"{count:>10,}  {'note':<10}  {text}" for text, count in plain["notes"].items()]
        ending = "no problems found" if self.report.counted else "nothing can be counted"
        return printable("\n".join([*lines, ending] if self.valid else lines))


def validate(
    source: Source | Any,
    *,
    format: FormatName | None = None,  # noqa: A002
    classes: Iterable[str] | None = None,
    geometry: Geometry = "auto",
    splits: Iterable[str] | None = None,
    on_error: OnError = "skip",
    progress: bool = False,
    **reading: Unpack[ReadKeywords],
) -> Validation:
    """Read annotations and report problems.

    Parameters
    ----------
    source, format, splits, on_error, progress, **reading
        As in `heatgrid.read`.
    classes
        The expected classes; annotations of other classes are findings. None expects all.
    geometry
        The geometry to count, as in `heatgrid.heatmap`.

    Returns
    -------
    Validation
        The findings; ``valid`` is true if there are none.

    Raises
    ------
    FormatError
        Nothing at ``source`` can be read.
    """
    expected = None if classes is None else frozenset((classes,) if isinstance(classes, str) else classes)
    found = Validation()
    check_keywords(validate, reading, ReadKeywords)
    _, options = parse_options(geometry=geometry, splits=splits, on_error=on_error, **reading)
    options = replace(options, compares_sizes=True)
    for batch in read_any(source, options, format=format, progress=progress):
        found.add(batch, geometry, expected)
    found.close()
    return found


def _kind_of_note(text: str) -> str:
    """Return the kind of problem that a note names, an empty string for other notes."""
    return next((kind for kind, begin in _KIND_OF_NOTE.items() if text.startswith(begin)), "")


def _unsized(batch: Annotations) -> NDArray[np.int64]:
    """Return the indices of images with pixel coordinates and no known size."""
    if batch.normalized:
        return np.zeros(0, dtype=np.int64)
    if batch.sizes is None:
        return np.arange(len(batch.image_names))
    return np.flatnonzero(~(np.isfinite(batch.sizes) & (batch.sizes > 0)).all(axis=1))


def _index(shapes: Shapes, kind: Kind) -> NDArray[np.int64]:
    return np.flatnonzero(shapes.kinds == int(kind))


def _without_area(polygons: Polygons | None, shapes: Shapes) -> NDArray[np.int64]:
    """Return the annotations whose polygons have a width and a height, but no area."""
    index = _index(shapes, Kind.POLYGON)
    if polygons is None or not len(index):
        return index[:0]
    own = polygons.take(index)
    lengths = np.diff(own.rings)
    ring = np.repeat(np.arange(len(lengths)), lengths)
    following = np.arange(len(own.coords)) + 1
    following[own.rings[1:][lengths > 0] - 1] = own.rings[:-1][lengths > 0]
    first = own.coords[own.rings[:-1][ring]]  # subtracted to keep the digits of large coordinates
    here, there = own.coords - first, own.coords[following] - first
    areas = np.bincount(ring, here[:, 0] * there[:, 1] - here[:, 1] * there[:, 0], minlength=len(lengths))
    owner = np.repeat(np.arange(len(index)), np.diff(own.vertices))
    owner_of_ring = np.repeat(np.arange(len(index)), np.diff(own.parts[own.annotations]))
    area = np.bincount(owner_of_ring, np.abs(areas), minlength=len(index))
    low, high = np.full((len(index), 2), np.inf), np.full((len(index), 2), -np.inf)
    np.minimum.at(low, owner, own.coords)
    np.maximum.at(high, owner, own.coords)
    extent = np.prod(high - low, axis=1)
    flat: NDArray[np.bool_] = (extent > 0) & (area <= _MIN_AREA * extent)
    return index[flat]


def _duplicates(batch: Annotations, shapes: Shapes) -> NDArray[np.int64]:
    """Return the annotations that equal an earlier one in image, class and geometry."""
    found = [np.zeros(0, dtype=np.int64)]
    index = _index(shapes, Kind.BOX)
    if len(index) and shapes.boxes is not None:
        keys = np.column_stack([batch.image[index], batch.label[index], shapes.boxes[index]])
        order = np.lexsort(keys.T)
        same = (keys[order[1:]] == keys[order[:-1]]).all(axis=1)
        found.append(index[order[1:][same]])
    columns: list[tuple[Kind, Ragged | Masks | None]] = [
        (Kind.POLYGON, batch.polygons),
        (Kind.POINT, batch.points),
        (Kind.LINE, batch.lines),
        (Kind.MASK, batch.masks),
    ]
    for kind, ragged in columns:
        if ragged is not None:
            found.append(_equal_to_earlier(batch, _index(shapes, kind), ragged))
    return np.sort(np.concatenate(found))


def _equal_to_earlier(
    batch: Annotations, index: NDArray[np.int64], ragged: Ragged | Masks
) -> NDArray[np.int64]:
    """Return the annotations that equal an earlier one; keys are compared first, then all arrays."""
    first: dict[tuple[int, int, bytes], int] = {}
    known: set[tuple[tuple[int, int, bytes], tuple[bytes, ...]]] = set()
    equal: list[int] = []
    offsets = ragged.vertices if isinstance(ragged, Ragged) else ()
    for i in index.tolist():
        if isinstance(ragged, Ragged):
            content: Any = ragged.coords[offsets[i] : offsets[i + 1]]
        else:
            content = ragged.counts(i)
        own_bytes = content.tobytes() if isinstance(content, np.ndarray) else content or b""
        key = (int(batch.image[i]), int(batch.label[i]), own_bytes)
        earlier = first.setdefault(key, i)
        if earlier == i:
            continue
        known.add((key, _all_arrays(ragged, earlier)))
        if (own := (key, _all_arrays(ragged, i))) in known:
            equal.append(i)
        known.add(own)
    return np.array(equal, dtype=np.int64)


def _all_arrays(ragged: Ragged | Masks, i: int) -> tuple[bytes, ...]:
    one = ragged.take(np.array([i]))
    return tuple(np.asarray(getattr(one, own.name)).tobytes() for own in fields(one))
