"""Files as tools write them: rotated boxes, tracks, several classes, ids as text, regions to ignore."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from batches import check_account
from heatgrid.core.ragged import Kind
from heatgrid.errors import FormatError
from heatgrid.io.build import SEVERAL, UNLABELED
from heatgrid.io.formats.label_studio import ROTATED_IMAGE
from heatgrid.io.formats.yolo.rows import ODD, OTHER_SIXTH, TRACKED
from heatgrid.io.parse import ROTATED
from samples import read_one

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.core.annotations import Annotations

BAR = [[45, 80], [45, 20], [55, 20], [55, 80]]
"""The corners of the box 20 45 80 55, turned by a right angle about its center."""

CVAT = "<annotations><image id='0' name='a.png' width='100' height='100'>{}</image></annotations>"
CATEGORIES = [{"id": 1, "name": "ship"}]


def coco(*annotations: dict[str, Any], images: Any = None) -> str:
    images = images or [{"id": 1, "file_name": "a.png", "width": 100, "height": 100}]
    listed = [{"id": i, "image_id": 1, "category_id": 1} | one for i, one in enumerate(annotations)]
    return json.dumps({"images": images, "annotations": listed, "categories": CATEGORIES})


def voc(*objects: str) -> str:
    size = "<size><width>100</width><height>100</height></size>"
    found = "".join(f"<object><name>ship</name>{one}</object>" for one in objects)
    return f"<annotation>{size}{found}</annotation>"


def bndbox(inner: str = "") -> str:
    corners = "<xmin>20</xmin><ymin>45</ymin><xmax>80</xmax><ymax>55</ymax>"
    return f"<bndbox>{corners}{inner}</bndbox>"


def attribute(name: str, value: str) -> str:
    return f"<attributes><attribute><name>{name}</name><value>{value}</value></attribute></attributes>"


def datumaro(*annotations: dict[str, Any]) -> str:
    items = [{"id": "a", "image": {"size": [100, 100]}, "annotations": annotations}]
    return json.dumps({"categories": {"label": {"labels": [{"name": "ship"}]}}, "items": items})


def labelme(points: Any) -> str:
    shape = {"label": "ship", "shape_type": "rectangle", "points": points}
    return json.dumps({"imagePath": "a.png", "imageWidth": 100, "imageHeight": 100, "shapes": [shape]})


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


def count(path: Path, **options: Any) -> hg.Heatmap:
    """Count a file, and check its account."""
    heat = hg.heatmap(path, 10, **options)
    check_account(heat.report)
    return heat


def ring(batch: Annotations) -> list[list[float]]:
    """Return the corners of the only polygon in pixels or shares, rounded, sorted."""
    assert batch.polygons is not None
    return sorted(np.round(batch.polygons.coords, 4).tolist())


BOX: dict[str, Any] = {"bbox": [20, 45, 60, 10]}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("coco.json", coco(BOX | {"attributes": {"occluded": False, "rotation": 90.0}})),
        ("coco.json", coco(BOX | {"attributes": {"rotation": "90"}})),
        ("coco.json", coco(BOX | {"segmentation": [], "attributes": {"rotation": 270}, "score": 0.5})),
        ("voc.xml", voc(bndbox() + attribute("rotation", "90.0"))),
        (
            "voc.xml",
            voc(
                "<robndbox><cx>50</cx><cy>50</cy><w>60</w><h>10</h><angle>1.5707963267948966</angle></robndbox>"
            ),
        ),
        (
            "voc.xml",
            voc(
                "<rotated_bndbox>"
                + "".join(f"<x{i}>{x}</x{i}><y{i}>{y}</y{i}>" for i, (x, y) in enumerate(BAR, 1))
                + "</rotated_bndbox>"
            ),
        ),
        ("train.json", datumaro(BOX | {"type": "bbox", "label_id": 0, "attributes": {"rotation": 90.0}})),
        (
            "cvat.xml",
            CVAT.format("<box label='ship' xtl='20' ytl='45' xbr='80' ybr='55' rotation='90'/>"),
        ),
    ],
)
def test_rotated_boxes_are_polygons(tmp_path: Path, name: str, text: str) -> None:
    path = write(tmp_path, name, text)
    batch = read_one(path)
    assert batch.kinds.tolist() == [Kind.POLYGON]
    assert ring(batch) == sorted(BAR)
    heat = count(path, geometry="box", by_class=False, rule="touch")
    expected = np.zeros((10, 10), dtype=np.int64)
    expected[2:8, 4:6] = 1
    assert (heat.counts[:2].sum(), heat.counts[:, 7:].sum()) == (0, 0)
    assert (heat.counts[3:7, 4:6] == 1).all()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("coco.json", coco(BOX | {"rotation": 30}, BOX)),
        ("coco.json", coco(BOX | {"angle": 0.5}, BOX)),
        ("coco.json", coco({"bbox": [50, 50, 60, 10, 30]}, BOX)),
        ("voc.xml", voc(bndbox("<angle>30</angle>"), bndbox())),
        ("voc.xml", voc(bndbox() + "<angle>30</angle>", bndbox() + "<angle>0.0</angle>")),
        (
            "voc.xml",
            voc(
                "<robndbox><cx>50</cx><cy>50</cy><w>60</w><h>10</h><angle>90</angle></robndbox>",
                bndbox(),
            ),
        ),
        ("voc.xml", voc("<robndbox><x_left_top>5</x_left_top></robndbox>", bndbox())),
        (
            "t.csv",
            "filename,width,height,class,xmin,ymin,xmax,ymax,angle\na,9,9,c,1,1,3,3,30\na,9,9,c,1,1,3,3,0\n",
        ),
    ],
)
def test_boxes_rotated_by_an_unknown_convention_are_skipped(tmp_path: Path, name: str, text: str) -> None:
    report = count(write(tmp_path, name, text)).report
    assert (report.read, report.counted, report.skipped) == (2, 1, {ROTATED: 1})


UPRIGHT = {"x": 5, "y": 5, "width": 2, "height": 2}


@pytest.mark.parametrize(
    ("name", "document"),
    [
        (
            "createml",
            [{"image": "a", "annotations": [{"label": "x", "coordinates": UPRIGHT | {"rotation": 30}}]}],
        ),
        (
            "scalabel",
            [
                {
                    "name": "a",
                    "labels": [{"category": "x", "box2d": {"x1": 1, "y1": 1, "x2": 5, "y2": 5, "angle": 1}}],
                }
            ],
        ),
        (
            "via",
            {
                "a": {
                    "filename": "a",
                    "regions": [
                        {
                            "shape_attributes": UPRIGHT | {"name": "rect", "theta": 0.5},
                            "region_attributes": {},
                        }
                    ],
                }
            },
        ),
    ],
)
def test_rotations_that_a_format_does_not_define_are_reasons(
    tmp_path: Path, name: Any, document: Any
) -> None:
    path = write(tmp_path, "a.json", json.dumps(document))
    assert count(path, format=name, size=(10, 10)).report.skipped == {ROTATED: 1}


def test_rotations_of_zero_and_other_attributes_change_nothing(tmp_path: Path) -> None:
    others: list[dict[str, Any]] = [
        {"attributes": {"rotation": 0.0}},
        {"attributes": "rotation"},
        {"attributes": {"rotation": None}},
    ]
    others += [{"attributes": {"angle": 3}}, {"rotation": 0}, {"rotation": "up"}]
    batch = read_one(write(tmp_path, "a.json", coco(*(BOX | other for other in others))))
    assert batch.kinds.tolist() == [Kind.BOX] * len(others)
    assert count(tmp_path / "a.json").report.notes == {}


def test_a_rotated_box_with_an_outline_keeps_the_outline(tmp_path: Path) -> None:
    outline: dict[str, Any] = {"segmentation": [[1, 1, 9, 1, 9, 9]], "attributes": {"rotation": 30}}
    batch = read_one(write(tmp_path, "a.json", coco(BOX | outline, outline | {"bbox": [1, 2, 3, 4, 5]})))
    assert batch.polygons is not None
    assert batch.polygons.coords.tolist() == [[1, 1], [9, 1], [9, 9]] * 2
    assert batch.report.notes == {f"{ROTATED}: ignored, other geometry kept": 1}


def test_tables_of_four_corners_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", "image,x1,y1,x2,y2,x3,y3,x4,y4,class\na.png,0,5,5,0,10,5,5,10,ship\n")
    with pytest.raises(FormatError, match="no columns of images and boxes"):
        hg.heatmap(path, format="tables")
    sides = {"xmin,ymin,xmax,ymax": "1,2,3,4", "x1,y1,x2,y2,x3,y3": "0,5,5,0,10,5"}
    path = write(tmp_path, "u.csv", f"image,class,{','.join(sides)}\na.png,ship,{','.join(sides.values())}\n")
    boxes = read_one(path, size=(10, 10)).boxes
    assert boxes is not None
    assert boxes.tolist() == [[1, 2, 3, 4]]


def test_rectangles_of_four_corners(tmp_path: Path) -> None:
    upright = read_one(write(tmp_path, "a.json", labelme([[1, 2], [5, 2], [5, 8], [1, 8]])))
    turned = read_one(write(tmp_path, "b.json", labelme([[5, 0], [10, 5], [5, 10], [0, 5]])))
    assert upright.boxes is not None
    assert upright.boxes.tolist() == [[1, 2, 5, 8]]
    assert turned.kinds.tolist() == [Kind.POLYGON]


def test_run_length_codes_in_lists(tmp_path: Path) -> None:
    code = {"size": [4, 4], "counts": [4, 4, 8]}
    images = [{"id": 1, "file_name": "a.png", "width": 4, "height": 4}]
    box = {"bbox": [1, 0, 1, 4]}
    path = write(
        tmp_path,
        "a.json",
        coco(box | {"segmentation": [code]}, box | {"segmentation": [code, code]}, images=images),
    )
    batch = read_one(path)
    assert batch.kinds.tolist() == [Kind.BOX | Kind.MASK, Kind.BOX]
    assert count(path).report.counted == 2
    assert sum(batch.report.notes.values()) == 1


# Rows of trackers


@pytest.mark.parametrize(
    ("row", "ids", "scores"),
    [
        ("0 0.5 0.5 0.2 0.2 0.9", None, [0.9]),
        ("0 0.5 0.5 0.2 0.2 7", [7], None),
        ("0 0.5 0.5 0.2 0.2 0.9 7", [7], [0.9]),
        ("0 0.5 0.5 0.2 0.2 0.9 1", [1], [0.9]),
        ("0 0.5 0.5 0.2 0.2 0.9 1\n0 0.5 0.5 0.2 0.2 0.8 2", [1, 2], [0.9, 0.8]),
    ],
)
def test_boxes_of_trackers(tmp_path: Path, row: str, ids: Any, scores: Any) -> None:
    path = write(tmp_path, "a.txt", row)
    batch = read_one(path)
    assert batch.boxes is not None
    assert np.allclose(batch.boxes, [0.4, 0.4, 0.6, 0.6])
    assert batch.ids == ids
    assert (None if batch.scores is None else batch.scores.tolist()) == scores
    assert batch.report.notes.get(TRACKED, 0) == len(ids or ())
    assert count(path, by_class=False).counts.sum() == 4 * len(batch)


@pytest.mark.parametrize("task", [None, "obb"])
@pytest.mark.parametrize(("end", "score"), [("3", None), ("0.5 3", [0.5])])
def test_corners_of_trackers(tmp_path: Path, task: Any, end: str, score: Any) -> None:
    batch = read_one(write(tmp_path, "a.txt", f"0 0.1 0.1 0.4 0.1 0.4 0.4 0.1 0.4 {end}"), task=task)
    assert ring(batch) == [[0.1, 0.1], [0.1, 0.4], [0.4, 0.1], [0.4, 0.4]]
    assert batch.ids == [3]
    assert (None if batch.scores is None else batch.scores.tolist()) == score


def test_triangles_at_the_edge_are_not_tracks(tmp_path: Path) -> None:
    rows = "0 0.1 0.1 0.4 0.1 0.4 0.35\n0 0.1 0.1 0.4 0.1 0.4 1\n"
    batch = read_one(write(tmp_path, "a.txt", rows))
    assert batch.kinds.tolist() == [Kind.POLYGON] * 2
    assert batch.ids is None
    segment = "0 0.1 0.1 0.4 0.1 0.4 0.4 0.1 1\n"  # four vertices, the last at the lower edge
    assert read_one(write(tmp_path, "b.txt", segment)).ids is None
    assert count(write(tmp_path, "c.txt", "0 0.1 0.1 0.4 0.1 0.4 0.4 0.5")).report.skipped == {ODD: 1}


@pytest.mark.parametrize(
    ("lasts", "read"), [(["0.9", "1.2"], 1), (["-0.3", "0.4", "1.5"], 0), (["1.01"], 0), (["0.5", "nan"], 2)]
)
def test_sixth_numbers_that_are_no_confidence(tmp_path: Path, lasts: list[str], read: int) -> None:
    path = write(tmp_path, "a.txt", "".join(f"0 0.5 0.5 0.2 0.2 {last}\n" for last in lasts))
    report = count(path).report
    assert (report.read, report.counted) == (len(lasts), read)
    assert report.skipped == ({OTHER_SIXTH: len(lasts) - read} if read < len(lasts) else {})


def test_poses_without_their_shape(tmp_path: Path) -> None:
    rows = "0 0.5 0.5 0.2 0.2 0.45 0.45 2 0.55 0.55 0\n0 0.5 0.5 0.2 0.2 0.45 0.45 1 0.5 0.55 2\n"
    batch = read_one(write(tmp_path, "a.txt", rows))
    assert batch.kinds.tolist() == [Kind.BOX | Kind.POINT] * 2
    assert batch.ids is None
    assert batch.points is not None
    assert batch.points.visible is not None
    assert batch.points.visible.tolist() == [True, False, True, True]
    assert batch.report.notes["rows read as boxes with 2 keypoints"] == 1


# Several classes


def label_studio(value: dict[str, Any]) -> str:
    region = dict[str, Any](id="r1", type="rectanglelabels", original_width=100, original_height=100)
    box = {"x": 20, "y": 45, "width": 60, "height": 10, "rotation": 0}
    return json.dumps(
        [{"data": {"image": "a.png"}, "annotations": [{"result": [region | {"value": box | value}]}]}]
    )


def via(attributes: dict[str, Any]) -> str:
    shape = {"name": "rect", "x": 20, "y": 45, "width": 60, "height": 10}
    region = {"shape_attributes": shape, "region_attributes": attributes}
    return json.dumps({"a.png1": {"filename": "a.png", "size": 1, "regions": [region]}})


def via3() -> str:
    attributes = {"1": {"aname": "kind", "type": 2, "options": {"0": "ship", "1": "boat", "2": "car"}}}
    metadata = {"m": {"vid": "1", "z": [], "xy": [2, 20, 45, 60, 10], "av": {"1": "0,1"}}}
    files = {"1": {"fid": 1, "fname": "a.png", "type": 2}}
    views = {"1": {"fid_list": ["1"]}}
    return json.dumps(
        {"project": {}, "attribute": attributes, "file": files, "view": views, "metadata": metadata}
    )


def vott(tags: list[str]) -> str:
    box = {"left": 20, "top": 45, "width": 60, "height": 10}
    region = {"id": "r1", "type": "RECTANGLE", "tags": tags, "boundingBox": box}
    return json.dumps(
        {"asset": {"name": "a.png", "size": {"width": 100, "height": 100}}, "regions": [region]}
    )


def geojson(properties: dict[str, Any]) -> str:
    ring = [[20, 45], [80, 45], [80, 55], [20, 55], [20, 45]]
    feature = {"type": "Feature", "id": "r1", "geometry": {"type": "Polygon", "coordinates": [ring]}}
    return json.dumps({"type": "FeatureCollection", "features": [feature | {"properties": properties}]})


@pytest.mark.parametrize(
    "text",
    [
        label_studio({"rectanglelabels": ["ship", "boat"]}),
        label_studio({"rectanglelabels": ["ship"], "labels": ["boat", "ship"]}),
        via({"kind": {"ship": True, "boat": True, "car": False}}),
        via3(),
        vott(["ship", "boat"]),
        geojson({"class": ["ship", "boat"]}),
    ],
)
def test_regions_of_several_classes_are_counted_once_per_class(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, "a.json", text)
    heat = count(path, size=(100, 100))
    assert sorted(heat.classes or ()) == ["boat", "ship"]
    assert (heat.report.read, heat.report.counted, heat.report.images_counted) == (2, 2, 1)
    assert heat["ship"].counts.tolist() == heat["boat"].counts.tolist()
    assert heat.report.notes[SEVERAL] == 1
    batch = read_one(path, size=(100, 100))
    assert batch.ids is not None
    assert batch.ids[0] == batch.ids[1]


def test_lists_of_category_ids(tmp_path: Path) -> None:
    document = json.loads(coco(BOX, BOX | {"category_id": [2, 1]}, BOX, BOX | {"category_id": []}))
    document["categories"].append({"id": 2, "name": "boat"})
    path = write(tmp_path, "a.json", json.dumps(document))
    batch = read_one(path)
    assert [batch.classes[i] for i in batch.label] == ["ship", "boat", "ship", "ship", "(none)"]
    assert list(batch.ids or ()) == [0, 1, 1, 2, 3]
    assert batch.report.notes == {SEVERAL: 1, UNLABELED: 1}
    assert count(path).report.counted == 5


def test_a_broken_region_of_two_classes_is_skipped_twice(tmp_path: Path) -> None:
    report = count(write(tmp_path, "a.json", label_studio({"rectanglelabels": ["a", "b"], "x": "?"}))).report
    assert (report.read, report.skipped) == (2, {"coordinate is not a number": 2})
    assert report.by_class()["a"]["skipped"] == report.by_class()["b"]["skipped"] == 1


def test_regions_of_images_rotated_while_labeled_are_noted(tmp_path: Path) -> None:
    text = label_studio({"rectanglelabels": ["a"]}).replace(
        '"original_width"', '"image_rotation": 90, "original_width"'
    )
    assert count(write(tmp_path, "a.json", text)).report.notes == {ROTATED_IMAGE: 1}


# Ids as numbers and text


def test_label_numbers_as_text(tmp_path: Path) -> None:
    boxes = [BOX | {"type": "bbox", "label_id": number} for number in (0, "0")]
    heat = count(write(tmp_path, "train.json", datumaro(*boxes)))
    assert heat.report.by_class() == {"ship": heat.report.by_class()["ship"]}


def test_sizes_by_numbers(tmp_path: Path) -> None:
    results = [{"image_id": 7, "category_id": 1, "bbox": [20, 45, 60, 10], "score": 0.5}]
    path = write(tmp_path, "results.json", json.dumps(results))
    assert count(path, size={7: (100, 100)}).report.counted == 1
    assert count(path, size={"7": (100, 100)}).report.counted == 1


# Regions to ignore


@pytest.mark.parametrize(
    ("name", "text", "options"),
    [
        ("coco.json", coco(BOX, BOX | {"ignore": 1}), {}),
        (
            "train.json",
            datumaro(BOX | {"type": "bbox"}, BOX | {"type": "bbox", "attributes": {"outside": True}}),
            {},
        ),
        ("voc.xml", voc(bndbox(), bndbox() + "<deleted>1</deleted>"), {}),
        (
            "t.csv",
            "filename,width,height,class,xmin,ymin,xmax,ymax,ignore\na,9,9,c,1,1,3,3,1\na,9,9,c,1,1,3,3,0\n",
            {},
        ),
        ("b.txt", "1,1,10,20,30,40,1,3,1\n1,2,10,20,30,40,0,3,1\n", {"format": "mot", "size": (100, 100)}),
        ("b.txt", "10,20,30,40,1,4,0,0\n10,20,30,40,0,4,0,0\n", {"format": "visdrone", "size": (100, 100)}),
        (
            "w.txt",
            "a.jpg\n2\n1 2 3 4 0 0 0 0 0 0\n1 2 3 4 0 0 0 1 0 0\n",
            {"format": "wider", "size": (9, 9)},
        ),
        (
            "k.txt",
            "Car 0 0 0 10 20 30 40 1 1 1 1 1 1 0\nDontCare -1 -1 -10 1 2 3 4 -1 -1 -1 -1 -1 -1 -1\n",
            {"format": "kitti", "size": (100, 100)},
        ),
    ],
)
def test_regions_to_ignore_are_excluded(tmp_path: Path, name: str, text: str, options: Any) -> None:
    report = count(write(tmp_path, name, text), **options).report
    assert (report.read, report.counted, report.excluded) == (1, 1, 1)
    assert report.skipped == {}


def test_crowds_are_counted_and_read_as_pycocotools_lists_them(tmp_path: Path) -> None:
    flags: list[dict[str, Any]] = [
        {"iscrowd": 1},
        {"iscrowd": 0},
        {"attributes": {"occluded": True}},
        {"area": 0},
    ]
    heat = count(write(tmp_path, "a.json", coco(*(BOX | flag for flag in flags))))
    assert heat.report.by_class()["ship"]["read"] == heat.report.counted == 4


@pytest.mark.filterwarnings("ignore:.*the map's classes are fixed:heatgrid.HeatgridWarning")
def test_ignored_regions_of_other_classes_are_excluded(tmp_path: Path) -> None:
    heat = hg.Heatmap(10, ["boat"])
    for batch in hg.read(write(tmp_path, "a.json", coco(BOX, BOX | {"ignore": 1}))):
        heat.add(batch)
    assert (heat.report.read, heat.report.counted, heat.report.excluded) == (1, 0, 1)
