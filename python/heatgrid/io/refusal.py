"""Error message for sources of unknown format: content, nearest format, and the option that may help."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from heatgrid.io import places
from heatgrid.io.files import walk
from heatgrid.io.options import ReadOptions
from heatgrid.io.parse import read_json
from heatgrid.io.records import are_records, parse_line
from heatgrid.io.registry import FORMATS, get
from heatgrid.io.xml_files import read_xml

if TYPE_CHECKING:
    from heatgrid.io.registry import FormatName, Probe

_ARRAYS = "arrays of NumPy: pass numpy.load(...), boxes or masks (saved maps are read by heatgrid.load)"
_ELSEWHERE = {
    ".gdb": "a file of a geodatabase: convert it to a GeoPackage, or read it by geopandas.read_file",
    ".mat": "a file of MATLAB: read it by scipy.io.loadmat and pass the boxes as an array or a table",
    ".npy": _ARRAYS,
    ".npz": _ARRAYS,
    ".h5": "an HDF5 file: read it by h5py and pass the boxes as an array or a table",
    ".pkl": "a pickle, which could run any program: pass the object that it holds",
}
"""Advice on files that other libraries read, by their suffix."""

UNKNOWN_FORMAT = "unknown format; `heatgrid formats` lists the known ones"

_COLUMNS = "name the columns of image, class, x1, y1, x2, y2 ... with format='tables' and columns="
_YOLO_ROW = re.compile(rb"\s*\d+(?:[ \t]+-?\d+(?:\.\d*)?){4,}[ \t]*(?:[\r\n]|$)")
_HEADER = 200  # characters of a table's header that a message repeats
_MOST = 8  # keys or kinds of files that a message names
_ENTRIES = 10_000
_ARCHIVE_SUFFIXES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst")


def describe_unknown(probe: Probe) -> str:
    """Return the reason why a source is not read; raise FormatError, with the line, if it is broken."""
    if probe.is_dir:
        return _describe_folder(probe)
    if probe.json_keys:
        return _describe_json(probe)
    if probe.xml_root:
        read_xml(probe.path, ReadOptions())
        return f"XML with the root <{probe.xml_root}>: {UNKNOWN_FORMAT}"
    if probe.text.strip() in (b"[]", b"{}"):
        return "JSON without any content"
    if probe.suffix in (".csv", ".tsv"):
        header, *_ = probe.text.decode("utf-8", "replace").splitlines() or [""]
        return f"a table with the header {header[:_HEADER]}: {UNKNOWN_FORMAT}; {_COLUMNS}"
    return _ELSEWHERE.get(probe.suffix, UNKNOWN_FORMAT)


def _describe_folder(probe: Probe) -> str:
    names = [*islice((name for _, names in walk(probe.path) for name in names), _ENTRIES)]
    if not names:
        return "an empty folder"
    archives = [name for name in names if name.lower().endswith(_ARCHIVE_SUFFIXES)]
    if archives:
        held = f"a folder with {len(archives):,} archives ({', '.join(archives[:_MOST])})"
        if places.is_inner(probe.path):
            return f"{held} inside an archive, which are not read; unpack it first"
        return f"{held}; give one of them, or all of them one by one"
    kinds = Counter(name[name.rfind(".") :].lower() if "." in name else "" for name in names)
    counts = ", ".join(f"{count:,} {kind or 'without suffix'}" for kind, count in kinds.most_common(_MOST))
    known = next((name for name in sorted(names) if name[name.rfind(".") :].lower() in _ELSEWHERE), None)
    hint = "" if known is None else f"; {known} is {_ELSEWHERE[known[known.rfind('.') :].lower()]}"
    if not hint and kinds.most_common(1)[0][0] in (".png", ".txt"):
        hint = _describe_kind(probe)
    return f"a folder of files ({counts}): {UNKNOWN_FORMAT}{hint}"


def _describe_kind(probe: Probe) -> str:
    """Return a hint about a folder of PNG files, or of text that looks like YOLO's but for its numbers."""
    texts = probe.sample(".txt")
    if not texts:
        return "; if these are label images, whose pixels are classes: format='masks'"
    if all(_YOLO_ROW.match(text.head) for text in texts):
        return "; rows as in YOLO's labels, but with numbers that are not shares of the image from 0 to 1"
    return ""


def _describe_json(probe: Probe) -> str:
    """Describe JSON by its keys; JSON Lines need not be JSON as a whole."""
    lines = [line for line in probe.text.decode("utf-8", "replace").splitlines()[:_MOST] if line.strip()]
    is_lines = len(lines) > 1 and are_records(lines)
    if not is_lines:
        read_json(probe.path, ReadOptions())
    keys = sorted(probe.json_keys, key=lambda key: (key.count("."), key))
    kind = "JSON Lines" if is_lines else "JSON"
    seen = ", ".join(keys[:_MOST]) + (", …" if len(keys) > _MOST else "")
    parts = [f"{kind} with the keys {seen}: {UNKNOWN_FORMAT}"]
    if nearest := _nearest(probe):
        name, missing = nearest
        parts.append(f"the nearest is {name}, which also has {' and '.join(sorted(missing))}")
    if is_lines and isinstance(parse_line(lines[0]), dict):
        parts.append(_COLUMNS.replace("columns of", "keys of"))
    return "; ".join(parts)


def _nearest(probe: Probe) -> tuple[FormatName, set[str]] | None:
    """Return the format that lacks the fewest of its keys, at most half of them, and these keys."""
    found = probe.json_keys
    best: tuple[float, FormatName, set[str]] | None = None
    for name in FORMATS:
        for keys in get(name).SIGNATURE.json_keys:
            wanted = {key.removeprefix("*").removeprefix(".") for key in keys}
            missing = wanted - found
            share = len(missing) / len(wanted)
            if len(wanted) > 1 and 0 < share <= 0.5 and (best is None or share < best[0]):
                best = share, name, missing
    return None if best is None else best[1:]
