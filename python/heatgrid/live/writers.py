"""Where drawn frames go: an H.264 video, or a folder of images. Nothing half-written is left behind."""

from __future__ import annotations

import errno
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from heatgrid.errors import require
from heatgrid.live.sound import Sound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction
    from types import TracebackType

    from numpy.typing import NDArray

    from heatgrid.live.frames import Frame

VIDEOS = (".m4v", ".mkv", ".mov", ".mp4")
_TICKS = 90_000
"""Units of time a second, of which every usual frame rate is a whole number."""


class VideoWriter(AbstractContextManager["VideoWriter"]):
    """Writes frames as H.264, each at its own time; under another name first, then renamed.

    Widths and heights of H.264 are even: an odd last column or row is written twice.

    Parameters
    ----------
    path
        The file; its suffix is one of `VIDEOS`.
    size
        Width and height in pixels.
    rate
        Frames a second.
    sound
        A video whose sound goes along; None: there is none.
    quality
        x264's constant rate factor: 0 is lossless, 18 looks so, 51 is the worst.

    Attributes
    ----------
    notes
        What is not as it was asked for, in words.

    Raises
    ------
    ImportError
        PyAV is not installed.
    """

    def __init__(
        self,
        path: Path,
        size: tuple[int, int],
        rate: Fraction,
        sound: Path | None = None,
        *,
        quality: int = 20,
    ) -> None:
        from fractions import Fraction

        self._av = require("av", "video")
        self._path = path
        self._part = path.with_name(f".{path.stem}.part{path.suffix}")
        self._container = self._av.open(str(self._part), "w")
        self._stream: Any = self._container.add_stream(
            "libx264", rate=rate, options={"crf": str(quality), "preset": "veryfast"}
        )
        width, height = (side + side % 2 for side in size)
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, _TICKS)
        self._last = -1
        self.notes: list[str] = []
        if (width, height) != size:
            self.notes.append(f"sides of H.264 are even: the video is {width} x {height}")
        self._sound = None if sound is None else Sound(self._av, sound, self._container)
        if self._sound is not None and not self._sound.fits:
            self.notes.append(f"the sound is left out: {path.suffix} files hold no {self._sound.kind}")

    def write(self, frame: Frame) -> None:
        """Write a frame, (height, width, 3) uint8 RGB."""
        if self._sound is not None:
            self._sound.carry(frame.time)
        picture = self._av.VideoFrame.from_ndarray(_even(frame.pixels), format="rgb24")
        picture.pts = self._last = max(self._last + 1, round(frame.time * _TICKS))
        picture.time_base = self._stream.codec_context.time_base
        for packet in self._stream.encode(picture):
            self._container.mux(packet)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                for packet in self._stream.encode():
                    self._container.mux(packet)
                if self._sound is not None:
                    self._sound.carry()
            self._container.close()
            if self._sound is not None:
                self._sound.close()  # first, since its video may be the one that is replaced
            if kind is None:
                self._part.replace(self._path)
        finally:
            self._part.unlink(missing_ok=True)


class ImageWriter(AbstractContextManager["ImageWriter"]):
    """Writes frames as images into a folder, which is made: under their own names, else ``000001.png`` on.

    Parameters
    ----------
    folder
        The folder.

    Attributes
    ----------
    notes
        What is not as it was asked for: nothing.
    """

    notes: ClassVar[Sequence[str]] = ()

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def write(self, frame: Frame) -> None:
        """Write a frame, (height, width, 3) uint8 RGB."""
        from PIL import Image

        self._count += 1
        name = f"{Path(frame.name).stem if frame.name else format(self._count, '06')}.png"
        part = self._folder / f".{name}.part"
        Image.fromarray(frame.pixels).save(part, "PNG", compress_level=1)
        part.replace(self._folder / name)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave what was written: every image is whole."""


def open_writer(
    path: str, size: tuple[int, int], rate: Fraction, sound: Path | None = None
) -> VideoWriter | ImageWriter:
    """Return what writes frames to a path: a video by its suffix, or a folder where it has none.

    The sound of a video, where one is given, goes along into a video.

    Raises
    ------
    FileNotFoundError
        There is no folder to put the video into.
    ValueError
        The suffix is not that of a video.
    """
    place = Path(path)
    if not place.suffix or place.is_dir():
        return ImageWriter(place)
    if place.suffix.lower() not in VIDEOS:
        raise ValueError(f"expected {', '.join(VIDEOS)}, or a folder for images, got {path!r}")
    if not place.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "no such folder", str(place.parent))
    return VideoWriter(place, size, rate, sound)


def _even(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    if height % 2 or width % 2:
        return np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return pixels
