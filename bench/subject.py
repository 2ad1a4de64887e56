"""heatgrid's side of every comparison, on one thread unless a row says otherwise."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# Shapes, and cells, of a call that tests whether an option is supported.
PROBE = 8


class UnsupportedError(Exception):
    """The installed heatgrid lacks a function or an option that a row needs."""


def prepare(job: str, workload: Any, side: int, **options: Any) -> Callable[[], Any]:
    """Return the call that counts a workload.

    Parameters
    ----------
    job : str
        "boxes", "polygons", "masks", or "areas": polygons with ``rule="area"``.
    workload : Boxes, Polygons or Masks
        Shapes to count.
    side : int
        Cells along each side of the grid.
    **options
        Options of the counting function. True for ``images``, ``weights`` or ``labels`` means those of the
        workload.

    Raises
    ------
    UnsupportedError
        heatgrid does not support these options.
    """
    call = bind(job, workload, side, options)
    try:
        bind(job, workload.sample(PROBE), PROBE, options)()
    except (AttributeError, TypeError, ValueError, NotImplementedError) as error:
        raise UnsupportedError(str(error).splitlines()[0]) from error
    return call


def bind(job: str, workload: Any, side: int, options: dict[str, Any]) -> Callable[[], Any]:
    """Return the call with all its arguments."""
    heatgrid = importlib.import_module("heatgrid")
    arguments = {"threads": 1, **options}
    for tag in ("images", "weights", "labels"):
        if arguments.get(tag) is True:
            arguments[tag] = getattr(workload.tags, tag)
    if job == "boxes":
        return lambda: heatgrid.count_boxes(workload.xyxy, side, **arguments)
    if job == "masks":
        return lambda: heatgrid.count_masks(workload.codes, side, **arguments)
    if job == "areas":
        arguments["rule"] = "area"
    return lambda: heatgrid.count_polygons(workload.coords, workload.offsets, side, **arguments)
