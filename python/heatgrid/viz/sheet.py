"""Sheets of small maps, one per group, on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from heatgrid.viz import text
from heatgrid.viz.background import load, muted
from heatgrid.viz.canvas import bounded_aspect
from heatgrid.viz.figure import oriented, panel_figure
from heatgrid.viz.pixels import center_on_zero

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heatgrid.viz.figure import Figure
    from heatgrid.viz.options import SheetOptions
    from heatgrid.viz.text import Map


def sheet_figure(maps: Mapping[str, Map], **options: Unpack[SheetOptions]) -> Figure:
    """Return the figure of several maps of one specification, with one scale and one color bar."""
    heats = list(maps.values())
    chosen: dict[str, Any] = {**options}
    images, mute = chosen.pop("images", None), chosen.pop("mute", True)
    if chosen.get("background") is not None:
        below = load(chosen["background"], images, fit=heats[0].spec.fit)
        chosen["background"] = muted(below) if mute else below
    elif chosen.get("aspect") is None:
        chosen["aspect"] = bounded_aspect(heats[0])
    planes = np.stack([oriented(heat, heat.counts[np.newaxis])[0] for heat in heats])
    filled: dict[str, Any] = {
        "details": [f"{heat.report.counted:,} objects" if heat.report.read else "" for heat in heats],
        "title": text.title(heats),
        "legend": text.unit(heats[0]),
        "footnote": f"one scale for all {len(heats):,} maps · {text.rule(heats[0].spec)}",
    }
    given = {name: value for name, value in chosen.items() if value is not None}
    return panel_figure(planes, list(maps), **(filled | center_on_zero(planes, given)))
