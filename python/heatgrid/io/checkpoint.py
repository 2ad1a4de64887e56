"""Checkpoint file of an interrupted count, which resumes from it.

It is an archive of `heatgrid.io.npz` whose header also has the options and sources of the count, the
finished sources with the state of their files, and the number of counted batches of the others. Resuming
skips finished sources. The counted batches of an unfinished source are read again, but not counted, so that
counts and report equal those of an uninterrupted count.
"""

from __future__ import annotations

import errno
import os
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from heatgrid.errors import FormatError
from heatgrid.io.npz import dump, read_counts
from heatgrid.io.remote import is_address

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.counts import Counts
    from heatgrid.io.options import BatchKeywords, ReadOptions
    from heatgrid.io.registry import FormatName

KEY = "checkpoint"
"""Entry of a header that makes the map a checkpoint."""
SECONDS = 10.0
"""Minimum time between two writes of a checkpoint."""

_SHARE = 0.05  # of the time goes into writing, at most
_CONFIGURATIONS = (".yaml", ".yml", ".data")  # files that represent their folder


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
