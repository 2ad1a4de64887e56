"""FiftyOne plugin: a panel with the heat map of the current view, and an operator that opens it.

``python -m heatgrid.integrations.fiftyone`` installs it into FiftyOne's folder of plugins.
"""

from typing import Any


def register(plugin: Any) -> None:
    """Register the operator and the panel; FiftyOne calls it when it loads the plugin."""
    from heatgrid.integrations.fiftyone.operator import HeatMapOperator
    from heatgrid.integrations.fiftyone.panel import HeatMapPanel

    plugin.register(HeatMapOperator)
    plugin.register(HeatMapPanel)
