"""supervision's heat map annotator, drawn by heatgrid.

``HeatMapAnnotator`` has the arguments and methods of the original; only the import changes::

    from heatgrid.compat.supervision import HeatMapAnnotator

    annotator = HeatMapAnnotator(position=sv.Position.CENTER, radius=30)
    frame = annotator.annotate(scene=frame, detections=detections)

Heat is computed as there: a pixel gains 1 per frame if it lies in the disc around any detection. Heat does
not decay. Hues go from ``low_hue`` at no heat to ``top_hue`` at the greatest heat, and are blurred by a box.

`heatgrid.LiveHeatmap` is faster and has more options.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.kernel import Footprint
from heatgrid.live.detections import as_detections
from heatgrid.live.drawing import check_frame
from heatgrid.live.field import Field
from heatgrid.viz.pixels import check_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Hues = NDArray[np.uint8]

__all__ = ["HeatMapAnnotator"]

_SHARES = {
    "CENTER": (0.5, 0.5),
    "CENTER_LEFT": (0.0, 0.5),
    "CENTER_RIGHT": (1.0, 0.5),
    "TOP_CENTER": (0.5, 0.0),
    "TOP_LEFT": (0.0, 0.0),
    "TOP_RIGHT": (1.0, 0.0),
    "BOTTOM_LEFT": (0.0, 1.0),
    "BOTTOM_CENTER": (0.5, 1.0),
    "BOTTOM_RIGHT": (1.0, 1.0),
}
"""Positions as shares of a box's width and height."""

_OF_MASKS = "CENTER_OF_MASS"
_HUES = 256
_FULL_CIRCLE = 180
"""Hues in a circle, as OpenCV counts them in bytes."""

_FARTHEST = 2.0**31


class HeatMapAnnotator:
    """Heat map of detections over video: discs that add up frame by frame.

    Parameters
    ----------
    position
        The point of a box that is the center of its disc: a ``supervision.Position``, or its name.
    opacity
        Opacity of the colors over the frame, in [0, 1]; rounded to 256ths.
    radius
        Radius of a disc in pixels.
    kernel_size
        Side of the box that blurs the hues, in pixels; None: no blur.
    top_hue, low_hue
        Hue of the greatest heat and of no heat, 0 … 180 in steps of two degrees.

    Attributes
    ----------
    position, opacity, radius, kernel_size, top_hue, low_hue
        The arguments; new values hold from the next frame on.
    """

    def __init__(  # noqa: PLR0917 - in the original's order
        self,
        position: Any = "BOTTOM_CENTER",
        opacity: float = 0.2,
        radius: int = 40,
        kernel_size: int | None = 25,
        top_hue: int = 0,
        low_hue: int = 125,
    ) -> None:
        self.position, self.opacity, self.radius = position, opacity, radius
        self.kernel_size, self.top_hue, self.low_hue = kernel_size, top_hue, low_hue
        self._field = Field(1, "reset")

    def __setattr__(self, name: str, value: Any) -> None:
        """Check values at construction and later."""
        if name == "position":
            _position_name(value)
        elif name == "opacity":
            check_share(name, value)
        elif name == "radius":
            _check_whole(name, value, 0, 1 << 15)
        elif name == "kernel_size" and value is not None:
            _check_whole(name, value, 1, 1 << 15)
        elif name in {"top_hue", "low_hue"}:
            _check_whole(name, value, 0, _HUES - 1)
        super().__setattr__(name, value)

    @property
    def heat_mask(self) -> NDArray[np.float32] | None:
        """(height, width) float32, the number of frames that hit each pixel; None before the first frame."""
        return None if self._field.size is None else self._field.heat.astype(np.float32)

    def reset(self) -> None:
        """Forget all heat."""
        self._field = Field(1, "reset")

    def annotate(self, scene: Any, detections: Any) -> Any:
        """Add one frame's detections, and draw the heat over the frame.

        Parameters
        ----------
        scene
            (height, width, 3) uint8 BGR, or a Pillow image; it is drawn on in place. The heat is reset if
            the size is new.
        detections
            ``supervision.Detections``, or any other detections that `heatgrid.LiveHeatmap.update` takes.

        Returns
        -------
        ndarray or Image
            The scene.
        """
        if hasattr(scene, "paste"):  # Pillow's image
            from PIL import Image

            frame = np.array(scene.convert("RGB"))[..., ::-1].copy()
            scene.paste(Image.fromarray(self.annotate(frame, detections)[..., ::-1]))
            return scene
        frame = scene
        self._field.fit(check_frame(frame, "scene"))
        self._add(_anchors(detections, _position_name(self.position)))
        if self._field.top > 0:
            self._draw(frame)
        return scene

    def _add(self, places: NDArray[Any]) -> None:
        places = np.trunc(places[np.isfinite(places).all(axis=1)].astype(np.float64))
        discs = np.empty((len(places), 3))
        discs[:, :2] = np.clip(places, -_FARTHEST, _FARTHEST) + 0.5
        discs[:, 2] = self.radius
        self._field.stamp("discs", discs, 1.0, footprints=[Footprint()] * len(discs))

    def _draw(self, frame: Image) -> None:
        heat = self._field.scaled
        shares = heat.astype(np.float32)  # the original's arithmetic, step by step
        shares /= np.float32(self._field.top)
        shares *= self.low_hue - self.top_hue
        hues = np.subtract(np.float32(self.low_hue), shares, out=shares).astype(np.uint8)
        if self.kernel_size is not None:
            hues = _blur(hues, self.kernel_size)
        levels = np.where(heat > 0, hues + 1.0, 0.0)
        opacities = np.full(_HUES + 1, round(256 * self.opacity), dtype=np.uint16)
        opacities[0] = 0
        kernel.overlay(levels, (1.0, 0.0), (_COLORS, opacities), frame, frame)


def _check_whole(name: str, value: Any, low: int, high: int) -> None:
    if not (isinstance(value, (int, np.integer)) and low <= value <= high):
        raise ValueError(f"{name} must be a whole number from {low} to {high}, got {value!r}")


def _position_name(position: Any) -> str:
    """Return the name of a position, of supervision or passed as text."""
    name = str(getattr(position, "value", position)).upper()
    if name not in _SHARES and name != _OF_MASKS:
        raise ValueError(f"position must be one of {', '.join([*_SHARES, _OF_MASKS])}, got {position!r}")
    return name


def _anchors(detections: Any, name: str) -> NDArray[Any]:
    """Return the points of detections, (N, 2); those of supervision know oriented boxes and masks."""
    if hasattr(detections, "get_anchors_coordinates"):
        from supervision import Position

        return np.asarray(detections.get_anchors_coordinates(Position[name])).reshape(-1, 2)
    if name == _OF_MASKS:
        raise ValueError(f"position {name} requires supervision Detections, got {type(detections).__name__}")
    x1, y1, x2, y2 = as_detections(detections).xyxy.T
    right, down = _SHARES[name]
    return np.stack([(1 - right) * x1 + right * x2, (1 - down) * y1 + down * y2], axis=1)


def _blur(hues: Hues, size: int) -> Hues:
    """Return the rounded means over a box, as OpenCV's ``blur``; beyond the edges is the mirror image."""
    before, after, area = size // 2, size - 1 - size // 2, size**2
    padded = np.pad(hues, ((before, after), (before, after)), mode="reflect")
    sums = _sums_of_rows(padded, size, 255 * size)
    sums = _sums_of_rows(np.ascontiguousarray(sums.T), size, 255 * area + area)
    sums += area // 2
    sums //= area
    return np.ascontiguousarray(sums.astype(np.uint8).T)


def _sums_of_rows(values: NDArray[Any], size: int, most: int) -> NDArray[Any]:
    """Return the sums of each ``size`` rows that follow one another; sums are at most ``most``.

    A sum is that of the row before, plus the row that comes in, minus the row that goes out.
    """
    values = values.astype(np.min_scalar_type(most))
    sums = np.empty((len(values) - size + 1, values.shape[1]), dtype=values.dtype)
    current = values[:size].sum(axis=0, dtype=values.dtype)
    sums[0] = current
    for i in range(1, len(sums)):
        current += values[i + size - 1]
        current -= values[i - 1]
        sums[i] = current
    return sums


def _colors() -> Image:
    """Return (257, 3) BGR: of no heat, and of each hue at full saturation and value."""
    hues = np.arange(_HUES)[:, np.newaxis] * (6.0 / _FULL_CIRCLE)
    offsets = np.array([4.0, 2.0, 0.0])  # sixths of a circle, of blue, green and red
    distance = np.abs((hues - offsets + 3.0) % 6.0 - 3.0)  # from the pure color
    table = np.rint(255.0 * np.clip(2.0 - distance, 0.0, 1.0)).astype(np.uint8)
    return np.concatenate([table[:1], table])


_COLORS = _colors()
