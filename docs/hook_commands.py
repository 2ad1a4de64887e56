"""Reference of the command line, made from its parser."""

from __future__ import annotations

import argparse
import html
from typing import TYPE_CHECKING, Any

from heatgrid.commands.cli import COMMANDS, make_parser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.structure.pages import Page

PAGE, MARK = "reference/commands.md", "<!-- commands -->"
SHARED = {"help"}


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Fill the page of commands."""
    if page.file.src_uri != PAGE:
        return markdown
    return markdown.replace(MARK, "\n".join(line for name in COMMANDS for line in command(name)))


def command(name: str) -> Iterator[str]:
    """Yield the lines of one command: its description, usage, and options by group."""
    top = make_parser([name])
    parser = next(
        action.choices[name] for action in top._actions if isinstance(action, argparse._SubParsersAction)
    )
    yield f"\n## heatgrid {name} {{ #{name} }}\n"
    yield f"{parser.description}\n"
    usage = parser.format_usage().removeprefix("usage: ").rstrip()
    yield f"```text\n{usage}\n```\n"
    for group in parser._action_groups:
        actions = [action for action in group._group_actions if action.dest not in SHARED]
        if actions:
            yield f"**{str(group.title).capitalize()}**\n"
            yield '<div class="options" markdown="0"><dl>'
            yield from map(option, actions)
            yield "</dl></div>\n"


def option(action: argparse.Action) -> str:
    """Return an option and its help text as a row of a list of definitions."""
    value = ""
    if action.nargs != 0:
        value = action.metavar or (
            "{" + ",".join(map(str, action.choices)) + "}" if action.choices else action.dest.upper()
        )
        value = " ".join(value) if isinstance(value, tuple) else str(value)
    names = ", ".join(action.option_strings)
    title = f"{names} {value}".strip()
    formatter = argparse.HelpFormatter("heatgrid")
    text = formatter._expand_help(action) if action.help else ""
    return f"<dt><code>{html.escape(title)}</code></dt><dd>{html.escape(text)}</dd>"
