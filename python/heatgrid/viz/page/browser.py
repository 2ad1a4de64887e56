"""Page that counts annotation files in the browser, by the kernel as WebAssembly."""

from __future__ import annotations

import re
import textwrap
import zlib
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

from heatgrid.core.grid_map import GridMap
from heatgrid.viz.page.parts import parts, text_of
from heatgrid.viz.page.payload import Payload
from heatgrid.viz.text import RULES, notes

if TYPE_CHECKING:
    from typing import Any

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
_EXPORTED = re.compile(r"^export \{([^}]*)\};$", re.MULTILINE)

POLICY = "connect-src 'none'; worker-src blob:"
SCRIPTS = "'wasm-unsafe-eval'"
"""Additions to the policy of a page: a worker that compiles WebAssembly."""


def browser_page(title: str = "heatgrid in the browser") -> str:
    """Return the page as one HTML text that works offline, and that can send nothing.

    Examples
    --------
    >>> from heatgrid.viz.page import browser_page
    >>> len(browser_page().encode()) < 500_000
    True
    """
    from heatgrid.viz.page import document

    data = {
        "viewer": Payload.of(GridMap(1)).data,
        "worker": zlib.compress(bundle("worker").encode(), 9),
        "kernel": zlib.compress(parts()["page/kernel.wasm"], 9),
    }
    meta = description() | {"title": title}
    return document(title, meta, data, entry="browser", show="showBrowser", policy=POLICY, scripts=SCRIPTS)


def description() -> dict[str, Any]:
    """Return the viewer's description of an empty map, what differs for sizes, and texts."""
    size = Payload.of(GridMap(1, of="size"), unit="objects per size", scale="log").meta
    return {
        "subtitle": "Count heat maps of COCO files and YOLO folders.",
        "viewer": Payload.of(GridMap(1)).meta,
        "size": {name: size[name] for name in ("unit", "settings")},
        "texts": {
            "rules": RULES,
            "size": notes([GridMap(1, of="size")]),
            "images": notes([GridMap(1, count="images")])[1],
        },
    }


@cache
def bundle(entry: str) -> str:
    """Return a module of the kernel and those that it needs as one expression, whose value has its exports.

    Each module is a function, so that names of modules need not differ. The text is a classic script:
    browsers refuse workers that are modules on pages that are opened as files.
    """
    modules = [
        f"const {name}_module = (() => {{\n{_body(name)}\n}})();" for name in dict.fromkeys(_in_order(entry))
    ]
    text = "\n".join([*modules, f"return {entry}_module;"])
    return f"(() => {{\n{textwrap.indent(text, ' ')}\n}})()"


def _text(name: str) -> str:
    return text_of("npm", f"{name}.js")


def _in_order(name: str) -> list[str]:
    needed = (imported for _, imported in _IMPORT.findall(_text(name)))
    return [*chain.from_iterable(map(_in_order, needed)), name]


def _body(name: str) -> str:
    """Return a module as the body of a function that returns its exports."""
    text = _text(name)
    exports = [*_EXPORT.findall(text), *_EXPORTED.findall(text)]
    text = _IMPORT.sub(lambda match: f"const {{{match[1].replace(' as ', ': ')}}} = {match[2]}_module;", text)
    text = _EXPORTED.sub("", _EXPORT.sub("", text)).replace("import.meta.url", "location.href")
    return f"{text.strip()}\nreturn {{ {', '.join(exports)} }};"
