"""Benchmarks of heatgrid and its peers in one run: ``python -m bench``."""

from __future__ import annotations

import os

# One thread per side; some libraries start threads when they are imported.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")
