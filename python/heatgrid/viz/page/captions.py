"""What a viewer says of its maps: how many objects and images, and what a hit is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatgrid.viz import pictures
from heatgrid.viz.page.layers import named_maps

if TYPE_CHECKING:
    from heatgrid.core.spec import Fit
    from heatgrid.viz.page.layers import Layers, Maps


def title(maps: Maps) -> str:
    """Return what is said when nobody gives a title; of a plain array nothing is known."""
    return "" if isinstance(maps, np.ndarray) else "Where the objects are"


def unit(maps: Maps) -> str:
    """Say what a number is; all maps have one definition."""
    return "value" if isinstance(maps, np.ndarray) else pictures.unit(next(iter(named_maps(maps).values())))


def subtitle(maps: Maps, layers: Layers) -> str:
    """Count what was counted."""
    parts = []
    if not isinstance(maps, np.ndarray):
        reports = [heat.report for heat in named_maps(maps).values()]
        objects, images = sum(report.counted for report in reports), sum(report.images for report in reports)
        parts += [f"{objects:,} objects"] if objects else []
        parts += [f"{images:,} images"] if images else []
    if len(layers.classes) == 1:
        parts.append(layers.classes[0])
    elif layers.classes:
        parts.append(f"{len(layers.classes):,} classes")
    if len(layers.splits) > 1:
        parts.append(f"{len(layers.splits):,} splits")
    rows, columns = layers.shape
    return " · ".join([*parts, f"{rows:,} by {columns:,} cells"])


def fit(maps: Maps) -> Fit:
    """Return how images lie on the grid."""
    return "stretch" if isinstance(maps, np.ndarray) else next(iter(named_maps(maps).values())).spec.fit


def notes(maps: Maps) -> list[str]:
    """Say what a hit is, and what was left out."""
    if isinstance(maps, np.ndarray):
        return []
    heats = list(named_maps(maps).values())
    found = [pictures.RULES[heats[0].spec.rule]]
    if heats[0].spec.count == "images":
        found.append("an image counts once")
    if fit(maps) == "letterbox":
        found.append("images keep their aspect")
    if left_out := sum(heat.report.skips for heat in heats):
        found.append(f"{left_out:,} annotations left out")
    return found
