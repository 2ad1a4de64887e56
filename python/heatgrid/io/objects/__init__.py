"""Objects of other libraries as annotations, recognized by their attributes and never imported.

To add a library, write the two functions of its `Adapter` and add one line to `ADAPTERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from heatgrid.core.annotations import Annotations
from heatgrid.core.grid_map import GridMap
from heatgrid.io.filters import check_scores, filter_batch
from heatgrid.io.formats.geojson import Georeference
from heatgrid.io.objects import (
    arrow,
    detections,
    fiftyone,
    fiftyone_datasets,
    geometry,
    huggingface,
    predictions,
    services,
    supervision,
)
from heatgrid.io.objects.batch import Overrides, from_arrays, is_arrays, join_objects
from heatgrid.io.options import ReadOptions, Size
from heatgrid.io.read import read

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from heatgrid.core.spec import BoxFormat
    from heatgrid.io.read import Journal
    from heatgrid.io.registry import FormatName


__all__ = ["ADAPTERS", "Adapter", "Library", "annotations_from", "read_any"]


def __dir__() -> list[str]:
    return sorted(__all__)


Library = Literal[
    "supervision",
    "supervision_dataset",
    "ultralytics",
    "fiftyone",
    "fiftyone_dataset",
    "coco",
    "torchvision",
    "transformers",
    "detectron2",
    "mmdetection",
    "sahi",
    "mediapipe",
    "boundingboxes",
    "huggingface",
    "roboflow",
    "label_studio",
    "geopandas",
    "shapely",
    "arrow",
    "arrays",
]
"""Names of the libraries; ``"arrays"`` are arrays, tensors and lists of any library."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """Conversion of one library's objects, recognized by their attributes."""

    title: str
    accepts: Callable[[Any], bool]
    convert: Callable[[Any, Overrides], Annotations]
    is_per_image: bool = False  # a list of objects is one batch with one image per object
    takes: tuple[str, ...] = ()  # those of columns, transform, box and field that apply


ADAPTERS: dict[Library, Adapter] = {
    "supervision": Adapter(
        "supervision Detections and KeyPoints",
        detections.is_supervision,
        detections.from_supervision,
        is_per_image=True,
    ),
    "supervision_dataset": Adapter(
        "supervision DetectionDataset", supervision.is_dataset, supervision.from_dataset
    ),
    "ultralytics": Adapter(
        "Ultralytics Results", detections.is_ultralytics, detections.from_ultralytics, is_per_image=True
    ),
    "mediapipe": Adapter(
        "MediaPipe DetectionResult", predictions.is_mediapipe, predictions.from_mediapipe, is_per_image=True
    ),
    "fiftyone": Adapter(
        "FiftyOne Detections, Polylines and Keypoints",
        fiftyone.is_fiftyone,
        fiftyone.from_fiftyone,
        is_per_image=True,
    ),
    "fiftyone_dataset": Adapter(
        "FiftyOne data sets and views",
        fiftyone_datasets.is_collection,
        fiftyone_datasets.from_collection,
        takes=("columns", "field"),
    ),
    "coco": Adapter(
        "pycocotools COCO, or the dict that it is made of", detections.is_coco, detections.from_coco
    ),
    "torchvision": Adapter(
        "dicts of boxes and labels, as torchvision and Transformers give them",
        detections.is_torchvision,
        detections.from_torchvision,
        is_per_image=True,
        takes=("box",),
    ),
    "transformers": Adapter(
        "dicts of a segmentation and its segments, as Transformers gives them",
        predictions.is_segments,
        predictions.from_segments,
        is_per_image=True,
    ),
    "detectron2": Adapter(
        "Detectron2 Instances", predictions.is_detectron2, predictions.from_detectron2, is_per_image=True
    ),
    "mmdetection": Adapter(
        "MMDetection DetDataSample",
        predictions.is_mmdetection,
        predictions.from_mmdetection,
        is_per_image=True,
    ),
    "sahi": Adapter(
        "SAHI PredictionResult and ObjectPrediction",
        predictions.is_sahi,
        predictions.from_sahi,
        is_per_image=True,
    ),
    "boundingboxes": Adapter(
        "torchvision BoundingBoxes",
        predictions.is_bounding_boxes,
        predictions.from_bounding_boxes,
        is_per_image=True,
    ),
    "huggingface": Adapter(
        "Hugging Face Dataset and DatasetDict",
        huggingface.is_huggingface,
        huggingface.from_huggingface,
        takes=("columns",),
    ),
    "roboflow": Adapter(
        "dicts of predictions, as Roboflow's API gives them",
        services.is_roboflow,
        services.from_roboflow,
        is_per_image=True,
    ),
    "label_studio": Adapter(
        "Label Studio tasks and results",
        services.is_label_studio,
        services.from_label_studio,
        is_per_image=True,
    ),
    "geopandas": Adapter(
        "GeoPandas GeoSeries and GeoDataFrame",
        geometry.is_geopandas,
        geometry.from_geopandas,
        takes=("columns", "transform"),
    ),
    "shapely": Adapter(
        "shapely geometries, and objects with a __geo_interface__",
        geometry.is_shapely,
        geometry.from_shapely,
        takes=("transform",),
    ),
    "arrow": Adapter(
        "Arrow tables, arrays and streams (pandas, polars, DuckDB, pyarrow; GeoArrow)",
        arrow.is_arrow,
        arrow.from_arrow,
        takes=("columns", "transform"),
    ),
    "arrays": Adapter(
        "arrays, tensors and lists of boxes (N, 4), masks (N, h, w) or run-length codes",
        is_arrays,
        from_arrays,
        takes=("box",),
    ),
}
"""Adapters in the order in which they are tried."""


def annotations_from(
    value: Any,
    *,
    library: Library | None = None,
    size: Size | Mapping[str, Size] | None = None,
    labels: ArrayLike | Sequence[str] | str | None = None,
    classes: Iterable[str] | Mapping[int, str] | None = None,
    images: ArrayLike | Sequence[str] | str | None = None,
    columns: Mapping[str, str | int] | None = None,
    transform: Sequence[float] | Mapping[str, Sequence[float]] | None = None,
    box: BoxFormat | None = None,
    attributes: str | Iterable[str] | None = None,
    field: str | None = None,
) -> Annotations:
    """Return another library's object as a batch of annotations.

    Parameters
    ----------
    value
        The object, or a list of objects with one image each. `Annotations` are returned unchanged.
    library
        The object's library; None recognizes it.
    size
        The image's ``(width, height)`` in pixels, or a mapping of image names to such pairs.
    labels
        (N,) class names or numbers, which replace the object's own; of tables, also the name of their column.
    classes
        Names of numbered classes: a sequence, or a mapping of numbers to names. A number n without a name is
        called ``class_<n>``.
    images
        (N,) name or number of each annotation's image; of tables, also the name of their column; of an object
        with one image, that image's name.
    columns
        Of tables, the columns by role; see `heatgrid.io.formats.tables.columns.ROLES`.
    transform
        Of geometry on a map, the raster's affine transform; see `heatgrid.io.options.ReadOptions`.
    box
        Of arrays and dicts of boxes, what the four numbers are: ``"xyxy"`` (the default), ``"xywh"`` or
        ``"cxcywh"``, as in `heatgrid.count_boxes`.
    attributes
        Of tables and FiftyOne data sets, names of columns or fields to keep as attributes, for ``by=``.
    field
        Of FiftyOne data sets and views, the field of the labels; see `heatgrid.io.options.ReadOptions`.

    Raises
    ------
    TypeError
        The object is not recognized, or is ambiguous.
    ValueError
        The object lacks a value that is needed, such as the size of its image.

    Examples
    --------
    >>> import heatgrid as hg
    >>> batch = hg.annotations_from([[10, 20, 50, 60]], size=(100, 80), labels=["car"])
    >>> batch.classes
    ('car',)
    """
    if isinstance(classes, str):
        raise TypeError(f"classes must be several names, got the one string {classes!r}")
    names = classes if classes is None or isinstance(classes, Mapping) else tuple(classes)
    overrides = Overrides(
        size=size,
        labels=labels,
        classes=names,
        images=images,
        columns=columns,
        transform=transform,
        box=box,
        attributes=None if attributes is None else _as_names(attributes),
        field=field,
    )
    if isinstance(value, Annotations):
        overrides.refuse(value)
        return value
    batch = _convert(value, library, overrides)
    return batch if transform is None else Georeference(ReadOptions(transform=transform)).pixels(batch)


def _as_names(names: str | Iterable[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _convert(value: Any, library: Library | None, overrides: Overrides) -> Annotations:
    """Return the annotations of an object, or of a list of objects with one image each."""
    if isinstance(value, GridMap):
        raise TypeError(f"expected annotations, got a {type(value).__name__}: maps are added up with +")
    if library is None and type(value) is np.ndarray and value.dtype != object:
        library = "arrays"  # as no other adapter would accept it
    elif library is None and type(value) is dict and not detections.is_coco(value):
        library = "torchvision" if detections.is_torchvision(value) else None  # as the next one for dicts
    adapters = list(ADAPTERS.values()) if library is None else [ADAPTERS[library]]
    if isinstance(value, (list, tuple)) and value:
        for adapter in adapters:
            if adapter.is_per_image and not adapter.accepts(value) and all(map(adapter.accepts, value)):
                _check_taken(adapter, overrides)
                count = len(value)
                items = [adapter.convert(item, overrides.of_item(i, count)) for i, item in enumerate(value)]
                return join_objects(items)
    for adapter in adapters:
        if adapter.accepts(value):
            _check_taken(adapter, overrides)
            return adapter.convert(value, overrides)
    raise TypeError(_refusal(value, library))


def _check_taken(adapter: Adapter, overrides: Overrides) -> None:
    """Raise TypeError if an override does not apply to the objects of a library."""
    for name in ("columns", "transform", "box", "field"):
        if getattr(overrides, name) is not None and name not in adapter.takes:
            raise TypeError(f"{name} must not be given with {adapter.title}")


def _refusal(value: Any, library: Library | None) -> str:
    kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    if isinstance(value, (str, bytes, PathLike)):
        return f"expected annotations, got {kind}: heatgrid.heatmap and heatgrid.read take paths"
    if library is not None:
        return f"expected {ADAPTERS[library].title}, got {kind}"
    return f"{kind} is not understood; these are: {'; '.join(one.title for one in ADAPTERS.values())}"


def read_any(
    source: Any,
    options: ReadOptions,
    *,
    format: FormatName | None = None,  # noqa: A002 - the public name
    journal: Journal | None = None,
    progress: bool = False,
) -> Iterable[Annotations]:
    """Return the batches of paths, as `heatgrid.io.read.read` does, or of annotations or other objects.

    Of several tables or batches, each is added; a list of other objects holds one image each.
    """
    head = source
    if isinstance(source, Iterator):
        head = next(source, None)
        source = [] if head is None else chain([head], source)
    elif isinstance(source, (list, tuple)) and source:
        head = source[0]
    if (
        isinstance(head, (str, bytes, PathLike, set, frozenset))
        or head is None
        or (isinstance(source, (list, tuple)) and not source)
    ):
        return read(source, options, format=format, journal=journal, progress=progress)
    is_dataset = ADAPTERS["fiftyone_dataset"].accepts(head)
    names = ["images", "encoding", "task", "normalized", "truth"]
    names += ["transform"] if is_dataset else ["splits", "field"]
    names += ["size", "columns", "transform"] if isinstance(head, Annotations) else []
    unused = [name for name in names if getattr(options, name) is not None]
    if format is not None or journal is not None or unused:
        name = unused[0] if unused else "format" if format is not None else "checkpoint"
        raise TypeError(f"{name} cannot be combined with {type(head).__name__}, which is already read")
    if isinstance(head, Annotations):
        objects = [source] if isinstance(source, Annotations) else source
    else:
        whole: tuple[Library, ...] = ("coco", "huggingface", "supervision_dataset", "geopandas", "arrow")
        tables = [ADAPTERS[name] for name in whole]
        is_stream = isinstance(source, Iterator)  # of a model's results, one by one
        is_several = is_stream or is_dataset or any(table.accepts(head) for table in tables)
        several = head is not source and is_several
        objects = source if several else [source]
    batches = chain.from_iterable(_read_object(value, options) for value in objects)
    return batches if options.min_score is None else check_scores(batches)


def _read_object(value: Any, options: ReadOptions) -> Iterator[Annotations]:
    if fiftyone_datasets.is_collection(value):
        for batch in fiftyone_datasets.read_collection(value, options):
            yield filter_batch(batch, options)
        return
    if not isinstance(value, Annotations):
        transform = cast("Sequence[float] | None", options.transform)
        names = options.attributes or None
        value = annotations_from(
            value, size=options.size, columns=options.columns, transform=transform, attributes=names
        )
        value.report.parts = 1
    yield filter_batch(value, options)
