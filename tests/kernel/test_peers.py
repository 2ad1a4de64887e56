"""Second opinions: libraries that define the same, where their definitions meet heatgrid's.

- rasterio (GDAL) burns the pixels whose centre lies in a polygon: the rule ``center``, away from ties and
  without the fallback. With ``all_touched`` it burns what a shape's outline or inside overlaps: the rule
  ``touch``, where no vertex lies within a hundredth of a cell of a line between cells, since GDAL takes that
  as on the line. It unites no overlapping parts, so polygons have one.
- exactextract finds the share of each cell that a polygon covers, as float32: the rule ``area``, for polygons
  that do not cross themselves.
- pycocotools encodes and decodes masks; the pixels under the cells' centres are the rule ``center``, and the
  mean of each cell's pixels is the rule ``area``, where cells are whole numbers of pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from comparison import shapes_of, statuses_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ring = NDArray[np.float64]
    Part = list[Ring]

pytestmark = [
    pytest.mark.peers,
    # pycocotools speaks to numpy in the manner of numpy 1.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

GRIDS = [(10, 10), (7, 33), (64, 64), (200, 3), (1, 1)]


def star(rng: np.random.Generator) -> Part:
    """Return a ring around a point, sometimes with a hole; rings do not cross themselves."""
    vertices = int(rng.integers(5, 12))
    turns = (np.arange(vertices) + rng.uniform(0, 0.8, vertices)) * 2 * np.pi / vertices
    radii = rng.uniform(0.05, 0.6) * rng.uniform(0.1, 1, vertices)[:, np.newaxis]
    spokes = radii * np.column_stack([np.cos(turns), np.sin(turns)])
    middle = rng.uniform(-0.1, 1.1, 2)
    size = [1.0] if rng.random() < 0.7 else [1.0, rng.uniform(0.2, 0.8)]
    return [middle + size * spokes for size in size]


def stars(n: int = 200) -> list[Part]:
    """Return seeded stars."""
    rng = np.random.default_rng(20)
    return [star(rng) for _ in range(n)]


def stars_off_edges(grid: tuple[int, int]) -> list[Part]:
    """Return seeded stars whose vertices are moved well inside of cells."""
    scale = np.array(grid[::-1])

    def moved(ring: Ring) -> Ring:
        cells = np.floor(ring * scale)
        inside: Ring = (cells + 0.05 + 0.9 * (ring * scale - cells)) / scale
        return inside

    return [[moved(ring) for ring in part] for part in stars()]


def columns(parts: list[Part]) -> tuple[NDArray[np.float64], tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return coordinates and the offsets of rings and parts."""
    rings = [ring for part in parts for ring in part]
    ring_offsets = np.cumsum([0, *map(len, rings)])
    return np.concatenate(rings), (ring_offsets, np.cumsum([0, *map(len, parts)]))


def rasterized(geometries: list[dict[str, Any]], grid: tuple[int, int], **options: Any) -> NDArray[Any]:
    """Return the number of geometries that rasterio burns into each cell."""
    pytest.importorskip("rasterio", reason="rasterio is not installed")
    from rasterio.enums import MergeAlg
    from rasterio.features import rasterize
    from rasterio.transform import Affine

    burnt: NDArray[Any] = rasterize(
        [(geometry, 1) for geometry in geometries],
        out_shape=grid,
        transform=Affine.scale(1 / grid[1], 1 / grid[0]),
        merge_alg=MergeAlg.add,
        dtype="int32",
        **options,
    )
    return burnt


def polygon_of(part: Part) -> dict[str, Any]:
    rings = [[*ring.tolist(), ring[0].tolist()] for ring in part]
    return {"type": "Polygon", "coordinates": rings}


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_center_equals_rasterio(grid: tuple[int, int]) -> None:
    parts = stars()
    coords, offsets = columns(parts)
    statuses = statuses_of(shapes_of("polygons", coords, offsets), grid)
    held = [part for part, status in zip(parts, statuses, strict=True) if status == "counted"]
    coords, offsets = columns(held)
    expected = rasterized([polygon_of(part) for part in held], grid)
    assert np.array_equal(hg.count_polygons(coords, offsets, grid), expected)


def merged(geometries: list[dict[str, Any]], grid: tuple[int, int]) -> NDArray[Any]:
    """Sum one call per geometry, since one call with all_touched burns a pixel several times."""
    total = np.zeros(grid, dtype=np.int64)
    for geometry in geometries:
        total += rasterized([geometry], grid, all_touched=True) > 0
    return total


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_touch_equals_rasterio_all_touched(grid: tuple[int, int]) -> None:
    parts = stars_off_edges(grid)
    coords, offsets = columns(parts)
    expected = merged([polygon_of(part) for part in parts], grid)
    assert np.array_equal(hg.count_polygons(coords, offsets, grid, rule="touch"), expected)


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_lines_equal_rasterio_all_touched(grid: tuple[int, int]) -> None:
    paths = [part[0] for part in stars_off_edges(grid)]
    offsets = np.cumsum([0, *map(len, paths)])
    expected = merged([{"type": "LineString", "coordinates": path.tolist()} for path in paths], grid)
    assert np.array_equal(hg.count_lines(np.concatenate(paths), offsets, grid), expected)


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_areas_equal_exactextract(grid: tuple[int, int]) -> None:
    exactextract = pytest.importorskip("exactextract", reason="exactextract is not installed")
    from exactextract.feature import JSONFeatureSource
    from exactextract.raster import NumPyRasterSource

    parts = stars(100)
    source = JSONFeatureSource([{"type": "Feature", "geometry": polygon_of(part)} for part in parts])
    raster = NumPyRasterSource(np.zeros(grid), xmin=0.0, ymin=0.0, xmax=1.0, ymax=1.0)
    expected = np.zeros(grid[0] * grid[1])
    for feature in exactextract.exact_extract(raster, source, ["cell_id", "coverage"]):
        found = feature["properties"]
        np.add.at(expected, np.asarray(found["cell_id"], dtype=np.int64), found["coverage"])
    # The raster's first row is its highest y, heatgrid's the lowest.
    coords, offsets = columns(parts)
    areas = hg.count_polygons(coords, offsets, grid, rule="area")
    assert np.allclose(areas, expected.reshape(grid)[::-1], rtol=1e-6, atol=1e-5)


def coco_masks() -> tuple[list[dict[str, Any]], NDArray[np.uint8]]:
    """Return seeded masks of rectangles and noise, encoded by pycocotools, and their decoded bitmaps."""
    coco = pytest.importorskip("pycocotools.mask", reason="pycocotools is not installed")
    rng = np.random.default_rng(7)
    pixels = np.zeros((30, 60, 84), dtype=np.uint8)
    for mask in pixels:
        top, left = rng.integers(0, 50, 2)
        mask[top : top + rng.integers(1, 40), left : left + rng.integers(1, 60)] = 1
    pixels ^= (rng.random(pixels.shape) < 0.05).astype(np.uint8)
    codes = [coco.encode(np.asfortranarray(mask)) for mask in pixels]
    return codes, np.stack([coco.decode(code) for code in codes])


@pytest.mark.parametrize("grid", [(10, 10), (60, 84), (7, 13), (100, 200)], ids=str)
def test_masks_equal_pycocotools(grid: tuple[int, int]) -> None:
    codes, pixels = coco_masks()
    rows, cells = (((np.arange(n) + 0.5) / n * size) for n, size in zip(grid, (60, 84), strict=True))
    sampled = pixels[:, rows.astype(np.int64)[:, np.newaxis], cells.astype(np.int64)]
    assert np.array_equal(hg.count_masks(codes, grid), sampled.sum(axis=0))


@pytest.mark.parametrize("grid", [(10, 12), (60, 84), (1, 1)], ids=str)
def test_areas_of_masks_equal_means_of_pixels(grid: tuple[int, int]) -> None:
    codes, pixels = coco_masks()
    rows, cells = grid
    blocks = pixels.reshape(len(pixels), rows, 60 // rows, cells, 84 // cells)
    areas = hg.count_masks(codes, grid, rule="area")
    assert np.allclose(areas, blocks.mean(axis=(2, 4)).sum(axis=0), rtol=1e-12)
