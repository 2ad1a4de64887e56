"""Number of examples in generated tests, which depends on the hypothesis profile (see conftest.py)."""

from __future__ import annotations

from hypothesis import settings


def examples(usual: int) -> int:
    """Return the number of examples: a tenth of ``usual`` with ``quick``, 50 times with ``thorough``."""
    return max(1, usual * settings.default.max_examples // 100)  # type: ignore[union-attr]
