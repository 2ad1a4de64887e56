"""Python interface of the compiled kernel; the only module that imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from heatgrid import _core
from heatgrid.core.arguments import worker_count
from heatgrid.core.limits import DEFAULT, check_stop
from heatgrid.core.ragged import Masks
from heatgrid.core.spec import MAX_CELLS, CountSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.core.arguments import Doubles, Integers
    from heatgrid.core.ragged import Shapes

    Outcomes = NDArray[np.uint8]
    Palette = tuple[NDArray[np.uint8], NDArray[np.uint16]]
    StampShape = Literal["boxes", "points", "discs", "masks"]

_core.set_stop_check(check_stop)

assert _core.max_cells_per_axis == MAX_CELLS  # noqa: S101  # the same limit in both languages

Outcome = _core.Outcome
"""Fate of an annotation. Every annotation ends in exactly one."""

CocoColumns = _core.CocoColumns
ImageLines = _core.ImageLines
Table = _core.Table
CocoTrait = _core.CocoTrait
Footprint = _core.Footprint
"""Bitmask of the cells that a track or a frame has already hit."""

scan_coco = _core.scan_coco
"""Scans the parts of a COCO file with a thread for each; see `heatgrid.io.formats.coco.scan`."""

_LARGEST = np.iinfo(np.int64).max
_MOST_WORK = 1 << 62
_PIXELS = (np.uint8, np.uint16, np.uint32)
_FEW = 10_000  # fewer shapes of any kind are not worth a second thread
_RULES, _GEOMETRIES = dict(_core.Rule.__members__), dict(_core.Geometry.__members__)
_PENDING = int(Outcome.PENDING)


def pending(count: int) -> Outcomes:
    """Return the outcomes of annotations that are to be counted, (N,) uint8."""
    outcome = np.empty(count, dtype=np.uint8)
    outcome.fill(_PENDING)
    return outcome


def count(
    shapes: Shapes,
    grids: NDArray[Any],
    spec: CountSpec,
    outcome: Outcomes,
    *,
    union: NDArray[np.int64] | None = None,
    sizes: Doubles | None = None,
    labels: Integers | None = None,
    images: Integers | None = None,
    weights: Doubles | None = None,
    threads: int | None = None,
    clamp: bool = False,
    is_fresh: bool = False,
    is_strict: bool = False,
    area_work: int = DEFAULT.area_work,
) -> int:
    """Add shapes to class grids, (classes, rows, columns) of the dtype of ``spec``, in place.

    ``union`` is the grid of all classes together, if it is counted. ``outcome``, (N,) uint8, selects the
    shapes whose entry is ``Outcome.PENDING``, and receives their outcomes. ``sizes`` is one pair of pixels or
    (N, 2), None for normalized coordinates; ``labels`` and ``images`` are (N,) int64, ``weights`` (N,)
    float64. ``clamp`` moves single points outside the image to the nearest cell. ``is_fresh`` says that all
    grids are zero, and of no use if the call raises; ``is_strict`` that nothing is written if a shape cannot
    be counted. ``area_work`` is that of `heatgrid.Limits`. ``fit`` is applied by the caller
    (`heatgrid.core.letterbox`). Return the number of shapes that are skipped for a fault.

    Unless the grids are fresh, nothing is written before all shapes are scanned, and nothing if the call
    raises: OverflowError if a count would not fit in int64, ValueError if an input overlaps the grids.
    """
    before = None if is_fresh else outcome.copy()
    try:
        return _core.count(  # by position: pybind11 takes half of a small call to look up keywords
            columns(shapes),
            grids,
            _RULES[spec.rule],
            None if union is None else union[np.newaxis],
            sizes,
            labels,
            images,
            weights,
            outcome,
            1 if threads is None and len(outcome) < _FEW else _workers(threads, shapes),
            np.inf if spec.large_box_ratio is None else spec.large_box_ratio,
            clamp,
            is_fresh,
            is_strict,
            min(area_work, _MOST_WORK),
        )
    except OverflowError:  # counts are above 2**62, and there may still be room
        np.copyto(outcome, np.asarray(before))
        targets = [grids] if union is None else [grids, union]
        added = [np.zeros_like(target) for target in targets]
        faults = count(
            shapes,
            added[0],
            spec,
            outcome,
            union=None if union is None else added[1],
            sizes=sizes,
            labels=labels,
            images=images,
            weights=weights,
            threads=threads,
            clamp=clamp,
            is_fresh=True,
            is_strict=is_strict,
            area_work=area_work,
        )
        _add_grids(targets, added)
        return faults


def _add_grids(targets: list[NDArray[Any]], added: list[NDArray[Any]]) -> None:
    """Add grids in place, or raise OverflowError before anything is written."""
    if any((target > _LARGEST - more).any() for target, more in zip(targets, added, strict=True)):
        raise OverflowError("a count does not fit in int64") from None
    for target, more in zip(targets, added, strict=True):
        np.add(target, more, out=target)


def select_geometry(
    shapes: Shapes,
    geometry: str,
    outcome: Outcomes,
    *,
    flags: NDArray[np.uint8] | None,
    sized: NDArray[np.bool_] | None,
    with_area: bool,
    boxes: Doubles | None,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Select the geometry of each pending annotation: (N,) uint8 kinds, 0 for none, and bits of `NOTES`.

    ``shapes.kinds`` holds the bits of all geometry that an annotation has; ``sized`` says whether the image
    size is known, None if it is not needed. ``outcome`` receives the reason for annotations without usable
    geometry, ``boxes``, (N, 4), the bounding boxes of polygons without a usable box, for ``geometry="box"``.
    """
    kinds = np.zeros(len(outcome), dtype=np.uint8)
    notes = np.zeros(len(outcome), dtype=np.uint8)
    choice = _GEOMETRIES["auto_" if geometry == "auto" else geometry]
    _core.select_geometry(columns(shapes), flags, sized, choice, with_area, outcome, kinds, notes, boxes)
    return kinds, notes


def _workers(threads: int | None, shapes: Shapes) -> int:
    return worker_count(threads, len(shapes), shapes.noun)


def valid_masks(masks: Masks) -> NDArray[np.bool_]:
    """Return which masks have a size and run lengths that sum to exactly that."""
    return _core.valid_masks(mask_columns(masks))


def columns(shapes: Shapes) -> _core.Shapes:
    """Return shapes as the kernel takes them."""
    if shapes.kinds is None and shapes.boxes is not None:  # fast path for calls on a few boxes
        return _core.Shapes(None, shapes.boxes)
    polygons, lines, points = shapes.polygons, shapes.lines, shapes.points
    point_columns = None
    if shapes.xy is not None:
        point_columns = _core.PointColumns(shapes.xy, None, None)
    elif points is not None:
        point_columns = _core.PointColumns(points.coords, points.offsets, points.visible.view(np.uint8))
    return _core.Shapes(
        shapes.kinds,
        shapes.boxes,
        shapes.discs,
        None
        if polygons is None
        else _core.PolygonColumns(polygons.coords, polygons.rings, polygons.parts, polygons.annotations),
        None if shapes.masks is None else mask_columns(shapes.masks),
        point_columns,
        None if lines is None else _core.LineColumns(lines.coords, lines.paths, lines.annotations),
        shapes.bitmaps,
    )


def mask_columns(masks: Masks) -> _core.MaskColumns:
    """Return run-length codes as the kernel takes them."""
    return _core.MaskColumns(
        np.ascontiguousarray(masks.sizes),
        masks.codes,
        masks.code_offsets,
        masks.runs,
        masks.run_offsets,
        masks.column_major,
    )


# Readers of text files


def read_label_files(
    sources: Sequence[str | bytes], max_bytes: int, threads: int | None = None
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Read text files of at most ``max_bytes``, with rows of decimal numbers separated by blanks.

    ``sources`` are paths, or contents.

    Return the numbers of all rows; per row the count of numbers, the file's index and the line from 1; and
    the indices of files that cannot be read or contain anything but decimal numbers, of which no rows are
    returned.
    """
    workers = worker_count(threads, len(sources), "files")
    return _core.read_label_files(sources, max_bytes, workers)


def label_masks(image: NDArray[Any]) -> tuple[Integers, Masks, Doubles]:
    """Return the labels of an (h, w) label image, in order, the mask of each, and its box (N, 4) in pixels.

    Pixels are integers below 2**63.
    """
    kind = image.dtype if image.dtype in _PIXELS else np.dtype(np.int64)
    labels, runs, offsets, boxes = _core.label_masks(np.ascontiguousarray(image, dtype=kind))
    sizes = np.empty((len(labels), 2), dtype=np.int64)
    sizes[:] = image.shape
    none = np.zeros(0, dtype=np.uint8)
    masks = Masks(sizes, none, np.zeros_like(offsets), runs, offsets, column_major=False)
    return labels, masks, boxes.reshape(-1, 4)


def png_pixels(rows: bytes, height: int, width: int, step: int) -> NDArray[np.uint8] | None:
    """Return the bytes (h, step * w) of a PNG image whose pixels have one to three; None for other filters.

    ``rows`` are the unpacked data: per row, the number of its filter, and its bytes.
    """
    return _core.png_pixels(rows, height, width, step)


def scan_table(text: bytes, delimiter: str, width: int) -> Table | None:
    """Scan a UTF-8 text of lines of ``width`` cells, as Python's csv module reads them.

    Return its columns: ``numbers(i)`` is (rows,) float64, NaN for empty cells, or None if another cell is not
    a decimal number; ``encode(i)`` the codes, (rows,), and the different cells by first appearance;
    ``cells(i)`` a list. ``lines`` are the rows' lines from 0; empty lines are no rows. Return None if a row
    has another number of cells, or a quoted cell quotes or line ends in it.
    """
    return _core.scan_table(text, delimiter, width)


def scan_image_lines(text: bytes) -> ImageLines | None:
    """Scan a text of JSON Lines with images and their rows of numbers, as in Ultralytics NDJSON.

    Return the images' raw values, the numbers of all rows, and the bounds of the lines that the scanner does
    not understand; None if the text is not UTF-8.
    """
    return _core.scan_image_lines(text)


# Live maps


def stamp(
    heat: NDArray[np.float64],
    shape: StampShape,
    shapes: Any,
    amounts: NDArray[np.float64],
    *,
    size: tuple[float, float] | None = None,
    footprints: list[_core.Footprint] | None = None,
    limits: NDArray[np.int64] | None = None,
) -> tuple[float, NDArray[np.uint8]]:
    """Add one frame's shapes to a live map, in place, in time proportional to the cells hit.

    ``shapes`` are boxes (N, 4) or points (N, 2) in pixels of a frame of ``size``, discs (N, 3) of x, y and
    radius in cells, or the masks of `as_masks`. A shape adds its amount to the cells that are not yet in its
    footprint, and within its ``limits``, (N, 4) int64: first and one past the last column, then row. Return
    the greatest value that was written to a cell, or 0, and the `Outcome` of each shape.
    """
    pair = np.array(size, dtype=np.float64) if shape in ("boxes", "points") else None
    if shape == "discs":
        columns = _core.Shapes(None, None, shapes)
    elif shape == "boxes":
        columns = _core.Shapes(None, shapes)
    elif shape == "points":
        columns = _core.Shapes(points=_core.PointColumns(shapes, None, None))
    elif isinstance(shapes, list):
        columns = _core.Shapes(bitmaps=shapes)
    else:
        columns = _core.Shapes(masks=mask_columns(shapes))
    outcome = np.empty(len(shapes), dtype=np.uint8)
    top = _core.stamp(columns, heat[np.newaxis], amounts, pair, footprints, limits, outcome)
    return top, outcome


def overlay(
    heat: NDArray[np.float64],
    levels: tuple[float, float],
    palette: Palette,
    frame: NDArray[np.uint8],
    out: NDArray[np.uint8],
) -> None:
    """Blend a live map, stretched bilinearly, over a frame (height, width, 3) into ``out``.

    ``levels`` is scale and offset: a value v > 0 has the level ``trunc(v * scale + offset)``, clipped to
    1 … 256; other values have level 0. ``palette`` holds the levels' colors, (257, 3) in the frame's channel
    order, and opacities in 256ths, (257,). ``out`` is the frame itself or does not overlap it.
    """
    _core.overlay(heat, *levels, *palette, frame, out)


def blend_pixels(
    frame: NDArray[np.uint8], places: NDArray[np.int32], ink: NDArray[np.uint16], rest: NDArray[np.uint16]
) -> None:
    """Blend single pixels into a frame (height, width, 3), in place.

    ``places`` holds row and column per pixel, (N, 2); ``ink`` color times opacity in 256ths plus 128, (N, 3)
    in the frame's channel order; ``rest`` 256 minus the opacity in 256ths, (N,).
    """
    _core.lay(frame, places, ink, rest)


def orientations(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return the side of the line from a to b on which each c lies, exactly; all (N, 2), finite.

    With y downwards and looking from a to b: 1 to the right, -1 to the left, 0 on the line.
    """
    return _core.orientations(a, b, c)
