"""Validation: one finding per problem, and the commands ``check`` and ``formats``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from heatgrid.io.registry import FORMATS
from heatgrid.validate import validate
from samples import DATA

REAL = Path(__file__).parents[2].parent / "shared/data"

Run = Any


def findings(source: Path, **options: Any) -> dict[tuple[str, str], int]:
    found = validate(source, **options).to_dict()["findings"]
    return {(finding["kind"], finding["what"]): finding["count"] for finding in found}


def table(folder: Path, *rows: str) -> Path:
    path = folder / "a.csv"
    path.write_text("\n".join(["filename,class,xmin,ymin,xmax,ymax", *rows]))
    return path


def polygons(folder: Path, *texts: str) -> Path:
    path = folder / "a.wkt"
    path.write_text("\n".join(texts))
    return path


def test_valid_data_set(run: Run) -> None:
    code, output, messages = run("check", DATA / "coco/valid/scene/annotations.json")
    assert (code, messages) == (0, "")
    assert output.splitlines() == ["3 annotations, 3 images, 1 file, 2 classes", "no problems found"]


def test_empty_outside_invalid_and_duplicate_boxes(tmp_path: Path) -> None:
    rows = [
        "a,car,1,1,9,9",
        "a,car,1,1,1,9",
        "a,car,200,1,210,9",
        "b,car,1,1,9,9",
        "a,car,1,1,9,9",
        "a,dog,1,1,9,9",
    ]
    path = table(tmp_path, *rows, "a,dog,x,1,9,9")
    assert findings(path, size=(100, 100)) == {
        ("empty", "no extent"): 1,
        ("outside", "outside its image"): 1,
        ("duplicate", "same image, class and geometry as an earlier annotation"): 1,
        ("invalid", "coordinate is not a number"): 1,
    }
    found = validate(path, size=(100, 100))
    assert found.classes == {"car": 5, "dog": 1}
    assert not found.valid
    assert found.findings["duplicate"].examples == {
        "same image, class and geometry as an earlier annotation": [f"{path}: line 6"]
    }


def test_polygons_without_area_and_duplicates(tmp_path: Path) -> None:
    path = polygons(
        tmp_path,
        "POLYGON ((1 1, 9 1, 9 9))",
        "POLYGON ((1 1, 5 5, 9 9, 3 3))",
        "POLYGON ((1 1, 9 1, 9 9))",
        "POLYGON ((1 1, 9 1, 1 1))",
        "POLYGON ((1 1, 9 1, 5 1))",
        "MULTIPOLYGON (((1 1, 9 9, 5 5)), ((20 20, 20.1 20, 20.1 20.1)))",
        "POINT (3 3)",
        "POINT (3 3)",
    )
    assert findings(path, size=(100, 100)) == {
        ("degenerate", "polygon without area"): 1,
        ("empty", "no extent"): 1,
        ("duplicate", "same image, class and geometry as an earlier annotation"): 2,
        ("invalid", "fewer than three distinct points"): 1,
    }


def test_polygons_with_other_rings_or_classes_are_no_duplicates(tmp_path: Path) -> None:
    points = ["1 1, 9 1, 9 9", "20 1, 29 1, 29 9", "40 1, 49 1, 49 9"]
    united = f"MULTIPOLYGON ((({points[0]})), (({points[1]}, {points[2]})))"
    others = [
        f"MULTIPOLYGON ((({points[0]}, {points[1]})), (({points[2]})))",
        f"POLYGON (({points[0]}), ({points[1]}, {points[2]}))",
        f"POLYGON (({', '.join(points)}))",
    ]
    twice = ("duplicate", "same image, class and geometry as an earlier annotation")
    path = polygons(tmp_path, united, *others)
    assert findings(path, size=(100, 100)) == {}
    path = polygons(tmp_path, united, *others, others[1], united, united)
    assert findings(path, size=(100, 100)) == {twice: 3}
    rows = [f"{kind};{image};{united}" for kind, image in (("a", "1"), ("b", "1"), ("a", "2"), ("a", "1"))]
    (tmp_path / "a.wkt").unlink()
    (tmp_path / "a.csv").write_text("\n".join(["class;image;geometry", *rows]))
    assert findings(tmp_path / "a.csv", size=(100, 100)) == {twice: 1}


def test_missing_sizes_and_unknown_classes(tmp_path: Path) -> None:
    path = table(tmp_path, "a,car,1,1,9,9", "b,dog,1,1,9,9")
    assert findings(path, classes=["car"]) == {
        ("size", "image of unknown size"): 2,
        ("size", "image size missing (give size= or images=)"): 2,
        ("class", "unexpected class"): 1,
    }
    assert findings(DATA / "yolo/valid/mixed") == {
        ("class", "class number without a name, kept as class_<number>"): 1
    }
    corner_cases = findings(DATA / "coco/broken/corner_cases.json")
    assert corner_cases["class", "unknown category_id, counted as category_<id>"] == 1
    assert corner_cases["class", "annotation without a class, counted as (none)"] == 2


def test_unreadable_files_are_findings() -> None:
    found = findings(DATA / "voc/broken/files", format="voc")
    assert {kind for kind, _ in found} >= {"file"}


def test_findings_as_json_and_exit_codes(run: Run, tmp_path: Path) -> None:
    path = table(tmp_path, "a,car,1,1,1,9")
    code, output, messages = run("check", path, "--size", "100x100", "--json", "--class", "dog")
    assert (code, messages) == (3, "")
    document = json.loads(output)
    assert (document["annotations"], document["valid"], document["classes"]) == (1, False, {"car": 1})
    assert [finding["kind"] for finding in document["findings"]] == ["empty", "class"]
    assert document["findings"][0]["examples"] == [f"{path}: line 2"]
    code, output, _ = run("check", path, "--size", "100x100")
    assert code == 3
    assert output.splitlines()[1:] == ["         1  empty       no extent", f"{'':>24}{path}: line 2"]
    assert run("check", tmp_path / "nothing")[0] == 1
    (tmp_path / "a.csv").write_text("filename,class,xmin,ymin,xmax,ymax\na,car,x,1,1,9")
    code, _, messages = run("check", path, "--on-error", "raise")
    assert code == 1
    assert "line 2: coordinate is not a number" in messages


def test_column_option(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("photo,what,a,b,c,d\nx.png,cat,1,2,3,4\n")
    named = ["image=photo", "class=1", "x1=a", "y1=b", "x2=c", "y2=5"]
    options = [word for column in named for word in ("--column", column)]
    for command in ("check", "map"):
        code, _, messages = run(command, path, "--format", "tables", "--size", "10x10", "-q", *options)
        assert (code, messages) == (0, "")
    code, _, messages = run("check", path, "--column", "photo")
    assert code == 2
    assert "expected ROLE=NAME" in messages
    code, _, messages = run("check", path, "--format", "tables", "--column", "image=nothing")
    assert code == 1
    assert "--column: no column 'nothing' for 'image'" in messages


def test_formats_are_listed_with_examples(run: Run) -> None:
    code, output, _ = run("formats")
    assert code == 0
    assert sorted(line.split()[0] for line in output.splitlines()) == sorted(FORMATS)
    code, output, _ = run("formats", "--json")
    for entry in json.loads(output):
        assert entry["description"]
        assert entry["example"].startswith("heatgrid map annotations.")
    code, output, _ = run("formats", "mot")
    assert output.startswith("MOT Challenge: ")
    assert output.endswith("$ heatgrid map annotations.txt --format mot\n")
    code, _, messages = run("formats", "koko")
    assert code == 2
    assert "got 'koko'" in messages


@pytest.mark.skipif(not REAL.is_dir(), reason="the real data set folder ../shared/data is not available")
def test_real_data_sets() -> None:
    assert findings(REAL / "voc/bccd") == {("empty", "no extent"): 2}
    assert findings(REAL / "same-100-images/gts/openimages_format") == {}


def test_duplicate_masks(tmp_path: Path) -> None:
    codes: list[Any] = [[1, 2, 1], [1, 2, 1], [2, 1, 1], "121", "121"]
    marks = [
        {"image_id": 1, "category_id": 1, "segmentation": {"size": [2, 2], "counts": code}} for code in codes
    ]
    image = {"id": 1, "file_name": "a.jpg", "width": 2, "height": 2}
    category = {"id": 1, "name": "car"}
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"images": [image], "categories": [category], "annotations": marks}))
    assert findings(path) == {
        ("duplicate", "same image, class and geometry as an earlier annotation"): 2,
    }
    examples = validate(path).findings["duplicate"].examples
    assert examples == {
        "same image, class and geometry as an earlier annotation": [
            f"{path}: annotations[1]",
            f"{path}: annotations[4]",
        ]
    }
