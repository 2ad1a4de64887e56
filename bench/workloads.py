"""Seeded inputs of all benchmarks, with the statistics of COCO's annotations.

Coordinates are normalized and clipped to the unit square. The same seed and size give the same input on every
machine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SEED = 20240229
MEDIAN_SIDE = 0.11
SIDE_SIGMA = 1.0
# Share of the variance that both sides of a box have in common.
COMMON_VARIANCE = 0.85
CENTER_SPREAD = 0.2
MEDIAN_VERTICES = 17.8
VERTEX_SIGMA = 0.77
FEWEST_VERTICES = 4
MOST_VERTICES = 400
CLASSES = 80
ANNOTATIONS_PER_IMAGE = 7.3
ROWS_PER_FILE = 7
GOLDEN = 0.6180339887498949


@dataclass(frozen=True, eq=False)
class Tags:
    """Attributes of annotations other than their shape.

    Attributes
    ----------
    labels : ndarray of int64, shape (N,)
        Class of each annotation, in ``[0, CLASSES)``; a few are frequent and most are rare.
    images : ndarray of int64, shape (N,)
        Image of each annotation, in ascending order.
    weights : ndarray of float64, shape (N,)
        A confidence in ``(0, 1)``.
    """

    labels: NDArray[np.int64]
    images: NDArray[np.int64]
    weights: NDArray[np.float64]

    def pick(self, chosen: NDArray[np.int64]) -> Tags:
        """Return the annotations at these indices."""
        return Tags(self.labels[chosen], self.images[chosen], self.weights[chosen])


@dataclass(frozen=True, eq=False)
class Boxes:
    """Boxes as corners, ``x1 y1 x2 y2``, shape (N, 4)."""

    xyxy: NDArray[np.float64]
    tags: Tags

    def __len__(self) -> int:
        return len(self.xyxy)

    def sample(self, n: int) -> Self:
        """Return n boxes, spread evenly over all areas."""
        x1, y1, x2, y2 = self.xyxy.T
        chosen = spread((x2 - x1) * (y2 - y1), n)
        return replace(self, xyxy=self.xyxy[chosen], tags=self.tags.pick(chosen))

    def reads(self) -> tuple[NDArray[np.float64], ...]:
        """Return the arrays that a count must read at least once."""
        return (self.xyxy,)


@dataclass(frozen=True, eq=False)
class Polygons:
    """Polygons of one ring each: vertices (M, 2) and offsets (N + 1,)."""

    coords: NDArray[np.float64]
    offsets: NDArray[np.int64]
    tags: Tags

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def sample(self, n: int) -> Self:
        """Return n polygons, spread evenly over all bounding-box areas and numbers of vertices."""
        low = np.minimum.reduceat(self.coords, self.offsets[:-1])
        high = np.maximum.reduceat(self.coords, self.offsets[:-1])
        chosen = spread(np.prod(high - low, axis=1), n, np.diff(self.offsets))
        lengths = np.diff(self.offsets)[chosen]
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        rows = np.arange(offsets[-1]) + np.repeat(self.offsets[:-1][chosen] - offsets[:-1], lengths)
        return replace(self, coords=self.coords[rows], offsets=offsets, tags=self.tags.pick(chosen))

    def rings(self) -> list[NDArray[np.float64]]:
        """Return the vertices of each polygon."""
        return np.split(self.coords, self.offsets[1:-1])

    def reads(self) -> tuple[NDArray[np.float64], ...]:
        """Return the arrays that a count must read at least once."""
        return (self.coords,)

    def crossings(self, rows: int) -> int:
        """Return the number of crossings between edges and the center lines of `rows` grid rows."""
        centers = (np.arange(rows) + 0.5) / rows
        above = np.searchsorted(centers, self.coords[:, 1], side="left")
        before = np.arange(len(above)) - 1
        before[self.offsets[:-1]] = self.offsets[1:] - 1
        return int(np.abs(above - above[before]).sum())

    def work(self, rows: int) -> float:
        """Return the mean number of vertices and row crossings per polygon."""
        return (len(self.coords) + self.crossings(rows)) / len(self)


def spread(areas: NDArray[np.float64], n: int, details: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """Return n indices in ascending order, one from each of n groups of similar area.

    With `details`, the level of detail varies from group to group, in steps of the golden ratio.
    """
    size = len(areas)
    if n >= size:
        return np.arange(size)
    rank = np.empty(size, dtype=np.int64)
    rank[np.argsort(areas, kind="stable")] = np.arange(size)
    order = np.lexsort((rank if details is None else details, rank * n // size))
    starts = (np.arange(n + 1) * size + n - 1) // n
    turn = 0.5 if details is None else (np.arange(n) + 0.5) * GOLDEN % 1.0
    return np.sort(order[starts[:-1] + (turn * np.diff(starts)).astype(np.int64)])


def make_tags(n: int, rng: np.random.Generator) -> Tags:
    """Generate classes, images and weights for n annotations."""
    shares = 1.0 / np.arange(1, CLASSES + 1)
    labels = rng.choice(CLASSES, size=n, p=shares / shares.sum())
    starts = rng.random(n) < 1.0 / ANNOTATIONS_PER_IMAGE
    return Tags(labels.astype(np.int64), np.cumsum(starts).astype(np.int64), rng.random(n))


def make_frames(
    n: int, rng: np.random.Generator, median_side: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Generate centers (n, 2) and sides (n, 2)."""
    size = rng.standard_normal(n)
    own = rng.standard_normal((n, 2))
    exponent = np.sqrt(COMMON_VARIANCE) * size[:, None] + np.sqrt(1 - COMMON_VARIANCE) * own
    sides = np.minimum(median_side * np.exp(SIDE_SIGMA * exponent), 1.0)
    centers = np.clip(rng.normal(0.5, CENTER_SPREAD, (n, 2)), 0.01, 0.99)
    return centers, sides


@lru_cache(maxsize=8)
def boxes(n: int, *, median_side: float = MEDIAN_SIDE, seed: int = SEED) -> Boxes:
    """Generate n boxes: sides log-normal around `median_side`, centers normal around the middle."""
    rng = np.random.default_rng(seed)
    centers, sides = make_frames(n, rng, median_side)
    xyxy = np.concatenate((centers - sides / 2, centers + sides / 2), axis=1)
    return Boxes(np.clip(xyxy, 0.0, 1.0), make_tags(n, rng))


@lru_cache(maxsize=8)
def polygons(
    n: int, *, vertices: int | None = None, median_side: float = MEDIAN_SIDE, seed: int = SEED
) -> Polygons:
    """Generate n star-shaped polygons in frames like those of `boxes`, of 4 to 400 vertices, 24 on average.

    Vertices and size are independent, which favors peers whose time grows with their product. `vertices` sets
    one number of vertices for all polygons.
    """
    rng = np.random.default_rng(seed + 1)
    centers, sides = make_frames(n, rng, median_side)
    if vertices is None:
        vertex_counts = np.rint(MEDIAN_VERTICES * np.exp(VERTEX_SIGMA * rng.standard_normal(n)))
        lengths = np.clip(vertex_counts, FEWEST_VERTICES, MOST_VERTICES).astype(np.int64)
    else:
        lengths = np.full(n, vertices, dtype=np.int64)
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    outline = blob_outlines(lengths, rng)
    coords = np.repeat(centers, lengths, axis=0) + outline * np.repeat(sides / 2, lengths, axis=0)
    return Polygons(np.clip(coords, 0.0, 1.0), offsets, make_tags(n, rng))


def blob_outlines(lengths: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Generate closed outlines of radius about 1 around the origin: three low frequencies and noise."""
    total = int(lengths.sum())
    owner = np.repeat(np.arange(len(lengths)), lengths)
    within = np.arange(total) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    angle = 2 * np.pi * (within + 0.8 * rng.random(total)) / lengths[owner]
    radius = 0.85 + 0.06 * rng.standard_normal(total)
    for waves in (2, 3, 5):
        height = 0.2 / waves * rng.standard_normal(len(lengths))
        phase = 2 * np.pi * rng.random(len(lengths))
        radius += height[owner] * np.cos(waves * angle + phase[owner])
    radius = np.clip(radius, 0.2, 1.3)
    return np.stack((radius * np.cos(angle), radius * np.sin(angle)), axis=1)


def on_centers(workload: Boxes | Polygons, side: int) -> Boxes | Polygons:
    """Move all corners or vertices to the nearest cell centers of a `side` x `side` grid."""
    if isinstance(workload, Polygons):
        return replace(workload, coords=nearest_centers(workload.coords, side))
    return replace(workload, xyxy=nearest_centers(workload.xyxy, side))


def nearest_centers(values: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Round coordinates to cell centers, exactly as the grid defines them."""
    return (np.minimum(np.floor(values * side), side - 1) + 0.5) / side


IMAGE_SIZES = ((640, 480), (480, 640), (640, 427), (500, 375), (640, 640))


def write_coco(path: Path, n: int) -> int:
    """Write n polygons as a COCO file, in pixels with two decimals; return its size in bytes."""
    shapes = polygons(n)
    sizes = np.array(IMAGE_SIZES, dtype=np.float64)[shapes.tags.images % len(IMAGE_SIZES)]
    pixels = np.round(shapes.coords * np.repeat(sizes, np.diff(shapes.offsets), axis=0), 2)
    images = [image_entry(i) for i in range(int(shapes.tags.images[-1]) + 1)]
    categories = [{"supercategory": "thing", "id": 3 * i + 1, "name": f"class {i}"} for i in range(CLASSES)]
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '{"info": {"description": "a synthetic data set", "year": 2024}, "licenses": [], "images": '
        )
        file.write(f'{json.dumps(images)}, "annotations": [')
        for i, (begin, end) in enumerate(pairwise(shapes.offsets.tolist())):
            entry = annotation_entry(i, pixels[begin:end], shapes.tags)
            file.write(("" if i == 0 else ", ") + json.dumps(entry))
        file.write(f'], "categories": {json.dumps(categories)}}}')
    return path.stat().st_size


def image_entry(i: int) -> dict[str, Any]:
    """Return the entry of an image in a COCO file."""
    width, height = IMAGE_SIZES[i % len(IMAGE_SIZES)]
    name = f"{i:012d}.jpg"
    return {
        "license": 4,
        "file_name": name,
        "coco_url": f"http://images.example/train/{name}",
        "height": height,
        "width": width,
        "date_captured": "2013-11-14 17:02:52",
        "id": i,
    }


def annotation_entry(i: int, ring: NDArray[np.float64], tags: Tags) -> dict[str, Any]:
    """Return the entry of a polygon in a COCO file."""
    low, high = ring.min(axis=0), ring.max(axis=0)
    width, height = np.round(high - low, 2).tolist()
    return {
        "segmentation": [ring.ravel().tolist()],
        "area": round(width * height / 2, 4),
        "iscrowd": 0,
        "image_id": int(tags.images[i]),
        "bbox": [*low.tolist(), width, height],
        "category_id": 3 * int(tags.labels[i]) + 1,
        "id": 900100 + i,
    }


def write_yolo(folder: Path, n: int, *, segments: bool) -> int:
    """Write n label files of boxes or polygons, seven rows each; return their size in bytes."""
    rows = ROWS_PER_FILE * n
    shapes = polygons(rows)
    labels = folder / "labels"
    labels.mkdir(parents=True, exist_ok=True)
    names = "".join(f"  {i}: class {i}\n" for i in range(CLASSES))
    (folder / "data.yaml").write_text(f"path: .\ntrain: labels\nnames:\n{names}", encoding="utf-8")
    lines = [yolo_row(i, shapes, segments=segments) for i in range(rows)]
    written = 0
    for i in range(n):
        text = "\n".join(lines[ROWS_PER_FILE * i : ROWS_PER_FILE * (i + 1)]) + "\n"
        written += (labels / f"{i:06d}.txt").write_text(text, encoding="utf-8")
    return written


def yolo_row(i: int, shapes: Polygons, *, segments: bool) -> str:
    """Return a row of a label file: a class, and a polygon or its box with six decimals."""
    ring = shapes.coords[shapes.offsets[i] : shapes.offsets[i + 1]]
    low, high = ring.min(axis=0), ring.max(axis=0)
    numbers = ring.ravel() if segments else np.concatenate(((low + high) / 2, high - low))
    return f"{shapes.tags.labels[i]} " + " ".join(f"{number:.6f}" for number in numbers.tolist())
