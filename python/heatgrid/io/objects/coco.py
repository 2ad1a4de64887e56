"""pycocotools: a ``COCO`` object's tables; or the dict of images, annotations and categories itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.report import Report
from heatgrid.io.formats.coco.batch import build_batch
from heatgrid.io.options import ReadOptions

if TYPE_CHECKING:
    from heatgrid.core.annotations import Annotations
    from heatgrid.io.objects.given import Given

NAME = "coco"
TITLE = "pycocotools COCO, or the dict that it is made of"
SEVERAL = False
TAKES: tuple[str, ...] = ()

_TABLES = ("images", "annotations", "categories")


def accepts(value: Any) -> bool:
    """Tell whether an object has COCO's three tables."""
    if isinstance(value, Mapping):
        return "images" in value and "annotations" in value
    return all(isinstance(getattr(value, name, None), Mapping) for name in ("anns", "imgs", "cats"))


def convert(value: Any, given: Given) -> Annotations:
    """Return the annotations of all images, read as those of a COCO file are."""
    if given.labels is not None or given.images is not None:
        raise TypeError("labels and images must not be given with COCO's tables, which have their own")
    if isinstance(value, Mapping):
        images, annotations, categories = (list(value.get(name) or []) for name in _TABLES)
    else:
        images, annotations, categories = (list(t.values()) for t in (value.imgs, value.anns, value.cats))
    options = ReadOptions(size=given.size)
    positions = np.arange(len(annotations))
    return build_batch(
        images,
        annotations,
        categories,
        positions=positions,
        path=Path(NAME),
        options=options,
        report=Report(),
    )
