"""Data sets of Hugging Face's ``datasets`` in memory (https://huggingface.co/docs/datasets)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from heatgrid.io.documents import Documents
from heatgrid.io.formats.huggingface import add_rows, names_in, needed_columns, rows_of
from heatgrid.io.options import ReadOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.objects.batch import Overrides

_ROWS = 64  # which may hold images


def is_huggingface(value: Any) -> bool:
    """Return whether an object is a data set with features, or a mapping of splits to such."""
    if isinstance(value, Mapping):
        return len(value) > 0 and all(map(_is_dataset, value.values()))
    return _is_dataset(value)


def _is_dataset(value: Any) -> bool:
    return all(hasattr(value, name) for name in ("features", "with_format", "iter"))


def from_huggingface(value: Any, overrides: Overrides) -> Annotations:
    """Return the objects of all rows; of several splits, one after the other."""
    for name in ("labels", "images"):
        if getattr(overrides, name) is not None:
            raise TypeError(f"{name} must not be given with a Dataset, whose rows have their own")
    options = ReadOptions(size=overrides.size, columns=overrides.columns)
    parts = list(value.values()) if isinstance(value, Mapping) else [value]
    known = overrides.classes
    if known is None:
        features = parts[0].features
        known = names_in(features.to_dict().get("objects") if features is not None else None)
    names = known if isinstance(known, Mapping) else dict(enumerate(known))
    rows = rows_of(chain.from_iterable(map(_tables, parts)))
    documents = Documents(lambda document: add_rows(document, names), position_format="objects[{}]")
    return documents.convert(rows, "dataset", options)


def _tables(dataset: Any) -> Iterator[Any]:
    """Yield the needed columns of a data set as Arrow tables; images are not decoded."""
    if dataset.features is not None:
        dataset = dataset.select_columns(needed_columns(dataset.features))
    yield from dataset.with_format("arrow").iter(_ROWS)
