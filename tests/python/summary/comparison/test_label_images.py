"""Comparison of folders of PNG masks: differences as a loop over pixels finds them, pairs by name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

import heatgrid as hg

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from numpy.typing import NDArray

SIDE, IMAGES = 20, 12
NAMES = ("background", "car", "dog")


def label_image(i: int, shift: int) -> NDArray[np.uint8]:
    """Return an image with a car, and a dog in every other image, moved to the right."""
    pixels = np.zeros((SIDE, SIDE), dtype=np.uint8)
    pixels[i % 8 : i % 8 + 5, 2 + shift : 8 + shift] = 1
    if i % 2:
        pixels[14:18, 4 + shift : 10 + shift] = 2
    return pixels


def write(folder: Path, shift: int, suffix: str = "") -> Path:
    (folder / "masks").mkdir(parents=True)
    (folder / "masks/classes.txt").write_text("\n".join(NAMES) + "\n")
    for i in range(IMAGES):
        Image.fromarray(label_image(i, shift)).save(folder / f"masks/{i}{suffix}.png")
    return folder


def share(shift: int, numbers: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the share of hits of some classes per cell, one cell per pixel."""
    counts = np.zeros((SIDE, SIDE))
    for i in range(IMAGES):
        counts += np.isin(label_image(i, shift), numbers)
    return np.asarray(counts / counts.sum())


def test_masks_are_compared_by_pixel(tmp_path: Path) -> None:
    truth, found = write(tmp_path / "truth", 0), write(tmp_path / "found", 6)
    result = hg.compare(truth, found, SIDE)
    assert np.allclose(result.difference, share(0, (1, 2)) - share(6, (1, 2)))
    assert f"the same {IMAGES} images in pairs" in str(result)
    single = hg.compare(truth, found, SIDE, classes=["dog"])
    assert np.allclose(single.difference, share(0, (2,)) - share(6, (2,)))


def test_masks_are_matched_by_name_with_those_of_coco(tmp_path: Path) -> None:
    annotations: list[dict[str, Any]] = []
    for i in range(IMAGES):
        for number in (1, 2) if i % 2 else (1,):
            runs = np.flatnonzero(np.diff(np.r_[2, (label_image(i, 0) == number).T.reshape(-1), 2]))
            code = {"size": [SIDE, SIDE], "counts": np.diff(runs).tolist()}  # columns; the first is not set
            entry = {"id": len(annotations) + 1, "image_id": i, "category_id": number, "segmentation": code}
            annotations.append(entry | {"iscrowd": 0, "area": 1})
    document = {
        "images": [{"id": i, "file_name": f"{i}.jpg", "width": SIDE, "height": SIDE} for i in range(IMAGES)],
        "annotations": annotations,
        "categories": [{"id": i, "name": NAMES[i]} for i in (1, 2)],
    }
    coco = tmp_path / "truth.json"
    coco.write_text(json.dumps(document))
    for name, suffix in (("same", ""), ("named", "_mask")):
        result = hg.compare(coco, write(tmp_path / name, 0, suffix), SIDE)
        assert not result.difference.any()


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from heatgrid.commands.cli import main

    write(tmp_path / "truth", 0)
    write(tmp_path / "found", 6)
    picture = tmp_path / "difference.png"
    assert main(["compare", str(tmp_path / "truth"), str(tmp_path / "found"), "-o", str(picture)]) == 0
    assert "of hits are in different places" in capsys.readouterr().out
    with Image.open(picture) as image:
        assert image.width > 100
