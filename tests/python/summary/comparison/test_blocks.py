"""Counts per block of images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.commands.demo import write_demo
from heatgrid.io.keywords import new_counts, parse_options
from heatgrid.summary.comparison import blocks
from heatgrid.summary.comparison.blocks import ImageBlocks, equalize

if TYPE_CHECKING:
    from heatgrid.core.annotations import Annotations


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Annotations:
    """One batch of street scenes, a few hundred images."""
    path = tmp_path_factory.mktemp("scenes") / "annotations.json"
    write_demo(path, images=300, seed=3)
    (batch,) = hg.read(path)
    return batch


def blocks_of(batch: Annotations, shape: Any = (6, 8), **options: Any) -> ImageBlocks:
    blocks = ImageBlocks(*parse_options(shape, **options))
    blocks.add(batch)
    return blocks


@pytest.mark.parametrize("options", [{}, {"count": "images"}, {"rule": "touch", "geometry": "box"}])
def test_block_equals_counts_of_its_image(scenes: Annotations, options: dict[str, Any]) -> None:
    found = blocks_of(scenes, **options)
    assert (found.images, found.size, found.shape) == (300, 1, (6, 8))
    spec, reading = parse_options((6, 8), **options)
    for image in (0, 7, 255, 256, 299):
        counts = new_counts(spec, reading, by_class=False)
        counts.add_batch(scenes.select(scenes.image == image), **reading.counting)
        assert (found.counts[image] == counts.grids.counts.ravel()).all()


def test_blocks_of_many_images_are_merged_in_pairs(scenes: Annotations, monkeypatch: Any) -> None:
    single = blocks_of(scenes)
    monkeypatch.setattr(blocks, "_MAX_BLOCKS", 50)
    found = ImageBlocks(*parse_options((6, 8)))
    for images in (range(120), range(120, 121), range(121, 300)):  # as batches come
        found.add(some_images(scenes, images))
    assert (found.images, found.size, len(found.counts)) == (300, 8, 38)
    for i in range(38):
        assert (found.counts[i] == single.counts[8 * i : 8 * i + 8].sum(axis=0)).all()


def some_images(batch: Annotations, images: range) -> Annotations:
    from dataclasses import replace

    part = batch.select(np.isin(batch.image, list(images)))
    sizes = None if batch.sizes is None else batch.sizes[images.start : images.stop]
    names = batch.image_names[images.start : images.stop]
    return replace(part, image=part.image - images.start, image_names=names, sizes=sizes, files=None)


def test_equalize_brings_data_sets_to_one_block_size(scenes: Annotations) -> None:
    a, b = blocks_of(scenes), blocks_of(scenes)
    b.merge_pairs()
    b.merge_pairs()
    equalize(a, b)
    assert (a.size, len(a.counts)) == (4, 75)
    assert (a.counts == b.counts).all()


def test_large_grids_are_coarsened() -> None:
    assert ImageBlocks(*parse_options(1000)).shape == (100, 100)
    assert ImageBlocks(*parse_options((1, 2**20))).shape == (1, 10_000)
    assert ImageBlocks(*parse_options((100, 100))).shape == (100, 100)


def test_blocks_by_class_hold_the_counts_of_each_class(scenes: Annotations, monkeypatch: Any) -> None:
    monkeypatch.setattr(blocks, "_MAX_COUNTS", 4 * 48 * 20)  # 20 blocks of 4 classes
    found = ImageBlocks(*parse_options((6, 8)), by_class=True)
    for images in (range(120), range(120, 300)):
        found.add(some_images(scenes, images))
    assert set(found.classes) == {"car", "pedestrian", "traffic light", "bicycle"}
    assert (found.size, found.counts.shape) == (16, (19, 4, 48))
    whole = hg.Heatmap((6, 8)).add(scenes)
    for name, k in found.classes.items():
        assert (found.counts[:, k].sum(axis=0) == whole[name].counts.ravel()).all()
    first = hg.Heatmap((6, 8)).add(some_images(scenes, range(16)))
    assert (found.counts[0, found.classes["car"]] == first["car"].counts.ravel()).all()
