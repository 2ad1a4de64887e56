"""Contrasts: recall and precision in a part of the image, of a class or of a size, and elsewhere."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from heatgrid.analysis import sign_flip_test
from heatgrid.io.options import AREAS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.summary.evaluation.matches import Matches

    Integers = NDArray[np.int64]
    Doubles = NDArray[np.float64]
    Booleans = NDArray[np.bool_]

Measure = Literal["recall", "precision"]
ContrastBy = Literal["place", "class", "size"]

FEW = 5
"""Number of items below which a part is not tested."""

EDGE = 0.1
"""Width of the zone near the edges, as a share of the image's side."""

_MAX_CLASSES = 100
_THIRDS = (0.0, 1 / 3, 2 / 3, 1.0)
_ROWS, _COLUMNS = ("upper", "middle", "lower"), ("left", "center", "right")


def _places() -> dict[str, tuple[float, float, float, float]]:
    """Return rectangles x1 y1 x2 y2 by name."""
    places = {
        "the upper half": (0.0, 0.0, 1.0, 0.5),
        "the lower half": (0.0, 0.5, 1.0, 1.0),
        "the left half": (0.0, 0.0, 0.5, 1.0),
        "the right half": (0.5, 0.0, 1.0, 1.0),
    }
    for i in range(3):
        low, high = _THIRDS[i : i + 2]
        vertical = ("the upper third", "the middle third of the height", "the lower third")[i]
        across = ("the left third", "the middle third of the width", "the right third")[i]
        places |= {vertical: (0.0, low, 1.0, high), across: (low, 0.0, high, 1.0)}
    for i, row in enumerate(_ROWS):
        for j, column in enumerate(_COLUMNS):
            name = "the center" if i == j == 1 else f"the {row} {column}"
            places[name] = (_THIRDS[j], _THIRDS[i], _THIRDS[j + 1], _THIRDS[i + 1])
    return places


PLACES = _places()
NEAR_EDGES = "the zone near the edges"
"""Everything but the rectangle that is `EDGE` away from all edges."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """Recall or precision in one part of the data, and elsewhere.

    Attributes
    ----------
    measure
        ``"recall"`` of objects, or ``"precision"`` of predictions.
    by, part
        ``"place"``, ``"class"`` or ``"size"``, and the name of the part.
    good, total
        Objects found and all objects in the part; or true positives and all predictions.
    good_elsewhere, total_elsewhere
        The same outside of it.
    statistic, p_value
        Of the sign-flip test, see `heatgrid.analysis.sign_flip_test`, corrected for the number of parts with
        the same ``measure`` and ``by``; None without a test.
    """

    measure: Measure
    by: ContrastBy
    part: str
    good: int
    total: int
    good_elsewhere: int
    total_elsewhere: int
    statistic: float
    p_value: float | None

    @property
    def share(self) -> float:
        """Recall or precision in the part; NaN without objects or predictions."""
        return self.good / self.total if self.total else float("nan")

    @property
    def share_elsewhere(self) -> float:
        """Recall or precision elsewhere."""
        return self.good_elsewhere / self.total_elsewhere if self.total_elsewhere else float("nan")

    @property
    def excess(self) -> float:
        """Errors in the part beyond those at the share elsewhere; below 0 if the part is better."""
        return self.total * self.share_elsewhere - self.good if self.total_elsewhere else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the contrast as plain numbers and strings; a share of nothing is None."""
        shares = {
            "share": self.share if self.total else None,
            "share_elsewhere": self.share_elsewhere if self.total_elsewhere else None,
        }
        return asdict(self) | shares


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """Objects, or predictions, with what contrasts need of them.

    ``good`` is (N,) bool: found, or true positive. ``x`` and ``y`` are the centers of the boxes, as shares of
    the image and cut to it, NaN where its size is unknown; a true positive has the place, size and class of
    its annotation. ``area`` is that of the box, cut to the image, in square pixels.
    """

    good: Booleans
    image: Integers
    label: Integers
    x: Doubles
    y: Doubles
    area: Doubles

    @classmethod
    def of(cls, matches: Matches, measure: Measure) -> Items:
        """Return the objects for recall, the predictions for precision."""
        truth, predictions = matches.truth, matches.predictions
        boxes, image, label = (
            truth.scaled(truth.sizes[truth.image]),
            truth.image,
            truth.label,
        )
        if measure == "recall":
            chosen = matches.found | matches.missed
            good = matches.found
        else:
            chosen = matches.is_true | matches.is_false
            good = matches.is_true
            own = predictions.scaled(truth.sizes[matches.image])
            partner = np.where(good, matches.partner, 0)
            at_truth = good[:, np.newaxis]
            boxes = np.where(at_truth, boxes[partner], own) if len(boxes) else own
            image, label = matches.image, matches.label
        boxes, image, label = boxes[chosen], image[chosen], label[chosen]
        cut = np.clip(boxes, 0, 1)
        width, height = (cut[:, 2:] - cut[:, :2]).T * truth.sizes[image].T
        x, y = np.clip((boxes[:, :2] + boxes[:, 2:]) * 0.5, 0, 1).T
        return cls(good[chosen], image, label, x, y, width * height)

    @property
    def size(self) -> Integers:
        """(N,) index into `AREAS`, their number if the area is unknown."""
        limits = [low for low, _ in AREAS.values()][1:]
        known = np.digitize(self.area, limits)
        return np.where(np.isnan(self.area), len(AREAS), known)

    def places(self) -> Booleans:
        """Return which items are in each of `PLACES`, and near the edges; (N, places)."""
        columns = []
        for x1, y1, x2, y2 in PLACES.values():
            inside = (self.x >= x1) & (self.y >= y1)
            columns.append(inside & _below(self.x, x2) & _below(self.y, y2))
        margin = np.minimum(np.minimum(self.x, 1 - self.x), np.minimum(self.y, 1 - self.y))
        return np.stack([*columns, margin < EDGE], axis=1)


def _below(values: Doubles, limit: float) -> Booleans:
    """Return which values are below a limit; the far edge of the image belongs to it."""
    return np.asarray(values <= limit if limit == 1 else values < limit)


def contrasts(
    items: Items, measure: Measure, classes: Sequence[str], permutations: int, seed: int
) -> list[Contrast]:
    """Return the contrasts of all places, classes and sizes that have enough items, and others elsewhere."""
    numbers = np.bincount(items.label, minlength=len(classes))
    top = np.argsort(-numbers, kind="stable")[:_MAX_CLASSES]
    sizes = items.size[:, np.newaxis] == np.arange(len(AREAS))
    families: list[tuple[ContrastBy, list[str], Booleans]] = [
        ("place", [*PLACES, NEAR_EDGES], items.places()),
        ("class", [classes[k] for k in top.tolist()], items.label[:, np.newaxis] == top),
        ("size", list(AREAS), sizes),
    ]
    found: list[Contrast] = []
    for by, names, parts in families:
        inside = parts.sum(axis=0)
        kept = np.flatnonzero((inside >= FEW) & (len(parts) - inside >= FEW))
        parts = parts[:, kept]  # noqa: PLW2901
        statistics, p_values = sign_flip_test(items.good, parts, items.image, permutations, seed)
        good = (parts & items.good[:, np.newaxis]).sum(axis=0)
        for i, k in enumerate(kept.tolist()):
            found.append(
                Contrast(
                    measure=measure,
                    by=by,
                    part=names[k],
                    good=int(good[i]),
                    total=int(inside[k]),
                    good_elsewhere=int(items.good.sum() - good[i]),
                    total_elsewhere=int(len(parts) - inside[k]),
                    statistic=float(statistics[i]),
                    p_value=float(p_values[i]) if permutations else None,
                )
            )
    return found


def overlap_of(a: str, b: str) -> float:
    """Return the common area of two places over that of the smaller one."""
    steps = (np.arange(60) + 0.5) / 60
    x, y = (grid.ravel() for grid in np.meshgrid(steps, steps))
    empty = np.zeros(0, dtype=np.int64)
    masks = Items(empty.astype(bool), empty, empty, x, y, empty.astype(float)).places()
    first, second = (masks[:, [*PLACES, NEAR_EDGES].index(name)] for name in (a, b))
    return float((first & second).sum() / min(first.sum(), second.sum()))
