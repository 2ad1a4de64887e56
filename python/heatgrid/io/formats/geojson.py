"""GeoJSON: features with geometry and properties, from tools for maps and large images.

The format is RFC 7946 (https://www.rfc-editor.org/rfc/rfc7946). Coordinates are pixels, or those of a map if
``transform=`` is the raster's transform. A feature's image and class are properties; by default, its image is
named like the file. Newline-delimited files (RFC 8142) have one feature per line.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from heatgrid.core.class_grids import NO_CLASS
from heatgrid.errors import FormatError
from heatgrid.io.build import NO_GEOMETRY
from heatgrid.io.documents import Document, Layout, Splits, read_documents
from heatgrid.io.files import open_text
from heatgrid.io.formats.geo import Georeference, pick_property, read_score, shape_of
from heatgrid.io.parse import MisfitError, as_list, collector_paused, mapping, read_json, text
from heatgrid.io.registry import Signature

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions

TITLE = "GeoJSON"
SIGNATURE = Signature(
    suffixes=(".geojson", ".json", ".geojsonl", ".geojsons", ".geojsonseq", ".ndjson", ".jsonl"),
    json_keys=(
        {"features[].geometry"},
        {"features[].type", "type"},
        {"features", "type"},
        {"geometry.coordinates", "type"},
        {"[].geometry.coordinates"},
        {"coordinates", "type"},
        {"geometries[].coordinates", "type"},
    ),
)

_BETWEEN = " \t\r\n\x1e"


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    layout = Layout(suffixes=SIGNATURE.suffixes, many=True, load=_load, position_format="features[{}]")
    return map(Georeference(options).pixels, read_documents(path, options, layout, _add))


def _load(path: Path, options: ReadOptions) -> Any:
    """Return a document, or the list of features of a file with one per line."""
    with open_text(path, options) as text, collector_paused():
        first = _value(text.readline())
        if isinstance(first, dict):
            values = [first, *(_value(line) for line in text if line.strip(_BETWEEN))]
            return first if len(values) == 1 else values
    return read_json(path, options)


def _value(line: str) -> Any:
    """Return the value of a line; a broken line unparsed, since it is reported as no feature."""
    try:
        return json.loads(line.strip(_BETWEEN))
    except (ValueError, RecursionError):
        return line


def _add(document: Document) -> Splits:
    """Add the features of a file, image by image."""
    features = _features(document)
    if not document.options.wants(document.split):
        return
    images: dict[str, list[int]] = {} if features else {document.file.stem: []}
    for i, feature in enumerate(features):
        held = feature.get("properties") if isinstance(feature, dict) else None
        name = pick_property(held, "image", document.options.columns) if isinstance(held, dict) else ""
        images.setdefault(name or document.file.stem, []).append(i)
    for name, own in images.items():
        yield document.split
        document.image(name)
        for i in own:
            _add_feature(document, features[i], i)
    system = document.content.get("crs") if isinstance(document.content, dict) else None
    if isinstance(system, dict) and document.options.transform is None:
        document.builder.note("map coordinates, read as pixels")


def _features(document: Document) -> list[Any]:
    """Return the features of a collection or list, or the document itself as the only one."""
    content = document.content
    if isinstance(content, list):
        return content
    kind = text(content.get("type")) if isinstance(content, dict) else ""
    if kind == "FeatureCollection":
        return as_list(content.get("features"))
    if kind == "Feature":
        return [content]
    if isinstance(content, dict) and ("coordinates" in content or "geometries" in content):
        return [{"type": "Feature", "geometry": content}]
    raise FormatError("expected features or a geometry", document.file)


def _add_feature(document: Document, value: object, position: int) -> None:
    builder, options = document.builder, document.options
    key = text(value.get("id")) or None if isinstance(value, dict) else None
    label: str | None = None
    try:
        feature = mapping(value)
        held = feature.get("properties")
        properties = held if isinstance(held, dict) else {}
        label = pick_property(properties, "class", options.columns) or NO_CLASS
        geometry = feature.get("geometry")
        if geometry is None:
            raise MisfitError(NO_GEOMETRY)  # noqa: TRY301
        shape = shape_of(geometry, options.max_depth)
        score = read_score(properties, options.columns)
        own = key or pick_property(properties, "id", options.columns) or None
        builder.add_shape(label, position, shape, key=own, score=score)
    except MisfitError as misfit:
        builder.skip(str(misfit), position, key, label=label)
