"""Data sets to maps: read, count, and keep account, in one call and one pass."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from heatgrid.order import Seen, make_order, several
from heatgrid.core.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.geometry import Geometry
    from heatgrid.core.arguments import CountName, FitName, RuleName, Shape
    from heatgrid.io.read import Journal
    from heatgrid.io.registry import FormatName
    from heatgrid.heatmap import Heatmap

    PathName = str | os.PathLike[str]
    Source = PathName | Iterable[PathName]


def read(
    source: Source,
    *,
    format: str | None = None,  # noqa: A002
    progress: bool = False,
    **options: Any,
) -> Iterator[Annotations]:
    """Read annotations, batch by batch.

    Parameters
    ----------
    source
        A file, a folder, a ``data.yaml``, or several of them.
    format
        The format's name, one of `heatgrid.io.registry.FORMATS`; None finds it by content.
    progress
        Show a progress bar on stderr, where that is a terminal.
    **options
        As `heatgrid.io.options.ReadOptions` lists them: ``splits``, ``on_error``, ``images``, ``size``,
        ``one_based``, ``task`` and limits.

    Returns
    -------
    Iterator of Annotations
        Batches; an image belongs to one batch only.

    Raises
    ------
    FormatError
        Nothing at ``source`` can be read, or, with ``on_error="raise"``, the first error in it; raised by
        the iterator.
    FileNotFoundError
        There is no such file.
    TypeError, ValueError
        An argument has the wrong type or value.
    """
    return _read(source, None, format=format, progress=progress, **options)


def _read(
    source: Source,
    journal: Journal | None,
    *,
    format: str | None,  # noqa: A002
    progress: bool,
    **options: Any,
) -> Iterator[Annotations]:
    from heatgrid.io.options import ReadOptions
    from heatgrid.io.read import read as read_files

    known = [field.name for field in fields(ReadOptions)]
    for name in options:
        if name not in known:
            raise TypeError(f"{name} is not an option for reading; these are {', '.join(known)}")
    batches = read_files(
        paths_of(source), ReadOptions(**options), format=cast("FormatName | None", format), journal=journal
    )
    return _with_progress_bar(batches) if progress and sys.stderr is not None else batches


def paths_of(source: Source) -> list[PathName]:
    """Return the paths of a source, be it one.

    Raises
    ------
    TypeError, ValueError
        It is no path, or there is none.
    """
    is_path = isinstance(source, (str, bytes, os.PathLike))
    paths: list[Any] = list(source) if isinstance(source, Iterable) and not is_path else [source]
    for path in paths:
        if not isinstance(path, (str, os.PathLike)):
            raise TypeError(f"source must be a path or several of them, got {path!r}")
    if not paths or "" in paths:
        raise ValueError(f"source must name a file or folder, got {source!r}")
    return paths


def _with_progress_bar(batches: Iterator[Annotations]) -> Iterator[Annotations]:
    from tqdm import tqdm

    with tqdm(unit=" images", unit_scale=True, disable=None) as bar:  # silent where stderr is no terminal
        for batch in batches:
            yield batch
            bar.update(len(batch.image_names))


def heatmap(
    source: Source,
    shape: Shape | None = None,
    *,
    classes: Iterable[str] | None = None,
    splits: Iterable[str] | None = None,
    format: str | None = None,  # noqa: A002
    geometry: Geometry | None = None,
    rule: RuleName | None = None,
    count: CountName = "instances",
    preset: str | None = None,
    large_box_ratio: float | None = None,
    fit: FitName = "stretch",
    by_class: bool = True,
    on_error: str = "skip",
    progress: bool = False,
    checkpoint: PathName | None = None,
    **options: Any,
) -> Heatmap:
    """Read annotations and count them.

    Parameters
    ----------
    source
        A file, a folder, a ``data.yaml``, or several of them; see `read`.
    shape
        Cells of the grid: an int n for (n, n), or (rows, columns); 100 unless given.
    classes
        Count these classes only; None counts all that the source names.
    splits
        Read these splits only.
    format
        The format's name; None finds it by content.
    geometry
        What to count of each annotation: ``"auto"`` (the default: the polygon where it is usable, else the
        mask, else the box, else the lines, else the points), ``"box"`` (or the polygon's bounding box),
        ``"polygon"``, ``"mask"``, ``"line"`` or ``"point"`` (every visible keypoint, each cell once an
        annotation).
    rule
        What a hit is, as in `count_boxes`; ``"center"`` unless given.
    count
        ``"instances"``: every annotation adds 1. ``"images"``: every image adds at most 1 to a cell.
    preset
        ``"roboflow"``: boxes (of a polygon, its bounding box), rule ``"touch"``, shape 10 unless given.
    large_box_ratio
        Boxes of a greater share of their image's area hit only the cell of their middle.
    fit
        ``"stretch"``: every image fills the grid. ``"letterbox"``: the longer side does, and the shorter is
        centred; annotations of images of unknown size are skipped then (``images=`` or ``size=`` gives it).
    by_class
        Keep a plane a class. False keeps one plane for all, which takes less memory.
    on_error
        ``"skip"`` goes on after a bad annotation and reports it, ``"raise"`` stops at the first.
    progress
        Show a progress bar on stderr.
    checkpoint
        A file that the map is written to now and then, ``.npz``. Where it exists already, the count goes on
        from there, and ends with the same counts and the same report; sources that are done are not read
        again, so that many files are better given one by one than as their folder. It is left when all is
        done.
    **options
        Further options of `read`.

    Returns
    -------
    Heatmap
        Its ``report`` says what was counted, what was skipped, and why.

    Raises
    ------
    FormatError
        Nothing at ``source`` can be read, or, with ``on_error="raise"``, the first error in it.
    ValueError
        An option is wrong, or a class is named that the source does not have; or ``checkpoint`` is of another
        count, or a source has changed since.
    """
    order = make_order(
        shape,
        classes=classes,
        geometry=geometry,
        rule=rule,
        count=count,
        preset=preset,
        large_box_ratio=large_box_ratio,
        fit=fit,
        by_class=by_class,
        on_error=on_error,
    )
    asked = None if splits is None else several(splits, "splits")
    sources, reading = paths_of(source), {"splits": asked, "format": format, **options}
    state = None
    if checkpoint is not None:
        from heatgrid.io.checkpoint import Checkpoint

        state = Checkpoint(checkpoint, order, sources, reading)
    heat, seen = (order.empty_map(), Seen()) if state is None else (state.heat, state.seen)
    for batch in _read(sources, state, progress=progress, on_error=on_error, **reading):
        if state is not None and state.has(batch):
            continue
        seen.note(batch)
        order.add(heat, order.wanted(batch))
        if state is not None:
            state.note(batch)
    seen.check(order.classes, asked)
    if state is not None:
        state.finish()
    return heat


def heatmaps(
    source: Source,
    shape: Shape | None = None,
    *,
    by: str | Callable[[str], Hashable] = "split",
    classes: Iterable[str] | None = None,
    splits: Iterable[str] | None = None,
    format: str | None = None,  # noqa: A002
    geometry: Geometry | None = None,
    rule: RuleName | None = None,
    count: CountName = "instances",
    preset: str | None = None,
    large_box_ratio: float | None = None,
    fit: FitName = "stretch",
    by_class: bool = True,
    on_error: str = "skip",
    progress: bool = False,
    **options: Any,
) -> dict[Any, Heatmap]:
    """Read annotations once and count them into several maps.

    Parameters
    ----------
    by
        ``"split"``, ``"source"`` (the file or folder of each batch), or a function from an image's name to
        the key of its map.
    source, shape, classes, splits, format, geometry, rule, count, preset, large_box_ratio, fit, by_class, \
    on_error, progress
        As in `heatmap`.
    **options
        Further options of `read`.

    Returns
    -------
    dict
        A `Heatmap` a key, in the order of their appearance; the key of images of no split is None. What a
        reader itself skipped of a batch is reported by the map of the batch's first image, and what belongs
        to no image, such as a file that cannot be read, by the first map.

    Raises
    ------
    FormatError, ValueError
        As in `heatmap`.
    """
    if not callable(by) and by not in {"split", "source"}:
        raise ValueError(f"by must be 'split', 'source' or a function of an image's name, got {by!r}")
    order = make_order(
        shape,
        classes=classes,
        geometry=geometry,
        rule=rule,
        count=count,
        preset=preset,
        large_box_ratio=large_box_ratio,
        fit=fit,
        by_class=by_class,
        on_error=on_error,
    )
    asked = None if splits is None else several(splits, "splits")
    batches = read(source, format=format, progress=progress, splits=asked, on_error=on_error, **options)
    maps: dict[Any, Heatmap] = {}
    stray, seen = Report(), Seen()
    for batch in batches:
        seen.note(batch)
        own = order.wanted(batch)
        if not batch.image_names:
            stray.include(own.report)
        for key, part in _parts(own, by):
            if key not in maps:
                maps[key] = order.empty_map()
            order.add(maps[key], part)
    seen.check(order.classes, asked)
    if stray != Report():
        maps = maps or {None: order.empty_map()}
        next(iter(maps.values())).report += stray
    return maps


def _parts(batch: Annotations, by: str | Callable[[str], Hashable]) -> Iterator[tuple[Hashable, Annotations]]:
    """Yield the annotations of a batch key by key; none where there are no images."""
    if not batch.image_names:
        return
    if not callable(by):
        yield (batch.split if by == "split" else batch.source), batch
        return
    keys = [by(name) for name in batch.image_names]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    of_image = np.array([numbers[key] for key in keys], dtype=np.int64)
    images = np.bincount(of_image)
    of_annotation = of_image[batch.image]
    by_key = np.argsort(of_annotation, kind="stable")
    ends = np.cumsum(np.bincount(of_annotation, minlength=len(numbers)))
    for (key, number), index in zip(numbers.items(), np.split(by_key, ends[:-1]), strict=True):
        part = batch.select(index)
        report = part.report if number == 0 else Report(annotations=len(part))
        report.images = int(images[number])
        yield key, replace(part, report=report)
