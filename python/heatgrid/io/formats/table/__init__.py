"""Tables: CSV, TSV or Parquet files with a row a box, their columns known by name.

TensorFlow's and Roboflow's CSV (filename, width, height, class, xmin, ymin, xmax, ymax), that of
keras-retinanet (https://github.com/fizyr/keras-retinanet#csv-datasets: no header; an image without objects
has a row of its own), and any other whose header says which columns make a box, or ``columns=`` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from heatgrid.core.report import Report
from heatgrid.errors import FormatError
from heatgrid.io.build import empty_batch, read_each
from heatgrid.io.detect import Probe, Signature
from heatgrid.io.files import decode
from heatgrid.io.formats.table.build import TableBuilder
from heatgrid.io.formats.table.parquet import MAGIC, read_parquet
from heatgrid.io.formats.table.text import head_columns, last_image, read_chunks
from heatgrid.io.json_values import collector_paused
from heatgrid.io.options import split_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.formats.table.columns import Columns
    from heatgrid.io.formats.table.text import Chunk
    from heatgrid.io.options import ReadOptions

TITLE = "CSV, TSV or Parquet with named box columns (TensorFlow, Keras)"

_OPEN_IMAGES = {"imageid", "labelname", "xmin"}


def _check_file(probe: Probe) -> bool:
    """Tell whether a table's header, or its first row, has an image and a box."""
    return probe.head.startswith(MAGIC) or _is_table(probe)


SIGNATURE = Signature(
    suffixes=(".csv", ".tsv", ".parquet"),
    depth=2,
    check=_check_file,
    is_fallback=True,
)


def _is_table(probe: Probe) -> bool:
    head = decode(probe.head)
    first = head.lstrip().split("\n", 1)[0].lower()
    if probe.fault or all(name in first for name in _OPEN_IMAGES):
        return False
    return head_columns(head) is not None


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield a batch a split of each file."""
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
    parquet = Probe(file).head.startswith(MAGIC)
    builder = TableBuilder(file, options, position_format="row {}" if parquet else "line {}")
    chunks = (read_parquet if parquet else read_chunks)(file, options)
    last: object = None
    while (read := _next(chunks)) is not None:
        columns, chunk = read
        images = chunk.cells["image"]
        is_full = builder.rows + len(chunk) > options.table_rows
        end = last_image(chunk) if is_full else 0
        if end:
            builder.add(columns, chunk.part(0, end))
        if is_full and builder.rows and (end or images[0] != last):
            yield from builder.build(source, split, more=True)
        builder.add(columns, chunk.part(end, len(chunk)))
        last = images[-1]
    yield from builder.build(source, split)


def _next(chunks: Iterator[tuple[Columns, Chunk]]) -> tuple[Columns, Chunk] | None:
    with collector_paused():  # it would walk the cells of every chunk
        return next(chunks, None)
