"""Overview of a data set: numbers by hand, findings, files and errors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import heatgrid as hg
from heatgrid.core.extents import measured_boxes
from heatgrid.core.kernel import Outcome
from heatgrid.core.ragged import Masks, Shapes
from heatgrid.summary.findings import percent
from samples import CLASSES, DATA, options_of, write_coco

if TYPE_CHECKING:
    from pathlib import Path

    from samples import Box


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Two splits: three images, one of them empty, and one image without dogs."""
    folder = tmp_path / "pets"
    folder.mkdir()
    train: list[Box] = [
        (0, "cat", (10, 20, 30, 40)),
        (0, "cat", (10, 20, 30, 41)),  # 40 / 41 of the union is shared
        (0, "dog", (0, 0, 100, 200)),
        (1, "cat", (10, 10, 4, 5)),
    ]
    write_coco(folder / "train.json", [(100, 200), (400, 300), (100, 200)], train)
    write_coco(folder / "val.json", [(100, 200)], [(0, "cat", (50, 50, 20, 20))])
    return folder


@pytest.fixture
def found(pets: Path) -> hg.Overview:
    return hg.overview(pets, permutations=19)


def test_counts_by_split_and_class(found: hg.Overview) -> None:
    numbers = found.numbers
    assert numbers.splits == ("train", "val")
    assert numbers.classes == ("cat", "dog", "bird")
    assert numbers.images.tolist() == [3, 1]
    assert numbers.images_counted.tolist() == [2, 1]
    assert numbers.objects.tolist() == [[3, 1, 0], [1, 0, 0]]
    assert numbers.images_with.tolist() == [[2, 1, 0], [1, 0, 0]]
    assert numbers.per_image.edges.tolist() == [0, 1, 2, 3, 4]
    assert numbers.per_image.counts[:, -1].tolist() == [[1, 1, 0, 1], [0, 1, 0, 0]]
    assert numbers.per_image.counts[0, 0].tolist() == [0, 1, 1, 0], "cats: one image with 1, one with 2"
    assert numbers.image_sizes == [(100.0, 200.0, 3), (400.0, 300.0, 1)]


def test_sizes_of_boxes(found: hg.Overview) -> None:
    numbers = found.numbers
    # Areas in pixels: 1200, 1230, 20000, 20 in train, 400 in val; the limits are 1024 and 9216.
    assert numbers.coco.sum(axis=1).tolist() == [[1, 2, 1], [1, 0, 0]]
    # The shorter sides are 30, 30, 100 of 200; 4 of 400, which are 3.2, 6.4, 12.8; 20 of 200.
    assert numbers.small.sum(axis=(0, 1)).tolist() == [[1, 0], [1, 0], [0, 0]]
    assert numbers.sized.sum() == numbers.boxed.sum() == 5
    median = numbers.medians[0]  # of 20, 400, 1200 and 1230: the smaller of the two in the middle
    assert median is not None
    assert (median.width, median.height, median.unit) == (20.0, 20.0, "px")
    assert median.place == ("val-0.jpg", "val.json", "annotations[0]", 1)
    assert numbers.medians[2] is None
    shares = {1200 / 20000: 2, 1: 1, 20 / 120000: 1, 400 / 20000: 1}
    for share, count in shares.items():  # 0.06 and 0.0615 share a bin
        bin_ = np.searchsorted(numbers.area.edges, share, side="right") - 1
        assert numbers.area.counts.sum(axis=(0, 1))[min(bin_, len(numbers.area.edges) - 2)] == count


def test_values_on_the_edge_of_a_bin_belong_to_the_upper_one(tmp_path: Path) -> None:
    sides = [(w, 10.0) for w in (10, 20, 40, 5, np.nextafter(20, 0), np.nextafter(10, 0))] + [(10, 10)]
    boxes: list[Box] = [(0, "cat", (0.0, 0.0, float(w), float(h))) for w, h in sides]
    numbers = hg.overview(write_coco(tmp_path / "a.json", [(100, 100)], boxes)).numbers
    edges, counts = numbers.aspect.edges, numbers.aspect.counts[0, 0]
    assert edges[0] == 0.5
    assert [int(counts[np.flatnonzero(edges == at)[0]]) for at in (1.0, 2.0)] == [2, 1]
    assert counts.sum() == 7
    area = numbers.area
    assert area.counts[0, 0][np.flatnonzero(area.edges == 0.01)[0]] == 2, "10 x 10 of 100 x 100, exactly"


def test_likely_duplicates_have_files_and_ids(found: hg.Overview) -> None:
    assert found.numbers.duplicates == 1
    ((name, first, second, overlap),) = found.numbers.duplicate_pairs
    assert (name, first.id, second.id, first.path) == ("cat", 1, 2, "train.json")
    assert overlap == pytest.approx(40 / 41)


def test_findings_are_in_words_the_most_serious_first(found: hg.Overview) -> None:
    texts = [(one.level, one.text) for one in found.findings]
    assert texts == [
        ("serious", "val has no “dog” (1 object in other splits)"),
        (
            "serious",
            "1 box (20 %) nearly equals an earlier box of the same class and image (overlap above 0.9)",
        ),
        ("warning", "2 of 2 classes have fewer than 20 objects"),
        ("warning", "1 image (25 %) without objects"),
        ("warning", "20 % of boxes are under 8 px at a training size of 640"),
        ("note", "1 class without objects: “bird”"),
        ("note", "20 % of boxes cover more than 90 % of their image"),
    ]


def test_maps_are_those_of_heatmaps(found: hg.Overview, pets: Path) -> None:
    maps = hg.heatmaps(pets)
    assert found.maps == maps
    assert {name: heat.report for name, heat in found.maps.items()} == {
        name: heat.report for name, heat in maps.items()
    }


def test_size_map_counts_width_and_height(pets: Path) -> None:
    found = hg.overview(pets, 10, permutations=0)
    train = found.size_maps["train"]
    # (0.3, 0.2), (0.3, 0.205), (1, 1), (0.01, 0.0167); 30 of 100 is in column 3, 40 of 200 in row 2.
    assert train["cat"].counts[2, 3] == 2
    assert train["cat"].counts[0, 0] == 1
    assert train["dog"].counts[9, 9] == 1
    assert train.counts.sum() == 4


SCENES = sorted(folder.parent.parent.name for folder in DATA.glob("*/valid/scene"))


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("geometry", ["auto", "box"])
def test_size_maps_are_those_of_heatmaps(name: str, geometry: Any) -> None:
    source, options = DATA / name / "valid/scene", options_of(name) | {"geometry": geometry}
    found = hg.overview(source, 40, permutations=0, **options)
    maps = hg.heatmaps(source, 40, of="size", **options)
    assert found.size_maps.keys() == {"no split" if name is None else name for name in maps}
    for own, heat in zip(found.size_maps.values(), maps.values(), strict=True):
        assert own.spec == heat.spec
        assert (own.counts <= heat.counts).all(), "objects are what is counted by its place, too"
        if found.report.counted == sum(heat.report.counted for heat in maps.values()):
            assert all((own[name].counts == heat[name].counts).all() for name in heat.classes)


def test_differences_equal_those_of_compare(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    for split, low in (("train", 0), ("val", 60)):
        boxes: list[Box] = [
            (int(i), CLASSES[int(i) % 2], (float(x), float(y), 22.0, 33.0))
            for i, x, y in zip(
                random.integers(0, 40, 80),
                random.uniform(low, 160, 80),
                random.uniform(0, 60, 80),
                strict=True,
            )
        ]
        write_coco(tmp_path / f"{split}.json", [(200, 100)] * 40, boxes)
    found = hg.overview(tmp_path, 12, permutations=99, seed=3)
    compared = hg.compare(tmp_path, splits=("val", "train"), grid=12, permutations=99, seed=3)
    assert compared.test is not None
    location = next(one for one in found.differences if one.aspect == "location")
    assert (location.split, location.reference) == ("val", "train")
    assert location.total_variation == compared.total_variation
    assert location.jensen_shannon == compared.jensen_shannon
    assert (location.p_value, location.expected) == (compared.test.p_value, compared.test.expected)
    assert location.p_value is not None
    assert location.p_value <= 0.05
    size = next(one for one in found.differences if one.aspect == "size")
    assert (size.total_variation, size.p_value) == (0.0, 1.0), "all boxes have one size"
    classes = next(one for one in found.differences if one.aspect == "classes")
    shares = [
        np.array([heat.report.by_class()[name]["counted"] for name in CLASSES]) / 80
        for heat in hg.heatmaps(tmp_path).values()
    ]
    assert classes.total_variation == pytest.approx(np.abs(shares[0] - shares[1]).sum() / 2)


def test_images_that_splits_share_are_found(tmp_path: Path) -> None:
    for split in ("train", "val"):
        path = write_coco(tmp_path / f"{split}.json", [(10, 10)], [(0, "cat", (1, 1, 5, 5))])
        path.write_text(path.read_text().replace(f"{split}-0", "same"))
    found = hg.overview(tmp_path, permutations=0)
    assert found.shared_images == {("train", "val"): 1}
    assert "1 image has the same name in train and in val" in str(found)


def test_unknown_image_sizes_leave_pixels_out(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/a.txt").write_text("0 0.5 0.5 0.2 0.1\n0 0.5 0.5 0.4 0.4\n0 0.5 0.5 0.5 0.5\n")
    (tmp_path / "data.yaml").write_text("path: .\ntrain: labels\nnames: [cat]\n")
    found = hg.overview(tmp_path / "data.yaml", permutations=0)
    numbers = found.numbers
    assert (numbers.boxed.sum(), numbers.sized.sum(), numbers.coco.sum(), numbers.small.sum()) == (3, 0, 0, 0)
    assert numbers.images_unsized == 1
    assert "1 image (100 %) of unknown size: no numbers in pixels" in str(found)
    assert numbers.image_aspect is None
    median = numbers.medians[0]
    assert median is not None
    assert median.unit == "share"
    assert (median.width, median.height) == pytest.approx((0.4, 0.4))


def test_yolo_has_the_sizes_of_its_files(tmp_path: Path) -> None:
    for folder in ("images", "labels"):
        (tmp_path / folder).mkdir()
    Image.new("L", (200, 100)).save(tmp_path / "images" / "a.png")
    (tmp_path / "labels" / "a.txt").write_text("0 0.5 0.5 0.1 0.04\n")
    found = hg.overview(tmp_path).to_dict()
    assert found["image_sizes"] == [{"width": 200.0, "height": 100.0, "images": 1}]
    median = found["classes"][0]["median"]
    assert (median["unit"], median["width"], median["height"]) == ("px", pytest.approx(20), pytest.approx(4))


def test_what_is_not_counted_is_a_finding(tmp_path: Path) -> None:
    boxes: list[Box] = [(0, "cat", (1, 1, 0, 5)), (0, "cat", (20, 20, 5, 5)), (0, "cat", (1, 1, 5, 5))]
    found = hg.overview(write_coco(tmp_path / "a.json", [(10, 10)], boxes))
    texts = {one.text for one in found.findings if one.section == "head"}
    assert texts == {
        "1 annotation (33 %) not counted: without extent",
        "1 annotation (33 %) not counted: outside the image",
    }
    assert found.numbers.objects.sum() == found.report.counted == 1


@pytest.mark.parametrize("boxes", [[], [(0, "cat", (1.0, 1.0, 0.0, 0.0))]])
def test_a_data_set_without_objects_has_a_page(boxes: list[Box], tmp_path: Path) -> None:
    found = hg.overview(write_coco(tmp_path / "a.json", [(10, 10)], boxes))
    assert found.to_dict()["objects"] == 0
    found.save(tmp_path / "a.html")
    assert "100 %) without objects" in str(found)
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize("column_major", [True, False])
def test_boxes_of_masks_are_those_of_their_pixels(column_major: bool) -> None:
    random = np.random.default_rng(2)
    bitmaps = [random.random((h, w)) < share for h, w, share in [(7, 5, 0.1), (4, 9, 0.5), (6, 6, 0.03)] * 20]
    flat = [bitmap if column_major else bitmap.T for bitmap in bitmaps]
    masks = Masks.of_bitmaps([np.ascontiguousarray(bitmap.T) for bitmap in flat])
    sizes = np.array([bitmap.shape for bitmap in bitmaps])
    runs = [masks.counts(i) for i in range(len(masks))]
    own = Masks.of_runs(sizes, runs, column_major=column_major)  # type: ignore[arg-type]
    outcome = np.full(len(own), Outcome.PENDING.value, dtype=np.uint8)
    boxes = measured_boxes(Shapes(masks=own), None, outcome).T
    for bitmap, box, code in zip(bitmaps, boxes, outcome.tolist(), strict=True):
        rows, columns = np.nonzero(bitmap)
        if not len(rows):
            assert code == Outcome.EMPTY.value
            continue
        height, width = bitmap.shape
        (top, bottom), (left, right) = ((int(at.min()), int(at.max()) + 1) for at in (rows, columns))
        sides = right - left, bottom - top
        shares = [left / width, top / height, sides[0] / width, sides[1] / height]
        assert box.tolist() == [*shares, *sides]


def test_classes_and_splits_can_be_chosen(pets: Path) -> None:
    found = hg.overview(pets, classes="cat", splits="train", permutations=9)
    assert found.numbers.objects.sum() == 3
    assert found.report.excluded == 1
    assert list(found.maps) == ["train"]
    assert found.differences == []


@pytest.mark.parametrize("options", [{"fit": "letterbox"}, {"rule": "area"}, {"preset": "roboflow"}])
def test_options_of_counting(options: dict[str, Any], pets: Path, tmp_path: Path) -> None:
    found = hg.overview(pets, permutations=9, **options)
    assert found.maps == hg.heatmaps(pets, **options)
    hits = sum(float(heat["cat"].counts.sum()) for heat in found.maps.values())
    assert found.to_dict()["classes"][0]["hits"] == pytest.approx(hits)
    found.save(tmp_path / "a.html")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"permutations": -1}, "permutations must not be negative"),
        ({"seed": 1.5}, "seed must be an int"),
        ({"classes": "dgo"}, "did you mean 'dog'"),
        ({"rul": "touch"}, "did you mean 'rule'"),
    ],
)
def test_wrong_options(options: dict[str, Any], message: str, pets: Path) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        hg.overview(pets, **options)


def test_files(found: hg.Overview, tmp_path: Path) -> None:
    found.save(tmp_path / "a.json")
    found.save(tmp_path / "a.html", title="Pets <b>")
    assert json.loads((tmp_path / "a.json").read_text()) == json.loads(json.dumps(found.to_dict()))
    page = (tmp_path / "a.html").read_text()
    assert "<title>Pets &lt;b&gt;</title>" in page
    assert str(tmp_path) not in page + (tmp_path / "a.json").read_text()
    with pytest.raises(ValueError, match=r"known are \.html, \.json"):
        found.save(tmp_path / "a.png")


def test_evil_names_stay_text(tmp_path: Path) -> None:
    evil = "</script><img src=x onerror=alert(1)>\u202e"
    path = write_coco(tmp_path / "a.json", [(10, 10)], [(0, evil, (1, 1, 5, 5))], more_classes=[evil])
    found = hg.overview(path)
    found.save(tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text()
    assert "<img" not in page
    assert "\u202e" not in page + found._repr_html_() + str(found)
    assert "<img" not in found._repr_html_()


def test_percentages() -> None:
    values = (0, 0.00001, 0.00123, 0.0456, 0.5, 0.995, 0.99999, 1)
    texts = ["0 %", "< 0.01 %", "0.12 %", "4.6 %", "50 %", "99.5 %", "99.9 %", "100 %"]
    assert list(map(percent, values)) == texts


@pytest.mark.parametrize("name", ["coco", "yolo", "voc", "cvat", "labelme", "kitti", "sam", "geojson"])
def test_scene_of_formats(name: str, tmp_path: Path) -> None:
    scene = DATA / name / "valid/scene"
    found = hg.overview(scene, **options_of(name))
    assert found.numbers.objects.sum() == found.report.counted
    assert found.numbers.images.sum() == found.report.images
    assert found.numbers.images_counted.sum() == found.report.images_counted
    by_class = found.report.by_class()
    for k, own in enumerate(found.numbers.classes):
        assert found.numbers.objects[:, k].sum() == by_class[own]["counted"]
        assert found.numbers.images_with[:, k].sum() == by_class[own]["images"]
    found.save(tmp_path / "a.html")
