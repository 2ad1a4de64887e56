"""Stamps and overlays compared with the reference, sides of lines compared with fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bulk
from heatgrid.core import kernel
from reference import blend, box_hits, disc_cells, level, point_hits

if TYPE_CHECKING:
    from heatgrid.core.kernel import StampShape

GRID = (9, 14)
SIZE = (28.0, 27.0)


def stamped(
    kind: StampShape, shapes: list[tuple[float, ...]], amounts: list[float]
) -> tuple[np.ndarray, float]:
    heat = np.zeros(GRID)
    columns = {"boxes": 4, "points": 2, "discs": 3}[kind]
    array = np.array(shapes).reshape(-1, columns)
    size = None if kind == "discs" else SIZE
    top, _ = kernel.stamp(heat, kind, array, np.array(amounts), size=size)
    return heat, top


def test_stamps_hit_the_cells_of_the_reference() -> None:
    random = bulk.seeded("stamps")
    kinds: tuple[StampShape, ...] = ("boxes", "points", "discs")
    for kind in kinds:
        shapes: list[tuple[float, ...]] = []
        amounts: list[float] = []
        expected = np.zeros(GRID)
        for _ in range(300):
            x, y = random.randrange(-8, 60) / 2, random.randrange(-8, 60) / 2
            amount = random.choice((1.0, 0.25, 3.0))
            amounts.append(amount)
            if kind == "boxes":
                box = (x, y, x + random.randrange(20), y + random.randrange(20))
                shapes.append(box)
                cells = list(box_hits(box, GRID, size=SIZE).shares)
            elif kind == "points":
                shapes.append((x, y))
                cells = list(point_hits((x, y), GRID, size=SIZE).shares)
            else:
                radius = random.choice((0.0, 0.5, 2.5, 7.0))
                shapes.append((x / 2, y / 3, radius))
                cells = disc_cells((x / 2, y / 3), radius, GRID)
            for cell in cells:
                expected[cell] += amount
        heat, top = stamped(kind, shapes, amounts)
        assert heat.tolist() == expected.tolist()
        assert top == expected.max()


def test_stamp_errors() -> None:
    disc, one = np.array([[1.0, 1.0, 1.0]]), np.ones(1)
    with pytest.raises(TypeError, match="float64"):
        kernel.stamp(np.zeros((3, 3), dtype=np.float32), "discs", disc, one)
    frozen = np.zeros((3, 3))
    frozen.flags.writeable = False
    with pytest.raises(ValueError, match="writeable"):
        kernel.stamp(frozen, "discs", disc, one)
    with pytest.raises(ValueError, match="contiguous"):
        kernel.stamp(np.zeros((3, 6))[:, ::2], "discs", disc, one)
    with pytest.raises(ValueError, match=r"\(1,\)"):
        kernel.stamp(np.zeros((3, 3)), "discs", disc, np.ones(2))
    with pytest.raises(ValueError, match="footprints"):
        kernel.stamp(np.zeros((3, 3)), "discs", disc, one, footprints=[])
    with pytest.raises(ValueError, match="limits"):
        kernel.stamp(np.zeros((3, 3)), "discs", disc, one, limits=np.zeros((2, 4), dtype=np.int64))


def test_overlay_equals_the_reference() -> None:
    random = np.random.default_rng(3)
    heat = random.choice([0.0, 1e-9, 0.5, 1.0, 3.0, 1e9], (13, 37)) * random.random((13, 37))
    frame = random.integers(0, 256, (13, 37, 3), dtype=np.uint8)
    colors = random.integers(0, 256, (257, 3), dtype=np.uint8)
    opacities = random.choice([0, 1, 64, 128, 200, 255, 256], 257).astype(np.uint16)
    out = np.zeros_like(frame)
    kernel.overlay(heat, (90.0, 1.5), (colors, opacities), frame, out)
    levels = [[level(value, 90.0, 1.5) for value in row] for row in heat.tolist()]
    assert out.tolist() == [
        [
            [
                blend(below, int(color), int(opacities[at]))
                for below, color in zip(pixel, colors[at], strict=True)
            ]
            for pixel, at in zip(row, places, strict=True)
        ]
        for row, places in zip(frame.tolist(), levels, strict=True)
    ]


def test_overlay_errors() -> None:
    heat, frame = np.zeros((2, 2)), np.zeros((2, 2, 3), dtype=np.uint8)
    colors, opacities = np.zeros((257, 3), dtype=np.uint8), np.zeros(257, dtype=np.uint16)
    for palette, message in (
        ((colors[:9], opacities), "colors must have shape"),
        ((colors, opacities[:9]), "opacities must have shape"),
        ((colors, opacities + np.uint16(257)), "at most 256"),
    ):
        with pytest.raises(ValueError, match=message):
            kernel.overlay(heat, (1.0, 1.0), palette, frame, frame.copy())
    with pytest.raises(ValueError, match="out must have the shape"):
        kernel.overlay(heat, (1.0, 1.0), (colors, opacities), frame, np.zeros((3, 2, 3), dtype=np.uint8))
    with pytest.raises(ValueError, match="heat must be a grid"):
        kernel.overlay(np.zeros(4), (1.0, 1.0), (colors, opacities), frame, frame.copy())


def test_blended_pixels_must_lie_in_the_frame() -> None:
    frame = np.full((2, 3, 3), 100, dtype=np.uint8)
    places, ink = np.array([[1, 2]], dtype=np.int32), np.array([[128 * 7 + 128] * 3], dtype=np.uint16)
    rest = np.array([128], dtype=np.uint16)
    kernel.blend_pixels(frame, places, ink, rest)
    assert frame[1, 2].tolist() == [54] * 3
    frame[1, 2] = 100
    assert (frame == 100).all()
    for place in ((-1, 0), (2, 0), (0, -1), (0, 3)):
        with pytest.raises(ValueError, match="places must lie in the frame"):
            kernel.blend_pixels(frame, np.array([place], dtype=np.int32), ink, rest)
    with pytest.raises(ValueError, match="ink must have shape"):
        kernel.blend_pixels(frame, places, ink[:0], rest)
    with pytest.raises(ValueError, match="rest must have shape"):
        kernel.blend_pixels(frame, places, ink, rest[:0])
    frame.flags.writeable = False
    with pytest.raises(ValueError, match="writeable"):
        kernel.blend_pixels(frame, places, ink, rest)


coordinates = st.one_of(st.integers(-3, 3).map(float), st.floats(-1e6, 1e6), st.floats(-1e-300, 1e-300))
positions = st.tuples(coordinates, coordinates)


@given(st.lists(st.tuples(positions, positions, positions), min_size=1, max_size=8))
def test_sides_are_exact(triples: list[tuple[tuple[float, float], ...]]) -> None:
    a, b, c = (np.array([triple[k] for triple in triples]) for k in range(3))
    expected = []
    for triple in triples:
        (ax, ay), (bx, by), (cx, cy) = [[Fraction(v) for v in position] for position in triple]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        expected.append((area > 0) - (area < 0))
    assert kernel.orientations(a, b, c).tolist() == expected
