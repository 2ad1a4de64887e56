"""The same count in two processes at once: what two processors of a machine give, however work is shared."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection


def at_once(call: Callable[[], object]) -> Callable[[], object]:
    """Return a call that counts here and in another process, and waits for both.

    The other process is a copy of this one, begun now; it ends with this one.
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
    """Count whenever asked to."""
    while asked.recv():
        call()
        asked.send(True)
