"""What the site computes when it is built: pictures of rules, a page that counts, the page of formats."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import heatgrid as hg
from heatgrid.core.ragged import Kind
from heatgrid.io import registry
from heatgrid.viz.page import browser_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page
    from numpy.typing import NDArray

ROWS, COLUMNS, SIDE = 6, 9, 40
BOX = (0.9, 1.2, 3.2, 4.9)
POLYGON = np.array([(4.3, 5.4), (4.8, 0.7), (8.6, 1.3), (7.9, 5.6), (6.4, 3.7)])
SMALL_BOX = (8.55, 0.2, 8.75, 0.4)
UNIT = np.array([COLUMNS, ROWS])


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add one picture per rule, and the page that counts files in the browser."""
    from mkdocs.structure.files import File

    files.append(File.generated(config, "heatgrid.html", content=browser_page()))
    for rule in ("center", "touch", "point", "area"):
        files.append(File.generated(config, f"img/rule-{rule}.svg", content="".join(picture(rule))))
    return files


def counts(rule: Any) -> NDArray[Any]:
    """Count a box, a polygon and a box smaller than a cell."""
    boxes = np.array([BOX, SMALL_BOX]) / np.tile(UNIT, 2)
    grid = (ROWS, COLUMNS)
    total: NDArray[Any] = hg.count_boxes(boxes, grid, rule=rule)
    return total + hg.count_polygons(POLYGON / UNIT, [0, len(POLYGON)], grid, rule=rule)


def picture(rule: str) -> Iterator[str]:
    """Yield the parts of an SVG file: cells with their counts as opacity, cell centers and outlines."""
    width, height = COLUMNS * SIDE, ROWS * SIDE
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {width + 2} {height + 2}" width="{width}">'
    yield f'<rect width="{width}" height="{height}" fill="#fff"/>'
    for (row, column), count in np.ndenumerate(counts(rule)):
        place = f'x="{column * SIDE}" y="{row * SIDE}" width="{SIDE}" height="{SIDE}"'
        yield f'<rect {place} fill="#f0803c" fill-opacity="{0.75 * min(1, count):.3f}" stroke="#bbb"/>'
        yield f'<circle cx="{(column + 0.5) * SIDE}" cy="{(row + 0.5) * SIDE}" r="2" fill="#888"/>'
    for x1, y1, x2, y2 in (BOX, SMALL_BOX):
        place = f'x="{x1 * SIDE}" y="{y1 * SIDE}" width="{(x2 - x1) * SIDE}" height="{(y2 - y1) * SIDE}"'
        yield f'<rect {place} fill="none" stroke="#1d4f91" stroke-width="2"/>'
    points = " ".join(f"{x * SIDE:g},{y * SIDE:g}" for x, y in POLYGON)
    yield f'<polygon points="{points}" fill="none" stroke="#1d4f91" stroke-width="2"/></svg>'


# The page of formats

SAMPLES = Path(__file__).parents[1] / "tests/data"
FORMATS_PAGE, FORMATS_MARK = "reference/formats.md", "<!-- formats -->"
MOST_FILES = 12
KINDS = {
    Kind.BOX: "boxes",
    Kind.POLYGON: "polygons",
    Kind.MASK: "masks",
    Kind.POINT: "points",
    Kind.LINE: "lines",
}


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Fill the page of formats from the registry and the samples of the tests."""
    if page.file.src_uri != FORMATS_PAGE:
        return markdown
    return markdown.replace(FORMATS_MARK, "\n".join(map(section, sorted(registry.FORMATS))))


def section(name: registry.FormatName) -> str:
    """Return a format's section: description, how it is recognized, what is read, and an example."""
    module = registry.get(name)
    text = re.sub(r"(https?://[^\s)>]*[^\s)>.,])", r"<\1>", (module.__doc__ or "").strip())
    valid = SAMPLES / name / "valid"
    facts = [
        f"- Recognized by: {marks(module.SIGNATURE)}",
        f"- Read: {', '.join(kinds(name)) or 'images'}",
        f"- Sizes of images: {sizes(name)}",
    ]
    example = valid / "scene" if (valid / "scene").exists() else min(valid.iterdir())
    drawing = "\n".join(["```text", *tree(example), "```"])
    return (
        f"## {module.TITLE} {{ #{name} }}\n\n{text}\n\n"
        + "\n".join(facts)
        + f"\n\nAn example:\n\n{drawing}\n"
    )


def marks(signature: registry.Signature) -> str:
    """Return the properties of a signature in words."""
    found = [", ".join(f"`{suffix}`" for suffix in signature.all_suffixes)]
    for i, keys in enumerate(signature.json_keys):
        found.append(
            ("the keys " if i == 0 else "or ") + " and ".join(f"`{key.lstrip('*.')}`" for key in sorted(keys))
        )
    if signature.xml_root:
        found.append(f"the root `<{signature.xml_root}>`")
    if signature.check is not None or signature.check_folder is not None:
        found.append("its content")
    return "; ".join(found)


def samples(name: registry.FormatName) -> Iterator[hg.Annotations]:
    """Yield the batches of all valid samples of a format."""
    options = SAMPLES / name / "options.json"
    for path in sorted((SAMPLES / name / "valid").iterdir()):
        yield from hg.read(path, **(json.loads(options.read_text()) if options.exists() else {}))


def kinds(name: registry.FormatName) -> list[str]:
    """Return the kinds of geometry in the samples."""
    present = {
        bit for batch in samples(name) for kind in set(batch.kinds.tolist()) for bit in KINDS if kind & bit
    }
    return [text for bit, text in KINDS.items() if bit in present]


def sizes(name: registry.FormatName) -> str:
    """Return where the sizes of images come from."""
    if all(batch.normalized for batch in samples(name)):
        return "not needed, as coordinates are normalized"
    if name == "masks":
        return "those of the label images"
    if (SAMPLES / name / "options.json").exists():
        return "not in the files: of the image files next to them, `images=` or `size=`"
    return "in the files, else of the image files next to them, `images=` or `size=`"


def tree(path: Path, indent: str = "") -> Iterable[str]:
    """Yield the lines of a tree of files."""
    if path.is_file():
        yield f"{indent}{path.name}"
        return
    yield f"{indent}{'SOURCE' if not indent else path.name}/"
    entries = sorted(path.iterdir(), key=lambda entry: (entry.is_file(), entry.name))
    for entry in entries[:MOST_FILES]:
        yield from tree(entry, indent + "    ")
    if len(entries) > MOST_FILES:
        yield f"{indent}    …"
