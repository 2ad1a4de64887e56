"""Heat drawn over frames: colors, scales, frame checks, and outlines and labels of zones."""

from __future__ import annotations

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.live.drawing import Style, design_unit, render_label
from heatgrid.viz import colormaps
from heatgrid.viz.scales import Scale, ScaleName

SIZE = (64, 48)
GREY = 100


def frame(size: tuple[int, int] = SIZE) -> np.ndarray:
    return np.full((size[1], size[0], 3), GREY, dtype=np.uint8)


def live(**options: object) -> hg.LiveHeatmap:
    return hg.LiveHeatmap(**{"stamp": "box", "decay": 1.0, "size": SIZE, "cell": 1} | options)  # type: ignore[arg-type]


def left_half(times: int = 1, **options: object) -> hg.LiveHeatmap:
    made = live(**options)
    for _ in range(times):
        made.update([[0, 0, 32, 48]])
    return made


def mixed(color: np.ndarray, alpha: float) -> list[int]:
    share = round(256 * alpha) / 256
    return [int(v) for v in np.rint(GREY * (1 - share) + color * share)]


def test_greatest_heat_has_the_last_color() -> None:
    jet = colormaps.get("jet")
    for channels, order in (("bgr", -1), ("rgb", 1)):
        drawn = left_half(colormap="jet", alpha=0.5, channels=channels).draw(frame())
        assert drawn[5, 5].tolist() == mixed(jet[255][::order], 0.5)
        assert (drawn[:, 32:] == GREY).all()


def test_zero_can_be_drawn() -> None:
    drawn = left_half(zero="color", colormap="jet", alpha=1.0).draw(frame())
    jet = colormaps.get("jet")
    assert drawn[5, 60].tolist() == jet[0][::-1].tolist()
    assert drawn[5, 5].tolist() == jet[255][::-1].tolist()


def test_fixed_scale() -> None:
    turbo = colormaps.get("turbo")
    drawn = left_half(3, vmax=12.0, zero="color", alpha=1.0, channels="rgb").draw(frame())
    assert drawn[5, 5].tolist() == turbo[round(255 * 3 / 12)].tolist()
    drawn = left_half(30, vmax=12.0, zero="color", alpha=1.0, channels="rgb").draw(frame())
    assert drawn[5, 5].tolist() == turbo[255].tolist()


def test_frame_scale_ranges_from_least_to_greatest() -> None:
    turbo = colormaps.get("turbo")
    made = live(scale="frame", alpha=1.0, zero="color", channels="rgb")
    made.update([[0, 0, 64, 48], [0, 0, 32, 48], [0, 0, 16, 48]])
    drawn = made.draw(frame())
    assert [drawn[5, x].tolist() for x in (60, 20, 5)] == [turbo[i].tolist() for i in (0, 128, 255)]


@pytest.mark.parametrize("kind", ["linear", "log", "sqrt", "gamma", "rank", "percentile"])
def test_scales_of_maps(kind: ScaleName) -> None:
    """Three areas of 1, 2 and 7 detections have the colors of a map with these counts in its scale."""
    made = live(scale=kind, alpha=1.0, zero="color", channels="rgb", vmin=0.5, vmax=5.0)
    made.update([[0, 0, 64, 48], [0, 0, 32, 48], *[[0, 0, 16, 48]] * 5])
    drawn = made.draw(frame())
    shares = Scale.of(made.heat, kind, vmin=0.5, vmax=5.0).normalize([1, 2, 7])
    turbo = colormaps.get("turbo")
    found = [drawn[5, x].tolist() for x in (60, 24, 5)]
    assert found == [turbo[round(255 * share)].tolist() for share in shares.tolist()]


def test_least_heat_of_the_scale() -> None:
    turbo = colormaps.get("turbo")
    made = live(vmin=2.0, alpha=1.0, zero="color", channels="rgb")
    made.update([[0, 0, 64, 48], *[[0, 0, 32, 48]] * 5])
    drawn = made.draw(frame())
    assert [drawn[5, x].tolist() for x in (60, 5)] == [turbo[0].tolist(), turbo[255].tolist()]
    with pytest.raises(ValueError, match="vmax must be greater than vmin"):
        live(vmin=2.0, vmax=1.0)
    with pytest.raises(ValueError, match="vmin must be at least 0"):
        live(vmin=-1.0)


def test_steady_scale_falls_slowly() -> None:
    made = live(decay=0.5, release=0.9, alpha=1.0, zero="color", channels="rgb")
    turbo = colormaps.get("turbo")
    made.update([[0, 0, 32, 48]])
    seen = [made.draw(frame())[5, 5].tolist()]
    seen += [made.update(None).draw(frame())[5, 5].tolist() for _ in range(3)]
    assert seen == [turbo[round(255 * (0.5 / 0.9) ** i)].tolist() for i in range(4)]
    made.reset()
    made.update([[0, 0, 32, 48]])
    assert made.draw(frame())[5, 5].tolist() == turbo[255].tolist()


def test_little_heat_is_visible_without_decay_only() -> None:
    for decay, visible in ((1.0, True), (0.999999, False)):
        made = left_half(decay=decay, vmax=1e6)
        assert bool((made.draw(frame())[:, :32] != GREY).all()) is visible
        assert (made.draw(frame())[:, 32:] == GREY).all()


def test_coarse_cells_are_interpolated() -> None:
    drawn = left_half(cell=16, colormap="bone", alpha=1.0, zero="color", channels="rgb").draw(frame())
    row = drawn[5, :, 0].astype(int)
    assert (np.diff(row) <= 0).all()
    assert len(set(row.tolist())) > 10


def test_draw_in_place_or_into_out() -> None:
    made = left_half()
    given = frame()
    assert made.draw(given) is given
    expected = given.copy()
    source, out = frame(), np.zeros((48, 64, 3), np.uint8)
    assert made.draw(source, out=out) is out
    assert (out == expected).all()
    assert (source == GREY).all()
    large = np.full((60, 80, 3), GREY, dtype=np.uint8)
    made.draw(large[6:54, 8:72])
    assert (large[6:54, 8:72] == expected).all()
    large[6:54, 8:72] = GREY
    assert (large == GREY).all()
    both = np.full((49, 64, 3), GREY, dtype=np.uint8)
    made.draw(both[:48], out=both[1:])
    assert (both[1:] == expected).all()


def test_process_is_update_and_draw() -> None:
    one, two = live(), live()
    drawn = one.process(frame(), [[0, 0, 32, 48]], 1.0)
    assert (two.update([[0, 0, 32, 48]], 1.0).draw(frame()) == drawn).all()


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (np.zeros((48, 64)), TypeError, "uint8"),
        ([[1]], TypeError, "uint8 array, got list"),
        (np.zeros((48, 64), np.uint8), ValueError, "height, width, 3"),
        (np.zeros((48, 64, 4), np.uint8), ValueError, "height, width, 3"),
        (np.zeros((0, 64, 3), np.uint8), ValueError, "height, width, 3"),
        (np.zeros((48, 128, 3), np.uint8)[:, ::2], ValueError, "ascontiguousarray"),
        (np.zeros((48, 64, 3), np.uint8)[..., ::-1], ValueError, "ascontiguousarray"),
        (np.frombuffer(bytes(48 * 64 * 3), np.uint8).reshape(48, 64, 3), ValueError, "read-only"),
    ],
)
def test_invalid_frames_are_refused(given: np.ndarray, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        live().draw(given)


def test_out_must_match_the_frame() -> None:
    with pytest.raises(ValueError, match="out must have the frame's shape"):
        live().draw(frame(), out=np.zeros((48, 63, 3), np.uint8))
    with pytest.raises(TypeError, match="out must be a uint8"):
        live().draw(frame(), out=np.zeros((48, 64, 3)))  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [(640, 480), (854, 480), (3840, 2160)])
def test_label_scales_with_the_frame(size: tuple[int, int]) -> None:
    made = render_label(
        "in 1,234 · out 5", (size[0] / 2, size[1] / 2), (0, -1), size, channels="bgr", style=Style()
    )
    top, left = made.places.min(axis=0)
    bottom, right = made.places.max(axis=0) + 1
    assert 0.04 < (bottom - top) / size[1] < 0.06
    picture = np.full((size[1], size[0], 3), 128, np.uint8)
    made.blend(picture)
    label = picture[top:bottom, left:right]
    assert label.max() == 255
    assert label.min() < 80
    assert design_unit(size) == size[1] / 480


def test_labels_stay_in_the_frame() -> None:
    for middle in ((-50, -50), (5000, 5000)):
        picture = frame((200, 100))
        text = "a text that is much longer than the frame is wide"
        label = render_label(text, middle, (1, 0), (200, 100), channels="rgb", style=Style())
        label.blend(picture)
        assert (picture != GREY).any()


def test_zones_are_drawn_over_the_heat_with_current_counts() -> None:
    size = (640, 480)
    line = hg.LineZone((40, 400), (600, 400), name="door", color=(255, 0, 0))
    region = hg.PolygonZone([(100, 200), (500, 200), (500, 360), (100, 360)])
    made = live(size=size, zones=[line, region], alpha=1.0, channels="rgb")
    drawn = made.process(frame(size), {"xyxy": [[0, 0, 640, 480]], "ids": [1]}, 0.0)
    assert drawn[400, 80].tolist() == [255, 0, 0]
    assert drawn[280, 100].tolist() == [255, 255, 255]
    assert (made.draw(frame(size)) == drawn).all()
    line.entered["x"] = 8
    assert (made.draw(frame(size)) != drawn).any()


def test_zones_outside_the_frame_are_not_drawn() -> None:
    made = live(zones=[hg.LineZone((-500, -500), (-400, -500))])
    drawn = made.draw(frame((64, 480)))
    assert (drawn[100:] == GREY).all()
