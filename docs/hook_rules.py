"""Pictures of the hit rules: shapes, and the cells that they hit under each rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from mkdocs.structure.files import File, Files

import heatgrid as hg
from heatgrid.core.spec import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from numpy.typing import NDArray

SIDE = 44
# A box, a polygon and a box smaller than a cell; and one shape alone. All in cells.
GRID = (6, 9)
BOXES = np.array([(0.9, 1.2, 3.2, 4.9), (8.55, 0.2, 8.75, 0.4)])
POLYGON = np.array([(4.3, 5.4), (4.8, 0.7), (8.6, 1.3), (7.9, 5.6), (6.4, 3.7)])
SHAPE_GRID = (5, 7)
SHAPE = np.array([(0.7, 4.3), (1.6, 0.8), (5.2, 0.4), (6.3, 2.2), (3.4, 2.3), (2.9, 4.6)])


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add two pictures per rule."""
    corners = [box[[0, 1, 2, 1, 2, 3, 0, 3]].reshape(4, 2) for box in BOXES]
    for rule in get_args(Rule):
        boxes = hg.count_boxes(BOXES / np.tile(GRID[::-1], 2), GRID, rule=rule)
        mixed = picture(boxes + counts(POLYGON, GRID, rule), [*corners, POLYGON])
        alone = picture(counts(SHAPE, SHAPE_GRID, rule), [SHAPE], numbers=True)
        files.append(File.generated(config, f"img/rule-{rule}.svg", content="".join(mixed)))
        files.append(File.generated(config, f"img/shape-{rule}.svg", content="".join(alone)))
    return files


def counts(polygon: NDArray[Any], grid: tuple[int, int], rule: Rule) -> NDArray[Any]:
    """Count a polygon whose vertices are in cells."""
    return hg.count_polygons(polygon / np.array(grid[::-1]), [0, len(polygon)], grid, rule=rule)


def picture(hits: NDArray[Any], outlines: list[NDArray[Any]], *, numbers: bool = False) -> Iterator[str]:
    """Yield the parts of an SVG file: cells with counts as opacity, outlines, and centers or ``numbers``."""
    height, width = np.array(hits.shape) * SIDE
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {width + 2} {height + 2}" width="{width}"'
    yield ' font-family="sans-serif" font-size="12" text-anchor="middle">'
    yield f'<rect width="{width}" height="{height}" fill="#fff"/>'
    for (row, column), count in np.ndenumerate(hits):
        x, y = column * SIDE, row * SIDE
        yield f'<rect x="{x}" y="{y}" width="{SIDE}" height="{SIDE}" fill="#4f8ff7"'
        yield f' fill-opacity="{0.75 * min(1, count):.3f}" stroke="#c8ccd2"/>'
        if not numbers:
            yield f'<circle cx="{x + SIDE / 2}" cy="{y + SIDE / 2}" r="2" fill="#888"/>'
    for outline in outlines:
        points = " ".join(f"{x * SIDE:g},{y * SIDE:g}" for x, y in outline)
        yield f'<polygon points="{points}" fill="none" stroke="#7a1020" stroke-width="2"/>'
    halo = 'paint-order="stroke" stroke="#fff" stroke-width="3" fill="#0b1f3a"'
    for row, column in zip(*hits.nonzero(), strict=True) if numbers else ():
        place = f'x="{(column + 0.5) * SIDE}" y="{(row + 0.5) * SIDE + 4}"'
        yield f"<text {place} {halo}>{hits[row, column]:.2g}</text>"
    yield "</svg>"
