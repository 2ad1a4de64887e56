"""Image sizes: found in the usual layouts, compared with declared ones, never guessed."""

from __future__ import annotations

import io
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

import heatgrid as hg
from heatgrid.io import images as image_files
from heatgrid.io.images import AMBIGUOUS, DIFFERENT, ENDED, ON_MAP, UNREADABLE, header_size
from heatgrid.validate import validate

if TYPE_CHECKING:
    from heatgrid.heatmap import Heatmap

CASES = Path(__file__).parents[3].parent / "shared/cases"
ORIENTATION = 0x0112
MISSING = "image size missing (give size= or images=)"


def draw(path: Path, size: tuple[int, int] = (200, 100), turn: int = 0) -> None:
    """Write an image, in an orientation."""
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    if turn:
        exif[ORIENTATION] = turn
    Image.new("1", size).convert("L").save(path, exif=exif)


def write(path: Path, text: Any) -> None:
    """Write a text, or JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if isinstance(text, str) else json.dumps(text))


VOC = (
    "<annotation><filename>{}</filename>{}<object><name>x</name><bndbox><xmin>20</xmin><ymin>10</ymin>"
    "<xmax>100</xmax><ymax>50</ymax></bndbox></object></annotation>"
)
DOTA = "20 10 100 10 100 50 20 50 ship 0\n"
KITTI = "Car 0 0 0 20 10 100 50 1 1 1 1 1 1 1\n"
VISDRONE = "20,10,80,40,1,4,0,0\n"
MOT = "1,1,20,10,80,40,1,1,1\n2,1,20,10,80,40,1,1,1\n"
WIDER = "{}\n1\n20 10 80 40 0 0 0 0 0 0\n"
CREATEML = [
    {
        "image": "a.jpg",
        "annotations": [{"label": "x", "coordinates": {"x": 60, "y": 30, "width": 80, "height": 40}}],
    }
]
VIA = {
    "a.jpg1": {
        "filename": "a.jpg",
        "size": 1,
        "regions": [
            {
                "shape_attributes": {"name": "rect", "x": 20, "y": 10, "width": 80, "height": 40},
                "region_attributes": {"class": "x"},
            }
        ],
    }
}
SCALABEL = [
    {
        "name": "a.jpg",
        "labels": [{"id": "1", "category": "car", "box2d": {"x1": 20, "y1": 10, "x2": 100, "y2": 50}}],
    }
]
LABELME = {
    "shapes": [{"label": "x", "shape_type": "rectangle", "points": [[20, 10], [100, 50]]}],
    "imagePath": "..\\JPEG\\a.jpg",
    "imageHeight": None,
    "imageWidth": None,
}
GEOJSON = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"class": "x"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[20, 10], [100, 10], [100, 50], [20, 50], [20, 10]]],
            },
        }
    ],
}
RESULTS = [{"image_id": 42, "category_id": 1, "bbox": [20, 10, 80, 40], "score": 0.5}]
COCO = {
    "images": [{"id": 1, "file_name": "a.jpg"}],
    "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [20, 10, 80, 40]}],
    "categories": [{"id": 1, "name": "x"}],
}
OPEN_IMAGES = "ImageID,LabelName,XMin,XMax,YMin,YMax\na,/m/1,20,100,10,50\n"
VOTT = {
    "asset": {"name": "a.jpg", "format": "jpg"},
    "regions": [{"tags": ["x"], "boundingBox": {"left": 20, "top": 10, "width": 80, "height": 40}}],
}

# Per layout: the annotation file and its text, the image, and the sources besides the whole folder.
LAYOUTS: dict[str, tuple[str, Any, str, list[str]]] = {
    "voc": ("Annotations/a.xml", VOC.format("a.jpg", ""), "JPEGImages/a.jpg", ["Annotations"]),
    "voc, beside": ("train/a.xml", VOC.format("a.jpg", ""), "train/a.jpg", ["train"]),
    "voc, split": (
        "annotations/train/a.xml",
        VOC.format("", ""),
        "images/train/a.png",
        ["annotations/train"],
    ),
    "voc, zero": (
        "xmls/a.xml",
        VOC.format("a", "<size><width>0</width><height>0</height></size>"),
        "images/a.jpg",
        ["xmls"],
    ),
    "dota": ("train/labelTxt/P1.txt", DOTA, "train/images/P1.png", ["train", "train/labelTxt"]),
    "dota, version 1.5": ("labelTxt-v1.5/trainset/P1.txt", DOTA, "images/P1.png", ["labelTxt-v1.5"]),
    "dota, split": ("labels/train/P1.txt", DOTA, "images/train/P1.png", ["labels", "labels/train"]),
    "kitti": ("training/label_2/000001.txt", KITTI, "training/image_2/000001.png", ["training/label_2"]),
    "kitti, tracking": (
        "training/label_02/0000.txt",
        "1 3 " + KITTI,
        "training/image_02/0000/000001.png",
        ["training/label_02"],
    ),
    "kitti, beside": ("a.txt", KITTI, "a.jpg", []),
    "visdrone": (
        "VisDrone2019-DET-train/annotations/1_2_d_3.txt",
        VISDRONE,
        "VisDrone2019-DET-train/images/1_2_d_3.jpg",
        ["VisDrone2019-DET-train/annotations"],
    ),
    "visdrone, video": (
        "annotations/uav1.txt",
        "1,1," + VISDRONE,
        "sequences/uav1/0000001.jpg",
        ["annotations"],
    ),
    "mot": (
        "train/MOT17-02/gt/gt.txt",
        MOT,
        "train/MOT17-02/img1/000001.jpg train/MOT17-02/img1/000002.jpg",
        ["train/MOT17-02", "train/MOT17-02/gt"],
    ),
    "mot, eight digits": (
        "train/dancetrack1/gt/gt.txt",
        MOT,
        "train/dancetrack1/img1/00000001.jpg train/dancetrack1/img1/00000002.jpg",
        ["train"],
    ),
    "wider": (
        "wider_face_split/wider_face_train_bbx_gt.txt",
        WIDER.format("0--Parade/0_Parade_1.jpg"),
        "WIDER_train/images/0--Parade/0_Parade_1.jpg",
        ["wider_face_split", "wider_face_split/wider_face_train_bbx_gt.txt"],
    ),
    "createml": ("train/_annotations.createml.json", CREATEML, "train/a.jpg", ["train"]),
    "createml, folder": ("annotations.json", CREATEML, "images/a.jpg", []),
    "via": ("train/via_region_data.json", VIA, "train/a.jpg", ["train"]),
    "scalabel": (
        "labels/det_20/det_train.json",
        SCALABEL,
        "images/100k/train/a.jpg",
        ["labels/det_20", "labels"],
    ),
    "labelme": ("a.json", LABELME, "a.jpg", []),
    "retinanet": ("annotations.csv", "images/a.jpg,20,10,100,50,x\n", "images/a.jpg", []),
    "table": (
        "train/_annotations.csv",
        "filename,class,xmin,ymin,xmax,ymax\na.jpg,x,20,10,100,50\n",
        "train/a.jpg",
        ["train"],
    ),
    "open images in pixels": ("annotations/train.csv", OPEN_IMAGES, "train/a.jpg", ["annotations"]),
    "geojson": ("labels/a.geojson", GEOJSON, "images/a.png", ["labels"]),
    "wkt": ("a.wkt", "POLYGON ((20 10, 100 10, 100 50, 20 50, 20 10))\n", "a.png", []),
    "coco": ("annotations/instances_val2017.json", COCO, "val2017/a.jpg", ["annotations"]),
    "coco results": ("results/bbox.json", RESULTS, "val2017/000000000042.jpg", ["results"]),
    "vott": ("vott-json-export/a.json", VOTT, "vott-json-export/a.jpg", []),
}


def count(source: Path | list[Path], **options: Any) -> Heatmap:
    return hg.heatmap(source, 10, geometry="box", rule="touch", by_class=False, **options)


@pytest.mark.parametrize("name", LAYOUTS)
def test_sizes_are_found_in_the_usual_layouts(name: str, tmp_path: Path) -> None:
    file, text, pictures, sources = LAYOUTS[name]
    root = tmp_path / "set"
    write(root / file, text)
    for picture in pictures.split():
        draw(root / picture)
    for source in [root, root / file, *(root / inner for inner in sources)]:
        heat = count(source)
        assert heat.report.read == heat.report.counted > 0, source
        assert heat.report.complete
        # From 0.1 to 0.5 both ways: rows and columns 1 to 4 (or 5, which the edge touches).
        assert heat.counts[1:5, 1:5].min() == heat.report.counted
        assert heat.counts[6:].sum() == heat.counts[:, 6:].sum() == heat.counts[0].sum() == 0


def test_letterbox_finds_sizes_of_normalized_annotations(tmp_path: Path) -> None:
    write(tmp_path / "labels/train/a.txt", "0 0.5 0.5 1 1\n")
    draw(tmp_path / "images/train/a.jpg", (200, 100))
    for source in (tmp_path, tmp_path / "labels", tmp_path / "labels/train"):
        heat = count(source, fit="letterbox")
        assert heat.report.counted == 1
        assert heat.counts.sum(axis=1).tolist() == [0, 0, 10, 10, 10, 10, 10, 10, 0, 0]
    batches = [batch.sizes for batch in hg.read(tmp_path)]
    assert batches == [None]  # otherwise no image is looked at


def test_nearest_folder_wins(tmp_path: Path) -> None:
    for split, size in (("train", (200, 100)), ("val", (400, 200))):
        write(tmp_path / f"{split}/labelTxt/a.txt", DOTA)
        draw(tmp_path / f"{split}/images/a.png", size)
    sizes = {batch.split: batch.sizes.tolist() for batch in hg.read(tmp_path) if batch.sizes is not None}
    assert sizes == {"train": [[200, 100]], "val": [[400, 200]]}


@pytest.mark.parametrize(
    ("file", "name", "others"),
    [
        ("all.csv", "train/a.jpg", "val/a.jpg"),  # the name's own folder
        ("labels/site 1/a.csv", "a.jpg", "images/site 2/a.jpg"),  # the annotation file's folder
        ("annotations/val.csv", "a.jpg", "images/train/a.jpg"),  # the split
    ],
)
def test_equally_near_files_are_told_apart(file: str, name: str, others: str, tmp_path: Path) -> None:
    write(tmp_path / file, f"filename,class,xmin,ymin,xmax,ymax\n{name},x,20,10,100,50\n")
    own = {"all.csv": "pictures/train/a.jpg", "labels/site 1/a.csv": "images/site 1/a.jpg"}
    draw(tmp_path / own.get(file, "images/val/a.jpg"), (200, 100))
    draw(tmp_path / others, (400, 200))
    (batch,) = hg.read(tmp_path)
    assert batch.sizes is not None
    assert batch.sizes.tolist() == [[200, 100]]


def test_two_sizes_of_one_name_are_no_size(tmp_path: Path) -> None:
    write(tmp_path / "a.json", CREATEML)
    draw(tmp_path / "x/a.jpg", (200, 100))
    draw(tmp_path / "y/a.jpg", (200, 100))
    assert count(tmp_path).report.counted == 1  # equal sizes do not matter
    draw(tmp_path / "z/a.jpg", (100, 200))
    report = count(tmp_path).report
    assert report.skipped == {MISSING: 1}
    assert report.notes == {AMBIGUOUS: 1}
    assert report.examples[AMBIGUOUS] == [
        f"a.jpg: {', '.join(str(tmp_path / folder / 'a.jpg') for folder in 'xyz')}"
    ]
    assert validate(tmp_path).to_dict()["findings"][0]["what"] in {
        MISSING,
        "image of unknown size",
        AMBIGUOUS,
    }


def test_a_mask_of_the_same_name_is_not_the_image(tmp_path: Path) -> None:
    write(tmp_path / "a.json", CREATEML)
    draw(tmp_path / "images/a.jpg", (200, 100))
    draw(tmp_path / "masks/a.png", (20, 10))
    assert count(tmp_path).report.counted == 1


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_displayed_size_is_read(suffix: str, turn: int, tmp_path: Path) -> None:
    draw(tmp_path / f"a{suffix}", (40, 20), turn)
    assert header_size(tmp_path / f"a{suffix}") == ((20, 40) if turn > 4 else (40, 20))


def test_header_of_a_huge_image_is_read_without_its_pixels(tmp_path: Path) -> None:
    Image.new("1", (30_000, 20_000)).save(tmp_path / "a.png")
    head = (tmp_path / "a.png").read_bytes()[:200]  # the pixels are cut off
    (tmp_path / "a.png").write_bytes(head)
    assert header_size(tmp_path / "a.png") == (30_000, 20_000)


def test_unreadable_headers_are_reported(tmp_path: Path) -> None:
    write(tmp_path / "a.json", CREATEML)
    write(tmp_path / "a.jpg", "no image")
    report = count(tmp_path).report
    assert report.skipped == {MISSING: 1}
    assert report.notes == {UNREADABLE: 1}
    assert report.examples[UNREADABLE] == [str(tmp_path / "a.jpg")]


def test_pipes_are_not_read(tmp_path: Path) -> None:
    write(tmp_path / "a.json", CREATEML)
    os.mkfifo(tmp_path / "a.jpg")
    assert count(tmp_path).report.skipped == {MISSING: 1}
    assert header_size(tmp_path / "a.jpg") is None


def test_many_headers_are_read_in_order(tmp_path: Path) -> None:
    for i in range(300):
        draw(tmp_path / f"images/{i}.png", (100 + i, 50))
    rows = (f"{i}.png,x,20,10,90,40\n" for i in range(300))
    write(tmp_path / "a.csv", "filename,class,xmin,ymin,xmax,ymax\n" + "".join(rows))
    (batch,) = hg.read(tmp_path)
    assert batch.sizes is not None
    assert batch.sizes[:, 0].tolist() == [100 + i for i in range(300)]


def test_nothing_leads_out_of_the_folder_that_holds_the_source(tmp_path: Path) -> None:
    root = tmp_path / "holder/set"
    draw(tmp_path / "secret/a.jpg")
    for name in ("../../secret/a.jpg", str(tmp_path / "secret/a.jpg"), "a.jpg"):
        write(root / "a.json", [CREATEML[0] | {"image": name}])
        assert count(root).report.skipped == {MISSING: 1}
    (root / "images").symlink_to(tmp_path / "secret")
    (root / "a.jpg").symlink_to(tmp_path / "secret/a.jpg")
    assert count(root).report.skipped == {MISSING: 1}
    assert count(root, images=root).report.counted == 1  # a folder that the caller names may hold links
    draw(tmp_path / "holder/pictures/b.jpg")
    (root / "a.jpg").unlink()
    (root / "a.jpg").symlink_to("../pictures/b.jpg")
    assert count(root).report.counted == 1


def test_search_ends_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "set"
    write(root / "a.json", CREATEML)
    draw(root / "b/c/d/a.jpg")
    monkeypatch.setattr(image_files, "_MOST_FOLDERS", 3)
    report = count(root).report
    assert report.skipped == {MISSING: 1}
    assert report.notes == {ENDED: 1}
    assert count(root, images=root / "b/c").report.counted == 1


def test_given_sizes_come_before_images(tmp_path: Path) -> None:
    write(
        tmp_path / "a.json", [*CREATEML, CREATEML[0] | {"image": "b.jpg"}, CREATEML[0] | {"image": "c.jpg"}]
    )
    draw(tmp_path / "a.jpg", (200, 100))
    draw(tmp_path / "b.jpg", (300, 200))

    def sizes(**options: Any) -> list[list[float]]:
        (batch,) = hg.read(tmp_path, **options)
        assert batch.sizes is not None
        return [list(map(float, size)) for size in batch.sizes]

    assert sizes(size=(9, 8)) == [[9, 8]] * 3
    assert sizes(size=(9, 8), images=tmp_path) == [[200, 100], [300, 200], [9, 8]]
    assert sizes(size={"a": (5, 4), "c.jpg": (7, 6)}) == [[5, 4], [300, 200], [7, 6]]


SWAPPED = {
    "images": [{"id": 1, "file_name": "a.jpg", "width": 40, "height": 20}],
    "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [2, 4, 8, 14]}],
    "categories": [{"id": 1, "name": "x"}],
}


@pytest.mark.parametrize(
    ("size", "turn", "text"),
    [
        ((40, 20), 6, "20 × 40 in the image, EXIF orientation"),  # noqa: RUF001
        ((20, 40), 0, "20 × 40 in the image"),  # noqa: RUF001
        ((80, 40), 0, "80 × 40 in the image"),  # noqa: RUF001
        ((80, 40), 6, "40 × 80 in the image"),  # noqa: RUF001
        ((40, 20), 3, None),
        ((20, 40), 6, None),
    ],
)
def test_declared_sizes_are_compared(
    size: tuple[int, int], turn: int, text: str | None, tmp_path: Path, run: Any
) -> None:
    write(tmp_path / "a.json", SWAPPED)
    draw(tmp_path / "images/a.jpg", size, turn)
    heat = count(tmp_path, images=tmp_path)
    assert heat.report.complete
    assert heat.counts[2:9, :3].min() == 1  # the declared size is used: 0.05 0.2 0.25 0.9
    assert heat.counts[:, 3:].sum() == 0
    code, output, _ = run("check", tmp_path)
    if text is None:
        assert heat.report.notes == {}
        assert code == 0
        return
    place = f"{tmp_path / 'a.json'}: a.jpg: 40 × 20 declared, {text}"  # noqa: RUF001
    assert heat.report.notes == {DIFFERENT: 1}
    assert heat.report.examples[DIFFERENT] == [place]
    assert code == 3
    assert f"size        {DIFFERENT}" in output
    assert place in output
    assert DIFFERENT in run("map", tmp_path, "--images", tmp_path)[2]


def test_every_difference_is_counted(tmp_path: Path) -> None:
    images = [{"id": i, "file_name": f"{i}.png", "width": 40, "height": 20} for i in range(9)]
    write(tmp_path / "a.json", SWAPPED | {"images": images})
    for i in range(9):
        draw(tmp_path / f"{i}.png", (40, 20 + i % 3))
    found = validate(tmp_path)
    assert found.findings["size"].notes == {DIFFERENT: 6}


@pytest.mark.skipif(not CASES.is_dir(), reason="../shared/cases does not exist")
def test_cases_of_turned_images(run: Any) -> None:
    turned = CASES / "c06_exif_rotated"
    for name in ("coco_swapped.json", "coco_swapped2.json"):
        code, output, _ = run("check", turned / name)
        assert code == 3
        assert "a.jpg: 40 × 20 declared, 20 × 40 in the image, EXIF orientation" in output  # noqa: RUF001
    (batch,) = hg.read(turned / "voc")
    assert batch.sizes is not None
    assert batch.sizes.tolist() == [[20, 40]]
    assert count(CASES / "c16_voc_odd/size0.xml").report.skipped == {MISSING: 1}


@pytest.mark.parametrize("placed", ["tags", "world file"])
def test_rasters_on_a_map_give_no_size_to_map_coordinates(placed: str, tmp_path: Path) -> None:
    write(tmp_path / "a.geojson", GEOJSON)
    scale = {33550: (0.5, 0.5, 0.0), 33922: (0.0, 0.0, 0.0, 13.0, 52.0, 0.0)}
    Image.new("L", (200, 100)).save(tmp_path / "a.tif", tiffinfo=scale if placed == "tags" else {})
    if placed == "world file":
        write(tmp_path / "a.tfw", "1\n0\n0\n1\n0.5\n0.5\n")
    report = count(tmp_path).report
    assert report.skipped == {MISSING: 1}
    assert report.notes == {ON_MAP: 1}
    assert count(tmp_path, transform=(1, 0, 0, 0, 1, 0)).report.counted == 1
    assert count(tmp_path, images=tmp_path).report.counted == 1


def test_folders_are_listed_once_for_many_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for i in range(20):
        write(tmp_path / f"set/label_2/{i}.txt", KITTI)
        draw(tmp_path / f"set/image_2/{i}.png")
    listed: list[str] = []
    scandir = os.scandir

    def list_folder(path: str) -> Any:
        listed.append(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", list_folder)
    choices: list[dict[str, Any]] = [{}, {"images": tmp_path / "set"}]
    for options in choices:
        listed.clear()
        assert count([*(tmp_path / "set/label_2").iterdir()], **options).report.counted == 20
        assert len(listed) <= 4


def test_a_copy_of_another_size_is_no_difference(tmp_path: Path) -> None:
    write(tmp_path / "a.json", SWAPPED)
    draw(tmp_path / "images/a.jpg", (40, 20))
    draw(tmp_path / "images/thumbnails/a.jpg", (20, 10))
    assert validate(tmp_path).valid
    draw(tmp_path / "images/a.jpg", (80, 40))
    assert validate(tmp_path).findings["size"].notes == {AMBIGUOUS: 1}


def test_standard_input_has_no_images_near_it(
    tmp_path: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("a.jpg", "images/a.jpg"):
        draw(tmp_path / place)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(CREATEML).encode())))
    code, _, messages = run("map", "-")
    assert code == 1  # nothing was counted
    assert "image size missing" in messages


def test_difference_names_the_file_in_a_folder(tmp_path: Path) -> None:
    size = "<size><width>1000000</width><height>20</height></size>"
    write(tmp_path / "Annotations/a.xml", VOC.format("a.jpg", size))
    draw(tmp_path / "JPEGImages/a.jpg", (200, 100))
    report = validate(tmp_path).findings["size"]
    place = f"{tmp_path / 'Annotations/a.xml'}: a: 1000000 × 20 declared, 200 × 100 in the image"  # noqa: RUF001
    assert report.examples[DIFFERENT] == [place]
