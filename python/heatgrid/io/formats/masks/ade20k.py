"""Names of the objects and parts of ADE20K, which a text or JSON file per image lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from heatgrid.io import places
from heatgrid.io.files import read_text
from heatgrid.io.parse import as_dict, as_list, read_json, text

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.io.formats.masks.families import Label
    from heatgrid.io.options import ReadOptions

_SUFFIX = re.compile(r"_(?:seg|parts_\d+)\.png$")
_LEVEL = re.compile(r"_parts_(\d+)\.png$")


class ObjectNames:
    """Names in a file of objects, or of parts of some level.

    They are listed by class number (release of 2020), or by level and instance (release of 2017).

    Of the synonyms of a class, the first is its name.
    """

    def __init__(self, path: Path, options: ReadOptions) -> None:
        level = _LEVEL.search(path.name)
        self._level = int(level[1]) if level else 0
        image, folder = _SUFFIX.sub("", path.name), path.parent
        self._of_class: dict[int, str] = {}
        self._of_instance: dict[tuple[int, int], str] = {}
        if places.is_file(file := folder / f"{image}.json"):
            annotation = as_dict(as_dict(read_json(file, options)).get("annotation"))
            for entry in map(as_dict, as_list(annotation.get("object"))):
                if isinstance(number := entry.get("name_ndx"), int):
                    self._of_class[number] = text(entry.get("name")).partition(",")[0].strip()
        elif places.is_file(file := folder / f"{image}_atr.txt"):
            for line in read_text(file, options, blank=True).splitlines():
                cells = [cell.strip() for cell in line.split("#")]
                if len(cells) >= 4 and cells[0].isdecimal() and cells[1].isdecimal():
                    name = cells[3].partition(",")[0].strip()
                    self._of_instance[int(cells[1]), int(cells[0])] = name

    def find(self, label: Label) -> str | None:
        """Return the name of a label."""
        return self._of_class.get(label.number) or self._of_instance.get((self._level, label.instance or 0))
