"""Which label file belongs to which image: YOLO's rules about folders."""

from __future__ import annotations

import os
import re
from functools import cache
from itertools import chain, product
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from heatgrid.formats.probe import Probe
from heatgrid.formats.sizes import IMAGE_SUFFIXES
from heatgrid.formats.splits import SYNONYMS, canonical_split
from heatgrid.formats.yolo_config import NAME_FILES

if TYPE_CHECKING:
    from collections.abc import Iterator

LabeledImage = tuple[str, str | None]
"""An image's name, and its label file if it has one."""

_NOT_LABELS = re.compile(r"readme.*|notes?|license.*|requirements")
_NOT_LABEL_INITIALS = "rnl"
_LISTS = ("train", "val", "valid", "test", "trainval")
_DEEPEST = 6


def looks_like_rows(head: bytes) -> bool:
    """Tell whether a text begins with a row of a class number and normalised coordinates."""
    for line in head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 50)[:50]:
        tokens = line.split()
        if not tokens:
            continue
        try:
            number, *coordinates = map(float, tokens)
        except ValueError:
            return False
        return (
            len(coordinates) >= 4
            and number >= 0
            and number % 1 == 0
            and all(abs(x) <= 2 for x in coordinates)
        )
    return False


def is_label_file(path: str) -> bool:
    """Tell label files from the other text files that lie among them, by name, in doubt by content."""
    name = path.rpartition(os.sep)[2]
    stem = name[:-4].lower()
    if name in NAME_FILES or (stem[:1] in _NOT_LABEL_INITIALS and _NOT_LABELS.fullmatch(stem)):
        return False
    return stem not in _LISTS or looks_like_rows(Probe(Path(path)).head)


def labels_of(images: Path) -> Path:
    """Return the folder of the labels of a folder of images: the last ``images`` replaced by ``labels``."""
    return _swap_last(images, "images", "labels")


def _swap_last(path: Path, old: str, new: str) -> Path:
    parts = list(path.parts)
    for i in range(len(parts) - 1, -1, -1):
        if parts[i] == old:
            parts[i] = new
            return Path(*parts)
    return path


def walk(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each folder in a folder and the names of its files, in order, links not followed."""
    depth = len(folder.parts) + _DEEPEST
    for parent, folders, files in os.walk(folder):
        folders[:] = (
            sorted(name for name in folders if name[0] != ".") if len(Path(parent).parts) < depth else []
        )
        yield parent, sorted(files)


def _relative_files(folder: Path, suffixes: tuple[str, ...]) -> dict[str, str]:
    """Return the paths of files, by their path in the folder without suffix."""
    found: dict[str, str] = {}
    for parent, files in walk(folder):
        inner = os.path.relpath(parent, folder)
        prefix = "" if inner == "." else inner.replace(os.sep, "/") + "/"
        for name in files:
            stem, suffix = os.path.splitext(name)  # noqa: PTH122 - once for each of many files
            if suffix.lower() in suffixes:
                found[prefix + stem] = f"{parent}{os.sep}{name}"
    return found


def images_in(folder: Path) -> list[LabeledImage]:
    """Pair the images of a folder with their labels; labels without an image at hand stand for it.

    Parameters
    ----------
    folder
        A folder of images, of labels, of both side by side, or with ``images`` and ``labels`` in it.
    """
    last = next((part for part in reversed(folder.parts) if part in ("images", "labels")), "")
    if (folder / "labels").is_dir():
        images, labels = folder / "images", folder / "labels"
    elif last == "labels":
        images, labels = _swap_last(folder, "labels", "images"), folder
    else:
        images, labels = folder, labels_of(folder)
    pictures = _relative_files(images, IMAGE_SUFFIXES)
    if not labels.is_dir() and images.is_dir():
        labels = images
    texts = {stem: path for stem, path in _relative_files(labels, (".txt",)).items() if is_label_file(path)}
    names = {stem: stem + os.path.splitext(path)[1] for stem, path in pictures.items()}  # noqa: PTH122
    return [(names.get(stem, stem), texts.get(stem)) for stem in sorted(names.keys() | texts.keys())]


def _has_data(path: Path) -> bool:
    """Tell whether a path is a list of images, or a folder of images or labels, at hand."""
    if path.is_file():
        return path.suffix.lower() == ".txt"
    suffixes = (".txt", *IMAGE_SUFFIXES)
    return any(next(Probe(folder).files(*suffixes), None) for folder in {path, labels_of(path)})


def candidates(entry: str, roots: list[Path]) -> Iterator[Path]:
    """Yield the places that an entry of a configuration may mean, the literal one first.

    Many data sets are moved after their configuration is written: leading ``..`` and foreign folders are
    dropped then, up to the word that names the split, and ``valid`` may be called ``val`` or ``validation``.
    """
    path = PurePosixPath(entry.replace("\\", "/"))
    if path.is_absolute():
        yield Path(path)
    else:
        yield from (root / path for root in roots)
    parts = _plain_parts(path)
    named = next((i for i, part in enumerate(parts) if canonical_split(part) in SYNONYMS), None)
    for skip in range(len(parts) if named is None else named + 1):
        yield from (root.joinpath(*parts[skip:]) for root in roots)
    if named is not None:
        for skip in range(named + 1):
            for word in SYNONYMS[canonical_split(parts[named])]:
                yield from (root.joinpath(*parts[skip:named], word, *parts[named + 1 :]) for root in roots)


def _plain_parts(path: PurePosixPath) -> list[str]:
    """Return a path's names, without what makes it absolute or leads out of a folder."""
    return [part for part in path.parts if part not in (".", "..", "/") and not part.endswith(":")]


def locate(entry: str, roots: list[Path], allowed: Path) -> Path | None:
    """Return the first place of an entry that holds data and lies in the folder allowed, or None."""
    for candidate in candidates(entry, roots):
        path = Path(os.path.normpath(candidate))
        if _inside(path, allowed) and _has_data(path):
            return path
    return None


def _inside(path: Path, allowed: Path) -> bool:
    return path.resolve().is_relative_to(allowed)


def images_listed(lines: list[str], roots: list[Path], allowed: Path) -> tuple[list[LabeledImage], list[str]]:
    """Find the label files of a list of images.

    Returns
    -------
    images
        Each listed image, with its label file where there is one.
    foreign
        The lines that point outside the folder allowed.
    """
    inside = cache(lambda folder: _inside(Path(folder), allowed))
    paths = [PurePosixPath(line.replace("\\", "/")) for line in lines]
    labels: list[str | None] = []
    root = roots[0]  # where the last label was found,
    dropped: tuple[str, ...] = ()  # and without which leading folders
    for path in paths:
        label = None
        for place, skip in chain([(root, len(dropped))], product(roots, range(len(path.parts)))):
            text = _label_of(os.path.normpath(place.joinpath(*path.parts[skip:])))
            if text is not None and inside(os.path.dirname(text)):  # noqa: PTH120 - for each line
                label, root, dropped = text, place, path.parts[:skip]
                break
        labels.append(label)
    images: list[LabeledImage] = []
    foreign: list[str] = []
    for path, label in zip(paths, labels, strict=True):
        skip = len(dropped) if path.parts[: len(dropped)] == dropped else 0
        expected = os.path.normpath(root.joinpath(*path.parts[skip:]))
        if label is None and not inside(os.path.dirname(expected)):  # noqa: PTH120 - for each line
            foreign.append(str(path))
        else:
            images.append(("/".join(_plain_parts(path)), label))
    return images, foreign


def _label_of(image: str) -> str | None:
    """Return the label file of an image's path, if it exists."""
    folder, name = os.path.split(image)
    stem = os.path.splitext(name)[0]  # noqa: PTH122 - for each line
    for labels in dict.fromkeys((str(labels_of(Path(folder))), folder)):
        text = f"{labels}{os.sep}{stem}.txt"
        if os.path.isfile(text):  # noqa: PTH113 - for each line
            return text
    return None
