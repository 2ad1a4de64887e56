"""Interactive viewer: one front end, as an HTML page that works offline and as a notebook widget."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from heatgrid.errors import printable
from heatgrid.viz.colormaps import DEFAULT
from heatgrid.viz.page import settings
from heatgrid.viz.page.parts import text_of
from heatgrid.viz.page.payload import Payload
from heatgrid.viz.pixels import FADED
from heatgrid.viz.scales import FEW, KNOTS, SCALES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from heatgrid.viz.options import PageOptions
    from heatgrid.viz.page.browser import browser_page
    from heatgrid.viz.page.payload import Maps
    from heatgrid.viz.page.widget import HeatmapWidget

__all__ = ["HeatmapWidget", "browser_page", "page"]


def __dir__() -> list[str]:
    return sorted(__all__)


_IMPORT = re.compile(r'^import [^;]*? from "\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=async function|function|class|const)", re.MULTILINE)

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
<h1>{title}</h1><p>{subtitle}</p><p>A script in this file draws the page; scripts are switched off.</p>
</noscript>
<script type="application/json" id="heatgrid-meta">{meta}</script>
{data}
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
{function}(STYLE).catch((error) => {{
  document.getElementById("heatgrid").textContent = `This page cannot be shown here: ${{error}}`;
}});
"""


def page(maps: Maps, **options: Unpack[PageOptions]) -> str:
    """Return maps as one HTML page that works offline.

    All texts are escaped, the JSON contains no ``<``, and the page's policy allows only its own script and
    style and no network address.

    Parameters
    ----------
    maps
        A `Heatmap`; several by the names of their splits; or a (rows, columns) array of real numbers, NaN
        for "no data". If one of several holds computed values, such as a ratio, the page shows one map at a
        time, each with its unit and scale.
    **options
        See `heatgrid.viz.options.PageOptions`.
    """
    payload = Payload.of(maps, **options)
    sources = image_sources(payload.meta["thumbnails"])
    return document(payload.meta["title"] or "Heat map", payload.meta, {"data": payload.data}, images=sources)


def document(
    title: str,
    meta: Mapping[str, Any],
    data: Mapping[str, bytes],
    *,
    images: str = "data:",
    entry: str = "hosts",
    show: str = "showPage",
    policy: str = "",
    scripts: str = "",
) -> str:
    """Return a page that the function ``show`` of a module fills with ``meta`` and compressed arrays.

    ``images`` are the sources of images that the page's policy allows; ``policy`` and ``scripts`` are other
    parts of it.
    """
    code = f"\n{script(entry)}\n{_START.format(function=show)}"
    rules = [
        f"default-src 'none'; img-src {images}",
        f"script-src {_digest(code)} {scripts}".strip(),
        f"style-src {_digest(_STYLE)}; base-uri 'none'; form-action 'none'",
        policy,
    ]
    blocks = (
        f'<script type="text/plain" id="heatgrid-{name}">{base64.b64encode(block).decode()}</script>'
        for name, block in data.items()
    )
    return _PAGE.format(
        policy="; ".join(filter(None, rules)),
        title=html.escape(printable(title)),
        subtitle=html.escape(printable(meta["subtitle"])),
        style=_STYLE,
        meta=json.dumps(meta, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c"),
        data="\n".join(blocks),
        script=code,
    )


def module(name: str) -> str:
    """Return the text of a JavaScript module; names in modules are disjoint.

    The module "tables" is generated, and "client" is that of the kernel.
    """
    if name == "tables":
        return _tables()
    if name == "client":
        from heatgrid.viz.page.browser import bundle

        return f"export const {{ Client }} = {bundle('client')};"
    return text_of("front", f"{name}.js")


def imports(name: str) -> list[str]:
    """Return the names of the modules that a JavaScript module imports."""
    return _IMPORT.findall(module(name))


def in_order(name: str = "hosts") -> list[str]:
    """Return the names of a JavaScript module and of those that it needs, which come first."""
    return list(dict.fromkeys([*chain.from_iterable(map(in_order, imports(name))), name]))


def module_body(name: str) -> str:
    """Return the text of a JavaScript module without its import lines and export keywords."""
    return _EXPORT.sub("", _IMPORT.sub("", module(name))).strip()


@cache
def script(entry: str = "hosts") -> str:
    """Return a module and those that it needs as one, and their style sheets as the constant STYLE."""
    names = in_order(entry)
    styled = dict.fromkeys(["viewer", *names])
    style = "".join(text_of("front", f"{name}.css") for name in styled)
    return "\n\n".join([*map(module_body, names), f"const STYLE = {json.dumps(style)};"])


def _tables() -> str:
    """Return the constants that `heatgrid.viz.scales` defines, as a JavaScript module."""
    scales = {
        name: {"label": kind.label, "ticks": kind.ticks, **(kind.parameters or {})}
        for name, kind in SCALES.items()
    }
    constants = {"SCALES": scales, "KNOTS": KNOTS, "FEW": FEW, "DEFAULT_COLORMAP": DEFAULT, "FADED": FADED}
    constants |= {"CHOICES": settings.CHOICES, "RANGES": settings.RANGES}
    return "\n".join(f"export const {name} = {json.dumps(value)};" for name, value in constants.items())


def image_sources(thumbnails: str | None) -> str:
    """Return what images a page may load: its own, and those of its thumbnails."""
    if thumbnails is None:
        return "data:"
    url = urlsplit(thumbnails)
    return f"data: {url.scheme}://{url.netloc}" if url.scheme else "data: 'self' file:"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def __getattr__(name: str) -> Any:
    if name == "browser_page":
        from heatgrid.viz.page.browser import browser_page  # on demand: it is rarely needed

        return browser_page
    if name != "HeatmapWidget":
        raise AttributeError(f"module 'heatgrid.viz.page' has no attribute {name!r}")
    from heatgrid.viz.page.widget import HeatmapWidget  # on demand: anywidget is an extra

    return HeatmapWidget
