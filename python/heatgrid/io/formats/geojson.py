"""GeoJSON: features with geometry and properties, from tools for maps and large images.

The format is RFC 7946 (https://www.rfc-editor.org/rfc/rfc7946). Coordinates are pixels, or those of a map if
``transform=`` is the raster's transform. A feature's image and class are properties; by default, its image is
named like the file. Newline-delimited files (RFC 8142) have one feature per line.

The transform of a raster, as in rasterio and in GDAL's world files, is six numbers a b c d e f that place the
pixel at column x and row y at ``(a x + b y + c, d x + e y + f)`` on the map.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.class_grids import NO_CLASS
from heatgrid.errors import FormatError
from heatgrid.io import parse, places
from heatgrid.io.build import NO_GEOMETRY, SEVERAL
from heatgrid.io.documents import Document, Documents, Splits
from heatgrid.io.files import BLANKS, open_text, read_head
from heatgrid.io.formats.tables.columns import ROLES, bare_name
from heatgrid.io.images import WORLD_SUFFIXES
from heatgrid.io.options import WORLD, ReadOptions, invert_transform
from heatgrid.io.parse import NOT_POINTS, MisfitError, Point, Ring
from heatgrid.io.records import parse_line
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations

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
    may_be_map=True,
    has_columns=True,
)

NESTED = "geometries nested too deeply"
UNPLACED = "image without a transform, so map coordinates cannot be converted"
COLLECTION = "GeometryCollection"

_NO_CLASSES = {"name", "type", "object", "tag", "cls"}  # names of features such as streets are no classes


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    documents = Documents(
        add_collection, suffixes=SIGNATURE.suffixes, many=True, load=_load, position_format="features[{}]"
    )
    return map(Georeference(options).pixels, documents.read(path, options))


def _load(path: Path, options: ReadOptions) -> Any:
    """Return a document, or the list of features of a file with one per line."""
    with open_text(path, options) as text, parse.collector_paused():
        first = parse_line(text.readline())
        if isinstance(first, dict):
            values = [first, *(parse_line(line) for line in text if line.strip(BLANKS))]
            return first if len(values) == 1 else values
    return parse.read_json(path, options)


def add_collection(document: Document) -> Splits:
    """Add the features of a file."""
    features = features_of(document.content, document.file)
    yield from add_features(document, list(enumerate(features)), _read_feature)
    system = document.content.get("crs") if isinstance(document.content, dict) else None
    if (
        isinstance(system, dict)
        and document.options.transform is None
        and document.options.wants(document.split)
    ):
        document.builder.note("map coordinates, read as pixels")


def features_of(content: Any, path: str | Path) -> list[Any]:
    """Return the features of a collection or list, or the content itself as the only one."""
    if isinstance(content, list):
        return content
    kind = parse.text(content.get("type")) if isinstance(content, dict) else ""
    if kind == "FeatureCollection":
        return parse.as_list(content.get("features"))
    if kind == "Feature":
        return [content]
    if isinstance(content, dict) and ("coordinates" in content or "geometries" in content):
        return [{"type": "Feature", "geometry": content}]
    raise FormatError("expected features or a geometry", path)


def _read_feature(feature: dict[str, Any], max_depth: int) -> Shape:
    if feature.get("geometry") is None:
        raise MisfitError(NO_GEOMETRY)
    return shape_of(feature["geometry"], max_depth)


def add_features(
    document: Document,
    features: Iterable[tuple[int, Any]],
    read_shape: Callable[[dict[str, Any], int], Shape | str],
) -> Splits:
    """Add features with their positions, image by image; ``read_shape`` returns the geometry or a note."""
    builder, options = document.builder, document.options
    if not options.wants(document.split):
        return
    images: dict[str, list[tuple[int, Any]]] = {}
    for position, feature in features:
        properties = parse.as_dict(parse.as_dict(feature).get("properties"))
        name = pick_property(properties, "image", options.columns) or document.file.stem
        images.setdefault(name, []).append((position, feature))
    for name, own in images.items() or [(document.file.stem, [])]:
        yield document.split
        document.image(name, holder={})
        for position, feature in own:
            properties = parse.as_dict(parse.as_dict(feature).get("properties"))
            key = (
                parse.text(parse.as_dict(feature).get("id"))
                or pick_property(properties, "id", options.columns)
                or None
            )
            labels: list[str] = []
            try:
                holder = parse.mapping(feature)
                labels = pick_properties(properties, "class", options.columns) or [NO_CLASS]
                shape = read_shape(holder, options.limits.depth)
                score = read_score(properties, options.columns)
            except MisfitError as misfit:
                for label in labels or [NO_CLASS]:
                    builder.skip(str(misfit), position, key, label=label)
                continue
            if isinstance(shape, str):
                builder.note(shape, position)
                continue
            if len(labels) > 1:
                builder.note(SEVERAL, position, key)
            for label in labels:
                builder.add_shape(label, position, shape, key=key, score=score, holder=holder)


def shape_of(geometry: object, max_depth: int) -> Shape:
    """Return the shape of a GeoJSON geometry; raise MisfitError if it is none.

    ``max_depth`` is the maximum nesting of collections; geometries without coordinates have no shape.
    """
    polygon: list[list[Ring]] = []
    lines: list[Ring] = []
    points: list[Point] = []
    for kind, coordinates in _simple(parse.mapping(geometry, "geometry is not an object"), max_depth):
        if kind == "Polygon":
            polygon += [[_ring(ring) for ring in coordinates]] if coordinates else []
        elif kind == "MultiPolygon":
            polygon += [[_ring(ring) for ring in _list(part)] for part in coordinates if part]
        elif kind == "LineString":
            lines += [_ring(coordinates)] if coordinates else []
        elif kind == "MultiLineString":
            lines += [_ring(line) for line in coordinates]
        elif kind == "Point":
            points += [parse.point(coordinates)] if coordinates else []
        elif kind == "MultiPoint":
            points += _ring(coordinates)
        else:
            raise MisfitError(f"geometry that is not read: {kind or 'none'}")
    return Shape(polygon=polygon, lines=lines, points=points)


def _simple(geometry: dict[str, Any], depth: int) -> Iterator[tuple[str, list[Any]]]:
    """Yield type and coordinates of a geometry, or of those in a collection."""
    kind = parse.text(geometry.get("type"))
    if kind != COLLECTION:
        yield kind, _list(geometry.get("coordinates"))
        return
    if depth <= 0:
        raise MisfitError(NESTED)
    for part in parse.as_list(geometry.get("geometries")):
        yield from _simple(parse.mapping(part, "geometry is not an object"), depth - 1)


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise MisfitError(NOT_POINTS)
    return value


def _ring(value: object) -> Ring:
    return [parse.point(vertex) for vertex in _list(value)]


def pick_property(
    properties: Mapping[str, Any], role: str, chosen: Mapping[str, str | int] | None = None
) -> str:
    """Return the text of the property of a role; an empty one if it has none or several."""
    found = pick_properties(properties, role, chosen)
    return found[0] if len(found) == 1 else ""


def pick_properties(
    properties: Mapping[str, Any], role: str, chosen: Mapping[str, str | int] | None = None
) -> list[str]:
    """Return the texts of the property of a role: the user's choice, or the first that the role names."""

    def texts(value: object) -> list[str]:
        return parse.texts(value if isinstance(value, list) else [value])

    if chosen and role in chosen:
        return texts(properties.get(str(chosen[role])))
    known = [name for name in ROLES[role] if role != "class" or name not in _NO_CLASSES]
    named = {bare_name(name): value for name, value in properties.items()}
    return next((found for name in known if (found := texts(named.get(name)))), [])


def read_score(properties: Mapping[str, Any], chosen: Mapping[str, str | int] | None) -> float | None:
    """Return the score among the properties, None if there is none; or raise MisfitError."""
    score = pick_property(properties, "score", chosen)
    return parse.number(score, "score is not a number") if score else None


class Georeference:
    """Transforms of a source's images from the map to pixels; none without ``transform``."""

    def __init__(self, options: ReadOptions) -> None:
        transform = options.transform
        self._is_used = transform is not None
        self._common: NDArray[np.float64] | None = None
        self._by_image: dict[str, NDArray[np.float64]] = {}
        self._folder: Path | None = None
        if isinstance(transform, Mapping):
            for name, numbers in transform.items():
                self._by_image[name] = invert_transform(numbers)
                self._by_image.setdefault(PurePosixPath(name).stem, self._by_image[name])
        elif transform == WORLD and options.images is not None:
            self._folder = Path(options.images)
        elif transform is not None:
            self._common = invert_transform(transform)

    def pixels(self, batch: Annotations) -> Annotations:
        """Return a batch with pixel coordinates, NaN for images without a transform."""
        if not self._is_used:
            return batch
        found = [self._find(name) for name in batch.image_names]
        missing = sum(one is None for one in found)
        batch.report.note(UNPLACED, missing, batch.source)
        nowhere = np.full((2, 3), np.nan)
        inverse = np.array([nowhere if one is None else one for one in found]).reshape(-1, 2, 3)[batch.image]
        polygons, lines, points = batch.polygons, batch.lines, batch.points
        if polygons is not None:
            polygons = replace(polygons, coords=_moved(polygons.coords, inverse, polygons.vertices))
        if lines is not None:
            ends = lines.paths[lines.annotations]
            lines = replace(lines, coords=_moved(lines.coords, inverse, ends))
        if points is not None:
            points = replace(points, coords=_moved(points.coords, inverse, points.offsets))
        return replace(batch, polygons=polygons, lines=lines, points=points)

    def _find(self, name: str) -> NDArray[np.float64] | None:
        if self._common is not None:
            return self._common
        path = PurePosixPath(name.replace("\\", "/"))
        if self._folder is None:
            return self._by_image.get(name, self._by_image.get(path.stem))
        for suffix in WORLD_SUFFIXES:
            for file in (self._folder / f"{path.stem}{suffix}", self._folder / f"{path.name}{suffix}"):
                if places.is_file(file):
                    return _read_world_file(file)
        return None


def _moved(
    coords: NDArray[np.float64], inverse: NDArray[np.float64], ends: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return coordinates, each transformed by that of its annotation."""
    own = inverse[np.repeat(np.arange(len(inverse)), np.diff(ends))]
    moved: NDArray[np.float64] = np.einsum("nij,nj->ni", own[:, :, :2], coords) + own[:, :, 2]
    return moved


def _read_world_file(file: Path) -> NDArray[np.float64]:
    """Return the transform of a world file, whose c and f are those of the first pixel's center."""
    try:
        a, d, b, e, c, f = map(float, read_head(file, 4096).split())
        return invert_transform((a, b, c - (a + b) / 2, d, e, f - (d + e) / 2))
    except ValueError as error:
        raise FormatError("expected a world file of six numbers", file) from error
