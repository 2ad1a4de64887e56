"""HYPOTHESIS_PROFILE says how many examples are drawn, and whether anew each time.

``default`` and ``quick`` (for sanitizers) draw the same ones on every run, so that what fails was broken by
the change at hand; ``search`` draws others each time, and ``thorough`` very many (for a night).
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A machine's load must not decide a test, and shapes are slow to draw.
suppressed = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile("search", max_examples=100, deadline=None, suppress_health_check=suppressed)
settings.register_profile("default", settings.get_profile("search"), derandomize=True)
settings.register_profile("quick", settings.get_profile("default"), max_examples=10)
settings.register_profile("thorough", settings.get_profile("search"), max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
