"""Label images of a source: found by their places, each with its kind and the names of its labels."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from heatgrid.io import places
from heatgrid.io.files import read_text, walk
from heatgrid.io.formats.masks.families import ALONE, CLASSES, FAMILIES, OBJECTS, PLAIN, Family, Kind, Place
from heatgrid.io.formats.masks.names import Names, find_names
from heatgrid.io.options import canonical_split, split_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from heatgrid.core.report import Report
    from heatgrid.io.options import ReadOptions

DEEPEST = 8
OTHER_KIND = "label images of another kind left out"


@dataclass(frozen=True, slots=True)
class LabelImage:
    """Files with the labels of an image: one, or several of equal rank (objects and parts of ADE20K)."""

    name: str
    files: tuple[Path, ...]
    family: Family
    kind: Kind
    split: str | None


def family_of(source: Path, inner: list[str]) -> tuple[Family, int, Place] | None:
    """Return the family of a file, its kind and its image, by the names of its folders and its own.

    ``inner`` are those in the source. Folders above the source tell known data sets only.
    """
    for family in FAMILIES:
        outer = source.parts[-1 if family is PLAIN else -3 :]
        parts = [*outer, *inner]
        for rank, kind in enumerate(family.kinds):
            if (place := kind.find(parts)) is not None:
                return family, rank, place
    return None


def label_files(path: Path, report: Report) -> Iterator[tuple[Path, Family, int, Place]]:
    """Yield the label images below a folder, with their families."""
    for parent, names in walk(path, DEEPEST, report):
        folders = Path(parent).relative_to(path).parts
        for name in names:
            if name.lower().endswith(".png") and (found := family_of(path, [*folders, name])) is not None:
                yield Path(parent, name), *found


@places.listed_once()
def find_label_images(path: Path, options: ReadOptions, report: Report) -> list[LabelImage]:
    """Return the images of a file, or of a folder: of known places, or else all of its PNG images."""
    if places.is_file(path):
        folders = [folder.name for folder in reversed(path.absolute().parents[:3])]
        family, rank, (_, name) = family_of(path.absolute().parent, [path.name]) or (
            ALONE,
            0,
            ("", path.stem),
        )
        return [LabelImage(name, (path,), family, family.kinds[rank], split_of(folders[::-1]))]
    found = list(label_files(path, report))
    if not found:
        found = [
            (Path(parent, name), ALONE, 0, (str(Path(parent).relative_to(path)), name[:-4]))
            for parent, names in walk(path, DEEPEST, report)
            for name in names
            if name.lower().endswith(".png")
        ]
    chosen: dict[tuple[str, Place], tuple[int, list[Path]]] = {}
    family_by_title = {family.title: family for _, family, _, _ in found}
    left_out: list[Path] = []
    for file, family, rank, place in found:
        best, files = chosen.setdefault((family.title, place), (rank, []))
        if rank == best:
            files.append(file)
        else:
            left_out += files if rank < best else [file]
            if rank < best:
                chosen[family.title, place] = rank, [file]
    left_out = [file for file in left_out if CLASSES not in file.parts]  # which are read with objects
    if left_out:
        report.note(OTHER_KIND, len(left_out), str(left_out[0]))
    sets = _image_sets(path, options)
    number = Counter(place[1] for _, place in chosen)
    images = []
    for (title, place), (rank, files) in chosen.items():
        around = [*place[0].split("/"), *place[1].split("/")[:-1]]
        split = sets.get(place[1]) or split_of([*reversed(around), path.name])
        name = place[1] if number[place[1]] == 1 else "/".join(filter(None, place))
        family = family_by_title[title]
        images.append(LabelImage(name, tuple(sorted(files)), family, family.kinds[rank], split))
    return images


def _image_sets(path: Path, options: ReadOptions) -> dict[str, str]:
    """Return the splits of images by the lists of Pascal VOC."""
    found: dict[str, str] = {}
    for parent, names in walk(path, 3):
        if parent.replace("\\", "/").endswith("/ImageSets/Segmentation"):
            splits = sorted(
                (name for name in names if name.endswith(".txt")), key=lambda name: name != "train.txt"
            )
            for name in splits:
                for line in read_text(Path(parent, name), options, blank=True).splitlines():
                    if line.strip():
                        found.setdefault(line.split()[0], canonical_split(name[:-4]))
    return found


class NameFinder:
    """Finds the names of labels; each folder is searched once."""

    def __init__(self, source: Path, options: ReadOptions) -> None:
        self._source, self._options = source, options
        self._found: dict[Path, Names | None] = {}

    def listed(self, folder: Path) -> Names | None:
        """Return the names in files, of a folder or those above it; None without any."""
        if folder not in self._found:
            top = self._source if places.is_dir(self._source) else folder
            self._found[folder] = find_names(folder, top, self._options)
        return self._found[folder]

    def names(self, image: LabelImage) -> tuple[Names, bool]:
        """Return the names of an image's labels, and whether a file lists them."""
        listed = self.listed(image.files[0].parent)
        if listed is None:
            return image.kind.names, False
        if image.kind.first:
            moved = {number + image.kind.first: name for number, name in listed.of_number.items()}
            listed = replace(listed, of_number=image.kind.names.of_number | moved, void=image.kind.names.void)
        return listed, True

    def class_file(self, image: LabelImage) -> Path | None:
        """Return the file of an image's classes, if its own file holds objects of Pascal VOC."""
        parts = [CLASSES if part == OBJECTS else part for part in image.files[0].parts]
        other = Path(*parts)
        return other if places.is_file(other) else None
