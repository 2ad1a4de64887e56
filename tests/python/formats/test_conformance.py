"""Tests of all formats: detection, complete reading, reports and equal maps of one scene."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid
import heatgrid as hg
import reference
from batches import check_account
from heatgrid.core.ragged import Flag, Kind
from heatgrid.errors import FormatError
from heatgrid.io import registry
from heatgrid.io.read import detect
from heatgrid.io.registry import FORMATS, FormatName
from samples import DATA, names_of, options_of, outcomes, read_all, rows, selected

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations

VALID = [(name, path) for name in FORMATS for path in sorted((DATA / name / "valid").iterdir())]
BROKEN = [(name, path) for name in FORMATS for path in sorted((DATA / name / "broken").iterdir())]

SCENE = [
    ("a", "car", [0.1, 0.25, 0.4, 0.75]),
    ("b", "car", [0.25, 0.25, 0.375, 1.0]),
    ("b", "person", [0.0, 0.0, 1.0, 0.5]),
]
"""Three boxes on two images, and an image without any; a format without classes has one for all."""

WITHOUT_SCENE = {"faces", "mpii", "tfrecord"}
"""Formats that cannot hold the scene: one face per image, no boxes, or single precision."""
SCENES = [name for name in FORMATS if name not in WITHOUT_SCENE]

WITH_LINES = {
    *("cvat", "darwin", "datumaro", "encord", "fiftyone", "geojson", "label_studio", "labelbox", "labelme"),
    *("scalabel", "superannotate", "supervisely", "via", "wkt"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_format_has_title_and_signature(name: str) -> None:
    module = registry.get(name)
    assert module.TITLE
    assert all(suffix.startswith(".") for suffix in module.SIGNATURE.all_suffixes)


@pytest.mark.parametrize(("name", "path"), VALID, ids=lambda value: getattr(value, "name", value))
def test_valid_samples_are_detected_and_read(name: str, path: Path) -> None:
    assert detect(path) == name
    batches, report = read_all(path, on_error="raise", **options_of(name))
    assert sum(map(len, batches)) > 0
    assert report.complete
    assert outcomes(batches).complete


@pytest.mark.parametrize(("name", "path"), BROKEN, ids=lambda value: getattr(value, "name", value))
def test_broken_samples_are_refused_or_reported(name: str, path: Path) -> None:
    try:
        batches, _ = read_all(path, format=name)
    except FormatError as error:
        assert error.path is not None  # noqa: PT017 - either outcome is right
    else:
        assert not outcomes(batches).complete


@pytest.mark.parametrize(("name", "path"), BROKEN, ids=lambda value: getattr(value, "name", value))
def test_broken_samples_stop_a_strict_reader(name: FormatName, path: Path) -> None:
    with pytest.raises(FormatError):
        hg.heatmap(path, format=name, on_error="raise")


@pytest.mark.parametrize(("name", "path"), VALID + BROKEN, ids=lambda value: getattr(value, "name", value))
def test_every_annotation_of_a_sample_has_one_outcome(name: FormatName, path: Path) -> None:
    try:
        batches, _ = read_all(path, format=name, **options_of(name))
    except FormatError:
        assert (name, path) in BROKEN
        return
    skipped = sum(batch.report.skips for batch in batches)
    ways: list[dict[str, Any]] = [
        {},
        {"by_class": False},
        {"count": "images"},
        {"rule": "area"},
        {"fit": "letterbox"},
    ]
    for options in ways:
        report = heatgrid.heatmap(path, 5, format=name, **options, **options_of(name)).report
        check_account(report)
        assert report.read + report.excluded == sum(map(len, batches)) + skipped
        assert report.excluded == sum(np.count_nonzero(excluded_in(batch)) for batch in batches)
    for label, totals in report.by_class().items():
        own = sum(
            np.count_nonzero((batch.label == batch.classes.index(label)) & ~excluded_in(batch))
            for batch in batches
            if label in batch.classes
        )
        lost = sum(batch.report.by_class().get(label, {"read": 0})["read"] for batch in batches)
        assert totals["read"] == own + lost
        if own:
            alone = heatgrid.heatmap(path, 5, format=name, classes=(label,), **options_of(name)).report
            check_account(alone)
            assert alone.by_class()[label]["read"] == totals["read"]
            assert alone.read + alone.excluded == report.read + report.excluded


def excluded_in(batch: Annotations) -> NDArray[np.bool_]:
    """Return which annotations their file marks as to be ignored or outside."""
    if batch.flags is None:
        return np.zeros(len(batch), dtype=bool)
    return np.asarray((batch.flags & (Flag.IGNORE | Flag.OUTSIDE)) != 0)


@pytest.mark.parametrize("name", SCENES)
def test_scene_is_equal_in_all_formats(name: str) -> None:
    batches, report = read_all(DATA / name / "valid" / "scene", **options_of(name))
    found = rows(batches, names_of(name))
    classes = {label for _, label, _ in found}
    scene = [(image, *classes, box) for image, _, box in SCENE] if len(classes) == 1 else SCENE
    assert found == sorted(scene)
    assert report.images == 3


@pytest.mark.parametrize("name", SCENES)
def test_map_of_scene_is_equal_from_all_formats(name: str) -> None:
    scene = DATA / name / "valid" / "scene"
    heat = heatgrid.heatmap(scene, 8, geometry="box", by_class=False, **options_of(name))
    middles = [(i + 0.5) / 8 for i in range(8)]
    hits = [
        [sum(x1 <= x <= x2 and y1 <= y <= y2 for _, _, (x1, y1, x2, y2) in SCENE) for x in middles]
        for y in middles
    ]
    assert heat.counts.tolist() == hits
    assert (heat.report.read, heat.report.counted, heat.report.images) == (3, 3, 3)


@pytest.mark.parametrize("name", SCENES)
def test_images_belong_to_one_batch(name: str) -> None:
    whole, _ = read_all(DATA / name / "valid" / "scene", **options_of(name))
    parts, _ = read_all(DATA / name / "valid" / "scene", batch_images=1, **options_of(name))
    assert rows(parts) == rows(whole)
    names = [name for batch in parts for name in batch.image_names]
    assert len(names) == len(set(names)) == 3


@pytest.mark.parametrize("name", FORMATS)
def test_lines_are_counted_where_they_pass(name: str) -> None:
    found = 0
    for path in sorted((DATA / name / "valid").iterdir()):
        batches, _ = read_all(path, **options_of(name))
        heat = heatgrid.heatmap(path, (7, 9), geometry="line", by_class=False, **options_of(name))
        hits = [hit for batch in batches for hit in hits_of_lines(batch)]
        assert np.array_equal(heat.counts, sum(hits, start=np.zeros((7, 9), dtype=np.int64)))
        assert heat.report.counted == len(hits)
        found += len(hits)
    assert (found > 0) == (name in WITH_LINES)


def hits_of_lines(batch: Annotations) -> list[NDArray[np.int64]]:
    """Count each line of a batch that can be counted, by the oracle."""
    hits = []
    for i in selected(batch, "line").index(Kind.LINE).tolist():
        assert batch.lines is not None
        own = batch.lines.take(np.array([i]))
        paths = [[(x, y) for x, y in path.tolist()] for path in np.split(own.coords, own.paths[1:-1])]
        size = None
        if not batch.normalized:
            assert batch.sizes is not None
            width, height = batch.sizes[batch.image[i]].tolist()
            size = (width, height)
        counted = reference.count_lines([paths], (7, 9), size=size)
        hits.append(np.array(counted.counts))
    return hits
