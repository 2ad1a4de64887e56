"""Files that the examples of the README, the site and the docstrings name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

import heatgrid as hg
from heatgrid.commands.demo import HEIGHT, WIDTH, write_demo

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("annotations", "train", "valid", "day", "night")
TRACKS = [f"{frame},7,{300 + 5 * frame},{100 + 40 * frame},40,80,0.9,1,1" for frame in range(1, 9)]


def write_data(folder: Path) -> None:
    """Write all files into a folder."""
    for seed, name in enumerate(NAMES):
        write_demo(folder / f"{name}.json", images=20, seed=seed)
    write_results(folder)
    write_predictions(folder)
    write_cameras(folder)
    write_images(folder)
    write_yolo(folder)
    write_tables(folder)
    write_tracks(folder)
    for name in ("part1", "part2"):
        hg.heatmap(folder / "annotations.json", 100).save(folder / f"{name}.npz")
    (folder / "docs").symlink_to(ROOT / "docs")


def document(path: Path) -> dict[str, Any]:
    """Return the content of a JSON file."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def write_results(folder: Path) -> None:
    """Write every second object of annotations.json as a COCO result."""
    keys = ("image_id", "category_id", "bbox")
    truth = document(folder / "annotations.json")["annotations"]
    results = [{key: one[key] for key in keys} | {"score": 0.9} for one in truth[::2]]
    (folder / "results.json").write_text(json.dumps(results))


def write_predictions(folder: Path) -> None:
    """Write the objects of day.json, without those in the upper half, with scores."""
    rows = ["image,class,x,y,width,height,score,image_width,image_height"]
    for i, (image, name, (x, y, width, height)) in enumerate(objects(folder / "day.json")):
        if y + height / 2 > HEIGHT / 2:
            rows.append(f"{image},{name},{x},{y},{width},{height},{0.5 + i % 5 / 10},{WIDTH},{HEIGHT}")
    (folder / "predictions.csv").write_text("\n".join(rows) + "\n")


def write_cameras(folder: Path) -> None:
    """Write day.json with times in the names of images, and every third object occluded."""
    content = document(folder / "day.json")
    for i, image in enumerate(content["images"]):
        image["file_name"] = f"cam1_20260501_{(12, 23)[i % 2]}_{i:04}.jpg"
    for i, one in enumerate(content["annotations"]):
        one["occluded"] = i % 3 == 0
    (folder / "cameras.json").write_text(json.dumps(content))


def objects(path: Path) -> Iterator[tuple[str, str, list[float]]]:
    """Yield image, class and box of the objects of a COCO file."""
    content = document(path)
    images = {image["id"]: image["file_name"] for image in content["images"]}
    classes = {category["id"]: category["name"] for category in content["categories"]}
    for one in content["annotations"]:
        yield images[one["image_id"]], classes[one["category_id"]], one["bbox"]


def write_images(folder: Path) -> None:
    """Write gray photographs of the images of annotations.json, a floor plan, and two frames."""
    for image in document(folder / "annotations.json")["images"]:
        path = folder / "photos" / image["file_name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (WIDTH, HEIGHT), (90, 100, 110)).save(path)
    Image.new("RGB", (400, 600), (200, 200, 200)).save(folder / "plan.png")
    (folder / "images").mkdir()
    for name in "ab":
        Image.new("RGB", (64, 48), (90, 100, 110)).save(folder / f"images/{name}.png")


def write_yolo(folder: Path) -> None:
    """Write a YOLO data set with two splits: data.yaml, and the same in the folder export."""
    for root in (folder, folder / "export"):
        for split, name in (("train", "train"), ("valid", "valid")):
            labels = root / split / "labels"
            labels.mkdir(parents=True)
            classes: dict[str, int] = {}
            rows: dict[str, list[str]] = {}
            for image, label, (x, y, w, h) in objects(folder / f"{name}.json"):
                number = classes.setdefault(label, len(classes))
                box = (x + w / 2) / WIDTH, (y + h / 2) / HEIGHT, w / WIDTH, h / HEIGHT
                rows.setdefault(Path(image).stem, []).append(" ".join(map(str, (number, *box))))
            for stem, lines in rows.items():
                (labels / f"{stem}.txt").write_text("\n".join(lines) + "\n")
        names = json.dumps(list(classes))
        (root / "data.yaml").write_text(f"train: train/labels\nval: valid/labels\nnames: {names}\n")


def write_tables(folder: Path) -> None:
    """Write tables of points and boxes, and regions."""
    (folder / "points.csv").write_text("x,y\n100,200\n1000,700\n")
    (folder / "clicks.csv").write_text("column,row\n100,200\n1000,700\n")
    for name, (x1, y1, x2, y2) in {"clock": (0, 0, 200, 40), "lanes": (0, 200, 900, 720)}.items():
        corners = [[x1, y1], [x2, y1], [x2, y2], [x1, y2], [x1, y1]]
        geometry = {"type": "Polygon", "coordinates": [corners]}
        feature = {"type": "Feature", "properties": {"name": name}, "geometry": geometry}
        text = json.dumps({"type": "FeatureCollection", "features": [feature]})
        (folder / f"{name}.geojson").write_text(text)


def write_tracks(folder: Path) -> None:
    """Write the track of one person, as MOT rows and as JSON Lines, and maps of them."""
    for name in ("tracks", "gt", "door"):
        (folder / f"{name}.txt").write_text("\n".join(TRACKS) + "\n")
    line = {"frame": 1, "xyxy": [[300, 100, 340, 140]], "ids": [7], "classes": ["person"], "scores": [0.9]}
    (folder / "detections.jsonl").write_text(json.dumps(line) + "\n")
    hg.Heatmap((60, 40)).add_points([[0.5, 0.5]]).save(folder / "window.npz")


def write_video(path: Path) -> None:
    """Write eight black frames; needs PyAV."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=30)
        stream.width, stream.height = WIDTH, HEIGHT
        for _ in range(8):
            frame = av.VideoFrame.from_ndarray(np.zeros((HEIGHT, WIDTH, 3), np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
