"""The kernel beside the oracle: equal integers, or the first shape that differs."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
import reference
from arrays import columns, nested, ragged, ragged_lines
from heatgrid.core import counting
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


def kernel_statuses(kind: str, shapes: Sequence[Any], grid: reference.Shape, **options: Any) -> list[str]:
    """Return what the kernel reports of each shape, which no mode of counting changes."""
    planes = np.zeros((options.pop("classes", None) or 1, *grid), dtype=np.int64)
    add: Any = getattr(counting, f"add_{kind}")
    shared = {name: options.pop(name) for name in ("sizes", "labels", "threads") if name in options}
    kept = {name: value for name, value in options.items() if name not in ("images", "count", "weights")}
    tally: counting.Tally = add(
        planes, *arguments(kind, shapes), counting.Options(each=True, **shared), **kept
    )
    assert tally.outcomes is not None
    return [counting.OUTCOMES[outcome] for outcome in tally.outcomes]


def oracle_count(kind: str, shapes: Sequence[Any], grid: reference.Shape, **options: Any) -> reference.Count:
    """Count with the oracle, which knows no threads."""
    options.pop("threads", None)
    count: Any = getattr(reference, f"count_{kind}")
    counted: reference.Count = count(shapes, grid, **options)
    return counted


def check(kind: str, shapes: Sequence[Any], grid: reference.Shape, **options: Any) -> None:
    """Assert that the kernel counts and reports exactly what the oracle does."""
    expected = oracle_count(kind, shapes, grid, **options)
    counts = counts_with_warning(kind, shapes, grid, expected, **options)
    assert counts.dtype == np.int64
    if not np.array_equal(counts, nested(expected.counts)):
        pytest.fail(first_difference(kind, shapes, grid, **options))
    statuses = kernel_statuses(kind, shapes, grid, **options)
    differing = [i for i, status in enumerate(expected.statuses) if statuses[i] != status]
    assert not differing, [(shapes[i], expected.statuses[i], statuses[i]) for i in differing[:3]]


def check_close(kind: str, shapes: Sequence[Any], grid: reference.Shape, **options: Any) -> None:
    """Assert that the kernel's sums of areas or weights are the oracle's but for rounding."""
    expected = oracle_count(kind, shapes, grid, **options)
    counts = counts_with_warning(kind, shapes, grid, expected, **options)
    assert counts.dtype == np.float64
    if not are_close(counts, nested(expected.counts)):
        pytest.fail(first_difference(kind, shapes, grid, **options))


def are_close(counts: NDArray[Any], expected: NDArray[Any]) -> bool:
    """Tell whether two arrays are equal to 1e-9 of a value, or of a whole hit where the value is less."""
    return bool(np.allclose(counts, expected, rtol=1e-9, atol=1e-9))


def counts_with_warning(
    kind: str, shapes: Sequence[Any], grid: reference.Shape, expected: reference.Count, **options: Any
) -> NDArray[Any]:
    """Count with heatgrid, which must warn of the invalid shapes when there are some."""
    invalid = expected.statuses.count(reference.Status.INVALID)
    if not invalid:
        return kernel_counts(kind, shapes, grid, **options)
    with pytest.warns(HeatgridWarning, match=rf"\b{invalid}\b"):
        return kernel_counts(kind, shapes, grid, **options)


def first_difference(kind: str, shapes: Sequence[Any], grid: reference.Shape, **options: Any) -> str:
    """Describe the first shape that differs when it is alone, if there is one."""
    for i, shape in enumerate(shapes):
        alone = {name: only(i, value) for name, value in options.items()}
        expected = nested(oracle_count(kind, [shape], grid, **alone).counts)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", HeatgridWarning)
            counts = kernel_counts(kind, [shape], grid, **alone)
        if not are_close(counts, expected):
            numbers = f"oracle\n{expected}\nkernel\n{counts}"
            return f"{kind}[{i}] of {len(shapes)} on {grid}, {alone}: {shape!r}\n{numbers}"
    return f"{len(shapes)} {kind} on {grid} differ together, though not one of them alone: {shapes!r}"


def only(i: int, value: Any) -> Any:
    """Return what an option says of the i-th shape: a list has an entry for each, all else holds for all."""
    return [value[i]] if isinstance(value, list) else value
