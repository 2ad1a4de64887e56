"""Faces of CelebA, LFW and VGGFace2: lists of boxes and of five landmarks in pixels, one face per image.

CelebA (https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html) has ``list_bbox_celeba.txt`` and
``list_landmarks_celeba.txt``, and splits in ``list_eval_partition.txt``; VGGFace2
(https://github.com/ox-vgg/vgg_face2) has ``loose_bb_*.csv`` and ``loose_landmark_*.csv``; LFW has
``landmarks.txt`` with the path of an image and its landmarks. Box and landmarks are one annotation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from heatgrid.errors import FormatError
from heatgrid.io import places
from heatgrid.io.build import BatchBuilder, read_in_batches
from heatgrid.io.files import IMAGE_SUFFIXES, decode_head, files_below, read_text
from heatgrid.io.options import split_of
from heatgrid.io.parse import MisfitError, box_from_size, is_number, number
from heatgrid.io.registry import Probe, Signature
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions
    from heatgrid.io.parse import Box, Ring

TITLE = "Faces of CelebA, LFW and VGGFace2"
FACE = "face"
BAD_ROW = "row is not an image with four or ten numbers"

_PARTITION = "list_eval_partition.txt"
_PARTS = {"0": "train", "1": "val", "2": "test"}
_SIDES, _LANDMARKS = 4, 10


def _check_file(probe: Probe) -> bool:
    lines = [line for line in decode_head(probe.head).splitlines()[:3] if line.strip()]
    return bool(lines) and _first_row(lines) is not None


SIGNATURE = Signature(
    suffixes=(".txt", ".csv"),
    check=_check_file,
    check_folder=lambda probe: any(_check_file(f) for s in (".txt", ".csv") for f in probe.sample(s)),
)


def _first_row(lines: list[str]) -> int | None:
    """Return the index of the first row with a face; None if the lines are no list of faces."""
    if lines[0].upper().startswith("NAME_ID,"):
        return 1
    if lines[0].strip().isdecimal() and len(lines) > 1 and lines[1].split()[-1] in {"height", "rightmouth_y"}:
        return 2
    cells = lines[0].split()
    is_face = len(cells) == 1 + _LANDMARKS and all(map(is_number, cells[1:]))
    return 0 if is_face and cells[0].lower().endswith(IMAGE_SUFFIXES) else None


class _Face:
    """Place of a face, its box and its landmarks, or the reason why a row is none."""

    def __init__(self, file: Path, line: int) -> None:
        self.file, self.line = file, line
        self.box: Box | None = None
        self.points: Ring = []
        self.reason = ""

    def add(self, cells: list[str]) -> None:
        """Take the numbers of a row."""
        try:
            values = list(map(number, cells))
            if len(values) == _SIDES:
                self.box = box_from_size(values[0], values[1], values[2], values[3])
            elif len(values) == _LANDMARKS:
                self.points = list(zip(values[::2], values[1::2], strict=True))
            else:
                self.reason = BAD_ROW
        except MisfitError as misfit:
            self.reason = str(misfit)


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    builder = BatchBuilder(str(path), options, position_format="line {}")
    files = [path] if places.is_file(path) else files_below(path, SIGNATURE.suffixes, builder.report)
    files = [file for file in files if file == path or _check_file(Probe(file))]
    if not files:
        raise FormatError("no lists of faces", path)
    faces: dict[tuple[str | None, str], _Face] = {}
    for file in files:
        _read_file(file, faces, path, options)
        builder.report.files += 1
    splits = sorted({split for split, _ in faces}, key=lambda split: (split is None, split or ""))
    options.note_splits_absent(splits, builder.report, path)
    wanted = [
        (own, face)
        for split in splits
        if options.wants(split)
        for own, face in faces.items()
        if own[0] == split
    ]

    def add(source: tuple[tuple[str | None, str], _Face]) -> Iterator[str | None]:
        (split, name), face = source
        yield split
        builder.image(name, str(face.file))
        if face.reason:
            builder.skip(face.reason, face.line, label=FACE)
        else:
            builder.add_shape(FACE, face.line, Shape(box=face.box, points=face.points))

    yield from read_in_batches(wanted, add, builder, options)


def _read_file(
    path: Path, faces: dict[tuple[str | None, str], _Face], source: Path, options: ReadOptions
) -> None:
    """Add the faces of a list."""
    inner = path.relative_to(source).parts[-2::-1] if path != source else ()
    split = split_of([*inner, source.name if source != path else path.parent.name], path.stem)
    parts = _read_partition(path, options)
    lines = read_text(path, options).splitlines()
    filled = [(i, line) for i, line in enumerate(lines, 1) if line.strip()]
    first = _first_row([line for _, line in filled[:3]])
    if first is None:
        raise FormatError("expected a list of faces", path)
    for i, line in filled[first:]:
        name, *cells = line.replace(",", " ").replace('"', "").split() or [f"line {i}"]
        own = parts.get(name, split)
        faces.setdefault((own, name), _Face(path, i)).add(cells)


def _read_partition(path: Path, options: ReadOptions) -> dict[str, str]:
    """Return the split of each image of CelebA; none if there is no list of them."""
    folders = (path.parent, path.parent.parent / "Eval")
    file = next((folder / _PARTITION for folder in folders if places.is_file(folder / _PARTITION)), None)
    if file is None:
        return {}
    rows = (line.split() for line in read_text(file, options, blank=True).splitlines())
    return {row[0]: _PARTS[row[1]] for row in rows if len(row) == 2 and row[1] in _PARTS}
