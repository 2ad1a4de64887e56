"""Times of heatgrid and its peers, for the documentation: ``python -m bench.comparison [--quick]``.

Runs the sections of ``python -m bench`` that have peers, and prints each peer's time over heatgrid's.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.results import HEATGRID, TIMES, number

if TYPE_CHECKING:
    from collections.abc import Iterator

SECTIONS = ("boxes", "polygons", "masks", "areas", "live", "reading", "overview")
LIMITS = ("read once", "copy")
LIVE = f"{HEATGRID}, update and draw"


def main() -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "results.json")
        only = [word for name in SECTIONS for word in ("--only", name)]
        command = [sys.executable, "-m", "bench", *only, "--json", str(path), *sys.argv[1:]]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        found = json.loads(path.read_text(encoding="utf-8"))
    print("| task | peer | peer's time / heatgrid's |\n|---|---|--:|")
    for task, peer, ratio in [*timed(found["measurements"]), *read(found["facts"])]:
        print(f"| {task} | {peer} | {number(ratio)}{TIMES} |")
    for missing in found["missing"]:
        print(f"not measured: {missing}", file=sys.stderr)


def timed(measurements: list[dict[str, Any]]) -> Iterator[tuple[str, str, float]]:
    """Yield task, peer and ratio of measurements that heatgrid has, too."""
    own = {task(one): one["nanoseconds"] for one in measurements if one["side"] in (HEATGRID, LIVE)}
    for one in measurements:
        if not one["side"].startswith((HEATGRID, *LIMITS)) and task(one) in own:
            yield task(one), one["side"], one["nanoseconds"] / own[task(one)]


def task(one: dict[str, Any]) -> str:
    """Return the name of what was measured."""
    if one["section"] == "live":
        return "frame of 1080p video"
    return f"{one['case']} on {one['grid']}\N{SUPERSCRIPT TWO} cells"


def read(facts: dict[str, float]) -> Iterator[tuple[str, str, float]]:
    """Yield task, peer and ratio of files."""
    for name, ratio in facts.items():
        if name.endswith(("/ heatgrid", "/ overview")):
            job, _, peer = name.rpartition(" / ")[0].rpartition(", ")
            yield job or "overview", peer, ratio


if __name__ == "__main__":
    main()
