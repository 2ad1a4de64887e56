"""`heatgrid.compat.ultralytics` side by side with the real library: one script, only the import changes.

Version 8.2.50 and the current one are in environments of their own; each test needs one of them.
"""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.compat import ultralytics as ours
from heatgrid.core.ragged import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.clients, pytest.mark.filterwarnings("ignore")]

NAMES = {0: "person", 1: "car", 2: "dog"}
WIDTH, HEIGHT = 200, 120
LINES = [[(20, 60), (180, 60)], [(100, 10), (100, 110)], [(180, 100), (20, 30)]]
POLYGONS = [
    [(30, 30), (170, 30), (170, 90), (30, 90)],
    [(90, 20), (120, 20), (120, 100), (90, 100)],
    [(20, 20), (100, 100), (180, 20)],
]
Frame = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def library(*, current: bool) -> Any:
    """Return the real solutions of version 8.2.50, or of a later one."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    torch.set_num_threads(1)
    ultralytics = pytest.importorskip("ultralytics", reason="ultralytics is not installed")
    if ultralytics.__version__.startswith("8.2.") == current:
        pytest.skip(f"needs {'a later ultralytics than 8.2' if current else 'ultralytics 8.2.50'}")
    return pytest.importorskip("ultralytics.solutions")


def scene(seed: int, *, inside: bool = True, tracks: int = 8, frames: int = 12) -> Iterator[Frame]:
    """Yield pictures, boxes, ids and classes of objects that move along straight lines."""
    random = np.random.default_rng(seed)
    places = random.uniform(20, [WIDTH - 20, HEIGHT - 20], (tracks, 2))
    steps, sizes = random.normal(0, 12, (tracks, 2)), random.uniform(4, 20, (tracks, 2))
    classes, ids = random.integers(0, 3, tracks), np.arange(tracks) + 1
    for _ in range(frames):
        places = places + steps
        boxes = np.concatenate([places - sizes / 2, places + sizes / 2], axis=1).round(2)
        is_inside = ((boxes[:, :2] >= 0) & (boxes[:, 2:] <= [WIDTH, HEIGHT])).all(axis=1)
        seen = np.flatnonzero(is_inside | (not inside))
        picture = random.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
        yield picture, boxes[seen], ids[seen], classes[seen]


def results(frame: Frame) -> list[Any]:
    """Return the real library's results of one frame."""
    import torch
    from ultralytics.engine.results import Results

    picture, boxes, ids, classes = frame
    rows = np.concatenate([boxes, ids[:, None], np.full((len(ids), 1), 0.9), classes[:, None]], axis=1)
    return [
        Results(picture, path="", names=NAMES, boxes=torch.tensor(rows.reshape(-1, 7), dtype=torch.float32))
    ]


# Version 8.2.50


@pytest.fixture
def old() -> Any:
    return library(current=False)


def both_old(old: Any, frames: Any, **options: Any) -> Iterator[tuple[Any, Any, np.ndarray, np.ndarray]]:
    """Yield both maps and both pictures, frame by frame; the original needs tracks in each frame."""
    maps = old.Heatmap(NAMES, **options), ours.Heatmap(NAMES, **options)
    for frame in frames:
        if len(frame[2]):
            tracks = results(frame)
            yield *maps, *(one.generate_heatmap(frame[0].copy(), tracks) for one in maps)


@pytest.mark.parametrize("shape", ["circle", "rect"])
@pytest.mark.parametrize("decay", [1.0, 0.5, 0.99])
def test_heat_and_pictures_of_8_2(old: Any, shape: str, decay: float) -> None:
    pixels = different = 0
    for seed in range(5):
        options = {"shape": shape, "decay_factor": decay, "colormap": (2, 12, 20)[seed % 3]}
        for theirs, mine, picture, own in both_old(old, scene(seed), **options):
            if decay < 0.99:
                assert (theirs.heatmap == mine.heatmap).all()  # powers of two are exact in float32, too
            np.testing.assert_allclose(theirs.heatmap, mine.heatmap, rtol=1e-5)
            assert np.abs(picture.astype(int) - own).max() <= 3  # a neighbor in the colormap
            pixels, different = pixels + own.size, different + int((picture != own).sum())
    assert different <= pixels / 1000  # where the level of float32 is that of another whole number


@pytest.mark.parametrize("polygon", POLYGONS)
def test_polygons_of_8_2_count_the_same_tracks(old: Any, polygon: Any) -> None:
    counted = 0
    for seed in range(10):
        for theirs, mine, *_ in both_old(old, scene(seed), count_reg_pts=polygon):
            assert mine.in_counts + mine.out_counts == theirs.in_counts + theirs.out_counts
            assert list(mine.class_wise_count) == list(theirs.class_wise_count)
            for name, ways in theirs.class_wise_count.items():
                assert sum(mine.class_wise_count[name].values()) == sum(ways.values())
        counted += mine.in_counts + mine.out_counts
    assert counted > 5


def test_entering_a_polygon_of_8_2_is_in_for_both(old: Any) -> None:
    """Small boxes move by more than half of their width towards the center, from the left or the right."""
    polygon = POLYGONS[0]
    for first in ((10, 1), (190, -1)):
        frames = []
        for i in range(4):
            x = first[0] + 20 * first[1] * i
            box = np.array([[x - 4.0, 56.0, x + 4.0, 64.0]])
            frames.append((np.zeros((HEIGHT, WIDTH, 3), np.uint8), box, np.array([1]), np.array([1])))
        for theirs, mine, *_ in both_old(old, frames, count_reg_pts=polygon):
            assert mine.class_wise_count == theirs.class_wise_count
        assert mine.class_wise_count == {"car": {"IN": 1, "OUT": 0}}


def test_lines_of_8_2_count_the_tracks_that_cross_slowly(old: Any) -> None:
    """Both count a track that crosses the line in short steps; the ways differ."""
    for line in LINES[:2]:
        (x1, y1), (x2, y2) = line
        along = np.array([y2 - y1, x1 - x2]) / np.hypot(x2 - x1, y2 - y1)
        for direction in (1, -1):
            frames = []
            for i in range(-5, 6):
                x, y = (100, 60) - direction * i * 4.0 * along + (0.3, 0.3)
                box = np.array([[x - 4, y - 4, x + 4, y + 4]])
                frames.append((np.zeros((HEIGHT, WIDTH, 3), np.uint8), box, np.array([1]), np.array([0])))
            theirs, mine, *_ = list(both_old(old, frames, count_reg_pts=line))[-1]
            assert theirs.in_counts + theirs.out_counts == mine.in_counts + mine.out_counts == 1


def test_defects_of_8_2(old: Any) -> None:
    """The table of differences is true: what the original does there."""
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)

    def frame(*box: float, size: tuple[int, int] = (HEIGHT, WIDTH)) -> Frame:
        return picture[: size[0], : size[1]], np.array([box]), np.array([1]), np.array([0])

    def heat(*frames: Frame, **options: Any) -> Any:
        theirs = old.Heatmap(NAMES, **options)
        for one in frames:
            theirs.generate_heatmap(one[0].copy(), results(one))
        return theirs

    assert heat(frame(-20, 40, 20, 80)).heatmap.sum() == 0  # partly outside
    with pytest.raises(Exception, match=r"(?i)size|shape"):
        heat(frame(10, 10, 20, 20), frame(60, 60, 110, 70, size=(80, 100)), shape="rect").generate_heatmap(
            picture[:80, :100].copy(), results(frame(10, 10, 20, 20))
        )
    beside = [frame(x - 4, 46, x + 4, 54) for x in (40, 60, 80)]  # ten pixels above the line
    assert heat(*beside, count_reg_pts=LINES[0]).in_counts == 1
    assert sum(heat(*beside, count_reg_pts=LINES[0]).class_wise_count["person"].values()) == 1
    fast = [frame(46, y - 4, 54, y + 4) for y in (20, 100)]
    assert heat(*fast, count_reg_pts=LINES[0]).in_counts + heat(*fast, count_reg_pts=LINES[0]).out_counts == 0
    untracked = results(frame(10, 10, 20, 20))
    untracked[0].boxes.data = untracked[0].boxes.data[:, [0, 1, 2, 3, 5, 6]]
    untracked[0].boxes.is_track = False
    with pytest.raises(AttributeError, match=r"id|int"):
        old.Heatmap(NAMES).generate_heatmap(picture.copy(), untracked)


# The current version


class Model:
    """A model that finds what it is told; `Heatmap` of the original calls it as its own."""

    names = NAMES

    def __init__(self) -> None:
        self.next: list[Any] = []
        trackers = [SimpleNamespace(removed_stracks_frame=[])]
        self.predictor = SimpleNamespace(trackers=trackers, imgsz=(HEIGHT, WIDTH))

    def track(self, source: Any = None, **_: Any) -> list[Any]:  # noqa: ARG002
        return self.next


@pytest.fixture
def new(monkeypatch: pytest.MonkeyPatch) -> Any:
    solutions = library(current=True)
    monkeypatch.setattr("ultralytics.solutions.solutions.YOLO", lambda model: model)
    return solutions


def both_new(new: Any, frames: Any, **options: Any) -> Iterator[tuple[Any, Any, Any, Any]]:
    """Yield both maps and both results, frame by frame."""
    model = Model()
    maps = [one.Heatmap(model=model, verbose=False, show=False, **options) for one in (new, ours.solutions)]
    for frame in frames:
        model.next = results(frame)
        yield *maps, *(one(frame[0].copy()) for one in maps)


@pytest.mark.parametrize("region", [*LINES, *POLYGONS, None])
def test_counts_and_heat_of_the_current_version(new: Any, region: Any) -> None:
    counted = 0
    for seed in range(12):
        for theirs, mine, result, own in both_new(new, scene(seed, inside=seed % 2 == 0), region=region):
            for name in ("in_count", "out_count", "classwise_count", "total_tracks"):
                assert getattr(own, name) == getattr(result, name), name
            assert (theirs.heatmap == mine.heatmap).all()
            if region is None:
                assert (result.plot_im == own.plot_im).all()
        counted += own.in_count + own.out_count
    assert region is None or counted > 10


def test_coordinates_on_the_line_and_on_the_boundary(new: Any) -> None:
    """Objects on whole coordinates, so that many centers lie on lines, edges and vertices."""
    for region in (*LINES, *POLYGONS):
        for seed in range(8):
            random = np.random.default_rng(seed)
            frames = []
            for _ in range(10):
                centers = random.integers(2, [WIDTH // 10 - 2, HEIGHT // 10 - 2], (6, 2)) * 10.0
                boxes = np.concatenate([centers - 4, centers + 4], axis=1)
                picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
                frames.append((picture, boxes, np.arange(6) + 1, np.zeros(6, dtype=int)))
            for *_, result, own in both_new(new, frames, region=region):
                assert (own.in_count, own.out_count) == (result.in_count, result.out_count)


def test_members_of_the_result(new: Any) -> None:
    *_, result, own = next(both_new(new, scene(0)))
    assert set(result.speed) == set(own.speed)
    assert all(hasattr(result, name) for name in type(own).__slots__)
    assert "total_tracks" in str(result)


def test_real_model_without_weights(new: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path imports ultralytics; random weights find nothing to track, and the picture stays."""
    monkeypatch.chdir(tmp_path)
    heat = ours.solutions.Heatmap(model="yolov8n.yaml", region=LINES[0])
    assert type(heat.model).__name__ == "YOLO"
    picture = next(scene(0))[0]
    result = heat(picture)
    assert (result.total_tracks, result.in_count, result.plot_im.shape) == (0, 0, picture.shape)
    assert new.Heatmap is not ours.solutions.Heatmap


# Results as annotations


BOXES = [[8, 8, 24, 24], [0, 0, 64, 32], [40, 4, 44, 30]]
SIZE = (64, 32)
KNOWN = {0: "car", 1: "bus", 2: "dog"}


def found(**parts: Any) -> Any:
    """Return real results of one image, with three boxes unless there are others."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    engine = pytest.importorskip("ultralytics.engine.results", reason="ultralytics is not installed")
    rows = [[*box, 0.5, cls] for box, cls in zip(BOXES, (0, 2, 0), strict=True)]
    columns = {"boxes": rows} | parts
    tensors = {name: torch.tensor(rows) for name, rows in columns.items() if rows is not None}
    picture = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    return engine.Results(picture, path="street.jpg", names=KNOWN, **tensors)


def counted() -> hg.Heatmap:
    """Return the map of the three boxes, counted from their array."""
    names = ("car", "bus", "dog")
    return hg.Heatmap(16, names).add_boxes(np.array(BOXES, dtype=float), size=SIZE, labels=[0, 2, 0])


def test_results_have_size_and_names() -> None:
    assert hg.Heatmap(16, ("car", "bus", "dog")).add(found()) == counted()
    batch = hg.annotations_from(found(), library="ultralytics")
    assert list(batch.image_names) == ["street.jpg"]
    assert batch.ids is None
    batch.validate()
    tracked = [[*box, i, 0.5, 0] for i, box in enumerate(BOXES, 1)]
    assert hg.annotations_from(found(boxes=tracked)).ids == [1, 2, 3]


def test_results_without_detections_are_an_image() -> None:
    for rows in (None, np.zeros((0, 6))):
        heat = hg.Heatmap(16, ("car",)).add(found(boxes=rows))
        assert (heat.report.images, heat.report.read) == (1, 0)


def test_masks_of_results_are_outlines() -> None:
    masks = np.zeros((3, SIZE[1], SIZE[0]), dtype=np.float32)
    masks[0, 2:20, 2:20] = masks[2, 5:30, 5:9] = 1
    real = found(masks=masks)
    batch = hg.annotations_from(real, library="ultralytics")
    batch.validate()
    assert batch.kinds.tolist() == [Kind.BOX | Kind.POLYGON, Kind.BOX, Kind.BOX | Kind.POLYGON]
    rings = [ring for ring in real.masks.xy if len(ring)]
    expected = hg.Heatmap(16).add_polygons(
        np.concatenate(rings), [0, len(rings[0]), len(rings[0]) + len(rings[1])], size=SIZE
    )
    heat = hg.Heatmap(16).add(batch, geometry="polygon")
    assert heat.counts.tolist() == expected.counts.tolist()


def test_oriented_results_and_keypoints() -> None:
    batch = hg.annotations_from(found(boxes=None, obb=[[10, 10, 14.0, 14.0, 0.785, 3, 0.9, 0]]))
    assert batch.kinds.tolist() == [Kind.POLYGON]
    assert batch.ids == [3]
    assert batch.polygons is not None
    corners = {(round(x), round(y)) for x, y in batch.polygons.coords.tolist()}
    assert corners == {(10, 0), (20, 10), (10, 20), (0, 10)}
    heat = hg.Heatmap(16).add(found(keypoints=[[[8.0, 8.0], [0.0, 0.0]]] * 3), geometry="point")
    assert heat.counts.sum() == 3


def test_list_of_results_is_one_batch() -> None:
    heat = hg.Heatmap(16, count="images").add([found(), found(boxes=np.zeros((0, 6))), found()])
    assert heat.counts.max() == 2
    assert (heat.report.images, heat.report.read) == (3, 6)
    other = found()
    other.names = {0: "dog", 2: "car"}
    batch = hg.annotations_from([found(), other], library="ultralytics")
    assert batch.label.tolist() == [0, 1, 0, 1, 0, 1]
    assert batch.classes == ("car", "dog")
    batch.validate()


def test_results_of_one_frame_are_detections() -> None:
    tracked = found(boxes=[[*box, i, 0.5, 2] for i, box in enumerate(BOXES, 1)])
    live = hg.LiveHeatmap(size=SIZE, stamp="box", cell=1, decay=1)
    assert (
        live.update([tracked]).heat == hg.LiveHeatmap(size=SIZE, stamp="box", cell=1).update(BOXES).heat
    ).all()
    assert live.track_count == 3


# Speed, printed with -s and never judged


def test_time_per_frame_of_8_2(old: Any) -> None:
    random = np.random.default_rng(0)
    picture = random.integers(0, 256, (1080, 1920, 3), dtype=np.uint8)
    corners = random.uniform(0, [1800, 1000], (50, 2))
    boxes = np.concatenate([corners, corners + random.uniform(10, 80, (50, 2))], axis=1)
    tracks = results((picture, boxes, np.arange(50) + 1, np.zeros(50, dtype=int)))
    maps = old.Heatmap(NAMES), ours.Heatmap(NAMES)
    times: list[list[float]] = [[], []]
    for _ in range(3):
        for one, own in zip(maps, times, strict=True):
            begin = time.perf_counter()
            one.generate_heatmap(picture, tracks)
            own.append(time.perf_counter() - begin)
    print(*(f"{1e3 * min(own):.2f} ms" for own in times))  # noqa: T201
