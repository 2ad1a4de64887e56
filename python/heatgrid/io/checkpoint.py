"""What an interrupted count leaves behind, so that it can go on: the map so far, and how far that is.

A checkpoint is a saved map (`heatgrid.load` reads it) whose header says more: what was to be counted of which
sources; which of them are done, and what their files looked like; and how many batches of the others are in
the map. Whole sources are passed over when the count goes on; of one that is half done the batches that were
counted are read again and left out, so that counts and report end as if nothing had happened.
"""

from __future__ import annotations

import errno
import os
import time
from dataclasses import asdict, astuple, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heatgrid.core.arguments import grid_shape
from heatgrid.errors import FormatError
from heatgrid.order import Seen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from heatgrid.core.annotations import Annotations
    from heatgrid.order import Order

SECONDS = 10.0
"""The least time between two writings."""

_NEWER = {"fit": repr("stretch")}
"""Options that older checkpoints do not name, and what was counted then."""

KEY = "checkpoint"
"""Where a saved map's header says that it is one."""

_SHARE = 0.05  # at most so much of the time goes into writing
_CONFIGURATIONS = (".yaml", ".yml", ".data")  # files that stand for the folder that they lie in


@dataclass(frozen=True, slots=True)
class Amount:
    """How much was read of a stream of batches."""

    batches: int = 0
    images: int = 0
    annotations: int = 0

    def plus(self, batch: Annotations) -> Amount:
        """Return the amount with one more batch."""
        return Amount(self.batches + 1, self.images + len(batch.image_names), self.annotations + len(batch))


@dataclass(slots=True)
class Position:
    """How far a count has come.

    Attributes
    ----------
    stamps
        What the files of each source that was begun looked like: their number, bytes and latest change.
    done
        The numbers of sources that are counted to their end.
    begun
        How much is counted of the other sources, in their order.
    """

    stamps: list[list[int]] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    begun: Amount = Amount()


class Checkpoint:
    """A count that can be interrupted.

    Parameters
    ----------
    path
        The file; where there is one, its count goes on.
    order
        What is counted, and how.
    sources
        What is read.
    reading
        All that the batches depend on besides: format and options of reading.

    Attributes
    ----------
    heat, seen
        The map so far, and the classes and splits met.

    Raises
    ------
    FormatError
        The file is no checkpoint.
    ValueError
        It is one of another count, or a source has changed since.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        order: Order,
        sources: Sequence[str | os.PathLike[str]],
        reading: Mapping[str, Any],
    ) -> None:
        self._path = Path(path)
        if not self._path.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, "no such folder", str(self._path.parent))
        self._sources = [str(Path(source).absolute()) for source in sources]
        parts = asdict(order) | {"shape": grid_shape(order.shape), "sources": self._sources} | dict(reading)
        self._identity = {name: repr(value) for name, value in parts.items()}
        self._position, self._finished = Position(), False
        self.heat, self.seen = order.empty_map(), Seen()
        if self._path.exists():
            self._resume()
        self._passed = self._mark = Amount()  # of sources that are not done
        self._source, self._done = -1, set(self._position.done)
        self._written, self._pause = time.monotonic(), SECONDS

    def _resume(self) -> None:
        from heatgrid.io.npz import load_with_header

        self.heat, header = load_with_header(self._path)
        if KEY not in header:
            raise FormatError("a saved map, but no checkpoint", self._path)
        try:
            self._restore(header[KEY])
        except (KeyError, TypeError, AttributeError) as error:
            raise FormatError("a broken checkpoint", self._path) from error

    def _restore(self, state: dict[str, Any]) -> None:
        for name, own in self._identity.items():
            theirs = state["identity"].get(name, _NEWER.get(name))
            if own != theirs:
                raise ValueError(f"checkpoint: {self._path} is of a count with {name}={theirs}, not {own}")
        self._finished = bool(state["finished"])
        self.seen = Seen(dict.fromkeys(state["classes"]), set(state["splits"]))
        position = Position(state["stamps"], state["done"], Amount(*state["begun"]))
        for source, stamp in zip(self._sources, position.stamps, strict=False):
            if stamp_of(source) != stamp:
                raise self._changed(source)
        self._position = position

    def _changed(self, what: str) -> ValueError:
        return ValueError(
            f"checkpoint: {what} has changed since {self._path} was written; delete that to begin anew"
        )

    # What the reading of sources asks and tells

    def is_done(self, source: Path) -> bool:
        """Whether the next source, which is this one, is counted to its end; if not, its reading begins."""
        self._source += 1
        if self._source in self._done:
            return True
        if self._source == len(self._position.stamps):
            self._position.stamps.append(stamp_of(str(source)))
        self._mark = self._passed
        return False

    def note_done(self, source: Path) -> None:
        """Note that this source is read to its end, and all of it counted.

        Raises
        ------
        ValueError
            It ended before what was counted of it did.
        """
        if self._passed.batches < self._position.begun.batches:
            raise self._changed(str(source))
        self._position.done.append(self._source)
        # Its batches will not come again, so that they are no more among those to leave out.
        self._passed = self._position.begun = self._mark

    # What the counting asks and tells

    def has(self, batch: Annotations) -> bool:
        """Whether a batch is in the map already.

        Raises
        ------
        ValueError
            What was counted before is not what is read now.
        """
        begun = self._position.begun
        if self._passed.batches >= begun.batches:
            return False
        self._passed = self._passed.plus(batch)
        if self._passed.batches == begun.batches and self._passed != begun:
            raise self._changed(batch.source)
        return True

    def note(self, batch: Annotations) -> None:
        """Note that a batch was counted; write all down now and then."""
        self._passed = self._position.begun = self._passed.plus(batch)
        if time.monotonic() - self._written >= self._pause:
            self.write()

    def finish(self) -> None:
        """Write down that all is counted, unless that was known."""
        if self._passed != self._position.begun:
            raise self._changed(self._sources[-1])
        if not self._finished:
            self._finished = True
            self.write()

    def write(self) -> None:
        """Write the map and the position under another name, then rename: an old checkpoint or a new one."""
        from heatgrid.export import write_atomically
        from heatgrid.io.npz import dump

        begun = time.monotonic()
        position = self._position
        state = {
            "identity": self._identity,
            "finished": self._finished,
            "classes": list(self.seen.classes),
            "splits": list(self.seen.splits),
            "stamps": position.stamps,
            "done": position.done,
            "begun": list(astuple(position.begun)),
        }
        write_atomically(self._path, dump(self.heat, {KEY: state}))
        self._written = time.monotonic()
        self._pause = max(SECONDS, (self._written - begun) / _SHARE)


def is_unfinished(header: Mapping[str, Any]) -> bool:
    """Whether a saved map's header says that more is to be counted into it."""
    state = header.get(KEY)
    return isinstance(state, dict) and not state.get("finished")


def stamp_of(source: str) -> list[int]:
    """Return number, bytes and latest change of a source's files: itself, or those of formats in a folder."""
    path = Path(source)
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
