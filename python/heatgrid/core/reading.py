"""The kernel's second door: text to columns, and what columns are fit for, before anything is counted.

`heatgrid.core.counting` is the first, `heatgrid.core.stamping` the third; no other module imports the kernel.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from heatgrid import _core
from heatgrid.core.arguments import worker_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


CocoFile = _core.CocoFile
CocoTrait = _core.CocoTrait


def read_coco(content: bytes) -> CocoFile | None:
    """Return the columns of a COCO file, or None where it has anything that the quick reader does not know.

    Parameters
    ----------
    content
        JSON, as its file has it.

    Returns
    -------
    CocoFile or None
        The annotations' numbers, raw and in the file's order; each column can be taken once. What is refused
        by `json` is always None.
    """
    return _core.read_coco(content)


def read_coco_file(descriptor: int) -> CocoFile | None:
    """Return what `read_coco` does, of an open file, of which a megabyte is in memory at a time.

    Parameters
    ----------
    descriptor
        The file's number, at its beginning; as much is read as it holds now. Of an annotation that is longer
        than what is in memory, it says nothing.

    Raises
    ------
    OSError
        It cannot be read.
    """
    return _core.read_coco_file(descriptor, os.fstat(descriptor).st_size)


def read_label_files(
    paths: Sequence[str], max_bytes: int, threads: int | None = None
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Read files of rows of numbers between blanks, all at once.

    Parameters
    ----------
    paths
        The files.
    max_bytes
        The largest to read.
    threads
        How many share the files; None chooses. Results do not depend on it.

    Returns
    -------
    values
        (V,) float64, the numbers of all rows, file after file.
    lengths
        (N,) int64, how many each row has: one at least.
    file
        (N,) int64, the number of each row's file.
    line
        (N,) int64, each row's line in its file, from 1.
    left
        (F,) int64, the numbers of files that cannot be read, or have anything but decimal numbers in them;
        they have no rows here.
    """
    workers = worker_count(threads, len(paths), "files")
    return _core.read_label_files(paths, max_bytes, workers)
