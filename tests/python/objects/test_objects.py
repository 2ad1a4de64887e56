"""Objects of other libraries, replaced by stubs with the same attributes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, get_args

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.core.ragged import Kind
from heatgrid.io import objects

BOXES = [[8.0, 4.0, 24.0, 20.0], [0.0, 0.0, 64.0, 8.0], [40.0, 10.0, 60.0, 30.0]]
SIZE = (64, 32)


class Tensor:
    """A tensor on a device, with a gradient: an array only once it is detached and moved."""

    def __init__(self, values: Any, steps: tuple[str, ...] = ("detach", "cpu")) -> None:
        self.values, self.steps = np.asarray(values), steps

    def detach(self) -> Tensor:
        return Tensor(self.values, tuple(step for step in self.steps if step != "detach"))

    def cpu(self) -> Tensor:
        return Tensor(self.values, tuple(step for step in self.steps if step != "cpu"))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if self.steps:
            raise RuntimeError(f"call {self.steps[0]}() first")
        return self.values.astype(dtype or self.values.dtype)

    def __len__(self) -> int:
        return len(self.values)


class Capsule:
    """A tensor that only DLPack can read."""

    def __init__(self, values: Any) -> None:
        self._values = np.asarray(values)

    def __dlpack__(self, **options: Any) -> Any:
        return self._values.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self._values.__dlpack_device__()


def detections(**others: Any) -> SimpleNamespace:
    """Return what supervision's Detections has."""
    plain: dict[str, Any] = {
        "xyxy": np.array(BOXES, dtype=np.float32),
        "class_id": np.array([0, 2, 0]),
        "confidence": np.array([0.5, 0.25, 1.0]),
        "tracker_id": None,
        "mask": None,
        "data": {},
    }
    return SimpleNamespace(**(plain | others))


def counted(labels: list[int] | None = None) -> hg.Heatmap:
    """Return the three boxes' map, counted from their arrays."""
    heat = hg.Heatmap(16, ("car", "bus", "dog") if labels else None)
    return heat.add_boxes(np.array(BOXES), size=SIZE, labels=labels)


def test_detections_are_counted_as_boxes() -> None:
    heat = hg.Heatmap(16, ("car", "bus", "dog")).add(detections(), size=SIZE)
    assert heat == counted([0, 2, 0])
    assert (heat.report.read, heat.report.counted, heat.report.images) == (3, 3, 1)


def test_class_names_override_class_numbers() -> None:
    named = detections(data={"class_name": np.array(["car", "dog", "car"])}, class_id=np.array([7, 8, 7]))
    assert hg.Heatmap(16, ("car", "bus", "dog")).add(named, size=SIZE) == counted([0, 2, 0])


def test_labels_override_object_classes() -> None:
    for labels in (["car", "dog", "car"], [0, 2, 0]):
        heat = hg.Heatmap(16, ("car", "bus", "dog"))
        assert heat.add(detections(class_id=None), labels=labels, size=SIZE) == counted([0, 2, 0])


def test_class_numbers_without_name() -> None:
    batch = hg.annotations_from(detections(), size=SIZE, classes=["car", "bus"], library="supervision")
    assert batch.classes == ("car", "class_2")
    assert batch.label.tolist() == [0, 1, 0]
    batch.validate()


def test_class_missing_in_map_is_skipped() -> None:
    heat = hg.Heatmap(16, ("car",))
    with pytest.warns(hg.HeatgridWarning, match=r"1 annotation not counted: .* fixed, without 'class_2'"):
        heat.add(detections(), size=SIZE)
    assert heat.report.counted == 2
    assert heat.report.skipped == {"class not among the map's fixed classes": 1}


def test_tracks_and_scores_are_kept() -> None:
    batch = hg.annotations_from(detections(tracker_id=np.array([5, 6, 7])), size=SIZE, library="supervision")
    assert list(batch.ids or ()) == [5, 6, 7]
    assert batch.scores is not None
    assert batch.scores.tolist() == [0.5, 0.25, 1.0]


def test_weights_per_annotation() -> None:
    heat = hg.Heatmap(16, weighted=True).add(detections(), size=SIZE, weights=[0.5, 0.25, 1.0])
    expected = hg.Heatmap(16, weighted=True).add_boxes(BOXES, size=SIZE, weights=[0.5, 0.25, 1.0])
    assert heat.classes == ("class_0", "class_2")
    assert np.array_equal(heat.counts, expected.counts)


def test_empty_detections_need_no_size() -> None:
    none = detections(xyxy=np.zeros((0, 4)), class_id=None, confidence=None)
    heat = hg.Heatmap(16, ("car",)).add(none)
    assert heat.report.read == 0
    assert heat.counts.sum() == 0


def test_pixels_require_size() -> None:
    with pytest.raises(ValueError, match="size must be given: supervision has pixel"):
        hg.Heatmap(16).add(detections())
    for wrong in ((0, 5), (5,), "5x5", (float("nan"), 2)):
        with pytest.raises(ValueError, match=r"size must be (a positive width|\(width, height\))"):
            hg.Heatmap(16).add(detections(), size=wrong)  # type: ignore[arg-type]


def test_masks_have_image_size() -> None:
    masks = np.zeros((3, SIZE[1], SIZE[0]), dtype=bool)
    masks[0, :16, :16] = True
    masks[2, 5:9, 60:] = True
    heat = hg.Heatmap(16).add(detections(mask=masks))
    assert np.array_equal(heat.counts, hg.Heatmap(16).add_masks(masks).counts)
    boxes = hg.Heatmap(16, by_class=False).add(detections(mask=masks), geometry="box")
    assert np.array_equal(boxes.counts, counted().counts)


def test_oriented_boxes_are_polygons() -> None:
    corners = np.array([[[10, 0], [20, 10], [10, 20], [0, 10]]] * 3, dtype=np.float32)
    heat = hg.Heatmap(16).add(detections(data={"xyxyxyxy": corners}), size=SIZE)
    expected = hg.Heatmap(16).add_polygons(corners.reshape(-1, 2), [0, 4, 8, 12], size=SIZE)
    assert np.array_equal(heat.counts, expected.counts)


def test_keypoints_at_origin_are_invisible() -> None:
    xy = np.array([[[8.0, 8.0], [0.0, 0.0]], [[20.0, 4.0], [30.0, 30.0]]])
    points = SimpleNamespace(xy=xy, class_id=np.array([0, 0]), data={})
    heat = hg.Heatmap(16).add(points, size=SIZE)
    expected = hg.Heatmap(16).add_points([[8, 8], [20, 4], [30, 30]], size=SIZE)
    assert np.array_equal(heat.counts, expected.counts)


def test_lists_of_different_geometry_are_joined() -> None:
    mask = np.ones((3, SIZE[1], SIZE[0]), dtype=bool)
    corners = np.array([[[10, 0], [20, 10], [10, 20], [0, 10]]] * 3)
    parts = [detections(mask=mask), detections(data={"xyxyxyxy": corners}), detections(confidence=None)]
    batch = hg.annotations_from(parts, size=SIZE, images=["a", "b", "c"], library="supervision")
    batch.validate()
    assert list(batch.image_names) == ["a", "b", "c"]
    whole = hg.Heatmap(16)
    for part in parts:
        whole.add(part, size=SIZE)
    assert hg.Heatmap(16).add(batch) == whole
    with pytest.raises(ValueError, match="images must name each of the 3 objects, got 2"):
        hg.Heatmap(16).add(parts, size=SIZE, images=["a", "b"])
    with pytest.raises(TypeError, match="labels must not be given with a list of objects"):
        hg.Heatmap(16).add(parts, size=SIZE, labels=[1, 2, 3])


COCO = {
    "images": [{"id": 9, "file_name": "a.jpg", "width": 64, "height": 32}],
    "categories": [{"id": 3, "name": "car"}],
    "annotations": [
        {"id": 1, "image_id": 9, "category_id": 3, "bbox": [8, 4, 16, 16]},
        {"id": 2, "image_id": 9, "category_id": 3, "segmentation": [[0, 0, 64, 0, 64, 8, 0, 8]]},
        {"id": 3, "image_id": 8, "category_id": 3, "bbox": [8, 4, 16, 16]},
    ],
}


def test_coco_tables_are_read_like_file() -> None:
    tables: dict[str, Any] = {
        "anns": {a["id"]: a for a in COCO["annotations"]},
        "imgs": {i["id"]: i for i in COCO["images"]},
        "cats": {c["id"]: c for c in COCO["categories"]},
    }
    for value in (SimpleNamespace(**tables), COCO):
        heat = hg.Heatmap(16, ("car",)).add(value)
        assert heat.report.counted == 2
        assert heat.report.skipped == {"unknown image_id": 1}
        assert heat.counts.max() == 2


def fiftyone(kind: str, *labels: dict[str, Any]) -> SimpleNamespace:
    """Return what FiftyOne's lists of labels have."""
    return SimpleNamespace(**{kind: [SimpleNamespace(**label) for label in labels]})


def test_fiftyone_boxes_are_normalized() -> None:
    labels = [{"label": "car", "bounding_box": [0.25, 0.5, 0.5, 0.25], "confidence": 0.5, "id": "5f"}]
    batch = hg.annotations_from(fiftyone("detections", *labels), library="fiftyone")
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [[0.25, 0.5, 0.75, 0.75]]
    assert batch.ids == ["5f"]
    assert hg.Heatmap(4).add(batch).counts.tolist() == [[0] * 4, [0] * 4, [0, 1, 1, 0], [0] * 4]


def test_fiftyone_masks_fill_box() -> None:
    mask = np.array([[1, 1], [0, 1]], dtype=bool)
    found = fiftyone("detections", {"label": "car", "bounding_box": [0.25, 0.5, 0.5, 0.5], "mask": mask})
    expected = [[0] * 4, [0] * 4, [0, 1, 1, 0], [0, 0, 1, 0]]
    assert hg.Heatmap(4).add(found).counts.tolist() == expected
    assert hg.Heatmap(4).add(found, size=(400, 800)).counts.tolist() == expected


def test_fiftyone_polylines_and_keypoints() -> None:
    square = [(0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5)]
    closed = fiftyone("polylines", {"label": "car", "points": [square], "closed": True, "filled": True})
    assert hg.Heatmap(2).add(closed).counts.tolist() == [[1, 0], [0, 0]]
    open_path = fiftyone("polylines", {"label": "car", "points": [square], "closed": False, "filled": False})
    assert hg.annotations_from(open_path, library="fiftyone").kinds.tolist() == [Kind.LINE]
    nowhere = float("nan")
    points = [(0.75, 0.25), (nowhere, nowhere)]
    heat = hg.Heatmap(2).add(
        fiftyone("keypoints", {"label": "car", "points": points, "confidence": [1.0, 0.0]})
    )
    assert heat.counts.tolist() == [[0, 1], [0, 0]]


def test_dicts_of_boxes_and_labels() -> None:
    found = {"boxes": Tensor(BOXES), "labels": Tensor([0, 2, 0]), "scores": Tensor([0.5, 0.25, 1.0])}
    assert hg.Heatmap(16, ("car", "bus", "dog")).add(found, size=SIZE) == counted([0, 2, 0])
    named: dict[str, Any] = {**found, "labels": ["car", "dog", "car"]}
    assert hg.Heatmap(16, ("car", "bus", "dog")).add(named, size=SIZE) == counted([0, 2, 0])
    soft = np.zeros((3, 1, SIZE[1], SIZE[0]), dtype=np.float32)
    soft[0, 0, :16, :16] = 0.75
    soft[1, 0, 16:, :16] = 0.25
    heat = hg.Heatmap(16).add(found | {"masks": Tensor(soft)})
    assert np.array_equal(heat.counts, hg.Heatmap(16).add_masks(soft[:, 0] >= 0.5).counts)


class Geometry:
    """Anything that says its geometry as GeoJSON does."""

    def __init__(self, kind: str, coordinates: Any) -> None:
        self.__geo_interface__ = {"type": kind, "coordinates": coordinates}


def test_geo_interface() -> None:
    ring = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
    hole = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
    square, point = Geometry("Polygon", (ring, hole)), Geometry("Point", (0.1, 0.1))
    assert hg.Heatmap(4).add(square).counts.tolist() == [[1] * 4, [1, 0, 0, 1], [1, 0, 0, 1], [1] * 4]
    heat = hg.Heatmap(4).add([square, point, None])
    assert heat.counts[0, 0] == 2
    assert heat.report.skipped == {"no geometry of the requested kind": 1}
    pixels = Geometry("MultiPoint", ((8, 8), (63, 31)))
    assert hg.Heatmap(4).add(pixels, size=SIZE) == hg.Heatmap(4).add_points([[8, 8], [63, 31]], size=SIZE)
    line = Geometry("LineString", ((0, 0.1), (1, 0.1)))
    assert hg.Heatmap(4, rule="touch").add(line).counts.tolist() == [[1] * 4, [0] * 4, [0] * 4, [0] * 4]
    assert hg.annotations_from(Geometry("LinearRing", ring), library="shapely").kinds.tolist() == [
        Kind.POLYGON
    ]


def test_transform_of_map_geometry() -> None:
    square = Geometry("Polygon", (((1000, 2000), (1032, 2000), (1032, 1984), (1000, 1984)),))
    transform = (1.0, 0.0, 1000.0, 0.0, -1.0, 2000.0)
    heat = hg.Heatmap(2).add(square, transform=transform, size=SIZE)
    assert heat.counts.tolist() == [[1, 0], [0, 0]]
    with pytest.raises(ValueError, match="size must be given"):
        hg.Heatmap(2).add(square, transform=transform)


def test_geojson_features_have_class() -> None:
    ring = [[0, 0], [1, 0], [1, 1]]
    feature = {
        "type": "Feature",
        "properties": {"label": "lake"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    batch = hg.annotations_from(
        {"type": "FeatureCollection", "features": [feature, feature]}, library="shapely"
    )
    assert batch.classes == ("lake",)
    assert len(batch) == 2


@pytest.mark.parametrize("make", [np.array, list, Tensor, Capsule, tuple])
def test_boxes_in_any_container(make: Any) -> None:
    assert hg.Heatmap(16).add(make(BOXES), size=SIZE) == counted()
    heat = hg.Heatmap(16, ("car", "bus", "dog"))
    assert heat.add(make(BOXES), size=SIZE, labels=["car", "dog", "car"]) == counted([0, 2, 0])


def test_boxes_without_size_are_normalized() -> None:
    divided = np.array(BOXES) / [64, 32, 64, 32]
    assert hg.Heatmap(16).add(divided) == counted()


CORNER_AND_SIZE = [[x1, y1, x2 - x1, y2 - y1] for x1, y1, x2, y2 in BOXES]
CENTER_AND_SIZE = [[(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1] for x1, y1, x2, y2 in BOXES]


@pytest.mark.parametrize(("box", "values"), [("xywh", CORNER_AND_SIZE), ("cxcywh", CENTER_AND_SIZE)])
def test_layouts_of_boxes(box: Any, values: list[list[float]]) -> None:
    assert hg.Heatmap(16).add(values, size=SIZE, box=box) == counted()
    batch = hg.annotations_from(Tensor(values), size=SIZE, box=box)
    assert batch.boxes is not None
    assert batch.boxes.tolist() == BOXES
    detected = {"boxes": np.array(values), "labels": [0, 1, 0]}
    for value in (detected, [detected]):
        named = hg.annotations_from(value, size=SIZE, box=box).boxes
        assert named is not None
        assert named.tolist() == BOXES


def test_the_layout_of_boxes_is_for_plain_boxes() -> None:
    with pytest.raises(ValueError, match="box must be one of 'xyxy', 'xywh', 'cxcywh', got 'xwyh'"):
        hg.Heatmap(4).add(BOXES, size=SIZE, box="xwyh")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="box must not be given with supervision Detections"):
        hg.Heatmap(4).add(detections(), size=SIZE, box="xywh")
    with pytest.raises(TypeError, match="box must not be given with masks"):
        hg.Heatmap(4).add(np.zeros((2, 4, 4), dtype=bool), box="xywh")
    with pytest.raises(TypeError, match="box must not be given with Annotations, which have their own"):
        hg.Heatmap(4).add(hg.annotations_from(BOXES, size=SIZE), box="xywh")


def test_images_of_arrays() -> None:
    heat = hg.Heatmap(16, count="images").add(BOXES, size=SIZE, images=["a", "a", "b"])
    assert heat == hg.Heatmap(16, count="images").add_boxes(BOXES, size=SIZE, images=[0, 0, 1])
    sizes = {"a": (64, 32), "b.jpg": (128, 64)}
    batch = hg.annotations_from(BOXES, size=sizes, images=["a", "a", "b.jpg"], library="arrays")
    assert batch.sizes is not None
    assert batch.sizes.tolist() == [[64, 32], [128, 64]]


def test_masks_and_codes_are_recognized_by_shape() -> None:
    masks = np.zeros((2, 4, 4), dtype=np.uint8)
    masks[0, 0, 0] = masks[1, 1:, 2] = 255
    expected = hg.Heatmap(4).add_masks(masks)
    assert hg.Heatmap(4).add(masks) == expected
    codes = [{"size": [4, 4], "counts": [0, 1, 15]}, {"size": [4, 4], "counts": [9, 3, 4]}]
    assert hg.Heatmap(4).add(codes) == expected


@pytest.mark.parametrize(
    "value",
    [np.zeros((3, 2)), np.zeros((3, 5)), np.zeros(4), np.array(["a"]), [[1, 2, 3]], np.zeros((2, 4, 2))],
    ids=str,
)
def test_ambiguous_arrays_are_refused_with_hint(value: Any) -> None:
    with pytest.raises(TypeError, match=r"boxes are \(N, 4\).*add_points.*add_polygons"):
        hg.Heatmap(4).add(value)


def test_unknown_objects_are_refused() -> None:
    with pytest.raises(TypeError, match=r"object is not understood; these are: supervision.*Arrow"):
        hg.Heatmap(4).add(object())
    with pytest.raises(TypeError, match=r"expected annotations, got a Heatmap: maps are added up with \+"):
        hg.Heatmap(4).add(hg.Heatmap(4))
    with pytest.raises(TypeError, match=r"heatgrid\.heatmap and heatgrid\.read take paths"):
        hg.Heatmap(4).add("annotations.json")
    with pytest.raises(TypeError, match=r"expected Ultralytics Results, got types\.SimpleNamespace"):
        hg.annotations_from(detections(), library="ultralytics")


def test_overrides_are_checked() -> None:
    with pytest.raises(ValueError, match=r"labels must have shape \(3,\), one per annotation, got \(2,\)"):
        hg.Heatmap(4).add(detections(), size=SIZE, labels=[1, 2])
    with pytest.raises(ValueError, match=r"images must have shape \(3,\)"):
        hg.Heatmap(4).add(detections(), size=SIZE, images=[1, 2])
    with pytest.raises(TypeError, match="classes must be several names, got the one string 'car'"):
        hg.Heatmap(4).add(detections(), size=SIZE, classes="car")
    with pytest.raises(TypeError, match="labels must be names or whole numbers, got dtype float64"):
        hg.Heatmap(4).add(detections(class_id=np.array([0.5, 1, 2])), size=SIZE)
    with pytest.raises(ValueError, match="labels must be given: classes are passed"):
        hg.Heatmap(4, ("car",)).add(BOXES, size=SIZE)
    with pytest.raises(TypeError, match="size must not be given with Annotations, which have their own"):
        hg.Heatmap(4).add(hg.annotations_from(BOXES, size=SIZE, library="arrays"), size=SIZE)
    for value in (detections(), [detections()]):
        with pytest.raises(TypeError, match="columns must not be given with supervision Detections"):
            hg.Heatmap(4).add(value, size=SIZE, columns={"x1": "left"})
    with pytest.raises(ValueError, match=r"xyxy must have shape \(N, 4\), got \(3, 3\)"):
        hg.Heatmap(4).add(detections(xyxy=np.zeros((3, 3)) + 1), size=SIZE)


@pytest.mark.parametrize("name", get_args(objects.Library))
def test_adapters_describe_and_reject_objects(name: objects.Library) -> None:
    adapter = objects.ADAPTERS[name]
    with pytest.raises(TypeError) as error:
        hg.annotations_from(object())
    assert adapter.title in str(error.value)
    assert not adapter.accepts(None)
    assert not adapter.accepts(3)
