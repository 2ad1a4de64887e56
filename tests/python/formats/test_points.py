"""Tables of points: x and y without a box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg

if TYPE_CHECKING:
    from pathlib import Path

ROWS = "a.jpg,car,10,20\nb.jpg,dog,90,90\nb.jpg,dog,60,90\n"
SIZE: dict[str, Any] = {"size": (100, 100)}


def table(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_points_in_pixels(tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", "image,label,x,y\n" + ROWS)
    heat = hg.heatmap(path, 2, **SIZE)
    assert heat["car"].counts.tolist() == [[1, 0], [0, 0]]
    assert heat["dog"].counts.tolist() == [[0, 0], [0, 2]]
    assert heat.report.images == 2
    assert hg.heatmap(path, 2, **SIZE, count="images").counts.tolist() == [[1, 0], [0, 1]]
    (batch,) = hg.read(path, **SIZE)
    assert batch.boxes is None
    assert batch.points is not None
    assert batch.points.coords.tolist() == [[10, 20], [90, 90], [60, 90]]


def test_normalized_points_of_one_image(tmp_path: Path) -> None:
    path = table(tmp_path / "eyes.csv", "x;y\n0.1;0.2\n1;1\n1.1;0.5\n0.5;\n")
    heat = hg.heatmap(path, 2)
    assert heat.counts.tolist() == [[1, 0], [0, 1]]
    assert (heat.report.read, heat.report.outside) == (4, 1)
    assert heat.report.skipped == {"coordinate missing": 1}
    assert [found.image for found in hg.find(path, (0, 0), 2)] == ["eyes"]


@pytest.mark.parametrize(
    "header", ["image,kind,x,y", "file,class,cx,cy", "frame,type,X,Y", "img,cls,point_x,point_y"]
)
def test_names_of_columns(tmp_path: Path, header: str) -> None:
    path = table(tmp_path / "p.csv", f"{header}\n{ROWS}")
    assert hg.heatmap(path, 2, **SIZE).counts.tolist() == [[1, 0], [0, 2]]


def test_chosen_columns(tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", "photo,what,column,row\n" + ROWS)
    columns: dict[str, str | int] = {"image": "photo", "class": "what", "x": "column", "y": "row"}
    heat = hg.heatmap(path, 2, columns=columns, format="tables", **SIZE)
    assert heat.classes == ("car", "dog")
    assert heat.counts.tolist() == [[1, 0], [0, 2]]
    path = table(tmp_path / "boxes.csv", "image,class,x1,y1,x2,y2,mx,my\na.jpg,car,0,0,90,90,10,20\n")
    points = hg.heatmap(path, 2, columns={"x": "mx", "y": "my"}, **SIZE)
    assert points.counts.tolist() == [[1, 0], [0, 0]]
    assert hg.heatmap(path, 2, **SIZE).counts.tolist() == [[1, 1], [1, 1]]


def test_boxes_stay_boxes(tmp_path: Path) -> None:
    for header in ("image,class,x,y,width,height", "image,class,cx,cy,w,h"):
        (batch,) = hg.read(table(tmp_path / "b.csv", f"{header}\na.jpg,car,10,20,5,5\n"), **SIZE)
        assert batch.points is None
        assert batch.boxes is not None


@pytest.mark.peers
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_data_frames_and_parquet(library: str, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    module = pytest.importorskip(library)
    frame = module.read_csv(table(tmp_path / "p.csv", "image,label,x,y\n" + ROWS))
    heat = hg.heatmap(frame, 2, **SIZE)
    assert heat == hg.heatmap(tmp_path / "p.csv", 2, **SIZE)
    bare = hg.Heatmap(2).add(frame[["x", "y"]], **SIZE)
    assert bare.counts.tolist() == [[1, 0], [0, 2]]
    (frame.to_parquet if library == "pandas" else frame.write_parquet)(tmp_path / "p.parquet")
    assert hg.heatmap(tmp_path / "p.parquet", 2, **SIZE) == heat
    assert np.array_equal(heat.counts, hg.count_points([[10, 20], [90, 90], [60, 90]], 2, size=(100, 100)))
