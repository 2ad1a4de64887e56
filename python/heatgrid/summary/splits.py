"""Comparison of splits: the places, sizes and classes of their objects, each tested against chance."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from heatgrid.analysis import jensen_shannon, permutation_test, shares, total_variation
from heatgrid.summary.comparison import Comparison
from heatgrid.summary.comparison.blocks import equalize

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from heatgrid.analysis import PermutationTest
    from heatgrid.heatmap import Heatmap
    from heatgrid.summary.comparison.blocks import ImageBlocks
    from heatgrid.summary.objects import Objects

    Integers = NDArray[np.int64]
    Rows = tuple[NDArray[np.float64], NDArray[np.float64]]

Aspect = Literal["location", "size", "classes"]

REFERENCE = "train"
SIZE_CELLS = 10
"""Cells of the grid of sizes that is compared, along each axis."""

_MAX_COUNTS = 1 << 19
_MAX_COMPARED = 12


@dataclass(frozen=True, slots=True)
class SplitDifference:
    """Difference of a split from the reference, in one aspect.

    Attributes
    ----------
    split, reference
        Names.
    aspect
        ``"location"``: shares of hits per cell, as `heatgrid.compare` compares them. ``"size"``: shares of
        objects per cell of the size map, on a grid of `SIZE_CELLS`. ``"classes"``: shares of objects per
        class.
    total_variation, jensen_shannon
        The share of hits or objects that would have to move, and the divergence in bits.
    expected, p_value
        The total variation expected by chance, and the probability of one as large; None without a test.
    detail
        The largest part of the difference, in words.
    """

    split: str
    reference: str
    aspect: Aspect
    total_variation: float
    jensen_shannon: float
    expected: float | None
    p_value: float | None
    detail: str

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as plain numbers and strings."""
        return asdict(self)


def compare_splits(
    maps: Mapping[str, Heatmap],
    blocks: list[ImageBlocks],
    objects: Objects,
    permutations: int,
    seed: int,
) -> list[SplitDifference]:
    """Compare each split with the reference: train, or else the one with most images; the oddest first.

    ``maps`` and ``blocks`` are in the order of ``objects.splits``.
    """
    names = list(maps)
    counted = [i for i, heat in enumerate(maps.values()) if heat.counts.any()]
    if len(counted) < 2:
        return []
    size_cell = _size_cells(objects)
    has_box = np.flatnonzero(size_cell >= 0)
    everything = np.arange(len(objects.label))
    reference = max(counted, key=lambda i: (names[i] == REFERENCE, maps[names[i]].report.images))

    def tested(rows: Rows) -> PermutationTest | None:
        return permutation_test(*rows, permutations, seed) if permutations else None

    found: list[SplitDifference] = []
    for other in [i for i in counted if i != reference][:_MAX_COMPARED]:
        pair, both = (other, reference), (names[other], names[reference])
        grids = maps[both[0]].counts, maps[both[1]].counts
        test = tested(_equal_blocks(blocks, pair)) if permutations else None
        found.append(_difference(both, "location", _places(maps, both), grids, test))
        rows = _rows(objects, pair, has_box, size_cell, SIZE_CELLS**2)
        totals = rows[0].sum(axis=0), rows[1].sum(axis=0)
        if totals[0].any() and totals[1].any():
            found.append(_difference(both, "size", _median_areas(objects, both, pair), totals, tested(rows)))
        rows = _rows(objects, pair, everything, objects.label, len(objects.classes))
        totals = rows[0].sum(axis=0), rows[1].sum(axis=0)
        if np.count_nonzero(totals[0] + totals[1]) > 1:
            detail = _class_shares(objects.classes, both, totals)
            found.append(_difference(both, "classes", detail, totals, tested(rows)))
    return sorted(found, key=lambda own: (own.p_value or 0.0, (own.expected or 0.0) - own.total_variation))


def _difference(
    names: tuple[str, str], aspect: Aspect, detail: str, counts: Rows, test: PermutationTest | None
) -> SplitDifference:
    p, q = (shares(own) for own in counts)
    return SplitDifference(
        *names,
        aspect,
        total_variation=total_variation(p, q),
        jensen_shannon=jensen_shannon(p, q),
        expected=None if test is None else test.expected,
        p_value=None if test is None else test.p_value,
        detail=detail,
    )


def _equal_blocks(blocks: list[ImageBlocks], pair: tuple[int, int]) -> Rows:
    first, second = blocks[pair[0]], blocks[pair[1]]
    equalize(first, second)
    return first.counts[:, 0], second.counts[:, 0]


def _size_cells(objects: Objects) -> Integers:
    """Return the cell of each object's size, in a grid of `SIZE_CELLS`; -1 without a box."""
    has_box = objects.has_box
    cell = np.full(len(has_box), -1)
    column, row = np.minimum((objects.extent[:, has_box] * SIZE_CELLS).astype(np.int64), SIZE_CELLS - 1)
    cell[has_box] = row * SIZE_CELLS + column
    return cell


def _rows(objects: Objects, pair: tuple[int, int], which: Integers, cell: Integers, cells: int) -> Rows:
    """Return the chosen objects of two splits per image, or block of consecutive images, and cell."""
    images = [np.flatnonzero(objects.image_split == split) for split in pair]
    size = -(-sum(map(len, images)) * cells // _MAX_COUNTS)
    block = np.zeros(len(objects.image_split), dtype=np.int64)
    split = objects.split[which]
    tables = []
    for number, own in zip(pair, images, strict=True):
        block[own] = np.arange(len(own)) // size
        chosen = which[split == number]
        count = -(-len(own) // size)
        flat = np.bincount(block[objects.image[chosen]] * cells + cell[chosen], minlength=count * cells)
        tables.append(flat.reshape(count, cells).astype(np.float64))
    return tables[0], tables[1]


def _places(maps: Mapping[str, Heatmap], names: tuple[str, str]) -> str:
    a, b = (maps[name] for name in names)
    p, q = shares(a.counts), shares(b.counts)
    own = Comparison(names, a, b, p - q, total_variation(p, q), jensen_shannon(p, q), by_class={})
    return own.details[-1]


def _median_areas(objects: Objects, names: tuple[str, str], pair: tuple[int, int]) -> str:
    medians = [np.median(objects.share[objects.has_box & (objects.split == i)]) for i in pair]
    texts = [f"{100 * median:.2g} % in {name}" for median, name in zip(medians, names, strict=True)]
    return f"the median box covers {texts[0]} and {texts[1]} of the image"


def _class_shares(classes: tuple[str, ...], names: tuple[str, str], totals: Rows) -> str:
    p, q = (shares(total) for total in totals)
    k = int(np.abs(p - q).argmax())
    texts = [f"{100 * own[k]:.3g} % in {name}" for own, name in zip((p, q), names, strict=True)]
    return f"“{classes[k]}” is {texts[0]} and {texts[1]}"
