"""Supervisely's heat map widget, drawn by heatgrid.

``Heatmap`` has the arguments and members of the original. Only the import changes, and a notebook shows the
widget as the last expression of a cell, instead of the platform's own applications::

    from heatgrid.compat.supervisely import Heatmap

    heatmap = Heatmap(background_image="street.jpg", heatmap_mask=mask, colormap=cv2.COLORMAP_VIRIDIS)

    @heatmap.click
    def on_click(y, x, value):
        print(f"{value} at row {y}, column {x}")

    heatmap.set_heatmap_from_annotations(annotations, object_name="person")

The widget requires ``heatgrid[widget]``; `Heatmap.image` and `Heatmap.save` do not. `heatgrid.Heatmap` has
more options.
"""

from heatgrid.compat.supervisely.state import COLORMAP_JET
from heatgrid.compat.supervisely.widget import Heatmap

__all__ = ["COLORMAP_JET", "Heatmap"]
