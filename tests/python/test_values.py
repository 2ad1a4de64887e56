"""Weights and means of data sets, and classes that occur together."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.analysis import image_pairs
from heatgrid.commands.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import ArrayLike

NAN = math.nan


@pytest.fixture
def scored(tmp_path: Path) -> Path:
    """Points with scores: 0.5 and 1 at the upper left, 0.25 at the lower right; cars, cars and a dog."""
    path = tmp_path / "scored.csv"
    path.write_text(
        "image,class,x,y,score\na.jpg,car,0.1,0.1,0.5\nb.jpg,car,0.2,0.2,1\nb.jpg,dog,0.9,0.9,0.25\n"
    )
    return path


def test_scores_as_weights(scored: Path) -> None:
    heat = hg.heatmap(scored, 2, weights="score")
    assert heat.counts.tolist() == [[1.5, 0], [0, 0.25]]
    assert heat["dog"].counts.tolist() == [[0, 0], [0, 0.25]]
    assert heat.spec.weighted
    assert heat.report.counted == 3
    (by_split,) = hg.heatmaps(scored, 2, weights="score").values()
    assert by_split == heat


def test_weights_by_a_function_of_the_batch(scored: Path) -> None:
    def squares(batch: hg.Annotations) -> ArrayLike:
        assert batch.scores is not None
        return batch.scores**2

    expected = [[1.25, 0], [0, 0.0625]]
    assert hg.heatmap(scored, 2, weights=squares).counts.tolist() == expected
    heat = hg.Heatmap(2, weighted=True)
    for batch in hg.read(scored):
        heat.add(batch, weights=squares)
    assert heat.counts.tolist() == expected
    detections = {"boxes": np.array([[0.0, 0, 4, 4]]), "labels": np.array([1]), "scores": np.array([0.75])}
    heat = hg.Heatmap(1, weighted=True).add(detections, size=(4, 4), weights="score")
    assert heat.counts.tolist() == [[0.75]]


def test_mean_of_what_lies_in_a_cell(scored: Path) -> None:
    found = hg.mean_map(scored, 2)
    np.testing.assert_array_equal(found.counts, [[0.75, NAN], [NAN, 0.25]])
    np.testing.assert_array_equal(found["car"].counts, [[0.75, NAN], [NAN, NAN]])
    assert found.spec.unit == "mean score"
    assert found.report.counted == 3
    assert found.report.name == "scored.csv"
    np.testing.assert_array_equal(hg.mean_map(scored, 2, least=2).counts, [[0.75, NAN], [NAN, NAN]])
    ones = hg.mean_map(scored, 2, weights=lambda batch: np.full(len(batch), 3.0))
    np.testing.assert_array_equal(ones.counts, [[3, NAN], [NAN, 3]])
    assert ones.spec.unit == "mean weight"


def test_annotations_without_a_score_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("image,class,x,y,score\na.jpg,car,0.1,0.1,0.5\na.jpg,dog,0.1,0.1,\n")
    for heat in (hg.heatmap(path, 1, weights="score"), hg.mean_map(path, 1)):
        assert heat.counts.tolist() == [[0.5]]
        assert heat.report.skipped == {"score missing, needed as weight": 1}
        assert heat.report.by_class()["dog"]["skipped"] == 1
        assert heat.report.read == 2
    with pytest.raises(hg.FormatError, match="line 3: score missing, needed as weight"):
        hg.heatmap(path, 1, weights="score", on_error="raise")


def test_a_source_without_scores_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "none.csv"
    path.write_text("image,x,y\na.jpg,0.1,0.1\n")
    with pytest.raises(ValueError, match=r"weights='score' needs scores: .*none.csv has none"):
        hg.heatmap(path, weights="score")


@pytest.mark.parametrize(
    ("function", "options", "message"),
    [
        (hg.heatmap, {"weights": "area"}, "weights must be one of 'score', got 'area'"),
        (hg.heatmap, {"weights": len}, "weights must have one dimension"),
        (hg.heatmap, {"weights": lambda _: [1.0]}, r"weights must have shape \(3,\), one per annotation"),
        (hg.heatmap, {"weights": "score", "count": "images"}, "count='images' cannot be weighted"),
        (hg.mean_map, {"least": 0}, "least must be finite and above 0"),
    ],
)
def test_wrong_weights_are_named(
    scored: Path, function: Callable[..., Any], options: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        function(scored, 2, **options)


def test_a_count_with_a_function_resumes(scored: Path, tmp_path: Path) -> None:
    def twice(batch: hg.Annotations) -> ArrayLike:
        return np.full(len(batch), 2.0)

    options: dict[str, Any] = {"checkpoint": tmp_path / "part.npz", "weights": twice}
    assert hg.heatmap(scored, 2, **options) == hg.heatmap(scored, 2, **options)
    with pytest.raises(ValueError, match="belongs to a count with weights="):
        hg.heatmap(scored, 2, checkpoint=tmp_path / "part.npz", weights="score")


# Classes that occur together


def test_cooccurrence_in_cells_and_in_images(scored: Path) -> None:
    found = hg.cooccurrence(scored, 2)
    assert found.classes == ("car", "dog")
    assert found.cells.tolist() == [[1, 0], [0, 1]]  # in no cell together
    assert found.images is not None
    assert found.image_jaccard is not None
    assert found.images.tolist() == [[2, 1], [1, 1]]  # but in one image of two
    assert found.image_jaccard.tolist() == [[1, 0.5], [0.5, 1]]
    assert found.pairs() == [
        {
            "classes": ("car", "dog"),
            "cells": 0,
            "cell_jaccard": 0.0,
            "cell_overlap": 0.0,
            "images": 1,
            "image_jaccard": 0.5,
        }
    ]
    assert found.to_dict()["images"] == [[2, 1], [1, 1]]
    assert "images with both" in found._repr_html_()


def test_cooccurrence_equals_that_of_the_map_and_of_the_overview(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    rows = ["image,class,xmin,ymin,xmax,ymax,image_width,image_height"]
    for i in range(200):
        for _ in range(random.integers(0, 6)):
            x, y = random.integers(0, 80, 2)
            rows.append(f"{i}.jpg,c{random.integers(7)},{x},{y},{x + 20},{y + 20},100,100")
    (tmp_path / "boxes.csv").write_text("\n".join(rows) + "\n")
    found = hg.cooccurrence(tmp_path / "boxes.csv", 20)
    heat = hg.heatmap(tmp_path / "boxes.csv", 20)
    assert (found.cells == heat.cooccurrence().cells).all()
    assert found.images is not None
    assert np.diag(found.images).tolist() == [heat.report.by_class()[name]["images"] for name in heat]
    listed = hg.overview(tmp_path / "boxes.csv").numbers.together
    for pair in listed:
        i, j = map(found.classes.index, pair["classes"])
        assert found.images[i, j] == pair["images"]


def test_pairs_of_images_by_hand() -> None:
    image, label = np.array([0, 0, 0, 1, 1, 2]), np.array([1, 1, 0, 2, 0, 2])
    assert image_pairs(image, label, 3).tolist() == [[2, 1, 1], [1, 1, 0], [1, 0, 2]]
    none = np.zeros(0, dtype=np.int64)
    assert image_pairs(none, none, 2).tolist() == [[0, 0], [0, 0]]
    assert image_pairs(none, none, 0).shape == (0, 0)


def test_cooccurrence_without_classes_or_annotations(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("x,y\n0.1,0.1\n")
    assert hg.cooccurrence(tmp_path / "x.csv").classes == ("(none)",)
    assert hg.cooccurrence(np.zeros((0, 4))).pairs() == []
    assert hg.Heatmap(2, ()).cooccurrence().pairs() == []


# Command line


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    return code, *capsys.readouterr()


def test_map_of_scores_and_their_mean(
    scored: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, *_ = run(capsys, "map", scored, "--grid", 2, "--weights", "score", "-o", tmp_path / "x.npz")
    assert code == 0
    assert hg.load(tmp_path / "x.npz") == hg.heatmap(scored, 2, weights="score")
    options = ("--weights", "score", "--mean", "--least", 2, "-o", tmp_path / "x.npz")
    code, out, _ = run(capsys, "map", scored, "--grid", 2, *options)
    assert code == 0
    assert "mean score, 1 of 4 cells have data" in out
    assert hg.load(tmp_path / "x.npz") == hg.mean_map(scored, 2, least=2)


def test_values_of_zero_are_counted(scored: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    scored.write_text("image,x,y,score\na.jpg,0.1,0.1,0\n")
    code, *_ = run(
        capsys, "map", scored, "--grid", 1, "--weights", "score", "--mean", "-o", tmp_path / "x.svg"
    )
    assert code == 0
    assert "no annotations" not in (tmp_path / "x.svg").read_text()


def test_map_per_image_and_suppressed(
    scored: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    heat = hg.heatmap(scored, 2)
    heat.save(tmp_path / "saved.npz")
    for source in (scored, tmp_path / "saved.npz"):
        options = () if source != scored else ("--grid", 2)
        for option, expected in (
            (["--per-image"], heat.per_image()),
            (["--suppress", 2], heat.suppressed(2)),
        ):
            code, *_ = run(capsys, "map", source, *options, *option, "-o", tmp_path / "x.json")
            assert code == 0
            assert hg.load(tmp_path / "x.json") == expected
    code, out, _ = run(capsys, "map", scored, "--grid", 2, "--suppress", 5, "--json")
    assert code == 0
    plain = json.loads(out)
    assert plain["report"]["counted"] == 0
    assert plain["stats"]["cells"] == 2


def test_view_shows_all_splits_together(
    scored: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "x.html"
    code, *_ = run(capsys, "view", scored, "--grid", 2, "--per-image", "--no-open", "-o", page)
    assert code == 0
    assert '"unit":"objects per image"' in page.read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--mean"], "--mean needs --weights"),
        (["--least", "3"], "--least needs --mean"),
        (["--least", "3", "--by", "split"], "--least needs --mean"),
        (["--weights", "score", "--mean", "--per-image"], "--mean cannot be combined with --per-image"),
        (
            ["--weights", "score", "--mean", "--count", "images"],
            "--mean cannot be combined with --count images",
        ),
        (["--per-image", "--suppress", "3"], "not allowed with argument"),
        (["--weights", "area"], "expected one of 'score', got 'area'"),
    ],
)
def test_wrong_options_are_named(
    scored: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(capsys, "map", scored, *options)
    assert message in capsys.readouterr().err
