"""Growth of each reader: the same source at 1, 10 and 100 times the size, each in a new interpreter."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench import workloads
from bench.bench_reading import HEATMAP, Reader, measure
from bench.bench_waits import write_documents
from bench.measure import with_bytecode
from bench.results import HEATGRID, TIMES, Results, Table, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FACTORS = (1, 10, 100)
ALL_FORMATS = "from heatgrid.io.registry import FORMATS, get; list(map(get, FORMATS))"
READER = Reader(
    HEATGRID, f"{HEATMAP}; {ALL_FORMATS}", "heatgrid.heatmap(path, 100, by_class=False, threads=1)"
)
FILES, POLYGONS, ROWS = 50, 2_000, 10_000


def run(results: Results, *, quick: bool) -> None:
    """Measure all readers, and add the table."""
    first: dict[str, float] = {}
    rows: list[tuple[str, list[str]]] = []
    for factor in FACTORS[: 2 if quick else 3]:
        with tempfile.TemporaryDirectory() as scratch:
            write_documents(Path(scratch), FILES * factor)
            environment = with_bytecode(f"{scratch}/bytecode")
            for name, unit, base, write in SOURCES:
                count = base * factor
                path = write(Path(scratch), count)
                found = [measure(READER, path, environment) for _ in range(3)]
                seconds = statistics.median(own for own, _ in found)
                peak = statistics.median(own for _, own in found)
                growth = seconds / count / first.setdefault(name, seconds / count)
                title = f"{name}, {count:,} {unit}"
                times = [f"{1e6 * seconds / count:.2f}", f"{growth:.2f}"]
                rows.append((name, [title, *times, number(peak / 1e6)]))
    order = [name for name, *_ in SOURCES]
    rows.sort(key=lambda row: order.index(row[0]))
    note = (
        "Medians of 3 new interpreters each: processor time per unit, and the increase of peak memory. The "
        "first row of each reader has the fixed cost of a call."
    )
    header = ("", "µs per unit", f"{TIMES} the first", "memory, MB")
    results.tables.append(Table("Growth of the readers", note, header, [row for _, row in rows]))


def _coco(folder: Path, count: int) -> Path:
    path = folder / "coco.json"
    workloads.write_coco(path, count)
    return path


def _yolo(folder: Path, count: int) -> Path:
    workloads.write_yolo(folder / "yolo", count, segments=False)
    return folder / "yolo"


def _written(name: str) -> Callable[[Path, int], Path]:
    """Return the path of what `write_documents` wrote."""
    return lambda folder, _: folder / name


def _csv(folder: Path, count: int) -> Path:
    path = folder / "boxes.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("ImageID,LabelName,XMin,XMax,YMin,YMax\n")
        file.writelines(",".join(row) + "\n" for row in _table(count))
    return path


def _table(count: int) -> Iterator[tuple[str, ...]]:
    boxes = np.round(workloads.boxes(count).xyxy, 6)[:, [0, 2, 1, 3]]
    for i, box in enumerate(boxes.tolist()):
        yield (f"img{i // 8:012}", f"/m/{i % 80:05}", *map(str, box))


def _parquet(folder: Path, count: int) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = ("ImageID", "LabelName", "XMin", "XMax", "YMin", "YMax")
    columns = list(zip(*_table(count), strict=True))
    numbers = [np.array(column, dtype=np.float64) for column in columns[2:]]
    path = folder / "boxes.parquet"
    pq.write_table(pa.table(dict(zip(names, [*columns[:2], *numbers], strict=True))), path)
    return path


SOURCES: list[tuple[str, str, int, Callable[[Path, int], Path]]] = [
    ("COCO", "polygons", POLYGONS, _coco),
    ("YOLO", "files", FILES * 4, _yolo),
    ("VOC", "files", FILES, _written("voc")),
    ("LabelMe", "files", FILES, _written("labelme")),
    ("Supervisely", "files", FILES, _written("supervisely")),
    ("CVAT", "images", FILES, _written("cvat.xml")),
    ("Label Studio", "images", FILES, _written("label_studio.json")),
    ("CSV", "rows", ROWS, _csv),
    ("Parquet", "rows", ROWS, _parquet),
]
