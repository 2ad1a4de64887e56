"""Command line as ``python -m heatgrid``."""

import sys

from heatgrid.commands.cli import main

sys.exit(main())
