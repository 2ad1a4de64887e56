"""Colors in the browser, compared pixel by pixel with the pictures from Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from heatgrid.viz import Scale, colorize, colormaps, overlay

if TYPE_CHECKING:
    from browser.windows import Windows

ROWS, COLUMNS = SHAPE = (30, 40)


def counts() -> np.ndarray[Any, Any]:
    """Return counts from none to thousands, with many equal ones."""
    random = np.random.default_rng(5)
    values = random.poisson(random.lognormal(1.0, 2.0, SHAPE))
    values[:4] = 0
    return values


def weights() -> np.ndarray[Any, Any]:
    """Return numbers of both signs that are not whole, some of them missing."""
    random = np.random.default_rng(6)
    values = random.normal(0.3, 1.0, SHAPE) ** 3
    values[5, 5:12] = np.nan
    return values


def drawn(windows: Windows, values: np.ndarray[Any, Any], **options: Any) -> np.ndarray[Any, Any]:
    window = windows.open(values, **options)
    return np.array(window.pixels(SHAPE)).reshape(*SHAPE, 4)


@pytest.mark.parametrize("scale", ["linear", "log", "sqrt", "rank", "percentile", "gamma"])
@pytest.mark.parametrize("values", [counts(), weights()], ids=["counts", "weights"])
def test_every_scale(windows: Windows, values: np.ndarray[Any, Any], scale: Any) -> None:
    reach = float(np.nanmax(np.abs(values))) if np.nanmin(values) < 0 else None
    low = None if reach is None else -reach
    expected = colorize(values, scale=scale, colormap="viridis", vmin=low, vmax=reach)
    assert np.array_equal(drawn(windows, values, scale=scale, colormap="viridis"), expected)


@pytest.mark.parametrize("gamma", [0.2, 1.0, 2.5])
def test_gamma(windows: Windows, gamma: float) -> None:
    scale = Scale.of(counts(), "gamma", gamma=gamma)
    expected = colorize(counts(), scale=scale)
    assert np.array_equal(drawn(windows, counts(), scale="gamma", gamma=gamma), expected)


@pytest.mark.parametrize("percentiles", [(0.0, 100.0), (12.5, 61.7), (50.0, 50.0)])
def test_percentiles(windows: Windows, percentiles: tuple[float, float]) -> None:
    values = np.nan_to_num(np.abs(weights()))  # of which no two are equal, but for those that were missing
    scale = Scale.of(values, "percentile", percentiles=percentiles)
    expected = colorize(values, scale=scale)
    assert np.array_equal(drawn(windows, values, scale="percentile", percentiles=percentiles), expected)


@pytest.mark.parametrize(("vmin", "vmax"), [(3, 40), (None, 5), (100, None), (7, 7), (1e9, None)])
def test_ends(windows: Windows, vmin: float | None, vmax: float | None) -> None:
    expected = colorize(counts(), vmin=vmin, vmax=vmax, scale="log")
    assert np.array_equal(drawn(windows, counts(), vmin=vmin, vmax=vmax, scale="log"), expected)


@pytest.mark.parametrize("sigma", [0.75, 3.0, 9.0])
@pytest.mark.parametrize("values", [counts(), np.abs(weights())], ids=["counts", "weights"])
def test_blur(windows: Windows, values: np.ndarray[Any, Any], sigma: float) -> None:
    assert np.array_equal(drawn(windows, values, blur=sigma), colorize(values, blur=sigma))


def test_blur_by_a_function(windows: Windows) -> None:
    def mean_of_rows(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.broadcast_to(values.mean(axis=1, keepdims=True), values.shape)

    assert np.array_equal(drawn(windows, counts(), blur=mean_of_rows), colorize(counts(), blur=mean_of_rows))


def test_a_rank_scale_of_more_values_than_knots(windows: Windows) -> None:
    values = np.random.default_rng(8).gamma(0.7, 40.0, (90, 70))
    window = windows.open(values, scale="rank", size=(1400, 1300))
    found = np.array(window.pixels((90, 70))).reshape(90, 70, 4)
    assert np.array_equal(found, colorize(values, scale="rank"))


def test_every_colormap(windows: Windows) -> None:
    window = windows.open(counts())
    for name in colormaps.names():
        window.page.get_by_label("Colors").select_option(name)
        found = np.array(window.pixels(SHAPE)).reshape(*SHAPE, 4)
        assert np.array_equal(found, colorize(counts(), colormap=name)), name


def test_a_colormap_of_ones_own(windows: Windows) -> None:
    colors = [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
    assert np.array_equal(drawn(windows, counts(), colormap=colors), colorize(counts(), colormap=colors))


def test_signed_maps_are_neutral_at_zero(windows: Windows) -> None:
    reach = float(np.nanmax(np.abs(weights())))
    expected = colorize(weights(), colormap="balance", vmin=-reach, vmax=reach)
    assert np.array_equal(drawn(windows, weights()), expected)


@pytest.mark.parametrize("opacity", [1.0, 0.4])
@pytest.mark.parametrize("blur", [0.0, 2.0])
def test_zeros_are_transparent_over_a_background(windows: Windows, opacity: float, blur: float) -> None:
    below = np.full((60, 80, 3), 128, dtype=np.uint8)
    cells = colorize(counts(), scale="log", zero="transparent", blur=blur or None)
    expected = overlay(below, cells, opacity=opacity)[::2, ::2]
    found = drawn(windows, counts(), background=below, mute=False, scale="log", opacity=opacity, blur=blur)
    # A canvas keeps colors multiplied by their opacity, in whole numbers, as all browsers do.
    assert np.abs(found.astype(int) - expected.astype(int)).max() <= 3
    assert (found[:2] == (128, 128, 128, 255)).all() or blur


def test_signed_maps_over_a_background(windows: Windows) -> None:
    below = np.full((60, 80, 3), 128, dtype=np.uint8)
    reach = float(np.nanmax(np.abs(weights())))
    cells = colorize(weights(), colormap="balance", vmin=-reach, vmax=reach, zero="transparent")
    expected = overlay(below, cells, opacity=1.0)[::2, ::2]
    found = drawn(windows, weights(), background=below, mute=False, opacity=1.0)
    assert np.abs(found.astype(int) - expected.astype(int)).max() <= 3
