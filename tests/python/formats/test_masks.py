"""Label images of every family: classes, instances, background and void, and where the pixels are counted.

The layouts and numbers are those that each data set documents; see `heatgrid.io.formats.masks`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import heatgrid as hg
from heatgrid.core.kernel import label_masks
from heatgrid.core.ragged import Flag
from heatgrid.errors import FormatError
from heatgrid.io.read import detect
from samples import DATA, read_all, read_one

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.core.annotations import Annotations

VALID = DATA / "masks/valid"


def write(path: Path, pixels: Any, dtype: Any = np.uint8) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.array(pixels, dtype=dtype)).save(path)
    return path


def found(batch: Annotations) -> list[tuple[str, str, object, list[float]]]:
    """Return image, class, instance and box of every annotation."""
    assert batch.boxes is not None
    assert batch.ids is not None
    return [
        (batch.image_names[image], batch.classes[label], key, box)
        for image, label, key, box in zip(
            batch.image.tolist(), batch.label.tolist(), batch.ids, batch.boxes.tolist(), strict=True
        )
    ]


def counts(path: Path, **options: Any) -> dict[str, int]:
    report = hg.heatmap(path, 6, **options).report
    return {name: totals["read"] for name, totals in report.by_class().items()}


def test_runs_and_boxes_equal_a_plain_reading() -> None:
    rng = np.random.default_rng(7)
    for dtype in (np.uint8, np.uint16, np.uint32, np.int64, np.int32):
        for shape in ((1, 1), (3, 1), (1, 9), (7, 5), (40, 33)):
            image = np.repeat(
                rng.integers(0, 200 if dtype is np.uint8 else 60_000, shape) // 50 * 50, 3, axis=1
            )
            labels, masks, boxes = label_masks(image.astype(dtype))
            assert labels.tolist() == np.unique(image).tolist()
            for i, label in enumerate(labels.tolist()):
                runs = masks.counts(i)
                assert isinstance(runs, np.ndarray)
                inside = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(image.shape)
                assert np.array_equal(inside, image == label)
                rows, columns = np.nonzero(image == label)
                assert boxes[i].tolist() == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


def test_cells_take_the_label_of_the_pixel_at_their_center(tmp_path: Path) -> None:
    """As the definitions say, with the fallback of a label that no center hits."""
    image = np.random.default_rng(3).integers(0, 9, (23, 31))
    image[image > 5] = 0
    write(tmp_path / "masks/a.png", image)
    heat = hg.heatmap(tmp_path, (5, 7), format="masks")
    rows, columns = [(np.arange(n) + 0.5) / n for n in (5, 7)]
    sampled = image[np.floor(rows * 23).astype(int)][:, np.floor(columns * 31).astype(int)]
    for name, plane in ((name, heat[name].counts) for name in heat.classes):
        assert np.array_equal(plane, sampled == int(name.removeprefix("class_")))
    tiny = np.zeros((90, 90))
    tiny[0, 0] = 1
    write(tmp_path / "tiny/masks/a.png", tiny)
    report = hg.heatmap(tmp_path / "tiny", 3).report
    assert (report.counted, report.counted_as_point) == (1, 1)


def test_voc_objects_have_the_class_of_their_pixels() -> None:
    batches, report = read_all(VALID / "voc")
    rows = [row for batch in batches for row in found(batch)]
    assert rows == [
        ("p1", "car", 3, [0, 4, 8, 6]),
        ("p1", "person", 1, [0, 0, 3, 3]),
        ("p1", "person", 2, [4, 0, 7, 3]),
        ("p2", "car", None, [0, 4, 8, 6]),
        ("p2", "person", None, [0, 0, 7, 3]),
    ]
    assert [batch.split for batch in batches if len(batch)] == ["train", "val"]
    assert report.notes["background or void of a label image not counted"] == 4


def test_cityscapes_instances_are_preferred_and_groups_are_crowds() -> None:
    batch = read_one(VALID / "cityscapes")
    assert [(name, key) for _, name, key, _ in found(batch)] == [
        ("road", None),
        ("person", None),
        ("car", 26001),
        ("car", 26002),
    ]
    assert batch.flags is not None
    assert batch.flags.tolist() == [0, Flag.CROWD, 0, 0]
    assert (batch.image_names[0], batch.split) == ("ulm_000001_000019", "val")


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("roboflow", {"leaf": 1}),
        ("cvat", {"cat": 1, "dog": 1}),
        ("kitti", {"road": 1, "car": 2}),
        ("mots", {"pedestrian": 1}),
        ("scene", {"car": 2, "person": 1}),
    ],
)
def test_samples(sample: str, expected: dict[str, int]) -> None:
    assert counts(VALID / sample) == expected


def test_camvid_synthia_ade20k_and_vistas(tmp_path: Path) -> None:
    write(tmp_path / "camvid/trainannot/a.png", [[[64, 0, 128], [128, 64, 128], [0, 0, 0]]])
    assert counts(tmp_path / "camvid") == {"Car": 1, "Road": 1}
    write(tmp_path / "synthia/GT/COLOR/a.png", [[[64, 0, 128], [0, 172, 0], [0, 0, 0]]])
    assert counts(tmp_path / "synthia") == {"Car": 1, "Lanemarking": 1}
    # Class 401 is 10 and 145 in red and green, and objects are numbered in blue.
    write(tmp_path / "ade/a_seg.png", [[[10, 145, 1], [10, 145, 2], [0, 0, 0]]])
    write(tmp_path / "ade/a_parts_1.png", [[[0, 7, 1], [0, 0, 0], [0, 0, 0]]])
    (tmp_path / "ade/a_atr.txt").write_text(
        '001 # 0 # 0 # car, auto # car # ""\n002 # 0 # 0 # car, auto # car # ""\n'
        '001 # 1 # 0 # door # door # ""\n'
    )
    assert counts(tmp_path / "ade") == {"car": 2, "door": 1}
    (tmp_path / "ade/a_atr.txt").unlink()
    objects = [{"name": "truck, lorry", "name_ndx": 401}, {"name": "wheel", "name_ndx": 7}]
    (tmp_path / "ade/a.json").write_text(json.dumps({"annotation": {"object": objects}}))
    assert counts(tmp_path / "ade") == {"truck": 2, "wheel": 1}
    write(tmp_path / "vistas/train/v2.0/instances/a.png", [[0, 1, 257, 512]], np.uint16)
    labels = [{"name": name, "color": [i, i, i]} for i, name in enumerate(("bird", "curb", "void--car"))]
    (tmp_path / "vistas/config_v2.0.json").write_text(json.dumps({"labels": labels}))
    assert counts(tmp_path / "vistas") == {"bird": 2, "curb": 1}


def test_sixteen_bits_of_three_channels_are_read_in_full(tmp_path: Path) -> None:
    """Pillow reads the upper byte only; SYNTHIA has classes in the lower byte of the first channel."""
    import struct
    import zlib

    rows = b"\0" + struct.pack(">9H", 8, 1, 0, 8, 2, 0, 0, 0, 0)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 3, 1, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    path = tmp_path / "GT/LABELS/a.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert counts(tmp_path) == {"Car": 1}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("classes.txt", "zero\none\n", {"zero": 1, "one": 1}),
        ("classes.txt", "__ignore__\n_background_\none\n", {"one": 1}),
        ("labels.txt", "0 sky\n1 sea\n", {"sky": 1, "sea": 1}),
        ("class_dict.csv", "name,r,g,b\nbackground,0,0,0\ncat,1,1,1\n", {"cat": 1}),
        ("dataset_meta.json", '{"label_map": {"0": "a", "1": "b"}, "background_label": "1"}', {"a": 1}),
        ("classes.json", '[{"id": 1, "name": "x"}]', {"x": 1}),
        ("classes.json", '{"y": 1}', {"y": 1}),
        (None, "", {"class_1": 1}),
    ],
)
def test_files_of_names(name: str | None, text: str, expected: dict[str, int], tmp_path: Path) -> None:
    write(tmp_path / "masks/a.png", [[0, 0], [1, 1]])
    if name is not None:
        (tmp_path / name).write_text(text)
    assert counts(tmp_path, format="masks") == expected


def test_void_numbers_and_ignore(tmp_path: Path) -> None:
    write(tmp_path / "masks/a.png", [[0, 0, 1], [255, 255, 255]])
    assert counts(tmp_path) == {"class_1": 1}
    assert counts(tmp_path, ignore=[]) == {"class_0": 1, "class_1": 1, "class_255": 1}
    assert counts(tmp_path, ignore=[1]) == {"class_0": 1, "class_255": 1}
    with pytest.raises(ValueError, match="ignore must be numbers of labels"):
        counts(tmp_path, ignore="0")


def test_panoptic_segments_have_the_pixels_of_their_image(tmp_path: Path) -> None:
    """Numbers are red + 256 green + 65536 blue (https://cocodataset.org/#format-data)."""
    pixels = np.zeros((4, 4, 3))
    pixels[:2, :2], pixels[2:] = (1, 2, 3), (9, 0, 0)
    write(tmp_path / "panoptic_val/a.png", pixels)
    segments = [
        {"id": 1 + 2 * 256 + 3 * 65536, "category_id": 1, "bbox": [0, 0, 4, 4]},
        {"id": 9, "category_id": 2, "bbox": [0, 2, 4, 2]},
        {"id": 5, "category_id": 2, "bbox": [0, 0, 1, 1]},
    ]
    document = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 4, "height": 4}],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "sky"}],
        "annotations": [{"image_id": 1, "file_name": "a.png", "segments_info": segments}],
    }
    path = tmp_path / "panoptic_val.json"
    path.write_text(json.dumps(document))
    heat = hg.heatmap(path, 4)
    planes = {name: heat[name].counts.tolist() for name in heat.classes}
    assert planes["cat"] == [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert planes["sky"] == [[1, 0, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 1, 1]]
    assert heat.report.notes["segment without pixels in the panoptic image"] == 1
    (tmp_path / "panoptic_val/a.png").unlink()
    assert hg.heatmap(path, 4).report.notes["panoptic image missing, boxes of its segments used"] == 1


def test_boxes_of_another_format_come_first(tmp_path: Path) -> None:
    write(tmp_path / "masks/a.png", [[0, 1]])
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/a.txt").write_text("0 0.5 0.5 1 1\n")
    assert detect(tmp_path) == "yolo"
    assert "files of another format left out" in hg.heatmap(tmp_path, 2).report.notes


def test_photographs_are_no_label_images(tmp_path: Path) -> None:
    photograph = np.random.default_rng(1).integers(0, 256, (40, 40, 3))
    write(tmp_path / "labels/a.png", photograph)
    with pytest.raises(FormatError, match=r"a folder of files \(1 \.png\): unknown format"):
        hg.heatmap(tmp_path, 2)
    with pytest.raises(FormatError, match=r"1,\d+ colors: a photograph, not a label image"):
        hg.heatmap(tmp_path, 2, format="masks")
    with pytest.raises(FormatError, match=r"more than limits\.bitmap_pixels=100"):
        hg.heatmap(tmp_path, 2, format="masks", limits=hg.Limits(bitmap_pixels=100))


def test_few_images_are_in_memory_at_a_time(tmp_path: Path) -> None:
    for i in range(70):
        write(tmp_path / f"masks/{i}.png", [[0, 1]])
    assert [len(batch.image_names) for batch in read_all(tmp_path)[0]] == [32, 32, 6]
