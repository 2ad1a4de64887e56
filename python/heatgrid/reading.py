"""The kernel's second door: text to columns, and what columns are fit for, before anything is counted.

`heatgrid.counting` is the first, `heatgrid.stamping` the third; no other module imports the kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from heatgrid import _core

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from heatgrid.columns import Polygons

CocoFile = _core.CocoFile
CocoTrait = _core.CocoTrait


def read_coco(content: bytes) -> CocoFile | None:
    """Return the columns of a COCO file, or None where it has anything that the quick reader does not know.

    Parameters
    ----------
    content
        JSON, as its file has it.

    Returns
    -------
    CocoFile or None
        The annotations' numbers, raw and in the file's order; each column can be taken once. What is refused
        by `json` is always None.
    """
    return _core.read_coco(content)


def judge_rings(polygons: Polygons) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which rings have three different vertices, and which have a coordinate that is not finite."""
    qualities = _core.judge_rings(polygons.coords, polygons.rings)
    three_points, not_finite = _core.RingQuality.three_points, _core.RingQuality.not_finite
    return (qualities & three_points.value) != 0, (qualities & not_finite.value) != 0
