"""Captions of maps: number of objects and images, meaning of a count, and what was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heatgrid.core.stats import Stats

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from heatgrid.core.accumulator import Accumulator

    Map: TypeAlias = Accumulator

TITLE = "Where the objects are"
RULES = {
    "center": "a cell counts where its centre is covered",
    "touch": "a cell counts where it is touched",
    "point": "the cell of the middle counts",
    "area": "a cell adds the share that is covered",
}


def unit(heat: Map) -> str:
    """Return the meaning of a number of the map."""
    if heat.spec.weighted:
        return "weight per cell"
    return f"{'images' if heat.spec.count == 'images' else 'objects'} per cell"


def subtitle(heats: Sequence[Map], classes: Sequence[str], shape: tuple[int, int]) -> str:
    """Return the numbers of objects, images, classes, splits and cells."""
    objects = sum(heat.report.counted for heat in heats)
    images = sum(heat.report.images for heat in heats)
    parts = [f"{objects:,} objects"] if objects else []  # a map of one class and a difference do not know
    parts += [f"{images:,} images"] if images else []
    if classes:
        parts.append(classes[0] if len(classes) == 1 else f"{len(classes):,} classes")
    if len(heats) > 1:
        parts.append(f"{len(heats):,} splits")
    return " · ".join([*parts, f"{shape[0]:,} by {shape[1]:,} cells"])


def footnote(heat: Map) -> str:
    """Return the small print of a picture: cells that were hit, the rule, and what was left out."""
    stats = Stats.of(heat.counts)
    parts = [f"{stats.covered:,} of {stats.cells:,} cells hit", RULES[heat.spec.rule]]
    return " · ".join([*parts, *_left_out([heat])])


def notes(heats: Sequence[Map]) -> list[str]:
    """Return the small print of a page; all maps have one spec."""
    if not heats:
        return []
    spec = heats[0].spec
    found = [RULES[spec.rule]]
    if spec.count == "images":
        found.append("an image counts once")
    if spec.fit == "letterbox":
        found.append("images keep their aspect")
    return found + _left_out(heats)


def _left_out(heats: Sequence[Map]) -> list[str]:
    skips = sum(heat.report.skips for heat in heats)
    return [f"{skips:,} annotations left out"] if skips else []
