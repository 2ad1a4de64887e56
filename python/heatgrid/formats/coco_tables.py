"""COCO's images and categories, looked up by the ids that annotations give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.formats.files import clean
from heatgrid.formats.sizes import UNKNOWN

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.formats.sizes import ImageSizes
    from heatgrid.report import Report

NOT_AN_OBJECT = "annotation is not an object"
UNKNOWN_IMAGE = "unknown image_id"
UNKNOWN_CATEGORY = "unknown category_id"


@dataclass(frozen=True, slots=True)
class Tables:
    """The three lists of a file, sizes from elsewhere, and positions where they are not the list's own."""

    images: list[Any]
    annotations: list[Any]
    categories: list[Any]
    sizes: ImageSizes
    positions: list[int] | None


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
            name = _image_name(image)
            self.number[key] = len(self.names)
            self.names.append(name)
            size = _size(image)
            sizes.append(tables.sizes.find(name) if size is UNKNOWN and tables.sizes else size)
        self.sizes = np.array(sizes, dtype=np.float64).reshape(-1, 2)
        report.images = len(self.names)


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
    return (width, height) if 0 < width < float("inf") and 0 < height < float("inf") else UNKNOWN


class Classes(dict[Any, int]):
    """Class numbers by category id; every id is known where a file has no categories at all."""

    def __init__(self, tables: Tables, path: Path, report: Report) -> None:
        super().__init__()
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}
        self._open = not tables.categories
        if self._open and tables.annotations:
            report.note("no categories: classes are named by their id", where=str(path))
        for i, category in enumerate(tables.categories):
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


def match(
    annotations: list[Any], images: dict[Any, int], classes: dict[Any, int]
) -> tuple[list[int], list[int], list[int], dict[int, str]]:
    """Look up each annotation's image and class."""
    kept: list[int] = []
    image: list[int] = []
    label: list[int] = []
    lost: dict[int, str] = {}
    for i, annotation in enumerate(annotations):
        try:
            found = images[annotation["image_id"]]
        except (KeyError, TypeError, IndexError):
            lost[i] = UNKNOWN_IMAGE if isinstance(annotation, dict) else NOT_AN_OBJECT
            continue
        try:
            label.append(classes[annotation["category_id"]])
        except (KeyError, TypeError):
            lost[i] = UNKNOWN_CATEGORY
            continue
        kept.append(i)
        image.append(found)
    return kept, image, label, lost
