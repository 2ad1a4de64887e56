"""Arrays, tensors and lists that say by their shape what they are: boxes, masks and run-length codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.shapes import as_masks
from heatgrid.io.objects.assembly import Geometry, assemble
from heatgrid.io.objects.bitmaps import masks_of
from heatgrid.io.objects.tensors import as_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.objects.given import Given

NAME = "plain"
TITLE = "arrays, tensors and lists of boxes (N, 4), masks (N, h, w) or run-length codes"
SEVERAL = False
TAKES: tuple[str, ...] = ()

_SOURCE = "array"


def accepts(value: Any) -> bool:
    """Tell whether an object is a list or an array."""
    if isinstance(value, (str, bytes, Mapping)):
        return False
    return isinstance(value, Sequence) or any(hasattr(value, name) for name in ("__array__", "__dlpack__"))


def convert(value: Any, given: Given) -> Annotations:
    """Return boxes, x1 y1 x2 y2: pixels where a size is given, else divided by it; or masks.

    Raises
    ------
    TypeError
        The shape leaves open what is meant.
    """
    if isinstance(value, Sequence) and value and all(isinstance(one, Mapping) for one in value):
        codes = as_masks(value)
        return assemble(_SOURCE, len(value), given, Geometry(masks=codes))  # type: ignore[arg-type]
    array = as_array(value, "an array")
    if array.ndim == 3 and array.dtype in (np.bool_, np.uint8):
        return assemble(_SOURCE, len(array), given, Geometry(masks=masks_of(array)))
    boxes = _boxes(array)
    return assemble(_SOURCE, len(boxes), given, Geometry(boxes=boxes), normalized=given.size is None)


def _boxes(array: NDArray[Any]) -> NDArray[np.float64]:
    if array.size == 0 and array.dtype.kind in "iuf":
        return np.zeros((0, 4))
    if array.dtype.kind not in "iuf":
        raise TypeError(f"an array of dtype {array.dtype} is neither boxes nor masks; {_WAYS}")
    if array.ndim != 2 or array.shape[1] != 4:
        raise TypeError(f"an array of shape {array.shape} may be many things; {_WAYS}")
    return np.ascontiguousarray(array, dtype=np.float64)


_WAYS = (
    "boxes are (N, 4), x1 y1 x2 y2, and masks (N, h, w) of bools or uint8; for others see add_points (N, 2), "
    "add_polygons (vertices and offsets), add_boxes and add_masks"
)
