"""What a drawing is given: the options of the command line, the source's name as title, the background."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from heatgrid.commands.options import DRAWING
from heatgrid.commands.sources import STDIN

if TYPE_CHECKING:
    import argparse


def drawing(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the options of drawing that were given; a background is looked for before all is read."""
    options = {name: value for name in DRAWING if (value := getattr(arguments, name)) is not None}
    options.setdefault("title", _title(arguments.source))
    if "background" in options:
        from heatgrid.viz.background import load

        images = arguments.images or _folder(arguments.source[0])
        options["background"] = load(arguments.background, images, fit=arguments.fit).pixels
    return options


def check_background(arguments: argparse.Namespace) -> None:
    """Find wrong usage of a background."""
    if arguments.opacity is not None and arguments.background is None:
        arguments.usage_error("--opacity is of the map over a --background")
    if arguments.background == "mean" and arguments.source[0] == "-" and not arguments.images:
        arguments.usage_error("--background mean needs --images where the source is stdin (-)")


def _folder(source: str) -> Path:
    """Return the folder of a source, which may hold its images, too."""
    return Path(source) if Path(source).is_dir() else Path(source).parent


def _title(sources: list[str]) -> str:
    """Name the source in a few words: the last two parts of its path, and how many more there are."""
    name = STDIN if sources[0] == "-" else "/".join(Path(sources[0]).resolve().parts[-2:])
    return name if len(sources) == 1 else f"{name} and {len(sources) - 1} more"
