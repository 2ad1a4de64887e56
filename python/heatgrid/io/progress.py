"""Progress on a terminal: images done and the position in a file."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import Meter

DELAY = 1.0
"""Seconds before progress is shown."""


def with_progress(batches: Iterator[Annotations], meter: Meter) -> Iterator[Annotations]:
    """Yield batches, and show the images done and the position in a file."""
    images, counting = 0, "reading"
    with show_progress(lambda: f"{images:,} images  {str(meter) or counting}"):
        for batch in batches:
            images += len(batch.image_names)
            counting = f"counting {len(batch):,} annotations"
            yield batch
            counting = "reading"


@contextmanager
def show_progress(text: Callable[[], str]) -> Iterator[None]:
    """Show a text that changes on stderr, from the first second on, if that is a terminal."""
    stream, done = sys.stderr, Event()
    if stream is None or not stream.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return

    def show() -> None:
        if done.wait(DELAY):
            return
        while not done.wait(0.1):
            stream.write(f"\r{text()}\x1b[K")
            stream.flush()
        stream.write("\r\x1b[K")
        stream.flush()

    thread = Thread(target=show, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
