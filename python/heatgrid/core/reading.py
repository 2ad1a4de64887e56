"""The kernel's readers: text files to columns, and checks of columns.

Only this module, `heatgrid.core.counting` and `heatgrid.core.stamping` import the kernel.
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


CocoColumns = _core.CocoColumns
CocoTrait = _core.CocoTrait


def scan_coco(descriptor: int) -> CocoColumns | None:
    """Scan an open COCO file, of which about a megabyte is in memory at a time.

    Parameters
    ----------
    descriptor
        File descriptor, at the beginning of the file.

    Returns
    -------
    CocoColumns or None
        Raw values of the images and annotations in the file's order, and the texts of those that the scanner
        does not understand. None if the file as a whole is not a JSON object with a list of images.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    return _core.scan_coco(descriptor, os.fstat(descriptor).st_size)


def read_label_files(
    paths: Sequence[str], max_bytes: int, threads: int | None = None
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Read text files of rows of decimal numbers separated by blanks.

    Parameters
    ----------
    paths
        The files.
    max_bytes
        The largest file to read.
    threads
        Number of threads; None chooses. The result does not depend on it.

    Returns
    -------
    values
        (V,) float64, the numbers of all rows, file by file.
    lengths
        (N,) int64, the count of numbers per row, at least 1.
    file
        (N,) int64, the index of each row's file.
    line
        (N,) int64, each row's line in its file, from 1.
    left
        (F,) int64, the indices of files that cannot be read or contain anything but decimal numbers; they
        have no rows here.
    """
    workers = worker_count(threads, len(paths), "files")
    return _core.read_label_files(paths, max_bytes, workers)
