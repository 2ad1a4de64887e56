"""Markdown page of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import machine

if TYPE_CHECKING:
    from bench.results import Results, Table

INTRODUCTION = """\
# Performance

Times on one machine vary, so compare ratios. All sides of a table count the same seeded shapes in the same
run, alternating, on one thread unless a row says otherwise. Every figure is a median of processor time, or of
wall time with several threads.
"""


def page(results: Results, command: str) -> str:
    """Return all tables as one Markdown page."""
    parts = [INTRODUCTION, f"Measured by `{command}` on", *(f"- {line}" for line in machine.describe()), ""]
    parts += [markdown(table) for table in results.tables]
    if results.missing:
        parts += ["## Not measured", "", *(f"- {reason}" for reason in results.missing), ""]
    return "\n".join(parts)


def markdown(table: Table) -> str:
    """Return one table with aligned columns."""
    rows = [list(table.header), *(list(row) for row in table.rows)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(table.header))]
    lines = [f"## {table.title}", ""]
    if table.note:
        lines += [table.note, ""]
    for index, row in enumerate(rows):
        cells = [row[0].ljust(widths[0]), *(row[i].rjust(widths[i]) for i in range(1, len(widths)))]
        lines.append("| " + " | ".join(cells) + " |")
        if index == 0:
            rules = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
            lines.append("| " + " | ".join(rules) + " |")
    return "\n".join([*lines, ""])
