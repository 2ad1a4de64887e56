"""Families of label images: where their files lie, and what their numbers mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from heatgrid.core.ragged import Flag
from heatgrid.io.formats.masks import names as known

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from heatgrid.io.formats.masks.names import Names

FOLDERS = {
    *("mask", "masks", "label", "labels", "annotation", "annotations", "gt", "ground_truth", "groundtruth"),
    *("segmentation", "segmentations", "labelsemantic", "seg"),
}
"""Names of folders that hold label images of no known data set."""

_IMAGES = {"image", "images", "img", "imgs", "jpegimages", "rgb"}
Place = tuple[str, str]
"""Folder that an image's labels are for, and the image's name in it."""


class Label(NamedTuple):
    """Meaning of a number of a label image: a class by number, an instance or None, and `Flag` bits."""

    number: int
    instance: int | None = None
    flags: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of label image of a data set.

    ``find`` returns the image whose labels a file holds, by the names of its folders and its own, or None.
    ``decode`` is the meaning of a number. ``names`` are those of classes where no file lists any; a list of
    names begins with the number ``first``.
    """

    find: Callable[[Sequence[str]], Place | None]
    decode: Callable[[int], Label] = Label
    names: Names = known.NONE
    first: int = 0


@dataclass(frozen=True, slots=True)
class Family:
    """Label images of a data set. Of several kinds that an image has, the first is read."""

    title: str
    kinds: tuple[Kind, ...]


def _named(pattern: str) -> Callable[[Sequence[str]], Place | None]:
    """Return a search by the file's name, whose first group is the image's name."""
    compiled = re.compile(pattern)

    def find(parts: Sequence[str]) -> Place | None:
        found = compiled.fullmatch(parts[-1])
        return ("/".join(parts[:-1]), found[1]) if found else None

    return find


def _below(folder: str) -> Callable[[Sequence[str]], Place | None]:
    """Return a search by the name of a folder, or names of nested ones; files may lie deeper."""

    def find(parts: Sequence[str]) -> Place | None:
        around = "/".join(["", *parts[:-1], ""])
        at = around.rfind(f"/{folder}/")
        if at < 0:
            return None
        return around[1:at], f"{around[at + len(folder) + 2 :]}{_stem(parts[-1])}"

    return find


def _camvid(parts: Sequence[str]) -> Place | None:
    folder = parts[-2] if len(parts) > 1 else ""
    is_set = folder.endswith("annot") and folder != "annot"
    return ("/".join([*parts[:-2], folder.removesuffix("annot")]), _stem(parts[-1])) if is_set else None


def _plain(parts: Sequence[str]) -> Place | None:
    stem = _stem(parts[-1])
    if stem.endswith("_mask"):
        return "/".join(parts[:-1]), stem.removesuffix("_mask")
    at = next((i for i in range(len(parts) - 2, -1, -1) if parts[i].lower() in FOLDERS), None)
    if at is None or any(part.lower() in _IMAGES for part in parts[at:-1]):
        return None
    return ("/".join(parts[:at]), "/".join([*parts[at + 1 : -1], stem]))


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


def _cityscapes(number: int) -> Label:
    if number >= 1000:
        return Label(number // 1000, number)
    is_group = number in known.CITYSCAPES_THINGS  # things that are not apart from each other
    return Label(number, None, int(Flag.CROWD) if is_group else 0)


def _of_256(number: int) -> Label:
    return Label(number // 256, number)


def _of_1000(number: int) -> Label:
    return Label(number // 1000, number)


def ade20k(number: int) -> Label:
    """Return the class that red and green tell, and the instance that blue tells."""
    return Label((number & 255) // 10 * 256 + (number >> 8 & 255), number >> 16)


OBJECTS, CLASSES = "SegmentationObject", "SegmentationClass"
"""Folders of Pascal VOC."""
ADE20K = Family("ADE20K", (Kind(_named(r"(.+)_(?:seg|parts_\d+)\.png"), ade20k),))
VOC = Family(
    "Pascal VOC",
    (Kind(_below(OBJECTS), names=known.VOC), Kind(_below(CLASSES), names=known.VOC)),
)
PLAIN = Family("label images", (Kind(_plain),))
ALONE = Family("label images", (Kind(lambda parts: ("/".join(parts[:-1]), _stem(parts[-1]))),))
"""Any files, for folders that a caller names."""

FAMILIES = (
    Family(
        "Cityscapes",
        (
            Kind(_named(r"(.+)_gt[A-Z][a-z]+_instanceIds\.png"), _cityscapes, known.CITYSCAPES),
            Kind(_named(r"(.+)_gt[A-Z][a-z]+_labelIds\.png"), names=known.CITYSCAPES),
            Kind(_named(r"(.+)_gt[A-Z][a-z]+_labelTrainIds\.png"), names=known.TRAIN_IDS),
        ),
    ),
    ADE20K,
    VOC,
    Family(
        "Mapillary Vistas",
        tuple(
            Kind(_below(f"v{version}/{folder}"), decode)
            for folder, decode in (("instances", _of_256), ("labels", Label))
            for version in ("2.0", "1.2")
        ),
    ),
    Family(
        "KITTI",
        (
            Kind(_below("instance"), _of_256, known.CITYSCAPES),
            Kind(_below("semantic"), names=known.CITYSCAPES),
        ),
    ),
    Family("MOTS", (Kind(_below("instances"), _of_1000, known.MOTS, first=1),)),
    Family(
        "SYNTHIA",
        (Kind(_below("GT/LABELS"), names=known.SYNTHIA), Kind(_below("GT/COLOR"), names=known.SYNTHIA)),
    ),
    Family("CamVid", (Kind(_camvid, names=known.CAMVID),)),
    PLAIN,
)
