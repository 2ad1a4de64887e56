"""Overview of a data set: numbers, findings, and one page that works offline."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import numpy as np

from heatgrid.analysis.layout import check_natural
from heatgrid.core.spec import check_keywords, plural
from heatgrid.errors import printable
from heatgrid.export import OutputFormat, write
from heatgrid.heatmap import Heatmap
from heatgrid.io.keywords import SelectKeywords, check_found, parse_options
from heatgrid.io.read import paths_of, read
from heatgrid.summary.findings import Finding, findings, percent, rounded
from heatgrid.summary.numbers import SIDES, TRAINING_SIZES, Numbers
from heatgrid.summary.objects import NO_SPLIT, Collector, Objects
from heatgrid.summary.splits import SplitDifference, compare_splits
from heatgrid.viz.options import NoOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from heatgrid.core.report import Report
    from heatgrid.core.spec import Grid
    from heatgrid.export import Target
    from heatgrid.io.read import PathName, Source
    from heatgrid.io.registry import FormatName

PERMUTATIONS = 199


class OverviewOptions(TypedDict, total=False):
    """Options of the page.

    Attributes
    ----------
    title
        Heading.
    thumbnails
        Folder, relative to the page, or URL prefix of the images, to which likely duplicates are linked.
    """

    title: str | None
    thumbnails: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """Overview of a data set.

    Attributes
    ----------
    title
        Name of the data set.
    maps
        The map of each split, as `heatgrid.heatmaps` counts it.
    size_maps
        The size map of each split, as `heatgrid.heatmaps` counts it with ``of="size"``, of the annotations
        that the map counts.
    numbers
        Numbers by split and class, see `heatgrid.summary.numbers.Numbers`.
    differences
        Differences of the splits, the oddest first.
    shared_images
        The number of image names that two splits have in common, if any.
    findings
        What deserves attention, in words, the most serious first.
    report
        Outcome of every annotation.

    Examples
    --------
    >>> import heatgrid as hg
    >>> found = hg.overview("annotations.json")
    >>> found.report.counted == sum(heat.report.counted for heat in found.maps.values())
    True
    """

    title: str
    maps: dict[str, Heatmap]
    size_maps: dict[str, Heatmap]
    numbers: Numbers
    differences: list[SplitDifference]
    shared_images: dict[tuple[str, str], int]
    findings: list[Finding]
    report: Report

    def save(
        self,
        path: Target,
        *,
        format: str | None = None,  # noqa: A002
        **options: Unpack[OverviewOptions],
    ) -> None:
        """Write the overview as ``.html``, one page that works offline, or as ``.json``.

        Parameters
        ----------
        path, format
            As in `Heatmap.save`.
        **options
            See `OverviewOptions`.
        """
        write(self, FORMATS, path, format, {**options})

    def to_dict(self) -> dict[str, Any]:
        """Return everything except the maps as plain numbers, strings, lists and dicts."""
        numbers, report = self.numbers, self.report
        objects, images = numbers.objects.sum(axis=0), numbers.images_with.sum(axis=0)
        small = numbers.small.sum(axis=(0, 1))
        coco = numbers.coco.sum(axis=(0, 1)).tolist()
        return {
            "title": self.title,
            "findings": [one.to_dict() for one in self.findings],
            "images": int(numbers.images.sum()),
            "images_without_objects": int(numbers.images.sum() - numbers.images_counted.sum()),
            "objects": int(objects.sum()),
            "objects_per_image": _ratio(int(objects.sum()), int(numbers.images.sum())),
            "splits": {
                name: {"images": int(numbers.images[s]), "objects": int(numbers.objects[s].sum())}
                for s, name in enumerate(self.maps)
            },
            "classes": [
                {
                    "name": name,
                    "objects": int(objects[k]),
                    "images": int(images[k]),
                    "share": _ratio(int(objects[k]), int(objects.sum())),
                    "by_split": dict(zip(self.maps, numbers.objects[:, k].tolist(), strict=True)),
                    "median": None if (median := numbers.medians[k]) is None else median.to_dict(),
                    "hits": sum(
                        heat.by_class[heat.classes.index(name)].sum().item()
                        for heat in self.maps.values()
                        if name in heat.classes
                    ),
                }
                for k, name in enumerate(numbers.classes)
            ],
            "per_image": {
                "edges": numbers.per_image.edges.tolist(),
                "counts": numbers.per_image.counts[:, -1].sum(axis=0).tolist(),
            },
            "relative_area": numbers.area.to_dict(),
            "aspect_ratio": numbers.aspect.to_dict(),
            "boxes": int(numbers.boxed.sum()),
            "boxes_of_known_size": int(numbers.sized.sum()),
            "coco_sizes": dict(zip(("small", "medium", "large"), coco, strict=True)),
            "small_boxes": [
                {"training_size": size, "side": side, "boxes": int(small[i, j])}
                for i, size in enumerate(TRAINING_SIZES)
                for j, side in enumerate(SIDES)
            ],
            "boxes_filling_the_image": numbers.filling,
            "image_sizes": [{"width": w, "height": h, "images": n} for w, h, n in numbers.image_sizes],
            "images_of_unknown_size": numbers.images_unsized,
            "split_differences": [one.to_dict() for one in self.differences],
            "shared_images": [{"splits": list(pair), "images": n} for pair, n in self.shared_images.items()],
            "classes_together": [own | {"classes": list(own["classes"])} for own in numbers.together],
            "duplicates": numbers.duplicates,
            "duplicate_pairs": [
                {"class": name, "overlap": overlap, "first": a.to_dict(), "second": b.to_dict()}
                for name, a, b, overlap in numbers.duplicate_pairs
            ],
            "report": report.to_dict(),
        }

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {str(self).partition(chr(10))[0]}>"

    def __str__(self) -> str:
        numbers, objects = self.numbers, self.numbers.objects.sum(axis=0)
        images = int(numbers.images.sum())
        counts = [
            (images, "image"),
            (int(objects.sum()), "object"),
            (int(np.count_nonzero(objects)), "class"),
        ]
        lines = [f"{self.title}: {', '.join(plural(*count) for count in counts)}"]
        if images:
            lines[0] += f", {rounded(objects.sum() / images, 2):.2f} objects per image"
        lines += [f"{one.level:>9}  {one.text}" for one in self.findings]
        return printable("\n".join(lines if self.findings else [*lines, "nothing unusual found"]))

    def _repr_html_(self) -> str:
        from html import escape

        numbers, objects = self.numbers, self.numbers.objects.sum(axis=0)
        first, *found = str(self).split("\n")
        rows = "".join(
            f"<tr><th>{escape(printable(name))}</th><td>{objects[k]:,}</td>"
            f"<td>{numbers.images_with[:, k].sum():,}</td><td>{percent(objects[k] / objects.sum())}</td></tr>"
            for k, name in enumerate(numbers.classes[:20])
            if objects[k]
        )
        items = "".join(f"<li>{escape(text.strip())}</li>" for text in found)
        head = "<tr><th>class</th><th>objects</th><th>images</th><th>share</th></tr>"
        return f"<h3>{escape(first)}</h3><ul>{items}</ul><table>{head}{rows}</table>"


def overview(
    source: Source,
    grid: Grid | None = None,
    *,
    splits: Iterable[str] | None = None,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    title: str | None = None,
    format: FormatName | None = None,  # noqa: A002
    progress: bool = False,
    **options: Unpack[SelectKeywords],
) -> Overview:
    """Read a data set once, and return its numbers, maps and findings.

    Parameters
    ----------
    source, grid, splits, format, progress, **options
        As in `heatmap`.
    permutations
        Random divisions of the images, to test each difference of two splits; 0 for no tests.
    seed
        Equal seeds give equal results.
    title
        Name of the data set; by default the last two parts of the path.

    Returns
    -------
    Overview
        `Overview.save` writes it as one page that works offline, or as JSON.

    Raises
    ------
    FormatError, TypeError, ValueError
        As in `heatmap`.

    Examples
    --------
    >>> import heatgrid as hg
    >>> hg.overview("annotations.json").save("overview.html")
    """
    check_keywords(overview, options, SelectKeywords)
    check_natural("permutations", permutations)
    check_natural("seed", seed)
    spec, reading = parse_options(grid, splits=splits, **options)
    reading = replace(reading, needs_sizes=True)  # also for normalized coordinates: sizes in pixels
    paths = paths_of(source)
    found = Collector(spec, reading, tuple(map(Path, paths)), with_blocks=permutations > 0)
    for batch in read(paths, reading, format=format, progress=progress):
        found.add(batch)
    report = found.stray.copy()
    for counts in found.maps.values():
        report.merge(counts.report)
    check_found(report, reading)
    objects = found.objects()
    names = [NO_SPLIT if split is None else split for split in objects.splits]
    maps = dict(zip(names, map(Heatmap.of, found.maps.values()), strict=True))
    numbers = Numbers.of(objects)
    differences = compare_splits(maps, list(found.blocks.values()), objects, permutations, seed)
    shared = _shared_images(objects, names)
    return Overview(
        title=_title(paths) if title is None else title,
        maps=maps,
        size_maps={name: objects.size_map(number, spec.grid) for number, name in enumerate(names)},
        numbers=numbers,
        differences=differences,
        shared_images=shared,
        findings=findings(report, numbers, maps, differences, shared),
        report=report,
    )


def _title(paths: Sequence[PathName]) -> str:
    name = "/".join(Path(paths[0]).resolve().parts[-2:])
    return name if len(paths) == 1 else f"{name} and {len(paths) - 1} more"


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _shared_images(objects: Objects, names: list[str]) -> dict[tuple[str, str], int]:
    """Return how many image names two splits have in common."""
    if len(names) < 2:
        return {}
    by_split: list[set[str]] = [set() for _ in names]
    for name, split in zip(objects.image_names, objects.image_split.tolist(), strict=True):
        by_split[split].add(name)
    several = set[str]()
    seen = set[str]()
    for own in by_split:
        several |= own & seen
        seen |= own
    pairs = combinations(range(len(names)), 2) if several else ()
    counts = {(names[i], names[j]): len(by_split[i] & by_split[j]) for i, j in pairs}
    return {pair: count for pair, count in counts.items() if count}


def _html(result: Overview, *, title: str | None = None, thumbnails: str | None = None) -> bytes:
    from heatgrid.summary.page import page

    return page(
        title=result.title if title is None else title,
        maps=result.maps,
        size_maps=result.size_maps,
        numbers=result.numbers,
        differences=result.differences,
        findings=result.findings,
        report=result.report,
        thumbnails=thumbnails,
    )


FORMATS: dict[str, OutputFormat] = {
    ".html": OutputFormat(_html, OverviewOptions, "one page, works offline"),
    ".json": OutputFormat(
        lambda result: json.dumps(result.to_dict(), allow_nan=False).encode() + b"\n",
        NoOptions,
        "all numbers",
    ),
}
"""Output formats of an overview by suffix."""
