"""Command line of the benchmarks: ``python -m bench``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bench import (
    agreement,
    bench_browser,
    bench_growth,
    bench_import,
    bench_kernel,
    bench_live,
    bench_memory,
    bench_overview,
    bench_pages,
    bench_readers,
    bench_reading,
    bench_video,
    bench_waits,
    bench_wheel,
    report,
    targets,
)
from bench.results import QUICK, Results, Settings

NAMES = (
    "waits",  # first, in a process that holds nothing else
    *bench_kernel.GRIDS,
    *bench_growth.SECTIONS,
    "live",
    "video",
    "memory",
    "reading",
    "readers",
    "import",
    "wheel",
    "pages",
    "overview",
    "browser",
)


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="fewer shapes and rounds: a minute, less precise"
    )
    parser.add_argument("--only", action="append", choices=NAMES, help="this section only (may be repeated)")
    parser.add_argument("--check", action="store_true", help="compare counts instead of times")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the measurements")
    parser.add_argument("--markdown", type=Path, metavar="OUT", help="write the page")
    return parser.parse_args(arguments)


def measure(names: list[str], settings: Settings, results: Results) -> None:
    """Run the sections, and print the name of each."""
    for name in names:
        print(f"bench: {name}", file=sys.stderr)
        if name in bench_kernel.GRIDS:
            bench_kernel.run(name, settings, results)
        elif name in bench_growth.SECTIONS:
            bench_growth.run(name, settings, results)
        elif name == "live":
            bench_live.run(settings, results)
        elif name == "video":
            bench_video.run(results, quick=settings == QUICK)
        elif name == "memory":
            bench_memory.run(results)
        elif name == "reading":
            bench_reading.run(results, quick=settings == QUICK)
        elif name == "readers":
            bench_readers.run(results, quick=settings == QUICK)
        elif name == "waits":
            bench_waits.run(results, quick=settings == QUICK)
        elif name == "wheel":
            bench_wheel.run(results)
        elif name == "pages":
            bench_pages.run(results)
        elif name == "overview":
            bench_overview.run(results, quick=settings == QUICK)
        elif name == "browser":
            bench_browser.run(results, quick=settings == QUICK)
        else:
            bench_import.run(2 * settings.repetitions + 1, results)


def main() -> None:
    """Run the command line."""
    options = parse(sys.argv[1:])
    results = Results()
    settings = QUICK if options.quick else Settings()
    if options.check:
        print(report.markdown(agreement.compare_all()))
        return
    measure(options.only or list(NAMES), settings, results)
    summary = targets.table(results)
    results.tables[:0] = [summary] if summary else []
    page = report.page(results, " ".join(["python -m bench", *sys.argv[1:]]))
    print(page)
    if options.json:
        options.json.write_text(json.dumps(results.to_dict(), indent=1) + "\n", encoding="utf-8")
    if options.markdown:
        options.markdown.write_text(page, encoding="utf-8")


main()
