"""Hypothesis profiles, selected by the environment variable HYPOTHESIS_PROFILE.

``default`` and ``quick`` (for sanitizers) use the same examples in every run, so that a failure is caused by
the last change; ``search`` uses new examples in every run, ``thorough`` many more of them.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from samples import LIBRARIES

if TYPE_CHECKING:
    from pathlib import Path

# The load of the machine must not fail a test, and shapes are slow to generate.
suppressed = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile("search", max_examples=100, deadline=None, suppress_health_check=suppressed)
settings.register_profile("default", settings.get_profile("search"), derandomize=True)
settings.register_profile("quick", settings.get_profile("default"), max_examples=10)
settings.register_profile("thorough", settings.get_profile("search"), max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture
def tmp_path(tmp_path: Path) -> Path:
    """Return a folder with none beside it: images are searched for beside a source, too."""
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of formats that other libraries read, which are skipped without these."""
    for item in items:
        name = (
            item.callspec.params.get("name")
            if isinstance(item, pytest.Function) and hasattr(item, "callspec")
            else None
        )
        if name in LIBRARIES:
            item.add_marker(pytest.mark.peers)
            if find_spec(LIBRARIES[name]) is None:
                item.add_marker(pytest.mark.skip(reason=f"{LIBRARIES[name]} is not installed"))
