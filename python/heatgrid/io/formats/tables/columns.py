"""Roles of a table's columns, found by header, by the user's choice or by the first row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from heatgrid.core.ragged import Flag
from heatgrid.core.spec import check_choice, listed, suggestion
from heatgrid.io.files import IMAGE_SUFFIXES
from heatgrid.io.parse import box_around, box_from_size, is_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from heatgrid.io.parse import Box

ROLES: dict[str, tuple[str, ...]] = {
    "image": (
        *("filename", "file", "image", "imageid", "imagename", "imagepath", "imagefile", "imagefilename"),
        *("img", "imgid", "imgname", "imgpath", "imgfile", "path", "filepath", "filenames"),
        *("frame", "frameid"),
    ),
    "class": (
        *("class", "classname", "label", "labelname", "category", "categoryname", "celltype", "species"),
        *("type", "object", "objectclass", "name", "cls", "classid", "categoryid", "labelid", "tag"),
    ),
    "x1": ("xmin", "x1", "minx", "left", "x0", "xtl", "xleft", "x", "startx"),
    "y1": ("ymin", "y1", "miny", "top", "y0", "ytl", "ytop", "y", "starty"),
    "x2": ("xmax", "x2", "maxx", "right", "xbr", "xright", "endx"),
    "y2": ("ymax", "y2", "maxy", "bottom", "ybr", "ybottom", "endy"),
    "cx": ("cx", "xc", "xcenter", "centerx", "xcentre", "centrex"),
    "cy": ("cy", "yc", "ycenter", "centery", "ycentre", "centrey"),
    "x": ("x", "pointx"),
    "y": ("y", "pointy"),
    "width": ("width", "w", "boxwidth", "bw"),
    "height": ("height", "h", "boxheight", "bh"),
    "xywh": ("bbox", "box", "boundingbox", "bndbox", "xywh"),
    "xyxy": ("xyxy", "bboxxyxy", "boxxyxy"),
    "cxcywh": ("cxcywh", "bboxcxcywh", "boxcxcywh"),
    "image_width": ("imagewidth", "imgwidth", "imagew", "imgw", "framewidth", "originalwidth"),
    "image_height": ("imageheight", "imgheight", "imageh", "imgh", "frameheight", "originalheight"),
    "geometry": ("geometry", "wkt", "geom", "polygon", "polygonwktpix"),
    "angle": ("angle", "rotation", "theta"),
    "score": ("score", "confidence", "conf", "probability"),
    "id": ("id", "annotationid", "annid", "boxid", "objectid", "buildingid", "fid"),
    "split": ("split", "subset", "set"),
    "crowd": ("iscrowd", "crowd"),
    "group": ("isgroupof", "groupof"),
    "difficult": ("difficult", "isdifficult"),
    "truncated": ("truncated", "istruncated"),
    "ignore": ("ignore", "ignored", "isignored"),
    "occluded": ("occluded", "isoccluded"),
}
"""Roles of columns and their names, compared without case, spaces and punctuation.

A box is ``x1 y1 x2 y2``, ``x1 y1 width height`` or ``cx cy width height``, or a list of four such numbers in
one column, ``xyxy``, ``xywh`` or ``cxcywh``. Next to corners and lists, ``width`` and ``height`` are the
image's. Without a box, ``x y`` or ``cx cy`` are points; a table of points needs no image: all of its points
are in one. A table of well-known text has ``geometry`` in place of a box. Boxes whose
``angle`` is not 0 are skipped, since conventions differ.
"""

TEXT_ROLES = ("image", "class", "split")
FLAG_ROLES = {
    "crowd": Flag.CROWD,
    "group": Flag.GROUP,
    "difficult": Flag.DIFFICULT,
    "truncated": Flag.TRUNCATED,
    "ignore": Flag.IGNORE,
    "occluded": Flag.OCCLUDED,
}

NO_COLUMNS = (
    "no columns of images and boxes found (xmin, ymin, xmax, ymax; x, y, width, height; x, y; ...): "
    "name those of image, class, x1, y1, x2, y2 ... with columns="
)

CORNERS, CORNER_AND_SIZE = ("x1", "y1", "x2", "y2"), ("x1", "y1", "width", "height")
CENTER_AND_SIZE = ("cx", "cy", "width", "height")
POINTS = (("x", "y"), ("cx", "cy"))
LISTS = {"xyxy": CORNERS, "cxcywh": CENTER_AND_SIZE, "xywh": CORNER_AND_SIZE}
"""Roles of columns whose cells are lists of the numbers of a box."""

ATTRIBUTE = "attribute "
"""Beginning of the roles of attributes, which the caller names."""

_SIGNS = re.compile(r"[\W_]+")
_PREFIX = re.compile(r"^(?:bbox|box|bndbox|rect|region)(?=.)")
_KERAS = ("image", *CORNERS, "class")
_QUAD = {"x1", "y1", "x2", "y2"}  # next to x3 and y3, they are no opposite corners
_TF = ("image", "image_width", "image_height", "class", *CORNERS)


@dataclass(frozen=True, slots=True)
class RowLayout:
    """Index of each role's column, and the four roles that make the box, or two that make the point."""

    indices: dict[str, int]
    box: tuple[str, ...]

    def with_attributes(self, header: Sequence[str], names: Iterable[str]) -> RowLayout:
        """Return the layout with the columns of attributes that the caller asks for, if they exist."""
        own = {f"{ATTRIBUTE}{name}": header.index(name) for name in names if name in header}
        return RowLayout(self.indices | own, self.box)


def layout_of_header(
    header: Sequence[str], chosen: Mapping[str, str | int] | None = None
) -> RowLayout | None:
    """Return the layout of a header and the user's choice of columns; None without boxes and points."""
    names = [bare_name(name) for name in header]
    is_quad = "x3" in names and "y3" in names
    indices: dict[str, int] = {}
    for role, known in ROLES.items():
        found = [names.index(name) for name in known if name in names and not (is_quad and name in _QUAD)]
        if found:
            indices[role] = found[0]
    return _layout(indices | _choose(header, chosen or {}), chosen or {})


def layout_of_row(row: Sequence[str], chosen: Mapping[str, str | int] | None = None) -> RowLayout | None:
    """Return the layout of a table without header, by a choice of numbers or by its first row."""
    if chosen:
        if all(isinstance(index, int) for index in chosen.values()):
            return _layout(_choose(row, chosen), chosen)
        return None
    for roles in (_KERAS, _TF):
        if len(row) == len(roles) and row[0].lower().strip().endswith(IMAGE_SUFFIXES):
            texts = dict(zip(roles, row, strict=True))
            named = {role for role in roles if role not in {"image", "class"}}
            if all(is_number(texts[role].replace(",", ".")) for role in named) or not any(
                map(str.strip, row[1:])
            ):
                return _layout({role: index for index, role in enumerate(roles)}, {})
    return None


@lru_cache(maxsize=1024)
def bare_name(name: str) -> str:
    """Return a column's name in lower case, without punctuation and without a prefix such as ``bbox``."""
    bare = _SIGNS.sub("", name).lower()
    shorter = _PREFIX.sub("", bare)
    return shorter if any(shorter in known for known in ROLES.values()) else bare


def _choose(header: Sequence[str], chosen: Mapping[str, str | int]) -> dict[str, int]:
    indices: dict[str, int] = {}
    for role, column in chosen.items():
        check_choice("columns", role, ROLES)
        if isinstance(column, int) and 0 <= column < len(header):
            indices[role] = column
        elif column in header:
            indices[role] = list(header).index(str(column))
        else:
            hint = suggestion(str(column), header)
            raise ValueError(f"columns: no column {column!r} for {role!r}{hint}; there are {listed(header)}")
    return indices


def _layout(indices: dict[str, int], chosen: Mapping[str, str | int]) -> RowLayout | None:
    """Return the layout of the box or point with most of the chosen columns; None without.

    Boxes need an image.
    """
    boxes: list[tuple[str, ...]] = [box for box in LISTS.values() if all(role in indices for role in box)]
    boxes += [(role,) for role in LISTS if role in indices]
    boxes += [point for point in POINTS if all(role in indices for role in point)]
    if not boxes or ("image" not in indices and boxes[0] not in POINTS):
        return None
    box = max(boxes, key=lambda box: sum(role in chosen for role in box))
    if box is CORNERS or len(box) == 1:
        for axis in ("width", "height"):
            if axis in indices:
                indices.setdefault(f"image_{axis}", indices[axis])
    return RowLayout(indices, box)


def list_to_box(values: Sequence[float], role: str) -> Box:
    """Return the corners of a box in a list whose role is one of `LISTS`."""
    a, b, c, d = values
    if role == "xyxy":
        return box_around([(a, b), (c, d)])
    x1, y1, x2, y2 = box_from_size(a, b, c, d)
    if role == "xywh":
        return x1, y1, x2, y2
    return x1 - c / 2, y1 - d / 2, x2 - c / 2, y2 - d / 2
