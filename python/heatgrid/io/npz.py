"""NPZ archives of counts: exact, compact, and safe to read from untrusted sources.

An archive holds ``counts``, (classes, rows, columns) int64 or float64, and ``heatgrid``, a JSON text with the
count specification and the report. If images are counted by class it also holds ``union``, (rows, columns),
all classes together. Any program that reads NPZ can use them.
"""

from __future__ import annotations

import io
import json
import math
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from heatgrid.core.counts import Counts
from heatgrid.core.report import Report
from heatgrid.core.spec import CountSpec
from heatgrid.errors import FormatError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from zipfile import ZipFile

    from numpy.typing import NDArray

MAX_BYTES = 8 << 30
FORMAT = "heatgrid"
VERSION = 1


def header(spec: CountSpec, classes: Sequence[str] | None) -> dict[str, Any]:
    """Return the format, the classes and the count specification as plain values."""
    plain = {"format": FORMAT, "version": VERSION, "classes": None if classes is None else list(classes)}
    return plain | spec.to_dict() | {"grid": list(spec.grid)}


def dump(counts: Counts, extra: Mapping[str, Any] | None = None) -> bytes:
    """Return counts as the bytes of an NPZ archive, with ``extra`` entries in its header."""
    own = {"grows": counts.grows, "report": counts.report.to_dict()}
    text = json.dumps(header(counts.spec, counts.grids.classes) | own | dict(extra or {}))
    arrays = {"counts": counts.grids.counts}
    if counts.grids.union is not None:
        arrays["union"] = counts.grids.union
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, heatgrid=np.array(text), **arrays)
    return stream.getvalue()


def read_counts(
    path: str | os.PathLike[str] | BinaryIO, *, max_bytes: int = MAX_BYTES
) -> tuple[Counts, dict[str, Any]]:
    """Return the counts and the header that `dump` wrote, or raise FormatError.

    ``max_bytes`` limits the arrays: an archive of a megabyte may hold a gigabyte. No code in a file is run.
    """
    if hasattr(path, "read"):
        return _read(cast("BinaryIO", path), None, max_bytes)
    with Path(cast("str", path)).open("rb") as stream:
        return _read(stream, str(path), max_bytes)


def _read(stream: BinaryIO, name: str | None, max_bytes: int) -> tuple[Counts, dict[str, Any]]:
    from zipfile import ZipFile

    try:
        with ZipFile(stream) as archive:
            plain = json.loads(str(_array(archive, "heatgrid", max_bytes)))
            grids = _array(archive, "counts", max_bytes)
            union = _array(archive, "union", max_bytes) if "union.npy" in archive.namelist() else None
        return _from_parts(plain, grids, union), plain
    # A hostile archive can make zipfile, zlib, json and numpy raise almost anything.
    except Exception as error:
        raise FormatError(
            f"not a map saved by heatgrid: {str(error) or type(error).__name__}", name
        ) from error


def _array(archive: ZipFile, name: str, max_bytes: int) -> NDArray[Any]:
    """Read one array; allocate only what the archive really holds."""
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
            raise ValueError(f"{name} has an unexpected size or type")
        return np.frombuffer(stream.read(size), dtype=dtype, count=math.prod(shape)).reshape(shape)


def _from_parts(plain: Any, grids: NDArray[Any], union: NDArray[Any] | None) -> Counts:
    if not isinstance(plain, dict):
        raise TypeError("its header is not an object")
    if plain.get("format") != FORMAT or plain.get("version") != VERSION:
        raise ValueError(f"format {plain.get('format')!r} version {plain.get('version')!r} is not known")
    classes = plain["classes"]
    values = {field.name: plain[field.name] for field in fields(CountSpec)}
    spec = CountSpec(**values | {"grid": tuple(values["grid"])})
    expected = (1 if classes is None else len(classes), *spec.grid)
    if grids.shape != expected:  # checked before counts of the claimed shape are allocated
        raise ValueError(f"its counts have shape {grids.shape}, its header says {expected}")
    counts = Counts(spec, classes, grows=bool(plain["grows"]))
    counts.grids.fill(
        grids.astype(spec.dtype, casting="equiv", copy=False),
        None if union is None else union.astype(spec.dtype, casting="equiv", copy=False),
    )
    counts.report = Report.from_dict(plain["report"])
    return counts
