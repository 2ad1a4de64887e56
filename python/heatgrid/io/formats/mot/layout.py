"""MOT's folders: sequences, each with ground truth or detections and what ``seqinfo.ini`` says of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from heatgrid.errors import FormatError
from heatgrid.io.detect import Probe
from heatgrid.io.files import decode, read_bytes, walk
from heatgrid.io.number_rows import first_rows
from heatgrid.io.sizes import UNKNOWN, ImageSizes
from heatgrid.io.splits import split_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from heatgrid.core.report import Report
    from heatgrid.io.options import ReadOptions, Size

INFO = "seqinfo.ini"
OWN_NAMES = ("gt.txt", "det.txt")
LEFT = "file left for another one of the same sequence"

_ROLES = ("gt", "", "det")  # the better ones first; a tracker's results have no folder of their own
_DEEPEST = 6
_LONGEST = 10_000_000  # frames of a sequence


@dataclass(frozen=True, slots=True)
class Sequence:
    """A video's annotations.

    Attributes
    ----------
    name
        That of the sequence's folder, or of the file.
    file
        The file of rows.
    folder
        Where ``seqinfo.ini`` is, if anywhere.
    role
        ``"gt"``, ``"det"``, or nothing for a tracker's results.
    split
        The split that its folders speak of.
    """

    name: str
    file: Path
    folder: Path | None
    role: str
    split: str | None


@dataclass(frozen=True, slots=True)
class SequenceInfo:
    """What a sequence's own file says: its frames, their size in pixels, their files' suffix."""

    length: int = 0
    size: Size = UNKNOWN
    suffix: str = ""


def looks_like_mot(head: bytes) -> bool:
    """Tell whether a text begins with rows of frame, id, left, top, width, height, confidence, ..."""
    rows = first_rows(head)
    return 2 * sum(map(_is_row, rows)) > len(rows)


def _is_row(row: list[float]) -> bool:
    return len(row) in {7, 9, 10} and row[0] >= 0 and row[0] % 1 == 0 and row[1] >= -1 and row[1] % 1 == 0


def find_sequences(path: Path, options: ReadOptions, report: Report) -> list[Sequence]:
    """Return the sequences of a file or folder, one file each.

    Raises
    ------
    FormatError
        There are none.
    """
    if path.is_file():
        return [_sequence(path, path.absolute().parents[1])]
    chosen: dict[tuple[str, str | None], Sequence] = {}
    found = sorted(_candidates(path), key=lambda sequence: _ROLES.index(sequence.role))
    for sequence in found:
        key = sequence.name, sequence.split
        if key in chosen:
            report.note(LEFT, where=str(sequence.file))
        chosen.setdefault(key, sequence)
    if not chosen:
        raise FormatError("no files of MOT rows", path)
    sequences = sorted(chosen.values(), key=lambda sequence: str(sequence.file))
    options.note_splits_absent((sequence.split for sequence in sequences), report, path)
    return [sequence for sequence in _with_names_apart(sequences) if options.wants(sequence.split)]


def _candidates(root: Path) -> Iterable[Sequence]:
    """Yield the files of rows: ``gt/gt.txt``, ``det/det.txt``, or any text that begins like them."""
    for parent, names in walk(root, _DEEPEST):
        folder = Path(parent)
        texts = [name for name in names if name.lower().endswith(".txt")]
        own = f"{folder.name}.txt"
        if folder.name in {"gt", "det"} and own in texts:
            texts = [own]
        for name in texts:
            if name == own or looks_like_mot(Probe(folder / name).head):
                yield _sequence(folder / name, root)


def _sequence(file: Path, root: Path) -> Sequence:
    file = file.absolute()
    if file.parent.name in {"gt", "det"}:
        folder, role = file.parent.parent, file.parent.name
        name = folder.name
    else:
        name, role = file.stem, file.stem if file.stem in {"gt", "det"} else ""
        near = (file.parent, file.parent / name, file.parent.parent / name)
        folder = next((place for place in near if (place / INFO).is_file()), file.parent)
    inner = file.parent.relative_to(root.absolute()).parts if file.is_relative_to(root.absolute()) else ()
    return Sequence(name, file, folder, role, split_of([*inner[::-1], root.name]))


def _with_names_apart(sequences: list[Sequence]) -> list[Sequence]:
    """Put the split before the name of sequences that would else be called alike."""
    names = [sequence.name for sequence in sequences]
    return [
        replace(sequence, name=f"{sequence.split}/{sequence.name}")
        if names.count(sequence.name) > 1 and sequence.split
        else sequence
        for sequence in sequences
    ]


def read_info(sequence: Sequence, options: ReadOptions, report: Report) -> SequenceInfo:
    """Return what ``seqinfo.ini`` says; nothing where there is none, or none that can be read."""
    from configparser import ConfigParser
    from configparser import Error as ConfigError

    path = None if sequence.folder is None else sequence.folder / INFO
    if path is None or not path.is_file():
        return SequenceInfo()
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(decode(read_bytes(path, options)))
        values = parser["Sequence"]
        length = int(values.get("seqLength", "0"))
        size = float(values.get("imWidth", "nan")), float(values.get("imHeight", "nan"))
    except (ConfigError, KeyError, ValueError) as error:  # a FormatError is a ValueError
        report.note("seqinfo.ini that cannot be read, passed over", where=f"{path}: {error}"[:500])
        return SequenceInfo()
    if not 0 <= length <= _LONGEST:
        report.note("seqLength that cannot be, passed over", where=str(path))
        length = 0
    return SequenceInfo(length, size, values.get("imExt", ""))


def size_of(sequence: Sequence, info: SequenceInfo, frame: str, options: ReadOptions) -> Size:
    """Return the size of a sequence's frames: its own, or what the options say of one of them or its name."""
    if 0 < info.size[0] < float("inf") and 0 < info.size[1] < float("inf"):
        return info.size
    own = None if options.images is None else Path(options.images) / sequence.name
    sizes = ImageSizes(replace(options, images=own) if own is not None and own.is_dir() else options)
    size = sizes.find(f"{sequence.name}/{frame}")
    return size if size[0] > 0 else sizes.find(sequence.name)
