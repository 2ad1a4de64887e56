"""``python -m heatgrid``: the command line."""

import sys

from heatgrid.cli import main

sys.exit(main())
