"""What was read, what was counted, what was left out, and why."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

EXAMPLES = 5
"""How many examples a report keeps for each reason."""


def describe(path: str, position: str = "", annotation: object = None) -> str:
    """Write a place as reports do: ``FILE: annotations[12] (id 77)``."""
    place = f"{path}: {position}" if path and position else path or position
    return place if annotation is None else f"{place} (id {annotation})"


@dataclass(slots=True)
class Report:
    """Counts of everything that became of a source's annotations.

    Every annotation that was read ends in exactly one place::

        annotations == counted + empty + outside + sum(skipped.values())

    Before counting, in the report of a batch that a reader delivers, the first three are zero and
    ``annotations == len(batch) + sum(skipped.values())``.

    Attributes
    ----------
    files
        Annotation files read.
    images
        Images that the files name, those without annotations too.
    annotations
        Annotations read.
    counted
        Annotations that hit at least one cell, ``fallback`` ones among them.
    empty
        Annotations without extent.
    outside
        Annotations wholly outside their image.
    fallback
        Shapes that hold no cell centre, counted at their representative point.
    skipped
        Annotations left out, by reason.
    refused
        Files left out, by reason.
    notes
        Repairs and choices worth knowing, which left nothing out.
    examples
        The first places of each reason and note.
    """

    files: int = 0
    images: int = 0
    annotations: int = 0
    counted: int = 0
    empty: int = 0
    outside: int = 0
    fallback: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    @property
    def skips(self) -> int:
        """All annotations left out, for whatever reason."""
        return sum(self.skipped.values())

    @property
    def complete(self) -> bool:
        """Whether nothing at all was left out: no annotation, no file."""
        return not self.skipped and not self.refused

    def skip(self, reason: str, where: str | None = None, n: int = 1, *, label: str | None = None) -> None:
        """Count ``n`` annotations left out for ``reason``, found at ``where``; ``label`` is their class."""
        del label
        self._tally(self.skipped, reason, where, n)

    def refuse(self, reason: str, where: str | None = None, n: int = 1) -> None:
        """Count ``n`` files left out for ``reason``."""
        self._tally(self.refused, reason, where, n)

    def note(self, text: str, n: int = 1, where: str | None = None) -> None:
        """Count ``n`` cases of a repair or choice that left nothing out."""
        self._tally(self.notes, text, where, n)

    def skip_at(self, reason: str, index: NDArray[np.int64], where: Callable[[int], str]) -> None:
        """Count the annotations with these numbers as left out; ``where`` tells a number's place."""
        self._tally_at(self.skipped, reason, index, where)

    def note_at(self, text: str, index: NDArray[np.int64], where: Callable[[int], str]) -> None:
        """Count the annotations with these numbers as cases of a repair or choice."""
        self._tally_at(self.notes, text, index, where)

    def _tally_at(
        self, table: dict[str, int], reason: str, index: NDArray[np.int64], where: Callable[[int], str]
    ) -> None:
        for i in index[:EXAMPLES].tolist():
            self._tally(table, reason, where(i), 1)
        self._tally(table, reason, None, len(index[EXAMPLES:]))

    def _tally(self, table: dict[str, int], reason: str, where: str | None, n: int) -> None:
        if n <= 0:
            return
        table[reason] = table.get(reason, 0) + n
        if where is not None:
            places = self.examples.setdefault(reason, [])
            if len(places) < EXAMPLES:
                places.append(where)

    def room_for_example(self, reason: str) -> bool:
        """Whether one more example of ``reason`` would be kept; spares the making of its text."""
        return len(self.examples.get(reason, ())) < EXAMPLES

    def reasons(self) -> Self:
        """Return what was left out and noted, and where, without the counts."""
        twin = self.copy()
        for name in _COUNTS:
            setattr(twin, name, 0)
        return twin

    def __iadd__(self, other: Self) -> Self:
        self.include(other)
        return self

    def include(self, other: Report) -> None:
        """Add another report to this one."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _TABLES:
            mine = getattr(self, name)
            for reason, n in getattr(other, name).items():
                mine[reason] = mine.get(reason, 0) + n
        for reason, places in other.examples.items():
            self.examples[reason] = (self.examples.get(reason, []) + places)[:EXAMPLES]

    def __add__(self, other: Self) -> Self:
        total = self.copy()
        total.include(other)
        return total

    def copy(self) -> Self:
        """Return a report of its own, equal to this one."""
        twin = type(self)()
        twin.include(self)
        return twin

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain numbers, strings, lists and dicts."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in _COUNTS}
        plain |= {name: dict(getattr(self, name)) for name in _TABLES}
        plain["examples"] = {reason: list(places) for reason, places in self.examples.items()}
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Return the report that `to_dict` wrote; unknown keys are ignored."""
        report = cls()
        for name in _COUNTS:
            setattr(report, name, int(plain.get(name, 0)))
        for name in _TABLES:
            setattr(report, name, {str(reason): int(n) for reason, n in plain.get(name, {}).items()})
        report.examples = {str(reason): list(map(str, p)) for reason, p in plain.get("examples", {}).items()}
        return report

    def __str__(self) -> str:
        lines = [f"{name:<12}{getattr(self, name):>10,}" for name in _COUNTS if getattr(self, name)]
        tables = {"skipped": self.skipped, "files left out": self.refused, "notes": self.notes}
        for title, table in tables.items():
            if table:
                lines.append(f"{title}:")
            for reason, n in sorted(table.items(), key=lambda item: -item[1]):
                lines.append(f"{n:>10,}  {reason}")
                lines += [f"{'':>12}{place}" for place in self.examples.get(reason, [])]
        return "\n".join(lines) or "nothing read"


_COUNTS = tuple(f.name for f in fields(Report) if f.type == "int")
_TABLES = ("skipped", "refused", "notes")
