"""Peak memory of the largest count, 80 classes on 2000², compared with its result."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.results import TIMES, Results, Table

# The peak comes from /proc: getrusage includes the peak of the parent process.
PROGRAM = """
from pathlib import Path
from bench import subject, workloads

def kilobytes(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))

shapes = workloads.{job}({n})
options = dict(labels=True, classes=workloads.CLASSES, threads={threads})
subject.prepare({job!r}, shapes, 2000, **options)
before = kilobytes("VmRSS")
result = subject.bind({job!r}, shapes, 2000, options)()
print((kilobytes("VmHWM") - before) * 1024 / result.nbytes)
"""


def run(results: Results) -> None:
    """Count in a new interpreter, and add the table."""
    if not Path("/proc/self/status").exists():
        results.missing.append("memory: this system does not report the peak")
        return
    rows = []
    for job, n in (("boxes", 1_000_000), ("polygons", 100_000)):
        for threads in (1, 2):
            program = PROGRAM.format(job=job, n=n, threads=threads)
            done = subprocess.run(
                [sys.executable, "-c", program], check=False, capture_output=True, text=True
            )
            label = f"{job}, {threads} thread{'s' if threads > 1 else ''}"
            if done.returncode:
                results.missing.append(f"memory, {label}: {(done.stderr.splitlines() or ['ended'])[-1]}")
                continue
            share = float(done.stdout)
            results.facts[f"peak memory / result, {label}"] = share
            rows.append([label, f"{share:.2f}"])
    if rows:
        note = "Increase of peak memory by a count, on 2000² with 80 classes: a result of 2.6 GB."
        results.tables.append(Table("Memory", note, ("", f"{TIMES} the result"), rows))
