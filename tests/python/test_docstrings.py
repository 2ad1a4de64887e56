"""Examples in the docstrings of public names."""

from __future__ import annotations

import doctest
import inspect
from typing import TYPE_CHECKING

import pytest

import heatgrid as hg
from page_data import write_data

if TYPE_CHECKING:
    from pathlib import Path

PUBLIC = [name for name in hg.__all__ if name != "__version__"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docstrings")
    write_data(folder)
    return folder


@pytest.mark.parametrize("name", PUBLIC)
def test_public_name_has_an_example_that_runs(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    text = inspect.getdoc(getattr(hg, name)) or ""
    assert "Examples\n--------" in text
    tests = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    assert tests.examples
    result = doctest.DocTestRunner().run(tests)
    assert not result.failed, capsys.readouterr().out


@pytest.mark.parametrize("name", PUBLIC)
def test_example_hides_nothing(name: str) -> None:
    assert "doctest: +SKIP" not in (inspect.getdoc(getattr(hg, name)) or "")
