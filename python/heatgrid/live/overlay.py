"""Heat as colors over a frame: color scale, palette and frame checks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from heatgrid.core import stamping
from heatgrid.core.spec import check_choice
from heatgrid.viz import colormaps
from heatgrid.viz.colorize import Zero

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.stamping import Palette
    from heatgrid.live.field import Field
    from heatgrid.viz.colormaps import Colormap

    Frame = NDArray[np.uint8]

Channels = Literal["bgr", "rgb"]
ScaleMode = Literal["steady", "frame"]

_LEAST_OPACITY = 0.25
"""Opacity of the least heat above 0, as a share of ``alpha``, if heat does not decay."""

_FADE_SHARE = 0.25
"""Share of the scale below which decaying heat becomes more and more transparent."""


class HeatOverlay:
    """Draws a field over frames.

    Parameters
    ----------
    colormap
        As `heatgrid.viz.colormaps.get` takes it.
    alpha
        The greatest opacity, in [0, 1].
    vmax
        The heat of the last color; None: as ``scale`` says.
    scale
        ``"steady"``: from 0 to the greatest heat so far, which falls slowly when heat does. ``"frame"``:
        from the least to the greatest heat of the current frame.
    release
        Share of its maximum that a steady scale keeps from frame to frame, in [0, 1].
    zero
        Whether cells without heat are ``"transparent"`` or drawn in the first ``"color"``.
    channels
        Channel order of the frames.
    decays
        Whether heat decays: little heat is then nearly transparent, otherwise it stays visible.
    """

    __slots__ = ("_maximum", "_palette", "_release", "_scale", "_vmax")

    def __init__(
        self,
        *,
        colormap: Colormap,
        alpha: float,
        vmax: float | None,
        scale: ScaleMode,
        release: float,
        zero: Zero,
        channels: Channels,
        decays: bool,
    ) -> None:
        check_choice("scale", scale, get_args(ScaleMode))
        check_share("release", release)
        if vmax is not None and not (math.isfinite(vmax) and vmax > 0):
            raise ValueError(f"vmax must be greater than 0, got {vmax!r}")
        self._palette = make_palette(colormap, alpha, zero, channels, decays=decays)
        self._scale, self._vmax, self._release = scale, vmax, release
        self._maximum = 0.0

    def reset(self) -> None:
        """Forget the maximum of a steady scale."""
        self._maximum = 0.0

    def draw(self, field: Field, frame: Frame, out: Frame) -> None:
        """Draw a field over a frame into ``out``, which may be the frame."""
        # Levels 1 … 256 are the colors 0 … 255; levels are truncated, so 0.5 more rounds them.
        overlay_field(field, self._limits(field), self._palette, frame, out, offset=1.5)

    def _limits(self, field: Field) -> tuple[float, float]:
        if self._vmax is not None:
            return 0.0, self._vmax
        if self._scale == "frame":
            return field.bottom, field.top
        self._maximum = max(field.top, self._maximum * self._release)
        return 0.0, self._maximum


def overlay_field(
    field: Field, limits: tuple[float, float], palette: Palette, frame: Frame, out: Frame, *, offset: float
) -> None:
    """Draw a field over a frame into ``out``; heat ``limits[0]`` has the level ``offset``, truncated."""
    low, high = limits
    scale = 255.0 / (high - low) if high > low else 0.0
    stamping.overlay(field.scaled, (scale * field.factor, offset - low * scale), palette, frame, out)


def make_palette(
    colormap: Colormap, alpha: float, zero: Zero, channels: Channels, *, decays: bool
) -> Palette:
    """Return the colors, (257, 3), and opacities in 256ths, (257,), of no heat and of the colormap."""
    check_choice("zero", zero, get_args(Zero))
    check_choice("channels", channels, get_args(Channels))
    check_share("alpha", alpha)
    table = colormaps.get(colormap)
    colors = np.concatenate([table[:1], table])
    if channels == "bgr":
        colors = colors[:, ::-1]
    opacity = np.full(257, alpha)
    if zero == "transparent":
        shares = np.arange(256) / 255.0
        opacity[0] = 0.0
        if decays:
            opacity[1:] *= np.minimum(1.0, shares / _FADE_SHARE)
        else:
            opacity[1:] *= _LEAST_OPACITY + (1.0 - _LEAST_OPACITY) * shares
    return np.ascontiguousarray(colors), np.rint(256.0 * opacity).astype(np.uint16)


def check_share(name: str, value: float) -> None:
    """Raise ValueError if the value is not in [0, 1]."""
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{name} must be in [0, 1], got {value!r}")


def check_frame(frame: Frame, name: str = "frame") -> tuple[int, int]:
    """Return the width and height of a frame; raise TypeError or ValueError if it cannot be drawn on."""
    dtype = getattr(frame, "dtype", type(frame).__name__)
    if dtype != np.uint8:
        raise TypeError(f"{name} must be a uint8 array, got {dtype}")
    if frame.ndim != 3 or frame.shape[2] != 3 or 0 in frame.shape:
        raise ValueError(f"{name} must have shape (height, width, 3), got {frame.shape}")
    if frame.strides[1:] != (3, 1):
        raise ValueError(f"{name} must have contiguous rows: use numpy.ascontiguousarray")
    return frame.shape[1], frame.shape[0]


def source_and_target(frame: Frame, out: Frame | None) -> tuple[Frame, Frame]:
    """Return the arrays to read and to write when a frame is drawn into ``out``; None: in place."""
    size = check_frame(frame)
    target = frame if out is None else out
    if check_frame(target, "out") != size:
        raise ValueError(f"out must have the frame's shape {frame.shape}, got {target.shape}")
    if not target.flags.writeable:
        raise ValueError(
            "frame is read-only: pass out= or a copy" if out is None else "out must be writeable"
        )
    overlaps = target is not frame and np.may_share_memory(frame, target)
    return frame.copy() if overlaps else frame, target
