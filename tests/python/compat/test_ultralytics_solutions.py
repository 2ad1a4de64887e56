"""`heatgrid.compat.ultralytics.solutions` with models of our own; side by side in `test_real_ultralytics`."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from heatgrid.compat.ultralytics import solutions
from heatgrid.viz import colormaps

LINE = [(10, 50), (90, 50)]
FRAME = np.full((100, 100, 3), 40, dtype=np.uint8)


class Model:
    """A model that finds one box per track at given centers, frame after frame."""

    names = {0: "person", 2: "car"}  # noqa: RUF012

    def __init__(self, *frames: dict[int, tuple[float, float]], cls: int = 0, size: float = 8) -> None:
        self.frames, self.calls, self.cls, self.half = list(frames), [], cls, size / 2  # type: ignore[var-annotated]

    def track(self, frame: np.ndarray, **options: Any) -> list[Any]:
        self.calls.append((frame, options))
        found = self.frames.pop(0) if self.frames else {}
        corners = [(x - self.half, y - self.half, x + self.half, y + self.half) for x, y in found.values()]
        boxes = SimpleNamespace(
            xyxy=np.array(corners, dtype=np.float32).reshape(-1, 4),
            cls=np.full(len(found), self.cls, dtype=np.float32),
            id=np.array(list(found), dtype=np.float32) if found else None,
            conf=np.ones(len(found), dtype=np.float32),
        )
        return [SimpleNamespace(boxes=boxes, names=self.names, obb=None)]


def path(*places: tuple[float, float], track: int = 1) -> list[dict[int, tuple[float, float]]]:
    return [{track: place} for place in places]


def run(model: Model, **options: Any) -> tuple[solutions.Heatmap, solutions.SolutionResults]:
    """Return the map and its last result, after all of a model's frames."""
    heat = solutions.Heatmap(model=model, **options)
    results = [heat(FRAME) for _ in range(len(model.frames))]
    return heat, results[-1]


def test_result_of_the_documented_call() -> None:
    model = Model({1: (50, 45), 2: (20, 20)}, {1: (50, 55), 2: (20, 25), 3: (80, 80)})
    heat, results = run(model, colormap=2, region=LINE, show_in=True, show_out=True, show=False)
    assert results.plot_im.shape == FRAME.shape
    assert (results.in_count, results.out_count, results.total_tracks) == (1, 0, 3)
    assert results.classwise_count == {"person": {"IN": 1, "OUT": 0}}
    assert (heat.in_count, heat.out_count, heat.classwise_count) == (1, 0, results.classwise_count)
    assert set(results.speed) == {"track", "solution"}
    assert (FRAME == 40).all()
    assert heat.process(FRAME).total_tracks == 0


def test_heat_never_decays_and_discs_are_those_of_clipped_boxes() -> None:
    heat, results = run(Model({1: (50, 50)}, {1: (50, 50)}, {1: (0, 50)}, {}))
    rows, columns = np.ogrid[:100, :100]
    disc = (rows - 50) ** 2 + (columns - 50) ** 2 <= 16
    disc &= (rows >= 46) & (rows < 54) & (columns >= 46) & (columns < 54)
    half = (rows - 50) ** 2 + (columns - 2) ** 2 <= 4  # the box is cut to 4 by 8 pixels
    half &= (columns < 4) & (rows >= 46) & (rows < 54)
    assert (heat.heatmap == 4 * disc + 2 * half).all()
    levels = np.array([0, 127, 255])[(heat.heatmap // 2).astype(int)]
    table = colormaps.get(21)[:, ::-1].astype(float)
    assert (results.plot_im == np.rint(FRAME * 0.5 + table[levels] * 0.5)).all()


def test_frame_is_as_it_was_until_there_is_heat() -> None:
    _, results = run(Model({}, {}))
    assert (results.plot_im == FRAME).all()
    assert results.plot_im is not FRAME
    assert (results.total_tracks, results.classwise_count) == (0, {})


@pytest.mark.parametrize(
    ("region", "places", "ways"),
    [
        (LINE, [(50, 40), (50, 60)], (1, 0)),
        (LINE, [(50, 60), (50, 40)], (0, 1)),
        (LINE[::-1], [(50, 40), (50, 60)], (1, 0)),
        (LINE, [(50, 40), (50, 50)], (1, 0)),  # on the line
        (LINE, [(95, 40), (95, 60)], (0, 0)),  # past its end
        (LINE, [(50, 40), (50, 60), (50, 40)], (1, 0)),  # once
        (LINE, [(50, 40), (60, 45), (70, 40)], (0, 0)),
        ([(50, 10), (50, 90)], [(40, 50), (60, 50)], (1, 0)),
        ([(50, 10), (50, 90)], [(60, 50), (40, 50)], (0, 1)),
        ([(20, 40), (80, 40), (80, 60), (20, 60)], [(50, 30), (50, 50)], (1, 0)),
        ([(20, 40), (80, 40), (80, 60), (20, 60)], [(50, 70), (50, 50)], (0, 1)),
        ([(20, 40), (80, 40), (80, 60), (20, 60)], [(50, 30), (50, 70)], (1, 0)),  # across all of it
        ([(20, 40), (80, 40), (80, 60), (20, 60)], [(50, 30), (50, 40)], (0, 0)),  # to its boundary
        ([(20, 40), (80, 40), (80, 60), (20, 60)], [(10, 40), (90, 40)], (0, 0)),  # along its boundary
        ([(20, 40), (80, 40), (80, 60), (20, 60)], [(50, 50)], (0, 0)),  # seen once
        ([(20, 40), (80, 40), (80, 60), (20, 60)], [(50, 50), (55, 51)], (1, 0)),
        ([(40, 20), (60, 20), (60, 80), (40, 80)], [(30, 50), (50, 49)], (1, 0)),
        ([(40, 20), (60, 20), (60, 80), (40, 80)], [(70, 50), (50, 51)], (0, 1)),
        ([(20, 20), (50, 60), (80, 20), (80, 80), (20, 80)], [(30, 20), (70, 20)], (0, 0)),  # over the notch
        ([(20, 20), (50, 60), (80, 20), (80, 80), (20, 80)], [(10, 50), (90, 50)], (0, 1)),
    ],
)
def test_regions(region: Any, places: Any, ways: tuple[int, int]) -> None:
    _, results = run(Model(*path(*places)), region=region)
    assert (results.in_count, results.out_count) == ways


def test_classes_and_tracks_are_counted_apart() -> None:
    frames: Any = [{1: (30, 40), 2: (60, 60)}, {1: (30, 60), 2: (60, 40)}, {1: (30, 40), 2: (60, 60)}]
    _, results = run(Model(*frames, cls=2), region=LINE)
    assert results.classwise_count == {"car": {"IN": 1, "OUT": 1}}


def test_region_and_counts_are_drawn_over_the_heat() -> None:
    frames: Any = path((50, 40), (50, 60))
    plain = run(Model(*frames))[1].plot_im
    shown = run(Model(*frames), region=LINE)[1].plot_im
    hidden = run(Model(*frames), region=LINE, show_in=False, show_out=False)[1].plot_im
    assert shown[50, 12].tolist() == [104, 0, 123]
    assert 0 < (hidden != plain).sum() < (shown != plain).sum()


def test_options_of_tracking_reach_the_model() -> None:
    model = Model({})
    run(model, classes=[2], conf=0.3, tracker="bytetrack.yaml", verbose=True, show_conf=False)
    ((frame, options),) = model.calls
    assert frame is FRAME
    assert options == {
        "persist": True,
        "verbose": False,
        "classes": [2],
        "conf": 0.3,
        "tracker": "bytetrack.yaml",
    }


def test_path_imports_ultralytics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ultralytics", None)
    with pytest.raises(ImportError, match="pip install ultralytics"):
        solutions.Heatmap(model="yolo11n.pt")
    assert solutions.Heatmap(model=Model()).names == Model.names


def test_size_of_frames_may_change() -> None:
    heat = solutions.Heatmap(model=Model({1: (50, 50)}, {1: (20, 20)}), on_resize="reset")
    heat(FRAME)
    heat(FRAME[:50, :80])
    assert heat.heatmap.shape == (50, 80)
    assert heat.heatmap.max() == 2


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"model": None}, TypeError, "model must be a path, or an object with a method track, got NoneType"),
        ({"regions": LINE}, TypeError, "regions is not an option"),
        (
            {"count_reg_pts": LINE},
            TypeError,
            r"of heatgrid\.compat\.ultralytics\.Heatmap, the class of 8\.2\.50",
        ),
        ({"region": [(1, 1)]}, ValueError, "region must have two points or more"),
        ({"region": [(1, 1), (1, 1)]}, ValueError, "region must differ"),
        ({"line_width": 0}, ValueError, "line_width"),
        ({"colormap": 22}, ValueError, "colormap"),
        ({"on_resize": "error!"}, ValueError, "on_resize"),
    ],
)
def test_errors_name_the_argument(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        solutions.Heatmap(**({"model": Model()} | options))
