"""Other libraries' objects as annotations: one module a library, known by attributes, never imported.

An adapter's module has

``NAME``, ``TITLE``
    what it is called, and what it understands, for messages;
``SEVERAL``
    whether a list of its objects is one batch, an image an object;
``TAKES``
    which of ``columns`` and ``transform`` mean something to it;
``accepts(value)``
    whether an object is of this make, judged by its attributes;
``convert(value, given)``
    the `Annotations` of an object, with what the caller says besides.

To add a library, write its module and add its line to `ADAPTERS`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from os import PathLike
from typing import TYPE_CHECKING, Any, Protocol, cast

from heatgrid.core.annotations import Annotations
from heatgrid.io.objects.given import Given
from heatgrid.io.objects.joining import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike

    from heatgrid.io.options import Size

__all__ = ["ADAPTERS", "Adapter", "Given", "annotations_of", "understood"]

ADAPTERS = (
    "supervision",
    "ultralytics",
    "fiftyone",
    "coco",
    "torchvision",
    "geopandas",
    "shapely",
    "arrow",
    "plain",
)


class Adapter(Protocol):
    """What an adapter's module provides."""

    NAME: str
    TITLE: str
    SEVERAL: bool
    TAKES: tuple[str, ...]

    def accepts(self, value: Any) -> bool:
        """Tell whether an object is of this make."""
        ...

    def convert(self, value: Any, given: Given) -> Annotations:
        """Return an object's annotations."""
        ...


@cache
def get(name: str) -> Adapter:
    """Return the adapter of this name."""
    return cast("Adapter", import_module(f"{__name__}.{name}"))


def understood() -> list[str]:
    """Say of every adapter what it understands."""
    return [get(name).TITLE for name in ADAPTERS]


def annotations_of(
    value: Any,
    *,
    adapter: str | None = None,
    size: Size | Mapping[str, Size] | None = None,
    labels: ArrayLike | Sequence[str] | str | None = None,
    classes: Iterable[str] | Mapping[int, str] | None = None,
    images: ArrayLike | Sequence[str] | str | None = None,
    columns: Mapping[str, str | int] | None = None,
    transform: Sequence[float] | Mapping[str, Sequence[float]] | None = None,
) -> Annotations:
    """Return another library's object as a batch of annotations; a batch as it is.

    Parameters
    ----------
    value
        The object; or a list of objects that hold one image each.
    adapter
        The one of `ADAPTERS` to take; None finds it.
    size, labels, classes, images, columns, transform
        What the object does not say itself; see `Given`.

    Raises
    ------
    TypeError
        No adapter understands the object, or it leaves open what it is; the message says what to do.
    ValueError
        Something is missing that the object does not say, such as the size of its image.
    """
    given = Given.of(
        size=size, labels=labels, classes=classes, images=images, columns=columns, transform=transform
    )
    if isinstance(value, Annotations):
        given.refuse_beside(value)
        return value
    several = _several(value, adapter)
    if several is not None:
        _check_taken(several, given)
        return joined([several.convert(one, given.of_one(i, len(value))) for i, one in enumerate(value)])
    for name in ADAPTERS if adapter is None else (adapter,):
        if get(name).accepts(value):
            _check_taken(get(name), given)
            return _on_its_raster(get(name).convert(value, given), given)
    raise TypeError(_refusal(value, adapter))


def _check_taken(adapter: Adapter, given: Given) -> None:
    """Raise TypeError where something is given that means nothing to the objects of a library."""
    for name in ("columns", "transform"):
        if getattr(given, name) is not None and name not in adapter.TAKES:
            raise TypeError(f"{name} must not be given with {adapter.TITLE}")


def _on_its_raster(batch: Annotations, given: Given) -> Annotations:
    """Return a batch with a map's coordinates in pixels, where a transform is given."""
    if given.transform is None:
        return batch
    from heatgrid.io.formats.geo.georeference import Georeference
    from heatgrid.io.options import ReadOptions

    return Georeference(ReadOptions(transform=given.transform)).pixels(batch)


def _several(value: Any, adapter: str | None) -> Adapter | None:
    """Return the adapter of a list's objects, where each holds an image."""
    if not isinstance(value, (list, tuple)) or not value:
        return None
    for name in ADAPTERS if adapter is None else (adapter,):
        if get(name).SEVERAL and all(map(get(name).accepts, value)):
            return get(name)
    return None


def _refusal(value: Any, adapter: str | None) -> str:
    kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    if isinstance(value, (str, bytes, PathLike)):
        return f"expected annotations, got {kind}: heatgrid.heatmap and heatgrid.read take paths"
    if adapter is not None:
        return f"expected {get(adapter).TITLE}, got {kind}"
    return f"{kind} is not understood; these are: {'; '.join(understood())}"
