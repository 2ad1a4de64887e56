"""Bare COCO results, with the images and categories of the file that they refer to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.io.formats import coco as reader
from predictions import coco, random_pair, results, write

if TYPE_CHECKING:
    from pathlib import Path

TRUTH = coco(3, [(1, 1, [0, 0, 40, 40], 0)], (100, 50))
FOUND = results([(2, 3, [10, 5, 20, 10], 0.75), (1, 1, [0, 0, 5, 5], 0.5)])


def test_images_and_categories_are_those_of_the_truth(tmp_path: Path) -> None:
    truth, found = write(tmp_path, TRUTH, FOUND)
    (batch,) = hg.read(found, truth=truth)
    batch.validate()
    assert batch.image_names == ["1.jpg", "2.jpg", "3.jpg"]
    assert batch.classes == ("class 1", "class 2", "class 3")
    assert (batch.image.tolist(), batch.label.tolist()) == ([1, 0], [2, 0])
    assert batch.scores is not None
    assert batch.scores.tolist() == [0.75, 0.5]
    assert batch.boxes is not None
    assert batch.boxes[0].tolist() == [10, 5, 30, 15]
    assert batch.sizes is not None
    assert batch.sizes.tolist() == [[100, 50]] * 3
    heat = hg.heatmap(found, 10, truth=truth)
    assert (heat.report.counted, heat.report.images) == (2, 3)
    assert hg.heatmap(found, 10).report.counted == 0  # without, sizes are unknown


def test_folder_as_truth(tmp_path: Path) -> None:
    _, found = write(tmp_path, TRUTH, FOUND)
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "instances.json").write_text(json.dumps(TRUTH))
    assert hg.heatmap(found, 10, truth=folder).report.counted == 2
    (folder / "instances_2.json").write_text(json.dumps(TRUTH))
    with pytest.raises(hg.FormatError, match="truth must be one COCO file, got 2"):
        hg.heatmap(found, 10, truth=folder)


def test_unknown_ids_are_reported(tmp_path: Path) -> None:
    truth, found = write(
        tmp_path, TRUTH, [*FOUND, *results([(9, 1, [0, 0, 5, 5], 0.5), (1, 9, [0, 0, 5, 5], 1)])]
    )
    report = hg.heatmap(found, 10, truth=truth).report
    assert report.skipped == {"unknown image_id": 1}
    assert "annotations[2]" in report.examples["unknown image_id"][0]
    assert report.by_class()["category_9"]["counted"] == 1


def test_results_are_no_truth(tmp_path: Path) -> None:
    _, found = write(tmp_path, TRUTH, FOUND)
    with pytest.raises(hg.FormatError, match="truth must be a COCO file with images"):
        hg.heatmap(found, 10, truth=found)
    with pytest.raises(FileNotFoundError):
        hg.heatmap(found, 10, truth=tmp_path / "missing.json")


def test_captions_are_no_results(tmp_path: Path) -> None:
    truth, found = write(tmp_path, TRUTH, [{"image_id": 1, "caption": "a street"}])
    with pytest.raises(hg.FormatError, match="image captions"):
        hg.heatmap(found, 10, truth=truth)


@pytest.mark.parametrize("spaces", [None, 2])
def test_scan_reads_what_the_json_parser_reads(
    spaces: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, found = random_pair(50, seed=3)
    found[5]["segmentation"] = {"size": [128, 128], "counts": [0, 128, 128 * 127]}
    del found[6]["bbox"]
    found[7] = {"image_id": "8", "category_id": 1, "bbox": [1, 2, 3, "4"], "score": 1}
    truth, path = write(tmp_path, document, [])
    path.write_text("\n" + json.dumps(found, indent=spaces))
    (scanned,) = hg.read(path, truth=truth, format="coco")
    monkeypatch.setattr(reader, "scan_coco_results", lambda _file: None)
    (parsed,) = hg.read(path, truth=truth, format="coco")
    for name in ("image", "label", "kinds", "boxes", "scores", "positions"):
        a, b = (np.asarray(getattr(batch, name)) for batch in (scanned, parsed))
        np.testing.assert_array_equal(a, b)
    assert scanned.report.to_dict() == parsed.report.to_dict()


def test_truth_belongs_to_files(tmp_path: Path) -> None:
    truth, _ = write(tmp_path, TRUTH, FOUND)
    options: dict[str, Any] = {"truth": truth}
    with pytest.raises(TypeError, match="truth cannot be combined"):
        hg.heatmap(hg.annotations_from([[0, 0, 5, 5]], size=(9, 9)), 10, **options)
