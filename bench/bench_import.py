"""Time of ``import heatgrid`` compared with ``import numpy``, in new interpreters.

``python -m bench.bench_import --breakdown`` also lists the modules that heatgrid adds.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile

from bench.measure import Timing, with_bytecode
from bench.results import HEATGRID, TIMES, Results, Table

REPETITIONS = 15
CLOCK = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


def seconds(module: str, environment: dict[str, str]) -> float:
    """Import a module in a new interpreter and return the time."""
    done = subprocess.run(
        [sys.executable, "-c", CLOCK.format(module)],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    return float(done.stdout)


def measure(repetitions: int = REPETITIONS) -> list[Timing]:
    """Import numpy and heatgrid alternately, after one round that warms the file cache."""
    modules = ("numpy", HEATGRID)
    taken: dict[str, list[float]] = {module: [] for module in modules}
    with tempfile.TemporaryDirectory() as scratch:
        environment = with_bytecode(scratch)
        for turn in range(repetitions + 1):
            for module in modules:
                once = seconds(module, environment)
                if turn:
                    taken[module].append(once)
    return [Timing(module, 1, statistics.median(taken[module]), repetitions) for module in modules]


def run(repetitions: int, results: Results) -> None:
    """Measure, and add the table."""
    try:
        numpy, own = measure(repetitions)
    except subprocess.CalledProcessError as error:
        results.missing.append(f"import: {error.stderr.strip().splitlines()[-1]}")
        return
    results.facts["import heatgrid / import numpy"] = own.seconds / numpy.seconds
    rows = [
        [f"import {timing.side}", f"{1e3 * timing.seconds:.1f}", f"{timing.seconds / numpy.seconds:.2f}"]
        for timing in (numpy, own)
    ]
    note = (
        f"Medians of {repetitions} new interpreters each, alternating, without the start of the interpreter."
    )
    results.tables.append(Table("Import", note, ("", "ms", f"{TIMES} numpy"), rows))


def breakdown(limit: int = 15) -> str:
    """Return the modules that heatgrid adds to those of numpy, slowest first, with microseconds."""
    added = {name: own for name, own in self_times(HEATGRID).items() if name not in self_times("numpy")}
    slowest = sorted(added.items(), key=lambda item: -item[1])[:limit]
    return "\n".join(f"{own:8d} us  {name}" for name, own in slowest)


def self_times(module: str) -> dict[str, int]:
    """Return the microseconds of every module that an import loads, without nested imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", f"import {module}"],
        check=True,
        capture_output=True,
        text=True,
    )
    lines = (line.removeprefix("import time:").split("|") for line in done.stderr.splitlines())
    return {line[2].strip(): int(line[0]) for line in lines if len(line) == 3 and line[0].strip().isdigit()}


def main() -> None:
    """Print the comparison and, with --breakdown, the modules."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.bench_import", description="Time of importing heatgrid."
    )
    parser.add_argument(
        "--breakdown", action="store_true", help="list the modules that heatgrid adds to numpy's"
    )
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    options = parser.parse_args()
    numpy, own = measure(options.repetitions)
    for timing in (numpy, own):
        ratio = timing.seconds / numpy.seconds
        print(f"import {timing.side:9}{1e3 * timing.seconds:8.1f} ms {ratio:6.2f} {TIMES}")
    if options.breakdown:
        print(breakdown())


if __name__ == "__main__":
    main()
