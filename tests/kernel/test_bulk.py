"""Thousands of seeded shapes per call on several grids, compared with the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import bulk
from comparison import check

if TYPE_CHECKING:
    from reference import Shape

GRIDS = [(4, 4), (10, 10), (1, 17), (17, 1), (13, 6), (8, 64)]


@pytest.mark.parametrize("grid", GRIDS, ids=str)
@pytest.mark.parametrize(("kind", "n"), [("point", 2000), ("box", 2000), ("polygon", 700), ("line", 500)])
def test_bulk(kind: str, n: int, grid: Shape) -> None:
    random = bulk.seeded(f"{kind} {grid}")
    make: Any = getattr(bulk, kind)
    shapes = [make(random, grid) for _ in range(n)]
    check({"box": "boxes"}.get(kind, f"{kind}s"), shapes, grid)


@pytest.mark.parametrize("grid", GRIDS[:3], ids=str)
def test_bulk_in_classes_and_pixels(grid: Shape) -> None:
    random = bulk.seeded(f"classes {grid}")
    n, classes = 500, 5
    size = [(float(random.randint(1, 4000)), float(random.randint(1, 4000))) for _ in range(n)]
    labels = [random.randrange(classes) for _ in range(n)]
    boxes = [
        tuple(u * side for u, side in zip(bulk.box(random, grid), (*size, *size), strict=True))
        for size in size
    ]
    polygons = [
        [[[(x * w, y * h) for x, y in ring] for ring in part] for part in bulk.polygon(random, grid)]
        for w, h in size
    ]
    lines = [[[(x * w, y * h) for x, y in path] for path in bulk.line(random, grid)] for w, h in size]
    points = [(x * w, y * h) for (w, h), (x, y) in ((size, bulk.point(random, grid)) for size in size)]
    kinds: dict[str, Any] = {"boxes": boxes, "polygons": polygons, "points": points, "lines": lines}
    for kind, shapes in kinds.items():
        check(kind, shapes, grid, size=size, labels=labels, classes=classes)


@pytest.mark.parametrize("n", [255, 256, 257, 511, 512, 513, 1025])
def test_ends_of_long_blocks(n: int) -> None:
    random = bulk.seeded(f"blocks {n}")
    boxes = [bulk.box(random, (3, 4)) for _ in range(n)]
    check("boxes", boxes, (3, 4), large_box_ratio=0.5)
    check("boxes", boxes, (3, 4), size=(2.0, 0.5))
