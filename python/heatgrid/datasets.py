"""Data sets: annotations read from files and counted into maps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack, get_args

import numpy as np

from heatgrid.core.annotations import Annotations, Geometry, check_geometry
from heatgrid.core.counts import Counts
from heatgrid.core.report import Report
from heatgrid.core.spec import (
    CountMode,
    CountSpec,
    Fit,
    Grid,
    Rule,
    as_grid,
    check_choice,
    check_keywords,
    listed,
    suggestion,
)
from heatgrid.heatmap import Heatmap

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from heatgrid.core.arguments import OnError
    from heatgrid.core.limits import Limits
    from heatgrid.io.options import ReadOptions, Size, Task
    from heatgrid.io.read import PathName, Source
    from heatgrid.io.registry import FormatName


Preset = Literal["roboflow"]

_PRESETS: dict[str | None, dict[str, Any]] = {
    None: {"grid": 100, "geometry": "auto", "rule": "center"},
    # The steps that the platform publishes: the boxes of all annotations (bounding boxes of polygons) are
    # normalized and counted where they touch a grid of 10 x 10.
    "roboflow": {"grid": 10, "geometry": "box", "rule": "touch"},
}


class ReadKeywords(TypedDict, total=False):
    """Keyword arguments for reading, as `heatgrid.io.options.ReadOptions` describes them."""

    images: PathName | None
    size: Size | Mapping[str, Size] | None
    encoding: str | None
    one_based: bool
    columns: Mapping[str, str | int] | None
    normalized: bool | None
    transform: Sequence[float] | Mapping[str, Sequence[float]] | str | None
    task: Task | None
    limits: Limits
    table_rows: int
    batch_images: int
    threads: int | None


class SelectKeywords(ReadKeywords, total=False):
    """Keyword arguments that decide which annotations hit which cells, as `heatmap` describes them."""

    classes: Iterable[str] | None
    geometry: Geometry | None
    rule: Rule | None
    preset: Preset | None
    large_box_ratio: float | None
    fit: Fit
    on_error: OnError


class CountKeywords(SelectKeywords, total=False):
    """Keyword arguments that decide what is read and counted, as `heatmap` describes them."""

    splits: Iterable[str] | None
    count: CountMode


def read(
    source: Source,
    *,
    format: FormatName | None = None,  # noqa: A002
    splits: str | Iterable[str] | None = None,
    on_error: OnError = "skip",
    progress: bool = False,
    **reading: Unpack[ReadKeywords],
) -> Iterator[Annotations]:
    """Read annotations, batch by batch.

    Parameters
    ----------
    source
        A file, a folder, a ``data.yaml``, or several of them.
    format
        Name of the format, one of `heatgrid.io.registry.FORMATS`; None detects it by content.
    splits
        Read these splits only; None reads all.
    on_error
        ``"skip"`` skips a bad annotation or file and reports it, ``"raise"`` stops at the first.
    progress
        Show a progress bar on stderr if that is a terminal.
    **reading
        Options of `heatgrid.io.options.ReadOptions`: ``images``, ``size``, ``one_based``, ``task``, limits …

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
        A file does not exist.
    TypeError, ValueError
        An argument has the wrong type or value.
    """
    from heatgrid.io.read import read as read_sources

    check_keywords(read, reading, ReadKeywords)
    _, options = parse_options(splits=splits, on_error=on_error, **reading)
    return read_sources(source, options, format=format, progress=progress)


def parse_options(
    grid: Grid | None = None,
    *,
    rule: Rule | None = None,
    count: CountMode = "instances",
    preset: Preset | None = None,
    large_box_ratio: float | None = None,
    fit: Fit = "stretch",
    weighted: bool = False,
    geometry: Geometry | None = None,
    classes: Iterable[str] | None = None,
    splits: Iterable[str] | None = None,
    on_error: OnError = "skip",
    **reading: Unpack[ReadKeywords],
) -> tuple[CountSpec, ReadOptions]:
    """Return what is counted and how files are read, from the options of `heatgrid.heatmap`.

    Raises
    ------
    TypeError, ValueError
        An option is wrong; the message names it.
    """
    from heatgrid.io.options import ReadOptions

    if preset is not None:
        check_choice("preset", preset, get_args(Preset))
    defaults = _PRESETS[preset]
    for name, value in (("geometry", geometry), ("rule", rule)):
        if preset is not None and value not in {None, defaults[name]}:
            raise ValueError(f"{name} cannot be combined with preset={preset!r}, which is {defaults[name]!r}")
    spec = CountSpec(
        grid=as_grid(defaults["grid"] if grid is None else grid),
        rule=rule or defaults["rule"],
        count=count,
        fit=fit,
        weighted=weighted,
        large_box_ratio=large_box_ratio,
    )
    options = ReadOptions(
        geometry=geometry or defaults["geometry"],
        classes=classes,  # type: ignore[arg-type]  # any iterable is converted
        splits=splits,  # type: ignore[arg-type]
        on_error=on_error,
        needs_sizes=fit == "letterbox",
        **reading,
    )
    check_geometry(options.geometry, spec)
    return spec, options


def name_of(paths: Sequence[PathName]) -> str:
    """Return the name of a data set: that of its first file or folder, and the number of others."""
    name = Path(paths[0]).resolve().name
    return name if len(paths) == 1 else f"{name} and {len(paths) - 1:,} more"


def new_counts(spec: CountSpec, options: ReadOptions, *, by_class: bool = True) -> Counts:
    """Return empty counts: one grid per class, or one grid for all classes."""
    if not by_class:
        return Counts(spec)
    return Counts(spec, options.classes or (), grows=options.classes is None)


def check_found(report: Report, options: ReadOptions) -> None:
    """Raise ValueError for a requested class that the source does not have, or if it has none of the splits.

    Readers themselves note which of several splits are missing.
    """
    if options.splits is not None and not report.splits.intersection(options.splits):
        asked = " or ".join(map(repr, options.splits)) + " in the source"
        raise ValueError(f"splits: no split {asked}{suggestion(options.splits[0], ('train', 'val', 'test'))}")
    for name in options.classes or ():
        if name not in report.classes:
            known = f"{suggestion(name, report.classes)}; its classes are {listed(report.classes) or 'none'}"
            raise ValueError(f"classes: no class {name!r} in the source{known}")


def heatmap(
    source: Source,
    grid: Grid | None = None,
    *,
    classes: Iterable[str] | None = None,
    splits: Iterable[str] | None = None,
    format: FormatName | None = None,  # noqa: A002
    geometry: Geometry | None = None,
    rule: Rule | None = None,
    count: CountMode = "instances",
    preset: Preset | None = None,
    large_box_ratio: float | None = None,
    fit: Fit = "stretch",
    by_class: bool = True,
    on_error: OnError = "skip",
    progress: bool = False,
    checkpoint: PathName | None = None,
    **reading: Unpack[ReadKeywords],
) -> Heatmap:
    """Read annotations and count them.

    Parameters
    ----------
    source
        A file, a folder, a ``data.yaml``, or several of them; see `read`.
    grid
        Cells of the grid: an int n for (n, n), or (rows, columns); 100 by default.
    classes
        Count these classes only; None counts all.
    splits
        Read these splits only.
    format
        Name of the format; None detects it by content.
    geometry
        Geometry to count of each annotation: ``"auto"`` (the default: the polygon if usable, else the mask,
        the box, the lines, the points), ``"box"`` (or the polygon's bounding box), ``"polygon"``, ``"mask"``,
        ``"line"`` or ``"point"`` (every visible keypoint, each cell once per annotation).
    rule
        Hit rule, as in `count_boxes`; ``"center"`` by default.
    count
        ``"instances"``: every annotation adds 1. ``"images"``: every image adds at most 1 to a cell.
    preset
        ``"roboflow"``: boxes (bounding boxes of polygons), rule ``"touch"``, a grid of 10 by default.
    large_box_ratio
        Boxes with a larger share of their image's area hit only the cell of their center.
    fit
        ``"stretch"``: every image fills the grid. ``"letterbox"``: the longer side fills it, and the shorter
        is centered; annotations of images of unknown size are skipped (``images=`` or ``size=`` gives it).
    by_class
        Keep one grid per class. False keeps one grid for all, which takes less memory.
    on_error
        ``"skip"`` skips a bad annotation and reports it, ``"raise"`` stops at the first.
    progress
        Show a progress bar on stderr.
    checkpoint
        An ``.npz`` file to which the map is written from time to time. If it exists, the count resumes from
        it, and ends with the same counts and report. Sources that are done are not read again: prefer many
        files to their folder. The file stays when the count is complete.
    **reading
        Further options of `read`.

    Returns
    -------
    Heatmap
        Its ``report`` lists what was counted, what was skipped, and why.

    Raises
    ------
    FormatError
        Nothing at ``source`` can be read, or, with ``on_error="raise"``, the first error in it.
    ValueError
        An option is wrong, or names a class that the source does not have; or ``checkpoint`` belongs to
        another count, or a source has changed since.
    """
    check_keywords(heatmap, reading, ReadKeywords)
    spec, options = parse_options(
        grid,
        rule=rule,
        count=count,
        preset=preset,
        large_box_ratio=large_box_ratio,
        fit=fit,
        geometry=geometry,
        classes=classes,
        splits=splits,
        on_error=on_error,
        **reading,
    )
    from heatgrid.io.read import paths_of
    from heatgrid.io.read import read as read_sources

    counts = new_counts(spec, options, by_class=by_class)
    paths = paths_of(source)
    state = None
    if checkpoint is not None:
        from heatgrid.io.npz import Checkpoint

        state = Checkpoint(checkpoint, counts, paths, options, format)
        counts = state.counts
    with options.limits.timed():
        for batch in read_sources(paths, options, format=format, progress=progress, journal=state):
            if state is not None and state.has(batch):
                continue
            counts.add_batch(batch, **options.counting)
            if state is not None:
                state.record(batch)
    check_found(counts.report, options)
    counts.report.name = name_of(paths)
    if state is not None:
        state.finish()
    return Heatmap.of(counts)


def heatmaps(
    source: Source,
    grid: Grid | None = None,
    *,
    by: Literal["split", "source"] | Callable[[str], Hashable] = "split",
    format: FormatName | None = None,  # noqa: A002
    by_class: bool = True,
    progress: bool = False,
    **options: Unpack[CountKeywords],
) -> dict[Any, Heatmap]:
    """Read annotations once and count them into several maps.

    Parameters
    ----------
    by
        ``"split"``, ``"source"`` (the file or folder of each batch), or a function from an image's name to
        the key of its map.
    source, grid, format, by_class, progress, **options
        As in `heatmap`.

    Returns
    -------
    dict
        One `Heatmap` per key, in order of appearance; the key of images without a split is None. What a
        reader skipped of a batch is reported by the map of the batch's first image. What belongs to no image,
        such as a file that cannot be read, is reported by the first map.

    Raises
    ------
    FormatError, ValueError
        As in `heatmap`.
    """
    if not callable(by):
        check_choice("by", by, ("split", "source"))
    check_keywords(heatmaps, options, CountKeywords)
    spec, reading = parse_options(grid, **options)
    from heatgrid.io.read import paths_of
    from heatgrid.io.read import read as read_sources

    paths = paths_of(source)
    maps: dict[Any, Counts] = {}
    found, stray = Report(), Report()
    with reading.limits.timed():
        for batch in read_sources(paths, reading, format=format, progress=progress):
            found.add_classes(batch.classes)
            found.splits |= {batch.split} if batch.image_names else set()
            if not batch.image_names:
                stray.merge(batch.report)
            for key, part in _parts(batch, by):
                if key not in maps:
                    maps[key] = new_counts(spec, reading, by_class=by_class)
                maps[key].add_batch(part, **reading.counting)
    check_found(found, reading)
    if stray != Report():
        maps = maps or {None: new_counts(spec, reading, by_class=by_class)}
        next(iter(maps.values())).report.merge(stray)
    for counts in maps.values():
        counts.report.name = name_of(paths)
    return {key: Heatmap.of(counts) for key, counts in maps.items()}


def _parts(batch: Annotations, by: str | Callable[[str], Hashable]) -> Iterator[tuple[Hashable, Annotations]]:
    """Yield the annotations of a batch key by key; nothing if there are no images."""
    if not batch.image_names:
        return
    if not callable(by):
        yield (batch.split if by == "split" else batch.source), batch
        return
    keys = [by(name) for name in batch.image_names]
    index_of = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    key_of_image = np.array([index_of[key] for key in keys], dtype=np.int64)
    images = np.bincount(key_of_image)
    key_of_annotation = key_of_image[batch.image]
    order = np.argsort(key_of_annotation, kind="stable")
    ends = np.cumsum(np.bincount(key_of_annotation, minlength=len(index_of)))
    for (key, number), index in zip(index_of.items(), np.split(order, ends[:-1]), strict=True):
        report = batch.report.copy() if number == 0 else Report()
        report.images = int(images[number])
        yield key, replace(batch.select(index), report=report)
