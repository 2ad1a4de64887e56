"""Worker processes that read files of a folder, since Python's parsers occupy one core per process.

A worker is a new interpreter. It receives the files to read and returns batches, both pickled, through its
standard streams, and it ends with them. Unlike the processes of `multiprocessing`, it neither copies a
process with threads nor imports the caller's main module.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections import deque
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event, Semaphore, Thread
from time import perf_counter
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast

from heatgrid.core.arguments import worker_count
from heatgrid.core.limits import check_stop
from heatgrid.core.report import Report
from heatgrid.errors import FormatError
from heatgrid.io import places
from heatgrid.io.build import BatchBuilder, empty_batch, read_in_batches
from heatgrid.io.columns import join_batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions

    ReadPart = Callable[[Sequence[Any]], list[Annotations]]

T = TypeVar("T")

SECONDS_PER_WORKER = 0.6
"""Time of reading for which a worker is started, which takes 0.3 seconds."""

PART = 512
"""Files that are read at once."""

_AHEAD = 8  # parts per process that are read before they are needed
_POLL = 0.1  # seconds between looks at a deadline
_COMMAND = (
    "import sys, pickle; sys.path[:] = pickle.load(sys.stdin.buffer);"
    "from heatgrid.io.workers import serve; serve()"
)


def read_files(
    sources: Sequence[T],
    add: Callable[[BatchBuilder, T], Iterator[str | None]],
    builder: BatchBuilder,
    options: ReadOptions,
) -> Iterator[Annotations]:
    """Yield batches as `read_in_batches`, of many files with the help of workers.

    ``add``, which also takes the builder, and the sources are pickled. This process reads on where that, or a
    worker, fails.
    """
    processes = worker_count(options.threads, len(sources), "files")
    job = b""
    if processes > 1 and len(sources) > 2 * PART and _can_start() and not places.is_inner(builder.source):
        with suppress(pickle.PicklingError, AttributeError, TypeError):  # of what only this process knows
            job = pickle.dumps(sys.path) + pickle.dumps((add, builder, options))
    if not job:
        yield from read_in_batches(sources, partial(add, builder), builder, options)
        return
    report = builder.report
    joined: list[Annotations] = []
    images = refused = 0
    with closing(_Parts(sources, partial(_read_part, add, builder, options), processes - 1, job)) as parts:
        for batch in parts:
            own = len(batch.image_names)
            if joined and own and (batch.split != joined[0].split or images + own > options.batch_images):
                yield replace(join_batches(joined), report=report)
                report, joined, images = Report(), [], 0
            report.merge(batch.report)
            refused += sum(batch.report.refused.values())
            joined += [batch] if own else []
            images += own
    if refused == len(sources):
        yield from read_in_batches(sources[:1], partial(add, builder), builder, options)  # raises its error
    if joined:
        yield replace(join_batches(joined), report=report)
    elif report != Report():
        yield empty_batch(report, builder.source)


def _can_start() -> bool:
    """Return whether this is an interpreter that starts another one, not an application that contains it."""
    return Path(sys.executable or "").name.lower().startswith("python") and not hasattr(sys, "frozen")


def _read_part(
    add: Callable[[BatchBuilder, T], Iterator[str | None]],
    builder: BatchBuilder,
    options: ReadOptions,
    sources: Sequence[T],
) -> list[Annotations]:
    """Return the batches of some files; raise FormatError with ``on_error="raise"`` only."""
    builder.restart()

    def add_one(source: T | None) -> Iterator[str | None]:
        return iter(()) if source is None else add(builder, source)

    return [*read_in_batches([*sources, None], add_one, builder, options)]  # None can be read


def serve() -> None:
    """Read the parts that standard input names, until it ends."""
    requests, results, sys.stdout = sys.stdin.buffer, sys.stdout.buffer, sys.stderr
    read_part: ReadPart = partial(_read_part, *pickle.load(requests))  # noqa: S301 - of the parent process
    batches: list[Annotations] = []
    with suppress(EOFError):
        while True:
            pickle.dump(batches, results, pickle.HIGHEST_PROTOCOL)  # first, none: it has started
            results.flush()
            batches = read_part(pickle.load(requests))  # noqa: S301


def _start_worker() -> subprocess.Popen[bytes]:
    """Start a worker; the current folder is not in its path, and Windows shows no console."""
    return subprocess.Popen(  # noqa: S603 - this interpreter
        [sys.executable, "-I" if sys.flags.isolated else "-P", "-c", _COMMAND],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


class _Parts:
    """Parts of the files, which this process and workers read; iterates over their batches in order."""

    def __init__(self, sources: Sequence[Any], read_part: ReadPart, most_workers: int, job: bytes) -> None:
        self._parts = [sources[i : i + PART] for i in range(0, len(sources), PART)]
        self._read_part, self._most_workers, self._job = read_part, most_workers, job
        self._untaken = deque(range(len(self._parts)))
        self._room = Semaphore(1)  # parts that may be taken
        self._batches: dict[int, list[Annotations] | None] = {}  # by part; None: not read, to be tried again
        self._arrived = Event()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._threads: list[Thread] = []

    def __iter__(self) -> Iterator[Annotations]:
        begin = perf_counter()
        self._read_next()
        seconds = (perf_counter() - begin) * len(self._parts)
        workers = min(self._most_workers, int(seconds / SECONDS_PER_WORKER))
        self._room.release(_AHEAD * (workers + 1))
        self._threads = [Thread(target=self._attend, daemon=True) for _ in range(workers)]
        for thread in self._threads:
            thread.start()
        for number, sources in enumerate(self._parts):
            while number not in self._batches:
                check_stop()
                self._arrived.clear()
                if not self._read_next() and number not in self._batches:
                    self._arrived.wait(_POLL)
            batches = self._batches.pop(number)
            yield from self._read_part(sources) if batches is None else batches
            self._room.release()

    def close(self) -> None:
        """End the workers."""
        self._untaken.clear()
        self._room.release(self._most_workers)
        for process in self._processes:
            process.kill()
        for thread in self._threads:
            thread.join(1.0)

    def _take(self, *, waits: bool) -> int | None:
        """Return the number of a part to read; None if there is none."""
        with suppress(IndexError):
            if self._room.acquire(waits):
                return self._untaken.popleft()
        return None

    def _read_next(self) -> bool:
        """Read a part in this process; return False if there is none to read at present."""
        if (part := self._take(waits=False)) is None:
            return False
        batches = None
        with suppress(FormatError):  # raised again when it is this part's turn
            batches = self._read_part(self._parts[part])
        self._put(part, batches)
        return True

    def _put(self, part: int, batches: list[Annotations] | None) -> None:
        self._batches[part] = batches
        self._arrived.set()

    def _attend(self) -> None:
        """Start a worker and give it parts, until there are no more or it fails."""
        with suppress(Exception), _start_worker() as process:
            requests, results = cast("tuple[IO[bytes], IO[bytes]]", (process.stdin, process.stdout))
            part = None
            try:
                self._processes.append(process)
                if self._untaken:
                    requests.write(self._job)
                    requests.flush()
                    pickle.load(results)  # noqa: S301 - of our own process
                while (part := self._take(waits=True)) is not None:
                    pickle.dump(self._parts[part], requests, pickle.HIGHEST_PROTOCOL)
                    requests.flush()
                    self._put(part, pickle.load(results))  # noqa: S301
            finally:
                process.kill()
                if part is not None:
                    self._put(part, None)
