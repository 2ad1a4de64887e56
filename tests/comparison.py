"""Comparison of the kernel with the reference implementation."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
import reference
from arrays import columns, nested, ragged, ragged_lines
from heatgrid.core.arguments import as_doubles, line_shapes, mask_shapes, polygon_shapes
from heatgrid.core.counting import count_shapes
from heatgrid.core.kernel import Outcome
from heatgrid.core.ragged import Shapes
from heatgrid.core.spec import CountSpec
from heatgrid.errors import HeatgridWarning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def arguments(kind: str, shapes: Sequence[Any]) -> tuple[Any, ...]:
    """Return points, boxes, polygons or lines as the arrays that heatgrid takes."""
    if kind == "polygons":
        return ragged(shapes)
    if kind == "lines":
        return ragged_lines(shapes)
    return (columns(shapes, {"points": 2, "boxes": 4}[kind]),)


def kernel_counts(kind: str, shapes: Sequence[Any], grid: reference.Shape, **options: Any) -> NDArray[Any]:
    """Count with ``heatgrid.count_points``, ``count_boxes``, ``count_polygons`` or ``count_lines``."""
    count: Any = getattr(hg, f"count_{kind}")
    counts: NDArray[Any] = count(*arguments(kind, shapes), grid, **options)
    return counts


STATUSES = {
    Outcome.COUNTED: "counted",
    Outcome.COUNTED_AS_POINT: "fallback",
    Outcome.EMPTY: "empty",
    Outcome.OUTSIDE: "outside",
    Outcome.NOT_FINITE: "invalid",
    Outcome.BROKEN_MASK: "invalid",
}
"""The reference's words for the kernel's outcomes."""


def shapes_of(kind: str, *arrays: Any) -> Shapes:
    """Return arrays as shapes of the package."""
    if kind == "boxes":
        return Shapes(boxes=as_doubles(arrays[0], "xyxy", 4))
    if kind == "points":
        return Shapes(xy=as_doubles(arrays[0], "xy", 2))
    make: Any = {"polygons": polygon_shapes, "lines": line_shapes, "masks": mask_shapes}[kind]
    shapes: Shapes = make(*arrays)
    return shapes


def statuses_of(shapes: Shapes, grid: reference.Shape, rule: str = "center", **options: Any) -> list[str]:
    """Return the kernel's outcome of each shape, in the reference's words."""
    classes = options.pop("classes", None) or 1
    ratio, clamp = options.pop("large_box_ratio", None), options.pop("outside", "drop") == "clamp"
    shared = {name: value for name, value in options.items() if name in {"size", "labels", "threads"}}
    spec = CountSpec(grid=grid, rule=rule, large_box_ratio=ratio)  # type: ignore[arg-type]
    outcome = np.full(len(shapes), Outcome.PENDING.value, dtype=np.uint8)
    count_shapes(shapes, np.zeros((classes, *grid), dtype=spec.dtype), spec, outcome, clamp=clamp, **shared)
    return [STATUSES[Outcome(code)] for code in outcome.tolist()]


def kernel_statuses(kind: str, shapes: Sequence[Any], grid: reference.Shape, **options: Any) -> list[str]:
    """Return the kernel's status of each shape, which does not depend on the counting mode."""
    if kind == "points":
        options.pop("rule", None)
    return statuses_of(shapes_of(kind, *arguments(kind, shapes)), grid, **options)


def reference_count(
    kind: str, shapes: Sequence[Any], grid: reference.Shape, **options: Any
) -> reference.Count:
    """Count with the reference, which has no threads."""
    options.pop("threads", None)
    count: Any = getattr(reference, f"count_{kind}")
    counted: reference.Count = count(shapes, grid, **options)
    return counted


def check(kind: str, shapes: Sequence[Any], grid: reference.Shape, **options: Any) -> None:
    """Assert that the kernel's counts and statuses are equal to those of the reference."""
    expected = reference_count(kind, shapes, grid, **options)
    counts = counts_with_warning(kind, shapes, grid, expected, **options)
    assert counts.dtype == np.int64
    if not np.array_equal(counts, nested(expected.counts)):
        pytest.fail(first_difference(kind, shapes, grid, **options))
    statuses = kernel_statuses(kind, shapes, grid, **options)
    differing = [i for i, status in enumerate(expected.statuses) if statuses[i] != status]
    assert not differing, [(shapes[i], expected.statuses[i], statuses[i]) for i in differing[:3]]


def check_close(kind: str, shapes: Sequence[Any], grid: reference.Shape, **options: Any) -> None:
    """Assert that the kernel's sums of areas or weights equal those of the reference up to rounding."""
    expected = reference_count(kind, shapes, grid, **options)
    counts = counts_with_warning(kind, shapes, grid, expected, **options)
    assert counts.dtype == np.float64
    if not are_close(counts, nested(expected.counts)):
        pytest.fail(first_difference(kind, shapes, grid, **options))


def are_close(counts: NDArray[Any], expected: NDArray[Any]) -> bool:
    """Return whether two arrays are equal to 1e-9, relative or absolute."""
    return bool(np.allclose(counts, expected, rtol=1e-9, atol=1e-9))


def counts_with_warning(
    kind: str, shapes: Sequence[Any], grid: reference.Shape, expected: reference.Count, **options: Any
) -> NDArray[Any]:
    """Count with heatgrid, which must warn about invalid shapes if there are any."""
    invalid = expected.statuses.count(reference.Status.INVALID)
    if not invalid:
        return kernel_counts(kind, shapes, grid, **options)
    with pytest.warns(HeatgridWarning, match=rf"\b{invalid}\b"):
        return kernel_counts(kind, shapes, grid, **options)


def first_difference(kind: str, shapes: Sequence[Any], grid: reference.Shape, **options: Any) -> str:
    """Describe the first shape whose counts differ when it is counted alone."""
    for i, shape in enumerate(shapes):
        alone = {name: only(i, value) for name, value in options.items()}
        expected = nested(reference_count(kind, [shape], grid, **alone).counts)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", HeatgridWarning)
            counts = kernel_counts(kind, [shape], grid, **alone)
        if not are_close(counts, expected):
            numbers = f"reference\n{expected}\nkernel\n{counts}"
            return f"{kind}[{i}] of {len(shapes)} on {grid}, {alone}: {shape!r}\n{numbers}"
    return f"{len(shapes)} {kind} on {grid} differ together, but none of them alone: {shapes!r}"


def only(i: int, value: Any) -> Any:
    """Return the value of an option for the i-th shape: lists have one entry per shape."""
    return [value[i]] if isinstance(value, list) else value
