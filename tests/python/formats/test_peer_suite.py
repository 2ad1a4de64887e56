"""The test assets of datumaro: what is read of each data set, next to what datumaro itself reads of it.

Its numbers are a second opinion. Where ours differ, the reason is given.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

import heatgrid as hg
from batches import check_account
from heatgrid.errors import FormatError
from heatgrid.io.read import detect

PEER = Path(__file__).parents[3].parent / "shared/peer"
ASSETS = PEER / "datumaro"

pytestmark = [
    pytest.mark.skipif(not ASSETS.is_dir(), reason="the folder ../shared/peer does not exist"),
    pytest.mark.filterwarnings("ignore"),
]


class Found(NamedTuple):
    """Content of a sample: images, annotations, those counted, and why that is not datumaro's number."""

    format: str
    images: int
    read: int
    counted: int
    reason: str = ""


TINY = "images of 1 to 5 pixels stand for those of the data set: the annotations lie outside"
PARTS = "box, outline, mask and points of one object are one annotation"

LISTED = {
    "ade20k2017_dataset": Found("masks", 3, 10, 10),
    "ade20k2020_dataset/dataset": Found("masks", 2, 7, 7, "each object is in the label image, too"),
    "ade20k2020_dataset/dataset_with_meta_file": Found("masks", 1, 3, 3, "as above"),
    "align_celeba_dataset/dataset": Found("faces", 5, 5, 0, TINY),
    "camvid_dataset": Found("masks", 4, 10, 10),
    "celeba_dataset/dataset": Found("faces", 5, 5, 0, f"{PARTS}; {TINY}"),
    "coco_dataset/coco": Found("coco", 2, 3, 3, PARTS),
    "coco_dataset/coco_instances": Found("coco", 2, 3, 3, PARTS),
    "coco_dataset/coco_panoptic": Found("coco", 2, 3, 3),
    "coco_dataset/coco_person_keypoints": Found("coco", 2, 3, 3, PARTS),
    "coco_dataset/coco_stuff": Found("coco", 2, 2, 2, PARTS),
    "common_semantic_segmentation_dataset/dataset": Found("masks", 2, 4, 4),
    "cvat_dataset/for_images": Found("cvat", 2, 6, 6, "a skeleton is one annotation, not one per point"),
    "cvat_dataset/for_video": Found(
        "cvat",
        3,
        6,
        3,
        "a skeleton is one annotation; shapes outside are excluded; skeletons are out of the frame",
    ),
    "datumaro_dataset/diverse": Found("datumaro", 7, 8, 4, "3 images are missing; a cuboid has no place"),
    "icdar_dataset": Found(
        "icdar", 3, 6, 4, f"datumaro takes colors and centers of characters for corners; {TINY}"
    ),
    "kitti_dataset": Found(
        "kitti", 2, 5, 5, "boxes; label images, 6 with the background, are left out and named"
    ),
    "lfw_dataset": Found("faces", 3, 3, 3),
    "mapillary_vistas_dataset/v2.0": Found("mapillary", 3, 10, 4, "outlines without area are empty"),
    "mot_dataset/mot_seq": Found("mot", 1, 1, 1),
    "mot_dataset/mot_seq_with_seqinfo": Found("mot", 1, 1, 1),
    "mots_dataset": Found("masks", 3, 5, 5),
    "mpii_json_dataset/dataset_with_numpy_files": Found(
        "mpii",
        3,
        3,
        3,
        "a person is one annotation; heads in .npy files, which only datumaro has, are not read",
    ),
    "mpii_json_dataset/dataset_wo_numpy_files": Found("mpii", 3, 3, 3),
    "voc_dataset/voc_dataset1": Found(
        "voc", 1, 2, 2, "a part is no object; label images are left out and named"
    ),
    "voc_dataset/voc_dataset2": Found("voc", 5, 4, 0, "neither sizes nor images"),
    "voc_dataset/voc_dataset3": Found("voc", 1, 1, 1),
    "vott_json_dataset/dataset": Found("vott", 3, 5, 0, TINY),
    "vott_json_dataset/dataset_with_meta_file": Found("vott", 3, 4, 0, TINY),
    "widerface_dataset": Found("wider", 3, 5, 5, "an invalid face is excluded"),
    "yolo_dataset/yolo": Found("yolo", 1, 2, 2),
    "yolo_dataset/yolov8_detection": Found("yolo", 1, 2, 2),
    "yolo_dataset/yolov8_detection_with_list_of_imgs": Found("yolo", 1, 2, 2),
    "yolo_dataset/yolov8_detection_with_list_of_names": Found("yolo", 1, 2, 2),
    "yolo_dataset/yolov8_detection_with_subset_txt": Found("yolo", 1, 2, 2),
}
"""The data sets that the suite's own table lists."""

OTHERS = {
    "ade20k2017_dataset/dataset": Found("masks", 2, 7, 7),
    "ade20k2017_dataset/dataset_with_meta_file": Found("masks", 1, 3, 3),
    "cityscapes_dataset/dataset": Found("masks", 4, 5, 5),
    "cityscapes_dataset/train_dataset": Found("masks", 4, 5, 5),
    "common_semantic_segmentation_dataset/non_standard_dataset": Found("masks", 2, 5, 5),
    "datumaro_dataset/with_skeleton": Found("datumaro", 1, 1, 1),
    "icdar_dataset/text_localization": Found("icdar", 2, 3, 3),
    "icdar_dataset/text_segmentation": Found("icdar", 1, 3, 1, TINY),
    "kitti_dataset/kitti_detection": Found("kitti", 2, 5, 5),
    "kitti_dataset/kitti_segmentation": Found("masks", 2, 4, 4, "the background is no object"),
    "labelme_dataset": Found("labelme_xml", 1, 7, 7),
    "mapillary_vistas_dataset/dataset_with_meta_file": Found("masks", 2, 5, 5),
    "mapillary_vistas_dataset/v1.2": Found("masks", 3, 8, 8),
    "mpii_dataset": Found("mpii", 3, 4, 0, f"a head is a part; {TINY}"),
    "open_images_dataset/v6": Found("openimages", 3, 2, 2, PARTS),
    "synthia_dataset/color_segm_dataset": Found("masks", 2, 7, 7),
    "synthia_dataset/dataset_with_custom_labelmap": Found("masks", 2, 5, 5),
    "synthia_dataset/dataset_with_meta_file": Found("masks", 2, 5, 5),
    "synthia_dataset/labels_segm_dataset": Found(
        "masks", 4, 12, 12, "images of colors repeat those of labels, and are left out"
    ),
    "tf_detection_api_dataset": Found("tfrecord", 3, 4, 4),
    "vgg_face2_dataset": Found("faces", 4, 4, 4, PARTS),
    "vott_csv_dataset/dataset": Found("tables", 4, 5, 1, TINY),
    "vott_csv_dataset/dataset_with_meta_file": Found("tables", 2, 2, 0, TINY),
    "yolo_dataset/yolov8_oriented_boxes": Found("yolo", 1, 2, 2),
    "yolo_dataset/yolov8_pose": Found("yolo", 1, 1, 1),
    "yolo_dataset/yolov8_pose_two_values_per_point": Found("yolo", 1, 1, 1),
    "yolo_dataset/yolov8_segmentation": Found("yolo", 1, 2, 2),
}

BY_NAME = {
    "ade20k2017_dataset/dataset": 7,
    "ade20k2017_dataset/dataset_with_meta_file": 3,
    "icdar_dataset/text_localization": 3,
    "icdar_dataset/text_segmentation": 3,
    "kitti_dataset/kitti_detection": 5,
    "kitti_dataset/kitti_segmentation": 6,
    "mpii_dataset": 8,
    "open_images_dataset/v6": 3,
    "synthia_dataset/dataset_with_custom_labelmap": 5,
    "synthia_dataset/dataset_with_meta_file": 5,
    "synthia_dataset/labels_segm_dataset": 16,
    "vgg_face2_dataset": 8,
    "vott_csv_dataset/dataset": 5,
    "vott_csv_dataset/dataset_with_meta_file": 2,
}
"""Annotations that datumaro 1.13.12 reads of other sets by the name of the format; of the rest, none."""

REFUSED = {
    "align_celeba_dataset/dataset_with_meta_file": "unknown format",  # identities, no places
    "celeba_dataset/dataset_with_meta_file": "unknown format",
    "coco_dataset/coco_captions": "image captions",
    "coco_dataset/coco_labels": "labels of whole images",
    "icdar_dataset/word_recognition": "unknown format",  # texts of whole images
    "open_images_dataset/v5": "unknown format",  # labels of whole images
    "yolo_dataset/yolov8_classification": "unknown format",
}
"""Data sets that do not say where anything is."""


@pytest.mark.parametrize("name", LISTED | OTHERS)
def test_what_is_read_of_each_set(name: str) -> None:
    expected = (LISTED | OTHERS)[name]
    report = hg.heatmap(ASSETS / name, 10).report
    check_account(report)
    assert (detect(ASSETS / name), report.images, report.read, report.counted) == expected[:4]


@pytest.mark.parametrize("name", REFUSED)
def test_sets_without_places_are_refused(name: str) -> None:
    with pytest.raises(FormatError, match=REFUSED[name]):
        hg.heatmap(ASSETS / name)


def test_the_whole_table_is_covered_and_explained() -> None:
    rows = re.findall(
        r"^\| (\S+/?\S*) \| \S+ \| (\d+) \| (.*) \|$", (PEER / "README.md").read_text(), re.MULTILINE
    )
    assert {name for name, _, _ in rows} == set(LISTED)
    for name, _, numbers in rows:
        total = sum(map(int, re.findall(r"\d+", numbers)))
        found = LISTED[name]
        assert found.reason or found.counted == found.read == total, name


@pytest.mark.parametrize("name", BY_NAME)
def test_differences_from_what_datumaro_reads_by_name_are_explained(name: str) -> None:
    found = OTHERS[name]
    assert found.reason or found.counted == found.read == BY_NAME[name]
