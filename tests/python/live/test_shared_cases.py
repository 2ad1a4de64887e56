"""Cases of public bug reports, with the values that were worked out by hand."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from heatgrid.commands.cli import main

CASES = Path(__file__).parents[3].parent / "shared/cases"

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the folder ../shared/cases does not exist")


def printed(name: str, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Run a script, and return the result that it prints for each case."""
    runpy.run_path(str(CASES / "c22_live" / name))
    lines = (line for line in capsys.readouterr().out.splitlines() if line.startswith("== "))
    return {
        case.removeprefix("== "): result for case, _, result in (line.partition(" -> ") for line in lines)
    }


def test_tracks(capsys: pytest.CaptureFixture[str]) -> None:
    results = {case.split()[0]: result for case, result in printed("live.py", capsys).items()}
    for case in ("L1", "L1b", "L1c", "L1d", "L1e"):
        assert results[case].startswith("(0, 0,"), case
        assert ("no track" in results[case]) == (case != "L1c"), case
    assert results["L2"].startswith("(1, 1,")
    assert results["L3"].startswith("(15, 15,")
    assert results["L4"].startswith("(2, 0,")
    assert results["L5c"].startswith("({'p': 2.0},")
    assert results["L6b"].startswith("('settable', \"AttributeError(")


def test_setters(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.syspath_prepend(str(CASES / "c22_live"))
    results = printed("live2.py", capsys)
    assert results["zones replaced / points replaced"] == "(({None: 1}, {None: 1}), {None: 1})"
    assert results["homography per frame (moving camera), expected 2 cells"] == "[[3, 2], [3, 7]]"
    assert results["line moved by attribute, expect 1"] == "1"


def video(capsys: pytest.CaptureFixture[str], *arguments: Any, code: int = 0) -> tuple[Any, str]:
    """Run the command, check its exit code, and return its JSON and its messages."""
    assert main(["video", *map(str, arguments), "--json"]) == code
    told = capsys.readouterr()
    return json.loads(told.out), told.err


def test_file_without_ids(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = CASES / "c27_video" / "det.txt"
    black = ("--size", "64x64", "--line", "0,32,64,32", "--map", tmp_path / "m.npz")
    told, messages = video(capsys, "--detections", found, *black)
    assert (told["zones"][0]["entered"], told["zones"][0]["left"]) == ({}, {})
    assert "no ids: lines cannot count" in messages


@pytest.mark.peers
def test_variable_frame_rate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    av: Any = pytest.importorskip("av")
    folder, out = CASES / "c27_video", tmp_path / "out.mp4"
    region = ("--region", "0,0,64,0,64,64,0,64")
    found = folder / "vfr.txt"  # with a detection in a ninth frame
    told, messages = video(capsys, folder / "vfr.mp4", "--detections", found, *region, "-o", out, code=3)
    assert " 1  frame that the video does not have" in messages
    assert told["zones"][0]["dwell"] == {"(none)": pytest.approx(2.0)}
    times = []
    for path in (folder / "vfr.mp4", out):
        with av.open(str(path)) as container:
            times.append([round(float(frame.time), 3) for frame in container.decode(video=0)])
    assert times[0] == times[1]
    assert len(times[0]) == 7
