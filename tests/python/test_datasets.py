"""Data sets to maps: classes, splits, geometry, presets and several maps at once."""

from __future__ import annotations

import io
import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
import reference
from batches import check_account
from heatgrid.io.files import open_binary
from heatgrid.io.options import Meter, ReadOptions
from samples import DATA

if TYPE_CHECKING:
    from pathlib import Path


REAL = DATA.parents[2] / "shared/data"
SCENES = [DATA / name / "valid/scene" for name in ("coco", "yolo", "voc")]
MIXED = DATA / "yolo/valid/mixed"
WIDTH, HEIGHT = 200, 100

# image, class, box x y w h in pixels, polygon or None
THINGS: list[tuple[str, str, list[float], list[float] | None]] = [
    ("north/1.jpg", "car", [20, 10, 60, 30], None),
    ("north/1.jpg", "dog", [100, 50, 40, 20], [100, 50, 140, 50, 120, 70]),
    ("south/2.jpg", "car", [0, 0, 200, 100], [0, 0, 200, 0, 200, 100, 0, 100]),
    ("south/3.jpg", "tree", [150, 0, 10, 90], [150, 0, 160, 45, 150, 90]),
    ("south/3.jpg", "car", [-30, 20, 50, 20], None),
]
IMAGES = ["north/1.jpg", "south/2.jpg", "south/3.jpg", "south/nothing.jpg"]


def write_coco(
    path: Path, things: list[Any] = THINGS, classes: tuple[str, ...] = ("car", "dog", "tree")
) -> Path:
    """Write things as a COCO file."""
    document = {
        "images": [
            {"id": i, "file_name": name, "width": WIDTH, "height": HEIGHT} for i, name in enumerate(IMAGES)
        ],
        "categories": [{"id": k, "name": name} for k, name in enumerate(classes)],
        "annotations": [
            {
                "id": i,
                "image_id": IMAGES.index(image),
                "category_id": classes.index(name),
                "bbox": box,
                "segmentation": [polygon] if polygon else [],
            }
            for i, (image, name, box, polygon) in enumerate(things)
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    return write_coco(tmp_path / "scenes/things.json")


def counted(things: list[Any], shape: tuple[int, int], rule: str = "center", *, boxes: bool = False) -> Any:
    """Count things with the reference implementation."""
    total = np.zeros(shape, dtype=np.int64)
    size = (float(WIDTH), float(HEIGHT))
    for _, _, (x, y, w, h), polygon in things:
        if polygon and not boxes:
            ring = list(zip(polygon[::2], polygon[1::2], strict=True))
            total += np.array(reference.count_polygons([[[ring]]], shape, size=size, rule=rule).counts)
        else:
            box = (x, y, x + w, y + h)
            total += np.array(reference.count_boxes([box], shape, size=size, rule=rule).counts)
    return total


def of_class(*names: str) -> list[Any]:
    return [thing for thing in THINGS if thing[1] in names]


# One map


def test_the_map_of_a_file(coco: Path) -> None:
    heat = hg.heatmap(coco)
    assert heat.shape == (100, 100)
    assert heat.classes == ("car", "dog", "tree")
    assert heat.spec.rule == "center"
    assert np.array_equal(heat.counts, counted(THINGS, (100, 100)))
    for name in heat.classes:
        assert np.array_equal(heat[name].counts, counted(of_class(name), (100, 100)))
    assert (heat.report.files, heat.report.images, heat.report.read) == (1, 4, 5)
    check_account(heat.report)


def test_several_formats_give_the_same_map() -> None:
    maps = [hg.heatmap(scene, 40) for scene in SCENES]
    assert maps[0].counts.any()
    for heat in maps[1:]:
        assert {name: heat[name].counts.tolist() for name in heat.classes} == {
            name: maps[0][name].counts.tolist() for name in maps[0].classes
        }


@pytest.mark.parametrize("shape", [7, (3, 11), (1, 1)])
def test_grid(coco: Path, shape: Any) -> None:
    heat = hg.heatmap(coco, shape)
    rows_and_columns = shape if isinstance(shape, tuple) else (shape, shape)
    assert heat.shape == rows_and_columns
    assert np.array_equal(heat.counts, counted(THINGS, rows_and_columns))


@pytest.mark.parametrize("names", [["car"], ["tree", "dog"], ["dog", "car", "tree"], "dog", ("tree",)])
def test_chosen_classes(coco: Path, names: Any) -> None:
    heat = hg.heatmap(coco, 20, classes=iter(names) if isinstance(names, list) else names)
    several = (names,) if isinstance(names, str) else tuple(names)
    assert heat.classes == several
    for name in several:
        assert np.array_equal(heat[name].counts, counted(of_class(name), (20, 20)))
    assert heat.report.read == len(of_class(*several))
    assert heat.report.images == 4
    assert heat.report.complete
    check_account(heat.report)
    one_plane = hg.heatmap(coco, 20, classes=several, by_class=False)
    assert one_plane.classes == ()
    assert np.array_equal(one_plane.counts, heat.counts)
    assert one_plane.report.read == heat.report.read


def test_one_grid_for_all_classes(coco: Path) -> None:
    heat = hg.heatmap(coco, 20, by_class=False)
    assert heat.has_classes is False
    assert np.array_equal(heat.counts, hg.heatmap(coco, 20).counts)


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (
            ["card"],
            r"no class 'card' in the source \(did you mean 'car'\?\); its classes are 'car', 'dog', 'tree'",
        ),
        (["car", "zebra"], r"classes: no class 'zebra' in the source; its classes are 'car', 'dog', 'tree'"),
        ([], "classes must name at least one, or be None for all"),
        (["car", "car"], "classes must be distinct, got 'car' twice"),
    ],
)
def test_unknown_classes_raise(coco: Path, names: list[str], text: str) -> None:
    for by_class in (True, False):
        with pytest.raises(ValueError, match=text):
            hg.heatmap(coco, classes=names, by_class=by_class)
        with pytest.raises(ValueError, match=text):
            hg.heatmaps(coco, classes=names, by_class=by_class)


def test_sources_may_have_different_classes(tmp_path: Path) -> None:
    some = write_coco(tmp_path / "some.json", of_class("car"), ("car",))
    others = write_coco(tmp_path / "others.json", of_class("dog", "tree"), ("tree", "dog"))
    heat = hg.heatmap([some, str(others)], 20)
    assert heat.classes == ("car", "tree", "dog")
    assert np.array_equal(heat.counts, counted(THINGS, (20, 20)))
    assert heat.report.files == 2
    one = hg.heatmap(iter([some, others]), 20, classes=["dog"])
    assert np.array_equal(one.counts, counted(of_class("dog"), (20, 20)))


def test_the_message_lists_ten_classes_at_most(tmp_path: Path) -> None:
    names = tuple(f"class {k}" for k in range(60))
    path = write_coco(tmp_path / "many.json", [], names)
    with pytest.raises(ValueError, match=r"'class 9' and 50 more$"):
        hg.heatmap(path, classes=["zebra"])


@pytest.mark.parametrize("geometry", ["auto", "box", "polygon"])
@pytest.mark.parametrize("rule", ["center", "point"])
def test_geometry_and_rule(coco: Path, geometry: Any, rule: Any) -> None:
    heat = hg.heatmap(coco, (9, 13), geometry=geometry, rule=rule)
    things = [thing for thing in THINGS if geometry != "polygon" or thing[3]]
    assert np.array_equal(heat.counts, counted(things, (9, 13), rule, boxes=geometry == "box"))
    assert heat.report.skips == len(THINGS) - len(things)
    check_account(heat.report)


def test_large_boxes_count_at_their_middle(coco: Path) -> None:
    large = [thing for thing in THINGS if thing[2][2] * thing[2][3] > 0.5 * WIDTH * HEIGHT]
    small = [thing for thing in THINGS if thing not in large]
    heat = hg.heatmap(coco, 9, geometry="box", large_box_ratio=0.5)
    expected = counted(small, (9, 9), boxes=True) + counted(large, (9, 9), "point", boxes=True)
    assert large
    assert np.array_equal(heat.counts, expected)


# Presets


def test_the_preset_counts_boxes_by_touch(coco: Path) -> None:
    heat = hg.heatmap(coco, preset="roboflow")
    assert heat.shape == (10, 10)
    assert heat.spec.rule == "touch"
    assert np.array_equal(heat.counts, counted(THINGS, (10, 10), "touch", boxes=True))
    assert heat == hg.heatmap(coco, 10, geometry="box", rule="touch")
    assert hg.heatmap(coco, (4, 6), preset="roboflow").shape == (4, 6)
    assert hg.heatmap(coco, preset="roboflow", geometry="box", rule="touch") == heat


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"preset": "robo"}, "preset must be one of 'roboflow', got 'robo'"),
        ({"preset": "roboflow", "rule": "center"}, "rule cannot be combined with preset='roboflow'.*'touch'"),
        (
            {"preset": "roboflow", "geometry": "auto"},
            "geometry cannot be combined with preset='roboflow'.*'box'",
        ),
    ],
)
def test_options_that_contradict_the_preset_raise(coco: Path, options: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        hg.heatmap(coco, **options)


# Several maps in one pass


def test_maps_by_split() -> None:
    source = MIXED
    maps = hg.heatmaps(source, 10)
    assert list(maps) == ["train", "val", "test"]
    for split, heat in maps.items():
        alone = hg.heatmap(source, 10, splits=[split])
        assert np.array_equal(heat.counts, alone.counts)
        assert heat.report.read == alone.report.read
    assert maps["train"].counts.any()
    assert list(hg.heatmaps(source, 10, splits="valid")) == ["val"]


def test_a_source_without_splits_has_the_key_none(coco: Path) -> None:
    maps = hg.heatmaps(coco, 10)
    assert list(maps) == [None]
    assert maps[None] == hg.heatmap(coco, 10)


def test_maps_by_source(tmp_path: Path) -> None:
    some = write_coco(tmp_path / "some.json", THINGS[:2])
    others = write_coco(tmp_path / "others.json", THINGS[2:])
    maps = hg.heatmaps([some, others], 10, by="source")
    assert list(maps) == [str(some), str(others)]
    assert np.array_equal(maps[str(some)].counts, counted(THINGS[:2], (10, 10)))
    assert np.array_equal(maps[str(others)].counts, counted(THINGS[2:], (10, 10)))


def test_maps_by_a_function_of_the_image(coco: Path) -> None:
    maps = hg.heatmaps(coco, 10, by=lambda name: name.split("/")[0])
    assert list(maps) == ["north", "south"]
    for side, heat in maps.items():
        things = [thing for thing in THINGS if thing[0].startswith(side)]
        assert np.array_equal(heat.counts, counted(things, (10, 10)))
        assert heat.report.read == len(things)
        check_account(heat.report)
    assert [heat.report.images for heat in maps.values()] == [1, 3]


@pytest.mark.parametrize("by", ["split", "source", lambda name: name, lambda name: len(name) % 2])
@pytest.mark.parametrize(
    "source",
    [*SCENES, MIXED, DATA / "yolo/broken/rows", DATA / "coco/broken/corner_cases.json"],
    ids=lambda path: "/".join(path.parts[-3:]),
)
def test_maps_add_up_to_the_map_of_all(source: Path, by: Any) -> None:
    whole = hg.heatmap(source, 10)
    total = sum(hg.heatmaps(source, 10, by=by).values())
    assert isinstance(total, hg.Heatmap)
    assert total == whole
    expected = whole.report.to_dict()
    assert {**total.report.to_dict(), "examples": None} == {**expected, "examples": None}
    check_account(whole.report)


def test_refused_files_are_reported_once(coco: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"images": [], "annotations": [\n{}, {"id": }]}')
    whole = hg.heatmap([broken, coco], 10)
    assert sum(whole.report.refused.values()) == 1
    assert not whole.report.complete
    for by in ("split", "source", lambda name: name):
        total = sum(hg.heatmaps([broken, coco], 10, by=by).values(), start=hg.Heatmap(10, ()))
        assert total == whole == hg.heatmap(coco, 10)
        assert total.report == whole.report


@pytest.mark.parametrize("by", ["image", "Split", None, 3])
def test_a_wrong_by_raises(coco: Path, by: Any) -> None:
    with pytest.raises(
        (TypeError, ValueError), match=r"by must be a name|by: no annotation and no image has"
    ):
        hg.heatmaps(coco, by=by)


# Reading


def test_counting_batches_equals_heatmap() -> None:
    batches = list(hg.read(SCENES[0]))
    assert all(isinstance(batch, hg.Annotations) for batch in batches)
    heat = hg.Heatmap(40, ())
    for batch in batches:
        heat.grow(batch.classes)
        heat.add(batch)
    assert heat == hg.heatmap(SCENES[0], 40)
    assert heat.report == hg.heatmap(SCENES[0], 40).report


def test_on_error_raise_stops_at_the_first_error() -> None:
    source = DATA / "coco/broken/corner_cases.json"
    assert hg.heatmap(source, 10).report.skips > 10
    with pytest.raises(hg.FormatError, match=r"corner_cases\.json: annotations\[\d+\]"):
        hg.heatmap(source, 10, on_error="raise")
    with pytest.raises(hg.FormatError):
        hg.heatmaps(source, 10, on_error="raise")


@pytest.mark.parametrize("splits", ["nowhere", ["nowhere"], ("nowhere", "elsewhere")])
def test_a_missing_split_raises(splits: Any, coco: Path) -> None:
    for source in (MIXED, DATA / "voc/valid/roboflow", coco):
        with pytest.raises(ValueError, match="splits: no split 'nowhere'"):
            hg.heatmap(source, splits=splits)


def test_a_missing_split_of_several_is_noted() -> None:
    heat = hg.heatmap(MIXED, 10, splits=["train", "nowhere"])
    assert heat.report.read == 3
    assert any("nowhere" in note for note in heat.report.notes)


@pytest.mark.parametrize(
    ("source", "error", "text"),
    [
        ("missing.json", FileNotFoundError, r"missing\.json"),
        ([], ValueError, r"source is empty: no files, and no detections; .*numpy\.empty\(\(0, 4\)\)"),
        ("", ValueError, "source must name a file or folder, got ''"),
        (None, TypeError, "source must be a path or several of them, got None"),
        (["scene", 7], TypeError, "source must be a path or several of them, got 7"),
        (b"scene", TypeError, "source must be a path or several of them, got b'scene'"),
    ],
)
def test_wrong_sources_raise(source: Any, error: type[Exception], text: str) -> None:
    for reading in (hg.read, hg.heatmap, hg.heatmaps):
        with pytest.raises(error, match=text):
            reading(source)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        (
            {"classe": ["car"]},
            TypeError,
            r"heatmaps?\(\) .* keyword argument 'classe' \(did you mean 'classes'\?\)",
        ),
        (
            {"zzz": 1},
            TypeError,
            r"heatmaps?\(\) .* 'zzz'; its arguments are source, grid, .*, table_rows",
        ),
        ({"format": "cocoa"}, ValueError, "format.*coco.*got 'cocoa'"),
        ({"on_error": "ignore"}, ValueError, "on_error.*got 'ignore'"),
        ({"geometry": "track"}, ValueError, "geometry must be one of 'auto', .*'line', got 'track'"),
        ({"rule": "touching"}, ValueError, "rule must be one of .*got 'touching'"),
        ({"grid": (0, 5)}, ValueError, "grid must have"),
        ({"large_box_ratio": -1}, ValueError, "large_box_ratio must not be negative"),
        ({"splits": []}, ValueError, "splits must name at least one"),
        ({"images": "no such folder"}, ValueError, "images.*no such folder"),
    ],
)
def test_wrong_options_raise_before_anything_is_read(
    options: dict[str, Any], error: type[Exception], text: str, coco: Path, monkeypatch: Any
) -> None:
    def untouchable(*_: Any) -> None:
        pytest.fail("the source was read")

    monkeypatch.setattr("heatgrid.io.formats.coco.read", untouchable)
    for counting in (hg.heatmap, hg.heatmaps):
        with pytest.raises(error, match=text):
            counting(coco, **options)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_appears_only_on_a_terminal(coco: Path, monkeypatch: Any) -> None:
    quiet, terminal = io.StringIO(), Terminal()
    monkeypatch.setattr("sys.stderr", quiet)
    plain = hg.heatmap(coco, 10)
    assert hg.heatmap(coco, 10, progress=True) == plain
    assert quiet.getvalue() == ""
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr("heatgrid.io.progress.DELAY", 0.01)
    for batch in hg.read(coco, progress=True):
        time.sleep(0.3)
        assert f"counting {len(batch):,} annotations" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")  # the line is cleared
    monkeypatch.setattr("sys.stderr", None)
    assert hg.heatmap(coco, 10, progress=True) == plain


def test_progress_shows_the_position_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_bytes(b"x" * 2_000_000)
    meter = Meter()
    assert str(meter) == ""
    with open_binary(path, ReadOptions(meter=meter)) as file:
        assert str(meter) == "large.csv: 0% of 2.0 MB"
        file.seek(500_000)
        assert str(meter) == "large.csv: 25% of 2.0 MB"
    assert str(meter) == ""


def test_threads_may_read_concurrently() -> None:
    sources = [*SCENES, MIXED] * 4
    expected = [hg.heatmap(source, 20) for source in sources]
    with ThreadPoolExecutor(8) as pool:
        maps = list(pool.map(lambda source: hg.heatmap(source, 20), sources))
    assert maps == expected
    assert [heat.report for heat in maps] == [heat.report for heat in expected]


# Files that others made


@pytest.mark.skipif(not REAL.is_dir(), reason="the real data set folder ../shared/data does not exist")
@pytest.mark.parametrize(
    "name", ["coco/taco/annotations.json", "yolo/books", "yolo/pest-rice-segment", "voc/bccd"]
)
def test_real_data_sets(name: str) -> None:
    heat = hg.heatmap(REAL / name, 50)
    assert heat.report.counted > 300
    assert heat.report.complete == (heat.report.counted == heat.report.read)
    check_account(heat.report)
    assert np.array_equal(heat.by_class.sum(axis=0), heat.counts)
    total = sum(hg.heatmaps(REAL / name, 50, by=lambda image: hash(image) % 5).values())
    assert total == heat
    one = heat.classes[0]
    assert hg.heatmap(REAL / name, 50, classes=one) == heat[one]


def test_the_name_of_the_data_set_is_the_title(tmp_path: Path) -> None:
    folder = tmp_path / "street"
    shutil.copytree(SCENES[0], folder)
    heat = hg.heatmap(folder, 10)
    assert heat.report.name == "street"
    assert heat[heat.classes[0]].report.name == "street"
    assert {one.report.name for one in hg.heatmaps(folder, 10).values()} == {"street"}
    assert hg.heatmap([folder, folder], 10).report.name == "street and 1 more"
    heat.save(tmp_path / "street.npz")
    assert hg.load(tmp_path / "street.npz").report.name == "street"
    other = hg.heatmap(SCENES[0], 10)
    assert (heat + other).report.name == "street and more"
    assert (hg.Heatmap(10) + heat).report.name == "street"
    heat.save(tmp_path / "street.html")
    heat.save(tmp_path / "street.svg")
    assert "<title>street</title>" in (tmp_path / "street.html").read_text()
    assert "<title>street</title>" in (tmp_path / "street.svg").read_text()
