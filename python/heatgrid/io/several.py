"""Reading several files as one source: what cannot be read is named, and the rest goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from heatgrid.core.annotations import Annotations
from heatgrid.core.report import Report, describe
from heatgrid.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from heatgrid.io.options import ReadOptions

T = TypeVar("T")


def read_each(
    sources: Sequence[T], read_one: Callable[[T], Iterable[Annotations]], options: ReadOptions
) -> Iterator[Annotations]:
    """Yield the batches of each source in turn.

    A source that cannot be read leaves a batch with nothing but its refusal in the report.

    Raises
    ------
    FormatError
        The only source cannot be read, or none of several, or ``options.on_error`` is ``"raise"``.
    """
    first: FormatError | None = None
    succeeded = False
    for source in sources:
        try:
            yield from read_one(source)
            succeeded = True
        except FormatError as error:
            if options.strict or len(sources) == 1:
                raise
            first = first or error
            report = Report()
            report.refuse(
                error.text, describe(error.path or str(source), error.where or "", error.annotation)
            )
            yield nothing(report, error.path or str(source))
    if first is not None and not succeeded:
        raise first


def nothing(report: Report, source: str) -> Annotations:
    """Return a batch without images, for what a report says."""
    return Annotations(
        image_names=(),
        image=np.zeros(0, dtype=np.int64),
        label=np.zeros(0, dtype=np.int64),
        classes=(),
        normalized=True,
        kinds=np.zeros(0, dtype=np.uint8),
        source=source,
        report=report,
    )
