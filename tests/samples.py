"""Sample files of all formats, and functions that read them completely."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from heatgrid.core.annotations import NOTES, select_geometry
from heatgrid.core.kernel import Outcome
from heatgrid.core.ragged import WholeNumbers
from heatgrid.core.report import Report
from heatgrid.core.spec import CountSpec
from heatgrid.errors import FormatError
from heatgrid.io.options import ReadOptions
from heatgrid.io.read import read
from heatgrid.io.registry import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations

DATA = Path(__file__).parent / "data"
LIBRARIES = {"shapefile": "pyogrio"}
"""Formats that are read by another library."""
OWN_FORMATS = tuple(name for name in FORMATS if name not in LIBRARIES)


def options_of(name: str) -> dict[str, Any]:
    """Return the options for the samples of a format: sizes, if its files have none."""
    path = DATA / name / "options.json"
    options: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return options


def names_of(name: str) -> dict[str, str]:
    """Return the names of the scene's images and classes in a format that prescribes names."""
    path = DATA / name / "names.json"
    names: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return names


def read_source(path: Path | list[Path], format: Any = None, **options: Any) -> Iterator[Annotations]:  # noqa: A002
    """Read a source with options as keyword arguments."""
    return read(path, ReadOptions(**options), format=format)


def result_of(path: Path, format: Any, **options: Any) -> list[Annotations] | str:  # noqa: A002
    """Return the batches of a source, or the text of the error."""
    try:
        return list(read_source(path, format, **options))
    except FormatError as error:
        return str(error)


def assert_results_same(own: list[Annotations] | str, expected: list[Annotations] | str) -> None:
    """Compare two results of `result_of`."""
    if isinstance(own, str) or isinstance(expected, str):
        assert own == expected
        return
    for one, other in zip(own, expected, strict=True):
        assert_same(one, other)


def read_all(path: Path | list[Path], **options: Any) -> tuple[list[Annotations], Report]:
    """Read a source, check its batches, and return them with their joint report.

    The report records the annotations of the batches as counted.
    """
    batches = list(read_source(path, **options))
    report = Report()
    for batch in batches:
        batch.validate()
        report += batch.report
        report.record(np.zeros(len(batch), np.uint8), batch.classes, batch.label)
    assert report.read == sum(map(len, batches)) + report.skips
    assert report.images == sum(len(batch.image_names) for batch in batches)
    return batches, report


def read_one(path: Path, **options: Any) -> Annotations:
    """Read a source of one batch."""
    batches, _ = read_all(path, **options)
    (batch,) = batches
    return batch


@dataclass
class Selected:
    """The geometry selected of each annotation, and the report of it."""

    kinds: NDArray[np.uint8]
    boxes: NDArray[np.float64] | None
    report: Report

    def index(self, kind: int) -> NDArray[np.int64]:
        """Return the indices of the annotations that are counted as ``kind``."""
        return np.flatnonzero(self.kinds == int(kind))


def selected(
    batch: Annotations, geometry: Any = "auto", *, rule: Any = "center", fit: Any = "stretch"
) -> Selected:
    """Select the geometry of every annotation, and report what has none."""
    outcome = np.full(len(batch), Outcome.PENDING.value, dtype=np.uint8)
    shapes, notes = select_geometry(batch, geometry, CountSpec(grid=(1, 1), rule=rule, fit=fit), outcome)
    report = Report()
    lost = np.flatnonzero(outcome != Outcome.PENDING.value)
    report.record(outcome[lost], batch.classes, batch.label[lost], where=lambda i: batch.where(int(lost[i])))
    for bit, text in NOTES.items():
        report.note_at(text, np.flatnonzero(notes & bit), batch.where)
    assert shapes.kinds is not None
    return Selected(shapes.kinds, shapes.boxes, report)


def outcomes(batches: list[Annotations], geometry: Any = "auto") -> Report:
    """Select the geometry of batches; return the report of reading and selecting."""
    report = Report()
    for batch in batches:
        report += batch.report
        report += selected(batch, geometry).report
    return report


def rows(
    batches: list[Annotations], names: dict[str, str] | None = None
) -> list[tuple[str, str, list[float]]]:
    """Return image stem, class and normalized (bounding) box of every annotation, sorted.

    ``names`` renames images and classes.
    """
    names = names or {}
    found = []
    for batch in filter(len, batches):
        boxes = selected(batch, "box").boxes
        assert boxes is not None
        for i in range(len(batch)):
            box = boxes[i].tolist()
            if not batch.normalized:
                assert batch.sizes is not None
                width, height = batch.sizes[batch.image[i]]
                box = [box[0] / width, box[1] / height, box[2] / width, box[3] / height]
            image, label = batch.image_names[batch.image[i]], batch.classes[batch.label[i]]
            found.append((names.get(image, Path(image).stem), names.get(label, label), box))
    return sorted(found)


def assert_same(found: Any, expected: Any, place: str = "batch") -> None:
    """Compare dataclasses, their arrays bit by bit."""
    found, expected = (list(one) if isinstance(one, WholeNumbers) else one for one in (found, expected))
    assert type(found) is type(expected), place
    if is_dataclass(found):
        for field in fields(found):
            assert_same(getattr(found, field.name), getattr(expected, field.name), f"{place}.{field.name}")
    elif isinstance(found, np.ndarray):
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape), place
        assert found.tobytes() == expected.tobytes(), place
    else:
        assert found == expected, place


CLASSES = ("cat", "dog", "bird")
Box: TypeAlias = tuple[int, str, tuple[float, float, float, float]]  # image, class, x y width height


def write_coco(path: Path, sizes: list[tuple[int, int]], boxes: list[Box], **extra: Any) -> Path:
    """Write a COCO file of images of these sizes, numbered from 0, and boxes with ids from 1."""
    names = [*CLASSES, *extra.pop("more_classes", ())]
    document = {
        "images": [
            {"id": i, "file_name": f"{path.stem}-{i}.jpg", "width": w, "height": h}
            for i, (w, h) in enumerate(sizes)
        ],
        "categories": [{"id": k + 1, "name": name} for k, name in enumerate(names)],
        "annotations": [
            {"id": i + 1, "image_id": image, "category_id": names.index(name) + 1, "bbox": box, **extra}
            for i, (image, name, box) in enumerate(boxes)
        ],
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path
