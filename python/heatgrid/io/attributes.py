"""Attributes of annotations and images, such as "annotator", "occluded" or "camera"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

_HOLDERS = (
    *("attributes", "attr", "region_attributes", "file_attributes", "shape_attributes"),
    *("properties", "flags", "tags", "meta", "metadata", "info"),
)


def attribute_of(holder: object, name: str) -> str | None:
    """Return the attribute of a JSON object as text, None without it.

    It is a key of the object, or of an object or list of pairs in it that holds attributes.
    """
    if not isinstance(holder, Mapping):
        return None
    if name in holder:
        return _text(holder[name])
    return next((found for key in _HOLDERS if (found := _find(holder.get(key), name)) is not None), None)


def _find(values: object, name: str) -> str | None:
    if isinstance(values, Mapping):
        return _text(values.get(name))
    if not isinstance(values, list):
        return None
    named = (one for one in values if isinstance(one, Mapping) and one.get("name") == name)
    return next((_text(one.get("value", True)) for one in named), None)


def _text(value: object) -> str | None:
    """Return a value as text; None for a value that is no single one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, float)) else None


def holder_of(element: Element) -> dict[str, Any]:
    """Return an XML element's attributes, the texts of its children, and its ``<attribute>`` children."""
    holder: dict[str, Any] = {child.tag: (child.text or "").strip() for child in element if not len(child)}
    pairs = [
        {
            "name": own.get("name") or own.findtext("name"),
            "value": own.text if own.get("name") else own.findtext("value"),
        }
        for own in element.iter("attribute")
    ]
    return holder | dict(element.attrib) | {"attributes": pairs}


def attributes_of(holder: object, names: Iterable[str]) -> dict[str, str | None]:
    """Return the attributes of these names of a JSON object."""
    return {name: attribute_of(holder, name) for name in names}
