"""The sound of a video, carried over into the one that is drawn: packet by packet, not encoded again."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


class Sound:
    """The first track of a video's sound, for another.

    Parameters
    ----------
    av
        PyAV.
    path
        The video that has the sound.
    container
        The video that is written, before anything was written to it.

    Attributes
    ----------
    kind
        The name of the sound's encoding.
    fits
        Whether a file of the container's kind can hold it; if not, nothing is carried.
    """

    def __init__(self, av: Any, path: Path, container: Any) -> None:
        self._av, self._path = av, path
        self._source = av.open(str(path))
        self._container = container
        track = self._source.streams.audio[0]
        codec = track.codec_context  # None where FFmpeg does not know the encoding
        self.kind: str = "sound of this kind" if codec is None else codec.codec.canonical_name
        self.fits = codec is not None and self._is_held_by(container.format.name, track)
        self._track = container.add_stream_from_template(track) if self.fits else None
        self._packets = self._demux(track)
        self._held: Any = None  # a packet whose time is still to come

    def _is_held_by(self, kind: str, track: Any) -> bool:
        """Try it on a file in memory: some formats tell only when their beginning is written."""
        try:
            with self._av.open(io.BytesIO(), "w", format=kind) as trial:
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

    def carry(self, until: float = math.inf) -> None:
        """Write the packets up to a time in seconds, so that pictures and sound lie side by side."""
        while self.fits:
            if self._held is None:
                self._held = next(self._packets, None)
            if self._held is None or float(self._held.dts * self._held.time_base) > until:
                return
            self._held.stream = self._track
            self._container.mux(self._held)
            self._held = None

    def close(self) -> None:
        """Let go of the video that has the sound."""
        self._packets.close()
        self._source.close()
