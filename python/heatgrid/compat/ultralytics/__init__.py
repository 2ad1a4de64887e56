"""Ultralytics' live heat maps, drawn by heatgrid.

``Heatmap`` is the class of version 8.2.50, which takes the results of a model. ``solutions.Heatmap`` is that
of the current version, which calls the model itself. Both have the arguments and members of the originals;
only the import changes::

    from heatgrid.compat.ultralytics import Heatmap

    heatmap = Heatmap(colormap=cv2.COLORMAP_PARULA, shape="circle", classes_names=model.names)
    im0 = heatmap.generate_heatmap(im0, model.track(im0, persist=True))

    from heatgrid.compat.ultralytics import solutions

    heatmap = solutions.Heatmap(model="yolo11n.pt", colormap=12, region=[(20, 400), (1080, 400)])
    results = heatmap(im0)
    results.plot_im, results.in_count, results.out_count

`heatgrid.LiveHeatmap` has more options.
"""

from heatgrid.compat.ultralytics import solutions
from heatgrid.compat.ultralytics.drawing import COLORMAP_JET
from heatgrid.compat.ultralytics.heatmap import Heatmap

__all__ = ["COLORMAP_JET", "Heatmap", "solutions"]
