"""Maps to files. To add an output format: one function, one suffix."""

from __future__ import annotations

import io
import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import BinaryIO

    from heatgrid.heatmap import Heatmap

    Writers = Mapping[str, Callable[..., bytes]]

FORMAT = "heatgrid"
VERSION = 1


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


def write_atomically(path: Path, data: bytes) -> None:
    """Write under a temporary name, then rename: readers see the old file or the whole new one.

    Links are followed, permissions of an old file are kept, and what is no file (a pipe, a device) is
    written to as it is.

    Raises
    ------
    OSError
        The file cannot be written; an old one is as it was.
    """
    from secrets import token_hex

    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".heatgrid-{token_hex(8)}.part")
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)
            return
        with temporary.open("xb") as file:
            file.write(data)
        if target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error  # not the temporary name
    finally:
        temporary.unlink(missing_ok=True)


def definition(heat: Heatmap) -> dict[str, Any]:
    """Return what the map's numbers mean: grid, classes, rule."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "shape": list(heat.shape),
        "classes": list(heat.classes) if heat.has_classes else None,
        "rule": heat.definition.rule,
        "count": heat.definition.count,
        "weighted": heat.definition.weighted,
        "large_box_ratio": heat.definition.large_box_ratio,
        "fit": heat.definition.fit,
    }


def to_document(heat: Heatmap, *, by_class: bool = True) -> dict[str, Any]:
    """Return the map as plain lists, numbers and strings: definition, statistics, report and counts."""
    document = definition(heat)
    document["stats"] = heat.stats().to_dict()
    document["report"] = heat.report.to_dict()
    document["counts"] = heat.counts.tolist()
    if by_class and heat.has_classes:
        document["by_class"] = dict(zip(heat.classes, heat.by_class.tolist(), strict=True))
    return document


def _npz(heat: Heatmap) -> bytes:
    from heatgrid.io.npz import dump

    return dump(heat)


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
    for name, value in (definition(heat) | {"stats": heat.stats().to_dict()}).items():
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
