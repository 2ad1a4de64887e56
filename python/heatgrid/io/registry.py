"""What the files of each format begin with: the one place that says so, and imports none of them.

A format's module is imported when a file shows these signs, and never for one that does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from heatgrid.io.probe import Probe


@dataclass(frozen=True, slots=True)
class Signs:
    """What a file of a format shows at first sight.

    Attributes
    ----------
    suffixes
        Of its files, in lower case, the usual one first.
    keys
        Of JSON files, whatever their suffix: they begin with all keys of one of these sets, paths as
        `heatgrid.io.probe.key_paths` gives them. A ``*`` before all of a set stands for one path,
        whatever that is. Of other formats, the suffix is the sign.
    beside
        Suffixes of files that a format of JSON files has, too.
    depth
        So many folders down its files are looked for.
    has_folders
        Whether its folders are told by their arrangement: by the module's ``sniff_folder``, where any file
        has a suffix.
    """

    suffixes: tuple[str, ...]
    keys: tuple[set[str], ...] = ()
    beside: tuple[str, ...] = ()
    depth: int = 5
    has_folders: bool = False

    def are_shown(self, file: Probe) -> bool:
        """Tell whether a file shows them."""
        if not self.keys:
            return file.suffix in self.suffixes
        return file.suffix in self.beside or any(_are_there(sign, file.json_keys) for sign in self.keys)

    def sample(self, folder: Probe) -> Iterator[Probe]:
        """Yield the first few files in a folder that have one of the suffixes."""
        for suffix in self.suffixes + self.beside:
            yield from folder.sample(suffix, self.depth)


def _are_there(sign: set[str], keys: frozenset[str]) -> bool:
    if sign <= keys:
        return True
    first, *others = (key.removeprefix("*") for key in sign)
    if f"*{first}" not in sign:
        return False
    paths = (key.removesuffix(first) for key in keys if key.endswith(first))
    return any(all(path + other in keys for other in others) for path in paths)


SIGNS: dict[str, Signs] = {
    "coco": Signs(
        (".json",),
        keys=(
            {"annotations[].image_id"},
            {"annotations[].category_id", "images"},
            {"images[].file_name", "images[].id"},
            {"images[].id", "annotations"},
            {"images[].coco_url"},
            {"images", "annotations"},
            {"categories[].supercategory", "categories[].id"},
            {"categories[].synset", "categories[].id"},
            {"[].image_id", "[].category_id"},
            {"[].image_id", "[].caption"},
        ),
        depth=2,
    ),
    "yolo": Signs((".yaml", ".yml", ".data", ".txt"), has_folders=True),
    "voc": Signs((".xml",)),
    "supervisely": Signs(
        (".json",),
        keys=(
            {"objects[].classTitle"},
            {"size.width", "objects", "tags"},
            {"size.height", "objects", "description"},
        ),
    ),
    "cvat": Signs((".xml",)),
    "labelme": Signs(
        (".json",),
        keys=(
            {"shapes", "imagePath"},
            {"shapes", "imageData"},
            {"imagePath", "imageData"},
            {"shapes[].points", "shapes[].label"},
        ),
    ),
    "sam": Signs(
        (".json",),
        keys=(
            {"image.file_name", "annotations"},
            {"image.image_id", "annotations"},
            {"annotations[].predicted_iou"},
        ),
    ),
    "createml": Signs(
        (".json",),
        keys=(
            {"[].annotations[].coordinates"},
            {"[].annotation[].coordinates"},
            {"[].image", "[].annotations"},
            {"[].imagefilename", "[].annotation"},
        ),
    ),
    "vott": Signs((".json",), keys=({"asset", "regions"}, {"assets", "tags"}, {"videoSettings", "tags"})),
    "mapillary": Signs(
        (".json",),
        keys=(
            {"objects", "width", "height"},
            {"objects", "width", "heigth"},  # files there spell it both ways
        ),
    ),
    "cityscapes": Signs((".json",), keys=({"imgHeight", "imgWidth", "objects"},)),
    "mot": Signs((".txt",)),
    "datumaro": Signs(
        (".json",),
        keys=(
            {"dm_format_version"},
            {"categories.label.labels"},
            {"items", "categories.label"},
            {"items[].id", "items[].annotations"},
        ),
    ),
    "scalabel": Signs(
        (".json",),
        keys=(
            {"[].name", "[].labels"},
            {"[].url", "[].labels"},
            {"[].labels[].category"},
            {"[].url", "[].videoName"},
            {"frames[].labels"},
            {"frames[].objects"},
            {"frames[].url"},
            {"frames", "groups"},
            {"frames", "frameGroups"},
            {"frames", "config"},
        ),
    ),
    "via": Signs(
        (".json",),
        beside=(".csv",),
        keys=(
            {"_via_img_metadata"},
            {"_via_settings"},
            {"project", "attribute", "view"},
            {"view", "metadata", "file"},
            {"*.regions", "*.filename"},
        ),
    ),
    "table": Signs((".csv", ".tsv", ".parquet"), depth=2),
    "label_studio": Signs(
        (".json",),
        keys=(
            {"[].annotations[].result"},
            {"[].completions[].result"},
            {"[].predictions[].result"},
            {"[].data", "[].annotations"},
            {"[].annotator", "[].annotation_id"},
            {"annotations[].result", "data"},
            {"result", "task.data"},
        ),
    ),
    "openimages": Signs((".csv",), depth=2),
    "kitti": Signs((".txt",)),
    "visdrone": Signs((".txt",)),
    "dota": Signs((".txt",)),
    "wider": Signs((".txt",)),
    "geojson": Signs(
        (".geojson", ".json", ".geojsonl", ".geojsons", ".geojsonseq", ".ndjson", ".jsonl"),
        keys=(
            {"features[].geometry"},
            {"features[].type", "type"},
            {"features", "type"},
            {"geometry.coordinates", "type"},
            {"[].geometry.coordinates"},
            {"coordinates", "type"},
            {"geometries[].coordinates", "type"},
        ),
    ),
    "wkt": Signs((".csv", ".tsv", ".wkt")),
}
