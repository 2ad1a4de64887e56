"""The same count in two processes at once: the limit of two cores of a machine."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection


def at_once(call: Callable[[], object]) -> Callable[[], object]:
    """Return a call that counts in this process and in a fork of it, and waits for both.

    The fork starts now and ends with this process.
    """
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    context.Process(target=serve, args=(call, there), daemon=True).start()

    def both() -> None:
        here.send(True)
        call()
        here.recv()

    return both


def serve(call: Callable[[], object], asked: Connection) -> None:
    """Count on every request."""
    while asked.recv():
        call()
        asked.send(True)
