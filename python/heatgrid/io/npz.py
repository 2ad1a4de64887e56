"""Maps as NPZ archives: exact, compact, and read back without trust.

An archive holds ``counts``, (planes, rows, columns) int64 or float64, and ``heatgrid``, a JSON text that
says what the numbers mean; where images are counted by class also ``union``, (rows, columns), all classes
together. Any program that reads NPZ can use them.
"""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from heatgrid.core.report import Report
from heatgrid.errors import FormatError
from heatgrid.export import FORMAT, VERSION, definition
from heatgrid.heatmap import Heatmap

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from zipfile import ZipFile

    from numpy.typing import NDArray

MAX_BYTES = 8 << 30


def dump(heat: Heatmap, more: Mapping[str, Any] | None = None) -> bytes:
    """Return a map as the bytes of an NPZ archive, with more in its header if there is more to say."""
    header = definition(heat) | {"report": heat.report.to_dict()} | dict(more or {})
    arrays = {"counts": heat.by_class if heat.has_classes else heat.counts[np.newaxis]}
    if heat.has_union:
        arrays["union"] = heat.counts
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, heatgrid=np.array(json.dumps(header)), **arrays)
    return stream.getvalue()


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
        The file is not such a map. Nothing in a file is ever run, whoever wrote it.
    FileNotFoundError
        There is no such file.
    """
    return load_with_header(path, max_bytes=max_bytes)[0]


def load_with_header(
    path: str | os.PathLike[str] | BinaryIO, *, max_bytes: int = MAX_BYTES
) -> tuple[Heatmap, dict[str, Any]]:
    """Read a map, as `load` does, and all that its header says."""
    if hasattr(path, "read"):
        return _read(cast("BinaryIO", path), None, max_bytes)
    with Path(cast("str", path)).open("rb") as stream:
        return _read(stream, str(path), max_bytes)


def _read(stream: BinaryIO, name: str | None, max_bytes: int) -> tuple[Heatmap, dict[str, Any]]:
    from zipfile import ZipFile

    try:
        with ZipFile(stream) as archive:
            header = json.loads(str(_array(archive, "heatgrid", max_bytes)))
            planes = _array(archive, "counts", max_bytes)
            union = _array(archive, "union", max_bytes) if "union.npy" in archive.namelist() else None
        return _from_parts(header, planes, union), header
    except (
        Exception
    ) as error:  # a hostile archive can make zipfile, zlib, json and numpy raise almost anything
        raise FormatError(
            f"not a map saved by heatgrid: {str(error) or type(error).__name__}", name
        ) from error


def _array(archive: ZipFile, name: str, max_bytes: int) -> NDArray[Any]:
    """Read one array; its memory is asked for only once the archive is known to hold so much."""
    info = archive.getinfo(f"{name}.npy")
    if info.file_size > max_bytes:
        raise ValueError(f"{name} takes {info.file_size:,} bytes, more than max_bytes={max_bytes:,}")
    with archive.open(info) as stream:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, column_major, dtype = np.lib.format.read_array_header_1_0(stream)
        else:
            shape, column_major, dtype = np.lib.format.read_array_header_2_0(stream)
        size = math.prod(shape) * dtype.itemsize
        if dtype.kind not in "ifU" or column_major or size != info.file_size - stream.tell():
            raise ValueError(f"{name} is no array of the size and type that it should be")
        return np.frombuffer(stream.read(size), dtype=dtype, count=math.prod(shape)).reshape(shape)


def _from_parts(header: Any, planes: NDArray[Any], union: NDArray[Any] | None) -> Heatmap:
    if not isinstance(header, dict):
        raise TypeError("its header is not an object")
    if header.get("format") != FORMAT or header.get("version") != VERSION:
        raise ValueError(f"format {header.get('format')!r} version {header.get('version')!r} is not known")
    rows, columns = header["shape"]
    classes = header["classes"]
    expected = (1 if classes is None else len(classes), rows, columns)
    if planes.shape != expected:  # checked before a map of the shape that the header claims is made
        raise ValueError(f"its counts have shape {planes.shape}, its header says {expected}")
    definition = {name: header[name] for name in ("rule", "count", "weighted", "large_box_ratio")}
    fit = header.get("fit", "stretch")  # which older files do not have
    heat = Heatmap((rows, columns), classes, **definition, fit=fit)
    dtype = heat.definition.dtype
    heat.fill(
        planes.astype(dtype, casting="equiv", copy=False),
        None if union is None else union.astype(dtype, casting="equiv", copy=False),
    )
    heat.report = Report.from_dict(header["report"])
    return heat
