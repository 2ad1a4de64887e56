"""Rows of a table gathered into batches: images, classes, sizes, boxes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.annotations import Annotations, Kind
from heatgrid.core.report import Report, describe
from heatgrid.errors import FormatError
from heatgrid.io.build import empty_batch
from heatgrid.io.files import UNKNOWN, ImageSizes, clean
from heatgrid.io.formats.table.cells import NameTable, numbers
from heatgrid.io.formats.table.pieces import Pieces
from heatgrid.io.formats.table.rows import flags, judge, texts
from heatgrid.io.options import canonical_split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.io.formats.table.columns import Columns
    from heatgrid.io.formats.table.rows import TableRows
    from heatgrid.io.formats.table.text import Chunk
    from heatgrid.io.options import ReadOptions, Size

ORDERED = "corners in the wrong order, put right"
COMMAS = "decimal comma, read as a point"
TWO_SIZES = "row that gives its image another size, passed over"
NORMALIZED = "coordinates near [0, 1], taken as divided by their image's size"
AGAIN = "image whose rows do not stand together, taken for another"
CHANGED = (
    "coordinates near [0, 1] in the first rows, and far from it in later ones: say normalized=True or False"
)
PIXELS = "coordinates far from [0, 1], taken as pixels"


class TableBuilder:
    """Gather the chunks of one table, then make a batch of each split.

    Parameters
    ----------
    file
        The table.
    options
        How to read.
    position_format
        How a row's place in the file is written.
    class_name
        Gives the name of a class that a cell writes.

    Attributes
    ----------
    images
        The images met, to which others may be added.
    splits
        The splits of images, by their numbers, where they are known.
    report
        What was left out, and why.
    """

    def __init__(
        self,
        file: Path,
        options: ReadOptions,
        *,
        position_format: str = "line {}",
        class_name: Callable[[str], str] = clean,
    ) -> None:
        self.report = Report(files=1)
        self.images, self._classes = NameTable(), NameTable()
        self.splits: dict[int, str] = {}
        self._file, self._options, self._position_format = str(file), options, position_format
        self._class_name = class_name
        self._columns: dict[str, list[NDArray[Any]]] = {}
        self._ids: list[str] = []
        self._sizes: dict[int, Size] = {}
        self._pieces = Pieces()

    @property
    def rows(self) -> int:
        """The rows gathered since the last batch was made."""
        return sum(map(len, self._columns.get("image", ())))

    def add(self, columns: Columns, chunk: Chunk) -> None:
        """Take the next rows.

        Raises
        ------
        FormatError
            With ``on_error="raise"``, at the first that would be left out.
        """
        rows = judge(columns, chunk)
        self._leave_out(rows, chunk)
        named = np.flatnonzero(rows.fault == 0)
        image = self._number(self.images, _pick(rows.images, named), clean)
        self._note_images(chunk, named, image)
        boxed = ~rows.background[named]
        index = named[boxed]
        label = self._number(self._classes, _pick(rows.labels, index), self._class_name)
        score = numbers(chunk.cells["score"])[0] if "score" in columns.places else np.full(len(chunk), np.nan)
        found: dict[str, NDArray[Any]] = {
            "image": image[boxed],
            "label": label,
            "boxes": rows.boxes[index],
            "flags": flags(chunk)[index],
            "scores": score[index],
            "positions": chunk.lines[index],
        }
        self._pieces.see(found["boxes"])
        for name, values in found.items():
            self._columns.setdefault(name, []).append(values)
        if "id" in columns.places:
            self._ids += _pick(texts(chunk, "id"), index)

    def _leave_out(self, rows: TableRows, chunk: Chunk) -> None:
        wrong = np.flatnonzero(rows.fault)
        if len(wrong) and self._options.strict:
            first = int(wrong[0])
            place = self._position_format.format(chunk.lines[first])
            raise FormatError(rows.reasons[rows.fault[first] - 1], self._file, place)

        def where(row: int) -> str:
            return describe(self._file, self._position_format.format(chunk.lines[row]))

        for number, reason in enumerate(rows.reasons, 1):
            self.report.skip_at(reason, np.flatnonzero(rows.fault == number), where)
        self.report.note_at(ORDERED, np.flatnonzero(rows.swapped), where)
        self.report.note_at(COMMAS, np.flatnonzero(rows.commas), where)

    def _number(
        self, table: NameTable, cells: Sequence[str], name: Callable[[str], str]
    ) -> NDArray[np.int64]:
        for cell in table.unknown(cells):
            table.place(cell, name(cell.strip()))
        return table.places(cells)

    def _note_images(self, chunk: Chunk, rows: NDArray[np.int64], image: NDArray[np.int64]) -> None:
        """Keep what the rows say of their images: sizes and splits, the first of which holds."""
        different, first, inverse = np.unique(image, return_index=True, return_inverse=True)
        if "split" in chunk.cells:
            words = texts(chunk, "split")
            for number, row in zip(different.tolist(), rows[first].tolist(), strict=True):
                if words[row].strip():
                    self.splits.setdefault(number, canonical_split(clean(words[row].strip())))
        if "image_width" in chunk.cells and "image_height" in chunk.cells:
            sides = [numbers(chunk.cells[role])[0][rows] for role in ("image_width", "image_height")]
            sizes = np.stack(sides, axis=1)
            for number, size in zip(different.tolist(), sizes[first].tolist(), strict=True):
                if size[0] > 0 and size[1] > 0:
                    self._sizes.setdefault(number, (size[0], size[1]))
            known = np.array([self._sizes.get(number, UNKNOWN) for number in different.tolist()])
            if len(known):
                unlike = (sizes > 0).all(axis=1) & (sizes != known[inverse]).any(axis=1)
                self.report.note(TWO_SIZES, int(unlike.sum()), self._file)

    def build(
        self, source: Path, split: str | None, *, usually_divided: bool = False, more: bool = False
    ) -> Iterator[Annotations]:
        """Yield a batch a split, and begin anew.

        Parameters
        ----------
        source
            The file or folder that is read.
        split
            That of images of which nothing else is known.
        usually_divided
            Whether the format's coordinates should be divided by their image's size. What they are is told by
            the options, or by their range, which is that of the first batches where there are more.
        more
            Whether more rows will follow, of other images.

        Raises
        ------
        FormatError
            There were no rows at all, or what coordinates are has changed.
        """
        if not self._columns:
            raise FormatError("a header without rows", self._file)
        # The parts of a column go as soon as it is whole, so that no two columns are there twice.
        table = {name: np.concatenate(self._columns.pop(name)) for name in list(self._columns)}
        divided = self._options.normalized
        if divided is None:
            divided = self._pieces.is_divided(whole=usually_divided, file=self._file)
            if divided != usually_divided:
                self._pieces.note_once(self.report, NORMALIZED if divided else PIXELS, self._file)
        if not divided and self._options.one_based:
            table["boxes"][:, :2] -= 1
        of_image = [self.splits.get(number, split) for number in range(len(self.images.names))]
        self._pieces.splits.update(of_image)
        if again := self._pieces.count_again(self.images.names, more=more):
            self.report.note(AGAIN, again, self._file)
        if not more:
            self._options.note_splits_absent(self._pieces.splits, self.report, source)
        for wanted in dict.fromkeys(of_image):
            if self._options.wants(wanted):
                images = np.flatnonzero([own == wanted for own in of_image])
                batch = self._batch(table, images, source, divided=divided)
                yield replace(batch, split=wanted, report=self._take_report(batch))
        if self.report != Report():
            yield empty_batch(self.report, str(source))
            self.report = Report()
        self.images, self._classes, self.splits = NameTable(), NameTable(), {}
        self._ids, self._sizes = [], {}

    def _take_report(self, batch: Annotations) -> Report:
        """Return what is to be reported with a batch; the next one's report begins anew."""
        report, self.report = self.report, Report()
        report.images += len(batch.image_names)
        return report

    def _batch(
        self,
        table: dict[str, NDArray[Any]],
        images: NDArray[np.int64],
        source: Path,
        *,
        divided: bool,
    ) -> Annotations:
        """Return the batch of some of the images."""
        ids: Sequence[object] = self._ids
        if len(images) < len(self.images.names):
            place = np.full(len(self.images.names), -1, dtype=np.int64)
            place[images] = np.arange(len(images))
            mine = np.flatnonzero(place[table["image"]] >= 0)
            table = {name: column[mine] for name, column in table.items()}
            table["image"] = place[table["image"]]
            ids = _pick(self._ids, mine) if self._ids else []
        names = [self.images.names[number] for number in images.tolist()]
        elsewhere = ImageSizes(self._options)
        sizes = [
            self._sizes.get(number) or elsewhere.find(name)
            for number, name in zip(images.tolist(), names, strict=True)
        ]
        return Annotations(
            image_names=names,
            image=table["image"],
            label=table["label"],
            classes=tuple(self._classes.names),
            normalized=divided,
            sizes=np.array(sizes, dtype=np.float64).reshape(-1, 2),
            kinds=np.full(len(table["image"]), Kind.BOX, dtype=np.uint8),
            boxes=table["boxes"],
            ids=ids or None,
            flags=table["flags"],
            scores=None if np.isnan(table["scores"]).all() else table["scores"],
            source=str(source),
            files=[self._file] * len(names),
            positions=table["positions"],
            position_format=self._position_format,
        )


def _pick(cells: Sequence[str], index: NDArray[np.int64]) -> Sequence[str]:
    """Return the cells with these numbers, without going over them where they are all."""
    return cells if len(index) == len(cells) else [cells[i] for i in index.tolist()]
