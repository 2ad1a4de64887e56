"""From hits to counts: classes, modes and weights."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reference.grid import Cell, Shape
    from reference.hits import Hits


def add_up(
    hits: Sequence[Hits],
    shape: Shape,
    *,
    labels: Sequence[int] | None = None,
    classes: int | None = None,
    images: Sequence[int] | None = None,
    weights: Sequence[float] | None = None,
    count: str = "instances",
    fractional: bool = False,
) -> list[Any]:
    """Return the counts as nested lists: (H, W), or (classes, H, W) with labels."""
    planes = labels or [0] * len(hits)
    added: dict[tuple[int, Cell], list[float]] = defaultdict(list)
    seen: set[tuple[int, int, Cell]] = set()
    for n, (plane, hit) in enumerate(zip(planes, hits, strict=True)):
        weight = 1 if weights is None else weights[n]
        for cell, share in hit.shares.items():
            if count == "images":
                assert images is not None
                if (images[n], plane, cell) in seen:
                    continue
                seen.add((images[n], plane, cell))
            added[plane, cell].append(weight * share if isinstance(share, int) else weight * float(share))
    total = math.fsum if fractional or weights is not None else integer_sum
    rows, columns = shape
    grids = [
        [[total(added.get((plane, (r, c)), [])) for c in range(columns)] for r in range(rows)]
        for plane in range(1 if classes is None else classes)
    ]
    return grids[0] if classes is None else grids


def integer_sum(ones: Iterable[float]) -> int:
    """Return how many there are, as an int."""
    return sum(1 for _ in ones)
