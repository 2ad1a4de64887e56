"""Files to counts: a COCO file and a folder of YOLO label files, compared with parsers and loaders.

Every call runs in a new interpreter on one core, so that the memory peak is its own and no side uses a second
thread. Sides alternate, and processor time is compared. Memory is limited, since some loaders decode every
mask to an image.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from itertools import product
from pathlib import Path

from bench import workloads
from bench.measure import with_bytecode
from bench.results import HEATGRID, TIMES, Results, Table, number

SECTION = "reading"
REPETITIONS = 5
SLOW = 8.0  # seconds; a slower call is made once
POLYGONS = 200_000
FILES = 20_000
QUICK_SHARE = 5
IMAGES_SHARE = 30  # images of all masks take sixty gigabytes
MOST_MEMORY = 6 << 30  # bytes per process

PROGRAM = """
import contextlib, gc, io, json, os, sys, time
from pathlib import Path

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {{min(os.sched_getaffinity(0))}})
    import resource
    resource.setrlimit(resource.RLIMIT_DATA, ({most}, {most}))
path = Path(sys.argv[1])

def kilobytes(name):
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)

{setup}
before, start = kilobytes("VmRSS"), time.process_time()
with contextlib.redirect_stdout(io.StringIO()):
    result = {call}
taken = time.process_time() - start
print(json.dumps([taken, 1024 * (kilobytes("VmHWM") - before)]))
"""

# heatgrid imports these modules on first use, the peers at once; neither is timed.
HEATMAP = (
    "import yaml, heatgrid.core.annotations, heatgrid.io.objects; from heatgrid.io.formats import coco, yolo"
)


@dataclass(frozen=True)
class Reader:
    """One side of a comparison.

    Attributes
    ----------
    name : str
        Name in the table.
    setup, call : str
        Python code to run before, and to time.
    package : str
        Its distribution, unless it is part of Python.
    share : int
        It reads one in so many annotations, since all of them need too much memory; its results are
        multiplied.
    """

    name: str
    setup: str
    call: str
    package: str = ""
    share: int = 1

    @property
    def title(self) -> str:
        """Name, version and share of the annotations."""
        title = f"{self.name} ({self.package} {version(self.package)})" if self.package else self.name
        return title if self.share == 1 else f"{title}, one annotation in {self.share}, {TIMES} {self.share}"

    def file(self, path: Path) -> Path:
        """Return the file to read: ``path``, or the one with its share of the annotations."""
        if self.share == 1:
            return path
        return path.parents[1] / f"one in {self.share}" / path.parent.name / path.name


OWN_COCO = Reader(HEATGRID, HEATMAP, "heatgrid.heatmap(path, 100, by_class=False)")
JSON = Reader("json.load", "", "json.load(path.open('rb'))")
COCO_API = Reader("COCO()", "from pycocotools.coco import COCO", "COCO(str(path))", "pycocotools")
COCO = (
    OWN_COCO,
    JSON,
    Reader("json.load, collector off", "gc.disable()", JSON.call),
    Reader("orjson.loads", "import orjson", "orjson.loads(path.read_bytes())", "orjson"),
    Reader(
        "orjson.loads, collector off",
        "import orjson; gc.disable()",
        "orjson.loads(path.read_bytes())",
        "orjson",
    ),
    Reader("json.decode", "import msgspec.json", "msgspec.json.decode(path.read_bytes())", "msgspec"),
    COCO_API,
    Reader(
        "DetectionDataset.from_coco",
        "from supervision import DetectionDataset",
        "DetectionDataset.from_coco(str(path.parent), str(path))",
        "supervision",
        share=IMAGES_SHARE,
    ),
    Reader(
        "Dataset.import_from",
        "from datumaro import Dataset",
        "len(Dataset.import_from(str(path), 'coco_instances'))",
        "datumaro",
    ),
)
OWN_YOLO = Reader(HEATGRID, HEATMAP, "heatgrid.heatmap(path, 100, by_class=False)")
OPEN = Reader(
    "open and read alone",
    "names = sorted(os.listdir(path / 'labels'))",
    "[open(f'{path}/labels/{name}', 'rb').read() for name in names]",
)
YOLO = (
    OWN_YOLO,
    OPEN,
    Reader(
        "open, read, split, float", OPEN.setup, f"[list(map(float, text.split())) for text in {OPEN.call}]"
    ),
)


def measure(reader: Reader, path: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Run a reader once; return the seconds and the increase of its peak memory in bytes.

    Raises
    ------
    ChildProcessError
        The reader fails.
    """
    program = PROGRAM.format(setup=reader.setup, call=reader.call, most=MOST_MEMORY)
    command = [sys.executable, "-c", program, str(reader.file(path))]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise ChildProcessError((done.stderr.strip().splitlines() or ["ended"])[-1])
    seconds, peak = json.loads(done.stdout)
    return reader.share * seconds, reader.share * peak


def compare(
    readers: tuple[Reader, ...], path: Path, repetitions: int, results: Results
) -> dict[str, tuple[float, float]]:
    """Run the readers alternately; return the medians of seconds and bytes by name."""
    taken: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as bytecode:
        environment = with_bytecode(bytecode)
        for turn, reader in product(range(repetitions), readers):
            found = taken.setdefault(reader.name, [])
            if turn > len(found) or (found and found[0][0] > SLOW):
                continue  # it failed, or is slow
            try:
                if reader.package:
                    version(reader.package)
                found.append(measure(reader, path, environment))
            except (ChildProcessError, PackageNotFoundError) as error:
                results.missing.append(f"{SECTION}, {reader.name}: {error}")
    medians = {}
    for name, found in taken.items():
        if found:
            medians[name] = statistics.median(s for s, _ in found), statistics.median(b for _, b in found)
    return medians


def rows(readers: tuple[Reader, ...], medians: dict[str, tuple[float, float]], size: int) -> list[list[str]]:
    """Return one line per reader."""
    own = medians[HEATGRID][0]
    lines = []
    for reader in readers:
        if reader.name in medians:
            seconds, peak = medians[reader.name]
            memory = f"{peak / size:.2f}" if peak else ""
            lines.append([reader.title, f"{seconds:.3f}", number(seconds / own) + TIMES, memory])
    return lines


def write_coco(path: Path, n: int) -> int:
    """Write n polygons unless the file exists; return its size in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.stat().st_size if path.exists() else workloads.write_coco(path, n)


def run(results: Results, *, quick: bool) -> None:
    """Write the files, read them, and add the tables."""
    share = QUICK_SHARE if quick else 1
    repetitions = 3 if quick else REPETITIONS
    header = ("", "seconds", f"{TIMES} heatgrid", f"memory, {TIMES} the files")
    note = (
        f"Medians of {repetitions} new interpreters each, alternating, on one core: processor time, and the "
        "increase of peak memory. heatgrid reads and counts on 100²; the others only parse or load. The "
        "garbage collector of Python is on unless a row says otherwise."
    )
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "annotations", "instances_train.json")  # datumaro requires both folders
        Path(scratch, "images").mkdir()
        sizes = {
            reader.share: write_coco(reader.file(path), POLYGONS // share // reader.share) for reader in COCO
        }
        size = sizes[1]
        found = compare(COCO, path, repetitions, results)
        if HEATGRID in found:
            title = f"COCO, {size / 1e6:.0f} MB, {POLYGONS // share:,} polygons"
            results.tables.append(Table(title, note, header, rows(COCO, found, size)))
            own, peak = found[HEATGRID]
            results.facts["COCO, memory / file"] = peak / size
            for reader in (JSON, COCO_API):
                if reader.name in found:
                    results.facts[f"COCO, {reader.name} / heatgrid"] = found[reader.name][0] / own
    for kind in ("boxes", "polygons"):
        with tempfile.TemporaryDirectory() as scratch:
            size = workloads.write_yolo(Path(scratch), FILES // share, segments=kind == "polygons")
            found = compare(YOLO, Path(scratch), repetitions, results)
            if HEATGRID in found:
                title = f"YOLO, {FILES // share:,} files of {kind}, {size / 1e6:.0f} MB"
                results.tables.append(Table(title, note, header, rows(YOLO, found, size)))
                if OPEN.name in found:
                    share_of_open = found[HEATGRID][0] / found[OPEN.name][0]
                    results.facts[f"YOLO {kind}, heatgrid / open and read"] = share_of_open
