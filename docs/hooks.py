"""Pictures of the hit rules, counted by the kernel when the site is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from mkdocs.structure.files import File, Files

import heatgrid as hg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from numpy.typing import NDArray

ROWS, COLUMNS, SIDE = 6, 9, 40
BOX = (0.9, 1.2, 3.2, 4.9)
POLYGON = np.array([(4.3, 5.4), (4.8, 0.7), (8.6, 1.3), (7.9, 5.6), (6.4, 3.7)])
SMALL_BOX = (8.55, 0.2, 8.75, 0.4)
UNIT = np.array([COLUMNS, ROWS])


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add one picture per rule."""
    for rule in ("center", "touch", "point", "area"):
        files.append(File.generated(config, f"img/rule-{rule}.svg", content="".join(picture(rule))))
    return files


def counts(rule: Any) -> NDArray[Any]:
    """Count a box, a polygon and a box smaller than a cell."""
    boxes = np.array([BOX, SMALL_BOX]) / np.tile(UNIT, 2)
    grid = (ROWS, COLUMNS)
    total: NDArray[Any] = hg.count_boxes(boxes, grid, rule=rule)
    return total + hg.count_polygons(POLYGON / UNIT, [0, len(POLYGON)], grid, rule=rule)


def picture(rule: str) -> Iterator[str]:
    """Yield the parts of an SVG file: cells with their counts as opacity, cell centers and outlines."""
    width, height = COLUMNS * SIDE, ROWS * SIDE
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {width + 2} {height + 2}" width="{width}">'
    yield f'<rect width="{width}" height="{height}" fill="#fff"/>'
    for (row, column), count in np.ndenumerate(counts(rule)):
        place = f'x="{column * SIDE}" y="{row * SIDE}" width="{SIDE}" height="{SIDE}"'
        yield f'<rect {place} fill="#f0803c" fill-opacity="{0.75 * min(1, count):.3f}" stroke="#bbb"/>'
        yield f'<circle cx="{(column + 0.5) * SIDE}" cy="{(row + 0.5) * SIDE}" r="2" fill="#888"/>'
    for x1, y1, x2, y2 in (BOX, SMALL_BOX):
        place = f'x="{x1 * SIDE}" y="{y1 * SIDE}" width="{(x2 - x1) * SIDE}" height="{(y2 - y1) * SIDE}"'
        yield f'<rect {place} fill="none" stroke="#1d4f91" stroke-width="2"/>'
    points = " ".join(f"{x * SIDE:g},{y * SIDE:g}" for x, y in POLYGON)
    yield f'<polygon points="{points}" fill="none" stroke="#1d4f91" stroke-width="2"/></svg>'
