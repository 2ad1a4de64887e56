"""Report: the outcome of every annotation, by class, and what was skipped and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from heatgrid.core.class_grids import NO_CLASS
from heatgrid.core.kernel import Outcome
from heatgrid.core.outcomes import COUNTED, COUNTS, DERIVED, FIRST_SKIPPED, SKIPPED, SUMS, TABLES
from heatgrid.core.sums import as_count, count_marks
from heatgrid.errors import html_table, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

EXAMPLES = 5
"""Number of examples that a report keeps per reason."""

DIFFERENCE, BALANCED = "difference of two maps", "every class weighs the same"
"""Notes in the reports of a difference, whose totals are differences, too, and of a balanced map."""

_MORE = " and more"
_SHIFT = 5  # bits of an outcome code below 32
_WIDTH = 1 << _SHIFT  # columns of the table, one per outcome
_IS_COUNTED = np.isin(np.arange(_WIDTH), COUNTED)


def describe(path: str, position: str = "", annotation: object = None) -> str:
    """Return a place in a file as reports show it: ``FILE: annotations[12] (id 77)``."""
    place = f"{path}: {position}" if path and position else path or position
    return place if annotation is None else f"{place} (id {annotation})"


class Report:
    """Table of classes and outcomes, with reasons and examples.

    Every annotation is recorded once, with one outcome, and every sum derives from the table, so that ::

        read == counted + empty + outside + sum(skipped.values())

    Attributes
    ----------
    name
        Name of the data set: that of its file or folder, without the folders above; empty if unknown.
    files, images
        Annotation files read, and images that they name, including those without annotations.
    splits
        Names of the splits of these images; None for images without a split.
    classes, table
        Class names, and (classes, outcomes) int64: the number of annotations, one row per class.
    images_by_class
        (classes,) int64: images with at least one counted annotation of the class.
    images_counted
        Images with at least one counted annotation; None if that is unknown.
    parts
        Calls and maps that were added. An image may be among the images of several of them.
    refused, notes
        Files that were not read, by reason; repairs and choices that skipped no annotation.
    regions
        With ``region=``, a report of the annotations in each region, by the region's name.
    examples
        The first places for each reason and note.

    Examples
    --------
    >>> import heatgrid as hg
    >>> hg.Heatmap(10).add_boxes([[0.1, 0.1, 0.4, 0.4], [0.2, 0.2, 0.2, 0.9]]).report.empty
    1
    """

    __hash__ = None  # type: ignore[assignment]  # reports change
    __slots__ = (
        "classes", "examples", "files", "images", "images_by_class", "images_counted",
        "name", "notes", "parts", "refused", "regions", "splits", "table", "unreadable",
    )  # fmt: skip

    def __init__(self, *, files: int = 0, images: int = 0) -> None:
        self.name = ""
        self.files, self.images = files, images
        self.images_counted: int | None = 0
        self.parts = 0
        self.splits: set[str | None] = set()
        self.classes: list[str] = []
        self.table: NDArray[np.int64] = np.zeros((0, _WIDTH), dtype=np.int64)
        self.images_by_class: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self.unreadable: dict[str, int] = {}
        self.refused: dict[str, int] = {}
        self.notes: dict[str, int] = {}
        self.examples: dict[str, list[str]] = {}
        self.regions: dict[str, Report] = {}

    # Sums, all derived from the table

    def _sum(self, outcomes: Outcome | list[int]) -> int:
        return int(self.table[:, outcomes if isinstance(outcomes, list) else outcomes.value].sum())

    @property
    def read(self) -> int:
        """Annotations read, without the excluded ones."""
        return self._sum(SUMS["read"])

    @property
    def counted(self) -> int:
        """Annotations that hit at least one cell."""
        return self._sum(COUNTED)

    @property
    def counted_as_point(self) -> int:
        """Annotations that contain no cell center and were counted at their representative point."""
        return self._sum(Outcome.COUNTED_AS_POINT)

    @property
    def empty(self) -> int:
        """Annotations without extent."""
        return self._sum(Outcome.EMPTY)

    @property
    def outside(self) -> int:
        """Annotations entirely outside their image."""
        return self._sum(Outcome.OUTSIDE)

    @property
    def excluded(self) -> int:
        """Annotations that the caller filters out or their file marks as not to count; in no other sum."""
        return self._sum(Outcome.EXCLUDED)

    @property
    def skipped(self) -> dict[str, int]:
        """Annotations skipped, by reason."""
        sums = {text: self._sum(outcome) for outcome, text in SKIPPED.items()}
        return {text: n for text, n in sums.items() if n} | self.unreadable

    @property
    def skips(self) -> int:
        """Annotations skipped, for any reason."""
        return sum(self.skipped.values())

    @property
    def complete(self) -> bool:
        """True if every annotation was counted, apart from excluded ones, and every file was read."""
        return self.counted == self.read and not self.refused

    @property
    def main_reason(self) -> str:
        """The most frequent reason for which annotations were not counted, as words."""
        reasons = self.skipped | {"empty": self.empty, "outside": self.outside, "left out": self.excluded}
        reason, count = max(reasons.items(), key=lambda item: item[1])
        return f"the main reason: {reason}" if count else "there are no annotations"

    def by_class(self) -> dict[str, dict[str, int]]:
        """Return for each class the annotations read, counted, empty, outside, skipped and excluded.

        ``"images"`` is the number of images with at least one counted annotation of the class.
        """
        columns = {name: self.table[:, codes].sum(axis=1).tolist() for name, codes in SUMS.items()}
        columns["images"] = self.images_by_class.tolist()
        return {
            name: {key: column[i] for key, column in columns.items()} for i, name in enumerate(self.classes)
        }

    # Recording

    def record(
        self,
        outcome: NDArray[np.uint8],
        classes: Sequence[str] = (),
        label: NDArray[np.int64] | None = None,
        image: NDArray[np.int64] | None = None,
        images: int = 0,
        *,
        where: Callable[[int], str] | None = None,
    ) -> None:
        """Record the outcomes of a batch, (N,) uint8, an `Outcome` each.

        ``label`` holds (N,) indices of ``classes``, ``image`` (N,) numbers below ``images``; without them
        annotations have no class, and images are not counted. ``where`` returns an annotation's place, for
        the examples of what was skipped.
        """
        if label is None:
            classes = (NO_CLASS,) if len(outcome) else ()
        rows, width = self._rows(classes), max(1, len(classes))
        index = outcome if label is None or width == 1 else (label << _SHIFT) | outcome
        added = np.bincount(index, minlength=width * _WIDTH).reshape(width, _WIDTH)[: len(classes)]
        self.table[rows] += added
        if where is not None and np.count_nonzero(added[:, FIRST_SKIPPED:]):
            for code, text in SKIPPED.items():
                for i in np.flatnonzero(outcome == code.value)[:EXAMPLES].tolist():
                    self._add_example(text, where(i))
        if image is None or not len(outcome):
            return
        if images == 1:  # fast path for live detections
            hits = (added[:, COUNTED[0]] | added[:, COUNTED[1]]) != 0
            self.images_by_class[rows] += hits
            if self.images_counted is not None:
                self.images_counted += bool(np.count_nonzero(hits))
            return
        if added[:, COUNTED].sum() < len(outcome):
            counted = np.flatnonzero(outcome <= Outcome.COUNTED_AS_POINT.value)
            image, label = image[counted], None if label is None else label[counted]
        pairs = image if label is None else label * images + image
        of_class, of_any = count_marks(pairs, width, images)
        self.images_by_class[rows] += of_class
        if self.images_counted is not None:
            self.images_counted += of_any

    def skip(self, reason: str, where: str | None = None, n: int = 1, *, label: str | None = None) -> None:
        """Record ``n`` annotations that a reader skips, found at ``where``; ``label`` is their class."""
        if n > 0:
            row = self._rows((NO_CLASS if label is None else label,))
            self.table[row, Outcome.UNREADABLE.value] += n
            self._add(self.unreadable, reason, where, n)

    def refuse(self, reason: str, where: str | None = None, n: int = 1) -> None:
        """Record ``n`` files that were not read."""
        self._add(self.refused, reason, where, n)

    def note(self, text: str, n: int = 1, where: str | None = None) -> None:
        """Record ``n`` cases of a repair or choice that skipped no annotation."""
        self._add(self.notes, text, where, n)

    def note_at(self, text: str, index: NDArray[np.int64], where: Callable[[int], str]) -> None:
        """Record the annotations at these indices as cases of a repair or choice."""
        for i in index[:EXAMPLES].tolist():
            self.note(text, where=where(i))
        self.note(text, len(index[EXAMPLES:]))

    def keeps_another_example(self, reason: str) -> bool:
        """Return whether another example of ``reason`` would be kept."""
        return len(self.examples.get(reason, ())) < EXAMPLES

    def add_classes(self, classes: Iterable[str]) -> None:
        """Add rows for classes that have none yet."""
        self._rows(tuple(classes))

    def _rows(self, classes: Sequence[str]) -> Any:
        if classes and self.classes == [*classes]:  # fast path for live detections
            return slice(len(classes))
        known = {name: i for i, name in enumerate(self.classes)}
        new = [name for name in classes if name not in known]
        if new:
            known |= {name: len(known) + i for i, name in enumerate(new)}
            self.classes = list(known)
            self.table = np.concatenate([self.table, np.zeros((len(new), _WIDTH), dtype=np.int64)])
            self.images_by_class = np.concatenate([self.images_by_class, np.zeros(len(new), dtype=np.int64)])
        return np.array([known[name] for name in classes], dtype=np.int64)

    def _add(self, table: dict[str, int], reason: str, where: str | None, n: int) -> None:
        if n > 0:
            table[reason] = table.get(reason, 0) + n
            self._add_example(reason, where)

    def _add_example(self, reason: str, where: str | None) -> None:
        if where is not None and self.keeps_another_example(reason):
            examples = self.examples.setdefault(reason, [])
            if where not in examples:
                examples.append(where)

    # Algebra

    def merge(self, other: Report) -> None:
        """Add another report to this one."""
        if other.name and self.name != other.name:
            self.name = f"{self.name.removesuffix(_MORE)}{_MORE}" if self.name else other.name
        self.files, self.images = self.files + other.files, self.images + other.images
        self.parts, both = self.parts + other.parts, (self.images_counted, other.images_counted)
        self.images_counted = None if None in both else sum(both)  # type: ignore[arg-type]
        self.splits |= other.splits
        if other.classes:
            rows = self._rows(other.classes)
            self.table[rows] += other.table
            self.images_by_class[rows] += other.images_by_class
        for name in TABLES:
            mine = getattr(self, name)
            for reason, n in getattr(other, name).items():
                mine[reason] = mine.get(reason, 0) + n
        for reason, places in other.examples.items():
            self.examples[reason] = [*dict.fromkeys(self.examples.get(reason, []) + places)][:EXAMPLES]
        for name, region in other.regions.items():
            self.regions.setdefault(name, Report()).merge(region)

    def __iadd__(self, other: Report) -> Self:
        self.merge(other)
        return self

    def __add__(self, other: Report) -> Report:
        total = self.copy()
        total.merge(other)
        return total

    def minus(self, other: Report) -> Report:
        """Return the differences of the annotations counted and of their images."""
        result = Report()
        for sign, report in ((1, self), (-1, other)):
            rows = result._rows(report.classes)
            result.table[rows] += sign * np.where(_IS_COUNTED, report.table, 0)
            result.images_by_class[rows] += sign * report.images_by_class
            result.images, result.parts = result.images + sign * report.images, result.parts + report.parts
        both = self.images_counted, other.images_counted
        result.images_counted = None if None in both else both[0] - both[1]  # type: ignore[operator]
        for name in {**self.regions, **other.regions}:
            pair = (report.regions.get(name, Report()) for report in (self, other))
            result.regions[name] = next(pair).minus(next(pair))
        result.note(DIFFERENCE)
        return result

    def copy(self) -> Report:
        """Return an independent copy."""
        copy = Report()
        copy.merge(self)
        return copy

    def of_classes(self, names: Sequence[str]) -> Report:
        """Return the outcomes of some classes, without files, reasons and notes."""
        own = Report(images=self.images)
        rows = own._rows(tuple(names))
        for row, name in zip(rows.tolist(), names, strict=True):
            if name in self.classes:
                number = self.classes.index(name)
                own.table[row], own.images_by_class[row] = self.table[number], self.images_by_class[number]
        is_all = set(names) >= {name for name, row in zip(self.classes, self.table, strict=True) if row.any()}
        one = int(own.images_by_class.sum()) if len(names) < 2 else None
        own.images_counted = self.images_counted if is_all else one
        own.name, own.parts, own.splits = self.name, self.parts, {*self.splits}
        own.regions = {name: region.of_classes(names) for name, region in self.regions.items()}
        if lost := int(own.table[:, Outcome.UNREADABLE.value].sum()):
            own.unreadable["skipped by the reader"] = lost
        return own

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Report):
            return NotImplemented
        return self.to_dict() | {"name": ""} == other.to_dict() | {"name": ""}

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain numbers, strings, lists and dicts."""
        names = ("name", *COUNTS, *DERIVED, "skipped")
        plain: dict[str, Any] = {name: getattr(self, name) for name in names}
        plain |= {name: dict(getattr(self, name)) for name in TABLES}
        plain["examples"] = {reason: list(places) for reason, places in self.examples.items()}
        plain["splits"] = sorted(self.splits, key=str)
        plain["regions"] = {name: region.to_dict() for name, region in self.regions.items()}
        plain["classes"] = {
            name: {"images": images} | {Outcome(i).name.lower(): n for i, n in enumerate(row) if n}
            for name, row, images in zip(
                self.classes, self.table.tolist(), self.images_by_class.tolist(), strict=True
            )
        }
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], *, signed: bool = False) -> Report:
        """Return the report that `to_dict` wrote; ``signed`` if it is that of a difference."""
        report = cls()
        report.name = str(plain.get("name", ""))
        for name in COUNTS:
            is_unknown = name == "images_counted" and plain.get(name, 0) is None
            setattr(report, name, None if is_unknown else as_count(plain.get(name, 0), signed=signed))
        for name in TABLES:
            read = {str(key): as_count(n, signed=signed) for key, n in plain.get(name, {}).items()}
            setattr(report, name, read)
        report.examples = {str(reason): list(map(str, p)) for reason, p in plain.get("examples", {}).items()}
        report.splits = {None if name is None else str(name) for name in plain.get("splits", ())}
        for name, region in plain.get("regions", {}).items():
            report.regions[str(name)] = cls.from_dict(region, signed=signed)
        classes = plain.get("classes", {})
        rows = report._rows(tuple(map(str, classes)))
        for row, counts in zip(rows.tolist(), classes.values(), strict=True):
            for outcome in Outcome:
                if n := as_count(counts.get(outcome.name.lower(), 0), signed=signed):
                    report.table[row, outcome.value] = n
            report.images_by_class[row] = as_count(counts["images"], signed=signed)
        return report

    def __str__(self) -> str:
        numbers = [(name, getattr(self, name)) for name in ("files", "images", *DERIVED)]
        lines = [f"{name.replace('_', ' '):<16}{number:>10,}" for name, number in numbers if number]
        lines += self._lines("skipped", self.skipped) + self._lines("files not read", self.refused)
        return printable("\n".join(lines + self._lines("notes", self.notes))) or "nothing read"

    def notes_text(self) -> str:
        """Return the notes with their numbers and first places; empty without notes."""
        return printable("\n".join(self._lines("notes", self.notes)))

    def _lines(self, title: str, table: Mapping[str, int]) -> list[str]:
        lines = [f"{title}:"] if table else []
        for reason, n in sorted(table.items(), key=lambda item: -item[1]):
            lines += [f"{n:>10,}  {reason}", *(f"{'':>12}{at}" for at in self.examples.get(reason, []))]
        return lines

    def _repr_html_(self) -> str:
        rows = {name: getattr(self, name) for name in ("files", "images", *DERIVED)} | self.skipped
        rows |= self.refused | self.notes
        return html_table(("report", "number"), [(name, f"{n:,}") for name, n in rows.items() if n])

    def __repr__(self) -> str:
        return f"<Report {self.read} read, {self.counted} counted, {self.skips} skipped>"
