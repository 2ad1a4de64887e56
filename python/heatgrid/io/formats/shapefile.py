"""Shapefile and GeoPackage: features with geometry and attributes, from geographic information systems.

They are read by pyogrio (GDAL), which the extra ``geo`` installs. A Shapefile is several files of one name
(https://gdal.org/en/stable/drivers/vector/shapefile.html): ``.shp``, ``.shx`` and, with the attributes,
``.dbf``. A GeoPackage (https://www.geopackage.org/spec/) is one file, of which all layers are read. As in
GeoJSON, coordinates are pixels, or those of a map if ``transform=`` is the raster's transform. A feature's
image and class are attributes; by default, its image is named like the file.
"""

from __future__ import annotations

import math
import warnings
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError, require
from heatgrid.io import places
from heatgrid.io.documents import Document, Documents, Splits
from heatgrid.io.formats.geojson import Georeference, add_collection, pick_property
from heatgrid.io.formats.wkt import read_wkb
from heatgrid.io.registry import Probe, Signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions

TITLE = "Shapefile and GeoPackage"

_SHAPEFILE = b"\x00\x00\x27\x0a"
_SQLITE, _APPLICATION = b"SQLite format 3\0", slice(68, 72)
_GEOPACKAGES = (b"GPKG", b"GP10", b"GP11")  # the last two are those of versions 1.0 and 1.1
_NO_PATH = "!;?"  # pyogrio takes these for parts of an address


def _check_file(probe: Probe) -> bool:
    """Return whether a file begins like a Shapefile or a GeoPackage; GDAL could read many others."""
    head = probe.head
    return head.startswith(_SHAPEFILE) or (head.startswith(_SQLITE) and head[_APPLICATION] in _GEOPACKAGES)


SIGNATURE = Signature(suffixes=(".shp", ".gpkg"), check=_check_file, may_be_map=True, has_columns=True)


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    documents = Documents(
        _add,
        suffixes=SIGNATURE.suffixes,
        many=True,
        load=_load,
        check=_check_file,
        position_format="features[{}]",
    )
    return map(Georeference(options).pixels, documents.read(path, options))


def _load(path: Path, options: ReadOptions) -> dict[str, Any]:
    """Return the features of all layers as GeoJSON, with what GDAL warns of."""
    if not _check_file(Probe(path)):
        raise FormatError("expected a Shapefile or a GeoPackage", path)
    library, raw = require("pyogrio", "geo"), require("pyogrio.raw", "geo")
    features: list[dict[str, Any]] = []
    system = None
    try:
        with _on_disk(path, options) as file, warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            layers = [name for name, kind in library.list_layers(file) if kind is not None]
            for layer in layers:  # those that are no tables
                encoding = options.encoding if file.endswith(".shp") else None
                meta, numbers, geometries, columns = raw.read(
                    file, layer, encoding, return_fids=True, datetime_as_string=True
                )
                system = system or meta["crs"]
                cells = dict(zip(meta["fields"], map(_values, columns, meta["dtypes"]), strict=True))
                for row, (number, geometry) in enumerate(zip(numbers, geometries, strict=True)):
                    properties = {name: values[row] for name, values in cells.items()}
                    own = str(number) if len(layers) == 1 else f"{layer}.{number}"
                    key = pick_property(properties, "id", options.columns) or own
                    features.append({"id": key, "properties": properties, "geometry": _geometry(geometry)})
    except (RuntimeError, ValueError, LookupError) as error:  # of GDAL, of pyogrio, of encodings
        raise FormatError(f"not read by GDAL: {error}", path) from error
    return {
        "type": "FeatureCollection",
        "crs": None if system is None else {"name": system},
        "features": features,
        "warnings": [str(one.message) for one in warned],
    }


@contextmanager
def _on_disk(path: Path, options: ReadOptions) -> Iterator[str]:
    """Yield the name by which GDAL finds a file, and those of the same name next to it.

    Files in an archive are unpacked into a folder that is deleted afterwards.
    """
    limit = options.limits.file_bytes
    file = str(path.absolute())
    if not (places.is_inner(path) or any(sign in file for sign in _NO_PATH)):
        with places.open_regular(path, limit):
            yield file
        return
    with TemporaryDirectory(prefix="heatgrid-") as folder:
        with places.scan(path.parent) as entries:
            names = [Path(entry.name) for entry in entries if entry.is_file()]
        for name in names:
            if name.stem == path.stem:
                content = places.read_whole(path.with_name(name.name), limit)
                Path(folder, f"features{name.suffix.lower()}").write_bytes(content)
        yield str(Path(folder, f"features{path.suffix.lower()}"))


def _values(column: NDArray[Any], kind: str) -> list[Any]:
    """Return the values of a column; numbers that are missing are NaN, and make integers floats."""
    listed: list[Any] = column.tolist()
    if column.dtype.kind != "f":
        return listed
    number = int if kind.startswith(("int", "uint")) else float
    return [None if math.isnan(value) else number(value) for value in listed]


def _geometry(content: bytes | None) -> dict[str, Any] | None:
    """Return a GeoJSON geometry; one of a kind that is not read has that as its type."""
    try:
        return None if content is None else read_wkb(content)
    except ValueError as error:
        return {"type": str(error)}


def _add(document: Document) -> Splits:
    yield from add_collection(document)
    for text in document.content["warnings"]:
        document.builder.report.note(f"GDAL: {text}", where=str(document.file))
