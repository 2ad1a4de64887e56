"""NPZ archives of counts: exact, compact, and safe to read from untrusted sources.

An archive holds ``counts``, (classes, rows, columns) int64 or float64, and ``heatgrid``, a JSON text with the
count specification and the report. If images are counted by class it also holds ``union``, (rows, columns),
all classes together. Any program that reads NPZ can use them.

A checkpoint is such an archive of an interrupted count, which resumes from it. Its header also has the
options and sources of the count, the finished sources with the state of their files, and the number of
counted batches of the others. Resuming skips finished sources. The counted batches of an unfinished source
are read again, but not counted, so that counts and report equal those of an uninterrupted count.
"""

from __future__ import annotations

import errno
import io
import json
import math
import os
import time
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Unpack, cast

import numpy as np

from heatgrid.core.counts import Counts
from heatgrid.core.limits import DEFAULT
from heatgrid.core.report import Report
from heatgrid.core.spec import CountSpec
from heatgrid.errors import FormatError
from heatgrid.io.remote import fetch, is_address, place_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zipfile import ZipFile

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import BatchKeywords, ReadOptions
    from heatgrid.io.registry import FormatName

MAX_HEADER = 1 << 28
_CHUNK = 1 << 20
FORMAT = "heatgrid"
VERSION = 1

KEY = "checkpoint"
"""Entry of a header that makes the map a checkpoint."""
SECONDS = 10.0
"""Minimum time between two writes of a checkpoint."""

_SHARE = 0.05  # of the time goes into writing, at most
_CONFIGURATIONS = (".yaml", ".yml", ".data")  # files that represent their folder


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


@dataclass(frozen=True, slots=True)
class Amount:
    """Amount read of a stream of batches."""

    batches: int = 0
    images: int = 0
    annotations: int = 0

    def plus(self, batch: Annotations) -> Amount:
        """Return the amount with one more batch."""
        return Amount(self.batches + 1, self.images + len(batch.image_names), self.annotations + len(batch))


@dataclass(slots=True)
class Progress:
    """Progress of a count.

    ``stamps`` are those of the sources that were started, ``done`` the indices of those that are counted
    completely, and ``begun`` is the amount counted of the others, in their order.
    """

    stamps: list[list[int]] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    begun: Amount = Amount()
    finished: bool = False


class Checkpoint:
    """A count that can be interrupted; ``counts`` are the counts so far.

    If the file exists, its count resumes. FormatError is raised if it is not a checkpoint, ValueError if it
    belongs to another count or a source has changed since.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        counts: Counts,
        sources: Sequence[str | os.PathLike[str]],
        options: ReadOptions,
        format: FormatName | None,  # noqa: A002
    ) -> None:
        if remote := [str(one) for one in (path, *sources) if is_address(one)]:
            raise ValueError(f"checkpoint requires files of this machine, got {remote[0]}")
        self._path = Path(path)
        if not self._path.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, "no such folder", str(self._path.parent))
        self._sources = [str(Path(source).absolute()) for source in sources]
        parts = counts.spec.to_dict() | asdict(replace(options, threads=None, meter=None))
        parts["weights"] = getattr(options.weights, "__qualname__", options.weights)  # of a function
        parts |= {"sources": self._sources, "format": format}
        del parts["limits"]["seconds"]
        parts["classes_at_start"] = counts.grids.classes
        self._identity = {name: repr(value) for name, value in parts.items()}
        self._progress = Progress()
        self.counts = counts
        if self._path.exists():
            self._resume()
        self._passed = self._mark = Amount()  # of sources that are not done
        self._source, self._done = -1, set(self._progress.done)
        self._written, self._pause = time.monotonic(), SECONDS

    def _resume(self) -> None:
        counts, header = read_counts(self._path)
        counts.grows = self.counts.grows
        self.counts = counts
        if KEY not in header:
            raise FormatError("a saved map, but not a checkpoint", self._path)
        try:
            self._restore(header[KEY])
        except (KeyError, TypeError, AttributeError) as error:
            raise FormatError("a broken checkpoint", self._path) from error

    def _restore(self, state: dict[str, Any]) -> None:
        for name, own in self._identity.items():
            theirs = state["identity"].get(name)
            if own != theirs:
                raise ValueError(
                    f"checkpoint {self._path} belongs to a count with {name}={theirs}, not {own}"
                )
        for source, stamp in zip(self._sources, state["stamps"], strict=False):
            if stamp_of(source) != stamp:
                raise self._changed(source)
        begun = Amount(**state["begun"])
        self._progress = Progress(state["stamps"], state["done"], begun, bool(state["finished"]))

    def _changed(self, what: str) -> ValueError:
        return ValueError(
            f"checkpoint {self._path}: {what} has changed since it was written; delete it to start again"
        )

    # Called while sources are read

    def is_done(self, source: Path) -> bool:
        """Return whether the next source, this one, is counted completely; if not, its reading starts."""
        self._source += 1
        if self._source in self._done:
            return True
        if self._source == len(self._progress.stamps):
            self._progress.stamps.append(stamp_of(str(source)))
        self._mark = self._passed
        return False

    def record_done(self, source: Path) -> None:
        """Record that this source is counted completely; ValueError if it ended within the counted part."""
        if self._passed.batches < self._progress.begun.batches:
            raise self._changed(str(source))
        self._progress.done.append(self._source)
        # Its batches will not be read again, so they no longer count among those to leave out.
        self._passed = self._progress.begun = self._mark

    # Called while batches are counted

    def add_batch(self, batch: Annotations, **options: Unpack[BatchKeywords]) -> None:
        """Count a batch that is not counted yet; write the file from time to time."""
        if not self.has(batch):
            self.counts.add_batch(batch, **options)
            self.record(batch)

    def has(self, batch: Annotations) -> bool:
        """Return whether a batch is already counted; ValueError if the batches differ from those counted."""
        begun = self._progress.begun
        if self._passed.batches >= begun.batches:
            return False
        self._passed = self._passed.plus(batch)
        if self._passed.batches == begun.batches and self._passed != begun:
            raise self._changed(batch.source)
        return True

    def record(self, batch: Annotations) -> None:
        """Record that a batch was counted; write the file from time to time."""
        self._passed = self._progress.begun = self._passed.plus(batch)
        if time.monotonic() - self._written >= self._pause:
            self.write()

    def finish(self) -> None:
        """Write that the count is complete, unless the file already says so."""
        if self._passed != self._progress.begun:
            raise self._changed(self._sources[-1])
        if not self._progress.finished:
            self._progress.finished = True
            self.write()

    def write(self) -> None:
        """Write counts and progress atomically: the file is either the old checkpoint or the new one."""
        from heatgrid.io.files import write_atomically

        begun = time.monotonic()
        state = {"identity": self._identity} | asdict(self._progress)
        write_atomically(self._path, dump(self.counts, {KEY: state}))
        self._written = time.monotonic()
        self._pause = max(SECONDS, (self._written - begun) / _SHARE)


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


def is_unfinished(header: Mapping[str, Any]) -> bool:
    """Return whether a saved map's header belongs to an unfinished checkpoint."""
    state = header.get(KEY)
    return isinstance(state, dict) and not state.get("finished")


def stamp_of(source: str) -> list[int]:
    """Return number, bytes and latest change of a source's files: itself, or annotation files in a folder."""
    from heatgrid.io.places import archive_of

    path = archive_of(source) or Path(source)
    if path.suffix.lower() in _CONFIGURATIONS:
        path = path.parent
    if not path.is_dir():
        status = path.stat()
        return [1, status.st_size, status.st_mtime_ns]
    from heatgrid.io.registry import listing

    suffixes = tuple({suffix for entry in listing() for suffix in entry["suffixes"]})
    stamp = [0, 0, 0]
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.lower().endswith(suffixes) and not name.startswith("."):
                status = Path(folder, name).stat()
                stamp = [stamp[0] + 1, stamp[1] + status.st_size, max(stamp[2], status.st_mtime_ns)]
    return stamp
