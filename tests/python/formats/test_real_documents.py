"""JSON and XML files of real data sets: every annotation is read, or skipped for a reason."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from heatgrid.core.ragged import Flag
from heatgrid.errors import FormatError
from heatgrid.io.build import UNLABELED
from heatgrid.io.read import detect
from samples import outcomes, read_all, rows

REAL = Path(__file__).parents[3].parent / "shared/data"

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="../shared/data does not exist")

WHOLE_IMAGE = "image-level label ignored"


def load(path: Path) -> Any:
    return json.loads(path.read_bytes())


def label(path: Path) -> str:
    return str(path.relative_to(REAL))


CVAT = sorted([*REAL.glob("cvat/**/*.xml"), *REAL.glob("same-100-images/**/cvat_format/*.xml")])
SHAPES = ("box", "polygon", "polyline", "points")


@pytest.mark.parametrize("path", CVAT, ids=label)
def test_cvat_files(path: Path) -> None:
    assert detect(path) == "cvat"
    batches, report = read_all(path)
    root = ET.parse(path).getroot()  # noqa: S314 - trusted files
    shapes = [shape for tag in SHAPES for shape in root.iter(tag)]
    named = [image.get("label") for image in root.iter() if image.tag in {"track", *SHAPES}]
    assert report.read == len(shapes)
    assert report.notes.get(UNLABELED, 0) == named.count("")
    assert report.skips == 0
    frames = {shape.get("frame") for shape in shapes} - {None}
    assert report.images == len(root.findall("image")) + len(frames)
    outside = sum(shape.get("outside") == "1" for shape in shapes)
    flags = np.concatenate([batch.flags for batch in batches if batch.flags is not None])
    assert ((flags & Flag.OUTSIDE) != 0).sum() == outside
    vertices = sum(len(s.get("points", "").split(";")) for s in root.iter("polygon"))
    assert vertices == sum(len(batch.polygons.coords) for batch in batches if batch.polygons)
    assert outcomes(batches).skips == report.skips


@pytest.mark.parametrize("name", ["cvat_format", "labelme_format"])
def test_hundred_images_are_equal_in_all_formats(name: str) -> None:
    folder = REAL / "same-100-images/gts"
    assert rows(read_all(folder / name)[0]) == rows(read_all(folder / "pascalvoc_format")[0])


@pytest.mark.parametrize("name", ["train", "val"])
def test_via_regions(name: str) -> None:
    path = REAL / "via/kudzu" / name
    assert detect(path) == "via"
    batches, report = read_all(path, size=(1000, 1000))
    (batch,) = batches
    images = list(load(path / "via_region_data.json").values())
    regions = [
        r for i in images for r in (i["regions"].values() if isinstance(i["regions"], dict) else i["regions"])
    ]
    assert batch.image_names == [image["filename"] for image in images]
    assert report.read == len(regions) == len(batch)
    expected = [
        list(map(list, zip(r["all_points_x"], r["all_points_y"], strict=True)))
        for r in (region["shape_attributes"] for region in regions)
    ]
    assert batch.polygons is not None
    assert batch.polygons.coords.tolist() == [vertex for ring in expected for vertex in ring]
    assert np.diff(batch.polygons.rings).tolist() == list(map(len, expected))
    assert {batch.classes[i] for i in batch.label} <= {"kudzu", "(none)"}
    unsized = outcomes(read_all(path)[0])
    assert unsized.skipped == {"image size missing (give size= or images=)": len(regions)}


LABEL_STUDIO = [
    path
    for path in sorted(REAL.glob("label-studio/**/*.json"))
    if "label_config" not in path.name and path.name not in {"data_examples.json", "coco_import_input.json"}
]


@pytest.mark.parametrize("path", LABEL_STUDIO, ids=label)
def test_label_studio_results(path: Path) -> None:
    assert detect(path) == "label_studio"
    batches, report = read_all(path)
    tasks = load(path)
    annotations = [a for task in tasks for a in task["annotations"] if not a.get("was_cancelled")]
    results = [result for a in annotations for result in a["result"]]
    regions = [r for r in results if {"x", "points"} & set(r.get("value", {}))]
    joined = {
        (i, r.get("id", k))
        for i, a in enumerate(annotations)
        for k, r in enumerate(a["result"])
        if r in regions
    }
    assert report.read == len(joined)
    assert report.skips == 0
    kinds = Counter(int(kind) for batch in batches for kind in batch.kinds)
    rotated = [r for r in regions if r["value"].get("rotation")]
    polygons = [r for r in regions if "points" in r["value"]]
    assert kinds[2] == len(rotated) + len(polygons)
    assert kinds[8] == sum(r["type"] == "keypointlabels" for r in regions)
    for batch in batches:
        assert batch.normalized
    if rotated:
        check_rotated(batches, rotated)


def check_rotated(batches: list[Any], rotated: list[Any]) -> None:
    """Compare the corners of rotated boxes with their definition, in pixels."""
    corners = np.concatenate([batch.polygons.coords for batch in batches if batch.polygons]).reshape(-1, 4, 2)
    for found, result in zip(corners, rotated, strict=True):
        value, w, h = result["value"], result["original_width"], result["original_height"]
        x, y = value["x"] * w / 100, value["y"] * h / 100
        dx, dy = value["width"] * w / 100, value["height"] * h / 100
        cos, sin = math.cos(math.radians(value["rotation"])), math.sin(math.radians(value["rotation"]))
        expected = [
            (x, y),
            (x + dx * cos, y + dx * sin),
            (x + dx * cos - dy * sin, y + dx * sin + dy * cos),
            (x - dy * sin, y + dy * cos),
        ]
        assert np.allclose(found * [w, h], expected)


WITHOUT_FRAMES = {
    *("coco_rle.json", "scalabel_rle.json", "poly2ds.json", "poly2ds_to_polygon.json"),
    *("tag_gts.json", "tag_preds.json", "kitti_sensors.json"),
    *("kitti-multimodal-image-sensors.json", "kitti-multimodal-pc-sensors.json"),
}


@pytest.mark.parametrize("path", sorted(REAL.glob("scalabel/**/*.json")), ids=label)
def test_scalabel_labels(path: Path) -> None:
    if path.name in WITHOUT_FRAMES:
        with pytest.raises(FormatError, match="unknown format"):
            detect(path)
        return
    assert detect(path) == "scalabel"
    batches, report = read_all(path, size=(1280, 720))
    document = json.loads(path.read_text("utf-8-sig"))
    frames = document["frames"] if isinstance(document, dict) else document
    labels = [entry for frame in frames for entry in frame.get("labels") or ()]
    flat = [entry for entry in labels if entry.get("box3d") and not entry.get("box2d")]
    bare = [
        entry
        for entry in labels
        if not any(entry.get(k) for k in ("box2d", "box3d", "poly2d", "rle", "graph"))
    ]
    assert report.images == len(frames)
    assert report.read == len(labels)
    assert report.skipped == {
        reason: len(entries)
        for reason, entries in (("no geometry", bare), ("3D box without a 2D shape", flat))
        if entries
    }
    names = Counter(entry["category"] for entry in labels if entry not in flat and entry not in bare)
    assert Counter(batch.classes[i] for batch in batches for i in batch.label) == names
    boxes = [entry["box2d"] for entry in labels if entry.get("box2d")]
    found = [batch.boxes for batch in batches if batch.boxes is not None]
    expected = sum(box["x1"] + box["x2"] for box in boxes)
    assert sum(float(np.nansum(corners[:, ::2])) for corners in found) == pytest.approx(expected)


def test_datumaro_items() -> None:
    path = REAL / "datumaro/datumaro/legacy"
    batches, report = read_all(path)
    assert [(batch.split, batch.image_names) for batch in batches] == [
        ("test", ["c"]),
        ("train", ["a", "b"]),
        ("val", ["d"]),
    ]
    documents = [load(file) for file in (path / "annotations").glob("*.json")]
    labels = [a for document in documents for item in document["items"] for a in item["annotations"]]
    assert all(a["type"] == "label" for a in labels)
    assert report.read == 0
    assert report.notes == {WHOLE_IMAGE: len(labels)}


def test_mapillary_polygons() -> None:
    path = REAL / "mapillary/datumaro/mapillary_vistas_dataset"
    assert detect(path) == "mapillary"
    batches, report = read_all(path)
    files = sorted(path.glob("*/v2.0/polygons/*.json"))
    entries = [entry for file in files for entry in load(file)["objects"]]
    assert (report.read, report.skips, report.images) == (len(entries), 0, len(files))
    assert [batch.split for batch in batches] == ["train", "val"]
    found = np.concatenate([batch.polygons.coords for batch in batches if batch.polygons])
    assert found.ravel().tolist() == [v for entry in entries for ring in entry["polygon"] for v in ring]


@pytest.mark.parametrize("path", sorted(REAL.glob("mapillary/**/panoptic/*.json")), ids=label)
def test_mapillary_panoptic_files_are_coco_files(path: Path) -> None:
    assert detect(path) == "coco"
    _, report = read_all(path)
    segments = [s for a in load(path)["annotations"] for s in a["segments_info"]]
    assert report.skipped == {"no geometry": len(segments)}


@pytest.mark.parametrize("path", sorted(REAL.glob("vott/**/*-export.json")), ids=label)
def test_vott_regions(path: Path) -> None:
    assert detect(path) == "vott"
    batches, report = read_all(path)
    assets = load(path)["assets"].values()
    regions = [(a["asset"]["name"], region) for a in assets for region in a["regions"]]
    untagged = [region for _, region in regions if not region["tags"]]
    assert report.read == sum(max(1, len(region["tags"])) for _, region in regions)
    assert report.notes.get(UNLABELED, 0) == len(untagged)
    expected = []
    for name, region in regions:
        box = region["boundingBox"]
        x, y = box["left"], box["top"]
        corners = [x, y, x + box["width"], y + box["height"]]
        expected += [(name, tag, corners) for tag in region["tags"] or ["(none)"]]
    found = [
        (batch.image_names[batch.image[i]], batch.classes[batch.label[i]], batch.boxes[i].tolist())
        for batch in batches
        for i in range(len(batch))
        if batch.boxes is not None
    ]
    assert found == expected


def test_sam_masks() -> None:
    path = REAL / "sam/datumaro/segment_anything_dataset"
    assert detect(path) == "sam"
    batches, report = read_all(path)
    documents = [load(file) for file in sorted(path.glob("*.json"))]
    entries = [entry for document in documents for entry in document["annotations"]]
    (batch,) = batches
    assert batch.image_names == [document["image"]["file_name"] for document in documents]
    assert (report.read, report.skips) == (len(entries), 0)
    assert batch.masks is not None
    for i, entry in enumerate(entries):
        assert batch.masks.counts(i) == entry["segmentation"]["counts"].encode()
        assert batch.masks.sizes[i].tolist() == entry["segmentation"]["size"]
    assert batch.scores is not None
    assert batch.scores.tolist() == [entry["predicted_iou"] for entry in entries]


@pytest.mark.parametrize("name", ["terrain1", "terrain2", "terrain3"])
def test_labelme_shapes(name: str) -> None:
    path = REAL / f"coco/sahi/coco_utils/{name}.json"
    batches, report = read_all(path)
    shapes = load(path)["shapes"]
    assert (report.read, report.skips, len(batches)) == (len(shapes), 0, 1)
    polygons = batches[0].polygons
    assert polygons is not None
    assert polygons.coords.tolist() == [point for shape in shapes for point in shape["points"]]


def test_createml_boxes() -> None:
    path = REAL / "yolo/datumaro/roboflow_dataset/createml"
    assert detect(path) == "createml"
    batches, report = read_all(path, size=(100, 100))
    images = [image for file in sorted(path.glob("*/*.json")) for image in load(file)]
    held = [a["coordinates"] for image in images for a in image["annotations"]]
    assert (report.images, report.read, report.skips) == (len(images), len(held), 0)
    corners = np.concatenate([batch.boxes for batch in batches if batch.boxes is not None])
    expected = [[c["x"], c["y"], c["width"], c["height"]] for c in held]
    assert np.allclose((corners[:, :2] + corners[:, 2:]) / 2, np.array(expected)[:, :2])
    assert np.allclose(corners[:, 2:] - corners[:, :2], np.array(expected)[:, 2:])
