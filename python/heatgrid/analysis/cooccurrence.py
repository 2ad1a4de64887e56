"""Co-occurrence of classes, in cells and in images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.analysis.divergence import check_counts
from heatgrid.core.sums import distinct
from heatgrid.errors import html_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

_CHUNK = 1 << 14
"""Cells per step, so that memory does not grow with the grid."""


@dataclass(frozen=True, slots=True, eq=False)
class CoOccurrence:
    """Cells, and images, that K classes share.

    Attributes
    ----------
    classes
        (K,) names.
    cells
        (K, K) int64: the number of cells where both classes have hits. The diagonal has the cells of each
        class. Cells add up all images: two classes that share cells need not appear in the same image.
    cell_jaccard
        (K, K) float64: cells with both over cells with either, ``n_ij / (n_i + n_j - n_ij)``, in [0, 1].
    cell_overlap
        (K, K) float64: the common part of the two distributions, ``sum(min(p_i, p_j)) = 1 - sum(|p_i -
        p_j|) / 2``, in [0, 1], where p is a cell's share of the class's hits. Unlike ``cell_jaccard`` it
        weighs cells by their hits.
    images
        (K, K) int64: the number of images with counted annotations of both classes. The diagonal has the
        images of each class. None for maps, which do not record the classes of each image.
    image_jaccard
        (K, K) float64: images with both over images with either; None for maps.

    Notes
    -----
    The rows of classes without hits are 0.

    References
    ----------
    P. Jaccard, "The distribution of the flora in the alpine zone", New Phytologist 11 (1912), 37-50.
    T. W. Schoener, "The Anolis lizards of Bimini: resource partitioning in a complex fauna", Ecology 49
    (1968), 704-726: overlap.

    Examples
    --------
    >>> import heatgrid as hg
    >>> heat = hg.Heatmap(2, classes=("car", "person"))
    >>> heat = heat.add_boxes([[0, 0, 1, 1], [0, 0, 0.5, 0.5]], labels=["car", "person"])
    >>> heat.cooccurrence().cells
    array([[4, 1],
           [1, 1]])
    """

    classes: tuple[str, ...]
    cells: Integers
    cell_jaccard: NDArray[np.float64]
    cell_overlap: NDArray[np.float64]
    images: Integers | None = None
    image_jaccard: NDArray[np.float64] | None = None

    @classmethod
    def of(
        cls, classes: tuple[str, ...], by_class: NDArray[Any], images: Integers | None = None
    ) -> CoOccurrence:
        """Return the co-occurrence of (K, rows, columns) counts; ValueError if a count is negative.

        ``images`` are those of `image_pairs`.
        """
        check_counts(by_class)
        count = len(classes)
        flat = by_class.reshape(count, by_class.shape[1] * by_class.shape[2])
        totals = flat.sum(axis=1, dtype=np.float64)
        scale = np.divide(1.0, totals, out=np.zeros(count), where=totals > 0)[:, np.newaxis]
        both, overlap = np.zeros((count, count)), np.zeros((count, count))
        for first in range(0, flat.shape[1], _CHUNK):
            part = flat[:, first : first + _CHUNK]
            hit = (part > 0).astype(np.float64)
            both += hit @ hit.T  # exact: integers far below 2**53
            shares = part * scale
            for k in range(count):
                overlap[k] += np.minimum(shares[k], shares).sum(axis=1)
        cells = both.astype(np.int64)
        return cls(
            classes, cells, jaccard(cells), overlap, images, None if images is None else jaccard(images)
        )

    def _repr_html_(self) -> str:
        header = ["class", "class", "cells with both", "cell Jaccard", "cell overlap"]
        header += ["images with both", "image Jaccard"] if self.images is not None else []
        rows = []
        for pair in self.pairs(30):
            (first, second), *numbers = pair.values()
            texts = (f"{n:,}" if isinstance(n, int) else f"{n:.3f}" for n in numbers)
            rows.append((first, second, *texts))
        return html_table(header, rows)

    def pairs(self, n: int = 10) -> list[dict[str, Any]]:
        """Return the n pairs of classes with the highest index, as dicts; ties keep the order of classes.

        The index is ``image_jaccard`` if it is known, else ``cell_overlap``.
        """
        index = self.cell_overlap if self.image_jaccard is None else self.image_jaccard
        first, second = np.triu_indices(len(self.classes), 1)
        order = np.argsort(-index[first, second], kind="stable")[:n]
        names = [name for name in _MATRICES if getattr(self, name) is not None]
        return [
            {"classes": (self.classes[i], self.classes[j])}
            | {name: getattr(self, name)[i, j].item() for name in names}
            for i, j in zip(first[order].tolist(), second[order].tolist(), strict=True)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the matrices as plain lists, those of images None for maps."""
        matrices = {name: getattr(self, name) for name in _MATRICES}
        plain = {name: None if own is None else own.tolist() for name, own in matrices.items()}
        return {"classes": list(self.classes), **plain}


_MATRICES = ("cells", "cell_jaccard", "cell_overlap", "images", "image_jaccard")


def jaccard(both: Integers) -> NDArray[np.float64]:
    """Return Jaccard's index of K sets from the numbers of common elements, (K, K); 0 for two empty sets."""
    own = np.diag(both)
    either = own[:, np.newaxis] + own - both
    index: NDArray[np.float64] = np.divide(both, either, out=np.zeros(both.shape), where=either > 0)
    return index


def image_pairs(image: Integers, label: Integers, classes: int) -> Integers:
    """Return the number of images with annotations of both classes, (classes, classes) int64.

    ``image`` and ``label`` are those of the annotations, in any order.
    """
    return sorted_pairs(*np.divmod(distinct(image * max(1, classes) + label), max(1, classes)), classes)


def sorted_pairs(image: Integers, label: Integers, classes: int) -> Integers:
    """Return `image_pairs` of different pairs of an image and a class, sorted by image, then by class."""
    both = np.diag(np.bincount(label, minlength=classes))
    first = np.arange(len(image))
    ends = np.append(np.flatnonzero(np.diff(image)) + 1, len(image))
    left = np.repeat(ends, np.diff(ends, prepend=0)) - first  # pairs from this to the image's last
    for step in range(1, classes):
        first = first[left > step]
        left = left[left > step]
        if not len(first):
            break
        number = label[first] * classes + label[first + step]
        found = np.bincount(number, minlength=classes * classes).reshape(classes, classes)
        both += found + found.T
    return both
