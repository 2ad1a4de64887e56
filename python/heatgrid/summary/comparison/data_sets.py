"""Comparison of two maps, or of the data sets that they are counted from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack

from heatgrid.analysis import PermutationTest, p_values, permutation_test
from heatgrid.analysis.layout import check_natural
from heatgrid.core.spec import check_keywords, listed
from heatgrid.heatmap import Heatmap
from heatgrid.io.groups import By, check_by, check_keys, groups_of, in_order, is_attribute, with_attributes
from heatgrid.io.keywords import SelectKeywords, check_found, new_counts, parse_options
from heatgrid.io.objects import read_any
from heatgrid.io.options import as_names
from heatgrid.summary.comparison.blocks import MAX_CLASS_CELLS, ImageBlocks, ImagePairs, equalize
from heatgrid.summary.comparison.result import ClassDifference, Comparison

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.spec import CountMode, CountSpec, Grid
    from heatgrid.io.options import ReadOptions
    from heatgrid.io.read import Source
    from heatgrid.io.registry import FormatName

    Compared = Heatmap | Source | Iterable[Annotations]
    Blocks = tuple[ImageBlocks, ...]
    Splits = tuple[str, ...] | None

Paired = bool | Literal["auto"]

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
    paired: Paired = "auto",
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
    paired
        True: test the images that both data sets have, each with itself. Images are matched by name, also if
        only one of the two has a suffix or folders. False: test all images of both. ``"auto"``: pairs if at
        least half of the images of one data set are in the other, as for predictions and their truth;
        ``test.paired`` tells. Two splits of one data set have no pairs. If ``a`` has further images, it is
        read twice.
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

    Examples
    --------
    >>> import heatgrid as hg
    >>> hg.compare("train.json", "valid.json", 10).save("difference.png")
    """
    check_keywords(compare, options, SelectKeywords)
    if paired not in (True, False, "auto"):
        raise ValueError(f"paired must be True, False or 'auto', got {paired!r}")
    if isinstance(a, Heatmap) or isinstance(b, Heatmap):
        unused = {"grid": grid, "splits": splits, "permutations": permutations, "format": format, **options}
        unused |= {"by": by, "groups": groups}
        unused |= {"count": None if count == "instances" else count, "by_class": None if by_class else False}
        unused["paired"] = None if paired == "auto" else paired
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
    side = _Side(spec, replace(chosen, splits=asked), a, reading, by_class)
    if by is not None:
        if b is not None:
            raise TypeError("by cannot be combined with a second data set")
        sides, default_names = _groups(replace(side, options=with_attributes(side.options, by)), by, groups)
    elif groups is not None:
        raise TypeError("groups requires by=")
    elif b is not None:
        sides, default_names = [side, replace(side, source=b)], short_names(a, b)
    elif asked is None or len(asked) != 2:
        raise ValueError(f"splits must name two splits of a if b is missing, got {splits!r}")
    else:
        paired = paired is True
        sides = [replace(side, options=replace(chosen, splits=(split,))) for split in asked]
        default_names = asked
    chosen_names = _pair_of_names(default_names if names is None else names)
    if not divisions:
        return Comparison.of(sides[0].count(), sides[1].count(), chosen_names)
    return _tested(sides[0], sides[1], chosen_names, paired=paired, permutations=divisions, seed=int(seed))


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two data sets, and how to read it."""

    spec: CountSpec
    options: ReadOptions
    source: Source | Iterable[Annotations]
    reading: dict[str, Any]
    by_class: bool
    group: tuple[By, Hashable] | None = None

    def batches(self) -> Iterable[Annotations]:
        """Read the data set, or the group of it."""
        batches = read_any(self.source, self.options, **self.reading)
        if self.group is None:
            return batches
        by, key = self.group
        return (part for batch in batches for own, part in groups_of(batch, by) if own == key)

    def blocks(self) -> Blocks:
        """Return empty blocks of images: of all classes, and by class."""
        whole = ImageBlocks(self.spec, self.options)
        by_class = ImageBlocks(self.spec, self.options, by_class=True, max_cells=MAX_CLASS_CELLS)
        return (whole, by_class) if self.by_class else (whole,)

    def count(self, *visits: Callable[[Annotations], object]) -> Heatmap:
        """Count the data set into a map; pass each of its batches to ``visits``."""
        counts = new_counts(self.spec, self.options, by_class=self.by_class)
        for batch in self.batches():
            counts.add_batch(batch, **self.options.counting)
            for visit in visits:
                visit(batch)
        check_found(counts.report, self.options)
        return Heatmap.of(counts)


def _groups(side: _Side, by: By, groups: Sequence[Hashable] | None) -> tuple[list[_Side], Sequence[str]]:
    """Return the two groups of a data set, and their names."""
    check_by(by)
    if isinstance(side.source, Iterator):
        side = replace(side, source=list(side.source))  # it is read once per group
    if groups is None:
        found = dict.fromkeys(key for batch in side.batches() for key, _ in groups_of(batch, by))
        check_keys([*found], by)
        keys = in_order([key for key in found if key is not None], by)
    else:
        keys = list(groups)
    if len(keys) != 2 or keys[0] == keys[1]:
        raise ValueError(f"groups must be two of the groups, got {listed(map(str, keys))}")
    names = [f"{by}: {key}" if is_attribute(by) else str(key) for key in keys]
    return [replace(side, group=(by, key)) for key in keys], names


def _tested(
    a: _Side, b: _Side, names: tuple[str, str], *, paired: Paired, permutations: int, seed: int
) -> Comparison:
    """Compare two data sets, with permutation tests."""
    if paired and isinstance(a.source, Iterator):
        a = replace(a, source=list(a.source))  # it may be read twice
    first, second = a.blocks(), b.blocks()
    add_first, add_second = ([own.add for own in blocks] for blocks in (first, second))
    if not paired:
        result = Comparison.of(a.count(*add_first), b.count(*add_second), names)
        return _test(result, first, second, permutations, seed)
    pairs = ImagePairs(b.blocks())
    result = Comparison.of(
        a.count(*add_first, pairs.add_first), b.count(*add_second, pairs.add_second), names
    )
    if paired == "auto" and not pairs.are_usual:
        return _test(result, first, second, permutations, seed)
    if not pairs.images:
        raise ValueError("paired=True requires images of equal names in both data sets")
    if pairs.needs_recount:
        first = a.blocks()
        for batch in a.batches():
            for own in first:
                own.add(batch, pairs.number(batch))
    return _test(result, first, pairs.second, permutations, seed, pairs=pairs)


def _test(
    result: Comparison,
    first: Blocks,
    second: Blocks,
    permutations: int,
    seed: int,
    *,
    pairs: ImagePairs | None = None,
) -> Comparison:
    """Return the result with permutation tests of all classes together, and of each class."""
    for a, b in zip(first, second, strict=True):
        equalize(a, b, paired=pairs is not None)
    a, b = first[0], second[0]
    for own, name in zip((a, b), result.names, strict=True):
        if pairs is not None and not own.counts.any():
            raise ValueError(f"{name}: no hits in the images that both data sets have (try paired=False)")
    test = permutation_test(
        a.counts[:, 0],
        b.counts[:, 0],
        permutations,
        seed,
        shape=a.shape,
        images=(a.images, b.images) if pairs is None else (pairs.images, pairs.images),
        block=a.size,
        paired=pairs is not None,
        unpaired_images=(0, 0) if pairs is None else pairs.others,
    )
    if len(first) == 1:
        return replace(result, test=test)
    return replace(result, test=test, by_class=_test_classes(result, first[1], second[1], test))


def _test_classes(
    result: Comparison, a: ImageBlocks, b: ImageBlocks, test: PermutationTest
) -> dict[str, ClassDifference]:
    """Return the differences by class, with p values of the classes that both have."""
    both = [
        name
        for name, own in result.by_class.items()
        if own.total_variation is not None and name in a.classes and name in b.classes
    ]
    first, second = (own.counts[:, [own.classes[name] for name in both]] for own in (a, b))
    values = p_values(first, second, test.permutations, test.seed, paired=test.paired)
    found = dict(zip(both, values, strict=True))
    return {name: replace(own, p_value=found.get(name)) for name, own in result.by_class.items()}


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
