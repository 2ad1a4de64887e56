"""Labels of Supervisely annotations, counted per pixel."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.compat.supervisely.lines import polyline_pixels
from heatgrid.core.ragged import Kind
from heatgrid.errors import FormatError
from heatgrid.heatmap import Heatmap as CountMap
from heatgrid.io.formats.supervisely import read_contents
from heatgrid.io.options import ReadOptions
from heatgrid.io.parse import read_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.report import Report

    Size = tuple[int | None, int | None]


def count_labels(
    anns: Iterable[Any], object_name: str | None, size: Size
) -> tuple[NDArray[np.int64], Report]:
    """Count the labels that cover each pixel; None in ``size`` is chosen by the images' mean size."""
    contents = list(_contents(anns))
    if not contents:
        raise ValueError("anns must hold at least one annotation")
    batch = read_contents(contents, ReadOptions())
    if object_name is not None:
        if object_name not in batch.classes:
            known = ", ".join(map(repr, batch.classes)) or "none"
            raise ValueError(f"object_name must be one of the classes {known}, got {object_name!r}")
        batch = batch.with_classes([object_name])
    if not len(batch):
        raise ValueError("anns must hold at least one label that can be counted")
    if batch.points is not None:  # pixels, counted at their centers
        batch = replace(batch, points=replace(batch.points, coords=batch.points.coords + 0.5))
    width, height = _mask_size(batch.sizes, size)
    heat = CountMap((height, width))
    heat.add(batch)
    is_line = batch.kinds == Kind.LINE
    if not is_line.any():
        return heat.counts, heat.report
    counts = CountMap((height, width)).add(batch.select(~is_line)).counts
    _draw_lines(batch.select(is_line), counts)
    return counts, heat.report


def _draw_lines(batch: Annotations, counts: NDArray[np.int64]) -> None:
    """Add one to the pixels of each label's lines, whose vertices are rounded to pixels."""
    lines, sizes = batch.lines, batch.sizes
    if lines is None or sizes is None:
        return
    size = counts.shape[1], counts.shape[0]
    for i, (first, last) in enumerate(zip(lines.annotations[:-1], lines.annotations[1:], strict=True)):
        scale = np.array(size) / sizes[batch.image[i]]
        paths = [lines.coords[lines.paths[k] : lines.paths[k + 1]] * scale for k in range(first, last)]
        drawn = [polyline_pixels(np.rint(path).astype(np.int64), size) for path in paths if _is_finite(path)]
        if drawn:
            x, y = np.unique(np.concatenate(drawn), axis=0).T
            counts[y, x] += 1


def _is_finite(path: NDArray[np.float64]) -> bool:
    return len(path) > 0 and bool((np.abs(path) < 2.0**31).all())


def _contents(anns: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(anns, (str, os.PathLike, dict)) or hasattr(anns, "to_json"):
        anns = [anns]
    for i, ann in enumerate(anns):
        if isinstance(ann, str | os.PathLike):
            yield os.fspath(ann), read_json(Path(ann), ReadOptions())
        elif isinstance(ann, dict):
            yield f"annotation {i}", ann
        elif hasattr(ann, "to_json"):
            yield f"annotation {i}", ann.to_json()
        else:
            raise TypeError(f"anns must be dicts, paths or objects with to_json, got {type(ann).__name__}")


def _mask_size(sizes: NDArray[np.float64] | None, requested: Size) -> tuple[int, int]:
    if requested[0] and requested[1]:
        return requested[0], requested[1]
    known = np.empty((0, 2)) if sizes is None else sizes[np.isfinite(sizes).all(axis=1)]
    if not len(known):
        raise FormatError("no annotation with the size of its image")
    width, height = known.mean(axis=0).tolist()
    if requested[0] or requested[1]:
        factor = requested[0] / width if requested[0] else (requested[1] or 0) / height
        return requested[0] or max(1, round(width * factor)), requested[1] or max(1, round(height * factor))
    return max(2, 2 * round(width / 2)), max(2, 2 * round(height / 2))
