"""Maps computed from counts: ratios, rates per image and suppressed counts, in arrays and in all files."""

from __future__ import annotations

import csv
import io
import json
import math
import pickle
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import heatgrid as hg

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAN = math.nan


def map_of(*grids: list[list[int]], classes: tuple[str, ...] | None = None, **options: Any) -> hg.Heatmap:
    counts = np.array(grids)
    heat = hg.Heatmap(counts.shape[1:], classes, by_class=classes is not None, **options)
    heat.fill(counts.astype(heat.spec.dtype))
    return heat


def assert_equal(found: Any, expected: Any) -> None:
    np.testing.assert_array_equal(np.array(found, dtype=float), np.array(expected, dtype=float))


NIGHT = map_of([[1, 2], [0, 9]], [[2, 0], [0, 0]], classes=("car", "dog"))
ALL = map_of([[4, 2], [0, 9]], [[4, 1], [3, 0]], classes=("car", "dog"))


def test_ratio_by_hand() -> None:
    found = hg.ratio(NIGHT, ALL)
    assert_equal(found.counts, [[3 / 8, 2 / 3], [0, 1]])
    assert_equal(found.by_class, [[[0.25, 1], [NAN, 1]], [[0.5, 0], [0, NAN]]])
    assert found.classes == ("car", "dog")
    assert_equal(found["dog"].counts, [[0.5, 0], [0, NAN]])


def test_cells_below_least_have_no_data() -> None:
    assert_equal(hg.ratio(NIGHT, ALL, least=8).counts, [[3 / 8, NAN], [NAN, 1]])
    assert_equal(hg.ratio(NIGHT, ALL, least=4).by_class[0], [[0.25, NAN], [NAN, 1]])


def test_classes_are_matched_by_name() -> None:
    other = map_of([[2, 1], [1, 1]], [[4, 4], [4, 4]], classes=("dog", "cat"))
    assert_equal(hg.ratio(ALL, other).by_class, [[[NAN, NAN], [NAN, NAN]], [[2, 1], [3, 0]]])
    assert_equal(hg.ratio(ALL, map_of([[2, 2], [2, 2]])).by_class[0], [[2, 1], [0, 4.5]])
    assert hg.ratio(map_of([[1, 1], [1, 1]]), ALL).classes == ()


def test_weights_over_counts_are_a_mean() -> None:
    boxes = np.array([[0, 0, 1, 1], [0, 0, 0.4, 1]])
    weights = hg.Heatmap((1, 2), weighted=True).add_boxes(boxes, weights=[0.9, 0.3])
    assert_equal(hg.ratio(weights, hg.Heatmap((1, 2)).add_boxes(boxes)).counts, [[0.6, 0.9]])


@pytest.mark.parametrize(
    ("a", "b", "options", "error", "message"),
    [
        (NIGHT, hg.Heatmap(3), {}, ValueError, "maps must have the same grid"),
        (NIGHT, hg.Heatmap(2, rule="touch"), {}, ValueError, "maps must have the same rule"),
        (NIGHT, ALL, {"least": 0}, ValueError, "least must be finite and above 0, got 0"),
        (NIGHT, ALL, {"least": NAN}, ValueError, "least must be finite and above 0, got nan"),
        (NIGHT, ALL, {"least": "5"}, TypeError, "least must be a number, got '5'"),
        (NIGHT, ALL, {"unit": None}, TypeError, "unit must be a string, got None"),
        (NIGHT, 3, {}, TypeError, "b must be a map, got int"),
        ("x.json", ALL, {}, TypeError, "a must be a map, got str"),
    ],
)
def test_wrong_arguments_are_named(a: Any, b: Any, options: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        hg.ratio(a, b, **options)


def test_per_image_by_hand() -> None:
    table = {"image": ["a", "a", "b"], "class": ["car", "car", "dog"], "x": [0.1, 0.1, 0.9], "y": [0.1] * 3}
    frame = pytest.importorskip("pandas").DataFrame(table)
    heat = hg.heatmap(frame, (1, 2))
    assert_equal(heat.per_image().counts, [[1, 0.5]])
    assert_equal(heat.per_image().by_class, [[[1, 0]], [[0, 0.5]]])
    assert heat.per_image().spec.unit == "objects per image"
    images = hg.heatmap(frame, (1, 2), count="images").per_image()
    assert_equal(images.counts, [[0.5, 0.5]])
    assert images.spec.unit == "share of images"


def test_per_image_needs_the_number_of_images() -> None:
    with pytest.raises(ValueError, match="per_image needs the number of images, which is unknown"):
        NIGHT.per_image()


def test_suppressed_by_hand() -> None:
    """Of the total, 6 = 5 + 1 and 2 = 1 + 1 would reveal a class's count; 5 = 3 + 2 or 2 + 3 does not."""
    heat = map_of([[5, 1, 3], [0, 7, 4]], [[1, 1, 2], [0, 9, 4]], classes=("car", "dog"))
    found = heat.suppressed(5)
    assert_equal(found.by_class[0], [[5, NAN, NAN], [0, 7, NAN]])
    assert_equal(found.by_class[1], [[NAN, NAN, NAN], [0, 9, NAN]])
    assert_equal(found.counts, [[NAN, NAN, 5], [0, 16, NAN]])  # 8 = 4 + 4 as well
    assert_equal(heat["car"].suppressed(5).counts, [[5, NAN, NAN], [0, 7, NAN]])
    assert_equal(map_of([[5, 4], [0, 1]]).suppressed(5).counts, [[5, NAN], [0, NAN]])


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_no_suppressed_count_follows_from_the_total(k: int) -> None:
    """For every cell of up to three classes, two different counts fit to what is published."""
    cells = np.indices((7, 7, 7)).reshape(3, 1, -1)
    heat = map_of(*cells.tolist(), classes=("a", "b", "c"))
    found = heat.suppressed(k)
    fitting: dict[bytes, set[tuple[int, ...]]] = {}
    published = np.concatenate([found.by_class[:, 0], found.counts]).T
    for counts, own in zip(cells[:, 0].T.tolist(), published, strict=True):
        fitting.setdefault(own.tobytes(), set()).add(tuple(counts))
    for own, several in fitting.items():
        for i, value in enumerate(np.frombuffer(own)[:3]):
            if np.isnan(value) and k > 2:  # below 2, only 1 is suppressed
                assert len({counts[i] for counts in several}) > 1


def test_unions_of_images_are_hidden_with_any_class() -> None:
    heat = hg.Heatmap(1, ("car", "dog"), count="images")
    heat.fill(np.array([[[6]], [[1]]]), np.array([[7]]))
    assert_equal(heat.suppressed(5).counts, [[NAN]])


def test_suppressed_results_have_no_totals() -> None:
    heat = hg.Heatmap(2).add_points([[0.1, 0.1]] * 3 + [[0.9, 0.9]] * 9, labels=["car"] * 12).suppressed(5)
    assert (heat.report.read, heat.report.images, heat.report.classes) == (0, 0, [])
    assert heat.stats().total == 9
    with pytest.raises(ValueError, match="a map of 'objects per cell, at least 5' has no totals"):
        heat.table()
    text = "".join(file.decode("latin-1") for file in files(heat).values())
    assert not re.search(r"\b12\b (objects|hits)", text)
    plain = json.loads(files(heat)["json"])
    assert "table" not in plain
    assert plain["report"]["counted"] == 0
    assert plain["counts"] == [[None, 0], [0, 9]]


@pytest.mark.parametrize(
    ("heat", "k", "error", "message"),
    [
        (ALL, 0, ValueError, "k must be at least 1, got 0"),
        (ALL, 2.5, TypeError, "k must be an int, got 2.5"),
        (hg.Heatmap(2, rule="area"), 5, ValueError, "suppressed needs counts: weights and areas"),
        (NIGHT - ALL, 5, ValueError, "suppressed needs counts: a difference of maps has none"),
        (hg.ratio(NIGHT, ALL), 5, ValueError, "a map of 'ratio' holds no counts"),
    ],
)
def test_suppressed_refuses_what_is_no_count(heat: hg.Heatmap, k: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        heat.suppressed(k)


def test_nothing_can_be_added() -> None:
    found = hg.ratio(NIGHT, ALL)
    calls: list[Callable[[], object]] = [
        lambda: found + found,
        lambda: found - found,
        lambda: found.add_points([[0.5, 0.5]], labels=["car"]),
        lambda: found.add([[0, 0, 1, 1]], labels=["car"]),
        found.balanced,
        found.per_image,
    ]
    for add in calls:
        with pytest.raises(ValueError, match="a map of 'ratio' holds no counts: use the maps that it is"):
            add()


def test_measures_of_all_cells_refuse_cells_without_data() -> None:
    found = hg.ratio(NIGHT, ALL, least=8)
    for measure in (found.layout, found.cooccurrence, lambda: hg.compare(found, found)):
        with pytest.raises(ValueError, match="counts must not be NaN: a map with cells without data"):
            measure()
    assert found.stats().cells == 2
    assert found.hotspots(1)[0].count == 1.0
    with pytest.raises(ValueError, match="stats needs a cell with data"):
        hg.ratio(NIGHT, ALL, least=100).stats()


# Files


MAPS = {
    "ratio": hg.ratio(NIGHT, ALL, least=4, unit="share at night"),
    "suppressed": ALL.suppressed(5),
    "no classes": map_of([[5, 4], [0, 1]]).suppressed(5),
    "no data": hg.ratio(NIGHT, ALL, least=100),
}


@pytest.fixture(params=MAPS)
def heat(request: pytest.FixtureRequest) -> hg.Heatmap:
    return MAPS[request.param]


def files(heat: hg.Heatmap) -> dict[str, bytes]:
    found = {}
    for name in ("png", "svg", "html", "json", "csv", "npz"):
        heat.save(stream := io.BytesIO(), format=name)
        found[name] = stream.getvalue()
    return found


def test_saved_maps_are_read_back(heat: hg.Heatmap, tmp_path: Path) -> None:
    for name in ("x.npz", "x.json"):
        heat.save(tmp_path / name)
        back = hg.load(tmp_path / name)
        assert back == heat
        assert back.spec == heat.spec
        assert back.report == heat.report
        assert_equal(back.counts, heat.counts)
    assert hg.Heatmap.from_bytes(heat.to_bytes()) == heat
    assert pickle.loads(pickle.dumps(heat)) == heat  # noqa: S301 - our own


def test_cells_without_data_are_empty_or_null(heat: hg.Heatmap) -> None:
    written = files(heat)
    rows = [row for row in csv.reader(io.StringIO(written["csv"].decode())) if not row[0].startswith("#")]
    assert rows[0] == ["row", "column", "count", *heat.classes]
    values = [[float(cell) if cell else NAN for cell in row] for row in rows[1:]]
    assert_equal([row[2] for row in values], heat.counts.ravel())
    for i, grid in enumerate(heat.by_class):
        assert_equal([row[3 + i] for row in values], grid.ravel())
    plain = json.loads(written["json"])
    assert_equal(plain["counts"], heat.counts)
    assert plain["unit"] == heat.spec.unit
    for name, grid in zip(heat.classes, heat.by_class, strict=True):
        assert_equal(plain["by_class"][name], grid)


def test_pictures_show_cells_without_data(heat: hg.Heatmap) -> None:
    cells = heat.image()
    assert (cells[..., 3] == 0).tolist() == np.isnan(heat.counts).tolist()
    written = files(heat)
    assert "gray cells have no data" in written["svg"].decode()
    assert str(heat.spec.unit) in written["svg"].decode()
    assert Image.open(io.BytesIO(written["png"])).width > 100
    if heat.classes:
        for scale_by in ("all", "class"):
            heat.save(io.BytesIO(), format="png", by_class=True, scale_by=scale_by)


@pytest.mark.peers
def test_axes_and_frames_show_cells_without_data(heat: hg.Heatmap) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    pytest.importorskip("pandas", reason="pandas is not installed")
    heat.plot()
    assert_equal(heat.to_pandas()["count"], heat.counts.ravel())


def test_pages_hold_cells_without_data(heat: hg.Heatmap) -> None:
    from heatgrid.viz.page.payload import Payload

    payload = Payload.of(heat)
    assert payload.meta["unit"] == heat.spec.unit
    assert payload.meta["is_count"] is False
    assert_equal(payload.layers.select(), heat.counts)


def test_computed_maps_share_a_page_one_at_a_time() -> None:
    from heatgrid.viz.page.payload import Payload

    share = hg.ratio(NIGHT, ALL, least=8, unit="share at night")
    payload = Payload.of({"all": ALL, "share": share})
    assert [one["unit"] for one in payload.meta["maps"]] == ["objects per cell", "share at night"]
    assert [one["is_count"] for one in payload.meta["maps"]] == [True, False]
    assert "no data where the divisor is below 8 (2 cells)" in payload.meta["maps"][1]["notes"]
    assert payload.meta["settings"]["splits"] == ["all"]
    assert payload.meta["unit"] == "objects per cell"
    assert_equal(payload.layers.select(["all"]), ALL.counts)
    assert_equal(payload.layers.select(["share"]), share.counts)
    assert Payload.of({"all": ALL, "share": share}, splits="share").meta["settings"]["splits"] == ["share"]
    with pytest.raises(ValueError, match="splits must be one map of computed values"):
        Payload.of({"all": ALL, "share": share}, splits=["all", "share"])
    with pytest.raises(ValueError, match="difference must be two splits or two classes"):
        Payload.of({"all": ALL, "share": share}, difference=["all", "share"])
    with pytest.raises(ValueError, match="maps must have the same grid"):
        Payload.of({"share": share, "other": hg.Heatmap(3)})
    assert Payload.of({"night": NIGHT, "all": ALL}).meta["maps"] is None


def test_arrays_and_copies(heat: hg.Heatmap) -> None:
    assert_equal(np.asarray(heat), heat.counts)
    assert "NaN" not in repr(heat)
    assert heat.copy() == heat
    assert heat._repr_html_()


def test_lists_of_a_cell_would_reveal_its_count(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("image,x,y\n" + "a.jpg,0.1,0.1\n" * 3)
    lists = hg.annotations_by_cell(path, 2)
    with pytest.raises(ValueError, match="annotations_by_cell cannot be combined with a map of"):
        hg.heatmap(path, 2).suppressed(5).save(tmp_path / "x.html", annotations_by_cell=lists)


def test_text_of_cells_without_data() -> None:
    from heatgrid.viz.terminal import number_text

    assert number_text(hg.ratio(NIGHT, ALL, least=8)) == "ratio\n0.375     -\n    -     1"
    counts = np.zeros((2, 20), int)
    counts[:, 0] = (5, 6)
    counts[0, 1] = 1
    text = number_text(map_of(counts.tolist()).suppressed(5)).splitlines()
    assert text[0].endswith("mean of blocks of 1 x 2 cells")
    assert [line.split()[:2] for line in text[1:]] == [["5", "0"], ["3", "0"]]


def test_pictures_of_any_grid(tmp_path: Path) -> None:
    values = [[0.1, NAN], [0.5, 0.9]]
    hg.save_picture(values, tmp_path / "x.svg", title="Shares", legend="share at night")
    text = (tmp_path / "x.svg").read_text()
    assert "Shares" in text
    assert "share at night" in text
    assert "gray cells have no data" in text
    hg.save_picture(values, stream := io.BytesIO(), size=200, background=np.zeros((50, 50, 3), np.uint8))
    assert stream.getvalue().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match=r"suffix '\.csv' is not known; known are \.png, \.svg"):
        hg.save_picture(values, tmp_path / "x.csv")
    with pytest.raises(ValueError, match=r"values must have shape \(rows, columns\)"):
        hg.save_picture([1, 2], tmp_path / "x.png")
