"""Page of an evaluation: its texts and tables, as the front end takes them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from heatgrid.core.spec import plural
from heatgrid.io.options import AREAS
from heatgrid.summary.evaluation.contrasts import EDGE, Measure
from heatgrid.summary.evaluation.findings import worse
from heatgrid.summary.findings import percent
from heatgrid.viz.page import document, image_sources
from heatgrid.viz.page.payload import Arrays, Payload
from heatgrid.viz.text import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from heatgrid.core.cell_annotations import CellAnnotations
    from heatgrid.heatmap import Heatmap
    from heatgrid.summary.evaluation.contrasts import Contrast
    from heatgrid.summary.evaluation.images import ImageErrors
    from heatgrid.summary.evaluation.matches import Matches
    from heatgrid.summary.findings import Finding

_LISTED_PLACES = 6
_SKETCHED_IMAGES = 12
_SKETCHED_BOXES = 200
_MAX_ASPECT = 2.0


def page(
    *,
    title: str,
    thumbnails: str | None,
    matches: Matches,
    maps: Mapping[str, Heatmap],
    lists: Mapping[str, CellAnnotations],
    least: int,
    counts: NDArray[np.int64],
    contrasts: Sequence[Contrast],
    images: Sequence[ImageErrors],
    findings: Sequence[Finding],
) -> bytes:
    """Return the page of an `Evaluation` in UTF-8; unpaired surrogates become question marks."""
    aspect = _aspect(matches)
    parts = {
        "misses": ("missed", {"missed": maps["missed"], "found": maps["found"]}, "% of objects missed"),
        "alarms": ("false", {"false": maps["false"], "true": maps["found"]}, "% of predictions false"),
    }
    payloads = {
        name: Payload.of(
            own,
            title=f"{title}, {name}",
            unit=unit,
            aspect=aspect,
            vmin=0,
            vmax=100,
            annotations_by_cell=lists[part],
            thumbnails=thumbnails,
        )
        for name, (part, own, unit) in parts.items()
    }
    tables = Arrays()
    number = plural(len(matches.truth.image_names), "image")
    meta: dict[str, Any] = {
        "title": title,
        "subtitle": f"{number} · intersection over union{_measured(matches)} of at least {matches.iou:g}",
        "cards": _cards(matches, counts.sum(axis=(1, 2))),
        "findings": [one.to_dict() for one in findings],
        "classes": list(matches.classes),
        "sizes": [*AREAS, "unknown"],
        "least": least,
        "places": {measure: _worst_places(contrasts, measure) for measure in get_args(Measure)},
        "images": [asdict(one) for one in images],
        "sketches": [_sketch(matches, one.image) for one in images[:_SKETCHED_IMAGES]],
        "thumbnails": payloads["misses"].meta["thumbnails"],
        "notes": _notes(matches, least),
        "tables": {
            name: {"shape": (1, *values.shape), **tables.add(values)}
            for name, values in zip(("found", "missed", "true", "false"), counts, strict=True)
        },
        **{name: payload.meta for name, payload in payloads.items()},
    }
    data = {name: payload.data for name, payload in payloads.items()} | {"tables": tables.compressed()}
    sources = image_sources(meta["thumbnails"])
    text = document(title, meta, data, images=sources, entry="errors", show="showErrors")
    return text.encode("utf-8", "replace")


def _worst_places(contrasts: Sequence[Contrast], measure: Measure) -> list[dict[str, Any]]:
    own = [one for one in contrasts if (one.measure, one.by) == (measure, "place")]
    return [one.to_dict() for one in worse(own)[:_LISTED_PLACES]]


def _aspect(matches: Matches) -> float:
    ratios = matches.truth.sizes[:, 0] / matches.truth.sizes[:, 1]
    ratios = ratios[np.isfinite(ratios)]
    aspect = float(np.median(ratios)) if len(ratios) else 1.0
    return min(max(aspect, 1 / _MAX_ASPECT), _MAX_ASPECT)


def _cards(matches: Matches, totals: NDArray[np.int64]) -> list[tuple[str, str, str]]:
    """Return names, values and details."""
    found, missed, right, wrong = totals.tolist()
    objects, predictions = found + missed, right + wrong
    images = len(matches.truth.image_names)

    def share(part: int, whole: int) -> str:
        return f"{part / whole:.2f}" if whole else "\N{EN DASH}"

    cards = [
        ("Recall", share(found, objects), f"{found:,} of {objects:,} found"),
        ("Precision", share(right, predictions), f"{right:,} of {predictions:,} right"),
        ("Missed objects", f"{missed:,}", _of(missed, objects)),
        (
            "False alarms",
            f"{wrong:,}",
            f"{wrong / images:.2f} per image" if images else "",
        ),
    ]
    ignored = int((~matches.found & ~matches.missed).sum()), int((~matches.is_true & ~matches.is_false).sum())
    if any(ignored):
        cards.append(("Ignored", f"{ignored[0]:,}", f"annotations; {plural(ignored[1], 'prediction')}"))
    reports = matches.truth.report, matches.predictions.report
    if excluded := sum(report.excluded for report in reports):
        cards.append(("Excluded", f"{excluded:,}", "filtered out"))
    if lost := sum(report.read - report.counted for report in reports):
        cards.append(("Not matched", f"{lost:,}", "see the findings"))
    return cards


def _of(part: int, whole: int) -> str:
    return f"{percent(part / whole)} of objects" if whole else ""


def _sketch(matches: Matches, image: str) -> dict[str, Any]:
    """Return the boxes of an image in thousandths of its sides, and its width over its height."""
    truth, predictions = matches.truth, matches.predictions
    number = truth.image_names.index(image)
    own = truth.image == number
    boxes = {
        "found": truth.boxes_of(own & matches.found, truth.sizes[number]),
        "missed": truth.boxes_of(own & matches.missed, truth.sizes[number]),
        "false": predictions.boxes_of((matches.image == number) & matches.is_false, truth.sizes[number]),
    }
    plain = {
        kind: np.rint(1000 * np.nan_to_num(values[:_SKETCHED_BOXES])).astype(int).tolist()
        for kind, values in boxes.items()
    }
    aspect = float(truth.sizes[number, 0] / truth.sizes[number, 1])
    return {"aspect": aspect if np.isfinite(aspect) else 1.0, **plain}


def _measured(matches: Matches) -> str:
    return " of masks" if matches.iou_type == "segm" else ""


def _notes(matches: Matches, least: int) -> list[str]:
    """Return the meaning of the numbers."""
    found = (
        "A prediction finds the object of its class that it overlaps most, if their intersection over union"
        f"{_measured(matches)} is at least {matches.iou:g}. The highest scores choose first. All else is a "
        "miss or a false alarm."
    )
    places = (
        "Places are those of the centers of boxes; a true positive is where its object is. Near the edges:"
    )
    places += f" within {EDGE:.0%} of the image's side."
    return [
        found,
        "Crowds, and what predictions take of them, are ignored.",
        f"In the maps, {RULES['center']}. Cells of fewer than {least} objects or predictions have no share.",
        places,
        "p is that of a sign-flip test by image, corrected for the number of places, classes or sizes.",
    ]
