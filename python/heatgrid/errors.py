"""Errors, warnings, printable text, HTML tables, and imports of optional packages."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence
    from types import ModuleType


_HTML_ROWS = 30
_UNSAFE = (
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f"  # control characters except the line feed
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional formatting
    r"\u2028\u2029\ud800-\udfff]"  # line and paragraph separators, lone surrogates
)


class HeatgridWarning(UserWarning):
    """Warning that data was skipped or repaired; the rest of the result is valid.

    Examples
    --------
    >>> import warnings
    >>> import heatgrid as hg
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", hg.HeatgridWarning)  # or "error"
    ...     counts = hg.count_points([[0.5, float("nan")]], 10)
    """


class Cancelled(Exception):  # noqa: N818  # as asyncio.CancelledError
    """Work was stopped by a `heatgrid.Cancel`: by its `cancel`, or at its deadline.

    Examples
    --------
    >>> import heatgrid as hg
    >>> cancel = hg.Cancel()
    >>> cancel.cancel()
    >>> try:
    ...     with cancel:
    ...         hg.heatmap("annotations.json")
    ... except hg.Cancelled:
    ...     print("stopped")
    stopped
    """


class FormatError(ValueError):
    """A file, or one annotation in it, cannot be read.

    Parameters
    ----------
    text
        Message: the content that was found and the content that was expected.
    path
        The file, where one is known.
    where
        The line (``"line 3"``) or the JSON path (``"annotations[12]"``).
    annotation
        The annotation's id, as the file has it.

    Examples
    --------
    >>> import heatgrid as hg
    >>> try:
    ...     hg.heatmap("annotations.json", format="voc")
    ... except hg.FormatError as error:
    ...     print(error.path)
    annotations.json
    """

    def __init__(
        self,
        text: str,
        path: str | os.PathLike[str] | None = None,
        where: str | None = None,
        annotation: object = None,
    ) -> None:
        path = None if path is None else str(path)
        super().__init__(text, path, where, annotation)  # all four, so that the error can be pickled
        self.text = text
        self.path = path
        self.where = where
        self.annotation = annotation

    def __str__(self) -> str:
        places = [place for place in (self.path, self.where) if place]
        if self.annotation is not None:
            places.append(f"annotation {self.annotation}")
        return printable(": ".join([*places, self.text]))


def printable(text: str) -> str:
    """Escape characters by which a name in a file could control a terminal or hide text.

    These are control characters except the line feed, bidirectional formatting, line and paragraph
    separators (Unicode Technical Report 36), and lone surrogates. The escapes are those of JSON.
    """
    return re.sub(_UNSAFE, lambda match: f"\\u{ord(match[0]):04x}", text)  # compiled by the first call


def html_table(header: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """Return a small HTML table: names on the left, numbers on the right, at most 30 rows.

    All texts are escaped.
    """
    from html import escape

    right = ' style="text-align:right"'

    def line(tag: str, texts: Sequence[str]) -> str:
        cells = (
            f"<{tag}{right if i else ''}>{escape(printable(text))}</{tag}>" for i, text in enumerate(texts)
        )
        return f"<tr>{''.join(cells)}</tr>"

    listed = list(rows)
    body = "".join(line("td", texts) for texts in listed[:_HTML_ROWS])
    more = len(listed) - _HTML_ROWS
    tail = f'<tr><td colspan="{len(header)}">… {more:,} more</td></tr>' if more > 0 else ""
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<thead>{line('th', header)}</thead><tbody>{body}{tail}</tbody></table>"


def require(module: str, extra: str) -> ModuleType:
    """Import an optional package, or raise ImportError with the command that installs it.

    Parameters
    ----------
    module
        The name to import.
    extra
        The extra of heatgrid that installs it.

    Raises
    ------
    ImportError
        The package is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        message = f'{module} is needed for this: pip install "heatgrid[{extra}]"'
        raise ImportError(message, name=module) from error
