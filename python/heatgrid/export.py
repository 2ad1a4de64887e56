"""Output files. `FORMATS` has one row per suffix; the command line, errors and documentation read it."""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, Unpack, cast

import numpy as np

from heatgrid.core.spec import suggestion
from heatgrid.core.stats import Stats
from heatgrid.errors import printable
from heatgrid.io import files
from heatgrid.io.npz import header
from heatgrid.viz.options import (
    FigureOptions,
    GeoOptions,
    NoOptions,
    PageOptions,
    PictureOptions,
    SheetOptions,
    TableOptions,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.grid_map import GridMap
    from heatgrid.viz import Figure
    from heatgrid.viz.page.payload import Maps

    Target: TypeAlias = str | os.PathLike[str] | BinaryIO


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """Output format of a result."""

    write: Callable[..., bytes]  # from a result and options to the file's bytes
    options: type[Any]  # `TypedDict`
    description: str

    def takes(self, option: str) -> bool:
        """Return whether the format has an option."""
        return option in self.options.__annotations__


def save_page(maps: Maps, path: Target, **options: Unpack[PageOptions]) -> None:
    """Write maps as one HTML page that works offline.

    Parameters
    ----------
    maps
        A `Heatmap`; several by the names of their splits, as `heatgrid.heatmaps` returns them; or a
        (rows, columns) array of real numbers, NaN for "no data". If one of several holds computed values,
        such as a ratio, the page shows one map at a time, each with its unit and scale.
    path
        The ``.html`` file, or a file open for writing bytes.
    **options
        See `heatgrid.viz.options.PageOptions`.

    Raises
    ------
    TypeError, ValueError
        The suffix is not ``.html``, or an option is unknown or has a wrong value; the message names it.

    Examples
    --------
    >>> import heatgrid as hg
    >>> hg.save_page(hg.heatmaps("annotations.json", by="crowd"), "page.html", slider="Crowd")
    """
    is_open = hasattr(path, "write")
    write(maps, {".html": FORMATS[".html"]}, path, "html" if is_open else None, {**options})


def save_maps(
    maps: Mapping[Any, GridMap],
    path: Target,
    *,
    format: str | None = None,  # noqa: A002
    slider: str | None = "Group",
    **options: Any,
) -> None:
    """Write several maps on one scale: a sheet of small maps, or a page with a slider.

    Parameters
    ----------
    maps
        Maps by group, as `heatgrid.heatmaps` returns them.
    path
        A ``.png`` or ``.svg`` file (a sheet), an ``.html`` file (a page), or a file open for writing bytes.
    format
        Suffix to use if ``path`` has none or another.
    slider
        Title of the page's slider; None: no slider.
    **options
        See `heatgrid.viz.options.SheetOptions` and `heatgrid.viz.options.PageOptions`. By default, the
        greatest cell of all groups has the last color.

    Raises
    ------
    TypeError, ValueError
        There is no map, the suffix is unknown, or an option is; the message names it.

    Examples
    --------
    >>> import heatgrid as hg
    >>> hg.save_maps(hg.heatmaps("annotations.json", by="crowd"), "sheet.png")
    """
    if not maps:
        raise ValueError("maps must hold at least one map")
    named = {"none" if key is None else str(key): heat for key, heat in maps.items()}
    if len(named) < len(maps):
        raise ValueError(f"maps must have names that differ as text, got {list(maps)!r}")
    heats = list(named.values())
    for heat in heats[1:]:
        heats[0].spec.check_equal(heat.spec)
    objects, (rows, columns) = sum(heat.report.counted for heat in heats), heats[0].shape
    amounts = f"{objects:,} objects · {len(heats):,} groups · {rows:,} by {columns:,} cells"
    options = {"subtitle": amounts} | options
    name = "" if hasattr(path, "write") else os.fspath(cast("str", path))
    if suffix_for(name, format, SHEETS) == ".html":
        top = max(float(np.fmax.reduce(heat.counts, axis=None, initial=0)) for heat in heats)
        options = ({"vmax": top} if top > 0 else {}) | options | {"slider": slider}
    write(named, SHEETS, path, format, options)


def save_picture(values: ArrayLike, path: Target, **options: Unpack[FigureOptions]) -> None:
    """Write any grid of numbers as a finished picture, with title, color bar and notes.

    Parameters
    ----------
    values
        (rows, columns) real numbers, NaN for "no data"; row 0 is at the top. For maps, `Heatmap.save` adds
        what is known of them.
    path
        The ``.png`` or ``.svg`` file, or a file open for writing bytes (PNG).
    **options
        See `heatgrid.viz.options.FigureOptions`.

    Raises
    ------
    TypeError, ValueError
        The suffix or an option is unknown or has a wrong value; the message names it.

    Examples
    --------
    >>> import heatgrid as hg
    >>> hg.save_picture([[0.5, 0.25], [float("nan"), 1]], "shares.png", legend="share")
    """
    write(values, PICTURES, path, "png" if hasattr(path, "write") else None, {**options})


def write(
    result: Any,
    formats: Mapping[str, OutputFormat],
    path: Target,
    format: str | None,  # noqa: A002
    options: Mapping[str, Any],
) -> None:
    """Write a result in the format that its path's suffix, or ``format``, names."""
    if isinstance(path, io.TextIOBase):
        raise TypeError("path must be open for writing bytes, got a file open for text")
    stream = cast("BinaryIO", path) if hasattr(path, "write") else None
    name = "" if stream is not None else os.fspath(cast("str", path))
    suffix = suffix_for(name, format, formats)
    for option in options:
        if not formats[suffix].takes(option):
            hint = suggestion(option, formats[suffix].options.__annotations__)
            raise TypeError(f"{option} is not an option of {suffix} files{hint}")
    data = formats[suffix].write(result, **options)
    if stream is not None:
        stream.write(data)
    else:
        files.write(name, data)


def suffix_for(
    name: str,
    format: str | None = None,  # noqa: A002
    formats: Mapping[str, OutputFormat] | None = None,
) -> str:
    """Return the suffix of a file's format, in lower case and with its dot; raise ValueError for others."""
    known = FORMATS if formats is None else formats
    suffix = f".{format.lstrip('.')}".lower() if format else Path(name).suffix.lower()
    if suffix in known:
        return suffix
    names = f"known are {', '.join(known)}{suggestion(suffix, known)}"
    if format:
        raise ValueError(f"format {format!r} is not known; {names}")
    if not name:
        raise ValueError(f"format is required for an open file; {names}")
    raise ValueError(f"{name}: suffix {suffix!r} is not known; {names}")


def help_text(formats: Mapping[str, OutputFormat] | None = None) -> str:
    """Return all suffixes with their descriptions."""
    rows = (FORMATS if formats is None else formats).items()
    return ", ".join(f"{suffix} ({row.description})" for suffix, row in rows)


def map_header(heat: GridMap) -> dict[str, Any]:
    """Return the meaning of the map's numbers: grid, classes, rule."""
    return header(heat.spec, heat.classes if heat.has_classes else None)


def _json(heat: GridMap, *, by_class: bool = True) -> bytes:
    document = map_header(heat)
    document |= {"stats": stats_of(heat), "report": heat.report.to_dict()}
    if heat.spec.unit is None:
        document["table"] = heat.table().to_dict()
    document["counts"] = _plain(heat.counts)
    if by_class and heat.has_classes:
        document["by_class"] = dict(zip(heat.classes, _plain(heat.by_class), strict=True))
    return printable(json.dumps(document, ensure_ascii=False, allow_nan=False)).encode() + b"\n"


def stats_of(heat: GridMap) -> dict[str, Any] | None:
    """Return the statistics of the cells with data, None if there are none."""
    stats = Stats.of_known(heat.counts)
    return None if stats is None else stats.to_dict()


def _plain(values: NDArray[Any]) -> Any:
    """Return an array as lists, None for cells without data."""
    missing = np.isnan(values)
    plain = values.astype(object) if missing.any() else values
    if missing.any():
        plain[missing] = None
    return plain.tolist()


def _csv(heat: GridMap, *, by_class: bool = True) -> bytes:
    """Return one line per cell: row, column, count, and counts per class; # lines hold the specification.

    Cells without data are empty. Class names that a spreadsheet would read as a formula begin with an
    apostrophe (OWASP, CSV injection).
    """
    import csv

    stream = io.StringIO()
    for name, value in (map_header(heat) | {"stats": stats_of(heat)}).items():
        stream.write(f"# {name}: {json.dumps(value, ensure_ascii=False)}\n")
    classes, grids = (heat.classes, heat.by_class) if by_class else ((), ())
    csv.writer(stream, lineterminator="\n").writerow(
        ["row", "column", "count", *map(spreadsheet_text, classes)]
    )
    row, column = np.indices(heat.shape)
    table = np.stack([grid.ravel() for grid in (row, column, heat.counts, *grids)], axis=1)
    number = "%d" if table.dtype == np.int64 else "%.17g"  # all digits of a double
    cells = io.StringIO()
    np.savetxt(cells, table, fmt=number, delimiter=",")
    return printable(stream.getvalue() + cells.getvalue().replace("nan", "")).encode()


def spreadsheet_text(name: str) -> str:
    """Return a name that no spreadsheet reads as a formula."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else name


def _figure(heat: GridMap, **options: Unpack[PictureOptions]) -> Figure:
    from heatgrid.viz import map_figure

    return map_figure(heat, **options)


def _sheet(maps: Mapping[str, GridMap], **options: Unpack[SheetOptions]) -> Figure:
    from heatgrid.viz.sheet import sheet_figure

    return sheet_figure(maps, **options)


def _grid_figure(values: ArrayLike, **options: Any) -> Figure:
    from heatgrid.viz import grid_figure
    from heatgrid.viz.background import load, muted

    mute = options.pop("mute", True)
    if options.get("background") is not None:
        below = load(options["background"])
        options["background"] = muted(below) if mute else below
    return grid_figure(values, **options)


def _tif(heat: GridMap, **options: Unpack[GeoOptions]) -> bytes:
    from heatgrid.io.geotiff import dump

    return dump(heat, **options)


def html(maps: Maps, **options: Unpack[PageOptions]) -> bytes:
    """Return the page of maps in UTF-8; unpaired surrogates become question marks."""
    from heatgrid.viz.page import page

    return page(maps, **options).encode("utf-8", "replace")


FORMATS: dict[str, OutputFormat] = {
    ".png": OutputFormat(lambda heat, **options: _figure(heat, **options).png(), PictureOptions, "picture"),
    ".svg": OutputFormat(
        lambda heat, **options: _figure(heat, **options).svg().encode(), PictureOptions, "picture"
    ),
    ".html": OutputFormat(html, PageOptions, "interactive page, works offline"),
    ".json": OutputFormat(_json, TableOptions, "counts, statistics and report"),
    ".csv": OutputFormat(_csv, TableOptions, "one line per cell"),
    ".tif": OutputFormat(_tif, GeoOptions, "GeoTIFF, extra geo"),
    ".npz": OutputFormat(lambda heat: heat.to_bytes(), NoOptions, "exact; heatgrid.load reads it"),
}
"""Output formats of a map by suffix."""

SHEETS: dict[str, OutputFormat] = {
    ".png": OutputFormat(lambda maps, **options: _sheet(maps, **options).png(), SheetOptions, "sheet"),
    ".svg": OutputFormat(
        lambda maps, **options: _sheet(maps, **options).svg().encode(), SheetOptions, "sheet"
    ),
    ".html": OutputFormat(html, PageOptions, "interactive page with a slider"),
}
"""Output formats of several maps by suffix."""


PICTURES: dict[str, OutputFormat] = {
    ".png": OutputFormat(
        lambda grid, **options: _grid_figure(grid, **options).png(), FigureOptions, "picture"
    ),
    ".svg": OutputFormat(
        lambda grid, **options: _grid_figure(grid, **options).svg().encode(), FigureOptions, "picture"
    ),
}
"""Output formats of any grid by suffix."""
