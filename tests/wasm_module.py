"""The WebAssembly module, driven in Node: requests in, maps or errors out."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import heatgrid as hg

DRIVER = Path(__file__).parent / "wasm" / "driver.mjs"

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs node")


@dataclass(frozen=True)
class Result:
    """Result of a request: the map as Python loads it, or the error."""

    heat: Any  # a Heatmap; None if the request failed
    report: dict[str, Any] = field(default_factory=dict)
    totals: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[Any] = field(default_factory=list)
    error: str = ""
    type: str = ""
    bytes: int = 0


def plain(value: Any) -> Any:
    """Return arrays, bytes and paths as the driver reads them."""
    if isinstance(value, np.ndarray):
        key = "f64" if value.dtype.kind == "f" else "i64"
        data = np.ascontiguousarray(value, dtype=np.float64 if key == "f64" else np.int64).tobytes()
        return {key: base64.b64encode(data).decode()}
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, Path):
        return {"file": str(value)}
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value


def run(*requests: tuple[dict[str, Any], list[list[Any]]], moving: bool = False) -> list[Result]:
    """Run requests, each the options of a map and calls of its methods, in one process.

    With ``moving``, the kernel's memory moves at every allocation.
    """
    text = json.dumps([{"options": options, "calls": plain(calls)} for options, calls in requests])
    command = ["node", str(DRIVER), *(["moving"] if moving else [])]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    results = []
    for found in json.loads(done.stdout):
        npz = found.pop("npz", None)
        heat = None if npz is None else hg.Heatmap.from_bytes(base64.b64decode(npz))
        results.append(Result(heat, **found))
    return results
