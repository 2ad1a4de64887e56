"""Keyword arguments of data sets: types, presets, conversion to options, and the counts that they begin."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack, get_args

from heatgrid.core.anchors import Homography
from heatgrid.core.annotations import Annotations, Geometry, check_geometry
from heatgrid.core.counts import Counts, count_aspects, median_aspect
from heatgrid.core.spec import (
    Cells,
    CountMode,
    CountSpec,
    Fit,
    Grid,
    Of,
    Rule,
    as_grid,
    check_choice,
    listed,
    suggestion,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike

    from heatgrid.core.anchors import Anchor
    from heatgrid.core.annotations import WeightOf
    from heatgrid.core.arguments import OnError
    from heatgrid.core.limits import Limits
    from heatgrid.core.region import Region
    from heatgrid.core.report import Report
    from heatgrid.io.options import AreaName, Attribute, ReadOptions, Size, Task
    from heatgrid.io.read import PathName
    from heatgrid.io.regions import RegionSource

Preset = Literal["roboflow"]

_PRESETS: dict[str | None, dict[str, Any]] = {
    None: {"grid": 100, "geometry": "auto", "rule": "center"},
    # The steps that the platform publishes: the boxes of all annotations (bounding boxes of polygons) are
    # normalized and counted where they touch a grid of 10 x 10.
    "roboflow": {"grid": 10, "geometry": "box", "rule": "touch"},
}


class FileKeywords(TypedDict, total=False):
    """Keyword arguments for reading any files, as `heatgrid.io.options.ReadOptions` describes them."""

    images: PathName | None
    size: Size | Mapping[str, Size] | None
    encoding: str | None
    one_based: bool
    columns: Mapping[str, str | int] | None
    field: str | None
    normalized: bool | None
    transform: Sequence[float] | Mapping[str, Sequence[float]] | str | None
    ignore: Sequence[int] | None
    task: Task | None
    exclude: Attribute | Sequence[Attribute] | None
    min_score: float | None
    area: AreaName | tuple[float, float] | None
    only: str | Sequence[str] | None
    limits: Limits
    table_rows: int
    batch_images: int
    threads: int | None


class SourceKeywords(FileKeywords, total=False):
    """Keyword arguments of any source: those of files, and the file that COCO results refer to."""

    truth: PathName | None


class ReadKeywords(SourceKeywords, total=False):
    """Keyword arguments of `read`: those of any source, and the regions to count."""

    region: RegionSource
    exclude_region: RegionSource
    anchor: Anchor | None
    homography: ArrayLike | None
    plan_size: Size | None


class MatchKeywords(FileKeywords, total=False):
    """Keyword arguments of files next to each other: how to read them, and the classes to read."""

    classes: str | Iterable[str] | None
    exclude_classes: str | Iterable[str] | None
    ignore_case: bool
    on_error: OnError


class SelectKeywords(ReadKeywords, MatchKeywords, total=False):
    """Keyword arguments that decide which annotations hit which cells, as `heatmap` describes them."""

    geometry: Geometry | None
    rule: Rule | None
    preset: Preset | None
    large_box_ratio: float | None
    fit: Fit
    of: Of


class CountKeywords(SelectKeywords, total=False):
    """Keyword arguments that decide what is read and counted, as `heatmap` describes them."""

    splits: Iterable[str] | None
    count: CountMode
    weights: WeightOf | None
    cells: Cells


def parse_options(
    grid: Grid | None = None,
    *,
    rule: Rule | None = None,
    count: CountMode = "instances",
    preset: Preset | None = None,
    large_box_ratio: float | None = None,
    fit: Fit = "stretch",
    of: Of = "place",
    cells: Cells = "stretched",
    weights: WeightOf | None = None,
    geometry: Geometry | None = None,
    classes: str | Iterable[str] | None = None,
    exclude_classes: str | Iterable[str] | None = None,
    ignore_case: bool = False,
    splits: Iterable[str] | None = None,
    on_error: OnError = "skip",
    region: RegionSource = None,
    exclude_region: RegionSource = None,
    anchor: Anchor | None = None,
    homography: ArrayLike | None = None,
    plan_size: Size | None = None,
    **reading: Unpack[SourceKeywords],
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
    check_choice("cells", cells, get_args(Cells))
    if cells == "square" and (fit != "stretch" or of != "place" or isinstance(grid, tuple)):
        raise ValueError("cells='square' requires an int grid, fit='stretch' and of='place'")
    defaults = _PRESETS[preset]
    for name, value in (("geometry", geometry), ("rule", rule)):
        if preset is not None and value not in {None, defaults[name]}:
            raise ValueError(f"{name} cannot be combined with preset={preset!r}, which is {defaults[name]!r}")
    spec = CountSpec(
        grid=as_grid(defaults["grid"] if grid is None else grid),
        rule=rule or defaults["rule"],
        count=count,
        fit=fit,
        of=of,
        weighted=weights is not None,
        large_box_ratio=large_box_ratio,
    )
    located = _parse_regions(region, exclude_region, anchor, homography, plan_size, spec)
    pixels = any(not one.normalized for one in (*located["region"], *located["exclude_region"]))
    options = ReadOptions(
        geometry=geometry or defaults["geometry"],
        weights=weights,
        classes=classes,  # type: ignore[arg-type]  # any iterable is converted
        exclude_classes=exclude_classes,  # type: ignore[arg-type]
        ignore_case=ignore_case,
        splits=splits,  # type: ignore[arg-type]
        on_error=on_error,
        needs_sizes=fit == "letterbox" or cells == "square" or pixels or homography is not None,
        **located,
        **reading,
    )
    check_geometry(options.counted_geometry, spec)
    return spec, options


class RegionOptions(TypedDict):
    """Keyword arguments of `ReadOptions` that concern regions, anchors and floor plans."""

    region: tuple[Region, ...]
    exclude_region: tuple[Region, ...]
    anchor: Anchor | None
    homography: Homography | None
    at_anchor: bool


def _parse_regions(  # noqa: PLR0917 - called once, above
    region: RegionSource,
    exclude_region: RegionSource,
    anchor: Anchor | None,
    homography: ArrayLike | None,
    plan_size: Size | None,
    spec: CountSpec,
) -> RegionOptions:
    """Return the options of regions, anchors and floor plans."""
    plan = None
    if homography is not None:
        if plan_size is None:
            raise ValueError("plan_size is required with homography=: width and height of the floor plan")
        plan, anchor = Homography(homography, plan_size), "bottom_center" if anchor is None else anchor
    elif plan_size is not None:
        raise ValueError("plan_size requires homography=")
    at_anchor = plan is not None or (anchor is not None and spec.rule == "point")
    if at_anchor and spec.of == "size":
        raise ValueError("homography and anchor cannot be combined with of='size'")
    regions: tuple[Region, ...] = ()
    exclusions: tuple[Region, ...] = ()
    if region is not None or exclude_region is not None:
        from heatgrid.io.regions import as_regions

        regions, exclusions = as_regions(region, "region"), as_regions(exclude_region, "exclude_region")
    if anchor is not None and not (at_anchor or regions or exclusions):
        raise ValueError("anchor requires rule='point', region=, exclude_region= or homography=")
    return {
        "region": regions,
        "exclude_region": exclusions,
        "anchor": anchor,
        "homography": plan,
        "at_anchor": at_anchor,
    }


def name_of(source: Any) -> str:
    """Return the name of a data set: that of its first file or folder, and the number of others."""
    paths = [source] if isinstance(source, (str, os.PathLike)) else source
    if not isinstance(paths, (list, tuple)) or not all(isinstance(one, (str, os.PathLike)) for one in paths):
        return ""  # objects have no name
    name = Path(paths[0]).resolve().name
    return name if len(paths) == 1 else f"{name} and {len(paths) - 1:,} more"


def square_cells(spec: CountSpec, batches: Iterable[Annotations]) -> CountSpec:
    """Return a specification of square cells in an image of the median aspect, that of `Heatmap.aspect`.

    Raises
    ------
    ValueError
        No image has a known size.
    """
    aspects: Counter[float] = Counter()
    for batch in batches:
        if batch.sizes is not None:
            count_aspects(aspects, batch.sizes)
    aspect, longer = median_aspect(aspects), spec.grid[0]
    if aspect is None:
        raise ValueError("cells='square' requires image sizes (give size= or images=)")
    shorter = max(1, round(longer * min(aspect, 1 / aspect)))
    return replace(spec, grid=(shorter, longer) if aspect > 1 else (longer, shorter))


def new_counts(spec: CountSpec, options: ReadOptions, *, by_class: bool = True) -> Counts:
    """Return empty counts: one grid per class, or one grid for all classes."""
    if not by_class:
        return Counts(spec)
    return Counts(spec, options.fixed_classes or (), grows=options.fixed_classes is None)


def check_found(report: Report, options: ReadOptions) -> None:
    """Raise ValueError for a requested class that the source does not have, or if it has none of the splits.

    Readers themselves note which of several splits are missing.
    """
    if options.splits is not None and not report.splits.intersection(options.splits):
        asked = " or ".join(map(repr, options.splits)) + " in the source"
        others = [name for name in ("train", "val", "test") if name not in options.splits]
        raise ValueError(f"splits: no split {asked}{suggestion(options.splits[0], others)}")
    if options.only is not None and not report.images:
        raise ValueError(f"only: no image {' or '.join(map(repr, options.only))} in the source")
    for argument in ("classes", "exclude_classes"):
        for asked in getattr(options, argument) or ():
            if not any(options.matches(name, [asked]) for name in report.classes):
                known = (
                    f"{suggestion(asked, report.classes)}; its classes are {listed(report.classes) or 'none'}"
                )
                raise ValueError(f"{argument}: no class {asked!r} in the source{known}")
