"""From many files, or one of many images, to batches: of one split each, of bounded size, bad files named."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from heatgrid.core.report import Report, describe
from heatgrid.errors import FormatError
from heatgrid.io.several import nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.build import BatchBuilder
    from heatgrid.io.options import ReadOptions

T = TypeVar("T")


def read_in_batches(
    sources: Sequence[T],
    add: Callable[[T], Iterator[str | None]],
    builder: BatchBuilder,
    options: ReadOptions,
) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images.

    Parameters
    ----------
    sources
        What to read, one after the other.
    add
        Adds a source's images to the builder; before each it yields the split that the image belongs to.
    builder
        Gathers them.
    options
        Say how large batches are, and what to do about errors.

    Raises
    ------
    FormatError
        None of the sources can be read, or, with ``on_error="raise"``, the first that cannot.
    """
    first: FormatError | None = None
    succeeded = False
    current: str | None = None
    for source in sources:
        try:
            for split in add(source):
                if builder.images and (split != current or builder.images >= options.batch_images):
                    yield builder.build(current)
                current = split
            succeeded = True
        except FormatError as error:
            if options.strict or len(sources) == 1:
                raise
            first = first or error
            builder.report.refuse(error.text, describe(error.path or "", error.where or ""))
    if builder.images:
        yield builder.build(current)
    if first is not None and not succeeded:
        raise first
    if builder.report != Report():
        yield nothing(builder.report, builder.source)
