"""Settings of a heat map in the App, and the controls that change them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fiftyone.operators import types

import heatgrid as hg
from heatgrid.io.objects.fiftyone_datasets import label_fields
from heatgrid.viz.text import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from heatgrid.core.spec import Rule

GRIDS = (10, 20, 40, 60, 100)
ALL = "*"
"""All classes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """A field of labels, a class or `ALL`, a number of cells per side, and a hit rule."""

    field: str
    label: str = ALL
    grid: int = 20
    rule: Rule = "center"

    @classmethod
    def of(cls, values: Mapping[str, Any], view: Any) -> Settings:
        """Return the settings that a form holds; the others have defaults, and the field is the first."""
        fields = label_fields(view)
        first = next((name for name, kind in fields.items() if kind.startswith("Detection")), None)
        field = values.get("field")
        return cls(
            str(field if field in fields else first or next(iter(fields), "")),
            str(values.get("label") or ALL),
            int(values.get("grid") or 20),
            values.get("rule") or "center",
        )

    def classes(self, view: Any) -> dict[str, int]:
        """Return the number of labels per class."""
        kind = label_fields(view).get(self.field, "")
        path = f"{self.field}.{kind.lower()}.label" if kind.endswith("s") else f"{self.field}.label"
        return {name: count for name, count in view.count_values(path).items() if name} if kind else {}

    def count(self, view: Any) -> hg.Heatmap:
        """Return the map of all classes of a view."""
        return hg.heatmap(view, self.grid, field=self.field or None, rule=self.rule)

    def find(self, view: Any, cell: tuple[int, int]) -> list[hg.Found]:
        """Return the annotations of the class in a cell."""
        found = hg.find(view, cell, self.grid, field=self.field, rule=self.rule)
        return [one for one in found if self.label in {ALL, one.label}]

    def add_controls(
        self,
        form: Any,
        view: Any,
        classes: Mapping[str, int],
        on_change: Callable[..., Any] | None = None,
    ) -> None:
        """Add a menu per setting to a form; ``classes`` are the numbers of objects per class."""
        own = {} if on_change is None else {"on_change": on_change}
        total = sum(classes.values())
        choices: dict[str, tuple[str, Any, dict[Any, str]]] = {
            "field": ("Label field", self.field, {name: name for name in label_fields(view)}),
            "label": (
                "Class",
                self.label,
                {ALL: f"All ({total:,})"} | {name: f"{name} ({count:,})" for name, count in classes.items()},
            ),
            "grid": ("Grid", self.grid, {size: f"{size} x {size}" for size in GRIDS}),
            "rule": ("Rule", self.rule, dict(RULES)),
        }
        for name, (title, value, labels) in choices.items():
            menu = types.DropdownView(label=title)
            for key, text in labels.items():
                description = text if name == "rule" else None
                menu.add_choice(key, label=key if name == "rule" else text, description=description)
            form.enum(name, menu.values(), label=title, default=value, view=menu, **own)
