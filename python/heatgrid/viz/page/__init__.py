"""Interactive viewer: one front end, as an HTML page and as a notebook widget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.viz.page.html import page

if TYPE_CHECKING:
    from heatgrid.viz.page.widget import HeatmapWidget

__all__ = ["HeatmapWidget", "page"]


def __getattr__(name: str) -> Any:
    if name != "HeatmapWidget":
        raise AttributeError(f"module 'heatgrid.viz.page' has no attribute {name!r}")
    from heatgrid.viz.page.widget import HeatmapWidget  # on demand: anywidget is an extra

    return HeatmapWidget
