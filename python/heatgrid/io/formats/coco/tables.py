"""COCO's images and categories, looked up by the ids that annotations give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.io.files import UNKNOWN, clean

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.core.report import Report
    from heatgrid.io.files import ImageSizes


@dataclass(frozen=True, slots=True)
class Tables:
    """The three lists of a file, sizes from elsewhere, and positions where they are not the list's own."""

    images: list[Any]
    annotations: list[Any]
    categories: list[Any]
    sizes: ImageSizes
    positions: NDArray[np.int64] | None


class Images:
    """Names, sizes and numbers of a file's images."""

    def __init__(self, tables: Tables, path: Path, report: Report) -> None:
        self.names: list[str] = []
        self.number: dict[Any, int] = {}
        sizes: list[tuple[float, float]] = []
        for i, image in enumerate(tables.images):
            key = image.get("id") if isinstance(image, dict) else None
            if not isinstance(key, int | str | float):
                report.note("image without an id ignored", where=f"{path}: images[{i}]")
                continue
            if key in self.number:
                report.note("duplicate image id: first one used", where=f"{path}: images[{i}] (id {key})")
                continue
            self.number[key] = len(self.names)
            self.names.append(_image_name(image))
            sizes.append(_size(image))
        self.sizes = complete_sizes(
            np.array(sizes, dtype=np.float64).reshape(-1, 2), self.names, tables.sizes
        )
        report.images = len(self.names)


def complete_sizes(
    sizes: NDArray[np.float64], names: Sequence[str], elsewhere: ImageSizes
) -> NDArray[np.float64]:
    """Make sizes that are not positive and finite unknown, and look those up elsewhere."""
    known = ((sizes > 0) & (sizes < np.inf)).all(axis=1)
    sizes[~known] = UNKNOWN
    for i in np.flatnonzero(~known).tolist() if elsewhere else ():
        sizes[i] = elsewhere.find(names[i])
    return sizes


def _image_name(image: dict[str, Any]) -> str:
    name = image.get("file_name")
    if not name:
        name = str(image.get("coco_url") or image["id"]).rsplit("/", 1)[-1]
    return clean(name)


def _size(image: dict[str, Any]) -> tuple[float, float]:
    try:
        width, height = float(image["width"]), float(image["height"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return UNKNOWN
    return width, height


class Classes(dict[Any, int]):
    """Class numbers by category id; every id is known where a file has no categories at all."""

    def __init__(self, categories: list[Any], path: Path, report: Report, *, is_used: bool) -> None:
        super().__init__()
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}
        self._open = not categories
        if self._open and is_used:
            report.note("no categories: classes are named by their id", where=str(path))
        for i, category in enumerate(categories):
            key = category.get("id") if isinstance(category, dict) else None
            if not isinstance(key, int | str | float) or key in self:
                text = (
                    "category without an id ignored"
                    if key is None
                    else "duplicate category id: first one used"
                )
                report.note(text, where=f"{path}: categories[{i}]")
                continue
            name = clean(category.get("name") or f"category_{key}")
            if name in self._numbers:
                text = "categories of the same name merged"
                report.note(text, where=f"{path}: categories[{i}] (id {key}, {name})")
            self._assign(key, name)

    def _assign(self, key: Any, name: str) -> int:
        number = self._numbers.setdefault(name, len(self.names))
        if number == len(self.names):
            self.names.append(name)
        self[key] = number
        return number

    def __missing__(self, key: Any) -> int:
        if not self._open or not isinstance(key, int | str):
            raise KeyError(key)
        return self._assign(key, clean(f"category_{key}"))
