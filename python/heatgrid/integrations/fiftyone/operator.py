"""Operator that opens the panel with chosen settings, and returns the counts."""

from __future__ import annotations

from typing import Any

from fiftyone.operators import types
from fiftyone.operators.operator import Operator, OperatorConfig

from heatgrid.integrations.fiftyone.panel import NAME
from heatgrid.integrations.fiftyone.settings import ALL, Settings


class HeatMapOperator(Operator):
    """The operator, ``@heatgrid/heatgrid/heat_map``."""

    @property
    def config(self) -> OperatorConfig:
        """Name and title; the form depends on what is chosen in it."""
        return OperatorConfig(name="heat_map", label="Heat map of annotations", icon="grid_on", dynamic=True)

    def resolve_input(self, ctx: Any) -> types.Property:
        """Return a form of the settings."""
        form = types.Object()
        settings = Settings.of(ctx.params, ctx.view)
        settings.add_controls(form, ctx.view, settings.classes(ctx.view))
        return types.Property(form, view=types.View(label="Heat map of annotations"))

    def execute(self, ctx: Any) -> dict[str, Any]:
        """Open the panel, and return its settings, the number of objects and the counts of the cells."""
        settings = Settings.of(ctx.params, ctx.view)
        heat = settings.count(ctx.view)
        shown = heat if settings.label == ALL else heat[settings.label]
        chosen = {name: getattr(settings, name) for name in ("field", "label", "grid", "rule")}
        ctx.ops.open_panel(NAME, layout="horizontal", state={"controls": chosen})
        return {**chosen, "objects": shown.report.counted, "counts": shown.counts.tolist()}
