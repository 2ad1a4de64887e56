"""Filters: classes by name and pattern, attributes, and images by name; what is left out is "excluded"."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg

if TYPE_CHECKING:
    from pathlib import Path

BOXES = [
    ("cam1/a.jpg", "Car", 0),
    ("cam1/a.jpg", "cart", 1),
    ("cam2/b.jpg", "dog", 0),
    ("cam2/b.jpg", "Car", 1),
]
"""Image, class and whether it is a crowd, of one box each."""


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    names = ["Car", "cart", "dog"]
    images = sorted({image for image, _, _ in BOXES})
    document = {
        "images": [{"id": i, "file_name": name, "width": 10, "height": 10} for i, name in enumerate(images)],
        "categories": [{"id": i, "name": name} for i, name in enumerate(names)],
        "annotations": [
            {"id": i, "image_id": images.index(image), "category_id": names.index(name), "iscrowd": crowd}
            | {"bbox": [0, 0, 5, 5]}
            for i, (image, name, crowd) in enumerate(BOXES)
        ],
    }  # fmt: skip
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize(
    ("options", "objects", "excluded"),
    [
        ({"classes": "Car"}, {"Car": 2}, 2),
        ({"classes": ("dog", "Car")}, {"dog": 1, "Car": 2}, 1),
        ({"classes": "car*"}, {"cart": 1}, 3),
        ({"classes": "car*", "ignore_case": True}, {"Car": 2, "cart": 1}, 1),
        ({"classes": ["?ar", "dog"]}, {"Car": 2, "dog": 1}, 1),
        ({"exclude_classes": "dog"}, {"Car": 2, "cart": 1}, 1),
        ({"classes": "*", "exclude_classes": ["c*"]}, {"Car": 2, "dog": 1}, 1),
        ({"exclude": "crowd"}, {"Car": 1, "cart": 0, "dog": 1}, 2),
        ({"exclude": ["occluded", "crowd"], "classes": "Car"}, {"Car": 1}, 3),
        ({"only": "cam1/*"}, {"Car": 1, "cart": 1, "dog": 0}, 2),
    ],
    ids=str,
)
def test_excluded_annotations_are_counted_as_such(
    coco: Path, options: dict[str, Any], objects: dict[str, int], excluded: int
) -> None:
    heat = hg.heatmap(coco, 4, **options)
    assert {row.name: row.objects for row in heat.table()} == objects
    assert heat.report.excluded == excluded
    assert heat.report.read == sum(objects.values())
    assert heat.report.images == (1 if "only" in options else 2)
    assert len(list(hg.find(coco, (0, 0), 4, **options))) == heat.counts[0, 0]
    (lists,) = [hg.annotations_by_cell(coco, 4, kind="annotations", **options)]
    assert len(lists.at(0, 0)) == heat.counts[0, 0]


def test_fixed_classes_keep_their_order(coco: Path) -> None:
    assert hg.heatmap(coco, 4, classes=("dog", "Car")).classes == ("dog", "Car")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"classes": "cat"}, "classes: no class 'cat' in the source .did you mean 'cart'"),
        ({"classes": "b*"}, "classes: no class 'b.' in the source; its classes are 'Car', 'cart', 'dog'"),
        ({"exclude_classes": "dgo"}, "exclude_classes: no class 'dgo' in the source .did you mean 'dog'"),
        ({"only": "cam3/*"}, "only: no image 'cam3/.' in the source"),
        ({"exclude": "crowds"}, "exclude must be one of 'crowd', "),
    ],
    ids=str,
)
def test_filters_that_match_nothing_are_errors(coco: Path, options: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        hg.heatmap(coco, 4, **options)


def test_sources_may_be_patterns(coco: Path) -> None:
    pattern = str(coco.parent / "*.json")
    assert hg.heatmap(pattern, 4) == hg.heatmap(coco, 4)
    with pytest.raises(FileNotFoundError, match=r"\*\.xml"):
        hg.heatmap(str(coco.parent / "*.xml"), 4)


def test_reading_leaves_them_out(coco: Path) -> None:
    (batch,) = hg.read(coco, only="cam2/*", exclude="crowd")
    assert batch.image_names == ["cam2/b.jpg"]
    assert [batch.classes[i] for i in batch.label] == ["dog"]
    assert batch.report.excluded == 3
    batch.validate()


def test_square_cells_follow_the_median_aspect(tmp_path: Path) -> None:
    rows = ["filename,width,height,xmin,ymin,xmax,ymax,class"]
    rows += [f"{i}.jpg,{w},{h},0,0,{w},{h},car" for i, (w, h) in enumerate([(40, 30), (40, 30), (10, 100)])]
    (tmp_path / "a.csv").write_text("\n".join(rows))
    heat = hg.heatmap(tmp_path / "a.csv", 40, cells="square")
    assert heat.shape == (30, 40)
    assert heat.aspect == 1.33
    assert hg.heatmaps(tmp_path / "a.csv", 8, cells="square")[None].shape == (6, 8)
    with pytest.raises(ValueError, match="cells='square' requires an int grid"):
        hg.heatmap(tmp_path / "a.csv", (3, 4), cells="square")
    width, height = heat.image(size=(30, 40)).shape[1::-1]
    assert (width, height) == (40, 30)
    for one in (heat, heat + heat, heat["car"], hg.Heatmap.from_bytes(heat.to_bytes())):
        assert one.aspect == 1.33
    (tmp_path / "b.csv").write_text("\n".join([rows[0], *rows[2:]]))
    heat = hg.heatmap(tmp_path / "b.csv", 40, cells="square")
    assert (heat.shape, heat.aspect) == ((40, 4), 0.1)  # the lower one of two


SIZED = [[0, 0, 31, 32], [0, 0, 32, 32], [0, 0, 96, 96], [180, 0, 90, 90]]
"""Boxes x y width height in an image of 200 x 200: the last one is cut to 20 x 90."""


@pytest.fixture
def sized(tmp_path: Path) -> Path:
    document = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 200, "height": 200}],
        "categories": [{"id": 1, "name": "car"}],
        "annotations": [
            {"id": i, "image_id": 1, "category_id": 1, "bbox": box} | ({"score": i / 4} if i < 3 else {})
            for i, box in enumerate(SIZED)
        ],
    }
    path = tmp_path / "sized.json"
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"area": "small"}, [0]),
        ({"area": "medium"}, [1, 3]),
        ({"area": "large"}, [2]),
        ({"area": (992, 1800)}, [0, 1]),
        ({"area": (0, 992.5)}, [0]),
        ({"area": (1800, float("inf"))}, [2, 3]),
        ({"min_score": 0.25}, [1, 2, 3]),  # without a score, an annotation stays
        ({"min_score": 0.26, "area": "large"}, [2]),
    ],
    ids=str,
)
def test_areas_and_scores(sized: Path, options: dict[str, Any], kept: list[int]) -> None:
    batch, *_ = hg.read(sized, **options)
    assert list(batch.ids or ()) == kept
    heat = hg.heatmap(sized, 4, **options)
    assert (heat.report.counted, heat.report.excluded) == (len(kept), 4 - len(kept))
    assert heat.report.complete
    assert len(list(hg.find(sized, (0, slice(None)), 4, **options))) == len(kept)
    assert hg.overview(sized, 4, **options).to_dict()["objects"] == len(kept)
    assert hg.heatmap(hg.read(sized), 4, **options) == heat


def test_filters_apply_to_both_sides_of_a_comparison(sized: Path) -> None:
    result = hg.compare(sized, sized, 4, area="medium", names=("a", "b"), permutations=0)
    assert [heat.report.counted for heat in (result.a, result.b)] == [2, 2]


def test_scores_are_required_by_a_minimum(coco: Path) -> None:
    with pytest.raises(ValueError, match="min_score requires annotations with scores"):
        hg.heatmap(coco, min_score=0.5)


def test_areas_require_image_sizes(tmp_path: Path) -> None:
    labels = tmp_path / "labels"
    labels.mkdir()
    (labels / "a.txt").write_text("0 0.5 0.5 0.1 0.1\n")
    (tmp_path / "data.yaml").write_text("names: [car]\ntrain: labels\n")
    report = hg.heatmap(tmp_path, 4, area="small").report
    assert report.skipped == {"image size missing (give size= or images=)": 1}
    assert hg.heatmap(tmp_path, 4, area="small", size=(100, 100)).report.counted == 1


def test_points_have_no_area(tmp_path: Path) -> None:
    batch = hg.annotations_from([[10.0, 10.0, 20.0, 20.0]], size=(100, 100), labels=["a"])
    points = {"shapes": [{"label": "b", "points": [[5, 5]], "shape_type": "point"}], "imagePath": "a.jpg"}
    (tmp_path / "a.json").write_text(json.dumps(points | {"imageWidth": 100, "imageHeight": 100}))
    (other,) = hg.read(tmp_path / "a.json")
    heat = hg.heatmap([batch, other], 4, area="small")
    assert (heat.report.counted, heat.report.excluded) == (1, 1)


@pytest.mark.parametrize("area", ["tiny", (5, 5), (9, 1), (-1, 5), 7, (1, 2, 3)], ids=str)
def test_wrong_areas(coco: Path, area: Any) -> None:
    with pytest.raises(ValueError, match="area must be"):
        hg.heatmap(coco, area=area)
