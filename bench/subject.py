"""heatgrid's own side of every comparison, one thread unless a row says otherwise."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# Enough shapes, and cells, to find out whether an option is understood.
PROBE = 8


class UnsupportedError(Exception):
    """The installed heatgrid does not know a function or an option that a row is about."""


def prepare(job: str, workload: Any, side: int, **options: Any) -> Callable[[], Any]:
    """Return the call that counts a workload.

    Parameters
    ----------
    job : str
        "boxes", "polygons", "masks", or "areas": polygons by the area that they cover.
    workload : Boxes, Polygons or Masks
        What to count.
    side : int
        Cells along either side of the grid.
    **options
        Passed on. ``images``, ``weights`` and ``labels`` given as True are taken from the workload.

    Raises
    ------
    UnsupportedError
        Where heatgrid refuses a few shapes with these options.
    """
    call = bind(job, workload, side, options)
    try:
        bind(job, workload.sample(PROBE), PROBE, options)()
    except (AttributeError, TypeError, ValueError, NotImplementedError) as error:
        raise UnsupportedError(str(error).splitlines()[0]) from error
    return call


def bind(job: str, workload: Any, side: int, options: dict[str, Any]) -> Callable[[], Any]:
    """Choose the function and its arguments."""
    heatgrid = importlib.import_module("heatgrid")
    given = {"threads": 1, **options}
    for tag in ("images", "weights", "labels"):
        if given.get(tag) is True:
            given[tag] = getattr(workload.tags, tag)
    if job == "boxes":
        return lambda: heatgrid.count_boxes(workload.xyxy, side, **given)
    if job == "masks":
        return lambda: heatgrid.count_masks(workload.codes, side, **given)
    if job == "areas":
        given["rule"] = "area"
    return lambda: heatgrid.count_polygons(workload.coords, workload.offsets, side, **given)
