"""Size of a wheel: the installed files, compressed like in a wheel."""

from __future__ import annotations

import importlib
import importlib.util
import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.results import HEATGRID, Results, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

KERNEL = "_core"
MEGABYTE = 1_000_000


def run(results: Results) -> None:
    """Compress the files, and add the table."""
    sizes = {name: packed(files) for name, files in (("package", package()), ("kernel", [kernel()]))}
    total = sum(sizes.values()) / MEGABYTE
    results.facts["wheel, MB"] = total
    rows = [[name, f"{size / MEGABYTE:.2f}"] for name, size in sizes.items()]
    note = "The installed files, deflated; also for editable installations."
    results.tables.append(Table("Wheel", note, ("", "MB"), [*rows, ["total", f"{total:.2f}"]]))


def package() -> Iterator[Path]:
    """Find the files of the package, without the compiled kernel and bytecode."""
    spec = importlib.util.find_spec(HEATGRID)
    assert spec is not None
    for folder in spec.submodule_search_locations or ():
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc" and not path.name.startswith(f"{KERNEL}."):
                yield path


def kernel() -> Path:
    """Find the compiled kernel."""
    return Path(str(importlib.import_module(f"{HEATGRID}.{KERNEL}").__file__))


def packed(files: Iterator[Path] | list[Path]) -> int:
    """Return the size of a zip archive of the files, in bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, path in enumerate(files):
            archive.write(path, f"{number}/{path.name}")
    return len(buffer.getvalue())
