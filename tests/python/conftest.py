"""Fixtures of the tests of the command line."""

from __future__ import annotations

from typing import Any

import pytest

from heatgrid.commands.cli import main

Run = Any


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line here; return its exit code, its output and its messages."""

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as leaving:  # how argparse ends on wrong usage
            code = int(leaving.code or 0)
        output, messages = capsys.readouterr()
        assert "Traceback" not in messages
        assert "please report this" not in messages
        return code, output, messages

    return run
