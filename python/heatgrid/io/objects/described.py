"""What the other columns of a table of geometry say of its rows: classes, images, ids and confidence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.io.formats.geo.simple_features import pick_property

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from heatgrid.io.objects.given import Given


def described_rows(
    header: Iterable[str], column: Callable[[str], Any], given: Given
) -> tuple[Given, dict[str, Any]]:
    """Return what is given besides, and what the columns say, as `assemble` takes it.

    Parameters
    ----------
    header
        The columns' names.
    column
        Returns the values of a column: an array of numbers, or anything else as a list.
    given
        What the caller says; labels and images may name a column.
    """
    names = {name: name for name in header}
    found: dict[str, Any] = {}
    for role, told in (("class", given.labels), ("image", given.images), ("score", None), ("id", None)):
        chosen = {role: told} if isinstance(told, str) and told in names else given.columns
        name = pick_property(names, role, chosen)
        if not name or (told is not None and not (isinstance(told, str) and name == told)):
            continue
        values = column(name)
        if role == "class":
            numbers = isinstance(values, np.ndarray) and values.dtype.kind in "iu"
            found["class_ids" if numbers else "names"] = values
            given = replace(given, labels=None)
        elif role == "image":
            given = replace(given, images=[str(value) for value in values])
        else:
            found["ids" if role == "id" else "scores"] = values
    return given, found
