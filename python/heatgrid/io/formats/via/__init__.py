"""VGG Image Annotator (VIA) 1, 2 and 3: regions in pixels, without image sizes.

The formats are described at https://www.robots.ox.ac.uk/~vgg/software/via. Files of versions 1 and 2 are
objects by file name and size, in a project's file one level deeper, or CSV tables of the same; version 3 has
tables of files, views and metadata. The class is whichever attribute of a region has a value.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io.detect import Probe, Signature
from heatgrid.io.documents import Layout, read_documents
from heatgrid.io.entries import add_entries
from heatgrid.io.formats.via.csv import HEADER, read_table
from heatgrid.io.formats.via.regions import read_region
from heatgrid.io.formats.via.three import add_project
from heatgrid.io.json_values import text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.documents import Document
    from heatgrid.io.options import ReadOptions

TITLE = "VGG Image Annotator (VIA) 1, 2, 3"

_JSON = Layout(many=True, position_format="regions[{}]")
_CSV = replace(_JSON, suffixes=(".csv",), load=read_table, position_format="row {}")


def _check_file(probe: Probe) -> bool:
    """Tell whether a table has VIA's regions; a JSON file has shown them."""
    return probe.suffix != ".csv" or HEADER in probe.text.split(b"\n", 1)[0]


SIGNATURE = Signature(
    suffixes=(".json",),
    other_suffixes=(".csv",),
    json_keys=(
        {"_via_img_metadata"},
        {"_via_settings"},
        {"project", "attribute", "view"},
        {"view", "metadata", "file"},
        {"*.regions", "*.filename"},
    ),
    check=_check_file,
)


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images; of a folder without JSON, its CSV files."""
    probe = Probe(path)
    is_table = probe.suffix == ".csv"
    if probe.is_dir:
        is_table = not any(map(SIGNATURE.matches, probe.sample(".json")))
    return read_documents(path, options, _CSV if is_table else _JSON, _add)


def _add(document: Document) -> Iterator[str | None]:
    content, builder = document.content, document.builder
    if not isinstance(content, dict):
        raise FormatError("expected an object of images", document.file)
    if "view" in content and "file" in content:
        yield from add_project(document)
        return
    prefix = "_via_img_metadata." if "_via_img_metadata" in content else ""
    images = content.get("_via_img_metadata", content)
    if not isinstance(images, dict) or not any(
        isinstance(v, dict) and "regions" in v for v in images.values()
    ):
        raise FormatError("expected an object of images with regions", document.file)
    for key, image in images.items() if document.options.wants(document.split) else ():
        if not isinstance(image, dict):
            builder.report.note(
                "image that is not an object ignored", where=f"{document.file}: {prefix}{key}"
            )
            continue
        yield document.split
        rows: list[int] | None = image.get("rows") if document.file.suffix.lower() == ".csv" else None
        place = "" if rows is not None else f"{prefix}{key}"
        builder.image(text(image.get("filename")) or key, str(document.file), place=place)
        regions: Any = image.get("regions")
        add_entries(
            builder, list(regions.values()) if isinstance(regions, dict) else regions, read_region, rows
        )
