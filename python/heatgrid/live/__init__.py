"""Live heat maps of video detections, and zones that count tracks."""

from heatgrid.live.detections import Detections
from heatgrid.live.heatmap import LiveHeatmap
from heatgrid.live.polygon_zone import PolygonZone
from heatgrid.live.records import Event, Stay
from heatgrid.live.zones import LineZone

__all__ = ["Detections", "Event", "LineZone", "LiveHeatmap", "PolygonZone", "Stay"]


def __dir__() -> list[str]:
    return sorted(__all__)
