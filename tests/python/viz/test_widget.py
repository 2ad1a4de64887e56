"""Python side of the widget: settings, clicks and errors."""

from __future__ import annotations

import base64
import io
import logging
import sys
from typing import Any

import numpy as np
import pytest
from PIL import Image

import heatgrid as hg

pytest.importorskip("anywidget", reason="anywidget is not installed (group peers)")

from heatgrid.viz import colormaps
from heatgrid.viz.page import HeatmapWidget

pytestmark = pytest.mark.peers


def example(**options: Any) -> hg.Heatmap:
    heat = hg.Heatmap((2, 3), ("car", "dog"), **options)
    images = [0, 0, 1] if options else None
    return heat.add_points([[0.1, 0.1], [0.1, 0.1], [0.9, 0.9]], labels=[0, 1, 1], images=images)


def press(widget: HeatmapWidget, *cells: tuple[int, int]) -> None:
    """Do what the front end does when cells are clicked."""
    clicks = list(widget._clicks)
    for cell in cells:
        clicks.append([clicks[-1][0] + 1 if clicks else 1, *cell])
    widget._clicks = clicks[-32:]


def test_click_returns_row_column_and_exact_value() -> None:
    widget, seen = example().view(), []

    @widget.click
    def remember(y: int, x: int, value: float) -> None:
        seen.append((y, x, value, type(value)))

    assert (widget.click_y, widget.click_x, widget.click_value) == (None, None, None)
    press(widget, (0, 0))
    press(widget, (0, 0), (1, 2))
    assert seen == [(0, 0, 2, int), (0, 0, 2, int), (1, 2, 1, int)]
    assert (widget.click_y, widget.click_x, widget.click_value) == (1, 2, 1)
    widget.unclick(remember)
    press(widget, (1, 1))
    assert len(seen) == 3
    with pytest.raises(ValueError, match="callback must be a function registered"):
        widget.unclick(remember)


def test_picture_of_sizes_has_its_origin_at_the_bottom_left() -> None:
    heat = hg.Heatmap((2, 3), of="size").add_boxes([[0, 0, 0.1, 0.1]])
    widget = heat.view()
    picture = Image.open(io.BytesIO(base64.b64decode(widget._repr_mimebundle_()[0]["image/png"])))
    cell = np.argwhere((np.asarray(picture) == colormaps.get(colormaps.DEFAULT)[-1]).all(axis=-1))
    box = cell[cell[:, 1] < 300]  # without the color bar
    assert box[:, 0].min() > picture.height / 3, "the lower of two rows, below the title"
    press(widget, (0, 0))
    assert widget.click_value == 1, "row 0 is height 0"


def test_value_is_that_of_the_selection() -> None:
    maps = {"train": example(), "valid": example() + example()}
    maps["valid"].add_points([[0.5, 0.1]] * 4, labels=["car"] * 4)
    widget = HeatmapWidget(maps)
    assert widget.value_at(0, 0) == 6
    widget.classes = ["dog"]
    assert widget.value_at(0, 0) == 3
    widget.splits = ["train"]
    assert widget.value_at(0, 0) == 1
    widget.splits, widget.classes = None, None
    widget.difference = ["train", "valid"]
    assert widget.value_at(0, 0) == pytest.approx(100 * (2 / 3 - 4 / 10))
    widget.difference = ["car", "dog"]
    assert widget.value_at(1, 2) == pytest.approx(-100 * 3 / 6)
    with pytest.raises(ValueError, match="cell must be a row and a column"):
        widget.value_at(2, 0)


def test_image_counts_are_not_added_up() -> None:
    widget = example(count="images").view()
    assert widget.value_at(0, 0) == 1
    widget.classes = ["car", "dog"]
    assert widget.value_at(0, 0) == 1


def test_failing_callback_is_logged_and_others_are_called(
    caplog: pytest.LogCaptureFixture,
) -> None:
    widget, seen = example().view(), []

    @widget.click
    def fail(*_: Any) -> None:
        raise RuntimeError("no such shelf")

    widget.click(lambda *_: seen.append(1))
    with caplog.at_level(logging.ERROR, logger="heatgrid"):
        press(widget, (1, 2))
    assert seen == [1]
    assert "fail(1, 2, 1) failed: RuntimeError: no such shelf" in widget.error
    assert "row 1, column 2" in caplog.text
    assert "no such shelf" in caplog.text
    widget.unclick(fail)
    press(widget, (1, 2))
    assert widget.error == ""


def test_settings_are_checked() -> None:
    widget = example().view(colormap=2, vmin=1)
    assert (widget.colormap, widget.vmin) == ("jet", 1.0)
    widget.colormap = 16
    assert widget.colormap == "viridis"
    with pytest.raises(Exception, match=r"show\(colormap="):
        widget.colormap = [[0, 0, 0], [1, 2, 3]]
    for name, value in {"opacity": 7, "scale": "cubic", "cell": [9, 9], "classes": ["bus"]}.items():
        with pytest.raises(Exception, match=name):
            setattr(widget, name, value)
    with pytest.raises(TypeError, match="is not an option"):
        example().view(colour="red")  # type: ignore[call-arg]


def test_show_keeps_settings_that_fit() -> None:
    widget = example().view(title="T", opacity=0.5, classes=["dog"], cell=(1, 2))
    widget.show(np.array([[1.0, np.nan]]))
    assert (widget.opacity, widget.classes, widget.cell) == (0.5, None, None)
    assert widget._meta["title"] == "T"
    assert widget.value_at(0, 0) == 1.0
    widget.show(background=np.zeros((4, 4, 3), dtype=np.uint8), zero="transparent")
    assert widget._meta["background"].startswith("data:image/jpeg")
    assert widget.zero == "transparent"
    with pytest.raises(ValueError, match="aspect"):
        widget.show(np.ones((2, 2)), aspect=-1)
    assert widget._meta["rows"] == 1
    assert widget.value_at(0, 0) == 1.0


def test_show_keeps_blur_function_and_color_table() -> None:
    widget = HeatmapWidget(np.eye(3), blur=lambda values: values + 1, colormap=[[0, 0, 0], [1, 2, 3]])
    assert widget.colormap == "custom"
    assert widget._meta["display"] is not None
    widget.show(2 * np.eye(3))
    assert widget.colormap == "custom"
    assert widget._meta["display"] is not None
    assert widget.value_at(0, 0) == 2.0
    widget.show(blur=2.0, colormap="jet")
    assert (widget.colormap, widget.blur, widget._meta["display"]) == ("jet", 2.0, None)


def picture(widget: HeatmapWidget) -> np.ndarray[Any, Any]:
    data, _ = widget._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    return np.asarray(image.convert("RGB")).reshape(-1, 3)


def has(pixels: np.ndarray[Any, Any], color: Any) -> bool:
    return bool((np.abs(pixels.astype(int) - np.asarray(color)).max(axis=1) <= 1).sum() > 1000)


def test_saved_notebook_has_a_picture_of_the_current_settings() -> None:
    widget = example().view(colormap="viridis")
    high, zero = colormaps.get("viridis")[[255, 0]]
    assert has(picture(widget), high)
    assert has(picture(widget), zero)
    widget.colormap = "jet"
    assert not has(picture(widget), high)
    assert has(picture(widget), colormaps.get("jet")[255])


@pytest.mark.parametrize(
    "options",
    [
        {"scale": "gamma", "gamma": 2.0},
        {"scale": "percentile", "vmin": 1.0, "percentiles": [5, 95]},
        {"blur": lambda values: values + 1.0},
        {"blur": 1.5, "interpolation": "bilinear"},
        {"background": np.full((40, 40, 3), 80, dtype=np.uint8)},
        {"difference": ["car", "dog"], "scale": "log"},
        {"classes": []},
        {"aspect": 3.0, "colormap": [[0, 0, 0], [9, 9, 9]]},
    ],
)
def test_picture_of_any_settings(options: dict[str, Any]) -> None:
    assert len(picture(example().view(**options))) > 10_000
    assert len(picture(HeatmapWidget({"a": example(), "b": example()}, **options))) > 10_000


def test_nbconvert_shows_the_picture() -> None:
    nbconvert = pytest.importorskip("nbconvert", reason="nbconvert is not installed (group peers)")
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed (group peers)")
    data, _ = example().view()._repr_mimebundle_()
    cell = nbformat.v4.new_code_cell("heat.view()", outputs=[nbformat.v4.new_output("display_data", data)])
    body, _ = nbconvert.HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    assert f"data:image/png;base64,{data['image/png'][:60]}" in body


def test_picture_of_one_class_has_its_numbers() -> None:
    widget = HeatmapWidget({"a": example(), "b": example()}, classes=["dog"])
    assert widget._figure().description.startswith("4 objects · dog · 1 of 2 classes")
    widget.splits = ["a"]
    assert widget._figure().description.startswith("2 objects · dog · 1 of 2 classes")
    widget.classes = None
    assert widget._figure().description.startswith("6 objects")


def test_missing_anywidget_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "heatgrid.viz.page.widget")
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(ImportError, match=r'anywidget is needed for this: pip install "heatgrid\[widget\]"'):
        example().view()
