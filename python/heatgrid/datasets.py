"""Data sets: annotations read from files and counted into maps."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any, Unpack

from heatgrid.core.report import Report
from heatgrid.core.spec import Cells, CountMode, Fit, Grid, Of, Rule, check_keywords
from heatgrid.heatmap import Heatmap
from heatgrid.io.groups import By, check_by, check_keys, groups_of, in_order, with_attributes
from heatgrid.io.keywords import (
    CountKeywords,
    Preset,
    ReadKeywords,
    check_found,
    name_of,
    new_counts,
    parse_options,
    square_cells,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from heatgrid.core.annotations import Annotations, Geometry, WeightOf
    from heatgrid.core.arguments import OnError
    from heatgrid.core.counts import Counts
    from heatgrid.io.checkpoint import Checkpoint
    from heatgrid.io.options import ReadOptions
    from heatgrid.io.read import PathName, Source
    from heatgrid.io.registry import FormatName


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
        A file, a folder, a ``data.yaml``, or several of them; or addresses such as ``"s3://bucket/set"``.
    format
        Name of the format, one of `heatgrid.io.registry.FORMATS`; None detects it by content.
    splits
        Read these splits only; None reads all.
    on_error
        ``"skip"`` skips a bad annotation or file and reports it, ``"raise"`` stops at the first.
    progress
        Show a progress bar on stderr if that is a terminal.
    **reading
        ``region``, ``exclude_region``: count annotations in these regions only, or in none of these. A region
        is a `heatgrid.Region`, vertices (N, 2), a `PolygonZone`, a GeoJSON file, a mapping of names to these,
        or a list of these. An annotation is where its ``anchor`` is: a point of its box such as
        ``"bottom_center"``, by default its representative point.
        ``homography``: a (3, 3) matrix from pixels of the images to pixels of a floor plan of the width and
        height ``plan_size``. Each annotation becomes a point on the plan, that of its ``anchor``, by default
        ``"bottom_center"``. Maps of several cameras add up with ``+``.
        Other options of `heatgrid.io.options.ReadOptions`: ``exclude`` (attributes), ``only`` (images by
        name), ``min_score``, ``area``, ``truth`` (of COCO results), ``images``, ``size``, ``one_based``,
        ``task``, limits …

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

    Examples
    --------
    >>> import heatgrid as hg
    >>> sum(len(batch) for batch in hg.read("annotations.json")) == hg.heatmap("annotations.json").report.read
    True
    """
    from heatgrid.io.read import read as read_sources

    check_keywords(read, reading, ReadKeywords)
    _, options = parse_options(splits=splits, on_error=on_error, **reading)
    return read_sources(source, options, format=format, progress=progress)


def heatmap(
    source: Source | Any,
    grid: Grid | None = None,
    *,
    classes: str | Iterable[str] | None = None,
    exclude_classes: str | Iterable[str] | None = None,
    ignore_case: bool = False,
    splits: Iterable[str] | None = None,
    format: FormatName | None = None,  # noqa: A002
    geometry: Geometry | None = None,
    rule: Rule | None = None,
    count: CountMode = "instances",
    weights: WeightOf | None = None,
    preset: Preset | None = None,
    large_box_ratio: float | None = None,
    fit: Fit = "stretch",
    of: Of = "place",
    cells: Cells = "stretched",
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
        A file, a folder, a ``data.yaml``, or several of them, see `read`; batches of `Annotations`; or any
        object that `Heatmap.add` accepts: DataFrames, Arrow tables, detections, arrays of boxes, lists or
        generators of detections with one image each. For labels, names of images or ``box=``, pass the batch
        of `annotations_from`.
    grid
        Cells of the grid: an int n for (n, n), or (rows, columns); 100 by default.
    classes, exclude_classes
        Count these classes only, or all but these: names, or patterns such as ``"cam*"``.
    ignore_case
        Whether upper and lower case are the same in these.
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
    weights
        What each annotation adds instead of 1: ``"score"``, or a function of a batch of `Annotations` that
        returns one number per annotation. `heatgrid.mean_map` has the mean of what lies in a cell.
    preset
        ``"roboflow"``: boxes (bounding boxes of polygons), rule ``"touch"``, a grid of 10 by default.
    large_box_ratio
        Boxes with a larger share of their image's area hit only the cell of their center.
    fit
        ``"stretch"``: every image fills the grid. ``"letterbox"``: the longer side fills it, and the shorter
        is centered; annotations of images of unknown size are skipped (``images=`` or ``size=`` gives it).
    of
        ``"place"`` or ``"size"``: a map of the sizes of boxes, see `Heatmap`.
    cells
        ``"stretched"``: the cells of an int ``grid`` have the shape of the image. ``"square"``: they are
        squares in an image of the median aspect, whose longer side has ``grid`` cells. The source is read
        twice then, for the image sizes first.
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

    Examples
    --------
    >>> import heatgrid as hg
    >>> heat = hg.heatmap("annotations.json", (72, 128), rule="touch")
    >>> heat.counts.shape
    (72, 128)
    """
    check_keywords(heatmap, reading, ReadKeywords)
    spec, options = parse_options(
        grid,
        rule=rule,
        cells=cells,
        count=count,
        weights=weights,
        preset=preset,
        large_box_ratio=large_box_ratio,
        fit=fit,
        of=of,
        geometry=geometry,
        classes=classes,
        exclude_classes=exclude_classes,
        ignore_case=ignore_case,
        splits=splits,
        on_error=on_error,
        **reading,
    )
    spec = square_cells(spec, _read_any(source, options, format=format)) if cells == "square" else spec
    counts = new_counts(spec, options, by_class=by_class)
    state = None if checkpoint is None else _open_checkpoint(checkpoint, counts, source, options, format)
    with options.limits.timed():
        for batch in _read_any(source, options, format=format, progress=progress, journal=state):
            (state or counts).add_batch(batch, **options.counting)
    counts = counts if state is None else state.counts
    check_found(counts.report, options)
    counts.report.name = name_of(source)
    if state is not None:
        state.finish()
    return Heatmap.of(counts)


def _read_any(source: Any, options: ReadOptions, **how: Any) -> Iterable[Annotations]:
    """Return the batches of any source, see `heatgrid.io.objects.read_any`.

    Paths skip the import of `heatgrid.io.objects`, which takes a third of the time for a small file.
    """
    paths = source if isinstance(source, (list, tuple)) else [source]
    if paths and all(isinstance(path, (str, PathLike)) for path in paths):
        from heatgrid.io.read import read as read_sources

        return read_sources(source, options, **how)
    from heatgrid.io.objects import read_any

    return read_any(source, options, **how)


def _open_checkpoint(
    path: PathName,
    counts: Counts,
    source: Source,
    options: ReadOptions,
    format: FormatName | None,  # noqa: A002
) -> Checkpoint:
    from heatgrid.io.checkpoint import Checkpoint
    from heatgrid.io.read import paths_of

    return Checkpoint(path, counts, paths_of(source), options, format)


def heatmaps(
    source: Source | Any,
    grid: Grid | None = None,
    *,
    by: By = "split",
    format: FormatName | None = None,  # noqa: A002
    by_class: bool = True,
    progress: bool = False,
    **options: Unpack[CountKeywords],
) -> dict[Any, Heatmap]:
    """Read annotations once and count them into several maps.

    Parameters
    ----------
    by
        ``"split"``; ``"source"``, the file or folder of each batch; the name of an attribute of annotations
        or images, such as ``"occluded"``, ``"annotator"`` or ``"camera"``; `ByTime`, the time in names of
        images; a function from an image's name to the key of its map; or `ByBatch`, a function of batches.
    source, grid, format, by_class, progress, **options
        As in `heatmap`.

    Returns
    -------
    dict
        One `Heatmap` per key, in order of appearance, times in their order. Keys of attributes are texts
        (``"true"``), None where there is no value or no split. When annotations are grouped, every
        group includes all images. What a reader skipped in a batch is reported by the map of its first group.
        What belongs to no image, such as a file that cannot be read, is reported by the first map.

    Raises
    ------
    FormatError, ValueError
        As in `heatmap`.

    Examples
    --------
    >>> import heatgrid as hg
    >>> maps = hg.heatmaps(["train.json", "valid.json"], 50, by="source")
    >>> list(maps)
    ['train.json', 'valid.json']
    """
    check_by(by)
    check_keywords(heatmaps, options, CountKeywords)
    spec, reading = parse_options(grid, **options)
    reading = with_attributes(reading, by)
    if options.get("cells") == "square":
        spec = square_cells(spec, _read_any(source, reading, format=format))
    maps: dict[Any, Counts] = {}
    found, stray = Report(), Report()
    with reading.limits.timed():
        for batch in _read_any(source, reading, format=format, progress=progress):
            found.add_classes(batch.report.classes)  # the excluded ones, too
            found.add_classes(batch.classes)
            found.images += batch.report.images
            found.splits |= {batch.split} if batch.image_names else set()
            if not batch.image_names:
                stray.merge(batch.report)
            for key, part in groups_of(batch, by):
                if key not in maps:
                    maps[key] = new_counts(spec, reading, by_class=by_class)
                maps[key].add_batch(part, **reading.counting)
    check_found(found, reading)
    check_keys([*maps], by)
    if stray != Report():
        maps = maps or {None: new_counts(spec, reading, by_class=by_class)}
        next(iter(maps.values())).report.merge(stray)
    for counts in maps.values():
        counts.report.name = name_of(source)
    return {key: Heatmap.of(maps[key]) for key in in_order([*maps], by)}
