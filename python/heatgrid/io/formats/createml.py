"""CreateML: a JSON list of images, boxes by their centres in pixels, no image sizes.

The format is described at
https://developer.apple.com/documentation/createml/building-an-object-detector-data-source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io.detect import Signature
from heatgrid.io.documents import Layout, read_documents
from heatgrid.io.entries import Entry, add_entries
from heatgrid.io.json_values import box_from_size, mapping, numbers, text
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.detect import Probe
    from heatgrid.io.documents import Document
    from heatgrid.io.options import ReadOptions

TITLE = "Apple CreateML"

_OTHERS = {"[].data", "[].annotations[].result"}  # Label Studio's


def _check_file(probe: Probe) -> bool:
    """Tell whether a list of images with annotations is no other format's."""
    return _OTHERS.isdisjoint(probe.json_keys)


SIGNATURE = Signature(
    suffixes=(".json",),
    json_keys=(
        {"[].annotations[].coordinates"},
        {"[].annotation[].coordinates"},
        {"[].image", "[].annotations"},
        {"[].imagefilename", "[].annotation"},
    ),
    check=_check_file,
)


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    return read_documents(path, options, Layout(many=True), _add)


def _add(document: Document) -> Iterator[str | None]:
    if not isinstance(document.content, list):
        raise FormatError("expected a list of images", document.file)
    for i, image in enumerate(document.content if document.options.wants(document.split) else ()):
        if not isinstance(image, dict):
            document.builder.report.note(
                "image that is not an object ignored", where=f"{document.file}: [{i}]"
            )
            continue
        yield document.split
        name = text(image.get("image")) or text(image.get("imagefilename")) or f"image {i}"
        document.builder.image(name, str(document.file), place=f"[{i}]")
        add_entries(document.builder, image.get("annotations", image.get("annotation")), _entry)


def _entry(entry: dict[str, Any]) -> Entry:
    held = mapping(entry.get("coordinates"), "coordinates are not an object")
    x, y, width, height = numbers(held, "x", "y", "width", "height")
    box = box_from_size(x - width / 2, y - height / 2, width, height)
    return Entry(text(entry.get("label")), Shape(box=box))
