"""Color tables: a few known values, and all of OpenCV's compared with OpenCV if installed."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from heatgrid.viz import colormaps

OPENCV = """
    AUTUMN BONE JET WINTER RAINBOW OCEAN SUMMER SPRING COOL HSV PINK HOT PARULA MAGMA INFERNO PLASMA
    VIRIDIS CIVIDIS TWILIGHT TWILIGHT_SHIFTED TURBO DEEPGREEN
""".split()  # noqa: SIM905


@pytest.mark.parametrize(("number", "name"), list(enumerate(OPENCV)))
def test_names_and_numbers_match_opencv(number: int, name: str) -> None:
    table = colormaps.get(name)
    assert table.shape == (256, 3)
    assert table.dtype == np.uint8
    for other in (number, name.lower(), f"COLORMAP_{name}", np.int64(number)):
        assert (colormaps.get(other) == table).all()


def test_known_colors() -> None:
    assert colormaps.get("autumn")[[0, 128, 255]].tolist() == [[255, 0, 0], [255, 128, 0], [255, 255, 0]]
    assert colormaps.get("jet")[[0, 255]].tolist() == [[0, 0, 128], [128, 0, 0]]
    assert colormaps.get("viridis")[[0, 255]].tolist() == [[68, 1, 84], [253, 231, 37]]


@pytest.mark.peers
@pytest.mark.parametrize(("number", "name"), list(enumerate(OPENCV)))
def test_equals_opencv_to_the_byte(number: int, name: str) -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")
    levels = np.arange(256, dtype=np.uint8)[:, np.newaxis]
    expected = cv2.applyColorMap(levels, number)[:, 0, ::-1]
    assert getattr(cv2, f"COLORMAP_{name}") == number
    assert (colormaps.get(number) == expected).all()


def linear(srgb: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return linear RGB in [0, 1] of sRGB bytes (IEC 61966-2-1)."""
    share = srgb / 255.0
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return CIELAB of linear RGB, white point D65."""
    to_xyz = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
    xyz = rgb @ np.transpose(to_xyz) / (0.95047, 1.0, 1.08883)
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


DEFICIENCIES = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
"""Matrices for linear RGB and severity 1.0: Machado, Oliveira, Fernandes, IEEE TVCG 15 (6), 2009."""


def test_default_falls_evenly_in_lightness() -> None:
    table = colormaps.get()
    assert (table == colormaps.get("heat")).all()
    lightness = lab(linear(table))[:, 0]
    assert lightness[0] == pytest.approx(100, abs=0.01)
    assert np.abs(lightness - np.linspace(lightness[0], lightness[-1], 256)).max() < 2
    gray = np.rint(table @ (0.299, 0.587, 0.114)).astype(int)  # ITU-R BT.601, as printers and Pillow convert
    assert (np.diff(gray) <= 0).all()
    assert len(np.unique(gray)) > 160


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_default_has_distinct_colors_with_color_vision_deficiency(deficiency: str) -> None:
    seen = np.clip(linear(colormaps.get()) @ np.transpose(DEFICIENCIES[deficiency]), 0, 1)
    colors = lab(seen)[::17]  # 16 colors
    assert (np.diff(colors[:, 0]) < -2.3).all(), "each is darker by more than a just noticeable difference"
    apart = np.linalg.norm(colors[:, None] - colors[None], axis=2)[~np.eye(16, dtype=bool)]
    assert apart.min() > 4
    rainbow = np.clip(linear(colormaps.get("jet")) @ np.transpose(DEFICIENCIES[deficiency]), 0, 1)
    assert (np.diff(lab(rainbow)[::17, 0]) > 0).any(), "the test fails for a rainbow"


def test_roboflow_is_white_blue_orange_red() -> None:
    table = colormaps.get("roboflow").astype(int)
    assert table[0].tolist() == [255, 255, 255]
    red, green, blue = table[85]
    assert blue > green > red
    red, green, blue = table[170]
    assert red > green > blue
    assert green > 128
    red, green, blue = table[255]
    assert red > 180
    assert max(green, blue) < 64


def test_balance_is_white_in_the_middle() -> None:
    low, middle, high = colormaps.get("balance")[[0, 127, 255]].astype(int)
    assert middle.min() >= 252
    assert low[2] > low[0]
    assert high[0] > high[2]


def test_arrays_as_colormaps() -> None:
    exact = np.random.default_rng(0).integers(0, 256, (256, 3), dtype=np.uint8)
    assert (colormaps.get(exact) == exact).all()
    two = colormaps.get([[0.0, 0.0, 0.0, 0.5], [1.0, 0.5, 0.0, 1.0]])
    assert two[[0, 255]].tolist() == [[0, 0, 0], [255, 128, 0]]
    assert two[51].tolist() == [51, 26, 0]


def test_callables_as_colormaps() -> None:
    def grey(shares: Any) -> Any:
        return np.stack([shares, shares, shares, np.ones_like(shares)], axis=1)

    assert (colormaps.get(grey) == np.arange(256)[:, np.newaxis]).all()


@pytest.mark.parametrize(
    "wrong", ["nonesuch", -1, 22, [[0, 0, 0]], [[0, 0], [1, 1]], [[0, 0, 0], [0, 0, 256]]]
)
def test_wrong_values_are_named(wrong: Any) -> None:
    with pytest.raises(ValueError, match="colormap"):
        colormaps.get(wrong)


@pytest.mark.parametrize("wrong", [None, True, 1.5])
def test_wrong_types_are_named(wrong: Any) -> None:
    with pytest.raises(TypeError, match="colormap"):
        colormaps.get(wrong)


def test_tables_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        colormaps.get("jet")[0] = 0


def test_colors_do_not_import_pillow() -> None:
    code = (
        "import sys, heatgrid.viz as r; r.colorize([[1, 2]]); "
        "sys.exit(any(name.split('.')[0] == 'PIL' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.peers
@pytest.mark.parametrize("name", ["viridis", "coolwarm", "tab10"])
def test_matplotlib_colormaps(name: str) -> None:
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    for theirs in (matplotlib.colormaps[name], matplotlib.colormaps[name].reversed()):
        expected = np.rint(theirs(np.linspace(0, 1, 256))[:, :3] * 255)
        assert (colormaps.get(theirs) == expected).all()


@pytest.mark.peers
def test_cmap_colormaps() -> None:
    cmap = pytest.importorskip("cmap", reason="cmap is not installed")
    theirs = cmap.Colormap("crameri:batlow")
    expected = np.array(theirs(np.linspace(0, 1, 256)))[:, :3] * 255
    assert np.abs(colormaps.get(theirs) - expected).max() <= 0.5
