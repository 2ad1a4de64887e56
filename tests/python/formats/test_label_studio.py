"""Label Studio: regions in percent, rotations in pixels, joined results, and brush masks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heatgrid as hg
from heatgrid.core.ragged import Kind
from heatgrid.errors import FormatError
from heatgrid.io.build import SEVERAL
from heatgrid.io.formats.label_studio.brush import decode_brush
from heatgrid.io.parse import MisfitError
from samples import DATA, outcomes, read_all, read_one, read_source

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = DATA / "label_studio"


def test_image_name_is_last_part_of_address() -> None:
    assert read_one(FOLDER / "valid/scene").image_names == ["a.jpg", "b.jpg", "background.jpg"]


def test_regions() -> None:
    path = FOLDER / "valid/regions.json"
    batch = read_one(path)
    assert batch.normalized
    assert batch.ids == ["a", "b", "c", "d", "e", "e", "g", "h"]
    assert [batch.classes[i] for i in batch.label] == [
        *("turned", "leaf", "eye", "disc", "word", "other", "edge", "(none)")
    ]
    assert batch.kinds.tolist() == [2, 2, Kind.POINT, 2, 1, 1, Kind.LINE, 1]
    assert batch.scores is not None
    assert batch.scores[4] == 0.5
    assert batch.polygons is not None
    # 20 by 20 pixels from (50, 40) in an image of 100 by 80, rotated about that corner.
    corners = batch.polygons.coords[:4] * [100, 80]
    assert np.allclose(corners, [[50, 40], [50, 60], [30, 60], [30, 40]])
    disc = batch.polygons.coords[7:] - 0.5
    assert np.allclose(np.hypot(disc[:, 0] / 0.1, disc[:, 1] / 0.25), 1)
    assert batch.report.notes == {"image-level label ignored": 2, SEVERAL: 1}
    assert batch.where(7) == f"{path}: [0].annotations[0].result[10] (id h)"


def test_tasks_with_several_images_and_annotations() -> None:
    batch = read_one(FOLDER / "valid/several.json")
    assert batch.image_names == ["p1.png", "p2.png", "p3.png"]
    assert batch.image.tolist() == [0, 0, 1]
    assert batch.report.notes == {
        "image with several annotations, all read": 1,
        "cancelled annotation ignored": 1,
        "predictions ignored": 1,
    }


def test_json_min_and_single_task() -> None:
    batch = read_one(FOLDER / "valid/min.json")
    assert batch.image_names == ["x.png"]
    assert batch.boxes is not None
    assert batch.boxes.tolist() == [[0.1, 0.2, 0.4, 0.6]]
    assert read_one(FOLDER / "valid/one.json").image_names == ["x.png"]


def test_task_without_image_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "text.json"
    choice = {"type": "choices", "value": {"choices": ["good"]}, "to_name": "text"}
    path.write_text(json.dumps([{"data": {"text": "hello"}, "annotations": [{"result": [choice]}]}]))
    batch = read_one(path)
    assert (batch.image_names, batch.report.notes) == ((), {"task without an image ignored": 1})


def test_each_broken_result_has_a_reason() -> None:
    path = FOLDER / "broken/results.json"
    batches, report = read_all(path)
    assert report.skipped == {
        "annotation is not an object": 1,
        "value is not an object": 1,
        "coordinate is not a number": 1,
        "negative width or height": 1,
        "rotated shape without image size": 1,
        "coordinates are not a list of points": 1,
        "brush mask is truncated": 1,
        "run lengths do not add up to the mask's size": 1,
        "brush mask is not a list of bytes": 2,
        "sequence without keyframes": 1,
        "no radiusY": 1,
        "unsupported shape: vectorlabels": 1,
        "score is not a number": 1,
        "mask without its image's size": 1,
    }
    assert report.examples["brush mask is truncated"] == [f"{path}: [1].annotations[0].result[6] (id g)"]
    skipped = outcomes(batches).skipped
    assert skipped["coordinate or image size not finite"] == 1
    assert skipped["fewer than three distinct points"] == 1
    _, report = read_all(path, size=(10, 10))
    assert "rotated shape without image size" not in report.skipped
    with pytest.raises(FormatError, match="expected a list of tasks"):
        list(read_source(FOLDER / "broken/name.json", format="label_studio"))


def pack(values: list[int], sizes: list[int], split: list[bool]) -> list[int]:
    """Encode values as rle-pack does; ``split`` selects the runs whose values are written one by one."""
    bits = f"{len(values):032b}{7:05b}" + "".join(f"{size - 1:04b}" for size in sizes)
    at = turn = 0
    while at < len(values):
        most = 1 << sizes[turn % 4]
        run = next((k for k in range(at, len(values)) if values[k] != values[at]), len(values)) - at
        if split[turn % len(split)]:
            run = min(max(run, 70), most, len(values) - at)
            bits += f"0{turn % 4:02b}{run - 1:0{sizes[turn % 4]}b}"
            bits += "".join(f"{value:08b}" for value in values[at : at + run])
        else:
            run = min(run, most)
            bits += f"1{turn % 4:02b}{run - 1:0{sizes[turn % 4]}b}{values[at]:08b}"
        at, turn = at + run, turn + 1
    bits += "0" * (-len(bits) % 8)
    return [int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)]


RUNS_OF_PIXELS = st.lists(
    st.tuples(st.sampled_from([0, 255, 7]), st.booleans(), st.integers(1, 40)), min_size=1, max_size=12
)


@given(
    RUNS_OF_PIXELS,
    st.lists(st.integers(1, 16), min_size=4, max_size=4),
    st.lists(st.booleans(), min_size=1, max_size=5),
)
def test_brush_masks_are_decoded(
    runs: list[tuple[int, bool, int]], sizes: list[int], split: list[bool]
) -> None:
    pixels = [(color, alpha) for color, alpha, count in runs for _ in range(count)]
    values = [v for color, alpha in pixels for v in (color, color, 3, 200 * alpha)]
    mask = decode_brush(pack(values, sizes, split), (len(pixels), 1), 10_000)
    assert not isinstance(mask.code, bytes)
    decoded = np.repeat(np.arange(len(mask.code)) % 2 == 1, mask.code)
    assert decoded.tolist() == [alpha for _, alpha in pixels]


def test_brush_masks_are_row_major(tmp_path: Path) -> None:
    values = [v for alpha in (0, 1, 1, 1, 0, 0) for v in [alpha] * 4]
    result: dict[str, Any] = {
        "id": "b",
        "type": "brushlabels",
        "value": {"format": "rle", "rle": pack(values, [3, 4, 8, 16], [False]), "brushlabels": ["sky"]},
        "original_width": 3,
        "original_height": 2,
    }
    path = tmp_path / "brush.json"
    path.write_text(json.dumps([{"data": {"image": "x.png"}, "annotations": [{"result": [result]}]}]))
    batch = read_one(path)
    assert batch.masks is not None
    counts = batch.masks.counts(0)
    assert counts is not None
    assert (list(counts), batch.masks.sizes.tolist()) == ([1, 3, 2], [[2, 3]])
    assert not batch.masks.column_major


def test_brush_masks_are_limited() -> None:
    values = [v for i in range(50) for v in [i % 2] * 4]
    with pytest.raises(MisfitError, match=r"more rows than limits\.vertices"):
        decode_brush(pack(values, [3, 4, 8, 16], [False]), (50, 1), 10)
    with pytest.raises(MisfitError, match="brush mask is truncated"):
        decode_brush([255, 255, 255, 252], (49981, 21483), 10)


def keyframe(frame: object, x: float, *, enabled: bool = True, width: float = 10) -> dict[str, Any]:
    box = {"x": x, "y": 20, "width": width, "height": 10, "rotation": 0, "time": 0.04}
    return {"frame": frame, "enabled": enabled, **box}


def video_task(*sequences: list[dict[str, Any]], frames: int = 10, labels: Any = ("car",)) -> str:
    results = [
        {
            "id": str(i),
            "type": "videorectangle",
            "to_name": "video",
            "from_name": "box",
            "value": {"framesCount": frames, "duration": 1, "sequence": sequence, "labels": list(labels)},
        }
        for i, sequence in enumerate(sequences)
    ]
    task = {"id": 1, "data": {"video": "/data/upload/1/road.mp4"}, "annotations": [{"result": results}]}
    return json.dumps([task])


def test_video_boxes_move_between_enabled_keyframes(tmp_path: Path) -> None:
    """As the converter of label-studio-sdk interpolates: disabled keyframes end a life span."""
    path = tmp_path / "tasks.json"
    first = [keyframe(1, 0), keyframe(5, 40, enabled=False), keyframe(8, 60)]
    path.write_text(video_task(first, [keyframe(2, 10, enabled=False)]))
    batch = read_one(path)
    assert batch.boxes is not None
    found: dict[str, list[float]] = {}
    for image, box in zip(batch.image.tolist(), batch.boxes.tolist(), strict=True):
        found.setdefault(batch.image_names[image], []).append(round(100 * box[0], 9))
    assert found == {
        "road.mp4/000001": [0],
        "road.mp4/000002": [10, 10],
        "road.mp4/000003": [20],
        "road.mp4/000004": [30],
        "road.mp4/000005": [40],
        "road.mp4/000008": [60],
        "road.mp4/000009": [60],
        "road.mp4/000010": [60],
    }
    path.write_text(video_task(first, labels=("car", "taxi")))
    assert {name: own["read"] for name, own in hg.heatmap(path, 10).report.by_class().items()} == {
        "car": 8,
        "taxi": 8,
    }


def test_broken_videos(tmp_path: Path) -> None:
    path = tmp_path / "tasks.json"
    bad = ([keyframe("1", 0)], [keyframe(1, 0), keyframe(3, 0, width=-1)], [keyframe(1, 0)])
    path.write_text(video_task(*bad, frames=10**9))
    _, report = read_all(path)
    assert report.skipped == {
        "keyframe without a frame number": 1,
        "more frames than limits.vertices": 2,
    }
    path.write_text(video_task(*bad, frames=3))
    _, report = read_all(path)
    assert report.skipped == {"keyframe without a frame number": 1, "negative width or height": 1}
