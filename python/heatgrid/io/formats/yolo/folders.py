"""Label files of images: YOLO's rules about folders, and paths of data sets that have moved."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from heatgrid.errors import FormatError
from heatgrid.io import places
from heatgrid.io.files import IMAGE_SUFFIXES, inside, walk
from heatgrid.io.options import SYNONYMS, canonical_split
from heatgrid.io.registry import Probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from heatgrid.core.report import Report

LabeledImage = tuple[str, str | None]
"""An image's name, and its label file if it has one."""

NAME_FILES = ("classes.txt", "obj.names", "_darknet.labels", "classes.names")

_NOT_LABELS = re.compile(r"readme.*|notes?|license.*|requirements")
_LISTS = ("train", "val", "valid", "test", "trainval")
_TAIL = 8  # names at the end of a listed path that are tried
_MOST_PARTS = 32  # names at the end of an entry of a configuration that are tried


def looks_like_rows(head: bytes) -> bool:
    """Return whether a text begins with a row of a class number and normalized coordinates."""
    for line in head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 50)[:50]:
        tokens = line.split()
        if not tokens:
            continue
        try:
            number, *coordinates = map(float, tokens)
        except ValueError:
            return False
        if len(coordinates) > 4 and coordinates[-1] % 1 == 0:
            coordinates.pop()  # the number of a track
        return (
            len(coordinates) >= 4
            and number >= 0
            and number % 1 == 0
            and all(abs(x) <= 2 for x in coordinates)
        )
    return False


def is_label_file(path: str) -> bool:
    """Return whether a text file is a label file, judged by its name, in doubt by its content."""
    name = path.rpartition(os.sep)[2]
    stem = name[:-4].lower()
    if name in NAME_FILES or (stem[:1] in "rnl" and _NOT_LABELS.fullmatch(stem)):
        return False
    return stem not in _LISTS or looks_like_rows(Probe(Path(path)).head)


def labels_of(images: Path) -> Path:
    """Return the folder of labels for a folder of images: the last ``images`` becomes ``labels``."""
    return _swap_last(images, "images", "labels")


def _swap_last(path: Path, old: str, new: str) -> Path:
    parts = list(path.parts)
    for i in range(len(parts) - 1, -1, -1):
        if parts[i] == old:
            parts[i] = new
            return Path(*parts)
    return path


def _relative_files(folder: Path, suffixes: tuple[str, ...], report: Report | None = None) -> dict[str, str]:
    """Return the paths of files, by their path in the folder without suffix."""
    found: dict[str, str] = {}
    for parent, files in walk(folder, report=report):
        inner = os.path.relpath(parent, folder)
        prefix = "" if inner == "." else inner.replace(os.sep, "/") + "/"
        for name in files:
            stem, dot, suffix = name.rpartition(".")  # faster than Path; no name begins with a dot
            if dot + suffix.lower() in suffixes:
                found[prefix + stem] = f"{parent}{os.sep}{name}"
    return found


def images_in(folder: Path, report: Report) -> list[LabeledImage]:
    """Return the images of a folder with their label files; a label file without an image counts as one.

    It is a folder of images, of labels, of both, or with ``images`` and ``labels`` in it.
    """
    last = next((part for part in reversed(folder.parts) if part in ("images", "labels")), "")
    if places.is_dir(folder / "labels"):
        images, labels = folder / "images", folder / "labels"
    elif last == "labels":
        images, labels = _swap_last(folder, "labels", "images"), folder
    else:
        images, labels = folder, labels_of(folder)
    pictures = _relative_files(images, IMAGE_SUFFIXES)
    if not places.is_dir(labels) and places.is_dir(images):
        labels = images
    texts = {
        stem: path for stem, path in _relative_files(labels, (".txt",), report).items() if is_label_file(path)
    }
    names = {stem: stem + os.path.splitext(path)[1] for stem, path in pictures.items()}  # noqa: PTH122
    return [(names.get(stem, stem), texts.get(stem)) for stem in sorted(names.keys() | texts.keys())]


def _has_data(path: Path) -> bool:
    """Return whether a path is a list of images, or a folder with images or labels down to two levels."""
    if places.is_file(path):
        return path.suffix.lower() == ".txt"
    return any(_has_file(folder) for folder in {path, labels_of(path)} if places.is_dir(folder))


def _has_file(folder: Path, deepest: int = 2) -> bool:
    """Return whether a folder holds an image or a text file."""
    inner: list[Path] = []
    try:
        with places.scan(folder) as entries:
            for entry in entries:
                if entry.name[0] == ".":
                    continue
                if entry.is_dir():
                    inner += [] if entry.is_symlink() else [folder / entry.name]
                elif entry.name.lower().endswith((".txt", *IMAGE_SUFFIXES)):
                    return True  # mostly the first one
    except OSError as error:
        raise FormatError(error.strerror or str(error), folder) from error
    return deepest > 0 and any(_has_file(one, deepest - 1) for one in inner)


def candidates(entry: str, roots: list[Path]) -> Iterator[Path]:
    """Yield the paths that an entry of a configuration may mean, the literal one first.

    Data sets often move after their configuration is written: leading ``..`` and other folders are dropped,
    up to the word that names the split, and ``valid`` also means ``val`` and ``validation``.
    """
    path = PurePosixPath(entry.replace("\\", "/"))
    if path.is_absolute():
        yield Path(path)
    else:
        yield from (root / path for root in roots)
    parts = _plain_parts(path)[-_MOST_PARTS:]
    named = next((i for i, part in enumerate(parts) if canonical_split(part) in SYNONYMS), None)
    for skip in range(len(parts) if named is None else named + 1):
        yield from (root.joinpath(*parts[skip:]) for root in roots)
    if named is not None:
        for skip in range(named + 1):
            for word in SYNONYMS[canonical_split(parts[named])]:
                yield from (root.joinpath(*parts[skip:named], word, *parts[named + 1 :]) for root in roots)


def _plain_parts(path: PurePosixPath) -> list[str]:
    """Return the names in a path, without root, drive, and dots."""
    return [part for part in path.parts if part not in (".", "..", "/") and not part.endswith(":")]


def locate(entry: str, roots: list[Path], allowed: Path) -> Path | None:
    """Return the first path of an entry that contains data and is strictly below ``allowed``, or None."""
    for candidate in candidates(entry, roots):
        path = Path(os.path.normpath(candidate))
        if inside(path, allowed) and not inside(allowed, path.resolve()) and _has_data(path):
            return path
    return None


def images_listed(lines: list[str], roots: list[Path], allowed: Path) -> tuple[list[LabeledImage], list[str]]:
    """Return the images of a list with their label files, and the paths that lead out of ``allowed``."""
    paths = [PurePosixPath(line.replace("\\", "/")) for line in lines]
    finder = _LabelFinder(roots, allowed)
    labels = [finder.find(path) for path in paths]
    images: list[LabeledImage] = []
    foreign: list[str] = []
    for path, label in zip(paths, labels, strict=True):
        if label is None and finder.leads_out(path):
            foreign.append(str(path))
        else:
            images.append(("/".join(_plain_parts(path)), label))
    return images, foreign


class _LabelFinder:
    """Search for the label files of images listed with foreign paths, first where the previous one was."""

    def __init__(self, roots: list[Path], allowed: Path) -> None:
        self._roots = roots
        self._inside = cache(lambda folder: inside(folder, allowed))
        self._label_folders = cache(_label_folders)
        self._root = roots[0]
        self._dropped: tuple[str, ...] = ()
        self._found = False

    def find(self, path: PurePosixPath) -> str | None:
        """Return the label file of an image, or None."""
        parts = path.parts
        label = self._label(self._expected(path))
        if label is not None:
            self._found = True
            return label
        if self._found and self._label_folders(os.path.dirname(self._expected(path))):  # noqa: PTH120
            return None  # its folder exists: a background image
        for root in self._roots:
            for skip in (0, *range(max(1, len(parts) - _TAIL), len(parts))):
                label = self._label(os.path.normpath(root.joinpath(*parts[skip:])))
                if label is not None:
                    self._root, self._dropped, self._found = root, parts[:skip], True
                    return label
        return None

    def leads_out(self, path: PurePosixPath) -> bool:
        """Return whether a path, changed as the previous ones, leads out of the allowed folder."""
        return not self._inside(os.path.dirname(self._expected(path)))  # noqa: PTH120

    def _expected(self, path: PurePosixPath) -> str:
        """Return the path of an image, changed as the previous one."""
        skip = len(self._dropped) if path.parts[: len(self._dropped)] == self._dropped else 0
        return os.path.normpath(self._root.joinpath(*path.parts[skip:]))

    def _label(self, image: str) -> str | None:
        folder, name = os.path.split(image)
        stem = os.path.splitext(name)[0]  # noqa: PTH122
        for labels in self._label_folders(folder):
            text = f"{labels}{os.sep}{stem}.txt"
            if places.is_file(text) and self._inside(labels):
                return text
        return None


def _label_folders(images: str) -> list[str]:
    """Return the existing folders that may contain the labels of a folder of images."""
    folders = dict.fromkeys((str(labels_of(Path(images))), images))
    return [folder for folder in folders if places.is_dir(folder)]
