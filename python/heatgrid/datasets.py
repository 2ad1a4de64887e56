"""Data sets to maps: read, count, and keep account, in one call and one pass."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.heatmap import Heatmap

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from heatgrid.annotations import Annotations
    from heatgrid.choice import Geometry
    from heatgrid.counting import RuleName, Shape

    Source = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


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
    source: Source, *, format: str | None = None, progress: bool = False, **options: Any  # noqa: A002
) -> Iterator[Annotations]:
    """Read annotations, batch by batch.

    Parameters
    ----------
    source
        A file, a folder, a ``data.yaml``, or several of them.
    format
        The format's name, as `heatgrid.formats.names` lists them; None finds it by content.
    progress
        Show a progress bar on stderr.
    **options
        As `heatgrid.formats.ReadOptions` lists them: ``splits``, ``on_error``, ``images``, ``size``,
        ``one_based``, ``task`` and limits.

    Yields
    ------
    Annotations
        A batch; an image belongs to one batch only.

    Raises
    ------
    FormatError
        Nothing at ``source`` can be read, or, with ``on_error="raise"``, the first error in it.
    FileNotFoundError
        There is no such file.
    """
    from heatgrid import formats

    with _progress_bar(progress) as bar:
        for batch in formats.read(source, format=format, **options):
            yield batch
            if bar is not None:
                bar.update(len(batch.image_names))


def _progress_bar(wanted: bool) -> Any:
    if not wanted:
        return nullcontext()
    from tqdm import tqdm

    return tqdm(unit=" images", unit_scale=True, disable=None)  # silent where stderr is not a terminal


def heatmap(
    source: Source,
    shape: Shape | None = None,
    *,
    classes: Iterable[str] | None = None,
    splits: Iterable[str] | None = None,
    format: str | None = None,  # noqa: A002
    geometry: Geometry | None = None,
    rule: RuleName | None = None,
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
        What to count of each annotation: ``"auto"`` (the default: the polygon where it is usable, else the box),
        ``"box"`` or ``"polygon"``.
    rule
        What a hit is, as in `count_boxes`; ``"center"`` unless given.
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
    wanted = None if classes is None else _wanted(classes)
    batches = read(
        source, format=format, progress=progress, splits=_tuple(splits), on_error=on_error, **options
    )
    heat = _empty_map(kinds, wanted, by_class, large_box_ratio)
    known = _count_all(batches, lambda batch: [(heat, batch)], kinds, wanted, on_error)
    _check_classes(wanted, known)
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
        ``"split"``, ``"source"`` (the file or folder of each batch), or a function from an image's name to the
        key of its map.
    source, shape, classes, splits, format, geometry, rule, preset, large_box_ratio, by_class, on_error, progress
        As in `heatmap`.
    **options
        Further options of `read`.

    Returns
    -------
    dict
        A `Heatmap` a key, in the order of their appearance; the key of images of no split is None. What a reader
        itself skipped of a batch is reported by the map of the batch's first image.

    Raises
    ------
    FormatError, ValueError
        As in `heatmap`.
    """
    if not callable(by) and by not in {"split", "source"}:
        raise ValueError(f"by must be 'split', 'source' or a function of an image's name, got {by!r}")
    kinds = _with_preset(preset, shape, geometry, rule)
    wanted = None if classes is None else _wanted(classes)
    batches = read(
        source, format=format, progress=progress, splits=_tuple(splits), on_error=on_error, **options
    )
    maps: dict[Any, Heatmap] = {}

    def place(batch: Annotations) -> list[tuple[Heatmap, Annotations]]:
        placed = []
        for key, part in _parts(batch, by):
            if key not in maps:
                maps[key] = _empty_map(kinds, wanted, by_class, large_box_ratio)
            placed.append((maps[key], part))
        return placed

    known = _count_all(batches, place, kinds, wanted, on_error)
    _check_classes(wanted, known)
    return maps


def _parts(
    batch: Annotations, by: str | Callable[[str], Hashable]
) -> Iterator[tuple[Hashable, Annotations]]:
    """Yield the annotations of a batch key by key."""
    if not callable(by):
        yield (batch.split if by == "split" else batch.source), batch
        return
    keys = [by(name) for name in batch.image_names]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    of_image = np.array([numbers[key] for key in keys], dtype=np.int64)
    for key, number in numbers.items():
        part = batch.select(of_image[batch.image] == number)
        report = part.report
        report.images = int((of_image == number).sum())
        if number > 0:
            report = replace(report, files=0, annotations=len(part), skipped={}, refused={}, notes={}, examples={})
        yield key, replace(part, report=report)


def _count_all(
    batches: Iterable[Annotations],
    place: Callable[[Annotations], list[tuple[Heatmap, Annotations]]],
    kinds: Preset,
    wanted: tuple[str, ...] | None,
    on_error: str,
) -> dict[str, None]:
    """Count every batch where it belongs, and return the names of all classes seen, in order."""
    known: dict[str, None] = {}
    for batch in batches:
        known |= dict.fromkeys(batch.classes)
        own = batch if wanted is None else batch.with_classes(wanted)
        for heat, part in place(own):
            if heat.has_classes and wanted is None:
                heat.grow(part.classes)
            heat.add(part, geometry=kinds.geometry, on_error=on_error)
    return known


def _empty_map(
    kinds: Preset, wanted: tuple[str, ...] | None, by_class: bool, large_box_ratio: float | None
) -> Heatmap:
    classes = (wanted or ()) if by_class else None
    return Heatmap(kinds.shape, classes, rule=kinds.rule, large_box_ratio=large_box_ratio)


def _with_preset(
    preset: str | None, shape: Shape | None, geometry: Geometry | None, rule: RuleName | None
) -> Preset:
    if preset is not None and preset not in PRESETS:
        raise ValueError(f"preset must be one of {', '.join(PRESETS)}, got {preset!r}")
    kinds = DEFAULTS if preset is None else PRESETS[preset]
    if preset is not None:
        for name, value in (("geometry", geometry), ("rule", rule)):
            if value not in (None, getattr(kinds, name)):
                raise ValueError(f"{name} must not be given with preset={preset!r}, which sets it")
    return Preset(
        kinds.shape if shape is None else shape, geometry or kinds.geometry, rule or kinds.rule
    )


def _wanted(classes: Iterable[str]) -> tuple[str, ...]:
    names = (classes,) if isinstance(classes, str) else tuple(classes)
    if not names:
        raise ValueError("classes must name at least one class, or be None for all")
    return names


def _tuple(names: Iterable[str] | None) -> tuple[str, ...] | None:
    if names is None:
        return None
    return (names,) if isinstance(names, str) else tuple(names)


def _check_classes(wanted: tuple[str, ...] | None, known: dict[str, None]) -> None:
    missing = [name for name in wanted or () if name not in known]
    if not missing:
        return
    from difflib import get_close_matches

    close = get_close_matches(missing[0], known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    names = ", ".join(map(repr, list(known)[:20])) + (", …" if len(known) > 20 else "")
    raise ValueError(f"classes: no class {missing[0]!r} in the source{hint} Its classes are {names or 'none'}")
