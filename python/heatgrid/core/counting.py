"""Counting of shapes into grids: the arguments that all shapes share, the fit, and size maps."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.arguments import as_integers, as_sizes, as_weights
from heatgrid.core.extents import size_points
from heatgrid.core.kernel import Outcome
from heatgrid.core.letterbox import letterbox
from heatgrid.core.limits import DEFAULT
from heatgrid.core.outcomes import SKIPPED
from heatgrid.errors import HeatgridWarning

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.ragged import Shapes
    from heatgrid.core.spec import CountSpec

_REASONS = {
    "masks": "a code is broken, or does not sum to height times width",
    "discs": "a number is not finite, or a radius is negative",
}


def count_shapes(
    shapes: Shapes,
    grids: NDArray[Any],
    spec: CountSpec,
    outcome: NDArray[np.uint8],
    *,
    size: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    images: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    normalized: bool = False,
    threads: int | None = None,
    clamp: bool = False,
    union: NDArray[Any] | None = None,
    is_fresh: bool = False,
    is_strict: bool = False,
    is_measured: bool = False,
    area_work: int = DEFAULT.area_work,
) -> int:
    """Check the arguments that all shapes share, apply ``fit``, and count; return the number of faults.

    Parameters are those of `heatgrid.core.kernel.count`; ``normalized`` says that coordinates are normalized
    although ``size`` is passed, for ``fit="letterbox"``; ``is_measured`` that the shapes of a size map are
    its points already.
    """
    if spec.count == "images" and images is None:
        raise ValueError("count='images' requires images=, the image of each annotation")
    if spec.count == "instances" and images is not None:
        raise ValueError("images is used with count='images' only")
    if spec.needs_area and shapes.noun in {"lines", "points"}:
        raise ValueError(f"rule='area' cannot count {shapes.noun}, which have no area")
    sizes = as_sizes(size)
    if spec.of == "size" and not is_measured:
        shapes, sizes = size_points(shapes, sizes, outcome), None
    if spec.fit == "letterbox":
        shapes, sizes = letterbox(shapes, sizes, normalized=normalized)
    images = None if images is None else as_integers(images, "images")
    weights = None if weights is None else as_weights(weights)
    if not len(grids):
        return 0
    return kernel.count(
        shapes,
        grids,
        spec,
        outcome,
        union=union,
        sizes=sizes,
        labels=None if labels is None else as_integers(labels, "labels"),
        images=images,
        weights=weights,
        threads=threads,
        clamp=clamp,
        is_fresh=is_fresh,
        is_strict=is_strict,
        area_work=area_work,
    )


def count_into(
    shapes: Shapes,
    spec: CountSpec,
    out: NDArray[Any] | None,
    classes: int | None,
    labels: ArrayLike | None,
    **options: Any,
) -> NDArray[Any]:
    """Count into ``out``, or into a new array; warn of skipped shapes."""
    is_fresh = out is None
    out = _result(spec, labels, classes, out)
    outcome = kernel.pending(len(shapes))
    grids = out[np.newaxis] if classes is None else out
    skipped = count_shapes(shapes, grids, spec, outcome, labels=labels, is_fresh=is_fresh, **options)
    if skipped:
        reason = _REASONS.get(shapes.noun, "a coordinate or size is not finite, or a size is not positive")
        if (outcome == Outcome.TOO_COMPLEX.value).any():
            reason += f", or {SKIPPED[Outcome.TOO_COMPLEX]}"
        message = f"{skipped} {shapes.noun} skipped: {reason}"
        warnings.warn(message, HeatgridWarning, stacklevel=3)
    return out


def _result(
    spec: CountSpec, labels: ArrayLike | None, classes: int | None, out: NDArray[Any] | None
) -> NDArray[Any]:
    if classes is not None and (isinstance(classes, bool) or not isinstance(classes, (int, np.integer))):
        raise TypeError(f"classes must be an int or None, got {classes!r}")
    if classes is not None and classes < 1:
        raise ValueError(f"classes must be at least 1, got {classes}")
    if (labels is None) != (classes is None):
        raise ValueError("labels and classes are used together: classes is the number of grids in the result")
    expected = spec.grid if classes is None else (int(classes), *spec.grid)
    if out is None:
        return np.zeros(expected, dtype=spec.dtype)
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be a numpy array, got {type(out).__name__}")
    if out.shape != expected:
        raise ValueError(f"out must have shape {expected}, got {out.shape}")
    return out
