"""Rows of a table judged: boxes, images without any, and what is wrong with the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.annotations import Flag
from heatgrid.io.build import NO_GEOMETRY
from heatgrid.io.documents import UNNAMED
from heatgrid.io.formats.table.cells import DECIMAL_COMMA, EMPTY, NOT_A_NUMBER, marks, numbers
from heatgrid.io.formats.table.columns import CENTRE_AND_SIZE, CORNERS
from heatgrid.io.json_values import NEGATIVE, NOT_NUMBERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.io.formats.table.columns import Columns
    from heatgrid.io.formats.table.text import Chunk

NO_IMAGE = "row without an image"
NO_CLASS = "row without a class"
MISSING = "coordinate missing"

_FLAGS = {"crowd": Flag.CROWD, "group": Flag.GROUP, "difficult": Flag.DIFFICULT, "truncated": Flag.TRUNCATED}


@dataclass(frozen=True, slots=True, eq=False)
class TableRows:
    """The rows of a chunk, right or wrong.

    Attributes
    ----------
    images, labels
        The cells that name each row's image and class.
    boxes
        (N, 4) corners as they stand, NaN where the row has no box.
    fault
        (N,) the number of the reason for leaving the row out, from 1; 0 of the others.
    reasons
        The reasons.
    background
        (N,) whether a row names an image and nothing in it.
    swapped, commas
        (N,) whether corners are in the wrong order, and whether a decimal comma was read as a point.
    """

    images: Sequence[str]
    labels: Sequence[str]
    boxes: NDArray[np.float64]
    fault: NDArray[np.int64]
    reasons: Sequence[str]
    background: NDArray[np.bool_]
    swapped: NDArray[np.bool_]
    commas: NDArray[np.bool_]


def judge(columns: Columns, chunk: Chunk) -> TableRows:
    """Judge the rows of a chunk."""
    count = len(chunk)
    cells = [numbers(chunk.cells[role]) for role in columns.box]
    box = np.stack([values for values, _ in cells], axis=1)
    odd = np.stack([what for _, what in cells], axis=1)
    images = texts(chunk, "image")
    labels = texts(chunk, "class") if "class" in columns.places else [UNNAMED] * count
    nameless = _blank(images)
    unlabelled = _blank(labels) if "class" in columns.places else np.ones(count, dtype=bool)
    boxless = ((odd & EMPTY) != 0).all(axis=1)
    if columns.box is not CORNERS:
        negative = (box[:, 2:] < 0).any(axis=1)
        box = _corners(box, centred=columns.box is CENTRE_AND_SIZE)
    else:
        negative = np.zeros(count, dtype=bool)
    faults = [
        *((text, _rows_with(chunk, text)) for text in sorted(set(chunk.faults.values()))),
        (NO_IMAGE, nameless),
        (NO_GEOMETRY, boxless & ~unlabelled),
        (NOT_NUMBERS, ((odd & NOT_A_NUMBER) != 0).any(axis=1)),
        (MISSING, ((odd & EMPTY) != 0).any(axis=1) & ~boxless),
        (NO_CLASS, unlabelled & ~boxless) if "class" in columns.places else (NO_CLASS, nameless),
        (NEGATIVE, negative),
    ]
    fault = np.zeros(count, dtype=np.int64)
    for number, (_, applies) in reversed(list(enumerate(faults, 1))):
        fault[applies] = number
    low, high = np.minimum(box[:, :2], box[:, 2:]), np.maximum(box[:, :2], box[:, 2:])
    return TableRows(
        images=images,
        labels=labels,
        boxes=np.hstack([low, high]),
        fault=fault,
        reasons=[reason for reason, _ in faults],
        background=boxless & (fault == 0),
        swapped=(box[:, :2] > box[:, 2:]).any(axis=1) & (fault == 0),
        commas=((odd & DECIMAL_COMMA) != 0).any(axis=1) & (fault == 0),
    )


def _corners(box: NDArray[np.float64], *, centred: bool) -> NDArray[np.float64]:
    """Return the corners of boxes that are given by their first corner, or their centre, and their size."""
    first = box[:, :2] - box[:, 2:] * 0.5 if centred else box[:, :2]
    last = box[:, :2] + box[:, 2:] * (0.5 if centred else 1)
    return np.hstack([first, last])


def _rows_with(chunk: Chunk, text: str) -> NDArray[np.bool_]:
    found = np.zeros(len(chunk), dtype=bool)
    found[[i for i, fault in chunk.faults.items() if fault == text]] = True
    return found


def _blank(cells: Sequence[str]) -> NDArray[np.bool_]:
    blanks = {cell for cell in set(cells) if not cell.strip()}
    if not blanks:
        return np.zeros(len(cells), dtype=bool)
    return np.fromiter(map(blanks.__contains__, cells), dtype=bool, count=len(cells))


def texts(chunk: Chunk, role: str) -> Sequence[str]:
    """Return the cells of a column as text; whole numbers without a point."""
    cells = chunk.cells[role]
    if not isinstance(cells, np.ndarray):
        return cells
    return ["" if cell != cell else f"{cell:.17g}" for cell in cells.tolist()]  # noqa: PLR0124 - NaN


def flags(chunk: Chunk) -> NDArray[np.uint8]:
    """Return the `Flag` bits of each row."""
    bits = np.zeros(len(chunk), dtype=np.uint8)
    for role, flag in _FLAGS.items():
        if role in chunk.cells:
            bits[marks(chunk.cells[role])] |= int(flag)
    return bits
