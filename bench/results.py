"""Results of a run: measurements for programs, tables for readers."""

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
    """Size and length of a run.

    Attributes
    ----------
    boxes, polygons, masks : int
        Shapes in the workloads.
    budget : float
        Seconds that one call of a peer may take, unless ``fewest`` shapes already take longer.
    fewest : int
        Least number of shapes that a peer is timed on.
    repetitions : int
        Rounds per median.
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
        Its table and row.
    side : str
        Name of the measured side.
    grid : int
        Cells along each side.
    shapes : int
        Shapes counted by one call.
    nanoseconds : float
        Median per shape.
    repetitions : int
        Number of timed calls, or groups of calls.
    unit : float
        Units of work per shape, such as vertices and row crossings.
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
    """A table with a title and a note."""

    title: str
    note: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass
class Results:
    """All results of one run."""

    measurements: list[Measurement] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    facts: dict[str, float] = field(default_factory=dict)

    def add(self, section: str, case: str, grid: int, timing: Timing, unit: float = 1.0) -> None:
        """Add one timing."""
        self.measurements.append(
            Measurement(
                section, case, timing.side, grid, timing.shapes, timing.per_shape, timing.repetitions, unit
            )
        )

    def time(self, section: str, case: str, side: str = HEATGRID, grid: int = 100) -> float | None:
        """Return nanoseconds per shape, or None if it was not measured."""
        for found in self.measurements:
            if (found.section, found.case, found.side, found.grid) == (section, case, side, grid):
                return found.nanoseconds
        return None

    def unit_time(self, section: str, case: str, grid: int = 100) -> float | None:
        """Return heatgrid's nanoseconds per unit of work, or None if it was not measured."""
        for found in self.measurements:
            if (found.section, found.case, found.side, found.grid) == (section, case, HEATGRID, grid):
                return found.nanoseconds / found.unit
        return None

    def to_dict(self) -> dict[str, Any]:
        """Return measurements, facts and missing sides as plain values."""
        return {
            "measurements": [asdict(found) for found in self.measurements],
            "facts": self.facts,
            "missing": self.missing,
        }


def number(value: float) -> str:
    """Format a number with three significant digits and groups of thousands."""
    if value >= 100:
        digits = max(0, len(str(int(value))) - 3)
        return f"{round(value, -digits):,.0f}".replace(",", " ")
    return f"{value:.3g}" if value >= 1 else f"{value:.2g}"
