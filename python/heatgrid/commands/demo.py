"""``heatgrid demo``: count and draw a synthetic data set of street scenes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.commands.converters import whole
from heatgrid.commands.options import add_command, add_json
from heatgrid.commands.output import DONE, print_map, show

if TYPE_CHECKING:
    import argparse


def add_demo(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "demo",
        run,
        description="Write a small synthetic data set of street scenes, count it, and draw it.",
    )
    add = parser.add_argument
    add("-o", "--output", default="heatgrid-demo", metavar="DIR", help="folder to write to")
    add("--images", type=whole(1), default=800, metavar="N", help="number of images (default: 800)")
    add_json(parser)
    add("--seed", type=whole(0), default=7, help="equal seeds give equal examples")


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from heatgrid.datasets import heatmap

    folder = Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    annotations, picture = folder / "annotations.json", folder / "heatmap.png"
    write_demo(annotations, images=arguments.images, seed=arguments.seed)
    heat = heatmap(annotations)
    heat.save(picture, title="Object positions: synthetic street scenes")
    heat.save(folder / "heatmap.npz")
    if not arguments.json:
        show(arguments, f"$ heatgrid map {annotations} -o {picture}")
    arguments.output = picture.resolve()
    print_map(arguments, heat)
    return DONE


WIDTH, HEIGHT = 1280, 720


@dataclass(frozen=True, slots=True)
class SceneObject:
    """Distribution of one class of objects, in shares of the image."""

    name: str
    mean: tuple[float, float]
    spread: tuple[float, float]
    size: tuple[float, float]
    per_image: float


OBJECTS = (
    SceneObject("car", (0.52, 0.66), (0.20, 0.07), (0.13, 0.11), 4.0),
    SceneObject("pedestrian", (0.16, 0.62), (0.08, 0.06), (0.035, 0.17), 2.0),
    SceneObject("pedestrian", (0.86, 0.62), (0.06, 0.06), (0.035, 0.17), 1.4),
    SceneObject("traffic light", (0.73, 0.24), (0.07, 0.07), (0.022, 0.08), 0.9),
    SceneObject("bicycle", (0.30, 0.74), (0.10, 0.05), (0.07, 0.11), 0.6),
)


def write_demo(path: Path, *, images: int = 800, seed: int = 7) -> int:
    """Write a COCO file of synthetic annotations, some with polygons; return their number."""
    random = np.random.default_rng(seed)
    names = list(dict.fromkeys(kind.name for kind in OBJECTS))
    annotations: list[dict[str, Any]] = []
    for image in range(images):
        for kind in OBJECTS:
            for _ in range(random.poisson(kind.per_image)):
                annotation = _annotation(random, kind)
                annotation |= {
                    "id": len(annotations) + 1,
                    "image_id": image + 1,
                    "category_id": names.index(kind.name) + 1,
                }
                annotations.append(annotation)
    document = {
        "info": {"description": "Synthetic street scenes"},
        "images": [
            {"id": i + 1, "file_name": f"street_{i + 1:04d}.jpg", "width": WIDTH, "height": HEIGHT}
            for i in range(images)
        ],
        "categories": [{"id": i + 1, "name": name} for i, name in enumerate(names)],
        "annotations": annotations,
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return len(annotations)


def _annotation(random: np.random.Generator, kind: SceneObject) -> dict[str, Any]:
    """Return a random object; lower ones are nearer to the camera and larger."""
    x, y = np.clip(random.normal(kind.mean, kind.spread), 0.01, 0.99)
    nearness = 0.5 + 1.3 * max(0.0, y - 0.35)
    width, height = np.array(kind.size) * nearness * random.lognormal(0.0, 0.35)
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
