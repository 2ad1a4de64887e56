"""Maps in matplotlib's figures and in notebooks."""

from __future__ import annotations

import base64
import io
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import heatgrid as hg

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def heat() -> hg.Heatmap:
    heat = hg.Heatmap((2, 3), ["a", "b"])
    heat.add_points([[0.9, 0.9]] * 4 + [[0.1, 0.1]], labels=["a"] * 4 + ["b"])
    return heat


@pytest.fixture
def ax() -> Any:
    figures = pytest.importorskip("matplotlib.figure", reason="matplotlib is not installed")
    pytest.importorskip("matplotlib.backends.backend_agg")
    figure = figures.Figure(figsize=(4, 3), layout="constrained")
    return figure.add_subplot()


def drawn(ax: Any) -> Any:
    """Draw the figure; return its pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(ax.figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


@pytest.fixture
def _agg() -> Iterator[None]:
    plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is not installed")
    plt.switch_backend("agg")
    yield
    plt.close("all")


@pytest.mark.peers
class TestPlot:
    def test_artist_holds_the_counts(self, heat: hg.Heatmap, ax: Any) -> None:
        artist = heat.plot(ax)
        assert artist.axes is ax
        assert list(ax.images) == [artist]
        assert (artist.get_array() == heat.counts).all()
        assert artist.get_extent() == [0, 1, 1, 0]
        assert artist.get_clim() == (0, 4)
        assert artist.origin == "upper"
        assert drawn(ax).shape == (300, 400, 4)

    def test_colors_match_images(self, heat: hg.Heatmap, ax: Any) -> None:
        for scale in ("linear", "log", "sqrt", "rank", "percentile", "gamma"):
            artist = heat.plot(ax, scale=scale, colormap="turbo")
            ours = heat.image(scale=scale, colormap="turbo").astype(int)
            theirs = artist.to_rgba(artist.get_array(), bytes=True).astype(int)
            # A table's entry may be the next one, since matplotlib cuts off where we round.
            assert np.abs(ours - theirs)[..., :3].max() <= 12

    def test_color_bar_shows_values(self, heat: hg.Heatmap, ax: Any) -> None:
        bar = heat.plot(ax).colorbar
        drawn(ax)
        assert bar.ax.get_ylabel() == "objects per cell"
        assert [label.get_text() for label in bar.ax.get_yticklabels()] == ["0", "1", "2", "3", "4"]
        bar = (heat + heat + heat).plot(ax, scale="log", label="things").colorbar
        drawn(ax)
        assert bar.ax.get_ylabel() == "things"
        assert {"0", "10"} <= {label.get_text() for label in bar.ax.get_yticklabels()}
        assert heat.plot(ax, colorbar=False).colorbar is None

    def test_norm_is_invertible(self, heat: hg.Heatmap, ax: Any) -> None:
        norm = heat.plot(ax, scale="log").norm
        assert norm.inverse(norm(np.array([0.0, 1.0, 3.0, 4.0]))) == pytest.approx([0, 1, 3, 4])
        assert norm(2) == pytest.approx(np.log(3) / np.log(5))
        assert np.ma.is_masked(norm(np.ma.masked_invalid([np.nan]))[0])

    def test_limits_can_be_moved(self, heat: hg.Heatmap, ax: Any) -> None:
        artist = heat.plot(ax, scale="sqrt")
        artist.set_clim(0, 16)
        assert artist.norm(4) == pytest.approx(0.5)
        drawn(ax)

    def test_units_over_a_background_are_pixels(self, heat: hg.Heatmap, ax: Any) -> None:
        below = np.full((30, 60, 3), 200, dtype=np.uint8)
        artist = heat.plot(ax, background=below, opacity=0.5)
        assert len(ax.images) == 2
        assert artist.get_extent() == [0, 60, 30, 0]
        assert ax.get_aspect() == 1
        alpha = artist.get_alpha()
        assert alpha[heat.counts == 0].tolist() == [0] * 4
        assert alpha[1, 2] == 0.5
        drawn(ax)

    def test_cells_are_square_by_default(self, heat: hg.Heatmap, ax: Any) -> None:
        heat.plot(ax)
        assert ax.get_aspect() == pytest.approx(2 / 3)
        assert heat.plot(ax, extent=(0, 6, 0, 4)).get_extent() == [0, 6, 0, 4]
        assert ax.get_aspect() == pytest.approx(1)
        heat.plot(ax, aspect="auto", interpolation="bilinear", zorder=3)
        assert ax.get_aspect() == "auto"
        assert ax.images[-1].get_zorder() == 3

    @pytest.mark.parametrize(
        "options", [{"zero": "transparent"}, {"blur": 1}, {"blur": 1, "zero": "transparent"}, {"vmax": 2}]
    )
    def test_options_are_drawn(self, options: dict[str, Any], heat: hg.Heatmap, ax: Any) -> None:
        heat.plot(ax, **options)
        assert drawn(ax).any()

    def test_empty_map_is_drawn(self, ax: Any) -> None:
        hg.Heatmap(3).plot(ax)
        assert drawn(ax).any()

    def test_differences_are_centered_on_zero(self, heat: hg.Heatmap, ax: Any) -> None:
        artist = (heat - heat - heat).plot(ax)
        assert artist.get_clim() == (-4, 4)
        assert artist.to_rgba([0.0])[0][:3] == pytest.approx([1, 1, 1], abs=0.02)

    @pytest.mark.usefixtures("_agg")
    def test_plot_without_axes_makes_a_figure(self, heat: hg.Heatmap) -> None:
        import matplotlib.pyplot as plt

        other = plt.figure().add_subplot()
        artist = heat.plot()
        assert artist.axes is not other
        assert plt.gcf() is artist.figure
        assert not other.images

    def test_plot_with_axes_does_not_import_pyplot(self) -> None:
        pytest.importorskip("matplotlib", reason="matplotlib is not installed")
        code = (
            "import sys, heatgrid as hg; from matplotlib.figure import Figure; figure = Figure(); "
            "hg.Heatmap(2).plot(figure.add_subplot()); figure.savefig(sys.stdout.buffer, format='svg'); "
            "sys.exit('matplotlib.pyplot' in sys.modules)"
        )
        done = subprocess.run([sys.executable, "-c", code], check=False, stdout=subprocess.DEVNULL)
        assert done.returncode == 0

    @pytest.mark.parametrize("options", [{"zeros": 1}, {"colormap": "nonesuch"}, {"scale": "cubic"}])
    def test_wrong_options_are_refused(self, options: dict[str, Any], heat: hg.Heatmap, ax: Any) -> None:
        with pytest.raises((AttributeError, ValueError), match=r"zeros|colormap|scale"):
            heat.plot(ax, **options)


def test_missing_matplotlib_names_the_extra(heat: hg.Heatmap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "heatgrid.viz.mpl", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'pip install "heatgrid\[plot\]"'):
        heat.plot()


# Notebooks


def test_notebook_shows_the_picture(heat: hg.Heatmap) -> None:
    html, png = heat._repr_html_(), heat._repr_png_()
    embedded = re.search(r'src="data:image/png;base64,([^"]*)"', html)
    assert embedded
    assert base64.b64decode(embedded[1]) == png
    assert Image.open(io.BytesIO(png)).width < 800
    assert len(png) < 40_000
    assert 'alt="Object positions. 5 objects' in html


def test_names_are_escaped_in_notebooks() -> None:
    heat = hg.Heatmap(1, ['"><script>alert(1)</script>'])
    heat.add_boxes([[0, 0, 1, 1]], labels=[0])
    assert "<script" not in heat._repr_html_()


@pytest.mark.peers
def test_ipython_formats_both(heat: hg.Heatmap) -> None:
    formatters = pytest.importorskip("IPython.core.formatters", reason="IPython is not installed")
    data, _ = formatters.DisplayFormatter().format(heat)
    assert {"text/html", "image/png", "text/plain"} <= data.keys()


@pytest.mark.parametrize(
    ("kind", "unit"),
    [
        ({}, "objects per cell"),
        ({"count": "images"}, "images per cell"),
        ({"weighted": True}, "weight per cell"),
        ({"rule": "area"}, "objects per cell"),
    ],
)
def test_legend_names_the_unit(kind: dict[str, Any], unit: str) -> None:
    from heatgrid.viz import map_figure
    from heatgrid.viz.page.payload import Payload

    empty = hg.Heatmap(2, **kind)
    assert f">{unit}</text>" in map_figure(empty).svg()
    assert Payload.of(empty).meta["unit"] == Payload.of({"a": empty}).meta["unit"] == unit
    assert Payload.of(empty.counts).meta["unit"] == "value"
