"""Well-known text: tables with one geometry per row, and files with one per line.

Coordinates are pixels, or those of a map if ``transform=`` is the raster's transform. Geometries are those of
https://www.ogc.org/standards/sfa, as in SpaceNet's tables (ImageId, BuildingId, PolygonWKT_Pix), where
``POLYGON EMPTY`` means an image without objects, and in exports of GeoPandas.
"""

from __future__ import annotations

import csv
from itertools import islice
from typing import TYPE_CHECKING

from heatgrid.core.class_grids import NO_CLASS
from heatgrid.errors import FormatError
from heatgrid.io.build import NO_GEOMETRY
from heatgrid.io.documents import Document, Layout, Splits, read_documents
from heatgrid.io.files import decode_head, open_text
from heatgrid.io.formats.geo import WKT_START, Georeference, pick_property, read_score, read_wkt, shape_of
from heatgrid.io.formats.tables import allow_long_cells, split_lines
from heatgrid.io.parse import MisfitError
from heatgrid.io.registry import Probe, Signature

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions

TITLE = "WKT (tables and lists of well-known text)"

_DELIMITERS = ",;\t|"
_LOOKS = 20
_LINES = 1 << 12
_PIXELS = "pix"

Row = tuple[int, dict[str, str], str]
"""Line, cells by column, and geometry."""


def _check_file(probe: Probe) -> bool:
    """Return whether a table's first rows hold a geometry."""
    allow_long_cells()
    return _layout_of(decode_head(probe.head).splitlines(keepends=True)[:_LOOKS]) is not None


SIGNATURE = Signature(suffixes=(".csv", ".tsv", ".wkt"), check=_check_file)


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    layout = Layout(suffixes=SIGNATURE.suffixes, many=True, load=_load, position_format="line {}")
    return map(Georeference(options).pixels, read_documents(path, options, layout, _add))


def _layout_of(lines: Sequence[str], chosen: str = "") -> tuple[str, list[str], str] | None:
    """Return delimiter, header and geometry column of a table; all are empty for a list of geometries."""
    if not lines:
        return None
    if WKT_START.match(lines[0]):
        return "", [], ""
    for delimiter in sorted(_DELIMITERS, key=lines[0].count, reverse=True):
        header, *rows = split_lines([line.rstrip("\r\n") for line in lines], delimiter)
        held = [
            name
            for i, name in enumerate(header)
            if any(len(row) > i and WKT_START.match(row[i]) for row in rows)
        ]
        if chosen and chosen in header:
            return delimiter, header, chosen
        if held:
            return delimiter, header, next((name for name in held if _PIXELS in name.lower()), held[0])
    return None


def _load(path: Path, options: ReadOptions) -> list[Row]:
    """Return the rows of a file; raise FormatError without a column of geometries."""
    allow_long_cells()
    chosen = str((options.columns or {}).get("geometry", ""))
    found: list[Row] = []
    with open_text(path, options) as text:
        head = list(islice(text, _LOOKS))
        layout = _layout_of(head, chosen)
        if layout is None:
            raise FormatError("no column of well-known text", path)
        delimiter, header, geometry = layout
        first, lines = 1, head
        while lines:
            try:
                rows = split_lines(lines, delimiter) if delimiter else [[line.strip()] for line in lines]
            except csv.Error as error:
                raise FormatError(f"broken table: {error}", path, f"line {first} or later") from error
            for line, row in enumerate(rows, first):
                if any(map(str.strip, row)) and not (header and line == 1):
                    cells = dict(zip(header, row, strict=False))
                    found.append((line, cells, cells.get(geometry, "") if header else row[0]))
            first += len(lines)
            lines = list(islice(text, _LINES))
    return found


def _add(document: Document) -> Splits:
    """Add the geometries of a file, image by image."""
    options, builder = document.options, document.builder
    if not options.wants(document.split):
        return
    images: dict[str, list[Row]] = {}
    for row in document.content:
        name = pick_property(row[1], "image", options.columns) or document.file.stem
        images.setdefault(name, []).append(row)
    for name, rows in images.items():
        yield document.split
        document.image(name)
        for line, cells, written in rows:
            if written.strip().upper().endswith("EMPTY"):
                builder.note("empty geometry, an image without objects", line)
                continue
            key = pick_property(cells, "id", options.columns) or None
            label = pick_property(cells, "class", options.columns) or NO_CLASS
            try:
                if not written.strip():
                    raise MisfitError(NO_GEOMETRY)  # noqa: TRY301
                shape = shape_of(read_wkt(written, options.max_depth), options.max_depth)
                builder.add_shape(label, line, shape, key=key, score=read_score(cells, options.columns))
            except MisfitError as misfit:
                builder.skip(str(misfit), line, key, label=label)
