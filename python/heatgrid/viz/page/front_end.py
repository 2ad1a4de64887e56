"""The front end's own files, put together: modules in a row, without the lines that import and export."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files

MODULES = (
    "numbers",
    "scale",
    "blur",
    "colors",
    "ticks",
    "layers",
    "camera",
    "dom",
    "stage",
    "input",
    "legend",
    "readout",
    "controls",
    "choices",
    "behind",
    "theme",
    "viewer",
    "hosts",
)
"""Each after those that it imports; no two have a name in common."""

_IMPORT = re.compile(r'^import [^;]*? from "\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=async function|function|class|const)", re.MULTILINE)


def read(name: str) -> str:
    """Return one file of the front end."""
    return (files("heatgrid.viz.page") / "front" / name).read_text(encoding="utf-8")


def imports(module: str) -> list[str]:
    """Return the modules that a module of the front end imports."""
    return _IMPORT.findall(read(f"{module}.js"))


@cache
def script() -> str:
    """Return all modules as one, and the style as text: ``showPage(STYLE)`` shows a page."""
    parts = [_EXPORT.sub("", _IMPORT.sub("", read(f"{module}.js"))).strip() for module in MODULES]
    style = f"const STYLE = {json.dumps(read('viewer.css'))};"
    return "\n\n".join([*parts, style])
