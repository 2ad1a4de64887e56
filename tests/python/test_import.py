"""Public names and lazy imports."""

from __future__ import annotations

import importlib.metadata
import inspect
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import heatgrid as hg
from samples import DATA

if TYPE_CHECKING:
    from collections.abc import Callable

SCENE = DATA / "coco/valid/scene/annotations.json"
FORBID = """
import sys
class Forbidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ImportError(f"{{name}} was imported")
sys.meta_path.insert(0, Forbidden())
"""


def run_without(names: set[str], code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own that can import none of some packages."""
    program = FORBID.format(names=names) + code
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("name", hg.__all__)
def test_every_public_name_exists_and_has_a_docstring(name: str) -> None:
    value = getattr(hg, name)
    assert name in dir(hg)
    if name != "__version__":
        assert inspect.getdoc(value)
        assert value.__module__.startswith("heatgrid")


def test_public_names_are_the_same_object_each_time() -> None:
    from heatgrid.core.stats import Stats

    assert hg.Stats is hg.Stats is Stats


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'heatgrid' has no attribute 'heatmop'"):
        hg.heatmop  # noqa: B018


def test_star_import() -> None:
    done = run_without(set(), "from heatgrid import *; print(Stats, load, heatmap)")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_version_equals_the_installed_one() -> None:
    assert hg.__version__ == importlib.metadata.version("heatgrid")


OPTIONAL = {"PIL", "yaml", "matplotlib", "scipy", "pandas", "cv2", "pyarrow"}


@pytest.mark.parametrize(
    "code",
    [
        "import heatgrid",
        "import heatgrid as hg; hg.count_boxes([[0, 0, 1, 1]], 2)",
        f"import heatgrid as hg; hg.heatmap({str(SCENE)!r}, progress=False)",
        f"import heatgrid as hg; hg.heatmap({str(SCENE)!r}).save('/dev/null', format='npz')",
        "from heatgrid.compat import roboflow; roboflow.increment_heatmap([[0]], 0.5, 0.5)",
        "from heatgrid.commands.cli import main; assert main(['map', '--help']) == 0",
        f"from heatgrid.commands.cli import main; assert main(['map', {str(SCENE)!r}, '-q', '--json']) == 0",
    ],
)
def test_optional_packages_are_not_imported(code: str) -> None:
    done = run_without(OPTIONAL, code)
    assert done.returncode == 0, done.stderr


def test_the_command_line_names_a_missing_package() -> None:
    yolo = str(DATA / "yolo/valid/mixed")
    done = run_without({"yaml"}, f"from heatgrid.commands.cli import main; sys.exit(main(['map', {yolo!r}]))")
    assert done.returncode == 1
    assert done.stderr.startswith("heatgrid: error: ")
    assert "yaml" in done.stderr


@pytest.mark.parametrize(
    "function", [hg.compare, hg.count_boxes, hg.heatmap, hg.heatmaps, hg.read, hg.Heatmap, hg.load]
)
def test_every_parameter_is_documented(function: Callable[..., object]) -> None:
    words = {
        word.strip("*,\\") for line in (inspect.getdoc(function) or "").splitlines() for word in line.split()
    }
    assert set(inspect.signature(function).parameters) <= words
