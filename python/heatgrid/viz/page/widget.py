"""Interactive viewer as a notebook widget for Jupyter, VS Code, Colab and marimo, based on anywidget."""

from __future__ import annotations

import logging
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from heatgrid.errors import require
from heatgrid.viz import colormaps
from heatgrid.viz.figure import NOTEBOOK_SIZE, grid_figure
from heatgrid.viz.page import script, settings
from heatgrid.viz.page.payload import Payload, name_of
from heatgrid.viz.pixels import center_on_zero, smooth
from heatgrid.viz.scales import Scale

require("anywidget", "widget")

import anywidget  # noqa: E402 - `require` explains how to install it
import traitlets  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias, Unpack

    from numpy.typing import NDArray

    from heatgrid.viz.figure import Figure
    from heatgrid.viz.options import PageOptions
    from heatgrid.viz.page.payload import Maps

    Callback: TypeAlias = Callable[[int, int, float], object]

LOGGER = logging.getLogger("heatgrid")

_START = "\nexport default { render: ({ model, el }) => showWidget(model, el, STYLE) };\n"


class HeatmapWidget(anywidget.AnyWidget):  # type: ignore[misc]  # its types are not installed with it
    """Interactive viewer of maps.

    Parameters
    ----------
    maps
        A `Heatmap`; several by the names of their splits; or a (rows, columns) array of real numbers, NaN
        for "no data".
    **options
        See `heatgrid.viz.options.PageOptions`.

    Attributes
    ----------
    opacity, colormap, scale, gamma, percentiles, vmin, vmax, zero, blur, interpolation
        Settings of the drawing, synchronized with the controls.
    splits, classes, difference
        Names of the splits and classes that are shown, None for all; two names to compare, or None.
    cell, region
        Selection: ``[row, column]``; ``[top, left, bottom, right]``, half-open; or None.
    click_y, click_x, click_value
        Row, column and exact value, before any blur, of the last click; None before the first.
    error
        Message of the last failed callback, shown above the map; empty otherwise.

    Raises
    ------
    ImportError
        anywidget is not installed.
    """

    _esm = script() + _START
    _meta = traitlets.Dict().tag(sync=True)
    _data = traitlets.Bytes().tag(sync=True)
    _clicks = traitlets.List().tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)

    opacity = traitlets.Any().tag(sync=True)
    colormap = traitlets.Any().tag(sync=True)
    scale = traitlets.Any().tag(sync=True)
    gamma = traitlets.Any().tag(sync=True)
    percentiles = traitlets.Any().tag(sync=True)
    vmin = traitlets.Any().tag(sync=True)
    vmax = traitlets.Any().tag(sync=True)
    zero = traitlets.Any().tag(sync=True)
    blur = traitlets.Any().tag(sync=True)
    interpolation = traitlets.Any().tag(sync=True)
    splits = traitlets.Any().tag(sync=True)
    classes = traitlets.Any().tag(sync=True)
    difference = traitlets.Any().tag(sync=True)
    cell = traitlets.Any().tag(sync=True)
    region = traitlets.Any().tag(sync=True)

    click_y = traitlets.Int(None, allow_none=True)
    click_x = traitlets.Int(None, allow_none=True)
    click_value = traitlets.Any()

    def __init__(self, maps: Maps, **options: Unpack[PageOptions]) -> None:
        self._maps = maps
        self._options: dict[str, Any] = {}
        self._callbacks: list[Callback] = []
        self._seen = 0
        self._selected: tuple[Any, NDArray[Any]] | None = None
        payload = self._build({**options})
        super().__init__(_meta=payload.meta, _data=payload.data, **payload.meta["settings"])

    def _build(self, options: dict[str, Any]) -> Payload:
        payload = Payload.of(self._maps, **(self._options | options))
        self._layers, self._below, self._selected = payload.layers, payload.image, None
        # Options that no setting can hold: texts, images, a blur function, a color table.
        kept = {name for name in options if name not in settings.DEFAULTS or _is_rich(name, options[name])}
        self._options = {name: value for name, value in self._options.items() if name not in options}
        self._options |= {name: options[name] for name in kept}
        return payload

    def show(self, maps: Maps | None = None, **options: Unpack[PageOptions]) -> None:
        """Show other maps, or other options.

        Parameters
        ----------
        maps
            As in the constructor; None keeps the maps.
        **options
            As in the constructor. Other options stay, except classes, splits, cells and regions that the maps
            do not have. After an error the widget is unchanged.
        """
        before = self._maps, self._options, self._layers, self._below
        current = {name: getattr(self, name) for name in settings.DEFAULTS}
        rich = {
            name
            for name in ("blur", "colormap")
            if name in self._options and current[name] in (0, settings.CUSTOM)
        }
        try:
            if maps is not None:
                self._maps = maps
            self._build({**options})
            fitting = settings.fitting(current, self._layers)
            payload = self._build({name: fitting[name] for name in fitting.keys() - rich} | {**options})
        except (TypeError, ValueError):
            self._maps, self._options, self._layers, self._below = before
            raise
        with self.hold_sync():
            self._meta, self._data = payload.meta, payload.data
            for name, value in payload.meta["settings"].items():
                setattr(self, name, value)

    @traitlets.validate(  # type: ignore[untyped-decorator]
        *settings.DEFAULTS
    )
    def _check(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        if name == "colormap" and not isinstance(value, str):
            value = name_of(colormaps.get(value))
            if value == settings.CUSTOM:
                raise traitlets.TraitError("colormap must have a name here; use show(colormap=…) for others")
        try:
            return settings.check(name, value, self._layers)
        except (TypeError, ValueError) as error:
            raise traitlets.TraitError(str(error)) from error

    def _repr_mimebundle_(self, **arguments: Any) -> Any:
        """Return the widget, and for saved notebooks, which have no kernel, the picture of its map."""
        bundle = super()._repr_mimebundle_(**arguments)
        return bundle and ({**bundle[0], "image/png": b64encode(self._figure().png()).decode()}, bundle[1])

    def _figure(self) -> Figure:
        """Return the picture of the current settings."""
        meta, values = self._meta, self._layers.select(self.splits, self.classes, self.difference)
        if meta["maps"]:
            meta = meta | meta["maps"][self._layers.splits.index(self.splits[0])]
        options = {name: getattr(self, name) for name in ("scale", "vmin", "vmax", "zero", "interpolation")}
        options["blur"] = self._options.get("blur", self.blur) or None
        if self.colormap != colormaps.DEFAULT:
            options["colormap"] = self._options.get("colormap", self.colormap)
        options = center_on_zero(values, options)
        if self.scale in {"gamma", "percentile"}:
            ends = {name: options.pop(name) for name in ("vmin", "vmax")}
            own = {"gamma": self.gamma, "percentiles": tuple(self.percentiles)}
            options["scale"] = Scale.of(smooth(values, options["blur"]), self.scale, **ends, **own)
        part = self._layers.subtitle(self.splits, self.classes) if self.classes else meta["subtitle"]
        return grid_figure(
            values,
            title=meta["title"],
            subtitle=meta["subtitle"] if self.difference else part,
            footnote=" · ".join(meta["notes"]),
            legend="percentage points" if self.difference else meta["unit"],
            ends=[f"more in {name}" for name in self.difference or ()],
            background=self._below,
            opacity=self.opacity,
            aspect=meta["aspect"],
            size=NOTEBOOK_SIZE,
            empty=meta["empty"] or "",
            upwards=meta["of"] == "size",
            **options,
        )

    def click(self, callback: Callback) -> Callback:
        """Call a function ``(y, x, value)`` at every click on a cell; usable as a decorator.

        Exceptions of the function are logged and shown in the widget.
        """
        self._callbacks.append(callback)
        return callback

    def unclick(self, callback: Callback) -> None:
        """Stop calling a function; ValueError if it was not registered by `click`."""
        if callback not in self._callbacks:
            raise ValueError(f"callback must be a function registered by click, got {callback!r}")
        self._callbacks.remove(callback)

    def value_at(self, y: int, x: int) -> float:
        """Return the value of a cell in the current selection, before any blur; an int for counts."""
        row, column = settings.check("cell", (y, x), self._layers)
        key = self._layers, self.splits, self.classes, self.difference
        if self._selected is None or self._selected[0] != key:
            self._selected = key, self._layers.select(self.splits, self.classes, self.difference)
        value: float = self._selected[1][row, column].item()
        return value

    @traitlets.observe("_clicks")  # type: ignore[untyped-decorator]
    def _answer(self, change: Any) -> None:
        for number, y, x in change["new"]:
            if number > self._seen:
                self._seen = number
                self._clicked(y, x)

    def _clicked(self, y: int, x: int) -> None:
        self.error = ""
        self.click_y, self.click_x, self.click_value = y, x, self.value_at(y, x)
        for callback in list(self._callbacks):
            try:
                callback(y, x, self.click_value)
            except Exception as error:
                name = getattr(callback, "__qualname__", repr(callback))
                LOGGER.exception("the callback %s failed at a click on row %d, column %d", name, y, x)
                self.error = f"{name}({y}, {x}, {self.click_value}) failed: {type(error).__name__}: {error}"


def _is_rich(name: str, value: Any) -> bool:
    """Return whether an option does not fit into its setting."""
    return (name == "blur" and callable(value)) or (name == "colormap" and not isinstance(value, str | int))
