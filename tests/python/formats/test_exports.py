"""Exports of labeling tools, cloud services and text-detection benchmarks; each test names its source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.core.class_grids import NO_CLASS
from heatgrid.core.ragged import Flag, Kind
from heatgrid.errors import FormatError
from heatgrid.io.build import NO_GEOMETRY, UNLABELED
from heatgrid.io.formats.alpr import BAD_ROW as BAD_PLATE
from heatgrid.io.formats.darwin import BAD_LAYER, NO_LAYER, NOT_FILLED, VIDEO
from heatgrid.io.formats.encord import NOT_A_CODE, NOT_SIZED
from heatgrid.io.formats.faces import BAD_ROW as BAD_FACE
from heatgrid.io.formats.fiftyone import OTHER_FIELD
from heatgrid.io.formats.icdar import BAD_ROW as BAD_WORD
from heatgrid.io.formats.labelbox import REMOTE_MASK, SEVERAL_LABELS
from heatgrid.io.formats.nuimages import BAD_MASK
from heatgrid.io.formats.nuimages import NO_IMAGE as NO_SAMPLE
from heatgrid.io.formats.tfrecord import BROKEN_RECORD
from heatgrid.io.read import detect
from samples import DATA, read_all, read_one

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
    """After https://doc.superannotate.com/docs/export-json.

    SuperAnnotate's superannotate_schemas (schemas/internal/vector.py) has the same kinds and keys.
    """
    batch = read_one(DATA / "superannotate/valid/kinds.json")
    assert labels(batch) == ["lake", "road", "lamp", "ship", "disc", "7"]
    polygon, line, point = Kind.POLYGON, Kind.LINE, Kind.POINT
    assert batch.kinds.tolist() == [polygon, line, point, polygon, polygon, point]
    assert batch.polygons is not None
    assert batch.polygons.rings[:4].tolist() == [0, 4, 7, 11]
    assert batch.polygons.parts[:2].tolist() == [0, 2]  # the second ring is a hole
    assert batch.report.notes == {"image-level label ignored": 1}


def test_visual_genome_first_release(tmp_path: Path) -> None:
    """After Hugging Face's visual_genome.py: the first release has id in place of image_id and object_id.

    The boxes are those of visual_genome_python_driver: x, y, w and h in pixels.
    """
    found = {"id": 5046, "x": 10, "y": 20, "w": 30, "h": 40, "names": ["clock", "green"]}
    path = tmp_path / "objects.json"
    path.write_text(json.dumps([{"id": 7, "objects": [found]}]))
    batch = read_one(path)
    assert (detect(path), batch.image_names, labels(batch)) == ("visual_genome", ["7"], ["clock"])
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [[10, 20, 40, 60]]


def test_license_plates(tmp_path: Path) -> None:
    """After src/label.py of alpr-unconstrained, and its samples/train-detector/00011.txt without a text.

    Its reader takes a row without the cell of the text, which its writer always writes.
    """
    row = "4,0.237361,0.333657,0.328102,0.229583,0.643439,0.643439,0.721136,0.720577"
    path = tmp_path / "00011.txt"
    path.write_text(5 * f"{row},,\n" + f"{row}\n")
    assert detect(path) == "alpr"
    batch = read_one(path)
    assert (labels(batch), batch.report.notes) == ([NO_CLASS] * 6, {UNLABELED: 6})
    assert batch.polygons is not None
    assert batch.polygons.coords[-4:-2].tolist() == [[0.237361, 0.643439], [0.333657, 0.643439]]


def test_nuimages_tables() -> None:
    """After https://github.com/nutonomy/nuscenes-devkit/blob/master/docs/schema_nuimages.md.

    The masks were encoded by pycocotools; the devkit decodes them by its `decode`.
    """
    folder = DATA / "nuimages/valid/masks"
    batch = read_one(folder)
    assert labels(batch) == ["vehicle.car", "flat.driveable_surface"]
    assert (batch.split, batch.image_names) == ("val", ["samples/CAM_BACK/x.jpg"])
    assert batch.kinds.tolist() == [Kind.BOX | Kind.MASK, Kind.MASK]
    counts = hg.heatmap(folder, (6, 8)).counts
    expected = np.zeros((6, 8), dtype=np.int64)
    expected[1:3, 2:5] = 1
    expected[4:] = 1
    assert counts.tolist() == expected.tolist()
    alone = read_one(folder / "v1.0-val/surface_ann.json")
    assert labels(alone) == ["flat.driveable_surface"]
    assert read_one(DATA / "nuimages/valid/scene", splits=["train"]).image_names[2].endswith("background.jpg")
    _, report = read_all(DATA / "nuimages/broken/v1.0-train")
    assert report.skipped == {NO_SAMPLE: 1, "bbox is not 4 numbers": 1, BAD_MASK: 2}


def test_encord_label_rows() -> None:
    """After https://docs.encord.com/platform-documentation/Annotate/annotate-export and Encord's SDK.

    The mask was encoded by the SDK's ``serialise_bitmask``.
    """
    kinds, first, second = read_all(DATA / "encord/valid/kinds.json", batch_images=1)[0]
    polygon = Kind.POLYGON
    assert labels(kinds) == ["lake", "pond", "road", "lamp", "body", "ship", "disc", "blob", "guess"]
    assert kinds.kinds.tolist() == [
        *(polygon, polygon, Kind.LINE, Kind.POINT, Kind.POINT, polygon, polygon, Kind.MASK, Kind.BOX)
    ]
    assert kinds.polygons is not None
    assert kinds.polygons.annotations[:2].tolist() == [0, 2]  # two parts, the first with a hole
    assert kinds.polygons.parts[:3].tolist() == [0, 2, 3]
    begin = kinds.polygons.rings[3]
    assert kinds.polygons.coords[begin + 9 : begin + 12, 0].tolist() == [
        0.09,
        0.1,
        0.11,
    ]  # by number, not text
    turned = kinds.polygons.coords[kinds.polygons.rings[4] :][:4] * [20, 10]
    assert turned.tolist() == [pytest.approx(corner) for corner in ([12, 3], [12, 7], [8, 7], [8, 3])]
    assert kinds.masks is not None
    expected = np.zeros((10, 20), dtype=np.int64)
    expected[3, 4:7] = expected[4, 3] = 1
    blob = hg.Heatmap((10, 20)).add(kinds.select([7]))
    assert blob.counts.tolist() == expected.tolist()
    assert kinds.scores is not None
    assert np.isnan(kinds.scores[:8]).all()
    assert kinds.scores[8] == 0.5
    assert [*first.image_names, *second.image_names] == ["film.mp4/000003", "film.mp4/000010"]
    _, report = read_all(DATA / "encord/broken/shapes.json")
    assert report.skips == 6
    assert report.skipped["unsupported shape: bounding_box"] == 1
    assert report.skipped[NOT_A_CODE] == 1
    assert report.skipped[NOT_SIZED] == 1


def test_splits_of_images_within_a_file(tmp_path: Path) -> None:
    """FiftyOne's are tags; MPII's is ``isValidation``."""
    scene = DATA / "fiftyone/valid/scene"
    for splits, count in ((None, 3), (["train"], 3)):
        assert hg.heatmap(scene, splits=splits).report.read == count
    with pytest.raises(ValueError, match="no split 'val' in the source"):
        hg.heatmap(scene, splits=["val"])
    person = {"img_width": 10, "img_height": 10, "joint_self": [[1, 1, 1]]}
    persons = [person | {"img_paths": f"{i}.jpg", "isValidation": float(i == 0)} for i in range(3)]
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps(persons))
    for splits, count in ((None, 3), (["train"], 2), (["val"], 1)):
        assert hg.heatmap(path, splits=splits).report.read == count


def test_near_misses_of_nuimages_and_encord_are_refused(tmp_path: Path) -> None:
    for text, nearest in (
        (
            '[{"token": "1", "sample_data_token": "2", "box": []}]',
            "nuimages, which also has [].category_token",
        ),
        ('[{"label_hash": "1", "units": {}}]', "encord, which also has [].data_units"),
    ):
        path = tmp_path / "table.json"
        path.write_text(text)
        with pytest.raises(FormatError) as caught:
            hg.heatmap(path)
        assert nearest in str(caught.value)


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


def test_darwin_raster_layers() -> None:
    """After https://docs.v7labs.com/reference/darwin-json; runs are pairs along the rows, as in darwin-py."""
    heat = hg.heatmap(DATA / "darwin/valid/raster.json", (4, 5))
    car, dog = np.zeros((2, 4, 5), dtype=np.int64)
    car[1:3, 1:3] = dog[1, 3] = 1
    assert [heat[name].counts.tolist() for name in ("car", "dog")] == [car.tolist(), dog.tolist()]
    _, report = read_all(DATA / "darwin/broken/raster.json")
    assert report.skipped == {BAD_LAYER: 1, NOT_FILLED: 1, NO_LAYER: 2}


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


def test_words_without_a_key_class(tmp_path: Path) -> None:
    """PPOCRLabel writes "None" where no class is chosen."""
    word = {"transcription": "a", "points": [[0, 0], [9, 0], [9, 9]], "difficult": False}
    words = [word | {"key_cls": "None"}, word | {"key_cls": "DATE"}]
    (tmp_path / "Label.txt").write_text(f"a.jpg\t{json.dumps(words)}\n")
    assert labels(read_one(tmp_path / "Label.txt", size=(10, 10))) == ["text", "DATE"]


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
    characters = read_one(DATA / "icdar/valid/sign_GT.txt", size=(100, 50))  # task 2 of challenge 2
    assert (characters.image_names, labels(characters)) == (["sign"], ["text"] * 3)
    assert characters.boxes is not None
    assert characters.boxes.tolist() == [[1, 2, 8, 9], [20, 4, 40, 24], [45, 4, 55, 24]]
    assert characters.flags is not None
    assert characters.flags.tolist() == [Flag.IGNORE, 0, 0]


def test_fiftyone_samples_and_labels() -> None:
    """After https://docs.voxel51.com/user_guide/export_datasets.html."""
    batch = read_one(DATA / "fiftyone/valid/kinds.json")
    assert (batch.image_names, labels(batch)) == (["k.jpg", "m.jpg"], ["lake", "road", "eye"])
    assert batch.kinds.tolist() == [Kind.POLYGON, Kind.LINE, Kind.POINT]
    batch = read_one(DATA / "fiftyone/valid/labels.json")
    assert (batch.image_names, labels(batch)) == (["a", "b", "c"], ["car", "dog"])
    assert batch.scores is not None
    assert batch.scores[0] == 0.5
    batch = read_one(DATA / "fiftyone/valid/scene")
    assert (batch.split, batch.report.notes) == ("train", {OTHER_FIELD: 3})
    batch = read_one(DATA / "fiftyone/valid/scene", field="ground_truth")
    assert (len(batch), batch.report.notes) == (len(read_one(DATA / "fiftyone/valid/scene")), {})
    with pytest.raises(FormatError, match="no sample has a field 'model' of labels"):
        read_one(DATA / "fiftyone/valid/scene", field="model")


def test_mpii_joints() -> None:
    """After the annotations of pytorch-pose: persons of one image are apart."""
    batches, _ = read_all(DATA / "mpii/valid/persons.json", geometry="point")
    assert {name for batch in batches for name in batch.image_names} == {"a.jpg", "b.jpg"}
    first = batches[0]
    assert first.points is not None
    assert first.points.coords[:4].tolist() == [[10, 20], [40, 20], [40, 60], [0, 0]]
    assert first.points.visible[:4].tolist() == [True, True, True, False]


def test_faces_have_box_and_landmarks() -> None:
    """After the lists of CelebA, VGGFace2 and LFW."""
    batches, _ = read_all(DATA / "faces/valid/celeba", size=(500, 700))
    assert {batch.split: batch.image_names for batch in batches} == {
        "test": ["000002.jpg"],
        "train": ["000001.jpg"],
    }
    train = next(batch for batch in batches if batch.split == "train")
    assert train.kinds.tolist() == [Kind.BOX | Kind.POINT]
    assert train.boxes is not None
    assert train.boxes.tolist() == [[95, 71, 321, 384]]
    assert train.points is not None
    assert train.points.coords.tolist() == [[165, 184], [244, 176], [196, 249], [194, 271], [266, 260]]
    vgg = read_one(DATA / "faces/valid/vggface2")
    assert (vgg.image_names, vgg.split) == (["n000001/0001_01"], "train")
    assert vgg.boxes is not None
    assert vgg.boxes.tolist() == [[20, 30, 60, 80]]
    lfw = read_one(DATA / "faces/valid/landmarks.txt", size=(50, 50))
    assert lfw.points is not None
    assert lfw.points.coords.tolist() == [[0, 4], [3, 3], [2, 2], [1, 0], [3, 0]]


def test_tfrecord_examples() -> None:
    """After the keys of TensorFlow's object detection API; the records were encoded by hand."""
    batch = read_one(DATA / "tfrecord/valid/data/train.tfrecord")
    assert (batch.image_names, batch.split) == (["a.jpg", "b.jpg", "background.jpg"], "train")
    assert labels(batch) == ["car", "person", "class_9"]
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [[0.125, 0.25, 0.5, 0.75], [0, 0, 1, 0.5], [0.25, 0.25, 0.375, 1]]
    assert batch.sizes is not None
    assert batch.sizes.tolist() == [[100, 80], [64, 64], [50, 50]]
    assert batch.flags is not None
    assert batch.flags.tolist() == [0, 0, Flag.CROWD]
    with pytest.raises(FormatError, match=f"record 1: {BROKEN_RECORD}"):
        read_all(DATA / "tfrecord/broken/cut.tfrecord")


def test_datumaro_skeletons(tmp_path: Path) -> None:
    """As CVAT's exporter writes them: x, y and visibility of each point."""
    path = tmp_path / "default.json"
    skeleton = {"id": 0, "type": "skeleton", "label_id": 0, "points": [0.5, 3.5, 2, 7.5, 2, 0, 5, 2.5, 1]}
    items = [{"id": "a", "image": {"size": [10, 10]}, "annotations": [skeleton]}]
    categories = {"label": {"labels": [{"name": "hand"}]}}
    path.write_text(json.dumps({"categories": categories, "items": items}))
    batch = read_one(path)
    assert batch.points is not None
    assert batch.points.coords.tolist() == [[0.5, 3.5], [7.5, 2], [5, 2.5]]
    assert batch.points.visible.tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("name", "skipped"),
    [
        (
            "fiftyone/broken/samples.json",
            {
                "negative width or height": 1,
                "bbox is not 4 numbers": 1,
                "annotation is not an object": 1,
                "score is not a number": 1,
            },
        ),
        (
            "visual_genome/broken/objects.json",
            {"negative width or height": 1, "no h": 1, "annotation is not an object": 1},
        ),
        ("mpii/broken/persons.json", {"coordinates are not a list of points": 1, NO_GEOMETRY: 1}),
        (
            "faces/broken/list_bbox_celeba.txt",
            {BAD_FACE: 1, "negative width or height": 1, "coordinate is not a number": 1},
        ),
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
                NO_LAYER: 1,
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
        (
            [{"image_id": 1, "objects": []}],
            r"JSON with the keys \[\]\.image_id, \[\]\.objects: unknown format",
        ),
        ([{"img_paths": "a", "joints": []}], "mpii, which also has"),
        ({"imageGcsUri": "gs://b/a.jpg", "boxes": []}, "vertex, which also has boundingBoxAnnotations"),
    ],
)
def test_near_misses_are_named(tmp_path: Path, text: Any, nearest: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(text) if isinstance(text, list) else 2 * (json.dumps(text) + "\n"))
    with pytest.raises(FormatError, match=nearest):
        detect(path)


@pytest.mark.parametrize(
    "text",
    ["1,2,3,4,5,6,7,8\n", "1 2 3 4 word\n", "4,0.1,0.2,0.3,0.4,LP,\n", "a.jpg\tword\n", "a.jpg 1 2 3 4\n"],
)
def test_near_misses_of_texts(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text)
    try:
        assert detect(path) not in {"icdar", "alpr", "paddleocr", "faces"}
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


def test_rows_of_trackers_are_no_words(tmp_path: Path) -> None:
    path = tmp_path / "gt.txt"
    path.write_text("1,1,20,10,20,20,-1,-1,-1,-1\n")
    assert detect(path) == "mot"


def test_name_that_is_too_long_for_a_file(tmp_path: Path) -> None:
    path = tmp_path / "landmarks.txt"
    path.write_text("0" * 300 + "/a.jpg 0 4 3 3 2 2 1 0 3 0\n")
    batch = read_one(path)
    assert (len(batch), np.isnan(batch.sizes).all() if batch.sizes is not None else True) == (1, True)
