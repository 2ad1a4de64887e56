"""Peak memory of a count of many classes, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
from pathlib import Path
import numpy as np
import heatgrid as hg

def kilobytes(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))

boxes, labels = np.random.default_rng(1).random((8_000, 4)), np.arange(8_000) % 80
hg.count_boxes(boxes, 4, labels=labels, classes=80)
before = kilobytes("VmRSS")
{call}
print((kilobytes("VmHWM") - before) * 1024 / (80 * 400 * 400 * 8))
"""

CALLS = {
    "a new array": "hg.count_boxes(boxes, 400, labels=labels, classes=80, threads=1)",
    "a new map": """
batch = hg.annotations_from(boxes, labels=labels)
hg.Heatmap(400).add(batch)
""",
}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak from /proc")
@pytest.mark.skipif("asan" in os.environ.get("LD_PRELOAD", ""), reason="sanitizers have memory of their own")
@pytest.mark.parametrize("name", CALLS)
def test_a_count_takes_little_more_memory_than_its_result(name: str) -> None:
    program = PROGRAM.format(call=CALLS[name])
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert float(done.stdout) < 1.15
