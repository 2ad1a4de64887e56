"""Table of the totals per class or region."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, overload

from heatgrid.core.sums import exact_sum
from heatgrid.errors import html_table, printable, require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from heatgrid.core.counts import Counts
    from heatgrid.core.report import Report

TotalsBy = Literal["class", "region"]


@dataclass(frozen=True, slots=True)
class ClassRow:
    """Totals of one class, or of one region.

    Attributes
    ----------
    name
        The class, or the region.
    objects
        Annotations counted.
    images
        Images with at least one counted annotation; None where images are unknown, as for arrays.
    share
        The class's share of all objects, in [0, 1].
    hits
        The sum over the cells of its grid; None in a map without classes, and for regions. Not a number of
        objects.
    """

    name: str
    objects: int
    images: int | None
    share: float
    hits: float | None


@dataclass(frozen=True, slots=True)
class ClassTable:
    """Totals per class, most objects first, or per region: a sequence of `ClassRow`, printed as a table.

    Attributes
    ----------
    rows
        One row per class of the map or of the annotations read.
    total
        All classes together; an image of several classes counts once.
    images_are_summed
        Whether several calls or maps were added, so that an image may be among the images of several.
    by
        ``"class"`` or ``"region"``.
    """

    rows: tuple[ClassRow, ...]
    total: ClassRow
    images_are_summed: bool = False
    by: TotalsBy = "class"

    @classmethod
    def of(cls, counts: Counts) -> ClassTable:
        """Return the totals of counts."""
        report, grids = counts.report, counts.grids
        hits = {name: exact_sum(grid) for name, grid in zip(grids.classes or (), grids.counts, strict=False)}
        known = report.by_class()
        names = dict.fromkeys([*hits, *(name for name, sums in known.items() if sums["read"])])
        has_images = report.images > 0 or bool(report.images_counted) or report.images_by_class.any()

        def row(name: str, objects: int, images: int | None, sum_of_hits: float | None) -> ClassRow:
            share = objects / report.counted if report.counted else 0.0
            return ClassRow(name, objects, images if has_images else None, share, sum_of_hits)

        rows = []
        for name in names:
            sums = known.get(name, {"counted": 0, "images": 0})
            rows.append(row(name, sums["counted"], sums["images"], hits.get(name)))
        rows.sort(key=lambda one: -one.objects)
        total = row("all", report.counted, report.images_counted, exact_sum(grids.total()))
        return cls(tuple(rows), total, report.parts > 1)

    @classmethod
    def of_regions(cls, report: Report) -> ClassTable:
        """Return the totals per region of a report; an object in several regions is in each of their rows."""

        def row(name: str, own: Report) -> ClassRow:
            share = own.counted / report.counted if report.counted else 0.0
            return ClassRow(name, own.counted, own.images_counted if report.images else None, share, None)

        rows = [row(name, own) for name, own in report.regions.items()]
        return cls(tuple(rows), row("all", report), report.parts > 1, "region")

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[ClassRow]:
        return iter(self.rows)

    @overload
    def __getitem__(self, index: int) -> ClassRow: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[ClassRow, ...]: ...
    def __getitem__(self, index: int | slice) -> ClassRow | tuple[ClassRow, ...]:
        return self.rows[index]

    @property
    def header(self) -> tuple[str, ...]:
        """Titles of the columns."""
        images = "images (sum of parts)" if self.images_are_summed else "images"
        return self.by, "objects", images, "share of objects", "hits"

    def texts(self) -> list[tuple[str, ...]]:
        """Return the rows and the total as people read them, one text per column."""
        rows = (*self.rows, self.total) if len(self.rows) > 1 else self.rows
        return [
            (row.name, f"{row.objects:,}", _number(row.images), f"{row.share:.1%}", _number(row.hits))
            for row in rows
        ]

    def __repr__(self) -> str:
        lines = [self.header, *self.texts()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            printable(line[0]).ljust(widths[0])
            + "".join(f"  {text:>{width}}" for text, width in zip(line[1:], widths[1:], strict=True))
            for line in lines
        )

    def _repr_html_(self) -> str:
        return html_table(self.header, self.texts())

    def to_dict(self) -> dict[str, Any]:
        """Return the table as plain numbers, strings, lists and dicts."""
        return {
            "regions" if self.by == "region" else "classes": [asdict(row) for row in self.rows],
            "total": asdict(self.total),
            "images_are_summed": self.images_are_summed,
        }

    def to_pandas(self) -> Any:
        """Return the rows as a pandas DataFrame, without the total.

        Raises
        ------
        ImportError
            pandas is not installed; it comes with ``heatgrid[pandas]``.
        """
        columns = [self.by, "objects", "images", "share", "hits"]
        rows = [(row.name, row.objects, row.images, row.share, row.hits) for row in self.rows]
        return require("pandas", "pandas").DataFrame(rows, columns=columns)


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{round(value):,}" if value % 1 == 0 else f"{value:,.6g}"
