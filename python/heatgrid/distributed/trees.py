"""Sums as trees, on Dask: few large maps, added up some at a time, wherever they lie."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

from heatgrid.core.arguments import available_cores
from heatgrid.distributed.shares import merge
from heatgrid.errors import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

FAN_IN = 4
"""How many maps are added up at a time."""

_SHARES_A_CORE = 2


def tree_sum(maps: Iterable[Any], fan_in: int = FAN_IN, merge: Callable[[Any], Any] = merge) -> Any:
    """Return the sum of maps that are yet to be counted.

    Parameters
    ----------
    maps
        Dask ``Delayed`` maps, at least one.
    fan_in
        How many are added up at a time: at most so many and their sum are in a worker's memory.
    merge
        Adds up a list of what is counted, and leaves it as it was: a task that is run again, since its
        worker was lost, finds its maps unchanged.

    Returns
    -------
    Delayed
        The sum, yet to be computed.
    """
    delayed = require("dask", "dask").delayed
    if fan_in < 2:
        raise ValueError(f"fan_in must be at least 2, got {fan_in}")
    level = list(maps)
    if not level:
        raise ValueError("maps must be at least one: the sum of none has no grid")
    add = delayed(merge, pure=False)
    while len(level) > 1:
        level = [add(level[i : i + fan_in]) for i in range(0, len(level), fan_in)]
    return level[0]


def share_out(sizes: Sequence[int], parts: int) -> list[list[int]]:
    """Share numbered things out, in their order, so that the parts are of about one size.

    Returns
    -------
    list of list of int
        At most ``parts`` lists of numbers, none empty.
    """
    total = sum(sizes) or 1
    shares: list[list[int]] = [[] for _ in range(max(1, min(parts, len(sizes))))]
    for number, (size, end) in enumerate(zip(sizes, accumulate(sizes), strict=True)):
        middle = end - size / 2
        shares[min(len(shares) - 1, int(middle * len(shares) / total))].append(number)
    return [share for share in shares if share]


def usual_partitions() -> int:
    """Return two shares a core of the cluster at hand, or of this machine."""
    try:
        client: Any = require("distributed", "dask").default_client()
    except (ImportError, ValueError):  # no cluster
        cores = available_cores()
    else:
        cores = sum(client.nthreads().values())
    return max(1, _SHARES_A_CORE * cores)
