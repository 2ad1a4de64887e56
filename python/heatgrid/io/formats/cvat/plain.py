"""Plain pieces of CVAT's XML: images of boxes and polygons, as CVAT writes them, as columns.

The patterns read a piece several times as fast as an XML parser. They match less than XML allows: what they
match means to a parser what they take it for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.kernel import read_label_files
from heatgrid.core.ragged import Flag
from heatgrid.io import parse
from heatgrid.io.columns import BoxesAndRings, ImageColumns
from heatgrid.io.parse import is_known
from heatgrid.io.xml_files import HAS_GROUPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.io.options import ReadOptions, Size

_W = r"[ \t\r\n]*+"
_VALUE = '[^<&"\0-\x1f\ufffe\uffff]'
_TEXT = "[^<>&\0-\x08\x0b-\x1f\ufffe\uffff]*+"
_BLANKS = " \t\r\n"
_SEPARATES = np.isin(np.arange(256), list(b",;\n"))
_TO_BLANKS = bytes.maketrans(b",;", b"  ")
_NUMBER = "[-+.0-9eE]++"
_VERTICES = "[-+.0-9eE,;]++"


def _optional(name: str) -> str:
    return f'(?: {name}="{_VALUE}*+")?+'


# All quantifiers are possessive: a match takes time in proportion to the text.
_ABOUT = (  # the source is before or behind, as in older files, but not both
    f' label="({_VALUE}++)"(?: source="{_VALUE}*+"(?!{_optional("occluded")} source))?+'
    f'(?: occluded="({_VALUE}*+)")?+{_optional("source")}'
)
_CORNERS = "".join(f' {corner}="({_NUMBER})"' for corner in ("xtl", "ytl", "xbr", "ybr"))
_LAST = (
    f"{_optional('z_order')}{_optional('group_id')}(?: ?+/>"
    f'|>{_W}(?:<attribute name="{_VALUE}*+">{_TEXT}</attribute>{_W})*+'
)
_BOX = f"<box{_ABOUT}{_CORNERS}{_LAST}</box>){_W}"
_POLYGON = f'<polygon{_ABOUT} points="({_VERTICES})"{_LAST}</polygon>){_W}'
_IMAGE = (
    f'<image{_optional("id")} name="({_VALUE}++)"(?: subset="({_VALUE}*+)")?+{_optional("task_id")}'
    f' width="({_VALUE}++)" height="({_VALUE}++)">{_W}'
)
_END = f"</image>{_W}"
DEPTH = 4
"""Depth of elements that the patterns match."""

_PARTS = re.compile(f"{_BOX}|{_POLYGON}|({_END})?+{_IMAGE}")
"""A box, a polygon, or what comes between those of two images."""
_STEP = _PARTS.groups + 1
_PLAIN = re.compile(
    re.sub(r"\((?!\?)", "(?:", f"(?:{_IMAGE}(?:{_BOX}|{_POLYGON})*+{_END})*+")  # without groups
)
_SUBSET = re.compile(_IMAGE)


def subsets_in(piece: str) -> list[str | None] | None:
    """Return the different subsets of the images in a piece; None if it is not plain."""
    if not HAS_GROUPS or not _PLAIN.fullmatch(piece.strip(_BLANKS)):
        return None
    if " subset=" not in piece:
        return [None]
    return list(dict.fromkeys(image[2] or None for image in _SUBSET.finditer(piece)))


def read_plain(piece: str, number: int, options: ReadOptions) -> tuple[str | None, ImageColumns] | None:
    """Return the images of a piece and their subset; None if anything is unusual, or attributes are wanted.

    ``number`` is that of the first image in the file.
    """
    if options.attributes or not HAS_GROUPS:
        return None
    parts = _PARTS.split(piece.strip(_BLANKS))
    if any(parts[:-1:_STEP]) or parts.pop() != "</image>":
        return None
    columns = [parts[i::_STEP] for i in range(1, _STEP)]
    labels, occluded, *corners = columns[:6]
    ends, names, subsets, widths, heights = columns[9:]
    begins = [i for i, name in enumerate(names) if name]
    subset = {subsets[i] or None for i in begins}
    # Every image but the first begins behind the end of another.
    if len(subset) != 1 or begins[0] or ends[0] or ends.count(None) != len(names) - len(begins) + 1:
        return None
    if any(columns[6]):
        labels = [one or other for one, other in zip(labels, columns[6], strict=True)]
        occluded = [one or other for one, other in zip(occluded, columns[7], strict=True)]
    sizes = _sizes([widths[i] for i in begins], [heights[i] for i in begins])
    shapes = _shapes(corners, columns[8], labels, options.limits.vertices)
    if sizes is None or shapes is None:
        return None
    count = len(shapes.boxes)
    flags = [0] * count
    if "1" in occluded:
        flag = int(Flag.OCCLUDED)
        flags = [flag * (own == "1") for own, label in zip(occluded, labels, strict=True) if label]
    return subset.pop(), ImageColumns(
        names=[names[i] for i in begins],
        sizes=sizes,
        places=[f"image[{i}]" for i in range(number, number + len(begins))],
        offsets=[*(begin - i for i, begin in enumerate(begins)), count],
        labels=list(filter(None, labels)),
        shapes=shapes,
        flags=flags,
        keys=[None] * count,
    )


def _sizes(widths: list[str], heights: list[str]) -> list[Size] | None:
    """Return image sizes, None if one is not known."""
    pairs = list(zip(widths, heights, strict=True))
    sizes = {pair: parse.size({"width": pair[0], "height": pair[1]}) for pair in set(pairs)}
    return [sizes[pair] for pair in pairs] if all(map(is_known, sizes.values())) else None


def _shapes(
    corners: Sequence[Sequence[str]], rings: Sequence[str], labels: Sequence[str], most_vertices: int
) -> BoxesAndRings | None:
    """Return the boxes and polygons; None if anything is unusual."""
    axes = [_numbers(" ".join(filter(None, axis)))[0] for axis in corners]
    if len(set(map(len, axes))) != 1 or len(axes[0]) != sum(map(bool, corners[0])):
        return None
    boxes = np.stack(axes, axis=1)
    if (boxes[:, :2] > boxes[:, 2:]).any():
        return None
    if not any(rings):
        return BoxesAndRings(boxes)
    text = "\n".join(filter(None, rings)).encode()
    coords, counts = _numbers(text.translate(_TO_BLANKS))
    characters = np.frombuffer(text + b"\n", dtype=np.uint8)
    commas = characters[_SEPARATES[characters]] == ord(",")
    is_ring = np.array([bool(ring) for ring, label in zip(rings, labels, strict=True) if label])
    if (
        len(coords) != len(commas)
        or not commas[::2].all()
        or commas[1::2].any()
        or counts.max() // 2 > most_vertices
    ):
        return None
    vertices = np.zeros(len(is_ring), dtype=np.int64)
    vertices[is_ring] = counts // 2
    both = np.full((len(is_ring), 4), np.nan)
    both[~is_ring] = boxes
    return BoxesAndRings(both, vertices, coords.reshape(-1, 2))


def _numbers(text: str | bytes) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the numbers between blanks and their count per line; none if anything else is among them."""
    content = text.encode() if isinstance(text, str) else text
    return read_label_files([content], len(content), 1)[:2]
