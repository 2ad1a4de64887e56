"""Data sets to maps: read, count, and keep account, in one call and one pass."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.heatmap import Heatmap
from heatgrid.planes import class_names
from heatgrid.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from heatgrid.annotations import Annotations
    from heatgrid.choice import Geometry
    from heatgrid.conversion import CountName, RuleName, Shape

    PathName = str | os.PathLike[str]
    Source = PathName | Iterable[PathName]


@dataclass(frozen=True, slots=True)
class Preset:
    """Options under one name."""

    shape: Shape
    geometry: Geometry
    rule: RuleName


PRESETS = {
    # The five steps that the platform publishes: the boxes of all annotations (of a polygon, its bounding
    # box), normalised, on a grid of 10 x 10, counted where they touch.
    "roboflow": Preset(shape=10, geometry="box", rule="touch"),
}
DEFAULTS = Preset(shape=100, geometry="auto", rule="center")


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
        The format's name, one of `heatgrid.formats.FORMATS`; None finds it by content.
    progress
        Show a progress bar on stderr, where that is a terminal.
    **options
        As `heatgrid.formats.ReadOptions` lists them: ``splits``, ``on_error``, ``images``, ``size``,
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
    from heatgrid import formats

    known = [field.name for field in fields(formats.ReadOptions)]
    for name in options:
        if name not in known:
            raise TypeError(f"{name} is not an option for reading; these are {', '.join(known)}")
    batches = formats.read(_paths(source), format=format, **options)
    return _with_progress_bar(batches) if progress and sys.stderr is not None else batches


def _paths(source: Source) -> list[PathName]:
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


@dataclass(frozen=True, slots=True)
class _Order:
    """What to count, and how."""

    shape: Shape
    geometry: Geometry
    rule: RuleName
    classes: tuple[str, ...] | None
    by_class: bool
    large_box_ratio: float | None
    on_error: str
    count_by: CountName = "instances"

    def empty_map(self) -> Heatmap:
        """Return a map of this kind that holds nothing yet."""
        classes = (self.classes or ()) if self.by_class else None
        return Heatmap(
            self.shape, classes, rule=self.rule, count=self.count_by, large_box_ratio=self.large_box_ratio
        )

    def count(
        self,
        batches: Iterable[Annotations],
        place: Callable[[Annotations], Iterable[tuple[Heatmap, Annotations]]],
        splits: tuple[str, ...] | None,
    ) -> None:
        """Count every batch where it belongs, and check that what was asked for was there."""
        known: dict[str, None] = {}
        found: set[str | None] = set()
        for batch in batches:
            known |= dict.fromkeys(batch.classes)
            found |= {batch.split} if batch.image_names else set()
            own = batch if self.classes is None else batch.with_classes(self.classes)
            for heat, part in place(own):
                if heat.has_classes and self.classes is None:
                    heat.grow(part.classes)
                heat.add(part, geometry=self.geometry, on_error=self.on_error)
        _check_splits(splits, found)
        _check_classes(self.classes, known)


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
    by_class: bool = True,
    on_error: str = "skip",
    progress: bool = False,
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
        mask, else the box, else the points), ``"box"`` (or the polygon's bounding box), ``"polygon"``,
        ``"mask"`` or ``"point"`` (every visible keypoint, each cell once an annotation).
    rule
        What a hit is, as in `count_boxes`; ``"center"`` unless given.
    count
        ``"instances"``: every annotation adds 1. ``"images"``: every image adds at most 1 to a cell.
    preset
        ``"roboflow"``: boxes (of a polygon, its bounding box), rule ``"touch"``, shape 10 unless given.
    large_box_ratio
        Boxes of a greater share of their image's area hit only the cell of their middle.
    by_class
        Keep a plane a class. False keeps one plane for all, which takes less memory.
    on_error
        ``"skip"`` goes on after a bad annotation and reports it, ``"raise"`` stops at the first.
    progress
        Show a progress bar on stderr.
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
        An option is wrong, or a class is named that the source does not have.
    """
    kinds = _with_preset(preset, shape, geometry, rule)
    order = _Order(*kinds, _names(classes, "classes"), by_class, large_box_ratio, on_error, count)
    heat = order.empty_map()
    asked = _names(splits, "splits")
    batches = read(source, format=format, progress=progress, splits=asked, on_error=on_error, **options)
    order.count(batches, lambda batch: [(heat, batch)], asked)
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
    source, shape, classes, splits, format, geometry, rule, count, preset, large_box_ratio, by_class, \
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
    kinds = _with_preset(preset, shape, geometry, rule)
    order = _Order(*kinds, _names(classes, "classes"), by_class, large_box_ratio, on_error, count)
    order.empty_map()  # so that a wrong option is found before anything is read
    asked = _names(splits, "splits")
    batches = read(source, format=format, progress=progress, splits=asked, on_error=on_error, **options)
    maps: dict[Any, Heatmap] = {}
    stray = Report()

    def place(batch: Annotations) -> Iterator[tuple[Heatmap, Annotations]]:
        if not batch.image_names:
            stray.include(batch.report)
        for key, part in _parts(batch, by):
            if key not in maps:
                maps[key] = order.empty_map()
            yield maps[key], part

    order.count(batches, place, asked)
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


def _with_preset(
    preset: str | None, shape: Shape | None, geometry: Geometry | None, rule: RuleName | None
) -> tuple[Shape, Geometry, RuleName]:
    from heatgrid.batches import check_geometry

    if preset is not None and preset not in PRESETS:
        raise ValueError(f"preset must be one of {', '.join(map(repr, PRESETS))}, got {preset!r}")
    kinds = DEFAULTS if preset is None else PRESETS[preset]
    for name, value in (("geometry", geometry), ("rule", rule)):
        if preset is not None and value not in {None, getattr(kinds, name)}:
            raise ValueError(
                f"{name} must not be given with preset={preset!r}, which sets it to {getattr(kinds, name)!r}"
            )
    check_geometry(geometry or kinds.geometry, rule or kinds.rule)
    return kinds.shape if shape is None else shape, geometry or kinds.geometry, rule or kinds.rule


def _names(names: Iterable[str] | None, argument: str) -> tuple[str, ...] | None:
    """Return several names, be there one; None means all."""
    if names is None:
        return None
    several = (names,) if isinstance(names, str) else tuple(names)
    if not several:
        raise ValueError(f"{argument} must name at least one, or be None for all")
    return class_names(several) if argument == "classes" else several


def _check_splits(splits: tuple[str, ...] | None, found: set[str | None]) -> None:
    """Raise ValueError where none of the splits was found; a reader notes some of several."""
    from heatgrid.formats.splits import canonical_split

    if splits is not None and not found.intersection(map(canonical_split, splits)):
        raise ValueError(f"splits: no split {' or '.join(map(repr, splits))} in the source")


def _check_classes(wanted: tuple[str, ...] | None, known: dict[str, None]) -> None:
    """Raise ValueError for the first class that the source does not have."""
    missing = next((name for name in wanted or () if name not in known), None)
    if missing is None:
        return
    from difflib import get_close_matches

    close = get_close_matches(missing, known, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    names = ", ".join(map(repr, list(known)[:20])) + (", …" if len(known) > 20 else "")
    raise ValueError(f"classes: no class {missing!r} in the source{hint}; its classes are {names or 'none'}")
