"""Length of the path of one COCO polygon from the command line to the kernel."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import heatgrid
from heatgrid.commands.cli import main

if TYPE_CHECKING:
    from types import FrameType

    import pytest

PACKAGE = str(Path(heatgrid.__file__).parent)
KERNEL_CALLS = {"scan_coco", "select_geometry", "count"}
X = 12.0625  # of a vertex, found nowhere else


def holds_vertex(value: Any, depth: int = 4) -> bool:
    """Return whether a value, or an attribute of it, holds the polygon's vertex."""
    if isinstance(value, np.ndarray):
        return value.dtype == np.float64 and bool((value == X).any())
    if depth == 0 or not type(value).__module__.startswith("heatgrid"):
        return False
    names = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    attributes = [getattr(value, name, None) for name in names] or list(
        getattr(value, "__dict__", {}).values()
    )
    return any(holds_vertex(attribute, depth - 1) for attribute in attributes)


class Tracer:
    """Functions on the path: callers of the kernel, and functions that return the polygon in another form."""

    def __init__(self) -> None:
        self.functions: dict[str, None] = {}
        self.types: dict[str, None] = {}

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        if event == "c_call" and argument.__name__ in KERNEL_CALLS and "_core" in str(argument.__module__):
            self.add_stack(frame)
        elif event == "return" and frame.f_code.co_filename.startswith(PACKAGE) and self.carries(argument):
            self.functions[name_of(frame)] = None

    def carries(self, value: Any) -> bool:
        """Return whether a value, or one of a tuple, holds the vertex; record its type."""
        carriers = [part for part in (value if isinstance(value, tuple) else (value,)) if holds_vertex(part)]
        names = [type(part).__qualname__ for part in carriers if type(part).__module__.startswith("heatgrid")]
        self.types |= dict.fromkeys(names)
        return bool(carriers)

    def add_stack(self, frame: FrameType | None) -> None:
        while frame is not None:
            if frame.f_code.co_filename.startswith(PACKAGE):
                self.functions[name_of(frame)] = None
            frame = frame.f_back


def name_of(frame: FrameType) -> str:
    path = Path(frame.f_code.co_filename).relative_to(PACKAGE).with_suffix("")
    return f"{'.'.join(path.parts)}.{frame.f_code.co_qualname}"


def test_path_of_a_coco_polygon_is_short(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 100}],
        "categories": [{"id": 1, "name": "car"}],
        "annotations": [
            {
                "id": 1,
                "image_id": 1,
                "category_id": 1,
                "segmentation": [[X, 10, 60, 10, 60, 70]],
                "bbox": [0, 0, 0, 0],
            }
        ],
    }
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps(document))
    tracer = Tracer()
    sys.setprofile(tracer)
    try:
        main(["map", str(path), "-o", str(tmp_path / "map.npz"), "--grid", "10"])
    finally:
        sys.setprofile(None)
    capsys.readouterr()
    with capsys.disabled():
        print(f"\n{len(tracer.functions)} functions: {', '.join(tracer.functions)}")  # noqa: T201
        print(f"{len(tracer.types)} types: {', '.join(tracer.types)}")  # noqa: T201
    assert {"core.kernel.count", "core.kernel.select_geometry"} <= set(tracer.functions)
    assert len(tracer.functions) <= 18
    assert len(tracer.types) <= 6
