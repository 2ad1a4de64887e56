"""`heatgrid.compat.supervision` side by side with the real library: one script, only the import changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatgrid.compat.supervision import HeatMapAnnotator

if TYPE_CHECKING:
    from collections.abc import Iterator

POSITIONS = [
    *("CENTER", "CENTER_LEFT", "CENTER_RIGHT", "TOP_CENTER", "TOP_LEFT", "TOP_RIGHT"),
    *("BOTTOM_LEFT", "BOTTOM_CENTER", "BOTTOM_RIGHT"),
]


def supervision() -> Any:
    return pytest.importorskip("supervision", reason="supervision is not installed (group peers)")


def scenes(seed: int, size: tuple[int, int], frames: int = 5) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield pictures and up to five boxes, some of them partly or wholly outside."""
    random = np.random.default_rng(seed)
    for _ in range(frames):
        picture = random.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
        corners = random.uniform(-30, max(size) + 30, (int(random.integers(0, 6)), 2, 2))
        yield picture, np.sort(corners, axis=1).reshape(-1, 4)


def annotate_both(seed: int, size: tuple[int, int], **options: Any) -> Iterator[tuple[Any, Any, Any, Any]]:
    """Yield both annotators and both pictures, frame by frame."""
    sv = supervision()
    theirs, ours = sv.HeatMapAnnotator(**options), HeatMapAnnotator(**options)
    for picture, boxes in scenes(seed, size):
        found = sv.Detections(xyxy=boxes)
        yield theirs, ours, *(one.annotate(scene=picture.copy(), detections=found) for one in (theirs, ours))


@pytest.mark.peers
@given(
    seed=st.integers(0, 1000),
    size=st.tuples(st.integers(20, 200), st.integers(20, 200)),
    radius=st.integers(0, 60),
    kernel_size=st.sampled_from([None, 1, 3, 5, 25, 41]),
    opacity=st.sampled_from([0.0, 0.2, 0.5, 0.77, 1.0]),
    hues=st.tuples(st.integers(0, 179), st.integers(0, 179)),
)
def test_equal_to_one_level(
    seed: int,
    size: tuple[int, int],
    radius: int,
    *,
    kernel_size: int | None,
    opacity: float,
    hues: tuple[int, int],
) -> None:
    options: dict[str, Any] = {"radius": radius, "kernel_size": kernel_size, "opacity": opacity}
    options |= {"top_hue": hues[0], "low_hue": hues[1]}
    for theirs, ours, picture, own in annotate_both(seed, size, **options):
        assert (theirs.heat_mask == ours.heat_mask).all()
        assert np.abs(picture.astype(int) - own).max() <= 1


@pytest.mark.peers
def test_defaults_are_equal_in_most_pixels() -> None:
    different = 0.0
    for theirs, ours, picture, own in annotate_both(3, (200, 150)):
        assert theirs.heat_mask.dtype == ours.heat_mask.dtype
        assert np.abs(picture.astype(int) - own).max() <= 1
        different = max(different, float((picture != own).mean()))
    assert 0 < different < 0.2


@pytest.mark.peers
@pytest.mark.parametrize("kernel_size", [2, 4, 16, 26])
def test_even_kernels_differ_where_the_mean_is_a_half(kernel_size: int) -> None:
    for theirs, ours, picture, own in annotate_both(5, (180, 120), kernel_size=kernel_size, opacity=1.0):
        assert (theirs.heat_mask == ours.heat_mask).all()
        difference = np.abs(picture.astype(int) - own)
        assert difference.max() <= 10  # one hue
        assert (difference > 1).mean() < 0.01


@pytest.mark.peers
@pytest.mark.parametrize("name", [*POSITIONS, "CENTER_OF_MASS"])
def test_positions_by_member_and_by_name(name: str) -> None:
    sv = supervision()
    box, mask = np.array([[10.3, 12.6, 40.9, 31.2]]), np.zeros((1, 60, 80), dtype=bool)
    mask[:, 13:30, 11:20] = True
    found = sv.Detections(xyxy=box.astype(np.float32), mask=mask)
    corners = np.array([[[10, 20], [25, 12], [40, 20], [25, 28]]], dtype=float)
    turned = sv.Detections(xyxy=box, data={"xyxyxyxy": corners}, mask=mask)
    for detections in (found, turned):
        heat: list[Any] = []
        for annotator in (
            sv.HeatMapAnnotator(position=sv.Position[name], radius=3),
            HeatMapAnnotator(position=sv.Position[name], radius=3),
            HeatMapAnnotator(position=name, radius=3),
        ):
            annotator.annotate(np.zeros((60, 80, 3), np.uint8), detections)
            heat.append(annotator.heat_mask)
        assert np.array_equal(heat[0], heat[1])
        assert np.array_equal(heat[0], heat[2])


@pytest.mark.peers
def test_pillow_images_sizes_and_resets() -> None:
    sv = supervision()
    from PIL import Image

    theirs, ours = sv.HeatMapAnnotator(radius=5), HeatMapAnnotator(radius=5)
    found = sv.Detections(xyxy=np.array([[10.0, 10, 30, 20]]))
    for size in ((40, 30), (40, 30), (50, 30)):
        pictures = [Image.new("RGB", size, (10, 200, 90)) for _ in range(2)]
        results = [one.annotate(p, found) for one, p in zip((theirs, ours), pictures, strict=True)]
        assert results[1] is pictures[1]
        assert np.abs(np.asarray(results[0]).astype(int) - np.asarray(results[1])).max() <= 1
        assert (theirs.heat_mask == ours.heat_mask).all()
    ours.reset()
    assert ours.heat_mask is None


def test_disc_heat_and_colors_by_hand() -> None:
    annotator = HeatMapAnnotator("CENTER", 1.0, 2, None, 0, 60)
    scene = np.full((9, 9, 3), 7, dtype=np.uint8)
    boxes = np.array([[3.0, 3, 5.9, 5.9], [3, 3, 5, 5]])  # both around (4, 4): one disc
    assert annotator.annotate(scene, boxes) is scene
    rows, columns = np.ogrid[:9, :9]
    disc = (rows - 4) ** 2 + (columns - 4) ** 2 <= 4
    assert annotator.heat_mask is not None
    assert (annotator.heat_mask == disc).all()
    assert (scene[disc] == (0, 0, 255)).all()  # hue 0 is red
    assert (scene[~disc] == 7).all()
    annotator.annotate(scene, boxes[:1] + 1)
    assert scene[2, 4].tolist() == [0, 255, 255]  # half of the greatest heat: hue 30 is yellow
    assert scene[4, 4].tolist() == [0, 0, 255]


def test_nothing_is_drawn_without_heat() -> None:
    scene = np.full((9, 9, 3), 7, dtype=np.uint8)
    annotator = HeatMapAnnotator()
    assert (annotator.annotate(scene, None) == 7).all()
    assert (annotator.annotate(scene, np.array([[np.nan, 0, 1, 1], [900, 900, 950, 950]])) == 7).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"position": "MIDDLE"}, "position must be one of CENTER, "),
        ({"opacity": 1.5}, "opacity"),
        ({"radius": -1}, "radius must be a whole number"),
        ({"radius": 2.5}, "radius must be a whole number"),
        ({"kernel_size": 0}, "kernel_size must be a whole number from 1"),
        ({"top_hue": 300}, "top_hue must be a whole number from 0 to 255"),
        ({"low_hue": -1}, "low_hue must be a whole number from 0 to 255"),
    ],
)
def test_errors_name_the_argument(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        HeatMapAnnotator(**options)
    annotator = HeatMapAnnotator()
    with pytest.raises(ValueError, match=message):
        setattr(annotator, *next(iter(options.items())))


def test_center_of_mass_needs_masks() -> None:
    with pytest.raises(ValueError, match="CENTER_OF_MASS requires supervision Detections, got ndarray"):
        HeatMapAnnotator("CENTER_OF_MASS").annotate(np.zeros((9, 9, 3), np.uint8), np.zeros((1, 4)))
