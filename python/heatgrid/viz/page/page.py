"""The viewer as one file: no network, no server, nothing beside it."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from typing import TYPE_CHECKING, Any

from heatgrid.export import write
from heatgrid.viz.page.front_end import script
from heatgrid.viz.page.payload import build

if TYPE_CHECKING:
    import os
    from typing import BinaryIO

    from heatgrid.viz.page.layers import Maps
    from heatgrid.viz.page.payload import Payload

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="generator" content="heatgrid">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main id="heatgrid"></main>
<noscript>
<h1>{title}</h1><p>{subtitle}</p><p>A script in this file draws the map; scripts are switched off.</p>
</noscript>
<script type="application/json" id="heatgrid-meta">{meta}</script>
<script type="text/plain" id="heatgrid-data">{data}</script>
<script type="module">{script}</script>
</body>
</html>
"""

_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; background: #f7f8fa; font-family: system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { body { background: #12161d; color: #e8ecf2; } }
"""

_START = """
showPage(STYLE).catch((error) => {
  document.getElementById("heatgrid").textContent = `This map cannot be shown here: ${error}`;
});
"""


def page(maps: Maps, **options: Any) -> str:
    """Return maps as one HTML page that works offline.

    Parameters
    ----------
    maps
        A `Heatmap`; several by the names of their splits; or a (rows, columns) array of real numbers, NaN
        where there is no data.
    **options
        ``title``, ``subtitle`` and ``unit`` (what the colour bar's numbers are): texts. ``background`` and
        ``images``: an image under the map, as `heatgrid.viz.background.load` takes it. ``behind``: the images or
        annotations behind each cell, as `heatgrid.behind` lists them, shown at a click. ``by_class=False``
        leaves classes out. ``aspect`` (width over height), ``width``, ``height`` (of the map, in pixels).
        And what the viewer's controls begin with: ``opacity`` (0 … 1), ``colormap``, ``scale``, ``gamma``,
        ``percentiles``, ``vmin``, ``vmax``, ``zero``, ``blur`` (sigma in cells, or a function of the
        counts), ``interpolation``, ``splits``, ``classes``, ``difference`` (two splits, or two classes),
        ``cell`` (row, column), ``region`` (top, left, bottom, right; half-open).

    Raises
    ------
    TypeError, ValueError
        An option is not known or has a wrong value; the message names it.
    """
    return render(build(maps, **options))


def save_page(maps: Maps, path: str | os.PathLike[str] | BinaryIO, **options: Any) -> None:
    """Write maps as one HTML page that works offline.

    Parameters
    ----------
    maps
        A `Heatmap`; several by the names of their splits, as `heatgrid.heatmaps` returns them; or a
        (rows, columns) array of real numbers, NaN where there is no data.
    path
        The ``.html`` file, or a file open for writing bytes.
    **options
        As `page` takes them.

    Raises
    ------
    TypeError, ValueError
        The suffix is another, or an option is not known or has a wrong value; the message names it.
    """
    is_open = hasattr(path, "write")
    write(maps, {".html": page_bytes}, path, "html" if is_open else None, options)


def page_bytes(maps: Maps, **options: Any) -> bytes:
    """Return the page in UTF-8; half a surrogate pair in a name becomes a question mark."""
    return page(maps, **options).encode("utf-8", "replace")


def render(payload: Payload) -> str:
    """Write the page of a payload.

    Nothing in it can leave its place: texts are escaped, JSON has no ``<``, and the page's own policy allows
    the one script and the one style that it was written with, and no address at all.
    """
    code = f"\n{script()}\n{_START}"
    policy = (
        f"default-src 'none'; img-src data:; script-src {_digest(code)}; style-src {_digest(_STYLE)}; "
        "base-uri 'none'; form-action 'none'"
    )
    meta = json.dumps(payload.meta, allow_nan=False, separators=(",", ":"))
    return _PAGE.format(
        policy=policy,
        title=html.escape(payload.meta["title"] or "Heat map"),
        subtitle=html.escape(payload.meta["subtitle"]),
        style=_STYLE,
        meta=meta.replace("<", "\\u003c"),
        data=base64.b64encode(payload.data).decode(),
        script=code,
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
