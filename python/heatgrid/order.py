"""What to count of a data set, and how: options checked once, maps made to them, batches counted by them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from heatgrid.heatmap import Heatmap
from heatgrid.core.class_grids import class_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.geometry import Geometry
    from heatgrid.core.arguments import CountName, FitName, RuleName, Shape


@dataclass(frozen=True, slots=True)
class Preset:
    """Options under one name."""

    shape: Shape
    geometry: Geometry
    rule: RuleName


PRESETS = {
    # The five steps that the platform publishes: the boxes of all annotations (of a polygon, its bounding
    # box), normalised, on a grid of 10 x 10, counted where they touch.
    "roboflow": Preset(shape=10, geometry="box", rule="touch"),
}
DEFAULTS = Preset(shape=100, geometry="auto", rule="center")


@dataclass(frozen=True, slots=True)
class Order:
    """What to count, and how; `make_order` makes one of options."""

    shape: Shape
    geometry: Geometry
    rule: RuleName
    classes: tuple[str, ...] | None
    by_class: bool
    large_box_ratio: float | None
    on_error: str
    count: CountName
    fit: FitName

    def empty_map(self) -> Heatmap:
        """Return a map of this kind that holds nothing yet."""
        classes = (self.classes or ()) if self.by_class else None
        return self.map_of(classes, count=self.count)

    def map_of(self, classes: Iterable[str] | None, **kind: Any) -> Heatmap:
        """Return an empty map of these classes, ``count`` and ``weighted`` as given, all else as here."""
        more: dict[str, Any] = {"large_box_ratio": self.large_box_ratio, "fit": self.fit}
        return Heatmap(self.shape, classes, rule=self.rule, **more, **kind)

    def wanted(self, batch: Annotations) -> Annotations:
        """Return what of a batch is to be counted: the annotations of the classes asked for."""
        return batch if self.classes is None else batch.with_classes(self.classes)

    def add(self, heat: Heatmap, batch: Annotations) -> None:
        """Count what is wanted of a batch into a map of this kind."""
        if heat.has_classes and self.classes is None:
            heat.grow(batch.classes)
        heat.add(batch, geometry=self.geometry, on_error=self.on_error)


def make_order(
    shape: Shape | None = None,
    *,
    classes: Iterable[str] | None = None,
    geometry: Geometry | None = None,
    rule: RuleName | None = None,
    count: CountName = "instances",
    preset: str | None = None,
    large_box_ratio: float | None = None,
    fit: FitName = "stretch",
    by_class: bool = True,
    on_error: str = "skip",
) -> Order:
    """Return the order that options of `heatgrid.heatmap` make.

    Raises
    ------
    TypeError, ValueError
        An option is wrong; the message names it.
    """
    from heatgrid.core.batches import check_geometry

    if preset is not None and preset not in PRESETS:
        raise ValueError(f"preset must be one of {', '.join(map(repr, PRESETS))}, got {preset!r}")
    kinds = DEFAULTS if preset is None else PRESETS[preset]
    for name, value in (("geometry", geometry), ("rule", rule)):
        if preset is not None and value not in {None, getattr(kinds, name)}:
            raise ValueError(
                f"{name} must not be given with preset={preset!r}, which sets it to {getattr(kinds, name)!r}"
            )
    check_geometry(geometry or kinds.geometry, rule or kinds.rule)
    order = Order(
        kinds.shape if shape is None else shape,
        geometry or kinds.geometry,
        rule or kinds.rule,
        None if classes is None else class_names(several(classes, "classes")),
        by_class,
        large_box_ratio,
        on_error,
        count,
        fit,
    )
    order.empty_map()  # so that a wrong option is found before anything is read
    return order


def several(names: Iterable[str], argument: str) -> tuple[str, ...]:
    """Return several names, be there one."""
    found = (names,) if isinstance(names, str) else tuple(names)
    if not found:
        raise ValueError(f"{argument} must name at least one, or be None for all")
    return found


@dataclass(slots=True)
class Seen:
    """The classes and splits that a source turned out to have."""

    classes: dict[str, None] = field(default_factory=dict)
    splits: set[str | None] = field(default_factory=set)

    def note(self, batch: Annotations) -> None:
        """Note those of a batch."""
        self.classes |= dict.fromkeys(batch.classes)
        self.splits |= {batch.split} if batch.image_names else set()

    def check(self, classes: tuple[str, ...] | None, splits: tuple[str, ...] | None) -> None:
        """Raise ValueError for a class that is asked for and was not there, or where no split was.

        A reader itself notes which of several splits are not there.
        """
        from heatgrid.io.options import canonical_split

        if splits is not None and not self.splits.intersection(map(canonical_split, splits)):
            raise ValueError(f"splits: no split {' or '.join(map(repr, splits))} in the source")
        missing = next((name for name in classes or () if name not in self.classes), None)
        if missing is None:
            return
        from difflib import get_close_matches

        close = get_close_matches(missing, self.classes, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        names = ", ".join(map(repr, list(self.classes)[:20])) + (", …" if len(self.classes) > 20 else "")
        raise ValueError(
            f"classes: no class {missing!r} in the source{hint}; its classes are {names or 'none'}"
        )
