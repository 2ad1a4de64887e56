"""Masks of both sides as pycocotools makes them, and their overlaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.annotations import select_geometry
from heatgrid.core.letterbox import run_lengths
from heatgrid.core.limits import check_stop
from heatgrid.core.ragged import Kind, offsets_of
from heatgrid.core.spec import CountSpec
from heatgrid.errors import require

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.ragged import Masks, Polygons
    from heatgrid.summary.evaluation.side import Side

    Integers = NDArray[np.int64]
    Doubles = NDArray[np.float64]
    Code = dict[str, Any]  # pycocotools' run-length code: "size" and "counts"

BOX_USED = "no polygon or mask: compared by the pixels of the box"
OTHER_SIZE = "mask of another size than its image: overlaps nothing"
TOO_LARGE = "2**31 pixels, or an outline of ten million: overlaps nothing"
_MOST_PIXELS = 1 << 31  # of an image: pycocotools counts in 32 bits
_LONGEST = 1e7  # in pixels: pycocotools takes 40 bytes per pixel of an outline
_SPEC = CountSpec(grid=(1, 1))


class MaskOverlaps:
    """Intersections over union of masks, polygons and boxes on the pixels of their images.

    Parameters
    ----------
    truth, predictions
        The two data sets. Their reports receive a note of what is compared by its box, or overlaps nothing.
    image
        (M,) index of each prediction into the images of the truth.
    crowd
        (N,) which annotations are crowds: their union with a prediction is the prediction.
    """

    def __init__(self, truth: Side, predictions: Side, image: Integers, crowd: NDArray[np.bool_]) -> None:
        self._tools: Any = require("pycocotools.mask", "coco")
        self._crowd = crowd
        own, sizes = predictions.sizes[predictions.image], truth.sizes[image]
        self._truth = _Codes(self._tools, truth, truth.sizes[truth.image])
        self._predictions = _Codes(self._tools, predictions, np.where(np.isnan(sizes), own, sizes))

    def __call__(self, taker: Integers, target: Integers) -> Doubles:
        """Return the overlaps of pairs of a prediction and an annotation.

        Predictions that share their annotations follow each other, and each is paired with all of them.
        """
        overlap = np.zeros(len(taker))
        begins = np.flatnonzero(np.diff(taker, prepend=-1))  # of each prediction
        ends = np.append(begins[1:], len(taker))
        groups = np.flatnonzero(np.diff(target[begins], prepend=-1))  # of each image and class
        lasts = np.append(groups[1:], len(begins)) - 1
        for first, last in zip(groups.tolist(), lasts.tolist(), strict=True):
            check_stop()
            targets = target[begins[first] : ends[first]]
            found = self._tools.iou(
                self._predictions.of(taker[begins[first : last + 1]]),
                self._truth.of(targets),
                self._crowd[targets].astype(np.uint8),
            )
            overlap[begins[first] : ends[last]] = found.reshape(-1)
        return overlap


class _Codes:
    """Run-length codes of one side's annotations, on images of these ``sizes``, (N, 2)."""

    def __init__(self, tools: Any, side: Side, sizes: Doubles) -> None:
        self._tools, self._side, self._sizes = tools, side, sizes
        self._firsts = offsets_of(map(len, side.batches))
        self._kinds = [_kinds(batch) for batch in side.batches]

    def of(self, index: Integers) -> list[Code]:
        """Return the codes of the annotations at these indices."""
        return [self._code(i) for i in index.tolist()]

    def _code(self, i: int) -> Code:
        number = int(np.searchsorted(self._firsts, i, side="right")) - 1
        batch, k = self._side.batches[number], i - int(self._firsts[number])
        kind, size = self._kinds[number][k], self._sizes[i]
        known = bool(np.isfinite(size).all() and size.min() > 0)
        if kind == Kind.MASK and batch.masks is not None:
            height, width = batch.masks.sizes[k].tolist()
            if known and [width, height] != size.tolist():
                self._side.report.note(OTHER_SIZE, where=batch.where(k))
        elif known:
            width, height = size.tolist()
        else:
            name = batch.image_names[int(batch.image[k])]
            raise ValueError(f"iou_type='segm' requires image sizes, got none of {name!r} (give size=)")
        parts = [] if kind == Kind.MASK else self._parts(i, batch, k, kind)
        if (
            width * height >= _MOST_PIXELS
            or sum(_length(ring) for rings in parts for ring in rings) > _LONGEST
        ):
            self._side.report.note(TOO_LARGE, where=batch.where(k))
            return self._of_runs([0, 0], [0])
        if kind == Kind.MASK and batch.masks is not None:
            return self._of_mask(batch.masks, k)
        codes = [self._of_part(rings, int(height), int(width)) for rings in parts]
        return codes[0] if len(codes) == 1 else self._tools.merge(codes)

    def _parts(self, i: int, batch: Annotations, k: int, kind: int) -> list[list[Doubles]]:
        """Return the rings of each part of a polygon, or the corners of a box, in pixels."""
        scale = self._sizes[i] if batch.normalized else np.ones(2)
        if kind == Kind.POLYGON and batch.polygons is not None:
            return [[ring * scale for ring in rings] for rings in _rings(batch.polygons, k)]
        self._side.report.note(BOX_USED, where=batch.where(k))
        x1, y1, x2, y2 = (self._side.boxes[i] * np.tile(scale, 2)).tolist()
        return [[np.array([[x1, y1], [x1, y2], [x2, y2], [x2, y1]])]]

    def _of_part(self, rings: Sequence[Doubles], height: int, width: int) -> Code:
        """Return the code of a ring without its holes: the pixels of an odd number of rings."""
        codes = self._tools.frPyObjects([ring.reshape(-1).tolist() for ring in rings], height, width)
        if len(codes) == 1:
            return codes[0]  # type: ignore[no-any-return]
        changes = np.sort(np.concatenate([np.cumsum(run_lengths(code["counts"]))[:-1] for code in codes]))
        return self._of_runs([height, width], np.diff(changes, prepend=0, append=height * width))

    def _of_mask(self, masks: Masks, k: int) -> Code:
        size, counts = masks.sizes[k].tolist(), masks.counts(k)
        if masks.column_major:
            return (
                {"size": size, "counts": counts} if isinstance(counts, bytes) else self._of_runs(size, counts)
            )
        runs = run_lengths(counts)
        bitmap = np.repeat(np.arange(len(runs)) % 2, runs).astype(np.uint8).reshape(size)
        return self._tools.encode(np.asfortranarray(bitmap))  # type: ignore[no-any-return]

    def _of_runs(self, size: list[int], runs: Any) -> Code:
        code = {"size": size, "counts": np.asarray(runs).tolist()}
        return self._tools.frPyObjects(code, *size)  # type: ignore[no-any-return]


def _kinds(batch: Annotations) -> list[int]:
    """Return the `Kind` of geometry that is compared: the polygon if usable, else the mask, else the box."""
    outcome = kernel.pending(len(batch))
    shapes, _ = select_geometry(batch, "auto", _SPEC, outcome)
    return [] if shapes.kinds is None else shapes.kinds.tolist()


def _length(ring: Doubles) -> float:
    """Return the number of pixels along a ring."""
    steps = np.abs(ring - np.roll(ring, 1, axis=0)).max(axis=1)
    return float(steps.sum())


def _rings(polygons: Polygons, k: int) -> list[list[Doubles]]:
    """Return the rings of each part of a polygon, without those of fewer than three vertices."""
    parts = []
    for part in range(*polygons.annotations[k : k + 2].tolist()):
        bounds = [
            polygons.rings[r : r + 2].tolist() for r in range(*polygons.parts[part : part + 2].tolist())
        ]
        rings = [polygons.coords[begin:end] for begin, end in bounds if end - begin >= 3]
        parts += [rings] if rings else []
    return parts
