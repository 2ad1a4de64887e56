"""JavaScript scales compared with `heatgrid.viz.scales`, run by Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any, get_args

import numpy as np
import pytest

from heatgrid.summary.findings import percent
from heatgrid.viz import page
from heatgrid.viz.scales import SCALES, Scale, ScaleName, color_bar, is_whole

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node.js is not installed")

GRIDS: dict[str, Any] = {
    "counts": np.random.default_rng(1).poisson(np.random.default_rng(2).lognormal(1, 2, 300)),
    "signed": np.random.default_rng(3).normal(0.3, 1.0, 300) ** 3,
    "fractions": np.random.default_rng(4).random(5000),
    "few": [0, 0, 1, 2, 3],
    "constant": [5, 5, 5],
    "negative": [-7, -2, -2],
    "huge": [0, 1e-9, 3e12],
    "zeros": [0, 0],
}
ENDS = [(None, None), (1, None), (None, 2), (-3, 40), (7, 7)]
OWN: dict[str, list[dict[str, Any]]] = {
    "gamma": [{"gamma": 0.2}, {"gamma": 2.5}],
    "percentile": [{"percentiles": [12.5, 61.7]}, {"percentiles": [0, 100]}],
}

PROBE = """
const { Grid, Scale, scaleOf, colorBar, TABLE } = heatgrid;
const cases = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify({ table: TABLE, found: cases.map(({ values, options, probes, shares, whole }) => {
  const scale = scaleOf(new Grid(Float64Array.from(values)), options);
  const share = scale.normalizer();
  const bar = colorBar(scale, { whole, length: 16, gap: 0.1 });
  return {
    kind: scale.kind, ends: [scale.vmin, scale.vmax], normalized: probes.map(share),
    inverted: shares.map((x) => scale.invert(x)), bar: bar.values,
    ticks: bar.ticks.map((tick) => tick.value), positions: bar.ticks.map((tick) => tick.position),
  };
}) }));
"""


def vectors() -> list[dict[str, Any]]:
    """Return test vectors of every scale in the table, with its parameters' defaults and other values."""
    found = []
    for name, kind in SCALES.items():
        for parameters in [dict(kind.parameters or {}), *OWN.get(name, [])]:
            for grid in GRIDS.values():
                for vmin, vmax in ENDS:
                    shared = {"gamma": 0.5, "percentiles": [1, 99]} | parameters
                    options = {"kind": name, "vmin": vmin, "vmax": vmax, **shared}
                    low, high = float(np.min(grid)), float(np.max(grid))
                    probes = [*np.linspace(low - 1, high + 1, 23), *np.asarray(grid, dtype=float)[:23], 0.0]
                    found.append(
                        {
                            "values": np.asarray(grid, dtype=float).tolist(),
                            "options": options,
                            "probes": probes,
                            "shares": np.linspace(0, 1, 21).tolist(),
                            "whole": is_whole(np.asarray(grid, dtype=float)),
                        }
                    )
    return found


def expected(case: dict[str, Any]) -> dict[str, Any]:
    options = dict(case["options"])
    scale = Scale.of(case["values"], options.pop("kind"), **options)
    values, ticks = color_bar(scale, whole=case["whole"], length=16, gap=0.1)
    return {
        "kind": scale.kind,
        "ends": [scale.vmin, scale.vmax],
        "normalized": scale.normalize(case["probes"]).tolist(),
        "inverted": scale.invert(case["shares"]).tolist(),
        "bar": values.tolist(),
        "ticks": [tick.value for tick in ticks],
        "positions": [tick.position for tick in ticks],
    }


def run_node(cases: list[dict[str, Any]]) -> dict[str, Any]:
    exports = "{ Grid, Scale, scaleOf, colorBar, TABLE: { SCALES, KNOTS, CURVES: Object.keys(CURVES) } }"
    modules = ("numbers", "tables", "scale", "ticks", "layers")
    script = "\n".join(page.module_body(name) for name in modules)
    code = f"const heatgrid = (() => {{ {script}\nreturn {exports}; }})();\n{PROBE}"
    done = subprocess.run(
        [NODE or "", "-e", code], input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_scales_and_ticks_match_python() -> None:
    cases = vectors()
    answer = run_node(cases)
    assert len(answer["found"]) == len(cases) >= len(SCALES) * len(GRIDS) * len(ENDS)
    for case, found in zip(cases, answer["found"], strict=True):
        wanted = expected(case)
        assert found["kind"] == wanted["kind"], case["options"]
        for name in wanted.keys() - {"kind"}:
            assert found[name] == pytest.approx(wanted[name], rel=1e-12, abs=1e-12), (name, case["options"])


def test_table_of_scales_is_generated() -> None:
    table = run_node([])["table"]
    assert table["CURVES"] == list(SCALES) == list(get_args(ScaleName)) == list(table["SCALES"])
    for name, kind in SCALES.items():
        assert table["SCALES"][name]["label"] == kind.label
        assert table["SCALES"][name]["ticks"] == kind.ticks
    assert table["SCALES"]["gamma"]["gamma"] == 0.5
    assert table["SCALES"]["percentile"]["percentiles"] == [1, 99]


def test_percentages_match_python() -> None:
    shares = [*np.random.default_rng(0).random(2000) ** 4, *(n / 8000 for n in range(8001)), 1e-7, 0.9999]
    script = "\n".join(page.module_body(name) for name in ("numbers", "dom", "charts"))
    probe = "console.log(JSON.stringify(JSON.parse(require('fs').readFileSync(0)).map(round)))"
    command = [NODE or "", "-e", f"{script}\n{probe}"]
    done = subprocess.run(command, input=json.dumps(shares), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [percent(share) for share in shares]
