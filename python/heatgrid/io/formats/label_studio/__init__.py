"""Label Studio: a JSON list of tasks, regions in hundredths of the image's width and height.

The format is described at https://labelstud.io/guide/export. A region may be several results of one id; a box
is turned about its top-left corner, in pixels; a brush is packed run lengths, see `label_studio_brush`. Of a
task that several people annotated, all regions are read; predictions are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io.detect import Signature
from heatgrid.io.documents import Layout, read_documents
from heatgrid.io.entries import add_entries
from heatgrid.io.files import UNKNOWN
from heatgrid.io.formats.label_studio.regions import read_region
from heatgrid.io.formats.label_studio.tasks import Picture, pictures_of
from heatgrid.io.json_values import objects, size, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.documents import Document
    from heatgrid.io.options import ReadOptions, Size

TITLE = "Label Studio JSON and JSON-MIN"
SIGNATURE = Signature(
    suffixes=(".json",),
    json_keys=(
        {"[].annotations[].result"},
        {"[].completions[].result"},
        {"[].predictions[].result"},
        {"[].data", "[].annotations"},
        {"[].annotator", "[].annotation_id"},
        {"annotations[].result", "data"},
        {"result", "task.data"},
    ),
)

_LAYOUT = Layout(many=True, position_format="result[{}]", normalized=True, column_major=False)


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    return read_documents(path, options, _LAYOUT, _add)


def _add(document: Document) -> Iterator[str | None]:
    content = document.content
    tasks = [content] if isinstance(content, dict) and ("data" in content or "task" in content) else content
    if not isinstance(tasks, list):
        raise FormatError("expected a list of tasks", document.file)
    for i, task in enumerate(tasks if document.options.wants(document.split) else ()):
        if not isinstance(task, dict):
            document.builder.report.note(
                "task that is not an object ignored", where=f"{document.file}: [{i}]"
            )
            continue
        pictures = pictures_of(task, i)
        if not pictures:
            document.builder.report.note("task without an image left out", where=f"{document.file}: [{i}]")
        for picture in pictures:
            yield document.split
            _add_picture(document, picture, f"[{i}]{picture.place}")


def _add_picture(document: Document, picture: Picture, place: str) -> None:
    """Add one image and its regions, those of all its annotations together."""
    builder = document.builder
    known = builder.image(picture.name, str(document.file), _size(picture.results), place)
    for note in picture.notes:
        builder.note(note)
    options = document.options
    add_entries(
        builder, picture.results, lambda result: read_region(result, known, options), picture.positions
    )


def _size(results: list[Any]) -> Size:
    for result in objects(results):
        if isinstance(result, dict) and text(result.get("original_width")):
            return size(result, "original_width", "original_height")
    return UNKNOWN
