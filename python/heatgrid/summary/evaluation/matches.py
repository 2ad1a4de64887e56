"""Matches of predictions and truth: true positives, false positives and misses."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Unpack, get_args

import numpy as np

from heatgrid.core.derived import divided
from heatgrid.core.ragged import Flag
from heatgrid.core.spec import check_choice, check_keywords
from heatgrid.errors import HeatgridWarning
from heatgrid.io.keywords import MatchKeywords, SelectKeywords, check_found, parse_options
from heatgrid.io.objects import read_any
from heatgrid.io.options import ReadOptions
from heatgrid.summary.evaluation.matching import box_overlaps, match_pairs
from heatgrid.summary.evaluation.side import ImageNames, Side

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.spec import Grid
    from heatgrid.heatmap import Heatmap
    from heatgrid.io.read import Source
    from heatgrid.io.registry import FormatName
    from heatgrid.summary.evaluation.matching import Overlaps

    Integers = NDArray[np.int64]
    Doubles = NDArray[np.float64]
    Booleans = NDArray[np.bool_]

IouType = Literal["bbox", "segm"]

LEAST = 5
"""Number of objects or predictions in a cell below which it has no recall or precision."""

NO_SCORES = "predictions without scores are matched in the order of their file"

SWAPPED = "the truth has scores and the predictions have none: are they swapped?"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Matches:
    """Predictions matched to annotations, the truth.

    Every annotation is found, missed or ignored. Every prediction is a true positive, a false positive or
    ignored. Crowds and regions to be ignored are ignored, and so are the predictions that take them.

    Attributes
    ----------
    iou
        The smallest intersection over union of a match.
    iou_type
        ``"bbox"``: that of boxes; ``"segm"``: that of masks.
    classes
        Class names of both.
    truth, predictions
        The two data sets, as columns.
    found, missed
        (N,) bool, of the annotations.
    is_true, is_false
        (M,) bool, of the predictions.
    partner
        (M,) int64, the annotation that each prediction takes, -1 for none.
    image, label
        (M,) int64, index of each prediction into the images of the truth, and into ``classes``; those of the
        annotations are ``truth.image`` and ``truth.label``.
    overlap
        (M,) float64, their intersection over union; NaN for none.

    Examples
    --------
    >>> import heatgrid as hg
    >>> matches = hg.match("annotations.json", "results.json")
    >>> bool(matches.is_true.all())
    True
    """

    iou: float
    iou_type: IouType
    classes: tuple[str, ...]
    truth: Side
    predictions: Side
    found: Booleans
    missed: Booleans
    is_true: Booleans
    is_false: Booleans
    partner: Integers
    overlap: Doubles
    image: Integers
    label: Integers

    @property
    def true_positives(self) -> list[Annotations]:
        """Annotations that are found: batches for `heatgrid.heatmap` and `heatgrid.find`."""
        return self.truth.select(self.found)

    @property
    def misses(self) -> list[Annotations]:
        """Annotations that no prediction takes: batches."""
        return self.truth.select(self.missed)

    @property
    def false_positives(self) -> list[Annotations]:
        """Predictions that take no annotation: batches."""
        return self.predictions.select(self.is_false)

    @property
    def recall(self) -> float:
        """Share of annotations that are found; NaN without any."""
        return _share(self.found.sum(), self.missed.sum())

    @property
    def precision(self) -> float:
        """Share of predictions that are true positives; NaN without any."""
        return _share(self.is_true.sum(), self.is_false.sum())

    def maps(self, grid: Grid | None = None, **options: Unpack[SelectKeywords]) -> dict[str, Heatmap]:
        """Return the maps ``"found"``, ``"missed"`` and ``"false"``, of boxes unless ``geometry`` is given.

        True positives are counted at the place of the annotation. Options are those of `heatgrid.heatmap`.
        """
        from heatgrid.datasets import heatmap

        batches = {"found": self.true_positives, "missed": self.misses, "false": self.false_positives}
        given: SelectKeywords = {"geometry": "box", **options}
        return {name: heatmap(own, grid, **given) for name, own in batches.items()}

    def recall_by_cell(
        self, grid: Grid | None = None, *, least: int = LEAST, **options: Unpack[SelectKeywords]
    ) -> Doubles:
        """Return found / (found + missed) of each cell, (rows, columns); NaN below ``least`` objects."""
        maps = self.maps(grid, **options)
        return share_by_cell(maps["found"], maps["missed"], least)

    def precision_by_cell(
        self, grid: Grid | None = None, *, least: int = LEAST, **options: Unpack[SelectKeywords]
    ) -> Doubles:
        """Return true / (true + false positives) of each cell, NaN below ``least`` of both."""
        maps = self.maps(grid, **options)
        return share_by_cell(maps["found"], maps["false"], least)

    def __repr__(self) -> str:
        found, missed, false = (int(which.sum()) for which in (self.found, self.missed, self.is_false))
        text = f"{found:,} true positives, {missed:,} misses, {false:,} false positives"
        return f"<Matches {'mask ' if self.iou_type == 'segm' else ''}IoU {self.iou:g}: {text}>"


def share_by_cell(part: Heatmap, rest: Heatmap, least: int) -> Doubles:
    """Return ``part / (part + rest)`` of each cell, NaN where the sum is below ``least`` or 0."""
    return divided(part.counts, part.counts + rest.counts, max(least, np.nextafter(0.0, 1.0)))


def _share(part: np.integer[Any], rest: np.integer[Any]) -> float:
    return float(part / (part + rest)) if part + rest else float("nan")


def match(
    truth: Source | Any,
    predictions: Source | Any,
    iou: float = 0.5,
    *,
    iou_type: IouType = "bbox",
    splits: Iterable[str] | None = None,
    format: FormatName | None = None,  # noqa: A002
    predictions_format: FormatName | None = None,
    progress: bool = False,
    **options: Unpack[MatchKeywords],
) -> Matches:
    """Match predictions to annotations by the intersection over union of their boxes, or masks.

    Per image and class, predictions choose in the order of their scores. Each takes the free annotation that
    overlaps it most, if the overlap is at least ``iou``. Crowds and groups take any number of predictions,
    and these are ignored. The result equals that of pycocotools' COCOeval with one threshold and any number
    of predictions per image.

    Parameters
    ----------
    truth, predictions
        What `heatmap` accepts: files, folders, batches or objects. Images are matched by name, or else by
        name without folder and suffix; classes by name. A bare list of COCO results takes images and
        categories from ``truth``. Images of the predictions only are left out and reported.
    iou
        Smallest intersection over union, above 0 and at most 1.
    iou_type
        COCOeval's ``iouType``. ``"bbox"``: of boxes. ``"segm"``: of polygons and masks on the pixels of the
        image, and of boxes where there are neither; it needs image sizes, and pycocotools (extra ``coco``).
    splits
        Read these splits of the truth only.
    format, predictions_format
        Names of the formats; None detects them by content.
    progress
        Show a progress bar on stderr.
    **options
        As in `heatmap`, for both, except: ``min_score`` applies to predictions. Annotations that ``exclude``
        or ``area`` leaves out are ignored, and so are predictions outside of ``area`` that take nothing, as
        COCOeval has it.

    Returns
    -------
    Matches
        Batches of true positives, false positives and misses, and what took what.

    Raises
    ------
    FormatError, TypeError, ValueError
        As in `heatmap`; or ``iou`` is outside its range.

    Examples
    --------
    >>> import heatgrid as hg
    >>> matches = hg.match("annotations.json", "results.json")
    >>> misses = hg.heatmap(matches.misses)
    """
    check_keywords(match, options, MatchKeywords)
    check_choice("iou_type", iou_type, get_args(IouType))
    threshold: object = iou  # untyped callers may pass anything
    if not (isinstance(threshold, (int, float)) and 0 < threshold <= 1):
        raise ValueError(f"iou must be a number above 0, at most 1, got {iou!r}")
    given: dict[str, Any] = {**options}
    filters = ReadOptions(**{name: given.pop(name, None) for name in ("min_score", "area", "exclude")})
    _, of_truth = parse_options(splits=splits, **given)
    with of_truth.limits.timed():
        first = Side.of(read_any(truth, of_truth, format=format, progress=progress))
    check_found(first.report, of_truth)
    are_paths = all(isinstance(source, (str, os.PathLike)) for source in (truth, predictions))
    reference: Any = truth if are_paths else None
    _, of_predictions = parse_options(min_score=filters.min_score, truth=reference, **given)
    with of_truth.limits.timed():
        batches = read_any(predictions, of_predictions, format=predictions_format, progress=progress)
        second = Side.of(batches, ImageNames(first.image_names))
    if len(second) and np.isnan(second.scores).all():
        second.report.note(NO_SCORES)
        if np.isfinite(first.scores).any():
            warnings.warn(SWAPPED, HeatgridWarning, stacklevel=2)
    return _match(first, second, float(iou), iou_type, filters)


def _match(truth: Side, predictions: Side, iou: float, iou_type: IouType, filters: ReadOptions) -> Matches:
    """Match two sides; annotations that the filters exclude are ignored."""
    classes = tuple(dict.fromkeys((*truth.classes, *predictions.classes)))
    label = np.array([classes.index(name) for name in predictions.classes], dtype=np.int64)
    label = label[predictions.label] if len(predictions) else predictions.label
    image = predictions.image_in_truth[predictions.image] if len(predictions) else predictions.image
    crowd = (truth.flags & (Flag.CROWD | Flag.GROUP)) != 0
    flags = Flag.IGNORE | sum(Flag[name.upper()] for name in filters.exclude or ())
    ignored = crowd | ((truth.flags & flags) != 0) | _beyond(truth, truth.sizes[truth.image], filters.area)
    partner, overlap = match_pairs(
        truth.image * len(classes) + truth.label,
        image * len(classes) + label,
        predictions.scores,
        iou,
        _overlaps(truth, predictions, image, crowd, iou_type),
        crowd=crowd,
        ignored=ignored,
    )
    takes = partner >= 0
    found = np.zeros(len(truth), dtype=bool)
    found[partner[takes]] = True
    is_true = takes.copy()
    is_true[takes] = ~ignored[partner[takes]]
    return Matches(
        iou=iou,
        iou_type=iou_type,
        classes=classes,
        truth=truth,
        predictions=predictions,
        found=found & ~ignored,
        missed=~found & ~ignored,
        is_true=is_true,
        is_false=~takes & ~_beyond(predictions, truth.sizes[image], filters.area),
        partner=partner,
        overlap=overlap,
        image=image,
        label=label,
    )


def _overlaps(
    truth: Side, predictions: Side, image: Integers, crowd: Booleans, iou_type: IouType
) -> Overlaps:
    """Return the function of the overlaps of pairs of a prediction and an annotation."""
    if iou_type == "segm":
        from heatgrid.summary.evaluation.masks import MaskOverlaps

        return MaskOverlaps(truth, predictions, image, crowd)
    boxes, others = _same_units(truth, predictions, image)
    return lambda taker, target: box_overlaps(others[taker], boxes[target], crowd[target])


def _same_units(truth: Side, predictions: Side, image: Integers) -> tuple[Doubles, Doubles]:
    """Return the boxes of both, in pixels if all are, else divided by the size of the truth's image."""
    if not truth.normalized.any() and not predictions.normalized.any():
        return truth.boxes, predictions.boxes
    if truth.normalized.all() and predictions.normalized.all():
        return truth.boxes, predictions.boxes
    own = predictions.sizes[predictions.image]
    sizes = np.where(np.isnan(own) & (image >= 0)[:, np.newaxis], truth.sizes[image], own)
    return truth.scaled(truth.sizes[truth.image]), predictions.scaled(sizes)


def _beyond(side: Side, sizes: Doubles, area: Any) -> Booleans:
    """Return which boxes are outside of a range of areas in square pixels, on images of these ``sizes``."""
    if area is None:
        return np.zeros(len(side), dtype=bool)
    pixels = np.where(side.normalized[:, np.newaxis], side.boxes * np.tile(sizes, 2), side.boxes)
    areas = (pixels[:, 2] - pixels[:, 0]) * (pixels[:, 3] - pixels[:, 1])
    return np.asarray((areas < area[0]) | (areas > area[1]))
