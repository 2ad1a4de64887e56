"""Finding a YOLO data set's splits, label files and classes from whatever path is given."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from heatgrid.errors import FormatError
from heatgrid.io.detect import Probe
from heatgrid.io.files import decode, inside, read_bytes, read_head, walk
from heatgrid.io.formats.yolo.config import Config, names_near, read_darknet, read_names, read_yaml
from heatgrid.io.formats.yolo.folders import (
    LabeledImage,
    images_in,
    images_listed,
    is_label_file,
    labels_of,
    locate,
    looks_like_rows,
)
from heatgrid.io.number_rows import ClassTable
from heatgrid.io.options import split_in, split_of

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.core.report import Report
    from heatgrid.io.options import ReadOptions

_DEEPEST = 6
_CONFIG_SUFFIXES = (".yaml", ".yml", ".data")


@dataclass(frozen=True, slots=True)
class Layout:
    """A data set: images with their label files by split, classes, keypoints a pose."""

    splits: dict[str | None, list[LabeledImage]]
    classes: ClassTable
    keypoints: tuple[int, int] | None = None


def find_layout(path: Path, options: ReadOptions, report: Report) -> Layout:
    """Find the label files that a configuration, a folder, a list of images or a label file stands for.

    Raises
    ------
    FormatError
        There are none.
    """
    config = find_config(path)
    if config is not None:
        return _configured(config, options, report)
    if path.is_dir():
        return _plain_folder(path, options)
    names = names_near(path.parent, options)
    if looks_like_rows(read_bytes(path, options, blank=True)[:4096]) or is_blank(path):
        return Layout({split_of([path.parent.name]): [(path.stem, str(path))]}, ClassTable(names))
    images = _listed(path, [path.parent], path.parent.resolve(), options, report)
    return Layout({split_in(path.stem): images}, ClassTable(names))


def is_blank(path: Path) -> bool:
    """Tell whether a file is empty: a label file of an image without objects."""
    return path.stat().st_size == 0


def find_config(path: Path) -> Path | None:
    """Return the configuration that a path is or, being a folder, holds."""
    if path.is_file():
        return path if path.suffix.lower() in _CONFIG_SUFFIXES else None
    found = [
        file for file in sorted(path.iterdir()) if file.suffix.lower() in _CONFIG_SUFFIXES and is_config(file)
    ]
    return min(found, key=lambda file: (file.name not in ("data.yaml", "obj.data"), file.name), default=None)


def is_config(path: Path) -> bool:
    """Tell whether a file has the keys of a YOLO configuration."""
    if not path.is_file():
        return False
    lines = decode(read_head(path, 1 << 16)).splitlines()
    mark = "=" if path.suffix.lower() == ".data" else ":"
    keys = {
        line.partition(mark)[0].strip(" \t'\"") for line in lines if mark in line and line[:1] not in " #"
    }
    return len(keys & {"train", "val", "valid", "test", "names", "nc", "classes", "path"}) >= 2


def _configured(path: Path, options: ReadOptions, report: Report) -> Layout:
    """Follow the entries of a ``data.yaml`` or ``obj.data``."""
    base = path.parent
    if path.suffix.lower() == ".data":
        config, names = read_darknet(path, options)
        listed = locate_file(names, base)
        config.names = read_names(listed, options) if listed is not None else names_near(base, options)
    else:
        config = read_yaml(path, options)
    allowed = base.resolve().parent
    roots = _roots(config, base)
    splits: dict[str | None, list[LabeledImage]] = {}
    read: set[Path] = set()
    for split, entries in config.splits.items():
        for entry in entries if options.wants(split) else ():
            found = locate(entry, roots, allowed)
            if found is None:
                report.note(f"split {split} not found", where=f"{path}: {entry}")
                continue
            if found in read:
                report.note(f"entry read for another split already: {found.name}", where=f"{path}: {entry}")
                continue
            read.add(found)
            lists = [found.parent, *roots]
            images = _listed(found, lists, allowed, options, report) if found.is_file() else images_in(found)
            splits.setdefault(split, []).extend(images)
    for folder in _labels_unnamed(config, base, roots, allowed):
        report.note("folder of labels that no split names, left out", where=str(folder))
    options.note_splits_absent(config.splits, report, path)
    wanted = [split for split in config.splits if options.wants(split)]
    if not splits and (wanted or not config.splits):
        said = ", ".join(entry for split in wanted for entry in config.splits[split])
        message = (
            f"no images and no label files found for its entries ({said or 'it has no train, val or test'})"
        )
        raise FormatError(message, path)
    return Layout(splits, ClassTable(config.names), config.keypoints)


def _labels_unnamed(config: Config, base: Path, roots: list[Path], allowed: Path) -> list[Path]:
    """Return folders of labels beside a configuration that none of its entries, all folders, stands for."""
    entries = [locate(entry, roots, allowed) for entries in config.splits.values() for entry in entries]
    found = [entry for entry in entries if entry is not None]
    if not found or any(entry.is_file() for entry in found):  # a list may name files wherever they are
        return []
    named = {folder.resolve() for entry in found for folder in (entry, labels_of(entry), entry / "labels")}
    beside = [folder / "labels" for folder in _folders_in(base)] + _folders_in(base / "labels")
    return [
        folder
        for folder in beside
        if not any(_overlap(folder.resolve(), other) for other in named)
        and any(is_label_file(str(file.path)) for file in Probe(folder).sample(".txt", depth=1))
    ]


def _folders_in(folder: Path) -> list[Path]:
    """Return the folders in one, hidden ones passed over; none where it is no folder."""
    _, names, _ = next(os.walk(folder), ("", [], []))
    return [folder / name for name in sorted(names) if name[0] != "."]


def _overlap(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _roots(config: Config, base: Path) -> list[Path]:
    """List where the paths of a configuration may begin."""
    roots = [base]
    if config.root:
        said = base / config.root.replace("\\", "/")
        roots = [said, base]
        if os.path.isdir(base / said.name):  # noqa: PTH112 - unlike a Path, it takes any text for a path
            roots.insert(1, base / said.name)
    return roots


def locate_file(entry: str, base: Path) -> Path | None:
    """Return the file that an entry like ``data/obj.names`` means, with folders dropped where needed."""
    parts = [part for part in entry.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    for skip in range(len(parts)):
        path = base.joinpath(*parts[skip:])
        if inside(path, base.resolve()) and os.path.isfile(path):  # noqa: PTH113 - as above
            return path
    return None


def _listed(
    path: Path, roots: list[Path], allowed: Path, options: ReadOptions, report: Report
) -> list[LabeledImage]:
    """Follow a list of images, one path a line."""
    lines = [line.strip() for line in decode(read_bytes(path, options)).splitlines()]
    images, foreign = images_listed([line for line in lines if line], roots, allowed)
    for line in foreign:
        report.note("listed path outside the data set's folder ignored", where=f"{path}: {line}")
    if not any(label for _, label in images):
        message = f"none of the {len(images) + len(foreign)} images listed has a label file"
        raise FormatError(message, path)
    return images


def _plain_folder(folder: Path, options: ReadOptions) -> Layout:
    """Take all label files in a folder: below its ``labels`` folders, or wherever they are."""
    holders: list[Path] = []
    names = names_near(folder, options)
    if not names and folder.name == "labels":
        names = names_near(folder.parent, options)
    for parent, _ in walk(folder, _DEEPEST):
        path = folder.__class__(parent)
        if (path / "labels").is_dir() and not any(
            path.is_relative_to(holder / "labels") for holder in holders
        ):
            holders.append(path)
        names = names or names_near(path, options)
    splits: dict[str | None, list[LabeledImage]] = {}
    around = [folder.name, folder.parent.name if folder.name in ("images", "labels") else ""]
    for holder in holders or [folder]:
        inner = holder.relative_to(folder).parts[::-1]
        for name, label in images_in(holder):
            split = split_of([*name.split("/")[-2::-1], *inner, *around])
            splits.setdefault(split, []).append((name, label))
    if not any(label for images in splits.values() for _, label in images):
        raise FormatError("no label files", folder)
    return Layout(splits, ClassTable(names))
