"""`heatgrid.compat.supervisely`: every member, and the defects of the original."""

from __future__ import annotations

import base64
import io
import json
import logging
import sys
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from heatgrid.compat.supervisely import Heatmap
from heatgrid.compat.supervisely.lines import polyline_pixels
from heatgrid.errors import FormatError
from heatgrid.viz import colorize, colormaps

if TYPE_CHECKING:
    from pathlib import Path

MASK = np.array([[0, 1, 2], [5, 0, 9]])
STREET = np.full((20, 30, 3), 100, dtype=np.uint8)


def plain(mask: Any = MASK, **options: Any) -> Heatmap:
    """Return a map without blur."""
    return Heatmap(heatmap_mask=mask, **({"blur_ksize": None} | options))


def click(heatmap: Heatmap, y: int, x: int) -> None:
    """Click as the browser does: click number, row and column."""
    clicks = heatmap.widget._clicks
    heatmap.widget._clicks = [*clicks, [len(clicks) + 1, y, x]]


def rectangle(name: str, x1: int, y1: int, x2: int, y2: int) -> dict[str, Any]:
    points = {"exterior": [[x1, y1], [x2, y2]], "interior": []}
    return {"classTitle": name, "geometryType": "rectangle", "points": points}


def annotation(*objects: dict[str, Any], width: int = 8, height: int = 6) -> dict[str, Any]:
    size = {"width": width, "height": height}
    return {"description": "", "size": size, "tags": [], "objects": list(objects)}


# The documented example with a changed import


@pytest.mark.peers
def test_documented_example(tmp_path: Path) -> None:
    pytest.importorskip("anywidget", reason="anywidget is not installed (group peers)")
    Image.fromarray(STREET).save(tmp_path / "street.jpg")
    mask = np.zeros((200, 300))
    mask[50:100, 100:200] = 80
    heatmap = Heatmap(
        background_image=str(tmp_path / "street.jpg"),
        heatmap_mask=mask,
        vmin=0,
        vmax=100,
        transparent_low=True,
        colormap=16,  # cv2.COLORMAP_VIRIDIS
        width=600,
    )
    seen = []

    @heatmap.click
    def handle_click(y: int, x: int, value: float) -> None:
        seen.append((y, x, value))

    click(heatmap, 60, 150)
    assert seen == [(60, 150, 80)]
    assert (heatmap.click_y, heatmap.click_x, heatmap.click_value) == (60, 150, 80)
    heatmap.set_background(STREET)
    heatmap.set_heatmap(mask.T)
    heatmap.opacity = 50
    heatmap.set_heatmap_from_annotations([annotation(rectangle("car", 1, 1, 3, 4))], object_name="car")
    assert "application/vnd.jupyter.widget-view+json" in heatmap._repr_mimebundle_()[0]


# Background and mask


def test_background_sources(tmp_path: Path) -> None:
    path = tmp_path / "street.png"
    Image.fromarray(STREET).save(path)
    url = "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()
    for source in (STREET, np.dstack([STREET, STREET[..., 0]]), path, str(path), url):
        heatmap = Heatmap(background_image=source)
        assert heatmap.background_image is not None
        assert (heatmap.background_image[..., :3] == STREET).all()
    heatmap.background_image = None
    assert heatmap.background_image is None


def test_missing_background_raises_at_once() -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.jpg"):
        Heatmap(background_image="none.jpg")
    heatmap = Heatmap(background_image=STREET)
    with pytest.raises(FileNotFoundError, match=r"none\.jpg"):
        heatmap.set_background("none.jpg")
    assert heatmap.background_image is not None


def test_channels_are_averaged() -> None:
    heatmap = plain(np.dstack([MASK, MASK + 1, MASK + 5]))
    assert heatmap.heatmap_mask is not None
    assert (heatmap.heatmap_mask == MASK + 2).all()
    heatmap.heatmap_mask = MASK
    assert heatmap.heatmap_mask.tolist() == MASK.tolist()


@pytest.mark.parametrize(
    ("mask", "error", "message"),
    [
        ([[np.inf]], ValueError, "infinite"),
        ([1, 2], ValueError, "heatmap_mask must have shape"),
        (np.zeros((0, 3)), ValueError, "not be empty"),
        ([["a"]], TypeError, "real numbers"),
    ],
)
def test_invalid_masks_are_refused(mask: Any, error: type[Exception], message: str) -> None:
    heatmap = plain()
    with pytest.raises(error, match=message):
        heatmap.set_heatmap(mask)
    assert heatmap.heatmap_mask is not None


def test_nan_is_transparent() -> None:
    heatmap = plain([[np.nan, 1.0, 3.0]])
    assert heatmap.image()[0, 0].tolist() == [0, 0, 0, 0]
    assert (heatmap.vmin, heatmap.vmax) == (1, 3)
    assert Heatmap(heatmap_mask=[[np.nan, 1.0, 3.0]]).image()[0, 0, 3] == 0


def test_background_without_mask() -> None:
    heatmap = Heatmap(background_image=STREET)
    assert (heatmap.image()[..., :3] == STREET).all()
    assert (heatmap.vmin, heatmap.vmax, heatmap.heatmap_mask) == (None, None, None)


# Colors


def test_vmin_and_vmax_default_to_the_range() -> None:
    assert (plain().vmin, plain().vmax) == (0, 9)
    assert (plain(MASK + 3).vmin, plain(MASK + 3).vmax) == (3, 12)
    assert (plain(vmin=2, vmax=5).vmin, plain(vmin=2, vmax=5).vmax) == (2, 5)
    with pytest.raises(ValueError, match="vmin"):
        plain(vmin=5, vmax=2)


def test_values_beyond_vmin_and_vmax_are_clipped() -> None:
    image = plain(vmin=1, vmax=5).image()[..., :3]
    jet = colormaps.get("jet")
    assert image[0, 0].tolist() == jet[0].tolist()
    assert image[1, 2].tolist() == jet[255].tolist()
    assert (image[1, 0] == image[1, 2]).all()


def test_transparent_low_hides_zeros_only() -> None:
    seen = plain(transparent_low=True).image()[..., 3]
    assert ((seen > 60) == (MASK != 0)).all()
    assert not seen[MASK == 0].any()
    assert (plain(MASK + 1, transparent_low=True).image()[..., 3] == 255).all()
    assert ((plain(vmin=2, transparent_low=True).image()[..., 3] > 60) == (MASK >= 2)).all()
    blurred = Heatmap(heatmap_mask=np.full((9, 9), 4), transparent_low=True)
    assert (blurred.image()[..., 3] == 255).all()


def test_colormaps_by_number_and_name() -> None:
    for colormap in (16, "viridis", "COLORMAP_VIRIDIS"):
        assert (plain(colormap=colormap).image() == colorize(MASK, colormap="viridis")).all()
    assert (plain().image() == colorize(MASK, colormap="jet")).all()
    with pytest.raises(ValueError, match="colormap"):
        plain().colormap = 99


def test_values_are_blurred_before_coloring() -> None:
    dot = np.zeros((9, 9))
    dot[4, 4] = 16
    heatmap = Heatmap(heatmap_mask=dot, vmax=16)
    spread = np.argwhere((heatmap.image() != heatmap.image()[0, 0]).any(axis=2))
    assert (spread.min(), spread.max()) == (2, 6)  # five by five
    heatmap.blur_ksize = (3, 1)
    spread = np.argwhere((heatmap.image() != heatmap.image()[0, 0]).any(axis=2))
    assert np.ptp(spread, axis=0).tolist() == [0, 2]
    heatmap.blur_ksize = None
    assert (heatmap.image() == colorize(dot, colormap="jet")).all()
    heatmap.blur_function = lambda values: values[::-1] * 0.5
    assert (heatmap.image() == colorize(dot / 2, colormap="jet", vmax=16)).all()
    with pytest.raises(ValueError, match="odd"):
        heatmap.blur_function, heatmap.blur_ksize = None, (4, 4)


@pytest.mark.peers
@pytest.mark.parametrize("kernel", [(5, 5), (3, 9), (15, 7), (1, 5)])
def test_blur_is_as_wide_as_opencvs(kernel: tuple[int, int]) -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")
    mask = np.zeros((40, 40))
    mask[20, 20] = 1000
    theirs = cv2.GaussianBlur(mask, kernel, 0, borderType=cv2.BORDER_REFLECT)
    ours = Heatmap(heatmap_mask=mask, blur_ksize=kernel)._state.shown
    assert (ours > 0).tolist() == (theirs > 0).tolist()
    assert ours == pytest.approx(theirs, abs=0.06 * theirs.max())


def test_opacity_in_percent() -> None:
    heatmap = plain(background_image=STREET)
    assert heatmap.opacity == 70
    heatmap.opacity = 0
    assert (heatmap.image()[..., :3] == STREET).all()
    heatmap.opacity = 100
    assert (heatmap.image()[0, 0, :3] == colormaps.get("jet")[0]).all()
    with pytest.raises(ValueError, match="opacity"):
        heatmap.opacity = 101
    assert heatmap.opacity == 100


def test_small_values_stay_visible() -> None:
    mask = np.zeros((4, 4))
    mask[0, 0], mask[3, 3] = 1, 1e6
    image = plain(mask, transparent_low=True, background_image=STREET).image()
    assert np.abs(image[0, 0, :3].astype(int) - 100).max() > 15
    assert (image[10, 2, :3] == 100).all()


# Widget


@pytest.mark.peers
class TestWidget:
    @pytest.fixture(autouse=True)
    def _anywidget(self) -> None:
        pytest.importorskip("anywidget", reason="anywidget is not installed (group peers)")

    def test_clicks_report_the_raw_value(self) -> None:
        mask = np.zeros((9, 9), dtype=int)
        mask[4, 4] = 7
        heatmap = Heatmap(heatmap_mask=mask)
        click(heatmap, 4, 4)
        assert (heatmap.click_y, heatmap.click_x, heatmap.click_value) == (4, 4, 7)
        click(heatmap, 4, 5)
        assert heatmap.click_value == 0

    def test_no_click_yet(self) -> None:
        heatmap = plain()
        assert (heatmap.click_y, heatmap.click_x, heatmap.click_value) == (None, None, None)
        assert heatmap.widget.click_x is heatmap.click_x is None

    def test_callbacks_before_and_after_display(self) -> None:
        heatmap, seen = plain(), []
        heatmap.click(lambda y, x, value: seen.append(("before", y, x, value)))
        assert heatmap.widget is heatmap.widget
        heatmap.click(lambda y, x, value: seen.append(("after", y, x, value)))
        click(heatmap, 1, 2)
        assert seen == [("before", 1, 2, 9), ("after", 1, 2, 9)]

    def test_error_in_a_callback_is_shown(self, caplog: pytest.LogCaptureFixture) -> None:
        heatmap, seen = plain(), []

        @heatmap.click
        def broken(_y: int, _x: int, value: float) -> None:
            raise RuntimeError(f"no use for {value}")

        heatmap.click(lambda *arguments: seen.append(arguments))
        with caplog.at_level(logging.ERROR):
            click(heatmap, 0, 1)
        assert "RuntimeError: no use for 1" in heatmap.widget.error
        assert "broken" in caplog.text
        assert len(seen) == 1

    def test_hidden_widgets_keep_their_place_in_the_notebook(self) -> None:
        heatmap = plain()
        heatmap.hide()
        assert heatmap.is_hidden()
        assert heatmap.widget.layout.display == "none"
        heatmap.show()
        assert not heatmap.is_hidden()
        assert heatmap.widget.layout.display is None

    def test_disabled_widgets_call_nothing(self) -> None:
        heatmap, seen = plain(), []
        heatmap.click(lambda *arguments: seen.append(arguments))
        heatmap.disable()
        assert heatmap.is_disabled()
        click(heatmap, 1, 2)
        assert (seen, heatmap.click_value) == ([], 9)
        heatmap.enable()
        click(heatmap, 1, 0)
        assert seen == [(1, 0, 5)]
        assert heatmap.get_json_state() == {"opacity": 70, "clickedValue": 5, "maskX": 0, "maskY": 1}

    @pytest.mark.parametrize(
        ("part", "value", "trait", "expected"),
        [
            ("vmin", 1, "vmin", 1),
            ("vmax", 5, "vmax", 5),
            ("colormap", "turbo", "colormap", "turbo"),
            ("opacity", 30, "opacity", 0.3),
        ],
    )
    def test_setting_redraws(self, part: str, value: Any, trait: str, expected: Any) -> None:
        heatmap = plain()
        assert getattr(heatmap.widget, trait) != expected
        setattr(heatmap, part, value)
        assert getattr(heatmap, part) == value
        assert getattr(heatmap.widget, trait) == pytest.approx(expected)

    @pytest.mark.parametrize(
        ("part", "value"),
        [
            ("heatmap_mask", MASK + 1),
            ("background_image", STREET),
            ("transparent_low", True),
            ("blur_ksize", (3, 3)),
            ("blur_function", lambda values: values * 2),
            ("width", 500),
            ("height", 400),
        ],
    )
    def test_setting_sends_the_map_again(self, part: str, value: Any) -> None:
        heatmap = plain()
        before = heatmap.widget._meta, heatmap.widget._data
        setattr(heatmap, part, value)
        assert (heatmap.widget._meta, heatmap.widget._data) != before

    def test_refused_values_change_nothing(self) -> None:
        heatmap = plain()
        before = heatmap.widget._meta, heatmap.widget._data
        with pytest.raises(ValueError, match="opacity"):
            heatmap.opacity = -1
        assert (heatmap.widget._meta, heatmap.widget._data) == before

    def test_displayed_size(self) -> None:
        meta = Heatmap(heatmap_mask=np.zeros((10, 20)), width=300).widget._meta
        assert (meta["width"], meta["height"], meta["aspect"]) == (300, None, 2)
        meta = Heatmap(heatmap_mask=np.zeros((10, 20)), width=300, height=200).widget._meta
        assert (meta["width"], meta["height"], meta["aspect"]) == (300, 200, 1.5)


def test_images_without_anywidget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "heatgrid.viz.page.widget", raising=False)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    heatmap = plain(background_image=STREET)
    with pytest.raises(ImportError, match=r'pip install "heatgrid\[widget\]"'):
        heatmap.widget  # noqa: B018
    assert heatmap.image().shape == (20, 30, 4)


@pytest.mark.parametrize("suffix", ["png", "svg", "html"])
def test_save(suffix: str, tmp_path: Path) -> None:
    for options in ({}, {"background_image": STREET}, {"heatmap_mask": None, "background_image": STREET}):
        heatmap = Heatmap(**({"heatmap_mask": MASK, "transparent_low": True} | options))  # type: ignore[arg-type]
        heatmap.save(tmp_path / f"heat.{suffix}")
        assert (tmp_path / f"heat.{suffix}").stat().st_size > 1000
    with pytest.raises(ValueError, match=r"known are \.png, \.svg, \.html"):
        heatmap.save(tmp_path / "heat.tiff")


def decode(url: str) -> np.ndarray:
    with Image.open(io.BytesIO(base64.b64decode(url.partition("base64,")[2]))) as image:
        return np.asarray(image)


def test_json_data() -> None:
    data = plain(MASK, background_image=STREET, width=300, vmin=1, transparent_low=True).get_json_data()
    assert (decode(data.pop("backgroundUrl")) == STREET).all()
    colors = decode(data.pop("heatmapUrl"))
    assert ((colors[..., 3] > 0) == (MASK > 0)).all()
    assert data == {
        "width": 300,
        "height": None,
        "maskWidth": 3,
        "maskHeight": 2,
        "minValue": 0,
        "maxValue": 9,
        "legendColors": ["#000080", "#007CFF", "#7EFF82", "#FF8000", "#800000"],
        "hide": False,
        "disabled": False,
        "loading": False,
    }
    empty = Heatmap()
    empty.hide()
    empty.disable()
    empty.loading = True
    assert [empty.get_json_data()[name] for name in ("hide", "disabled", "loading")] == [True] * 3
    assert empty.get_json_data()["heatmapUrl"] is None
    assert empty.get_json_state() == {"opacity": 70, "clickedValue": None, "maskX": None, "maskY": None}


# From annotations


def test_labels_add_up_and_include_both_corners() -> None:
    heatmap = Heatmap(width=80, height=60)
    first, second = rectangle("car", 1, 1, 3, 4), rectangle("dog", 3, 4, 7, 5)
    heatmap.set_heatmap_from_annotations([annotation(first, second), annotation(first)])
    expected = np.zeros((60, 80))
    expected[10:50, 10:40] += 2
    expected[40:60, 30:80] += 1
    assert heatmap.heatmap_mask is not None
    assert (heatmap.heatmap_mask == expected).all()
    assert heatmap.report is not None
    assert heatmap.report.counted == 3


def test_polygons_with_holes_bitmaps_and_other_shapes() -> None:
    stream = io.BytesIO()
    Image.fromarray(np.array([[1, 0], [1, 1]], dtype=bool)).save(stream, "PNG")
    data = base64.b64encode(zlib.compress(stream.getvalue())).decode()
    hole = [[4, 2], [6, 2], [6, 4], [4, 4]]
    polygon = {"exterior": [[2, 0], [8, 0], [8, 6], [2, 6]], "interior": [hole]}
    objects = [
        {"classTitle": "a", "geometryType": "bitmap", "bitmap": {"origin": [0, 0], "data": data}},
        {"classTitle": "a", "geometryType": "polygon", "points": polygon},
        {"classTitle": "a", "geometryType": "point", "points": {"exterior": [[0, 5]], "interior": []}},
    ]
    heatmap = Heatmap()
    heatmap.set_heatmap_from_annotations([annotation(*objects)])
    expected = np.zeros((6, 8))
    expected[:, 2:] = 1
    expected[2:4, 4:6] = 0
    expected[[0, 1, 1, 5], [0, 0, 1, 0]] = 1
    assert heatmap.heatmap_mask is not None
    assert heatmap.heatmap_mask.tolist() == expected.tolist()


def line(*points: tuple[float, float]) -> dict[str, Any]:
    exterior = [list(point) for point in points]
    return {"classTitle": "a", "geometryType": "line", "points": {"exterior": exterior, "interior": []}}


def test_lines_are_one_pixel_wide() -> None:
    heatmap = Heatmap()
    heatmap.set_heatmap_from_annotations(
        [annotation(line((0, 0), (7, 3), (7, 5)), rectangle("b", 0, 5, 7, 5))]
    )
    assert heatmap.heatmap_mask is not None
    assert heatmap.heatmap_mask.tolist() == [
        [1, 1, 0, 0, 0, 0, 0, 0],
        [0, 0, 1, 1, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 1, 0, 0],
        [0, 0, 0, 0, 0, 0, 1, 1],
        [0, 0, 0, 0, 0, 0, 0, 1],
        [1, 1, 1, 1, 1, 1, 1, 2],
    ]
    assert heatmap.report is not None
    assert heatmap.report.counted == 2


@pytest.mark.peers
@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.lists(st.tuples(st.integers(-60, 100), st.integers(-60, 100)), max_size=5),
)
def test_lines_are_those_of_opencv(size: tuple[int, int], vertices: list[tuple[int, int]]) -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")
    theirs = np.zeros(size[::-1], dtype=np.uint8)
    path = np.array(vertices, dtype=np.int32).reshape(-1, 2)
    if len(path):
        cv2.polylines(theirs, [path], isClosed=False, color=1, thickness=1)
    ours = polyline_pixels(path.astype(np.int64), size)
    assert {(x, y) for x, y in ours.tolist()} == set(zip(*np.nonzero(theirs.T), strict=True))


def test_annotation_sources(tmp_path: Path) -> None:
    content = annotation(rectangle("car", 0, 0, 3, 2))
    path = tmp_path / "a.jpg.json"
    path.write_text(json.dumps(content))
    masks = []
    for source in ([content], [path], [str(path)], path, iter([content])):
        heatmap = Heatmap()
        heatmap.set_heatmap_from_annotations(source)  # type: ignore[arg-type]
        masks.append(heatmap.heatmap_mask)
    assert all((mask == masks[0]).all() for mask in masks)


def test_mask_has_the_mean_image_size_rounded_to_even() -> None:
    heatmap = Heatmap()
    label = rectangle("car", 0, 0, 3, 2)
    anns = [annotation(label, width=31, height=20), annotation(label, width=40, height=22)]
    heatmap.set_heatmap_from_annotations(anns)
    assert heatmap.heatmap_mask is not None
    assert heatmap.heatmap_mask.shape == (20, 36)
    heatmap = Heatmap(width=71)
    heatmap.set_heatmap_from_annotations(anns)
    assert heatmap.heatmap_mask is not None
    assert heatmap.heatmap_mask.shape == (42, 71)


def test_one_class_by_its_exact_name() -> None:
    heatmap = Heatmap()
    anns = [annotation(rectangle("car", 0, 0, 3, 2), rectangle("cart", 0, 0, 7, 5))]
    heatmap.set_heatmap_from_annotations(anns, object_name="car")
    assert heatmap.heatmap_mask is not None
    assert heatmap.heatmap_mask.sum() == 12
    for name in ("ca", "Car"):
        with pytest.raises(ValueError, match="object_name must be one of"):
            heatmap.set_heatmap_from_annotations(anns, object_name=name)
    assert heatmap.heatmap_mask.sum() == 12


@pytest.mark.parametrize(
    ("anns", "error", "message"),
    [
        ([], ValueError, "at least one annotation"),
        ([annotation()], ValueError, "at least one label"),
        ([{"no": "objects"}], FormatError, "expected an object with size and objects"),
        ([7], TypeError, "got int"),
    ],
)
def test_invalid_annotations_are_refused(anns: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Heatmap().set_heatmap_from_annotations(anns)


def test_unknown_geometries_are_reported() -> None:
    heatmap = Heatmap()
    bad = {"classTitle": "car", "geometryType": "cuboid_3d", "points": {"exterior": [[0, 0], [1, 1]]}}
    heatmap.set_heatmap_from_annotations([annotation(rectangle("car", 0, 0, 3, 2), bad)])
    assert heatmap.report is not None
    assert heatmap.report.skipped == {"unsupported geometryType: cuboid_3d": 1}
