"""Counts: a count specification, class grids and a report, to which shapes and batches are added."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from dataclasses import replace
from threading import RLock
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.annotations import NOTES, Annotations, Geometry, select_geometry, weigh
from heatgrid.core.arguments import as_integers, is_strict
from heatgrid.core.class_grids import NO_CLASS, ClassGrids
from heatgrid.core.counting import count_shapes
from heatgrid.core.kernel import Outcome
from heatgrid.core.limits import DEFAULT, check_stop
from heatgrid.core.outcomes import SKIPPED
from heatgrid.core.ragged import Flag, Shapes
from heatgrid.core.report import BALANCED, Report, describe
from heatgrid.core.spec import plural
from heatgrid.errors import FormatError, HeatgridWarning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.annotations import WeightOf
    from heatgrid.core.arguments import Integers
    from heatgrid.core.spec import CountSpec

    Labels = ArrayLike | Sequence[str]


_PENDING, _NOT_FINITE = int(Outcome.PENDING), int(Outcome.NOT_FINITE)


class Lock:
    """Reentrant lock that is free in a forked child, although a thread of its parent may hold it."""

    __slots__ = ("__weakref__", "_lock")

    def __init__(self) -> None:
        self._lock = RLock()
        _locks.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *error: object) -> None:
        self._lock.release()

    def free(self) -> None:
        """Replace the lock if another thread holds it."""
        if self._lock.acquire(blocking=False):
            self._lock.release()
        else:
            self._lock = RLock()


_locks: WeakSet[Lock] = WeakSet()


def _free_locks() -> None:
    for lock in _locks:
        lock.free()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_free_locks)


class Counts:
    """Accumulator of shapes and batches: a count specification, class grids and a report, guarded by a lock.

    With ``grows``, a class gets a grid when it first appears; without classes there is a single grid until
    then, which becomes that of `NO_CLASS`.
    """

    __slots__ = ("aspects", "grids", "grows", "lock", "report", "spec")

    def __init__(self, spec: CountSpec, classes: Iterable[str] | None = None, *, grows: bool = False) -> None:
        self.spec = spec
        gaps = spec.unit is not None
        self.grids = ClassGrids(spec.grid, classes, spec.dtype, has_union=spec.has_union, has_gaps=gaps)
        self.grows = grows
        self.report = Report()
        self.aspects: Counter[float] = Counter()  # images by width over height, to three digits
        self.lock = Lock()

    def add_shapes(
        self,
        shapes: Shapes,
        labels: Labels | None,
        images: ArrayLike | None,
        weights: ArrayLike | None,
        threads: int | None,
        *,
        size: ArrayLike | None = None,
        clamp: bool = False,
        is_measured: bool = False,
    ) -> None:
        """Count shapes of one kind and record their outcomes; labels are grid indices or class names.

        ``is_measured`` says that the shapes of a size map are its points already.
        """
        check_stop()
        self.spec.check_weights(weights)
        outcome = kernel.pending(len(shapes))
        with self.lock:
            if self.grows:
                labels = self._grow_for(labels, len(shapes))
            grids, index = self.grids, self.grids.indices(labels)
            faults = count_shapes(
                shapes,
                grids.counts,
                self.spec,
                outcome,
                size=size,
                labels=index,
                images=images,
                weights=weights,
                threads=threads,
                clamp=clamp,
                union=grids.union,
                is_measured=is_measured,
            )
            names = grids.classes or ()
            if index is None and len(names) == 1:
                index = np.zeros(len(outcome), dtype=np.int64)
            label = None if index is None else as_integers(index, "labels")
            number, image_count = None, 0
            if images is not None:
                number = _number_images(as_integers(images, "images"))
                image_count = int(number.max(initial=-1)) + 1
                self.report.images += int(np.count_nonzero(np.bincount(number)))
                self.report.parts += 1
            where = (lambda i: describe(f"{shapes.noun}[{i}]")) if faults else None
            self.report.record(outcome, names, label, number, image_count, where=where)

    def add_batch(
        self,
        batch: Annotations,
        *,
        geometry: Geometry = "auto",
        on_error: str = "skip",
        weights: ArrayLike | WeightOf | None = None,
        threads: int | None = None,
        area_work: int = DEFAULT.area_work,
    ) -> NDArray[np.uint8]:
        """Count a batch of annotations, record their outcomes, and return them, (N,) uint8.

        Those without the score that ``weights="score"`` needs are skipped, and not among the outcomes.

        The batch is counted wholly or, if the call raises, not at all. Classes are matched by name. With
        ``on_error="raise"``, the first annotation that cannot be counted raises FormatError.
        """
        check_stop()
        strict = is_strict(on_error)
        self.spec.check_weights(weights)
        if weights is not None:
            batch, weights = weigh(batch, weights, strict=strict)
        outcome = kernel.pending(len(batch))
        with self.lock:
            grids = self.grids
            before = grids.classes, grids.counts, grids.union
            try:
                is_new = self.grows and self.add_classes(batch.classes)
                labels = self._match(batch, outcome)
                shapes, notes = select_geometry(batch, geometry, self.spec, outcome)
                if strict:
                    raise_first(batch, outcome)
                options = self._batch_options(batch)
                options |= {"labels": labels, "weights": weights, "threads": threads}
                options |= {"is_strict": strict, "is_fresh": is_new and grids.union is None}
                options["area_work"] = area_work
                count_shapes(shapes, grids.counts, self.spec, outcome, union=grids.union, **options)
                if strict:
                    raise_first(batch, outcome)
            except BaseException:
                grids.classes, grids.counts, grids.union = before
                raise
            self._record(batch, outcome, notes)
        return outcome

    def _match(self, batch: Annotations, outcome: NDArray[np.uint8]) -> Integers | None:
        """Return the grid of each annotation; mark those of other classes than the map's."""
        labels = self.grids.match(batch.classes, batch.label)
        if labels is batch.label:  # the classes are the map's
            return labels
        if labels is not None and len(labels) and (unknown := labels < 0).any():
            unknown &= outcome == _PENDING
            if batch.flags is not None:  # the kernel excludes these
                unknown &= (batch.flags & (Flag.IGNORE | Flag.OUTSIDE)) == 0
            outcome[unknown] = Outcome.OTHER_CLASS.value
            labels = np.where(labels < 0, 0, labels)
            _warn_of_other_classes(batch, unknown)
        return labels

    def add_classes(self, names: Sequence[str]) -> bool:
        """Add grids for classes, and return whether there were none; `NO_CLASS` alone needs no grid."""
        if self.grows and self.grids.classes is None and set(names) - {NO_CLASS}:
            self.grids.begin_classes(has_union=self.spec.count == "images")
        if self.grids.classes is not None or not self.grows:
            return self.grids.grow(names)
        return False

    def _grow_for(self, labels: Labels | None, count: int) -> Labels | None:
        """Add grids for the labels of arrays, if they are names; return the labels, `NO_CLASS` for None."""
        if labels is None:
            if not self.grids.classes:
                return None
            labels = [NO_CLASS] * count
        names = np.asarray(labels)
        if names.dtype.kind in "UOT" and names.shape == (count,):
            self.add_classes(list(dict.fromkeys(names.ravel().tolist())))
        return labels

    def _batch_options(self, batch: Annotations) -> dict[str, Any]:
        options: dict[str, Any] = {}
        is_letterbox = self.spec.fit == "letterbox"
        if batch.sizes is not None and (is_letterbox or not batch.normalized):
            is_single = len(batch.sizes) == 1
            options["size"] = batch.sizes[0] if is_single else batch.sizes.take(batch.image, axis=0)
            options["normalized"] = is_letterbox and batch.normalized
        if self.spec.count == "images":
            options["images"] = batch.image
        return options

    @property
    def median_aspect(self) -> float | None:
        """Lower median of the images' width over height, to three digits; None if sizes are unknown."""
        return median_aspect(self.aspects)

    def _record(self, batch: Annotations, outcome: NDArray[np.uint8], notes: NDArray[np.uint8]) -> None:
        report = self.report
        report.merge(batch.report)
        if batch.sizes is not None:
            count_aspects(self.aspects, batch.sizes)
        report.splits |= {batch.split} if len(batch.image_names) else set()
        image = batch.image if len(batch.image_names) else None  # images of table rows may be unknown
        report.record(outcome, batch.classes, batch.label, image, len(batch.image_names), where=batch.where)
        for name, inside in (batch.regions or {}).items():
            own = report.regions.setdefault(name, Report())
            own.record(
                outcome[inside],
                batch.classes,
                batch.label[inside],
                None if image is None else image[inside],
                len(batch.image_names),
            )
        for bit, text in NOTES.items() if np.count_nonzero(notes) else ():
            report.note_at(text, np.flatnonzero(notes & bit), batch.where)

    # Algebra

    def merge(self, other: Counts, sign: int = 1) -> None:
        """Add other counts of an equal spec, or subtract them with ``sign=-1``."""
        self.spec.check_equal(other.spec)
        self.spec.check_counts()
        # Locks are acquired in one order, so that two threads cannot deadlock.
        first, second = sorted((self.lock, other.lock), key=id)
        with first, second:
            theirs = other.grids
            if (self.grids.classes is None) != (theirs.classes is None):
                theirs = self._align_classes(other)
            self.grids.add(theirs, sign)
            self.report.merge(other.report)
            self.aspects.update(other.aspects)

    def _align_classes(self, other: Counts) -> ClassGrids:
        """Begin classes in the one of two counts that has none, if it grows; return the other's grids."""
        has_union = self.spec.count == "images"
        if self.grids.classes is None and self.grows:
            self.grids.begin_classes(has_union=has_union)
        if other.grids.classes is None and other.grows:
            other = other.copy()
            other.grids.begin_classes(has_union=has_union)
        return other.grids

    def copy(self) -> Counts:
        """Return an independent copy."""
        with self.lock:
            copy = Counts(self.spec, self.grids.classes, grows=self.grows)
            copy.grids.fill(self.grids.counts, self.grids.union)
            copy.report, copy.aspects = self.report.copy(), self.aspects.copy()
        return copy

    def of_classes(self, names: Sequence[str]) -> Counts:
        """Return the counts of some classes; raise KeyError if there is no such class."""
        with self.lock:
            own, grids = Counts(self.spec, names), self.grids
            chosen = grids.counts[[grids.index(name) for name in names]]
            is_all = len(names) == len(grids.classes or ())
            if grids.union is not None and len(names) != 1 and not is_all:
                raise ValueError("classes must be one or all: the total of several classes is unknown")
            union = None if grids.union is None else grids.union if is_all else chosen[0]
            own.grids.fill(chosen, union)
            own.report, own.aspects = self.report.of_classes(names), self.aspects.copy()
        return own

    def balanced(self) -> Counts:
        """Return weighted counts, each class's divided by its number of counted annotations."""
        self.spec.check_counts()
        with self.lock:
            grids, objects = self.grids, self.report.by_class()
            if grids.classes is None or grids.union is not None:
                raise ValueError("balanced needs a map with classes and count='instances'")
            numbers = np.array([objects.get(name, {}).get("counted", 0) for name in grids.classes])
            unknown = (numbers <= 0) & grids.counts.any(axis=(1, 2))
            if unknown.any():
                name = grids.classes[int(unknown.argmax())]
                raise ValueError(f"balanced needs the number of annotations counted, unknown of {name!r}")
            own = Counts(replace(self.spec, weighted=True), grids.classes, grows=self.grows)
            own.grids.fill(grids.counts / np.maximum(numbers, 1)[:, np.newaxis, np.newaxis])
            own.report, own.aspects = self.report.copy(), self.aspects.copy()
            own.report.note(BALANCED)
        return own

    def __getstate__(self) -> dict[str, Any]:
        with self.lock:
            return {name: getattr(self, name) for name in self.__slots__ if name != "lock"}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)
        self.lock = Lock()


def count_aspects(found: Counter[float], sizes: NDArray[np.float64]) -> None:
    """Count images by width over height, to three digits; unknown sizes are left out."""
    if len(sizes) == 1:  # fast path for live detections
        width, height = sizes[0].tolist()
        if 0 < width < np.inf and 0 < height < np.inf:
            found[float(f"{width / height:.3g}")] += 1
        return
    known = sizes[np.isfinite(sizes).all(axis=1) & (sizes > 0).all(axis=1)]
    aspects, numbers = np.unique(known[:, 0] / known[:, 1], return_counts=True)
    for aspect, number in zip(aspects.tolist(), numbers.tolist(), strict=True):
        found[float(f"{aspect:.3g}")] += number


def median_aspect(aspects: Counter[float]) -> float | None:
    """Return the lower median of images by width over height, None without images."""
    seen = 0
    for aspect, number in sorted(aspects.items()):
        seen += number
        if 2 * seen >= aspects.total():
            return aspect
    return None


def _number_images(images: Integers) -> Integers:
    """Return numbers of images that are not negative, and not much greater than there are annotations."""
    if not len(images) or (images.min() >= 0 and images.max() < 8 * len(images)):
        return images
    number: Integers = np.unique(images, return_inverse=True)[1]
    return number


def _warn_of_other_classes(batch: Annotations, unknown: NDArray[np.bool_]) -> None:
    if count := np.count_nonzero(unknown):
        names = sorted({batch.classes[i] for i in np.unique(batch.label[unknown]).tolist()})
        listed = ", ".join(map(repr, names[:10])) + (", …" if len(names) > 10 else "")
        message = (
            f"{plural(int(count), 'annotation')} not counted: the map's classes are fixed, without {listed}"
        )
        warnings.warn(message, HeatgridWarning, stacklevel=5)


def raise_first(batch: Annotations, outcome: NDArray[np.uint8]) -> None:
    """Raise FormatError for the first annotation that was skipped."""
    for i in np.flatnonzero((outcome >= _NOT_FINITE) & (outcome < Outcome.OTHER_CLASS.value)):
        raise FormatError(SKIPPED[Outcome(int(outcome[i]))], *batch.place(int(i)))
