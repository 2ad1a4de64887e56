"""Numbers of a data set by split and class: objects, images, sizes, and classes that occur together."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from heatgrid.analysis import jaccard, sorted_pairs
from heatgrid.io.options import AREAS
from heatgrid.summary.objects import Place, likely_duplicates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.summary.objects import Objects

    Integers = NDArray[np.int64]
    Doubles = NDArray[np.float64]

TRAINING_SIZES = (320, 640, 1280)
"""Sides of letterboxed training images, in pixels."""
SIDES = (8, 2)
"""Lengths in pixels, below which the shorter side of a box counts as small."""
COCO_AREAS = AREAS["medium"]
"""COCO's limits of small, medium and large boxes, in square pixels."""

FILLING = 0.9
"""Share of the image above which a box fills it."""

MIN_TOGETHER = 5
"""Images that two classes must share to be listed as occurring together."""

_MAX_LISTED = 50
_MAX_BARS = 30
_MAX_PAIRED_CLASSES = 100
_AREAS = 10.0 ** (np.arange(-24, 1) / 4)  # four bins per decade, down to a millionth of the image
_ASPECTS = 2.0 ** (np.arange(-12, 13) / 2)  # two bins per octave


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Counts of values in the bins between ``edges``, (splits, classes, bins).

    Bins include their lower edges, the last one both. The first and the last bin have values.
    """

    edges: Doubles
    counts: Integers

    def to_dict(self) -> dict[str, list[float]]:
        """Return the edges, and the counts of all splits and classes together."""
        return {"edges": self.edges.tolist(), "counts": self.counts.sum(axis=(0, 1)).tolist()}


@dataclass(frozen=True, slots=True)
class Median:
    """The object of median box area, in pixels, or in shares of the image if an image size is unknown.

    Of an even number of objects, it is the smaller of the two in the middle: a box that exists.
    """

    width: float
    height: float
    unit: str
    share: float
    place: Place

    def to_dict(self) -> dict[str, Any]:
        """Return the object as plain numbers and strings."""
        return asdict(self) | {"place": self.place.to_dict()}


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Numbers of S splits and K classes, classes with most objects first.

    Attributes
    ----------
    splits, classes
        Names.
    images, images_counted
        (S,) images, and images with at least one counted object.
    objects, images_with
        (S, K) counted objects of each class, and images with at least one.
    boxed, sized
        (S, K) objects with a box, and those of them in images of known size.
    per_image
        Histogram of objects per image, (S, K + 1, bins); the last row is all classes together, with images
        without objects.
    area, aspect
        Histograms of the box's share of the image's area, and of its width over its height in pixels.
    coco
        (S, K, 3) small, medium and large objects, by the area of the box in pixels (`COCO_AREAS`).
    small
        (S, K, sizes, sides) objects whose shorter side is below each of `SIDES` at each of `TRAINING_SIZES`.
    filling
        The number of objects whose box has more than `FILLING` of the image's area.
    medians
        The median object of each class; None without boxes.
    image_sizes
        Width, height and number of images of each size, most frequent first.
    images_unsized, image_aspect
        Images of unknown size, and the median width over height of the others.
    together
        Pairs of classes, by Jaccard index of their images.
    duplicates
        The number of objects whose box nearly equals that of an earlier one, and the first pairs.
    """

    splits: tuple[str | None, ...]
    classes: tuple[str, ...]
    images: Integers
    images_counted: Integers
    objects: Integers
    images_with: Integers
    boxed: Integers
    sized: Integers
    per_image: Histogram
    area: Histogram
    aspect: Histogram
    coco: Integers
    small: Integers
    filling: int
    medians: list[Median | None]
    image_sizes: list[tuple[float, float, int]]
    images_unsized: int
    image_aspect: float | None
    together: list[dict[str, Any]]
    duplicates: int
    duplicate_pairs: list[tuple[str, Place, Place, float]]

    @classmethod
    def of(cls, objects: Objects) -> Self:
        """Return the numbers of all objects."""
        table = _Table(objects)
        pixels = objects.pixels
        longest = np.maximum(*objects.sizes.T).take(objects.image)
        areas = pixels[0] * pixels[1]
        boxed, sized = objects.has_box, areas > 0
        shortest = np.minimum(*pixels) / longest
        coco = (areas >= COCO_AREAS[0]).astype(np.int8) + (areas >= COCO_AREAS[1])
        limits = [(side, at) for at in TRAINING_SIZES for side in SIDES]
        small = [table.count(np.flatnonzero(sized & (shortest * at < side))) for side, at in limits]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = pixels[0] / pixels[1]
        earlier, later, overlap = likely_duplicates(objects)
        listed = zip(earlier[:_MAX_LISTED].tolist(), later.tolist(), overlap.tolist(), strict=False)
        pairs = _Pairs.of(objects)
        return cls(
            splits=objects.splits,
            classes=objects.classes,
            images=np.bincount(objects.image_split, minlength=len(objects.splits)),
            images_counted=np.bincount(
                objects.image_split[pairs.image[np.diff(pairs.image, prepend=-1) > 0]],
                minlength=len(objects.splits),
            ),
            objects=table.count(slice(None)),
            images_with=pairs.images_with(objects),
            boxed=table.count(boxed),
            sized=table.count(sized),
            per_image=pairs.histogram(objects),
            area=table.histogram(objects.share, boxed, _AREAS),
            aspect=table.histogram(ratio, sized, _ASPECTS),
            coco=table.spread(coco[sized], sized, 3),
            small=np.stack(small, axis=-1).reshape(*table.shape, len(TRAINING_SIZES), len(SIDES)),
            filling=int(np.count_nonzero(objects.share > FILLING)),
            medians=_medians(objects),
            image_sizes=_image_sizes(objects.sizes),
            images_unsized=int(np.isnan(objects.sizes[:, 0] + objects.sizes[:, 1]).sum()),
            image_aspect=_median_aspect(objects.sizes),
            together=pairs.together(objects),
            duplicates=len(np.unique(later)),
            duplicate_pairs=[
                (objects.classes[objects.label[i]], objects.place(i), objects.place(j), own)
                for i, j, own in listed
            ],
        )


class _Table:
    """Counts of objects per split and class."""

    def __init__(self, objects: Objects) -> None:
        self.shape = len(objects.splits), len(objects.classes)
        self.row = objects.split * self.shape[1] + objects.label

    def count(self, which: Any) -> Integers:
        """Return the number of the chosen objects, (splits, classes)."""
        rows = self.shape[0] * self.shape[1]
        return np.bincount(self.row[which], minlength=rows).reshape(self.shape)

    def spread(self, number: Integers, which: Any, bins: int) -> Integers:
        """Return the number of the chosen objects per bin, (splits, classes, bins)."""
        rows = self.shape[0] * self.shape[1] * bins
        flat = np.bincount(self.row[which] * bins + number, minlength=rows)
        return flat.reshape(*self.shape, bins)

    def histogram(self, values: Doubles, has_value: NDArray[np.bool_], edges: Doubles) -> Histogram:
        """Return the histogram of the chosen objects' values, without empty bins at its ends."""
        which: Any = slice(None) if has_value.all() else has_value
        bins, values = len(edges) - 1, values[which]
        if not len(values):
            return Histogram(edges[:2], np.zeros((*self.shape, 1), dtype=np.int64))
        # A guess by logarithms and a comparison with the edges are faster than a binary search.
        guess = np.log(values / edges[0]) * ((len(edges) - 1) / np.log(edges[-1] / edges[0]))
        number = np.clip(guess, 0, bins - 1).astype(np.int64)
        number += (values >= edges[number + 1]) & (number < bins - 1)
        number -= (values < edges[number]) & (number > 0)
        counts = self.spread(number, which, bins)
        low, high = values.min(), values.max()
        edges = np.concatenate([[min(edges[0], low)], edges[1:-1], [max(edges[-1], high)]])
        first, last = int(number.min()), int(number.max()) + 1
        return Histogram(edges[first : last + 1], counts[:, :, first:last])


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Pairs of an image and a class that it has, and the number of objects of each."""

    image: Integers
    label: Integers
    count: Integers

    @classmethod
    def of(cls, objects: Objects) -> Self:
        _, group = objects.by_image_and_class
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        image, label = np.divmod(group[starts], max(1, len(objects.classes)))
        return cls(image, label, np.diff(starts, append=len(group)))

    def images_with(self, objects: Objects) -> Integers:
        shape = len(objects.splits), len(objects.classes)
        row = objects.image_split[self.image] * shape[1] + self.label
        return np.bincount(row, minlength=shape[0] * shape[1]).reshape(shape)

    def histogram(self, objects: Objects) -> Histogram:
        """Return the histogram of objects per image, bins of whole numbers.

        All bins are equally wide; if there would be too many, the last holds the few images beyond them.
        """
        all_classes = np.bincount(objects.image, minlength=len(objects.image_names))
        most = int(all_classes.max(initial=0))
        usual = int(np.quantile(all_classes, 0.99, method="lower")) if len(all_classes) else 0
        width = -(-(usual + 1) // _MAX_BARS)
        bins = most // width + 1
        if bins > _MAX_BARS:
            bins = usual // width + 2
        rows = len(objects.classes) + 1
        row = objects.image_split[self.image] * rows + self.label
        whole = objects.image_split * rows + rows - 1
        flat = np.bincount(
            np.concatenate([row, whole]) * bins
            + np.minimum(np.concatenate([self.count, all_classes]) // width, bins - 1),
            minlength=len(objects.splits) * rows * bins,
        )
        edges = np.append(np.arange(bins) * width, most + 1).astype(np.float64)
        return Histogram(edges, flat.reshape(len(objects.splits), rows, bins))

    def together(self, objects: Objects, n: int = 12) -> list[dict[str, Any]]:
        """Return the n pairs of classes that share most of their images, of the most frequent classes."""
        own = np.bincount(self.label, minlength=len(objects.classes))
        top = np.sort(np.argsort(-own, kind="stable")[:_MAX_PAIRED_CLASSES])
        column = np.full(len(own), -1)
        column[top] = np.arange(len(top))
        chosen = np.flatnonzero(column[self.label] >= 0) if len(self.label) else self.label
        both = sorted_pairs(self.image[chosen], column[self.label[chosen]], len(top))
        i, j = np.triu_indices(len(top), 1)
        a, b, shared = own[top[i]], own[top[j]], both[i, j]
        index = np.where(shared >= MIN_TOGETHER, jaccard(both)[i, j], 0.0)
        order = np.argsort(-index, kind="stable")[:n]
        return [
            {
                "classes": (objects.classes[top[i[k]]], objects.classes[top[j[k]]]),
                "images": int(shared[k]),
                "jaccard": float(index[k]),
                "shares": (float(shared[k] / a[k]), float(shared[k] / b[k])),
            }
            for k in order.tolist()
            if index[k] > 0
        ]


def _medians(objects: Objects) -> list[Median | None]:
    """Return the first object of median area per class; of an even number, the smaller middle area."""
    index = np.flatnonzero(objects.has_box)
    is_sized = bool(np.isfinite(objects.pixels[:, index]).all())
    sides, unit = (objects.pixels, "px") if is_sized else (objects.extent, "share")
    areas, labels = sides[0] * sides[1], objects.label
    own = labels[index].astype(np.min_scalar_type(len(objects.classes)))
    by_class = areas[index[np.argsort(own, kind="stable")]]  # a radix sort, for classes of at most 16 bits
    ends = np.cumsum(np.bincount(own, minlength=len(objects.classes)))
    starts = np.concatenate([[0], ends[:-1]])
    median = np.full(len(ends), np.nan)
    for k in np.flatnonzero(ends > starts).tolist():
        middle = (int(ends[k] - starts[k]) - 1) // 2
        median[k] = np.partition(by_class[starts[k] : ends[k]], middle)[middle]
    equal = index[areas[index] == median[labels[index]]]
    known, first = np.unique(labels[equal], return_index=True)
    medians: list[Median | None] = [None] * len(ends)
    for k, i in zip(known.tolist(), equal[first].tolist(), strict=True):
        share = float(objects.share[i])
        medians[k] = Median(float(sides[0, i]), float(sides[1, i]), unit, share, objects.place(i))
    return medians


def _image_sizes(sizes: Doubles) -> list[tuple[float, float, int]]:
    known = sizes[~np.isnan(sizes[:, 0] + sizes[:, 1])]
    values, counts = np.unique(known[:, 0] + 1j * known[:, 1], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return [
        (float(values[k].real), float(values[k].imag), int(counts[k])) for k in order[:_MAX_LISTED].tolist()
    ]


def _median_aspect(sizes: Doubles) -> float | None:
    ratios = sizes[:, 0] / sizes[:, 1]
    known = ratios[np.isfinite(ratios)]
    return float(np.median(known)) if len(known) else None
