"""Overview of a COCO file of boxes, compared with a map of it and with the analysis of lightly-insights."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import heatgrid as hg
from bench import workloads
from bench.results import HEATGRID, TIMES, Results, Table, number

if TYPE_CHECKING:
    from collections.abc import Callable

BOXES = 149_010
QUICK_SHARE = 5
LIGHTLY = "LIGHTLY_INSIGHTS_PYTHON"
"""Environment variable: an interpreter with lightly-insights, which needs numpy below 2."""

ANALYZE = """
import sys, time
from pathlib import Path
from labelformat.formats import COCOObjectDetectionInput
from lightly_insights import analyze
start = time.process_time()
analyze.analyze_object_detections(label_input=COCOObjectDetectionInput(input_file=Path(sys.argv[1])))
print(time.process_time() - start)
"""


def run(results: Results, *, quick: bool) -> None:
    """Write the file, measure all sides in turn, and add the table."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "instances_val.json")
        n = BOXES // (QUICK_SHARE if quick else 1)
        write_coco(path, n)
        page = Path(scratch, "overview.html")
        sides: dict[str, Callable[[], float]] = {
            "map": lambda: seconds(lambda: hg.heatmap(path)),
            "overview": lambda: seconds(lambda: hg.overview(path, permutations=0)),
            "overview, with its page": lambda: seconds(lambda: hg.overview(path).save(page)),
        }
        if LIGHTLY in os.environ:
            sides["lightly-insights, analysis"] = lambda: analyzed(path)
        else:
            results.missing.append(f"overview: {LIGHTLY} is not set")
        rounds = [{name: measure() for name, measure in sides.items()} for _ in range(3 if quick else 7)]
    medians = {name: statistics.median(found[name] for found in rounds[1:]) for name in sides}
    results.facts["overview / map"] = medians["overview"] / medians["map"]
    if LIGHTLY in os.environ:
        ratio = medians["lightly-insights, analysis"] / medians["overview"]
        results.facts["lightly-insights / overview"] = ratio
        results.facts["lightly-insights / map"] = medians["lightly-insights, analysis"] / medians["map"]
    rows = [
        [name, f"{median:.3f}", number(median / medians["overview"]) + TIMES]
        for name, median in medians.items()
    ]
    note = f"Medians of {len(rounds) - 1} alternating rounds; {HEATGRID} tests no splits, since there is one."
    results.tables.append(Table(f"Overview, {n:,} boxes", note, ("", "seconds", f"{TIMES} overview"), rows))


def seconds(function: Callable[[], object]) -> float:
    """Return the processor time of a call."""
    start = time.process_time()
    function()
    return time.process_time() - start


def analyzed(path: Path) -> float:
    """Return the processor time of the analysis, without the start of its interpreter and its imports."""
    command = [os.environ[LIGHTLY], "-c", ANALYZE, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def write_coco(path: Path, n: int) -> None:
    """Write n boxes as a COCO file, in pixels with two decimals."""
    shapes = workloads.boxes(n)
    sizes = np.array(workloads.IMAGE_SIZES, dtype=np.float64)[shapes.tags.images % len(workloads.IMAGE_SIZES)]
    pixels = np.round(shapes.xyxy * np.tile(sizes, 2), 2)
    pixels[:, 2:] -= pixels[:, :2]
    document = {
        "images": [workloads.image_entry(i) for i in range(int(shapes.tags.images[-1]) + 1)],
        "categories": [{"id": k + 1, "name": f"class {k}"} for k in range(workloads.CLASSES)],
        "annotations": [
            {"id": i, "image_id": image, "category_id": label + 1, "bbox": box, "area": 0.0, "iscrowd": 0}
            for i, (image, label, box) in enumerate(
                zip(shapes.tags.images.tolist(), shapes.tags.labels.tolist(), pixels.tolist(), strict=True)
            )
        ],
    }
    path.write_text(json.dumps(document), encoding="utf-8")
