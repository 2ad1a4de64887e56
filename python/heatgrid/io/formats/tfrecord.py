"""TFRecord of the TensorFlow object detection API: records of images with normalized boxes.

The keys are described at https://github.com/tensorflow/models/blob/master/research/object_detection/g3doc/
using_your_own_dataset.md. A record is a ``tf.train.Example``: a map of names to lists of bytes, floats or
integers in Protocol Buffers. The numbers of classes have names in ``label_map.pbtxt`` next to the file, if
the records do not hold the names. Checksums are not verified.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.ragged import Flag
from heatgrid.core.report import Report
from heatgrid.errors import FormatError
from heatgrid.io.documents import Document, Documents, Splits
from heatgrid.io.files import UNKNOWN, files_below, open_binary, read_text
from heatgrid.io.images import header_size
from heatgrid.io.parse import box_around
from heatgrid.io.registry import Probe, Signature
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.io.options import ReadOptions, Size

TITLE = "TFRecord of the TensorFlow object detection API"
BROKEN_RECORD = "broken TFRecord"
DIFFERENT_LENGTHS = "lists of coordinates of different lengths"

_CORNERS = tuple(f"image/object/bbox/{name}" for name in ("xmin", "ymin", "xmax", "ymax"))
_ITEM = re.compile(r"""(?:id\s*:\s*(?P<id>\d{1,9})|name\s*:\s*["'](?P<name>[^"']*)["'])""")
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def _check_file(probe: Probe) -> bool:
    """Return whether a file begins with a record that has features of an image."""
    if len(probe.head) < 20:
        return False
    length = int.from_bytes(probe.head[:8], "little")
    return 0 < length < 1 << 40 and probe.head[12:13] == b"\n" and b"image/" in probe.head


SIGNATURE = Signature(suffixes=(".tfrecord", ".record", ".tfrecords"), check=_check_file)


def _load(path: Path, options: ReadOptions) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number and the features of each record."""
    with open_binary(path, options) as content:
        number = 0
        while head := content.read(12):
            length = int.from_bytes(head[:8], "little")
            body = content.read(length + 4) if length <= options.limits.file_bytes else b""
            if len(head) < 12 or len(body) != length + 4:
                raise FormatError(BROKEN_RECORD, path, f"record {number}")
            try:
                yield number, _features(memoryview(body)[:length])
            except (IndexError, ValueError, struct.error) as error:
                raise FormatError(BROKEN_RECORD, path, f"record {number}") from error
            number += 1


def _fields(data: memoryview) -> Iterator[tuple[int, int, Any]]:
    """Yield number, wire type and value of each field of a message."""
    at = 0
    value: Any
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
        elif kind in {_FIXED64, _FIXED32}:
            end = at + (8 if kind == _FIXED64 else 4)
            value, at = data[at:end], end
        elif kind == _BYTES:
            length, at = _varint(data, at)
            if length > len(data) - at:
                raise ValueError(BROKEN_RECORD)
            value, at = data[at : at + length], at + length
        else:
            raise ValueError(BROKEN_RECORD)
        yield tag >> 3, kind, value


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError(BROKEN_RECORD)


def _features(example: memoryview) -> dict[str, Any]:
    """Return the lists of an example by name."""
    found: dict[str, Any] = {}
    for _, kind, features in _fields(example):
        for _, inner, entry in _fields(features) if kind == _BYTES else ():
            parts = (
                {number: value for number, own, value in _fields(entry) if own == _BYTES}
                if inner == _BYTES
                else {}
            )
            if 1 in parts and 2 in parts:
                found[bytes(parts[1]).decode("utf-8", "replace")] = _values(parts[2])
    return found


def _values(feature: memoryview) -> Any:
    """Return a list of bytes, floats or integers."""
    for number, kind, holder in _fields(feature):
        if kind != _BYTES:
            continue
        values = list(_fields(holder))
        if number == 1:
            return [bytes(value) for _, own, value in values if own == _BYTES]
        if number == 2:
            return [v for _, own, value in values for v in _floats(own, value)]
        return [v for _, own, value in values for v in _integers(own, value)]
    return []


def _floats(kind: int, value: Any) -> list[float]:
    if kind not in {_BYTES, _FIXED32} or len(value) % 4:
        raise ValueError(BROKEN_RECORD)
    return [float(v) for v in np.frombuffer(value, dtype="<f4")]


def _integers(kind: int, value: Any) -> Iterator[int]:
    if kind == _VARINT:
        yield value
    elif kind == _BYTES:
        at = 0
        while at < len(value):
            number, at = _varint(value, at)
            yield number


def _add_images(document: Document) -> Splits:
    names = _read_names(document)
    if not document.options.wants(document.split):
        return
    for number, features in document.content:
        yield document.split
        place = f"record {number}"
        document.image(_text(features, "image/filename") or place, _size(features), place)
        columns = [[v for v in features.get(key, []) if isinstance(v, float)] for key in _CORNERS]
        if len(set(map(len, columns))) != 1:
            document.builder.skip(DIFFERENT_LENGTHS, 0)
            continue
        numbers, texts = (
            features.get("image/object/class/label", []),
            features.get("image/object/class/text", []),
        )
        crowds, hard = features.get("image/object/is_crowd", []), features.get("image/object/difficult", [])
        for i, (x1, y1, x2, y2) in enumerate(zip(*columns, strict=True)):
            text = texts[i] if i < len(texts) else b""
            label = text.decode("utf-8", "replace") if isinstance(text, bytes) else ""
            if not label and i < len(numbers):
                label = names.get(numbers[i], f"class_{numbers[i]}")
            flags = int(Flag.CROWD) * (crowds[i : i + 1] == [1]) | int(Flag.DIFFICULT) * (
                hard[i : i + 1] == [1]
            )
            box = box_around([(x1, y1), (x2, y2)])
            document.builder.add_shape(label, i, Shape(box=box), flags=flags)


read = Documents(
    _add_images,
    suffixes=SIGNATURE.suffixes,
    many=True,
    load=_load,
    check=SIGNATURE.matches,
    position_format="object {}",
    normalized=True,
).read


def _text(features: dict[str, Any], key: str) -> str:
    values = features.get(key, [])
    return values[0].decode("utf-8", "replace") if values and isinstance(values[0], bytes) else ""


def _size(features: dict[str, Any]) -> Size:
    width, height = (features.get(f"image/{side}", []) for side in ("width", "height"))
    if width and height and all(isinstance(v, int) and 0 < v < 1 << 31 for v in (width[0], height[0])):
        return float(width[0]), float(height[0])
    content = features.get("image/encoded", [])
    return (header_size(content[0]) if content and isinstance(content[0], bytes) else None) or UNKNOWN


def _read_names(document: Document) -> dict[int, str]:
    """Return the class names of a label map next to the file; none if there is none."""
    file = next(iter(files_below(document.file.parent, (".pbtxt",), Report())), None)
    names: dict[int, str] = {}
    for block in () if file is None else read_text(file, document.options, blank=True).split("item")[1:]:
        found = {
            key: value for match in _ITEM.finditer(block) for key, value in match.groupdict().items() if value
        }
        if "id" in found and "name" in found:
            names[int(found["id"])] = found["name"]
    return names
