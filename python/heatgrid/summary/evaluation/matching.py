"""Matching of predictions to annotations by their overlap, as COCOeval does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.limits import check_stop
from heatgrid.core.ragged import offsets_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Doubles = NDArray[np.float64]
    Booleans = NDArray[np.bool_]
    Overlaps = Callable[[Integers, Integers], Doubles]

_MAX_IOU = 1 - 1e-10  # COCOeval's highest threshold
_PAIRS_PER_STEP = 1 << 20


def match_pairs(
    truth: Integers,
    predictions: Integers,
    scores: Doubles,
    iou: float,
    overlaps: Overlaps,
    *,
    crowd: Booleans,
    ignored: Booleans,
) -> tuple[Integers, Doubles]:
    """Return the annotation that each prediction takes, (M,) with -1 for none, and their overlaps.

    Predictions choose in the order of their scores, highest first, equal ones in the order given. Each takes
    the free annotation of its group that overlaps most, the last of equal ones; an ignored one only if no
    other is left. Crowds are always free.

    Parameters
    ----------
    truth, predictions
        (N,) and (M,) group of each: a number per image and class.
    scores
        (M,) scores; NaN comes last.
    iou
        The smallest overlap.
    overlaps
        Returns the overlaps of pairs of a prediction and an annotation, from their indices. The pairs of a
        group follow each other, each prediction with all annotations of the group.
    crowd, ignored
        (N,) flags of the annotations.

    Notes
    -----
    Equal to pycocotools' ``COCOeval.evaluateImg``. The cost grows with the pairs that share a group; a step
    holds about a million of them.
    """
    order = np.lexsort((-scores, predictions))
    by_group = np.lexsort((ignored, truth))
    group, is_crowd = truth[by_group], crowd[by_group]
    first, last = (np.searchsorted(group, predictions[order], side=side) for side in ("left", "right"))
    found: list[tuple[Any, ...]] = [(order[:0], order[:0], scores[:0])]
    for taker, target in _pairs(first, last):
        overlap = overlaps(order[taker], by_group[target])
        enough = overlap >= min(iou, _MAX_IOU)
        found.append((taker[enough], target[enough], overlap[enough]))
    taker, target, overlap = (np.concatenate(parts) for parts in zip(*found, strict=True))
    best = np.lexsort((-target, -overlap, ignored[by_group][target], taker))
    taker, target, overlap = taker[best], target[best], overlap[best]
    chosen = _choose(taker, target, is_crowd)
    match, value = np.full(len(order), -1), np.full(len(order), np.nan)
    match[order[taker[chosen]]] = by_group[target[chosen]]
    value[order[taker[chosen]]] = overlap[chosen]
    return match, value


def box_overlaps(a: Doubles, b: Doubles, is_crowd: Booleans) -> Doubles:
    """Return the intersections over union of boxes x1 y1 x2 y2, by the operations of COCO's ``bbIou``.

    The union of a crowd in ``b`` and a box is the box.
    """
    width = np.minimum(a[:, 2], b[:, 2]) - np.maximum(a[:, 0], b[:, 0])
    height = np.minimum(a[:, 3], b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    shared = np.where((width > 0) & (height > 0), width * height, 0.0)
    own, other = ((box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]) for box in (a, b))
    union = np.where(is_crowd, own, own + other - shared)
    return np.divide(shared, union, out=np.zeros(len(shared)), where=shared > 0)


def _pairs(first: Integers, last: Integers) -> Iterator[tuple[Integers, Integers]]:
    """Yield each index with all numbers from its ``first`` to before its ``last``, in steps."""
    ends = np.cumsum(last - first)
    begin = 0
    while begin < len(first):
        check_stop()
        done = int(ends[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, done + _PAIRS_PER_STEP, side="right")))
        count = (last - first)[begin:end]
        taker = np.repeat(np.arange(begin, end), count)
        starts = offsets_of(count)[:-1]
        yield taker, np.arange(len(taker)) + np.repeat(first[begin:end] - starts, count)
        begin = end


def _choose(taker: Integers, target: Integers, is_crowd: Booleans) -> Integers:
    """Return the index of the pair that each taker takes: its first whose target is free.

    Pairs are in the order of takers, best targets first. Only takers that share a target with others depend
    on them, which few do.
    """
    wanted = np.bincount(target, minlength=len(is_crowd))
    contested = (wanted[target] > 1) & ~is_crowd[target]
    begins = np.flatnonzero(np.diff(taker, prepend=-1))
    in_contest = np.logical_or.reduceat(contested, begins) if len(begins) else contested[:0]
    chosen = begins[~in_contest].tolist()
    ends = np.append(begins[1:], len(taker))
    taken: set[int] = set()
    crowds = set(np.flatnonzero(is_crowd).tolist())
    for begin, end in zip(begins[in_contest].tolist(), ends[in_contest].tolist(), strict=True):
        for pair, wish in enumerate(target[begin:end].tolist(), begin):
            if wish in crowds:
                chosen.append(pair)
                break
            if wish not in taken:
                taken.add(wish)
                chosen.append(pair)
                break
    return np.array(chosen, dtype=np.int64)
