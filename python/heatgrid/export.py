"""Maps to files. To add an output format: one function, one suffix."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from heatgrid.io.files import write_atomically
from heatgrid.io.npz import MAX_BYTES, header, read_counts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import BinaryIO

    from heatgrid.heatmap import Heatmap

    Writers = Mapping[str, Callable[..., bytes]]


def save(
    heat: Heatmap,
    path: str | os.PathLike[str] | BinaryIO,
    *,
    format: str | None = None,  # noqa: A002
    **options: Any,
) -> None:
    """Write a map; see `Heatmap.save`."""
    write(heat, WRITERS, path, format, options)


def write(
    result: Any,
    writers: Writers,
    path: str | os.PathLike[str] | BinaryIO,
    format: str | None,  # noqa: A002
    options: dict[str, Any],
) -> None:
    """Write a result by the one of its writers that the suffix asks for."""
    if isinstance(path, io.TextIOBase):
        raise TypeError("path must be open for writing bytes, got a file open for text")
    stream = cast("BinaryIO", path) if hasattr(path, "write") else None
    name = "" if stream is not None else os.fspath(cast("str", path))
    suffix = suffix_for(name, format, writers)
    check_options(suffix, options, writers)
    data = writers[suffix](result, **options)
    if stream is not None:
        stream.write(data)
    else:
        write_atomically(Path(name), data)


def suffix_for(name: str, format: str | None = None, writers: Writers | None = None) -> str:  # noqa: A002
    """Return the suffix that a file is written by, in lower case and with its dot.

    Raises
    ------
    ValueError
        No format has this suffix.
    """
    suffixes = WRITERS if writers is None else writers
    suffix = f".{format.lstrip('.')}".lower() if format else Path(name).suffix.lower()
    if suffix in suffixes:
        return suffix
    known = f"known are {', '.join(suffixes)}"
    if format:
        raise ValueError(f"format {format!r} is not known; {known}")
    if not name:
        raise ValueError(f"format must be given for an open file; {known}")
    raise ValueError(f"{name}: suffix {suffix!r} is not known; {known}")


def check_options(suffix: str, options: dict[str, Any], writers: Writers | None = None) -> None:
    """Raise TypeError for an option that files with this suffix do not have."""
    from inspect import Parameter, signature

    _, *parameters = signature((WRITERS if writers is None else writers)[suffix]).parameters.values()
    if any(parameter.kind is Parameter.VAR_KEYWORD for parameter in parameters):
        return
    known = {parameter.name for parameter in parameters}
    for name in options:
        if name not in known:
            raise TypeError(f"{name} is not an option of {suffix} files")


def map_header(heat: Heatmap) -> dict[str, Any]:
    return header(heat.spec, heat.classes if heat.has_classes else None)


def load(path: str | os.PathLike[str] | BinaryIO, *, max_bytes: int = MAX_BYTES) -> Heatmap:
    """Read a map that `Heatmap.save` wrote as ``.npz``.

    Parameters
    ----------
    path
        The file, or one open for reading bytes.
    max_bytes
        The largest array to unpack: an archive of a megabyte may hold a gigabyte.

    Raises
    ------
    FormatError
        The file is not such a map. No code in a file is ever run.
    FileNotFoundError
        The file does not exist.
    """
    from heatgrid.heatmap import Heatmap

    return Heatmap.of(read_counts(path, max_bytes=max_bytes)[0])


def to_document(heat: Heatmap, *, by_class: bool = True) -> dict[str, Any]:
    """Return the map as plain lists, numbers and strings: definition, statistics, report and counts."""
    document = map_header(heat)
    document["stats"] = heat.stats().to_dict()
    document["report"] = heat.report.to_dict()
    document["counts"] = heat.counts.tolist()
    if by_class and heat.has_classes:
        document["by_class"] = dict(zip(heat.classes, heat.by_class.tolist(), strict=True))
    return document


def _npz(heat: Heatmap) -> bytes:
    return heat.to_bytes()


def _json(heat: Heatmap, *, by_class: bool = True) -> bytes:
    document = to_document(heat, by_class=by_class)
    try:
        return json.dumps(document, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    except UnicodeEncodeError:  # half a surrogate pair in a name
        return json.dumps(document).encode() + b"\n"


def _csv(heat: Heatmap, *, by_class: bool = True) -> bytes:
    """Write a line a cell: row, column, count, a column a class; # lines say what the numbers mean."""
    import csv

    stream = io.StringIO()
    for name, value in (map_header(heat) | {"stats": heat.stats().to_dict()}).items():
        stream.write(f"# {name}: {json.dumps(value, ensure_ascii=False)}\n")
    classes, by_class_planes = (heat.classes, heat.by_class) if by_class else ((), ())
    csv.writer(stream, lineterminator="\n").writerow(["row", "column", "count", *classes])
    row, column = np.indices(heat.shape)
    planes = [row, column, heat.counts, *by_class_planes]
    table = np.stack([plane.ravel() for plane in planes], axis=1)
    number = "%d" if table.dtype == np.int64 else "%.17g"  # as many digits as a double has
    np.savetxt(stream, table, fmt=number, delimiter=",")
    return stream.getvalue().encode("utf-8", "backslashreplace")


def _png(heat: Heatmap, **options: Any) -> bytes:
    from heatgrid.viz.pictures import picture

    return picture(heat, **options).png()


def _svg(heat: Heatmap, **options: Any) -> bytes:
    from heatgrid.viz.pictures import picture

    return picture(heat, **options).svg().encode()


def _html(heat: Heatmap, **options: Any) -> bytes:
    from heatgrid.viz.page.page import page_bytes

    return page_bytes(heat, **options)


WRITERS: dict[str, Callable[..., bytes]] = {
    ".png": _png,
    ".svg": _svg,
    ".html": _html,
    ".json": _json,
    ".csv": _csv,
    ".npz": _npz,
}
