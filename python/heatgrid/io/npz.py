"""NPZ archives of counts: exact, compact, and safe to read from untrusted sources.

An archive holds ``counts``, (classes, rows, columns) int64 or float64, and ``heatgrid``, a JSON text with the
count specification and the report. If images are counted by class it also holds ``union``, (rows, columns),
all classes together. Any program that reads NPZ can use them. heatgrid's own JSON files are read as well.
"""

from __future__ import annotations

import io
import json
import math
from dataclasses import fields
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from heatgrid.core.counts import Counts
from heatgrid.core.limits import DEFAULT
from heatgrid.core.report import Report
from heatgrid.core.spec import CountSpec
from heatgrid.errors import FormatError
from heatgrid.io.remote import fetch, is_address, place_of

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from zipfile import ZipFile

    from numpy.typing import NDArray


MAX_HEADER = 1 << 28
_CHUNK = 1 << 20
FORMAT = "heatgrid"
VERSION = 1


def header(spec: CountSpec, classes: Sequence[str] | None) -> dict[str, Any]:
    """Return the format, the classes and the count specification as plain values."""
    plain = {"format": FORMAT, "version": VERSION, "classes": None if classes is None else list(classes)}
    return plain | spec.to_dict() | {"grid": list(spec.grid)}


def dump(counts: Counts, extra: Mapping[str, Any] | None = None) -> bytes:
    """Return counts as the bytes of an NPZ archive, with ``extra`` entries in its header."""
    own = {"grows": counts.grows, "report": counts.report.to_dict(), "aspects": [*counts.aspects.items()]}
    text = json.dumps(header(counts.spec, counts.grids.classes) | own | dict(extra or {}))
    arrays = {"counts": counts.grids.counts}
    if counts.grids.union is not None:
        arrays["union"] = counts.grids.union
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, heatgrid=np.array(text), **arrays)
    return stream.getvalue()


def read_counts(
    path: str | os.PathLike[str] | BinaryIO, *, max_bytes: int = DEFAULT.map_bytes
) -> tuple[Counts, dict[str, Any]]:
    """Return the counts and the header of an archive of `dump`, or of heatgrid's JSON; or raise FormatError.

    ``max_bytes`` limits the counts: an archive of a megabyte may hold a gigabyte. No code in a file is run.
    """
    if hasattr(path, "read"):
        return _read(cast("BinaryIO", path), None, max_bytes)
    if is_address(path):
        return _read(io.BytesIO(fetch(cast("str", path), max_bytes)), str(path), max_bytes)
    with place_of(cast("str", path)).open("rb") as stream:
        return _read(stream, str(path), max_bytes)


def _read(stream: BinaryIO, name: str | None, max_bytes: int) -> tuple[Counts, dict[str, Any]]:
    try:
        start = stream.read(1)
        stream.seek(-len(start), io.SEEK_CUR)
        if start == b"{":
            counts, plain = _read_json(stream.read(max_bytes + 1), max_bytes)
        else:
            counts, plain = _read_archive(stream, max_bytes)
        counts.report = Report.from_dict(plain["report"], signed=bool((counts.grids.counts < 0).any()))
        counts.aspects.update({float(aspect): int(number) for aspect, number in plain["aspects"]})
    # A hostile archive can make zipfile, zlib, json and numpy raise almost anything.
    except Exception as error:
        raise FormatError(
            f"not a map saved by heatgrid: {str(error) or type(error).__name__}", name
        ) from error
    return counts, plain


def _read_archive(stream: BinaryIO, max_bytes: int) -> tuple[Counts, dict[str, Any]]:
    from zipfile import ZipFile

    with ZipFile(stream) as archive:
        plain = _header(archive)
        counts = _empty(plain, archive, max_bytes)
        _read_into(archive, "counts", counts.grids.counts)
        if counts.grids.union is not None:
            _read_into(archive, "union", counts.grids.union)
    counts.grids.fill(counts.grids.counts, counts.grids.union, copy=False)
    return counts, plain


def _read_json(text: bytes, max_bytes: int) -> tuple[Counts, dict[str, Any]]:
    """Return counts from a JSON file of a map; without grids per class, the map has none."""
    if len(text) > max_bytes:
        raise ValueError(f"it takes more bytes than limits.map_bytes={max_bytes:,}")
    plain: dict[str, Any] = {"grows": True, "aspects": []} | _checked(json.loads(text))
    names = plain["classes"] if "by_class" in plain else None
    counts = _empty(plain | {"classes": names}, None, max_bytes)
    grids, dtype = counts.grids, counts.spec.dtype
    given = np.float64 if grids.has_gaps else None  # null becomes NaN
    planes = [plain["counts"]] if names is None else [plain["by_class"][name] for name in names]
    found = np.array(planes, given).reshape(grids.counts.shape).astype(dtype, casting="same_kind")
    union = np.array(plain["counts"], given).reshape(counts.spec.grid).astype(dtype, casting="same_kind")
    grids.fill(found, None if grids.union is None else union)
    return counts, plain


def _header(archive: ZipFile) -> dict[str, Any]:
    info = archive.getinfo("heatgrid.npy")
    if info.file_size > MAX_HEADER:
        raise ValueError(f"its header takes {info.file_size:,} bytes, more than {MAX_HEADER:,}")
    with archive.open(info) as stream:
        return _checked(json.loads(str(np.lib.format.read_array(stream, allow_pickle=False))))


def _checked(plain: Any) -> dict[str, Any]:
    """Return a header of a known version, or raise."""
    if not isinstance(plain, dict):
        raise TypeError("its header is not an object")
    if plain.get("format") != FORMAT or plain.get("version") != VERSION:
        raise ValueError(f"format {plain.get('format')!r} version {plain.get('version')!r} is not known")
    return plain


def _spec(plain: dict[str, Any]) -> CountSpec:
    plain = {"unit": None} | plain  # which maps of computed values have
    values = {field.name: plain[field.name] for field in fields(CountSpec)}
    return CountSpec(**values | {"grid": tuple(values["grid"])})


def _empty(plain: dict[str, Any], archive: ZipFile | None, max_bytes: int) -> Counts:
    """Return empty counts as the header describes them, if the archive claims to hold as many."""
    spec, classes = _spec(plain), plain["classes"]
    size = (1 if classes is None else len(classes)) * math.prod(spec.grid) * np.dtype(spec.dtype).itemsize
    if size > max_bytes:
        raise ValueError(f"counts take {size:,} bytes, more than limits.map_bytes={max_bytes:,}")
    if archive is not None and archive.getinfo("counts.npy").file_size < size:
        raise ValueError("its counts are smaller than its header says")
    counts = Counts(spec, classes, grows=bool(plain["grows"]))
    if archive is not None and (counts.grids.union is None) == ("union.npy" in archive.namelist()):
        raise ValueError("union is required if and only if images are counted by class")
    return counts


def _read_into(archive: ZipFile, name: str, out: NDArray[Any]) -> None:
    """Read an array of a known shape and type into ``out``, without another copy."""
    stream: Any
    with archive.open(f"{name}.npy") as stream:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, column_major, dtype = np.lib.format.read_array_header_1_0(stream)
        else:
            shape, column_major, dtype = np.lib.format.read_array_header_2_0(stream)
        if shape != out.shape:
            raise ValueError(f"its {name} have shape {shape}, its header says {out.shape}")
        if column_major or not np.can_cast(dtype, out.dtype, "equiv"):
            raise ValueError(f"its {name} have type {dtype}, not {out.dtype}")
        rest: Any = memoryview(out.reshape(-1).view(np.uint8).data)
        while rest and (count := stream.readinto(rest[:_CHUNK])):
            rest = rest[count:]
        if len(rest) or stream.read(1):
            raise ValueError(f"its {name} have an unexpected size")
    if not dtype.isnative:
        out.byteswap(inplace=True)


def is_saved_map(path: str) -> bool:
    """Return whether a file is named like an archive of `dump`, or begins like heatgrid's own JSON."""
    if not path.lower().endswith(".json"):
        return path.lower().endswith(".npz")
    begin = f'{{"format": "{FORMAT}"'.encode()
    try:
        if is_address(path):
            return fetch(path, None, len(begin)) == begin
        with place_of(path).open("rb") as file:
            return file.read(len(begin)) == begin
    except (OSError, FormatError):
        return False
