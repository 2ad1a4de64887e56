"""Paired comparison: data sets of the same images."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.commands.cli import main
from samples import DATA

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

HEADER = "image,class,xmin,ymin,xmax,ymax,image_width,image_height"


def write(path: Path, boxes: Iterable[tuple[str, int, int]]) -> Path:
    """Write boxes of 10 by 10 pixels with these middles, in images of 100 by 100 pixels."""
    rows = [f"{name},thing,{x - 5},{y - 5},{x + 5},{y + 5},100,100" for name, x, y in boxes]
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return path


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    """Sixty images of up to nine objects; each image has its objects near a place of its own."""
    random = np.random.default_rng(1)
    boxes = []
    for i in range(60):
        middle = random.uniform(10, 90, 2)
        places = np.clip(middle + random.normal(0, 20, (1 + random.integers(9), 2)), 5, 95)
        boxes += [(f"{i}.jpg", round(x), round(y)) for x, y in places]
    return write(tmp_path / "truth.csv", boxes)


def boxes_of(path: Path) -> list[tuple[str, int, int]]:
    rows = [row.split(",") for row in path.read_text().splitlines()[1:]]
    return [(row[0], int(row[2]) + 5, int(row[3]) + 5) for row in rows]


@pytest.fixture
def predictions(truth: Path, tmp_path: Path) -> Path:
    """All objects but those of the upper fifth."""
    return write(tmp_path / "predictions.csv", [box for box in boxes_of(truth) if box[2] >= 20])


def result_of(a: Any, b: Any, **options: Any) -> hg.PermutationTest:
    test = hg.compare(a, b, 10, **options).test
    assert test is not None
    return test


def test_predictions_that_miss_the_upper_part(truth: Path, predictions: Path) -> None:
    paired, unpaired = result_of(truth, predictions), result_of(truth, predictions, paired=False)
    assert paired.paired
    assert paired.p_value == 0.001
    assert not unpaired.paired
    assert unpaired.p_value > 0.05
    assert paired.statistic == pytest.approx(unpaired.statistic, abs=0.05)


def test_the_result_says_so(truth: Path, predictions: Path) -> None:
    found = hg.compare(truth, predictions, 10)
    missed = {name for name, *_ in boxes_of(truth)} - {name for name, *_ in boxes_of(predictions)}
    same = 60 - len(missed)
    assert found.test is not None
    assert found.test.images == (same, same)
    assert found.test.unpaired_images == (len(missed), 0)
    without = f", without {len(missed)} that only truth.csv has" if missed else ""
    assert f"the same {same} images in pairs{without})" in found.sentences[0]
    assert found.to_dict()["test"]["paired"] is True
    assert "in pairs" not in hg.compare(truth, predictions, 10, paired=False).sentences[0]


def test_other_images_are_left_out(truth: Path, predictions: Path, tmp_path: Path) -> None:
    """As in data sets without them, in any order of the images."""
    same = {name for name, *_ in boxes_of(predictions)}
    own = [box for box in boxes_of(truth) if box[0] in same]
    more = [("only here.jpg", 95, 95), *own[::-1], ("not there.jpg", 5, 5)]
    bare = result_of(write(tmp_path / "bare.csv", own[::-1]), predictions)
    found = result_of(write(tmp_path / "more.csv", more), predictions)
    assert (found.unpaired_images, bare.unpaired_images) == ((2, 0), (0, 0))
    assert found.statistic == pytest.approx(bare.statistic)
    assert found.images == bare.images
    swapped = result_of(predictions, tmp_path / "more.csv")
    assert swapped.unpaired_images == (0, 2)
    assert swapped.statistic == pytest.approx(bare.statistic)


@pytest.mark.parametrize("form", ["{}", "images/{}", "images/{}.png"])
def test_names_match_without_suffix_and_folders(
    truth: Path, predictions: Path, tmp_path: Path, form: str
) -> None:
    named = [(form.format(name.removesuffix(".jpg")), x, y) for name, x, y in boxes_of(predictions)]
    other = write(tmp_path / "other.csv", named)
    assert result_of(truth, other) == result_of(truth, predictions)
    assert result_of(other, truth).unpaired_images[1] == result_of(truth, predictions).unpaired_images[0]


def test_names_in_different_folders_are_different(tmp_path: Path) -> None:
    a, b = (write(tmp_path / f"{name}.csv", [(f"{name}/{i}.jpg", 50, 50) for i in range(9)]) for name in "ab")
    assert not result_of(a, b).paired
    both = write(tmp_path / "both.csv", [(f"{name}/{i}.jpg", 50, 50) for name in "ab" for i in range(9)])
    bare = write(tmp_path / "bare.csv", [(f"{i}.jpg", 50, 50) for i in range(9)])
    assert not result_of(both, bare).paired  # each could be one of two
    assert result_of(both, b).unpaired_images == (9, 0)


def test_batches_are_read_once_if_they_must_be(truth: Path, predictions: Path) -> None:
    batches = (hg.read(path, batch_images=7) for path in (truth, predictions))
    assert result_of(*batches, names=("a", "b")) == result_of(truth, predictions)


def test_images_of_one_name_are_one_image(truth: Path, predictions: Path) -> None:
    twice = result_of([truth, truth], [predictions, predictions])
    once = result_of(truth, predictions)
    assert twice.images == once.images
    assert twice.statistic == pytest.approx(once.statistic)
    assert twice.p_value == once.p_value


def test_few_common_images_are_not_pairs(truth: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other.csv", [(f"{i}.jpg", 50, 50) for i in range(30, 95)])
    found = result_of(truth, other)  # 30 of 60 and of 65
    assert found.paired
    other = write(tmp_path / "other.csv", [(f"{i}.jpg", 50, 50) for i in range(31, 95)])
    assert not result_of(truth, other).paired
    assert result_of(truth, other, paired=True).images == (29, 29)


def test_splits_have_no_pairs(tmp_path: Path) -> None:
    for split in ("train", "val"):
        (tmp_path / split).mkdir()
        write(tmp_path / split / "boxes.csv", [(f"{i}.jpg", 50, 50 + i) for i in range(9)])
    options: dict[str, Any] = {"splits": ("train", "val"), "format": "tables", "grid": 10}
    first, second = (hg.compare(tmp_path, **options, paired=own).test for own in ("auto", True))
    assert first is not None
    assert second is not None
    assert (first.paired, second.paired) == (False, True)


def test_groups_of_annotations_are_pairs_and_groups_of_images_are_not(tmp_path: Path) -> None:
    rows = ["image,class,xmin,ymin,xmax,ymax,image_width,image_height,occluded"]
    for i in range(20):
        rows += [f"{i}.jpg,thing,10,{10 + i},20,{20 + i},100,100,{name}" for name in (0, 1)]
    path = tmp_path / "boxes.csv"
    path.write_text("\n".join(rows) + "\n")
    by_flag = hg.compare(path, grid=10, by="occluded", permutations=9).test
    by_image = hg.compare(path, grid=10, by=lambda name: int(name[0]) % 2, permutations=9).test
    assert by_flag is not None
    assert by_image is not None
    assert (by_flag.paired, by_flag.images) == (True, (20, 20))
    assert not by_image.paired


def test_without_common_images_a_paired_test_is_an_error(truth: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other.csv", [("other.jpg", 50, 50)])
    with pytest.raises(ValueError, match="paired=True requires images of equal names in both data sets"):
        hg.compare(truth, other, paired=True)
    heat = hg.heatmap(truth)
    with pytest.raises(TypeError, match="paired cannot be combined with maps"):
        hg.compare(heat, heat, paired=True)
    with pytest.raises(ValueError, match="paired must be True, False or 'auto', got 'yes'"):
        hg.compare(truth, other, paired="yes")  # type: ignore[arg-type]


def test_without_hits_in_common_images(truth: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other.csv", [(f"{i}.jpg", 300, 300) for i in range(60)] + [("z.jpg", 5, 5)])
    with pytest.raises(ValueError, match=r"other.csv: no hits in the images that both data sets have"):
        hg.compare(truth, other)


def test_classes_are_tested_in_pairs(truth: Path, predictions: Path) -> None:
    found = hg.compare(truth, predictions, 10)
    assert found.by_class["thing"].p_value == 0.001


def test_formats_of_the_same_scene_are_pairs() -> None:
    found = result_of(DATA / "coco/valid/scene", DATA / "voc/valid/scene")
    assert found.paired
    assert found.p_value > 0.5


def test_command(truth: Path, predictions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["compare", str(truth), str(predictions), "--grid", "10", "--json", "-q"]
    for option, paired in (([], True), (["--paired", "no"], False), (["--paired", "yes"], True)):
        assert main([*arguments, *option]) == 0
        assert json.loads(capsys.readouterr().out)["test"]["paired"] is paired
