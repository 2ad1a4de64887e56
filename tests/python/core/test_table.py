"""Totals per class: objects, images and hits, never a sum over cells as a number of objects."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from batches import Thing, batch_of
from heatgrid.errors import html_table

if TYPE_CHECKING:
    from heatgrid.core.table import ClassTable

COCO = Path(__file__).parents[3].parent / "shared/data/coco"
WHOLE, LEFT = (0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 0.5, 1.0)
# On a grid of 2 x 2, a whole box hits 4 cells, a left one 2. Cars are on one image, dogs on two.
THINGS = [Thing("car", 0, WHOLE), Thing("dog", 0, LEFT), Thing("dog", 1, LEFT), Thing("dog", 1, LEFT)]


def numbers(table: ClassTable) -> list[tuple[Any, ...]]:
    return [(row.name, row.objects, row.images, row.share, row.hits) for row in (*table, table.total)]


def test_objects_images_share_and_hits_most_objects_first() -> None:
    table = hg.Heatmap(2).add(batch_of(THINGS)).table()
    assert numbers(table) == [
        ("dog", 3, 2, 0.75, 6),
        ("car", 1, 1, 0.25, 4),
        ("tree", 0, 0, 0.0, 0),
        ("all", 4, 2, 1.0, 10),
    ]
    assert table.header == ("class", "objects", "images", "share of objects", "hits")
    assert str(table).splitlines()[1].split() == ["dog", "3", "2", "75.0%", "6"]


def test_images_of_several_additions_are_named_a_sum() -> None:
    one, two = (hg.Heatmap(2).add(batch_of(THINGS)) for _ in range(2))
    for heat in (one + two, hg.Heatmap(2).add(batch_of(THINGS)).add(batch_of(THINGS))):
        assert heat.table().header[2] == "images (sum of parts)"
        assert numbers(heat.table())[0] == ("dog", 6, 4, 0.75, 12)
    assert one.table().header[2] == "images"


def test_a_file_is_one_part_whatever_its_batches(tmp_path: Path) -> None:
    rows = "".join(f"{i}.jpg,10,10,0,0,5,5,car\n" for i in range(9))
    (tmp_path / "a.csv").write_text(f"filename,width,height,xmin,ymin,xmax,ymax,class\n{rows}")
    heat = hg.heatmap(tmp_path / "a.csv", 2, table_rows=2)
    assert heat.table().header[2] == "images"
    assert numbers(heat.table())[0][:3] == ("car", 9, 9)
    assert hg.heatmap([tmp_path / "a.csv"] * 2, 2).table().images_are_summed


def test_differences_subtract_totals() -> None:
    heat = hg.Heatmap(2).add(batch_of(THINGS))
    rest = heat - hg.Heatmap(2).add(batch_of(THINGS[:2]))
    assert numbers(rest.table())[:2] == [("dog", 2, 1, 1.0, 4), ("car", 0, 0, 0.0, 0)]


def test_arrays_have_objects_but_no_images_unless_they_are_given() -> None:
    boxes, labels = [WHOLE, WHOLE, LEFT], ["car", "car", "dog"]
    assert numbers(hg.Heatmap(2).add_boxes(boxes, labels=labels).table())[0] == ("car", 2, None, 2 / 3, 8)
    heat = hg.Heatmap(2, count="images").add_boxes(boxes, labels=labels, images=[70, 70, 90])
    assert numbers(heat.table()) == [("car", 2, 1, 2 / 3, 4), ("dog", 1, 1, 1 / 3, 2), ("all", 3, 2, 1.0, 6)]


def test_the_map_of_a_class_keeps_its_totals(tmp_path: Path) -> None:
    heat = hg.Heatmap(2).add(batch_of(THINGS))["dog"]
    heat.save(tmp_path / "dog.npz")
    for one in (heat, hg.load(tmp_path / "dog.npz")):
        assert numbers(one.table()) == [("dog", 3, 2, 1.0, 6), ("all", 3, 2, 1.0, 6)]
        assert repr(one).endswith("3 counted>")


def test_one_grid_for_all_classes_still_knows_the_objects() -> None:
    table = hg.Heatmap(2, by_class=False).add(batch_of(THINGS)).table()
    assert numbers(table)[0] == ("dog", 3, 2, 0.75, None)
    assert table.total.hits == 10


def test_sums_of_hits_never_wrap() -> None:
    heat = hg.Heatmap(2, ("a",))
    heat.fill(np.full((1, 2, 2), 2**62))
    assert heat.table()[0].hits == 2**64


@pytest.mark.peers
def test_json_and_pandas(tmp_path: Path) -> None:
    heat = hg.Heatmap(2).add(batch_of(THINGS))
    heat.save(tmp_path / "heat.json")
    plain = heat.table().to_dict()
    assert json.loads((tmp_path / "heat.json").read_text())["table"] == plain
    assert plain["classes"][0] == {"name": "dog", "objects": 3, "images": 2, "share": 0.75, "hits": 6}
    pytest.importorskip("pandas")
    frame = heat.table().to_pandas()
    assert list(frame.columns) == ["class", "objects", "images", "share", "hits"]
    assert frame["objects"].tolist() == [3, 1, 0]


def test_pandas_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="heatgrid\\[pandas\\]"):
        hg.Heatmap(2).table().to_pandas()


def test_html_is_escaped_and_short() -> None:
    heat = hg.Heatmap(2).add_boxes([LEFT], labels=["<script>"])
    assert "<td>&lt;script&gt;</td>" in heat.table()._repr_html_()
    assert html_table(("a", "b"), [("x", "1")] * 40).endswith(
        '<td colspan="2">… 10 more</td></tr></tbody></table>'
    )


@pytest.mark.peers
@pytest.mark.skipif(not COCO.is_dir(), reason="the real data set folder ../shared/data is not available")
@pytest.mark.parametrize("name", ["borrat-rle/train/_annotations.coco.json", "taco/annotations.json"])
def test_objects_are_those_of_pycocotools(name: str) -> None:
    coco = pytest.importorskip("pycocotools.coco")
    document = coco.COCO(str(COCO / name))
    expected = {
        category["name"]: (len(document.getAnnIds(catIds=[key])), len(document.getImgIds(catIds=[key])))
        for key, category in document.cats.items()
    }
    found = {row.name: (row.objects, row.images) for row in hg.heatmap(COCO / name).table()}
    assert found == {name: sums for name, sums in expected.items() if name in found}
    assert not any(objects for name, (objects, _) in expected.items() if name not in found)
