"""Files of MATLAB, against scipy: the variables of each kind, and the poses of MPII's original file.

The layout of the samples, written by scipy, is that which the README of MPII's annotations describes.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from heatgrid.errors import FormatError
from heatgrid.io.formats.mpii import HEADS, NO_JOINTS
from heatgrid.io.formats.mpii.mat_files import read_variables
from heatgrid.io.options import ReadOptions
from heatgrid.io.read import detect
from samples import DATA, outcomes, read_all

if TYPE_CHECKING:
    from pathlib import Path

RELEASE = DATA / "mpii/valid/release"


def test_joints_rough_positions_and_splits() -> None:
    batches, report = read_all(RELEASE)
    assert [(batch.image_names, batch.split) for batch in batches] == [
        (["a.jpg"], "train"),
        (["b.jpg"], "test"),
        (["c.jpg"], "train"),
    ]
    first, second, _ = batches
    assert first.points is not None
    assert second.points is not None
    assert first.points.coords.tolist() == [[10, 20], [30, 20.5], [50, 60], [70, 20]]
    assert first.points.offsets.tolist() == [0, 3, 4]
    assert second.points.coords.tolist() == [[25, 15]]
    assert report.notes == {HEADS: 2}
    assert first.where(1).endswith(".mat: annolist[0].[1]")
    assert [batch.image_names for batch in read_all(RELEASE, splits="test")[0]] == [["b.jpg"]]


def test_person_without_a_place_is_skipped() -> None:
    batches, _ = read_all(DATA / "mpii/broken/release")
    assert outcomes(batches).skipped == {NO_JOINTS: 1}


def plain(value: Any) -> Any:
    """Return what scipy reads in the form of `read_variables`."""
    if isinstance(value, np.ndarray) and value.dtype.names:
        return [{name: plain(one[name]) for name in value.dtype.names} for one in value.T.ravel()]
    if isinstance(value, np.ndarray) and value.dtype == object:
        held = [plain(one) for one in value.T.ravel()]
        return [one for cell in held for one in ([cell] if isinstance(cell, str) else cell)]
    if isinstance(value, np.ndarray) and value.dtype.kind == "U":
        return "".join(value.ravel())
    return value.T.ravel().tolist()


@pytest.mark.peers
@pytest.mark.parametrize("do_compression", [True, False])
def test_variables_are_those_of_scipy(tmp_path: Path, *, do_compression: bool) -> None:
    scipy = pytest.importorskip("scipy.io")
    rows = np.empty((1, 2), dtype=[("name", object), ("x", object), ("inner", object)])
    rows["name"] = [["a.jpg", "Gebüsch 木"]]
    rows["x"] = [[0.1, np.zeros((0, 0))]]
    for i in range(2):
        rows["inner"][0, i] = {"id": np.int16(-3 - i), "deep": {"y": [1.5, 2.5]}}
    cells = np.empty((1, 3), dtype=object)
    cells[0, :] = ["text", np.array([[1, 2], [3, 4]], dtype=np.uint8), rows]
    variables: dict[str, Any] = {
        f"n_{kind}": np.array([[0, 1, 100]], dtype=kind)
        for kind in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")
    }
    variables |= {"rows": rows, "cells": cells, "text": "Straße", "none": np.zeros((0, 0))}
    variables["complex"] = np.array([[1 + 2j]])
    path = tmp_path / "all.mat"
    scipy.savemat(path, variables, do_compression=do_compression)
    expected = {name: plain(value) for name, value in scipy.loadmat(path).items() if name[:2] != "__"}
    expected["complex"] = [1.0]
    assert read_variables(path, ReadOptions()) == expected


def test_big_endian_file(tmp_path: Path) -> None:
    """By hand, after the description of the layout: a row of two numbers, one of which is in the tag."""
    numbers = bytes.fromhex("00000009 00000010 3ff0000000000000 c004000000000000")
    matrix = bytes.fromhex("00000006 00000008 00000006 00000000 00000005 00000008 00000001 00000002")
    name = bytes.fromhex("00010001 78000000")
    body = matrix + name + numbers
    header = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x01\x00MI"
    path = tmp_path / "big.mat"
    path.write_bytes(header + bytes.fromhex("0000000e") + len(body).to_bytes(4, "big") + body)
    assert read_variables(path, ReadOptions()) == {"x": [1.0, -2.5]}


def test_other_files_of_matlab_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.mat"
    content = (DATA / "mpii/broken/release/mpii.mat").read_bytes()
    path.write_bytes(content.replace(b"RELEASE", b"RELATED"))
    with pytest.raises(FormatError, match=r"a file of MATLAB: read it by scipy\.io\.loadmat"):
        detect(path)
    path.write_bytes(content[:-3])
    with pytest.raises(FormatError, match="an element is cut off"):
        read_all(path)


def test_variable_that_unpacks_to_too_much(tmp_path: Path) -> None:
    packed = zlib.compress(bytes(1 << 22))
    header = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM"
    path = tmp_path / "bomb.mat"
    path.write_bytes(header + b"\x0f\0\0\0" + len(packed).to_bytes(4, "little") + packed)
    with pytest.raises(FormatError, match=r"larger than limits\.archive_ratio allows"):
        read_variables(path, ReadOptions())
