"""YOLO's configuration files: ``data.yaml``, Darknet's ``obj.data``, and lists of class names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io.files import decode, read_bytes
from heatgrid.io.options import canonical_split

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.io.options import ReadOptions

NAME_FILES = ("classes.txt", "obj.names", "_darknet.labels", "classes.names")
_LARGEST_CONFIG = 1 << 22
_MOST_ENTRIES = 1000
_LONGEST_PATH = 4096
_SPLITS = ("train", "val", "valid", "validation", "test", "minival")


@dataclass(slots=True)
class Config:
    """What a data set says of itself.

    Attributes
    ----------
    names
        Class names by number.
    splits
        The entries (folders, lists of images) of each split.
    root
        Where its paths begin, as it says.
    keypoints
        Keypoints a pose and numbers a keypoint.
    """

    names: dict[int, str] = field(default_factory=dict)
    splits: dict[str, list[str]] = field(default_factory=dict)
    root: str = ""
    keypoints: tuple[int, int] | None = None


def read_yaml(path: Path, options: ReadOptions) -> Config:
    """Read a ``data.yaml`` (https://docs.ultralytics.com/datasets/detect/#ultralytics-yolo-format).

    Raises
    ------
    FormatError
        It is no YAML, with the line where it breaks, or no mapping.
    """
    import yaml

    content = read_bytes(path, options)
    if len(content) > _LARGEST_CONFIG:
        raise FormatError("too large for a data set's configuration", path)
    try:
        document = yaml.safe_load(decode(content))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = f"broken YAML: {error.problem}"
        raise FormatError(message, path, f"line {line}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        message = f"broken YAML: {error}"
        raise FormatError(message, path) from error
    if not isinstance(document, dict):
        raise FormatError("expected a mapping with train, val and names", path)
    config = Config(names=_names(document), keypoints=_keypoints(document.get("kpt_shape")))
    if isinstance(document.get("path"), str):
        config.root = document["path"]
    for key in _SPLITS:
        entries = document.get(key)
        entries = entries if isinstance(entries, list) else [entries]
        if len(entries) > _MOST_ENTRIES:
            message = f"more than {_MOST_ENTRIES} entries of one split"
            raise FormatError(message, path, key)
        if found := [entry for entry in entries if isinstance(entry, str) and 0 < len(entry) < _LONGEST_PATH]:
            config.splits.setdefault(canonical_split(key), []).extend(found)
    return config


def _names(document: dict[Any, Any]) -> dict[int, str]:
    """Return the class names of a list or mapping; ``nc`` only where there are none."""
    names = document.get("names")
    items: Any = ()
    if isinstance(names, list):
        items = enumerate(names)
    elif isinstance(names, dict):
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
    if isinstance(shape, list) and len(shape) == 2 and all(type(number) is int for number in shape):
        count, size = shape
        if 0 < count <= 10_000 and size in (2, 3):
            return count, size
    return None


def read_darknet(path: Path, options: ReadOptions) -> tuple[Config, str]:
    """Read an ``obj.data`` file of ``key = value`` lines; return also where it says the class names are."""
    values: dict[str, str] = {}
    for line in decode(read_bytes(path, options)).splitlines():
        key, separator, value = line.partition("=")
        if separator and not key.lstrip().startswith("#"):
            values[key.strip()] = value.strip()
    config = Config()
    for key in _SPLITS:
        if values.get(key):
            config.splits.setdefault(canonical_split(key), []).append(values[key])
    return config, values.get("names", "")


def read_names(path: Path, options: ReadOptions) -> dict[int, str]:
    """Read class names, one a line, numbered by their lines from 0."""
    lines = decode(read_bytes(path, options, blank=True)).splitlines()
    return {number: line.strip() for number, line in enumerate(lines) if line.strip()}


def names_near(folder: Path, options: ReadOptions) -> dict[int, str]:
    """Return the class names of the first list of names that lies in a folder."""
    for name in NAME_FILES:
        if (folder / name).is_file():
            return read_names(folder / name, options)
    return {}
