"""`heatgrid.compat.ultralytics` against a plain numpy implementation of its documentation."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from heatgrid.compat.ultralytics import Heatmap
from heatgrid.viz import colormaps

SIZE = (60, 40)


def result(boxes: Any, ids: Any = None, cls: Any = None) -> Any:
    """Return the attributes of a model's result that the heat map reads."""
    return SimpleNamespace(boxes=SimpleNamespace(xyxy=np.array(boxes).reshape(-1, 4), id=ids, cls=cls))


def frame(seed: int = 0, size: tuple[int, int] = SIZE) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)


class Expected:
    """The documented arithmetic in plain numpy; boxes are clipped to the frame."""

    def __init__(
        self, shape: str = "circle", decay: float = 0.99, colormap: int = 2, alpha: float = 0.5
    ) -> None:
        self.heat = np.zeros((SIZE[1], SIZE[0]))
        self.shape, self.decay, self.alpha = shape, decay, alpha
        self.colors = colormaps.get(colormap)[:, ::-1].astype(float)

    def next(self, image: np.ndarray, boxes: Any) -> np.ndarray:
        self.heat *= self.decay
        rows, columns = np.ogrid[: SIZE[1], : SIZE[0]]
        for x0, y0, x1, y1 in boxes:
            inside = (columns >= int(x0)) & (columns < int(x1)) & (rows >= int(y0)) & (rows < int(y1))
            if self.shape == "circle":
                radius = min(int(x1) - int(x0), int(y1) - int(y0)) // 2
                cx, cy = (x0 + x1) // 2, (y0 + y1) // 2
                inside &= (columns - cx) ** 2 + (rows - cy) ** 2 <= radius**2
            self.heat[inside] += 2
        low, high = self.heat.min(), self.heat.max()
        share = (self.heat - low) / (high - low) if high > low else np.zeros_like(self.heat)
        levels = (share * 255 + 1e-7).astype(np.uint8)  # makes up for rounding errors
        mixed: np.ndarray = np.rint(image * (1 - self.alpha) + self.colors[levels] * self.alpha)
        return mixed.astype(np.uint8)


sides = st.one_of(st.integers(-20, 80).map(float), st.floats(-20, 80))
everywhere, corner = (0.0, 0.0, 60.0, 40.0), (0.0, 0.0, 1.0, 1.0)
boxes_of_frames = st.lists(
    st.lists(st.tuples(sides, sides, sides, sides), max_size=4), min_size=1, max_size=6
)


@example([[corner, everywhere], [corner]], "rect", 0.9)  # every pixel is above 0
@given(boxes_of_frames, st.sampled_from(["circle", "rect"]), st.sampled_from([0.0, 0.5, 0.9, 0.99, 1.0]))
def test_every_pixel_is_as_documented(frames: Any, shape: Any, decay: float) -> None:
    ours = Heatmap(shape=shape, decay_factor=decay)
    expected = Expected(shape, decay)
    for i, corners in enumerate(frames):
        boxes = [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in corners]
        image = frame(i)
        drawn = ours.generate_heatmap(image, [result(boxes)])
        assert (drawn == expected.next(image, boxes)).all()
        np.testing.assert_allclose(ours.heatmap, expected.heat, rtol=1e-12)


@pytest.mark.parametrize("colormap", range(22))
def test_all_colormaps_by_number(colormap: int) -> None:
    boxes = [(3.7, 4.2, 30.9, 31.0), (20, 10, 70, 30)]
    image = frame()
    drawn = Heatmap(colormap=colormap).generate_heatmap(image, result(boxes))
    assert (drawn == Expected(colormap=colormap).next(image, boxes)).all()


@pytest.mark.parametrize("alpha", [0.0, 0.125, 0.3, 0.7, 1.0])
def test_alpha_to_a_256th(alpha: float) -> None:
    boxes, image = [(3, 4, 30, 31)], frame()
    drawn = Heatmap(heatmap_alpha=alpha).generate_heatmap(image, result(boxes))
    expected = Expected(alpha=alpha).next(image, boxes)
    assert np.abs(drawn.astype(int) - expected).max() <= (0 if alpha * 256 % 1 == 0 else 1)


@pytest.mark.peers
def test_equal_to_opencv() -> None:
    cv2 = pytest.importorskip("cv2")
    boxes, image = [(3, 4, 30, 31), (10, 8, 50, 20)], frame()
    for colormap in (cv2.COLORMAP_JET, cv2.COLORMAP_PARULA):
        heat = Heatmap(colormap=colormap)
        drawn = heat.generate_heatmap(image, result(boxes))
        levels = cv2.normalize(heat.heatmap, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
        assert (drawn == cv2.addWeighted(image, 0.5, cv2.applyColorMap(levels, colormap), 0.5, 0)).all()


def test_frame_is_not_changed() -> None:
    image = frame()
    before = image.copy()
    drawn = Heatmap().generate_heatmap(image, result([(3, 4, 30, 31)]))
    assert (image == before).all()
    assert drawn.shape == image.shape
    image.flags.writeable = False
    assert (Heatmap().generate_heatmap(image, result([(3, 4, 30, 31)])) == drawn).all()


def test_invalid_boxes_and_empty_frames() -> None:
    heat = Heatmap()
    heat.generate_heatmap(frame(), result([(0, 0, 10, 10), (np.nan, 0, 1, 1), (5, 5, 5, 9), (9, 9, 2, 2)]))
    expected = Expected()
    expected.next(frame(), [(0, 0, 10, 10)])
    assert heat.heatmap.sum() == expected.heat.sum()
    nothings: list[Any] = [None, [], result([]), SimpleNamespace(boxes=None)]
    for nothing in nothings:
        before = heat.heatmap.sum()
        heat.generate_heatmap(frame(), nothing)
        assert heat.heatmap.sum() == pytest.approx(0.99 * before)


def test_boxes_without_ids_add_heat_only() -> None:
    heat = Heatmap(count_reg_pts=[(0, 20), (60, 20)])
    for y in (0, 30):
        heat.generate_heatmap(frame(), result([(10, y, 20, y + 10)]))
    assert heat.heatmap.max() == pytest.approx(2)
    assert (heat.in_counts, heat.out_counts) == (0, 0)


def go(heat: Heatmap, *places: tuple[float, float], track: int = 1, cls: int = 0) -> None:
    for x, y in places:
        heat.generate_heatmap(frame(), [result([(x - 2, y - 2, x + 2, y + 2)], [track], [cls])])


def test_line_counts_each_track_once_by_direction() -> None:
    heat = Heatmap({0: "person", 2: "car"}, count_reg_pts=[(0, 20), (60, 20)])
    go(heat, (30, 10), (30, 30), (30, 10))
    assert (heat.in_counts, heat.out_counts) == (1, 0)
    go(heat, (30, 30), (30, 10), track=2, cls=2)
    assert (heat.in_counts, heat.out_counts) == (1, 1)
    assert heat.class_wise_count == {"person": {"IN": 1, "OUT": 0}, "car": {"IN": 0, "OUT": 1}}
    go(heat, *((x, 19.0) for x in range(0, 60, 5)), track=3)
    assert (heat.in_counts, heat.out_counts) == (1, 1)


@pytest.mark.parametrize(("reach", "expected"), [(0, 0), (9, 0), (10, 1), (15, 1)])
def test_line_dist_thresh_extends_the_line(reach: float, expected: int) -> None:
    heat = Heatmap(count_reg_pts=[(0, 20), (30, 20)], line_dist_thresh=reach)
    go(heat, (40, 10), (40, 30))
    assert heat.in_counts == expected


SQUARE = [(10, 10), (50, 10), (50, 30), (10, 30)]


def test_polygon_counts_each_track_once_from_its_second_place_on() -> None:
    heat = Heatmap(["person"], count_reg_pts=SQUARE)
    go(heat, (5, 5), (30, 20), (5, 5), (30, 20))
    assert (heat.in_counts, heat.out_counts) == (1, 0)
    go(heat, (20, 20), track=2)
    assert (heat.in_counts, heat.out_counts) == (1, 0)
    go(heat, (15, 20), (12, 20), (30, 20), track=2)
    assert (heat.in_counts, heat.out_counts) == (1, 1)
    assert heat.class_wise_count == {"person": {"IN": 1, "OUT": 1}}


def test_boundary_of_the_polygon_is_outside() -> None:
    heat = Heatmap(["person"], count_reg_pts=SQUARE)
    go(heat, (5, 20), (10, 20), (10, 25), (30, 10))
    assert heat.in_counts + heat.out_counts == 0
    go(heat, (11, 20))
    assert heat.in_counts + heat.out_counts == 1


def test_classes_are_counted_as_soon_as_they_are_seen() -> None:
    heat = Heatmap({0: "person", 2: "car"})
    go(heat, (5, 5), cls=2)
    heat.generate_heatmap(frame(), [result([(3, 3, 9, 9)], cls=[0])])
    assert heat.class_wise_count == {"car": {"IN": 0, "OUT": 0}}
    heat.class_wise_count["car"]["IN"] = 9
    assert heat.class_wise_count == {"car": {"IN": 0, "OUT": 0}}


def test_centers_have_the_precision_of_the_boxes() -> None:
    boxes = np.array([[-1e-7, 0, 8, 8]], dtype=np.float32)  # the sum of x is 8 in float32
    for dtype, center in ((np.float32, 4), (np.float64, 3)):
        heat = Heatmap()
        heat.generate_heatmap(frame(), SimpleNamespace(boxes=SimpleNamespace(xyxy=boxes.astype(dtype))))
        assert np.flatnonzero(heat.heatmap[5]).tolist() == list(range(center - 3, center + 4))


def test_outline_and_counts_are_drawn_over_the_heat() -> None:
    size = (640, 480)
    options: dict[str, Any] = {"count_reg_pts": [(50, 300), (600, 300)], "heatmap_alpha": 1.0}
    plain = Heatmap(heatmap_alpha=1.0).generate_heatmap(frame(size=size), result([]))

    def changed(**more: Any) -> np.ndarray:
        drawn = Heatmap(**options | more).generate_heatmap(frame(size=size), result([]))
        different: np.ndarray = (drawn != plain).any(axis=2)
        return different

    drawn = Heatmap(**options).generate_heatmap(frame(size=size), result([]))
    assert drawn[300, 100].tolist() == [255, 0, 255]
    red = Heatmap(**options, count_reg_color=(0, 0, 255)).generate_heatmap(frame(size=size), result([]))
    assert red[300, 100].tolist() == [0, 0, 255]
    thick = {
        t: int(changed(region_thickness=t, view_in_counts=False, view_out_counts=False)[:, 100].sum())
        for t in (1, 5, 20)
    }
    assert thick[1] < thick[5] < thick[20]
    assert abs(thick[20] - 20) <= 2
    both, one, none = (
        changed(view_in_counts=a, view_out_counts=b)[:290].sum() for a, b in ((1, 1), (1, 0), (0, 0))
    )
    assert both > one > none == 0
    assert changed(line_thickness=4)[:290].sum() > 2 * both
    paper = Heatmap(**options, count_bg_color=(0, 255, 0), count_txt_color=(0, 0, 255))
    seen = {
        tuple(pixel) for pixel in paper.generate_heatmap(frame(size=size), result([]))[:290].reshape(-1, 3)
    }
    assert any(g > 150 and b < 60 and r < 60 for b, g, r in seen)
    assert any(r > 200 and g < 60 and b < 60 for b, g, r in seen)


def test_resizing() -> None:
    kept, emptied = Heatmap(imw=60, imh=40), Heatmap(on_resize="reset")
    for heat in (kept, emptied):
        heat.generate_heatmap(frame(), result([(0, 0, 60, 40)]))
        drawn = heat.generate_heatmap(frame(size=(80, 20)), result([]))
        assert drawn.shape == (20, 80, 3)
        assert heat.heatmap.shape == (20, 80)
    assert kept.heatmap.max() > 1.5
    assert emptied.heatmap.max() == 0


def test_size_arguments() -> None:
    assert Heatmap(imw=60, imh=40).heatmap.shape == (40, 60)
    assert Heatmap().heatmap.shape == (0, 0)


def test_window(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    fake = SimpleNamespace(imshow=lambda *what: shown.append(what), waitKey=lambda _: -1)
    monkeypatch.setitem(sys.modules, "cv2", fake)
    drawn = Heatmap(view_img=True).generate_heatmap(frame(), result([]))
    assert [name for name, _ in shown] == ["Ultralytics Heatmap"]
    assert shown[0][1] is drawn
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(ImportError, match="pip install opencv-python"):
        Heatmap(view_img=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shape": "star"}, "shape must be one of"),
        ({"on_resize": "raise"}, "on_resize must be one of"),
        ({"heatmap_alpha": 2}, "heatmap_alpha"),
        ({"decay_factor": -1}, "decay_factor"),
        ({"colormap": 22}, "colormap"),
        ({"imw": 60}, "imw and imh"),
        ({"count_reg_pts": [(1, 1)]}, "two points or more"),
        ({"count_reg_pts": [(1, 1), (1, 1)]}, "must differ"),
        ({"count_reg_pts": [(1, 1), (2, 1)], "line_dist_thresh": -1}, "line_dist_thresh"),
        ({"region_thickness": 0}, "region_thickness"),
        ({"line_thickness": 0}, "line_thickness"),
    ],
)
def test_errors_name_the_argument(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Heatmap(**options)
    with pytest.raises(TypeError, match="im0 must be a uint8 array"):
        Heatmap().generate_heatmap(np.zeros((3, 3, 3)), None)  # type: ignore[arg-type]
