"""Timing: several sides alternately, after a warm-up, and the median of each.

One thread is measured in processor time, since other load on the machine affects it less than wall time.
Several threads are measured in wall time. Ratios within a run are more reliable than times.
"""

from __future__ import annotations

import gc
import os
import statistics
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# A peer slower than this, in seconds per call, is repeated only SLOW_REPETITIONS times.
SLOW = 2.0
SLOW_REPETITIONS = 3
# A call shorter than this, in seconds, is repeated and the time divided.
SHORTEST = 0.002


def with_bytecode(folder: str) -> dict[str, str]:
    """Return the environment of interpreters that keep compiled modules, as installed packages have them."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return own | {"PYTHONPYCACHEPREFIX": folder}


@dataclass(frozen=True)
class Side:
    """One side of a comparison: a call, and the number of shapes that it counts."""

    name: str
    call: Callable[[], object]
    shapes: int


@dataclass(frozen=True)
class Timing:
    """The median of one side.

    Attributes
    ----------
    side : str
        Name of the side.
    shapes : int
        Shapes counted by one call.
    seconds : float
        Median time of one call.
    repetitions : int
        Number of measured calls, or groups of calls.
    """

    side: str
    shapes: int
    seconds: float
    repetitions: int

    @property
    def per_shape(self) -> float:
        """Nanoseconds per shape."""
        return 1e9 * self.seconds / self.shapes


WALL = time.perf_counter
# Some systems count processor time in milliseconds only.
PROCESSOR = time.process_time if time.get_clock_info("process_time").resolution < 1e-5 else WALL


def seconds(call: Callable[[], object], times: int = 1, clock: Callable[[], float] = WALL) -> float:
    """Time one call, as the mean of `times` calls."""
    start = clock()
    for _ in range(times):
        call()
    return (clock() - start) / times


def alternate(
    sides: Sequence[Side], repetitions: int, clock: Callable[[], float] = PROCESSOR
) -> list[Timing]:
    """Time all sides alternately, in `repetitions` rounds after one warm-up round."""
    warm = [seconds(side.call) for side in sides]
    times = [max(1, round(SHORTEST / max(once, 1e-7))) for once in warm]
    rounds = [SLOW_REPETITIONS if once > SLOW else repetitions for once in warm]
    taken: list[list[float]] = [[] for _ in sides]
    with collector_off():
        for turn in range(repetitions):
            for i, side in enumerate(sides):
                if turn < rounds[i]:
                    taken[i].append(seconds(side.call, times[i], clock))
    return [
        Timing(side.name, side.shapes, statistics.median(taken[i]), len(taken[i]))
        for i, side in enumerate(sides)
    ]


@contextmanager
def collector_off() -> Iterator[None]:
    """Disable the garbage collector, so that no side is charged for it."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def fit(
    name: str, prepare: Callable[[Any], Callable[[], object]], workload: Any, budget: float, fewest: int
) -> Side:
    """Return a side with as many shapes of a workload as it counts in about `budget` seconds.

    The number grows from `fewest` by factors of ten up to the whole workload, which spreads the fixed cost of
    a call over many shapes.
    """
    call, fixed = warmed(prepare, workload.sample(1))
    shapes = min(fewest, len(workload))
    call, taken = warmed(prepare, workload.sample(shapes))
    while shapes < len(workload):
        more = min(10 * shapes, len(workload))
        expected = taken + max(taken - fixed, 0.0) * (more - shapes) / shapes
        if expected > max(budget, 2 * taken):
            break
        shapes = more
        call, taken = warmed(prepare, workload.sample(shapes))
    return Side(name, call, shapes)


def warmed(
    prepare: Callable[[Any], Callable[[], object]], workload: Any
) -> tuple[Callable[[], object], float]:
    """Prepare a call, warm it up, and time it."""
    call = prepare(workload)
    call()
    return call, seconds(call)


def read_once(workload: Any) -> Side:
    """Return the side that only reads the input once: the physical limit."""
    arrays = workload.reads()
    return Side("read once", lambda: [np.max(array) for array in arrays], len(workload))
