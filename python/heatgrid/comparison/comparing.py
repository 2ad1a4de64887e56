"""Compare maps, or the data sets that they are counted from."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.comparison.blocks import ImageBlocks
from heatgrid.comparison.permutation import permutation_test
from heatgrid.comparison.result import Comparison
from heatgrid.core.annotations import Annotations
from heatgrid.datasets import add_batch, check_found, new_counts, parse_options
from heatgrid.heatmap import Heatmap
from heatgrid.io.options import as_names
from heatgrid.io.read import read as read_sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from heatgrid.core.spec import CountSpec, Grid
    from heatgrid.io.options import ReadOptions
    from heatgrid.io.read import Source

    Compared = Heatmap | Source | Iterable[Annotations]

PERMUTATIONS = 999
_READING: dict[str, Any] = {"format": None, "progress": False}


def compare(
    a: Compared,
    b: Compared | None = None,
    grid: Grid | None = None,
    *,
    splits: Iterable[str] | None = None,
    names: Sequence[str] | None = None,
    permutations: int | None = None,
    seed: int = 0,
    **options: Any,
) -> Comparison:
    """Compare where the objects of two data sets are, by the shares that cells have of all hits.

    Parameters
    ----------
    a, b
        Two maps of one definition; or what two maps are counted from: a file, a folder, a ``data.yaml``,
        several of them, or batches of `Annotations`, such as `read` yields. ``b`` is left out to compare two
        splits of ``a``. Only of data sets is it known what each image adds, and so whether the difference is
        more than chance.
    grid
        Cells of the grid, as in `heatmap`; not for maps, which have theirs.
    splits
        Without ``b``, the two splits of ``a`` to compare; else as in `heatmap`, for both.
    names
        What to call the two; by default the splits, or the last parts of the paths.
    permutations
        How often the images are divided anew, at random; 999 unless given, 0 for no test.
    seed
        Equal seeds give equal results.
    **options
        Further options of `heatmap` and of `read`.

    Returns
    -------
    Comparison
        The signed difference of shares, total variation, Jensen-Shannon divergence, both by class too, and a
        permutation test.

    Raises
    ------
    TypeError, ValueError
        An argument has the wrong type or value, maps differ in definition, or one of the two has no hits.
    FormatError
        As in `heatmap`.
    """
    if isinstance(a, Heatmap) or isinstance(b, Heatmap):
        given = {"grid": grid, "splits": splits, "permutations": permutations, **options}
        return _compare_maps(a, b, names, [name for name, value in given.items() if value is not None])
    count = _check_whole("permutations", PERMUTATIONS if permutations is None else permutations)
    _check_whole("seed", seed)
    asked = None if splits is None else as_names(splits, "splits")
    if b is None and (asked is None or len(asked) != 2):
        raise ValueError(f"splits must name two splits of a to compare where b is not given, got {splits!r}")
    reading = {name: options.pop(name, default) for name, default in _READING.items()}
    by_class = options.pop("by_class", True)
    spec, chosen = parse_options(grid, **options)
    if b is None:
        pair: list[Any] = [(a, (split,)) for split in asked or ()]
        usual: Sequence[str] = asked or ()
    else:
        pair = [(a, asked), (b, asked)]
        usual = short_names(a, b)
    called = _names(names, usual)
    (first, a_blocks), (second, b_blocks) = (
        _count(spec, replace(chosen, splits=own), source, reading, by_class=by_class, with_blocks=count > 0)
        for source, own in pair
    )
    found = Comparison.of(first, second, called)  # which finds what cannot be compared
    if not count:
        return found
    return replace(found, test=permutation_test(a_blocks, b_blocks, count, int(seed)))


def _compare_maps(
    a: Compared, b: Compared | None, names: Sequence[str] | None, given: list[str]
) -> Comparison:
    if not (isinstance(a, Heatmap) and isinstance(b, Heatmap)):
        raise TypeError("a and b must both be maps, or neither")
    if given:
        raise TypeError(f"{given[0]} must not be given with maps, which are counted already")
    return Comparison.of(a, b, _names(names, ("the first", "the second")))


def _count(
    spec: CountSpec,
    options: ReadOptions,
    source: Source | Iterable[Annotations],
    reading: dict[str, Any],
    *,
    by_class: bool,
    with_blocks: bool,
) -> tuple[Heatmap, ImageBlocks]:
    """Count a source into a map, and into blocks of images if asked."""
    counts = new_counts(spec, options, by_class=by_class)
    blocks = ImageBlocks(spec, options)
    for batch in _batches(source, options, reading):
        add_batch(counts, batch, options)
        if with_blocks:
            blocks.add(batch if options.classes is None else batch.with_classes(options.classes))
    check_found(counts.report, options)
    return Heatmap.of(counts), blocks


def _batches(
    source: Source | Iterable[Annotations], options: ReadOptions, reading: dict[str, Any]
) -> Iterable[Annotations]:
    """Return the batches of a source, which may be batches already."""
    if isinstance(source, (str, os.PathLike)) or not isinstance(source, Iterable):
        return read_sources(source, options, **reading)
    items: Iterator[Any] = iter(source)
    head = list(islice(items, 1))
    if not head or not isinstance(head[0], Annotations):
        return read_sources([*head, *items], options, **reading)
    unused = [
        name
        for name in ("splits", "images", "size", "columns", "transform", "task")
        if getattr(options, name) is not None
    ]
    if reading["format"] is not None or unused:
        raise TypeError(f"{[*unused, 'format'][0]} cannot be combined with batches, which are already read")
    return chain(head, items)


def _check_whole(name: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be an int, got {value!r}")
    if value < 0:
        raise ValueError(f"{name} must not be negative, got {value}")
    return int(value)


def _names(names: Sequence[str] | None, usual: Sequence[str]) -> tuple[str, str]:
    found = tuple(usual if names is None else names)
    if isinstance(names, str) or len(found) != 2 or not all(isinstance(name, str) for name in found):
        raise ValueError(f"names must be two strings, got {names!r}")
    if found[0] == found[1]:
        raise ValueError(f"names must differ, got {found[0]!r} twice")
    return found[0], found[1]


def short_names(a: object, b: object) -> tuple[str, str]:
    """Return the shortest ends of two paths that tell them apart; "the first" and "the second" of others."""
    if not (isinstance(a, (str, os.PathLike)) and isinstance(b, (str, os.PathLike))):
        return "the first", "the second"
    paths = [Path(os.fspath(path)).absolute().parts for path in (a, b)]
    for count in range(1, max(map(len, paths)) + 1):
        ends = ["/".join(parts[-count:]) for parts in paths]
        if ends[0] != ends[1]:
            return ends[0], ends[1]
    return "the first", "the second"
