"""Masks of the platform's widget: from arrays, and from annotations."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.errors import FormatError
from heatgrid.heatmap import Heatmap
from heatgrid.io.formats.supervisely import read_contents
from heatgrid.io.json_values import read_json
from heatgrid.io.options import ReadOptions
from heatgrid.viz.scales import as_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.report import Report

    Size = tuple[int | None, int | None]


def as_mask(values: ArrayLike) -> NDArray[Any]:
    """Return (rows, columns) numbers, the mean of the channels where there are any.

    Raises
    ------
    TypeError
        They are not real numbers.
    ValueError
        One is infinite, or there are other numbers of dimensions, or none.
    """
    mask = np.asarray(values)
    numbers = as_numbers(mask)
    if mask.ndim not in (2, 3) or mask.size == 0:
        raise ValueError(
            "heatmap_mask must have shape (rows, columns) or (rows, columns, channels) and not be empty, "
            f"got {mask.shape}"
        )
    if mask.ndim == 3:
        return np.asarray(numbers.mean(axis=2))
    return mask.copy() if mask.dtype.kind in "iu" else numbers


def mask_of(anns: Iterable[Any], object_name: str | None, size: Size) -> tuple[NDArray[np.int64], Report]:
    """Count in how many labels each pixel lies.

    Parameters
    ----------
    anns
        Dicts, paths, or objects with ``to_json``.
    object_name
        The class to count; None: all.
    size
        Width and height of the mask in pixels; what is None is chosen by the images' mean size.

    Returns
    -------
    mask
        (height, width) int64.
    report
        What was counted, what was skipped, and why.

    Raises
    ------
    ValueError
        There are no annotations, no labels of the class, or no size.
    """
    contents = list(_contents(anns))
    if not contents:
        raise ValueError("anns must hold at least one annotation")
    batch = read_contents(contents, ReadOptions())
    if object_name is not None:
        if object_name not in batch.classes:
            known = ", ".join(map(repr, batch.classes)) or "none"
            raise ValueError(f"object_name: no label of class {object_name!r}; there are {known}")
        batch = batch.with_classes([object_name])
    if not len(batch):
        raise ValueError("anns: no label in them that can be counted")
    width, height = _mask_size(batch.sizes, size)
    heat = Heatmap((height, width))
    heat.add(batch)
    return heat.counts, heat.report


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


def _mask_size(sizes: NDArray[np.float64] | None, asked: Size) -> tuple[int, int]:
    if asked[0] and asked[1]:
        return asked[0], asked[1]
    known = np.empty((0, 2)) if sizes is None else sizes[np.isfinite(sizes).all(axis=1)]
    if not len(known):
        raise FormatError("no annotation with the size of its image")
    width, height = known.mean(axis=0).tolist()
    if asked[0] or asked[1]:
        shrink = asked[0] / width if asked[0] else (asked[1] or 0) / height
        return asked[0] or max(1, round(width * shrink)), asked[1] or max(1, round(height * shrink))
    return max(2, 2 * round(width / 2)), max(2, 2 * round(height / 2))
