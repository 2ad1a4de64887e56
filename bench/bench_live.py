"""Live map with 50 boxes per frame of 1080p, compared with other libraries, in milliseconds per frame."""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

import numpy as np

from bench import workloads
from bench.measure import Side, alternate
from bench.results import HEATGRID, TIMES, Results, Settings, Table, number

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Frame = NDArray[np.uint8]

WIDTH, HEIGHT = 1920, 1080
BOXES = 50
FRAMES = 8
"""Frames per call; all sides use the same ones, since large boxes make a frame several times slower."""

UPDATE, DRAW, PROCESS = "update", "draw", "update and draw"
SUPERVISION = "supervision, HeatMapAnnotator"
ANNOTATOR = "heatgrid.compat.supervision"
ULTRALYTICS = "Ultralytics, solutions.Heatmap of 8.2"
DESCRIBED = "numpy and OpenCV, as described for compat"
COMPAT = "heatgrid.compat.ultralytics"
NOTE = (
    f"{WIDTH} by {HEIGHT} pixels, {BOXES} boxes per frame, sizes and positions like those of COCO, "
    f"{FRAMES} frames per call, one thread. *copy* reads and writes a frame once."
)


def boxes() -> list[NDArray[np.float64]]:
    """Return the boxes of each frame, in pixels."""
    xyxy = workloads.boxes(FRAMES * BOXES).xyxy * np.array([WIDTH, HEIGHT, WIDTH, HEIGHT])
    return list(xyxy.reshape(FRAMES, BOXES, 4))


def frame() -> Frame:
    """Return a frame of random noise."""
    return np.random.default_rng(workloads.SEED).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


def over(
    frames: list[NDArray[np.float64]], call: Callable[[NDArray[np.float64]], object]
) -> Callable[[], object]:
    """Return a call that processes the boxes of all frames."""

    def turn() -> None:
        for corners in frames:
            call(corners)

    return turn


def own(frames: list[NDArray[np.float64]], **options: Any) -> list[tuple[str, Callable[[], object]]]:
    """Return the calls of heatgrid; the drawn map already contains heat."""
    heatgrid = importlib.import_module(HEATGRID)
    live = heatgrid.LiveHeatmap(size=(WIDTH, HEIGHT), fps=30, **options)
    for corners in frames:
        live.update(corners)
    picture = frame()
    name = "".join(f", {option} {value}" for option, value in options.items())
    return [
        (f"{HEATGRID}, {UPDATE}{name}", over(frames, live.update)),
        (f"{HEATGRID}, {DRAW}{name}", over(frames, lambda _: live.draw(picture))),
        (f"{HEATGRID}, {PROCESS}{name}", over(frames, lambda corners: live.process(picture, corners))),
    ]


def supervision(frames: list[NDArray[np.float64]]) -> Callable[[], object]:
    """Return the call of supervision's annotator with its defaults."""
    library = importlib.import_module("supervision")
    annotator, picture = library.HeatMapAnnotator(), frame()
    return over(frames, lambda corners: annotator.annotate(picture, library.Detections(xyxy=corners)))


def annotator(frames: list[NDArray[np.float64]]) -> Callable[[], object]:
    """Return the call of heatgrid.compat.supervision."""
    heat, picture = importlib.import_module(ANNOTATOR).HeatMapAnnotator(), frame()
    return over(frames, lambda corners: heat.annotate(picture, corners))


def ultralytics(frames: list[NDArray[np.float64]]) -> Callable[[], object]:
    """Return the call of the real class, which needs results with tracks; each frame has its own."""
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    importlib.import_module("cv2").setNumThreads(1)
    results = importlib.import_module("ultralytics.engine.results").Results
    heat = importlib.import_module("ultralytics.solutions").Heatmap({0: "object"})
    picture = frame()
    tracks = {}
    for corners in frames:
        rows = np.zeros((len(corners), 7), dtype=np.float32)
        rows[:, :4], rows[:, 4], rows[:, 5] = corners, np.arange(len(corners)) + 1, 1
        tracks[id(corners)] = [results(picture, path="", names={0: "object"}, boxes=torch.tensor(rows))]
    return over(frames, lambda corners: heat.generate_heatmap(picture, tracks[id(corners)]))


def described(frames: list[NDArray[np.float64]]) -> Callable[[], object]:
    """Return the arithmetic of heatgrid.compat.ultralytics, written with numpy and OpenCV."""
    cv2 = importlib.import_module("cv2")
    cv2.setNumThreads(1)
    heat, picture = np.zeros((HEIGHT, WIDTH), dtype=np.float32), frame()

    def step(corners: NDArray[np.float64]) -> object:
        nonlocal heat
        heat *= 0.99
        for x0, y0, x1, y1 in corners.astype(int).tolist():
            rows, columns = np.ogrid[:HEIGHT, :WIDTH]
            radius = min(x1 - x0, y1 - y0) // 2
            disc = (columns - (x0 + x1) // 2) ** 2 + (rows - (y0 + y1) // 2) ** 2 <= radius**2
            heat[y0:y1, x0:x1] += 2 * disc[y0:y1, x0:x1]
        levels = cv2.normalize(heat, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
        return cv2.addWeighted(picture, 0.5, cv2.applyColorMap(levels, cv2.COLORMAP_JET), 0.5, 0)

    return over(frames, step)


def compat(frames: list[NDArray[np.float64]]) -> Callable[[], object]:
    """Return the call of heatgrid.compat.ultralytics."""
    module = importlib.import_module(COMPAT)
    heat, picture = module.Heatmap(), frame()
    return over(frames, lambda corners: heat.generate_heatmap(picture, corners))


def copy(frames: list[NDArray[np.float64]]) -> Callable[[], object]:
    """Return the physical limit: one copy of a frame."""
    picture = frame()
    out = np.empty_like(picture)
    return over(frames, lambda _: np.copyto(out, picture))


def run(settings: Settings, results: Results) -> None:
    """Measure all sides alternately, and add the table."""
    frames = boxes()
    calls = [*own(frames), *own(frames, cell=1), (COMPAT, compat(frames)), ("copy", copy(frames))]
    calls.append((ANNOTATOR, annotator(frames)))
    peers = (
        (SUPERVISION, "supervision", supervision),
        (DESCRIBED, "cv2", described),
        (ULTRALYTICS, "ultralytics", ultralytics),
    )
    for name, needed, make in peers:
        if importlib.util.find_spec(needed) is None:
            results.missing.append(f"live: {needed} is not installed")
        else:
            calls.append((name, make(frames)))
    timings = alternate([Side(name, call, FRAMES) for name, call in calls], settings.repetitions)
    for timing in timings:
        results.add("live", timing.side, HEIGHT, timing)
    whole = next(t.per_shape for t in timings if t.side == f"{HEATGRID}, {PROCESS}")
    rows = [[t.side, number(t.per_shape / 1e6), f"{number(t.per_shape / whole)}{TIMES}"] for t in timings]
    header = ("", "ms per frame", f"{TIMES} {HEATGRID}, {PROCESS}")
    results.tables.append(Table("Live", NOTE, header, rows))
