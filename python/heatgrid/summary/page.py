"""Page of an overview: its texts and tables, as the front end takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.report import describe
from heatgrid.core.spec import plural
from heatgrid.heatmap import Heatmap
from heatgrid.summary.findings import percent, rounded
from heatgrid.summary.numbers import SIDES, TRAINING_SIZES
from heatgrid.summary.objects import MIN_OVERLAP, NO_SPLIT
from heatgrid.viz.page import document
from heatgrid.viz.page.payload import Arrays, Payload, image_prefix
from heatgrid.viz.text import RULES, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from heatgrid.core.report import Report
    from heatgrid.summary.findings import Finding
    from heatgrid.summary.numbers import Median, Numbers
    from heatgrid.summary.objects import Place
    from heatgrid.summary.splits import SplitDifference

_MAX_ASPECT = 2.0
_TIMES = "\N{MULTIPLICATION SIGN}"
_LISTED_SIZES = 6
_LISTED_PAIRS = 20


def page(
    *,
    title: str,
    maps: Mapping[str, Heatmap],
    size_maps: Mapping[str, Heatmap],
    numbers: Numbers,
    differences: Sequence[SplitDifference],
    findings: Sequence[Finding],
    report: Report,
    thumbnails: str | None = None,
) -> bytes:
    """Return the page of an `Overview` in UTF-8; unpaired surrogates become question marks."""
    is_square = numbers.image_aspect is None or any(heat.spec.fit == "letterbox" for heat in maps.values())
    aspect = 1.0 if is_square or numbers.image_aspect is None else numbers.image_aspect
    aspect = min(max(aspect, 1 / _MAX_ASPECT), _MAX_ASPECT)
    location = Payload.of(maps or {"": Heatmap(1)}, title=title, aspect=aspect)
    size = Payload.of(
        size_maps or {"": Heatmap(1, of="size")},
        title=f"{title}, sizes",
        unit="objects per size",
        aspect=1.0,
        scale="log",
    )
    tables = Arrays()
    images, objects = int(numbers.images.sum()), int(numbers.objects.sum())
    meta = _description(numbers) | {
        "title": title,
        "subtitle": f"{plural(images, 'image')} · {plural(objects, 'object')}",
        "cards": _cards(numbers, list(maps), report),
        "findings": [one.to_dict() for one in findings],
        "splits": list(maps),
        "differences": [one.to_dict() for one in differences],
        "notes": _notes(maps, report),
        "thumbnails": image_prefix(thumbnails),
        "location": location.meta,
        "size": size.meta
        | {"empty": size.meta["empty"] and (location.meta["empty"] or "no object has a box")},
        "tables": {
            name: {"shape": values.shape, **tables.add(values)} for name, values in _tables(numbers).items()
        },
    }
    data = {"location": location.data, "size": size.data, "tables": tables.compressed()}
    return document(title, meta, data, entry="overview", show="showOverview").encode("utf-8", "replace")


def _description(numbers: Numbers) -> dict[str, Any]:
    """Return what the page shows as it is, or needs for its charts."""
    return {
        "classes": [
            {"name": name, "median": _median(median)}
            for name, median in zip(numbers.classes, numbers.medians, strict=True)
        ],
        "charts": {name: getattr(numbers, name).edges.tolist() for name in ("per_image", "area", "aspect")},
        "training": {"sizes": TRAINING_SIZES, "sides": SIDES},
        "image_sizes": numbers.image_sizes[:_LISTED_SIZES],
        "other_image_sizes": [
            len(numbers.image_sizes[_LISTED_SIZES:]),
            sum(n for *_, n in numbers.image_sizes[_LISTED_SIZES:]),
        ],
        "images_unsized": numbers.images_unsized,
        "together": numbers.together,
        "duplicates": numbers.duplicates,
        "duplicate_pairs": [
            [name, a.image, a.path, _where(a), _where(b), overlap]
            for name, a, b, overlap in numbers.duplicate_pairs[:_LISTED_PAIRS]
        ],
    }


def _tables(numbers: Numbers) -> dict[str, NDArray[np.int64]]:
    """Return counts by split and class, from which the page adds up those of the selection."""
    names = ("objects", "images_with", "boxed", "sized", "coco", "small")
    tables = {name: getattr(numbers, name) for name in names}
    tables |= {name: getattr(numbers, name).counts for name in ("per_image", "area", "aspect")}
    return tables | {name: getattr(numbers, name)[:, np.newaxis] for name in ("images", "images_counted")}


def _cards(numbers: Numbers, names: list[str], report: Report) -> list[tuple[str, str, str]]:
    """Return names, values and details."""
    images, objects = int(numbers.images.sum()), int(numbers.objects.sum())
    empty = images - int(numbers.images_counted.sum())
    used = int(np.count_nonzero(numbers.objects.sum(axis=0)))
    lost = report.read - report.counted
    size = numbers.image_sizes[0] if numbers.image_sizes else None
    unused = len(report.classes) - used
    splits = [name for name in names if name != NO_SPLIT]
    cards = [
        (
            "Images",
            f"{images:,}",
            "size unknown" if size is None else f"mostly {size[0]:g} {_TIMES} {size[1]:g}",
        ),
        ("Objects", f"{objects:,}", f"{rounded(objects / images, 2):.2f} per image" if images else ""),
        ("Classes", f"{used:,}", f"{unused:,} without objects" if unused else "each has objects"),
        ("Splits", f"{len(splits):,}" if splits else "none", ", ".join(splits)),
        ("Images without objects", f"{empty:,}", percent(empty / images) if empty else ""),
        ("Not counted", f"{lost:,}", f"{percent(lost / report.read)} of annotations" if lost else ""),
    ]
    if report.excluded:
        cards.append(("Excluded", f"{report.excluded:,}", "filtered out"))
    return cards


def _median(median: Median | None) -> dict[str, str] | None:
    if median is None:
        return None
    width, height = median.width, median.height
    if median.unit == "px":
        text = f"{number(round(width, 1))} {_TIMES} {number(round(height, 1))} px"
    else:
        text = f"{number(round(100 * width, 1))} {_TIMES} {number(round(100 * height, 1))} %"
    return {"text": text, "image": median.place.image, "place": _where(median.place)}


def _where(place: Place) -> str:
    return describe("", place.position, place.id)


def _notes(maps: Mapping[str, Heatmap], report: Report) -> list[str]:
    """Return the meaning of the numbers."""
    notes = [
        "An object is a counted annotation.",
        "A size is that of the box, or of the one around another shape, cut to the image.",
        "The median size is a box that exists: the one of median area.",
        "Small, medium and large are COCO's: below 32², up to 96², and above, in square pixels of the box.",
        "A training size is the longer side of the image after scaling; a box counts by its shorter side.",
        f"Likely duplicates have one class and image, and an intersection over union above {MIN_OVERLAP}.",
    ]
    if maps:
        rule = RULES[next(iter(maps.values())).spec.rule]
        notes.append(f"In the location map, {rule}.")
    notes += [f"{text}: {count:,}" for text, count in report.notes.items()]
    return notes
