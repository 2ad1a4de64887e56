"""Maps to files and back. To add an output format: one function, one suffix."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from heatgrid.heatmap import Heatmap
from heatgrid.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

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
    stream = cast("BinaryIO", path) if hasattr(path, "write") else None
    name = "" if stream is not None else os.fspath(cast("str", path))
    suffix = f".{format.lstrip('.')}" if format else Path(name).suffix.lower()
    if suffix not in WRITERS:
        what = f"format {format!r}" if format else f"{name or 'a file'} has suffix {suffix!r}, which"
        raise ValueError(f"{what} is not known; known are {', '.join(WRITERS)}")
    data = WRITERS[suffix](heat, **options)
    if stream is not None:
        stream.write(data)
    else:
        write_atomically(Path(name), data)


def write_atomically(path: Path, data: bytes) -> None:
    """Write under a temporary name beside ``path``, then rename: readers see the old file or the whole new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def definition(heat: Heatmap) -> dict[str, Any]:
    """Return what the map's numbers mean: grid, classes, rule."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "shape": list(heat.shape),
        "classes": list(heat.classes) if heat.has_classes else None,
        "rule": heat.rule,
        "large_box_ratio": heat.large_box_ratio,
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
    header = definition(heat) | {"report": heat.report.to_dict()}
    planes = heat.by_class if heat.has_classes else heat.counts[np.newaxis]
    stream = io.BytesIO()
    np.savez_compressed(stream, counts=planes, heatgrid=np.array(json.dumps(header)))
    return stream.getvalue()


def _json(heat: Heatmap, *, by_class: bool = True) -> bytes:
    return json.dumps(to_document(heat, by_class=by_class), ensure_ascii=False).encode() + b"\n"


def _csv(heat: Heatmap) -> bytes:
    """Write a line a cell: row, column, count, and a column a class; what the numbers mean stands in # lines."""
    import csv

    stream = io.StringIO()
    for name, value in (definition(heat) | {"stats": heat.stats().to_dict()}).items():
        stream.write(f"# {name}: {json.dumps(value, ensure_ascii=False)}\n")
    csv.writer(stream, lineterminator="\n").writerow(["row", "column", "count", *heat.classes])
    row, column = np.indices(heat.shape)
    planes = [row, column, heat.counts, *heat.by_class]
    np.savetxt(stream, np.stack([plane.ravel() for plane in planes], axis=1), fmt="%d", delimiter=",")
    return stream.getvalue().encode()


def _png(heat: Heatmap, **options: Any) -> bytes:
    from PIL import Image

    from heatgrid.pictures import picture

    stream = io.BytesIO()
    Image.fromarray(picture(heat, **options)).save(stream, "PNG", optimize=True)
    return stream.getvalue()


WRITERS: dict[str, Callable[..., bytes]] = {".png": _png, ".json": _json, ".csv": _csv, ".npz": _npz}


def load(path: str | os.PathLike[str]) -> Heatmap:
    """Read a map that `Heatmap.save` wrote as ``.npz``.

    Raises
    ------
    FormatError
        The file is not such a map.
    FileNotFoundError
        There is no such file.
    """
    from zipfile import BadZipFile

    from heatgrid.errors import FormatError

    try:
        with np.load(path, allow_pickle=False) as archive:
            header = json.loads(str(archive["heatgrid"]))
            planes = archive["counts"]
        return _from_parts(header, planes)
    except (BadZipFile, ValueError, KeyError, TypeError, EOFError) as error:
        raise FormatError(f"not a map saved by heatgrid ({error})", path) from error


def _from_parts(header: dict[str, Any], planes: np.ndarray[Any, Any]) -> Heatmap:
    if header.get("format") != FORMAT or header.get("version") != VERSION:
        raise ValueError(f"format {header.get('format')!r} version {header.get('version')!r} is not known")
    heat = Heatmap(
        tuple(header["shape"]),
        header["classes"],
        rule=header["rule"],
        large_box_ratio=header["large_box_ratio"],
    )
    heat.fill(planes)
    heat.report = Report.from_dict(header["report"])
    return heat
