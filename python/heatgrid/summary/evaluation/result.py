"""Evaluation of predictions: numbers, maps, findings, and one page that works offline."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, get_args

import numpy as np

from heatgrid.analysis.layout import check_natural
from heatgrid.core.spec import check_keywords, plural
from heatgrid.errors import html_table, printable
from heatgrid.export import OutputFormat, write
from heatgrid.io.keywords import MatchKeywords
from heatgrid.io.options import AREAS
from heatgrid.summary.evaluation.contrasts import Contrast, Items, Measure, contrasts
from heatgrid.summary.evaluation.findings import findings
from heatgrid.summary.evaluation.images import ImageErrors, worst_images
from heatgrid.summary.evaluation.matches import LEAST, IouType, Matches, match
from heatgrid.viz.options import NoOptions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from heatgrid.core.cell_annotations import CellAnnotations
    from heatgrid.core.spec import Grid
    from heatgrid.export import Target
    from heatgrid.heatmap import Heatmap
    from heatgrid.io.read import Source
    from heatgrid.io.registry import FormatName
    from heatgrid.summary.findings import Finding

    Integers = NDArray[np.int64]

GRID = 20
PERMUTATIONS = 999
KINDS = ("found", "missed", "true", "false")


class EvaluationOptions(TypedDict, total=False):
    """Options of the page: ``title``, and ``thumbnails``, a folder relative to the page, or a URL prefix."""

    title: str | None
    thumbnails: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Predictions next to truth: where they fail.

    Attributes
    ----------
    title
        Name of the predictions.
    matches
        What took what, see `Matches`.
    maps
        The maps ``"found"``, ``"missed"`` and ``"false"``, see `Matches.maps`.
    lists
        The images with misses, and with false alarms, of each cell.
    least
        The number of objects, or predictions, below which a cell has no share.
    counts
        (4, K, 4) int64: objects found and missed, true and false positives, of each class, of small, medium,
        large and unknown areas.
    contrasts
        Recall and precision of each place, class and size, and elsewhere.
    images
        The images with most errors, misses and false alarms together.
    findings
        Where the predictions fail, in words, the worst first.

    Examples
    --------
    >>> import heatgrid as hg
    >>> found = hg.evaluate("annotations.json", "results.json")
    >>> found.counts.shape[0], found.matches.precision
    (4, 1.0)
    """

    title: str
    matches: Matches
    maps: dict[str, Heatmap]
    lists: dict[str, CellAnnotations]
    least: int
    counts: Integers
    contrasts: list[Contrast]
    images: list[ImageErrors]
    findings: list[Finding]

    @property
    def totals(self) -> dict[str, int]:
        """Objects found and missed, true and false positives."""
        return dict(zip(KINDS, self.counts.sum(axis=(1, 2)).tolist(), strict=True))

    def save(
        self,
        path: Target,
        *,
        format: str | None = None,  # noqa: A002
        **options: Unpack[EvaluationOptions],
    ) -> None:
        """Write the evaluation as ``.html``, one page that works offline, or as ``.json``.

        Parameters
        ----------
        path, format
            As in `Heatmap.save`.
        **options
            See `EvaluationOptions`.
        """
        write(self, FORMATS, path, format, {**options})

    def to_dict(self) -> dict[str, Any]:
        """Return everything except the maps as plain numbers, strings, lists and dicts."""
        matches = self.matches
        by_class = self.counts.sum(axis=2)
        by_size = self.counts.sum(axis=1)
        return {
            "title": self.title,
            "iou": matches.iou,
            "iou_type": matches.iou_type,
            "findings": [one.to_dict() for one in self.findings],
            "images": len(matches.truth.image_names),
            **_numbers(self.counts.sum(axis=(1, 2))),
            "ignored_objects": int((~matches.found & ~matches.missed).sum()),
            "ignored_predictions": int((~matches.is_true & ~matches.is_false).sum()),
            "classes": [{"name": name, **_numbers(by_class[:, k])} for k, name in enumerate(matches.classes)],
            "sizes": {name: _numbers(by_size[:, k]) for k, name in enumerate((*AREAS, "unknown"))},
            "contrasts": [one.to_dict() for one in self.contrasts],
            "images_with_most_errors": [asdict(one) for one in self.images],
            "truth_report": matches.truth.report.to_dict(),
            "predictions_report": matches.predictions.report.to_dict(),
        }

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {str(self).partition(chr(10))[0]}>"

    def __str__(self) -> str:
        totals = self.totals
        images = len(self.matches.truth.image_names)
        measure = "IoU of masks" if self.matches.iou_type == "segm" else "IoU"
        lines = [
            f"{self.title}: {plural(images, 'image')}, {measure} at least {self.matches.iou:g}",
            f"   recall  {share_text(totals['found'], totals['missed'])}",
            f"precision  {share_text(totals['true'], totals['false'])}",
        ]
        lines += [f"{one.level:>9}  {one.text}" for one in self.findings]
        return printable("\n".join(lines))

    def _repr_html_(self) -> str:
        from html import escape

        first, *rest = str(self).split("\n")
        heads = ("class", "objects", "missed", "recall", "false alarms", "precision")
        rows = [
            (one["name"], *(_cell(one[key.replace(" ", "_")]) for key in heads[1:]))
            for one in self.to_dict()["classes"][:20]
            if one["objects"] or one["predictions"]
        ]
        items = "".join(f"<li>{escape(line.strip())}</li>" for line in rest)
        return f"<h3>{escape(first)}</h3><ul>{items}</ul>{html_table(heads, rows)}"


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:.2f}"


def share_text(part: int, rest: int) -> str:
    """Return a share of two parts with its numbers: ``0.83 (83 of 100)``."""
    return f"{part / (part + rest):.2f} ({part:,} of {part + rest:,})" if part + rest else "unknown (0 of 0)"


def _numbers(counts: Integers) -> dict[str, Any]:
    found, missed, true, false = counts.tolist()
    return {
        "objects": found + missed,
        "missed": missed,
        "recall": found / (found + missed) if found + missed else None,
        "predictions": true + false,
        "false_alarms": false,
        "precision": true / (true + false) if true + false else None,
    }


def evaluate(
    truth: Source | Any,
    predictions: Source | Any,
    grid: Grid = GRID,
    *,
    iou: float = 0.5,
    iou_type: IouType = "bbox",
    least: int = LEAST,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    title: str | None = None,
    splits: Iterable[str] | None = None,
    format: FormatName | None = None,  # noqa: A002
    predictions_format: FormatName | None = None,
    progress: bool = False,
    **options: Unpack[MatchKeywords],
) -> Evaluation:
    """Match predictions to annotations, and find where they fail: by place, class and size.

    Parameters
    ----------
    truth, predictions, iou, iou_type, splits, format, predictions_format, progress, **options
        As in `match`.
    grid
        Cells of the maps of boxes, as in `heatmap`; 20 by default, so that cells have several objects.
    least
        Cells with fewer objects, or predictions, have no share on the page.
    permutations
        The number of random signs per image, to test each difference; 0 for no tests.
    seed
        Equal seeds give equal results.
    title
        Name of the predictions; by default the last two parts of the path.

    Returns
    -------
    Evaluation
        `Evaluation.save` writes it as one page that works offline, or as JSON.

    Raises
    ------
    FormatError, TypeError, ValueError
        As in `match`.

    Examples
    --------
    >>> import heatgrid as hg
    >>> hg.evaluate("annotations.json", "results.json", min_score=0.3).save("errors.html")
    """
    check_keywords(evaluate, options, MatchKeywords)
    check_natural("permutations", permutations)
    check_natural("seed", seed)
    check_natural("least", least)
    reading: dict[str, Any] = {"format": format, "predictions_format": predictions_format, **options}
    matches = match(truth, predictions, iou, iou_type=iou_type, splits=splits, progress=progress, **reading)
    items = {measure: Items.of(matches, measure) for measure in get_args(Measure)}
    found = [
        one
        for measure, own in items.items()
        for one in contrasts(own, measure, matches.classes, permutations, seed)
    ]
    return Evaluation(
        title=_title(predictions) if title is None else title,
        matches=matches,
        maps=matches.maps(grid),
        lists=_lists(matches, grid),
        least=least,
        counts=_counts(items, len(matches.classes)),
        contrasts=found,
        images=worst_images(matches),
        findings=findings(matches, found, min_score=options.get("min_score")),
    )


def _title(predictions: Any) -> str:
    is_path = isinstance(predictions, (str, os.PathLike))
    return "/".join(Path(predictions).resolve().parts[-2:]) if is_path else "predictions"


def _lists(matches: Matches, grid: Grid) -> dict[str, CellAnnotations]:
    """Return the images of each cell with most misses, and with most false alarms."""
    from heatgrid.query import annotations_by_cell

    batches = {"missed": matches.misses, "false": matches.false_positives}
    return {name: annotations_by_cell(own, grid, geometry="box") for name, own in batches.items()}


def _counts(items: dict[Any, Items], classes: int) -> Integers:
    """Return the numbers of items, (4, K, 4), by kind, class and size."""
    tables = []
    for own in items.values():
        for good in (True, False):
            chosen = own.good == good
            flat = own.label[chosen] * (len(AREAS) + 1) + own.size[chosen]
            tables.append(np.bincount(flat, minlength=classes * (len(AREAS) + 1)))
    return np.stack(tables).reshape(4, classes, len(AREAS) + 1)


def _html(result: Evaluation, *, title: str | None = None, thumbnails: str | None = None) -> bytes:
    from heatgrid.summary.evaluation.page import page

    return page(
        title=result.title if title is None else title,
        thumbnails=thumbnails,
        matches=result.matches,
        maps=result.maps,
        lists=result.lists,
        least=result.least,
        counts=result.counts,
        contrasts=result.contrasts,
        images=result.images,
        findings=result.findings,
    )


FORMATS: dict[str, OutputFormat] = {
    ".html": OutputFormat(_html, EvaluationOptions, "one page, works offline"),
    ".json": OutputFormat(
        lambda result: json.dumps(result.to_dict(), allow_nan=False).encode() + b"\n",
        NoOptions,
        "all numbers",
    ),
}
"""Output formats of an evaluation by suffix."""
