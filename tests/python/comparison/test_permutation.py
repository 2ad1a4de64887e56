"""The permutation test: exact where all divisions can be listed, in bounded memory, seeded, calibrated."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.comparison import blocks as blocks_module
from heatgrid.comparison.blocks import ImageBlocks, to_one_size
from heatgrid.comparison.permutation import permutation_test
from heatgrid.commands.scenes import WIDTH, write_demo
from heatgrid.core.counts import Counts
from heatgrid.datasets import add_batch, parse_options

if TYPE_CHECKING:
    from pathlib import Path

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


def with_counts(counts: Any) -> Any:
    """Return blocks with these counts, an image each."""
    blocks = ImageBlocks(*parse_options((1, len(counts[0]))))
    blocks._counts = np.array(counts, dtype=np.float64)
    blocks.images = len(counts)
    return blocks


@pytest.mark.parametrize("options", [{}, {"count": "images"}, {"rule": "touch", "geometry": "box"}])
def test_a_block_holds_what_its_image_adds(scenes: Annotations, options: dict[str, Any]) -> None:
    found = blocks_of(scenes, **options)
    assert (found.images, found.size, found.shape) == (300, 1, (6, 8))
    spec, chosen = parse_options((6, 8), **options)
    for image in (0, 7, 255, 256, 299):
        counts = Counts(spec)
        add_batch(counts, scenes.select(scenes.image == image), chosen)
        assert (found.counts[image] == counts.grids.total().ravel()).all()


def test_blocks_of_many_images_are_merged_in_pairs(scenes: Annotations, monkeypatch: Any) -> None:
    single = blocks_of(scenes)
    monkeypatch.setattr(blocks_module, "_MOST_BLOCKS", 50)
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


def test_two_data_sets_are_brought_to_one_size(scenes: Annotations) -> None:
    a, b = blocks_of(scenes), blocks_of(scenes)
    b.merge_pairs()
    b.merge_pairs()
    to_one_size(a, b)
    assert (a.size, len(a.counts)) == (4, 75)
    assert (a.counts == b.counts).all()


def test_large_grids_are_tested_on_coarser_ones() -> None:
    assert ImageBlocks(*parse_options(1000)).shape == (100, 100)
    assert ImageBlocks(*parse_options((1, 2**20))).shape == (1, 10_000)
    assert ImageBlocks(*parse_options((100, 100))).shape == (100, 100)


def test_the_p_value_is_that_of_all_divisions() -> None:
    counts = [[3, 1, 0], [2, 2, 1], [4, 0, 0], [0, 2, 3], [1, 1, 3], [0, 0, 2], [1, 0, 1]]
    total = np.sum(counts, axis=0)
    drawn = []
    for chosen in combinations(range(7), 3):
        mine = np.sum([counts[i] for i in chosen], axis=0)
        other = total - mine
        drawn.append(np.abs(mine / mine.sum() - other / other.sum()).sum() / 2)
    own = drawn[0]  # the first three
    exact = np.mean([value >= own - 1e-12 for value in drawn])
    found = permutation_test(with_counts(counts[:3]), with_counts(counts[3:]), 4000, seed=1)
    assert found.statistic == pytest.approx(own)
    assert found.p_value == pytest.approx(exact, abs=0.02)  # four standard errors
    assert found.expected == pytest.approx(np.mean(drawn), abs=0.01)


def test_the_p_value_is_never_zero_and_at_most_one() -> None:
    apart = permutation_test(with_counts([[1, 0]] * 20), with_counts([[0, 1]] * 20), 99, seed=0)
    assert apart.p_value == 0.01
    assert (apart.statistic, apart.significant) == (1.0, True)
    alike = permutation_test(with_counts([[1, 1]] * 20), with_counts([[1, 1]] * 20), 99, seed=0)
    assert (alike.p_value, alike.statistic, alike.significant) == (1.0, 0.0, False)


def test_a_division_with_all_hits_on_one_side_is_as_great_as_can_be() -> None:
    found = permutation_test(with_counts([[1, 2], [0, 0]]), with_counts([[1, 0], [0, 0]]), 50, seed=0)
    assert 0 < found.p_value <= 1
    assert 0 <= found.expected <= 1


def test_equal_seeds_give_equal_results(scenes: Annotations) -> None:
    a, b = (blocks_of(some_images(scenes, half)) for half in (range(150), range(150, 300)))
    tests = [permutation_test(a, b, 99, seed) for seed in (5, 5, 6)]
    assert tests[0] == tests[1]
    assert tests[0] != tests[2]
    assert tests[0].statistic == tests[2].statistic
    assert tests[0].to_dict()["images"] == [150, 150]


def test_p_values_are_even_where_there_is_no_difference(scenes: Annotations) -> None:
    counts = blocks_of(scenes).counts
    random = np.random.default_rng(1)
    values = []
    for i in range(100):
        order = random.permutation(len(counts))
        a, b = with_counts(counts[order[:60]]), with_counts(counts[order[60:100]])
        values.append(permutation_test(a, b, 39, i).p_value)
    assert abs(np.mean(values) - 0.5) < 0.12  # four standard errors
    assert np.mean([value <= 0.1 for value in values]) < 0.22


def test_a_moved_data_set_is_found_out_and_its_cells_with_it(tmp_path: Path) -> None:
    write_demo(tmp_path / "a.json", images=200, seed=1)
    write_demo(tmp_path / "b.json", images=200, seed=2)
    document = (tmp_path / "b.json").read_text()
    (tmp_path / "c.json").write_text(document.replace(f'"width": {WIDTH}', f'"width": {WIDTH * 5 // 4}'))
    same = hg.compare(tmp_path / "a.json", tmp_path / "b.json", 20, permutations=99)
    moved = hg.compare(tmp_path / "a.json", tmp_path / "c.json", 20, permutations=99)
    assert same.test is not None
    assert moved.test is not None
    assert not same.test.significant
    assert same.test.statistic == pytest.approx(same.total_variation)
    assert moved.test.p_value == 0.01
    assert moved.cells_beyond_chance
    assert moved.total_variation > moved.test.limit > same.test.expected


def test_cells_beyond_chance_are_known_on_the_map_s_own_grid_alone(tmp_path: Path) -> None:
    write_demo(tmp_path / "a.json", images=20, seed=1)
    found = hg.compare(tmp_path / "a.json", tmp_path / "a.json", (101, 100), permutations=9)
    assert found.cells_beyond_chance is None
    assert found.test is not None
    assert found.test.shape == (100, 99)
