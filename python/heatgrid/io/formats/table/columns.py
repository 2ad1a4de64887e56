"""Which column of a table is what: by its header, by the user's choice, or by what is in its first row."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from heatgrid.io.files import IMAGE_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROLES: dict[str, tuple[str, ...]] = {
    "image": (
        *("filename", "file", "image", "imageid", "imagename", "imagepath", "imagefile", "imagefilename"),
        *(
            "img",
            "imgid",
            "imgname",
            "imgpath",
            "imgfile",
            "path",
            "filepath",
            "filenames",
            "frame",
            "frameid",
        ),
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
    "width": ("width", "w", "boxwidth", "bw"),
    "height": ("height", "h", "boxheight", "bh"),
    "image_width": ("imagewidth", "imgwidth", "imagew", "imgw", "framewidth", "originalwidth"),
    "image_height": ("imageheight", "imgheight", "imageh", "imgh", "frameheight", "originalheight"),
    "geometry": ("geometry", "wkt", "geom", "polygon", "polygonwktpix"),
    "score": ("score", "confidence", "conf", "probability"),
    "id": ("id", "annotationid", "annid", "boxid", "objectid", "buildingid", "fid"),
    "split": ("split", "subset", "set"),
    "crowd": ("iscrowd", "crowd"),
    "group": ("isgroupof", "groupof"),
    "difficult": ("difficult", "isdifficult"),
    "truncated": ("truncated", "istruncated"),
}
"""What a column may be, and the names it is known by: in any case, whatever signs lie between the letters.

A box is ``x1 y1 x2 y2``, ``x1 y1 width height`` or ``cx cy width height``. Beside corners, ``width`` and
``height`` are the image's. ``geometry`` is what a table of well-known text has in place of a box.
"""

CORNERS, CORNER_AND_SIZE = ("x1", "y1", "x2", "y2"), ("x1", "y1", "width", "height")
CENTRE_AND_SIZE = ("cx", "cy", "width", "height")

_SIGNS = re.compile(r"[\W_]+")
_PREFIX = re.compile(r"^(?:bbox|box|bndbox|rect|region)(?=.)")
_KERAS = ("image", *CORNERS, "class")
_TF = ("image", "image_width", "image_height", "class", *CORNERS)


class Columns:
    """The places of a table's columns.

    Attributes
    ----------
    places
        The number of the column that plays each role.
    box
        The four roles that make the box.
    """

    def __init__(self, places: dict[str, int], box: tuple[str, ...]) -> None:
        self.places = places
        self.box = box


def columns_of(header: Sequence[str], chosen: Mapping[str, str | int] | None = None) -> Columns | None:
    """Return the columns that a header names; None where they make no box.

    Parameters
    ----------
    header
        The names of the columns.
    chosen
        The user's own choice of some or all of them.

    Raises
    ------
    ValueError
        ``chosen`` names a role or a column that there is not.
    """
    names = [bare_name(name) for name in header]
    places: dict[str, int] = {}
    for role, known in ROLES.items():
        found = [names.index(name) for name in known if name in names]
        if found:
            places[role] = found[0]
    return _completed(places | _choose(header, chosen or {}), chosen or {})


def columns_of_row(row: Sequence[str], chosen: Mapping[str, str | int] | None = None) -> Columns | None:
    """Return the columns of a table without header, by a choice of numbers or by its first row."""
    if chosen:
        if all(isinstance(place, int) for place in chosen.values()):
            return _completed(_choose(row, chosen), chosen)
        return None
    for roles in (_KERAS, _TF):
        if len(row) == len(roles) and row[0].lower().strip().endswith(IMAGE_SUFFIXES):
            texts = dict(zip(roles, row, strict=True))
            named = {role for role in roles if role not in {"image", "class"}}
            if all(is_number(texts[role]) for role in named) or not any(map(str.strip, row[1:])):
                return _completed({role: place for place, role in enumerate(roles)}, {})
    return None


def is_number(text: str) -> bool:
    """Tell whether a cell holds a number."""
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return "_" not in text


@lru_cache(maxsize=1024)
def bare_name(name: str) -> str:
    """Return a column's name in lower case, without signs, and without a word for box before it."""
    bare = _SIGNS.sub("", name).lower()
    shorter = _PREFIX.sub("", bare)
    return shorter if any(shorter in known for known in ROLES.values()) else bare


def _choose(header: Sequence[str], chosen: Mapping[str, str | int]) -> dict[str, int]:
    places: dict[str, int] = {}
    for role, column in chosen.items():
        if role not in ROLES:
            message = f"columns: expected some of {', '.join(ROLES)}, got {role!r}"
            raise ValueError(message)
        if isinstance(column, int) and 0 <= column < len(header):
            places[role] = column
        elif column in header:
            places[role] = list(header).index(str(column))
        else:
            message = f"columns: no column {column!r} for {role!r}; there are {', '.join(header)[:500]}"
            raise ValueError(message)
    return places


def _completed(places: dict[str, int], chosen: Mapping[str, str | int]) -> Columns | None:
    """Return the columns with what makes the box, the user's choice going before all else."""
    boxes = [
        box for box in (CORNERS, CENTRE_AND_SIZE, CORNER_AND_SIZE) if all(role in places for role in box)
    ]
    if not boxes or "image" not in places:
        return None
    box = max(boxes, key=lambda box: sum(role in chosen for role in box))
    if box is CORNERS:
        for axis in ("width", "height"):
            if axis in places:
                places.setdefault(f"image_{axis}", places[axis])
    return Columns(places, box)
