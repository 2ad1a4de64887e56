"""The slow twins of the functions of heatgrid that count points, boxes, polygons, lines and masks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from reference.accumulate import add_up
from reference.boxes import Box, box_hits
from reference.lines import Line, line_hits
from reference.masks import Bitmap, mask_hits
from reference.points import point_hits
from reference.polygons import Polygon, polygon_hits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reference.grid import Point, Shape, Size
    from reference.hits import Hits, Status


class Count(NamedTuple):
    """Counts as nested lists, and what became of each annotation."""

    counts: list[Any]
    statuses: list[Status]


def finish(hits: Sequence[Hits], shape: Shape, **options: Any) -> Count:
    """Add hits up and keep their statuses."""
    return Count(add_up(hits, shape, **options), [hit.status for hit in hits])


def each_size(size: Size | Sequence[Size] | None, n: int) -> list[Size | None]:
    """Return one size an annotation, whether none, one or all were given."""
    if size is None:
        return [None] * n
    if len(size) == 2 and all(isinstance(side, int | float) for side in size):
        return [(size[0], size[1])] * n  # type: ignore[list-item]
    return list(size)  # type: ignore[arg-type]


def count_points(
    points: Sequence[Point],
    shape: Shape,
    *,
    size: Size | Sequence[Size] | None = None,
    outside: str = "drop",
    **options: Any,
) -> Count:
    """Count points; options are those of ``add_up``."""
    each = zip(points, each_size(size, len(points)), strict=True)
    return finish(
        [point_hits(point, shape, size=size, outside=outside) for point, size in each], shape, **options
    )


def count_boxes(
    boxes: Sequence[Box],
    shape: Shape,
    *,
    size: Size | Sequence[Size] | None = None,
    rule: str = "center",
    large_box_ratio: float | None = None,
    **options: Any,
) -> Count:
    """Count boxes; options are those of ``add_up``."""
    each = zip(boxes, each_size(size, len(boxes)), strict=True)
    hits = [box_hits(box, shape, size=size, rule=rule, large_box_ratio=large_box_ratio) for box, size in each]
    return finish(hits, shape, fractional=rule == "area", **options)


def count_polygons(
    polygons: Sequence[Polygon],
    shape: Shape,
    *,
    size: Size | Sequence[Size] | None = None,
    rule: str = "center",
    **options: Any,
) -> Count:
    """Count polygons; options are those of ``add_up``."""
    each = zip(polygons, each_size(size, len(polygons)), strict=True)
    hits = [polygon_hits(polygon, shape, size=size, rule=rule) for polygon, size in each]
    return finish(hits, shape, fractional=rule == "area", **options)


def count_lines(
    lines: Sequence[Sequence[Line]],
    shape: Shape,
    *,
    size: Size | Sequence[Size] | None = None,
    rule: str = "touch",
    **options: Any,
) -> Count:
    """Count lines, each of several paths; options are those of ``add_up``."""
    each = zip(lines, each_size(size, len(lines)), strict=True)
    return finish([line_hits(line, shape, size=size, rule=rule) for line, size in each], shape, **options)


def count_masks(masks: Sequence[Bitmap], shape: Shape, *, rule: str = "center", **options: Any) -> Count:
    """Count bitmaps; options are those of ``add_up``."""
    hits = [mask_hits(mask, shape, rule=rule) for mask in masks]
    return finish(hits, shape, fractional=rule == "area", **options)
