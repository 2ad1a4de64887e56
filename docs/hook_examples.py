"""Pictures of the examples: the site runs the blocks of some pages and shows what they write.

A block of Python or of `heatgrid` commands runs in a folder with the data of docs/data. Every picture or page
that it writes is published as made/PAGE/NAME, which the page's text shows or links to.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File, Files

from heatgrid.commands.cli import main

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

PAGES = ("gallery.md", "tutorial.md", "rules.md")
PUBLISHED = {".png", ".svg", ".html"}
BLOCK = re.compile(r"^```(python|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Run the blocks of the pages, and add the files that they write."""
    docs = Path(config.docs_dir)
    for name in PAGES:
        page = docs / name
        with tempfile.TemporaryDirectory() as scratch:
            Path(scratch, "docs").symlink_to(docs)
            run(page.read_text(encoding="utf-8"), Path(scratch))
            for made in sorted(Path(scratch).iterdir()):
                if made.suffix in PUBLISHED:
                    target = f"made/{page.stem}/{made.name}"
                    files.append(File.generated(config, target, content=made.read_bytes()))
    return files


def run(text: str, folder: Path) -> None:
    """Run the blocks of a page in a folder, in one namespace."""
    names: dict[str, Any] = {"__name__": "page"}
    here = Path.cwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            for language, code in BLOCK.findall(text):
                if language == "python":
                    exec(compile(code, "page", "exec"), names)  # noqa: S102
                else:
                    run_commands(code)
    finally:
        os.chdir(here)


def run_commands(code: str) -> None:
    """Run the heatgrid commands of a block; others are for reading."""
    for line in code.replace("\\\n", " ").splitlines():
        program, *arguments = shlex.split(line, comments=True) or [""]
        if program == "heatgrid":
            main([*arguments, "-q"])  # a picture that is not written fails the strict build
