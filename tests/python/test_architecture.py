"""The arrows of ARCHITECTURE.md are the law: who may know whom, in Python and in the kernel."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python" / "heatgrid"
KERNEL = ROOT / "cpp"

Arrows = dict[str, set[str]]


def drawing(title: str) -> list[str]:
    """Return the lines of the drawing under a title."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    block = re.search(rf"^### {title}\n.*?^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert block, f"ARCHITECTURE.md has no drawing under {title!r}"
    return block[1].splitlines()


def arrows(kind: str) -> Arrows:
    """Read the arrows of a kind between the package's modules."""
    found: Arrows = {}
    for line in drawing("Python"):
        knowers, arrow, known = re.fullmatch(r"([\w, ]+)([→⇢]?)(.*)", line).groups()  # type: ignore[union-attr]
        names = set(re.findall(r"\w+", known)) if arrow == kind else set()
        for knower in re.findall(r"\w+", knowers):
            found[knower] = found.get(knower, set()) | names
    return found


def layers() -> dict[str, int]:
    """Number the kernel's names by the line that they stand on."""
    return {name: number for number, line in enumerate(drawing("Kernel")) for name in line.split()}


def imports(node: ast.AST, *, deep: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports that run with a module, and, when deep, those that run with its functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Import, ast.ImportFrom)):
            yield child
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        elif deep or not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from imports(child, deep=deep)


def unit_of(path: Path) -> str:
    """Return the module, or the package, that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def known_units(path: Path, *, deep: bool) -> set[str]:
    """Return the modules and packages of heatgrid that a file imports."""
    units = set()
    for node in imports(ast.parse(path.read_text(encoding="utf-8")), deep=deep):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif node.module == "heatgrid":
            names = [f"heatgrid.{alias.name}" if is_unit(alias.name) else "heatgrid" for alias in node.names]
        else:
            assert node.level == 0, f"{path.name} has a relative import"
            names = [node.module or ""]
        units |= {name.split(".")[-1 if name == "heatgrid" else 1] for name in names if is_ours(name)}
    return units - {unit_of(path)}


def is_ours(name: str) -> bool:
    return name.partition(".")[0] == "heatgrid"


def is_unit(name: str) -> bool:
    return (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file() or name == "_core"


def modules() -> list[Path]:
    """Return the package's files, but for the public face, which may show anything."""
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_knows_only_whom_it_may(path: Path) -> None:
    unit, knows, calls = unit_of(path), arrows("→"), arrows("⇢")
    assert unit in knows, f"say in ARCHITECTURE.md whom {unit} may know"
    assert known_units(path, deep=False) <= knows[unit]
    assert known_units(path, deep=True) <= knows[unit] | calls[unit]


def test_no_arrow_is_drawn_in_vain() -> None:
    knows, calls = arrows("→"), arrows("⇢")
    used: Arrows = {}
    for path in modules():
        used[unit_of(path)] = used.get(unit_of(path), set()) | known_units(path, deep=True)
    assert used == {unit: knows[unit] | calls[unit] for unit in knows}


def test_arrows_never_turn_back() -> None:
    assert list(TopologicalSorter(arrows("→")).static_order())


def kernel_files() -> list[Path]:
    return [*(KERNEL / "include").rglob("*.hpp"), *(KERNEL / "src").rglob("*.?pp")]


@pytest.mark.parametrize("path", sorted(kernel_files()), ids=lambda path: path.name)
def test_a_file_of_the_kernel_includes_only_what_is_above_it(path: Path) -> None:
    layer = layers()
    own = noun_of(path.stem)
    included = {noun_of(Path(name).stem) for name in re.findall(r'#include "(.*?)"', path.read_text("utf-8"))}
    assert all(layer[name] < layer[own] for name in included - {own}), f"{own} includes {sorted(included)}"


@pytest.mark.parametrize("path", sorted(kernel_files()), ids=lambda path: path.name)
def test_the_kernel_knows_no_python(path: Path) -> None:
    assert not re.search(r"pybind11|Python\.h|PyObject|numpy", path.read_text("utf-8"))


def noun_of(stem: str) -> str:
    """Return the name in the drawing; a body's private parts, such as box_avx2, belong to its noun."""
    nouns = [name for name in layers() if stem == name or stem.startswith(f"{name}_")]
    assert nouns, f"say in ARCHITECTURE.md where {stem} stands"
    return max(nouns, key=len)


@pytest.mark.parametrize("path", [*modules(), *sorted(kernel_files())], ids=lambda path: path.name)
def test_a_name_says_what_is_in_the_file(path: Path) -> None:
    assert re.fullmatch(r"_{0,2}[a-z0-9]+(_[a-z0-9]+)*(__)?", path.stem)
    assert not set(path.stem.split("_")) & {"utils", "util", "common", "helpers", "helper", "misc", "manager"}


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_importing_heatgrid_imports_numpy_and_the_kernel_alone() -> None:
    loaded = {name.partition(".")[0] for name in loaded_by("import heatgrid") - loaded_by("import numpy")}
    assert loaded - sys.stdlib_module_names == {"heatgrid"}
    slow_to_load = {
        "argparse",
        "asyncio",
        "csv",
        "ctypes",
        "email",
        "json",
        "sqlite3",
        "typing_extensions",
        "xml",
    }
    assert not loaded & slow_to_load
