"""What a run yields: measurements for machines, tables for readers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.measure import Timing

HEATGRID = "heatgrid"
TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True)
class Settings:
    """How large and how long a run is.

    Attributes
    ----------
    boxes, polygons, masks : int
        Shapes in the workloads.
    budget : float
        Seconds that one call of a peer may take, where 100 shapes do not take longer already.
    fewest : int
        Shapes that a peer is timed on at least.
    repetitions : int
        Rounds behind every median.
    """

    boxes: int = 3_000_000
    polygons: int = 100_000
    masks: int = 5_000
    budget: float = 0.5
    fewest: int = 100
    repetitions: int = 7


QUICK = Settings(boxes=200_000, polygons=20_000, masks=500, budget=0.05, fewest=50, repetitions=5)


@dataclass(frozen=True)
class Measurement:
    """One median.

    Attributes
    ----------
    section, case : str
        Table and row that it belongs to.
    side : str
        Who was measured.
    grid : int
        Cells along either side.
    shapes : int
        Shapes counted by one call.
    nanoseconds : float
        Median, a shape.
    repetitions : int
        Calls, or groups of calls, behind the median.
    unit : float
        Units of work a shape, such as vertices and row crossings; 1 where none are meant.
    """

    section: str
    case: str
    side: str
    grid: int
    shapes: int
    nanoseconds: float
    repetitions: int
    unit: float = 1.0


@dataclass(frozen=True)
class Table:
    """A table of words and numbers, with a sentence that says what they are."""

    title: str
    note: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass
class Results:
    """Everything that one run found."""

    measurements: list[Measurement] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    facts: dict[str, float] = field(default_factory=dict)

    def add(self, section: str, case: str, grid: int, timing: Timing, unit: float = 1.0) -> None:
        """Keep one timing."""
        self.measurements.append(
            Measurement(
                section, case, timing.side, grid, timing.shapes, timing.per_shape, timing.repetitions, unit
            )
        )

    def time(self, section: str, case: str, side: str = HEATGRID, grid: int = 100) -> float | None:
        """Return nanoseconds a shape, or None where it was not measured."""
        for found in self.measurements:
            if (found.section, found.case, found.side, found.grid) == (section, case, side, grid):
                return found.nanoseconds
        return None

    def unit_time(self, section: str, case: str, grid: int = 100) -> float | None:
        """Return heatgrid's nanoseconds a unit of work, or None where it was not measured."""
        for found in self.measurements:
            if (found.section, found.case, found.side, found.grid) == (section, case, HEATGRID, grid):
                return found.nanoseconds / found.unit
        return None

    def to_dict(self) -> dict[str, Any]:
        """Return what a program wants to know."""
        return {
            "measurements": [asdict(found) for found in self.measurements],
            "facts": self.facts,
            "missing": self.missing,
        }


def number(value: float) -> str:
    """Write a number with three significant digits and thin groups of thousands."""
    if value >= 100:
        digits = max(0, len(str(int(value))) - 3)
        return f"{round(value, -digits):,.0f}".replace(",", " ")
    return f"{value:.3g}" if value >= 1 else f"{value:.2g}"
