"""Saved maps that are damaged or hostile."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from typing import Any

import numpy as np
import pytest

import heatgrid as hg

MAP = hg.Heatmap(2, ["car"]).add_boxes([[0.0, 0.0, 1.0, 1.0]], labels=["car"])


def repack(heat: hg.Heatmap, counts: np.ndarray | None = None, **changes: Any) -> bytes:
    """Return a saved map with other counts, or changed entries of its header."""
    stream = io.BytesIO(heat.to_bytes())
    with np.load(stream, allow_pickle=False) as archive:
        arrays = dict(archive)
    plain = json.loads(str(arrays["heatgrid"]))
    for name, value in changes.items():
        inner = plain
        *path, last = name.split("__")
        for key in path:
            inner = inner[key]
        inner[last] = value
    arrays["heatgrid"] = np.array(json.dumps(plain))
    if counts is not None:
        arrays["counts"] = counts
    saved = io.BytesIO()
    np.savez_compressed(saved, allow_pickle=False, **arrays)
    return saved.getvalue()


def test_repacking_changes_nothing() -> None:
    assert hg.Heatmap.from_bytes(repack(MAP)) == MAP


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_weighted_maps_are_finite(value: float) -> None:
    heat = hg.Heatmap(2, weighted=True)
    with pytest.raises(hg.FormatError, match="counts must be finite"):
        hg.Heatmap.from_bytes(repack(heat, np.array([[[0.0, value], [0.0, 0.0]]])))


@pytest.mark.parametrize("value", [-1, 1.5, 1 << 70, "1", None])
@pytest.mark.parametrize(
    "name",
    ["report__files", "report__notes__x", "report__classes__car__counted", "report__classes__car__images"],
)
def test_numbers_of_reports_are_counts(name: str, value: Any) -> None:
    with pytest.raises(hg.FormatError, match="a number of a report must be from 0"):
        hg.Heatmap.from_bytes(repack(MAP, **{name: value}))


def test_sums_over_classes_fit() -> None:
    heat = hg.Heatmap(1, ["a", "b"])
    with pytest.raises(hg.FormatError, match="int64"):
        hg.Heatmap.from_bytes(repack(heat, np.full((2, 1, 1), 1 << 62)))


def test_byte_order_does_not_matter() -> None:
    counts = np.array([[[1, 2], [3, 4]]], dtype=">i8")
    assert hg.Heatmap.from_bytes(repack(MAP, counts)).counts.tolist() == [[1, 2], [3, 4]]


def peak_of_loading(data: bytes, **options: Any) -> int:
    tracemalloc.start()
    try:
        hg.load(io.BytesIO(data), **options)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


@pytest.mark.parametrize("options", [{}, {"weighted": True}, {"classes": ["a", "b", "c"]}])
def test_loading_takes_little_more_memory_than_the_map(options: Any) -> None:
    heat = hg.Heatmap(1500, **options)
    if not options.get("weighted"):
        heat._counts.grids.counts[:, 0, 0] = 1 << 61  # so that sums are checked
    size = heat._counts.grids.counts.nbytes
    assert peak_of_loading(heat.to_bytes()) < 1.2 * size


def test_claims_are_checked_before_memory_is_taken() -> None:
    large = repack(MAP, grid=[20_000, 20_000])
    tracemalloc.start()
    with pytest.raises(hg.FormatError, match="its counts are smaller than its header says"):
        hg.Heatmap.from_bytes(large)
    with pytest.raises(hg.FormatError, match=r"more than limits\.map_bytes=1,000"):
        hg.load(io.BytesIO(repack(hg.Heatmap(100))), limits=hg.Limits(map_bytes=1000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_headers_are_limited() -> None:
    saved = io.BytesIO()
    with (
        zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("heatgrid.npy", "w") as text,
    ):
        for _ in range(300):
            text.write(bytes(1 << 20))
    tracemalloc.start()
    with pytest.raises(hg.FormatError, match="its header takes 314,572,800 bytes"):
        hg.load(saved)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20
