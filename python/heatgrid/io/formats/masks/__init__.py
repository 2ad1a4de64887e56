"""Label images: PNG images whose pixels are numbers or colors of classes, instances or segments.

Each class of an image (semantic), or each instance, is one annotation. Folders are recognized by the names
that data sets use:

- Pascal VOC (http://host.robots.ox.ac.uk/pascal/VOC): ``SegmentationClass``, ``SegmentationObject``;
- Cityscapes (https://github.com/mcordts/cityscapesScripts): ``*_instanceIds.png``, ``*_labelIds.png``;
- KITTI (https://www.cvlibs.net/datasets/kitti/eval_semseg.php): ``instance``, ``semantic``;
- Mapillary Vistas (https://www.mapillary.com/dataset/vistas): ``v2.0/instances``, ``v2.0/labels``;
- MOTS (https://www.vision.rwth-aachen.de/page/mots): ``instances``;
- ADE20K (https://groups.csail.mit.edu/vision/datasets/ADE20K): ``*_seg.png``, ``*_parts_1.png``;
- CamVid: ``trainannot``; SYNTHIA (https://synthia-dataset.net): ``GT/LABELS``, ``GT/COLOR``;
- others: folders such as ``masks`` and ``labels``, and files ``*_mask.png``.

Names of classes come from ``labelmap.txt``, ``label_colors.txt``, ``class_dict.csv``, ``_classes.csv``,
``dataset_meta.json``, ``classes.txt`` and similar files in the folder or above it, or are those of the data
set. Unless such a file lists them, 0 is the background and 255 is void.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.kernel import label_masks
from heatgrid.core.report import Report
from heatgrid.errors import FormatError
from heatgrid.io.build import BatchBuilder, read_in_batches
from heatgrid.io.formats.masks.families import ADE20K, OBJECTS
from heatgrid.io.formats.masks.images import LabelImage, NameFinder, family_of, find_label_images
from heatgrid.io.formats.masks.meaning import Meaning, Naming
from heatgrid.io.formats.masks.pixels import Pixels, read_pixels
from heatgrid.io.options import ReadOptions
from heatgrid.io.registry import Probe, Signature

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations

TITLE = "Label images: semantic and instance masks (PNG)"

NOT_COUNTED = "background or void of a label image not counted"
_MOST_COLORS = 256  # without a name, of an image
_BATCH = 32  # images whose masks are in memory
_INSPECTED = 200  # files of a folder
_SHIFT = 24  # bits of an object's number, or color


def _check_folder(probe: Probe) -> bool:
    """Return whether a folder holds label images, judged by their places and one of each folder."""
    for folder, names in probe.names(".png"):
        inner = folder.relative_to(probe.path).parts
        named = (name for name in names[:_INSPECTED] if family_of(probe.path, [*inner, name]) is not None)
        file = next(named, None)
        if file is not None and _is_label_image(folder / file):
            return True
    return False


def _is_label_image(file: Path) -> bool:
    """Return whether a PNG image consists of areas of one number or color, unlike a photograph."""
    try:
        numbers = read_pixels(file, ReadOptions()).numbers
    except FormatError:
        return False
    changes = np.count_nonzero(numbers[:, 1:] != numbers[:, :-1]) if numbers.ndim == 2 else numbers.size
    return bool(4 * changes <= numbers.size or len(np.unique(numbers)) <= _MOST_COLORS >> 3)


def _check_file(probe: Probe) -> bool:
    return family_of(probe.path.parent, [probe.path.name]) is not None


SIGNATURE = Signature(suffixes=(".png",), check=_check_file, check_folder=_check_folder, is_fallback=True)


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of a few images, so that the masks of few are in memory."""
    report = Report()
    images = find_label_images(path, options, report)
    if not images:
        raise FormatError("no PNG images", path)
    options.note_splits_absent((image.split for image in images), report, path)
    images = [image for image in images if options.wants(image.split)]
    reader = _Reader(path, options)
    reader.builder.report.merge(report)
    few = replace(options, batch_images=min(options.batch_images, _BATCH))
    yield from read_in_batches(images, reader.add, reader.builder, few)


class _Reader:
    """Reads label images one by one into a builder."""

    def __init__(self, path: Path, options: ReadOptions) -> None:
        self.builder = BatchBuilder(str(path), options, position_format="label {}", column_major=False)
        self._options = options
        self._finder = NameFinder(path, options)
        self._namings: dict[Hashable, Naming] = {}

    def add(self, image: LabelImage) -> Iterator[str | None]:
        """Add an image; before, yield its split."""
        contents = [read_pixels(file, self._options) for file in image.files]
        yield image.split
        height, width = contents[0].numbers.shape
        for i, (file, pixels) in enumerate(zip(image.files, contents, strict=True)):
            if i == 0:
                self.builder.image(image.name, str(file), (float(width), float(height)))
            if pixels.numbers.shape != (height, width):
                self.builder.note("parts of another size than their image left out")
                continue
            self._add_labels(image, file, pixels)
        self.builder.report.files += len(image.files)

    def _naming(self, image: LabelImage, file: Path, pixels: Pixels) -> Naming:
        """Return the meanings of numbers, which images of a folder share unless a file per image has them."""
        key = (image.files[0].parent, id(image.kind), pixels.is_colored, bytes(pixels.palette))
        if (naming := self._namings.get(key)) is None or image.family is ADE20K:
            naming = Naming(image, file, pixels, self._finder, self._options)
            self._namings = {key: naming}
        return naming

    def _add_labels(self, image: LabelImage, file: Path, pixels: Pixels) -> None:
        """Add each label of a file that is not background."""
        numbers = pixels.numbers
        of_class = self._naming(image, file, pixels)
        find: Callable[[int], Meaning | None] = of_class.find
        if OBJECTS in file.parts:  # numbers of objects, whose classes are in another file
            of_object, class_file = of_class, self._finder.class_file(image)
            if class_file is not None:
                classes = read_pixels(class_file, self._options)
                if classes.numbers.shape != numbers.shape:
                    raise FormatError("classes and objects have different sizes", class_file)
                numbers = (classes.numbers.astype(np.int64) << _SHIFT) | numbers.astype(np.int64)
                of_class = self._naming(image, class_file, classes)

            def find(number: int) -> Meaning | None:
                own = number & ((1 << _SHIFT) - 1)
                if of_object.is_void(own):
                    return None
                meaning = Meaning("") if class_file is None else of_class.find(number >> _SHIFT)
                return meaning and meaning._replace(instance=own)

        labels, masks, corners = label_masks(numbers)
        if pixels.is_colored and len(labels) > _MOST_COLORS and image.family is not ADE20K:
            raise FormatError(f"{len(labels):,} colors: a photograph, not a label image", file)
        found: list[tuple[int, Meaning]] = []
        counted = np.zeros(len(labels), dtype=bool)
        for i, number in enumerate(labels.tolist()):
            meaning = find(number)
            if meaning is None:
                self.builder.note(NOT_COUNTED, number)
                continue
            if meaning.note:
                self.builder.note(meaning.note, number)
            found.append((number, meaning))
            counted[i] = True
        self.builder.add_masks(
            [meaning.name for _, meaning in found],
            [number for number, _ in found],
            masks.only(counted),
            corners[counted],
            flags=[meaning.flags for _, meaning in found],
            keys=[meaning.instance for _, meaning in found],
        )
