"""Structure of the package and the kernel: sizes, names, and what an import loads."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python" / "heatgrid"
MODULES = sorted(PACKAGE.rglob("*.py"))
INTERFACES = {"bindings", "wasm"}
KERNEL = sorted(
    path for path in (ROOT / "cpp").rglob("*.?pp") if INTERFACES.isdisjoint(path.relative_to(ROOT).parts)
)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_layers_hold() -> None:
    pytest.importorskip("importlinter")
    script = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", script, "--no-cache", str(ROOT / "pyproject.toml")]
    done = subprocess.run(command, cwd=ROOT / "python", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_top_level_is_small() -> None:
    modules = list(PACKAGE.glob("*.py"))
    packages = [path for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()]
    assert len(modules) <= 12
    assert len(packages) <= 10


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_module_has_at_most_400_lines_and_functions_60(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            documented = node.body[0] if ast.get_docstring(node) else None
            lines = (node.end_lineno or 0) - node.lineno + 1
            if documented is not None:
                lines -= (documented.end_lineno or 0) - documented.lineno + 1
            assert lines <= 60, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", KERNEL, ids=relative)
def test_kernel_file_has_at_most_350_lines_and_no_python(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 350
    assert not re.search(r"pybind11|Python\.h|PyObject|numpy", text)


KERNEL_LAYERS = {
    "simd": {"simd"},
    "threads": {"threads"},
    "grid": {"grid", "simd"},
    "shapes": {"shapes", "grid", "simd", "threads"},
    "count": {"count", "shapes", "grid", "simd", "threads"},
    "live": {"live", "count", "shapes", "grid", "simd", "threads"},
    "text": {"text", "simd", "threads"},
}
"""Folders of the kernel whose headers a folder may include."""


@pytest.mark.parametrize("path", KERNEL, ids=relative)
def test_kernel_file_includes_lower_folders_only(path: Path) -> None:
    folder = path.relative_to(ROOT / "cpp").parts[2 if "include" in path.parts else 1]
    names = re.findall(r'#include "heatgrid/(.*?)"', path.read_text(encoding="utf-8"))
    included = {name.partition("/")[0] for name in names}
    assert included <= KERNEL_LAYERS[folder]


@pytest.mark.parametrize("path", [*MODULES, *KERNEL], ids=relative)
def test_name_describes_the_content(path: Path) -> None:
    vague = {"utils", "util", "common", "helpers", "helper", "misc", "manager"}
    assert not set(path.stem.split("_")) & vague


LOOKS_AT_FILES = re.compile(
    r"(?<!entry)\.is_(?:file|dir)\(\)|\.exists\(\)|\.iterdir\(|\.glob\(|(?<!Image)\.open\(|\.read_(?:text|bytes)\("
    r"|os\.(?:scandir|walk|listdir|open)\(|os\.path\.(?:isfile|isdir|exists)\("
)


@pytest.mark.parametrize("path", sorted((PACKAGE / "io" / "formats").rglob("*.py")), ids=relative)
def test_formats_look_at_files_through_places_only(path: Path) -> None:
    """So that each reads archives, too."""
    assert not LOOKS_AT_FILES.findall(path.read_text(encoding="utf-8"))


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_import_loads_numpy_and_the_kernel_only() -> None:
    loaded = {name.partition(".")[0] for name in loaded_by("import heatgrid") - loaded_by("import numpy")}
    assert loaded - sys.stdlib_module_names == {"heatgrid"}
    slow = {"argparse", "asyncio", "csv", "ctypes", "email", "json", "sqlite3", "typing_extensions", "xml"}
    assert not loaded & slow
