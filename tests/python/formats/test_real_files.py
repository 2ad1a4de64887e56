"""Real files, if available: read completely, and compared with plain parsers."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from heatgrid.errors import FormatError
from heatgrid.io.read import STRAY, detect
from samples import outcomes, read_all, read_source, rows

REAL = Path(__file__).parents[3].parent / "shared/data"

pytestmark = pytest.mark.skipif(
    not REAL.is_dir(), reason="the real data set folder ../shared/data is not available"
)

COCO = sorted([*REAL.glob("coco/**/*.json"), *REAL.glob("same-100-images/*/coco*/*.json")])
LABELME = {"terrain1.json", "terrain2.json", "terrain3.json"}


def label(path: Path) -> str:
    return str(path.relative_to(REAL))


def has_boxes(document: Any) -> bool:
    """Return whether a COCO file holds geometry."""
    annotations = document if isinstance(document, list) else document["annotations"]
    keys = {key for annotation in annotations for key in annotation}
    return not annotations or bool(keys & {"bbox", "segmentation", "keypoints", "segments_info"})


@pytest.mark.parametrize("path", COCO, ids=label)
def test_coco_files_are_read_or_named(path: Path) -> None:
    document = json.loads(path.read_bytes())
    if path.name in LABELME:
        assert detect(path) == "labelme"
        return
    assert detect(path) == "coco"
    if not has_boxes(document):
        with pytest.raises(FormatError, match="not boxes"):
            list(read_source(path))
        return
    batches, report = read_all(path)
    annotations = document if isinstance(document, list) else document["annotations"]
    segments = [info for a in annotations for info in a.get("segments_info", [a])]
    assert report.read == len(segments)
    assert report.skips == 0
    (batch,) = batches
    if isinstance(document, dict):
        assert report.images == len({image["id"] for image in document["images"]})
        names = {category["id"]: category["name"] for category in document["categories"]}
        expected = Counter(names[segment["category_id"]] for segment in segments)
        assert Counter(batch.classes[i] for i in batch.label.tolist()) == expected
    assert batch.boxes is None or np.isfinite(batch.boxes).all()
    for i in range(0, len(batch), 97):
        check_annotation(batch, i, segments[i])


def check_annotation(batch: Any, i: int, plain: dict[str, Any]) -> None:
    """Compare one annotation's columns with the JSON objects."""
    if plain.get("bbox"):
        x, y, w, h = plain["bbox"]
        assert batch.boxes[i].tolist() == [x, y, x + w, y + h]
    if isinstance(plain.get("segmentation"), list):
        rings = []
        for part in range(*batch.polygons.annotations[i : i + 2]) if batch.polygons else ():
            begin, end = batch.polygons.rings[batch.polygons.parts[part : part + 2]]
            rings.append(batch.polygons.coords[begin:end].ravel().tolist())
        assert rings == plain["segmentation"]
    if isinstance(plain.get("segmentation"), dict):
        counts = batch.masks.counts(i)
        stored = counts.decode() if isinstance(counts, bytes) else counts.tolist()
        assert stored == plain["segmentation"]["counts"]
        assert batch.masks.sizes[i].tolist() == plain["segmentation"]["size"]
    if plain.get("keypoints"):
        begin, end = batch.points.offsets[i : i + 2]
        triples = np.array(plain["keypoints"], dtype=float).reshape(-1, 3)
        assert batch.points.coords[begin:end].tolist() == triples[:, :2].tolist()
        assert batch.points.visible[begin:end].tolist() == (triples[:, 2] > 0).tolist()


def test_taco_notes() -> None:
    batches, report = read_all(REAL / "coco/taco/annotations.json")
    assert (report.images, report.read, report.skips) == (1500, 4784, 0)
    assert report.notes == {"duplicate annotation id, kept": 2}
    assert outcomes(batches).complete
    polygons = batches[0].polygons
    assert polygons is not None
    assert (np.diff(polygons.annotations) > 1).any()


YOLO = {
    "yolo/books": ("train/labels", ("train",)),
    "yolo/books/books-training": ("labels", ("train",)),
    "yolo/pest-rice-segment": ("dataset_split/*/labels", ("train", "val", "test")),
    "yolo/pest-rice-segment/train": ("labels", ("train",)),
    "yolo/datumaro/yolo_dataset/strict": ("obj_train_data", ("train",)),
    "yolo/datumaro/yolo_dataset/labels": ("labels/*", ("train", "val")),
    "yolo/datumaro/yolo_dataset/annotations": ("Annotations", (None,)),
    "yolo/datumaro/roboflow_dataset/yolo": ("*/labels", ("train", "val")),
    "same-100-images/gts/yolo_format": ("obj_train_data", ("train",)),
}


@pytest.mark.parametrize("name", YOLO)
def test_yolo_data_sets_are_read_completely(name: str) -> None:
    pattern, splits = YOLO[name]
    assert detect(REAL / name) == "yolo"
    batches, report = read_all(REAL / name)
    assert tuple(batch.split for batch in batches) == splits
    files = sorted((REAL / name).glob(f"{pattern}/*.txt"))
    assert len(files) == report.files == report.images
    lines = [line.split() for file in files for line in file.read_text().splitlines() if line.strip()]
    assert report.read == len(lines)
    assert report.complete
    assert outcomes(batches).complete
    boxes = sum(int((batch.kinds == 1).sum()) for batch in batches)
    assert boxes == sum(len(line) == 5 for line in lines)
    vertices = sum(len(batch.polygons.coords) for batch in batches if batch.polygons)
    assert vertices == sum(len(line) // 2 for line in lines if len(line) > 5)
    total = sum(
        float(np.nansum(batch.boxes[:, 2] - batch.boxes[:, 0]))
        for batch in batches
        if batch.boxes is not None
    )
    assert total == pytest.approx(sum(float(line[3]) for line in lines if len(line) == 5))


def test_labels_in_pixels_are_not_yolo() -> None:
    assert detect(REAL / "yolo/datumaro/roboflow_dataset/yolo_obb") == "dota"  # in spite of its data.yaml
    with pytest.raises(FormatError):
        list(read_source(REAL / "same-100-images/dets/abs_xywh"))


VOC = {
    "voc/bccd": ("**/Annotations", ("train", "val", "test")),
    "same-100-images/gts/pascalvoc_format": (".", (None,)),
    "same-100-images/gts/imagenet_format": ("Annotations", ("default",)),
    "yolo/datumaro/roboflow_dataset/voc": ("*", ("train", "val")),
}


@pytest.mark.parametrize("name", VOC)
def test_voc_data_sets_are_read_completely(name: str) -> None:
    pattern, splits = VOC[name]
    assert detect(REAL / name) == "voc"
    batches, report = read_all(REAL / name)
    assert tuple(batch.split for batch in batches if batch.image_names) == splits
    expected = []
    for file in (REAL / name).glob(f"{pattern}/*.xml"):
        tree = ET.parse(file)  # noqa: S314 - files that we chose
        width, height = (float(tree.findtext(f"size/{side}") or 0) for side in ("width", "height"))
        for element in tree.iterfind("object"):
            x1, y1, x2, y2 = (
                float(element.findtext(f"bndbox/{c}") or 0) for c in ("xmin", "ymin", "xmax", "ymax")
            )
            box = [x1 / width, y1 / height, x2 / width, y2 / height]
            expected.append((file.stem, element.findtext("name"), box))
    assert rows(batches) == sorted(expected)
    assert report.complete
    assert outcomes(batches).complete


def test_bccd_splits_are_its_image_sets() -> None:
    batches, _ = read_all(REAL / "voc/bccd")
    sets = REAL / "voc/bccd/BCCD/ImageSets/Main"
    assert batches[0].report.notes == {STRAY: 1}  # test.csv
    for batch in batches[1:]:
        assert sorted(batch.image_names) == sorted((sets / f"{batch.split}.txt").read_text().split())


def test_the_same_hundred_images_are_the_same_in_all_formats() -> None:
    """Corners agree to half a pixel: YOLO's text has six digits."""
    folder = REAL / "same-100-images/gts"
    voc = rows(read_all(folder / "pascalvoc_format")[0])
    assert len(voc) == 273
    for name in ("imagenet_format", "coco_format_v1", "coco_format_v2", "yolo_format"):
        other = rows(read_all(folder / name)[0])
        assert [(image, label) for image, label, _ in other] == [(image, label) for image, label, _ in voc]
        exact = name != "yolo_format"
        difference = np.abs(np.array([box for *_, box in other]) - np.array([box for *_, box in voc])).max()
        assert difference == 0 if exact else difference < 2e-6


def test_coco_folders_are_read_split_by_split() -> None:
    batches, _ = read_all(REAL / "coco/borrat-rle")
    assert [(batch.split, len(batch)) for batch in batches] == [("train", 326), ("val", 80)]
    batches, report = read_all(REAL / "coco/datumaro/coco")
    assert [(batch.split, len(batch)) for batch in batches] == [("train", 1), ("val", 2)]
    assert report.notes["panoptic file ignored, instances file read"] == 2
