"""Evaluation: planted failures, numbers, sentences and files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.summary.evaluation.contrasts import PLACES, overlap_of
from predictions import coco, random_pair, results, write

if TYPE_CHECKING:
    from pathlib import Path


def street(
    *, missed: Any = lambda *_: False, false: tuple[float, float] = (0.0, 1.0), images: int = 120
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return truth of which 85 % are found, except those that ``missed`` names by center, class and side.

    False alarms are between two shares of the width.
    """
    random = np.random.default_rng(3)
    truth: list[tuple[int, int, list[float], int]] = []
    found: list[tuple[int, int, list[float], float]] = []
    for image in range(1, images + 1):
        for _ in range(6):
            side = float(random.choice([20.0, 50.0]))
            x, y = (float(value) for value in random.uniform(0, (400 - side, 300 - side)))
            k = int(random.integers(1, 4))
            truth.append((image, k, [x, y, side, side], 0))
            is_missed = missed((x + side / 2) / 400, (y + side / 2) / 300, k, side)
            if not is_missed and random.random() < 0.85:
                found.append((image, k, [x + 1, y, side, side], float(random.random())))
        for _ in range(int(random.poisson(1))):
            x = float(random.uniform(*false)) * 380
            found.append((image, 1, [x, float(random.uniform(0, 280)), 20.0, 20.0], 0.5))
    return coco(images, truth, (400, 300)), results(found)


def evaluate(tmp_path: Path, **planted: Any) -> hg.Evaluation:
    return hg.evaluate(*write(tmp_path, *street(**planted)), permutations=199)


def texts(found: hg.Evaluation) -> list[str]:
    return [one.text for one in found.findings]


def test_misses_in_the_upper_part(tmp_path: Path) -> None:
    found = evaluate(tmp_path, missed=lambda _x, y, _k, _side: y < 1 / 3)
    first = found.findings[0]
    assert first.text.startswith("Recall is 0.00 in the upper third, 0.8")
    assert first.text.endswith("objects missed (p = 0.005)")
    assert (first.level, first.section) == ("serious", "places")
    assert not any("Recall" in text for text in texts(found)[1:])
    (contrast,) = (one for one in found.contrasts if (one.measure, one.part) == ("recall", "the upper third"))
    assert contrast.good == 0
    assert f"{contrast.total} of {contrast.total} objects missed" in first.text
    assert contrast.share_elsewhere == contrast.good_elsewhere / contrast.total_elsewhere


def test_false_alarms_on_the_left(tmp_path: Path) -> None:
    found = evaluate(tmp_path, false=(0.0, 0.25))
    assert "of predictions in the left third are false alarms" in found.findings[0].text
    assert any(text.startswith("Recall does not differ by place") for text in texts(found))


def test_a_class_and_a_size_that_are_missed(tmp_path: Path) -> None:
    assert (
        "Recall is 0.00 of “class 2”" in texts(evaluate(tmp_path, missed=lambda _x, _y, k, _side: k == 2))[1]
    )
    found = evaluate(tmp_path, missed=lambda _x, _y, _k, side: side == 20)
    assert found.findings[0].text.startswith("Recall is 0.00 of small objects, 0.8")


def test_no_place_is_named_if_none_is_worse(tmp_path: Path) -> None:
    places = [one for one in evaluate(tmp_path).findings if one.section == "places"]
    assert [(one.level, one.text.split(" by place")[0]) for one in places] == [
        ("note", "Recall does not differ"),
        ("note", "The share of false alarms does not differ"),
    ]


def test_class_that_is_never_predicted_and_class_that_is_unknown(tmp_path: Path) -> None:
    truth = coco(2, [(1, 1, [0, 0, 40, 40], 0), (1, 2, [0, 0, 40, 40], 0)])
    found = hg.evaluate(*write(tmp_path, truth, results([(1, 9, [0, 0, 40, 40], 0.9)])), permutations=0)
    assert texts(found) == [
        "“class 1” and “class 2” are never predicted: 2 objects missed",
        "The truth has no class “category_9”: 1 prediction can only be false alarms",
    ]


def test_few_images_have_differences_without_test(tmp_path: Path) -> None:
    few = evaluate(tmp_path, missed=lambda _x, _y, _k, side: side == 20, images=5)
    sizes = [one for one in few.findings if one.section == "sizes"]
    assert sizes[0].text.startswith("Recall is 0.00 of small objects, 0.")
    assert sizes[0].text.endswith("objects missed")
    assert sizes[0].level == "warning"
    assert "5 images are too few to test differences: 6 are needed" in texts(few)
    assert not any("chance" in text or "(p" in text for text in texts(few))
    enough = evaluate(tmp_path, missed=lambda _x, _y, _k, side: side == 20, images=6)
    assert not any("too few" in text for text in texts(enough))


def test_numbers_are_those_of_the_matches(tmp_path: Path) -> None:
    paths = write(tmp_path, *random_pair(60, seed=2))
    found = hg.evaluate(*paths, 8, permutations=19)
    matches = hg.match(*paths)
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert plain["missed"] == matches.missed.sum()
    assert plain["objects"] == (matches.found | matches.missed).sum()
    assert plain["recall"] == matches.recall
    assert plain["precision"] == matches.precision
    assert plain["ignored_objects"] == (~matches.found & ~matches.missed).sum()
    for k, row in enumerate(plain["classes"]):
        own = matches.truth.label == k
        assert row["missed"] == (matches.missed & own).sum()
        assert row["false_alarms"] == (matches.is_false & (matches.label == k)).sum()
    for column in ("objects", "missed", "predictions", "false_alarms"):
        assert sum(row[column] for row in plain["sizes"].values()) == plain[column]
        assert sum(row[column] for row in plain["classes"]) == plain[column]
    worst = plain["images_with_most_errors"][0]
    number = matches.truth.image_names.index(worst["image"])
    assert worst["missed"] == (matches.missed & (matches.truth.image == number)).sum()
    assert found.maps["missed"].counts.tolist() == matches.maps(8)["missed"].counts.tolist()


def test_places_of_contrasts(tmp_path: Path) -> None:
    boxes = [(1, 1, [x, y, 2.0, 2.0], 0) for x in (1, 62, 125) for y in (1, 62, 125)] * 5
    found = hg.evaluate(*write(tmp_path, coco(1, boxes), []), permutations=0, predictions_format="coco")
    totals = {one.part: one.total for one in found.contrasts if (one.measure, one.by) == ("recall", "place")}
    thirds = [name for name in PLACES if "third" in name]
    assert {totals[name] for name in thirds} == {15}
    assert {totals[name] for name in PLACES if name not in thirds and "half" not in name} == {5}
    assert totals["the zone near the edges"] == 40
    assert overlap_of("the upper third", "the upper left") == 1
    assert overlap_of("the upper third", "the lower third") == 0


def test_no_tests_without_permutations(tmp_path: Path) -> None:
    found = hg.evaluate(*write(tmp_path, *street(images=10)), permutations=0)
    assert found.contrasts
    assert {one.p_value for one in found.contrasts} == {None}


def test_files(tmp_path: Path) -> None:
    found = hg.evaluate(*write(tmp_path, *street(images=10)), permutations=19, title="</script><b>&")
    for name in ("errors.json", "errors.html"):
        found.save(tmp_path / name)
    assert json.loads((tmp_path / "errors.json").read_text()) == json.loads(json.dumps(found.to_dict()))
    page = (tmp_path / "errors.html").read_text()
    assert "</script><b>" not in page
    with pytest.raises(ValueError, match=r"\.html"):
        found.save(tmp_path / "errors.png")


def test_text(tmp_path: Path) -> None:
    truth = coco(2, [(1, 1, [0, 0, 40, 40], 0), (1, 2, [0, 0, 40, 40], 0)])
    paths = write(tmp_path, truth, results([(1, 1, [0, 0, 40, 40], 0.9)]))
    found = hg.evaluate(*paths, permutations=0, title="model")
    assert str(found).split("\n") == [
        "model: 2 images, IoU at least 0.5",
        "   recall  0.50 (1 of 2)",
        "precision  1.00 (1 of 1)",
        "  serious  “class 2” is never predicted: 1 object missed",
    ]


def test_notebooks_show_findings_and_classes(tmp_path: Path) -> None:
    truth = coco(1, [(1, 1, [0, 0, 40, 40], 0), (1, 2, [0, 0, 40, 40], 0)])
    truth["categories"][0]["name"] = "<b>"
    paths = write(tmp_path, truth, results([(1, 1, [0, 0, 40, 40], 0.9)]))
    text = hg.evaluate(*paths, permutations=0)._repr_html_()
    assert "“class 2” is never predicted: 1 object missed" in text
    assert "&lt;b&gt;" in text
    assert "<b>" not in text


def test_images_of_unknown_size(tmp_path: Path) -> None:
    box = hg.annotations_from([[0.1, 0.1, 0.3, 0.3]], labels=["a"], images=["x"])
    found = hg.evaluate(box, box, permutations=19)
    assert found.totals == {"found": 1, "missed": 0, "true": 1, "false": 0}
    assert found.to_dict()["sizes"]["unknown"]["objects"] == 1
    found.save(tmp_path / "errors.html")
