"""YOLO data sets: configuration files, class names, and the images of each split."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io import places
from heatgrid.io.files import IMAGE_SUFFIXES, decode_head, inside, read_bytes, read_head, read_text, walk
from heatgrid.io.formats.yolo.folders import (
    NAME_FILES,
    LabeledImage,
    images_in,
    images_listed,
    is_label_file,
    labels_of,
    locate,
    looks_like_rows,
)
from heatgrid.io.options import ReadOptions, canonical_split, split_in, split_of
from heatgrid.io.parse import as_dict, as_list
from heatgrid.io.registry import Probe
from heatgrid.io.text_rows import NumberedClasses

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.core.report import Report

CONFIG_SUFFIXES = (".yaml", ".yml", ".data")
_CONFIG_KEYS = {"train", "val", "valid", "test", "names", "nc", "classes", "path"}
_SPLITS = ("train", "val", "valid", "validation", "test", "minival")
_MOST_ENTRIES = 1000
_LONGEST_PATH = 4096


@dataclass(frozen=True, slots=True)
class Dataset:
    """Images with their label files by split; ``keypoints`` per pose and numbers per keypoint, if known."""

    source: str
    splits: dict[str | None, list[LabeledImage]]
    classes: NumberedClasses
    keypoints: tuple[int, int] | None = None


@places.listed_once()
def find_dataset(path: Path, options: ReadOptions, report: Report) -> Dataset:
    """Find the label files of a configuration, a folder, a list of images or a label file."""
    config = _find_config(path)
    if config is not None:
        return _read_configured(path, config, options, report)
    if places.is_dir(path):
        return _read_folder(path, options, report)
    classes = NumberedClasses(_names_in(path.parent, options))
    head = read_bytes(path, options, blank=True)[:4096]
    if not head or looks_like_rows(head):  # an empty label file has no objects
        return Dataset(str(path), {split_of([path.parent.name]): [(path.stem, str(path))]}, classes)
    images = _read_list(path, [path.parent], path.parent.resolve(), options, report)
    return Dataset(str(path), {split_in(path.stem): images}, classes)


def _find_config(path: Path) -> Path | None:
    """Return the configuration that a file is, or that a folder contains."""
    if places.is_file(path):
        return path if path.suffix.lower() in CONFIG_SUFFIXES else None
    names = [name for _, names in walk(path, 0) for name in names if name.lower().endswith(CONFIG_SUFFIXES)]
    found = [file for file in (path / name for name in names) if is_config(file)]
    return min(found, key=lambda file: (file.name not in ("data.yaml", "obj.data"), file.name), default=None)


def is_config(path: Path) -> bool:
    """Return whether a file has the keys of a YOLO configuration."""
    if not places.is_file(path):
        return False
    lines = decode_head(read_head(path, 1 << 16)).splitlines()
    mark = "=" if path.suffix.lower() == ".data" else ":"
    keys = {
        line.partition(mark)[0].strip(" \t'\"") for line in lines if mark in line and line[:1] not in " #"
    }
    return len(keys & _CONFIG_KEYS) >= 2


@dataclass(slots=True)
class _Config:
    """Contents of a configuration file: its entries are folders, or lists of images."""

    names: dict[int, str] = field(default_factory=dict)
    entries: dict[str, list[str]] = field(default_factory=dict)
    root: str = ""
    keypoints: tuple[int, int] | None = None


def _read_yaml(path: Path, options: ReadOptions) -> _Config:
    """Read a ``data.yaml`` (https://docs.ultralytics.com/datasets/detect/#ultralytics-yolo-format)."""
    import yaml

    content = read_text(path, options)
    if len(content) > options.limits.config_bytes:
        raise FormatError(f"more than limits.config_bytes={options.limits.config_bytes:,}", path)
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        document = yaml.load(content, loader)  # noqa: S506  # both are safe
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FormatError(f"broken YAML: {error.problem}", path, f"line {line}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise FormatError(f"broken YAML: {error}", path) from error
    if not isinstance(document, dict):
        raise FormatError("expected a mapping with train, val and names", path)
    if len(as_list(document.get("names")) or as_dict(document.get("names"))) > options.limits.classes:
        raise FormatError(f"more than limits.classes={options.limits.classes:,} names", path, "names")
    config = _Config(names=_class_names(document), keypoints=_keypoints(document.get("kpt_shape")))
    if isinstance(document.get("path"), str):
        config.root = document["path"]
    for key in _SPLITS:
        entries = document.get(key)
        entries = entries if isinstance(entries, list) else [entries]
        if len(entries) > _MOST_ENTRIES:
            raise FormatError(f"more than {_MOST_ENTRIES} entries of one split", path, key)
        if found := [entry for entry in entries if isinstance(entry, str) and 0 < len(entry) < _LONGEST_PATH]:
            config.entries.setdefault(canonical_split(key), []).extend(found)
    return config


def _class_names(document: dict[Any, Any]) -> dict[int, str]:
    """Return the class names of ``names``, a list or mapping, or else of the count ``nc``."""
    names = document.get("names")
    items: Any = enumerate(names) if isinstance(names, list) else ()
    if isinstance(names, dict):
        items = names.items()
    found = {
        int(number): str(name)
        for number, name in items
        if str(number).isdecimal() and isinstance(name, str | int | float)
    }
    count = document.get("nc")
    if not found and isinstance(count, int) and 0 < count < 100_000:
        found = {number: f"class_{number}" for number in range(count)}
    return found


def _keypoints(shape: Any) -> tuple[int, int] | None:
    """Return ``kpt_shape`` if it is valid."""
    if isinstance(shape, list) and len(shape) == 2 and all(type(number) is int for number in shape):
        count, size = shape
        if 0 < count <= 10_000 and size in (2, 3):
            return count, size
    return None


def _read_darknet(path: Path, options: ReadOptions) -> _Config:
    """Read an ``obj.data`` file of ``key = value`` lines (https://github.com/AlexeyAB/darknet)."""
    values: dict[str, str] = {}
    for line in read_text(path, options).splitlines():
        key, separator, value = line.partition("=")
        if separator and not key.lstrip().startswith("#"):
            values[key.strip()] = value.strip()
    config = _Config()
    for key in _SPLITS:
        if values.get(key):
            config.entries.setdefault(canonical_split(key), []).append(values[key])
    parts = [
        part for part in values.get("names", "").replace("\\", "/").split("/") if part not in ("", ".", "..")
    ]
    for skip in range(len(parts)):  # the file may have moved: drop leading folders
        names = path.parent.joinpath(*parts[skip:])
        if inside(names, path.parent.resolve()) and places.is_file(names):
            config.names = _read_names(names, options)
            return config
    config.names = _names_in(path.parent, options)
    return config


def _read_names(path: Path, options: ReadOptions) -> dict[int, str]:
    """Read class names, one per line, numbered by their lines from 0."""
    lines = read_text(path, options, blank=True).splitlines()
    return {number: line.strip() for number, line in enumerate(lines) if line.strip()}


def _names_in(folder: Path, options: ReadOptions) -> dict[int, str]:
    """Read the first list of class names in a folder."""
    files = (folder / name for name in NAME_FILES)
    return next((_read_names(file, options) for file in files if places.is_file(file)), {})


def _read_configured(source: Path, path: Path, options: ReadOptions, report: Report) -> Dataset:
    """Follow the entries of a configuration."""
    base = path.parent
    config = (_read_darknet if path.suffix.lower() == ".data" else _read_yaml)(path, options)
    allowed = base.resolve().parent
    roots = _roots(config, base)
    splits: dict[str | None, list[LabeledImage]] = {}
    read: set[Path] = set()
    for split, entries in config.entries.items():
        listed = [entry for entry in entries if entry.lower().endswith(IMAGE_SUFFIXES)]
        if listed and options.wants(split):
            splits.setdefault(split, []).extend(_listed_images(listed, roots, allowed, path, report))
        for entry in entries if options.wants(split) else ():
            if entry in listed:
                continue
            found = locate(entry, roots, allowed)
            if found is None:
                report.note(f"split {split} not found", where=f"{path}: {entry}")
                continue
            if found.resolve() in read:
                report.note(f"entry read for another split already: {found.name}", where=f"{path}: {entry}")
                continue
            read.add(found.resolve())
            lists = [found.parent, *roots]
            images = (
                _read_list(found, lists, allowed, options, report)
                if places.is_file(found)
                else images_in(found, report)
            )
            splits.setdefault(split, []).extend(images)
    for folder in _unlisted_labels(config, base, roots, allowed):
        report.note("label folder without a split, ignored", where=str(folder))
    options.note_splits_absent(config.entries, report, path)
    wanted = [split for split in config.entries if options.wants(split)]
    if not splits and (wanted or not config.entries):
        named = ", ".join(entry for split in wanted for entry in config.entries[split])
        message = (
            f"no images and no label files found for its entries ({named or 'it has no train, val or test'})"
        )
        raise FormatError(message, path)
    return Dataset(str(source), splits, NumberedClasses(config.names), config.keypoints)


def _unlisted_labels(config: _Config, base: Path, roots: list[Path], allowed: Path) -> list[Path]:
    """Return folders of labels next to a configuration, all of whose entries are other folders."""
    entries = [locate(entry, roots, allowed) for entries in config.entries.values() for entry in entries]
    found = [entry for entry in entries if entry is not None]
    if not found or any(map(places.is_file, found)):  # a list may name files anywhere
        return []
    listed = {folder.resolve() for entry in found for folder in (entry, labels_of(entry), entry / "labels")}
    candidates = [folder / "labels" for folder in _folders_in(base)] + _folders_in(base / "labels")
    return [
        folder
        for folder in candidates
        if not any(
            other.is_relative_to(folder.resolve()) or folder.resolve().is_relative_to(other)
            for other in listed
        )
        and any(is_label_file(str(file.path)) for file in Probe(folder).sample(".txt", depth=1))
    ]


def _folders_in(folder: Path) -> list[Path]:
    """Return the folders in a folder, except hidden ones."""
    if not places.is_dir(folder):
        return []
    with places.scan(folder) as entries:
        return [
            folder / name
            for name in sorted(entry.name for entry in entries if entry.is_dir())
            if name[0] != "."
        ]


def _roots(config: _Config, base: Path) -> list[Path]:
    """Return the folders to which the paths of a configuration may be relative."""
    if not config.root:
        return [base]
    root = base / config.root.replace("\\", "/")
    moved = [base / root.name] if places.is_dir(base / root.name) else []
    return [root, *moved, base]


def _read_list(
    path: Path, roots: list[Path], allowed: Path, options: ReadOptions, report: Report
) -> list[LabeledImage]:
    """Read a list of images, one path per line."""
    lines = [line.strip() for line in read_text(path, options).splitlines()]
    return _listed_images([line for line in lines if line], roots, allowed, path, report)


def _listed_images(
    names: list[str], roots: list[Path], allowed: Path, path: Path, report: Report
) -> list[LabeledImage]:
    """Return the images that a list or a configuration names."""
    images, foreign = images_listed(names, roots, allowed)
    for name in foreign:
        report.note("listed path outside the data set's folder ignored", where=f"{path}: {name}")
    if not any(label for _, label in images):
        raise FormatError(f"none of the {len(images) + len(foreign)} images listed has a label file", path)
    return images


def _read_folder(folder: Path, options: ReadOptions, report: Report) -> Dataset:
    """Take all label files in a folder: those below ``labels`` folders, or else all."""
    holders: list[Path] = []
    names = _names_in(folder, options)
    if not names and folder.name == "labels":
        names = _names_in(folder.parent, options)
    for parent, _ in walk(folder):
        path = folder.__class__(parent)
        if places.is_dir(path / "labels") and not any(
            path.is_relative_to(holder / "labels") for holder in holders
        ):
            holders.append(path)
        names = names or _names_in(path, options)
    splits: dict[str | None, list[LabeledImage]] = {}
    around = [folder.name, folder.parent.name if folder.name in ("images", "labels") else ""]
    for holder in holders or [folder]:
        inner = holder.relative_to(folder).parts[::-1]
        for name, label in images_in(holder, report):
            split = split_of([*name.split("/")[-2::-1], *inner, *around])
            splits.setdefault(split, []).append((name, label))
    if not any(label for images in splits.values() for _, label in images):
        raise FormatError("no label files", folder)
    return Dataset(str(folder), splits, NumberedClasses(names))
