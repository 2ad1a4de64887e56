"""Registry of annotation formats.

A format's module has

``TITLE``
    its name for people;
``SIGNATURE``
    the `Signature` that its files have;
``read(path, options)``
    an iterator of `Annotations` batches; an image is in one batch only.

To add a format, write its module in `heatgrid.io.formats` and add its name to `FormatName`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast, get_args

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.detect import Signature
    from heatgrid.io.options import ReadOptions

FormatName = Literal[
    "coco",
    "yolo",
    "voc",
    "supervisely",
    "cvat",
    "labelme",
    "sam",
    "createml",
    "vott",
    "mapillary",
    "cityscapes",
    "mot",
    "datumaro",
    "scalabel",
    "via",
    "label_studio",
    "openimages",
    "kitti",
    "visdrone",
    "dota",
    "wider",
    "geojson",
    "wkt",
    "tables",
]
"""Names of the formats, which are their modules' names. The first that matches a file is read."""

FORMATS: tuple[FormatName, ...] = get_args(FormatName)


class Format(Protocol):
    """Interface of a format's module."""

    TITLE: str
    SIGNATURE: Signature

    def read(self, path: Path, options: ReadOptions) -> Iterator[Annotations]:
        """Yield the batches of a file or folder."""
        ...


def get(name: str) -> Format:
    """Return the format of this name.

    Raises
    ------
    ValueError
        The name is unknown.
    """
    if name not in FORMATS:
        message = f"format must be one of {', '.join(FORMATS)}, got {name!r}"
        raise ValueError(message)
    return cast("Format", import_module(f"heatgrid.io.formats.{name}"))


def listing() -> list[dict[str, Any]]:
    """Return name, title, suffixes, description and an example of every format."""
    return [_describe(name) for name in sorted(FORMATS)]


def _describe(name: str) -> dict[str, Any]:
    module = get(name)
    return {
        "name": name,
        "title": module.TITLE,
        "suffixes": list(module.SIGNATURE.all_suffixes),
        "description": (module.__doc__ or "").strip(),
        "example": f"heatgrid map annotations{module.SIGNATURE.suffixes[0]} --format {name}",
    }
