"""Waiting times of users: tables, small files, pictures, calls on a few boxes, and the start of a command.

All sides of a section alternate in one process, and processor time is compared; the start is that of new
processes, and of COCO on two threads and VOC in two processes it is wall time. Facts have the names that
`bench.targets` looks up.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import numpy as np

import heatgrid as hg
from bench import workloads
from bench.measure import PROCESSOR, WALL, Side, alternate, with_bytecode
from bench.results import TIMES, Results, Table, number

if TYPE_CHECKING:
    from collections.abc import Callable

    Calls = dict[str, Callable[[], object]]

ROWS, IMAGES, CLASSES = 1_000_000, 100_000, 80
FILES = 5_000
MANY_FILES = 40_000
POLYGONS = 200_000
QUICK_SHARE = 4  # of all but the tables, whose targets are for a million rows
LOOP = 500
MAIN = "from heatgrid.commands.cli import main; main()"


def run(results: Results, *, quick: bool) -> None:
    """Measure all sections, and add their tables."""
    share = QUICK_SHARE if quick else 1
    repetitions = 3 if quick else 5
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        _tables(folder, ROWS, repetitions, results)
        _documents(folder, FILES // share, repetitions, results)
        _processes(folder, MANY_FILES // share, repetitions, results)
        _threads(folder, POLYGONS // share, repetitions, results)
        _masks(folder, 200 // share, repetitions, results)
        _calls(folder, repetitions, results)
        _start(folder, 2 * repetitions + 1, results)


def _compare(
    title: str, note: str, calls: Calls, repetitions: int, results: Results, *, clock: Any = PROCESSOR
) -> dict[str, float]:
    """Time calls alternately, add a table of milliseconds, and return seconds by name."""
    timings = alternate([Side(name, call, 1) for name, call in calls.items()], repetitions, clock)
    taken = {timing.side: timing.seconds for timing in timings}
    rows = [[name, number(1e3 * seconds)] for name, seconds in taken.items()]
    results.tables.append(Table(title, note, ("", "ms"), rows))
    return taken


def _of(path: Path, **options: Any) -> Callable[[], object]:
    return lambda: hg.heatmap(path, 100, progress=False, **options)


def _tables(folder: Path, count: int, repetitions: int, results: Results) -> None:
    """Measure tables of boxes in memory and in files, compared with the readers of polars and pyarrow."""
    missing = [name for name in ("pandas", "polars", "pyarrow") if find_spec(name) is None]
    if missing:
        results.missing.append(f"tables: {', '.join(missing)} not installed")
        return
    import polars as pl
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet as pq

    rng = np.random.default_rng(1)
    boxes = workloads.boxes(count).xyxy
    images = np.sort(rng.integers(0, max(1, count * IMAGES // ROWS), count))
    table = pa.table(
        {
            "ImageID": [f"img{i:013x}" for i in images.tolist()],
            "LabelName": [f"/m/{i:05d}" for i in rng.integers(0, CLASSES, count).tolist()],
            **dict(zip(("XMin", "YMin", "XMax", "YMax"), np.round(boxes, 6).T, strict=True)),
        }
    )
    frame, polars_frame = table.to_pandas(), pl.from_arrow(table)
    text, parquet = folder / "boxes.csv", folder / "boxes.parquet"
    pyarrow.csv.write_csv(table, text)
    pq.write_table(table, parquet)

    def rows() -> None:
        with text.open(newline="", encoding="utf-8") as lines:
            for _ in csv.reader(lines):
                pass

    taken = _compare(
        f"Tables, {count:,} rows, {CLASSES} classes",
        "heatgrid counts on 100²; the others only read, with all their threads.",
        {
            "pandas.DataFrame to counts": lambda: hg.Heatmap(100).add(frame),
            "polars.DataFrame to counts": lambda: hg.Heatmap(100).add(polars_frame),
            "pyarrow.Table to counts": lambda: hg.Heatmap(100).add(table),
            "Parquet to counts": _of(parquet),
            "pyarrow.parquet.read_table": lambda: pq.read_table(parquet),
            "CSV to counts": _of(text),
            "csv.reader": rows,
            "polars.read_csv": lambda: pl.read_csv(text),
            "pyarrow.csv.read_csv": lambda: pyarrow.csv.read_csv(text),
        },
        repetitions,
        results,
    )
    million = count / 1e6
    in_memory = max(seconds for name, seconds in taken.items() if "Frame" in name or "Table to" in name)
    fast = min(taken["polars.read_csv"], taken["pyarrow.csv.read_csv"])
    results.facts |= {
        "tables in memory, s per million rows": in_memory / million,
        "Parquet / bound": taken["Parquet to counts"]
        / (2 * taken["pyarrow.parquet.read_table"] + 0.15 * million),
        "CSV / bound": taken["CSV to counts"] / (2 * fast + 0.2 * million),
        "CSV / csv.reader": taken["CSV to counts"] / taken["csv.reader"],
    }


def _documents(folder: Path, count: int, repetitions: int, results: Results) -> None:
    """Measure one file per image, and files of many images, compared with the standard parsers alone."""
    write_documents(folder, count)

    def each(name: str, parse: Callable[[bytes], object]) -> Callable[[], object]:
        own = str(folder / name)

        def run_all() -> None:
            for file in sorted(os.listdir(own)):  # noqa: PTH208 - without the cost of paths as objects
                with open(f"{own}/{file}", "rb") as content:  # noqa: PTH123 - likewise
                    parse(content.read())

        return run_all

    cvat, tasks = folder / "cvat.xml", folder / "label_studio.json"
    calls: Calls = {
        "VOC": _of(folder / "voc", threads=1),
        "VOC, ElementTree alone": each("voc", ET.XML),
        "LabelMe": _of(folder / "labelme", threads=1),
        "LabelMe, json.loads alone": each("labelme", json.loads),
        "Supervisely": _of(folder / "supervisely", threads=1),
        "Supervisely, json.loads alone": each("supervisely/ann", json.loads),
        "CVAT": _of(cvat),
        "CVAT, ElementTree alone": lambda: ET.parse(cvat),  # noqa: S314 - written here
        "Label Studio": _of(tasks),
        "Label Studio, json.loads alone": lambda: json.loads(tasks.read_bytes()),
    }
    decoder = "with" if find_spec("msgspec") else "without"
    note = (
        f"One file per image, but one of all for CVAT and Label Studio; {decoder} msgspec (the extra fast)."
    )
    taken = _compare(f"Documents of {count:,} images", note, calls, repetitions, results)
    for name, seconds in taken.items():
        if name.endswith(" alone"):
            own = name.partition(",")[0]
            results.facts[f"{own} / parser alone"] = taken[own] / seconds


def _processes(folder: Path, count: int, repetitions: int, results: Results) -> None:
    """Compare a large folder of VOC files in one and two processes, in wall time."""
    own = folder / "many"
    own.mkdir()
    boxes = workloads.boxes(7 * count).xyxy
    corners = np.round(boxes.reshape(count, 7, 4) * [640, 480, 640, 480], 1).tolist()
    for i, objects in enumerate(corners):
        (own / f"{i:06}.xml").write_text(_voc(i, objects), encoding="utf-8")
    calls: Calls = {f"{n} processes": _of(own, threads=n) for n in (1, 2)}
    title = f"VOC in two processes, {count:,} files"
    taken = _compare(title, "Wall time.", calls, repetitions, results, clock=WALL)
    results.facts["VOC, 1 process / 2"] = taken["1 processes"] / taken["2 processes"]


def write_documents(folder: Path, count: int) -> None:
    """Write boxes and polygons of ``count`` images in five formats, seven objects each."""
    shapes, boxes = workloads.polygons(7 * count), workloads.boxes(7 * count).xyxy
    for name in ("voc", "labelme", "supervisely/ann"):
        (folder / name).mkdir(parents=True)
    images, tasks = [], []
    for i in range(count):
        corners = np.round(boxes[7 * i : 7 * i + 7] * [640, 480, 640, 480], 1).tolist()
        rings = [
            np.round(shapes.coords[begin:end] * [640, 480], 2).tolist()
            for begin, end in zip(
                shapes.offsets[7 * i : 7 * i + 7], shapes.offsets[7 * i + 1 : 7 * i + 8], strict=True
            )
        ]
        (folder / f"voc/{i:06}.xml").write_text(_voc(i, corners), encoding="utf-8")
        entries = [
            {"label": f"c{k}", "points": ring, "group_id": None, "shape_type": "polygon", "flags": {}}
            for k, ring in enumerate(rings)
        ]
        labelme: dict[str, Any] = {
            "version": "5.4.1",
            "flags": {},
            "shapes": entries,
            "imagePath": f"{i:06}.jpg",
        }
        labelme |= {"imageData": None, "imageHeight": 480, "imageWidth": 640}
        (folder / f"labelme/{i:06}.json").write_text(json.dumps(labelme, indent=2), encoding="utf-8")
        objects = [
            {"id": k, "geometryType": "polygon", "classTitle": f"c{k}", "tags": [], "points": points}
            for k, points in enumerate({"exterior": ring, "interior": []} for ring in rings)
        ]
        document = {"description": "", "tags": [], "size": {"height": 480, "width": 640}, "objects": objects}
        (folder / f"supervisely/ann/{i:06}.jpg.json").write_text(json.dumps(document), encoding="utf-8")
        images.append(_cvat(i, corners))
        tasks.append(_task(i, corners))
    text = f'<?xml version="1.0" encoding="utf-8"?>\n<annotations><meta/>{"".join(images)}</annotations>'
    (folder / "cvat.xml").write_text(text, encoding="utf-8")
    (folder / "label_studio.json").write_text(json.dumps(tasks), encoding="utf-8")


def _voc(i: int, corners: list[list[float]]) -> str:
    objects = "".join(
        f"\t<object>\n\t\t<name>c{k}</name>\n\t\t<pose>Unspecified</pose>\n\t\t<truncated>0</truncated>\n"
        f"\t\t<difficult>0</difficult>\n\t\t<bndbox>\n\t\t\t<xmin>{x1}</xmin>\n\t\t\t<ymin>{y1}</ymin>\n"
        f"\t\t\t<xmax>{x2}</xmax>\n\t\t\t<ymax>{y2}</ymax>\n\t\t</bndbox>\n\t</object>\n"
        for k, (x1, y1, x2, y2) in enumerate(corners)
    )
    return (
        f"<annotation>\n\t<folder>VOC</folder>\n\t<filename>{i:06}.jpg</filename>\n\t<source>\n"
        "\t\t<database>synthetic</database>\n\t</source>\n\t<size>\n\t\t<width>640</width>\n"
        "\t\t<height>480</height>\n\t\t<depth>3</depth>\n\t</size>\n\t<segmented>0</segmented>\n"
        f"{objects}</annotation>\n"
    )


def _cvat(i: int, corners: list[list[float]]) -> str:
    boxes = "".join(
        f'<box label="c{k}" occluded="0" xtl="{x1}" ytl="{y1}" xbr="{x2}" ybr="{y2}" z_order="0"></box>\n'
        for k, (x1, y1, x2, y2) in enumerate(corners)
    )
    return f'<image id="{i}" name="{i:06}.jpg" width="640" height="480">\n{boxes}</image>\n'


def _task(i: int, corners: list[list[float]]) -> dict[str, Any]:
    results = [
        {
            "original_width": 640,
            "original_height": 480,
            "image_rotation": 0,
            "value": {
                "x": x1 / 6.4,
                "y": y1 / 4.8,
                "width": (x2 - x1) / 6.4,
                "height": (y2 - y1) / 4.8,
                "rotation": 0,
                "rectanglelabels": [f"c{k}"],
            },
            "id": f"r{k}",
            "from_name": "label",
            "to_name": "image",
            "type": "rectanglelabels",
        }
        for k, (x1, y1, x2, y2) in enumerate(corners)
    ]
    return {
        "id": i,
        "data": {"image": f"/data/{i:06}.jpg"},
        "annotations": [{"id": i, "result": results}],
    }


def _threads(folder: Path, count: int, repetitions: int, results: Results) -> None:
    """Compare a COCO file on one and two threads with reading its bytes, in wall time."""
    path = folder / "coco.json"
    size = workloads.write_coco(path, count)
    calls: Calls = {f"{n} threads": _of(path, by_class=False, threads=n) for n in (1, 2)}
    calls["its bytes, read"] = path.read_bytes
    title = f"COCO on two threads, {size / 1e6:.0f} MB"
    taken = _compare(title, "Wall time.", calls, repetitions, results, clock=WALL)
    results.facts["COCO, 1 thread / 2"] = taken["1 threads"] / taken["2 threads"]
    results.facts["COCO, 2 threads / read"] = taken["2 threads"] / taken["its bytes, read"]


def _masks(folder: Path, count: int, repetitions: int, results: Results) -> None:
    """Measure label images, compared with decoding them."""
    from PIL import Image

    own = folder / "masks"
    own.mkdir()
    rng = np.random.default_rng(1)
    for i in range(count):
        coarse = np.kron(rng.integers(0, 21, (12, 16), dtype=np.uint8), np.ones((40, 40), dtype=np.uint8))
        Image.fromarray(coarse).save(own / f"{i:06}.png")

    def decode() -> None:
        for path in sorted(own.iterdir()):
            with Image.open(path) as image:
                np.asarray(image)

    calls: Calls = {"heatgrid": _of(own), "decoded by Pillow": decode}
    title = f"Label images, {count} of 640 by 480 pixels"
    taken = _compare(title, "", calls, repetitions, results)
    results.facts["masks / decoding"] = taken["heatgrid"] / taken["decoded by Pillow"]


def _calls(folder: Path, repetitions: int, results: Results) -> None:
    """Measure calls of a back end on ten boxes, and its picture."""
    boxes = workloads.boxes(10).xyxy
    heat, classed, drawn = hg.Heatmap(10), hg.Heatmap(10, classes=["a", "b", "c"]), hg.Heatmap(100)
    drawn.add_boxes(workloads.boxes(20_000).xyxy)
    size = (640, 480)
    found = {
        "boxes": (boxes * [*size, *size]).astype(np.float32),
        "labels": np.arange(10) % 3,
        "scores": np.linspace(0, 1, 10, dtype=np.float32),
    }

    def often(call: Callable[[], object]) -> Callable[[], object]:
        return lambda: [call() for _ in range(LOOP)]

    taken = _compare(
        f"{LOOP} calls with ten boxes on 10²",
        "",
        {
            "count_boxes": often(lambda: hg.count_boxes(boxes, 10)),
            "Heatmap.add_boxes": often(lambda: heat.add_boxes(boxes)),
            "Heatmap.add of a detector's dict": often(lambda: classed.add(found, size=size)),
        },
        3 * repetitions,
        results,
    )
    results.facts["count_boxes, us"] = 1e6 * taken["count_boxes"] / LOOP
    results.facts["add, us"] = 1e6 * taken["Heatmap.add of a detector's dict"] / LOOP
    save = 'Heatmap.save("map.png")'
    calls: Calls = {save: lambda: drawn.save(folder / "map.png")}
    taken = _compare("A picture of 100 by 100 cells", "", calls, 3 * repetitions, results)
    results.facts["save, ms"] = 1e3 * taken[save]


def _start(folder: Path, repetitions: int, results: Results) -> None:
    """Measure whole processes, compared with one that imports numpy."""
    if sys.platform == "win32":
        results.missing.append("start: no processor time of children")
        return
    import resource

    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 30, 40], "area": 1200, "iscrowd": 0}
    image = {"id": 1, "width": 64, "height": 64, "file_name": "a.jpg"}
    tiny = folder / "tiny.json"
    document = {"images": [image], "categories": [{"id": 1, "name": "a"}], "annotations": [box]}
    tiny.write_text(json.dumps(document), encoding="utf-8")

    environment = with_bytecode(str(folder / "bytecode"))

    def start(code: str, *arguments: str) -> Callable[[], float]:
        def taken() -> float:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            command = [sys.executable, "-c", code, *arguments]
            subprocess.run(command, check=True, capture_output=True, env=environment)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

        return taken

    sides = {
        "import numpy": start("import numpy"),
        "import heatgrid": start("import heatgrid"),
        "heatgrid --help": start(MAIN, "--help"),
        "heatgrid map tiny.json -o map.png": start(MAIN, "map", str(tiny), "-o", str(folder / "map.png")),
    }
    rounds = [{name: side() for name, side in sides.items()} for _ in range(repetitions + 1)][1:]
    median = {name: float(np.median([own[name] for own in rounds])) for name in sides}
    rows = [
        [name, number(1e3 * own), number(own / median["import numpy"]) + TIMES]
        for name, own in median.items()
    ]
    note = "Whole processes, the start of the interpreter included: processor time."
    results.tables.append(Table("Start", note, ("", "ms", f"{TIMES} numpy"), rows))
    results.facts["help / numpy"] = median["heatgrid --help"] / median["import numpy"]
    results.facts["map / numpy"] = median["heatgrid map tiny.json -o map.png"] / median["import numpy"]
