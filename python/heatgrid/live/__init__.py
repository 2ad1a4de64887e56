"""The live map: detections of video frames, fading with time, and lines and regions that count tracks."""

from heatgrid.live.detections import Detections
from heatgrid.live.heat import LiveHeatmap
from heatgrid.live.line_zone import LineZone
from heatgrid.live.polygon_zone import PolygonZone

__all__ = ["Detections", "LineZone", "LiveHeatmap", "PolygonZone"]
