"""Findings: what deserves attention in a data set, in words, the most serious first."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from heatgrid.analysis.divergence import LEVEL
from heatgrid.core.spec import plural
from heatgrid.summary.numbers import FILLING, SIDES, TRAINING_SIZES
from heatgrid.summary.objects import MIN_OVERLAP

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from heatgrid.core.report import Report
    from heatgrid.heatmap import Heatmap
    from heatgrid.summary.numbers import Numbers
    from heatgrid.summary.splits import SplitDifference

Level = Literal["serious", "warning", "note"]
Section = Literal["head", "classes", "places", "sizes", "images", "splits", "duplicates"]

LEVELS: tuple[Level, ...] = ("serious", "warning", "note")

FEW_OBJECTS = 20
"""Number of objects below which a class is named as rare."""

_NAMED = 4
_TRAINING = TRAINING_SIZES.index(640)


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding: its sentence, its number (a share or a count), and the section with the details."""

    level: Level
    text: str
    number: float
    section: Section

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain numbers and strings."""
        return asdict(self)


def findings(
    report: Report,
    numbers: Numbers,
    maps: Mapping[str, Heatmap],
    differences: Sequence[SplitDifference],
    shared_images: Mapping[tuple[str, str], int],
) -> list[Finding]:
    """Return all findings: by level, then by number."""
    found = [
        *_uncounted(report),
        *_missing_classes(numbers, list(maps)),
        *_shared(shared_images),
        *_duplicates(numbers),
        *_boxes(numbers),
        *_rare(numbers, report),
        *_without_objects(numbers),
        *_splits(differences),
    ]
    return sorted(found, key=lambda one: (LEVELS.index(one.level), -one.number if one.number < 1 else -1.0))


def rounded(value: float, digits: int) -> float:
    """Return a number rounded half up, by the same operations as the page does it."""
    factor: int = 10**digits
    return math.floor(value * factor + 0.5) / factor


def percent(share: float) -> str:
    """Return a share as a percentage of about two digits, never a rounded 0 or 100.

    >>> [percent(share) for share in (0, 0.00004, 0.031, 0.314, 0.9999, 1)]
    ['0 %', '< 0.01 %', '3.1 %', '31 %', '99.9 %', '100 %']
    """
    value = 100 * share
    if 0 < value < 0.01:
        return "< 0.01 %"
    if 99.5 <= value < 100:
        return f"{min(rounded(value, 1), 99.9):g} %"
    return f"{rounded(value, 0 if value >= 10 else 1 if value >= 1 else 2 if value >= 0.1 else 3):g} %"


def listed(names: Sequence[str]) -> str:
    """Return the first names in quotation marks, and the number of others."""
    quoted = [f"“{name}”" for name in names[:_NAMED]]
    if len(names) > _NAMED:
        return f"{', '.join(quoted)} and {len(names) - _NAMED:,} more"
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def _uncounted(report: Report) -> Iterator[Finding]:
    if not report.images:
        yield Finding("serious", "No images were found", 1.0, "head")
    if report.read and not report.counted:
        yield Finding("serious", "No annotation could be counted", 1.0, "head")
    reasons = {**report.skipped, "without extent": report.empty, "outside the image": report.outside}
    for reason, count in reasons.items():
        if count:
            share = count / report.read
            text = f"{plural(count, 'annotation')} ({percent(share)}) not counted: {reason}"
            yield Finding("serious" if share >= 0.01 else "warning", text, share, "head")
    for reason, count in report.refused.items():
        yield Finding("serious", f"{plural(count, 'file')} not read: {reason}", 1.0, "head")


def _missing_classes(numbers: Numbers, names: list[str]) -> Iterator[Finding]:
    total = numbers.objects.sum(axis=0)
    for name, own in zip(names, numbers.objects, strict=True) if len(names) > 1 else ():
        if not own.any():
            yield Finding("serious", f"{name} has no objects", 1.0, "splits")
            continue
        missing = np.flatnonzero((own == 0) & (total > 0))
        if len(missing):
            share = float(total[missing].sum() / total.sum())
            text = f"{name} has no {listed([numbers.classes[k] for k in missing.tolist()])}"
            text += f" ({plural(int(total[missing].sum()), 'object')} in other splits)"
            level: Level = "serious" if share >= 0.01 else "warning"
            yield Finding(level, text, share, "splits")


def _shared(shared_images: Mapping[tuple[str, str], int]) -> Iterator[Finding]:
    for (a, b), count in shared_images.items():
        verb = "has the same name" if count == 1 else "have the same name"
        yield Finding("warning", f"{plural(count, 'image')} {verb} in {a} and in {b}", count, "splits")


def _duplicates(numbers: Numbers) -> Iterator[Finding]:
    if numbers.duplicates:
        share = numbers.duplicates / max(1, int(numbers.boxed.sum()))
        text = f"{plural(numbers.duplicates, 'box')} ({percent(share)}) nearly equal"
        text += f"{'s' if numbers.duplicates == 1 else ''} an earlier box of the same class and image"
        text += f" (overlap above {MIN_OVERLAP})"
        yield Finding("serious" if share >= 0.01 else "warning", text, share, "duplicates")


def _boxes(numbers: Numbers) -> Iterator[Finding]:
    boxed, sized = int(numbers.boxed.sum()), int(numbers.sized.sum())
    if numbers.filling and (share := numbers.filling / boxed) >= 0.05:
        text = f"{percent(share)} of boxes cover more than {percent(FILLING)} of their image"
        yield Finding("warning" if share >= 0.5 else "note", text, share, "sizes")
    if numbers.images_unsized:
        share = numbers.images_unsized / int(numbers.images.sum())
        images = plural(numbers.images_unsized, "image")
        text = f"{images} ({percent(share)}) of unknown size: no numbers in pixels"
        yield Finding("note", text, share, "sizes")
    if not sized:
        return
    small = numbers.small.sum(axis=(0, 1))[_TRAINING] / sized
    size = TRAINING_SIZES[_TRAINING]
    for side, share, (serious, warning) in zip(
        SIDES, small.tolist(), ((0.25, 0.05), (0.05, 0.0)), strict=True
    ):
        if share > warning:
            text = f"{percent(share)} of boxes are under {side} px at a training size of {size}"
            yield Finding("serious" if share >= serious else "warning", text, share, "sizes")


def _rare(numbers: Numbers, report: Report) -> Iterator[Finding]:
    total = numbers.objects.sum(axis=0)
    used = np.flatnonzero(total)
    if never := [name for name in report.classes if name not in {numbers.classes[k] for k in used.tolist()}]:
        text = f"{plural(len(never), 'class')} without objects: {listed(never)}"
        yield Finding("note", text, len(never), "classes")
    if len(used) < 2:
        return
    rare = [k for k in used.tolist() if total[k] < FEW_OBJECTS]
    if rare:
        text = f"{len(rare):,} of {len(used):,} classes have fewer than {FEW_OBJECTS} objects"
        share = len(rare) / len(used)
        yield Finding("warning" if share >= 0.1 else "note", text, share, "classes")
    share, ratio = float(total[used[0]] / total.sum()), float(total[used[0]] / np.median(total[used]))
    if ratio >= 10:
        text = f"{percent(share)} of objects are “{numbers.classes[used[0]]}”,"
        text += f" {ratio:,.0f} times as many as the median class has"
        yield Finding("warning" if ratio >= 50 else "note", text, share, "classes")


def _without_objects(numbers: Numbers) -> Iterator[Finding]:
    images = int(numbers.images.sum())
    empty = images - int(numbers.images_counted.sum())
    if empty:
        share = empty / images
        text = f"{plural(empty, 'image')} ({percent(share)}) without objects"
        yield Finding("warning" if share >= 0.2 else "note", text, share, "images")


def _splits(differences: Sequence[SplitDifference]) -> Iterator[Finding]:
    words = {
        "location": ("the places of objects", "hits"),
        "size": ("the sizes of objects", "objects"),
        "classes": ("its classes", "objects"),
    }
    for one in differences:
        if one.p_value is None or one.expected is None or one.p_value > LEVEL:
            continue
        aspect, noun = words[one.aspect]
        text = (
            f"{one.split} differs from {one.reference} in {aspect}: {percent(one.total_variation)} of {noun}"
        )
        text += f" would have to move, {percent(one.expected)} by chance (p = {one.p_value:.2g})"
        beyond = one.total_variation - one.expected
        yield Finding("warning" if beyond >= 0.05 else "note", text, beyond, "splits")
