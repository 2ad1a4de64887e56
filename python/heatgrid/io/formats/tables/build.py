"""Builder of annotations from column batches, for tables in files, in memory and in partitions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.annotations import Annotations
from heatgrid.core.class_grids import NO_CLASS
from heatgrid.core.ragged import Kind, Points
from heatgrid.core.report import EXAMPLES, Report, describe
from heatgrid.errors import FormatError
from heatgrid.io.build import ORDERED, UNLABELED, empty_batch
from heatgrid.io.formats.tables.batches import (
    Categories,
    CheckedRows,
    ColumnBatch,
    NameTable,
    check_rows,
    flags_of,
    numbers,
    renumber,
    spread_lists,
)
from heatgrid.io.formats.tables.columns import ATTRIBUTE, FLAG_ROLES, POINTS
from heatgrid.io.options import ReadOptions, canonical_split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]

COMMAS = "decimal comma, read as a point"
TWO_SIZES = "row with another size for its image, size ignored"
NORMALIZED = "coordinates near [0, 1], read as normalized"
PIXELS = "coordinates far from [0, 1], taken as pixels"
AGAIN = "rows of an image are not contiguous, counted as separate images"
CHANGED = "coordinates near [0, 1] at first and far from it later: pass normalized=True or normalized=False"

_NEAR = 2.0  # largest normalized coordinate
_FIRST = 1 << 10


class TableBuilder:
    """Collector of a table's column batches, which returns one `Annotations` batch per split.

    ``class_name`` returns the name of a class from its cell. ``rows`` and ``report`` are those since the last
    batch.
    """

    def __init__(
        self,
        source: str,
        options: ReadOptions,
        *,
        position_format: str = "line {}",
        class_name: Callable[[str], str] | None = None,
        is_file: bool = True,
    ) -> None:
        self.report = Report(files=int(is_file))
        self._source, self._options, self._position_format = source, options, position_format
        self._class_name = class_name
        self._history = _History(source)
        self._clear()

    def _clear(self) -> None:
        self.rows = 0
        self._has_points = False
        self._table: dict[str, Any] = {}
        self._images, self._classes, self._splits = NameTable(), NameTable(self._class_name), NameTable()
        self._sizes: list[tuple[NDArray[Any], ...]] = []  # of runs: image, width, height, rows
        self._split_of: list[tuple[Integers, ...]] = []  # of rows: image, split

    def add(self, batch: ColumnBatch) -> None:
        """Collect the next rows; with ``on_error="raise"``, raise FormatError at the first bad one."""
        batch = spread_lists(batch)
        checked = check_rows(batch)
        self._record(checked, batch)
        boxes, background = checked.boxes, checked.background
        self._has_points = batch.box in POINTS
        if checked.fault.any():
            right = np.flatnonzero(checked.fault == 0)
            batch, boxes, background = batch.take(right), boxes[right], background[right]
        image = self._images.add(batch.columns["image"])
        self._note_images(batch, image)
        if background.any():
            boxed = np.flatnonzero(~background)
            batch, boxes, image = batch.take(boxed), boxes[boxed], image[boxed]
        labels = batch.columns.get("class", Categories.constant(NO_CLASS, len(batch)))
        found: dict[str, Any] = {
            "image": image,
            "label": self._classes.add(labels),
            "boxes": boxes,
            "positions": batch.positions,
        }
        if "score" in batch.columns:
            found["scores"] = numbers(batch.columns["score"])[0]
        if "id" in batch.columns:
            found["ids"] = list(batch.columns["id"])
        if any(role in batch.columns for role in FLAG_ROLES):
            found["flags"] = flags_of(batch)
        for name in self._options.attributes:
            cells = batch.columns.get(f"{ATTRIBUTE}{name}", [""] * len(batch))
            found[f"{ATTRIBUTE}{name}"] = [cell.strip() or None for cell in cells]
        for name, column in found.items():
            self._append(name, column)
        self.rows += len(batch)
        self._history.add(boxes)

    def _append(self, name: str, values: Any) -> None:
        if isinstance(values, list):
            self._table.setdefault(name, []).extend(values)
            return
        if name not in self._table:
            self._table[name] = values
            return
        rows = self.rows + len(values)
        self._table[name] = column = _grown(self._table[name], rows)
        column[self.rows : rows] = values

    def _record(self, checked: CheckedRows, batch: ColumnBatch) -> None:
        """Record what is skipped and corrected."""

        def position(row: int) -> str:
            return self._position_format.format(batch.positions[row])

        def where(row: int) -> str:
            return describe(self._source, position(row))

        if checked.fault.any():
            first = int(np.flatnonzero(checked.fault)[0])
            if self._options.strict:
                raise FormatError(checked.reasons[checked.fault[first] - 1], self._source, position(first))
            for number, reason in enumerate(checked.reasons, 1):
                self._skip(reason, np.flatnonzero(checked.fault == number), batch.columns.get("class"), where)
        self.report.note_at(ORDERED, np.flatnonzero(checked.swapped), where)
        self.report.note_at(COMMAS, np.flatnonzero(checked.commas), where)
        self.report.note_at(UNLABELED, np.flatnonzero(checked.unlabeled), where)

    def _skip(
        self, reason: str, rows: Integers, labels: Categories | None, where: Callable[[int], str]
    ) -> None:
        """Record skipped rows by class."""

        def name(cell: str) -> str | None:
            return self._classes.name(cell) if cell.strip() else None

        if labels is None:
            labels = Categories.constant(NO_CLASS, int(rows.max(initial=0)) + 1)
        for row in rows[:EXAMPLES].tolist():
            self.report.skip(reason, where(row), label=name(labels.value(row)))
        others = labels[rows[EXAMPLES:]]
        for cell, n in zip(others.texts(), np.bincount(others.codes).tolist(), strict=True):
            self.report.skip(reason, n=n, label=name(cell))

    def _note_images(self, batch: ColumnBatch, image: Integers) -> None:
        """Collect the sizes and splits that rows have for their image."""
        if "split" in batch.columns:
            split = batch.columns["split"]
            named = np.flatnonzero(~split.is_blank())
            self._split_of.append((image[named], self._splits.add(split[named])))
        if "image_width" in batch.columns and "image_height" in batch.columns:
            sides = [numbers(batch.columns[role])[0] for role in ("image_width", "image_height")]
            starts, lengths = _runs(image, *sides)
            width, height = sides[0][starts], sides[1][starts]
            known = (width > 0) & (height > 0)
            self._sizes.append((image[starts][known], width[known], height[known], lengths[known]))

    def _find_sizes(self, index_of: Integers, count: int) -> Doubles:
        """Return the sizes of ``count`` images, NaN if unknown: the first of each holds."""
        sizes = np.full((count, 2), np.nan)
        if self._sizes:
            image, width, height, rows = map(np.concatenate, zip(*self._sizes, strict=True))
            own, image = np.stack([width, height], axis=1), index_of[image]
            sizes[image[::-1]] = own[::-1]  # the last assignment holds
            different = (own != sizes[image]).any(axis=1)
            self.report.note(TWO_SIZES, int(rows[different].sum()), self._source)
        return sizes

    def _find_splits(
        self, index_of: Integers, count: int, default: str | None
    ) -> tuple[list[str | None], Integers]:
        """Return names of splits, and the index of each image's: the first of its rows holds."""
        names, own = self._splits.resolve()
        found = np.full(count, len(names), dtype=np.int64)
        if self._split_of:
            image, split = map(np.concatenate, zip(*self._split_of, strict=True))
            found[index_of[image[::-1]]] = own[split[::-1]]
        return [*map(canonical_split, names), default], found

    def build(
        self, source: Path | str, split: str | None, *, usually_divided: bool = False, more: bool = False
    ) -> Iterator[Annotations]:
        """Yield one batch per split, and clear the builder; ``more`` says that rows of other images follow.

        Images whose rows name no split are of ``split``. Unless the options decide, the range of coordinates
        tells whether they are normalized; ``usually_divided`` decides in doubt.
        """
        if not self._table:
            raise FormatError("a header without rows", self._source)
        names, index_of = self._images.resolve()
        splits, split_of = self._find_splits(index_of, len(names), split)
        self._history.splits.update(splits[i] for i in np.unique(split_of).tolist())
        divided = self._options.normalized
        if divided is None:
            divided = self._history.is_divided(usually=usually_divided)
            if divided != usually_divided:
                self._history.note_once(self.report, NORMALIZED if divided else PIXELS)
        if again := self._history.count_again(names, more=more):
            self.report.note(AGAIN, again, self._source)
        if not more:
            self._options.note_splits_absent(self._history.splits, self.report, source)
        whole = self._whole(names, index_of, source, divided=divided)
        for wanted in dict.fromkeys(splits[i] for i in renumber(split_of, len(splits))[1].tolist()):
            if self._options.wants(wanted):
                images = np.flatnonzero(np.array([name == wanted for name in splits])[split_of])
                batch = _of_images(whole, images)
                report, self.report = self.report, Report()
                report.images += len(batch.image_names)
                yield replace(batch, split=wanted, report=report)
        if self.report != Report():
            yield empty_batch(self.report, str(source))
            self.report = Report()
        self._clear()

    def _whole(
        self, names: list[str], index_of: Integers, source: Path | str, *, divided: bool
    ) -> Annotations:
        """Return all rows as one batch."""
        table = {name: column[: self.rows] for name, column in self._table.items()}
        if not divided and self._options.one_based:
            table["boxes"][:, :2] -= 1
        sizes = self._find_sizes(index_of, len(names))
        classes, label_of = self._classes.resolve()
        scores = table.get("scores")
        wanted = self._options.attributes
        return Annotations(
            image_names=names,
            image=index_of[table["image"]],
            label=label_of[table["label"]],
            classes=tuple(classes),
            normalized=divided,
            sizes=sizes,
            kinds=np.full(self.rows, Kind.POINT if self._has_points else Kind.BOX, dtype=np.uint8),
            boxes=None if self._has_points else table["boxes"],
            points=_points(table["boxes"]) if self._has_points else None,
            ids=table.get("ids"),
            flags=table.get("flags"),
            scores=None if scores is None or np.isnan(scores).all() else scores,
            attributes={name: table[f"{ATTRIBUTE}{name}"] for name in wanted} if wanted else None,
            source=str(source),
            files=[self._source] * len(names),
            positions=table["positions"],
            position_format=self._position_format,
        )


def _points(boxes: Doubles) -> Points:
    """Return boxes without extent as points."""
    coords = np.ascontiguousarray(boxes[:, :2])
    return Points(coords, np.arange(len(coords) + 1, dtype=np.int64), np.ones(len(coords), dtype=bool))


def _of_images(batch: Annotations, images: Integers) -> Annotations:
    """Return the part of a batch that lies on some of its images."""
    if len(images) == len(batch.image_names):
        return batch
    index_of = np.full(len(batch.image_names), -1, dtype=np.int64)
    index_of[images] = np.arange(len(images))
    part = batch.select(index_of[batch.image] >= 0)
    return replace(
        part,
        image_names=[batch.image_names[i] for i in images.tolist()],
        image=index_of[part.image],
        sizes=None if batch.sizes is None else batch.sizes[images],
        files=None if batch.files is None else batch.files[: len(images)],
    )


def _runs(*columns: NDArray[Any]) -> tuple[Integers, Integers]:
    """Return the first rows and the lengths of the runs in which all columns are constant."""
    count = len(columns[0])
    changes = np.zeros(max(0, count - 1), dtype=bool)
    for column in columns:
        changes |= column[1:] != column[:-1]
    starts = np.concatenate([np.arange(min(count, 1)), np.flatnonzero(changes) + 1])
    return starts, np.diff(starts, append=count)


def _grown(array: NDArray[Any], rows: int) -> NDArray[Any]:
    """Return the array with capacity for ``rows`` rows; memory that is not used yet costs nothing."""
    if rows <= len(array):
        return array
    larger = np.empty((max(rows, 4 * len(array)), *array.shape[1:]), dtype=array.dtype)
    larger[: len(array)] = array
    return larger


class _History:
    """Facts about the batches of one table so far."""

    def __init__(self, source: str) -> None:
        self.splits: set[str | None] = set()
        self._source = source
        self._has_finite = self._is_far = self._has_fractions = False
        self._divided: bool | None = None
        self._notes: set[str] = set()
        self._images = np.zeros(0, dtype=np.int64)  # sorted hashes, which take less memory than names

    def add(self, boxes: Doubles) -> None:
        """Take the range of finite boxes into account."""
        if not len(boxes):
            return
        low, high = boxes.min(), boxes.max()
        if not (np.isfinite(low) and np.isfinite(high)):
            boxes = boxes[np.isfinite(boxes).all(axis=1)]
            low, high = boxes.min(initial=0), boxes.max(initial=0)
        self._has_finite |= len(boxes) > 0
        self._is_far |= bool(low < -_NEAR or high > _NEAR)
        if not (self._is_far or self._has_fractions):
            parts = (boxes[:_FIRST], boxes[_FIRST:])  # the first rows tell nearly always
            self._has_fractions = any(bool((part % 1 != 0).any()) for part in parts)

    def is_divided(self, *, usually: bool) -> bool:
        """Return whether coordinates are normalized, by their range; ``usually`` decides for integers."""
        if not self._has_finite:
            return usually
        divided = not self._is_far and (self._has_fractions or usually)
        if self._divided is not None and divided != self._divided:
            raise FormatError(CHANGED, self._source)
        self._divided = divided
        return divided

    def note_once(self, report: Report, text: str) -> None:
        """Note what holds for the whole table."""
        if text not in self._notes:
            self._notes.add(text)
            report.note(text, where=self._source)

    def count_again(self, names: Sequence[str], *, more: bool) -> int:
        """Return the number of images that earlier batches had; remember them if more follow."""
        if not more and not len(self._images):
            return 0
        hashes = np.sort(np.fromiter(map(hash, names), dtype=np.int64, count=len(names)))
        found = np.searchsorted(self._images, hashes)
        known = found < len(self._images)
        again = int((self._images[found[known]] == hashes[known]).sum())
        if more:
            self._images = np.sort(np.concatenate([self._images, hashes]), kind="stable")
        return again
