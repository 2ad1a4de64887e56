"""COCO: columns, skipped annotations, splits and broken files."""

from __future__ import annotations

import gc
import json
from collections import Counter
from shutil import copyfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.core.ragged import Flag, Kind
from heatgrid.errors import FormatError
from heatgrid.io.formats.coco import RESULTS
from samples import DATA, outcomes, read_all, read_one, read_source, selected

if TYPE_CHECKING:
    from pathlib import Path

CORNER_CASES = DATA / "coco/broken/corner_cases.json"
INSTANCES = DATA / "coco/valid/instances_train2017.json"
KINDS = {"box": Kind.BOX, "polygon": Kind.POLYGON, "mask": Kind.MASK, "point": Kind.POINT}


def write(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document))
    return path


def document(*annotations: Any, **lists: Any) -> dict[str, Any]:
    images = [{"id": 1, "file_name": "a.jpg", "width": 10, "height": 10}]
    categories = [{"id": 1, "name": "thing"}]
    return {"images": images, "categories": categories, "annotations": list(annotations)} | lists


def test_columns_hold_what_the_file_says() -> None:
    batch = read_one(INSTANCES)
    assert batch.split == "train"
    assert batch.classes == ("car", "person")
    assert batch.image_names == ["5.jpg", "6.jpg"]
    assert batch.image.tolist() == [0, 0, 1, 1, 1, 1, 1, 1]
    assert batch.label.tolist() == [0, 1, 0, 1, 1, 1, 1, 1]
    assert batch.sizes is not None
    assert batch.sizes.tolist() == [[10, 8], [8, 6]]
    assert batch.boxes is not None
    assert batch.boxes[0].tolist() == [1, 2, 4, 6]
    assert np.isnan(batch.boxes[2]).all()
    assert batch.kinds.tolist() == [3, 3, 2, 1, 5, 4, 9, 1]
    assert batch.report.notes == {
        "categories of the same name merged": 1,
        "duplicate annotation id, kept": 1,
    }


def test_rings_are_parts_of_their_annotation() -> None:
    polygons = read_one(INSTANCES).polygons
    assert polygons is not None
    assert np.diff(polygons.annotations).tolist() == [1, 2, 1, 0, 0, 0, 0, 0]
    assert polygons.parts.tolist() == [0, 1, 2, 3, 4]
    assert polygons.rings.tolist() == [0, 4, 7, 11, 15]
    assert polygons.coords[11:].tolist() == [[1.5, 1], [4, 1], [4, 4], [1.5, 1]]


def test_masks_keep_their_codes() -> None:
    masks = read_one(INSTANCES).masks
    assert masks is not None
    assert masks.column_major
    assert masks.sizes.tolist() == [[0, 0]] * 4 + [[6, 8]] * 2 + [[0, 0]] * 2
    runs = masks.counts(4)
    assert isinstance(runs, np.ndarray)
    assert runs.tolist() == [7, 2, 39]
    assert masks.counts(5) == b"\\14"
    assert masks.counts(0) is None


def test_keypoints_scores_and_flags() -> None:
    batch = read_one(INSTANCES)
    assert batch.points is not None
    assert batch.points.offsets.tolist() == [0] * 7 + [3, 3]
    assert batch.points.coords.tolist() == [[1, 1], [2.5, 2], [9, 9]]
    assert batch.points.visible.tolist() == [True, True, False]
    assert batch.scores is not None
    assert np.nan_to_num(batch.scores, nan=-1).tolist() == [-1] * 7 + [0.5]
    assert batch.flags is not None
    assert batch.flags.tolist() == [0, 0, 0, 0, Flag.CROWD, 0, 0, Flag.IGNORE]


def test_corner_cases_are_counted_or_skipped_as_declared() -> None:
    cases = json.loads(CORNER_CASES.read_text())["annotations"]
    described = [case for case in cases if isinstance(case, dict)]
    skipped = Counter(case["skipped"] for case in described if "skipped" in case)
    skipped["annotation is not an object"] = len(cases) - len(described)
    batch = read_one(CORNER_CASES)
    assert outcomes([batch]).skipped == dict(skipped)
    chosen = selected(batch).kinds
    counted = {key: int(kind) for key, kind in zip(batch.ids or (), chosen.tolist(), strict=True) if kind}
    assert counted == {case["id"]: KINDS[case["counted"]] for case in described if "counted" in case}
    assert selected(batch).report.notes["box used, no usable polygon"] == 1


def test_problems_next_to_other_geometry_are_noted() -> None:
    notes = read_one(CORNER_CASES).report.notes
    assert notes["ring with an odd number of coordinates: ignored, other geometry kept"] == 2
    assert notes["negative width or height: ignored, other geometry kept"] == 1
    assert notes["duplicate image id: first one used"] == 1
    assert notes["image without an id ignored"] == 2
    assert notes["duplicate category id: first one used"] == 1
    assert notes["category without an id ignored"] == 2


def test_examples_name_file_position_and_id() -> None:
    examples = read_one(CORNER_CASES).report.examples["negative width or height"]
    assert examples == [f"{CORNER_CASES}: annotations[10] (id 110)"]


def test_skipped_annotations_keep_their_class(tmp_path: Path) -> None:
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1]}
    path = write(
        tmp_path / "a.json",
        document(box, box | {"bbox": [0, 0, -1, 1]}, box | {"image_id": 9}, box | {"category_id": 9}, 5),
    )
    batch = read_one(path)
    totals = batch.report.by_class()
    assert batch.classes == ("thing", "category_9")
    assert {name: total["skipped"] for name, total in totals.items()} == {"thing": 2, "(none)": 1}


def test_strict_reader_stops_at_first_problem() -> None:
    with pytest.raises(FormatError) as caught:
        list(read_source(CORNER_CASES, on_error="raise"))
    assert caught.value.text == "no geometry"
    assert caught.value.where == "annotations[2]"
    assert caught.value.annotation == 102


def test_missing_sizes_come_from_the_options(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (30, 20)).save(tmp_path / "no_size.png")
    fixed = read_one(CORNER_CASES, size=(200, 100))
    assert fixed.sizes is not None
    assert fixed.sizes.tolist() == [[100, 80], [200, 100], [200, 100]]
    mapped = read_one(CORNER_CASES, size={"zero": (3, 4), "a.jpg": (1, 1)}, images=tmp_path)
    assert mapped.sizes is not None
    assert mapped.sizes.tolist() == [[100, 80], [30, 20], [3, 4]]


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("cut_off", "broken JSON", "line 6"),
        ("lfs_pointer", "Git-LFS pointer", None),
        ("html", "HTML page", None),
        ("empty", "empty file", None),
        ("link_text", "symbolic link to ../shared/annotations/instances.json", None),
        ("archive", "ZIP archive", None),
        ("caption_results", "captions", None),
        ("captions", "captions", None),
        ("labels", "labels of whole images", None),
        ("no_images", "no list of images", None),
        ("images_object", "expected a list, got an object", "images"),
    ],
)
def test_other_kinds_of_files_are_named(name: str, text: str, where: str | None) -> None:
    with pytest.raises(FormatError, match=text) as caught:
        list(read_source(DATA / f"coco/broken/{name}.json", format="coco"))
    assert (caught.value.where or "").startswith(where or "")


def test_results_need_sizes() -> None:
    results = DATA / "coco/broken/results.json"
    batches, _ = read_all(results)
    assert outcomes(batches).skipped == {"image size missing (give size= or images=)": 1}
    batch = read_one(results, size={"42": (640, 478)})
    assert batch.sizes is not None
    assert batch.sizes.tolist() == [[640, 478]]
    assert batch.scores is not None
    assert batch.scores.tolist() == [0.236]
    assert batch.classes == ("category_18",)


def test_results_of_masks_bring_their_own_sizes() -> None:
    batch = read_one(DATA / "coco/valid/masks_results.json")
    assert batch.sizes is not None
    assert batch.sizes.tolist() == [[8, 6], [5, 5]]


def test_panoptic_segments_are_boxes() -> None:
    batch = read_one(DATA / "coco/valid/panoptic_val.json")
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [[0, 0, 10, 4], [2, 5, 5, 8]]
    assert batch.ids == [11, 12]
    assert batch.where(1).endswith("annotations[0] (id 12)")
    assert batch.split == "val"


def test_names_can_be_printed() -> None:
    batch = read_one(DATA / "coco/valid/byte_order_mark.json")
    assert batch.image_names == ["café.png"]
    assert batch.classes == ("t?asse",)
    "".join([*batch.classes, *batch.image_names]).encode()


def test_utf16() -> None:
    assert read_one(DATA / "coco/valid/utf16.json").classes == ("größe",)


def test_number_of_too_many_digits_affects_one_annotation(tmp_path: Path) -> None:
    good = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1]}
    text = json.dumps(document(good, good | {"id": 2, "bbox": [0, 0, 1, 12345]}))
    path = tmp_path / "long.json"
    path.write_text(text.replace("12345", "9" * 5000))
    assert outcomes(read_all(path)[0]).skipped == {"coordinate or image size not finite": 1}


def test_endless_nesting_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    path.write_text('{"images": ' + "[" * 200_000)
    with pytest.raises(FormatError, match="broken JSON"):
        list(read_source(path, format="coco"))


def test_vertices_are_limited(tmp_path: Path) -> None:
    ring = [0, 0, 9, 0, 9, 9, 0, 9]
    few = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [ring]}
    path = write(tmp_path / "many.json", document(few, few | {"segmentation": [ring, ring]}))
    _, report = read_all(path, limits=hg.Limits(vertices=4))
    assert report.skipped == {"more vertices than limits.vertices": 1}


def test_bytes_are_limited() -> None:
    with pytest.raises(FormatError, match="file_bytes=10"):
        list(read_source(INSTANCES, limits=hg.Limits(file_bytes=10)))


def test_files_of_a_folder_are_splits(tmp_path: Path) -> None:
    (tmp_path / "annotations").mkdir()
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1]}
    for name in ("instances_train", "instances_val2017", "person_keypoints_train", "captions_val"):
        write(tmp_path / f"annotations/{name}.json", document(box))
    (tmp_path / "annotations/other.json").write_text('{"a": 1}')
    batches, report = read_all(tmp_path)
    assert [batch.split for batch in batches] == ["train", "val"]
    assert report.notes["person_keypoints file ignored, instances file read"] == 1
    assert report.refused == {"not a COCO file": 1}
    batches, _ = read_all(tmp_path, splits="valid")
    assert [batch.split for batch in batches] == ["val"]
    _, report = read_all(tmp_path, splits=["test"])
    assert report.notes["no split named test"] == 1


def test_splits_in_folders(tmp_path: Path) -> None:
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1]}
    for name in ("train", "valid"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "_annotations.coco.json", document(box))
    assert [batch.split for batch in read_all(tmp_path)[0]] == ["train", "val"]


def test_broken_file_among_several_is_refused(tmp_path: Path) -> None:
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1]}
    write(tmp_path / "instances_train.json", document(box))
    (tmp_path / "instances_val.json").write_text('{"images": [], "annotations": [}')
    batches, report = read_all(tmp_path)
    assert sum(map(len, batches)) == 1
    assert report.refused == {"broken JSON: Expecting value": 1}
    with pytest.raises(FormatError):
        list(read_source(tmp_path, on_error="raise"))


def test_classes_without_categories_are_named_by_id(tmp_path: Path) -> None:
    box = {"id": 1, "image_id": 1, "category_id": 12, "bbox": [0, 0, 1, 1]}
    batch = read_one(write(tmp_path / "a.json", document(box, categories=[])))
    assert batch.classes == ("category_12",)


def test_garbage_collector_is_enabled_again() -> None:
    assert gc.isenabled()
    read_all(INSTANCES)
    with pytest.raises(FormatError):
        read_all(DATA / "coco/broken/cut_off.json", format="coco")
    assert gc.isenabled()


def test_results_next_to_annotations_are_left_out(tmp_path: Path) -> None:
    for name in ("valid/scene/annotations", "valid/masks_results"):
        copyfile(DATA / f"coco/{name}.json", tmp_path / f"{name.rpartition('/')[2]}.json")
    _, report = read_all(tmp_path)
    assert report.read == 3
    assert report.notes == {RESULTS: 1}
    (tmp_path / "annotations.json").unlink()
    assert read_all(tmp_path)[1].read > 0
