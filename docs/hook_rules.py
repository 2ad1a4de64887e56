"""One shape under each hit rule, with the counts of its cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from mkdocs.structure.files import File, Files

import heatgrid as hg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig

ROWS, COLUMNS, SIDE = 5, 7, 44
SHAPE = np.array([(0.7, 4.3), (1.6, 0.8), (5.2, 0.4), (6.3, 2.2), (3.4, 2.3), (2.9, 4.6)])
RULES = ("center", "touch", "point", "area")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add one picture per rule."""
    for rule in RULES:
        content = "".join(picture(rule))
        files.append(File.generated(config, f"img/shape-{rule}.svg", content=content))
    return files


def picture(rule: Any) -> Iterator[str]:
    """Yield the parts of an SVG file: cells with their counts, and the shape's outline."""
    width, height = COLUMNS * SIDE, ROWS * SIDE
    shape = SHAPE / np.array([COLUMNS, ROWS])
    counts = hg.count_polygons(shape, [0, len(shape)], (ROWS, COLUMNS), rule=rule)
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {width + 2} {height + 2}" width="{width}"'
    yield ' font-family="sans-serif" font-size="12" text-anchor="middle">'
    yield f'<rect width="{width}" height="{height}" fill="#fff"/>'
    for (row, column), count in np.ndenumerate(counts):
        x, y = column * SIDE, row * SIDE
        yield f'<rect x="{x}" y="{y}" width="{SIDE}" height="{SIDE}" fill="#4f8ff7"'
        yield f' fill-opacity="{0.75 * count:.3f}" stroke="#c8ccd2"/>'
    points = " ".join(f"{x * SIDE:g},{y * SIDE:g}" for x, y in SHAPE)
    yield f'<polygon points="{points}" fill="none" stroke="#7a1020" stroke-width="2"/>'
    halo = 'paint-order="stroke" stroke="#fff" stroke-width="3" fill="#0b1f3a"'
    for row, column in zip(*counts.nonzero(), strict=True):
        place = f'x="{(column + 0.5) * SIDE}" y="{(row + 0.5) * SIDE + 4}"'
        yield f"<text {place} {halo}>{counts[row, column]:.2g}</text>"
    yield "</svg>"
