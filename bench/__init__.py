"""How fast heatgrid counts, beside its peers, in one run: ``python -m bench``."""

from __future__ import annotations

import os

# One thread a side: libraries that start threads when they are imported are told so before.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")
