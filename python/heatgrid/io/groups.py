"""Groups of annotations: by attribute, by the time in names of images, or by a function."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from heatgrid.core.ragged import Flag
from heatgrid.core.report import Report
from heatgrid.core.spec import check_choice, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions

TimeUnit = Literal["hour", "weekday", "day", "week", "month", "year"]

_DIGITS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2, "j": 3, "y": 2}
_UNITS: dict[TimeUnit, str] = {
    "hour": "%H",
    "weekday": "%u %a",
    "day": "%Y-%m-%d",
    "week": "%G-W%V",
    "month": "%Y-%m",
    "year": "%Y",
}
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class ByTime:
    """Groups by the time in the names of images, for ``by=``.

    Parameters
    ----------
    format
        The time as `datetime.datetime.strptime` reads it, anywhere in the name, of ``%Y %y %m %d %j %H %M
        %S`` and other characters: ``"%Y%m%d_%H"``.
    unit
        ``"hour"`` (of the day, ``"00"`` to ``"23"``), ``"weekday"`` (``"1 Mon"`` …), ``"day"``
        (``"2026-05-01"``), ``"week"`` (``"2026-W18"``), ``"month"`` (``"2026-05"``) or ``"year"``.

    Examples
    --------
    >>> import heatgrid as hg
    >>> hg.ByTime("%Y%m%d_%H", "hour")("cam1_20260501_23.jpg")
    '23'
    """

    format: str
    unit: TimeUnit = "hour"
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_choice("unit", self.unit, get_args(TimeUnit))
        parts = re.split(r"%(.)", self.format)
        unknown = [f"%{sign}" for sign in parts[1::2] if sign not in _DIGITS]
        if unknown or len(parts) < 2:
            known = " ".join(f"%{sign}" for sign in _DIGITS)
            raise ValueError(f"format must hold some of {known}, got {self.format!r}")
        texts = [rf"\d{{{_DIGITS[part]}}}" if i % 2 else re.escape(part) for i, part in enumerate(parts)]
        object.__setattr__(self, "_pattern", re.compile("".join(texts)))

    def __call__(self, name: str) -> str | None:
        """Return the group of an image by its name; None if the name holds no such time."""
        for found in self._pattern.finditer(name):
            try:
                time = datetime.strptime(found[0], self.format)  # noqa: DTZ007 - times of one place
            except ValueError:
                continue
            if self.unit == "weekday":
                return f"{time.isoweekday()} {_WEEKDAYS[time.weekday()]}"
            return time.strftime(_UNITS[self.unit])
        return None


@dataclass(frozen=True)
class ByBatch:
    """Groups by a function of batches, for ``by=``: from `Annotations` to (N,) keys, one per annotation.

    Examples
    --------
    >>> import heatgrid as hg
    >>> wide = hg.ByBatch(lambda batch: batch.boxes[:, 2] - batch.boxes[:, 0] > 64)
    >>> list(hg.heatmaps("annotations.json", by=wide))
    [True, False]
    """

    function: Callable[[Annotations], Sequence[Hashable] | NDArray[Any]]


By = str | Callable[[str], Hashable] | ByTime | ByBatch
"""Source of groups: ``"split"``, ``"source"``, an attribute, or a function."""

_AS_FLAGS = {"1": "true", "yes": "true", "true": "true", "0": "false", "no": "false", "false": "false"}
FLAGS = ("crowd", "group", "difficult", "truncated", "occluded")


def is_attribute(by: object) -> bool:
    """Return whether ``by`` is the name of an attribute."""
    return isinstance(by, str) and by not in {"split", "source"}


def with_attributes(options: ReadOptions, by: By) -> ReadOptions:
    """Return the options that also read the attribute that ``by`` names, if it names one."""
    return replace(options, attributes=(by,)) if isinstance(by, str) and is_attribute(by) else options


def check_by(by: object) -> None:
    """Raise TypeError or ValueError unless ``by`` can form groups."""
    if not (isinstance(by, (str, ByBatch)) or callable(by)):
        raise TypeError(f"by must be a name, a function, ByTime or ByBatch, got {by!r}")
    if by == "":
        raise ValueError("by must be 'split', 'source' or the name of an attribute, got ''")


def groups_of(batch: Annotations, by: By) -> Iterator[tuple[Hashable, Annotations]]:
    """Yield the annotations of a batch group by group, with their keys; nothing if there are no images.

    Images of a group of images are those with its key. Each group of annotations has all images. The first
    group has the batch's report.
    """
    if not batch.image_names:
        return
    if by in {"split", "source"}:
        yield (batch.split if by == "split" else batch.source), batch
        return
    of_annotations, keys = _keys(batch, by)
    index_of = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    number = np.array([index_of[key] for key in keys], dtype=np.int64)
    for i, key in enumerate(index_of):
        part = batch.select(number == i) if of_annotations else batch.with_images(number == i)
        report = batch.report.copy() if i == 0 else Report()
        report.images = len(part.image_names)
        yield key, replace(part, report=report)


def _keys(batch: Annotations, by: Any) -> tuple[bool, Sequence[Hashable]]:
    """Return whether keys are those of annotations, otherwise of images, and the keys."""
    if isinstance(by, ByBatch):
        keys = by.function(batch)
        listed = keys.tolist() if isinstance(keys, np.ndarray) else list(keys)
        if len(listed) != len(batch):
            raise ValueError(f"by must return one key per annotation, {len(batch)}, got {len(listed)}")
        return True, listed
    if callable(by):
        return False, [by(name) for name in batch.image_names]
    own = (batch.attributes or {}).get(by, [None] * len(batch))
    if any(value is not None for value in own):
        return True, [_AS_FLAGS.get(str(value).lower(), value) for value in own] if by in FLAGS else own
    if by in FLAGS and batch.flags is not None:
        flags = (batch.flags & Flag[by.upper()]) != 0
        return True, ["true" if flag else "false" for flag in flags.tolist()]
    return False, (batch.image_attributes or {}).get(by, [None] * len(batch.image_names))


def in_order(keys: Sequence[Hashable], by: By) -> list[Hashable]:
    """Return keys in the order of groups: times rise, others in order of appearance."""
    if not isinstance(by, ByTime):
        return list(keys)
    return sorted(keys, key=lambda key: (key is None, str(key)))


def check_keys(keys: Sequence[Hashable], by: By) -> None:
    """Raise ValueError if no annotation and no image has the attribute, or no name holds a time."""
    if keys and set(keys) == {None} and by not in {"split", "source"}:
        what = f"no image name holds a time of {by.format!r}" if isinstance(by, ByTime) else ""
        if isinstance(by, str):
            hint = suggestion(by, ("split", "source", *FLAGS))
            what = f"no annotation and no image has an attribute {by!r}{hint}"
        if what:
            raise ValueError(f"by: {what}")
