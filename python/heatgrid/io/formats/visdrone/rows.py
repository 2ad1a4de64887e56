"""Rows of VisDrone: what they look like, and what their columns mean."""

from __future__ import annotations

from heatgrid.io.number_rows import first_rows

CLASSES = (
    *("ignored regions", "pedestrian", "people", "bicycle", "car", "van", "truck", "tricycle"),
    *("awning-tricycle", "bus", "motor", "others"),
)
IMAGE_COLUMNS = 8
"""Left, top, width, height, score, category, truncation and occlusion."""
VIDEO_COLUMNS = 10
"""The same, after frame and target."""

_MARKS = ((len(CLASSES) - 1), 1, 2)  # the greatest category, truncation and occlusion


def looks_like_visdrone(head: bytes) -> bool:
    """Tell whether a text begins with VisDrone's rows, of images or of a video."""
    rows = first_rows(head)
    return 2 * sum(map(_is_row, rows)) > len(rows)


def _is_row(row: list[float]) -> bool:
    if len(row) not in {IMAGE_COLUMNS, VIDEO_COLUMNS}:
        return False
    if len(row) == VIDEO_COLUMNS and (row[0] < 0 or any(value % 1 for value in row[:2])):
        return False
    # Detections have -1 for truncation and occlusion; MOT's own rows of ten have it for all three.
    category, *marks = row[-3:]
    limits = zip((category, *marks), (0, -1, -1), _MARKS, strict=True)
    return all(least <= value <= most and value % 1 == 0 for value, least, most in limits)
