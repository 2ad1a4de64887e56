"""Real files, compared with other libraries: equal boxes, classes and counts."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from shutil import copytree
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import heatgrid as hg
from heatgrid.errors import FormatError
from heatgrid.io.read import detect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REAL = Path(__file__).parents[3].parent / "shared/data"
SAME = REAL / "same-100-images/gts"
SIDE = 100
"""A grid on which no corner comes so near a tie that it matters how peers round: some to float32."""

pytestmark = [
    pytest.mark.readings,
    pytest.mark.filterwarnings("ignore"),  # of the peers' own
    pytest.mark.skipif(not REAL.is_dir(), reason="the real data set folder ../shared/data is not available"),
]

Sizes = dict[str, tuple[int, int]]
Boxes = list[tuple[str, str, tuple[float, ...]]]
"""The stem of an image's name, a class, and corners in pixels."""


def peer(name: str) -> Any:
    """Import a library, or skip; what it has to say of its own installation is not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(name)


def counted(boxes: Boxes, sizes: Mapping[str, tuple[float, float]]) -> hg.Heatmap:
    """Count boxes that a peer has read."""
    heat = hg.Heatmap(SIDE, sorted({label for _, label, _ in boxes}))
    corners = np.array([box for _, _, box in boxes]).reshape(-1, 4)
    own = np.array([sizes[image] for image, _, _ in boxes], dtype=np.float64).reshape(-1, 2)
    return heat.add_boxes(corners, size=own, labels=[label for _, label, _ in boxes])


def ours(source: Path, **options: Any) -> hg.Heatmap:
    """Count the same boxes of a file or folder, classes in the order of their names."""
    heat = hg.heatmap(source, SIDE, geometry="box", **options)
    present = sorted(name for name in heat.classes if heat[name].counts.any())
    return hg.heatmap(source, SIDE, geometry="box", classes=present, **options)


def sizes_of(source: Path) -> Sizes:
    """Return the sizes of the images that a file names, by their stems."""
    return {
        Path(name).stem: (int(width), int(height))
        for batch in hg.read(source)
        if batch.sizes is not None
        for name, (width, height) in zip(batch.image_names, batch.sizes, strict=True)
    }


def of_supervision(dataset: Any) -> Boxes:
    """Return the boxes of supervision's data set."""
    return [
        (Path(image).stem, dataset.classes[number], tuple(box))
        for image, found in dataset.annotations.items()
        for number, box in zip(found.class_id.tolist(), found.xyxy.astype(np.float64).tolist(), strict=True)
    ]


def of_datumaro(dataset: Any) -> Boxes:
    """Return the boxes of datumaro's data set."""
    names = dataset.categories()[peer("datumaro").AnnotationType.label]
    return [
        (item.id.rsplit("/", 1)[-1], names[mark.label].name, tuple(mark.points))
        for item in dataset
        for mark in item.annotations
        if mark.type.name == "bbox"
    ]


def with_images(folder: Path, sizes: Sizes) -> Path:
    """Make a blank image for each size: some peers read nothing without."""
    folder.mkdir(parents=True, exist_ok=True)
    for stem, size in sizes.items():
        Image.new("1", size).save(folder / f"{stem}.png")
    return folder


def coco_files() -> Iterator[Path]:
    """Yield the COCO files whose images are of known size and whose names differ by more than folders."""
    for path in sorted([*REAL.glob("coco/**/*.json"), *SAME.glob("coco*/*.json")]):
        try:
            if detect(path) != "coco":
                continue
            names = [Path(name).stem for batch in hg.read(path) for name in batch.image_names]
        except FormatError:
            continue
        document = json.loads(path.read_bytes())
        boxed = isinstance(document, dict) and all("bbox" in a for a in document["annotations"])
        if boxed and document["annotations"] and len(names) == len(set(names)):
            yield path


def test_coco_files_as_supervision_reads_them() -> None:
    supervision = peer("supervision")
    several = 0
    for path in coco_files():
        dataset = supervision.DetectionDataset.from_coco(str(path.parent), str(path))
        boxes = of_supervision(dataset)
        assert counted(boxes, sizes_of(path)) == ours(path), path
        several += len(boxes)
    assert several > 3000


def test_coco_files_as_datumaro_reads_them(tmp_path: Path) -> None:
    datumaro = peer("datumaro")
    several = 0
    for number, path in enumerate(coco_files()):
        document = json.loads(path.read_bytes())
        for annotation in document["annotations"]:
            annotation["segmentation"] = []  # of which it would make the box
            annotation["category_id"] += 1  # it keeps 0 for the background
        for category in document["categories"]:
            category["id"] += 1
        file = tmp_path / str(number) / "annotations/instances_train.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(document))
        (tmp_path / str(number) / "images").mkdir()
        try:
            dataset = datumaro.Dataset.import_from(str(file), "coco_instances")
        except datumaro.errors.DatasetImportError:  # of names or ids that it does not take
            continue
        boxes = of_datumaro(dataset)
        assert counted(boxes, sizes_of(file)) == ours(file), path
        several += len(boxes)
    assert several > 3000


def test_yolo_files_as_supervision_reads_them(tmp_path: Path) -> None:
    supervision = peer("supervision")
    source, sizes = SAME / "yolo_format", sizes_of(SAME / "coco_format_v1")
    images = with_images(tmp_path / "images", sizes)
    labels = copytree(source / "obj_train_data", tmp_path / "labels")
    config = tmp_path / "data.yaml"
    names = [line for line in (source / "obj.names").read_text().splitlines() if line]
    config.write_text(f"train: images\nnames: {json.dumps(names)}\n")
    dataset = supervision.DetectionDataset.from_yolo(str(images), str(labels), str(config))
    boxes = of_supervision(dataset)
    assert len(boxes) == 273
    assert counted(boxes, sizes) == ours(source) == ours(tmp_path)


def test_yolo_files_as_datumaro_reads_them() -> None:
    datumaro = peer("datumaro")
    source, sizes = SAME / "yolo_format", sizes_of(SAME / "coco_format_v1")
    known = {stem: (height, width) for stem, (width, height) in sizes.items()}
    boxes = of_datumaro(datumaro.Dataset.import_from(str(source), "yolo", image_info=known))
    assert len(boxes) == 273
    assert counted(boxes, sizes) == ours(source)


def test_voc_files_as_supervision_reads_them(tmp_path: Path) -> None:
    supervision = peer("supervision")
    for source in (SAME / "pascalvoc_format", REAL / "voc/bccd/BCCD/Annotations"):
        sizes = sizes_of(source)
        images = with_images(tmp_path / source.parent.name, sizes)
        dataset = supervision.DetectionDataset.from_pascal_voc(str(images), str(source))
        boxes = of_supervision(dataset)
        assert counted(boxes, sizes) == ours(source, one_based=True)
        assert len(boxes) > 250
