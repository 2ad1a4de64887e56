"""A small made-up data set of street scenes, so that a newcomer sees the point in a minute."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

WIDTH, HEIGHT = 1280, 720


@dataclass(frozen=True, slots=True)
class Thing:
    """How one class of objects is spread over the images, in shares of the image."""

    name: str
    mean: tuple[float, float]
    spread: tuple[float, float]
    size: tuple[float, float]
    per_image: float


THINGS = (
    Thing("car", (0.52, 0.66), (0.20, 0.07), (0.13, 0.11), 4.0),
    Thing("pedestrian", (0.16, 0.62), (0.08, 0.06), (0.035, 0.17), 2.0),
    Thing("pedestrian", (0.86, 0.62), (0.06, 0.06), (0.035, 0.17), 1.4),
    Thing("traffic light", (0.73, 0.24), (0.07, 0.07), (0.022, 0.08), 0.9),
    Thing("bicycle", (0.30, 0.74), (0.10, 0.05), (0.07, 0.11), 0.6),
)


def write_demo(path: Path, *, images: int = 800, seed: int = 7) -> int:
    """Write a COCO file of made-up annotations, polygons and boxes mixed.

    Parameters
    ----------
    path
        The file to write.
    images
        How many images to speak of; none is made.
    seed
        Equal seeds write equal files.

    Returns
    -------
    int
        The number of annotations.
    """
    random = np.random.default_rng(seed)
    names = list(dict.fromkeys(thing.name for thing in THINGS))
    annotations: list[dict[str, Any]] = []
    for image in range(images):
        for thing in THINGS:
            for _ in range(random.poisson(thing.per_image)):
                annotation = _annotation(random, thing)
                annotation |= {
                    "id": len(annotations) + 1,
                    "image_id": image + 1,
                    "category_id": names.index(thing.name) + 1,
                }
                annotations.append(annotation)
    document = {
        "info": {"description": "Made-up street scenes"},
        "images": [
            {"id": i + 1, "file_name": f"street_{i + 1:04d}.jpg", "width": WIDTH, "height": HEIGHT}
            for i in range(images)
        ],
        "categories": [{"id": i + 1, "name": name} for i, name in enumerate(names)],
        "annotations": annotations,
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return len(annotations)


def _annotation(random: np.random.Generator, thing: Thing) -> dict[str, Any]:
    """Draw one object; what is lower in the image is nearer, so larger."""
    x, y = np.clip(random.normal(thing.mean, thing.spread), 0.01, 0.99)
    nearness = 0.5 + 1.3 * max(0.0, y - 0.35)
    width, height = np.array(thing.size) * nearness * random.lognormal(0.0, 0.35)
    angles = np.sort(random.uniform(0, 2 * np.pi, 14))
    radii = random.uniform(0.42, 0.5, 14)
    outline = np.stack([x + width * radii * np.cos(angles), y + height * radii * np.sin(angles)], axis=1)
    outline = np.clip(outline, 0.0, 1.0) * (WIDTH, HEIGHT)
    low, high = outline.min(axis=0), outline.max(axis=0)
    box = [round(float(v), 1) for v in (*low, *(high - low))]
    ring = [round(float(v), 1) for v in outline.ravel()]
    return {
        "bbox": box,
        "area": round(box[2] * box[3], 1),
        "segmentation": [ring] if random.random() < 0.8 else [],
        "iscrowd": 0,
    }
