"""`LiveHeatmap`: stamps, modes, decay, tracks, homography, resizing, snapshots and errors."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import heatgrid as hg
from reference import box_hits, disc_cells

SIZE = (40, 30)


def boxes(*corners: tuple[float, float, float, float], **columns: object) -> dict[str, object]:
    return {"xyxy": np.array(corners, dtype=float).reshape(-1, 4), **columns}


def undecayed(**options: object) -> hg.LiveHeatmap:
    """Return a map without decay, with one cell per pixel."""
    return hg.LiveHeatmap(**{"decay": 1.0, "size": SIZE, "cell": 1} | options)  # type: ignore[arg-type]


def grid_of(cells: object) -> list[list[float]]:
    heat = np.zeros((30, 40))
    for cell in cells:  # type: ignore[attr-defined]
        heat[cell] = 1.0
    return heat.tolist()


def test_stamps() -> None:
    box = (4.0, 6.0, 15.0, 27.0)
    circle = undecayed().update(boxes(box)).heat
    assert circle.tolist() == grid_of(disc_cells((9.5, 16.5), 5.5, (30, 40)))
    square = undecayed(stamp="box").update(boxes(box)).heat
    assert square.tolist() == grid_of(box_hits(box, (30, 40), size=SIZE).shares)
    point = undecayed(stamp="point").update(boxes(box)).heat
    assert point.tolist() == grid_of([(16, 9)])
    bottom = undecayed(stamp="point", anchor="bottom_center").update(boxes(box)).heat
    assert bottom.tolist() == grid_of([(27, 9)])
    fixed = undecayed(radius=3).update(boxes(box)).heat
    assert fixed.tolist() == grid_of(disc_cells((9.5, 16.5), 3, (30, 40)))
    mask = np.zeros((1, 30, 40), dtype=bool)
    mask[0, 3:5, 7:20] = True
    assert undecayed(stamp="mask").update(boxes(box, masks=mask)).heat.tolist() == mask[0].tolist()


def test_cells_can_be_coarser_than_pixels() -> None:
    live = undecayed(cell=4, size=(42, 30)).update(boxes((8, 8, 24, 24)))
    assert live.heat.shape == (8, 11)
    expected = np.zeros((8, 11))
    for cell in disc_cells((16 * 11 / 42, 16 * 8 / 30), 8 * (11 / 42 * 8 / 30) ** 0.5, (8, 11)):
        expected[cell] = 1
    assert live.heat.tolist() == expected.tolist()


def test_discs_at_the_border_keep_their_center() -> None:
    heat = undecayed().update(boxes((-8, -8, 8, 8))).heat
    assert heat.tolist() == grid_of(disc_cells((0, 0), 8, (30, 40)))


def test_decay_by_frame() -> None:
    live = hg.LiveHeatmap("point", 0.5, size=SIZE, cell=1)
    for _ in range(3):
        live.update(boxes((9, 9, 10, 10)))
    assert live.heat[9, 9] == 1.75
    live.update(None)
    assert live.heat[9, 9] == 0.875


def test_half_life_by_time() -> None:
    live = hg.LiveHeatmap("point", half_life=2.0, size=SIZE, cell=1)
    live.update(boxes((9, 9, 10, 10)), 100.0).update(None, 102.0)
    assert live.heat[9, 9] == 0.5
    live.update(None, 103.0)
    assert live.heat[9, 9] == pytest.approx(0.5 * 0.5**0.5)
    by_rate = hg.LiveHeatmap("point", half_life=2.0, size=SIZE, cell=1, fps=0.5)
    by_rate.update(boxes((9, 9, 10, 10))).update(None)
    assert by_rate.heat[9, 9] == 0.5


def test_system_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    live = hg.LiveHeatmap("point", half_life=1.0, size=SIZE, cell=1)
    for now in (5.0, 6.0):
        monkeypatch.setattr("time.monotonic", lambda now=now: now)
        live.update(boxes((9, 9, 10, 10)) if now == 5 else None)
    assert live.heat[9, 9] == 0.5


def test_union_adds_once_per_frame() -> None:
    live = undecayed(stamp="box", mode="union")
    for _ in range(2):
        live.update(boxes((0, 0, 10, 10), (5, 5, 15, 15), (0, 0, 10, 10)))
    assert sorted(set(live.heat.ravel().tolist())) == [0, 2]
    assert (live.heat > 0).sum() == 175


def test_tracks_add_once_per_cell() -> None:
    live = undecayed(stamp="box", mode="tracks")
    for x in range(10):
        live.update(boxes((x, 0, x + 5, 5), (x, 0, x + 5, 5), ids=[1, "two"]))
    assert sorted(set(live.heat.ravel().tolist())) == [0, 2]
    assert (live.heat > 0).sum() == 14 * 5
    live.update(boxes((0, 0, 5, 5), (0, 0, 5, 5), ids=[3, None]))
    assert live.heat.max() == 3
    assert live.report.skipped == {"no track, where each track counts once": 1}


def test_lost_track_returns_as_a_new_track() -> None:
    for gap, expected in ((1, 1), (2, 2)):
        live = undecayed(stamp="box", mode="tracks", max_gap=0.2, fps=10)
        live.update(boxes((0, 0, 5, 5), ids=[7]))
        for _ in range(gap):
            live.update(None)
        live.update(boxes((0, 0, 5, 5), ids=[7]))
        assert live.heat.max() == expected


def test_dwell_adds_seconds() -> None:
    live = undecayed(stamp="point", mode="dwell", max_gap=0.5)
    for now in (10.0, 10.25, 10.5, 12.0):
        live.update(boxes((9, 9, 10, 10)), now)
    assert live.heat[9, 9] == 0 + 0.25 + 0.25 + 0.5


def test_still_tracks_leave_no_heat() -> None:
    live = undecayed(stamp="point", min_movement=3.0)
    for i in range(10):
        live.update(boxes((0, 0, 2, 2), (10 + i, 10, 12 + i, 12), ids=["parked", "driving"]))
    assert live.heat[1, 1] == 0
    assert live.heat[11].tolist() == [float(x in (14, 17, 20)) for x in range(40)]
    assert live.report.notes == {"track not moving": 17}
    assert live.report.read == live.report.counted == 3
    live.update(boxes((0, 0, 2, 2), ids=[None]))
    assert live.heat[1, 1] == 1


def test_classes() -> None:
    live = undecayed(stamp="point", classes=["car", 3])
    found = boxes((0, 0, 2, 2), (4, 0, 6, 2), (8, 0, 10, 2), classes=["car", "dog", 3])
    assert live.update(found).heat[1].tolist() == [float(x in (1, 9)) for x in range(40)]
    assert live.report.read == 2
    with pytest.raises(ValueError, match="classes cannot be filtered"):
        undecayed(classes=["car"]).update(boxes((0, 0, 2, 2)))


def test_outcomes_are_reported() -> None:
    live = undecayed(stamp="box")
    live.update(boxes((np.nan, 0, 1, 1), (0, 0, 5, 5), (50, 50, 60, 60), (3, 3, 3, 9), (0.6, 0.6, 0.9, 0.9)))
    report = live.report
    assert (report.read, report.counted, report.outside, report.empty, report.counted_as_point) == (
        5,
        2,
        1,
        1,
        1,
    )
    assert report.skipped == {"coordinate or image size not finite": 1}


def test_homography_maps_anchors_to_the_plan() -> None:
    plan = np.array([[0.5, 0, 10], [0, 0.5, 5], [0, 0, 1]])
    live = hg.LiveHeatmap("point", 1.0, size=SIZE, cell=1, homography=plan)
    live.update(boxes((4, 4, 8, 20), (-100, 0, -90, 1)))
    assert np.argwhere(live.heat).tolist() == [[15, 13]]
    assert live.report.outside == 1
    tilted = np.array([[1, 0, 0], [0, 1, 0], [0, -0.1, 1]])
    live = hg.LiveHeatmap("circle", 1.0, radius=2, size=SIZE, cell=1, homography=tilted)
    live.update(boxes((4, 0, 6, 2), (4, 0, 6, 30)))
    assert live.heat.tolist() == grid_of(disc_cells((6.25, 2.5), 2, (30, 40)))
    assert live.report.skips == 1


@pytest.mark.parametrize("factor", [1.0, -2.5])
def test_points_above_the_horizon_are_skipped(factor: float) -> None:
    """The horizon is row 10 of the frame; depth is 10 divided by the rows below it."""
    plan = factor * np.array([[1.0, 0, -20], [0, 0, 10], [0, 0.1, -1]])
    live = hg.LiveHeatmap("point", 1.0, size=SIZE, cell=1, homography=plan, anchor="center")
    live.update(boxes((19, 19, 25, 21), (19, 4, 25, 6), (19, 9, 25, 11)))
    assert np.argwhere(live.heat).tolist() == [[10, 2]]
    assert live.report.skipped == {"coordinate not finite, or beyond the horizon": 2}


def test_zones_are_counted_on_the_plan() -> None:
    line = hg.LineZone((0, 15), (40, 15), anchor="bottom_center")
    live = hg.LiveHeatmap("point", size=SIZE, homography=np.diag([0.1, 0.1, 1]), zones=[line])
    for y in (100, 200):
        live.update(boxes((10, 0, 20, y), ids=[1]))
    assert line.entered.total() == 1


def test_zones_can_be_replaced() -> None:
    left = hg.PolygonZone([(0, 0), (20, 0), (20, 30), (0, 30)])
    right = hg.PolygonZone([(20, 0), (40, 0), (40, 30), (20, 30)])
    live = undecayed(zones=[left]).update(boxes((4, 4, 6, 6), (30, 4, 32, 6), ids=[1, 2]))
    live.zones = (right,)
    assert live.zones == (right,)
    live.update(boxes((4, 4, 6, 6), (30, 4, 32, 6), ids=[1, 2]))
    assert (left.entered, right.entered) == ({None: 1}, {None: 1})


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda zone: [zone, zone], ValueError, "zones must differ, got zone 1 twice"),
        (lambda zone: [zone, hg.LineZone((0, 0), (1, 1)), zone], ValueError, "zone 2 twice"),
        (lambda zone: zone, TypeError, "zones must be several"),
        (lambda _: [((0, 0), (1, 1))], TypeError, "zones must be LineZone and PolygonZone objects"),
    ],
)
def test_zones_are_checked(wrong: Any, error: type[Exception], message: str) -> None:
    given = wrong(hg.LineZone((0, 10), (40, 10)))
    with pytest.raises(error, match=message):
        undecayed(zones=given)
    live = undecayed()
    with pytest.raises(error, match=message):
        live.zones = given
    assert live.zones == ()


def test_homography_of_a_moving_camera() -> None:
    live = hg.LiveHeatmap("point", 1.0, size=(200, 200), cell=20, homography=np.eye(3))
    live.update(boxes((40, 40, 60, 60)))
    live.homography = [[1, 0, 100], [0, 1, 0], [0, 0, 1]]
    live.update(boxes((40, 40, 60, 60)))
    assert np.argwhere(live.heat).tolist() == [[3, 2], [3, 7]]
    matrix: Any = live.homography
    assert matrix.tolist() == [[1, 0, 100], [0, 1, 0], [0, 0, 1]]
    wrong: Any
    for wrong in (np.ones((3, 3)), np.eye(2), None, "eye"):
        with pytest.raises((TypeError, ValueError), match="homography must"):
            live.homography = wrong
    with pytest.raises(ValueError, match="read-only"):
        matrix[0, 2] = 0
    with pytest.raises(AttributeError, match="homography is read-only"):
        undecayed().homography = np.eye(3)
    assert undecayed().homography is None


@pytest.mark.parametrize("name", ["decay", "size", "heat", "anchor", "alpha", "min_movement", "track_count"])
def test_other_attributes_are_read_only(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(undecayed(), name, 1)


def test_size_is_that_of_the_first_frame() -> None:
    assert hg.LiveHeatmap().size is None
    live = hg.LiveHeatmap(cell=1)
    assert live.heat.shape == (0, 0)
    with pytest.raises(ValueError, match="size must be given"):
        live.update(boxes((0, 0, 1, 1)))
    live.process(np.zeros((30, 40, 3), np.uint8), boxes((0, 0, 1, 1)))
    assert live.size == SIZE
    assert live.heat.shape == (30, 40)
    assert hg.LiveHeatmap(cell=1).update(None, size=SIZE).size == SIZE


def test_resizing() -> None:
    found = boxes((0, 0, 20, 30))
    resampled = undecayed(stamp="box").update(found).update(None, size=(80, 60))
    assert resampled.heat.shape == (60, 80)
    assert (resampled.heat[:, :39] == 1).all()
    assert not resampled.heat[:, 41:].any()
    reset = undecayed(stamp="box", on_resize="reset").update(found).update(None, size=(80, 60))
    assert reset.heat.shape == (60, 80)
    assert not reset.heat.any()
    strict = undecayed(stamp="box", on_resize="error").update(found)
    with pytest.raises(ValueError, match=r"size \(40, 30\), got \(80, 60\)"):
        strict.draw(np.zeros((60, 80, 3), np.uint8))
    assert strict.heat.shape == (30, 40)


def test_snapshot_is_a_map(tmp_path: object) -> None:
    live = undecayed(stamp="box").update(boxes((0, 0, 20, 30)))
    heat = live.snapshot()
    live.update(boxes((0, 0, 20, 30)))
    assert heat.shape == (30, 40)
    assert heat.spec.weighted
    assert heat.stats().max == 1.0
    assert heat.report.counted == 1
    assert "live map of stamp box, mode detections" in heat.report.notes
    heat.save(f"{tmp_path}/live.npz")
    assert hg.load(f"{tmp_path}/live.npz") == heat
    assert (heat + live.snapshot()).stats().max == 3.0
    with pytest.raises(ValueError, match="before the frame size"):
        hg.LiveHeatmap().snapshot()


def test_streams_merge() -> None:
    one = hg.LiveHeatmap("box", 0.5, size=SIZE).update(boxes((0, 0, 20, 30))).update(None)
    two = hg.LiveHeatmap("box", 0.5, size=SIZE).update(boxes((0, 0, 40, 30)))
    assert one.merge(two) is one
    assert sorted(set(one.heat.ravel().tolist())) == [1.0, 1.5]
    assert one.report.counted == 2
    one.update(None)
    assert one.heat.max() == 0.75
    assert two.heat.max() == 1.0
    for other in (
        hg.LiveHeatmap("point", size=SIZE),
        hg.LiveHeatmap("box", size=(8, 8)),
        hg.LiveHeatmap("box"),
    ):
        with pytest.raises(ValueError, match="maps must have equal stamp, mode and size"):
            one.merge(other)
    with pytest.raises(ValueError, match="equal grids"):
        one.merge(hg.LiveHeatmap("box", size=SIZE, cell=2))


def test_reset() -> None:
    line = hg.LineZone((0, 10), (40, 10))
    live = undecayed(stamp="point", mode="tracks", zones=[line])
    for y in (0, 20):
        live.update(boxes((9, y, 10, y), ids=[1]), 50.0)
    live.reset()
    assert not live.heat.any()
    assert line.entered.total() == 0
    assert live.report.read == 0
    assert live.update(boxes((9, 0, 10, 1), ids=[1]), 0.0).heat.sum() == 1


def test_tracks_are_forgotten() -> None:
    line = hg.LineZone((0, 10), (40, 10))
    region = hg.PolygonZone([(0, 0), (10, 0), (0, 10)])
    live = undecayed(mode="tracks", min_movement=1.0, max_gap=1.0, fps=10, zones=[line, region])
    for i in range(500):
        live.update(boxes((0, i % 20, 5, i % 20 + 5), (9, 9, 12, 12), ids=[2 * i, 2 * i + 1]))
    assert len(live._accumulator._tracks) == 22
    assert len(line._tracks) == 22
    assert len(region._tracks) == 22


def test_threads() -> None:
    live = undecayed(stamp="point")
    found = boxes((9, 9, 10, 10))
    frame = np.zeros((30, 40, 3), np.uint8)

    def work() -> None:
        for _ in range(50):
            live.process(frame.copy(), found)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert live.heat[9, 9] == 200


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stamp": "star"}, "stamp must be one of"),
        ({"mode": "all"}, "mode must be one of"),
        ({"decay": 1.5}, "decay"),
        ({"half_life": 0}, "half_life"),
        ({"decay": 0.5, "half_life": 1.0}, "cannot be combined"),
        ({"cell": 0}, "cell"),
        ({"size": (0, 5)}, "size"),
        ({"size": (1.5, 5)}, "size"),
        ({"radius": -1}, "radius"),
        ({"stamp": "box", "radius": 2}, "radius requires"),
        ({"min_movement": -1}, "min_movement"),
        ({"homography": np.eye(2)}, "homography"),
        ({"homography": np.ones((3, 3)), "stamp": "point"}, "invertible"),
        ({"homography": np.eye(3), "stamp": "box"}, "homography requires"),
        (
            {"homography": np.eye(3), "size": None, "stamp": "point"},
            "size must be the size of the floor plan",
        ),
        ({"fps": 0}, "fps"),
        ({"max_gap": -1}, "max_gap"),
        ({"max_gap": np.inf}, "max_gap"),
        ({"on_restart": "stop"}, "on_restart must be one of"),
        ({"on_error": "ignore"}, "on_error must be one of"),
        ({"fps": True}, "fps"),
        ({"on_resize": "crop"}, "on_resize"),
        ({"anchor": "middle"}, "anchor"),
        ({"alpha": 2}, "alpha"),
        ({"vmax": 0}, "vmax"),
        ({"release": 2}, "release"),
        ({"scale": "lgo"}, "scale"),
        ({"zero": "no"}, "zero"),
        ({"channels": "rgba"}, "channels"),
        ({"colormap": "nope"}, "colormap"),
    ],
)
def test_errors_name_the_argument(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        hg.LiveHeatmap(**{"size": SIZE} | options)  # type: ignore[arg-type]


def test_errors_name_what_is_missing() -> None:
    found = boxes((0, 0, 2, 2))
    with pytest.raises(ValueError, match="requires masks"):
        undecayed(stamp="mask").update(found)
    with pytest.raises(ValueError, match="mode='tracks' requires tracked"):
        undecayed(mode="tracks").update(found)
    with pytest.raises(ValueError, match="min_movement requires tracked"):
        undecayed(min_movement=2).update(found)
    with pytest.raises(ValueError, match="timestamp must be a finite number"):
        undecayed().update(found, np.nan)
