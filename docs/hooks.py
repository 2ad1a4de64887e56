"""Computed parts of the site: the page that counts, and the page of formats."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import heatgrid as hg
from heatgrid.core.ragged import Kind
from heatgrid.io import registry
from heatgrid.viz.page import browser_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page that counts files in the browser."""
    from mkdocs.structure.files import File

    files.append(File.generated(config, "heatgrid.html", content=browser_page()))
    return files


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
