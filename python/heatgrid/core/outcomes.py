"""Outcomes of annotations: the reasons for skipping, and the sums of a report."""

from __future__ import annotations

from heatgrid.core.kernel import Outcome

SKIPPED = {
    Outcome.NOT_FINITE: "coordinate or image size not finite",
    Outcome.NO_SIZE: "image size missing (give size= or images=)",
    Outcome.NO_GEOMETRY: "no geometry of the requested kind",
    Outcome.LINE_WITHOUT_AREA: "lines have no area",
    Outcome.POINT_WITHOUT_AREA: "points have no area",
    Outcome.BROKEN_MASK: "mask whose run lengths do not sum to its size, or too large to letterbox",
    Outcome.TOO_FEW_VERTICES: "fewer than three distinct points",
    Outcome.LINE_TOO_SHORT: "line of fewer than two points",
    Outcome.NO_VISIBLE_POINT: "no visible keypoint",
    Outcome.TOO_COMPLEX: "polygon whose edges cross each other or the columns too often for limits.area_work",
    Outcome.OTHER_CLASS: "class not among the map's fixed classes",
}
"""Reasons for skipping, by outcome; the reasons of ``Outcome.UNREADABLE`` are the readers' own."""

SKIPPED_CODES = [outcome.value for outcome in SKIPPED]
FIRST_SKIPPED = min(SKIPPED_CODES)
COUNTED = [Outcome.COUNTED.value, Outcome.COUNTED_AS_POINT.value]
SUMS = {
    "read": [outcome.value for outcome in Outcome if outcome not in (Outcome.EXCLUDED, Outcome.PENDING)],
    "counted": COUNTED,
    "empty": [Outcome.EMPTY.value],
    "outside": [Outcome.OUTSIDE.value],
    "skipped": [*SKIPPED_CODES, Outcome.UNREADABLE.value],
    "excluded": [Outcome.EXCLUDED.value],
}

COUNTS = ("files", "images", "images_counted", "parts")
DERIVED = ("read", "counted", "empty", "outside", "counted_as_point", "excluded")
TABLES = ("unreadable", "refused", "notes")
"""Attributes of a report: numbers that add up, sums of outcomes, and tables of texts."""
