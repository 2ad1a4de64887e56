"""What COCO's annotations say, as flat numbers: what the quick and the general reader both deliver."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from heatgrid.core.ragged import gather, offsets_of, pick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.core.ragged import Masks


def are_different(numbers: NDArray[np.int64]) -> bool:
    """Tell whether each number stands there once."""
    if (numbers[1:] > numbers[:-1]).all():  # in order, as most files have them
        return True
    rising = np.sort(numbers)
    return bool((rising[1:] != rising[:-1]).all())


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Lists of numbers, one an item.

    Attributes
    ----------
    flat
        (M,) float64, the numbers of all.
    lengths
        (N,) int64, how many each has.
    wrong
        (N,) bool, which items are no lists of numbers; their length is 0.
    """

    flat: NDArray[np.float64]
    lengths: NDArray[np.int64]
    wrong: NDArray[np.bool_]

    def take(self, index: NDArray[np.int64]) -> Numbers:
        """Return the items with these numbers."""
        places, _ = gather(offsets_of(self.lengths), index)
        return Numbers(self.flat[places], self.lengths[index], self.wrong[index])

    def right(self, good: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the numbers of the good items; without a copy where all are."""
        return self.flat if good.all() else self.flat[np.repeat(good, self.lengths)]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Values:
    """What N annotations say.

    Attributes
    ----------
    boxes
        ``[x, y, width, height]`` of each, if well-formed; without a length, and right, where there is none.
    rings
        Of all segmentations, ``[x1, y1, x2, y2, ...]``.
    ring_counts
        (N,) int64, the rings of each.
    masks
        Run-length codes; None where no annotation has one.
    odd
        Why a segmentation is none, by the annotation's number.
    keypoints
        ``[x, y, v, ...]`` of each; None where no annotation has any.
    ids
        (N,) as the file has them.
    flags
        (N,) uint8, `Flag` bits.
    scores
        (N,) float64, NaN where absent; None where all are.
    """

    boxes: Numbers
    rings: Numbers
    ring_counts: NDArray[np.int64]
    masks: Masks | None
    odd: dict[int, str]
    keypoints: Numbers | None
    ids: Sequence[object]
    flags: NDArray[np.uint8]
    scores: NDArray[np.float64] | None

    def take(self, index: NDArray[np.int64]) -> Self:
        """Return the annotations with these numbers, in rising order."""
        rings, _ = gather(offsets_of(self.ring_counts), index)
        place = {old: new for new, old in enumerate(index.tolist())} if self.odd else {}
        masks = None if self.masks is None else self.masks.take(index)
        scores = None if self.scores is None else self.scores[index]
        return replace(
            self,
            boxes=self.boxes.take(index),
            rings=self.rings.take(rings),
            ring_counts=self.ring_counts[index],
            masks=masks if masks is not None and masks.sizes.any() else None,
            odd={place[i]: reason for i, reason in self.odd.items() if i in place},
            keypoints=None if self.keypoints is None else self.keypoints.take(index),
            ids=pick(self.ids, index),
            flags=self.flags[index],
            scores=None if scores is None or np.isnan(scores).all() else scores,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """The N annotations whose image and class are known, and why others are lost.

    Attributes
    ----------
    kept
        (N,) int64, their numbers in the file, rising.
    image, label
        (N,) int64, the number of each one's image and class.
    lost
        Reasons, by the number in the file.
    """

    kept: NDArray[np.int64]
    image: NDArray[np.int64]
    label: NDArray[np.int64]
    lost: dict[int, str]
