"""Tables: CSV, TSV or Parquet files with one box per row; columns are known by name.

TensorFlow's and Roboflow's CSV (filename, width, height, class, xmin, ymin, xmax, ymax), that of
keras-retinanet (https://github.com/fizyr/keras-retinanet#csv-datasets: no header; an image without objects
has a row of its own), and any other table whose header, or ``columns=``, says which columns make a box.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from heatgrid.core.report import Report
from heatgrid.errors import FormatError
from heatgrid.io.build import empty_batch, read_each
from heatgrid.io.files import decode
from heatgrid.io.formats.tables.arrow import MAGIC, read_parquet
from heatgrid.io.formats.tables.build import TableBuilder
from heatgrid.io.formats.tables.text import find_layout, read_text
from heatgrid.io.options import split_of
from heatgrid.io.parse import collector_paused
from heatgrid.io.registry import Probe, Signature

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.formats.tables.batches import ColumnBatch
    from heatgrid.io.options import ReadOptions

TITLE = "CSV, TSV or Parquet with named box columns (TensorFlow, Keras)"

_OPEN_IMAGES = {"imageid", "labelname", "xmin"}


def _check_file(probe: Probe) -> bool:
    """Tell whether a table's header, or its first row, has an image and a box."""
    if probe.head.startswith(MAGIC):
        return True
    head = decode(probe.head)
    first = head.lstrip().split("\n", 1)[0].lower()
    if probe.fault or all(name in first for name in _OPEN_IMAGES):
        return False
    return find_layout(head) is not None


SIGNATURE = Signature(suffixes=(".csv", ".tsv", ".parquet"), depth=2, check=_check_file, is_fallback=True)


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield one batch per split of each file."""
    if not path.is_dir():
        yield from _read_file(path, path, split_of([path.absolute().parent.name], path.stem), options)
        return
    report = Report()
    files: list[Path] = []
    for probe in Probe(path).files(*SIGNATURE.suffixes):
        if options.columns or _check_file(probe):
            files.append(probe.path)
        else:
            report.note("file without columns of boxes, passed over", where=str(probe.path))
    if not files:
        raise FormatError("no tables with columns of boxes", path)
    if report != Report():
        yield empty_batch(report, str(path))
    yield from read_each(
        files, lambda file: _read_file(file, path, split_of([file.parent.name], file.stem), options), options
    )


def _read_file(file: Path, source: Path, split: str | None, options: ReadOptions) -> Iterator[Annotations]:
    """Yield the annotations of a file, about ``options.table_rows`` rows at a time, cut between images."""
    is_parquet = Probe(file).head.startswith(MAGIC)
    builder = TableBuilder(str(file), options, position_format="row {}" if is_parquet else "line {}")
    batches = (read_parquet if is_parquet else read_text)(file, options)
    last: str | None = None
    while (batch := _next(batches)) is not None:
        images = batch.columns["image"]
        is_full = builder.rows + len(batch) > options.table_rows
        end = batch.last_image() if is_full else 0
        if end:
            builder.add(batch.slice(0, end))
        if is_full and builder.rows and (end or images.value(0) != last):
            yield from builder.build(source, split, more=True)
        builder.add(batch.slice(end, len(batch)) if end else batch)
        last = images.value(-1)
    yield from builder.build(source, split)


def _next(batches: Iterator[ColumnBatch]) -> ColumnBatch | None:
    with collector_paused():  # it would visit every cell of each batch
        return next(batches, None)
