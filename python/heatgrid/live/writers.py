"""Writers of frames: an H.264 video with sound, or a folder of images.

Files are written under temporary names and renamed when they are complete.
"""

from __future__ import annotations

import errno
import io
import math
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from heatgrid.errors import FormatError, require

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from concurrent.futures import Future
    from types import TracebackType

    from numpy.typing import NDArray

    from heatgrid.live.frames import Frame

VIDEOS = (".m4v", ".mkv", ".mov", ".mp4")

_MOST_WAITING = 2  # frames to be encoded, which take memory
_RATE_FACTOR = "20"  # x264's constant rate factor: 18 is visually lossless, 51 the worst

_TICKS = 90_000
"""Time units per second; every usual frame duration is a whole number of them."""


class VideoWriter(AbstractContextManager["VideoWriter"]):
    """Writer of H.264 video, each frame at its own time; a thread encodes while the next frame is drawn.

    H.264 requires an even width and height: an odd last column or row is repeated. ``sound`` is a video whose
    sound is copied. ``notes`` holds texts about all that differs from the request.
    """

    def __init__(self, path: Path, size: tuple[int, int], rate: Fraction, sound: Path | None = None) -> None:
        self._av = require("av", "video")
        self._path = path
        self._part = path.with_name(f".{path.stem}.part{path.suffix}")
        self._container = self._av.open(str(self._part), "w")
        self._stream: Any = self._container.add_stream(
            "libx264", rate=rate, options={"crf": _RATE_FACTOR, "preset": "veryfast"}
        )
        width, height = (side + side % 2 for side in size)
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, _TICKS)
        self._last = -1
        self._encoder = ThreadPoolExecutor(1)
        self._queue: deque[Future[None]] = deque()
        self.notes: list[str] = []
        if (width, height) != size:
            self.notes.append(f"H.264 requires even sides: the video is {width} x {height}")
        self._sound = None if sound is None else _Sound(self._av, sound, self._container)
        if self._sound is not None and not self._sound.fits:
            self.notes.append(f"the sound is not copied: {path.suffix} files cannot hold {self._sound.codec}")

    def write(self, frame: Frame) -> None:
        """Write a frame, whose pixels must not change after the call."""
        self._queue.append(self._encoder.submit(self._encode, frame))
        if len(self._queue) > _MOST_WAITING:
            self._queue.popleft().result()

    def _encode(self, frame: Frame) -> None:
        if self._sound is not None:
            self._sound.copy(frame.time)
        picture = self._av.VideoFrame.from_ndarray(_pad_to_even(frame.pixels), format="rgb24")
        picture.pts = self._last = max(self._last + 1, round(frame.time * _TICKS))
        picture.time_base = self._stream.codec_context.time_base
        self._container.mux(self._stream.encode(picture))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._encoder.shutdown(cancel_futures=kind is not None)
            if kind is None:
                while self._queue:
                    self._queue.popleft().result()
                self._container.mux(self._stream.encode())
                if self._sound is not None:
                    self._sound.copy()
            self._container.close()
            if self._sound is not None:
                self._sound.close()  # before renaming, since the source may be the file that is replaced
            if kind is None:
                self._part.replace(self._path)
        finally:
            self._part.unlink(missing_ok=True)


class _Sound:
    """The first audio track of a video, copied into another packet by packet, without encoding."""

    def __init__(self, av: Any, path: Path, container: Any) -> None:
        self._av, self._path = av, path
        self._source = av.open(str(path))
        self._container = container
        track = self._source.streams.audio[0]
        context = track.codec_context  # None if FFmpeg does not know the codec
        self.codec: str = "sound of this kind" if context is None else context.codec.canonical_name
        self.fits = context is not None and self._is_supported(container.format.name, track)
        self._track = container.add_stream_from_template(track) if self.fits else None
        self._packets = self._demux(track)
        self._next: Any = None  # a packet that was read but not yet written

    def _is_supported(self, container_format: str, track: Any) -> bool:
        """Try a file in memory: some formats refuse a codec only when their header is written."""
        try:
            with self._av.open(io.BytesIO(), "w", format=container_format) as trial:
                trial.add_stream_from_template(track)
                trial.start_encoding()
        except (ValueError, self._av.FFmpegError):
            return False
        return True

    def _demux(self, track: Any) -> Generator[Any]:
        try:
            yield from (packet for packet in self._source.demux(track) if packet.dts is not None)
        except self._av.FFmpegError as error:
            raise FormatError(f"broken sound: {error.strerror}", self._path) from error

    def copy(self, until: float = math.inf) -> None:
        """Write the packets up to a time in seconds, so that video and sound are interleaved."""
        while self.fits:
            if self._next is None:
                self._next = next(self._packets, None)
            if self._next is None or float(self._next.dts * self._next.time_base) > until:
                return
            self._next.stream = self._track
            self._container.mux(self._next)
            self._next = None

    def close(self) -> None:
        """Close the source video."""
        self._packets.close()
        self._source.close()


class ImageWriter(AbstractContextManager["ImageWriter"]):
    """Writer of PNG images into a folder, under the frames' names or numbered from ``000001.png``."""

    notes: ClassVar[Sequence[str]] = ()

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._count = 0

    def write(self, frame: Frame) -> None:
        """Write a frame."""
        from PIL import Image

        self._count += 1
        name = f"{Path(frame.name).stem if frame.name else format(self._count, '06')}.png"
        part = self._folder / f".{name}.part"
        Image.fromarray(frame.pixels).save(part, "PNG", compress_level=1)
        part.replace(self._folder / name)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Keep the images: each one is complete."""


def open_writer(
    path: str, size: tuple[int, int], rate: Fraction, sound: Path | None = None
) -> VideoWriter | ImageWriter:
    """Return the writer for a path: a video by its suffix, or a folder if it has no suffix."""
    target = Path(path)
    if not target.suffix or target.is_dir():
        return ImageWriter(target)
    if target.suffix.lower() not in VIDEOS:
        raise ValueError(f"output must be a folder or have the suffix {', '.join(VIDEOS)}, got {path!r}")
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "no such folder", str(target.parent))
    return VideoWriter(target, size, rate, sound)


def _pad_to_even(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    if height % 2 or width % 2:
        return np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return pixels
