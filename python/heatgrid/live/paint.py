"""How heat becomes colour over a frame: a scale that holds still, a palette, and one pass that draws."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from heatgrid.core import stamping
from heatgrid.viz import colormaps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.live.field import Field
    from heatgrid.viz.colormaps import Colormap

    Frame = NDArray[np.uint8]
    Palette = tuple[NDArray[np.uint8], NDArray[np.uint16]]

Channels = Literal["bgr", "rgb"]
ScaleMode = Literal["steady", "frame"]
Zero = Literal["transparent", "color"]

LEAST_OPACITY = 0.25
"""Of heat that is not zero, as a share of the greatest opacity, where heat does not fade."""

_RISE = 0.25
"""The share of the scale over which fading heat becomes as opaque as the rest."""


class Paint:
    """Draws a field over frames.

    Parameters
    ----------
    colormap
        As `heatgrid.viz.colormaps.get` takes it.
    alpha
        The greatest opacity, in [0, 1].
    vmax
        The heat of the highest colour; None: as ``scale`` says.
    scale
        ``"steady"``: from 0 to the greatest heat so far, which sinks slowly when heat does. ``"frame"``: from
        the least to the greatest heat of the frame at hand.
    release
        The share of its greatest heat that a steady scale keeps from a frame to the next, in [0, 1].
    zero
        ``"transparent"`` or ``"color"``: whether cells without heat are drawn.
    channels
        The order of a frame's bytes.
    fades
        Whether heat fades: then little heat is drawn fainter and fainter, else it stays visible.

    Raises
    ------
    ValueError
        An option has a wrong value.
    """

    __slots__ = ("_palette", "_reached", "_release", "_scale", "_vmax", "channels")

    def __init__(
        self,
        *,
        colormap: Colormap = "turbo",
        alpha: float = 0.5,
        vmax: float | None = None,
        scale: ScaleMode = "steady",
        release: float = 0.998,
        zero: Zero = "transparent",
        channels: Channels = "bgr",
        fades: bool = True,
    ) -> None:
        for name, value, known in (
            ("scale", scale, get_args(ScaleMode)),
            ("zero", zero, get_args(Zero)),
            ("channels", channels, get_args(Channels)),
        ):
            if value not in known:
                raise ValueError(f"{name} must be one of {', '.join(map(repr, known))}, got {value!r}")
        for name, share in (("alpha", alpha), ("release", release)):
            if not 0.0 <= share <= 1.0:
                raise ValueError(f"{name} must be in [0, 1], got {share!r}")
        if vmax is not None and not (math.isfinite(vmax) and vmax > 0):
            raise ValueError(f"vmax must be greater than 0, got {vmax!r}")
        self._palette = palette_of(colormap, alpha, zero, channels, fades=fades)
        self._scale, self._vmax, self._release = scale, vmax, release
        self._reached = 0.0
        self.channels = channels

    def reset(self) -> None:
        """Let a steady scale begin anew."""
        self._reached = 0.0

    def draw(self, field: Field, frame: Frame, out: Frame) -> None:
        """Draw a field over a frame into ``out``, which may be the frame."""
        low, high = self._ends(field)
        share = 255.0 / (high - low) if high > low else 0.0
        # Levels 1 … 256 are the colours 0 … 255; a half more, since levels are cut off.
        stamping.overlay(field.kept, (share * field.factor, 1.5 - low * share), self._palette, frame, out)

    def _ends(self, field: Field) -> tuple[float, float]:
        if self._vmax is not None:
            return 0.0, self._vmax
        if self._scale == "frame":
            return field.bottom, field.top
        self._reached = max(field.top, self._reached * self._release)
        return 0.0, self._reached


def palette_of(colormap: Colormap, alpha: float, zero: Zero, channels: Channels, *, fades: bool) -> Palette:
    """Return colours and opacities of the 257 levels: no heat, then from the lowest to the highest colour.

    Returns
    -------
    colors
        (257, 3) uint8, in the order of the frame's bytes.
    opacities
        (257,) uint16, in 256ths.
    """
    table = colormaps.get(colormap)
    colors = np.concatenate([table[:1], table])
    if channels == "bgr":
        colors = colors[:, ::-1]
    opacity = np.full(257, alpha)
    if zero == "transparent":
        shares = np.arange(256) / 255.0
        opacity[0] = 0.0
        opacity[1:] *= (
            np.minimum(1.0, shares / _RISE) if fades else LEAST_OPACITY + (1.0 - LEAST_OPACITY) * shares
        )
    return np.ascontiguousarray(colors), np.rint(256.0 * opacity).astype(np.uint16)


def check_frame(frame: Frame, name: str = "frame") -> tuple[int, int]:
    """Return the width and height of a frame.

    Raises
    ------
    TypeError
        It is no array of bytes.
    ValueError
        It has another shape, or the bytes of its rows are not adjacent.
    """
    dtype = getattr(frame, "dtype", type(frame).__name__)
    if dtype != np.uint8:
        raise TypeError(f"{name} must be a uint8 array, got {dtype}")
    if frame.ndim != 3 or frame.shape[2] != 3 or 0 in frame.shape:
        raise ValueError(f"{name} must have shape (height, width, 3), got {frame.shape}")
    if frame.strides[1:] != (3, 1):
        raise ValueError(f"{name} must have rows of adjacent bytes: numpy.ascontiguousarray makes such one")
    return frame.shape[1], frame.shape[0]


def source_and_target(frame: Frame, out: Frame | None) -> tuple[Frame, Frame]:
    """Return what is read and what is written when a frame is drawn into ``out``; None: on itself.

    Raises
    ------
    TypeError, ValueError
        An array has another dtype, shape or layout, or is read-only.
    """
    size = check_frame(frame)
    target = frame if out is None else out
    if check_frame(target, "out") != size:
        raise ValueError(f"out must have the frame's shape {frame.shape}, got {target.shape}")
    if not target.flags.writeable:
        raise ValueError(
            "frame is read-only: give out= or a copy" if out is None else "out must be writeable"
        )
    is_apart = target is frame or not np.may_share_memory(frame, target)
    return frame if is_apart else frame.copy(), target
