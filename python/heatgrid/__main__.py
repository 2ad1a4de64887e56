"""``python -m heatgrid``: the command line."""

import sys

from heatgrid.commands.cli import main

sys.exit(main())
