"""PNG files: Pillow reads the pixels that were written, and finds little to compress further."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from heatgrid import Heatmap
from heatgrid.viz import map_figure
from heatgrid.viz.canvas import png


@pytest.mark.parametrize("height", [1, 63, 64, 65, 200])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_pixels_are_kept(height: int, mode: str) -> None:
    pixels = np.random.default_rng(height).integers(0, 256, (height, 7, len(mode)), dtype=np.uint8)
    with Image.open(BytesIO(png(Image.fromarray(pixels)))) as image:
        assert image.mode == mode
        assert image.info == {"Software": "heatgrid"}
        np.testing.assert_array_equal(np.asarray(image), pixels)


def test_file_is_at_most_a_fifth_larger_than_the_smallest() -> None:
    rng = np.random.default_rng(1)
    corners = rng.random((2000, 2))
    heat = Heatmap((100, 100))
    heat.add_boxes(np.hstack([corners * 0.7, corners * 0.7 + rng.random((2000, 2)) * 0.3]))
    content, smallest = map_figure(heat).png(), BytesIO()
    Image.open(BytesIO(content)).save(smallest, "PNG", optimize=True)
    assert len(content) <= 1.2 * smallest.getbuffer().nbytes
