"""The interactive viewer: one front end, as a page of its own and as a notebook's widget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.viz.page.page import page, save_page

if TYPE_CHECKING:
    from heatgrid.viz.page.widget import HeatmapWidget

__all__ = ["HeatmapWidget", "page", "save_page"]


def __getattr__(name: str) -> Any:
    if name != "HeatmapWidget":
        raise AttributeError(f"module 'heatgrid.viz.page' has no attribute {name!r}")
    from heatgrid.viz.page.widget import HeatmapWidget  # when asked for, since anywidget is an extra

    return HeatmapWidget
