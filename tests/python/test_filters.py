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
