"""VOC's folders: XML files below ``Annotations``, splits in ``ImageSets``; or bare folders of XML files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from heatgrid.errors import FormatError
from heatgrid.io.files import decode, read_bytes, walk
from heatgrid.io.options import canonical_split, split_of

if TYPE_CHECKING:
    from heatgrid.core.report import Report
    from heatgrid.io.options import ReadOptions

ImageFile = tuple[str, Path]
"""An image's name, and its XML file."""

_SET_FOLDERS = ("Main", "CLS-LOC", "DET", "")
_CLASS_LIST = re.compile(r".+_(?:train|val|trainval|test)")
_ORDER = ("train", "val", "test")
_DEEPEST = 6


def find_files(path: Path, options: ReadOptions, report: Report) -> dict[str | None, list[ImageFile]]:
    """Return the XML files of each split.

    Raises
    ------
    FormatError
        There are none.
    """
    if path.is_file():
        return {split_of([path.parent.name]): [(path.stem, path)]}
    splits: dict[str | None, list[ImageFile]] = {}
    for holder in _holders(path):
        files = _xml_files(holder)
        sets = _image_sets(holder.parent / "ImageSets", options) if holder.name == "Annotations" else {}
        _note_missing(sets, files, report, holder)
        split_of_name = {name: split for split, names in reversed(sets.items()) for name in names}
        around = [folder.name for folder in (holder, holder.parent) if folder.is_relative_to(path)]
        for name, file in files.items():
            split = split_of_name.get(name) or split_of_name.get(file.stem)
            if not sets:
                split = split_of([*name.split("/")[-2::-1], *around])
            splits.setdefault(split, []).append((name, file))
    if not splits:
        raise FormatError("no XML files", path)
    order = [*_ORDER, *sorted(split for split in splits if split is not None), None]
    return {split: splits[split] for split in dict.fromkeys(order) if split in splits}


def _holders(folder: Path) -> list[Path]:
    """Return the outermost folders called Annotations, or else the folder itself."""
    found: list[Path] = []
    for parent, _ in walk(folder, 3):
        path = Path(parent)
        if path.name == "Annotations" and not any(path.is_relative_to(holder) for holder in found):
            found.append(path)
    return found or [folder]


def _xml_files(folder: Path) -> dict[str, Path]:
    """Return the XML files below a folder by their path in it, without suffix."""
    found: dict[str, Path] = {}
    for parent, files in walk(folder, _DEEPEST):
        inner = Path(parent).relative_to(folder)
        for name in files:
            if name.lower().endswith(".xml"):
                found[(inner / name[:-4]).as_posix()] = Path(parent, name)
    return found


def _image_sets(folder: Path, options: ReadOptions) -> dict[str, list[str]]:
    """Return the names in each list of images: those asked for first, then train, val and test.

    An image in several lists belongs to the first of them; ``trainval``, which repeats two others, is last.
    """
    sets: dict[str, list[str]] = {}
    holder = next((folder / name for name in _SET_FOLDERS if any((folder / name).glob("*.txt"))), None)
    for file in sorted(holder.glob("*.txt")) if holder is not None else ():
        if not _CLASS_LIST.fullmatch(file.stem):
            lines = decode(read_bytes(file, options, blank=True)).splitlines()
            names = [line.split()[0].removesuffix(".xml") for line in lines if line.strip()]
            sets[canonical_split(file.stem)] = names
    others = sorted(sets, key=lambda split: (split == "trainval", split))
    order = dict.fromkeys([*(options.splits or ()), *_ORDER, *others])
    return {split: sets[split] for split in order if split in sets}


def _note_missing(sets: dict[str, list[str]], files: dict[str, Path], report: Report, holder: Path) -> None:
    there = {*files, *(file.stem for file in files.values())}
    missing = [
        name for name in dict.fromkeys(name for names in sets.values() for name in names) if name not in there
    ]
    for name in missing[:5]:
        report.note("image listed in ImageSets, but without an XML file", where=f"{holder}: {name}")
    report.note("image listed in ImageSets, but without an XML file", len(missing[5:]))
