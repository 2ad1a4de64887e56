"""Panel with the heat map of the current view; a click on a cell selects the samples behind it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from fiftyone.operators import types
from fiftyone.operators.categories import Categories
from fiftyone.operators.panel import Panel, PanelConfig

from heatgrid.integrations.fiftyone.figure import aspect_of, layout, trace
from heatgrid.integrations.fiftyone.settings import ALL, Settings

NAME = "heatgrid"

_HELP = """
Where in the image are the objects of the current view? Each cell shows how many objects are there, with the
coordinates of all images scaled to the same width and height. Click a cell to select its samples.
"""


class HeatMapPanel(Panel):
    """The panel."""

    @property
    def config(self) -> PanelConfig:
        """Name, title and icon."""
        return PanelConfig(
            name=NAME,
            label="Heat map",
            icon="grid_on",
            help_markdown=_HELP,
            category=Categories.ANALYZE,
        )

    def on_load(self, ctx: Any) -> None:
        """Draw the map."""
        self._draw(ctx)

    def on_change_dataset(self, ctx: Any) -> None:
        """Forget the settings of the data set before, and draw the map."""
        ctx.panel.set_state("controls", dict.fromkeys(("field", "label", "grid", "rule")))
        self._draw(ctx)

    def on_change_view(self, ctx: Any) -> None:
        """Draw the map of the new view."""
        self._update(ctx)

    def on_setting(self, ctx: Any) -> None:
        """Draw the map with a changed setting."""
        self._update(ctx)

    def _update(self, ctx: Any) -> None:
        """Draw the map unless nothing has changed: the App reports changes also when it draws or selects."""
        if _key(ctx) != ctx.panel.get_state("key"):
            self._draw(ctx)

    def _draw(self, ctx: Any) -> None:
        """Count the view, and put the map, its classes and a line of text into the panel's state."""
        ctx.panel.set_state("cell", None)
        ctx.panel.set_state("error", None)
        settings = _settings(ctx)
        try:
            heat = settings.count(ctx.view)
        except (TypeError, ValueError) as error:
            ctx.panel.set_state("error", str(error))
            ctx.panel.set_state("key", None)
            return
        classes = {row.name: row.objects for row in heat.table() if row.objects}
        if settings.label not in {ALL, *classes}:
            ctx.panel.set_state("controls", {**asdict(settings), "label": ALL})
            settings = _settings(ctx)
        ctx.panel.set_state("key", _key(ctx))
        shown = heat if settings.label == ALL else heat[settings.label]
        # As texts, because the App merges mappings and lists into those from before.
        ctx.panel.set_state("classes", json.dumps(classes))
        ctx.panel.set_state("trace", json.dumps(trace(shown)))
        ctx.panel.set_state("text", _summary(heat, shown))
        ctx.panel.set_state("aspect", aspect_of(ctx.view))

    def on_cell(self, ctx: Any) -> None:
        """Select the samples behind the cell that was clicked."""
        row, column = ctx.params["idx"]
        found = _settings(ctx).find(ctx.view, (row, column))
        samples = list(dict.fromkeys(one.image for one in found))
        if samples:
            ctx.ops.set_selected_samples(samples)
        else:
            ctx.ops.clear_selected_samples()
        cell = {"row": row, "column": column, "objects": len(found), "samples": len(samples)}
        ctx.panel.set_state("cell", cell)

    def on_show(self, ctx: Any) -> None:
        """Show the selected samples only; the map follows the view."""
        ctx.ops.set_view(ctx.view.select(ctx.selected))

    def on_clear(self, ctx: Any) -> None:
        """Select nothing."""
        ctx.ops.clear_selected_samples()
        ctx.panel.set_state("cell", None)

    def render(self, ctx: Any) -> types.Property:
        """Return the controls, the text, the map and, for a cell, what to do with its samples."""
        panel, state = types.Object(), ctx.panel.state
        settings, cell = _settings(ctx), state.get("cell")
        controls = panel.h_stack("controls", gap=1)
        classes = json.loads(state.get("classes") or "{}")
        settings.add_controls(controls, ctx.view, classes, self.on_setting)
        if error := state.get("error"):
            panel.md(error, name="error")
            return types.Property(panel, view=types.GridView(orientation="vertical", gap=1, pad=2))
        line = panel.h_stack("line", gap=1, align_y="center")
        if cell is None:
            line.md(f"{state.get('text') or ''} · click a cell to select its samples", name="text")
        else:
            line.md(_describe(cell), name="text")
            if cell["samples"]:
                line.btn("show", label="Show only these", on_click=self.on_show, variant="outlined")
            line.btn("clear", label="Clear", on_click=self.on_clear)
        panel.plot(
            "plot",
            data=[json.loads(state.get("trace") or "{}")],
            layout=layout(settings.grid, state.get("aspect") or 1.0, cell),
            config={"displayModeBar": False, "scrollZoom": False},
            on_click=self.on_cell,
            height="70vh",
        )
        return types.Property(panel, view=types.GridView(orientation="vertical", gap=1, pad=2))


def _key(ctx: Any) -> str:
    """Return a text of the view and the settings; the random ids of stages are no part of it."""
    parts = [ctx.request_params.get(name) for name in ("view", "filters", "extended")]
    stages = [(stage.get("_cls"), stage.get("kwargs")) for stage in parts[0] or ()]
    settings = asdict(_settings(ctx))
    return json.dumps([ctx.dataset.name, stages, *parts[1:], settings], sort_keys=True, default=str)


def _settings(ctx: Any) -> Settings:
    return Settings.of(ctx.panel.get_state("controls") or {}, ctx.view)


def _summary(heat: Any, shown: Any) -> str:
    """Return the numbers of objects and samples as Markdown."""
    lost = heat.report.read - heat.report.counted
    parts = [
        f"**{shown.report.counted:,} objects** in {heat.report.images:,} samples",
        f"up to {shown.counts.max():,.6g} per cell",
        *([f"{lost:,} not counted"] if lost else []),
    ]
    return " · ".join(parts)


def _describe(cell: dict[str, int]) -> str:
    objects = f"{cell['objects']:,} object{'s' * (cell['objects'] != 1)}"
    samples = f"{cell['samples']:,} sample{'s' * (cell['samples'] != 1)}"
    return f"**Row {cell['row'] + 1}, column {cell['column'] + 1}**: {objects} in {samples}, selected"
