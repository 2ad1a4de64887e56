"""How hard generated tests try: as HYPOTHESIS_PROFILE says, which conftest.py reads."""

from __future__ import annotations

from hypothesis import settings


def examples(usual: int) -> int:
    """Return how many examples to draw: a tenth of ``usual`` when quick, 50 times as many when thorough."""
    return max(1, usual * settings.default.max_examples // 100)  # type: ignore[union-attr]
