"""Comparison of two maps, or of the data sets that they are counted from."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from heatgrid.analysis import p_values, permutation_test
from heatgrid.analysis.layout import check_natural
from heatgrid.comparison.result import ClassDifference, Comparison
from heatgrid.core.annotations import Annotations
from heatgrid.core.counts import Counts
from heatgrid.core.spec import check_keywords, listed
from heatgrid.heatmap import Heatmap
from heatgrid.io.groups import By, check_by, check_keys, groups_of, in_order, is_attribute, with_attributes
from heatgrid.io.keywords import SelectKeywords, check_found, new_counts, parse_options
from heatgrid.io.objects import read_any
from heatgrid.io.options import as_names

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.spec import CountMode, CountSpec, Grid
    from heatgrid.io.options import ReadOptions
    from heatgrid.io.read import Source
    from heatgrid.io.registry import FormatName

    Compared = Heatmap | Source | Iterable[Annotations]
    Blocks = tuple["ImageBlocks", "ImageBlocks"]
    Splits = tuple[str, ...] | None
    Side = tuple[Compared, ReadOptions, tuple[By, Hashable] | None]

PERMUTATIONS = 999


def compare(
    a: Compared,
    b: Compared | None = None,
    grid: Grid | None = None,
    *,
    splits: Iterable[str] | None = None,
    by: By | None = None,
    groups: Sequence[Hashable] | None = None,
    names: Sequence[str] | None = None,
    permutations: int | None = None,
    seed: int = 0,
    format: FormatName | None = None,  # noqa: A002
    count: CountMode = "instances",
    by_class: bool = True,
    progress: bool = False,
    **options: Unpack[SelectKeywords],
) -> Comparison:
    """Compare the positions of objects in two data sets, by the share of all hits in each cell.

    Parameters
    ----------
    a, b
        Two maps of one definition; or two data sets: a file, a folder, a ``data.yaml``, several of them, or
        batches of `Annotations` such as `read` yields. Leave ``b`` out to compare two splits of ``a``. The
        permutation test needs data sets: maps do not record the hits of each image.
    grid
        Cells of the grid, as in `heatmap`; not for maps.
    splits
        Without ``b``, the two splits of ``a`` to compare; otherwise as in `heatmap`, for both.
    by, groups
        Without ``b``, compare two ``groups`` of ``a`` by an attribute, the time in names of images, or a
        function, as in `heatmaps`. ``groups`` are the keys of the two; None if there are two only.
    names
        Names of the two; by default the splits, the groups, or the last parts of the paths.
    permutations
        The number of random divisions of the images; 999 by default, 0 for no test.
    seed
        Equal seeds give equal results.
    format, count, by_class, progress, **options
        As in `heatmap`.

    Returns
    -------
    Comparison
        The signed difference of shares, total variation and Jensen-Shannon divergence, also by class, and a
        permutation test.

    Raises
    ------
    TypeError, ValueError
        An argument has the wrong type or value, maps differ in definition, or one of the two has no hits.
    FormatError
        As in `heatmap`.
    """
    check_keywords(compare, options, SelectKeywords)
    if isinstance(a, Heatmap) or isinstance(b, Heatmap):
        unused = {"grid": grid, "splits": splits, "permutations": permutations, "format": format, **options}
        unused |= {"by": by, "groups": groups}
        unused |= {"count": None if count == "instances" else count, "by_class": None if by_class else False}
        if not (isinstance(a, Heatmap) and isinstance(b, Heatmap)):
            raise TypeError("a and b must both be maps, or neither")
        for name, value in unused.items():
            if value is not None:
                raise TypeError(f"{name} cannot be combined with maps, which are already counted")
        return Comparison.of(a, b, _pair_of_names(names or ("the first", "the second")))
    divisions = check_natural("permutations", PERMUTATIONS if permutations is None else permutations)
    check_natural("seed", seed)
    asked = None if splits is None else as_names(splits, "splits")
    reading = {"format": format, "progress": progress}
    spec, chosen = parse_options(grid, count=count, **options)
    if by is not None:
        chosen = replace(with_attributes(chosen, by), splits=asked)
        a = list(a) if isinstance(a, Iterator) else a
        pair, default_names = _group_pair(a, b, by, groups, chosen, reading=reading)
    else:
        pair, default_names = _split_pair(a, b, asked, groups, chosen)
    chosen_names = _pair_of_names(default_names if names is None else names)
    (first, first_blocks), (second, second_blocks) = (
        _count(spec, source, own, reading, group, by_class=by_class, with_blocks=divisions > 0)
        for source, own, group in pair
    )
    result = Comparison.of(first, second, chosen_names)
    return _test(result, first_blocks, second_blocks, divisions, int(seed)) if divisions else result


def _split_pair(
    a: Compared, b: Compared | None, splits: Splits, groups: object, options: ReadOptions
) -> tuple[list[Side], Sequence[str]]:
    """Return the two data sets, or the two splits of one, and their names."""
    if groups is not None:
        raise TypeError("groups requires by=")
    if b is not None:
        own = replace(options, splits=splits)
        return [(a, own, None), (b, own, None)], short_names(a, b)
    if splits is None or len(splits) != 2:
        raise ValueError(f"splits must name two splits of a if b is missing, got {splits!r}")
    return [(a, replace(options, splits=(split,)), None) for split in splits], splits


def _group_pair(
    a: Compared,
    b: Compared | None,
    by: By,
    groups: Sequence[Hashable] | None,
    options: ReadOptions,
    *,
    reading: dict[str, Any],
) -> tuple[list[Side], Sequence[str]]:
    """Return the two groups of a data set, and their names."""
    check_by(by)
    if b is not None:
        raise TypeError("by cannot be combined with a second data set")
    if groups is None:
        batches = read_any(a, options, **reading)
        found = dict.fromkeys(key for batch in batches for key, _ in groups_of(batch, by))
        check_keys([*found], by)
        keys = in_order([key for key in found if key is not None], by)
    else:
        keys = list(groups)
    if len(keys) != 2 or keys[0] == keys[1]:
        raise ValueError(f"groups must be two of the groups, got {listed(map(str, keys))}")
    names = [f"{by}: {key}" if is_attribute(by) else str(key) for key in keys]
    return [(a, options, (by, key)) for key in keys], names


def _test(result: Comparison, first: Blocks, second: Blocks, permutations: int, seed: int) -> Comparison:
    """Return the result with permutation tests of all classes together, and of each class."""
    for a, b in zip(first, second, strict=True):
        equalize(a, b)
    a, b = first[0], second[0]
    test = permutation_test(
        a.counts[:, 0],
        b.counts[:, 0],
        permutations,
        seed,
        shape=a.shape,
        images=(a.images, b.images),
        block=a.size,
    )
    return replace(result, test=test, by_class=_test_classes(result, first[1], second[1], permutations, seed))


def _test_classes(
    result: Comparison, a: ImageBlocks, b: ImageBlocks, permutations: int, seed: int
) -> dict[str, ClassDifference]:
    """Return the differences by class, with p values of the classes that both have."""
    both = [
        name
        for name, own in result.by_class.items()
        if own.total_variation is not None and name in a.classes and name in b.classes
    ]
    first, second = (own.counts[:, [own.classes[name] for name in both]] for own in (a, b))
    found = dict(zip(both, p_values(first, second, permutations, seed), strict=True))
    return {name: replace(own, p_value=found.get(name)) for name, own in result.by_class.items()}


def _count(
    spec: CountSpec,
    source: Compared,
    options: ReadOptions,
    reading: dict[str, Any],
    group: tuple[By, Hashable] | None,
    *,
    by_class: bool,
    with_blocks: bool,
) -> tuple[Heatmap, Blocks]:
    """Count a source or a group of it: a map, and blocks of images if asked, of all classes and by class."""
    counts = new_counts(spec, options, by_class=by_class)
    blocks = ImageBlocks(spec, options), ImageBlocks(spec, options, by_class=True, max_cells=MAX_CLASS_CELLS)
    batches = read_any(source, options, **reading)
    if group is not None:
        by, key = group
        batches = (part for batch in batches for own, part in groups_of(batch, by) if own == key)
    for batch in batches:
        counts.add_batch(batch, **options.counting)
        for own in blocks[: 1 + by_class] if with_blocks else ():
            own.add(batch)
    check_found(counts.report, options)
    return Heatmap.of(counts), blocks


def _pair_of_names(names: Sequence[str]) -> tuple[str, str]:
    pair = tuple(names)
    if isinstance(names, str) or len(pair) != 2 or not all(isinstance(name, str) for name in pair):
        raise ValueError(f"names must be two strings, got {names!r}")
    if pair[0] == pair[1]:
        raise ValueError(f"names must differ, got {pair[0]!r} twice")
    return pair[0], pair[1]


def short_names(a: object, b: object) -> tuple[str, str]:
    """Return the shortest different ends of two paths; "the first" and "the second" for anything else."""
    if isinstance(a, (str, os.PathLike)) and isinstance(b, (str, os.PathLike)):
        paths = [Path(os.fspath(path)).absolute().parts for path in (a, b)]
        for count in range(1, max(map(len, paths)) + 1):
            ends = ["/".join(parts[-count:]) for parts in paths]
            if ends[0] != ends[1]:
                return ends[0], ends[1]
    return "the first", "the second"


MAX_CELLS = 10_000
"""Maximum number of cells of a grid that is tested."""
MAX_CLASS_CELLS = 100
"""Maximum number of cells of a grid on which single classes are tested."""

_MAX_COUNTS = 1 << 22
_MAX_BLOCKS = 8192
_PLANES_PER_STEP = 256


class ImageBlocks:
    """Counts of consecutive images, in blocks of equal numbers of images.

    ``counts`` is (blocks, classes, cells) float64: integers, except with ``rule="area"``. ``classes`` are
    the indices of the classes by name, without ``by_class`` a single one. Each block starts with one image.
    When there are too many counts, neighbours are added in pairs: blocks of ``size`` 2, 4, 8 … images, so
    that memory does not grow with the data set. The last block may have fewer images.
    """

    def __init__(
        self, spec: CountSpec, options: ReadOptions, *, by_class: bool = False, max_cells: int = MAX_CELLS
    ) -> None:
        factor = max(1.0, math.sqrt(spec.grid[0] * spec.grid[1] / max_cells))
        rows, columns = (max(1, int(n / factor)) for n in spec.grid)
        self.shape = min(rows, max_cells // columns) or 1, min(columns, max_cells // rows) or 1
        self.images, self.size = 0, 1
        self.classes: dict[str, int] = {}
        self._spec, self._geometry = replace(spec, grid=self.shape), options.counted_geometry
        self._by_class = by_class
        self.counts: NDArray[np.float64] = np.zeros((0, 0, math.prod(self.shape)))

    def add(self, batch: Annotations) -> None:
        """Add the images of a batch, including images without annotations."""
        if not batch.image_names:
            return
        names = batch.classes if self._by_class else ("all",)
        plane = [self.classes.setdefault(name, len(self.classes)) for name in names]
        number = self.images + np.arange(len(batch.image_names))
        self.images += len(batch.image_names)
        limit = max(2, min(_MAX_BLOCKS, _MAX_COUNTS // max(1, len(self.classes) * self.counts.shape[2])))
        while (self.images - 1) // self.size >= limit:
            self.merge_pairs()
        block = number // self.size
        first, last = int(block[0]), int(block[-1])
        missing = (last + 1 - len(self.counts), len(self.classes) - self.counts.shape[1])
        self.counts = np.pad(self.counts, [(0, missing[0]), (0, missing[1]), (0, 0)])
        if not plane:
            return
        label = batch.label if self._by_class else np.zeros_like(batch.label)
        of_annotation = block[batch.image]
        step = max(1, _PLANES_PER_STEP // len(plane))
        for low in range(first, last + 1, step):
            high = min(low + step, last + 1)
            chosen = (of_annotation >= low) & (of_annotation < high)
            planes = tuple(map(str, range((high - low) * len(plane))))
            part = batch.select(chosen)
            plane_of = (block[part.image] - low) * len(plane) + label[chosen]
            part = replace(part, label=plane_of, classes=planes)
            counts = Counts(self._spec, planes)  # one class per block and class: one call counts them all
            counts.add_batch(part, geometry=self._geometry)
            self.counts[low:high, plane] += counts.grids.counts.reshape(high - low, len(plane), -1)

    def merge_pairs(self) -> None:
        """Double the number of images per block."""
        if len(self.counts) % 2:
            self.counts = np.pad(self.counts, [(0, 1), (0, 0), (0, 0)])
        self.counts = self.counts[0::2] + self.counts[1::2]
        self.size *= 2


def equalize(a: ImageBlocks, b: ImageBlocks) -> None:
    """Bring two data sets to the same number of images per block."""
    while a.size != b.size:
        (a if a.size < b.size else b).merge_pairs()
