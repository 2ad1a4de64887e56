"""Meaning of the numbers of a label image: class, instance, or nothing that is counted."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from heatgrid.io.formats.masks.ade20k import ObjectNames
from heatgrid.io.formats.masks.families import ADE20K, Label
from heatgrid.io.formats.masks.names import VOC_COLORS, VOID
from heatgrid.io.formats.masks.pixels import color_text
from heatgrid.io.text_rows import UNNAMED_CLASS

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.io.formats.masks.images import LabelImage, NameFinder
    from heatgrid.io.formats.masks.pixels import Pixels
    from heatgrid.io.options import ReadOptions

UNNAMED_COLOR = "color without a name, kept as #rrggbb"

_REMEMBERED = 1024  # meanings, as images of a data set share them


class Meaning(NamedTuple):
    """A class, empty if unknown, an instance's number, `Flag` bits, and a note or nothing."""

    name: str
    instance: int | None = None
    flags: int = 0
    note: str = ""


class Naming:
    """Meanings of the numbers in a file of an image.

    Numbers of ``options.ignore`` are not counted; without that option, those that the data set or a file of
    names calls background or void, or else 0 and 255, or their colors in Pascal VOC.
    """

    def __init__(
        self, image: LabelImage, file: Path, pixels: Pixels, finder: NameFinder, options: ReadOptions
    ) -> None:
        self._pixels, self._ignore = pixels, options.ignore
        self._decode = Label if pixels.is_colored and image.family is not ADE20K else image.kind.decode
        self._names, self._is_listed = finder.names(image)
        self._objects = ObjectNames(file, options) if image.family is ADE20K else None
        self.find = lru_cache(_REMEMBERED)(self._find)

    def _find(self, number: int) -> Meaning | None:
        """Return the meaning of a number; None if it is not counted."""
        label = self._decode(number)
        name = self._name(label)
        if self._ignore is not None:
            is_void = number in self._ignore
        else:
            is_void = self.is_void(number) if name is None else name in self._names.void
        if is_void:
            return None
        if name is not None:
            return Meaning(name, label.instance, label.flags)
        if self._pixels.is_colored and self._objects is None:
            return Meaning(color_text(number), note=UNNAMED_COLOR)
        return Meaning(f"class_{label.number}", label.instance, label.flags, UNNAMED_CLASS)

    def is_void(self, number: int) -> bool:
        """Return whether a number without a name is background or void."""
        return number in ((0, VOC_COLORS[VOID]) if self._pixels.is_colored else (0, VOID))

    def _name(self, label: Label) -> str | None:
        if self._objects is not None:
            return self._objects.find(label)
        if self._pixels.is_colored:
            return self._names.of_color.get(label.number)
        color = self._pixels.color(label.number) if self._is_listed else -1
        return self._names.of_color.get(color) or self._names.of_number.get(label.number)
