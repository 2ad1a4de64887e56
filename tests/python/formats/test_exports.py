"""Exports of labeling tools, cloud services and text-detection benchmarks; each test names its source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from heatgrid.core.ragged import Flag, Kind
from heatgrid.errors import FormatError
from heatgrid.io.build import NO_GEOMETRY
from heatgrid.io.formats.alpr import BAD_ROW as BAD_PLATE
from heatgrid.io.formats.darwin import LAYER, VIDEO
from heatgrid.io.formats.icdar import BAD_ROW as BAD_WORD
from heatgrid.io.formats.labelbox import REMOTE_MASK, SEVERAL_LABELS
from heatgrid.io.read import detect
from samples import DATA, read_all, read_one

if TYPE_CHECKING:
    import heatgrid as hg

CASES = Path(__file__).parents[3].parent / "shared/cases"


def labels(batch: hg.Annotations) -> list[str]:
    return [batch.classes[i] for i in batch.label]


def test_labelbox_objects_and_frames() -> None:
    """After https://docs.labelbox.com/reference/export-image-annotations and export-video-annotations."""
    batch = read_one(DATA / "labelbox/valid/kinds.ndjson")
    assert batch.image_names == ["two.jpg", "film.mp4/3", "film.mp4/4"]
    assert batch.kinds.tolist() == [*[Kind.LINE, Kind.POINT, Kind.POLYGON] * 2, Kind.BOX]
    assert batch.report.notes == {SEVERAL_LABELS: 1}
    assert batch.boxes is not None
    assert batch.boxes[-1].tolist() == [2, 1, 6, 4]
    assert batch.where(0).endswith("kinds.ndjson: line 1.objects[0]")


def test_superannotate_instances() -> None:
    """After https://doc.superannotate.com/docs/export-json."""
    batch = read_one(DATA / "superannotate/valid/kinds.json")
    assert labels(batch) == ["lake", "road", "lamp", "ship", "disc", "7"]
    polygon, line, point = Kind.POLYGON, Kind.LINE, Kind.POINT
    assert batch.kinds.tolist() == [polygon, line, point, polygon, polygon, point]
    assert batch.polygons is not None
    assert batch.polygons.rings[:4].tolist() == [0, 4, 7, 11]
    assert batch.polygons.parts[:2].tolist() == [0, 2]  # the second ring is a hole
    assert batch.report.notes == {"image-level label ignored": 1}


def test_darwin_annotations() -> None:
    """After https://docs.v7labs.com/reference/darwin-json; angles are radians, as in darwin-py."""
    batch = read_one(DATA / "darwin/valid/kinds.json")
    assert labels(batch) == ["lake", "disc", "road", "lamp", "hand"]
    polygon = Kind.POLYGON
    assert batch.kinds.tolist() == [polygon | Kind.BOX, polygon, Kind.LINE, Kind.POINT, Kind.POINT]
    assert batch.polygons is not None
    assert batch.polygons.parts[:2].tolist() == [0, 2]
    disc = batch.polygons.coords[7:]
    assert np.ptp(disc, axis=0).tolist() == pytest.approx([10, 20], abs=0.25)  # turned by a right angle
    old = read_one(DATA / "darwin/valid/first_version.json")
    assert (old.image_names, labels(old)) == (["old.jpg"], ["leaf", "leaf"])
    assert old.polygons is not None
    assert old.polygons.rings.tolist() == [0, 3, 6, 9]


def test_sagemaker_boxes() -> None:
    """After https://docs.aws.amazon.com/sagemaker/latest/dg/sms-data-output.html."""
    batch = read_one(DATA / "sagemaker/valid/scene")
    assert batch.image_names == ["a.jpg", "b.jpg", "background.jpg"]
    assert batch.scores is not None
    assert batch.scores.tolist() == [0.5] * 3


def test_vertex_rows_and_sets(tmp_path: Path) -> None:
    """After https://cloud.google.com/vertex-ai/docs/image-data/object-detection/prepare-data."""
    path = tmp_path / "automl.csv"  # not in a folder that is called valid
    path.write_bytes((DATA / "vertex/valid/automl.csv").read_bytes())
    batches, report = read_all(path)
    assert {batch.split: batch.image_names for batch in batches} == {
        "train": ["a.jpg"],
        "val": ["b.jpg"],
        None: ["c.jpg"],
    }
    assert report.images == 3
    first, second = batches[0].boxes, batches[1].boxes
    assert first is not None
    assert second is not None
    assert first.tolist() == [[0.1, 0.1, 0.4, 0.4], [0.5, 0.5, 0.75, 1]]
    assert second.tolist() == [[0.1, 0.1, 0.4, 0.4]]
    assert len(read_one(DATA / "vertex/valid/no_set.csv")) == 1
    only, _ = read_all(DATA / "vertex/valid/scene", splits="val")
    assert [batch.image_names for batch in only if batch.image_names] == [["b.jpg"]]


def test_words_of_paddleocr() -> None:
    """After the label format of https://paddlepaddle.github.io/PaddleOCR."""
    batch = read_one(DATA / "paddleocr/valid/keys.txt", size=(100, 80))
    assert labels(batch) == ["text", "TOTAL"]
    assert batch.flags is not None
    assert batch.flags.tolist() == [Flag.IGNORE | Flag.DIFFICULT, 0]


def test_words_of_icdar() -> None:
    """After the ground truth of https://rrc.cvc.uab.es, challenges 2 and 4."""
    boxes = read_one(DATA / "icdar/valid/gt_img_2.txt", size=(20, 20))
    assert (boxes.image_names, labels(boxes)) == (["img_2"], ["text"] * 3)
    assert boxes.boxes is not None
    assert boxes.boxes.tolist() == [[0, 0, 2, 3], [3, 3, 5, 6], [7, 7, 9, 9]]
    corners = read_one(DATA / "icdar/valid/gt_img_1.txt", size=(20, 20))
    assert corners.polygons is not None
    assert corners.polygons.coords[:4].tolist() == [[0, 0], [3, 1], [4, 6], [1, 7]]
    assert corners.flags is not None
    assert corners.flags.tolist() == [0, Flag.IGNORE, 0]


@pytest.mark.parametrize(
    ("name", "skipped"),
    [
        (
            "labelbox/broken/export.ndjson",
            {
                "negative width or height": 1,
                "no width": 1,
                REMOTE_MASK: 1,
                "annotation is not an object": 1,
                NO_GEOMETRY: 1,
                "no y": 1,
                "line is not JSON": 1,
            },
        ),
        (
            "superannotate/broken/instances.json",
            {
                "ring with an odd number of coordinates": 1,
                "no y1": 1,
                "points are not an object": 1,
                "unsupported type: cuboid": 1,
                "annotation is not an object": 1,
            },
        ),
        (
            "darwin/broken/annotations.json",
            {
                "negative width or height": 1,
                "bounding_box is not an object": 1,
                LAYER: 1,
                VIDEO: 1,
                "no y": 1,
                NO_GEOMETRY: 1,
                "annotation is not an object": 1,
            },
        ),
        (
            "sagemaker/broken/output.manifest",
            {
                "negative width or height": 1,
                "no top": 1,
                "annotation is not an object": 1,
                "coordinate is not a number": 1,
                "line is not JSON": 1,
            },
        ),
        (
            "vertex/broken/rows.csv",
            {
                "box of neither two nor four corners": 1,
                "coordinate is not a number": 1,
                "annotation is not an object": 1,
            },
        ),
        (
            "paddleocr/broken/Label.txt",
            {
                "coordinates are not a list of points": 2,
                "annotation is not an object": 1,
                "line is not JSON": 1,
                "expected a list of words": 1,
            },
        ),
        ("icdar/broken/gt_a.txt", {BAD_WORD: 2}),
        ("alpr/broken/a.txt", {BAD_PLATE: 2}),
    ],
)
def test_faults(name: str, skipped: dict[str, int]) -> None:
    _, report = read_all(DATA / name, format=name.split("/", maxsplit=1)[0])
    assert report.skipped == skipped


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ({"data_row": {"id": "a"}, "labels": []}, "labelbox, which also has"),
        ({"metadata": {"name": "a"}, "objects": []}, "superannotate, which also has instances"),
        ({"item": {"name": "a"}, "labels": []}, "darwin, which also has annotations"),
        ({"imageGcsUri": "gs://b/a.jpg", "boxes": []}, "vertex, which also has boundingBoxAnnotations"),
    ],
)
def test_near_misses_are_named(tmp_path: Path, text: dict[str, Any], nearest: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(2 * (json.dumps(text) + "\n"))
    with pytest.raises(FormatError, match=nearest):
        detect(path)


@pytest.mark.parametrize(
    "text", ["1,2,3,4,5,6,7,8\n", "1 2 3 4 word\n", "4,0.1,0.2,0.3,0.4,LP,\n", "a.jpg\tword\n"]
)
def test_near_misses_of_texts(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text)
    try:
        assert detect(path) not in {"icdar", "alpr", "paddleocr"}
    except FormatError as error:
        assert "unknown format" in str(error)  # noqa: PT017 - either outcome is right


@pytest.mark.skipif(not CASES.is_dir(), reason="the folder ../shared/cases does not exist")
def test_shared_cases() -> None:
    batch = read_one(CASES / "c21_labelbox_ndjson/export.ndjson")
    assert (labels(batch), batch.kinds.tolist()) == (["cat", "dog"], [Kind.BOX, Kind.POLYGON])
    assert batch.boxes is not None
    assert batch.boxes[0].tolist() == [20, 10, 60, 40]
    batches, _ = read_all(CASES / "c28_csv/automl.csv")
    assert [(batch.split, labels(batch)) for batch in batches] == [("train", ["dog"]), ("val", ["cat"])]
    batch = read_one(CASES / "c28_csv/sagemaker.manifest")
    assert batch.boxes is not None
    assert (labels(batch), batch.boxes.tolist()) == (["dog"], [[10, 10, 40, 40]])
    batch = read_one(CASES / "c28_csv/alpr.txt")
    assert (labels(batch), batch.normalized) == (["LP"], True)
    assert batch.polygons is not None
    assert batch.polygons.coords.tolist() == [
        [0.881302, 0.959447],
        [0.962407, 0.881894],
        [0.729750, 0.732384],
        [0.781904, 0.776635],
    ]
