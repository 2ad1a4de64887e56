"""Letterboxing: the longer side of an image fills the unit square, the shorter side is centered.

For an image of w x h pixels, m = max(w, h) is the side of its square. A pixel coordinate x becomes
``x + (m - w) / 2``, y likewise, and the image's size becomes (m, m). Counting then proceeds as for any
image: one division by m.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.ragged import Masks, Ragged, Shapes, offsets_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.core.arguments import Doubles, Integers

MAX_RUNS = 1 << 20
"""Largest number of runs of a letterboxed mask."""
MAX_RUNS_PER_CALL = 1 << 27
"""Largest number of runs of all letterboxed masks per call."""
_MAX_PIXELS = 1 << 31  # along an axis, the kernel's limit


def letterbox(
    shapes: Shapes, sizes: Doubles | None, *, normalized: bool = False
) -> tuple[Shapes, Doubles | None]:
    """Return shapes in the pixels of their images' squares, and the sizes of these squares.

    ``sizes`` are those of the images, (2,) or (N, 2); masks alone need none. ``normalized`` says that
    coordinates are shares of their image's size although ``sizes`` is passed.
    """
    if sizes is not None and sizes.ndim == 2 and len(sizes) != len(shapes):
        raise ValueError(f"size must be one pair or have shape ({len(shapes)}, 2), got {sizes.shape}")
    if shapes.bitmaps is not None:
        shapes = replace(shapes, bitmaps=None, masks=Masks.of_bitmaps(shapes.bitmaps))
    masks = shapes.masks
    if masks is not None:
        shapes = replace(shapes, masks=letterboxed(masks, kernel.valid_masks(masks), sizes))
    ragged = [name for name in ("polygons", "lines", "points") if getattr(shapes, name) is not None]
    flat = [name for name in ("boxes", "xy") if getattr(shapes, name) is not None]
    if sizes is None:
        # In a batch, only masks are still pending: `select_geometry` skips the rest without a size.
        if (ragged or flat) and shapes.kinds is None:
            raise ValueError("fit='letterbox' requires size=, the width and height of each image")
        return shapes, None
    placed: dict[str, Any] = {
        name: centered(getattr(shapes, name), sizes, normalized=normalized) for name in flat
    }
    for name in ragged:
        column: Ragged = getattr(shapes, name)
        owner = owners_of(len(column.coords), column.levels)
        placed[name] = replace(column, coords=centered(column.coords, sizes, owner, normalized=normalized))
    return replace(shapes, **placed), squares(sizes)


def squares(sizes: Doubles) -> Doubles:
    """Return the size (m, m) of each image's square; NaN where the image's size is unknown."""
    width, height = sizes[..., 0], sizes[..., 1]
    known = (width > 0) & (height > 0) & np.isfinite(width) & np.isfinite(height)
    sides = np.where(known, np.maximum(width, height), np.nan)
    return np.stack([sides, sides], axis=-1)


def centered(coords: Doubles, sizes: Doubles, owner: Integers | None = None, *, normalized: bool) -> Doubles:
    """Return coordinates, (M, 2 or 4), in their images' squares; not finite where a size is unknown.

    ``owner`` is the annotation of each row of ``coords``, if ``sizes`` are per annotation and rows are not.
    """
    sides = squares(sizes)
    with np.errstate(all="ignore"):  # the kernel skips and reports non-finite values
        margins = (sides - sizes) / 2
    if owner is not None and sizes.ndim == 2:
        sizes, margins = sizes[owner], margins[owner]
    points = coords.reshape(len(coords), coords.shape[1] // 2, 2)
    sizes, margins = sizes[..., np.newaxis, :], margins[..., np.newaxis, :]
    with np.errstate(all="ignore"):
        placed: Doubles = points * sizes + margins if normalized else points + margins
    return placed.reshape(coords.shape)


def owners_of(count: int, levels: Sequence[Integers]) -> Integers:
    """Return the annotation of each of ``count`` vertices.

    Offsets need not be valid yet: the result holds valid indices, and the kernel reports the error.
    """
    starts = levels[-1]
    for level in levels[-2::-1]:
        starts = level.take(starts, mode="clip") if len(level) else starts
    found = np.searchsorted(starts, np.arange(count), side="right") - 1
    return np.clip(found, 0, max(0, len(starts) - 2))


def letterboxed(masks: Masks, valid: NDArray[np.bool_], sizes: Doubles | None) -> Masks:
    """Return masks in their images' squares, exactly, as run lengths.

    A mask covers its image: along the image's shorter side, clear pixels are added before and after it. If
    the bar is not a whole number of the mask's pixels, pixels are divided along that side until it is. A mask
    of unknown image size has its own. Invalid are those not ``valid``, and those that take more than
    `MAX_RUNS` runs, `MAX_RUNS_PER_CALL` together, or 2**31 pixels along a side.
    """
    images = masks.sizes[:, ::-1].astype(np.float64)
    if sizes is not None:
        known_sizes = np.broadcast_to(sizes, images.shape)
        known = (np.isfinite(known_sizes) & (known_sizes > 0)).all(axis=1, keepdims=True)
        images = np.where(known, known_sizes, images)
    own = np.zeros_like(masks.sizes)
    runs = [np.zeros(0, dtype=np.int64)] * len(masks)
    left = MAX_RUNS_PER_CALL
    for i in np.flatnonzero(valid).tolist():
        height, width = masks.sizes[i].tolist()
        place = _Placement(height, width, *images[i].tolist(), column_major=masks.column_major)
        placed = place.runs(run_lengths(masks.counts(i)), min(left, MAX_RUNS))
        if placed is not None:
            own[i], runs[i] = place.size, placed
            left -= len(placed)
    return Masks.of_runs(own, runs, column_major=masks.column_major)


class _Placement:
    """Placement of a mask of h x w pixels in the square of its image."""

    def __init__(
        self, height: int, width: int, image_width: float, image_height: float, *, column_major: bool
    ) -> None:
        from fractions import Fraction

        across, tall = Fraction(image_width), Fraction(image_height)
        is_wide = across > tall
        pixels, short, side = (height, tall, across) if is_wide else (width, across, tall)
        bar = pixels * (side - short) / (2 * short)  # in pixels of the mask
        self._cut, self._bar = bar.denominator, bar.numerator
        whole = pixels * self._cut + 2 * self._bar
        self.size = (whole, width) if is_wide else (height, whole)
        # A line is a column or a row, in the order of the runs.
        self._length = height if column_major else width
        self._is_along = is_wide == column_major

    def runs(self, lengths: Integers, most: int) -> Integers | None:
        """Return the run lengths in the square, or None if there are more than ``most``."""
        if max(self.size) > _MAX_PIXELS:
            return None
        ends = np.cumsum(lengths)
        begins, ends = (ends - lengths)[1::2], ends[1::2]
        begins, ends = begins[ends > begins], ends[ends > begins]
        length, bar = self._length, self._bar
        if not self._is_along and self._cut == 1:
            return self._between(begins + bar * length, ends + bar * length) if len(ends) * 2 < most else None
        lines = (ends - 1) // length - begins // length + 1
        copies = 1 if self._is_along else self._cut
        if 2 * int(lines.sum()) * copies >= most:
            return None
        line, begins, ends = self._by_line(begins, ends, lines)
        if self._is_along:
            start = line * (length * self._cut + 2 * bar) + bar
            return self._between(start + begins * self._cut, start + ends * self._cut)
        start = (bar + line[:, np.newaxis] * copies + np.arange(copies)) * length
        first, last = start + begins[:, np.newaxis], start + ends[:, np.newaxis]
        return self._between(np.sort(first, axis=None), np.sort(last, axis=None))

    def _by_line(self, begins: Integers, ends: Integers, lines: Integers) -> tuple[Integers, ...]:
        """Split runs at line ends; return the line of each piece, and its begin and end in that line."""
        first = np.repeat(begins // self._length - offsets_of(lines)[:-1], lines)
        line = first + np.arange(len(first))
        start = line * self._length
        begin = np.maximum(np.repeat(begins, lines), start) - start
        end = np.minimum(np.repeat(ends, lines) - start, self._length)
        return line, begin, end

    def _between(self, begins: Integers, ends: Integers) -> Integers:
        """Return the lengths of alternating clear and set runs."""
        edges = np.stack([begins, ends], axis=1).ravel()
        return np.diff(edges, prepend=0, append=self.size[0] * self.size[1])


def run_lengths(code: bytes | Integers | None) -> Integers:
    """Return the run lengths of a valid code.

    COCO's characters hold five bits each above 48, the lowest first, and 32 where more follow; the last one's
    16 is the sign. From the fourth on, a number is the difference to the one before the last.
    """
    if code is None:
        return np.zeros(0, dtype=np.int64)
    if not isinstance(code, bytes):
        return code
    characters = np.frombuffer(code, dtype=np.uint8).astype(np.int64) - 48
    last = np.flatnonzero((characters & 32) == 0)
    first = np.concatenate(([0], last[:-1] + 1))
    digits = last - first + 1
    place = np.arange(last[-1] + 1) - np.repeat(first, digits)
    numbers = np.add.reduceat((characters[: last[-1] + 1] & 31) << (5 * place), first)
    numbers -= np.where((characters[last] & 16) != 0, np.left_shift(1, 5 * digits), 0)
    for parity in (1, 2):
        numbers[parity::2] = np.cumsum(numbers[parity::2])
    return numbers
