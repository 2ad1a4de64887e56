"""GeoTIFF files, read back by rasterio."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.commands.cli import main

BOUNDS = (500_000.0, 5_000_000.0, 500_800.0, 5_000_600.0)
PACKAGES = Path(hg.__file__).resolve().parents[1]


def counts() -> hg.Heatmap:
    random = np.random.default_rng(0)
    return hg.Heatmap((6, 8)).add_points(random.random((400, 2)), labels=random.choice(["car", "dög"], 400))


MAPS = {
    "counts": counts(),
    "large counts": hg.Heatmap(2, by_class=False),
    "areas": hg.Heatmap((2, 3), rule="area", by_class=False).add_boxes([[0.1, 0.1, 0.7, 0.6]]),
    "suppressed": counts().suppressed(6),
    "no class yet": hg.Heatmap(3, ()),
}
MAPS["large counts"].fill(np.array([[[2**40, 1], [2, 3]]]))

rasterio = pytest.importorskip("rasterio", reason="rasterio is not installed")
pytestmark = pytest.mark.peers


def read(heat: hg.Heatmap, **options: Any) -> Any:
    heat.save(stream := io.BytesIO(), format="tif", **options)
    with rasterio.MemoryFile(stream.getvalue()) as file, file.open() as raster:
        return raster.read(), raster.profile, raster.descriptions, raster.tags()


@pytest.mark.parametrize("name", MAPS)
def test_rasterio_reads_equal_values(name: str) -> None:
    heat = MAPS[name]
    values, profile, names, tags = read(heat, crs="EPSG:32632", bounds=BOUNDS)
    np.testing.assert_array_equal(values, [heat.counts, *heat.by_class])
    assert names == ("all classes", *heat.classes)
    assert profile["crs"].to_epsg() == 32632
    is_float = heat.counts.dtype.kind == "f"
    assert profile["dtype"] == ("float64" if is_float else "int64" if name == "large counts" else "int32")
    assert np.isnan(profile["nodata"]) if is_float else profile["nodata"] is None
    assert json.loads(tags["heatgrid"])["unit"] == heat.spec.unit
    assert len(read(heat, bounds=BOUNDS, by_class=False)[0]) == 1


def test_bounds_and_transform_place_the_cells() -> None:
    """An image of 1600 by 1200 pixels of half a meter; a cell is 100 by 100 meters."""
    by_bounds = read(MAPS["counts"], bounds=BOUNDS)[1]["transform"]
    assert by_bounds == rasterio.Affine(100, 0, 500_000, 0, -100, 5_000_600)
    pixels = rasterio.Affine(0.5, 0, 500_000, 0, -0.5, 5_000_600)
    by_pixels = read(MAPS["counts"], transform=pixels, image_size=(1600, 1200))[1]["transform"]
    assert by_pixels == by_bounds
    turned = read(MAPS["counts"], transform=(0, 2, 7, 3, 0, 9), image_size=(16, 12))[1]["transform"]
    assert turned == rasterio.Affine(0, 4, 7, 6, 0, 9)
    assert (turned.b * 6 + turned.c, turned.d * 8 + turned.f) == (2 * 12 + 7, 3 * 16 + 9)  # its far corner


@pytest.mark.parametrize(
    ("heat", "options", "message"),
    [
        (counts(), {}, "a GeoTIFF needs the place of the image: bounds=, or transform= and image_size="),
        (counts(), {"crs": "EPSG:32632"}, "a GeoTIFF needs the place of the image"),
        (counts(), {"bounds": BOUNDS, "transform": (1, 0, 0, 0, 1, 0)}, "a GeoTIFF needs the place"),
        (counts(), {"bounds": BOUNDS, "crs": "nowhere"}, "crs must be a coordinate reference system"),
        (counts(), {"bounds": (1, 2, 3)}, "bounds must be 4 finite numbers, left, bottom, right, top"),
        (counts(), {"bounds": (1, 2, 3, float("nan"))}, "bounds must be 4 finite numbers"),
        (counts(), {"bounds": (1, 5, 3, 4)}, "bounds must be left < right and bottom < top"),
        (counts(), {"transform": (1, 0, 0, 0, 1, 0)}, "transform requires image_size="),
        (counts(), {"transform": (0,) * 6, "image_size": (1, 1)}, "transform must be six numbers"),
        (counts(), {"transform": (1, 0, 0, 0, 1, 0), "image_size": (0, 1)}, "image_size must be above 0"),
        (hg.Heatmap(2, of="size"), {"bounds": BOUNDS}, "a GeoTIFF needs a map of places"),
        (hg.Heatmap(2, fit="letterbox"), {"bounds": BOUNDS}, "a GeoTIFF needs a map of places"),
    ],
)
def test_wrong_options_are_named(heat: hg.Heatmap, options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        heat.save(io.BytesIO(), format="tif", **options)


def test_gdal_opens_the_file(tmp_path: Path) -> None:
    counts().save(tmp_path / "x.tif", crs="EPSG:32632", bounds=BOUNDS)
    code = "from rasterio.rio.main import main_group; main_group()"
    command = [sys.executable, "-c", code, "info", str(tmp_path / "x.tif")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    info = json.loads(done.stdout)
    assert (info["driver"], info["crs"], info["res"]) == ("GTiff", "EPSG:32632", [100.0, 100.0])


def test_a_missing_package_is_named() -> None:
    code = (
        "import sys; sys.modules['rasterio'] = None; import heatgrid as hg, io\n"
        "hg.Heatmap(2).save(io.BytesIO(), format='tif', bounds=(0, 0, 1, 1))"
    )
    command = [sys.executable, "-c", code]
    env = {"PYTHONPATH": str(PACKAGES)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert 'rasterio is needed for this: pip install "heatgrid[geo]"' in done.stderr


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "points.csv", tmp_path / "x.tif"
    source.write_text("x,y\n10,20\n90,70\n")
    command = ["map", str(source), "--size", "100x100", "--grid", "2", "-o", str(out), "--crs", "EPSG:32632"]
    assert main([*command, "--bounds", "0,0,100,100"]) == 0
    with rasterio.open(out) as raster:
        assert raster.read(1).tolist() == [[1, 0], [0, 1]]
        assert raster.bounds == (0, 0, 100, 100)
    command[command.index(str(out))] = str(tmp_path / "x.png")
    with pytest.raises(SystemExit, match="2"):
        main(command)
    assert "--crs needs a GeoTIFF (-o NAME.tif)" in capsys.readouterr().err
